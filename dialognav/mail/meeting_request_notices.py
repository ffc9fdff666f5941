"""What suppliers are told who have no meeting yet, and of the result of a draw. Never commits."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.domain.meeting_terms import RequestState
from dialognav.domain.terms import EventState
from dialognav.mail import outbox
from dialognav.mail.letters import Facts
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_outgoing import Outgoing
from dialognav.mail.meeting_people import meetings_of
from dialognav.mail.meeting_readers import registrations_that_may
from dialognav.mail.meeting_request_letters import AskingLetters, positions, rule_facts
from dialognav.mail.post import Post
from dialognav.models import (
    Booking,
    Draw,
    Event,
    MeetingRequest,
    MeetingRules,
    Registration,
    Slot,
    Wish,
)

Drawn = tuple[MeetingRequest, Booking | None, Facts]
"""What became of one supplier's wishes, and the explanation (domain/allocation.py, Outcome) as
facts: {"wish", "missed": [{"wish", "why"}], "left"}."""


def _asking(
    session: Session, event_id: int, post: Post, *, by_new_clock: bool = False
) -> AskingLetters:
    """`by_new_clock`: what they were told of the same times before is no longer so."""
    event = session.get_one(Event, event_id)
    said = rule_facts(session, event) | ({"by_new_clock": True} if by_new_clock else {})
    return AskingLetters(MeetingWriter(event, post), said)


def tell_offered(
    session: Session,
    bookings: Sequence[Booking],
    *,
    by_new_clock: bool = False,
    now: datetime,
    post: Post,
) -> None:
    """A time is held for each until `Booking.until`; no calendar part (decisions.md 14)."""
    if bookings:
        to = _asking(session, bookings[0].event_id, post, by_new_clock=by_new_clock)
        letters = [to.offered(meeting) for meeting in meetings_of(session, bookings)]
        outbox.promise(session, letters, now=now)


def tell_lapsed(
    session: Session, bookings: Sequence[Booking], *, now: datetime, post: Post
) -> None:
    """Nobody answered the offer in time."""
    if bookings:
        to = _asking(session, bookings[0].event_id, post)
        letters = [to.lapsed(meeting) for meeting in meetings_of(session, bookings)]
        outbox.promise(session, letters, now=now)


def tell_stopped(
    session: Session,
    requests: Sequence[MeetingRequest],
    *,
    reason: str = "",
    ended: bool = False,
    now: datetime,
    post: Post,
) -> None:
    """Nobody gets what they asked or waited for: the list has `ended`; or the rest is called off,
    with a `reason`; else the procurement has begun."""
    if requests:
        to = _asking(session, requests[0].event_id, post)
        letters = [to.stopped(one.registration, reason, ended=ended) for one in requests]
        outbox.promise(session, letters, now=now)


def tell_waiting(
    session: Session, requests: Sequence[MeetingRequest], *, now: datetime, post: Post
) -> None:
    """On the waiting list: the place in it, by which rule it moves, by when one knows (P9)."""
    if requests:
        session.flush()
        to = _asking(session, requests[0].event_id, post)
        places = positions(session, requests[0].event_id)
        letters = [to.waiting(one, places.get(one.registration_id)) for one in requests]
        outbox.promise(session, letters, now=now)


def tell_wished(
    session: Session,
    requests: Sequence[MeetingRequest],
    *,
    by_new_clock: bool = False,
    now: datetime,
    post: Post,
) -> None:
    """What was wished for has come in, or was changed; the newest letter says all of it."""
    if requests:
        session.flush()
        to = _asking(session, requests[0].event_id, post, by_new_clock=by_new_clock)
        outbox.promise(session, [to.wished(one) for one in requests], now=now)


def tell_wished_for(
    session: Session,
    event: Event,
    slots: Collection[Slot],
    *,
    reason: str = "",
    now: datetime,
    post: Post,
) -> None:
    """Times to come were taken away or blocked, or can be had again: to whoever has wished for one
    of them and waits for the draw, once, after the quiet time."""
    changed = {slot.id: slot for slot in slots if slot.starts_at > now}
    if not changed or event.state != EventState.PUBLISHED:
        return
    session.flush()
    wished = sa.exists().where(Wish.request_id == MeetingRequest.id, Wish.slot_id.in_(changed))
    requests = session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.event_id == event.id, wished)
        .where(MeetingRequest.state == RequestState.WAITING, MeetingRequest.queue_number.is_(None))
        .options(selectinload(MeetingRequest.wishes).joinedload(Wish.slot))
        .order_by(MeetingRequest.id)
    ).all()
    if requests:
        to = _asking(session, event.id, post)
        closes_at = session.get_one(MeetingRules, event.id).closes_at
        letters = [
            to.fallen(
                one,
                [
                    to.wish_change(changed[wish.slot_id], one.registration.language)
                    for wish in one.wishes
                    if wish.slot_id in changed
                ],
                reason=reason,
                may_change=closes_at is not None and now < closes_at,
                delay=post.quiet_window,
            )
            for one in requests
        ]
        outbox.promise(session, letters, now=now)


def tell_result(
    session: Session, draw: Draw, results: Sequence[Drawn], *, now: datetime, post: Post
) -> None:
    """The published result to all at once: with a meeting, the invitation; else the place in the
    queue. Tell nothing else about those bookings."""
    session.flush()
    outgoing = Outgoing.of(session, draw.event_id, now=now, post=post)
    to = AskingLetters(outgoing.writer, rule_facts(session, outgoing.writer.event))
    places = positions(session, draw.event_id)
    why = {booking.id: explanation for _request, booking, explanation in results if booking}
    for meeting in outgoing.meetings([booking for _request, booking, _why in results if booking]):
        told = {"how": "drawn", "explanation": dict(why[meeting.booking.id])}
        outgoing.booked(meeting, "meeting_result", {"meetings": {**to.rule, **told}})
    outgoing.letters += [
        to.left_out(request, explanation, places.get(request.registration_id))
        for request, booking, explanation in results
        if booking is None
    ]
    outgoing.send()


def tell_answered(
    session: Session,
    event: Event,
    booked: Sequence[Booking],
    left: Sequence[MeetingRequest],
    *,
    now: datetime,
    post: Post,
) -> None:
    """All who asked where the organiser hands out by hand, at once: who has a time gets the
    invitation, the others that they have none, each with the reason."""
    session.flush()
    outgoing = Outgoing.of(session, event.id, now=now, post=post)
    to = AskingLetters(outgoing.writer, rule_facts(session, event))
    for meeting in outgoing.meetings(booked):
        outgoing.booked(meeting)
    outgoing.letters += [to.without_time(request) for request in left]
    outgoing.send()


def tell_added(
    session: Session, event: Event, slots: Sequence[Slot], *, now: datetime, post: Post
) -> None:
    """Published slots, the first or later ones, to all who may take one, at the same moment."""
    if not slots:
        return
    to = _asking(session, event.id, post)
    outbox.promise(
        session,
        [to.added(each, slots) for each in registrations_that_may(session, event)],
        now=now,
    )


def tell_choose(
    session: Session,
    event: Event,
    registrations: Sequence[Registration],
    *,
    now: datetime,
    post: Post,
) -> None:
    """They may take a meeting, or wish for one, and have not."""
    to = _asking(session, event.id, post)
    outbox.promise(session, [to.choose(each) for each in registrations], now=now)
