"""Every mail and every calendar file that the demo makes, as all judges read them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

import config
from app import create_app
from dialognav import demo
from dialognav.actions.event_moves import cancel
from dialognav.actions.occasions import cancel_occasion
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import PUBLIC_STATES, Seat
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, KeptMail, Organisation, Participant
from dialognav.tokens import PARTICIPANT, make_link
from tests.conftest import NOW
from tests.databases import SqliteDatabase
from tests.fixtures import environment_of_tests
from tests.interop.external.dates import DATE_JUDGES as OTHER_DATE_JUDGES
from tests.interop.external.judges import JUDGES as OTHER_JUDGES
from tests.interop.external.judges import missing
from tests.interop.external.mails import by_postal_mime
from tests.interop.judges import DATE_JUDGES, JUDGES, lint, lint_dates
from tests.interop.mails import Mail, by_python

pytestmark = pytest.mark.external
READERS = {name: judge for name, judge in (JUDGES | OTHER_JUDGES).items() if name != "lint"}
DATED = {name: judge for name, judge in (DATE_JUDGES | OTHER_DATE_JUDGES).items() if name != "lint"}
POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@dataclass
class Made:
    mails: list[bytes] = field(default_factory=list)
    read: list[Mail] = field(default_factory=list)
    calendars: dict[bytes, str] = field(default_factory=dict)  # bytes -> where they are from


@pytest.fixture(scope="module")
def made(sqlite_database: SqliteDatabase, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The demo at NOW, all its mail sent, all its calendars fetched."""
    folder = tmp_path_factory.mktemp("demo")
    url = sqlite_database.copy_to(folder / "demo.sqlite")
    app = create_app(config.load(environment_of_tests(url, folder)))
    made = Made()
    with time_machine.travel(NOW, tick=False):
        with app.app_context(), unit_of_work() as session:
            demo.fill(session, "no password", now=NOW, post=POST)
        with app.app_context():
            paths = list(_paths(app))
        for path in paths:
            answer = app.test_client().get(path)
            assert answer.status_code == 200, path
            made.calendars.setdefault(answer.data, path)
        _send(app)
        with app.app_context(), unit_of_work() as session:
            _call_off(session)
        _send(app)
        with app.app_context():
            made.mails = list(db.session.scalars(sa.select(KeptMail.raw).order_by(KeptMail.id)))
    made.read = [by_python(raw) for raw in made.mails]
    for mail in made.read:
        for part in mail.parts:
            made.calendars.setdefault(part.content, f"{mail.recipients[0]}: {mail.subject}")
    return made


def _paths(app: Flask) -> Iterator[str]:
    """Where calendars are fetched: the public's, each organiser's, each event's, each person's."""
    session, key = db.session, app.config["SECRET_KEY"]
    yield "/calendar.ics"
    for slug in session.scalars(sa.select(Organisation.slug)):
        yield f"/calendar.ics?organisation={slug}"
    for slug in session.scalars(sa.select(Event.slug).where(Event.state.in_(PUBLIC_STATES))):
        yield f"/events/{slug}.ics"
    seated = sa.select(Participant).join(Attendance).where(Attendance.state == Seat.CONFIRMED)
    for person in session.scalars(seated.distinct()):
        event = person.registration.event
        if event.state == "published" and event.ends_at and event.ends_at > NOW:
            secret = make_link(key, PARTICIPANT, person.public_id, person.generation)
            yield f"/r/{secret}/invite.ics"


def _send(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None


def _call_off(session: Session) -> None:
    """Every published event to come; of a series only its last date."""
    published = sa.select(Event).where(Event.state == "published", Event.ends_at > NOW)
    told = {"now": NOW, "actor": "user:1", "post": POST}
    for event in session.scalars(published).all():
        reason = {event.primary_language: "För få anmälda."}
        if event.recurrence:
            cancel_occasion(session, event.id, event.live_occasions[-1].id, reason, **told)
        else:
            cancel(session, event.id, reason, **told)


def test_the_demo_shows_each_kind_of_file(made):
    said = b"".join(made.calendars)
    kinds = [b"METHOD:REQUEST", b"METHOD:CANCEL", b"METHOD:PUBLISH", b"STATUS:CANCELLED"]
    kinds += [b"RRULE:FREQ=WEEKLY", b"VALUE=DATE:", b"CONFERENCE;", b"REFRESH-INTERVAL"]
    assert [kind for kind in kinds if kind not in said] == []
    assert len(made.mails) > 50
    assert len(made.calendars) > 50


@pytest.mark.parametrize("judge", READERS)
def test_every_calendar_is_read_alike(made, judge):
    if judge in OTHER_JUDGES and (reason := missing(judge)):
        pytest.skip(reason)
    for data, origin in made.calendars.items():
        assert READERS[judge](data) == lint(data), origin


@pytest.mark.parametrize("judge", DATED)
def test_every_calendar_shows_the_same_dates(made, judge):
    if judge in OTHER_DATE_JUDGES and (reason := missing(judge)):
        pytest.skip(reason)
    for data, origin in made.calendars.items():
        if b"\r\nRRULE:FREQ=WEEKLY;" in data:
            assert DATED[judge](data) == lint_dates(data), origin


def test_every_mail_is_read_alike(made):
    if reason := missing("postal-mime"):
        pytest.skip(reason)
    assert by_postal_mime(made.mails) == made.read
