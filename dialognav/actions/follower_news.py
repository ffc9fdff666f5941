"""A published event reaches those who follow it: found once, told once per address.

What an address follows by the week comes in one letter, however many ways it follows.

Two steps, so that each is short: find_followers() writes down who is to be told of an event, and
tell_followers() promises the letters, at once or with Monday's. Whatever happens to the event in
between counts: what is called off, or no longer public, is not told.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav.actions.announcements import note_ours
from dialognav.domain.following import Followed, last_digest, next_digest
from dialognav.domain.terms import AnnouncedAt, Frequency
from dialognav.mail import outbox
from dialognav.mail.following_letters import NewsWriter
from dialognav.mail.letters import Letter
from dialognav.mail.post import Post
from dialognav.models import (
    DeadAddress,
    Event,
    FollowedEvent,
    MailRefusal,
    Subscription,
)
from dialognav.models.following import is_news, published_of

ADDRESSES = 500  # told in one step
_AT_ONCE = 1_000

Pair = tuple[str, int]
"""An address and an event: told once."""


# --- whom it concerns -------------------------------------------------------------------------


def events_to_find_for(session: Session, *, now: datetime) -> Sequence[int]:
    """Published events whose followers nobody has looked for. A cheap look before the work."""
    found = session.scalars(
        sa.select(Event.id)
        .where(is_news(now), Event.followers_found_at.is_(None))
        .order_by(Event.id)
        .limit(100)
    )
    return found.all()


def find_followers(session: Session, event_id: int, *, now: datetime) -> int:
    """Write down who is to be told of the event; how many. Once, whoever else tries."""
    event = session.scalar(
        sa.update(Event)
        .where(Event.id == event_id, Event.followers_found_at.is_(None), is_news(now))
        .values(followers_found_at=now)
        .returning(Event)
        .execution_options(synchronize_session=False)
    )
    if event is None:
        return 0
    published = published_of(event)
    found = [
        {"subscription_id": row_id, "event_id": event_id, "found_at": now}
        for row_id, followed in _followed(session, event.organisation_id)
        if followed.covers(published)
    ]
    for start in range(0, len(found), _AT_ONCE):
        session.execute(sa.insert(FollowedEvent), found[start : start + _AT_ONCE])
    note_ours(session, event_id, AnnouncedAt.OWN_PAGE, now=now)
    return len(found)


def _followed(session: Session, organisation_id: int) -> Iterator[tuple[int, Followed]]:
    """What may be about this organiser's events, of addresses that mail reaches."""
    dead = sa.exists().where(DeadAddress.address == Subscription.email)
    columns = (
        Subscription.id,
        Subscription.organisation_id,
        Subscription.kinds,
        Subscription.phases,
        Subscription.cpv,
        Subscription.region,
    )
    rows = session.execute(
        sa.select(*columns).where(
            Subscription.confirmed_at.is_not(None),
            Subscription.ended_at.is_(None),
            sa.or_(
                Subscription.organisation_id.is_(None),
                Subscription.organisation_id == organisation_id,
            ),
            ~dead,
        )
    )
    for row in rows:
        kinds, phases = tuple(row.kinds), tuple(row.phases)
        yield row.id, Followed(row.organisation_id, kinds, phases, row.cpv, row.region)


# --- telling ----------------------------------------------------------------------------------


def has_news(session: Session, *, now: datetime) -> bool:
    """A cheap look before tell_followers(), which takes SQLite's only writer."""
    return bool(_addresses(session, now=now, most=1))


def tell_followers(session: Session, *, now: datetime, post: Post) -> int:
    """One step: letters to at most ADDRESSES addresses with all that is due to them. How many
    letters. An address that follows in several ways is told of an event by one of them."""
    addresses = _addresses(session, now=now, most=ADDRESSES)
    if not addresses:
        return 0
    subscriptions = _lock(session, addresses)
    due = _due_of(session, subscriptions, now=now)
    told = _told(session, addresses, {event_id for _id, event_id in due})
    refused = _refused(session, addresses)
    events = _events(session, {event_id for _id, event_id in due})
    of_row: defaultdict[int, list[Event]] = defaultdict(list)
    for row_id, event_id in due:
        of_row[row_id].append(events[event_id])
    writer, letters = NewsWriter(post), list[Letter]()
    reached: defaultdict[int, set[str]] = defaultdict(set)
    for rows in _by_letter(subscriptions):
        address, news = rows[0].email, list[Event]()
        for event in chain.from_iterable(of_row[row.id] for row in rows):
            if (address, event.id) in told or (address, event.organisation_id) in refused:
                continue
            news.append(event)
            told.add((address, event.id))
            reached[event.id].add(address)
        if news:
            letters.append(writer.letter(rows, news))
    _settle(session, due, now=now)
    outbox.promise(session, letters, now=now, are_new=True)
    for event_id in sorted(reached):
        note_ours(session, event_id, AnnouncedAt.FOLLOWERS, now=now, reached=len(reached[event_id]))
    return len(letters)


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    """At once; or with Monday's letter, and before it where sign-up would end until the next."""
    ends_at = sa.func.coalesce(Event.registration_closes_at, Event.starts_at)
    return sa.and_(
        FollowedEvent.told_at.is_(None),
        Subscription.confirmed_at.is_not(None),
        Subscription.ended_at.is_(None),
        is_news(now),
        sa.or_(
            Subscription.frequency == Frequency.AT_ONCE,
            FollowedEvent.found_at < last_digest(now),
            ends_at <= next_digest(now),
        ),
    )


def _addresses(session: Session, *, now: datetime, most: int) -> Sequence[str]:
    return session.scalars(
        sa.select(Subscription.email)
        .join(FollowedEvent, FollowedEvent.subscription_id == Subscription.id)
        .join(FollowedEvent.event)
        .where(_is_due(now))
        .distinct()
        .order_by(Subscription.email)
        .limit(most)
    ).all()


def _lock(session: Session, addresses: Sequence[str]) -> Sequence[Subscription]:
    """What these addresses follow, oldest first. Workers take turns at an address, and with whoever
    leaves at this moment; SQLite has one writer anyway."""
    return session.scalars(
        sa.select(Subscription)
        .where(
            Subscription.email.in_(addresses),
            Subscription.confirmed_at.is_not(None),
            Subscription.ended_at.is_(None),
        )
        .options(selectinload(Subscription.organisation))
        .order_by(Subscription.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _by_letter(subscriptions: Sequence[Subscription]) -> Iterator[list[Subscription]]:
    """What one letter is for: each of those told at once, before all weekly ones of an address."""
    weekly: defaultdict[str, list[Subscription]] = defaultdict(list)
    for each in subscriptions:
        if each.frequency == Frequency.AT_ONCE:
            yield [each]
        else:
            weekly[each.email].append(each)
    yield from weekly.values()


def _due_of(
    session: Session, subscriptions: Sequence[Subscription], *, now: datetime
) -> list[tuple[int, int]]:
    """[(subscription, event)], read after the lock."""
    ids = [each.id for each in subscriptions]
    rows = session.execute(
        sa.select(FollowedEvent.subscription_id, FollowedEvent.event_id)
        .join(Subscription, FollowedEvent.subscription_id == Subscription.id)
        .join(FollowedEvent.event)
        .where(FollowedEvent.subscription_id.in_(ids), _is_due(now))
        .order_by(FollowedEvent.subscription_id, FollowedEvent.event_id)
    )
    return [(row.subscription_id, row.event_id) for row in rows]


def _told(session: Session, addresses: Sequence[str], event_ids: set[int]) -> set[Pair]:
    rows = session.execute(
        sa.select(Subscription.email, FollowedEvent.event_id)
        .join(FollowedEvent, FollowedEvent.subscription_id == Subscription.id)
        .where(
            Subscription.email.in_(addresses),
            FollowedEvent.event_id.in_(event_ids),
            FollowedEvent.told_at.is_not(None),
        )
    )
    return {(row.email, row.event_id) for row in rows}


def _refused(session: Session, addresses: Sequence[str]) -> set[Pair]:
    """Addresses that want nothing from an organiser."""
    rows = session.execute(
        sa.select(MailRefusal.address, MailRefusal.organisation_id).where(
            MailRefusal.address.in_(addresses)
        )
    )
    return {(row.address, row.organisation_id) for row in rows}


def _events(session: Session, ids: set[int]) -> dict[int, Event]:
    rows = session.scalars(
        sa.select(Event)
        .where(Event.id.in_(ids))
        .options(joinedload(Event.organisation), selectinload(Event.occasions))
    )
    return {event.id: event for event in rows}


def _settle(session: Session, due: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Told, by these or by another of the same address."""
    of_event: defaultdict[int, list[int]] = defaultdict(list)
    for subscription_id, event_id in due:
        of_event[event_id].append(subscription_id)
    for event_id in sorted(of_event):
        session.execute(
            sa.update(FollowedEvent)
            .where(
                FollowedEvent.event_id == event_id,
                FollowedEvent.subscription_id.in_(of_event[event_id]),
            )
            .values(told_at=now)
            .execution_options(synchronize_session=False)
        )
