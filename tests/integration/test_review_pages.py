"""The pages where registrations are approved and declined."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import tokens
from dialognav.actions import registrations
from dialognav.actions.registrations import Details
from dialognav.actions.review import Refusal
from dialognav.models import Answer, FormField, Letter, Organisation, Registration
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.forms import PageForm, form_of, open_form, problems_of
from tests.integration.staff import Staff
from tests.integration.test_review import (
    DO,
    approve,
    decline,
    entries,
    mailed,
    person,
    reviewed,
    sent,
    sign_up,
    states,
)

KEY = "not-a-secret-" * 4


@pytest.fixture
def admin(sign_in) -> Staff:
    return sign_in(language="en")


@pytest.fixture
def queue(admin, work):
    """`queue("Ada A", "Bo B", capacity_on_site=1)`: one pending registration each; the path."""

    def make(*names, staff=admin, together=False, **given) -> str:
        with work() as session:
            organisation = session.get_one(Organisation, staff.organisation_id)
            event = reviewed(session, organisation=organisation, **given)
            for group in [names] if together else [(name,) for name in names]:
                sign_up(session, event, *map(person, group))
            return f"/manage/events/{event.public_id}/review"

    return make


def choose(staff: Staff, path: str, *names: str, field: str = "registration") -> PageForm:
    """The queue with the boxes beside these names ticked."""
    page = staff.client.get(path)
    form = form_of(staff.client, page, "seen")
    for name in names:
        box = rf'name="{field}" value="(\w+)"><span>{re.escape(name)}'
        form.fields.add(field, re.search(box, page.text)[1])
    return form


def press(form: PageForm, verb: str = ""):
    form.path = form.path.replace("/approve", f"/{verb}") if verb else form.path
    return form.send()


def states_in(look) -> dict[str, str]:
    with look() as session:
        return states(session)


def test_who_has_waited_longest_comes_first_and_the_tab_says_how_many(admin, queue):
    path = queue("Ada A", "Bo B")
    text = admin.client.get(path).text
    assert text.index("Ada A AB") < text.index("Bo B AB")
    overview = admin.client.get(path.removesuffix("/review")).text
    assert re.search(r'Approval <span class="n hot">2', overview)


def test_the_dashboard_names_the_event_and_how_many(admin, queue):
    path = queue("Ada A", "Bo B")
    text = admin.client.get("/manage/").text
    assert "2 registrations to look at" in text
    assert f'href="{path}"' in text


def test_nothing_to_decide_says_so(admin, queue):
    text = admin.client.get(queue()).text
    assert "Nobody waits for a decision" in text
    assert "Approve those chosen" not in text


def test_an_event_without_approval_has_no_tab_for_it(admin, queue, work):
    path = queue()
    with work() as session:
        session.execute(sa.text("UPDATE event SET registration_review = false"))
    assert "Approval" not in admin.client.get(path.removesuffix("/review")).text


def test_one_of_two_is_approved(admin, queue, look):
    form = choose(admin, queue("Ada A", "Bo B"), "Bo B AB")
    answer = press(form)
    assert answer.status_code == 303
    assert "The registrations are approved" in admin.client.get(answer.location).text
    assert states_in(look) == {"Ada A": "pending", "Bo B": "confirmed"}
    with look() as session:
        made = session.scalars(sa.select(Registration).filter_by(review="approved")).one()
        assert made.decided_by_id == admin.user_id


def test_some_of_the_people_are_approved_the_rest_still_waits(admin, queue, look):
    path = queue("Ada A", "Bo B", "Cia C", together=True)
    form = choose(admin, path, "Bo B", field="person")
    assert press(form).status_code == 303
    assert states_in(look) == {"Ada A": "pending", "Bo B": "confirmed", "Cia C": "pending"}


def test_nothing_chosen_is_said_and_nothing_done(admin, queue, look):
    form = choose(admin, queue("Ada A"))
    for verb in ("", "reason"):
        answer = press(form, verb)
        assert answer.status_code == 422
        assert problems_of(answer) == ["Choose at least one registration"]
    assert states_in(look) == {"Ada A": "pending"}


def test_a_reason_is_asked_for_before_anything_is_declined(admin, queue, look):
    page = press(choose(admin, queue("Ada A", "Bo B"), "Ada A AB"), "reason")
    assert page.status_code == 200
    assert "1 registration that you decline" in page.text
    assert states_in(look) == {"Ada A": "pending", "Bo B": "pending"}
    form = form_of(admin.client, page, "text_sv")
    form["text_sv"] = "Nästa gång."
    again = form.send()
    assert again.status_code == 422
    assert problems_of(again) == ["Choose a reason"]
    form = form_of(admin.client, again, "text_sv")
    assert form["text_sv"] == "Nästa gång."
    form["reason"] = "places"
    assert form.send().status_code == 303
    assert states_in(look) == {"Ada A": "declined", "Bo B": "pending"}
    with look() as session:
        letter = session.scalars(sa.select(Letter).filter_by(kind="declined")).one()
        assert letter.facts["decision"] == {"reason": "places", "text": ["Nästa gång.", "sv"]}


def test_a_reason_that_says_nothing_wants_words_in_each_language_read(admin, queue, work, look):
    path = queue("Ada A", "Bo B")
    with work() as session:
        session.scalars(sa.select(Registration)).first().language = "nb"
    page = press(choose(admin, path, "Ada A AB", "Bo B AB"), "reason")
    form = form_of(admin.client, page, "text_nb")
    assert "text_en" not in form.fields
    form["reason"], form["text_sv"] = "other", "Därför."
    assert problems_of(form.send()) == ["Write why: the reason you chose does not say it"]
    form["text_nb"] = "Derfor."
    assert form.send().status_code == 303
    assert set(states_in(look).values()) == {"declined"}


@pytest.mark.parametrize("reason", ["", "nonsense", "audience\x00", "<b>"])
def test_a_made_up_reason_declines_nobody(admin, queue, look, reason):
    page = press(choose(admin, queue("Ada A"), "Ada A AB"), "reason")
    form = form_of(admin.client, page, "text_sv")
    form["reason"] = reason
    assert form.send().status_code == 422
    assert states_in(look) == {"Ada A": "pending"}


def test_who_was_declined_is_approved_after_all(admin, queue, look):
    path = queue("Ada A")
    form = form_of(admin.client, press(choose(admin, path, "Ada A AB"), "reason"), "text_sv")
    form["reason"] = "newcomers"
    form.send()
    page = admin.client.get(f"{path}?view=declined")
    assert "The places are for organisations that are new to us." in page.text
    assert press(choose(admin, f"{path}?view=declined", "Ada A AB")).status_code == 303
    assert states_in(look) == {"Ada A": "confirmed"}
    assert "Ada A AB" in admin.client.get(f"{path}?view=approved").text


def test_what_somebody_else_decided_meanwhile_is_not_decided_again(admin, queue, look):
    path = queue("Ada A", "Bo B")
    first, second = choose(admin, path, "Ada A AB"), choose(admin, path, "Ada A AB", "Bo B AB")
    assert press(first).status_code == 303
    answer = press(second)
    assert answer.status_code == 409
    assert "Nothing was done" in problems_of(answer)[0]
    assert states_in(look) == {"Ada A": "confirmed", "Bo B": "pending"}


def test_too_few_places_without_a_queue_approves_nobody(admin, queue, look):
    path = queue("Ada A", "Bo B", capacity_on_site=1, waiting_list=False)
    answer = press(choose(admin, path, "Ada A AB", "Bo B AB"))
    assert answer.status_code == 409
    assert "Nobody was approved" in problems_of(answer)[0]
    assert states_in(look) == {"Ada A": "pending", "Bo B": "pending"}


def test_what_is_new_stands_beside_what_was_approved(admin, queue, work):
    path = queue("Ada A")
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        approve(session, made.event, made)
        sent(session)
        registrations.change_details(session, 1, Details("Ada A", "Nurse <b>"), **DO)
        registrations.swap_person(session, 1, person("Bo B"), **DO)
        registrations.add_person(session, 1, person("Cia C"), **DO)
    text = admin.client.get(path).text
    assert "Changed after it was approved." in text
    told = re.findall(
        r"<dt>([^<]*)</dt><dd><ins>([^<]*)</ins><small>Before: <del>([^<]*)</del>", text
    )
    assert told == [
        ("Person instead of another", "Bo B", "Ada A"),
        ("New person", "Cia C", "Nothing"),
    ]
    assert "keeps the place until it is decided" in text


def test_answers_are_shown_and_compared(admin, queue, work):
    path = queue("Ada A")
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        field = FormField(
            organisation_id=made.event.organisation_id,
            event_id=made.event_id,
            kind="yes_no",
            label={"sv": "Första gången?", "en": "First time?"},
        )
        session.add(field)
        session.flush()
        answer = Answer(field_id=field.id, registration_id=made.id, value=True, changed_at=NOW)
        session.add(answer)
        approve(session, made.event, made)
        answer.value = False
        registrations.change_details(session, 1, Details("Ada A"), **DO)
    text = admin.client.get(path).text
    assert "<dt>First time?</dt><dd><ins>No</ins><small>Before: <del>Yes</del>" in text


def test_hostile_words_stay_words(admin, queue, work):
    path = queue("Ada A")
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        made.party_name = "<script>alert(1)</script>"
        made.message = "</li><img src=x onerror=1>"
    text = admin.client.get(path).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "may"), [("approver", True), ("planner", True), ("host", False)])
def test_the_role_decides_who_decides(admin, queue, sign_in, look, role, may):
    path = queue("Ada A")
    form = choose(admin, path, "Ada A AB")
    other = sign_in(role, organisation_id=admin.organisation_id, language="en")
    assert other.client.get(path).status_code == (200 if may else 404)
    fields = {name: form.fields.getlist(name) for name in ("registration", "seen")}
    answer = other.post(f"{path}/approve", fields)
    assert answer.status_code == (303 if may else 404)
    assert states_in(look) == {"Ada A": "confirmed" if may else "pending"}


def test_another_organisations_registrations_are_not_found(admin, queue, sign_in, look):
    stranger = sign_in(language="en")
    ours, theirs = queue("Ada A"), queue("Bo B", staff=stranger)
    form = choose(admin, ours, "Ada A AB")
    fields = {name: form.fields.getlist(name) for name in ("registration", "seen")}
    for verb in ("approve", "reason", "decline"):
        assert stranger.post(f"{ours}/{verb}", fields).status_code == 404
        assert stranger.post(f"{theirs}/{verb}", fields).status_code == 404
    assert states_in(look) == {"Ada A": "pending", "Bo B": "pending"}


@pytest.mark.parametrize("name", ["registration", "person"])
@pytest.mark.parametrize("value", ["nonsense", "", "1", "\x00", "å" * 300, "' OR 1=1 --"])
def test_made_up_ids_find_nothing(admin, queue, look, name, value):
    path = queue("Ada A")
    for verb in ("approve", "reason", "decline"):
        answer = admin.post(f"{path}/{verb}", {name: value, "seen": ":::", "reason": "places"})
        assert answer.status_code in (404, 422)
    assert states_in(look) == {"Ada A": "pending"}


def test_the_page_costs_the_same_whatever_it_holds(admin, queue, statements):
    def cost(path):
        with statements() as ran:
            assert admin.client.get(path).status_code == 200
        return len(ran)

    few, many = queue("Ada A"), queue(*[f"Person{n} X" for n in range(12)])
    assert cost(many) == cost(few) <= 14


# --- what those looked at see --------------------------------------------------------------------


def own_path(session, name="") -> str:
    row = session.scalars(sa.select(Registration)).one()
    if not name:
        return "/en/r/" + tokens.make_link(KEY, tokens.REGISTRATION, row.public_id, row.generation)
    [one] = [each for each in row.participants if each.name == name]
    return "/en/r/" + tokens.make_link(KEY, tokens.PARTICIPANT, one.public_id, one.generation)


def test_the_receipt_of_who_awaits_approval_does_not_look_confirmed(client, queue, look):
    queue("Ada A")
    with look() as session:
        path = own_path(session)
    for page in (client.get(f"{path}?new=1").text, client.get(path).text):
        assert "awaits approval" in page
        assert "you are registered" not in page
        assert "Calendar file" not in page
        assert "pill--ok" not in page
    assert "We have your registration" in client.get(f"{path}?new=1").text


def test_an_edit_that_waits_is_said_on_the_own_page_with_the_place_kept(client, queue, work, look):
    queue("Ada A")
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        approve(session, made.event, made)
        path = own_path(session)
    form = open_form(client, f"{path}/{made_person(look)}/edit", "name")
    form["name"] = "Ada Alm"
    answer = form.send()
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "The change awaits approval" in page
    assert "is kept until it is decided" in page


def made_person(look) -> str:
    with look() as session:
        return session.scalars(sa.select(Registration)).one().participants[0].public_id


def test_a_declined_person_reads_why_and_whom_to_ask_and_the_others_do_not(
    client, queue, work, look
):
    queue("Ada A", "Bo B", together=True)
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        why = Refusal("mandate", {"sv": "Skriv för vem ni talar."})
        decline(session, made.event, made, people=made.participants[1:], why=why)
        paths = [own_path(session, name) for name in ("", "Bo B", "Ada A")]
    contact, declined, other = [client.get(path).text for path in paths]
    assert "Not approved: Bo B" in contact
    for page in (contact, declined):
        assert "does not show what mandate or role you have" in page
        assert '<span lang="sv">Skriv för vem ni talar.</span>' in page
        assert "upphandling@tallvik.example" in page
    assert "The registration is not approved" in declined
    assert "Not approved" not in other
    assert "mandate or role" not in other


def test_nothing_is_left_to_change_for_who_is_declined(client, queue, work):
    queue("Ada A")
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        decline(session, made.event, made)
        path, person_id = own_path(session), made.participants[0].public_id
    page = client.get(path).text
    assert "/edit" not in page
    assert "Withdraw" not in page
    assert client.get(f"{path}/{person_id}/edit").status_code == 409


# --- a colleague instead, as told to staff ------------------------------------------------------


def test_staff_put_a_colleague_in_somebodys_place_after_sign_up_has_closed(
    admin, work, look, clock
):
    with work() as session:
        organisation = session.get_one(Organisation, admin.organisation_id)
        starts_at = NOW + timedelta(minutes=30)
        event = make_event(session, organisation, starts_at=starts_at, registration_closes_at=NOW)
        made = sign_up(session, event, person("Ada A"), at=NOW - timedelta(days=1))
        sent(session)
        path = f"/manage/registrations/{made.public_id}"
        person_id = made.participants[0].public_id
    assert f"/manage/people/{person_id}/swap" in admin.client.get(path).text
    form = open_form(admin.client, f"/manage/people/{person_id}/swap", "name")
    form["name"] = "Bo B"
    assert problems_of(form.send()) == ["Enter an e-mail address, like name@company.com"]
    form["email"] = "bo@firm.example"
    answer = form.send()
    assert answer.status_code == 303
    assert "The place has a new owner" in admin.client.get(answer.location).text
    assert states_in(look) == {"Ada A": "withdrawn", "Bo B": "confirmed"}
    with look() as session:
        assert entries(session) == [("Ada A", 1, True), ("Bo B", 0, False)]
        assert mailed(session, "ada") == ["place_confirmed", "withdrawn"]
        assert mailed(session, "bo") == ["place_confirmed"]
    assert form.send().status_code == 409  # the same once more


def test_staff_who_put_in_a_colleague_have_looked_at_that_one(admin, queue, work, look):
    queue("Ada A")
    with work() as session:
        made = session.scalars(sa.select(Registration)).one()
        approve(session, made.event, made)
        person_id = made.participants[0].public_id
    form = open_form(admin.client, f"/manage/people/{person_id}/swap", "name")
    form["name"], form["email"] = "Bo B", "bo@firm.example"
    assert form.send().status_code == 303
    assert states_in(look) == {"Ada A": "withdrawn", "Bo B": "confirmed"}
    with look() as session:
        made = session.scalars(sa.select(Registration)).one()
        assert made.review == "approved"
        assert [one["name"] for one in made.approved["people"]] == ["Bo B"]
