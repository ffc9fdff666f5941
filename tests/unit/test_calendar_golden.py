"""Bytes that clients have been tried with. A change here reaches every calendar in the field.

To write them anew after a change that is meant: `GOLDEN=write make unit`, then read the diff.
"""

import os
from pathlib import Path

import pytest

from tests import ics_reader
from tests.calendar_samples import GOLDEN

FILES = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_bytes_are_those_of_the_golden_file(name):
    path = FILES / f"{name}.ics"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(GOLDEN[name])
    assert path.read_bytes() == GOLDEN[name]


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FILES.glob("*.ics")} == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_golden_files_keep_the_letter_of_the_standard(name):
    ics_reader.lint((FILES / f"{name}.ics").read_bytes())


def the_event(name):
    calendar = ics_reader.lint((FILES / f"{name}.ics").read_bytes())
    [event] = calendar.of("VEVENT")
    return calendar, {line.name: line for line in event.lines}


@pytest.mark.parametrize(
    ("name", "method", "sequence", "start", "answer", "rsvp", "transparent"),
    [
        ("invitation", "REQUEST", "0", "20270327T090000", "NEEDS-ACTION", "TRUE", "OPAQUE"),
        # ten o'clock both before and after: the clocks changed in the night between
        ("update_moved", "REQUEST", "1", "20270328T100000", "NEEDS-ACTION", "TRUE", "OPAQUE"),
        ("update_place", "REQUEST", "2", "20270328T100000", "ACCEPTED", "FALSE", "OPAQUE"),
        (
            "cancelled_by_organiser",
            "CANCEL",
            "3",
            "20270328T100000",
            "ACCEPTED",
            "FALSE",
            "TRANSPARENT",
        ),
        (
            "cancelled_by_registrant",
            "CANCEL",
            "1",
            "20270327T090000",
            "DECLINED",
            "FALSE",
            "TRANSPARENT",
        ),
    ],
)
def test_one_life_of_an_invitation(name, method, sequence, start, answer, rsvp, transparent):
    calendar, event = the_event(name)
    assert calendar.one("METHOD").value == method
    assert event["UID"].value == "r6hq2v3d4x5mfa6tkc7n2bw5za@inv.dialog.example"
    assert event["SEQUENCE"].value == sequence
    assert event["CREATED"].value == "20261121T120000Z"
    assert event["DTSTART"].value == start
    assert event["DTSTART"].parameters == {"TZID": "Europe/Stockholm"}
    assert event["ORGANIZER"].value == "mailto:vast@inv.dialog.example"
    assert event["ATTENDEE"].value == "mailto:asa.oberg@leverantor.example"
    assert event["ATTENDEE"].parameters == {
        "CN": "Åsa Öberg",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": answer,
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": rsvp,
    }
    assert event["STATUS"].value == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")
    assert event["TRANSP"].value == transparent


def test_a_cancellation_says_no_more_than_which_entry_to_remove():
    _, event = the_event("cancelled_by_organiser")
    assert event["SUMMARY"].text == "Inställt: Marknadsdialog: digital vårdplanering"
    assert not event.keys() & {"DESCRIPTION", "X-ALT-DESC", "GEO", "CATEGORIES", "CONFERENCE"}


@pytest.mark.parametrize("name", ["meeting_guest", "meeting_host", "meeting_moved"])
def test_a_one_to_one_meeting_is_private_and_rings_once(name):
    _, event = the_event(name)
    assert event["CLASS"].value == "PRIVATE"
    whole = (FILES / f"{name}.ics").read_bytes()
    assert whole.count(b"BEGIN:VALARM") == whole.count(b"TRIGGER:-PT30M") == 1
    assert whole.endswith(b"END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    assert b"BEGIN:VALARM" not in (FILES / "meeting_withdrawn.ics").read_bytes()


def test_the_digital_link_is_in_the_own_invitation_as_a_list_of_features():
    calendar, event = the_event("invitation_online")
    assert event["CONFERENCE"].value == "https://mote.example/j/4711?pwd=a,b;c"
    assert event["CONFERENCE"].parameters == {"VALUE": "URI", "FEATURE": "AUDIO,VIDEO"}
    assert event["DTSTART"].value == "20270327T080000Z"
    assert calendar.of("VTIMEZONE") == []


def test_the_public_download_has_no_attendee_and_all_that_helps_to_find_the_place():
    calendar, event = the_event("public_download")
    assert calendar.one("METHOD").value == "PUBLISH"
    assert "ATTENDEE" not in event
    assert event["GEO"].value == "57.697;11.9885"
    assert event["LOCATION"].text == "Svenska Mässan, Mässans gata 24, 412 94 Göteborg"
    assert event["CATEGORIES"].value == r"Marknadsdialog,Vård\, omsorg"
    assert event["DESCRIPTION"].text.endswith("031-123 45 67\\växel 😀 – välkommen!")
    assert event["X-ALT-DESC"].parameters == {"FMTTYPE": "text/html"}
    assert event["X-ALT-DESC"].text.startswith("<html><body><p>Vi vill höra <b>marknaden</b>")


def test_the_feed_names_itself_and_says_how_often_to_look():
    calendar = ics_reader.lint((FILES / "feed.ics").read_bytes())
    assert [(li.name, li.parameters, li.text) for li in calendar.lines] == [
        ("VERSION", {}, "2.0"),
        ("PRODID", {}, "-//Dialognav//Dialognav 1.0//EN"),
        ("CALSCALE", {}, "GREGORIAN"),
        ("METHOD", {}, "PUBLISH"),
        ("NAME", {}, "Upphandling Väst; kommande, alla"),
        ("X-WR-CALNAME", {}, "Upphandling Väst; kommande, alla"),
        ("X-WR-TIMEZONE", {}, "Europe/Stockholm"),
        ("REFRESH-INTERVAL", {"VALUE": "DURATION"}, "PT4H"),
        ("X-PUBLISHED-TTL", {}, "PT4H"),
        (
            "SOURCE",
            {"VALUE": "URI"},
            "https://dialog.example/calendar.ics?kind=market_dialogue&q=v%C3%A5rd",
        ),
    ]
    zones = [zone.one("TZID").value for zone in calendar.of("VTIMEZONE")]
    assert zones == ["Europe/Oslo", "Europe/Stockholm"]
    events = calendar.of("VEVENT")
    assert [event.one("STATUS").value for event in events].count("CANCELLED") == 1
    assert [event.all("ATTENDEE") for event in events] == [[], [], [], [], []]
