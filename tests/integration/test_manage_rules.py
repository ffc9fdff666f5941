"""The page of the rules: all in one place, what cannot be, two editors, what the public reads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialognav.actions import events
from dialognav.actions.event_text import draft_of
from dialognav.actions.rules import rules_of, save_rules
from dialognav.domain.rules import marks
from dialognav.mail.post import Post
from dialognav.models import Attendance, AuditEntry, Event, Letter, Organisation
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@pytest.fixture
def planner(sign_in):
    return sign_in("planner", language="en")


@pytest.fixture
def own(work, planner):
    """`own(capacity_on_site=1)`: an event of the planner's organisation, its public id."""

    def make(**given):
        with work() as session:
            organisation = session.get_one(Organisation, planner.organisation_id)
            return make_event(session, organisation, **given).public_id

    return make


def rules(planner, public_id):
    return open_form(planner.client, f"/manage/events/{public_id}/rules", "version")


def the(session, public_id):
    return session.query(Event).filter_by(public_id=public_id).one()


def registered(work, public_id, state="confirmed", **given):
    with work() as session:
        registration = make_registration(session, the(session, public_id), **given)
        make_participant(session, registration, state=state)


def test_all_rules_are_saved_and_come_back(planner, own, look):
    public_id = own(format="hybrid")
    typed = {
        "audience": "buyers",
        "visibility": "unlisted",
        "opens_date": "2027-01-20",
        "opens_time": "08:00",
        "closes_date": "2027-02-05",
        "closes_time": "",
        "answers_date": "2027-02-08",
        "answers_time": "12:00",
        "capacity_on_site": "60",
        "capacity_online": "40",
        "limit_per_party": "3",
        "registration_review": "y",
        "asks_mandate": "y",
        "promotion": "offer",
        "offer_hours": "12",
        "offer_together": "y",
        "queue_ends_hours": "24",
    }
    form = rules(planner, public_id)
    for name, value in typed.items():
        form[name] = value
    answer = form.send()
    assert answer.status_code == 303, problems_of(answer)
    again = rules(planner, public_id)
    for name, value in (typed | {"closes_time": "23:59"}).items():
        assert again[name] == value, name
    with look() as session:
        event = the(session, public_id)
        assert event.registration_closes_at.isoformat() == "2027-02-05T22:59:00+00:00"
        assert (event.limit_per_party, event.promotion, event.audience) == (3, "offer", "buyers")
        assert event.rules_changed_at == event.changed_at == NOW


def test_the_audit_says_what_each_rule_was_and_is(planner, own, look):
    public_id = own(capacity_on_site=60)
    form = rules(planner, public_id)
    form["capacity_on_site"] = "80"
    form["registration_review"] = "y"
    form.send()
    with look() as session:
        [entry] = session.query(AuditEntry).all()
        assert entry.verb == "event.rules_changed"
        assert entry.facts["rules"] == {
            "capacity_on_site": [60, 80],
            "registration_review": [False, True],
        }
    log = planner.client.get(f"/manage/events/{public_id}").text
    assert "Places on site: 60, now 80" in log


def test_saving_without_a_change_writes_nothing(planner, own, look):
    public_id = own(capacity_on_site=60, registration_opens_at=NOW - timedelta(days=1))
    assert "done=unchanged" in rules(planner, public_id).send().location
    with look() as session:
        assert session.query(AuditEntry).count() == 0
        assert the(session, public_id).rules_changed_at is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"closes_date": "", "closes_time": ""}, "Enter the last day to register"),
        ({"closes_date": "2027-02-11"}, "cannot be after the event has begun"),
        ({"opens_date": "2027-02-05"}, "Registration has to open before it closes"),
        ({"answers_date": "2027-02-11"}, "Answers cannot be changed after the event has begun"),
        ({"capacity_on_site": "-1"}, "Enter a whole number"),
        ({"capacity_on_site": "²"}, "Enter a whole number"),
        ({"capacity_on_site": "999999999"}, "Enter at most"),
        ({"capacity_on_site": "0", "waiting_list": None}, "nobody can register"),
        ({"limit_per_party": "0"}, "Enter at least 1"),
        ({"offer_hours": "0"}, "Enter between 1 and 336 hours"),
        ({"offer_hours": "1000"}, "Enter between 1 and 336 hours"),
        ({"offer_hours": "ett dygn"}, "Enter a whole number of hours"),
        ({"queue_ends_hours": "99999"}, "Enter between 0 and 720 hours"),
        ({"audience": "cats"}, "Choose one of these"),
        ({"visibility": "secret"}, "Choose one of these"),
        ({"promotion": "lottery"}, "Choose one of these"),
        ({"closes_date": "2027-02-30"}, "Enter a date that exists"),
        ({"closes_date": "2027-03-28", "closes_time": "02:30"}, "the clocks go forward"),
    ],
)
def test_a_sentence_at_the_field(planner, own, look, typed, sentence):
    public_id = own()
    form = rules(planner, public_id)
    form["limit_per_party"] = "7"
    for name, value in typed.items():
        form[name] = value
    page = form.send()
    assert page.status_code == 422
    assert any(sentence in problem for problem in problems_of(page)), problems_of(page)
    again = form_of(planner.client, page, "version")
    assert again["limit_per_party"] == typed.get("limit_per_party", "7")
    with look() as session:
        assert the(session, public_id).rules_changed_at is None


def test_a_draft_may_lack_its_last_day_and_says_nothing_of_changes(planner, own, look):
    public_id = own(state="draft", published_at=None)
    form = rules(planner, public_id)
    form["closes_date"] = form["closes_time"] = ""
    assert form.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert event.registration_closes_at is None
        assert event.rules_changed_at is None
    overview = planner.client.get(f"/manage/events/{public_id}").text
    assert f"/manage/events/{public_id}/rules#closes_date" in overview


def test_more_places_go_to_those_who_wait(planner, own, work, look):
    public_id = own(capacity_on_site=0)
    registered(work, public_id, state="waiting")
    form = rules(planner, public_id)
    form["capacity_on_site"] = "1"
    assert form.send().status_code == 303
    with look() as session:
        assert [seat.state for seat in session.query(Attendance)] == ["confirmed"]
        assert [letter.kind for letter in session.query(Letter)] == ["promoted"]


def test_what_is_beyond_the_new_rules_stays_and_is_said(planner, own, work, look):
    public_id = own(capacity_on_site=2)
    for _n in range(2):
        registered(work, public_id, party_name="Trygghem Teknik AB")
    registered(work, public_id, state="waiting")
    form = rules(planner, public_id)
    form["capacity_on_site"] = form["limit_per_party"] = "1"
    form["waiting_list"] = None
    answer = form.send()
    assert answer.status_code == 303
    page = planner.client.get(answer.location).text
    assert "More are confirmed than there are places" in page
    assert "They keep them: Trygghem Teknik AB (2)." in page
    assert "1 person who waits keeps the place in the queue." in page
    with look() as session:
        states = sorted(seat.state for seat in session.query(Attendance))
        assert states == ["confirmed", "confirmed", "waiting"]


def test_two_editors_of_the_rules_lose_nothing(planner, own, look):
    public_id = own(capacity_on_site=10)
    mine, theirs = rules(planner, public_id), rules(planner, public_id)
    theirs["capacity_on_site"], theirs["limit_per_party"] = "20", "3"
    theirs.send()
    mine["capacity_on_site"] = "30"
    page = mine.send()
    assert page.status_code == 409
    assert "Saved by the other" in page.text
    merged = form_of(planner.client, page, "version")
    assert (merged["capacity_on_site"], merged["limit_per_party"]) == ("30", "3")
    assert merged.send().status_code == 303
    with look() as session:
        assert the(session, public_id).occasions[0].capacity_on_site == 30


def test_the_editor_of_the_text_leaves_the_rules_alone(planner, own, look):
    public_id = own(capacity_on_site=10)
    text = open_form(planner.client, f"/manage/events/{public_id}/edit", "title_sv")
    assert "closes_date" not in text.fields
    form = rules(planner, public_id)
    form["closes_date"], form["capacity_on_site"] = "2027-01-30", "12"
    form.send()
    text["title_sv"] = "Ny rubrik"
    assert text.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert event.title["sv"] == "Ny rubrik"
        assert event.registration_closes_at.date().isoformat() == "2027-01-30"
        assert event.occasions[0].capacity_on_site == 12


def test_registration_ends_when_an_earlier_start_is_written(planner, own, look):
    public_id = own()
    text = open_form(planner.client, f"/manage/events/{public_id}/edit", "title_sv")
    text["date"] = "2027-01-20"
    assert text.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert event.registration_closes_at == event.starts_at


def test_the_text_cannot_move_an_event_before_its_registration_opens(planner, own):
    public_id = own(registration_opens_at=NOW + timedelta(days=10))
    text = open_form(planner.client, f"/manage/events/{public_id}/edit", "title_sv")
    text["date"] = "2027-01-20"
    page = text.send()
    assert page.status_code == 422
    assert "Registration opens after that" in problems_of(page)[0]


def test_a_preview_shows_the_sentences_and_saves_nothing(planner, own, look):
    public_id = own()
    form = rules(planner, public_id)
    form["limit_per_party"] = "3"
    page = form.send(then="preview")
    assert page.status_code == 200
    assert "Högst 3 personer" in page.text or "At most 3 people" in page.text
    assert form_of(planner.client, page, "version")["limit_per_party"] == "3"
    with look() as session:
        assert the(session, public_id).limit_per_party is None
        assert session.query(AuditEntry).count() == 0


def test_a_copy_takes_the_rules_along_but_not_their_instants(planner, own, look):
    public_id = own(
        limit_per_party=3,
        capacity_on_site=8,
        promotion="offer",
        visibility="invited",
        audience="buyers",
        waiting_list=False,
        registration_opens_at=NOW,
        answers_until=NOW + timedelta(days=9),
    )
    form = open_form(planner.client, f"/manage/events/{public_id}/copy", "date")
    form["date"] = "2028-02-09"
    assert form.send().status_code == 303
    with look() as session:
        copy = session.query(Event).filter(Event.public_id != public_id).one()
        kept = (copy.limit_per_party, copy.promotion, copy.visibility, copy.audience)
        assert kept == (3, "offer", "invited", "buyers")
        assert (copy.waiting_list, copy.occasions[0].capacity_on_site) == (False, 8)
        assert (copy.registration_opens_at, copy.answers_until) == (None, None)
        assert copy.registration_closes_at.date().isoformat() == "2028-02-02"


def test_an_hour_that_comes_twice_is_said(planner, own):
    public_id = own(starts_at=STARTS.replace(month=11, day=20))
    form = rules(planner, public_id)
    form["closes_date"], form["closes_time"] = "2027-10-31", "02:30"
    page = planner.client.get(form.send().location)
    assert "That hour comes twice that night" in page.text


def test_the_public_page_says_the_rules_and_when_they_changed(planner, own, client):
    public_id = own(slug="e", title={"en": "Dialogue"}, primary_language="en")
    assert "The rules were last changed" not in client.get("/en/events/e").text
    form = rules(planner, public_id)
    form["limit_per_party"] = "3"
    form.send()
    for path in ("/en/events/e", "/en/events/e/register"):
        page = client.get(path).text
        assert "At most 3 people from one organisation." in page, path
        assert "The rules were last changed Tue 12 Jan 2027" in page, path


@pytest.mark.parametrize("verb", ["move", "text", "procurement"])
def test_a_deadline_that_moves_with_the_dates_is_a_changed_rule(own, work, look, verb):
    public_id = own(phase="pre_study")
    with work() as session:
        event = the(session, public_id)
        soon, how = NOW + timedelta(days=5), {"now": NOW, "actor": "x", "post": POST}
        if verb == "move":
            events.move(session, event.id, soon, soon + timedelta(hours=1), **how)
        elif verb == "text":
            draft = draft_of(event)
            line = replace(draft.occasions[0], starts_at=soon)
            draft = replace(draft, occasions=(line,))
            events.save_event(session, event.id, draft, expected_revision=0, **how)
        else:
            events.switch_to_procurement(session, event.id, **how)
    with look() as session:
        assert the(session, public_id).rules_changed_at == NOW


def test_a_move_that_keeps_the_deadline_changes_no_rule(own, work, look):
    public_id = own()
    with work() as session:
        later = STARTS + timedelta(hours=1)
        events.move(
            session,
            the(session, public_id).id,
            later,
            later + timedelta(hours=1),
            now=NOW,
            actor="x",
            post=POST,
        )
    with look() as session:
        assert the(session, public_id).rules_changed_at is None


def test_a_text_saved_in_the_same_instant_keeps_the_new_rules(own, work, look):
    """The editor read the event before the rules were saved, and writes it after."""
    public_id = own(registration_opens_at=NOW)
    with work() as session:
        event = the(session, public_id)
        read, event_id, revision = draft_of(event), event.id, event.revision
        new = replace(rules_of(event), opens_at=None, closes_at=STARTS - timedelta(days=1))
        save_rules(
            session, event_id, new, expected=marks(rules_of(event)), now=NOW, actor="x", post=POST
        )
    with work() as session:
        events.save_event(
            session,
            event_id,
            replace(read, title={"sv": "Ny rubrik"}),
            expected_revision=revision,
            now=NOW,
            actor="x",
            post=POST,
        )
    with look() as session:
        event = the(session, public_id)
        assert event.title == {"sv": "Ny rubrik"}
        assert event.registration_opens_at is None
        assert event.registration_closes_at == STARTS - timedelta(days=1)
