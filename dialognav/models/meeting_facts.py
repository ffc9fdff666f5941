"""What domain/bookings.py judges by, read in sets. Under lock_event() it holds until commit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.bookings import (
    Person,
    RulesFacts,
    SlotFacts,
    Span,
    SupplierFacts,
    TeamFacts,
)
from dialognav.domain.meeting_terms import LIVE_BOOKING, BookingState, SlotState
from dialognav.domain.participant_import import folded_name
from dialognav.domain.terms import EventState, Phase, Review, Seat
from dialognav.models.booking import Booking, BookingPerson, MeetingRequest
from dialognav.models.event import Event
from dialognav.models.meeting_elsewhere import busy_spans, engaged_elsewhere
from dialognav.models.meetings import (
    InterestConflict,
    MeetingRules,
    MeetingTable,
    Slot,
    SlotStaff,
    TeamMember,
)
from dialognav.models.registration import Attendance, Participant, Registration

_ADMITS = frozenset({Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW})
_other = aliased(Slot)
_IS_SHARED = sa.or_(
    sa.and_(Slot.online_url == "", MeetingTable.online_url != ""),
    sa.and_(
        Slot.online_url != "",
        sa.exists().where(
            _other.event_id == Slot.event_id,
            _other.id != Slot.id,
            _other.online_url == Slot.online_url,
            _other.state != SlotState.REMOVED,
        ),
    ),
)


def rules_facts(session: Session, event: Event, *, now: datetime) -> RulesFacts:
    """Of an event; has_rules is False before they are published."""
    rules = session.get(MeetingRules, event.id)
    is_on = event.state == EventState.PUBLISHED and event.phase != Phase.PROCUREMENT
    if rules is None or rules.published_at is None or now < rules.published_at:
        return RulesFacts(is_on=is_on, has_rules=False)
    return RulesFacts(
        is_on=is_on,
        hand_out=rules.hand_out,
        opens_at=rules.opens_at,
        closes_at=rules.closes_at,
        most_per_party=rules.most_per_party,
        most_people=rules.most_people,
        most_wishes=rules.most_wishes,
        languages=frozenset(rules.languages),
    )


def slot_facts(
    session: Session,
    event_id: int,
    rules: RulesFacts,
    *,
    now: datetime,
    only: Collection[int] | None = None,
    without: Collection[int] = (),
) -> dict[int, SlotFacts]:
    """{slot id: facts} by time, of those that stand, or of `only` these; three statements.

    Bookings in `without`, and holds that ran out, take no slot.
    """
    taking = sa.and_(Booking.slot_id == Slot.id, is_live(now), Booking.id.not_in(without))
    wanted = Slot.state != SlotState.REMOVED if only is None else Slot.id.in_(only)
    rows = session.execute(
        sa.select(
            *(Slot.id, Slot.starts_at, Slot.ends_at, Slot.state),
            *(Slot.published_at, Slot.opens_at),
            *(MeetingTable.mode, MeetingTable.languages),
            *(MeetingTable.removed_at, MeetingTable.lobby_at),
            _IS_SHARED.label("is_shared"),
            Booking.registration_id,
        )
        .join(Slot.table)
        .outerjoin(Booking, taking)
        .where(Slot.event_id == event_id, wanted)
        .order_by(Slot.starts_at, MeetingTable.position, Slot.id)
    ).all()
    teams = _teams(session, event_id, only, now)
    return {
        row.id: SlotFacts(
            id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            state=row.state if row.removed_at is None else SlotState.REMOVED,
            published_at=row.published_at,
            opens_at=row.opens_at,
            mode=row.mode,
            languages=frozenset(row.languages) or rules.languages,
            shares_link=bool(row.is_shared) and row.lobby_at is None,
            team=tuple(teams[row.id]),
            taken_by=row.registration_id,
        )
        for row in rows
    }


def is_live(now: datetime) -> sa.ColumnElement[bool]:
    """A booking that takes its slot: not a hold that ran out."""
    held = sa.and_(Booking.state == BookingState.HELD, Booking.until <= now)
    return sa.and_(Booking.state.in_(LIVE_BOOKING), sa.not_(held))


def _teams(
    session: Session, event_id: int, only: Collection[int] | None, now: datetime
) -> dict[int, list[TeamFacts]]:
    """{slot id: its team}, without those who have left it."""
    query = (
        sa.select(SlotStaff.slot_id, SlotStaff.role, TeamMember.id, TeamMember.away)
        .join(TeamMember, TeamMember.id == SlotStaff.member_id)
        .where(TeamMember.event_id == event_id, TeamMember.removed_at.is_(None))
        .order_by(SlotStaff.slot_id, TeamMember.id)
    )
    if only is not None:
        query = query.where(SlotStaff.slot_id.in_(only))
    rows = session.execute(query).all()
    members = {row.id for row in rows}
    elsewhere = busy_spans(engaged_elsewhere(session, event_id, now=now, members=members))
    teams: dict[int, list[TeamFacts]] = defaultdict(list)
    for slot_id, role, member_id, away in rows:
        there = tuple(elsewhere.get(member_id, ()))
        teams[slot_id].append(TeamFacts(member_id, role, spans_of(away), there))
    return teams


def spans_of(written: Iterable[Sequence[str]]) -> tuple[Span, ...]:
    """`away` as the columns hold it: [[from, until], ...] in ISO 8601."""
    return tuple((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in written)


def supplier_facts(
    session: Session,
    event_id: int,
    registration_ids: Collection[int],
    *,
    now: datetime,
    without: Collection[int] = (),
    own_alone: bool = False,
) -> dict[int, SupplierFacts]:
    """{registration id: facts}; five statements.

    A registration's own hold counts nowhere: the next one takes its place; nor does one of
    `without`. `own_alone`: people are busy in meetings of their own party only."""
    rows = session.execute(
        sa.select(
            *(Registration.id, Registration.party_key, Registration.review),
            *(Registration.withdrawn_at, Registration.merged_into_id),
            *(MeetingRequest.modes, MeetingRequest.languages, MeetingRequest.away),
        )
        .outerjoin(MeetingRequest, MeetingRequest.registration_id == Registration.id)
        .where(Registration.event_id == event_id, Registration.id.in_(registration_ids))
    ).all()
    people, admitted = _people(session, [row.id for row in rows])
    live = _live_rows(session, event_id, {row.party_key for row in rows}, now, without)
    conflicts = party_conflicts(session, event_id)
    busy = _busy(session, event_id, set().union(*people.values()), now, without)
    return {
        row.id: SupplierFacts(
            registration_id=row.id,
            may_meet=_is_registered(row) and row.id in admitted,
            people=frozenset(people[row.id]),
            party_meetings=sum(
                key == row.party_key and not (held and of == row.id) for key, of, held in live
            ),
            meetings=tuple(
                (span, frozenset({person}))
                for person, span, of, key, held in busy
                if person in people[row.id]
                and not ((held and of == row.id) or (own_alone and key != row.party_key))
            ),
            conflicts=frozenset(conflicts[row.party_key]),
            modes=frozenset(row.modes or ()),
            languages=frozenset(row.languages or ()),
            away=spans_of(row.away or ()),
        )
        for row in rows
    }


def _is_registered(one: Any) -> bool:
    is_looked_at = one.review in (Review.PENDING, Review.DECLINED)
    return one.withdrawn_at is None and one.merged_into_id is None and not is_looked_at


def _people(
    session: Session, registration_ids: Sequence[int]
) -> tuple[dict[int, set[Person]], set[int]]:
    """Who has not left, and the registrations that have a place, or never asked for one
    (decisions.md 2). What was called off, or given back, is as if it was never asked for."""
    rows = session.execute(
        sa.select(
            Participant.registration_id, Participant.email, Participant.name, Attendance.state
        )
        .outerjoin(
            Attendance,
            sa.and_(
                Attendance.participant_id == Participant.id, Attendance.state != Seat.WITHDRAWN
            ),
        )
        .where(
            Participant.registration_id.in_(registration_ids), Participant.withdrawn_at.is_(None)
        )
    ).all()
    people: dict[int, set[Person]] = defaultdict(set)
    states: dict[int, set[str | None]] = defaultdict(set)
    for registration_id, email, name, state in rows:
        people[registration_id].add((email, folded_name(name)))
        states[registration_id].add(state)
    return people, {one for one, seats in states.items() if seats & _ADMITS or seats == {None}}


def _live_rows(
    session: Session,
    event_id: int,
    keys: Collection[str],
    now: datetime,
    without: Collection[int],
) -> list[Any]:
    """(party key, registration id, whether it is held only) of each live booking."""
    is_held = Booking.state == BookingState.HELD
    return list(
        session.execute(
            sa.select(Registration.party_key, Registration.id, is_held)
            .join(Booking, Booking.registration_id == Registration.id)
            .where(
                Booking.event_id == event_id,
                Registration.party_key.in_(keys),
                Booking.id.not_in(without),
                is_live(now),
            )
        )
    )


def party_conflicts(session: Session, event_id: int) -> dict[str, set[int]]:
    """{party key: members of the team who may not meet it}: a conflict is with the organisation,
    not with one of its registrations."""
    found: dict[str, set[int]] = defaultdict(set)
    for key, member_id in session.execute(
        sa.select(Registration.party_key, InterestConflict.member_id)
        .join(InterestConflict, InterestConflict.registration_id == Registration.id)
        .where(Registration.event_id == event_id)
    ):
        found[key].add(member_id)
    return found


def _busy(
    session: Session,
    event_id: int,
    people: set[Person],
    now: datetime,
    without: Collection[int],
) -> list[tuple[Person, Span, int, str, bool]]:
    """(person, when, in whose meeting: registration and party; whether it is held only)."""
    rows = session.execute(
        sa.select(
            Participant.email,
            Participant.name,
            Slot.starts_at,
            Slot.ends_at,
            Booking.registration_id,
            Registration.party_key,
            Booking.state,
        )
        .select_from(Booking)
        .join(Registration, Registration.id == Booking.registration_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .join(Participant, Participant.id == BookingPerson.participant_id)
        .where(
            Booking.event_id == event_id,
            Participant.email.in_({email for email, _ in people}),
            Booking.id.not_in(without),
            is_live(now),
        )
    )
    return [
        ((email, folded_name(name)), (starts_at, ends_at), of, key, state == BookingState.HELD)
        for email, name, starts_at, ends_at, of, key, state in rows
    ]
