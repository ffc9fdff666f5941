"""What waits for a decision in one organisation, for the letter of the morning."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from dialognav.domain.digests import Waits, closing_until
from dialognav.domain.message_rules import BEFORE
from dialognav.domain.terms import (
    LIVE,
    PUBLIC_STATES,
    EventState,
    LetterStatus,
    MessageState,
    NeedState,
)
from dialognav.domain.working_hours import WorkingHours
from dialognav.i18n import pick
from dialognav.mail.letters import BULK
from dialognav.models import (
    AccessNeed,
    Attendance,
    DeadAddress,
    Event,
    Letter,
    Message,
    MessagePlan,
    Organisation,
    Participant,
    Registration,
)
from dialognav.models.meeting_ends import has_meetings_ahead, meets_ahead
from dialognav.queries import meeting_todos
from dialognav.queries.inbox import open_mails
from dialognav.queries.privacy import open_requests
from dialognav.queries.reviews import waiting_by_event

_STUCK = timedelta(hours=1)
_RECENT = timedelta(days=14)
"""A letter that did not arrive is told of so long: whoever has not seen to it by then will not."""


def waiting_in(session: Session, organisation: Organisation, *, now: datetime) -> list[Waits]:
    """All of it, whoever it waits for; some twelve statements."""
    reviews = waiting_by_event(session, organisation.id)
    needs = _needs_by_event(session, organisation.id, now)
    dead = _dead_by_event(session, organisation.id, now)
    closing = _closing(session, organisation, now)
    wanted = sa.select(Event).where(Event.id.in_({*reviews, *needs, *dead}))
    events = list(session.scalars(wanted.order_by(Event.starts_at, Event.id)))
    return [
        *_of_events("reviews", "review", reviews, events),
        *_of_events("needs", "requests-for-help", needs, events),
        *_messages(session, organisation.id, now),
        *(_plans(session, organisation.id, now) if organisation.message_approval else ()),
        *_meetings(session, organisation, now),
        *_mail(session, organisation.id, now),
        *_of_events("dead", "registrations", dead, events),
        *_count("inbox", open_mails(session, organisation.id), "/manage/inbox"),
        *_count("privacy", open_requests(session, organisation.id), "/manage/disposal"),
        *(_of_event("deadlines", "", 1, each, at=each.registration_closes_at) for each in closing),
    ]


def _count(kind: str, number: int, path: str) -> list[Waits]:
    return [Waits(kind, number, path)] if number else []


def _of_events(
    kind: str, page: str, numbers: dict[int, int], events: list[Event]
) -> Iterator[Waits]:
    for event in events:
        if event.id in numbers:
            yield _of_event(kind, page, numbers[event.id], event)


def _of_event(kind: str, page: str, number: int, event: Event, at: datetime | None = None) -> Waits:
    title, lang = pick(event.title, event.primary_language, "en")
    path = f"/manage/events/{event.public_id}"
    return Waits(kind, number, f"{path}/{page}" if page else path, title, lang, at=at)


def _is_ahead(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(Event.ends_at > now, has_meetings_ahead(now))


def _needs_by_event(session: Session, organisation_id: int, now: datetime) -> dict[int, int]:
    rows = session.execute(
        sa.select(Event.id, sa.func.count())
        .select_from(AccessNeed)
        .join(Participant, AccessNeed.participant_id == Participant.id)
        .join(Registration, Participant.registration_id == Registration.id)
        .join(Event, Registration.event_id == Event.id)
        .where(Event.organisation_id == organisation_id, _is_ahead(now))
        .where(Event.state.in_(PUBLIC_STATES), AccessNeed.state == NeedState.ASKED)
        .where(Participant.withdrawn_at.is_(None))
        .group_by(Event.id)
    )
    return dict(rows.all())


def _dead_by_event(session: Session, organisation_id: int, now: datetime) -> dict[int, int]:
    """People with a seat, a place in the queue or a meeting ahead, whom no mail reaches."""
    is_seated = Participant.attendances.any(Attendance.state.in_(LIVE))
    rows = session.execute(
        sa.select(Event.id, sa.func.count(sa.distinct(Participant.id)))
        .select_from(DeadAddress)
        .join(Participant, sa.func.lower(Participant.email) == DeadAddress.address)
        .join(Participant.registration)
        .join(Registration.event)
        .where(Event.organisation_id == organisation_id, Event.state == EventState.PUBLISHED)
        .where(sa.or_(sa.and_(Event.ends_at > now, is_seated), meets_ahead(now)))
        .group_by(Event.id)
    )
    return dict(rows.all())


def _closing(session: Session, organisation: Organisation, now: datetime) -> list[Event]:
    """Whose registration closes within the next two working days."""
    until = closing_until(WorkingHours(organisation.zone, organisation.country), now)
    rows = session.scalars(
        sa.select(Event)
        .where(Event.organisation_id == organisation.id, Event.state == EventState.PUBLISHED)
        .where(Event.registration_closes_at > now, Event.registration_closes_at <= until)
        .order_by(Event.registration_closes_at, Event.id)
    )
    return list(rows)


def _messages(session: Session, organisation_id: int, now: datetime) -> Iterator[Waits]:
    """To be approved; and those that were to go by themselves, and could not."""
    is_handed_in = Message.state == MessageState.SUBMITTED
    has_missed = Message.state.in_(BEFORE) & (Message.send_at > now - _RECENT)
    for row in session.scalars(
        sa.select(Message)
        .where(Message.organisation_id == organisation_id, is_handed_in | has_missed)
        .order_by(Message.submitted_at, Message.id)
    ):
        title, lang = pick(row.subject, row.primary_language, "en")
        path = f"/manage/messages/{row.public_id}"
        if row.state != MessageState.SUBMITTED:
            yield Waits("missed", 1, path, title, lang)
            continue
        others = [each for each in (row.author_id, row.submitted_by_id) if each is not None]
        not_for = frozenset([*row.writer_ids, *others])
        yield Waits("approvals", 1, path, title, lang, not_for=not_for)


def _plans(session: Session, organisation_id: int, now: datetime) -> Iterator[Waits]:
    """What an event would send by itself in words that nobody else has seen."""
    for plan in session.scalars(
        sa.select(MessagePlan)
        .join(MessagePlan.event)
        .where(Event.organisation_id == organisation_id, Event.ends_at > now)
        .where(Event.state == EventState.PUBLISHED, MessagePlan.is_on.is_(False))
        .options(contains_eager(MessagePlan.event))
        .order_by(Event.starts_at, MessagePlan.id)
    ):
        if plan.writer_ids:
            title, lang = pick(plan.event.title, plan.event.primary_language, "en")
            path = f"/manage/events/{plan.event.public_id}/plans"
            yield Waits("approvals", 1, path, title, lang, not_for=frozenset(plan.writer_ids))


def _meetings(session: Session, organisation: Organisation, now: datetime) -> Iterator[Waits]:
    """Minutes that a supplier has read, what all are to be told, draws, meetings that lack
    somebody, and free times."""
    if not meeting_todos.are_planned(session, organisation.id):
        return
    for one in meeting_todos.minutes_todos(session, organisation.id):
        kind = "corrections" if one.needs_answer else "minutes"
        is_ours = one.needs_answer or not organisation.minutes_need_two
        not_for = frozenset() if is_ours else one.writer_ids
        path = f"/manage/events/{one.event.public_id}/meetings/{one.booking_id}/minutes"
        yield Waits(kind, 1, path, one.party, not_for=not_for)
    for event, number in meeting_todos.drafts_to_share(session, organisation.id):
        yield _of_event("shares", "shared", number, event)
    for event in meeting_todos.draws_to_publish(session, organisation.id):
        yield _of_event("draws", "meetings/draw", 1, event)
    for event, number in meeting_todos.unstaffed_by_event(session, organisation.id, now=now):
        yield _of_event("unstaffed", "meetings", number, event)
    for event, number in meeting_todos.waiting_by_event(session, organisation.id, now=now):
        yield _of_event("unoffered", "meetings", number, event)


def _mail(session: Session, organisation_id: int, now: datetime) -> Iterator[Waits]:
    """Letters that were given up, and those that should have left long ago.

    Not what nobody can do anything about: whoever has been reached since, what was stopped, and
    what takes its time or waits on purpose.
    """
    own = Letter.organisation_id == organisation_id
    failed = sa.select(sa.func.count()).where(
        own,
        Letter.status == LetterStatus.GIVEN_UP,
        Letter.created_at > now - _RECENT,
        ~_reached_since(),
        ~_is_of_a_message(MessageState.STOPPED),
    )
    stuck = sa.select(sa.func.count()).where(
        own,
        Letter.status == LetterStatus.PENDING,
        Letter.due_at < now - _STUCK,
        Letter.priority != BULK,
        ~_is_of_a_message(MessageState.PAUSED),
    )
    failures, stuck_ones = session.execute(
        sa.select(failed.scalar_subquery(), stuck.scalar_subquery())
    ).one()
    yield from _count("failed", failures, "/manage/letters?status=given_up")
    yield from _count("stuck", stuck_ones, "/manage/letters")


def _reached_since() -> sa.ColumnElement[bool]:
    later = aliased(Letter)
    return sa.exists().where(
        later.id > Letter.id,
        later.status == LetterStatus.SENT,
        (later.participant_id == Letter.participant_id) | (later.stream == Letter.stream),
    )


def _is_of_a_message(state: MessageState) -> sa.ColumnElement[bool]:
    return sa.exists().where(Message.id == Letter.message_id, Message.state == state)
