"""Private calendars to subscribe to: asked for, made, renewed, revoked (calendar.md 2.7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.errors import EditedMeanwhile, NotFound
from dialognav.mail.feed_letters import tell_feed_link
from dialognav.mail.post import Post
from dialognav.models import CalendarFeed, Organisation
from dialognav.tokens import fingerprint

LINK_LASTS = timedelta(hours=1)


def mail_link(
    session: Session,
    address: str,
    organisation_ids: Sequence[int],
    *,
    language: str,
    now: datetime,
    post: Post,
) -> None:
    """Promise the one-time link, if the address takes part in anything or has a calendar.

    `organisation_ids` are those at whose events it does. Only who reads the mail of an address gets
    its calendar, and the caller answers the same either way. An earlier link stops working.
    """
    whose = CalendarFeed.address == address
    if not organisation_ids and _readable(session, whose) is None:
        return
    session.execute(
        sa.delete(CalendarFeed)
        .where(whose, CalendarFeed.fingerprint.is_(None))
        .execution_options(synchronize_session=False)
    )
    feed = CalendarFeed(
        address=address, language=language, created_at=now, expires_at=now + LINK_LASTS
    )
    session.add(feed)
    session.flush()
    only = organisation_ids[0] if len(organisation_ids) == 1 else 0
    tell_feed_link(session, feed, session.get(Organisation, only), now=now, post=post)


def make(session: Session, feed_id: int, secret: str, *, now: datetime) -> None:
    """Use the link up: from now on the secret opens the calendar of its address, and no other does.

    NotFound when the link was used or ran out meanwhile.
    """
    address = _use_up(session, feed_id, now=now, fingerprint=fingerprint(secret), created_at=now)
    _end(session, CalendarFeed.address == address, CalendarFeed.id != feed_id, now=now)


def revoke(session: Session, feed_id: int, *, now: datetime) -> None:
    """Use the link up to end every calendar of its address. NotFound as for make()."""
    address = _use_up(session, feed_id, now=now, revoked_at=now)
    _end(session, CalendarFeed.address == address, now=now)


def make_for_staff(
    session: Session,
    user_id: int,
    organisation_id: int,
    secret: str,
    *,
    language: str,
    instead_of: str,
    now: datetime,
) -> None:
    """A calendar of what the organisation arranges, in the place of the one before.

    EditedMeanwhile when that is no longer `instead_of` (its public id, or ""): a page sent twice
    must not make the address useless that it showed the first time.
    """
    whose = _of_staff(user_id, organisation_id)
    if _readable(session, whose) != (instead_of or None):
        raise EditedMeanwhile
    _end(session, whose, now=now)
    session.add(
        CalendarFeed(
            fingerprint=fingerprint(secret),
            user_id=user_id,
            organisation_id=organisation_id,
            language=language,
            created_at=now,
        )
    )
    _note(session, user_id, organisation_id, "calendar.made", now=now)


def revoke_for_staff(
    session: Session, user_id: int, organisation_id: int, *, now: datetime
) -> None:
    """By the member, or because the membership ends."""
    if _end(session, _of_staff(user_id, organisation_id), now=now):
        _note(session, user_id, organisation_id, "calendar.revoked", now=now)


def forget_calendar(session: Session, address: str) -> None:
    """Nobody here has the address any more."""
    session.execute(
        sa.delete(CalendarFeed)
        .where(CalendarFeed.address == address)
        .execution_options(synchronize_session=False)
    )


def _use_up(session: Session, feed_id: int, *, now: datetime, **given: object) -> str:
    """The address of the link, which nobody else has used; two at once take turns here."""
    address = session.scalar(
        sa.update(CalendarFeed)
        .where(
            CalendarFeed.id == feed_id,
            CalendarFeed.fingerprint.is_(None),
            CalendarFeed.revoked_at.is_(None),
            CalendarFeed.expires_at > now,
        )
        .values(given)
        .returning(CalendarFeed.address)
        .execution_options(synchronize_session=False)
    )
    if address is None:
        raise NotFound
    return address


def _of_staff(user_id: int, organisation_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(CalendarFeed.user_id == user_id, CalendarFeed.organisation_id == organisation_id)


def _readable(session: Session, whose: sa.ColumnElement[bool]) -> str | None:
    """The public id of the calendar that can be subscribed to now."""
    alive = (CalendarFeed.fingerprint.is_not(None), CalendarFeed.revoked_at.is_(None))
    return session.scalar(sa.select(CalendarFeed.public_id).where(whose, *alive).limit(1))


def _end(session: Session, *which: sa.ColumnElement[bool], now: datetime) -> int:
    """How many ended; of an address also the links that nobody has used yet."""
    ended = session.scalars(
        sa.update(CalendarFeed)
        .where(*which, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(CalendarFeed.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def _note(
    session: Session, user_id: int, organisation_id: int, verb: str, *, now: datetime
) -> None:
    session.flush()
    whom = f"user:{user_id}"
    audit.record(session, organisation_id, whom, verb, whom, now=now)
