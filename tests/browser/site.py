"""The demo, filled once and served for the whole run.

`site` is for looking only. A test that changes something takes `own_site`, a copy of its own.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

import config
from app import create_app
from dialognav import demo, passwords, tokens
from dialognav.actions import (
    accounts,
    disposal,
    event_moves,
    imports,
    merging,
    registrations,
    staff,
)
from dialognav.db import db, unit_of_work
from dialognav.domain.parties import Party
from dialognav.domain.terms import LANGUAGES, LetterStatus, Role, Seat
from dialognav.jobs.runner import Runner
from dialognav.mail.post import Post
from dialognav.models import (
    CalendarFeed,
    DeadAddress,
    DisposalRun,
    Event,
    EventInvitation,
    FormField,
    InboundMail,
    KeptMail,
    Letter,
    Membership,
    MessagePlan,
    Organisation,
    PrivacyRequest,
    Registration,
    StaffSession,
)
from tests.browser.followers import make_followers
from tests.browser.held_meetings import make_held_meetings
from tests.browser.mailings import make_mailings
from tests.browser.meeting_boards import make_board
from tests.browser.meeting_draws import make_draws
from tests.browser.meeting_plans import make_plan
from tests.browser.other_calendars import make_other_calendars
from tests.browser.own_meetings import make_own_meetings
from tests.browser.pages import FULL, HIDDEN, OPEN, REVIEWED, STATES
from tests.conftest import NOW
from tests.databases import SqliteDatabase, sqlite_database
from tests.factories import make_user
from tests.fixtures import environment_of_tests
from tests.servers import serving
from tests.sheets import ROW, SECOND, csv_of

__all__ = ["own_site", "site", "site_files", "sqlite_database"]

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@dataclass(frozen=True)
class SiteFiles:
    """A filled database to copy, and what its addresses are made of."""

    database: Path
    ids: dict[str, str]
    secrets: dict[str, str]


@dataclass(frozen=True)
class Site:
    """A running demo."""

    address: str
    files: SiteFiles

    def path(self, template: str, language: str = "sv") -> str:
        return template.format(lang=language, **self.files.ids)

    def staff_cookie(self, language: str = "sv") -> Any:
        """What signs a browser in as an administrator who reads this language."""
        return {"name": "staff", "value": self.files.secrets[language], "url": self.address}


@pytest.fixture(scope="session")
def site_files(
    sqlite_database: SqliteDatabase, tmp_path_factory: pytest.TempPathFactory
) -> SiteFiles:
    """The demo at NOW, with its mail sent to /dev/mail."""
    folder = tmp_path_factory.mktemp("site")
    app = _app(sqlite_database.copy_to(folder / "demo.sqlite"), folder)
    hashed = passwords.hash_password(demo.PASSWORD)
    with time_machine.travel(NOW, tick=False), app.app_context():
        with unit_of_work() as session:
            demo.fill(session, hashed, now=NOW, post=POST)
        with unit_of_work() as session:
            secrets = _sign_in(session)
            links = _make_rare_things(session, app.config["SECRET_KEY"])
        Runner(app, app.extensions["dialognav.jobs"]).tick()
        ids = links | _ids(db.session(), app.config["SECRET_KEY"])
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return SiteFiles(folder / "demo.sqlite", ids, secrets)


@pytest.fixture(scope="session")
def site(site_files: SiteFiles) -> Iterator[Site]:
    """The demo on one server, for tests that only look; the test must have `clock` too."""
    folder = site_files.database.parent
    with _serving(_app(f"sqlite:///{site_files.database}", folder), site_files) as served:
        yield served


@pytest.fixture
def own_site(
    site_files: SiteFiles, tmp_path: Path, clock: time_machine.Traveller
) -> Iterator[Site]:
    """The demo on a server and a database of this test's own."""
    database = SqliteDatabase(site_files.database).copy_to(tmp_path / "own.sqlite")
    for kept in site_files.database.parent.glob("instance_*"):  # the same installation, no copy
        shutil.copy(kept, tmp_path)
    with _serving(_app(database, tmp_path), site_files) as served:
        yield served


@contextmanager
def _serving(app: Flask, files: SiteFiles) -> Iterator[Site]:
    with serving(app) as address:
        yield Site(address, files)
    with app.app_context():
        db.engine.dispose()


def _app(database_url: str, folder: Path) -> Flask:
    return create_app(config.load(environment_of_tests(database_url, folder)))


def _sign_in(session: Session) -> dict[str, str]:
    """{language: the secret of a signed-in administrator of the first organisation}."""
    organisation = session.get_one(Organisation, 1)
    secrets = {}
    for language in LANGUAGES:
        user = make_user(session, organisation, Role.ADMIN, language=language)
        secrets[language] = tokens.new_secret()
        accounts.begin_session(
            session,
            user.id,
            user.password_hash,
            secrets[language],
            browser="Firefox, Windows",
            instead_of="",
            now=NOW,
        )
    return secrets


def _make_rare_things(session: Session, key: str) -> dict[str, str]:
    """What the demo has not: one who withdrew, an event called off, letter given up, links."""
    withdrawn = _registrations(session, OPEN)[-1]
    wrong = {"sv": "Underlaget har visat sig vara fel.", "en": "The facts proved wrong."}
    called_off = session.scalars(sa.select(Event).filter_by(slug=HIDDEN["called_off"])).one()
    event_moves.cancel(session, called_off.id, wrong, now=NOW, actor="user:1", post=POST)
    registrations.withdraw_all(session, withdrawn.id, now=NOW, actor="self", post=POST)
    letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    letter.status, letter.attempts = LetterStatus.GIVEN_UP, 8
    letter.last_error = "550 5.1.1 mailbox unavailable"
    _let_one_run_out(session)
    _move_the_clock(session)
    asked = staff.Invitation("ny.kollega@regionnordvalla.example", Role.PLANNER, "sv")
    invitation = staff.invite(session, 1, asked, now=NOW, actor="user:1", post=POST)
    reset = accounts.make_reset(session, demo.accounts()[0][0], now=NOW)
    assert reset is not None
    session.flush()
    kept, fields = tokens.new_secret(), [["title_sv", "Nytt"], ["need_sv", "Mer\nän en rad"]]
    reader = session.scalars(sa.select(StaffSession).order_by(StaffSession.id)).first()
    assert reader is not None
    path = "/manage/events/new"
    accounts.keep_form(session, reader.user_id, kept, path=path, fields=fields, now=NOW)
    return {
        **_dispose(session),
        **_make_imports(session),
        **_make_alike(session, key),
        **_make_calendars(session, key),
        **make_other_calendars(session),
        **make_mailings(session),
        **make_held_meetings(session, key),
        **make_board(session),
        **make_draws(session),
        **make_plan(session),
        **make_own_meetings(session, key),
        **make_followers(session, key, OPEN, now=NOW, post=POST),
        **_make_mails(session, key),
        "report_id": _stage_report(session, reader.user_id),
        "plan_id": _thanks_of(session, OPEN),
        "kept": kept,
        "withdrawn": tokens.make_link(key, tokens.REGISTRATION, withdrawn.public_id, 0),
        "invitation": tokens.make_link(key, tokens.ONE_TIME, invitation.public_id, 0),
        "reset": tokens.make_link(key, tokens.ONE_TIME, reset.public_id, 0),
    }


def _make_mails(session: Session, key: str) -> dict[str, str]:
    """A no from a calendar, a proposed time, a mail nobody could place, an address that is dead."""
    seats = [
        (one, one.participants[0])
        for one in _registrations(session, OPEN)
        if one.withdrawn_at is None and len(one.participants) == 1 and _in(one, Seat.CONFIRMED)
    ]
    (first, declined), (second, proposing), (third, dead) = seats[:3]
    [seat] = declined.attendances
    seat.partstat, seat.partstat_source, seat.partstat_at = "DECLINED", "calendar", NOW
    seat.declined_until = NOW + timedelta(hours=48)
    seat.partstat_comment = "Krockar med en annan upphandling."
    session.add(DeadAddress(address=dead.email, since=NOW, status="5.1.1", diagnostic="no user"))
    starts_at = proposing.attendances[0].occasion.starts_at + timedelta(hours=5)
    common = {"organisation_id": first.event.organisation_id, "received_at": NOW, "raw": b"x"}
    proposal = InboundMail(
        fingerprint="1" * 64,
        event=second.event,
        participant=proposing,
        attendance=proposing.attendances[0],
        sender=proposing.email,
        sender_name=proposing.name,
        recipient="dialog@dialog.example",
        subject="Nytt förslag på tid: Tryggare nätter",
        text="Vi kan efter lunch.",
        kind="counter",
        state="open",
        reason="proposed",
        partstat="DECLINED",
        proposed_starts_at=starts_at,
        proposed_ends_at=starts_at + timedelta(hours=2),
        **common,
    )
    stray = InboundMail(
        fingerprint="2" * 64,
        sender="nagon@annat.example",
        recipient="dialog@dialog.example",
        subject="SV: " + "Upphandlingsstrategi" * 8,
        text="Hej!\n\nKan vi höras?",
        kind="person",
        state="open",
        reason="untrusted",
        **common,
    )
    session.add_all([proposal, stray])
    session.flush()
    return {
        "declined_in_calendar": tokens.make_link(key, tokens.REGISTRATION, first.public_id, 0),
        "dead_id": third.public_id,
        "proposal_id": proposal.public_id,
        "stray_id": stray.public_id,
    }


# A Norwegian's file, so that no column is called as in English.
_HEAD = ("Organisasjon", "Organisasjonsnummer", "Navn", "E-post")


def _make_imports(session: Session) -> dict[str, str]:
    """Files that wait for a second look: one that reads well, one with faults, one nobody knows."""
    event_id = session.scalars(sa.select(Event.id).filter_by(slug=OPEN)).one()
    users = session.scalars(sa.select(Membership.user_id).order_by(Membership.id)).all()
    wrong = ("Fel AB", "559401-2346", "=1+1", "ingen adress")
    files = {
        "import_id": csv_of(_HEAD, SECOND),
        "faulty_import_id": csv_of(_HEAD, ROW, wrong, ROW),
        "strange_import_id": csv_of(("Vem", "Var"), ("Karin Falk", "Trygghem")),
    }
    return {
        name: imports.stage(
            session, event_id, "lista.csv", content, {}, user_id=user_id, now=NOW
        ).public_id
        for (name, content), user_id in zip(files.items(), users, strict=False)
    }


def _make_alike(session: Session, key: str) -> dict[str, str]:
    """Three registrations of one organisation, of which two have been put together."""
    event_id = session.scalars(sa.select(Event.id).filter_by(slug=STATES["not yet open"])).one()
    made = []
    for name in ("Karin", "Jonas", "Leila"):
        email = f"{name.lower()}@trygghem.example"
        who = registrations.Register(
            party=Party("Trygghem Teknik AB", "company", "559401-2345", "SE", "SE:1", "name:1"),
            contact=registrations.Contact(name, email),
            people=(registrations.NewPerson(name, email, registrations.Wish("online")),),
            language="sv",
            created_by_id=1,
        )
        made.append(
            registrations.register(session, event_id, who, now=NOW, actor="user:1", post=POST)
        )
    kept, gone, other = made
    mark = merging.plan([kept, gone]).mark
    merging.merge(session, kept.id, [gone.id], mark, now=NOW, actor="user:1", post=POST)
    return {
        "alike_id": other.public_id,
        "merged": tokens.make_link(key, tokens.REGISTRATION, gone.public_id, 0),
    }


def _make_calendars(session: Session, key: str) -> dict[str, str]:
    """Somebody who has a private calendar asks for a new one; a member of staff has one too."""
    address = _registrations(session, OPEN)[0].participants[0].email
    member = session.scalars(sa.select(Membership).order_by(Membership.id.desc())).first()
    assert member is not None
    link = CalendarFeed(address=address, created_at=NOW, expires_at=NOW + timedelta(hours=1))
    session.add_all(
        [
            CalendarFeed(fingerprint="theirs", address=address, created_at=NOW),
            CalendarFeed(
                fingerprint="ours",
                user_id=member.user_id,
                organisation_id=member.organisation_id,
                created_at=NOW,
            ),
            link,
        ]
    )
    session.flush()
    return {"calendar_link": tokens.make_link(key, tokens.CALENDAR, link.public_id, 0)}


def _move_the_clock(session: Session) -> None:
    """An event whose times were written with other zone data than today's."""
    slug = STATES["not yet open"]
    for day in session.scalars(sa.select(Event).filter_by(slug=slug)).one().occasions:
        assert day.start_offset is not None
        day.start_offset = day.end_offset = day.start_offset + 3600


def _let_one_run_out(session: Session) -> None:
    """The last but one who waits for a full event was offered a place, and did not answer."""
    waiting = [one for one in _registrations(session, FULL) if _in(one, Seat.WAITING)]
    [seat, *_] = [seat for person in waiting[-2].participants for seat in person.attendances]
    seat.state, seat.offer_ends_at = Seat.LAPSED, NOW


def _dispose(session: Session) -> dict[str, str]:
    """A proposal that waits for a yes, a disposal that is done, and a wish about own data."""
    proposed = disposal.propose(session, 1, now=NOW, user_id=1)
    assert proposed is not None
    event = session.scalars(sa.select(Event).filter_by(slug=STATES["held"])).one()
    numbers = {"registrations": 12, "people": 21, "answers": 4, "files": 1, "letters": 40}
    done = DisposalRun(
        organisation_id=1,
        proposed_at=NOW,
        proposed_by_id=1,
        authority="RN 2025/00210",
        proposal={"events": [{"id": event.id, "numbers": numbers}]},
        approved_at=NOW,
        approved_by_id=1,
        done_at=NOW,
        result={"events": {str(event.id): {"state": "done", "numbers": numbers}}},
    )
    session.add(done)
    session.flush()
    asked = session.scalars(sa.select(PrivacyRequest)).one()
    return {
        "proposed_id": proposed.public_id,
        "disposed_id": done.public_id,
        "asked_id": asked.public_id,
    }


def _thanks_of(session: Session, slug: str) -> str:
    query = sa.select(MessagePlan.public_id).join(Event, MessagePlan.event_id == Event.id)
    return session.scalars(query.where(Event.slug == slug, MessagePlan.kind == "thanks")).one()


def _stage_report(session: Session, user_id: int) -> str:
    """A report of a meeting in which one is known, one may be two, and one is unknown."""
    event = session.scalars(sa.select(Event).filter_by(slug=OPEN)).one()
    people = [one for each in _registrations(session, OPEN)[:3] for one in each.participants]
    rows = [f"{people[0].name},{people[0].email},61", "Ett konferensrum,,20"]
    rows += [f"{people[1].name},,5", f"{people[1].name},annan@annat.example,7"]
    staged = imports.stage(
        session,
        event.id,
        "rapport.csv",
        "\n".join(["Name,Email,Duration (Minutes)", *rows]).encode(),
        {},
        user_id=user_id,
        now=NOW,
        purpose="presence",
    )
    return staged.public_id


def _ids(session: Session, key: str) -> dict[str, str]:
    """What the addresses above name in braces."""

    def link(one: Registration) -> str:
        return tokens.make_link(key, tokens.REGISTRATION, one.public_id, one.generation)

    group = next(one for one in _registrations(session, OPEN) if len(one.participants) > 1)
    colleague = group.participants[-1]
    queue = [one for one in _registrations(session, FULL) if _in(one, Seat.WAITING)]
    offered = next(one for one in _registrations(session, FULL) if _in(one, Seat.OFFERED))
    lapsed = next(one for one in _registrations(session, FULL) if _in(one, Seat.LAPSED))
    events = {
        f"{state}_id": session.scalars(sa.select(Event.public_id).filter_by(slug=slug)).one()
        for state, slug in (STATES | HIDDEN).items()
    }
    invited = {
        bool(used): tokens.make_link(key, tokens.INVITATION, public_id, 0)
        for public_id, used in session.execute(
            sa.select(EventInvitation.public_id, Registration.id)
            .join(EventInvitation.event)
            .outerjoin(Registration, Registration.invitation_id == EventInvitation.id)
            .where(Event.slug == STATES["for the invited"])
        )
    }
    return events | {
        "invited": invited[False],
        "invited_used": invited[True],
        "contact": link(group),
        "colleague": tokens.make_link(key, tokens.PARTICIPANT, colleague.public_id, 0),
        "person": colleague.public_id,
        "waiting": link(queue[-1]),
        "offered": link(offered),
        "seat_id": str(queue[-1].participants[0].attendances[0].id),
        "lapsed": link(lapsed),
        "waiting_person": queue[-1].participants[0].public_id,
        **{
            state: link(_registrations(session, STATES[state])[0])
            for state in ("cancelled", "postponed", "held")
        },
        "registration_id": group.public_id,
        "question_id": session.scalars(sa.select(FormField.public_id)).all()[1],
        **_reviewed(session, link),
        **_of_sessions(session, link),
        "member_id": str(session.scalars(sa.select(Membership.id)).all()[1]),
        "mail_id": str(session.scalars(sa.select(KeptMail.id)).first()),
    }


def _of_sessions(session: Session, link: Callable[[Registration], str]) -> dict[str, str]:
    """Somebody who waits for a session, or the first who chose; and one of a series."""
    found = _registrations(session, STATES["sessions"])
    one = next((each for each in found if _in(each, Seat.WAITING)), found[0])
    return {
        "sessions": link(one),
        "registration_to_sessions_id": one.public_id,
        "person_of_sessions": one.participants[0].public_id,
        "series": link(_registrations(session, STATES["series"])[0]),
    }


def _reviewed(session: Session, link: Callable[[Registration], str]) -> dict[str, str]:
    """One in each state of review."""
    rows = {str(one.review): one for one in _registrations(session, REVIEWED)}
    return {
        "reviewed_id": rows["pending"].event.public_id,
        "awaits_approval_id": rows["pending"].public_id,
        "awaits_approval": link(rows["pending"]),
        "approval_changed": link(rows["changed"]),
        "declined": link(rows["declined"]),
    }


def _registrations(session: Session, slug: str) -> list[Registration]:
    wanted = sa.select(Registration).join(Registration.event).filter_by(slug=slug)
    return list(session.scalars(wanted.order_by(Registration.id)))


def _in(one: Registration, state: str) -> bool:
    seats = [seat for person in one.participants for seat in person.attendances]
    return any(seat.state == state for seat in seats)
