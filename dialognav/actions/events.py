"""Verbs of an event's own life: write, copy, publish. What moves its dates: event_moves.py."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.announcements import note_ours
from dialognav.actions.event_moves import (
    cancel,
    finish,
    move,
    note,
    note_new_deadline,
    postpone,
    require,
    set_new_date,
    switch_to_procurement,
    tell_of_change,
)
from dialognav.actions.event_parts import copy_parts, delete_parts
from dialognav.actions.event_text import add_with_free_slug, draft_of, free_slug, write_draft
from dialognav.actions.invitations import send_prepared
from dialognav.actions.occasions import (
    cancel_occasion,
    new_occasions,
    refuse_unfit_occasions,
    seat_everybody,
)
from dialognav.actions.plans import add_standard_plans
from dialognav.actions.rules import rules_of, write_rules
from dialognav.actions.series import series_since
from dialognav.domain import publishing
from dialognav.domain.draft_times import not_after, with_times
from dialognav.domain.drafts import EventDraft, changed_fields
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady
from dialognav.domain.series import as_series, fresh_series
from dialognav.domain.terms import AnnouncedAt, EventState, Visibility
from dialognav.mail.changes import announced
from dialognav.mail.post import Post
from dialognav.models import Event, Organisation, lock_event

__all__ = [
    "Saved",
    "cancel",
    "cancel_occasion",
    "copy_event",
    "create_event",
    "delete_draft",
    "move",
    "postpone",
    "publish",
    "publish_due",
    "save_event",
    "schedule",
    "set_new_date",
    "switch_to_procurement",
    "unschedule",
]


@dataclass(frozen=True, slots=True)
class Saved:
    """`changed`: fields that differ now. `told`: those of them that are on their way by mail."""

    changed: tuple[str, ...]
    told: tuple[str, ...] = ()


def create_event(
    session: Session, organisation_id: int, draft: EventDraft, *, now: datetime, actor: str
) -> Event:
    """A draft that only the organisation sees. Its slug is fixed when it is published."""
    event = _new_event(session, organisation_id, draft, now)
    add_standard_plans(session, event, now=now)
    note(session, event, "event.created", now=now, actor=actor)
    return event


def _new_event(session: Session, organisation_id: int, draft: EventDraft, now: datetime) -> Event:
    organisation = session.get_one(Organisation, organisation_id)
    event = Event(organisation=organisation, created_at=now, changed_at=now)
    with session.no_autoflush:
        write_draft(event, fresh_series(draft))
    add_with_free_slug(session, event, draft.title.get(draft.primary_language, ""))
    return event


def save_event(
    session: Session,
    event_id: int,
    draft: EventDraft,
    *,
    expected_revision: int,
    fresh: Iterable[str] = (),
    now: datetime,
    actor: str,
    post: Post,
) -> Saved:
    """Write an edited event. Those who hold a place are told what is worth telling.

    The window of sign-up stays as it is, except that it ends when the event begins.
    `fresh` are languages whose translations the editor says are right as they stand. Raises
    EditedMeanwhile when somebody saved since revision `expected_revision`, NotReady when an event
    the public sees would miss something, and what refuse_unfit_occasions() and as_series() raise.
    Who is registered to all occasions gets a seat at those that are new.
    """
    event = lock_event(session, event_id)
    if event.revision != expected_revision:
        raise EditedMeanwhile
    old, before = draft_of(event), announced(event)
    draft = _with_what_stays(event, old, draft)
    _refuse_unfit(session, event, old, draft, now)
    stale = publishing.stale_texts(old, draft, event.stale_texts)
    stale = [entry for entry in stale if entry.partition(":")[0] not in fresh]
    changed = changed_fields(old, draft)
    if not changed and stale == event.stale_texts:
        return Saved(())
    write_draft(event, draft, old=old)
    note_new_deadline(event, old.registration_closes_at, now)
    event.stale_texts = stale
    event.stale_languages = sorted({entry.partition(":")[0] for entry in stale})
    event.revision += 1
    if event.state == EventState.DRAFT and event.published_at is None:
        event.slug = free_slug(session, draft.title[draft.primary_language], keep=event)
    told: tuple[str, ...] = ()
    if event.state != EventState.DRAFT and changed:
        event.changed_at = now
        is_told = tell_of_change(session, event, before, now=now, post=post)
        added = new_occasions(event, old)
        is_told |= bool(seat_everybody(session, event, added, now=now, post=post))
        told = publishing.worth_telling(old, draft) if is_told else ()
    finish(
        session,
        event,
        "event.saved",
        now=now,
        actor=actor,
        post=post,
        changed=list(changed),
        revision=event.revision,
    )
    return Saved(changed, told)


def _with_what_stays(event: Event, old: EventDraft, draft: EventDraft) -> EventDraft:
    """The draft with what the editor does not write. NotASeries."""
    draft = replace(
        draft,
        recurrence=old.recurrence,
        registration_opens_at=old.registration_opens_at,
        registration_closes_at=not_after(old.registration_closes_at, draft.last_start),
    )
    return as_series(draft, told_since=series_since(event))


def _refuse_unfit(
    session: Session, event: Event, old: EventDraft, draft: EventDraft, now: datetime
) -> None:
    is_seen = event.state != EventState.DRAFT
    if is_seen and (missing := publishing.lacking(draft, now, is_new=False)):
        raise NotReady(*missing)
    if old.times != draft.times and event.state in (EventState.POSTPONED, EventState.CANCELLED):
        raise NotAllowedNow
    if is_seen and old.phase != draft.phase and draft.phase == "procurement":
        raise NotAllowedNow
    refuse_unfit_occasions(session, event, old, draft)


def copy_event(
    session: Session,
    event_id: int,
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    all_day: bool | None = None,
    closes_at: datetime | None,
    now: datetime,
    actor: str,
) -> Event:
    """A draft with everything of the other but its dates, result and diary number.

    The rules of admission come along, their instants do not.
    The programme keeps its distance to the start, by the wall clock, and so do several occasions.
    """
    other = session.get_one(Event, event_id)
    old = draft_of(other)
    is_same_title = title == old.title.get(old.primary_language)
    moved = with_times(old, starts_at, ends_at, all_day)
    draft = replace(
        moved,
        title=old.title if is_same_title else {old.primary_language: title},
        occasions=tuple(replace(line, id=None, online_url="") for line in moved.occasions),
        registration_opens_at=None,
        registration_closes_at=closes_at,
        diary_number="",
        milestones=(),
        after_text={},
    )
    event = _new_event(session, other.organisation_id, draft, now)
    event.copied_from_id = other.id
    rules = replace(rules_of(other), opens_at=None, closes_at=closes_at, answers_until=None)
    write_rules(event, rules)
    copy_parts(session, other, event, now=now)
    note(session, event, "event.copied", now=now, actor=actor, source=other.id)
    return event


def delete_draft(session: Session, event_id: int, *, now: datetime, actor: str) -> None:
    """Take away a draft with everything of it.

    What the public has seen is cancelled instead.
    """
    event = lock_event(session, event_id)
    require("delete", event, now)
    delete_parts(session, event.id)
    session.flush()
    session.delete(event)
    note(session, event, "event.deleted", now=now, actor=actor)


def publish(session: Session, event_id: int, *, now: datetime, actor: str, post: Post) -> Event:
    """Show the event to everyone from this instant. NotReady names what lacks."""
    event = lock_event(session, event_id)
    require("publish", event, now)
    draft = draft_of(event)
    if missing := publishing.lacking(draft, now):
        raise NotReady(*missing)
    write_draft(event, fresh_series(draft), old=draft)
    event.state = EventState.PUBLISHED
    event.publish_at = None
    event.published_at = event.changed_at = now
    event.revision += 1
    send_prepared(session, event, now=now, post=post)
    if event.visibility == Visibility.PUBLIC:
        note_ours(session, event.id, AnnouncedAt.OWN_PAGE, now=now)
    finish(session, event, "event.published", now=now, actor=actor, post=post)
    return event


def schedule(
    session: Session, event_id: int, publish_at: datetime, *, now: datetime, actor: str
) -> Event:
    """Let the event publish itself at an instant ahead. It has to be ready for it now."""
    event = lock_event(session, event_id)
    require("schedule", event, now)
    if publish_at <= now:
        raise NotReady("publish_date")
    if missing := publishing.lacking(draft_of(event), publish_at):
        raise NotReady(*missing)
    event.state = EventState.SCHEDULED
    event.publish_at = publish_at
    event.revision += 1
    note(session, event, "event.scheduled", now=now, actor=actor, at=publish_at.isoformat())
    return event


def unschedule(session: Session, event_id: int, *, now: datetime, actor: str) -> Event:
    """Make a scheduled event a draft again."""
    event = lock_event(session, event_id)
    require("unschedule", event, now)
    event.state, event.publish_at = EventState.DRAFT, None
    event.revision += 1
    note(session, event, "event.unscheduled", now=now, actor=actor)
    return event


def publish_due(session: Session, *, now: datetime, post: Post) -> list[int]:
    """Publish each scheduled event whose instant has come; ids of those published.

    One that lost something it needs goes back to being a draft, which the dashboard shows.
    """
    due = session.scalars(
        sa.select(Event.id)
        .where(Event.state == EventState.SCHEDULED, Event.publish_at <= now)
        .order_by(Event.id)
    ).all()
    published = []
    for event_id in due:
        try:
            publish(session, event_id, now=now, actor="job", post=post)
        except NotReady:
            unschedule(session, event_id, now=now, actor="job")
        except NotAllowedNow:
            continue  # somebody else was faster: published, or made it a draft again
        else:
            published.append(event_id)
    return published
