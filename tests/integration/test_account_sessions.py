"""Signing in and out: what it takes, what it gives away, how it ends."""

import re
from datetime import timedelta

import pytest

from dialognav import passwords
from dialognav.models import RateCount, StaffSession, User
from dialognav.tokens import fingerprint
from tests.conftest import NOW
from tests.factories import make_organisation, make_user
from tests.integration.staff import PASSWORD, token_of

WRONG = "kanelbulle i regn"


@pytest.fixture
def eva(work):
    """The address of a planner with a password."""
    with work() as session:
        organisation = make_organisation(session)
        stored = passwords.hash_password(PASSWORD)
        return make_user(session, organisation, "planner", password_hash=stored).email


def sign_in(client, email, password, query=""):
    path = f"/account/sign-in{query}"
    data = {"csrf_token": token_of(client.get(path)), "email": email, "password": password}
    return client.post(path, data=data)


def test_the_right_password_opens_the_workspace(client, eva):
    answer = sign_in(client, eva, PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/manage/")
    assert client.get("/account/profile").status_code == 200


def test_the_address_may_be_written_in_capitals_with_blanks_round_it(client, eva):
    assert sign_in(client, f"  {eva.upper()} ", PASSWORD).status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, eva):
    cookie = sign_in(client, eva, PASSWORD).headers["Set-Cookie"]
    assert re.match(r"staff=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax$", cookie)


def test_over_https_the_cookie_is_bound_to_the_host(clock, make_app):
    app = make_app(BASE_URL="https://dialog.example", TRUSTED_PROXIES="1")
    with app.app_context():
        from dialognav.db import unit_of_work

        with unit_of_work() as session:
            user = make_user(session, make_organisation(session))
            user.password_hash = passwords.hash_password(PASSWORD)
            email = user.email
    client = app.test_client()
    base = {"base_url": "https://dialog.example", "headers": {"X-Forwarded-For": "192.0.2.1"}}
    token = token_of(client.get("/account/sign-in", **base))
    data = {"csrf_token": token, "email": email, "password": PASSWORD}
    answer = client.post("/account/sign-in", data=data, **base)
    cookies = " ".join(answer.headers.getlist("Set-Cookie"))
    assert "__Host-staff=" in cookies
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in cookies
    assert "Domain" not in cookies


def test_the_database_holds_no_secret(client, eva, look):
    sign_in(client, eva, PASSWORD)
    secret = client.get_cookie("staff").value
    with look() as session:
        row = session.query(StaffSession).one()
        assert row.token_hash == fingerprint(secret) != secret
        assert PASSWORD not in session.query(User).one().password_hash


def test_signing_in_changes_the_secret_and_ends_the_session_before(client, eva, look):
    """Fixation: a secret somebody planted, or kept, is worth nothing afterwards."""
    client.set_cookie("staff", "planted-by-somebody-else")
    sign_in(client, eva, PASSWORD)
    first = client.get_cookie("staff").value
    assert first != "planted-by-somebody-else"
    token = token_of(client.get("/account/profile"))
    client.post("/account/sign-in", data={"csrf_token": token, "email": eva, "password": PASSWORD})
    assert client.get_cookie("staff").value != first
    with look() as session:
        ended = session.query(StaffSession).filter_by(token_hash=fingerprint(first)).one()
        assert ended.expires_at == NOW


def test_a_token_from_before_signing_in_is_worth_nothing_after(client, eva):
    before = token_of(client.get("/account/sign-in"))
    sign_in(client, eva, PASSWORD)
    answer = client.post(
        "/account/profile", data={"csrf_token": before, "name": "X", "language": "sv"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, eva, known):
    email = eva if known else "nobody@tallvik.example"
    answer = sign_in(client, email, WRONG)
    assert answer.status_code == 422
    page = re.sub(r'value="[^"]*"', "", answer.text)
    assert "The e-mail address or the password is wrong." in page or "fel" in page
    assert "Set-Cookie" not in answer.headers or "staff=" not in answer.headers["Set-Cookie"]


def test_both_answers_are_the_same_page(client, eva, app):
    def page(email):
        text = sign_in(app.test_client(), email, WRONG).text.replace(email, "")
        return re.sub(r'name="csrf_token"[^>]*>', "", text)

    assert page(eva) == page("nobody@tallvik.example")


def test_an_unknown_address_costs_a_hash_like_a_known_one(client, eva, monkeypatch):
    asked = []
    check = passwords.is_password
    monkeypatch.setattr(
        passwords, "is_password", lambda stored, given: asked.append(stored) or check(stored, given)
    )
    sign_in(client, "nobody@tallvik.example", WRONG)
    assert asked == [""]  # compared with nobody's


@pytest.mark.parametrize("how", ["deactivated", "without a password"])
def test_who_may_not_sign_in_gets_the_answer_of_a_wrong_password(client, eva, work, how):
    with work() as session:
        user = session.query(User).one()
        user.is_active = how != "deactivated"
        user.password_hash = "" if how == "without a password" else user.password_hash
    assert sign_in(client, eva, PASSWORD).status_code == 422


def test_nothing_is_hashed_inside_a_unit_of_work(client, eva, monkeypatch):
    from dialognav.db import db

    check = passwords.is_password

    def watched(stored, given):
        assert not db.session().info.get("working")
        assert not db.session().in_transaction()
        return check(stored, given)

    monkeypatch.setattr(passwords, "is_password", watched)
    assert sign_in(client, eva, PASSWORD).status_code == 303


def test_an_outdated_hash_is_made_anew(client, eva, work, look, monkeypatch):
    with work() as session:
        before = session.query(User).one().password_hash
    monkeypatch.setattr(passwords, "is_outdated", lambda stored: True)
    assert sign_in(client, eva, PASSWORD).status_code == 303
    with look() as session:
        after = session.query(User).one().password_hash
        assert after != before
        assert passwords.is_password(after, PASSWORD)


def test_ten_wrong_passwords_and_the_account_waits(client, eva, clock):
    for _ in range(10):
        assert sign_in(client, eva, WRONG).status_code == 422
    answer = sign_in(client, eva, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert eva in answer.text  # what was typed is still there
    clock.shift(timedelta(minutes=15))
    assert sign_in(client, eva, PASSWORD).status_code == 303


def test_the_account_waits_for_one_address_only(app, client, eva):
    """Otherwise anybody could lock anybody out."""
    for _ in range(11):
        sign_in(client, eva, WRONG)
    other = app.test_client()
    other.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert sign_in(other, eva, PASSWORD).status_code == 303


def test_a_hundred_wrong_passwords_and_the_address_waits(client, eva, monkeypatch):
    from blueprints.account import sessions

    monkeypatch.setattr(sessions, "PER_ADDRESS", 3)
    for n in range(3):
        assert sign_in(client, f"nobody{n}@tallvik.example", WRONG).status_code == 422
    assert sign_in(client, eva, PASSWORD).status_code == 429


def test_the_right_password_does_not_count(client, eva, look):
    for _ in range(3):
        sign_in(client, eva, PASSWORD)
        client.delete_cookie("staff")
    with look() as session:
        assert {row.n for row in session.query(RateCount)} == {0}


def test_what_is_counted_names_nobody(client, eva, look):
    sign_in(client, eva, WRONG)
    with look() as session:
        keys = " ".join(row.key for row in session.query(RateCount))
    assert eva not in keys
    assert "127.0.0.1" not in keys


@pytest.mark.parametrize("token", ["", "forged", None])
def test_a_forged_post_does_not_sign_in(client, eva, token):
    client.get("/account/sign-in")
    data = {"email": eva, "password": PASSWORD} | ({} if token is None else {"csrf_token": token})
    answer = client.post("/account/sign-in", data=data)
    assert answer.status_code == 422
    assert eva in answer.text
    assert PASSWORD not in answer.text


def test_signing_out_ends_the_session_in_the_database(staff, look):
    secret = staff.client.get_cookie("staff").value
    assert staff.post("/account/sign-out").location == "/account/sign-in"
    thief = staff.client.application.test_client()
    thief.set_cookie("staff", secret)
    assert thief.get("/account/profile").status_code == 303


def test_signing_out_needs_a_token(staff):
    staff.client.post("/account/sign-out")
    assert staff.client.get("/account/profile").status_code == 200


def test_signing_in_leads_back_to_the_page_one_came_for(client, eva):
    way = client.get("/manage/events?view=past").location
    assert way == "/account/sign-in?next=/manage/events?view%3Dpast"
    assert sign_in(client, eva, PASSWORD, way.removeprefix("/account/sign-in")).location == (
        "/manage/events?view=past"
    )


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/manage/",
        "//evil.example/manage/",
        "/\\evil.example",
        "/manage/../../evil",
        "/manage//evil.example",
        "/sv/events",
        "/manage/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
    ],
)
def test_signing_in_leads_nowhere_else(client, eva, place):
    from urllib.parse import quote

    answer = sign_in(client, eva, PASSWORD, f"?next={quote(place)}")
    assert answer.location == "/manage/"


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_page_counts_and_writes_nothing(client, statements, method):
    with statements() as ran:
        getattr(client, method)("/account/sign-in?next=/manage/")
    assert not [sql for sql in ran if not sql.startswith("SELECT")]


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605 Version/17 Safari/605",
            "Safari, macOS",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("curl/8 <script>", ""),
    ],
)
def test_browsers_are_told_apart_by_name(agent, expected):
    from blueprints.account.sessions import browser_name

    assert browser_name(agent) == expected


def test_a_word_in_each_language_at_its_own_address(client):
    for code in ("sv", "en", "nb"):
        page = client.get(f"/account/sign-in?lang={code}").text
        assert f'<html lang="{code}"' in page
