"""Writing an event: nothing typed is lost, and what is wrong is said at its field."""

import html
import re

import pytest

from dialognav.models import AuditEntry, Event, Letter
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of
from tests.integration.staff import SignIn, Staff


@pytest.fixture
def planner(sign_in: SignIn) -> Staff:
    return sign_in(role="planner", language="en", name="Maja Ekdahl")


def make_own(work, staff, **given):
    """An event of the signed-in person's organisation; its public id."""
    with work() as session:
        event = make_event(session, _organisation(session, staff), **given)
        return event.public_id


def _organisation(session, staff):
    from dialognav.models import Organisation

    return session.get_one(Organisation, staff.organisation_id)


def the_event(session, public_id) -> Event:
    return session.query(Event).filter_by(public_id=public_id).one()


def editor(staff, public_id):
    return open_form(staff.client, f"/manage/events/{public_id}/edit", "title_sv")


def fill(form, **values):
    for name, value in values.items():
        form[name] = value


# --- from nothing ------------------------------------------------------------------------------


def test_an_event_from_nothing_to_published(planner, look, client):
    form = open_form(planner.client, "/manage/events/new", "title")
    fill(form, title="Trygga nätter", date="2027-03-16", from_time="09:30", to_time="15.30")
    answer = form.send()
    assert answer.status_code == 303
    public_id = answer.location.split("/")[3]

    rules = open_form(planner.client, f"/manage/events/{public_id}/rules", "version")
    assert rules["closes_date"] == "2027-03-09"  # five working days before, suggested
    refused = planner.post(f"/manage/events/{public_id}/publish")
    assert refused.status_code == 422
    assert "Describe the need, before any solution" in problems_of(refused)

    form = editor(planner, public_id)
    fill(
        form,
        summary_sv="Vi vill lyssna.",
        need_sv="Hemtjänst om natten ska störa mindre.",
        venue_sv="Stadshuset",
        contact_name="Maja Ekdahl",
        contact_email="Maja@Nordvalla.example",
    )
    assert form.send().status_code == 303
    done = planner.post(f"/manage/events/{public_id}/publish")
    assert done.status_code == 303
    with look() as session:
        event = the_event(session, public_id)
        assert (event.state, event.slug) == ("published", "trygga-natter")
        assert event.contact_email == "maja@nordvalla.example"
        verbs = [row.verb for row in session.query(AuditEntry).order_by(AuditEntry.number)]
        assert verbs == ["event.created", "event.saved", "event.published"]
    assert client.get("/sv/events/trygga-natter").status_code == 200


def test_the_slug_follows_the_title_of_a_draft_and_is_then_fixed(planner, work, look):
    public_id = make_own(work, planner, state="draft", published_at=None)
    form = editor(planner, public_id)
    form["title_sv"] = "Ny rubrik"
    form.send()
    planner.post(f"/manage/events/{public_id}/publish")
    form = editor(planner, public_id)
    form["title_sv"] = "Helt annan rubrik"
    form.send()
    with look() as session:
        assert the_event(session, public_id).slug == "ny-rubrik"


# --- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"from_time": "12:00", "to_time": "09:00"}, "It has to end after it begins"),
        ({"date": "2027-03-28", "from_time": "02:30"}, "the clocks go forward"),
        ({"date": "2027-02-30"}, "Enter a date that exists"),
        ({"date": "0001-01-01"}, "Enter a year between 2000 and 2099"),
        ({"date": ""}, "Enter the date"),
        ({"from_time": "25:00"}, "Enter a time of day"),
        ({"end_date": "2027-02-01"}, "The last day is before the first"),
        ({"online_url": "javascript:alert(1)"}, "beginning with https://"),
        ({"online_url": "https://"}, "beginning with https://"),
        ({"online_url": "http://[::1"}, "beginning with https://"),
        ({"contact_email": "inte en adress"}, "Enter an e-mail address"),
        ({"cpv": "1234"}, "A CPV code has eight digits"),
        ({"region": "Skåne"}, "A NUTS code begins with a country"),
        ({"title_sv": ""}, "Write a title"),
        ({"title_sv": "x" * 161}, "Write at most 160 characters. This is 161."),
        ({"need_sv": ""}, "Describe the need, before any solution"),
        ({"kind": "party"}, "Choose one of these"),
        ({"zone": "../../etc/passwd"}, "Choose one of these"),
        ({"phase": "procurement"}, "it closes registration"),
    ],
)
def test_a_sentence_at_the_field(planner, work, look, typed, sentence):
    public_id = make_own(work, planner, phase="pre_study")
    form = editor(planner, public_id)
    fill(form, **typed, effect_sv="Det här får inte försvinna ☃")
    page = form.send()
    assert page.status_code == 422
    assert any(sentence in problem for problem in problems_of(page)), problems_of(page)
    again = form_of(planner.client, page, "title_sv")
    assert again["effect_sv"] == "Det här får inte försvinna ☃"
    for name, value in typed.items():
        if name not in ("kind", "zone", "phase", "title_sv"):
            assert again[name] == value
    with look() as session:
        assert the_event(session, public_id).revision == 0


def test_an_hour_that_comes_twice_is_taken_first_and_said(planner, work, look):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    fill(form, date="2027-10-31", from_time="02:30", to_time="06:00")
    assert form.send().status_code == 303
    page = planner.client.get(f"/manage/events/{public_id}/edit")
    assert "That hour comes twice that night" in page.text
    with look() as session:
        assert the_event(session, public_id).starts_at.hour == 0  # summer time: UTC+2


def test_an_old_token_loses_nothing(planner, work, look):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    fill(form, csrf_token="stale", need_sv="Skrivet i två timmar")
    page = form.send()
    assert page.status_code == 422
    assert form_of(planner.client, page, "title_sv")["need_sv"] == "Skrivet i två timmar"
    with look() as session:
        assert the_event(session, public_id).revision == 0


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE event; --",
        "\u202eabc\u202c",
        "🎉" * 100,
        "a\r\nBcc: x@y.example",
        "{{ 7*7 }} {% raw %}",
        "\ud800 ensam halva",
        "%(title)s %s",
    ],
    ids=["html", "sql", "right-to-left", "emoji", "header", "template", "surrogate", "format"],
)
def test_hostile_text_is_only_text(planner, work, look, words):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    fill(form, title_sv=words.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    assert form.send().status_code == 303
    with look() as session:
        title = the_event(session, public_id).title["sv"]
    assert "\n" not in title
    for path in ("", "/edit", "/preview", "/registrations"):
        page = planner.client.get(f"/manage/events/{public_id}{path}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert html.escape(title) in html.unescape(page.text) or title in html.unescape(page.text)


def test_hostile_names_of_fields(planner, work):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    for name in (
        "programme-²-title_sv",
        "programme-99999999999999999999-title_sv",
        "programme-1-speakers-²-name",
        "questions--text_sv",
        "programme-" + "9" * 5000 + "-x",
    ):
        form[name] = "x"
    form["rows"] = "programme:99:speaker"
    assert form.send().status_code == 200
    form["rows"] = None
    assert form.send().status_code == 303


# --- rows without JavaScript -------------------------------------------------------------------


def press(form, button):
    form["rows"] = button
    page = form.send()
    assert page.status_code == 200
    return form_of(form.client, page, "title_sv"), page


def test_rows_are_added_moved_and_removed_without_saving(planner, work, look):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    form["need_sv"] = "Halvskrivet"
    form["date"] = "inte ett datum"
    form, page = press(form, "programme:add")
    assert 'id="programme-0-from_time"' in page.text
    assert "autofocus" in page.text
    fill(form, **{"programme-0-from_time": "09:00", "programme-0-title_sv": "Ett"})
    form, _ = press(form, "programme:add")
    fill(form, **{"programme-1-from_time": "10:00", "programme-1-title_sv": "Två"})
    form, _ = press(form, "programme:1:speaker")
    form["programme-1-speakers-0-name"] = "Elin"
    form, _ = press(form, "programme:1:up")
    assert form["programme-0-title_sv"] == "Två"
    assert form["programme-0-speakers-0-name"] == "Elin"
    form, _ = press(form, "questions:add")
    form["questions-0-text_sv"] = "Vad går?"
    form, _ = press(form, "programme:1:remove")
    assert "programme-1-title_sv" not in form.fields
    assert (form["need_sv"], form["date"]) == ("Halvskrivet", "inte ett datum")
    with look() as session:
        assert the_event(session, public_id).revision == 0

    fill(form, date="2027-02-10", rows=None)
    assert form.send().status_code == 303
    with look() as session:
        event = the_event(session, public_id)
        [item] = event.programme
        assert (item.title, item.speakers[0].name) == ({"sv": "Två"}, "Elin")
        assert item.starts_at.hour == 9  # 10.00 in Stockholm
        assert event.questions[0].text == {"sv": "Vad går?"}


def test_empty_rows_are_left_out_and_half_ones_explained(planner, work, look):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    form, _ = press(form, "programme:add")
    form, _ = press(form, "questions:add")
    form, _ = press(form, "milestones:add")
    form["rows"] = None
    assert form.send().status_code == 303
    with look() as session:
        event = the_event(session, public_id)
        assert not event.programme + event.questions + event.milestones

    form = editor(planner, public_id)
    form, _ = press(form, "programme:add")
    fill(form, **{"programme-0-to_time": "08:00", "rows": None})
    page = form.send()
    assert page.status_code == 422
    assert "Enter when the item begins" in problems_of(page)
    assert "Write what the item is called" in problems_of(page)


def test_a_folded_row_opens_for_what_is_wrong_and_for_what_was_moved(planner, work):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    form, _ = press(form, "programme:add")
    fill(form, **{"programme-0-from_time": "09:00", "programme-0-title_sv": "Välkomna"})
    form, page = press(form, "programme:0:speaker")
    assert re.search(r'id="programme-0" open', page.text)
    fill(form, **{"programme-0-speakers-0-title": "Upphandlare", "rows": None})
    page = form.send()
    assert "Write the speaker" in problems_of(page)[0]
    assert re.search(r'id="programme-0" open', page.text)
    form = form_of(planner.client, page, "title_sv")
    form["programme-0-speakers-0-name"] = "Elin"
    assert form.send().status_code == 303
    saved = planner.client.get(f"/manage/events/{public_id}/edit").text
    assert re.search(r'id="programme-0">', saved)


# --- languages ---------------------------------------------------------------------------------


def test_stale_translations_are_marked_and_cleared(planner, work, look, client):
    public_id = make_own(work, planner, title={"sv": "Dialog", "en": "Dialogue"})
    form = editor(planner, public_id)
    form["title_sv"] = "Ny dialog"
    form.send()
    with look() as session:
        assert the_event(session, public_id).stale_languages == ["en"]
    assert "A translation is older than its original" in planner.client.get("/manage/").text

    form = editor(planner, public_id)
    form["title_en"] = "New dialogue"
    form.send()
    with look() as session:
        assert the_event(session, public_id).stale_languages == []


def test_the_editor_can_say_that_a_translation_is_right_as_it_stands(planner, work, look):
    public_id = make_own(
        work,
        planner,
        title={"sv": "Dialog", "en": "Dialogue"},
        stale_languages=["en"],
        stale_texts=["en:title"],
    )
    form = editor(planner, public_id)
    form["fresh"] = "en"
    assert form.send().status_code == 303
    with look() as session:
        event = the_event(session, public_id)
        assert (event.stale_languages, event.title["en"]) == ([], "Dialogue")


# --- two editors -------------------------------------------------------------------------------


def test_the_second_saver_sees_both_texts_and_nothing_is_lost(planner, sign_in, work, look):
    public_id = make_own(work, planner)
    other = sign_in(
        role="planner", organisation_id=planner.organisation_id, language="en", name="Omar Haddad"
    )
    first, second = editor(other, public_id), editor(planner, public_id)
    fill(first, need_sv="Omars behov", address="Omars gata 1")
    assert first.send().status_code == 303

    fill(second, need_sv="Majas behov", summary_sv="Majas ingress")
    page = second.send()
    assert page.status_code == 409
    assert "Omar Haddad saved while you were writing" in page.text
    assert "Omars behov" in page.text
    assert "Majas behov" in page.text
    with look() as session:
        event = the_event(session, public_id)
        assert event.need["sv"] == "Omars behov"  # nothing overwritten

    again = form_of(planner.client, page, "title_sv")
    assert again["need_sv"] == "Majas behov"
    assert again["address"] == "Omars gata 1"  # only Omar changed it
    again["need_sv"] = "Omars och Majas behov"
    assert again.send().status_code == 303
    with look() as session:
        event = the_event(session, public_id)
        assert event.need["sv"] == "Omars och Majas behov"
        assert event.summary["sv"] == "Majas ingress"
        assert event.occasions[0].address == "Omars gata 1"


@pytest.mark.parametrize("version", ["", "-1", "abc", "99999999999", "7", "1 title.sv:0123456789"])
def test_a_made_up_version_never_overwrites(planner, work, look, version):
    public_id = make_own(work, planner)
    form = editor(planner, public_id)
    fill(form, version=version, need_sv="Nytt")
    assert form.send().status_code == 409
    with look() as session:
        assert the_event(session, public_id).revision == 0


# --- after publication -------------------------------------------------------------------------


def registered(work, public_id, **given):
    with work() as session:
        event = the_event(session, public_id)
        make_participant(session, make_registration(session, event), **given)


def letters(look):
    with look() as session:
        return [letter.kind for letter in session.query(Letter).order_by(Letter.id)]


def test_a_new_description_mails_nobody_and_a_new_place_mails_all(planner, work, look):
    public_id = make_own(work, planner)
    registered(work, public_id)
    form = editor(planner, public_id)
    form["need_sv"] = "Bättre beskrivet"
    form.send()
    assert letters(look) == []
    form = editor(planner, public_id)
    form["venue_sv"] = "Biblioteket"
    answer = form.send()
    assert "done=told" in answer.location
    assert "changed" in letters(look)


def test_a_form_of_attendance_in_use_does_not_go(planner, work):
    public_id = make_own(work, planner, format="hybrid")
    registered(work, public_id, mode="online")
    form = editor(planner, public_id)
    form["format"] = "on_site"
    page = form.send()
    assert page.status_code == 422
    assert "1 person is registered: Online" in problems_of(page)[0]


def test_saving_without_a_change_writes_nothing(planner, work, look):
    public_id = make_own(work, planner, cpv=["85312000"], region="SE232", format="hybrid")
    answer = editor(planner, public_id).send()
    assert "done=unchanged" in answer.location
    with look() as session:
        assert the_event(session, public_id).revision == 0
        assert session.query(AuditEntry).count() == 0


def test_only_the_preview_shows_a_draft(planner, work, client):
    public_id = make_own(work, planner, state="draft", slug="hemlig", published_at=None)
    page = planner.client.get(f"/manage/events/{public_id}/preview")
    assert page.status_code == 200
    assert "Hemmonitorering" in page.text or "hemmonitorering" in page.text
    assert client.get("/sv/events/hemlig").status_code == 404
