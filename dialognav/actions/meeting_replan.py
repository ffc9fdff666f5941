"""Somebody of the team cannot come: all of their meetings are planned anew in one step."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions import booking_sets, bookings, meeting_offers
from dialognav.actions.booking_sets import Move, Team
from dialognav.actions.imports import ChangedMeanwhile
from dialognav.domain.bookings import Span
from dialognav.domain.errors import NotFound, ReasonNeeded
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.replanning import Step, Way, impossible
from dialognav.domain.slots import stored_spans
from dialognav.mail.post import Post
from dialognav.models import Event, TeamMember, lock_event
from dialognav.models.meeting_facts import spans_of
from dialognav.models.meeting_losses import Absence, absence_of


def send_away(
    session: Session,
    member_id: int,
    span: Span,
    steps: Sequence[Step],
    *,
    reason: str,
    now: datetime,
    actor: str,
    post: Post,
) -> Absence:
    """The member is away, and each of their meetings then goes the way its step says.

    Everybody whom it concerns is told once. Free times that have team enough without the member
    stay free; the others cannot be handed out. NotFound for who has left the team; ReasonNeeded;
    ChangedMeanwhile when a step is missing, or no longer possible: nothing is done then. Returns
    how it was before.
    """
    event, member = _locked(session, member_id)
    if not reason.strip():
        raise ReasonNeeded
    meeting_offers.lapse_due(session, event, now=now, post=post)
    absence = absence_of(session, event, member, span, now=now)
    is_whole = {step.booking_id for step in steps} == set(absence.bookings)
    if not is_whole or impossible(absence.losses, steps):
        raise ChangedMeanwhile
    away = spans_of(member.away)
    if not any(begins <= span[0] and span[1] <= ends for begins, ends in away):
        member.away = stored_spans([*away, span])
    session.flush()
    _note(session, event, member, span, steps, now=now, actor=actor)
    for booking_id in _offers_back(absence, steps):
        bookings.cancel(session, booking_id, reason, now=now, actor=actor, post=post)
    moves, staffing = _moves(absence, steps), _staffing(absence, member.id, steps)
    if moves or staffing:
        booking_sets.replan(
            session, event.id, moves, staffing, reason=reason, now=now, actor=actor, post=post
        )
    return absence


def _locked(session: Session, member_id: int) -> tuple[Event, TeamMember]:
    found = session.get(TeamMember, member_id)
    if found is None:
        raise NotFound
    event = lock_event(session, found.event_id)
    member = session.get_one(TeamMember, member_id, populate_existing=True)
    if member.removed_at is not None:
        raise NotFound
    return event, member


def _note(
    session: Session,
    event: Event,
    member: TeamMember,
    span: Span,
    steps: Sequence[Step],
    *,
    now: datetime,
    actor: str,
) -> None:
    ways = {str(step.booking_id): str(step.way) for step in steps}
    audit.record(
        session,
        event.organisation_id,
        actor,
        "meeting.team_away",
        f"team_member:{member.id}",
        now=now,
        event_id=event.id,
        facts={"from": span[0].isoformat(), "until": span[1].isoformat(), "bookings": ways},
    )


def _offers_back(absence: Absence, steps: Sequence[Step]) -> list[int]:
    """Offers that nobody can stand behind any more, to be taken back."""
    return [
        step.booking_id
        for step in steps
        if step.way == Way.QUEUE and absence.bookings[step.booking_id].state == BookingState.OFFERED
    ]


def _moves(absence: Absence, steps: Sequence[Step]) -> list[Move]:
    back = _offers_back(absence, steps)
    return [
        Move(step.booking_id, step.target_id if step.way == Way.MOVE else None)
        for step in steps
        if step.way in (Way.MOVE, Way.QUEUE) and step.booking_id not in back
    ]


def _staffing(absence: Absence, member_id: int, steps: Sequence[Step]) -> dict[int, Team]:
    """Of the meetings that stay, and of the free times that can do without the member."""
    staffed: dict[int, Team] = {
        slot_id: [one for one in absence.teams[slot_id] if one[0] != member_id]
        for slot_id in absence.spare
    }
    for step in steps:
        if step.way in (Way.STAND_IN, Way.WITHOUT):
            slot_id = absence.bookings[step.booking_id].slot_id
            staffed[slot_id] = _team_with(absence.teams[slot_id], member_id, step.target_id)
    return staffed


def _team_with(team: Team, gone: int, new: int | None) -> Team:
    """The same team with `new` in the role of who is gone."""
    role = dict(team)[gone]
    kept = [one for one in team if one[0] not in (gone, new)]
    return [*kept, (new, role)] if new is not None else kept
