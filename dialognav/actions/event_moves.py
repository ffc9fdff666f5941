"""Verbs that change when, where or whether an event is held, and tell those it concerns."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.answering import ask_again, ask_again_where_moved
from dialognav.actions.event_text import draft_of, write_draft
from dialognav.actions.publications import keep_public_objects
from dialognav.actions.queue_ends import BY_PROCUREMENT, close_queue
from dialognav.actions.queues import fit_offers, resume_queue
from dialognav.domain import publishing
from dialognav.domain.drafts import EventDraft, Text
from dialognav.domain.errors import NotAllowedNow, NotReady
from dialognav.domain.occasions import OccasionLine
from dialognav.domain.series import keeps_places
from dialognav.domain.terms import EventState, Phase
from dialognav.domain.timing import to_instant, to_wall
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
    no deadline is after the last start.
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


def not_after(closes_at: datetime | None, starts_at: datetime) -> datetime | None:
    """Registration is over when the last of it begins, also when that was moved forward."""
    return None if closes_at is None else min(closes_at, starts_at)


def with_times(
    draft: EventDraft, starts_at: datetime, ends_at: datetime, all_day: bool | None = None
) -> EventDraft:
    """The draft at another time, its programme moved as far by the wall clock as the start.

    So are its occasions when there are several: `ends_at` and `all_day` then say nothing, each is
    as long as it was. A series keeps its rule. `all_day` None: as it is.
    """
    if starts_at >= ends_at and not draft.has_several:
        raise NotReady("ends_time")
    zone = draft.zone
    shift = to_wall(starts_at, zone) - to_wall(draft.starts_at, zone)

    def moved(at: datetime) -> datetime:
        return to_instant(to_wall(at, zone) + shift, zone)

    def moved_line(line: OccasionLine) -> OccasionLine:
        begins, recurs_at = moved(line.starts_at), line.recurs_at
        if recurs_at is not None and not keeps_places(draft.recurrence):
            recurs_at = moved(recurs_at)
        if draft.has_several:
            return replace(line, starts_at=begins, ends_at=moved(line.ends_at), recurs_at=recurs_at)
        is_whole = line.all_day if all_day is None else all_day
        return replace(
            line, starts_at=begins, ends_at=ends_at, all_day=is_whole, recurs_at=recurs_at
        )

    occasions = tuple(map(moved_line, draft.occasions))
    programme = tuple(
        replace(
            line,
            starts_at=moved(line.starts_at),
            ends_at=moved(line.ends_at) if line.ends_at else None,
        )
        for line in draft.programme
    )
    return replace(draft, occasions=occasions, programme=programme)


def _write(event: Event, old: EventDraft, new: EventDraft, now: datetime) -> None:
    _move_cancelled(event, old, new)
    write_draft(event, new, old=old)
    event.revision += 1
    if event.state != EventState.DRAFT:
        event.changed_at = now
    note_new_deadline(event, old.registration_closes_at, now)


def _move_cancelled(event: Event, old: EventDraft, new: EventDraft) -> None:
    """A cancelled date of a series keeps its place in the rule when all of the series moves."""
    if keeps_places(old.recurrence):
        return
    shift = to_wall(new.starts_at, new.zone) - to_wall(old.starts_at, old.zone)
    for occasion in event.occasions:
        if occasion.cancelled_at is not None and occasion.recurs_at is not None:
            place = to_wall(occasion.recurs_at, event.zone) + shift
            occasion.recurs_at = to_instant(place, event.zone)


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
    """The date a postponed event waited for. Those who kept a place are asked whether it suits."""
    event = lock_event(session, event_id)
    require("set_new_date", event, now)
    if starts_at <= now:
        raise NotReady("date")
    old = draft_of(event)
    moved = with_times(old, starts_at, ends_at, all_day)
    new = replace(moved, registration_closes_at=closes_at)
    event.state, event.reason = EventState.PUBLISHED, {}
    event.redated_at = now
    _write(event, old, new, now)
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
    notices.tell_cancelled(session, event, now=now, post=post)
    finish(session, event, "event.cancelled", now=now, actor=actor, post=post)
    return event


def switch_to_procurement(
    session: Session, event_id: int, *, now: datetime, actor: str, post: Post
) -> Event:
    """The procurement begins: sign-up ends with it, in one action (decisions.md 6, OSL 19:3).

    The queue ends too, and those in it are told: nobody gets a place after that.
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
    if event.state in (EventState.PUBLISHED, EventState.POSTPONED):
        close_queue(session, event, BY_PROCUREMENT, now=now, post=post)
    note(session, event, "event.to_procurement", now=now, actor=actor, closed=closed_now)
    return event
