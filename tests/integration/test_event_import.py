"""Events of a calendar file become drafts: seen first, chosen, all or none."""

import io
import re

import pytest

from dialognav.actions import event_imports
from dialognav.models import AuditEntry, Event, Organisation, StagedCalendar
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.staff import token_of


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


IMPORT = "/manage/import-events"


def event(uid, start, title, *more):
    lines = ("BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{start}", f"SUMMARY:{title}", *more)
    return "\r\n".join([*lines, "END:VEVENT", ""])


DIALOGUE = event(
    "1",
    ";TZID=W. Europe Standard Time:20270210T090000",
    "Dialog om snö",
    "DTEND;TZID=W. Europe Standard Time:20270210T113000",
    "DESCRIPTION:Vi vill veta mer.\\nVälkommen!",
    "LOCATION:Stadshuset\\, Sal B",
    "URL:https://gammal.example/snö",
)
SERIES = event(
    "2",
    ";VALUE=DATE:20270301",
    "Öppet hus",
    "RRULE:FREQ=WEEKLY;COUNT=3",
)
ONLINE = event("3", ":20270401T080000Z", "Möte på nätet", "LOCATION:https://mote.example/abc")
OVER = event("4", ":20261001T080000Z", "För länge sedan")
OFF = event("5", ":20270501T080000Z", "Inställt", "STATUS:CANCELLED")


def ics(*events):
    return f"BEGIN:VCALENDAR\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


ALL = ics(DIALOGUE, SERIES, ONLINE, OVER, OFF)


def upload(staff, content=ALL, name="kalender.ics"):
    file = (io.BytesIO(content), name)
    return staff.post(IMPORT, {"file": file}, content_type="multipart/form-data")


def keys(page):
    return re.findall(r'name="events" id="[^"]*" value="([^"]+)"( checked)?', page)


def confirm(staff, where, chosen):
    return staff.post(where, {"events": chosen})


def drafts(look):
    with look() as session:
        found = list(session.query(Event).order_by(Event.starts_at))
        for one in found:
            _loaded = one.occasions
            session.expunge(one)
        return found


def test_everything_is_seen_before_anything_is_written(staff, look):
    answer = upload(staff)
    assert answer.status_code == 303
    page = staff.client.get(answer.location).text
    for said in ("kalender.ics", "Dialog om snö", "Stadshuset, Sal B", "3 sessions", "Wed 10 Feb"):
        assert said in page
    assert "För länge sedan" not in page
    assert "Inställt" not in page
    assert "1 event is over" in page
    assert [bool(checked) for _key, checked in keys(page)] == [True, True, True]
    assert drafts(look) == []


def test_each_becomes_a_draft_with_what_the_file_says(staff, look):
    where = upload(staff).location
    chosen = [key for key, _checked in keys(staff.client.get(where).text)]
    answer = confirm(staff, where, chosen)
    assert answer.location == "/manage/events?view=drafts&done=events_imported"
    assert "The events are drafts" in staff.client.get(answer.location).text
    snow, house, online = drafts(look)
    assert {one.state for one in (snow, house, online)} == {"draft"}
    assert snow.title == {"sv": "Dialog om snö"}
    assert snow.summary == {"sv": "Vi vill veta mer. Välkommen!"}
    assert snow.need == {"sv": "Vi vill veta mer.\nVälkommen!\n\nhttps://gammal.example/sn%C3%B6"}
    assert snow.occasions[0].venue == {"sv": "Stadshuset, Sal B"}
    assert snow.starts_at.isoformat() == "2027-02-10T08:00:00+00:00"
    assert snow.ends_at.isoformat() == "2027-02-10T10:30:00+00:00"
    assert (snow.format, snow.zone, snow.contact_name) == (
        "on_site",
        "Europe/Stockholm",
        "Eva Exempel",
    )
    assert snow.registration_closes_at < snow.starts_at
    assert [one.starts_at.day for one in house.occasions] == [28, 7, 14]  # midnight there
    assert all(one.all_day for one in house.occasions)
    assert online.format == "online"
    assert online.occasions[0].online_url == "https://mote.example/abc"
    with look() as session:
        verbs = [entry.verb for entry in session.query(AuditEntry).order_by("number")]
        assert verbs == ["event.created"] * 3 + ["events.imported"]
        assert session.query(StagedCalendar).count() == 0


def test_an_imported_draft_can_be_edited(staff, look):
    where = upload(staff).location
    confirm(staff, where, [key for key, _checked in keys(staff.client.get(where).text)])
    for one in drafts(look):
        page = staff.client.get(f"/manage/events/{one.public_id}/edit")
        assert page.status_code == 200


def test_only_what_is_chosen(staff, look):
    where = upload(staff).location
    [first, *_others] = keys(staff.client.get(where).text)
    confirm(staff, where, [first[0]])
    assert [one.title for one in drafts(look)] == [{"sv": "Dialog om snö"}]


@pytest.mark.parametrize("chosen", [[], ["nonsense"]])
def test_something_has_to_be_chosen(staff, look, chosen):
    where = upload(staff).location
    answer = confirm(staff, where, chosen)
    assert answer.status_code == 422
    assert "Choose at least one event" in answer.text
    assert drafts(look) == []


def test_not_more_than_can_be_looked_through(staff, look, monkeypatch):
    monkeypatch.setattr("blueprints.manage.event_import.MOST_DRAFTS", 2)
    where = upload(staff).location
    found = keys(staff.client.get(where).text)
    assert [bool(checked) for _key, checked in found] == [True, True, False]
    answer = confirm(staff, where, [key for key, _checked in found])
    assert answer.status_code == 422
    assert "Choose at most 2 at a time" in answer.text
    assert len(re.findall(r'value="[^"]+" checked', answer.text)) >= 3
    assert drafts(look) == []


def test_what_is_there_already_is_not_chosen(staff, work, look):
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        make_event(
            session,
            organisation,
            title={"sv": "Dialog om SNÖ"},
            starts_at=NOW.replace(month=2, day=10, hour=8),
        )
    page = staff.client.get(upload(staff).location).text
    assert "You have an event with this title and time" in page
    assert [bool(checked) for _key, checked in keys(page)] == [False, True, True]


def test_all_or_none(staff, look, monkeypatch):
    """The second of three cannot be written: the first is not either."""
    where = upload(staff).location
    chosen = [key for key, _checked in keys(staff.client.get(where).text)]
    create, made = event_imports.create_event, []

    def fail_at_second(*args, **given):
        if made:
            raise RuntimeError("the disk is full")
        made.append(create(*args, **given))
        return made[0]

    monkeypatch.setattr(event_imports, "create_event", fail_at_second)
    with pytest.raises(RuntimeError):
        confirm(staff, where, chosen)
    assert drafts(look) == []
    monkeypatch.undo()
    assert confirm(staff, where, chosen).status_code == 303
    assert len(drafts(look)) == 3


def test_the_same_file_is_not_taken_twice(staff, look):
    where = upload(staff).location
    chosen = [key for key, _checked in keys(staff.client.get(where).text)]
    assert confirm(staff, where, chosen).status_code == 303
    assert confirm(staff, where, chosen).status_code == 404
    assert len(drafts(look)) == 3


def test_pasted_text_does_too(staff):
    answer = staff.post(IMPORT, {"pasted": ALL.decode()})
    page = staff.client.get(answer.location).text
    assert "Pasted calendar" in page
    assert "Dialog om snö" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Organisation;Namn\r\n", "That is not a calendar"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "That is not a calendar"),
        (ALL[:-20], "only a part of it came"),
        (b"BEGIN:VCALENDAR\r\n" + b"X:" * 3_000_000, "too large"),
        (b"", "There is nothing in it"),
    ],
)
def test_files_that_cannot_be_read(staff, content, said):
    answer = upload(staff, content)
    assert answer.status_code == 422
    assert said in answer.text


def test_nothing_given(staff):
    answer = staff.post(IMPORT, {})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_thrown_away(staff, look):
    where = upload(staff).location
    assert staff.post(f"{where}/discard").location == IMPORT
    assert staff.client.get(where).status_code == 404


def test_a_token_is_needed(staff, look):
    where = upload(staff).location
    page = staff.client.get(where)
    assert token_of(page)
    [key, *_others] = [key for key, _checked in keys(page.text)]
    answer = staff.client.post(where, data={"events": key})
    assert answer.status_code == 422
    assert drafts(look) == []


def test_hostile_words_stay_words(staff, look):
    bad = event("9", ":20270401T080000Z", "<script>alert(1)</script>{{ 7*7 }}", 'LOCATION:"><img>')
    where = upload(staff, ics(bad), "<script>.ics").location
    page = staff.client.get(where).text
    assert "<script>alert" not in page
    assert "<img>" not in page
    assert "{{ 7*7 }}" in page
    confirm(staff, where, [key for key, _checked in keys(page)])
    assert drafts(look)[0].slug == "alert-1-7-7"
