"""What may be chosen as a password, and how it is compared."""

import pytest

from dialognav import passwords


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("kanelbulle i snön", ""),
        ("elva tecken", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaaaaa", "simple"),
        ("1234567890123", "simple"),
        ("qwertyuiopåqw", "simple"),
        ("eva.exempel123", "personal"),
        ("eva exempel köper grus i tallvik", ""),  # a name in a sentence is no weakness
        ("dialognav2027", "personal"),
    ],
)
def test_weakness(password, expected):
    assert passwords.weakness(password, "eva.exempel@tallvik.example", "Eva Exempel") == expected


def test_a_hash_is_argon2id_at_the_recommended_cost_and_verifies():
    stored = passwords.hash_password("kanelbulle i snön")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_password(stored, "kanelbulle i snön")
    assert not passwords.is_password(stored, "kanelbulle i snon")
    assert not passwords.is_outdated(stored)


def test_two_spellings_of_one_letter_are_one_password():
    assert passwords.is_password(
        passwords.hash_password("bl\u00e5b\u00e4r och mjölk"), "bla\u030aba\u0308r och mjölk"
    )


@pytest.mark.parametrize("stored", ["", "not a hash", "$argon2id$broken"])
def test_nothing_matches_no_password(stored):
    assert not passwords.is_password(stored, "nobody's password")
