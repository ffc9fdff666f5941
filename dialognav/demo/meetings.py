"""The demo's one-to-one meetings: planned and published with the event, booked by who came."""

import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import bookings, meeting_requests
from dialognav.actions.bookings import Details
from dialognav.actions.meeting_requests import Asked
from dialognav.actions.meeting_rules import publish_meetings, save_meeting_rules
from dialognav.actions.meeting_slots import NewSlot, add_slots
from dialognav.actions.meeting_tables import TableDraft, add_table
from dialognav.actions.meeting_team import NewMember, add_member
from dialognav.demo.drafts import working_day
from dialognav.demo.held_meetings import hold_meetings
from dialognav.domain.meeting_rules import MeetingRulesDraft
from dialognav.domain.slots import Span
from dialognav.domain.terms import Mode, Seat
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    Booking,
    Event,
    MeetingTable,
    Participant,
    Registration,
    Slot,
    User,
)

CONTENT = Path(__file__).with_name("meetings.toml")
Given = dict[str, Any]


def meetings_of(event: Event) -> Given | None:
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    return next((one for one in content["meetings"] if one["event"] == event.slug), None)


# --- the plan ----------------------------------------------------------------------------------


def plan_meetings(
    session: Session, event: Event, *, now: datetime, at: datetime, actor: str, post: Post
) -> None:
    """Rules, team, tables and times, published at the instant `at`."""
    given = meetings_of(event)
    if given is None:
        return
    by: dict[str, Any] = {"now": at, "actor": actor}
    save_meeting_rules(
        session, event.id, _rules(event, given, now), expected_revision=0, post=post, **by
    )
    team = _team(session, event, given, by)
    user_id = int(actor.removeprefix("user:"))
    tables = [
        add_table(session, event.id, _table(one, team), user_id=user_id, **by)
        for one in given["table"]
    ]
    session.flush()
    add_slots(session, event.id, list(_times(event, given, tables, now)), **by)
    publish_meetings(session, event.id, post=post, **by)


def _rules(event: Event, given: Given, now: datetime) -> MeetingRulesDraft:
    return MeetingRulesDraft(
        hand_out=given["hand_out"],
        slot_minutes=given["minutes"],
        gap_minutes=given["gap"],
        opens_at=working_day(now, given["opens"], "08:00", event.zone),
        closes_at=working_day(now, given["closes"], "16:00", event.zone),
        languages=tuple(given["languages"]),
        text={language: words.strip() for language, words in given["text"].items()},
    )


def _team(session: Session, event: Event, given: Given, by: dict[str, Any]) -> dict[str, int]:
    """{key: member id}; of the staff the first name is the key."""
    found = {}
    for email in given["staff"]:
        user = session.scalars(sa.select(User).where(User.email == email)).one()
        new = NewMember(user_id=user.id, is_cleared=True)
        key = email.partition(".")[0]
        found[key] = add_member(session, event.id, new, **by).id
    for one in given.get("member", []):
        words = {name: one[name] for name in ("name", "email", "title")}
        new = NewMember(**words, is_cleared=True)
        found[one["key"]] = add_member(session, event.id, new, **by).id
    return found


def _table(one: Given, team: dict[str, int]) -> TableDraft:
    return TableDraft(
        name=one["name"],
        topic=one.get("topic", {}),
        mode=one.get("mode", Mode.ON_SITE),
        room=one.get("room", {}),
        online_service=one.get("service", ""),
        online_url=one.get("url", ""),
        has_lobby="url" in one,
        people={team[key]: role for key, role in one["people"].items()},
    )


def _times(
    event: Event, given: Given, tables: Sequence[MeetingTable], now: datetime
) -> list[NewSlot]:
    length = timedelta(minutes=given["minutes"])
    return [
        NewSlot(tables[one["table"]].id, Span(starts_at, starts_at + length))
        for one in given["times"]
        for wall in one["at"]
        for starts_at in [working_day(now, one["day"], wall, event.zone)]
    ]


# --- the suppliers -----------------------------------------------------------------------------


def hand_out_meetings(
    session: Session, event: Event, *, now: datetime, actor: str, post: Post
) -> None:
    """Some book, some wait for a time online, one of those who had one withdraws; or some wish."""
    given = meetings_of(event)
    if given is None:
        return
    rows = _admitted(session, event)
    slots = session.scalars(
        sa.select(Slot)
        .join(Slot.table)
        .where(Slot.event_id == event.id)
        .order_by(MeetingTable.mode.desc(), Slot.starts_at)
    ).all()
    opened = working_day(now, given["opens"], "08:00", event.zone)
    made = []
    for n, row in enumerate(rows[: given.get("booked", 0)]):
        at = max(opened, row.created_at) + timedelta(minutes=20 + 11 * n)
        made.append(_book(session, row, slots[n], given, n, at=at, post=post))
    later = rows[len(made) :]
    late = now - timedelta(hours=5)
    for n, row in enumerate(later[: given.get("only_online", 0)]):
        asked = Asked(_people(row), modes=(Mode.ONLINE,))
        _ask(session, row, asked, at=late + timedelta(minutes=n), post=post)
    for row in later[: given.get("wishing", 0)]:
        asked = Asked(_people(row), wishes=tuple(slot.id for slot in slots[1:4]))
        _ask(session, row, asked, at=late, post=post)
    if "withdrawn" in given:
        _withdraw(session, made, at=now - timedelta(hours=3), post=post)
    if "held" in given:
        hold_meetings(session, event, given, made, now=now, actor=actor, post=post)


def _admitted(session: Session, event: Event) -> list[Registration]:
    """Those with a confirmed place, in the order in which they came."""
    has_place = sa.exists().where(
        Participant.registration_id == Registration.id,
        Attendance.participant_id == Participant.id,
        Attendance.state == Seat.CONFIRMED,
    )
    query = sa.select(Registration).where(
        Registration.event_id == event.id, Registration.withdrawn_at.is_(None), has_place
    )
    return list(session.scalars(query.order_by(Registration.id)))


def _people(row: Registration) -> tuple[int, ...]:
    here = [one.id for one in row.participants if one.withdrawn_at is None]
    return tuple(here[:3])


def _book(
    session: Session,
    row: Registration,
    slot: Slot,
    given: Given,
    number: int,
    *,
    at: datetime,
    post: Post,
) -> Booking:
    by: dict[str, Any] = {"now": at, "actor": f"registration:{row.public_id}", "post": post}
    topics = given.get("topics", [])
    said = topics[number] if number < len(topics) else {}
    language = row.language if row.language in given["languages"] else given["languages"][0]
    details = Details(
        _people(row),
        language=language,
        topics=said.get("text", ""),
        secret_marks=said.get("marks", ""),
        secret_reason=said.get("reason", ""),
    )
    held = bookings.hold(session, row.id, slot.id, **by)
    return bookings.book(session, held.id, details, **by)


def _ask(session: Session, row: Registration, asked: Asked, *, at: datetime, post: Post) -> None:
    actor = f"registration:{row.public_id}"
    meeting_requests.ask(session, row.id, asked, now=at, actor=actor, post=post)


def _withdraw(session: Session, made: Sequence[Booking], *, at: datetime, post: Post) -> None:
    """The last of those online: the time goes to the first who waits for one."""
    [*_others, booking] = [one for one in made if one.slot.table.mode == Mode.ONLINE]
    actor = f"registration:{booking.registration.public_id}"
    bookings.withdraw(session, booking.id, now=at, actor=actor, post=post)
