"""Meetings handed out by hand: what is proposed to each, and all answered at one instant.

Nobody outside the organisation sees a proposal. A slot that is proposed to one is proposed to
nobody else, but it is not taken: publish() finds out whether all can be had.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import meeting_offers
from dialognav.actions.booking_draws import book_one, check_all
from dialognav.actions.booking_rows import (
    bookings_where,
    check,
    locked_request,
    note,
    user_id_of,
)
from dialognav.actions.imports import ChangedMeanwhile
from dialognav.actions.meeting_list_ends import close, who_waits
from dialognav.domain.bookings import Stop, Way
from dialognav.domain.errors import CannotMeet, NotAllowedNow, ReasonNeeded
from dialognav.domain.meeting_terms import HandOut, RequestState
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingRequest, MeetingRules, lock_event
from dialognav.models.meeting_facts import rules_facts


def is_answering(rules: MeetingRules | None) -> bool:
    """Whether times are proposed first: the rule is by hand, and not all are answered."""
    return rules is not None and rules.hand_out == HandOut.BY_HAND and rules.answered_at is None


def propose(
    session: Session,
    request_id: int,
    slot_id: int | None,
    reason: str,
    *,
    now: datetime,
    actor: str,
) -> MeetingRequest:
    """The answer that a supplier is to get: this slot, or none (None), and why. It takes the place
    of what was proposed before. ReasonNeeded, NotAllowedNow, CannotMeet (TAKEN also by another
    proposal)."""
    event, request = locked_request(session, request_id)
    if not is_answering(_rules(session, event)) or request.state != RequestState.WAITING:
        raise NotAllowedNow
    if not reason.strip():
        raise ReasonNeeded
    if slot_id is not None:
        check(session, event, request.registration_id, slot_id, now=now, way=Way.STAFF)
        others = [one for one in who_waits(session, event) if one.id != request.id]
        if slot_id in {one.proposed_slot_id for one in others}:
            raise CannotMeet((Stop.TAKEN,))
    request.proposed_slot_id, request.proposed_reason = slot_id, reason.strip()
    session.flush()
    of = request.registration_id
    note(session, event, actor, "meeting.proposed", [], now=now, registration=of, slot=slot_id)
    return request


def publish(
    session: Session,
    event_id: int,
    looked_at: str,
    *,
    reason: str,
    ends: bool,
    now: datetime,
    actor: str,
    post: Post,
) -> Sequence[Booking]:
    """Book all that was proposed and answer everybody who waits, at the same moment. Those without
    a time read their own reason, or `reason`; they wait on, unless the list `ends`.

    `looked_at` is the stamp() of the preview: ChangedMeanwhile. DrawOutdated names those who cannot
    have what is proposed. ReasonNeeded when somebody gets no time and no reason; NotAllowedNow
    while one may still ask, and once all are answered.
    """
    event = lock_event(session, event_id)
    meeting_offers.lapse_due(session, event, now=now, post=post)
    rules = _to_answer(session, event, now=now)
    waiting = who_waits(session, event)
    if stamp(waiting) != looked_at:
        raise ChangedMeanwhile
    _forget_left(session, event)
    left = [one for one in waiting if one.proposed_slot_id is None]
    if any(not (one.proposed_reason or reason.strip()) for one in left):
        raise ReasonNeeded
    booked = _book(session, event, waiting, now=now, actor=actor)
    rules.answered_at = now
    for one in left:
        one.proposed_reason = one.proposed_reason or reason.strip()
    if ends:
        close(session, event, now=now)
    meeting_notices.tell_answered(session, event, booked, left, now=now, post=post)
    ids = [one.registration_id for one in left]
    facts: dict[str, object] = {"got": len(booked), "left": ids, "ends": ends}
    note(session, event, actor, "meeting.answered", [], now=now, reason=reason.strip(), **facts)
    for given in booked:
        note(session, event, actor, "meeting.assigned", [given], now=now, reason=given.reason)
    return booked


def stamp(waiting: Sequence[MeetingRequest]) -> str:
    """Names one preview: what is proposed to whom, and why."""
    said = [(one.id, one.proposed_slot_id, one.proposed_reason) for one in waiting]
    return hashlib.sha256(repr(sorted(said)).encode()).hexdigest()[:16]


def _book(
    session: Session,
    event: Event,
    waiting: Sequence[MeetingRequest],
    *,
    now: datetime,
    actor: str,
) -> list[Booking]:
    ids = []
    for one in waiting:
        if one.proposed_slot_id is not None:
            by = {"assigned_by_id": user_id_of(actor), "reason": one.proposed_reason}
            ids.append(book_one(session, one, one.proposed_slot_id, now=now, **by))
            one.proposed_slot_id, one.proposed_reason = None, ""
    check_all(session, event, ids, now=now)
    return bookings_where(session, Booking.id.in_(ids))


def _forget_left(session: Session, event: Event) -> None:
    """What was proposed to those who no longer wait is nobody's answer."""
    session.execute(
        sa.update(MeetingRequest)
        .where(MeetingRequest.event_id == event.id, MeetingRequest.state != RequestState.WAITING)
        .values(proposed_slot_id=None, proposed_reason="")
        .execution_options(synchronize_session=False)
    )


def _to_answer(session: Session, event: Event, *, now: datetime) -> MeetingRules:
    rules = _rules(session, event)
    if rules is None or not is_answering(rules) or not rules_facts(session, event, now=now).is_on:
        raise NotAllowedNow
    if rules.published_at is None or (rules.closes_at is not None and now < rules.closes_at):
        raise NotAllowedNow
    return rules


def _rules(session: Session, event: Event) -> MeetingRules | None:
    return session.get(MeetingRules, event.id, populate_existing=True)
