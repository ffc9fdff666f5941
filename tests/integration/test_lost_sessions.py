"""A page that was open too long loses nothing: the form comes back filled, with one button.

Whoever is registered has no account; only the token in the page has run out, or the cookie it is
bound to. What staff type waits behind signing in again (test_kept.py has the machinery).
"""

import io
from datetime import timedelta

import pytest

from dialognav.actions import form_fields
from dialognav.actions.form_fields import FieldDraft
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.models import Answer, AnswerFile, Event, FormField, Organisation, Registration
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.forms import PageForm, form_of, open_form, problems_of
from tests.integration.staff import PASSWORD, token_of

STALE = "The page had been open for too long. Everything you wrote is still here: send it again."


@pytest.fixture
def event(staff, work):
    """(public id, slug, key of a choice, key of a file)"""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        made = make_event(session, here, title={"sv": "Dialog", "en": "Dialogue"})
        options = (("", {"sv": "Ja"}), ("", {"sv": "Nej"}))
        keys = [
            form_fields.add_field(
                session,
                made.id,
                kind,
                FieldScope.REGISTRATION,
                FieldDraft({"sv": "Vad?"}, options=options if kind == FieldKind.CHOICE else ()),
                now=NOW,
                actor="user:1",
            ).public_id
            for kind in (FieldKind.CHOICE, FieldKind.FILE)
        ]
        return made.public_id, made.slug, *keys


def forget(form, client, clock, how):
    """The session is lost: by time, or because the browser threw its cookies away."""
    if how == "twelve hours":
        clock.shift(timedelta(hours=12, minutes=1))
    else:
        client.delete_cookie("dialognav")
    return form


def typed(client, event):
    form = open_form(client, f"/en/events/{event[1]}/register", "party_name")
    form["party_name"], form["contact-name"] = "Exempel AB", "Åsa Öberg"
    form["contact-email"], form["message"] = "asa@exempel.example", "Två\r\nrader"
    form[f"answer-{event[2]}"] = "a2"
    form["people-0-name"], form["people-0-email"] = "Bo Ek", "bo@exempel.example"
    return form


@pytest.mark.parametrize("how", ["twelve hours", "no cookie"])
def test_a_sign_up_comes_back_whole_and_is_sent_with_one_button(client, event, look, clock, how):
    form = forget(typed(client, event), client, clock, how)
    answer = form.send("send")
    assert answer.status_code == 422
    assert problems_of(answer) == [STALE]
    again = form_of(client, answer, "party_name")
    for name in ("party_name", "contact-name", "contact-email", "people-0-name"):
        assert again[name] == form[name]
    assert again["message"].splitlines() == ["Två", "rader"]
    assert again[f"answer-{event[2]}"] == "a2"
    assert again.send("send").status_code == 303
    with look() as session:
        assert len(session.query(Registration).one().participants) == 2
        assert session.query(Answer).one().value == "a2"


def test_a_file_waits_too(client, event, look, clock):
    form = forget(typed(client, event), client, clock, "twelve hours")
    data = form.fields.to_dict(flat=False) | {"action": "send"}
    data[f"answer-{event[3]}"] = (io.BytesIO(b"%PDF-1.7"), "offert.pdf")
    answer = client.post(form.path, data=data, content_type="multipart/form-data")
    assert problems_of(answer) == [STALE]
    assert form_of(client, answer, "party_name").send("send").status_code == 303
    with look() as session:
        assert session.query(AnswerFile).one().content == b"%PDF-1.7"


@pytest.mark.parametrize("how", ["twelve hours", "no cookie"])
@pytest.mark.parametrize("page", ["edit", "swap", "add", "answers"])
def test_the_forms_of_the_own_page_do_the_same(client, event, look, clock, how, page):
    own = typed(client, event).send("send").location.split("?")[0]
    with look() as session:
        person = session.query(Registration).one().participants[0].public_id
    path = {"add": "add", "answers": "answers"}.get(page, f"{person}/{page}")
    name, words = ("name", "Cia Alm") if page != "answers" else (f"answer-{event[2]}", "a1")
    form = open_form(client, f"{own}/{path}", name)
    form[name] = words
    if page in ("add", "swap"):
        form["email"] = "cia@exempel.example"
    answer = forget(form, client, clock, how).send()
    assert answer.status_code == 422
    assert problems_of(answer) == [STALE]
    again = form_of(client, answer, name)
    assert again[name] == words
    assert again.send().status_code == 303


def sign_in_again(staff, location):
    token = token_of(staff.client.get(location))
    data = {"csrf_token": token, "email": staff.email, "password": PASSWORD}
    return staff.client.post(location, data=data)


def test_a_question_being_written_waits_behind_signing_in(staff, event, look, clock):
    path = f"/manage/events/{event[0]}/form/new?kind=choice&scope=person"
    form = open_form(staff.client, path, "label_sv")
    form["label_sv"], form["help_sv"] = "Vilka dagar?", "Alla\r\nräknas"
    form["option-0-sv"], form["option-1-sv"] = "Måndag", "Tisdag"
    clock.shift(timedelta(hours=13))
    answer = form.send()
    assert "kept=" in answer.location
    page = staff.client.get(sign_in_again(staff, answer.location).location)
    brought = PageForm(staff.client, page.request.path, page.text, "label_sv")
    assert brought["option-1-sv"] == "Tisdag"
    assert brought.send().status_code == 303
    with look() as session:
        field = session.query(FormField).filter_by(scope="person").one()
        assert [option["text"]["sv"] for option in field.options] == ["Måndag", "Tisdag"]


def test_staff_who_register_somebody_lose_nothing_either(staff, event, look, clock):
    form = open_form(staff.client, f"/manage/events/{event[0]}/registrations/new", "party_name")
    form["party_name"], form["contact-name"] = "Exempel AB", "Åsa Öberg"
    form["contact-email"], form[f"answer-{event[2]}"] = "asa@exempel.example", "a1"
    clock.shift(timedelta(hours=13))
    answer = form.send("send")
    assert "kept=" in answer.location
    page = staff.client.get(sign_in_again(staff, answer.location).location)
    brought = PageForm(staff.client, page.request.path, page.text, "party_name")
    assert brought.send("send").status_code == 303
    with look() as session:
        assert session.query(Answer).one().value == "a1"
        assert session.query(Event).one().has_fields
