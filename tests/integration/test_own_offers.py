"""The own page of somebody who waits, is offered a place, or let the offer run out.

As P9 of domain.md 7 wants it: the number, the rule, and by when one knows.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import tokens
from dialognav.actions import offers, queue_ends, registrations
from dialognav.models import Attendance, Participant, Registration
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.forms import PageForm, open_form
from tests.integration.test_own_page import KEY
from tests.integration.test_register_actions import DO, POST, person, sign_up

OFFER_ENDS = NOW + timedelta(hours=24)


@pytest.fixture
def scene(work, look, client):
    return Scene(work, look, client)


class Scene:
    """Ada has the one place; Per and Pia of one firm wait, then Cia."""

    def __init__(self, work, look, client) -> None:
        self.work, self.look, self.client = work, look, client
        with work() as session:
            event = make_event(session, capacity_on_site=1, promotion="offer")
            self.event_id = event.id
            self.first = sign_up(session, event, person("Ada A")).id
            firm = sign_up(session, event, person("Per Holm"), person("Pia P"))
            sign_up(session, event, person("Cia C"))
            link = tokens.make_link(KEY, tokens.REGISTRATION, firm.public_id, 0)
            self.own = f"/en/r/{link}"
            self.ids = {one.name: one.public_id for one in firm.participants}
            pia = tokens.make_link(KEY, tokens.PARTICIPANT, self.ids["Pia P"], 0)
            self.colleague = f"/en/r/{pia}"

    def free(self, places: int = 1) -> None:
        with self.work() as session:
            registrations.withdraw_all(session, self.first, **DO)
            if places > 1:
                event = session.get_one(Registration, self.first).event
                event.occasions[0].capacity_on_site = places
                registrations.fill_free_places(session, event, now=NOW, post=POST)

    def lapse(self, now=OFFER_ENDS) -> None:
        with self.work() as session:
            offers.lapse_offers(session, self.event_id, now=now, post=POST)

    def press(self, path: str, page: str = ""):
        """The button that posts there, pressed on the own page."""
        page = page or self.own
        form = open_form(self.client, page)
        assert f'action="{path}"' in self.client.get(page).text
        return self.client.post(path, data={"csrf_token": form["csrf_token"]})

    def states(self) -> dict[str, str]:
        with self.look() as session:
            rows = session.execute(
                sa.select(Participant.name, Attendance.state)
                .join(Attendance, Attendance.participant_id == Participant.id)
                .order_by(Attendance.id)
            )
            return {name.split()[0]: state for name, state in rows}


def test_who_waits_sees_the_number_the_reason_the_rule_and_by_when(scene):
    page = scene.client.get(scene.own).text
    assert "Number 1 on the waiting list" in page
    assert "Number 2 on the waiting list" in page
    assert "The event was full" in page
    assert "24 hours to answer" in page
    assert "The list closes on Tue 9 Feb 2027, 20:00" in page
    page = scene.client.get(scene.colleague).text
    assert "Number 2 on the waiting list" in page
    assert "Number 1 on" not in page


def test_looking_at_an_offer_answers_nothing(scene):
    scene.free()
    for _ in range(2):
        page = scene.client.get(scene.own).text
        assert "A place is free for you" in page
        assert "held until Wed 13 Jan 2027, 10:00" in page
    assert scene.client.get(f"{scene.own}/accept").status_code == 405
    assert scene.states() == {
        "Ada": "withdrawn",
        "Per": "offered",
        "Pia": "waiting",
        "Cia": "waiting",
    }


def test_the_contact_answers_for_one_or_for_all(scene):
    scene.free(places=2)
    page = scene.client.get(scene.own).text
    assert "Accept all the places" in page
    answer = scene.press(f"{scene.own}/{scene.ids['Pia P']}/accept")
    assert answer.location == f"{scene.own}?done=accepted"
    assert "The place is taken" in scene.client.get(answer.location).text
    scene.press(f"{scene.own}/{scene.ids['Per Holm']}/decline")
    assert scene.states()["Pia"] == "confirmed"
    assert scene.states()["Per"] == "withdrawn"
    assert scene.states()["Cia"] == "offered"


def test_all_at_once(scene):
    scene.free(places=2)
    scene.press(f"{scene.own}/accept")
    assert scene.states() == {
        "Ada": "withdrawn",
        "Per": "confirmed",
        "Pia": "confirmed",
        "Cia": "waiting",
    }


def test_a_colleague_answers_for_the_own_place_only(scene):
    scene.free(places=2)
    page = scene.client.get(scene.colleague).text
    assert scene.ids["Per Holm"] not in page
    token = open_form(scene.client, scene.colleague)["csrf_token"]
    other = f"{scene.colleague}/{scene.ids['Per Holm']}/accept"
    assert scene.client.post(other, data={"csrf_token": token}).status_code == 404
    everybody = scene.client.post(f"{scene.colleague}/accept", data={"csrf_token": token})
    assert everybody.status_code == 303
    assert scene.states()["Pia"] == "confirmed"
    assert scene.states()["Per"] == "offered"


def test_no_forged_answer(scene):
    scene.free()
    for verb in ("accept", "decline", "join-again"):
        for token in ({}, {"csrf_token": "made-up"}):
            assert scene.client.post(f"{scene.own}/{verb}", data=token).status_code == 400
            path = f"{scene.own}/{scene.ids['Per Holm']}/{verb}"
            assert scene.client.post(path, data=token).status_code == 400
    assert scene.states()["Per"] == "offered"


def test_too_late_is_said_and_changes_nothing(scene, clock):
    scene.free()
    clock.move_to(OFFER_ENDS)
    token = open_form(scene.client, scene.own)["csrf_token"]
    answer = scene.client.post(f"{scene.own}/accept", data={"csrf_token": token})
    assert answer.location.endswith("done=offer-over")
    assert "has run out or is answered already" in scene.client.get(answer.location).text
    assert scene.states()["Per"] == "offered"  # until the job comes by


def test_who_let_it_run_out_joins_again_at_the_end(scene, clock):
    scene.free()
    clock.move_to(OFFER_ENDS)
    scene.lapse()
    page = scene.client.get(scene.own).text
    assert "There was no answer in time" in page
    assert "Offer ran out" in page
    answer = scene.press(f"{scene.own}/join-again")
    assert "You are on the list again" in scene.client.get(answer.location).text
    assert "Number 2 on the waiting list" in scene.client.get(scene.own).text  # behind Cia
    assert scene.states()["Pia"] == "offered"


def test_after_the_cut_off_the_page_says_that_the_list_is_closed(scene, clock):
    clock.move_to(NOW.replace(month=2, day=9, hour=19))
    page = scene.client.get(scene.own).text
    assert "The waiting list is closed" in page
    assert "The list closes on" not in page
    with scene.work() as session:
        told = queue_ends.close_when_due(
            session, scene.event_id, now=NOW.replace(month=2, day=9, hour=19), post=POST
        )
        assert len(told) == 3


def test_a_postponed_event_keeps_the_offer_without_a_clock(scene):
    scene.free()
    with scene.work() as session:
        event = session.get_one(Registration, scene.first).event
        event.state = "postponed"
    page = scene.client.get(scene.own).text
    assert "held for you" in page
    assert "Accept the place" not in page


def test_the_own_page_costs_few_statements(scene, statements):
    scene.free()
    scene.client.get(scene.own)
    with statements() as ran:
        scene.client.get(scene.own)
    assert len(ran) <= 8, ran


def test_a_number_over_the_limit_is_refused_at_the_person_for_whom_there_is_no_room(
    client, work, look
):
    with work() as session:
        slug = make_event(session, limit_per_party=3).slug
    path = f"/en/events/{slug}/register"

    def form_of_two(first: str, second: str) -> PageForm:
        form = open_form(client, path, "party_name")
        form = PageForm(client, path, form.send("add").text, "party_name")
        form["party_name"], form["identifier"] = "Trygghem Teknik AB", "556016-0680"
        for part, name in (("contact", first), ("people-0", second)):
            form[f"{part}-name"] = name
            form[f"{part}-email"] = f"{name.split()[0].lower()}@trygghem.example"
        return form

    assert form_of_two("Karin Falk", "Jonas Berg").send("send").status_code == 303
    answer = form_of_two("Leila Nouri", "Emil Ek").send("send")
    assert answer.status_code == 409
    assert "At most 3 people per organisation may take part" in answer.text
    assert "2 people from your organisation are registered already." in answer.text
    assert "Karin" not in answer.text
    assert 'value="Leila Nouri"' in answer.text
    assert "Emil Ek" in answer.text
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 2
