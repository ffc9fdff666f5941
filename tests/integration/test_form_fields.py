"""Extra questions: written by the organiser, kept in a library, copied with their event."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from dialognav.actions import events, form_fields
from dialognav.actions.form_fields import FieldDraft
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import EventState, FieldKind, FieldScope
from dialognav.models import AuditEntry, Event, FormField, Organisation
from tests.conftest import NOW
from tests.factories import STARTS, make_event
from tests.integration.forms import form_of, open_form, problems_of


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def event(staff, work):
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        made = make_event(session, here, state=EventState.DRAFT, published_at=None)
        return made.id, made.public_id


def write(staff, public_id, label, kind="text", scope="registration", **typed):
    path = f"/manage/events/{public_id}/form/new?kind={kind}&scope={scope}"
    form = open_form(staff.client, path, "label_sv")
    form["label_sv"] = label
    for name, value in typed.items():
        form[name.replace("__", "-")] = value
    return form.send()


def rows(look):
    with look() as session:
        found = session.query(FormField).order_by(FormField.position, FormField.id).all()
        names = [column.key for column in sa.inspect(FormField).columns]
        copies = [SimpleNamespace(**{name: getattr(one, name) for name in names}) for one in found]
    return [one for one in copies if one.removed_at is None]


def test_a_question_with_choices_is_written_changed_and_keeps_its_keys(staff, event, look):
    _event_id, public_id = event
    answer = write(
        staff,
        public_id,
        "Hur långt har ni kommit?",
        kind="choice",
        label_en="How far have you come?",
        help_sv="Det styr demonstrationen.",
        required="y",
        option__0__sv="Finns",
        option__0__en="Exists",
        option__1__sv="Planerad",
    )
    assert answer.status_code == 303, problems_of(answer)
    [field] = rows(look)
    assert field.label == {"sv": "Hur långt har ni kommit?", "en": "How far have you come?"}
    assert [o["key"] for o in field.options] == ["a1", "a2"]
    assert (field.kind, field.scope, field.required) == ("choice", "registration", True)
    form = open_form(staff.client, f"/manage/fields/{field.public_id}", "label_sv")
    assert form["option-0-key"] == "a1"
    assert form["required"] == "y"
    form["option-0-sv"], form["option-0-en"] = "", ""  # taken away
    form["option-2-sv"] = "Under utveckling"
    assert form.send().status_code == 303
    [field] = rows(look)
    assert field.options == [
        {"key": "a2", "text": {"sv": "Planerad"}},
        {"key": "a3", "text": {"sv": "Under utveckling"}},
        {"key": "a1", "text": {"sv": "Finns", "en": "Exists"}, "removed": True},
    ]
    page = staff.client.get(f"/manage/events/{public_id}/form").text
    assert "Under utveckling" in page
    assert "Finns" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"label": ""}, "Write the question"),
        ({"label": "x" * 301}, "Write at most 300 characters. This is 301."),
        ({"option__0__sv": "Ett"}, "Write at least two choices"),
        ({"option__0__sv": "Ett", "option__1__sv": "ETT"}, "This choice is there already"),
        ({"option__0__en": "One"}, "Write the choice in the first language too"),
        ({"condition": "nosuch:a1"}, "Choose when it is asked"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(staff, event, look, typed, sentence):
    fields = {"label": "Vad?", "help_sv": "Så här tänker vi", **typed}
    answer = write(staff, event[1], kind="choice", **fields)
    assert answer.status_code == 422
    assert sentence in problems_of(answer)
    assert "Så här tänker vi" in answer.text
    assert rows(look) == []


def test_more_rows_of_choices_come_by_a_button(staff, event):
    path = f"/manage/events/{event[1]}/form/new?kind=choices&scope=person"
    form = open_form(staff.client, path, "label_sv")
    assert "option-3-sv" in form.fields
    assert "option-4-sv" not in form.fields
    form["option-3-sv"], form["label_sv"] = "Fjärde", "Vilka?"
    again = form_of(staff.client, form.send("more"), "label_sv")
    assert (again["option-3-sv"], again["label_sv"]) == ("Fjärde", "Vilka?")
    assert "option-7-sv" in again.fields
    assert again.fields["kind"] == "choices"
    assert again.fields["scope"] == "person"


def test_a_question_hangs_on_a_choice_above_and_stays_below_it(staff, event, look):
    public_id = event[1]
    write(staff, public_id, "Har ni en?", kind="yes_no")
    [first] = rows(look)
    answer = write(staff, public_id, "Vilken?", condition=f"{first.public_id}:yes")
    assert answer.status_code == 303, problems_of(answer)
    write(staff, public_id, "Sist")
    page = staff.client.get(f"/manage/events/{public_id}/form").text
    assert "Only after “Har ni en?”: Yes" in page
    assert "Cannot go: “Vilken?” hangs on it" in page
    second = rows(look)[1]
    up = staff.post(f"/manage/fields/{second.public_id}/move", {"to": "up"})
    assert up.location.endswith("done=question_needed")
    gone = staff.post(f"/manage/fields/{first.public_id}/remove")
    assert gone.location.endswith("done=question_needed")
    staff.post(f"/manage/fields/{second.public_id}/move", {"to": "down"})
    assert [one.label["sv"] for one in rows(look)] == ["Har ni en?", "Sist", "Vilken?"]


def test_a_choice_that_decides_about_another_question_stays(staff, event, look):
    public_id = event[1]
    write(
        staff,
        public_id,
        "Läge",
        kind="choice",
        option__0__sv="A",
        option__1__sv="B",
        option__2__sv="C",
    )
    [first] = rows(look)
    write(staff, public_id, "Varför B?", condition=f"{first.public_id}:a2")
    form = open_form(staff.client, f"/manage/fields/{first.public_id}", "label_sv")
    form["option-1-sv"] = ""
    answer = form.send()
    assert answer.status_code == 422
    assert "“Varför B?” hangs on this choice" in problems_of(answer)


def test_a_removed_question_is_kept_for_its_answers(staff, event, look):
    write(staff, event[1], "Bort")
    [field] = rows(look)
    staff.post(f"/manage/fields/{field.public_id}/remove")
    with look() as session:
        row = session.query(FormField).one()
        assert row.removed_at == NOW
        assert not session.query(Event).one().has_fields
    assert staff.client.get(f"/manage/fields/{field.public_id}").status_code == 404


def test_a_question_goes_to_the_library_and_into_another_event(staff, event, look, work):
    write(staff, event[1], "Storlek", kind="choice", option__0__sv="Liten", option__1__sv="Stor")
    [field] = rows(look)
    staff.post(f"/manage/fields/{field.public_id}/keep")
    page = staff.client.get("/manage/fields")
    assert "Storlek" in page.text
    with work() as session:
        here = session.query(Event).one()
        other = make_event(session, here.organisation).public_id
    kept = next(one for one in rows(look) if one.event_id is None)
    taken = staff.post(f"/manage/events/{other}/form/take", {"field": [kept.public_id, "nosuch"]})
    assert taken.location.endswith("done=question_added")
    with look() as session:
        row = session.query(Event).filter_by(public_id=other).one()
        assert row.has_fields
        [copy] = session.query(FormField).filter_by(event_id=row.id)
        assert [o["text"]["sv"] for o in copy.options] == ["Liten", "Stor"]
    answer = open_form(staff.client, "/manage/fields/new?kind=number&scope=person", "label_sv")
    answer["label_sv"] = "Hur många år?"
    assert answer.send().location.endswith("/manage/fields?done=question_kept")


def test_a_copied_event_asks_the_same(staff, event, look, work):
    event_id, public_id = event
    write(staff, public_id, "Har ni en?", kind="yes_no")
    [first] = rows(look)
    write(staff, public_id, "Vilken?", scope="person", condition=f"{first.public_id}:yes")
    with work() as session:
        copied = events.copy_event(
            session,
            event_id,
            title="Kopia",
            starts_at=STARTS,
            ends_at=STARTS.replace(hour=12),
            closes_at=None,
            now=NOW,
            actor="user:1",
        )
        copied_id = copied.id
    with look() as session:
        assert session.get_one(Event, copied_id).has_fields
        found = session.query(FormField).filter_by(event_id=copied_id).order_by("id").all()
        assert [one.label["sv"] for one in found] == ["Har ni en?", "Vilken?"]
        assert found[1].condition_field_id == found[0].id
        assert found[1].condition_value == "yes"
    with work() as session:
        events.delete_draft(session, copied_id, now=NOW, actor="user:1")
        assert session.query(FormField).filter_by(event_id=copied_id).count() == 0


def test_the_form_is_full_at_a_number_it_can_bear(event, work, monkeypatch):
    monkeypatch.setattr(form_fields, "MOST_FIELDS", 1)
    draft = FieldDraft({"sv": "x"})
    with work() as session:
        add = (session, event[0], FieldKind.TEXT, FieldScope.PERSON, draft)
        form_fields.add_field(*add, now=NOW, actor="user:1")
        with pytest.raises(NotAllowedNow):
            form_fields.add_field(*add, now=NOW, actor="user:1")


def test_every_change_is_in_the_trail(staff, event, look):
    write(staff, event[1], "Vad?")
    [field] = rows(look)
    staff.post(f"/manage/fields/{field.public_id}/keep")
    staff.post(f"/manage/fields/{field.public_id}/remove")
    with look() as session:
        verbs = [one.verb for one in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert verbs == ["form.added", "library.added", "form.removed"]


def test_the_preview_shows_a_draft_and_sends_nothing(staff, event, look):
    write(staff, event[1], "Hur långt?", scope="person", label_en="How far?")
    page = staff.client.get(f"/manage/events/{event[1]}/form/preview?lang=en").text
    assert "This is a preview" in page
    assert "How far?" in page
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    assert "csrf_token" not in main
    assert "Hur långt?" in staff.client.get(f"/manage/events/{event[1]}/form/preview?lang=sv").text
