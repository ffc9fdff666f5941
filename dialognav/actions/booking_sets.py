"""A day planned anew: many one-to-one meetings moved, put off and staffed in one step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.actions import meeting_offers
from dialognav.actions.booking_changes import check_ahead
from dialognav.actions.booking_rows import bookings_where, first_in_line, note
from dialognav.actions.booking_taking import leave_link, put_at
from dialognav.actions.meeting_claims import claim
from dialognav.domain.bookings import SlotFacts, TeamFacts
from dialognav.domain.errors import CannotMeet, NotFound, ReasonNeeded, TwoPlaces
from dialognav.domain.meeting_teams import twice_at_once
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.slots import Span
from dialognav.domain.standings import Standing, clashes
from dialognav.mail import meeting_notices
from dialognav.mail.meeting_notices import Moved, Staffed
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Slot, SlotStaff, TeamMember, lock_event
from dialognav.models.meeting_facts import rules_facts, slot_facts, spans_of
from dialognav.models.meeting_standings import standings_of

Team = Sequence[tuple[int, str]]
"""Who is at a slot: (member id, TableRole)."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where one booking goes; None: it has no time for now, and goes first in the queue."""

    booking_id: int
    slot_id: int | None


def replan(
    session: Session,
    event_id: int,
    moves: Sequence[Move],
    staffing: Mapping[int, Team],
    *,
    reason: str,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Booking]:
    """Move, put off and staff many at once ({slot id: its team from now on}, also of free slots),
    judged by how all stands afterwards; everybody is told once, with the reason.

    ReasonNeeded; TwoPlaces; EngagedElsewhere; CannotMeet for a slot that cannot be had;
    NotAllowedNow for a booking that is not booked. Slots left free are not offered on: see
    meeting_offers.offer_on().
    """
    event = lock_event(session, event_id)
    if not reason.strip():
        raise ReasonNeeded
    meeting_offers.lapse_due(session, event, now=now, post=post)
    bookings = _to_replan(session, event, moves, now=now)
    teams = _teams(session, event, staffing)
    _check_plan(session, event, moves, teams, now=now)
    targets = {one.booking_id: one.slot_id for one in moves if one.slot_id is not None}
    gone = [bookings[one.booking_id] for one in moves if one.slot_id is None]
    for booking in sorted(gone, key=lambda one: one.slot.starts_at, reverse=True):
        booking.state, booking.ended_at = BookingState.CANCELLED, now
        leave_link(booking)
        first_in_line(session, booking, now=now)
    moved = _move_all(session, bookings, targets)
    staffed = _staff_all(session, teams)
    session.flush()
    touched = [*gone, *(booking for booking, _slot, _team in moved)]
    meeting_notices.tell_replanned(
        session,
        moved=moved,
        ended=gone,
        staffed=staffed,
        reason=reason,
        now=now,
        post=post,
    )
    slots = sorted(teams)
    note(session, event, actor, "meeting.replanned", touched, now=now, reason=reason, slots=slots)
    if stayed := _others_at(session, slots, touched):
        note(session, event, actor, "meeting.restaffed", stayed, now=now, reason=reason)
    return touched


def _others_at(
    session: Session, slot_ids: Iterable[int], touched: Sequence[Booking]
) -> list[Booking]:
    """The meetings that stay where they are, with other people of ours."""
    known = [one.id for one in touched]
    stays = Booking.slot_id.in_(slot_ids), Booking.state == BookingState.BOOKED
    return bookings_where(session, *stays, Booking.id.not_in(known))


def _to_replan(
    session: Session, event: Event, moves: Sequence[Move], *, now: datetime
) -> dict[int, Booking]:
    """NotFound for another event's, NotAllowedNow for one that is not booked or has begun."""
    ids = [one.booking_id for one in moves]
    rows = bookings_where(session, Booking.event_id == event.id, Booking.id.in_(ids))
    found = {booking.id: booking for booking in rows}
    if len(found) != len(ids):
        raise NotFound
    for booking in rows:
        check_ahead(booking, now=now)
    return found


def _teams(
    session: Session, event: Event, staffing: Mapping[int, Team]
) -> dict[int, list[tuple[TeamMember, str]]]:
    """{slot id: (member, role)}. NotFound for somebody who is not of the team."""
    ids = {member_id for team in staffing.values() for member_id, _role in team}
    rows = session.scalars(
        sa.select(TeamMember).where(
            TeamMember.event_id == event.id,
            TeamMember.id.in_(ids),
            TeamMember.removed_at.is_(None),
        )
    )
    members = {one.id: one for one in rows}
    if set(members) != ids:
        raise NotFound
    return {
        slot_id: [(members[member_id], role) for member_id, role in team]
        for slot_id, team in staffing.items()
    }


def _check_plan(
    session: Session,
    event: Event,
    moves: Sequence[Move],
    teams: Mapping[int, Sequence[tuple[TeamMember, str]]],
    *,
    now: datetime,
) -> None:
    """CannotMeet, TwoPlaces or EngagedElsewhere, judged by how all would stand."""
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now)
    targets = {one.booking_id: one.slot_id for one in moves}
    if not {*teams, *(one for one in targets.values() if one is not None)} <= set(slots):
        raise NotFound
    claim(session, event, _who_is_new(slots, teams), now=now)
    for slot_id, team in teams.items():
        facts = [TeamFacts(one.id, role, spans_of(one.away)) for one, role in team]
        slots[slot_id] = replace(slots[slot_id], team=tuple(facts))
    standings = list(_after(standings_of(session, event.id, now=now), targets))
    judged = {one.booking_id for one in standings if one.slot_id in teams} | set(targets)
    wrong = clashes(standings, slots, rules, now, judged=judged)
    if wrong:
        raise CannotMeet(next(iter(wrong.values())), rules.most_per_party)
    there = {slot.id: [one.member_id for one in slot.team] for slot in slots.values()}
    twice = twice_at_once(there, {slot.id: slot.span for slot in slots.values()})
    if twice & {one.id for team in teams.values() for one, _role in team}:
        raise TwoPlaces(*sorted(twice))


def _who_is_new(
    slots: Mapping[int, SlotFacts], teams: Mapping[int, Sequence[tuple[TeamMember, str]]]
) -> list[tuple[Span, set[int]]]:
    """At which time: those who were not in that meeting."""
    return [
        (
            Span(*slots[slot_id].span),
            {one.id for one, _role in team} - {one.member_id for one in slots[slot_id].team},
        )
        for slot_id, team in teams.items()
    ]


def _after(standings: Sequence[Standing], targets: Mapping[int, int | None]) -> Iterator[Standing]:
    for one in standings:
        slot_id = targets.get(one.booking_id, one.slot_id)
        if slot_id is not None:
            yield replace(one, slot_id=slot_id)


def _move_all(
    session: Session, bookings: Mapping[int, Booking], targets: Mapping[int, int]
) -> list[Moved]:
    """One after the other as slots come free. Where they would change places, one makes room for
    the others first: no slot has two at any time."""
    moved = []
    left = dict(targets)
    while left:
        taken = {bookings[one].slot_id for one in left}
        free = [one for one, slot_id in left.items() if slot_id not in taken]
        if not free:
            aside = bookings[next(iter(left))]
            aside.state = BookingState.CANCELLED
            session.flush()
            moved += _move_all(
                session, bookings, {one: left[one] for one in left if one != aside.id}
            )
            free, left = [aside.id], {aside.id: left[aside.id]}
            aside.state = BookingState.BOOKED
        for one in free:
            moved.append(put_at(session, bookings[one], left.pop(one)))
    return moved


def _staff_all(
    session: Session, teams: Mapping[int, Sequence[tuple[TeamMember, str]]]
) -> list[Staffed]:
    rows = session.scalars(
        sa.select(Slot)
        .where(Slot.id.in_(teams))
        .order_by(Slot.starts_at, Slot.id)
        .options(selectinload(Slot.staff).joinedload(SlotStaff.member))
    )
    staffed: list[Staffed] = []
    for slot in rows:
        before = {each.member_id: each for each in slot.staff}
        team = teams[slot.id]
        gone = [each.member for each in slot.staff if each.member_id not in {m.id for m, _ in team}]
        new = [member for member, _role in team if member.id not in before]
        slot.staff = [before.get(one.id) or SlotStaff(member=one, role=role) for one, role in team]
        for each, (_member, role) in zip(slot.staff, team, strict=True):
            each.role = role
        staffed.append((slot, gone, new))
    return staffed
