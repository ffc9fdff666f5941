"""The demo's followers, what they have been told of, and where else an event was announced."""

import tomllib
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import announcements, follower_news, following
from dialognav.actions.announcements import Note
from dialognav.actions.following import Follow
from dialognav.domain.following import Followed, last_digest
from dialognav.domain.timing import to_instant, to_wall
from dialognav.mail.post import Post
from dialognav.models import Event, Organisation, Subscription

CONTENT = Path(__file__).with_name("followers.toml")
_BEFORE = timedelta(days=60)
_WEEK = timedelta(days=7)


def tell_some(session: Session, user_id: int, *, now: datetime, post: Post) -> None:
    """As the job would have done it on the day each event was published, and on Mondays."""
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    events = session.scalars(
        sa.select(Event).where(Event.published_at <= now, Event.starts_at > now)
    ).all()
    published = [event.published_at for event in events if event.published_at is not None]
    for given in content["follower"]:
        _follow(session, given, now=min(published) - _BEFORE, post=post)
    moments = set(published)
    monday = last_digest(now)
    while monday > min(published):
        moments.add(monday)
        monday -= _WEEK
    for moment in sorted(moments):
        _tell(session, events, now=moment, post=post)
    for given in content["announcement"]:
        _announce(session, given, user_id)


def _follow(session: Session, given: dict[str, Any], *, now: datetime, post: Post) -> None:
    owner = session.scalar(
        sa.select(Organisation.id).where(Organisation.slug == given.get("organisation", ""))
    )
    what = Followed(owner, tuple(given.get("kinds", ())), cpv=given.get("cpv", ""))
    wish = Follow(what, given["frequency"], given["language"])
    following.ask(session, given["email"], wish, now=now, post=post)
    row = session.scalars(
        sa.select(Subscription).filter_by(email=given["email"], key=what.key)
    ).one()
    following.confirm(session, row.id, now=now)


def _tell(session: Session, events: Sequence[Event], *, now: datetime, post: Post) -> None:
    for event in events:
        if event.published_at is not None and event.published_at <= now:
            follower_news.find_followers(session, event.id, now=now)
    follower_news.tell_followers(session, now=now, post=post)


def _announce(session: Session, given: dict[str, Any], user_id: int) -> None:
    """On a day, of which nobody noted the time."""
    event = session.scalars(sa.select(Event).filter_by(slug=given["event"])).one()
    assert event.published_at is not None
    day = to_wall(event.published_at, event.zone).date() + timedelta(days=given["days"])
    at = to_instant(datetime.combine(day, time(0)), event.zone)
    note = Note(given["place"], at, reference=given["reference"])
    announcements.add(session, event.id, note, user_id=user_id, now=at + timedelta(hours=9))
