"""Who is in which one-to-one meeting, and in whose calendars it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav.domain.meeting_terms import BookingState
from dialognav.models import (
    Booking,
    BookingPerson,
    CalendarObject,
    Participant,
    Registration,
    Slot,
    SlotStaff,
    TeamMember,
)

STANDS = (BookingState.BOOKED, BookingState.ATTENDED, BookingState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A booking as it stands now. `guests` and `hosts` hold an entry that no cancellation has taken
    back, sent or about to be; `in_feed` are those of the hosts whose entry no letter carried."""

    booking: Booking
    guests: tuple[Participant, ...]
    hosts: tuple[TeamMember, ...]
    in_feed: frozenset[int]

    @property
    def slot(self) -> Slot:
        return self.booking.slot

    @property
    def registration(self) -> Registration:
        return self.booking.registration

    @property
    def is_on(self) -> bool:
        return self.booking.state in STANDS

    @property
    def people(self) -> list[Participant]:
        """Who comes from the supplier."""
        found = [one.participant for one in self.booking.people]
        return sorted((one for one in found if one.erased_at is None), key=lambda one: one.id)

    @property
    def team(self) -> list[TeamMember]:
        """Who is there from the organiser."""
        return sorted((one.member for one in self.slot.staff), key=lambda one: one.id)

    def role_of(self, member: TeamMember) -> str:
        return next((one.role for one in self.slot.staff if one.member_id == member.id), "")

    def reads_as_contact(self, people: Iterable[Participant]) -> bool:
        """Whether the contact is one of these, by the address."""
        return any(is_contact(one, self.registration) for one in people)


def is_contact(person: Participant, registration: Registration) -> bool:
    """Whoever reads at the contact's address holds the link to the whole registration anyway."""
    return person.email.casefold() == registration.contact_email.casefold()


def meetings_of(session: Session, bookings: Sequence[Booking]) -> list[Meeting]:
    """In the order given. Some seven statements for any number."""
    if not bookings:
        return []
    session.flush()
    ids = [one.id for one in bookings]
    rows = session.scalars(
        sa.select(Booking)
        .where(Booking.id.in_(ids))
        .options(*WHOLE_MEETING)
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    entries = _entries(session, ids)
    return [_meeting(found[id_], entries.get(id_, ())) for id_ in dict.fromkeys(ids)]


WHOLE_MEETING = (
    joinedload(Booking.registration),
    joinedload(Booking.slot).joinedload(Slot.table),
    joinedload(Booking.slot).selectinload(Slot.staff).joinedload(SlotStaff.member),
    selectinload(Booking.people).joinedload(BookingPerson.participant),
)


def booked_in(session: Session, slot_ids: Sequence[int]) -> list[Booking]:
    """The meetings that stand in these slots."""
    session.flush()
    query = sa.select(Booking).where(Booking.slot_id.in_(slot_ids), Booking.state.in_(STANDS))
    return list(session.scalars(query.order_by(Booking.id)))


def _entries(session: Session, booking_ids: Sequence[int]) -> dict[int, list[CalendarObject]]:
    found: dict[int, list[CalendarObject]] = {}
    rows = session.scalars(
        sa.select(CalendarObject)
        .where(CalendarObject.booking_id.in_(booking_ids), CalendarObject.cancelled_at.is_(None))
        .order_by(CalendarObject.id)
    )
    for row in rows:
        found.setdefault(row.booking_id or 0, []).append(row)
    people = {one.participant_id for some in found.values() for one in some}
    members = {one.member_id for some in found.values() for one in some}
    for model, ids in ((Participant, people), (TeamMember, members)):  # for session.get() below
        if known := sorted(filter(None, ids)):
            session.scalars(sa.select(model).where(model.id.in_(known))).all()
    return found


def _meeting(booking: Booking, entries: Sequence[CalendarObject]) -> Meeting:
    session = sa.orm.object_session(booking)
    assert session is not None
    guests = [
        session.get_one(Participant, one.participant_id) for one in entries if one.participant_id
    ]
    hosts = [session.get_one(TeamMember, one.member_id) for one in entries if one.member_id]
    return Meeting(
        booking=booking,
        guests=tuple(one for one in guests if one.erased_at is None),
        hosts=tuple(hosts),
        in_feed=frozenset(one.member_id for one in entries if one.member_id and one.in_feed),
    )
