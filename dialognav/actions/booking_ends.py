"""One-to-one meetings that end, or change, with what they hang on: supplier, people, event."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.actions import meeting_offers
from dialognav.actions.booking_changes import tell_people
from dialognav.actions.booking_rows import (
    bookings_where,
    first_in_line,
    live_people,
    no_longer_served,
    note,
    persons,
    request_of,
    waits_no_more,
)
from dialognav.actions.booking_taking import leave_link
from dialognav.actions.joined_requests import join_requests
from dialognav.domain.bookings import is_busy
from dialognav.domain.errors import WrongPeople
from dialognav.domain.meeting_terms import LIVE_BOOKING, BookingState, RequestState
from dialognav.domain.terms import EventState, Phase
from dialognav.mail import meeting_notices
from dialognav.mail.meeting_notices import EndedBy
from dialognav.mail.post import Post
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    InterestConflict,
    MeetingRequest,
    Participant,
    Registration,
)
from dialognav.models.meeting_facts import supplier_facts

_STANDS = (BookingState.HELD, BookingState.OFFERED, BookingState.BOOKED)


def end_for_registration(
    session: Session,
    registration: Registration,
    *,
    by: EndedBy,
    reason: str = "",
    now: datetime,
    actor: str,
    post: Post,
) -> list[Booking]:
    """The supplier is no longer registered: its meetings to come, offers, holds and its place in
    the queue go, both sides are told, and the slots are offered on. Under lock_event()."""
    ahead = _ahead(session, Booking.registration_id == registration.id, now=now)
    as_what = BookingState.WITHDRAWN if by == "supplier" else BookingState.CANCELLED
    end_as(ahead, as_what, now=now)
    waits_no_more(session, registration.id, now=now)
    session.flush()
    meeting_notices.drop_news_to(session, registration.id)
    if not ahead:
        return []
    event = ahead[0].registration.event
    tell_ended(session, ahead, by, reason, now=now, post=post)
    note(session, event, actor, "meeting.ended", ahead, now=now, reason=reason, by=by)
    meeting_offers.offer_on(session, event, [one.slot_id for one in ahead], now=now, post=post)
    return ahead


def end_for_event(
    session: Session, event: Event, *, reason: str, now: datetime, actor: str, post: Post
) -> list[Booking]:
    """The event is called off, put off or in procurement: all meetings to come, offers and holds
    end, and both sides are told. Who waits goes on waiting only for a postponed one, behind those
    who had a meeting; they hear of a procurement. Under lock_event()."""
    ahead = _ahead(session, Booking.event_id == event.id, now=now)
    end_as(ahead, BookingState.CANCELLED, now=now)
    goes_on = event.state == EventState.POSTPONED
    waiting = _asked(session, event, RequestState.WAITING, RequestState.OFFERED)
    for request in waiting:
        request.state = RequestState.WAITING if goes_on else RequestState.WITHDRAWN
        request.changed_at = now
    session.flush()
    if goes_on:
        _first_again(session, event, ahead, now=now)
    else:
        meeting_notices.drop_news(session, event)
    if event.phase == Phase.PROCUREMENT:
        told = {one.registration_id for one in ahead if one.state != BookingState.LAPSED}
        untold = [one for one in waiting if one.registration_id not in told]
        meeting_notices.tell_stopped(session, untold, now=now, post=post)
    if ahead:
        tell_ended(session, ahead, "organiser", reason, now=now, post=post)
        note(session, event, actor, "meeting.ended", ahead, now=now, reason=reason, by="organiser")
    return ahead


def _asked(session: Session, event: Event, *states: RequestState) -> Sequence[MeetingRequest]:
    return session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.event_id == event.id, MeetingRequest.state.in_(states))
        .order_by(MeetingRequest.id)
        .options(joinedload(MeetingRequest.registration, innerjoin=True))
    ).all()


def _first_again(
    session: Session, event: Event, ended: Sequence[Booking], *, now: datetime
) -> None:
    """Who had asked, and had a meeting, is before all others, in the order of the meetings."""
    served = {one.registration_id for one in _asked(session, event, RequestState.SERVED)}
    for booking in sorted(ended, key=lambda one: one.slot.starts_at, reverse=True):
        if booking.registration_id in served and booking.booked_at is not None:
            first_in_line(session, booking, now=now)


def _ahead(session: Session, *whose: sa.ColumnElement[bool], now: datetime) -> list[Booking]:
    """Held, offered and booked ones that have not begun."""
    rows = bookings_where(session, *whose, Booking.state.in_(_STANDS))
    return [one for one in rows if now < one.slot.starts_at]


def end_as(bookings: Sequence[Booking], state: BookingState, *, now: datetime) -> None:
    """What was held only has lapsed."""
    for one in bookings:
        was_held = one.state == BookingState.HELD
        leave_link(one)
        one.state, one.ended_at = BookingState.LAPSED if was_held else state, now


def tell_ended(
    session: Session,
    ended: Sequence[Booking],
    by: EndedBy,
    reason: str,
    *,
    now: datetime,
    post: Post,
) -> None:
    told = [one for one in ended if one.state != BookingState.LAPSED]
    if told:
        meeting_notices.tell_ended(session, told, by=by, reason=reason, now=now, post=post)


def change_people(
    session: Session,
    registration: Registration,
    gone: Collection[int],
    *,
    replaced_by: Mapping[int, int],
    now: datetime,
    actor: str,
    post: Post,
) -> list[Booking]:
    """Participants who have left go out of the meetings to come; {gone: new} comes instead. A
    meeting that nobody is left for ends. WrongPeople when the new one is in another meeting then.
    Under lock_event()."""
    touched = _ahead(session, Booking.registration_id == registration.id, now=now)
    request = request_of(session, registration.id)
    if request is not None:
        request.people = _instead(request.people, gone, replaced_by)
    changed = []
    for booking in touched:
        before = [each.participant for each in booking.people]
        if not {one.id for one in before} & set(gone):
            continue
        ids = _instead([one.id for one in before], gone, replaced_by)
        there = [one for one in live_people(session, registration.id) if one.id in ids]
        _refuse_busy(session, booking, [one for one in there if one not in before], now=now)
        _seat(booking, there)
        session.flush()
        if there:
            tell_people(session, booking, before, now=now, post=post)
        changed.append(booking)
    empty = [one for one in changed if not one.people]
    end_as(empty, BookingState.WITHDRAWN, now=now)
    session.flush()
    if not changed:
        return []
    event = registration.event
    note(session, event, actor, "meeting.people", changed, now=now)
    if empty:
        note(session, event, actor, "meeting.ended", empty, now=now, by="supplier")
        no_longer_served(session, registration.id, now=now)
        tell_ended(session, empty, "supplier", "", now=now, post=post)
        meeting_offers.offer_on(session, event, [one.slot_id for one in empty], now=now, post=post)
    return changed


def _refuse_busy(
    session: Session, booking: Booking, new: Sequence[Participant], *, now: datetime
) -> None:
    if not new:
        return
    of = booking.registration_id
    facts = supplier_facts(session, booking.event_id, [of], now=now, without=[booking.id])
    if is_busy(facts[of], (booking.slot.starts_at, booking.slot.ends_at), persons(new)):
        raise WrongPeople(None)


def _instead(
    ids: Sequence[int], gone: Collection[int], replaced_by: Mapping[int, int]
) -> list[int]:
    """The same people, with who came instead; nobody twice."""
    now_there = (replaced_by.get(one) if one in gone else one for one in ids)
    return list(dict.fromkeys(one for one in now_there if one is not None))


def _seat(booking: Booking, people: Sequence[Participant]) -> None:
    kept = {each.participant_id: each for each in booking.people}
    booking.people = [kept.get(one.id) or BookingPerson(participant=one) for one in people]


def join_registrations(
    session: Session,
    event: Event,
    gone: Registration,
    kept: Registration,
    *,
    now: datetime,
    actor: str,
) -> None:
    """After a merge: meetings, the better place in the queue, and who of the team may not meet it,
    are the kept one's. Nobody loses a meeting, also where the party then has more than it may.
    Under lock_event()."""
    moved = bookings_where(
        session, Booking.registration_id == gone.id, Booking.state.in_(LIVE_BOOKING)
    )
    for booking in moved:
        booking.registration = kept
    theirs, ours = request_of(session, gone.id), request_of(session, kept.id)
    if theirs is not None and theirs.state != RequestState.WITHDRAWN:
        join_requests(session, theirs, ours, kept, now=now)
    _join_conflicts(session, gone, kept)
    session.flush()
    if moved:
        note(session, event, actor, "meeting.joined", moved, now=now)


def _join_conflicts(session: Session, gone: Registration, kept: Registration) -> None:
    """Noted at a registration that may go by another number: what is known stays known."""
    noted = session.scalars(
        sa.select(InterestConflict).where(
            InterestConflict.registration_id.in_((gone.id, kept.id)),
        )
    ).all()
    known = {one.member_id for one in noted if one.registration_id == kept.id}
    session.add_all(
        InterestConflict(
            member_id=one.member_id,
            registration_id=kept.id,
            reason=one.reason,
            noted_at=one.noted_at,
            noted_by_id=one.noted_by_id,
        )
        for one in noted
        if one.member_id not in known
    )
