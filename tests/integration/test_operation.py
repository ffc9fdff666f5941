"""Health, and what stands in the log."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from blueprints.logs import Blotting, blot
from dialognav import tokens
from dialognav.db import db
from dialognav.models import Letter
from tests.conftest import NOW

SECRET = tokens.make_link("k" * 32, tokens.REGISTRATION, "abcdefgh2345", 0)


def test_healthz_answers_without_asking_the_database(client, statements):
    with statements() as ran:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert ran == []
    assert answer.headers["Cache-Control"] == "no-store"


def test_readyz_is_ready(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "schema": "ok", "mail": "ok"}


def test_readyz_says_when_migrations_are_missing(client, work):
    with work() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["schema"] == "migrations are missing"
    finally:
        with work() as session:
            session.execute(sa.text("UPDATE alembic_version SET version_num = :n"), {"n": head()})


def head():
    from blueprints.operation import _newest

    return _newest()


def test_readyz_says_when_the_database_does_not_answer(client, app, monkeypatch):
    def down(*_args, **_options):
        raise sa.exc.OperationalError("select", {}, OSError("secret-host refused"))

    with app.app_context():
        monkeypatch.setattr(db.session(), "connection", down)
        monkeypatch.setattr(type(db.session()), "connection", down)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["database"] == "unreachable"
    assert "secret-host" not in answer.text


def test_readyz_says_when_letters_do_not_leave(client, work, clock):
    with work() as session:
        letter = {"public_id": "x", "kind": "links", "stream": "x", "recipient": "a@b.example"}
        times = {"created_at": NOW, "due_at": NOW}
        session.add(Letter(**letter, **times, language="sv", facts={}, status="pending"))
    clock.shift(timedelta(minutes=10))
    assert client.get("/readyz").json["mail"] == "ok"
    clock.shift(timedelta(minutes=1))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["mail"]) == (200, "late")


def test_each_request_is_one_line_with_an_id_and_no_query(client, caplog):
    with caplog.at_level(logging.INFO, "dialognav.access"):
        answer = client.get("/account/sign-in?next=/manage/&email=eva@tallvik.example")
    [line] = [r.getMessage() for r in caplog.records if r.name == "dialognav.access"]
    assert line.startswith(f"{answer.headers['X-Request-ID']} GET /account/sign-in 200 ")
    assert "eva@" not in line


def test_a_staff_members_line_holds_the_id_not_the_name(staff, caplog):
    with caplog.at_level(logging.INFO):
        staff.client.get("/account/profile")
    assert f"user:{staff.user_id}" in caplog.text
    assert staff.email not in caplog.text


def test_a_line_end_in_the_address_makes_no_second_line(client, caplog):
    with caplog.at_level(logging.INFO, "dialognav.access"):
        client.get("/sv/x%0Aroot%20signed%20in%1b[31m")
    lines = [r.getMessage() for r in caplog.records if r.name == "dialognav.access"]
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert "\x1b" not in lines[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"GET /sv/r/{SECRET} 200", "GET /sv/r/r… 200"),
        (f"/account/invitations/o{SECRET[1:]}", "/account/invitations/o…"),
        (f"/sv/r/{SECRET}/invite.ics", "/sv/r/r…/invite.ics"),
        ("/account/kept/aB3_-x9", "/account/kept/…"),
        ("/account/sign-in?kept=aB3_-x9&lang=sv", "/account/sign-in?kept=…&lang=sv"),
        ("/k/aB3_-x9/calendar.ics", "/k/…/calendar.ics"),
        (f"/sv/my/calendar/c{'a2' * 19}", "/sv/my/calendar/c…"),
        (f"/sv/follow/f{'a2' * 19}/confirm", "/sv/follow/f…/confirm"),
        (f"POST /en/leave/u{'a2' * 19} 200", "POST /en/leave/u… 200"),
        ("/sv/events/marknadsdialog-om-hemmonitorering", None),
    ],
)
def test_secrets_are_blotted_out(text, expected):
    assert blot(text) == (text if expected is None else expected)


def test_a_traceback_is_blotted_too():
    try:
        raise ValueError(f"no such link: {SECRET}")
    except ValueError:
        import sys

        record = logging.LogRecord("x", 40, "f", 1, "failed %s", (SECRET,), sys.exc_info())
    said = Blotting(logging.Formatter("%(message)s")).format(record)
    assert SECRET not in said
    assert "Traceback" in said


def test_forwarded_addresses_nobody_trusts_are_told_once(client, caplog):
    for _ in range(3):
        client.get("/account/sign-in", headers={"X-Forwarded-For": "192.0.2.1"})
    told = [r for r in caplog.records if "TRUSTED_PROXIES" in r.getMessage()]
    assert len(told) == 1
    assert "192.0.2.1" not in told[0].getMessage()


def test_a_proxy_that_names_nobody_is_told_once(clock, make_app, caplog):
    client = make_app(TRUSTED_PROXIES="1").test_client()
    client.get("/healthz")  # the machine's own look
    assert "TRUSTED_PROXIES" not in caplog.text
    for _ in range(2):
        client.get("/account/sign-in")
    assert caplog.text.count("TRUSTED_PROXIES is 1") == 1


def test_behind_the_right_number_of_proxies_all_is_quiet(clock, make_app, caplog):
    client = make_app(TRUSTED_PROXIES="1").test_client()
    client.get("/account/sign-in", headers={"X-Forwarded-For": "192.0.2.1"})
    assert "TRUSTED_PROXIES" not in caplog.text


def test_a_request_id_is_taken_from_a_trusted_proxy_only(client, make_app):
    given = {"X-Request-ID": "from-outside-1234", "X-Forwarded-For": "192.0.2.1"}
    assert (
        client.get("/account/sign-in", headers=given).headers["X-Request-ID"]
        != given["X-Request-ID"]
    )
    trusting = make_app(TRUSTED_PROXIES="1").test_client()
    answer = trusting.get("/account/sign-in", headers=given)
    assert answer.headers["X-Request-ID"] == given["X-Request-ID"]
    hostile = given | {"X-Request-ID": "a b\tc" * 3}
    answer = trusting.get("/account/sign-in", headers=hostile)
    assert answer.headers["X-Request-ID"] != hostile["X-Request-ID"]
