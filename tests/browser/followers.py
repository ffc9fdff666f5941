"""Somebody who follows by mail, who has been asked, and who has left; and where an event was
announced."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import announcements, following
from dialognav.actions.announcements import Note
from dialognav.actions.following import Follow
from dialognav.domain.following import Followed
from dialognav.domain.terms import AnnouncedAt
from dialognav.mail.bounce_addresses import letter_link
from dialognav.mail.post import Post
from dialognav.models import Event, Letter, Organisation, Subscription, User
from dialognav.tokens import REFUSAL, SUBSCRIPTION, WEEKLY, make_link


def make_followers(
    session: Session, key: str, slug: str, *, now: datetime, post: Post
) -> dict[str, str]:
    """What the addresses of pages.py name in braces; `slug` is that of the announced event."""
    owner = session.scalars(sa.select(Organisation).order_by(Organisation.id)).first()
    assert owner is not None
    wishes = {
        "follows": Followed(owner.id, ("seminar", "workshop"), cpv="33", region="SE232"),
        "asked_to_follow": Followed(),
        "followed_once": Followed(region="SE110"),
    }
    links = {}
    for name, what in wishes.items():
        address = f"{name}@leverantor.example"
        following.ask(session, address, Follow(what), now=now, post=post)
        row = session.scalars(sa.select(Subscription).filter_by(email=address)).one()
        links[name] = make_link(key, SUBSCRIPTION, row.public_id, 0)
        links[f"{name}_weekly"] = make_link(key, WEEKLY, row.public_id, 0)
        if name != "asked_to_follow":
            following.confirm(session, row.id, now=now)
        if name == "followed_once":
            following.leave(session, row.id, now=now)
    letter = session.scalars(
        sa.select(Letter).where(Letter.organisation_id == owner.id).order_by(Letter.id)
    ).first()
    assert letter is not None
    links["refusal"] = letter_link(key, REFUSAL, letter.public_id)
    return links | _announce(session, slug, now=now)


def _announce(session: Session, slug: str, *, now: datetime) -> dict[str, str]:
    event = session.scalars(sa.select(Event).filter_by(slug=slug)).one()
    user = session.scalars(sa.select(User.id).order_by(User.id)).first()
    assert user is not None
    note = Note("ted", now, reference="2027/S 7-12345", url="https://ted.europa.example/12345")
    row = announcements.add(session, event.id, note, user_id=user, now=now)
    announcements.note_ours(session, event.id, AnnouncedAt.FOLLOWERS, now=now, reached=214)
    return {"announcement_id": row.public_id}
