"""The demo's meetings that were held: who came, minutes in every state, and what all were told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import minutes, minutes_checks, shared_items
from dialognav.actions.meeting_presence import mark_meeting
from dialognav.actions.shared_items import Source
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Membership

Given = dict[str, Any]
_AFTER = timedelta(hours=3)


def hold_meetings(
    session: Session,
    event: Event,
    given: Given,
    booked: Sequence[Booking],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """The last of them did not come. Minutes of the others, as far as they have come."""
    *came, absent = booked
    for booking in came:
        people = {one.participant_id for one in booking.people}
        mark_meeting(session, booking.id, people, now=booking.slot.ends_at, actor=actor)
    mark_meeting(session, absent.id, (), now=absent.slot.ends_at, actor=actor)
    for booking, one in zip(came, given["minutes_of"], strict=True):
        _write(session, booking, one, now=now, actor=actor, post=post)
    _share(session, event, given["shared"], came[0], now=now, actor=actor, post=post)


def _write(
    session: Session, booking: Booking, one: Given, *, now: datetime, actor: str, post: Post
) -> None:
    """Written the same day. What waits for a supplier's answer was sent two days ago."""
    then, written_at = one["then"], booking.slot.ends_at + _AFTER
    writer_id = int(actor.removeprefix("user:"))
    made = minutes.save_minutes(
        session,
        booking.id,
        one["text"].strip(),
        expected_revision=0,
        writer_id=writer_id,
        now=written_at,
        actor=actor,
    )
    if then == "draft":
        return
    sent_at = now - timedelta(days=2) if then == "sent" else written_at
    minutes.send_for_check(
        session, booking.id, seen=made.revision, now=sent_at, actor=actor, post=post
    )
    if then == "sent":
        return
    _check(session, booking, one, made.id, at=sent_at + timedelta(days=1))
    if then == "approved":
        approver = _colleague(session, booking, writer_id)
        session.refresh(made)
        minutes.approve(
            session,
            booking.id,
            seen=made.revision,
            user_id=approver,
            now=sent_at + timedelta(days=2),
            actor=f"user:{approver}",
            post=post,
        )


def _check(
    session: Session, booking: Booking, one: Given, minutes_id: int, *, at: datetime
) -> None:
    """What the supplier says, and marks as a possible trade secret."""
    theirs: dict[str, Any] = {
        "number": 1,
        "now": at,
        "actor": f"registration:{booking.registration.public_id}",
    }
    minutes_checks.answer_check(session, minutes_id, one.get("correction", ""), **theirs)
    if "mark" in one:
        reason = one["mark_reason"]
        minutes_checks.mark_passage(session, minutes_id, one["mark"], reason, **theirs)


def _colleague(session: Session, booking: Booking, writer_id: int) -> int:
    """Somebody else of the organisation approves."""
    organisation_id = booking.registration.event.organisation_id
    return session.scalars(
        sa.select(Membership.user_id)
        .where(Membership.organisation_id == organisation_id, Membership.user_id != writer_id)
        .order_by(Membership.id)
    ).all()[0]


def _share(
    session: Session,
    event: Event,
    items: Sequence[Given],
    booking: Booking,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """What one was told and all are to know; the last is not public yet."""
    user_id = int(actor.removeprefix("user:"))
    at = booking.slot.ends_at + timedelta(days=1)
    source = Source(booking.id, booking.slot.starts_at)
    by: dict[str, Any] = {"user_id": user_id, "actor": actor}
    for one in items:
        text = {code: one[code] for code in ("sv", "en")}
        written_at = now - timedelta(hours=20) if "draft" in one else at
        item = shared_items.write_item(session, event.id, text, source, now=written_at, **by)
        session.flush()
        if "draft" not in one:
            seen = {item.public_id: item.revision}
            shared_items.publish_items(session, event.id, seen, None, now=at, post=post, **by)
