"""A supplier's own one-to-one meetings, by the link in its mail: choose, book, move, give up."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import tokens
from dialognav.mail import meeting_notices, render
from dialognav.models import (
    Attendance,
    Booking,
    Event,
    Letter,
    MeetingRequest,
    MeetingRules,
    Registration,
    Slot,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of
from tests.integration.mailed import POST
from tests.integration.test_own_page import KEY
from tests.letter_samples import STATIONERY
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_request,
    make_rules,
    make_slots,
    make_table,
)


@pytest.fixture
def scene(work, look, client):
    return Scene(work, look, client)


class Scene:
    """Trygghem with three people and Fjellvakt with one; a table on site with three times and a
    digital one with two."""

    def __init__(self, work, look, client) -> None:
        self.work, self.look, self.client = work, look, client
        with work() as session:
            event = make_event(session)
            self.event_id, self.slug = event.id, event.slug
            make_rules(session, event)
            on_site = make_table(session, event, position=1)
            lobby = {"online_url": "https://meet.example/1", "lobby_at": NOW}
            online = make_table(
                session, event, position=2, mode="online", name={"sv": "Bord D"}, **lobby
            )
            self.slots = [slot.public_id for slot in make_slots(session, event, on_site)]
            made = make_slots(session, event, online, number=2)
            self.online = [slot.public_id for slot in made]
            self.own, self.people = self.sign_up(session, event, "Karin", "Jonas", "Leila")
            self.other, _ = self.sign_up(session, event, "Ingrid")

    def sign_up(self, session, event, *names, **given):
        firm = make_registration(session, event, **given)
        people = {name: make_participant(session, firm, name=f"{name} Provsson") for name in names}
        session.refresh(firm)
        self.ids = {name: one.id for name, one in people.items()}
        link = tokens.make_link(KEY, tokens.REGISTRATION, firm.public_id, 0)
        links = {
            name: "/en/r/" + tokens.make_link(KEY, tokens.PARTICIPANT, one.public_id, 0)
            for name, one in people.items()
        }
        return f"/en/r/{link}/meetings", links

    def rules(self, **given) -> None:
        with self.work() as session:
            rules = session.get_one(MeetingRules, self.event_id)
            for name, value in given.items():
                setattr(rules, name, value)

    def choose(self, slot: str, page: str = "", path: str = ""):
        form = open_form(self.client, path or page or self.own, "zone")
        form["slot"] = slot
        return form.send()

    def book(self, slot: str, page: str = "") -> str:
        """Holds and books; the address of the meeting."""
        held = self.choose(slot, page)
        assert held.status_code == 303, problems_of(held)
        done = open_form(self.client, held.location, "topics").send()
        assert done.status_code == 303, problems_of(done)
        return held.location.partition("?")[0]

    def states(self) -> list[tuple[str, str]]:
        """[(slot, state)] of all bookings, in their order."""
        with self.look() as session:
            rows = session.scalars(sa.select(Booking).order_by(Booking.id))
            return [(row.slot.public_id, row.state) for row in rows]


def test_a_supplier_chooses_and_books(scene):
    page = scene.client.get(scene.own).text
    assert "Choose a time for your one-to-one meeting" in page
    assert page.count('type="radio" name="slot"') == 5
    held = scene.choose(scene.slots[1])
    assert held.status_code == 303
    assert scene.states() == [(scene.slots[1], "held")]
    form = open_form(scene.client, held.location, "topics")
    form["topics"] = "Vi vill visa larmet."
    form["people"] = None
    assert problems_of(form.send()) == ["Choose at least one person who comes"]
    form = open_form(scene.client, held.location, "topics")
    form["topics"] = "Vi vill visa larmet."
    done = form.send()
    assert done.location.endswith("/meetings?done=booked")
    page = scene.client.get(done.location).text
    assert "The meeting is booked" in page
    assert "Vi vill visa larmet." in page
    assert 'name="slot"' not in page  # one meeting for each organisation
    assert scene.states() == [(scene.slots[1], "booked")]


def test_looking_holds_nothing_and_a_forged_post_neither(scene):
    for path in (scene.own, f"{scene.own}?view=list", f"{scene.own}?zone=Europe/Helsinki"):
        assert scene.client.get(path).status_code == 200
    answer = scene.client.post(scene.own, data={"slot": scene.slots[0]})
    assert answer.status_code == 422
    assert scene.states() == []


def test_no_time_chosen_is_said_at_the_times(scene):
    form = open_form(scene.client, scene.own, "zone")
    answer = form.send()
    assert answer.status_code == 422
    assert problems_of(answer) == ["Choose a time"]
    assert 'href="#slot-0"' in answer.text
    assert 'id="slot-0"' in answer.text


@pytest.mark.parametrize("view", ["grid", "list"])
def test_what_others_have_is_booked_and_nothing_more(scene, view):
    with scene.work() as session:
        other = session.scalars(
            sa.select(Registration).order_by(Registration.id.desc()).limit(1)
        ).one()
        name = other.party_name
        taken = session.scalars(sa.select(Slot).where(Slot.public_id == scene.slots[0])).one()
        make_booking(session, taken, other, topics="Vår hemliga plan")
    page = scene.client.get(f"{scene.own}?view={view}").text
    assert name not in page
    assert "Ingrid" not in page
    assert "hemliga" not in page
    assert page.count('type="radio" name="slot"') == 4
    assert scene.slots[0] not in page
    assert "Booked" in page


def test_whoever_names_a_competitors_person_does_not_find_out_when_it_meets(scene):
    with scene.work() as session:
        firm, spy = session.scalars(sa.select(Registration).order_by(Registration.id))
        person, namesake = firm.participants[0], spy.participants[0]
        namesake.name, namesake.email = person.name, person.email
        slot = session.scalars(sa.select(Slot).where(Slot.public_id == scene.slots[0])).one()
        make_booking(session, slot, firm)
    page = scene.client.get(scene.other).text
    assert page.count('type="radio" name="slot"') == 4
    assert "Not to be had" not in page
    answer = scene.choose(scene.online[0], scene.other)  # at that hour
    assert answer.status_code == 409
    assert problems_of(answer) == ["This time is no longer to be had. Choose another."]


def test_who_was_faster_has_it_and_the_other_is_told(scene):
    page = open_form(scene.client, scene.own, "zone")
    scene.book(scene.slots[0], scene.other)
    page["slot"] = scene.slots[0]
    answer = page.send()
    assert answer.status_code == 409
    assert problems_of(answer) == ["Someone booked it first. Choose another time."]
    assert scene.slots[0] not in answer.text


def test_a_hold_is_extended_with_what_was_typed(scene, clock):
    held = scene.choose(scene.slots[0])
    form = open_form(scene.client, held.location, "topics")
    clock.shift(8 * 60)
    form["topics"] = "Halvvägs"
    answer = form.send("extend")
    assert answer.status_code == 200
    assert "Halvvägs" in answer.text
    assert 'data-left="600"' in answer.text
    clock.shift(9 * 60)
    done = form_of(scene.client, answer, "topics").send()
    assert done.location.endswith("done=booked")


def test_the_script_gets_the_facts_alone(scene, clock):
    held = scene.choose(scene.slots[0])
    form = open_form(scene.client, held.location, "topics")
    given = {"csrf_token": form["csrf_token"], "action": "extend"}
    clock.shift(60)
    for left in (600, 600, 600, None):
        answer = scene.client.post(
            held.location, data=given, headers={"Accept": "application/json"}
        )
        assert answer.json.get("left") == left
    assert answer.status_code == 409
    assert answer.json["said"] == "It cannot be held longer: book it before then."
    page = scene.client.get(held.location).text
    assert "It cannot be held longer" in page
    assert 'value="extend"' not in page


def test_a_hold_that_ran_out_is_taken_again_where_nobody_was_faster(scene, clock):
    held = scene.choose(scene.slots[0])
    form = open_form(scene.client, held.location, "topics")
    clock.shift(11 * 60)
    assert scene.client.get(held.location).location.endswith("done=hold-over")
    assert form.send().location.endswith("done=booked")
    assert scene.states()[-1] == (scene.slots[0], "booked")


def test_a_hold_that_ran_out_and_was_taken_loses_nothing_typed(scene, clock):
    held = scene.choose(scene.slots[0])
    form = open_form(scene.client, held.location, "topics")
    form["topics"] = "Skrivet för ingenting?"
    clock.shift(11 * 60)
    scene.book(scene.slots[0], scene.other)
    answer = form.send()
    assert answer.status_code == 409
    assert problems_of(answer) == ["Someone booked it first. Choose another time."]
    assert "Skrivet för ingenting?" in answer.text


def test_a_hold_can_be_let_go(scene):
    held = scene.choose(scene.slots[0])
    token = open_form(scene.client, held.location)["csrf_token"]
    path = held.location.partition("?")[0] + "/release"
    answer = scene.client.post(path, data={"csrf_token": token})
    assert answer.location.endswith("done=released")
    assert scene.choose(scene.slots[0], scene.other).status_code == 303


def test_a_meeting_is_moved_and_the_old_time_kept_when_somebody_was_faster(scene):
    meeting = scene.book(scene.slots[0])
    public_id = meeting.rpartition("/")[2]
    page = f"{scene.own}?move={public_id}"
    assert "Your meeting" in scene.client.get(page).text
    assert "Choose a new time for your meeting" in scene.client.get(page).text
    form = open_form(scene.client, page, "move")
    scene.book(scene.slots[1], scene.other)
    form["slot"] = scene.slots[1]
    answer = form.send()
    assert answer.status_code == 409
    assert problems_of(answer) == ["Someone booked it first. You keep your old time."]
    form = form_of(scene.client, answer, "move")
    form["slot"] = scene.online[0]
    assert form.send().location.endswith("done=moved")
    assert scene.states()[0] == (scene.online[0], "booked")


def test_a_meeting_is_given_up_once(scene):
    meeting = scene.book(scene.slots[0])
    form = open_form(scene.client, f"{meeting}/withdraw")
    assert form.send().location.endswith("done=withdrawn")
    assert form.send().location.endswith("done=meeting-over")
    assert scene.states() == [(scene.slots[0], "withdrawn")]
    assert scene.client.get(f"{meeting}/withdraw").status_code == 302


def test_other_people_come(scene):
    meeting = scene.book(scene.slots[0])
    form = open_form(scene.client, meeting, "topics")
    assert len(form.fields.getlist("people")) == 3
    form.fields.setlist("people", form.fields.getlist("people")[1:2])
    form["secret_marks"] = "Bilaga 2"
    assert problems_of(form.send()) == [
        "Say how it would harm you, so that it can be tested when somebody asks"
    ]
    form["secret_reason"] = "Våra priser"
    assert form.send().location.endswith("done=changed")
    page = scene.client.get(scene.own).text
    assert "Coming: Jonas Provsson" in page
    assert "Vår prismodell" not in page
    assert "Bilaga 2" in page


def test_a_colleague_sees_the_own_meetings_and_changes_nothing(scene):
    meeting = scene.book(scene.slots[0])
    form = open_form(scene.client, meeting, "topics")
    form.fields.setlist("people", form.fields.getlist("people")[1:2])
    form["topics"] = "Vår prismodell"
    form.send()
    assert "Vår prismodell" in scene.client.get(scene.own).text
    jonas, karin = scene.people["Jonas"], scene.people["Karin"]
    page = scene.client.get(f"{jonas}/meetings").text
    assert "Coming: Jonas Provsson" in page
    assert 'name="slot"' not in page
    assert "Give up" not in page
    assert "You are in no meeting" in scene.client.get(f"{karin}/meetings").text
    public_id = meeting.rpartition("/")[2]
    for path in (f"/meetings/{public_id}", f"/meetings/{public_id}/withdraw", "/meetings/request"):
        assert scene.client.get(jonas + path).status_code == 404
    assert scene.client.get(f"{scene.other}/{public_id}").status_code == 404


def test_a_slot_of_another_event_is_not_found(scene):
    with scene.work() as session:
        [foreign] = make_slots(session, make_event(session), number=1)
        foreign_id = foreign.public_id
    for slot in (foreign_id, "nonsense", "\x00"):
        assert scene.choose(slot).status_code == 404
        assert scene.client.get(scene.own, query_string={"move": slot}).status_code == 404


def test_before_it_opens_and_after_it_closes_the_page_says_when(scene):
    scene.rules(opens_at=NOW + timedelta(days=2))
    page = scene.client.get(scene.own).text
    assert "Booking opens Thu 14 Jan 2027, 10:00." in page
    assert 'type="radio" name="slot"' not in page
    assert page.count("Free") >= 5
    scene.rules(opens_at=NOW - timedelta(days=2), closes_at=NOW - timedelta(days=1))
    assert "Booking closed Mon 11 Jan 2027, 10:00." in scene.client.get(scene.own).text


def test_times_elsewhere_are_said_for_digital_meetings_alone(scene):
    with scene.work() as session:
        session.execute(sa.update(Registration).values(party_country="FI"))
    page = scene.client.get(scene.own).text
    assert page.count("10:00–10:30 (Helsinki, EET)") == 1, "read whole, of one time"
    assert page.count("10:00–10:30 where you are") == 1, "and seen short, the zone being said once"
    assert "Where you are: Helsinki, EET" in page
    page = scene.client.get(f"{scene.own}?zone=Asia/Tokyo").text
    assert "17:00–17:30 (Tokyo, JST)" in page or "17:00–17:30 (Tokyo" in page
    page = scene.client.get(f"{scene.own}?zone=../../etc/passwd").text
    assert "Helsinki, EET" in page


def test_the_zone_that_was_chosen_is_kept_with_the_booking_and_stands_in_the_letters(scene, look):
    there = "17:00–17:30 (Tokyo"
    tokyo = f"{scene.own}?zone=Asia/Tokyo"
    assert there in scene.client.get(tokyo).text
    assert there not in scene.client.get(scene.own).text, "looking keeps nothing"
    held = scene.choose(scene.online[0], path=tokyo)
    assert open_form(scene.client, held.location, "topics").send().status_code == 303
    assert there in scene.client.get(scene.own).text
    with scene.work() as session:
        booking = session.scalars(sa.select(Booking)).one()
        how = {"now": NOW, "post": POST}
        meeting_notices.tell_reminded(session, [booking], **how)
        booking.registration.language = "en"
        meeting_notices.tell_booked(session, [booking], **how)
        booking.until = NOW
        meeting_notices.tell_offered(session, [booking], **how)
    with look() as session:
        told = {
            row.kind: row for row in session.scalars(sa.select(Letter).filter_by(language="en"))
        }
        assert set(told) == {"meeting_booked", "meeting_offered"}
        for row in told.values():
            assert f"Where you are: {there}" in render.said(row, STATIONERY).text
        reminder = sa.select(Letter).filter_by(kind="meeting_reminder")
        assert "Hos er: 17.00" in render.said(session.scalars(reminder).first(), STATIONERY).text


def test_the_page_before_anybody_has_published_anything(scene):
    scene.rules(published_at=None)
    assert scene.client.get(scene.own).status_code == 404
    own_page = scene.own.removesuffix("/meetings")
    assert "One-to-one" not in scene.client.get(own_page).text
    assert "One-to-one" not in scene.client.get(f"/en/events/{scene.slug}").text


def test_the_rule_stands_on_the_page_of_the_event(scene):
    page = scene.client.get(f"/en/events/{scene.slug}").text
    assert "5 meetings of 30 minutes each, on Wed 24 Feb 2027." in page
    assert "First come, first served" in page
    assert "At most 1 meeting per organisation." in page
    with scene.work() as session:
        event = session.get_one(
            __import__("dialognav.models", fromlist=["Event"]).Event, scene.event_id
        )
        make_slots(
            session,
            event,
            number=2,
            starts_at=DAY + timedelta(days=2),
            opens_at=NOW + timedelta(days=1),
        )
        event.write_count += 1
    page = scene.client.get(f"/en/events/{scene.slug}").text
    assert "7 meetings of 30 minutes each, on Wed 24 Feb 2027 and Fri 26 Feb 2027." in page
    assert "2 times are added. They can be booked from Wed 13 Jan 2027, 10:00." in page
    page = scene.client.get(scene.own).text
    assert "opens Wed 13 Jan, 10:00" in page
    assert "(Stockholm, " not in page
    with scene.work() as session:
        event = session.get_one(Event, scene.event_id)
        summer, longer = DAY + timedelta(days=40), {"minutes": 60, "deviation": "Tolk"}
        make_slots(session, event, number=1, starts_at=summer, **longer)
        event.write_count += 1
    page = scene.client.get(f"/en/events/{scene.slug}").text
    assert "8 meetings, as a rule of 30 minutes, on" in page
    page = scene.client.get(scene.own).text
    assert "(Stockholm, CET)" in page
    assert "(Stockholm, CEST)" in page
    assert "They are not offered to the waiting list first." in page
    scene.rules(closes_at=None)
    page = scene.client.get(scene.own).text
    assert "A meeting can be moved to another free time until it begins." in page
    scene.rules(hand_out="lot")
    page = scene.client.get(scene.own).text
    assert "No supplier moves a meeting by itself. Whoever needs another time asks" in page
    assert "After the result they go to those who wait, in their order." in page
    assert "waiting list first" not in page


def test_wishes_are_ranked_and_changed(scene):
    scene.rules(hand_out="wishes", most_wishes=2)
    page = scene.client.get(scene.own).text
    assert "Rank the times you want" in page
    path = f"{scene.own}/request"
    form = open_form(scene.client, path, "wish_1")
    assert problems_of(form.send()) == ["Choose at least one time"]
    form["wish_1"] = form["wish_2"] = scene.slots[2]
    assert problems_of(form.send()) == ["You have chosen this time already"]
    form["wish_2"] = "nonsense"
    assert problems_of(form.send()) == ["This time is no longer to be had. Choose another."]
    form["wish_2"] = scene.online[0]
    form["away"] = "20270224p"
    form["topics"] = "Gärna före lunch"
    done = form.send()
    assert done.location.endswith("done=wished"), problems_of(done)
    page = scene.client.get(done.location).text
    assert "Your request is in" in page
    assert page.index("10:20–10:50, Bord") < page.index("Your wishes") or "Your wishes" in page
    form = open_form(scene.client, path, "wish_1")
    assert (form["wish_1"], form["wish_2"]) == (scene.slots[2], scene.online[0])
    assert form["topics"] == "Gärna före lunch"
    with scene.look() as session:
        asked = session.scalars(sa.select(MeetingRequest)).one()
        assert [wish.slot.public_id for wish in asked.wishes] == [scene.slots[2], scene.online[0]]
        assert asked.modes == []


def test_who_waits_sees_place_rule_and_by_when(scene):
    for slot in (*scene.slots, *scene.online):
        with scene.work() as session:
            event = session.get_one(Event, scene.event_id)
            taken = session.scalars(sa.select(Slot).where(Slot.public_id == slot)).one()
            firm = make_registration(session, event)
            make_participant(session, firm)
            session.refresh(firm)
            make_booking(session, taken, firm)
    page = scene.client.get(scene.own).text
    assert "No time is free now." in page
    form = open_form(scene.client, f"{scene.own}/request", "topics")
    assert form.send().location.endswith("done=asked")
    open_form(scene.client, f"{scene.other}/request", "topics").send()
    page = scene.client.get(scene.other).text
    assert "Number 2 on the waiting list for a meeting" in page
    assert "By then you know." in page
    own_page = scene.client.get(scene.own.removesuffix("/meetings")).text
    assert "Number 1 on the waiting list for a meeting" in own_page
    token = open_form(scene.client, scene.own)["csrf_token"]
    left = scene.client.post(f"{scene.own}/request/leave", data={"csrf_token": token})
    assert left.location.endswith("done=left")
    assert "Number 1 on the waiting list" in scene.client.get(scene.other).text


@pytest.mark.parametrize("answer", ["accept", "decline", "stays"])
def test_an_offer_is_answered(scene, answer):
    with scene.work() as session:
        firm = session.scalars(sa.select(Registration).order_by(Registration.id)).first()
        slot = session.scalars(sa.select(Slot).where(Slot.public_id == scene.slots[0])).one()
        said = {"people": [firm.participants[1].id], "languages": ["en"], "topics": "Vår fråga"}
        make_request(session, firm, state="offered", secret_marks="Bilaga 2", **said)
        until = NOW + timedelta(hours=24)
        offered = {"state": "offered", "booked_at": None, "until": until, "offered_at": NOW}
        booking = make_booking(session, slot, firm, **offered)
        booking.people = []
        path = f"{scene.own}/{booking.public_id}"
    page = scene.client.get(scene.own.removesuffix("/meetings")).text
    assert "A time for a meeting is free for you" in page
    assert "Answer by Wed 13 Jan, 10:00" in page
    if answer == "accept":
        form = open_form(scene.client, path, "topics")
        assert len(form.fields.getlist("people")) == 1
        assert (form["topics"], form["secret_marks"]) == ("Vår fråga", "Bilaga 2")
        assert form["language"] == "en"
        form["secret_reason"] = "Våra priser"
        done = form.send()
        assert done.location.endswith("done=booked"), problems_of(done)
        assert scene.states() == [(scene.slots[0], "booked")]
        return
    token = open_form(scene.client, path)["csrf_token"]
    given = {"csrf_token": token} | ({"stays": "1"} if answer == "stays" else {})
    done = scene.client.post(f"{path}/decline", data=given)
    assert scene.states()[0] == (scene.slots[0], "declined")
    page = scene.client.get(done.location).text
    assert ("Number 1 on the waiting list" in page) == (answer == "stays")
    again = scene.client.post(f"{path}/decline", data=given)
    assert again.location.endswith("done=offer-over")


def test_who_waits_for_a_place_at_the_event_cannot_book(scene):
    with scene.work() as session:
        session.execute(sa.update(Attendance).values(state="waiting", queue_number=Attendance.id))
    page = scene.client.get(scene.own).text
    assert "Meetings are for those who are registered and confirmed." in page
    assert 'type="radio" name="slot"' not in page
    with scene.work() as session:
        session.execute(sa.update(Attendance).values(state="confirmed"))
    form = open_form(scene.client, scene.own, "zone")
    with scene.work() as session:
        session.execute(sa.update(Attendance).values(state="waiting", queue_number=Attendance.id))
    form["slot"] = scene.slots[0]
    assert form.send().status_code == 409
    assert scene.states() == []


def test_the_page_asks_the_database_as_little_for_many_times(scene, statements):
    with statements() as few:
        assert scene.client.get(scene.own).status_code == 200
    with scene.work() as session:
        event = session.get_one(Event, scene.event_id)
        make_slots(session, event, number=9, starts_at=DAY + timedelta(days=1))
        make_slots(session, event, number=9, starts_at=DAY + timedelta(days=1))
    with statements() as many:
        assert scene.client.get(scene.own).text.count('name="slot"') == 23
    assert len(many) == len(few) <= 30, "\n".join(many)


def test_the_receipt_says_how_one_gets_a_meeting(scene):
    own_page = scene.own.removesuffix("/meetings")
    page = scene.client.get(f"{own_page}?new=1").text
    assert "Book a one-to-one meeting" in page
    assert f"{scene.own}" in page


@pytest.mark.parametrize("hand_out", ["lot", "by_hand"])
def test_a_request_without_ranks(scene, hand_out):
    scene.rules(hand_out=hand_out, opens_at=NOW + timedelta(days=1))
    page = scene.client.get(scene.own).text
    assert "You can ask for a meeting from Wed 13 Jan 2027, 10:00." in page
    assert "meetings/request" not in page
    assert 'name="people"' not in scene.client.get(f"{scene.own}/request").text
    scene.rules(opens_at=NOW - timedelta(days=1))
    form = open_form(scene.client, f"{scene.own}/request", "topics")
    assert "wish_1" not in form.fields
    form.fields.setlist("modes", ["online"])
    scene.rules(closes_at=NOW)
    answer = form.send()
    assert answer.status_code == 409
    assert "One could ask for a meeting until Tue 12 Jan 2027, 10:00." in answer.text
    scene.rules(closes_at=NOW + timedelta(days=9))
    assert form.send().location.endswith("done=wished")
    page = scene.client.get(scene.own).text
    assert "You have asked for a meeting" in page
    assert 'type="radio" name="slot"' not in page
    with scene.look() as session:
        assert session.scalars(sa.select(MeetingRequest)).one().modes == ["online"]
