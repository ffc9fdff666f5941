"""What happens to one-to-one meetings when a registration, a person or the event goes elsewhere.

Called by the verbs of registrations and events, with the event locked and the rows as they shall
stand. Events without one-to-one meetings cost one look at a key.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.booking_ends import (
    change_people,
    end_for_event,
    end_for_registration,
    join_registrations,
)
from dialognav.actions.meeting_record import record_plan
from dialognav.actions.meeting_staffing import leave_to_others
from dialognav.db import Text
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.terms import Review
from dialognav.i18n import pick
from dialognav.mail.post import Post
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    MeetingRules,
    Participant,
    Registration,
    Slot,
)
from dialognav.models.meeting_plan import standing_slots


def has_meetings(session: Session, event: Event) -> bool:
    return session.get(MeetingRules, event.id) is not None


def meets_ahead(session: Session, people: Iterable[Participant], *, now: datetime) -> bool:
    """Whether one of them is in a one-to-one meeting that is still to come."""
    ahead = (
        sa.select(Booking.id)
        .join(Booking.slot)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .where(
            BookingPerson.participant_id.in_({person.id for person in people}),
            Booking.state == BookingState.BOOKED,
            Slot.ends_at > now,
        )
    )
    return session.scalar(ahead.limit(1)) is not None


def registration_left(
    session: Session,
    event: Event,
    registration: Registration,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """It has been withdrawn or declined: whatever it has of meetings ends with it."""
    if has_meetings(session, event):
        by_staff = actor.startswith("user:")
        end_for_registration(
            session,
            registration,
            by="organiser" if by_staff else "supplier",
            now=now,
            actor=actor,
            post=post,
        )


def people_left(
    session: Session,
    event: Event,
    registration: Registration,
    gone: Collection[int],
    *,
    replaced_by: Mapping[int, int] | None = None,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """These participants do not come, or others come instead."""
    if gone and has_meetings(session, event):
        change_people(
            session,
            registration,
            gone,
            replaced_by=replaced_by or {},
            now=now,
            actor=actor,
            post=post,
        )


def people_retired(
    session: Session,
    event: Event,
    registration: Registration,
    gone: Collection[int],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """These have given up their last seat, perhaps all of the registration, which is withdrawn
    then."""
    if registration.withdrawn_at is not None:
        registration_left(session, event, registration, now=now, actor=actor, post=post)
    else:
        people_left(session, event, registration, gone, now=now, actor=actor, post=post)


def people_declined(
    session: Session,
    registration: Registration,
    people: Iterable[Participant],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """A change after approval that is declined takes the meetings of those people along."""
    event, gone = registration.event, [one.id for one in people]
    if registration.review == Review.DECLINED:
        registration_left(session, event, registration, now=now, actor=actor, post=post)
    else:
        people_left(session, event, registration, gone, now=now, actor=actor, post=post)


def registrations_joined(
    session: Session,
    event: Event,
    kept: Registration,
    others: Iterable[Registration],
    twice: Mapping[int, int],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Merged; `twice` is {participant who was there twice: the one who stays}."""
    if not has_meetings(session, event):
        return
    for other in others:
        join_registrations(session, event, other, kept, now=now, actor=actor)
    session.flush()
    people_left(
        session, event, kept, list(twice), replaced_by=twice, now=now, actor=actor, post=post
    )


def event_stopped(
    session: Session, event: Event, reason: Text, *, now: datetime, actor: str, post: Post
) -> None:
    """Called off, put off, or in procurement: what was booked and has not begun does not take
    place. `reason` as the organiser wrote it, by language."""
    if has_meetings(session, event):
        said = pick(reason, event.primary_language, "en")[0]
        end_for_event(session, event, reason=said, now=now, actor=actor, post=post)


def event_redated(session: Session, event: Event, *, now: datetime, actor: str) -> None:
    """There is a new date: times that were public are looked at, and published anew to all at the
    same moment. Until then nobody takes one of the old days. The event claims its team anew: who is
    in another event's meeting by now stays there."""
    ahead = [slot for slot in standing_slots(session, event.id) if now < slot.ends_at]
    leave_to_others(session, event, ahead, now=now, actor=actor)
    times = [slot for slot in ahead if slot.published_at is not None and now < slot.starts_at]
    for slot in times:
        slot.published_at = slot.opens_at = None
    if times:
        ids = [slot.id for slot in times]
        record_plan(session, event, "slots.taken_back", now=now, actor=actor, slots=ids)
