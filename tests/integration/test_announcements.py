"""Where an event was announced: noted by us, and by staff for other places."""

import pytest
import sqlalchemy as sa
import time_machine

from dialognav.actions import announcements, events
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import AnnouncedAt, EventState
from dialognav.models import Announcement, AuditEntry, Event, Organisation
from tests.conftest import NOW
from tests.factories import make_event
from tests.fixtures import Work
from tests.integration.forms import form_of, open_form, problems_of
from tests.integration.staff import Staff


@pytest.fixture
def event_id(staff: Staff, work: Work) -> str:
    with work() as session:
        owner = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, owner)
        announcements.note_ours(session, event.id, AnnouncedAt.OWN_PAGE, now=NOW)
        announcements.note_ours(session, event.id, AnnouncedAt.FOLLOWERS, now=NOW, reached=214)
        return event.public_id


def page_of(event_id: str) -> str:
    return f"/manage/events/{event_id}/announcements"


def noted(look: Work) -> list[tuple[str, str, str]]:
    with look() as session:
        rows = session.scalars(
            sa.select(Announcement)
            .where(Announcement.noted_by_id.is_not(None))
            .order_by(Announcement.id)
        )
        return [(str(row.place), row.name, row.reference) for row in rows]


def trail(look: Work) -> list[str]:
    with look() as session:
        return [
            verb
            for verb in session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id))
            if verb.startswith("announcement.")
        ]


def note_ted(staff: Staff, event_id: str, **typed: str) -> str:
    form = open_form(staff.client, page_of(event_id), "reference")
    values = {"place": "ted", "date": "2027-01-11", "reference": "2027/S 7-1234", **typed}
    for name, value in values.items():
        form[name] = value
    answer = form.send()
    assert answer.status_code == 303
    return staff.client.get(answer.location).text


def test_noted_changed_and_removed_on_record(staff: Staff, event_id: str, look: Work) -> None:
    page = note_ted(staff, event_id, url="https://ted.europa.example/1234")
    assert "2027/S 7-1234" in page
    assert 'href="https://ted.europa.example/1234"' in page
    with look() as session:
        row = session.query(Announcement).filter_by(place="ted").one()
        assert row.announced_at.isoformat() == "2027-01-10T23:00:00+00:00"  # a day in Stockholm
        path = f"{page_of(event_id)}/{row.public_id}"
    form = open_form(staff.client, path, "reference")
    assert (form["date"], form["clock"]) == ("2027-01-11", "")
    form["place"], form["name"], form["clock"] = "other", "Dagens Tallvik", "07:30"
    assert form.send().status_code == 303
    assert noted(look) == [("other", "Dagens Tallvik", "2027/S 7-1234")]
    assert staff.post(f"{path}/remove").status_code == 303
    assert noted(look) == []
    assert trail(look) == ["announcement.added", "announcement.changed", "announcement.removed"]
    log = staff.client.get(f"/manage/events/{event_id}/log").text
    assert "announcement." not in log  # every verb has its words


def test_the_second_of_two_editors_sees_both(
    staff: Staff, event_id: str, look: Work, clock: time_machine.Traveller
) -> None:
    note_ted(staff, event_id)
    with look() as session:
        row = session.query(Announcement).filter_by(place="ted").one()
        path = f"{page_of(event_id)}/{row.public_id}"
    first, second = (open_form(staff.client, path, "reference") for _editor in range(2))
    clock.shift(60)
    first["reference"], second["reference"] = "2027/S 7-1", "2027/S 7-2"
    assert first.send().status_code == 303
    answer = second.send()
    assert answer.status_code == 409
    assert "2027/S 7-1" in answer.text
    assert noted(look) == [("ted", "", "2027/S 7-1")]
    again = form_of(staff.client, answer, "reference")
    assert again["reference"] == "2027/S 7-2"
    assert staff.post(f"{path}/remove").status_code == 303
    assert again.send().status_code == 404
    assert noted(look) == []


def test_what_we_noted_ourselves_is_shown_and_stays(
    staff: Staff, event_id: str, work: Work, look: Work
) -> None:
    for path in (page_of(event_id), f"/manage/events/{event_id}"):
        assert "214" in staff.client.get(path).text
    with work() as session:
        row = session.query(Announcement).filter_by(place="followers").one()
        public_id, row_id = row.public_id, row.id
    assert staff.client.get(f"{page_of(event_id)}/{public_id}").status_code == 404
    assert staff.post(f"{page_of(event_id)}/{public_id}/remove").status_code == 404
    with work() as session, pytest.raises(NotAllowedNow):
        announcements.remove(session, row_id, user_id=staff.user_id, now=NOW)


@pytest.mark.parametrize(
    "typed",
    [
        {"date": ""},
        {"date": "2027-02-30"},
        {"date": "2027-01-13"},  # tomorrow
        {"clock": "25:00"},
        {"place": "own_page"},
        {"place": "other", "name": ""},
        {"url": "javascript:alert(1)"},
        {"reference": "x" * 201},
    ],
)
def test_what_cannot_be_noted(
    staff: Staff, event_id: str, look: Work, typed: dict[str, str]
) -> None:
    form = open_form(staff.client, page_of(event_id), "reference")
    form["date"] = "2027-01-11"
    for name, value in typed.items():
        form[name] = value
    answer = form.send()
    assert answer.status_code == 422
    assert problems_of(answer)
    assert noted(look) == []


def test_of_another_event_is_not_there(staff: Staff, event_id: str, work: Work) -> None:
    note_ted(staff, event_id)
    with work() as session:
        other = make_event(session, session.get_one(Organisation, staff.organisation_id))
        row = session.query(Announcement).filter_by(place="ted").one()
        path = f"{page_of(other.public_id)}/{row.public_id}"
    assert staff.client.get(path).status_code == 404


def test_a_draft_takes_its_notes_with_it(staff: Staff, work: Work, look: Work) -> None:
    with work() as session:
        owner = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, owner, state=EventState.DRAFT, published_at=None)
        public_id, row_id = event.public_id, event.id
    note_ted(staff, public_id)
    with work() as session:
        events.delete_draft(session, row_id, now=NOW, actor="user:1")
    assert noted(look) == []
    with look() as session:
        assert session.get(Event, row_id) is None


def test_ours_is_noted_once_and_counts_on(work: Work, look: Work) -> None:
    with work() as session:
        event_id = make_event(session).id
    for reached in (500, 214):
        with work() as session:
            announcements.note_ours(
                session, event_id, AnnouncedAt.FOLLOWERS, now=NOW, reached=reached
            )
    with look() as session:
        assert session.query(Announcement).one().reached == 714
