"""One-to-one meetings end, or stay, with what they hang on."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialognav.actions import (
    answering,
    bookings,
    event_moves,
    events,
    meeting_openings,
    meeting_rules,
    merging,
    offers,
    participants,
    registrations,
)
from dialognav.actions.disposal import propose
from dialognav.actions.review import Look, Refusal, decline
from dialognav.domain.errors import NotAllowedNow, TooLate, WrongPeople
from dialognav.domain.reviews import fingerprint
from dialognav.jobs.housekeeping import forget_needs
from dialognav.mail.meeting_notices import tell_booked, tell_rules_changed
from dialognav.mail.notices import tell_contact
from dialognav.models import (
    AccessNeed,
    Booking,
    BookingPerson,
    DeadAddress,
    Diet,
    Draw,
    Event,
    InterestConflict,
    Letter,
    MeetingRequest,
    MeetingRules,
    Organisation,
    Registration,
    Slot,
    TeamMember,
    Wish,
)
from dialognav.models.approvals import facts_of
from dialognav.models.meeting_facts import supplier_facts
from dialognav.queries import manage
from dialognav.queries import registrations as links
from dialognav.queries.digests import waiting_in
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.integration.test_register_actions import DO, person
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

STAFF: dict[str, Any] = DO | {"actor": "user:1"}
PLENARY_OVER = DAY - timedelta(days=7)


@pytest.fixture
def day(work):
    """Two suppliers with two people and a meeting each; {name: id}."""
    with work() as session:
        event = make_event(session)
        make_rules(session, event)
        slots = make_slots(session, event, make_table(session, event), number=3)
        ids = {"event": event.id}
        for n, name in enumerate(("first", "second")):
            row = make_registration(session, event, party_name="Samma AB", party_key="same")
            people = [make_participant(session, row) for _ in range(2)]
            session.refresh(row)
            ids[name], ids[f"{name}_people"] = row.id, [one.id for one in people]
            ids[f"{name}_booking"] = make_booking(session, slots[n], row).id
        return ids


def state(look, booking_id):
    with look() as session:
        return session.get_one(Booking, booking_id).state


def people_of(look, booking_id):
    with look() as session:
        found = sa.select(BookingPerson.participant_id).filter_by(booking_id=booking_id)
        return sorted(session.scalars(found))


# --- the supplier --------------------------------------------------------------------------------


@pytest.mark.parametrize(("do", "expected"), [(DO, "withdrawn"), (STAFF, "cancelled")])
def test_a_withdrawn_registration_has_no_meeting(day, work, look, do, expected):
    with work() as session:
        change_rules(session, day["event"])
        registrations.withdraw_all(session, day["first"], **do)
        rules = sa.select(Letter.stream).filter_by(kind="meeting_rules_changed", status="pending")
        assert session.scalars(rules).all() == [f"meeting_rules:{day['second']}"]
    assert state(look, day["first_booking"]) == expected
    assert state(look, day["second_booking"]) == "booked"


def test_after_the_plenary_the_whole_registration_can_still_be_withdrawn(day, work, look):
    with work() as session:
        registrations.withdraw_all(session, day["first"], **DO | {"now": PLENARY_OVER})
    assert state(look, day["first_booking"]) == "withdrawn"
    with work() as session, pytest.raises(TooLate):
        registrations.withdraw_all(session, day["first"], **DO | {"now": PLENARY_OVER})


@pytest.mark.parametrize("now", [NOW, PLENARY_OVER])
def test_a_person_who_leaves_leaves_the_meeting_and_the_last_one_ends_it(day, work, look, now):
    [one, other] = day["first_people"]
    do = DO | {"now": now}
    with work() as session:
        participants.withdraw_person(session, one, **do)
    assert people_of(look, day["first_booking"]) == [other]
    assert state(look, day["first_booking"]) == "booked"
    with work() as session:
        participants.withdraw_person(session, other, **do)
    assert state(look, day["first_booking"]) == "withdrawn"
    with work() as session, pytest.raises((TooLate, NotAllowedNow)):
        participants.withdraw_person(session, other, **do)


@pytest.mark.parametrize("now", [NOW, PLENARY_OVER])
def test_somebody_else_who_takes_the_seat_comes_to_the_meeting_too(day, work, look, now):
    [one, other] = day["first_people"]
    with work() as session:
        new = participants.swap_person(session, one, person("Emil Ek"), **DO | {"now": now})
        assert len(new.attendances) == (now == NOW)  # what has begun stays the other's
        new = new.id
    assert people_of(look, day["first_booking"]) == [other, new]


def test_nobody_is_swapped_into_two_meetings_at_one_time(day, work, look):
    [one, _other] = day["first_people"]
    with work() as session:
        first, second = (session.get_one(Booking, day[f"{n}_booking"]) for n in ("first", "second"))
        second.slot.table = make_table(session, first.registration.event)
        second.slot.starts_at, second.slot.ends_at = first.slot.starts_at, first.slot.ends_at
        there = second.people[0].participant
        theirs = replace(person(there.name), email=there.email)
    with pytest.raises(WrongPeople), work() as session:
        participants.swap_person(session, one, theirs, **DO)
    with work() as session:
        participants.swap_person(session, one, replace(theirs, name="Emil Ek"), **DO)


def test_who_only_gives_the_plenary_seat_back_still_comes_to_the_meeting(day, work, look):
    [one, other] = day["first_people"]
    with work() as session:
        event = session.get_one(Event, day["event"])
        first = session.get_one(Booking, day["first_booking"])
        seats = [each.attendances for each in (p.participant for p in first.people)]
        for given_up in seats:
            answering.give_up(session, event, given_up, by="calendar", **DO)
    assert people_of(look, day["first_booking"]) == [one, other]
    with look() as session:
        assert session.get_one(Booking, day["first_booking"]).registration.withdrawn_at is None


def test_an_offered_plenary_place_that_is_turned_down_takes_no_meeting_along(day, work, look):
    with work() as session:
        booking = session.get_one(Booking, day["first_booking"])
        for each in booking.people:
            [seat] = each.participant.attendances
            seat.state, seat.offer_ends_at = "offered", NOW + timedelta(hours=5)
        session.flush()
        offers.decline_offers(session, day["first"], **DO)
    assert state(look, day["first_booking"]) == "booked"


@pytest.mark.parametrize("by", ["offer", "answer"])
def test_with_the_last_seat_goes_what_is_offered_and_asked_for(day, work, look, by):
    with work() as session:
        booking = session.get_one(Booking, day["first_booking"])
        booking.state, booking.until = "offered", NOW + timedelta(hours=5)
        make_request(session, booking.registration, state="offered")
        seats = [each.attendances[0] for each in booking.registration.participants]
        booking.people = []
        for seat in seats if by == "offer" else ():
            seat.state, seat.offer_ends_at = "offered", NOW + timedelta(hours=5)
        session.flush()
        if by == "offer":
            offers.decline_offers(session, day["first"], **DO)
        for seat in seats if by == "answer" else ():
            answering.give_up(session, booking.registration.event, [seat], by="self", **DO)
        assert booking.registration.withdrawn_at == NOW
    assert state(look, day["first_booking"]) == "withdrawn"
    with look() as session:
        assert session.scalars(sa.select(MeetingRequest.state)).all() == ["withdrawn"]


def test_who_declines_a_seat_is_not_asked_for_a_meeting_either(day, work, look):
    [one, other] = day["first_people"]
    with work() as session:
        booking = session.get_one(Booking, day["first_booking"])
        booking.state = "withdrawn"
        request = make_request(session, booking.registration, people=[one, other])
        answering.give_up(
            session,
            booking.registration.event,
            booking.people[0].participant.attendances,
            by="self",
            **DO,
        )
        assert request.people == [other]


def test_a_declined_registration_has_no_meeting(day, work, look):
    with work() as session:
        row = session.get_one(Booking, day["first_booking"]).registration
        row.review = "changed"
        for each in row.participants:
            each.attendances[0].state = "pending"
        session.flush()
        seen = fingerprint(facts_of(session, [row])[row.id], row.review)
        refusal = Refusal("other", {"sv": "Nej"})
        look_at = [Look(row.id, seen)]
        decline(session, day["event"], look_at, refusal, **STAFF, decided_by_id=None)
    assert state(look, day["first_booking"]) == "cancelled"


def test_merged_registrations_keep_both_meetings(day, work, look):
    with work() as session:
        rows = [
            session.get_one(Booking, day[f"{n}_booking"]).registration for n in ("first", "second")
        ]
        mark = merging.plan(rows).mark
        merging.merge(session, day["first"], [day["second"]], mark, **STAFF)
    with look() as session:
        both = session.scalars(sa.select(Booking).order_by(Booking.id)).all()
        assert [one.state for one in both] == ["booked", "booked"]
        assert {one.registration_id for one in both} == {day["first"]}
    assert people_of(look, day["second_booking"]) == day["second_people"]


def test_who_may_not_meet_a_supplier_may_not_after_a_merge_with_another_number(day, work):
    with work() as session:
        rows = [
            session.get_one(Booking, day[f"{n}_booking"]).registration for n in ("first", "second")
        ]
        rows[1].party_key = "its number"
        rows[0].party_name_key = rows[1].party_name_key = "samma"
        one, other = session.scalars(sa.select(TeamMember.id).order_by(TeamMember.id))
        for member, of in ((one, 0), (one, 1), (other, 1)):
            given = {"member_id": member, "registration_id": rows[of].id}
            session.add(InterestConflict(**given, reason=f"Delägare {of}", noted_at=NOW))
        session.flush()
        mark = merging.plan(rows).mark
        merging.merge(session, day["first"], [day["second"]], mark, **STAFF)
        facts = supplier_facts(session, day["event"], [day["first"]], now=NOW)
        assert facts[day["first"]].conflicts == {one, other}


@pytest.mark.parametrize(
    ("ours", "theirs", "most", "kept"),
    [
        # enough meetings by now: nobody waits on for another
        (("waiting", 7, "A"), ("served", 3, "B"), 1, ("served", 3, "B")),
        (("waiting", 7, "A"), ("served", 3, "B"), 3, ("waiting", 7, "A")),
        (("served", 3, "A"), ("waiting", 7, "B"), 3, ("waiting", 7, "B")),
        # what was taken back is not revived
        (("withdrawn", 1, "A"), ("waiting", 3, "B"), 3, ("waiting", 3, "B")),
        (("waiting", 7, "A"), ("waiting", 3, "B"), 3, ("waiting", 3, "A")),
    ],
)
def test_what_was_asked_for_after_a_merge(day, work, look, ours, theirs, most, kept):
    with work() as session:
        rows = [
            session.get_one(Booking, day[f"{n}_booking"]).registration for n in ("first", "second")
        ]
        session.get_one(MeetingRules, day["event"]).most_per_party = most
        slots = session.scalars(sa.select(Slot).order_by(Slot.id)).all()
        for n, (row, (state, number, topics)) in enumerate(zip(rows, (ours, theirs), strict=True)):
            request = make_request(session, row, state=state, queue_number=number, topics=topics)
            request.wishes = [Wish(rank=rank, slot_id=slots[n].id) for rank in range(1, 3 - n)]
        wished = {"A": [(1, slots[0].id), (2, slots[0].id)], "B": [(1, slots[1].id)]}
        session.flush()
        mark = merging.plan(rows).mark
        merging.merge(session, day["first"], [day["second"]], mark, **STAFF)
    with look() as session:
        found = session.scalars(sa.select(MeetingRequest).order_by(MeetingRequest.id)).all()
        assert (found[0].state, found[0].queue_number, found[0].topics) == kept
        assert [(one.rank, one.slot_id) for one in found[0].wishes] == wished[kept[2]]
        assert found[1].state == "withdrawn"


def test_who_was_there_twice_is_in_the_meeting_once(day, work, look):
    with work() as session:
        rows = [
            session.get_one(Booking, day[f"{n}_booking"]).registration for n in ("first", "second")
        ]
        twin, stays = rows[1].participants[0], rows[0].participants[0]
        twin.name, twin.email = stays.name, stays.email
        session.flush()
        mark = merging.plan(rows).mark
        merging.merge(session, day["first"], [day["second"]], mark, **STAFF)
    assert people_of(look, day["second_booking"]) == sorted(
        [day["first_people"][0], day["second_people"][1]]
    )


# --- the event -----------------------------------------------------------------------------------

STOPS = {
    "cancel": lambda session, event: event_moves.cancel(session, event, {"sv": "Slut"}, **STAFF),
    "postpone": lambda session, event: event_moves.postpone(session, event, {"sv": "Is"}, **STAFF),
    "to_procurement": lambda session, event: event_moves.switch_to_procurement(
        session, event, **STAFF
    ),
}


def change_rules(session, event_id):
    """Letters about it wait for the quiet time."""
    event, rules = session.get_one(Event, event_id), session.get_one(MeetingRules, event_id)
    old = meeting_rules.meeting_rules_of(rules)
    new = replace(old, most_people=old.most_people + 1)
    post = replace(DO["post"], quiet_window=300)
    tell_rules_changed(session, event, old, new, reason="Fler ryms.", now=NOW, post=post)


@pytest.mark.parametrize("verb", STOPS)
def test_an_event_that_stops_calls_its_meetings_off_and_says_so(day, work, look, verb):
    with work() as session:
        booked = [session.get_one(Booking, day[f"{n}_booking"]) for n in ("first", "second")]
        tell_booked(session, booked, now=NOW, post=DO["post"])
        session.flush()
        session.execute(sa.update(Letter).values(status="sent", sent_at=NOW))
    with work() as session:
        change_rules(session, day["event"])
        STOPS[verb](session, day["event"])
    assert state(look, day["first_booking"]) == state(look, day["second_booking"]) == "cancelled"
    with look() as session:
        kinds = Counter(session.scalars(sa.select(Letter.kind).filter_by(status="pending")))
        assert kinds["meeting_rules_changed"] == (2 if verb == "postpone" else 0)
        assert kinds["meeting_cancelled"] == 6  # once to each of the four, and to the contacts
        assert sum(n for kind, n in kinds.items() if kind.startswith("meeting_host")) == 4


def test_who_waits_for_a_meeting_hears_of_the_procurement(day, work, look):
    with work() as session:
        rows = [session.get_one(Booking, day[f"{n}_booking"]) for n in ("first", "second")]
        rows[0].state = "withdrawn"
        for row in rows:
            make_request(session, row.registration)
        STOPS["to_procurement"](session, day["event"])
        told = session.scalars(sa.select(Letter).filter_by(kind="meeting_stopped")).all()
        assert [one.recipient for one in told] == [rows[0].registration.contact_email]
        assert set(session.scalars(sa.select(MeetingRequest.state))) == {"withdrawn"}


def test_a_postponed_event_comes_back_with_times_to_publish_and_who_had_one_first(day, work):
    with work() as session:
        first, second = (session.get_one(Booking, day[f"{n}_booking"]) for n in ("first", "second"))
        first.topics = "Drift"
        event = first.registration.event
        waits = make_request(session, make_registration(session, event))
        for booking in (second, first):
            make_request(session, booking.registration, state="served", topics="Före lottningen")
        event_moves.postpone(session, event.id, {"sv": "Is"}, **STAFF)
        line = session.scalars(sa.select(MeetingRequest).order_by(MeetingRequest.queue_number))
        line = [(one.registration_id, one.state, one.topics) for one in line]
        assert line == [
            (day["first"], "waiting", "Drift"),
            (day["second"], "waiting", ""),
            (waits.registration_id, "waiting", ""),
        ]
        starts_at = DAY + timedelta(days=30)
        event_moves.set_new_date(
            session, event.id, starts_at, starts_at + timedelta(hours=2), closes_at=None, **STAFF
        )
        assert set(session.scalars(sa.select(Slot.published_at))) == {None}
        opens_at = NOW + timedelta(days=1)
        rules = session.get_one(MeetingRules, event.id)
        rules.hand_out, rules.most_per_party = "wishes", 2
        make_participant(session, waits.registration)
        drawn_at = NOW - timedelta(days=2)
        drawn = {"committed_at": drawn_at, "published_at": drawn_at, "hand_out": "wishes"}
        session.add(Draw(event_id=event.id, commitment="c" * 64, seed="5" * 64, **drawn))
        soon = STAFF | {"now": NOW + timedelta(hours=1)}
        meeting_rules.publish_meetings(session, event.id, opens_at=opens_at, **soon)
        when = {"now": opens_at + timedelta(minutes=1), "post": DO["post"]}
        made = meeting_openings.open_added(session, event.id, **when)
        assert [one.registration_id for one in made] == [registration for registration, *_ in line]


def test_a_meeting_that_was_held_stays_held_when_the_procurement_begins(day, work, look):
    with work() as session:
        session.get_one(Booking, day["first_booking"]).state = "attended"
        event_moves.switch_to_procurement(
            session, day["event"], **STAFF | {"now": DAY + timedelta(days=2)}
        )
    assert state(look, day["first_booking"]) == "attended"


def test_a_draft_is_deleted_with_its_plan(work, look):
    with work() as session:
        event = make_event(session, state="draft", published_at=None)
        make_rules(session, event, published_at=None)
        make_slots(session, event)
        session.flush()
        events.delete_draft(session, event.id, now=NOW, actor="user:1")
    with look() as session:
        for table in (Event, MeetingRules, Slot, TeamMember):
            assert session.scalars(sa.select(table)).all() == []


def test_the_overview_says_what_is_called_off(staff, sign_in, work):
    with work() as session:
        event = make_event(session, session.get_one(Organisation, staff.organisation_id))
        make_rules(session, event)
        for slot in make_slots(session, event, number=2):
            make_booking(session, slot, make_registration(session, event))
        path = f"/manage/events/{event.public_id}"
    planner = sign_in(role="planner", organisation_id=staff.organisation_id, language="en")
    page = planner.client.get(path).text
    said = "2 one-to-one meetings are called off, and both sides are told."
    assert page.count(said) == 3  # postponed, cancelled, and when the procurement begins


# --- after the last day --------------------------------------------------------------------------


def test_help_is_remembered_until_the_meeting_and_food_until_the_event(day, work, look):
    with work() as session:
        for person_id in (day["first_people"][0], day["second_people"][0]):
            session.add(AccessNeed(participant_id=person_id, need="Teckentolk"))
            session.add(Diet(participant_id=person_id, need="Vegan"))
        session.get_one(Booking, day["second_booking"]).state = "cancelled"
        forget_needs(session, now=PLENARY_OVER)
        assert session.scalars(sa.select(Diet)).all() == []
        helped = session.scalars(sa.select(AccessNeed.participant_id)).all()
        assert helped == [day["first_people"][0]]
        forget_needs(session, now=DAY + timedelta(days=1))
        assert session.scalars(sa.select(AccessNeed)).all() == []


def test_the_time_until_disposal_counts_from_the_last_meeting(day, work):
    with work() as session:
        event = session.get_one(Event, day["event"])
        organisation = session.get_one(Organisation, event.organisation_id)
        organisation.disposal_authority, organisation.retention_months = "RS 1", 0
        by = {"user_id": make_user(session, organisation).id}
        assert propose(session, organisation.id, now=PLENARY_OVER, **by) is None
        assert propose(session, organisation.id, now=DAY + timedelta(days=1), **by)


def test_an_event_with_meetings_ahead_is_coming(day, look):
    with look() as session:
        event = session.get_one(Event, day["event"])
        here = event.organisation_id
        assert manage.current_events(session, here, now=PLENARY_OVER) == [event]
        assert manage.current_events(session, here, now=DAY + timedelta(days=1)) == []


def test_own_links_are_found_until_long_after_the_last_meeting(day, work, look):
    with look() as session:
        booking = session.get_one(Booking, day["first_booking"])
        email = booking.registration.contact_email
        for slot in session.scalars(sa.select(Slot)):
            assert slot.ends_at < DAY + timedelta(days=1)
        at = session.get_one(Event, day["event"]).ends_at + links.REMEMBERED
        found, _people = links.links_of(session, email, now=at + timedelta(days=1))
        assert [one.id for one in found] == [day["first"]]


def test_a_contacts_letter_is_worth_sending_until_the_last_meeting(day, work):
    with work() as session:
        event = session.get_one(Event, day["event"])
        registration = session.get_one(Registration, day["first"])
        last = session.scalar(sa.select(sa.func.max(Slot.ends_at)))
        for n in range(2):
            tell_contact(session, event, registration, now=PLENARY_OVER, post=DO["post"])
            letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
            until = [last, event.ends_at][n]
            assert datetime.fromisoformat(letter.facts["void_after"]) == until
            session.execute(sa.update(Slot).values(state="removed"))


def test_an_address_that_no_mail_reaches_matters_until_the_last_meeting(day, look, work):
    with work() as session:
        booking = session.get_one(Booking, day["first_booking"])
        person, here = booking.people[0].participant, booking.registration.event.organisation_id
        session.add(DeadAddress(address=person.email, since=NOW))
        for seat in person.attendances:
            session.delete(seat)
        session.flush()
        for at, kinds in ((PLENARY_OVER, ["dead"]), (DAY + timedelta(days=1), [])):
            found = waiting_in(session, session.get_one(Organisation, here), now=at)
            assert [one.kind for one in found if one.kind == "dead"] == kinds


def test_who_waits_is_out_of_the_queue_with_the_registration(day, work, look):
    with work() as session:
        row = session.get_one(Booking, day["first_booking"]).registration
        make_request(session, row)
        session.flush()
        registrations.withdraw_all(session, day["first"], **DO)
    with look() as session:
        assert session.scalars(sa.select(MeetingRequest.state)).all() == ["withdrawn"]


def test_who_has_one_and_waits_for_another_goes_on_waiting_without_the_first(day, work):
    with work() as session:
        for name, end in (("first", bookings.withdraw), ("second", cancel_ill)):
            booking = session.get_one(Booking, day[f"{name}_booking"])
            request = make_request(session, booking.registration, modes=["online"])
            end(session, booking.id, **STAFF)
            assert request.state == "waiting"


def cancel_ill(session, booking_id, **do):
    bookings.cancel(session, booking_id, "Sjukdom", **do)
