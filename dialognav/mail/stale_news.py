"""News for followers, looked at once more before it leaves: much may have happened since it was
written, while the server was away or ten thousand others went first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.mail import claims
from dialognav.mail.claims import Claimed
from dialognav.mail.following_letters import NEWS
from dialognav.models import Event, MailRefusal, Subscription
from dialognav.models.following import is_news

STALE = "news: stale"
"""`Letter.last_error` of what was not sent."""


def has_any(letters: Sequence[Claimed]) -> bool:
    return any(one.kind == NEWS for one in letters)


def without_stale(session: Session, letters: Sequence[Claimed], *, now: datetime) -> list[Claimed]:
    """The letters; those to followers without events that are no news any more and without what
    nobody follows any more. A letter of which nothing is left is dropped. Three statements."""
    news = [one for one in letters if one.kind == NEWS]
    live = _live(session, news)
    owners = _owners(session, news, now)
    refused = _refused(session, news)
    kept = []
    for one in letters:
        if one.kind != NEWS:
            kept.append(one)
            continue
        said = one.facts["follow"]
        follows = [each for each in said["subscriptions"] if each["link"]["public_id"] in live]
        events = [
            each
            for each in said["events"]
            if each["id"] in owners and (one.recipient, owners[each["id"]]) not in refused
        ]
        if follows and events:
            said = {**said, "subscriptions": follows, "events": events}
            kept.append(replace(one, facts={**one.facts, "follow": said}))
        else:
            claims.drop(session, one, STALE)
    return kept


def _live(session: Session, news: Sequence[Claimed]) -> set[str]:
    ids = {
        each["link"]["public_id"] for one in news for each in one.facts["follow"]["subscriptions"]
    }
    query = sa.select(Subscription.public_id).where(
        Subscription.public_id.in_(ids),
        Subscription.confirmed_at.is_not(None),
        Subscription.ended_at.is_(None),
    )
    return set(session.scalars(query))


def _owners(session: Session, news: Sequence[Claimed], now: datetime) -> dict[int, int]:
    """{event: organisation} of those that are news."""
    ids = {each["id"] for one in news for each in one.facts["follow"]["events"]}
    query = sa.select(Event.id, Event.organisation_id).where(Event.id.in_(ids), is_news(now))
    return {row.id: row.organisation_id for row in session.execute(query)}


def _refused(session: Session, news: Sequence[Claimed]) -> set[tuple[str, int]]:
    query = sa.select(MailRefusal.address, MailRefusal.organisation_id).where(
        MailRefusal.address.in_({one.recipient for one in news})
    )
    return {(row.address, row.organisation_id) for row in session.execute(query)}
