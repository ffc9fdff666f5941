"""A forgotten password: one link, one hour, one use, and nobody learns who has an account."""

from datetime import timedelta

import pytest

from dialognav import passwords, tokens
from dialognav.models import AuditEntry, Letter, OneTimeLink, StaffSession, User
from tests.conftest import NOW
from tests.integration.staff import PASSWORD, token_of

NEW = "havregryn med lingon"
KEY = "not-a-secret-" * 4


def ask(client, email):
    token = token_of(client.get("/account/passwords/forgotten"))
    return client.post("/account/passwords/forgotten", data={"csrf_token": token, "email": email})


def path_of(look, key=KEY):
    with look() as session:
        link = session.query(OneTimeLink).order_by(OneTimeLink.id.desc()).first()
        secret = tokens.make_link(key, tokens.ONE_TIME, link.public_id, 0)
    return f"/account/passwords/{secret}"


def choose(client, path, password=NEW):
    return client.post(path, data={"csrf_token": token_of(client.get(path)), "password": password})


@pytest.fixture
def path(client, staff, look):
    """A fresh link for `staff`."""
    ask(client, staff.email)
    return path_of(look)


def test_the_answer_is_the_same_for_known_and_unknown(client, staff):
    known, unknown = ask(client, staff.email), ask(client, "nobody@tallvik.example")
    assert known.status_code == unknown.status_code == 303
    assert known.location == unknown.location == "/account/passwords/sent"
    assert known.headers.getlist("Set-Cookie") == unknown.headers.getlist("Set-Cookie")


def test_only_a_known_address_gets_a_letter(client, staff, look):
    ask(client, "nobody@tallvik.example")
    ask(client, staff.email.upper())
    with look() as session:
        letter = session.query(Letter).one()
        assert letter.recipient == staff.email
        assert letter.kind == "password_reset"
        secret = tokens.make_link(KEY, "o", session.query(OneTimeLink).one().public_id, 0)
        assert secret not in str(letter.facts)


def test_an_invited_person_without_a_password_uses_the_invitation(client, staff, work, look):
    with work() as session:
        session.get_one(User, staff.user_id).password_hash = ""
    ask(client, staff.email)
    with look() as session:
        assert session.query(Letter).count() == 0


def test_five_letters_an_hour_and_nobody_is_told(client, staff, look):
    for _ in range(7):
        assert ask(client, staff.email).status_code == 303
    with look() as session:
        assert session.query(OneTimeLink).count() == 5


def test_asking_for_many_addresses_ends(client, monkeypatch):
    from blueprints.account import passwords as view

    monkeypatch.setattr(view, "PER_ADDRESS", 2)
    answers = [ask(client, f"nobody{n}@tallvik.example").status_code for n in range(3)]
    assert answers == [303, 303, 429]


def test_the_link_chooses_a_password_once(client, staff, path, look):
    answer = choose(client, path)
    assert (answer.status_code, answer.location) == (303, "/account/sign-in?chosen=1")
    with look() as session:
        assert passwords.is_password(session.get_one(User, staff.user_id).password_hash, NEW)
    assert client.get(path).status_code == 404
    token = token_of(client.get("/account/sign-in"))
    again = client.post(path, data={"csrf_token": token, "password": "en annan gröt helt"})
    assert again.status_code == 404
    with look() as session:
        assert passwords.is_password(session.get_one(User, staff.user_id).password_hash, NEW)


def test_a_reset_ends_every_session(client, staff, path, look):
    choose(client, path)
    assert staff.client.get("/account/profile").status_code == 303
    with look() as session:
        assert {row.expires_at for row in session.query(StaffSession)} == {NOW}


def test_a_reset_uses_up_the_persons_other_links(client, staff, path, look):
    ask(client, staff.email)
    choose(client, path_of(look))
    assert client.get(path).status_code == 404


def test_a_reset_stands_in_the_trail_without_a_name(client, staff, path, look):
    choose(client, path)
    with look() as session:
        entry = session.query(AuditEntry).one()
        assert (entry.verb, entry.actor) == ("account.password_reset", f"user:{staff.user_id}")
        assert entry.organisation_id == staff.organisation_id
        assert entry.facts == {}


def test_opening_the_link_changes_nothing(client, path, statements):
    for method in ("get", "head"):
        for _ in range(3):
            with statements() as ran:
                assert getattr(client, method)(path).status_code == 200
            assert not [sql for sql in ran if not sql.startswith("SELECT")]
    assert choose(client, path).status_code == 303


def test_after_an_hour_it_works_no_more(client, path, clock):
    token = token_of(client.get(path))
    clock.shift(timedelta(hours=1))
    assert client.get(path).status_code == 404
    answer = client.post(path, data={"csrf_token": token, "password": NEW})
    assert answer.status_code == 404
    assert "/account/passwords/forgotten" in answer.text  # what to do instead


@pytest.mark.parametrize("change", [lambda s: s[:-1] + ("a" if s[-1] != "a" else "b"), str.upper])
def test_a_guessed_link_is_the_page_of_a_dead_one(client, path, change):
    assert client.get(change(path)).status_code == 404


def test_a_link_of_another_purpose_does_not_fit(client, staff, work, look):
    with work() as session:
        user = session.get_one(User, staff.user_id)
        link = OneTimeLink(
            purpose="invite",
            user=user,
            organisation_id=staff.organisation_id,
            created_at=NOW,
            expires_at=NOW + timedelta(days=7),
        )
        session.add(link)
    assert client.get(path_of(look)).status_code == 404


def test_a_link_made_with_a_key_since_replaced_still_works(clock, make_app, client, staff, path):
    renewed = make_app(SECRET_KEY="new-key-" * 6, SECRET_KEY_FALLBACKS=KEY)
    assert choose(renewed.test_client(), path).status_code == 303


def test_a_link_dies_with_its_key(clock, make_app, client, staff, path):
    renewed = make_app(SECRET_KEY="new-key-" * 6)
    assert renewed.test_client().get(path).status_code == 404


def test_the_secret_in_the_address_is_not_sent_on(client, path):
    answer = client.get(path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("password", ["kort", "123456789012345", "x" * 300, ""])
def test_a_weak_password_is_refused_and_the_link_lives(client, path, password):
    assert choose(client, path, password).status_code == 422
    assert choose(client, path).status_code == 303


def test_a_forged_post_changes_nothing(client, staff, path, look):
    assert client.post(path, data={"password": NEW}).status_code == 422
    with look() as session:
        assert passwords.is_password(session.get_one(User, staff.user_id).password_hash, PASSWORD)
