"""Registrations put together: every place, number, link and invitation stays what it was."""

import pytest

from dialognav.models import (
    Answer,
    Attendance,
    AuditEntry,
    CalendarObject,
    Event,
    FormField,
    Letter,
    Organisation,
    Participant,
    Registration,
)
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import open_form
from tests.integration.staff import token_of

KEY = "not-a-secret-" * 4


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="en")


@pytest.fixture
def event_id(work, planner):
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        return make_event(session, organisation, capacity_on_site=2).id


def party(work, event_id, contact, people, name="Trygghem Teknik AB", key="SE:5594012345", **given):
    """A registration with (name, address, state, queue number) of its people; its public id."""
    with work() as session:
        made = make_registration(
            session,
            session.get_one(Event, event_id),
            party_name=name,
            party_key=key,
            party_name_key="name:trygghem teknik@trygghem.example",
            contact_name=contact,
            contact_email=f"{contact.lower()}@trygghem.example",
            language="en",
            **given,
        )
        for who, email, state, number in people:
            make_participant(session, made, name=who, email=email, state=state, queue_number=number)
        return made.public_id


KARIN = ("Karin Falk", "karin@trygghem.example")
JONAS = ("Jonas Berg", "jonas@trygghem.example")
LEILA = ("Leila Nouri", "leila@trygghem.example")
OTHER = ("Ola Lie", "ola@annan.example")


def merge(planner, public_id, **more):
    path = f"/manage/registrations/{public_id}/merge"
    form = open_form(planner.client, path, "mark")
    for name, value in more.items():
        form[name] = value
    return form.send()


def seats(look):
    """[(name, state, queue number, registration's contact)] of all live people."""
    with look() as session:
        rows = session.query(Attendance).order_by(Attendance.id)
        return [
            (
                seat.participant.name,
                seat.state,
                seat.queue_number,
                seat.participant.registration.contact_name,
            )
            for seat in rows
        ]


def test_everybody_keeps_place_number_and_link(planner, work, look, event_id, app):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    party(work, event_id, "Jonas", [(*JONAS, "confirmed", None), (*LEILA, "waiting", 4)])
    party(work, event_id, "Ola", [(*OTHER, "waiting", 5)], "Annan AB", "SE:5569123457")
    with look() as session:
        people = {one.name: (one.public_id, one.generation) for one in session.query(Participant)}
        old = session.query(Registration).filter_by(contact_name="Jonas").one().public_id
    page = planner.client.get(f"/manage/registrations/{first}").text
    assert "Put them together" in page
    assert merge(planner, first).status_code == 303

    assert seats(look) == [
        ("Karin Falk", "confirmed", None, "Karin"),
        ("Jonas Berg", "confirmed", None, "Karin"),
        ("Leila Nouri", "waiting", 4, "Karin"),
        ("Ola Lie", "waiting", 5, "Ola"),
    ]
    with look() as session:
        kept = session.query(Registration).filter_by(public_id=first).one()
        gone = session.query(Registration).filter_by(public_id=old).one()
        assert (gone.merged_into_id, gone.withdrawn_at) == (kept.id, NOW)
        assert [one.position for one in kept.participants] == [0, 1, 2]
        told = {(one.kind, one.recipient) for one in session.query(Letter)}
        assert told == {
            ("merged", "karin@trygghem.example"),
            ("merged", "jonas@trygghem.example"),  # was a contact: now has an own link
        }
        entry = session.query(AuditEntry).filter_by(verb="registration.merged").one()
        assert entry.facts == {"merged": [gone.id], "people": 3, "twice": 0}
    visitor = app.test_client()
    for name, (public_id, generation) in people.items():
        link = make_link(KEY, PARTICIPANT, public_id, generation)
        assert name in visitor.get(f"/en/r/{link}").text
    merged = visitor.get(f"/en/r/{make_link(KEY, REGISTRATION, old, 0)}")
    assert merged.status_code == 200
    assert "Your registrations are one now" in merged.text
    assert "karin" not in merged.text.lower()  # nobody is named to who holds the old link


def test_of_two_entries_the_better_stays_and_the_other_place_is_handed_on(
    planner, work, look, event_id
):
    first = party(work, event_id, "Jonas", [(*KARIN, "waiting", 1), (*JONAS, "confirmed", None)])
    party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    with work() as session:
        session.get_one(Event, event_id).occasions[0].capacity_on_site = 2
    page = planner.client.get(f"/manage/registrations/{first}/merge").text
    assert page.count("Stands here twice") == 1
    assert merge(planner, first).status_code == 303
    live = [one for one in seats(look) if one[1] != "withdrawn"]
    assert live == [
        ("Jonas Berg", "confirmed", None, "Jonas"),
        ("Karin Falk", "confirmed", None, "Jonas"),
    ]


def test_a_place_held_twice_goes_to_the_queue_and_one_invitation_is_taken_back(
    planner, work, look, event_id
):
    from dialognav.actions import registrations
    from dialognav.domain.parties import Party
    from dialognav.mail.post import Post

    post = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)

    def sign_up(session, key, contact, who):
        return registrations.register(
            session,
            event_id,
            registrations.Register(
                party=Party("Trygghem AB", "company", "", "", key, key),
                contact=registrations.Contact(contact, f"{contact}@trygghem.example"),
                people=(registrations.NewPerson(*who, registrations.Wish("on_site")),),
                language="en",
            ),
            now=NOW,
            post=post,
        ).public_id

    with work() as session:
        first = sign_up(session, "name:x", "karin", KARIN)
        sign_up(session, "name:x", "leila", KARIN)
        sign_up(session, "name:y", "ola", OTHER)
        session.query(Letter).update({"status": "sent"})
    with look() as session:
        uids = {one.participant_id: one.uid for one in session.query(CalendarObject)}
        karin = session.query(Participant).order_by(Participant.id).first().id
    assert merge(planner, first).status_code == 303
    assert [one[:2] for one in seats(look)] == [
        ("Karin Falk", "confirmed"),
        ("Karin Falk", "withdrawn"),
        ("Ola Lie", "confirmed"),  # the freed place was handed on in the same transaction
    ]
    with look() as session:
        live = session.query(CalendarObject).filter_by(cancelled_at=None)
        assert uids[karin] in {one.uid for one in live}
        [taken_back] = session.query(Letter).filter_by(kind="withdrawn")
        assert taken_back.facts["by"] == "merged"
        assert taken_back.facts["method"] == "CANCEL"
        assert taken_back.facts["entry"]["uid"] != uids[karin]
        assert session.query(Letter).filter_by(kind="promoted").count() == 1


def test_the_organiser_says_yes_when_only_the_name_fits(planner, work, look, event_id):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    second = party(work, event_id, "Jonas", [(*JONAS, "confirmed", None)], key="name:trygghem")
    path = f"/manage/registrations/{first}/merge"
    assert "Perhaps: the name fits, the number does not" in planner.client.get(path).text
    form = open_form(planner.client, f"{path}?with={second}", "mark")
    answer = form.send()
    assert answer.status_code == 422
    assert "Say that they are the same organisation" in answer.text
    form["same"] = "yes"
    assert form.send().status_code == 303
    assert {one[3] for one in seats(look)} == {"Karin"}


def test_another_contact_may_stay(planner, work, look, event_id):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    second = party(work, event_id, "Jonas", [(*JONAS, "confirmed", None)])
    path = f"/manage/registrations/{first}/merge?keep={second}"
    assert open_form(planner.client, path, "mark").send().status_code == 303
    assert {one[3] for one in seats(look)} == {"Jonas"}
    with look() as session:
        assert session.query(Registration).filter_by(public_id=first).one().withdrawn_at == NOW


def test_somebody_withdraws_between_look_and_word(planner, work, look, event_id):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    party(work, event_id, "Jonas", [(*JONAS, "confirmed", None), (*LEILA, "confirmed", None)])
    form = open_form(planner.client, f"/manage/registrations/{first}/merge", "mark")
    with work() as session:
        gone = session.query(Participant).filter_by(name=LEILA[0]).one()
        gone.withdrawn_at = NOW
        gone.attendances[0].state = "withdrawn"
    answer = form.send()
    assert answer.status_code == 409
    assert "Something has changed since this page was made" in answer.text
    assert {one[3] for one in seats(look)} == {"Karin", "Jonas"}


@pytest.mark.parametrize("why", ["begun", "pending", "another party"])
def test_what_cannot_be_put_together(planner, work, look, event_id, why, clock):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    second = party(work, event_id, "Jonas", [(*JONAS, "confirmed", None)])
    form = open_form(planner.client, f"/manage/registrations/{first}/merge", "mark")
    with work() as session:
        other = session.query(Registration).filter_by(public_id=second).one()
        if why == "pending":
            other.review = "pending"
        elif why == "another party":
            other.party_key = other.party_name_key = "name:annan"
        else:
            event = session.get_one(Event, event_id)
            event.starts_at = event.occasions[0].starts_at = NOW
    assert form.send().status_code in (409, 422)
    assert {one[3] for one in seats(look)} == {"Karin", "Jonas"}


def test_answers_go_along(planner, work, look, event_id):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    party(work, event_id, "Jonas", [(*JONAS, "confirmed", None)])
    with work() as session:
        event = session.get_one(Event, event_id)
        field = FormField(
            organisation_id=event.organisation_id,
            event_id=event_id,
            kind="text",
            scope="person",
            label={"sv": "Roll"},
        )
        session.add(field)
        session.flush()
        jonas = session.query(Participant).filter_by(name=JONAS[0]).one()
        session.add(
            Answer(
                field_id=field.id,
                registration_id=jonas.registration_id,
                participant_id=jonas.id,
                value="Arkitekt",
                changed_at=NOW,
            )
        )
    assert merge(planner, first).status_code == 303
    with look() as session:
        answer = session.query(Answer).one()
        assert session.get(Registration, answer.registration_id).contact_name == "Karin"


# --- the contact --------------------------------------------------------------------------------


def test_the_contact_asks_and_learns_nothing_about_others(planner, work, look, event_id, app):
    """The same page and answer whether there is another registration or not."""
    alone = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    link = f"/en/r/{make_link(KEY, REGISTRATION, alone, 0)}"
    visitor = app.test_client()
    page = visitor.get(link)
    assert "Several registrations?" in page.text
    answer = visitor.post(f"{link}/merge", data={"csrf_token": token_of(page)})
    assert answer.status_code == 303
    asked = visitor.get(answer.location)
    assert "The organiser has been asked" in asked.text
    shown = planner.client.get(f"/manage/registrations/{alone}").text
    assert "The contact asks you to put registrations together" in shown
    party(work, event_id, "Jonas", [(*JONAS, "confirmed", None)])
    shown = planner.client.get(f"/manage/registrations/{alone}").text
    assert "The contact asks you to put the registrations together." in shown
    again = visitor.get(link).text
    assert "Jonas" not in again
    with look() as session:
        assert session.query(AuditEntry).filter_by(verb="registration.merge_asked").count() == 1


def test_an_old_link_mails_the_own_one_to_its_own_address_only(planner, work, look, event_id, app):
    first = party(work, event_id, "Karin", [(*KARIN, "confirmed", None)])
    second = party(work, event_id, "Jonas", [(*JONAS, "confirmed", None)])
    assert merge(planner, first).status_code == 303
    with work() as session:
        session.query(Letter).update({"status": "sent"})
    visitor = app.test_client()
    link = f"/en/r/{make_link(KEY, REGISTRATION, second, 0)}"
    page = visitor.get(link)
    for verb in ("withdraw", "add", "merge"):
        assert visitor.get(f"{link}/{verb}").status_code in (404, 405, 409), verb
    answer = visitor.post(f"{link}/merged", data={"csrf_token": token_of(page)})
    assert answer.status_code == 303
    with look() as session:
        [letter] = session.query(Letter).filter_by(status="pending")
        jonas = session.query(Participant).filter_by(name=JONAS[0]).one()
        assert letter.recipient == "jonas@trygghem.example"
        assert [one["link"]["public_id"] for one in letter.facts["links"]] == [jonas.public_id]
    kept = f"/en/r/{make_link(KEY, REGISTRATION, first, 0)}"
    token = token_of(visitor.get(kept))
    assert visitor.post(f"{kept}/merged", data={"csrf_token": token}).status_code == 404
