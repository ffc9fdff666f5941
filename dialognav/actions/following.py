"""Following what is published: asked for, confirmed by the address itself, changed, left.

Whoever types an address learns nothing about it: the caller answers the same either way, and the
mail goes to that address only (decisions.md 22). No link of a follower opens anything of a
registration.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.errors import AlreadyFollowed, NotAllowedNow
from dialognav.domain.following import CONFIRM_WITHIN, MOST, Followed
from dialognav.domain.terms import Frequency
from dialognav.mail import outbox
from dialognav.mail.following_letters import confirm_letter, known_letter
from dialognav.mail.post import Post
from dialognav.models import (
    Event,
    FollowedEvent,
    MailRefusal,
    Registration,
    Subscription,
)
from dialognav.models.following import left_together, published_of


@dataclass(frozen=True, slots=True)
class Follow:
    """What somebody wants to follow, how often, and in which language to be told."""

    what: Followed
    frequency: str = Frequency.WEEKLY
    language: str = "sv"


def ask(session: Session, address: str, wish: Follow, *, now: datetime, post: Post) -> None:
    """Promise the letter that asks the address; what it follows already is told by mail too."""
    live = _live_of(session, address)
    same = next((each for each in live if each.key == wish.what.key), None)
    if same is None and (len(live) < MOST or _make_room(session, live)):
        same = _add(session, address, wish, now=now)
    if same is not None and same.confirmed_at is None:
        same.created_at, same.frequency, same.language = now, wish.frequency, wish.language
        letter = confirm_letter(same, post=post)
    elif known := [each for each in live if each.confirmed_at]:
        letter = known_letter(same or known[0], known, post=post)
    else:
        return  # asked for by two at this moment: it is being answered
    outbox.promise(session, [letter], now=now)


def ask_at_sign_up(
    session: Session, registration: Registration, *, now: datetime, post: Post
) -> None:
    """The contact ticked the box about the organiser's next events.

    Nothing is mailed where the address follows the organiser, or has been asked already.
    """
    wish = Follow(
        Followed(registration.event.organisation_id), Frequency.WEEKLY, registration.language
    )
    address = registration.contact_email
    live = _live_of(session, address)
    has_room = len(live) < MOST or any(each.confirmed_at is None for each in live)
    if has_room and all(each.key != wish.what.key for each in live):
        ask(session, address, wish, now=now, post=post)


def confirm(session: Session, subscription_id: int, *, now: datetime) -> None:
    """From now on the address is told. NotAllowedNow when the question was not answered in time."""
    row = _locked(session, subscription_id)
    if row.ended_at is not None or (
        row.confirmed_at is None and row.created_at + CONFIRM_WITHIN <= now
    ):
        raise NotAllowedNow
    row.confirmed_at = row.confirmed_at or now
    _hear_again(session, row)


def change(session: Session, subscription_id: int, wish: Follow, *, now: datetime) -> None:
    """Follow something else from now on, of what waits to be told too. AlreadyFollowed when the
    address does so elsewhere."""
    row = _locked(session, subscription_id)
    if row.ended_at is not None or row.confirmed_at is None:
        raise NotAllowedNow
    with _one_of_a_kind(session):
        _write(row, wish)
    _drop_finds(session, row, wish.what)
    _hear_again(session, row)


def leave(session: Session, subscription_id: int, *, now: datetime) -> None:
    """Told no more; a second time changes nothing (RFC 8058 clients may repeat themselves)."""
    _end(session, _locked(session, subscription_id), now=now)


def leave_weekly(session: Session, address: str, *, now: datetime) -> None:
    """No more weekly letters; what is told at once goes on."""
    for row in _weekly_of(session, address):
        _end(session, row, now=now)


def come_back_weekly(session: Session, address: str) -> None:
    """What was left by one click goes on, except what is followed otherwise by now. Nothing where
    the weekly letter still comes."""
    rows = _weekly_of(session, address)
    if any(row.ended_at is None for row in rows):
        return
    for row in left_together(rows):
        with suppress(AlreadyFollowed), _one_of_a_kind(session):
            row.ended_at = None
        _hear_again(session, row)


def come_back(session: Session, subscription_id: int) -> None:
    """It was a mistake to leave. AlreadyFollowed when the address has asked anew since."""
    row = _locked(session, subscription_id)
    with _one_of_a_kind(session):
        row.ended_at = None
    _hear_again(session, row)


def come_back_to_news(session: Session, organisation_id: int, address: str) -> None:
    """It was a mistake to refuse: what the address followed of the organiser goes on as well."""
    refusal = session.get(MailRefusal, {"organisation_id": organisation_id, "address": address})
    ended_with_it = sa.select(Subscription).where(
        Subscription.email == address,
        Subscription.organisation_id == organisation_id,
        Subscription.ended_at == (refusal.at if refusal else None),
    )
    for row in session.scalars(ended_with_it.order_by(Subscription.id)).all() if refusal else ():
        with suppress(AlreadyFollowed), _one_of_a_kind(session):
            row.ended_at = None
    take_back_refusal(session, organisation_id, address)


def refuse(session: Session, organisation_id: int, address: str, *, now: datetime) -> None:
    """No more news from this organiser; letters about what one is registered to still come."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(MailRefusal)
        .values(organisation_id=organisation_id, address=address, at=now)
        .on_conflict_do_nothing()  # mail programs repeat themselves, also at the same moment
    )
    end_with(session, organisation_id, address, now=now)


def take_back_refusal(session: Session, organisation_id: int, address: str) -> None:
    session.execute(
        sa.delete(MailRefusal)
        .where(MailRefusal.organisation_id == organisation_id, MailRefusal.address == address)
        .execution_options(synchronize_session=False)
    )


def _hear_again(session: Session, row: Subscription) -> None:
    """Whoever follows an organiser wants its news, whatever was said before."""
    if row.organisation_id is not None:
        take_back_refusal(session, row.organisation_id, row.email)


def end_with(session: Session, organisation_id: int, address: str, *, now: datetime) -> None:
    """End what the address follows of this one organiser."""
    for row in _live_of(session, address):
        if row.organisation_id == organisation_id:
            row.ended_at = now
    _untick(session, organisation_id, address)


def _live_of(session: Session, address: str) -> Sequence[Subscription]:
    """Oldest first, with their organisers."""
    return session.scalars(
        sa.select(Subscription)
        .where(Subscription.email == address, Subscription.ended_at.is_(None))
        .options(joinedload(Subscription.organisation))
        .order_by(Subscription.id)
    ).all()


def _make_room(session: Session, live: Sequence[Subscription]) -> bool:
    """The oldest question that nobody has answered goes: strangers, who can ask in anybody's name,
    keep nobody from following. False when all are answered."""
    unanswered = sorted((row.created_at, row.id) for row in live if row.confirmed_at is None)
    if not unanswered:
        return False
    session.execute(
        sa.delete(Subscription)
        .where(Subscription.id == unanswered[0][1], Subscription.confirmed_at.is_(None))
        .execution_options(synchronize_session=False)
    )
    return True


def _add(session: Session, address: str, wish: Follow, *, now: datetime) -> Subscription | None:
    """None when the same was asked for at the same moment."""
    row = Subscription(email=address, created_at=now)
    _write(row, wish)
    try:
        with _one_of_a_kind(session):
            session.add(row)
    except AlreadyFollowed:
        return None
    return row


@contextmanager
def _one_of_a_kind(session: Session) -> Iterator[None]:
    """AlreadyFollowed when the address does so by another row: the index has the last word."""
    try:
        with session.begin_nested():
            yield
    except sa.exc.IntegrityError as error:
        raise AlreadyFollowed from error


def _write(row: Subscription, wish: Follow) -> None:
    row.organisation_id, row.key = wish.what.organisation_id, wish.what.key
    row.kinds, row.phases = list(wish.what.kinds), list(wish.what.phases)
    row.cpv, row.region = wish.what.cpv, wish.what.region
    row.frequency, row.language = Frequency(wish.frequency), wish.language


def _drop_finds(session: Session, row: Subscription, what: Followed) -> None:
    """Events that wait to be told of, and are not what is followed any more."""
    finds = session.execute(
        sa.select(FollowedEvent, Event)
        .join(FollowedEvent.event)
        .where(FollowedEvent.subscription_id == row.id, FollowedEvent.told_at.is_(None))
    )
    for find, event in finds.all():
        if not what.covers(published_of(event)):
            session.delete(find)


def _locked(session: Session, subscription_id: int) -> Subscription:
    """One after the other, and after what is being told at this moment."""
    return session.get_one(
        Subscription, subscription_id, with_for_update=True, populate_existing=True
    )


def _weekly_of(session: Session, address: str) -> Sequence[Subscription]:
    """In the order in which those who tell lock them (follower_news.py)."""
    return session.scalars(
        sa.select(Subscription)
        .where(
            Subscription.email == address,
            Subscription.frequency == Frequency.WEEKLY,
            Subscription.confirmed_at.is_not(None),
        )
        .order_by(Subscription.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _end(session: Session, row: Subscription, *, now: datetime) -> None:
    if row.ended_at is None:
        row.ended_at = now
        if row.organisation_id is not None:
            _untick(session, row.organisation_id, row.email)


def _untick(session: Session, organisation_id: int, address: str) -> None:
    """What registrations say about it, so that nobody reads a wish that is taken back."""
    ours = sa.select(Event.id).where(Event.organisation_id == organisation_id)
    session.execute(
        sa.update(Registration)
        .where(
            Registration.contact_email == address,
            Registration.later_invitations,
            Registration.event_id.in_(ours),
        )
        .values(later_invitations=False)
        .execution_options(synchronize_session=False)
    )
