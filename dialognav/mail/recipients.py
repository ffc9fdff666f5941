"""Whom a message reaches right now: one letter per address, in the strongest standing it has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.audience import STRENGTH, WITHOUT, Audience
from dialognav.domain.names import alphabetical
from dialognav.domain.terms import LIVE, MessagePurpose, Mode, PartyKind, Seat
from dialognav.mail.audience_rows import Counts as Counts
from dialognav.mail.audience_rows import counts as counts
from dialognav.mail.audience_rows import has_no_seat, is_meant, who_answered
from dialognav.mail.contact_rows import contact_rows
from dialognav.mail.table_rows import meets_at
from dialognav.models import (
    Attendance,
    DeadAddress,
    Event,
    MailRefusal,
    Occasion,
    Participant,
    Registration,
)

Dates = tuple[tuple[int, str], ...]
_AT_ONCE = 5_000
"""Values in one IN list; for more, all people of the events are read."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of the audience. `state` and `mode` are those of the seat it is written to for,
    "" and WITHOUT for a person without any; `occasion_id` is that seat's. A contact who does not
    take part (`participant_id` None) has the state CONTACT, and the next date of those who do.

    `party` is "" where it is a person who may not be the reader. `is_contact`: the address is the
    registration's contact's, whose link opens all of it; `public_id` and `generation` are those
    that the own link is made of. `also`: the other dates of the audience at which the person has as
    strong a seat, and how they attend them. `is_dead`: nothing could be delivered there.
    """

    participant_id: int | None
    registration_id: int
    event_id: int
    email: str
    name: str
    party: str
    language: str
    state: str
    mode: str
    is_contact: bool
    is_dead: bool
    occasion_id: int | None
    public_id: str
    generation: int
    also: Dates = ()

    @property
    def number(self) -> int:
        """The participant's id; for a contact who does not take part minus the registration's."""
        return -self.registration_id if self.participant_id is None else self.participant_id


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a message reaches, and who of its audience is left out: `dead` addresses, those that
    have `refused` news. `doubles`: people who share the address of one who gets it."""

    recipients: list[Recipient]
    dead: list[Recipient]
    refused: list[Recipient]
    doubles: int


def recipients(
    session: Session,
    organisation_id: int,
    audience: Audience,
    *,
    purpose: str = MessagePurpose.REGISTRATION,
    now: datetime | None = None,
) -> list[Recipient]:
    """Those who get it, in the order of their names. `now`: of several dates the next counts."""
    return reach(session, organisation_id, audience, purpose=purpose, now=now).recipients


def reach(
    session: Session,
    organisation_id: int,
    audience: Audience,
    *,
    purpose: str = MessagePurpose.REGISTRATION,
    now: datetime | None = None,
) -> Reach:
    """The same with those who are left out. One statement, and one each for answers and contacts.

    People who are erased, and events of other organisations, are nobody's audience.
    """
    if audience.is_nobody:
        return Reach([], [], [], 0)
    rows: Sequence[sa.Row[Any]] = session.execute(_candidates(organisation_id, audience)).all()
    if audience.people:
        rows = [row for row in rows if row.id in audience.people]
        if audience.only_live:
            rows = [row for row in rows if row.state in LIVE]
    else:
        seats = audience.seats
        meets = bool(audience.tables) and Seat.CONFIRMED in seats
        rows = [
            row
            for row in rows
            if row.state in (*seats, WITHOUT) or _is_approved(row) or (meets and row.state is None)
        ]
    if audience.answers and not audience.people:
        rows = who_answered(session, audience, rows)
    chosen: dict[str, sa.Row[Any]] = {}
    for row in sorted(rows, key=lambda row: _weakness(row, now)):
        chosen.setdefault(row.email.casefold(), row)
    doubles = len({row.id for row in rows}) - len(chosen)
    # Whoever also takes part is written to as one who does.
    for row in contact_rows(session, organisation_id, audience, _standing(rows), now=now):
        chosen.setdefault(row.email.casefold(), row)
    also = _other_dates(rows, chosen.values())
    return _parted(chosen.values(), audience, also, purpose=purpose, doubles=doubles)


def _other_dates(rows: Iterable[sa.Row[Any]], chosen: Iterable[sa.Row[Any]]) -> dict[int, Dates]:
    """`Recipient.also` by participant, in the order of time."""
    own = {row.id: row for row in chosen}
    found: dict[int, list[sa.Row[Any]]] = {}
    for row in rows:
        first = own.get(row.id)
        if first is None or row.occasion_id in (None, first.occasion_id):
            continue
        if STRENGTH[row.state] == STRENGTH[first.state]:
            found.setdefault(row.id, []).append(row)
    for some in found.values():
        some.sort(key=lambda row: (row.starts_at, row.occasion_id))
    return {id_: tuple((row.occasion_id, row.mode) for row in some) for id_, some in found.items()}


def _standing(rows: Iterable[sa.Row[Any]]) -> dict[int, bool]:
    """The people's registrations, and whether any of them has a live seat, or may do without."""
    found: dict[int, bool] = {}
    for row in rows:
        is_live = row.state in (*LIVE, WITHOUT)
        found[row.registration_id] = found.get(row.registration_id, False) or is_live
    return found


_COLUMNS: tuple[Any, ...] = (
    Participant.id,
    Participant.registration_id,
    Registration.event_id,
    Participant.email,
    Participant.name,
    Participant.public_id,
    Participant.generation,
    Registration.public_id.label("whole_id"),
    Registration.generation.label("whole_generation"),
    Registration.contact_email,
    Registration.party_name,
    Registration.party_kind,
    Registration.language,
    sa.case((Attendance.keeps_seat, Registration.approved)).label("approved"),
    Occasion.starts_at,
    Occasion.ends_at,
    DeadAddress.address.is_not(None).label("is_dead"),
)


def _candidates(organisation_id: int, audience: Audience) -> sa.Select[Any]:
    """A row for each seat that the criteria, or the choice of people, may mean."""
    is_news_refused = sa.exists().where(
        MailRefusal.organisation_id == organisation_id,
        MailRefusal.address == sa.func.lower(Participant.email),
    )
    query = (
        sa.select(
            *_COLUMNS,
            *_seat_columns(audience),
            is_news_refused.label("is_refused"),
        )
        .join(Registration, Participant.registration_id == Registration.id)
        .join(Event, Registration.event_id == Event.id)
        .outerjoin(Attendance, Attendance.participant_id == Participant.id)
        .outerjoin(Occasion, Attendance.occasion_id == Occasion.id)
        .outerjoin(DeadAddress, DeadAddress.address == sa.func.lower(Participant.email))
        .where(Event.organisation_id == organisation_id, Event.id.in_(audience.events))
        .where(Participant.erased_at.is_(None))
    )
    return query.where(*_meant(audience))


def _seat_columns(audience: Audience) -> tuple[Any, ...]:
    """State, mode and occasion; where those WITHOUT are meant, no seat that they gave back."""
    columns: tuple[Any, ...] = (Attendance.state, Attendance.mode, Attendance.occasion_id)
    if audience.people or WITHOUT not in audience.states:
        return columns
    given_back = has_no_seat()
    return (
        sa.case((given_back, WITHOUT), else_=Attendance.state).label("state"),
        sa.case((given_back, sa.null()), else_=Attendance.mode).label("mode"),
        sa.case((given_back, sa.null()), else_=Attendance.occasion_id).label("occasion_id"),
    )


def _meant(audience: Audience) -> list[sa.ColumnElement[bool]]:
    if audience.people:
        some = sorted(number for number in audience.people if number > 0)
        return [Participant.id.in_(some)] if len(some) <= _AT_ONCE else []
    meant = is_meant(audience.states, audience.occasions)
    if audience.tables:  # a meeting may be all that somebody comes to
        meant = sa.or_(meant, Attendance.id.is_(None))
    wanted = [meant]
    if audience.tables:
        wanted.append(meets_at(audience.tables))
    if audience.modes:
        wanted.append(Attendance.mode.in_([mode for mode in Mode if mode in audience.modes]))
    if audience.occasions:
        wanted.append(Attendance.occasion_id.in_(sorted(audience.occasions)))
    if audience.party_kinds:
        kinds = [kind for kind in PartyKind if kind in audience.party_kinds]
        wanted.append(Registration.party_kind.in_(kinds))
    return wanted


def _is_approved(row: sa.Row[Any]) -> bool:
    """Under a second review, whether it is the reader who was approved before, with the address.

    Somebody put in another's place is not confirmed by the seat that is kept.
    """
    people = (row.approved or {}).get("people", ())
    return any(one["id"] == row.id and one["email"] == row.email for one in people)


def _weakness(row: sa.Row[Any], now: datetime | None) -> tuple[Any, ...]:
    """Of several rows of one address the first in this order is the one written to."""
    is_over = now is not None and row.ends_at is not None and row.ends_at <= now
    return (
        STRENGTH.get(row.state, len(STRENGTH)),
        is_over,
        row.starts_at.timestamp() if row.starts_at else 0.0,
        not _is_contact(row),
        row.id,
    )


def _parted(
    rows: Iterable[sa.Row[Any]],
    audience: Audience,
    also: Mapping[int, Dates],
    *,
    purpose: str,
    doubles: int,
) -> Reach:
    found = Reach([], [], [], doubles)
    for row in rows:
        one = _recipient(row, also.get(row.id, ()))
        if row.is_refused and purpose == MessagePurpose.NEWS:
            found.refused.append(one)
        elif one.is_dead and not audience.includes_dead:
            found.dead.append(one)
        else:
            found.recipients.append(one)
    for some in (found.recipients, found.dead, found.refused):
        some.sort(key=lambda one: (alphabetical(one.name, "sv"), one.email, one.number))
    return found


def _recipient(row: sa.Row[Any], also: Dates) -> Recipient:
    is_contact = _is_contact(row)
    is_somebody_else = row.party_kind == PartyKind.SOLE_TRADER and not is_contact
    return Recipient(
        participant_id=row.id if row.id > 0 else None,
        registration_id=row.registration_id,
        event_id=row.event_id,
        email=row.email,
        name=row.name,
        party="" if is_somebody_else else row.party_name,
        language=row.language,
        state=row.state or "",
        mode=row.mode or "",
        is_contact=is_contact,
        is_dead=row.is_dead,
        occasion_id=row.occasion_id,
        public_id=row.whole_id if is_contact else row.public_id,
        generation=row.whole_generation if is_contact else row.generation,
        also=also,
    )


def _is_contact(row: sa.Row[Any]) -> bool:
    """By the address: whoever reads there holds the link to the whole registration anyway."""
    return bool(row.email == row.contact_email)
