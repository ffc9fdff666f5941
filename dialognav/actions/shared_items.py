"""What was said to one supplier and concerns all: written neutrally, then published for everybody.

A published item is never changed or taken away: what was wrong is put right by another.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.held_meetings import record
from dialognav.actions.message_sending import start
from dialognav.actions.message_states import needs_approval
from dialognav.actions.messages import create_message
from dialognav.db import Text
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound, NotReady
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.terms import EventState
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Message, SharedItem, lock_event

_UNSEEN = (EventState.DRAFT, EventState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Source:
    """Where it was said, and when: for the organiser's own record, never public."""

    booking_id: int | None = None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """A message about it to all who are registered; `at_once` where no other has to approve it."""

    draft: MessageDraft
    at_once: bool = False


def write_item(
    session: Session,
    event_id: int,
    text: Text,
    source: Source,
    *,
    user_id: int,
    now: datetime,
    actor: str,
) -> SharedItem:
    """A new draft. NotFound for a meeting of another event."""
    event = lock_event(session, event_id)
    if source.booking_id is not None:
        found = session.scalar(sa.select(Booking.event_id).where(Booking.id == source.booking_id))
        if found != event_id:
            raise NotFound
    item = SharedItem(
        event_id=event_id,
        booking_id=source.booking_id,
        said_at=source.said_at,
        text=text,
        created_at=now,
        created_by_id=user_id,
    )
    session.add(item)
    _note(session, event, item, "shared.written", now=now, actor=actor)
    return item


def save_item(
    session: Session,
    item_id: int,
    text: Text,
    *,
    expected_revision: int,
    now: datetime,
    actor: str,
) -> SharedItem:
    """Write over a draft. EditedMeanwhile, NotAllowedNow when it is published."""
    event, item = _draft(session, item_id)
    if item.revision != expected_revision:
        raise EditedMeanwhile
    if item.text != text:
        item.text = text
        item.revision += 1
        _note(session, event, item, "shared.saved", now=now, actor=actor)
    return item


def delete_item(session: Session, item_id: int, *, now: datetime, actor: str) -> None:
    """Throw a draft away. NotAllowedNow when it is published."""
    event, item = _draft(session, item_id)
    _note(session, event, item, "shared.deleted", now=now, actor=actor)
    session.delete(item)


def publish_items(
    session: Session,
    event_id: int,
    seen: dict[str, int],
    news: News | None,
    *,
    user_id: int,
    now: datetime,
    actor: str,
    post: Post,
) -> Message | None:
    """Numbered, and on the public page for everybody at the same instant; the message, if any.

    `seen` is {public id: revision on the page}: EditedMeanwhile when one says something else by
    now. NotReady without items, or one without words in the event's first language; NotAllowedNow
    while nobody sees the event. A message that reaches nobody stays a draft.
    """
    event = lock_event(session, event_id)
    items = _to_publish(session, event, seen)
    message = _write_message(session, event, news, user_id=user_id, now=now, actor=actor, post=post)
    last = session.scalar(
        sa.select(sa.func.max(SharedItem.number)).where(SharedItem.event_id == event_id)
    )
    for number, item in enumerate(items, (last or 0) + 1):
        item.number, item.published_at, item.published_by_id = number, now, user_id
        item.revision += 1
        _note(session, event, item, "shared.published", now=now, actor=actor)
    event.changed_at = now
    session.flush()
    return message


def _to_publish(session: Session, event: Event, seen: dict[str, int]) -> list[SharedItem]:
    if event.state in _UNSEEN:
        raise NotAllowedNow
    items = _items(session, event.id, seen)
    if not items:
        raise NotReady("items")
    if len(items) != len(seen) or any(seen[one.public_id] != one.revision for one in items):
        raise EditedMeanwhile
    if any(not one.text.get(event.primary_language, "").strip() for one in items):
        raise NotReady("text")
    return items


def _items(session: Session, event_id: int, ids: Collection[str]) -> list[SharedItem]:
    """The drafts among them, in the order of writing."""
    query = (
        sa.select(SharedItem)
        .where(SharedItem.event_id == event_id, SharedItem.public_id.in_(ids))
        .where(SharedItem.published_at.is_(None))
        .order_by(SharedItem.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _write_message(
    session: Session,
    event: Event,
    news: News | None,
    *,
    user_id: int,
    now: datetime,
    actor: str,
    post: Post,
) -> Message | None:
    """Before any other audit row (lock_message)."""
    if news is None:
        return None
    message = create_message(
        session,
        event.organisation_id,
        event.id,
        news.draft,
        primary_language=event.primary_language,
        author_id=user_id,
        now=now,
        actor=actor,
    )
    if news.at_once and not needs_approval(message):
        try:
            start(session, message.id, now=now, actor=actor, post=post)
        except NotReady:  # nobody is registered, so there is nobody to tell
            return message
    return message


def _draft(session: Session, item_id: int) -> tuple[Event, SharedItem]:
    event_id = session.scalar(sa.select(SharedItem.event_id).where(SharedItem.id == item_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    item = session.get(SharedItem, item_id, populate_existing=True)
    if item is None:
        raise NotFound
    if item.published_at is not None:
        raise NotAllowedNow
    return event, item


def _note(
    session: Session, event: Event, item: SharedItem, verb: str, *, now: datetime, actor: str
) -> None:
    session.flush()
    number = {"number": item.number} if item.number else {}
    record(session, event, verb, f"shared:{item.id}", now=now, actor=actor, **number)
