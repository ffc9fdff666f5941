"""Publish, schedule, move, postpone, cancel, switch the phase, copy, delete: and who is told."""

from datetime import timedelta

import pytest

from dialognav.actions import events
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.mail.post import Post
from dialognav.models import AuditEntry, Event, Letter, Organisation
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import open_form, problems_of
from tests.integration.staff import SignIn, Staff

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@pytest.fixture
def planner(sign_in: SignIn) -> Staff:
    return sign_in(role="planner", language="en")


def make_own(work, staff, *, people=0, **given):
    with work() as session:
        event = make_event(session, session.get_one(Organisation, staff.organisation_id), **given)
        for _ in range(people):
            make_participant(session, make_registration(session, event))
        return event.public_id


def verb(staff, public_id, field, **values):
    """Send the form of the overview that has that field."""
    form = open_form(staff.client, f"/manage/events/{public_id}", field)
    for name, value in values.items():
        form[name.replace("__", "-")] = value
    return form.send()


def state_of(look, public_id):
    with look() as session:
        return session.query(Event.state).filter_by(public_id=public_id).scalar()


def letters_of(look):
    with look() as session:
        return sorted({letter.kind for letter in session.query(Letter)})


def test_publish_at_an_instant(planner, work, look, clock, app, client):
    public_id = make_own(work, planner, state="draft", published_at=None, slug="tyst")
    answer = verb(
        planner,
        public_id,
        "schedule-publish_date",
        **{"schedule-publish_date": "2027-01-13", "schedule-publish_time": "08:00"},
    )
    assert answer.status_code == 303
    assert state_of(look, public_id) == "scheduled"
    assert client.get("/sv/events/tyst").status_code == 404
    with work() as session:
        assert events.publish_due(session, now=utcnow(), post=POST) == []
    clock.move_to(NOW + timedelta(hours=22))  # 08.00 in Stockholm the day after
    with work() as session:
        assert len(events.publish_due(session, now=utcnow(), post=POST)) == 1
    assert state_of(look, public_id) == "published"
    assert client.get("/sv/events/tyst").status_code == 200


@pytest.mark.parametrize(
    ("day", "at", "sentence"),
    [
        ("2027-01-11", "08:00", "Choose a time that has not passed"),
        ("", "08:00", "Enter the date"),
        ("2027-03-28", "02:15", "the clocks go forward"),
    ],
)
def test_a_bad_time_to_publish(planner, work, look, day, at, sentence):
    public_id = make_own(work, planner, state="draft", published_at=None)
    page = verb(
        planner,
        public_id,
        "schedule-publish_date",
        **{"schedule-publish_date": day, "schedule-publish_time": at},
    )
    assert page.status_code == 422
    assert sentence in problems_of(page)[0]
    assert state_of(look, public_id) == "draft"


def test_a_scheduled_event_that_lost_something_is_a_draft_again(planner, work, look):
    public_id = make_own(
        work, planner, state="scheduled", published_at=None, publish_at=NOW, need={}
    )
    with work() as session:
        assert events.publish_due(session, now=NOW, post=POST) == []
    assert state_of(look, public_id) == "draft"


def test_move_tells_everybody(planner, work, look):
    public_id = make_own(work, planner, people=2)
    answer = verb(
        planner,
        public_id,
        "move-date",
        **{"move-date": "2027-02-17", "move-from_time": "13:00", "move-to_time": "16:00"},
    )
    assert answer.location.endswith("done=moved_told")
    with look() as session:
        event = session.query(Event).filter_by(public_id=public_id).one()
        assert event.starts_at.isoformat() == "2027-02-17T12:00:00+00:00"
        assert event.occasions[0].starts_at == event.starts_at
    assert "changed" in letters_of(look)


def test_move_back_in_time_is_explained(planner, work):
    public_id = make_own(work, planner)
    page = verb(planner, public_id, "move-date", **{"move-to_time": "08:00"})
    assert page.status_code == 422
    assert "It has to end after it begins" in problems_of(page)
    assert '<details class="confirm" open>' in page.text


def test_postpone_then_set_a_new_date(planner, work, look):
    public_id = make_own(work, planner, people=1)
    page = verb(planner, public_id, "postpone-reason_sv")
    assert (page.status_code, problems_of(page)) == (422, ["Write the reason"])
    reason = {"postpone-reason_sv": "Salen är stängd.", "postpone-reason_en": "Closed."}
    assert verb(planner, public_id, "postpone-reason_sv", **reason).status_code == 303
    assert state_of(look, public_id) == "postponed"
    assert "A new date is missing" in planner.client.get("/manage/").text
    times = {"new_date-date": "2027-04-14", "new_date-closes_date": "2027-04-01"}
    assert verb(planner, public_id, "new_date-date", **times).status_code == 303
    with look() as session:
        event = session.query(Event).filter_by(public_id=public_id).one()
        assert (event.state, event.reason) == ("published", {})
        assert event.starts_at.month == 4
        assert [row.verb for row in session.query(AuditEntry)] == [
            "event.postponed",
            "event.new_date",
        ]


def test_cancel_tells_the_reason_and_ends_everything(planner, work, look, client):
    public_id = make_own(work, planner, people=1, slug="inst")
    answer = verb(planner, public_id, "cancel-reason_sv", **{"cancel-reason_sv": "För få."})
    assert answer.status_code == 303
    assert state_of(look, public_id) == "cancelled"
    assert "För få." in client.get("/sv/events/inst").text
    for name in ("move", "postpone", "cancel", "publish", "to-procurement"):
        assert planner.post(f"/manage/events/{public_id}/{name}").status_code == 409


def test_the_procurement_phase_closes_registration(planner, work, look, client):
    public_id = make_own(work, planner, people=3, slug="fas", phase="pre_study")
    page = planner.client.get(f"/manage/events/{public_id}")
    assert "Registration closes at once." in page.text
    assert "The event is still announced, with 3 confirmed." in page.text
    assert planner.post(f"/manage/events/{public_id}/to-procurement").status_code == 303
    with look() as session:
        event = session.query(Event).filter_by(public_id=public_id).one()
        assert (event.phase, event.registration_closes_at) == ("procurement", NOW)
    assert "fas/register" not in client.get("/sv/events/fas").text
    assert planner.post(f"/manage/events/{public_id}/to-procurement").status_code == 409


def test_a_copy_has_the_texts_and_none_of_the_rest(planner, work, look):
    public_id = make_own(
        work, planner, people=2, diary_number="RT 1", online_url="https://x.example"
    )
    form = open_form(planner.client, f"/manage/events/{public_id}/copy", "title")
    page = form.send()
    assert page.status_code == 422  # the date is not copied
    form["date"], form["title"] = "2028-02-09", "Marknadsdialog 2028"
    answer = form.send()
    assert answer.status_code == 303
    with look() as session:
        made = session.query(Event).filter_by(slug="marknadsdialog-2028").one()
        assert (made.state, made.diary_number) == ("draft", "")
        assert made.need
        assert made.occasions[0].online_url == ""
        assert made.registration_closes_at.date().isoformat() == "2028-02-02"
        assert made.copied_from_id is not None


def test_a_draft_is_deleted_and_nothing_else(planner, work, look):
    public_id = make_own(work, planner, state="draft")
    seen = make_own(work, planner)
    assert planner.post(f"/manage/events/{public_id}/delete").status_code == 303
    assert state_of(look, public_id) is None
    assert planner.post(f"/manage/events/{seen}/delete").status_code == 409
    assert state_of(look, seen) == "published"


def test_no_get_does_any_of_it(planner, work, look):
    public_id = make_own(work, planner, state="draft")
    for name in ("publish", "schedule", "move", "cancel", "postpone", "delete", "to-procurement"):
        assert planner.client.get(f"/manage/events/{public_id}/{name}").status_code == 405
    assert state_of(look, public_id) == "draft"


@pytest.mark.parametrize("role", ["host", "approver", "registrar", "reader"])
def test_who_may_not_edit_sees_no_editor(sign_in, work, role):
    someone = sign_in(role=role)
    public_id = make_own(work, someone, state="draft")
    assert someone.client.get(f"/manage/events/{public_id}").status_code == 200
    assert someone.client.get(f"/manage/events/{public_id}/edit").status_code == 404
    assert someone.client.get("/manage/events/new").status_code == 404
    assert someone.post(f"/manage/events/{public_id}/delete").status_code == 404


def test_the_trail_is_unbroken_after_all_this(planner, work, app):
    public_id = make_own(work, planner, people=1)
    verb(planner, public_id, "postpone-reason_sv", **{"postpone-reason_sv": "x"})
    verb(planner, public_id, "cancel-reason_sv", **{"cancel-reason_sv": "y"})
    with app.app_context():
        from dialognav import audit

        assert audit.broken_link(db.session(), planner.organisation_id) is None


def test_a_deadline_follows_an_event_moved_forward(planner, work, look):
    public_id = make_own(work, planner)  # 10 February, deadline a week before
    verb(
        planner,
        public_id,
        "move-date",
        **{"move-date": "2027-01-25", "move-closes_date": "", "move-closes_time": ""},
    )
    with look() as session:
        event = session.query(Event).filter_by(public_id=public_id).one()
        assert event.registration_closes_at.date().isoformat() == "2027-01-18"


def test_two_workers_publish_once(planner, work, look):
    """The second finds it done: no error, no second row in the trail."""
    make_own(work, planner, state="scheduled", published_at=None, publish_at=NOW)
    for expected in (1, 0):
        with work() as session:
            assert len(events.publish_due(session, now=NOW, post=POST)) == expected
    with look() as session:
        assert session.query(AuditEntry).filter_by(verb="event.published").count() == 1


def test_who_may_publish_but_not_edit_is_told_what_lacks(sign_in, work, look):
    approver = sign_in(role="approver", language="en")
    public_id = make_own(work, approver, state="draft", published_at=None, need={})
    page = approver.post(f"/manage/events/{public_id}/publish")
    assert page.status_code == 422
    assert "Describe the need, before any solution" in page.text
    assert "/edit" not in page.text
    assert state_of(look, public_id) == "draft"
