"""Gathers what domain/fairness.py weighs, and the rows of the record it rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.domain.fairness import (
    STANDS,
    Chance,
    Check,
    Given,
    How,
    Place,
    Sitting,
    weigh,
)
from dialognav.domain.meeting_terms import BookingState, RequestState, SlotState
from dialognav.models import (
    AuditEntry,
    AuditReason,
    Booking,
    BookingPerson,
    Draw,
    Event,
    MarketQuestion,
    MeetingRequest,
    MeetingRules,
    Minutes,
    SharedItem,
    Slot,
    SlotStaff,
    TeamMember,
)
from dialognav.models.meeting_facts import party_conflicts
from dialognav.queries.meeting_plans import rules_of, slots_of

PUBLIC_VERBS = (
    *("meetings.published", "meeting_rules.changed", "meetings.added"),
    *("slots.taken_back", "meeting.called_off", "meeting.answered", "meeting.list_ended"),
)
_OF_SOME_SLOTS = ("slots.removed", "table.removed", "slot.saved", "slot.blocked")


@dataclass(frozen=True, slots=True)
class Balance:
    """The event's meetings in one look. `bookings` and `given.chances` go together, in order."""

    rules: MeetingRules
    slots: Sequence[Slot]
    bookings: Sequence[Booking]
    requests: Sequence[MeetingRequest]
    team: Sequence[TeamMember]
    given: Given
    checks: Sequence[Check]


def balance_of(session: Session, event: Event, *, now: datetime) -> Balance | None:
    """Nine statements, however many meetings; None for an event without any."""
    rules = rules_of(session, event.id)
    if rules is None:
        return None
    slots, bookings = slots_of(session, event.id), _bookings(session, event.id)
    requests, team = _requests(session, event.id), _team(session, event.id)
    conflicts = party_conflicts(session, event.id)
    chances = [chance_of(one) for one in bookings]
    sittings = _sittings(slots, bookings)
    by_id = {one.id: one for one in bookings}
    given = Given(
        slot_minutes=rules.slot_minutes,
        sittings=sittings,
        chances=chances,
        queue=[_place(one) for one in requests if one.queue_number is not None],
        questions=_questions(session, event.id),
        asked_anew_at=_asked_anew(session, event),
        undeclared=sum(one.cleared_at is None for one in team if one.removed_at is None),
        conflicts=sum(
            bool(_members(one) & conflicts[by_id[one.booking_id].registration.party_key])
            for one in sittings
            if one.booking_id is not None
        ),
    )
    return Balance(rules, slots, bookings, requests, team, given, weigh(given, now=now))


def checks_of(session: Session, event: Event, *, now: datetime) -> Sequence[Check]:
    """The short version, beside the board."""
    found = balance_of(session, event, now=now)
    return found.checks if found is not None else ()


def chance_of(booking: Booking) -> Chance:
    return Chance(
        registration_id=booking.registration_id,
        how=_how(booking),
        state=booking.state,
        at=booking.offered_at or booking.created_at,
        until=booking.until,
        answered_at=booking.booked_at or booking.ended_at,
        reason=booking.reason,
    )


def _how(booking: Booking) -> How:
    if booking.draw_id is not None:
        return How.DRAWN
    if booking.offered_at is not None:
        return How.OFFERED
    return How.BY_HAND if booking.assigned_by_id is not None else How.CHOSEN


def _sittings(slots: Iterable[Slot], bookings: Iterable[Booking]) -> list[Sitting]:
    """One for each slot that can be taken or is."""
    taken = {one.slot_id: one.id for one in bookings if one.state in STANDS}
    return [
        _sitting(slot, taken.get(slot.id))
        for slot in slots
        if slot.id in taken or (slot.state == SlotState.OPEN and slot.published_at is not None)
    ]


def _sitting(slot: Slot, booking_id: int | None) -> Sitting:
    roles = {one.role for one in slot.staff}
    return Sitting(
        slot_id=slot.id,
        starts_at=slot.starts_at,
        minutes=int((slot.ends_at - slot.starts_at).total_seconds()) // 60,
        mode=slot.table.mode,
        team={
            role: frozenset(one.member_id for one in slot.staff if one.role == role)
            for role in roles
        },
        deviation=slot.deviation,
        booking_id=booking_id,
    )


def _members(one: Sitting) -> set[int]:
    return {member for members in one.team.values() for member in members}


def _place(request: MeetingRequest) -> Place:
    has_left = request.state == RequestState.WITHDRAWN
    return Place(
        request.registration_id,
        request.queue_number or 0,
        request.asked_at,
        request.changed_at if has_left else None,
    )


def _bookings(session: Session, event_id: int) -> list[Booking]:
    """All that ever were but holds that came to nothing, in the order in which they began: whoever
    filled in a form and left it was offered nothing."""
    was_hold = sa.and_(
        Booking.state.in_((BookingState.HELD, BookingState.LAPSED, BookingState.WITHDRAWN)),
        Booking.booked_at.is_(None),
        Booking.offered_at.is_(None),
    )
    query = (
        sa.select(Booking)
        .join(Booking.slot)
        .join(Slot.table)
        .join(Booking.registration)
        .where(Booking.event_id == event_id, ~was_hold)
        .options(
            contains_eager(Booking.slot).contains_eager(Slot.table),
            contains_eager(Booking.slot).selectinload(Slot.staff).joinedload(SlotStaff.member),
            contains_eager(Booking.registration),
            selectinload(Booking.people).joinedload(BookingPerson.participant),
        )
        .order_by(Booking.created_at, Booking.id)
    )
    return list(session.scalars(query))


def _requests(session: Session, event_id: int) -> list[MeetingRequest]:
    query = (
        sa.select(MeetingRequest)
        .where(MeetingRequest.event_id == event_id)
        .options(joinedload(MeetingRequest.registration, innerjoin=True))
        .order_by(MeetingRequest.queue_number, MeetingRequest.id)
    )
    return list(session.scalars(query))


def _team(session: Session, event_id: int) -> list[TeamMember]:
    """Also those who have left it: they may have been in meetings."""
    query = sa.select(TeamMember).where(TeamMember.event_id == event_id)
    return list(session.scalars(query.order_by(TeamMember.name, TeamMember.id)))


def _questions(session: Session, event_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(MarketQuestion)
    return session.scalar(query.where(MarketQuestion.event_id == event_id)) or 0


def _asked_anew(session: Session, event: Event) -> datetime | None:
    """When the questions to the market were last changed after publication."""
    if event.published_at is None:
        return None
    entries = session.execute(
        sa.select(AuditEntry.at, AuditEntry.facts)
        .where(AuditEntry.event_id == event.id, AuditEntry.verb == "event.saved")
        .where(AuditEntry.at > event.published_at)
        .order_by(AuditEntry.at.desc())
    )
    return next((at for at, facts in entries if "questions" in facts.get("changed", ())), None)


def why_none(rules: MeetingRules, request: MeetingRequest) -> str:
    """Why it got no time when all were answered by hand; nothing of what is proposed before."""
    is_left = rules.answered_at is not None and request.state != RequestState.SERVED
    return request.proposed_reason if is_left else ""


def minutes_by_booking(session: Session, booking_ids: Iterable[int]) -> dict[int, Minutes]:
    rows = session.scalars(sa.select(Minutes).where(Minutes.booking_id.in_(set(booking_ids))))
    return {one.booking_id: one for one in rows}


def rule_changes(session: Session, event: Event) -> list[tuple[AuditEntry, str]]:
    """When rules and times became public, and each change of what was, the oldest first, with its
    reason; the facts have what each rule was and is ("rules_of_meetings")."""
    entries = (
        sa.select(AuditEntry, AuditReason.text)
        .outerjoin(AuditReason, AuditReason.entry_id == AuditEntry.id)
        .where(AuditEntry.event_id == event.id)
        .where(AuditEntry.verb.in_((*PUBLIC_VERBS, *_OF_SOME_SLOTS)))
        .order_by(AuditEntry.number)
    )
    return [
        (entry, why or entry.facts.get("text", ""))
        for entry, why in session.execute(entries)
        if entry.verb not in _OF_SOME_SLOTS or _was_public(entry)
    ]


def _was_public(entry: AuditEntry) -> bool:
    """Of an entry about slots: somebody outside had read of one. Older ones say not of how many."""
    return bool(entry.facts.get("public", entry.facts.get("slots")))


def draws_of(session: Session, event_id: int) -> list[dict[str, Any]]:
    """That one was drawn, by which proof; the seed once it is public or given up."""
    rows = session.scalars(sa.select(Draw).where(Draw.event_id == event_id).order_by(Draw.id))
    return [
        {
            "id": one.public_id,
            "commitment": one.commitment,
            "committed_at": one.committed_at.isoformat(),
            "published_at": one.published_at.isoformat() if one.published_at else None,
            "given_up_at": one.ended_at.isoformat() if one.ended_at else None,
            "reason": one.end_reason,
            "seed": one.seed if one.published_at or one.ended_at else None,
            "runs": [
                {"drawn_at": run["drawn_at"], "reason": run["reason"]}
                for run in (one.runs if one.published_at or one.ended_at else ())
            ],
        }
        for one in rows
    ]


def shared_of(session: Session, event_id: int) -> list[dict[str, Any]]:
    """What was told to all, and when."""
    rows = session.scalars(
        sa.select(SharedItem)
        .where(SharedItem.event_id == event_id, SharedItem.published_at.is_not(None))
        .order_by(SharedItem.number)
    )
    return [
        {
            "number": one.number,
            "text": one.text,
            "published_at": one.published_at.isoformat() if one.published_at else None,
        }
        for one in rows
    ]
