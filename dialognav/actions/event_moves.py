"""Verbs that change when, where or whether an event is held, and tell those it concerns."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.answering import ask_again, ask_again_where_moved
from dialognav.actions.event_text import draft_of, write_draft
from dialognav.actions.meeting_effects import event_redated, event_stopped
from dialognav.actions.message_sending import stop_for_event
from dialognav.actions.plan_runs import renew_under_way
from dialognav.actions.plans import switch_off_plans
from dialognav.actions.publications import keep_public_objects
from dialognav.actions.queue_ends import BY_PROCUREMENT, close_queue
from dialognav.actions.queues import fit_offers, resume_queue
from dialognav.actions.series import move_cancelled, refuse_lost_series
from dialognav.domain import publishing
from dialognav.domain.draft_times import not_after, with_times
from dialognav.domain.drafts import EventDraft, Text
from dialognav.domain.errors import NotAllowedNow, NotReady
from dialognav.domain.terms import EventState, Phase
from dialognav.mail import notices
from dialognav.mail.changes import Announced, Changes, announced
from dialognav.mail.post import Post
from dialognav.mail.unsent_changes import answers_given, forget_told, forget_unsent, note_unsent
from dialognav.models import Event, lock_event


def require(verb: str, event: Event, now: datetime) -> None:
    """NotAllowedNow unless the event's state lets the verb happen."""
    if not publishing.may_now(verb, event.state, event.ends_at, event.phase, now):
        raise NotAllowedNow


def note(
    session: Session, event: Event, verb: str, *, now: datetime, actor: str, **facts: Any
) -> None:
    """The audit row of a verb on the event itself."""
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts=facts,
    )


def finish(
    session: Session,
    event: Event,
    verb: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
    **facts: Any,
) -> None:
    """End a verb on what the public sees: number its calendar entries anew, write the audit row."""
    keep_public_objects(session, event, now=now, post=post)
    note(session, event, verb, now=now, actor=actor, **facts)


def tell_of_change(
    session: Session, event: Event, before: Announced, *, now: datetime, post: Post
) -> bool:
    """Promise letters when places or times differ from `before`. What is over is told nobody.

    A queue that had closed opens again when the event was put off.
    """
    session.flush()
    changes = Changes(before, announced(event))
    ends_at = max(o.ends_at for o in changes.now.occasions.values())
    if changes.is_empty or event.state != EventState.PUBLISHED or ends_at <= now:
        return False
    renew_under_way(session, event, now=now)
    fit_offers(session, event, now=now)
    forget_told(session, event)
    unsent = {**before.kept, **answers_given(session, event)} if post.quiet_window else None
    notices.tell_changed(session, event, changes, now=now, post=post)
    ask_again_where_moved(session, changes)
    if unsent:
        note_unsent(session, event, unsent, now=now, post=post)
    resume_queue(session, event, now=now, post=post)
    return True


def move(
    session: Session,
    event_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    all_day: bool | None = None,
    closes_at: datetime | None = None,
    now: datetime,
    actor: str,
    post: Post,
) -> bool:
    """Give the event another time; whether anything changed. Those registered are told.

    The programme keeps its distance to the start. `closes_at` replaces the deadline when given;
    no deadline is after the last start. NoSuchTime, NotASeries over a change of the clocks.
    """
    event = lock_event(session, event_id)
    require("move", event, now)
    before = announced(event)
    old = draft_of(event)
    moved = with_times(old, starts_at, ends_at, all_day)
    deadline = not_after(closes_at or old.registration_closes_at, moved.last_start)
    new = replace(moved, registration_closes_at=deadline)
    if new == old:
        return False
    _write(event, old, new, now)
    told = tell_of_change(session, event, before, now=now, post=post)
    finish(
        session,
        event,
        "event.moved",
        now=now,
        actor=actor,
        post=post,
        before=old.starts_at.isoformat(),
        after=starts_at.isoformat(),
        told=told,
    )
    return True


def _write(event: Event, old: EventDraft, new: EventDraft, now: datetime) -> None:
    refuse_lost_series(event, old, new)
    move_cancelled(event, old, new)
    write_draft(event, new, old=old)
    event.revision += 1
    if event.state != EventState.DRAFT:
        event.changed_at = now
    note_new_deadline(event, old.registration_closes_at, now)


def note_new_deadline(event: Event, old: datetime | None, now: datetime) -> None:
    """The deadline is one of the published rules, also when it moves with the dates."""
    if event.published_at is not None and event.registration_closes_at != old:
        event.rules_changed_at = now


def postpone(
    session: Session, event_id: int, reason: Text, *, now: datetime, actor: str, post: Post
) -> Event:
    """The date no longer holds and no other is known; places and queue are kept (decisions.md 5).

    `reason` is shown on the page and in the letters.
    """
    event = lock_event(session, event_id)
    require("postpone", event, now)
    _leave(session, event, EventState.POSTPONED, reason, now)
    stop_for_event(session, event, now=now, actor=actor, post=post)
    event_stopped(session, event, reason, now=now, actor=actor, post=post)
    notices.tell_postponed(session, event, now=now, post=post)
    finish(session, event, "event.postponed", now=now, actor=actor, post=post)
    return event


def _leave(session: Session, event: Event, state: EventState, reason: Text, now: datetime) -> None:
    event.state, event.reason, event.publish_at = state, reason, None
    event.revision += 1
    event.changed_at = now
    forget_unsent(session, event)
    session.flush()


def set_new_date(
    session: Session,
    event_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    all_day: bool | None = None,
    closes_at: datetime | None,
    now: datetime,
    actor: str,
    post: Post,
) -> Event:
    """The date a postponed event waited for. Those who kept a place are asked whether it suits.
    Raises what move() does."""
    event = lock_event(session, event_id)
    require("set_new_date", event, now)
    if starts_at <= now:
        raise NotReady("date")
    old = draft_of(event)
    moved = with_times(old, starts_at, ends_at, all_day)
    new = replace(moved, registration_closes_at=closes_at)
    _write(event, old, new, now)
    event.state, event.reason = EventState.PUBLISHED, {}
    event.redated_at = now
    event_redated(session, event, now=now, actor=actor)
    session.flush()
    ask_again(session, [each.id for each in event.occasions])
    fit_offers(session, event, now=now, anew=True)
    notices.tell_new_date(session, event, now=now, post=post)
    resume_queue(session, event, now=now, post=post)
    finish(
        session,
        event,
        "event.new_date",
        now=now,
        actor=actor,
        post=post,
        after=starts_at.isoformat(),
    )
    return event


def cancel(
    session: Session, event_id: int, reason: Text, *, now: datetime, actor: str, post: Post
) -> Event:
    """Call the event off for good. Everyone registered is told at once, with the reason."""
    event = lock_event(session, event_id)
    require("cancel", event, now)
    was_seen = event.state != EventState.SCHEDULED
    if not was_seen:
        event.published_at = now
    _leave(session, event, EventState.CANCELLED, reason, now)
    stop_for_event(session, event, now=now, actor=actor, post=post)
    event_stopped(session, event, reason, now=now, actor=actor, post=post)
    notices.tell_cancelled(session, event, now=now, post=post)
    finish(session, event, "event.cancelled", now=now, actor=actor, post=post)
    return event


def switch_to_procurement(
    session: Session, event_id: int, *, now: datetime, actor: str, post: Post
) -> Event:
    """The procurement begins: sign-up ends with it, in one action (decisions.md 6, OSL 19:3).

    The queue ends too, and those in it are told: nobody gets a place after that. One-to-one
    meetings that are still to come are called off.
    """
    event = lock_event(session, event_id)
    require("to_procurement", event, now)
    event.phase, before = Phase.PROCUREMENT, event.registration_closes_at
    closed_now = event.registration_closes_at is None or event.registration_closes_at > now
    if closed_now:
        event.registration_closes_at = now
    note_new_deadline(event, before, now)
    if event.state == EventState.SCHEDULED:
        event.state, event.publish_at = EventState.DRAFT, None
    event.revision += 1
    event.changed_at = now
    switch_off_plans(session, event)
    stop_for_event(session, event, now=now, actor=actor, post=post)
    event_stopped(session, event, {}, now=now, actor=actor, post=post)
    if event.state in (EventState.PUBLISHED, EventState.POSTPONED):
        close_queue(session, event, BY_PROCUREMENT, now=now, post=post)
    note(session, event, "event.to_procurement", now=now, actor=actor, closed=closed_now)
    return event
