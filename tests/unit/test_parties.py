"""Organisation numbers of four countries and beyond, and who is the same party as whom.

All numbers are the fictional ones of the field guide, or made to fail.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.parties import (
    COUNTRIES,
    ELSEWHERE,
    BadIdentifier,
    Identifier,
    fold_name,
    make_party,
    may_attend,
    read_identifier,
)

KEY = "k" * 32


@pytest.mark.parametrize(
    ("typed", "country", "number", "shown"),
    [
        ("559401-2345", "SE", "5594012345", "559401-2345"),
        ("5594012345", "SE", "5594012345", "559401-2345"),
        (" 559401 2345 ", "SE", "5594012345", "559401-2345"),
        ("559401–2345", "SE", "5594012345", "559401-2345"),  # an en dash, as word processors write
        ("16559401-2345", "SE", "5594012345", "559401-2345"),
        ("SE559401234501", "SE", "5594012345", "559401-2345"),
        ("SE 5594012345 01", "SE", "5594012345", "559401-2345"),
        ("232199-0018", "SE", "2321990018", "232199-0018"),
        ("212099-0011", "SE", "2120990011", "212099-0011"),
        ("５５９４０１２３４５", "SE", "5594012345", "559401-2345"),  # full-width digits
        ("999 000 002", "NO", "999000002", "999 000 002"),
        ("NO 999000002 MVA", "NO", "999000002", "999 000 002"),
        ("9990000-8", "FI", "99900008", "9990000-8"),
        ("FI99900008", "FI", "99900008", "9990000-8"),
        ("99900008", "DK", "99900008", "99900008"),
        ("DK 99 90 00 08", "DK", "99900008", "99900008"),
        ("12 AB-34", "US", "12AB34", "12AB34"),
        ("hrb 12345", ELSEWHERE, "HRB12345", "HRB12345"),
    ],
)
def test_a_number_is_read_however_people_write_it(
    typed: str, country: str, number: str, shown: str
) -> None:
    assert read_identifier(typed, country) == Identifier(country, number, shown)


@pytest.mark.parametrize("typed", ["", "   ", "-", "–"])
def test_having_none_is_fine(typed: str) -> None:
    for country in (*COUNTRIES, ELSEWHERE):
        assert read_identifier(typed, country) is None


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("559401-2346", "SE"),  # check digit
        ("559401-234", "SE"),
        ("999 000 003", "NO"),
        ("999000002", "SE"),
        ("5594012345", "NO"),
        ("9990000-9", "FI"),
        ("99900009", "DK"),
        ("123", "DE"),
        ("DE 136 695 977", "DE"),
        ("x" * 41, "US"),
        ("12_34", "US"),
        ("<b>1</b>", "US"),
        ("٥٥٩٤٠١٢٣٤x", "SE"),
    ],
)
def test_a_wrong_number_is_refused(typed: str, country: str) -> None:
    with pytest.raises(BadIdentifier):
        read_identifier(typed, country)


@pytest.mark.parametrize("typed", ["850101-1236", "19850101-1236", "8501011236", "850101+1236"])
def test_a_personal_number_is_known_as_one(typed: str) -> None:
    found = read_identifier(typed, "SE")
    assert found is not None
    assert found.personal
    party = make_party("Ada Konsult", "company", found, email="ada@a.example", secret=KEY)
    assert (party.kind, party.identifier) == ("sole_trader", "******-**36")
    assert "850101" not in repr(party)
    assert "1236" not in repr(party)


def test_one_person_has_one_key_and_only_whoever_has_the_secret_can_tell() -> None:
    found = read_identifier("850101-1236", "SE")
    a = make_party("A", "company", found, email="a@a.example", secret=KEY)
    b = make_party("B", "other", found, email="b@b.example", secret=KEY)
    other = make_party("A", "company", found, email="a@a.example", secret="z" * 32)
    assert a.key == b.key
    assert a.key != other.key


def test_the_number_tells_parties_apart_and_without_one_name_and_domain_do() -> None:
    number = read_identifier("559401-2345", "SE")
    with_number = make_party("X", "company", number, email="a@x.example", secret=KEY)
    assert with_number.key == "SE:5594012345"
    keys = {
        make_party(name, "company", None, email=email, secret=KEY).key
        for name, email in [
            ("Trygghem Teknik AB", "karin@trygghem.example"),
            ("TRYGGHEM  TEKNIK", "jonas@trygghem.example"),
            ("Trygghem Teknik AB (publ)", "a@TRYGGHEM.example"),
        ]
    }
    assert len(keys) == 1
    elsewhere = make_party("Trygghem Teknik", "company", None, email="x@other.example", secret=KEY)
    assert elsewhere.key not in keys


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Trygghem Teknik AB", "trygghem teknik"),
        ("AB", "ab"),  # nothing but the form of company: then that is the name
        ("Fjellvakt Omsorg AS", "fjellvakt omsorg"),
        ("Ａｃｍｅ Ltd.", "acme"),
        ("STRASSE GmbH", "strasse"),
        ("Straße", "strasse"),
        ("Ångström & Söner", "ångström & söner"),
    ],
)
def test_names_are_folded_to_compare(name: str, folded: str) -> None:
    assert fold_name(name) == folded


@given(st.text(max_size=60), st.sampled_from((*COUNTRIES, ELSEWHERE)))
def test_any_text_is_a_number_or_refused_and_what_is_shown_reads_the_same(
    typed: str, country: str
) -> None:
    try:
        found = read_identifier(typed, country)
    except BadIdentifier:
        return
    if found is not None:
        assert len(found.shown) <= 40
        assert read_identifier(found.shown, country) == found


@given(st.text(min_size=1, max_size=200), st.emails())
def test_a_key_fits_its_column(name: str, email: str) -> None:
    assert len(make_party(name, "company", None, email=email, secret=KEY).key) <= 300


@pytest.mark.parametrize(
    ("kind", "audience", "welcome"),
    [
        ("company", "suppliers", True),
        ("company", "everyone", True),
        ("company", "buyers", False),
        ("sole_trader", "buyers", False),
        ("municipality", "buyers", True),
        ("association", "buyers", True),
        ("municipality", "suppliers", True),
    ],
)
def test_whom_an_event_is_for(kind: str, audience: str, welcome: bool) -> None:
    assert may_attend(kind, audience) is welcome
