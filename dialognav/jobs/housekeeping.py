"""Deletes what must not be kept longer. Each statement is harmless when it runs twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from dialognav.domain.following import CONFIRM_WITHIN
from dialognav.domain.terms import EventState, InboundState, LetterStatus, Review
from dialognav.mail.following_letters import KINDS as FOLLOWER_KINDS
from dialognav.mail.forgetting import erase_letters
from dialognav.mail.message_streams import contact_of, is_to_contact
from dialognav.models import (
    AccessNeed,
    CalendarFeed,
    DeadAddress,
    Diet,
    Event,
    EventInvitation,
    FollowedEvent,
    InboundMail,
    KeptMail,
    Letter,
    MailPace,
    OneTimeLink,
    Organisation,
    Participant,
    RateCount,
    Registration,
    SavedForm,
    StaffSession,
    StagedCalendar,
    StagedFile,
    Subscription,
    UnsentChange,
    User,
    Worker,
)
from dialognav.models.meeting_ends import meets_ahead

LINKS_KEPT = timedelta(days=7)
"""After a one-time link has expired it still answers with a sentence instead of a 404."""

SESSIONS_KEPT = timedelta(days=7)
"""After a session has ended it still tells whose unsent text was posted (decisions.md 23)."""

FORMS_KEPT = timedelta(days=1)
CHANGES_KEPT = timedelta(days=7)
"""What an event was before an edit, and who had answered; of use while letters about it wait."""

FOLLOWERS_KEPT = timedelta(days=7)
"""After somebody has stopped following, so that the link still takes it back."""

WORKERS_KEPT = timedelta(days=2)
"""A worker that is gone: so long somebody may wonder since when."""

RATES_KEPT = timedelta(days=2)
IDLE_MAIL_KEPT = timedelta(days=30)
"""Out-of-office replies and answers out of date, so that one can still ask what came."""

DEMO_MAIL_KEPT = timedelta(days=30)


def tidy(session: Session, *, now: datetime, sent_retention_days: int) -> None:
    """All of it, in one unit of work."""
    forget_needs(session, now=now)
    purge_facts(session, before=now - timedelta(days=sent_retention_days))
    erase_sent_letters(session)
    erase_stray_recipients(session)
    window = int((now - RATES_KEPT).timestamp())
    for rows in (
        sa.delete(OneTimeLink).where(OneTimeLink.expires_at < now - LINKS_KEPT),
        sa.delete(CalendarFeed).where(_is_dead_feed(now)),
        *_followers_to_forget(now),
        sa.delete(SavedForm).where(SavedForm.created_at < now - FORMS_KEPT),
        sa.delete(StagedFile).where(StagedFile.created_at < now - FORMS_KEPT),
        sa.delete(StagedCalendar).where(StagedCalendar.created_at < now - FORMS_KEPT),
        sa.delete(UnsentChange).where(UnsentChange.due_at < now - CHANGES_KEPT),
        sa.delete(StaffSession).where(StaffSession.expires_at < now - SESSIONS_KEPT),
        sa.delete(RateCount).where(RateCount.window < window),
        sa.delete(Worker).where(Worker.seen_at < now - WORKERS_KEPT),
        sa.delete(MailPace).where(MailPace.free_at < now),
        sa.delete(KeptMail).where(KeptMail.at < now - DEMO_MAIL_KEPT),
        sa.delete(InboundMail).where(_is_old_mail(now, timedelta(days=sent_retention_days))),
        sa.delete(DeadAddress).where(
            ~_is_somebodys(DeadAddress.address, Event.contact_email, Organisation.email)
        ),
    ):
        session.execute(rows.execution_options(synchronize_session=False))
    erase_follower_letters(session)  # of those who have just been forgotten, too


def has_needs_to_forget(session: Session, *, now: datetime) -> bool:
    """A cheap look before forget_needs(), which takes SQLite's only writer."""
    over = _no_longer_needed(now)
    return any(
        session.scalar(sa.select(table.participant_id).where(over(table)).limit(1)) is not None
        for table in (Diet, AccessNeed)
    )


def forget_needs(session: Session, *, now: datetime) -> None:
    """What somebody eats and what help somebody needs goes when the event is over or off, and when
    the person does not come (GDPR art. 9; domain.md 2.5). Whoever has a one-to-one meeting after
    the event needs help there too; food is served at the event alone."""
    over = _no_longer_needed(now)
    for table in (Diet, AccessNeed):
        session.execute(
            sa.delete(table).where(over(table)).execution_options(synchronize_session=False)
        )


def _no_longer_needed(now: datetime) -> Callable[[type[Diet | AccessNeed]], Any]:
    off = sa.or_(
        Event.ends_at < now,
        Event.state == EventState.CANCELLED,
        Registration.review == Review.DECLINED,
        Participant.withdrawn_at.is_not(None),
    )
    people = (
        sa.select(Participant.id).join(Participant.registration).join(Registration.event).where(off)
    )
    unhelped = people.where(~meets_ahead(now))
    return lambda table: table.participant_id.in_(unhelped if table is AccessNeed else people)


def erase_sent_letters(session: Session) -> None:
    """Letters that were on their way when their reader was erased; the last of them said so."""
    session.flush()
    gone = sa.select(Registration.id).where(Registration.erased_at.is_not(None))
    names = [
        sa.literal(prefix) + sa.cast(Registration.id, sa.String) + sa.literal(suffix)
        for prefix, suffix in (("contact:", ""), ("privacy:", ":erase"), ("privacy:", ":rectify"))
    ]
    erased_people = sa.select(Participant.id).where(Participant.erased_at.is_not(None))
    disposed = sa.select(Event.id).where(Event.disposed_at.is_not(None))
    erase_letters(
        session,
        sa.or_(
            Letter.participant_id.in_(erased_people),
            Letter.event_id.in_(disposed),
            *(Letter.stream.in_(gone.with_only_columns(name)) for name in names),
            is_to_contact & contact_of.in_(gone),
        ),
        mailbox=False,
    )


def erase_stray_recipients(session: Session) -> None:
    """Letters about no one event, once what they said is purged and nobody here has the address."""
    known = _is_somebodys(Letter.recipient)
    erase_letters(session, sa.and_(Letter.event_id.is_(None), Letter.facts.is_(None), ~known))


def erase_follower_letters(session: Session) -> None:
    """What was mailed to an address that follows nothing any more, whoever else knows it."""
    follows = sa.exists().where(Subscription.email == Letter.recipient)
    is_ours = Letter.kind.in_(FOLLOWER_KINDS)
    erase_letters(session, sa.and_(Letter.event_id.is_(None), is_ours, ~follows))


def _is_somebodys(
    address: InstrumentedAttribute[str], *more: InstrumentedAttribute[str]
) -> sa.ColumnElement[bool]:
    """Whether a contact, a person, an invited, a follower or a member of staff has the address."""
    columns = (
        Participant.email,
        Registration.contact_email,
        EventInvitation.email,
        User.email,
        Subscription.email,
        *more,
    )
    return sa.or_(*(sa.exists().where(column == address) for column in columns))


def _is_old_mail(now: datetime, kept: timedelta) -> sa.ColumnElement[bool]:
    """What did nothing goes soon; what was dealt with, like what we sent; what waits for a person
    stays as long as its event does."""
    idle = InboundMail.state.in_((InboundState.IGNORED, InboundState.STALE))
    waits = sa.and_(InboundMail.state == InboundState.OPEN, InboundMail.event_id.is_not(None))
    return sa.or_(
        sa.and_(idle, InboundMail.received_at < now - IDLE_MAIL_KEPT),
        sa.and_(~waits, InboundMail.received_at < now - kept),
    )


def _followers_to_forget(now: datetime) -> Iterator[sa.Delete]:
    """Questions that nobody answered, followers who left, and what is no news any more.

    What an address left stays as long as it follows anything: the weekly letters' links are made
    of any of these rows.
    """
    other = aliased(Subscription)
    follows = sa.exists().where(
        other.email == Subscription.email,
        other.confirmed_at.is_not(None),
        other.ended_at.is_(None),
    )
    gone = sa.or_(
        sa.and_(
            Subscription.confirmed_at.is_(None), Subscription.created_at < now - CONFIRM_WITHIN
        ),
        sa.and_(Subscription.ended_at < now - FOLLOWERS_KEPT, ~follows),
    )
    ids = sa.select(Subscription.id).where(gone)
    over = sa.select(Event.id).where(
        sa.or_(
            sa.and_(Event.starts_at < now, Event.state != EventState.POSTPONED),
            Event.state == EventState.CANCELLED,
        )
    )
    yield sa.delete(FollowedEvent).where(
        sa.or_(FollowedEvent.subscription_id.in_(ids), FollowedEvent.event_id.in_(over))
    )
    yield sa.delete(Subscription).where(gone)


def _is_dead_feed(now: datetime) -> sa.ColumnElement[bool]:
    """Never made, revoked a while ago, or of an address that nobody registered has any more."""
    return sa.or_(
        sa.and_(CalendarFeed.fingerprint.is_(None), CalendarFeed.expires_at < now),
        CalendarFeed.revoked_at < now - LINKS_KEPT,
        sa.and_(
            CalendarFeed.address != "",
            ~sa.exists().where(Participant.email == CalendarFeed.address),
        ),
    )


def purge_facts(session: Session, *, before: datetime) -> None:
    """What a letter said goes; that it was sent, to whom and when, stays (decisions.md 18)."""
    session.execute(
        sa.update(Letter)
        .where(Letter.status != LetterStatus.PENDING, Letter.facts.is_not(None))
        .where(sa.func.coalesce(Letter.sent_at, Letter.created_at) < before)
        .values(facts=None)
        .execution_options(synchronize_session=False)
    )
