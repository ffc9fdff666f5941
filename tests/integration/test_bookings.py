"""One-to-one meetings, straight on the actions: hold, book, move, give up, and who is next."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import (
    booking_sets,
    bookings,
    meeting_offers,
    meeting_openings,
    meeting_requests,
)
from dialognav.actions.booking_sets import Move
from dialognav.actions.bookings import Details
from dialognav.actions.meeting_requests import Asked
from dialognav.actions.meeting_slot_changes import save_links, save_slot, slot_draft_of
from dialognav.actions.meeting_staffing import staff_slot
from dialognav.domain.bookings import EXTENSIONS, HOLD, Stop
from dialognav.domain.errors import (
    CannotMeet,
    HeldEnough,
    HoldOver,
    LinkInUse,
    NotAllowedNow,
    NotFound,
    OfferOver,
    ReasonNeeded,
    TooLate,
    WishesCannotBe,
    WrongPeople,
)
from dialognav.domain.meeting_terms import BookingState, HandOut
from dialognav.domain.terms import Review
from dialognav.models import (
    AuditEntry,
    Booking,
    Draw,
    InterestConflict,
    MeetingRequest,
    Registration,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.integration.test_register_actions import POST
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

HOUR = timedelta(hours=1)
DO: dict[str, Any] = {"now": NOW, "actor": "registration:abc", "post": POST}
STAFF = DO | {"actor": "user:1"}


def later(**given: Any) -> dict[str, Any]:
    return DO | {"now": NOW + timedelta(**given)}


class Day:
    """A morning with three slots at one table, and suppliers who may have one."""

    def __init__(self, session: Session, **rules: Any) -> None:
        self.session = session
        self.event = make_event(session)
        make_rules(session, self.event, **rules)
        self.table = make_table(session, self.event)
        self.slots = make_slots(session, self.event, self.table)

    def supplier(self, people: int = 1, **given: Any) -> Registration:
        registration = make_registration(self.session, self.event, **given)
        for _ in range(people):
            make_participant(self.session, registration)
        self.session.refresh(registration)
        return registration

    def booked(self, slot: int = 0, **given: Any) -> Booking:
        return make_booking(self.session, self.slots[slot], self.supplier(), **given)


@contextmanager
def stopped(*stops: Stop) -> Iterator[None]:
    with pytest.raises(CannotMeet) as broken:
        yield
    assert broken.value.stops == stops


def details(registration: Registration, **given: Any) -> Details:
    return Details(tuple(one.id for one in registration.participants), **given)


def asked(registration: Registration, **given: Any) -> Asked:
    return Asked(tuple(one.id for one in registration.participants), **given)


def queue(session: Session) -> list[tuple[str, int | None]]:
    session.flush()
    query = sa.select(MeetingRequest.state, MeetingRequest.queue_number)
    return [(state, n) for state, n in session.execute(query.order_by(MeetingRequest.id))]


def test_a_slot_is_held_and_booked(app, work):
    with work() as session:
        day = Day(session)
        karin = day.supplier()
        held = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        assert (held.state, held.until) == (BookingState.HELD, NOW + HOLD)
        with stopped(Stop.TAKEN):
            bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)
        booked = bookings.book(
            session, held.id, details(karin, topics="Drift", secret_marks="pris"), **DO
        )
        assert (booked.state, booked.topics, len(booked.people)) == ("booked", "Drift", 1)
        with pytest.raises(HoldOver):
            bookings.book(session, held.id, details(karin), **DO)
        with stopped(Stop.LIMIT):
            bookings.hold(session, karin.id, day.slots[1].id, **DO)
    with work() as session:
        verbs = session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.number)).all()
        assert verbs == ["meeting.held", "meeting.booked"]


def test_a_hold_runs_out_and_may_be_extended_only_so_often(app, work):
    with work() as session:
        day = Day(session)
        karin, per = day.supplier(), day.supplier()
        held = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        at = NOW
        for _ in range(EXTENSIONS):
            at += timedelta(minutes=9)
            bookings.extend_hold(session, held.id, now=at, actor="x")
        with pytest.raises(HoldOver):
            bookings.extend_hold(session, held.id, now=at, actor="x")
        assert held.until == at + HOLD
        with pytest.raises(HoldOver):
            bookings.book(session, held.id, details(karin), **DO | {"now": at + HOLD})
        theirs = bookings.hold(session, per.id, day.slots[0].id, **DO | {"now": at + HOLD})
        session.refresh(held)
        assert (held.state, theirs.state) == (BookingState.LAPSED, BookingState.HELD)


def test_a_supplier_holds_one_slot_at_a_time(app, work):
    with work() as session:
        day = Day(session)
        karin = day.supplier()
        first = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        second = bookings.hold(session, karin.id, day.slots[1].id, **DO)
        again = bookings.hold(session, karin.id, day.slots[1].id, **DO)
        assert [first.state, second.state, again.id] == ["lapsed", "held", second.id]
        bookings.release(session, again.id, **DO)
        bookings.hold(session, day.supplier().id, day.slots[1].id, **DO)


@pytest.mark.parametrize(
    ("rules", "stops"),
    [
        ({"published_at": None}, [Stop.NO_MEETINGS]),
        ({"opens_at": NOW + timedelta(1)}, [Stop.NOT_OPEN]),
        ({"closes_at": NOW, "hand_out": HandOut.LOT}, [Stop.NOT_BY_CHOICE, Stop.CLOSED]),
    ],
)
def test_rules_that_stop_a_supplier(app, work, rules, stops):
    with work() as session:
        day = Day(session, **rules)
        with stopped(*stops):
            bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)


def test_slots_that_nobody_can_have(app, work):
    with work() as session:
        day = Day(session)
        karin, slot = day.supplier(), day.slots[0]
        for name, value, *stops in (
            ("opens_at", NOW + timedelta(1), Stop.NOT_OPEN),
            ("published_at", None, Stop.UNPUBLISHED),
            ("published_at", NOW + timedelta(1), Stop.UNPUBLISHED),
            ("state", "blocked", Stop.BLOCKED),
            ("state", "removed", Stop.REMOVED),
            ("starts_at", NOW, Stop.BEGUN),
            ("staff", [], Stop.NOBODY_ASKS, Stop.NOBODY_NOTES),
        ):
            with session.begin_nested() as tried:
                setattr(slot, name, value)
                with stopped(*stops):
                    bookings.hold(session, karin.id, slot.id, **DO)
                tried.rollback()
        assert bookings.hold(session, karin.id, slot.id, **DO).state == "held"


def test_only_the_registered_and_confirmed_may(app, work):
    with work() as session:
        day = Day(session)
        slot_id = day.slots[0].id
        for given in (
            {"withdrawn_at": NOW},
            {"review": Review.PENDING},
            {"review": Review.DECLINED},
        ):
            with stopped(Stop.NOT_ADMITTED):
                bookings.hold(session, day.supplier(**given).id, slot_id, **DO)
        for seat in ("waiting", "pending", "lapsed"):
            registration = make_registration(session, day.event)
            make_participant(session, registration, state=seat)
            with stopped(Stop.NOT_ADMITTED):
                bookings.hold(session, registration.id, slot_id, **DO)
        make_participant(session, registration)  # a colleague with a place
        bookings.hold(session, registration.id, slot_id, **DO)
        plain = day.supplier()
        for seat in plain.participants[0].attendances:
            session.delete(seat)  # never asked for a place (decisions.md 2)
        session.flush()
        bookings.hold(session, plain.id, day.slots[1].id, **DO)


def test_two_registrations_of_one_firm_count_together(app, work):
    with work() as session:
        day = Day(session, most_per_party=2)
        firm = {"party_key": "559401-2345"}
        make_booking(session, day.slots[0], day.supplier(**firm))
        second = day.supplier(**firm)
        bookings.hold(session, second.id, day.slots[1].id, **DO)
        with stopped(Stop.LIMIT):
            bookings.hold(session, day.supplier(**firm).id, day.slots[2].id, **DO)
        with stopped(Stop.LIMIT):
            bookings.assign(session, day.supplier(**firm).id, day.slots[2].id, reason="?", **STAFF)


def test_nobody_is_in_two_meetings_at_once(app, work):
    with work() as session:
        day = Day(session, most_per_party=2)
        [beside] = make_slots(session, day.event, number=1)
        karin = day.supplier(people=2)
        one, two = karin.participants
        held = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        bookings.book(session, held.id, Details((one.id,)), **DO)
        held = bookings.hold(session, karin.id, beside.id, **DO)
        with stopped(Stop.BUSY):
            bookings.book(session, held.id, Details((one.id, two.id)), **DO)
        booked = bookings.book(session, held.id, Details((two.id,)), **DO)
        with pytest.raises(WrongPeople):
            bookings.change_details(session, booked.id, Details((one.id,)), **DO)
        # a consultant who comes for another firm, too
        other = day.supplier()
        other.participants[0].email, other.participants[0].name = one.email, one.name.upper()
        [third] = make_slots(session, day.event, number=1)
        with stopped(Stop.BUSY):
            bookings.hold(session, other.id, third.id, **DO)


def test_who_may_come(app, work):
    with work() as session:
        day = Day(session, most_people=2)
        karin, other = day.supplier(people=3), day.supplier()
        held = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        for ids in ((), [one.id for one in karin.participants], [other.participants[0].id]):
            with pytest.raises(WrongPeople):
                bookings.book(session, held.id, Details(tuple(ids)), **DO)
        first, second, third = (one.id for one in karin.participants)
        booked = bookings.book(session, held.id, Details((first, second)), **DO)
        bookings.change_details(session, booked.id, Details((first, third), topics="Pris"), **DO)
        session.refresh(booked)
        assert {each.participant_id for each in booked.people} == {first, third}
        assert booked.topics == "Pris"


@pytest.mark.parametrize(
    ("change", "stop"),
    [
        ("conflict", Stop.CONFLICT),
        ("away", Stop.TEAM_AWAY),
        ("left", Stop.NOBODY_NOTES),
        ("link", Stop.SHARED_LINK),
        ("table", Stop.REMOVED),
    ],
)
def test_what_stops_a_slot_stops_staff_too(app, work, change, stop):
    with work() as session:
        day = Day(session)
        karin = day.supplier(party_key="k")
        notes = next(each.member for each in day.slots[0].staff if each.role == "notes")
        if change == "conflict":  # declared with another registration of the firm
            theirs = day.supplier(party_key="k")
            row = {"member_id": notes.id, "registration_id": theirs.id, "reason": "Syster"}
            session.add(InterestConflict(**row, noted_at=NOW))
        elif change == "away":
            there = [NOW, DAY + timedelta(minutes=1)]
            notes.away = [[at.isoformat() for at in there]]
        elif change == "left":
            notes.removed_at = NOW
        elif change == "link":
            day.table.mode, day.table.online_url = "online", "https://meet.example/a"
        else:
            day.table.removed_at = NOW
        with stopped(stop):
            bookings.assign(session, karin.id, day.slots[0].id, reason="De bad", **STAFF)
        with stopped(stop):
            bookings.hold(session, karin.id, day.slots[0].id, **DO)


def test_a_link_of_its_own_or_a_lobby_or_none_yet(app, work):
    with work() as session:
        day = Day(session)
        day.table.mode = "online"
        bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)  # the link follows
        for slot in day.slots:
            slot.online_url = "https://meet.example/same"
        with stopped(Stop.SHARED_LINK):
            bookings.hold(session, day.supplier().id, day.slots[1].id, **DO)
        day.slots[1].online_url = "https://meet.example/own"
        bookings.hold(session, day.supplier().id, day.slots[1].id, **DO)
        day.table.lobby_at = NOW
        bookings.hold(session, day.supplier().id, day.slots[2].id, **DO)


def test_a_link_that_was_told_leads_to_nobody_elses_meeting(app, work):
    """Whoever had a meeting has read its own link (issue 6: nobody walks in on a competitor)."""
    with work() as session:
        day = Day(session)
        day.table.mode = "online"
        slots = [*day.slots, *make_slots(session, day.event, day.table, starts_at=DAY + 4 * HOUR)]
        a, b, c, d, e, f = (f"https://meet.example/{each.id}" for each in slots)
        for slot, link in zip(slots, (a, b, c, d, e, f), strict=True):
            slot.online_url = link
        gone, moves, put_off, one, two = (
            make_booking(session, slot, day.supplier()) for slot in slots[:5]
        )
        waits = make_request(session, day.supplier())
        bookings.withdraw(session, gone.id, **DO)
        offered = session.scalars(sa.select(Booking).filter_by(state="offered")).one()
        assert (offered.slot, offered.registration) == (slots[0], waits.registration)
        bookings.move(session, moves.id, slots[5].id, **DO)
        bookings.cancel(session, put_off.id, "Sjuk", **STAFF)
        ring = [Move(one.id, two.slot_id), Move(two.id, one.slot_id)]
        booking_sets.replan(session, day.event.id, ring, {}, reason="Sal", **STAFF)
        assert [slot.online_url for slot in slots] == ["", "", "", "", "", f]
        slot = slots[0]
        draft = slot_draft_of(slot)
        for known in (a, b, c, d, e):
            with pytest.raises(LinkInUse):
                save_slot(
                    session, slot.id, replace(draft, online_url=known), expected=draft, **STAFF
                )
        links = {slots[3].id: "https://meet.example/x", slots[4].id: "https://meet.example/y"}
        save_links(session, day.table.id, links, **STAFF)
        with pytest.raises(LinkInUse):
            save_links(
                session,
                day.table.id,
                {slots[0].id: "", slots[3].id: links[slots[4].id], slots[4].id: links[slots[3].id]},
                **STAFF,
            )


def test_a_time_that_all_may_choose_goes_to_nobody_who_waits_because_it_is_edited(app, work):
    """The rule says it beforehand: what is added opens to all; what becomes free is offered."""
    with work() as session:
        day = Day(session)
        make_request(session, day.supplier())
        stands, lacks = day.slots[0], day.slots[1]
        notes = lacks.staff.pop()
        new = {make_member(session, day.event).id: "asks", notes.member_id: "notes"}
        staff_slot(session, stands.id, new, **STAFF)
        save_links(session, day.table.id, {stands.id: "https://meet.example/1"}, **STAFF)
        assert [state for state, _number in queue(session)] == ["waiting"]
        staff_slot(
            session, lacks.id, {lacks.staff[0].member_id: "asks", notes.member_id: "notes"}, **STAFF
        )
        assert session.scalars(sa.select(Booking.slot_id)).all() == [lacks.id]


def test_a_move_keeps_the_meeting_and_frees_the_slot(app, work):
    with work() as session:
        day = Day(session)
        booking, other = day.booked(0), day.booked(1)
        with stopped(Stop.TAKEN):
            bookings.move(session, booking.id, day.slots[1].id, **DO)
        with stopped(Stop.TAKEN):
            bookings.move(session, booking.id, day.slots[0].id, **DO)
        moved = bookings.move(session, booking.id, day.slots[2].id, **DO)
        assert (moved.id, moved.slot.id, moved.state) == (booking.id, day.slots[2].id, "booked")
        with pytest.raises(ReasonNeeded):
            bookings.move(session, other.id, day.slots[0].id, **STAFF)
        assert bookings.move(session, other.id, day.slots[0].id, reason="Sal", **STAFF) is other


def test_a_hold_that_is_to_replace_a_meeting(app, work):
    with work() as session:
        day = Day(session)
        booking = day.booked(0)
        karin = booking.registration
        new = make_participant(session, karin)
        held = bookings.hold(session, karin.id, day.slots[1].id, replaces_id=booking.id, **DO)
        with stopped(Stop.TAKEN):  # the old slot is kept meanwhile
            bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)
        moved = bookings.book(session, held.id, Details((new.id,), topics="Ny"), **DO)
        assert (moved.id, moved.slot_id, moved.topics) == (booking.id, day.slots[1].id, "Ny")
        assert [each.participant_id for each in moved.people] == [new.id]
        assert held.state == BookingState.LAPSED
        other = day.booked(2)
        with pytest.raises(NotFound):
            bookings.hold(session, karin.id, day.slots[0].id, replaces_id=other.id, **DO)


def test_moving_ends_when_booking_closes_but_leaving_does_not(app, work):
    with work() as session:
        day = Day(session)
        booking = day.booked(0)
        at_close = DO | {"now": DAY - timedelta(days=7)}
        with stopped(Stop.CLOSED):
            bookings.move(session, booking.id, day.slots[1].id, **at_close)
        with pytest.raises(TooLate):
            bookings.withdraw(session, booking.id, **DO | {"now": DAY})
        assert bookings.withdraw(session, booking.id, **at_close).state == "withdrawn"
        with pytest.raises(NotAllowedNow):
            bookings.withdraw(session, booking.id, **at_close)


def test_a_freed_slot_is_offered_on_in_order(app, work):
    with work() as session:
        day = Day(session)
        taken = [day.booked(n) for n in range(3)]
        waiting = [day.supplier() for _ in range(3)]
        for one in waiting:
            meeting_requests.ask(session, one.id, asked(one), **DO)
        assert queue(session) == [("waiting", 1), ("waiting", 2), ("waiting", 3)]
        bookings.withdraw(session, taken[0].id, **DO)
        offered = session.scalars(sa.select(Booking).where(Booking.state == "offered")).one()
        assert (offered.registration_id, offered.offered_at) == (waiting[0].id, NOW)
        assert offered.until == NOW + timedelta(hours=24)
        with stopped(Stop.TAKEN):
            bookings.hold(session, waiting[1].id, day.slots[0].id, **DO)
        meeting_offers.answer(session, offered.id, False, stays=True, **DO)
        theirs = session.scalars(sa.select(Booking).where(Booking.state == "offered")).one()
        assert theirs.registration_id == waiting[1].id  # not the first again: it did without
        late = later(hours=24)
        with pytest.raises(OfferOver):
            meeting_offers.answer(session, theirs.id, True, details(waiting[1]), **late)
        assert meeting_offers.events_to_lapse(session, now=late["now"]) == [day.event.id]
        meeting_offers.lapse(session, day.event.id, now=late["now"], post=POST)
        assert meeting_offers.lapse(session, day.event.id, now=late["now"], post=POST) == []
        assert queue(session) == [("waiting", 1), ("withdrawn", 2), ("offered", 3)]
        last = session.scalars(sa.select(Booking).where(Booking.state == "offered")).one()
        booked = meeting_offers.answer(session, last.id, True, details(waiting[2]), **late)
        assert (booked.state, queue(session)[2][0]) == ("booked", "served")
        meeting_requests.ask(session, waiting[1].id, asked(waiting[1]), **late)
        assert queue(session)[1] == ("waiting", 4)  # last


def test_offers_pass_over_whom_they_do_not_suit(app, work):
    with work() as session:
        day = Day(session)
        taken = day.booked(0)
        digital, elsewhere, english, away, first, second = (day.supplier() for _ in range(6))
        make_request(session, digital, modes=["online"])
        make_request(session, elsewhere, away=[[DAY.isoformat(), (DAY + HOLD).isoformat()]])
        make_request(session, english, languages=["en"])
        day.table.languages = ["sv"]
        away.withdrawn_at = NOW
        make_request(session, away)
        make_request(session, first)
        make_request(session, second)
        bookings.withdraw(session, taken.id, **DO)
        offered = session.scalars(sa.select(Booking).where(Booking.state == "offered")).one()
        assert offered.registration_id == first.id


def test_staff_offer_by_hand_and_say_why_they_pass_somebody_over(app, work):
    with work() as session:
        day = Day(session)
        first, second = make_request(session, day.supplier()), make_request(session, day.supplier())
        with pytest.raises(ReasonNeeded):
            meeting_offers.offer(session, second.id, day.slots[0].id, **STAFF)
        offered = meeting_offers.offer(session, first.id, day.slots[0].id, **STAFF)
        with pytest.raises(NotAllowedNow):
            meeting_offers.offer(session, first.id, day.slots[1].id, **STAFF)
        meeting_offers.offer(session, second.id, day.slots[1].id, reason="Språk", **STAFF)
        bookings.cancel(session, offered.id, "Fel", offer_on=False, **STAFF)
        assert queue(session) == [("waiting", first.queue_number), ("offered", second.queue_number)]
        too_late = DO | {"now": DAY - timedelta(hours=12), "actor": "user:1"}
        with pytest.raises(TooLate):
            meeting_offers.offer(session, first.id, day.slots[0].id, **too_late)


def test_what_staff_take_away_puts_first_in_line(app, work):
    with work() as session:
        day = Day(session)
        waiting = make_request(session, day.supplier())
        booking = day.booked(0)
        with pytest.raises(ReasonNeeded):
            bookings.cancel(session, booking.id, " ", **STAFF)
        bookings.cancel(session, booking.id, "Sjuk", requeue=True, offer_on=False, **STAFF)
        asks = session.scalars(
            sa.select(MeetingRequest).order_by(MeetingRequest.queue_number)
        ).all()
        assert [one.registration_id for one in asks] == [
            booking.registration_id,
            waiting.registration_id,
        ]
        assert asks[0].people == [one.id for one in booking.registration.participants]


def test_leaving_the_queue_declines_what_is_offered(app, work):
    with work() as session:
        day = Day(session)
        first, second = make_request(session, day.supplier()), make_request(session, day.supplier())
        taken = day.booked(0)
        bookings.withdraw(session, taken.id, **DO)
        meeting_requests.leave(session, first.id, **DO)
        states = sa.select(Booking.registration_id, Booking.state).order_by(Booking.id)
        assert session.execute(states).all()[1:] == [
            (first.registration_id, "declined"),
            (second.registration_id, "offered"),
        ]
        with pytest.raises(NotAllowedNow):
            meeting_requests.leave(session, first.id, **DO)


def test_wishes(app, work):
    with work() as session:
        day = Day(session, hand_out=HandOut.WISHES, most_wishes=2)
        karin, (a, b, c) = day.supplier(), [slot.id for slot in day.slots]
        request = meeting_requests.ask(session, karin.id, asked(karin, wishes=(b, a)), **DO)
        assert request.queue_number is None  # the draw gives numbers
        meeting_requests.ask(session, karin.id, asked(karin, wishes=(a, c)), **DO)
        session.refresh(request)
        assert [wish.slot_id for wish in request.wishes] == [a, c]
        day.slots[1].state = "blocked"
        for wishes in ((a, a), (a, b), (a, c, b), (a, 4711)):
            with pytest.raises(WishesCannotBe):
                meeting_requests.ask(session, karin.id, asked(karin, wishes=wishes), **DO)
        with stopped(Stop.CLOSED):
            meeting_requests.ask(
                session, karin.id, asked(karin), **DO | {"now": DAY - timedelta(7)}
            )


def test_assigned_by_hand_with_what_was_asked_for(app, work):
    with work() as session:
        day = Day(session, hand_out=HandOut.BY_HAND)
        karin = day.supplier(people=2)
        one = karin.participants[1]
        meeting_requests.ask(session, karin.id, Asked((one.id,), topics="Larm"), **DO)
        by = STAFF | {"actor": f"user:{make_user(session).id}"}
        with pytest.raises(ReasonNeeded):
            bookings.assign(session, karin.id, day.slots[0].id, reason="", **by)
        booked = bookings.assign(session, karin.id, day.slots[0].id, reason="Bredd", **by)
        assert [each.participant_id for each in booked.people] == [one.id]
        assert (booked.topics, booked.reason, queue(session)[0][0]) == ("Larm", "Bredd", "served")


def test_a_hold_lasts_no_longer_for_being_taken_again(app, work):
    """Whoever chooses the same time again has the hold it had; and after EXTENSIONS + 1 times of
    HOLD the others have their chance."""
    with work() as session:
        day = Day(session)
        karin, per = day.supplier(), day.supplier()
        slot, other = day.slots[0].id, day.slots[1].id
        held = bookings.hold(session, karin.id, slot, **DO)
        assert bookings.hold(session, karin.id, slot, **later(minutes=9)).id == held.id
        assert held.until == NOW + HOLD
        for n in range(1, EXTENSIONS + 1):
            bookings.hold(session, karin.id, slot, **later(minutes=10 * n))
        at = later(minutes=10 * (EXTENSIONS + 1))
        with pytest.raises(HeldEnough):
            bookings.hold(session, karin.id, slot, **at)
        bookings.hold(session, karin.id, other, **at)
        bookings.hold(session, per.id, slot, **at)
        at = later(minutes=10 * (EXTENSIONS + 2))
        bookings.hold(session, karin.id, slot, is_filled=True, **at)


def test_a_hold_that_ran_out_stands_in_nobodys_way(app, work):
    """Also before the worker has been there."""
    with work() as session:
        day = Day(session)
        moved, late = day.booked(1), STAFF | {"now": NOW + HOLD}
        bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)
        request = make_request(session, day.supplier(), queue_number=None)
        meeting_offers.offer(session, request.id, day.slots[0].id, reason="Bytt", **late)
        bookings.hold(session, day.supplier().id, day.slots[2].id, **DO)
        moves = [Move(moved.id, day.slots[2].id)]
        booking_sets.replan(session, day.event.id, moves, {}, reason="Sjuk", **late)
        assert moved.slot_id == day.slots[2].id


def test_before_a_draw_an_offer_wants_a_reason(app, work):
    with work() as session:
        day = Day(session, hand_out=HandOut.WISHES)
        request = make_request(session, day.supplier(), queue_number=None)
        with pytest.raises(ReasonNeeded):
            meeting_offers.offer(session, request.id, day.slots[0].id, **STAFF)
        meeting_offers.offer(session, request.id, day.slots[0].id, reason="Jäv", **STAFF)


def drawn(session: Session) -> Day:
    """A day whose draw is public, with everything taken."""
    day = Day(session, hand_out=HandOut.LOT, closes_at=NOW - timedelta(hours=2))
    given = {"committed_at": NOW, "published_at": NOW, "commitment": "c" * 64, "seed": "s" * 64}
    session.add(Draw(event_id=day.event.id, hand_out=HandOut.LOT, **given))
    for n in range(3):
        day.booked(n)
    return day


def test_times_added_after_a_draw_go_to_the_queue_when_they_open(app, work):
    with work() as session:
        day = drawn(session)
        first, last = make_request(session, day.supplier()), day.supplier()
        opening = later(days=1)
        [slot] = make_slots(session, day.event, number=1, opens_at=opening["now"])
        meeting_requests.ask(session, last.id, asked(last), **DO)
        assert meeting_openings.events_to_open(session, now=NOW) == []
        assert session.scalars(sa.select(Booking).where(Booking.slot_id == slot.id)).all() == []
        when = {"now": opening["now"], "post": POST}
        assert meeting_openings.events_to_open(session, now=when["now"]) == [day.event.id]
        [offered] = meeting_openings.open_added(session, day.event.id, **when)
        assert (offered.slot_id, offered.registration_id) == (slot.id, first.registration_id)
        assert meeting_openings.open_added(session, day.event.id, **when) == []


def test_what_is_free_is_handed_on_in_few_statements(app, work, statements):
    """Also where most of it is not to be had, and nobody waits whom it suits."""
    with work() as session:
        day = drawn(session)
        never = [[NOW.isoformat(), (DAY + timedelta(days=9)).isoformat()]]
        make_request(session, day.supplier(), away=never)
        free = make_slots(session, day.event, number=8, starts_at=DAY + timedelta(days=1))
        with statements() as made:
            ids = [slot.id for slot in free]
            assert meeting_offers.offer_on(session, day.event, ids, now=NOW, post=POST) == []
        assert len(made) < 20
