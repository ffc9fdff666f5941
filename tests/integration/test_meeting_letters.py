"""What both sides hear of a one-to-one meeting, and what stands in their calendars."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import meeting_slot_changes
from dialognav.actions.meeting_rules import meeting_rules_of, save_meeting_rules
from dialognav.domain.meeting_rules import MeetingRulesDraft
from dialognav.domain.meeting_terms import BookingState, RequestState, TableRole
from dialognav.mail import meeting_notices, render
from dialognav.mail.stationery import Stationery
from dialognav.models import (
    Booking,
    BookingPerson,
    CalendarObject,
    Letter,
    MeetingRequest,
    MeetingRules,
    Slot,
    SlotStaff,
)
from dialognav.models.draw_facts import draw_facts
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.mailed import POST, calendar_part, post_mail, to
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

__all__ = ["post_mail"]
HOW = {"now": NOW, "post": POST}
QUIET = {"now": NOW, "post": replace(POST, quiet_window=300)}
GUESTS = ("asa@firm.example", "bo@firm.example")
CONTACT = "contact@firm.example"


@pytest.fixture
def meeting(work):
    """A booked meeting of two people, whom a third registered; ids of what it is made of."""
    with work() as session:
        event = make_event(session)
        make_rules(session, event)
        asks, notes = (
            make_member(session, event, email=f"{n}@tallvik.example", language="en") for n in "xy"
        )
        table = make_table(session, event, {asks: TableRole.ASKS, notes: TableRole.NOTES})
        slots = make_slots(session, event, table, number=8)
        registration = make_registration(session, event, contact_email=CONTACT, language="en")
        for address in GUESTS:
            make_participant(session, registration, email=address)
        session.refresh(registration)
        booking = make_booking(session, slots[0], registration)
        return {
            "event": event.id,
            "booking": booking.id,
            "slots": [slot.id for slot in slots],
            "registration": registration.id,
            "table": table.id,
        }


@pytest.fixture
def told(work, meeting, post_mail):
    """Call one of meeting_notices' verbs with what the function makes of the booking; the mails."""

    def tell(verb, made, **how):
        with work() as session:
            booking = session.get_one(Booking, meeting["booking"])
            arguments = made(session, booking)
            getattr(meeting_notices, verb)(session, *arguments, **HOW | how)
        return post_mail()

    return tell


def said(mail, name):
    """Of the entry, or of the calendar around it."""
    ics = (calendar_part(mail) or b"").decode().replace("\r\n ", "")
    ics = re.sub("BEGIN:VTIMEZONE.*END:VTIMEZONE", "", ics, flags=re.DOTALL)
    found = re.search(rf"^{name}[^:\r\n]*:(.*)\r$", ics, re.MULTILINE)
    return found.group(1) if found else ""


def booked(told):
    return told("tell_booked", lambda _session, booking: [[booking]])


def move(meeting, slot):
    def moved(session, booking):
        old = booking.slot
        booking.slot = session.get_one(Slot, meeting["slots"][slot])
        return [[(booking, meeting_notices.told_of(old), [])]]

    return moved


def end(state):
    def ended(_session, booking):
        booking.state, booking.ended_at = state, NOW
        return [[booking]]

    return ended


def test_both_sides_are_invited_each_by_an_entry_of_their_own(told, meeting, look):
    mails = booked(told)
    assert sorted(str(one["To"]).split("<")[-1].strip(">") for one in mails) == sorted(
        [*GUESTS, CONTACT, "x@tallvik.example", "y@tallvik.example"]
    )
    assert calendar_part(to(mails, CONTACT)) is None
    guest, host = to(mails, GUESTS[0]), to(mails, "x@tallvik.example")
    assert said(guest, "SUMMARY").startswith("One-to-one meeting: ")
    assert "Tallvik" in said(guest, "SUMMARY") or said(guest, "SUMMARY") != said(host, "SUMMARY")
    for mail in (guest, host):
        assert said(mail, "METHOD") == "REQUEST"
        assert said(mail, "CLASS") == "PRIVATE"
        assert said(mail, "TRIGGER") == "-PT30M"
        assert said(mail, "UID").startswith("m")
    uids = {said(one, "UID") for one in mails if calendar_part(one)}
    assert len(uids) == 4
    whole = b"".join(calendar_part(one) or b"" for one in mails)
    assert b"tallvik.example" not in (calendar_part(guest) or b"")
    assert b"firm.example" not in (calendar_part(host) or b"")
    assert b"/r/" not in whole


def test_a_move_updates_the_same_entries_and_asks_anew(told, meeting):
    before = {str(one["To"]): said(one, "UID") for one in booked(told) if calendar_part(one)}
    mails = told("tell_moved", move(meeting, 3))
    assert {str(one["To"]): said(one, "UID") for one in mails if calendar_part(one)} == before
    for mail in mails:
        if calendar_part(mail):
            assert (said(mail, "METHOD"), said(mail, "SEQUENCE")) == ("REQUEST", "1")
            assert said(mail, "DTSTART") == "20270224T110000"
            assert b"PARTSTAT=NEEDS-ACTION" in calendar_part(mail).replace(b"\r\n ", b"")
    assert "New time" in to(mails, GUESTS[0])["Subject"]
    text = to(mails, GUESTS[0]).get_body(("plain",)).get_content()
    assert "Answer the invitation once more" in text
    assert "goes into the calendar when you answer yes" not in text
    mails = told("tell_ended", end(BookingState.WITHDRAWN), by="supplier")
    for one in mails:
        if calendar_part(one):
            assert (said(one, "METHOD"), said(one, "SEQUENCE")) == ("CANCEL", "2")
    assert said(to(mails, GUESTS[0]), "SUMMARY").startswith("Withdrawn by you: ")
    assert said(to(mails, GUESTS[0]), "DTSTART") == "20270224T110000"


def test_what_is_moved_before_it_leaves_is_one_letter(work, meeting, post_mail, told):
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        meeting_notices.tell_booked(session, [booking], **HOW)
    mails = told("tell_moved", move(meeting, 2))
    guest = to(mails, GUESTS[0])
    assert "is booked" in guest["Subject"]
    assert said(guest, "SEQUENCE") == "1"
    assert said(guest, "DTSTART") == "20270224T102000"
    assert len(mails) == 5


def test_who_left_the_table_is_cancelled_and_who_came_is_invited(work, meeting, told):
    hosts = {str(one["To"]): said(one, "UID") for one in booked(told) if calendar_part(one)}
    with work() as session:
        event_id = meeting["event"]
        new = make_member(session, session.get_one(Booking, meeting["booking"]).registration.event)
        new.email = "z@tallvik.example"
        slot = session.get_one(Slot, meeting["slots"][0])
        gone = next(one for one in slot.staff if one.member.email == "x@tallvik.example")
        slot.staff.remove(gone)
        session.flush()
        slot.staff.append(SlotStaff(member_id=new.id, role=TableRole.ASKS))
        assert event_id == slot.event_id
    mails = told("tell_staffed", lambda _session, booking: [[(booking.slot, [], [])]])
    assert [str(one["To"]).count("@tallvik") for one in mails] == [1, 1]
    off, new = to(mails, "x@tallvik.example"), to(mails, "z@tallvik.example")
    assert said(off, "METHOD") == "CANCEL"
    assert said(off, "SUMMARY").startswith("Without you: One-to-one meeting: "), "it is held"
    assert said(off, "UID") in hosts.values()
    assert said(new, "METHOD") == "REQUEST"
    assert said(new, "UID") not in hosts.values()


def test_a_link_that_goes_is_told_and_no_more_is_promised_than_is_so(work, meeting, told):
    with work() as session:
        slot = session.get_one(Slot, meeting["slots"][0])
        slot.table.mode, slot.online_url = "online", "https://meet.example/old"
        slot.deviation = "Tolk: dubbel tid"
    text = to(booked(told), GUESTS[0]).get_body(("plain",)).get_content()
    assert "All suppliers get the same questions." in text
    assert "the same time" not in text
    assert "move" not in text, "the contact alone moves it"

    def unlinked(_session, booking):
        before = meeting_notices.told_of(booking.slot)
        booking.slot.online_url = ""
        return [[(booking.slot, before)]]

    mail = to(told("tell_changed", unlinked), GUESTS[0])
    assert mail["Subject"].startswith("The digital link has gone, a new one follows")
    text = mail.get_body(("plain",)).get_content()
    assert "Now: It follows" in text
    assert "Before: https://meet.example/old" in text


def test_whom_a_meeting_moves_away_from_reads_where_it_was(work, meeting, told):
    booked(told)
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        table = make_table(session, booking.registration.event, name={"en": "Far table"})
        far = make_slots(
            session, booking.registration.event, table, starts_at=DAY + timedelta(days=3)
        )
        meeting["slots"].append(far[0].id)
    mails = told("tell_moved", move(meeting, -1))
    off = to(mails, "x@tallvik.example")
    assert (said(off, "METHOD"), said(off, "DTSTART")) == ("CANCEL", "20270224T090000")
    text = off.get_body(("plain",)).get_content()
    assert "24 Feb" in text
    assert "Far table" not in text
    assert "Far table" in to(mails, GUESTS[0]).get_body(("plain",)).get_content()


def test_another_person_comes_and_the_others_hear_nothing(work, meeting, told):
    booked(told)
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        newcomer = make_participant(session, booking.registration, email="cia@firm.example")
        gone = next(one for one in booking.people if one.participant.email == GUESTS[1])
        booking.people.remove(gone)
        booking.people.append(BookingPerson(participant_id=newcomer.id))
    mails = told(
        "tell_people",
        lambda _session, booking: [booking, [booking.people[0].participant], []],
    )
    assert sorted(said(one, "METHOD") for one in mails) == ["CANCEL", "REQUEST"]
    assert said(to(mails, GUESTS[1]), "METHOD") == "CANCEL"
    assert said(to(mails, "cia@firm.example"), "METHOD") == "REQUEST"


def test_what_is_off_leaves_all_calendars(told, meeting, look):
    booked(told)
    off = end(BookingState.CANCELLED)
    mails = told("tell_ended", off, by="organiser", reason="Värden är sjuk.")
    assert len(mails) == 5
    assert [said(one, "METHOD") for one in mails if calendar_part(one)] == ["CANCEL"] * 4
    assert said(to(mails, GUESTS[0]), "SUMMARY").startswith("Cancelled: One-to-one meeting: ")
    guest = calendar_part(to(mails, GUESTS[0])).replace(b"\r\n ", b"")
    assert b"PARTSTAT=NEEDS-ACTION" in guest, "it is not the supplier who said no"
    assert "Värden är sjuk." in to(mails, CONTACT).get_body(("plain",)).get_content()
    with look() as session:
        left = sa.select(sa.func.count()).where(CalendarObject.cancelled_at.is_(None))
        assert session.scalar(left.where(CalendarObject.booking_id.is_not(None))) == 0


def test_a_meeting_that_is_off_before_its_letters_left_takes_nothing_out(work, meeting, told):
    with work() as session:
        meeting_notices.tell_booked(session, [session.get_one(Booking, meeting["booking"])], **HOW)
    mails = told("tell_ended", end(BookingState.WITHDRAWN), by="supplier")
    assert sorted(str(one["To"]).split("<")[-1].strip(">") for one in mails) == sorted(
        [*GUESTS, CONTACT]
    ), "the team has never heard of it"
    assert not any(calendar_part(one) for one in mails)


def test_more_than_five_at_once_are_one_list_and_stand_in_the_feed(work, meeting, post_mail, look):
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        others = [
            make_booking(session, session.get_one(Slot, id_), _firm(session, booking, n))
            for n, id_ in enumerate(meeting["slots"][1:7])
        ]
        meeting_notices.tell_booked(session, [booking, *others], **HOW)
    mails = [one for one in post_mail() if "x@tallvik.example" in one["To"]]
    assert len(mails) == 1
    assert calendar_part(mails[0]) is None
    text = mails[0].get_body(("plain",)).get_content()
    assert text.count("Firma") == 6
    with look() as session:
        of_team = CalendarObject.member_id.is_not(None)
        entries = session.scalars(sa.select(CalendarObject).where(of_team)).all()
        assert [entry.in_feed for entry in entries] == [True] * 14


def _firm(session, booking, n):
    registration = make_registration(session, booking.registration.event, party_name=f"Firma {n}")
    make_participant(session, registration)
    session.refresh(registration)
    return registration


def test_a_list_that_has_not_left_tells_all_that_came_since(work, meeting, post_mail):
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        slots = [session.get_one(Slot, id_) for id_ in meeting["slots"][1:7]]
        others = [
            make_booking(session, slot, _firm(session, booking, n)) for n, slot in enumerate(slots)
        ]
        meeting_notices.tell_booked(session, [booking, *others], **HOW)
        others[0].state, others[0].ended_at = BookingState.WITHDRAWN, NOW
        meeting_notices.tell_ended(session, [others[0]], by="supplier", **HOW)
    [mail] = [one for one in post_mail() if "x@tallvik.example" in one["To"]]
    text = mail.get_body(("plain",)).get_content()
    assert text.count("new") == 6
    assert "Firma 0" not in text, "it came and went before anybody was told"


def test_moves_on_the_board_gather_and_moved_back_they_are_nothing(work, meeting, told, look):
    booked(told)
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        first = booking.slot
        for slot_id in (meeting["slots"][4], meeting["slots"][0]):
            old, booking.slot = booking.slot, session.get_one(Slot, slot_id)
            moved = [(booking, meeting_notices.told_of(old), [])]
            meeting_notices.tell_moved(session, moved, reason="Byte av sal.", **QUIET)
        assert booking.slot is first
    with look() as session:
        waiting = sa.select(Letter).where(Letter.status == "pending")
        assert session.scalars(waiting).all() == []


def test_nobody_reads_of_another_supplier(work, meeting, post_mail):
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        other = _firm(session, booking, 7)
        second = make_booking(session, session.get_one(Slot, meeting["slots"][1]), other)
        meeting_notices.tell_booked(session, [booking, second], **HOW)
    for mail in post_mail():
        if "@firm.example" in mail["To"] and "Firma 7" in mail.as_string():
            pytest.fail("another supplier is named")


def test_offers_waiting_lists_and_results_go_to_the_contact_by_a_plain_letter(
    work, meeting, post_mail
):
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        booking.state, booking.until = BookingState.OFFERED, NOW + timedelta(hours=24)
        request = make_request(session, booking.registration, state=RequestState.OFFERED)
        meeting_notices.tell_offered(session, [booking], **HOW)
    [mail] = post_mail()
    assert CONTACT in mail["To"]
    assert calendar_part(mail) is None
    assert "Wed 13 Jan 2027, 10:00" in mail["Subject"]
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        booking.state = BookingState.LAPSED
        meeting_notices.tell_ended(session, [booking], by="lapsed", **HOW)
        request = make_request(session, _firm(session, booking, 1))
        request.registration.contact_email = "firm1@firm.example"
        request.registration.language = "en"
        meeting_notices.tell_waiting(session, [request], **HOW)
    lapsed, waiting = post_mail()
    assert "run out" in lapsed.get_body(("plain",)).get_content()
    text = waiting.get_body(("plain",)).get_content()
    assert "You are number 1" in text
    assert "The list moves until Tue 23 Feb 2027, 20:00." in text, "not until the last begins"


def test_two_hundred_cost_as_many_statements_as_two(work, meeting, statements):
    ran = {}
    for number in (2, 40):
        with work() as session:
            booking = session.get_one(Booking, meeting["booking"])
            table = make_table(session, booking.registration.event)
            starts = DAY + timedelta(days=number)
            slots = make_slots(
                session, booking.registration.event, table, number=number, starts_at=starts
            )
            made = [
                make_booking(session, slot, _firm(session, booking, n))
                for n, slot in enumerate(slots)
            ]
            with statements() as ran[number]:
                meeting_notices.tell_booked(session, made, **HOW)
    assert len(ran[40]) <= len(ran[2]) + 6, [len(ran[2]), len(ran[40])]


def test_all_who_may_and_have_not_asked_are_nudged(work, meeting, post_mail):
    from dialognav.mail.meeting_readers import registrations_that_may, registrations_without
    from dialognav.models.meeting_facts import supplier_facts

    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        event = booking.registration.event
        free = _firm(session, booking, 2)
        waits = _firm(session, booking, 3)
        for one in waits.participants:
            one.attendances[0].state = "waiting"
            one.attendances[0].queue_number = 1
        asked = _firm(session, booking, 4)
        make_request(session, asked)
        meets_only, stayed_away = (_firm(session, booking, n) for n in (5, 6))
        for one, what in ((meets_only, "withdrawn"), (stayed_away, "no_show")):
            one.participants[0].attendances[0].state = what
        rest = {meets_only.id, stayed_away.id}
        may = {one.id for one in registrations_that_may(session, event)}
        assert may == {booking.registration_id, free.id, asked.id} | rest
        facts = supplier_facts(session, event.id, may | {waits.id}, now=NOW)
        assert may == {one for one in facts if facts[one].may_meet}
        assert {one.id for one in registrations_without(session, event)} == {free.id} | rest
        meeting_notices.tell_added(session, event, [booking.slot], **HOW)
    assert len(post_mail()) == 5


def test_a_letter_says_that_the_meeting_can_be_moved_when_it_can(work, meeting, look):
    stationery = Stationery("http://localhost", "s" * 32, "dialog@dialog.example")
    for rules, until in (
        ({}, "17 Feb"),
        ({"closes_at": None}, "24 Feb"),
        ({"closes_at": NOW}, ""),
        ({"hand_out": "wishes", "closes_at": DAY}, ""),
        ({"hand_out": "by_hand", "closes_at": None}, ""),
    ):
        with work() as session:
            for name, value in rules.items():
                setattr(session.get_one(MeetingRules, meeting["event"]), name, value)
            booking = session.get_one(Booking, meeting["booking"])
            booking.registration.contact_email = GUESTS[0]
            meeting_notices.tell_booked(session, [booking], **HOW)
            meeting_notices.tell_reminded(session, [booking], **HOW)
        with look() as session:
            rows = session.scalars(sa.select(Letter).where(Letter.status == "pending")).all()
            words = [render.said(row, stationery).text for row in rows]
        whole = [text for text in words if "Withdraw there" in text]
        assert len(whole) == 2, "the colleague has nothing to move"
        for text in whole:
            assert ("you can move it there" in text) is bool(until)
            assert until in text


CHANGED = MeetingRulesDraft(
    opens_at=NOW - timedelta(days=1),
    closes_at=DAY - timedelta(days=9),
    most_people=4,
    gap_minutes=20,
    slot_minutes=30,
    languages=("sv", "en"),
)


def change(session, event_id, draft, reason, at=NOW, quiet=300):
    revision = session.get_one(MeetingRules, event_id).revision
    post = replace(POST, quiet_window=quiet)
    how = {"now": at, "actor": "user:1", "post": post}
    save_meeting_rules(session, event_id, draft, expected_revision=revision, reason=reason, **how)


def test_changed_rules_are_told_to_all_whom_they_concern_once(work, meeting, clock, post_mail):
    """To who has a meeting, who waits for one, who may have one; in one letter, also of two changes
    within the quiet time, each reason said."""
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        waits, _free = (_firm(session, booking, n) for n in (1, 2))
        make_request(session, waits, queue_number=1)
        left, pending = (_firm(session, booking, n) for n in (3, 4))
        left.withdrawn_at, pending.review = NOW, "pending"
        for n, one in enumerate((waits, _free, left, pending), 1):
            one.contact_email, one.language = f"firm{n}@firm.example", "en"
    with work() as session:
        change(session, meeting["event"], CHANGED, "Fler vill komma.")
    clock.shift(60)
    assert post_mail() == []
    with work() as session:
        draft = replace(CHANGED, closes_at=DAY - timedelta(days=5), gap_minutes=15)
        change(session, meeting["event"], draft, "Jul.", NOW + timedelta(minutes=1))
    clock.shift(301)
    mails = post_mail()
    assert len(mails) == 3
    for address, stands in (
        (CONTACT, "The meeting that you have stands."),
        ("firm1@firm.example", "You keep your place on the waiting list: number 1."),
        ("firm2@firm.example", ""),
    ):
        mail = to(mails, address)
        text = " ".join(mail.get_body(("plain",)).get_content().split())
        assert mail["Subject"].startswith("The rules of the one-to-one meetings have changed")
        assert "Now: 4 Before: 3" in text
        assert "Now: Fri 19 Feb 2027, 09:00 Before: Wed 17 Feb 2027, 09:00" in text
        assert "Fler vill komma." in text
        assert "Jul." in text
        assert "Minutes between" not in text
        assert stands in text
        assert "/meetings" in text
    with work() as session:  # taken back before it left, or of no use to anybody
        later = NOW + timedelta(hours=1)
        for changed in (CHANGED, draft, replace(draft, gap_minutes=25)):
            change(session, meeting["event"], changed, "Det var fel.", later)
        session.get_one(Booking, meeting["booking"]).registration.event.phase = "procurement"
        change(session, meeting["event"], CHANGED, "Det är för sent.", later)
    clock.shift(7200)
    assert post_mail() == []


@pytest.fixture
def wished(work, meeting):
    """Two who wish for the first three times and wait for the draw, and one with wishes of others;
    a public draw is not made yet."""
    with work() as session:
        rules = session.get_one(MeetingRules, meeting["event"])
        rules.hand_out = "wishes"
        booking = session.get_one(Booking, meeting["booking"])
        slots = [session.get_one(Slot, id_) for id_ in meeting["slots"]]
        for n, some in enumerate((slots[1:4], slots[2:5], slots[5:7]), 1):
            firm = _firm(session, booking, n)
            firm.contact_email, firm.language = f"firm{n}@firm.example", "en"
            make_request(session, firm, some, queue_number=None)
    return meeting


def verb(name, session, *what, at=NOW, **given):
    how = {"now": at, "actor": "user:1", "post": replace(POST, quiet_window=300)}
    return getattr(meeting_slot_changes, name)(session, *what, **how | given)


def test_who_wished_for_a_time_that_falls_away_is_told_once_what_stands(
    work, wished, clock, post_mail
):
    slots, event = wished["slots"], wished["event"]
    with work() as session:
        verb("block", session, slots[1], "Internt: Ek AB ringde")
        verb("remove_slots", session, event, [slots[2]], reason="Salen är såld.")
        verb("block", session, slots[3], "")
        verb("unblock", session, slots[3])
    clock.shift(60)
    assert post_mail() == []
    clock.shift(600)
    mails = post_mail()
    assert sorted(one["To"].split("<")[-1] for one in mails) == [
        "firm1@firm.example>",
        "firm2@firm.example>",
    ]
    first, second = (
        to(mails, f"firm{n}@firm.example").get_body(("plain",)).get_content() for n in (1, 2)
    )
    gone, kept = first.split("These of your wishes stand")
    assert ("09:40" in gone, "10:20" in gone, "11:00" in gone) == (True, True, False)
    assert "1. Wed 24 Feb 2027, 11:00" in kept
    assert "You can wish anew until Wed 17 Feb 2027, 09:00." in kept
    assert "Salen är såld." in first
    assert "Ek AB" not in first
    gone, kept = second.split("These of your wishes stand")
    assert "09:40" not in gone
    assert "1. Wed 24 Feb 2027, 11:00" in kept
    assert "2. Wed 24 Feb 2027, 11:40" in kept
    with work() as session:
        verb("unblock", session, slots[1], at=NOW + timedelta(hours=1))
    clock.shift(3600)
    [back] = post_mail()
    assert back["Subject"].startswith("A time that you wished for can be had again")


def test_wishes_changed_meanwhile_are_one_letter_and_after_the_last_day_none_can_be(
    work, wished, clock, post_mail
):
    slots = wished["slots"]
    with work() as session:
        verb("block", session, slots[2], "")
        request = session.scalars(
            sa.select(MeetingRequest).order_by(MeetingRequest.id).limit(1)
        ).one()
        request.wishes = [one for one in request.wishes if one.slot_id == slots[1]]
        meeting_notices.tell_wished(session, [request], **HOW)
    clock.shift(600)
    first = to(post_mail(), "firm1@firm.example")
    assert "has come in" in first["Subject"]
    text = " ".join(first.get_body(("plain",)).get_content().split())
    assert "This time is no longer handed out to anybody: Wed 24 Feb 2027, 10:20" in text
    late = NOW + timedelta(hours=2)
    with work() as session:
        session.get_one(MeetingRules, wished["event"]).closes_at = NOW + timedelta(hours=1)
        verb("block", session, slots[1], "", at=late)
    clock.move_to(late + timedelta(minutes=10))
    [mail] = post_mail()
    text = mail.get_body(("plain",)).get_content()
    assert "None of your wishes is left." in text
    assert "The time to wish is over" in text


def test_of_more_wishes_than_the_rules_allow_now_the_first_count(work, wished, look):
    with work() as session:
        event = session.get_one(Booking, wished["booking"]).registration.event
        rules = session.get_one(MeetingRules, wished["event"])
        change(session, event.id, replace(meeting_rules_of(rules), most_wishes=2), "Lika för alla.")
        given = draw_facts(session, event, now=NOW).given
        assert sorted(len(one.wishes) for one in given.suppliers) == [2, 2, 2]
    with look() as session:
        kind = Letter.kind == "meeting_rules_changed"
        rows = {one.recipient: one.facts for one in session.scalars(sa.select(Letter).where(kind))}
    stands = [rows[f"firm{n}@firm.example"]["meetings"]["stands"] for n in (1, 3)]
    assert [(one["wishes"], one["counted"]) for one in stands] == [(3, 2), (2, 2)]
    assert stands[0]["may_change"]


def test_an_unsent_receipt_of_wishes_says_what_fell_away_and_what_can_be_had_again(
    work, wished, clock, post_mail
):
    """A time that is gone before the receipt left is told by it; one that is back, by nothing."""
    slots = wished["slots"]
    for falls, returns in ((slots[1], ""), (slots[2], slots[2])):
        with work() as session:
            requests = session.scalars(sa.select(MeetingRequest).order_by(MeetingRequest.id)).all()
            meeting_notices.tell_wished(session, requests[:1], **HOW)
        with work() as session:
            verb("block", session, falls, "")
            if returns:
                verb("unblock", session, returns)
        clock.shift(600)
        text = " ".join(
            to(post_mail(), "firm1@firm.example").get_body(("plain",)).get_content().split()
        )
        assert "has come in" in text
        assert ("no longer handed out" in text) is not bool(returns)
        assert "2. Wed 24 Feb 2027, 11:00" in text


def test_what_was_blocked_is_not_told_again_when_it_is_removed(work, wished, clock, post_mail):
    with work() as session:
        verb("block", session, wished["slots"][1], "")
    clock.shift(600)
    assert len(post_mail()) == 1
    with work() as session:
        later = NOW + timedelta(hours=1)
        verb("remove_slots", session, wished["event"], wished["slots"][1:2], reason="x", at=later)
    clock.shift(7200)
    assert post_mail() == []


def test_changed_rules_cost_as_many_statements_for_ten_who_wished_as_for_three(
    work, wished, statements
):
    def cost(most):
        with work() as session, statements() as said:
            rules = session.get_one(MeetingRules, wished["event"])
            draft = replace(meeting_rules_of(rules), most_people=most)
            change(session, wished["event"], draft, "Fler.")
        return len(said)

    before = cost(5)
    with work() as session:
        booking = session.get_one(Booking, wished["booking"])
        for n in range(10, 17):
            slot = session.get_one(Slot, wished["slots"][6])
            make_request(session, _firm(session, booking, n), [slot], queue_number=None)
    assert cost(6) <= before
