"""What every verb of a one-to-one meeting begins and ends with: rows under the lock, who may, the
slot taken, the audit row."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav import audit
from dialognav.domain.bookings import Person, SlotFacts, Way, what_stops
from dialognav.domain.errors import CannotMeet, NotFound, WrongPeople
from dialognav.domain.meeting_terms import BookingState, RequestState
from dialognav.domain.participant_import import folded_name
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    MeetingRequest,
    Participant,
    Registration,
    Slot,
    SlotStaff,
    lock_event,
)
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts


@dataclass(frozen=True, slots=True)
class Details:
    """What a supplier says of its meeting. `people` are ids of participants; `language` is one of
    those spoken, "" when only one is."""

    people: tuple[int, ...]
    language: str = ""
    topics: str = ""
    secret_marks: str = ""
    secret_reason: str = ""


LOADED = (
    joinedload(Booking.slot, innerjoin=True).joinedload(Slot.table, innerjoin=True),
    joinedload(Booking.slot, innerjoin=True)
    .selectinload(Slot.staff)
    .joinedload(SlotStaff.member, innerjoin=True),
    joinedload(Booking.registration, innerjoin=True),
    selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
)


def locked_supplier(session: Session, registration_id: int) -> tuple[Event, Registration]:
    """The event, locked, and the registration as it stands under the lock. NotFound."""
    event_id = session.scalar(
        sa.select(Registration.event_id).where(Registration.id == registration_id)
    )
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    return event, session.get_one(Registration, registration_id, populate_existing=True)


def locked_booking(session: Session, booking_id: int) -> tuple[Event, Booking]:
    """The event, locked, and the booking as it stands under the lock. NotFound."""
    event_id = session.scalar(sa.select(Booking.event_id).where(Booking.id == booking_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    [booking] = bookings_where(session, Booking.id == booking_id)
    return event, booking


def locked_request(session: Session, request_id: int) -> tuple[Event, MeetingRequest]:
    """The event, locked, and the request as it stands under the lock. NotFound."""
    event_id = session.scalar(
        sa.select(MeetingRequest.event_id).where(MeetingRequest.id == request_id)
    )
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    return event, session.get_one(MeetingRequest, request_id, populate_existing=True)


def bookings_where(session: Session, *what: sa.ColumnElement[bool]) -> list[Booking]:
    """In the order of their making, with all that letters say of them."""
    session.flush()
    rows = session.scalars(
        sa.select(Booking)
        .where(*what)
        .order_by(Booking.id)
        .options(*LOADED)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def request_of(session: Session, registration_id: int) -> MeetingRequest | None:
    return session.scalars(
        sa.select(MeetingRequest).where(MeetingRequest.registration_id == registration_id)
    ).one_or_none()


def check(
    session: Session,
    event: Event,
    registration_id: int,
    slot_id: int,
    *,
    now: datetime,
    way: Way,
    people: frozenset[Person] | None = None,
    moves: bool = False,
    without: Collection[int] = (),
) -> SlotFacts:
    """The slot's facts, when nothing stops the supplier from having it; else CannotMeet with all
    that does, or NotFound for another event's slot. Bookings in `without` stand in no way."""
    session.flush()
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now, only=[slot_id], without=without)
    suppliers = supplier_facts(session, event.id, [registration_id], now=now, without=without)
    if slot_id not in slots:
        raise NotFound
    slot, supplier = slots[slot_id], suppliers[registration_id]
    if stops := what_stops(slot, supplier, rules, now, way=way, people=people, moves=moves):
        raise CannotMeet(stops, rules.most_per_party)
    return slot


def people_of(
    session: Session, registration_id: int, ids: Collection[int], most: int
) -> list[Participant]:
    """Those of the registration with these ids who have not left. WrongPeople when it is nobody,
    more than `most`, or somebody else's."""
    if not ids:
        raise WrongPeople(0)
    if len(set(ids)) > most:
        raise WrongPeople(most)
    found = live_people(session, registration_id)
    if not set(ids) <= {one.id for one in found}:
        raise WrongPeople(None)
    return [one for one in found if one.id in set(ids)]


def live_people(session: Session, registration_id: int) -> list[Participant]:
    rows = session.scalars(
        sa.select(Participant)
        .where(Participant.registration_id == registration_id, Participant.withdrawn_at.is_(None))
        .order_by(Participant.position, Participant.id)
    )
    return list(rows)


def persons(people: Collection[Participant]) -> frozenset[Person]:
    return frozenset((one.email, folded_name(one.name)) for one in people)


def fill_in(booking: Booking, details: Details, people: Collection[Participant]) -> None:
    """What the supplier says, and who comes: those who came before keep their rows."""
    booking.language, booking.topics = details.language, details.topics
    booking.secret_marks, booking.secret_reason = details.secret_marks, details.secret_reason
    kept = {each.participant_id: each for each in booking.people}
    booking.people = [kept.get(one.id) or BookingPerson(participant=one) for one in people]


def has_been_served(session: Session, registration_id: int, *, now: datetime) -> None:
    """Whoever has got a meeting waits no more."""
    request = request_of(session, registration_id)
    if request is not None and request.state in (RequestState.WAITING, RequestState.OFFERED):
        request.state, request.changed_at = RequestState.SERVED, now


def waits_no_more(session: Session, registration_id: int, *, now: datetime) -> None:
    request = request_of(session, registration_id)
    if request is not None and request.state != RequestState.WITHDRAWN:
        request.state, request.changed_at = RequestState.WITHDRAWN, now


def no_longer_served(session: Session, registration_id: int, *, now: datetime) -> None:
    """The meeting that was asked for is not to be. Who waits for another goes on waiting."""
    request = request_of(session, registration_id)
    if request is not None and request.state == RequestState.SERVED:
        request.state, request.changed_at = RequestState.WITHDRAWN, now


def waits_again(session: Session, registration_id: int, *, now: datetime) -> None:
    """With the number it had, when what was offered was taken back."""
    request = request_of(session, registration_id)
    if request is not None and request.state == RequestState.OFFERED:
        request.state, request.changed_at = RequestState.WAITING, now


def details_of(request: MeetingRequest, people: Collection[int]) -> Details:
    """What the supplier said when it asked for a meeting."""
    return Details(
        people=tuple(people),
        topics=request.topics,
        secret_marks=request.secret_marks,
        secret_reason=request.secret_reason,
    )


def first_in_line(session: Session, booking: Booking, *, now: datetime) -> MeetingRequest:
    """Whose meeting was taken away through no fault of its own is next in turn, with all that was
    said for that meeting."""
    request = request_of(session, booking.registration_id)
    if request is None:
        request = MeetingRequest(
            event_id=booking.event_id, registration=booking.registration, asked_at=now
        )
        session.add(request)
    request.people = [one.participant_id for one in booking.people] or request.people
    request.topics, request.secret_marks = booking.topics, booking.secret_marks
    request.secret_reason = booking.secret_reason
    request.state, request.changed_at, request.closed_at = RequestState.WAITING, now, None
    request.queue_number = _numbers(session, booking.event_id)[0] - 1
    session.flush()
    return request


def last_number(session: Session, event_id: int) -> int:
    """The highest number that anybody has been given in the event's queue."""
    return _numbers(session, event_id)[1]


def _numbers(session: Session, event_id: int) -> tuple[int, int]:
    """The lowest and the highest; (1, 0) before the first."""
    session.flush()
    number = MeetingRequest.queue_number
    query = sa.select(sa.func.min(number), sa.func.max(number))
    lowest, highest = session.execute(query.where(MeetingRequest.event_id == event_id)).one()
    return (1, 0) if lowest is None or highest is None else (lowest, highest)


def let_go(
    session: Session, registration_id: int, *, now: datetime, but: int | None = None
) -> list[int]:
    """End the registration's own hold; returns the ids of slots that are free now."""
    held = session.scalars(
        sa.select(Booking).where(
            Booking.registration_id == registration_id,
            Booking.state == BookingState.HELD,
            Booking.id != (but or 0),
        )
    ).all()
    for booking in held:
        booking.state, booking.ended_at = BookingState.LAPSED, now
    session.flush()
    return [booking.slot_id for booking in held]


def is_staff(actor: str) -> bool:
    return actor.startswith("user:")


def user_id_of(actor: str) -> int | None:
    """Of "user:7"; None for anybody but staff."""
    return int(actor.removeprefix("user:")) if is_staff(actor) else None


def note(
    session: Session,
    event: Event,
    actor: str,
    verb: str,
    bookings: Collection[Booking],
    *,
    now: datetime,
    reason: str = "",
    **facts: object,
) -> None:
    """One audit row of what happened to these meetings: a step of each (queries/booking_steps.py),
    with the slot that it has now. Ids alone; the reason stands beside it."""
    what = {"bookings": [[one.id, one.registration_id, one.slot_id] for one in bookings]}
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts=what | facts,
        reason=reason,
    )
