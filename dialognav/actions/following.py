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
    Participant,
    Registration,
    Subscription,
)
from dialognav.models.following import left_together


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
    if same is None and len(live) < MOST:
        same = _add(session, address, wish, now=now)
    if same is not None and same.confirmed_at is None:
        same.created_at, same.frequency, same.language = now, wish.frequency, wish.language
        letter = confirm_letter(same, post=post)
    elif known := [each for each in live if each.confirmed_at]:
        letter = known_letter(same or known[0], known, post=post)
    else:
        return  # asked for twenty times, or by two at this moment: it is being answered
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
    if len(live) < MOST and all(each.key != wish.what.key for each in live):
        ask(session, address, wish, now=now, post=post)


def confirm(session: Session, subscription_id: int, *, now: datetime) -> None:
    """From now on the address is told. NotAllowedNow when the question was never answered in time.

    Whoever follows an organiser wants its news again, whatever was said before.
    """
    row = _locked(session, subscription_id)
    if row.ended_at is not None or (
        row.confirmed_at is None and row.created_at + CONFIRM_WITHIN <= now
    ):
        raise NotAllowedNow
    row.confirmed_at = row.confirmed_at or now
    if row.organisation_id is not None:
        take_back_refusal(session, row.organisation_id, row.email)


def change(session: Session, subscription_id: int, wish: Follow, *, now: datetime) -> None:
    """Follow something else from now on. AlreadyFollowed when the address does so elsewhere."""
    row = _locked(session, subscription_id)
    if row.ended_at is not None or row.confirmed_at is None:
        raise NotAllowedNow
    with _one_of_a_kind(session):
        _write(row, wish)
    if row.organisation_id is not None:
        take_back_refusal(session, row.organisation_id, row.email)


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


def come_back(session: Session, subscription_id: int) -> None:
    """It was a mistake to leave. AlreadyFollowed when the address has asked anew since."""
    row = _locked(session, subscription_id)
    with _one_of_a_kind(session):
        row.ended_at = None


def refuse(session: Session, organisation_id: int, address: str, *, now: datetime) -> None:
    """No more news from this organiser; letters about what one is registered to still come."""
    whose = {"organisation_id": organisation_id, "address": address}
    if session.get(MailRefusal, whose) is None:
        session.add(MailRefusal(**whose, at=now))
    end_with(session, organisation_id, address, now=now)


def take_back_refusal(session: Session, organisation_id: int, address: str) -> None:
    session.execute(
        sa.delete(MailRefusal)
        .where(MailRefusal.organisation_id == organisation_id, MailRefusal.address == address)
        .execution_options(synchronize_session=False)
    )


def end_with(session: Session, organisation_id: int, address: str, *, now: datetime) -> None:
    """End what the address follows of this one organiser."""
    for row in _live_of(session, address):
        if row.organisation_id == organisation_id:
            row.ended_at = now
    _untick(session, organisation_id, address)


def forget_follower(session: Session, address: str, organisation_id: int | None = None) -> None:
    """The address goes: what it follows, and what it refused; of one organiser, or everywhere.

    What it refused of one organiser stays while it is registered there: else it got the news again.
    """
    mine = [Subscription.email == address]
    refused = [MailRefusal.address == address]
    if organisation_id is not None:
        mine.append(Subscription.organisation_id == organisation_id)
        refused.append(MailRefusal.organisation_id == organisation_id)
        refused.append(~_is_registered(address, organisation_id))
    ids = sa.select(Subscription.id).where(*mine)
    for rows in (
        sa.delete(FollowedEvent).where(FollowedEvent.subscription_id.in_(ids)),
        sa.delete(Subscription).where(*mine),
        sa.delete(MailRefusal).where(*refused),
    ):
        session.execute(rows.execution_options(synchronize_session=False))


def _is_registered(address: str, organisation_id: int) -> sa.ColumnElement[bool]:
    of_ours = (
        sa.select(Registration.id)
        .join(Event, Registration.event_id == Event.id)
        .where(Event.organisation_id == organisation_id)
    )
    person = of_ours.join(Participant, Participant.registration_id == Registration.id)
    return sa.or_(
        of_ours.where(Registration.contact_email == address).exists(),
        person.where(sa.func.lower(Participant.email) == address).exists(),
    )


def follows(address: str) -> sa.ColumnElement[bool]:
    """Rows of Subscription by which the address is told of something."""
    return sa.and_(
        Subscription.email == address,
        Subscription.confirmed_at.is_not(None),
        Subscription.ended_at.is_(None),
    )


def _live_of(session: Session, address: str) -> Sequence[Subscription]:
    """Oldest first, with their organisers."""
    return session.scalars(
        sa.select(Subscription)
        .where(Subscription.email == address, Subscription.ended_at.is_(None))
        .options(joinedload(Subscription.organisation))
        .order_by(Subscription.id)
    ).all()


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
