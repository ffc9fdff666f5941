import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from dialognav.domain.calendar import (
    Person,
    cancellation_ics,
    content_hash,
    entry_from_json,
    entry_to_json,
    feed_ics,
    invitation_ics,
    new_invitation_uid,
    new_public_uid,
    publication_ics,
    vevent_bytes,
)
from tests import ics_reader
from tests.calendar_samples import INVITED, MOVED, ONLINE, TWO_DAYS, entry, public, revised


def event_of(data):
    [event] = ics_reader.lint(data).of("VEVENT")
    return event


def names_of(data):
    return [line.name for line in event_of(data).lines]


def test_the_same_revision_is_the_same_bytes_in_any_process():
    again = entry_from_json(json.loads(json.dumps(entry_to_json(INVITED))))
    assert invitation_ics(again) == invitation_ics(INVITED)
    assert (
        hashlib.sha256(cancellation_ics(again)).digest()
        == hashlib.sha256(cancellation_ics(INVITED)).digest()
    )


def test_head_zone_and_event_come_in_the_order_that_google_reads():
    data = invitation_ics(INVITED).decode()
    marks = ["VERSION:", "PRODID:", "CALSCALE:", "METHOD:", "BEGIN:VTIMEZONE", "BEGIN:VEVENT"]
    assert [data.index(mark) for mark in marks] == sorted(data.index(mark) for mark in marks)


@pytest.mark.parametrize("sample", [INVITED, MOVED, ONLINE, TWO_DAYS, entry(private=True)])
def test_json_keeps_every_fact(sample):
    assert entry_from_json(json.loads(json.dumps(entry_to_json(sample)))) == sample


def test_json_leaves_defaults_out_so_that_a_new_field_changes_no_stored_hash():
    facts = entry_to_json(public(geo=None, categories=()))
    assert not facts.keys() & {"all_day", "attendee", "private", "partstat", "geo", "categories"}


@pytest.mark.parametrize(
    ("changed", "is_news"),
    [
        ({"sequence": 7}, False),
        ({"dtstamp": INVITED.dtstamp + timedelta(days=9)}, False),
        ({"partstat": "ACCEPTED"}, False),  # the recipient knows what they answered
        ({"description": INVITED.description.replace("\n", "\r\n")}, False),  # a browser's form
        ({"starts_at": INVITED.starts_at + timedelta(minutes=5)}, True),
        ({"ends_at": INVITED.ends_at + timedelta(minutes=5)}, True),
        ({"location": "Annan sal"}, True),
        ({"summary": "Nytt namn"}, True),
        ({"zone": "Europe/Helsinki"}, True),
        ({"geo": None}, True),
        ({"categories": ()}, True),
        ({"conference_url": "https://mote.example/1"}, True),
        ({"status": "TENTATIVE"}, True),
        ({"attendee": Person("Åsa Öberg", "asa@annan.example")}, True),
        ({"organiser": Person("Nytt namn", "vast@inv.dialog.example")}, True),
    ],
)
def test_the_hash_tells_whether_there_is_anything_to_send(changed, is_news):
    assert (content_hash(replace(INVITED, **changed)) != content_hash(INVITED)) is is_news


def test_the_hash_is_the_same_for_the_same_facts_for_ever():
    assert content_hash(entry(created=INVITED.created)) == (
        "484ac0db1ed2660e48291a9093e7270e02ae73239609cbdb2f350dbd707d8dac"
    )


def test_uids_are_long_lower_case_and_all_different():
    uid = new_invitation_uid("dialog.example", bytes(range(16)))
    assert uid == "raaaqeayeaudaocajbifqydiob4@inv.dialog.example"
    assert new_invitation_uid("dialog.example", bytes(16)) != uid
    with pytest.raises(ValueError, match="16 random bytes"):
        new_invitation_uid("dialog.example", b"short")


def test_the_public_uid_is_made_of_the_public_id():
    assert new_public_uid("7c1mzq4k", "dialog.example") == "e7c1mzq4k@inv.dialog.example"
    assert new_public_uid("7c1mzq4k.2", "dialog.example") == "e7c1mzq4k.2@inv.dialog.example"


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": datetime(2027, 3, 27, 8)},
        {"dtstamp": datetime(2027, 3, 27, 8, tzinfo=timezone(timedelta(hours=1)))},
        {"ends_at": INVITED.starts_at},
        {"zone": "Europe/Gothenburg"},
        {"zone": "../../etc/passwd"},
        {"sequence": -1},
        {"partstat": "ACCEPTED\r\nX-EVIL:1"},
        {"status": "FOO"},
        {"attendee": Person("Åsa", "")},
        {"uid": ""},
        {"uid": "r1@inv.dialog.example\r\nX-EVIL:1"},
    ],
)
def test_facts_that_no_calendar_may_get_are_refused(wrong):
    with pytest.raises(ValueError):
        entry(**wrong)


def test_an_invitation_needs_somebody_to_invite():
    with pytest.raises(ValueError, match="attendee"):
        invitation_ics(public())
    with pytest.raises(ValueError, match="attendee"):
        cancellation_ics(public())


def test_a_request_never_says_cancelled():
    with pytest.raises(ValueError, match="not cancelled"):
        invitation_ics(entry(status="CANCELLED"))


def test_only_the_attendee_is_in_an_invitation_and_nobody_in_a_publication():
    everybody = entry()
    assert names_of(invitation_ics(everybody)).count("ATTENDEE") == 1
    assert "asa.oberg" not in publication_ics([everybody], name=None).decode()
    assert "asa.oberg" not in vevent_bytes(everybody).decode()


def test_the_digital_link_is_for_the_attendee_alone():
    assert "CONFERENCE" in names_of(invitation_ics(ONLINE))
    for data in (publication_ics([ONLINE], name=None), cancellation_ics(ONLINE)):
        assert b"mote.example" not in data


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_is_asked_for_only_where_none_was_given(partstat):
    one = entry(partstat=partstat)
    asked = event_of(invitation_ics(one)).one("ATTENDEE").parameters["RSVP"]
    assert asked == ("TRUE" if partstat == "NEEDS-ACTION" else "FALSE")
    called_off = event_of(cancellation_ics(one)).one("ATTENDEE").parameters
    assert (called_off["RSVP"], called_off["PARTSTAT"]) == ("FALSE", partstat)


def test_a_published_cancellation_frees_the_time():
    event = event_of(publication_ics([public(status="CANCELLED")], name=None))
    assert (event.one("STATUS").value, event.one("TRANSP").value) == ("CANCELLED", "TRANSPARENT")


def test_what_is_private_says_so():
    assert event_of(invitation_ics(entry(private=True))).one("CLASS").value == "PRIVATE"


def test_a_person_without_a_name_has_no_empty_one():
    attendee = event_of(invitation_ics(entry(attendee=Person(" ", "a@b.example")))).one("ATTENDEE")
    assert "CN" not in attendee.parameters


def test_an_address_is_a_bare_uri():
    odd = entry(attendee=Person("Å", 'o\'brien+dialog&x="y"?cc=evil@b.example@firm.example'))
    assert event_of(invitation_ics(odd)).one("ATTENDEE").value == (
        "mailto:o'brien+dialog%26x%3D%22y%22%3Fcc%3Devil@b.example@firm.example"
    )


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://dialog.example/sv/events/vård?x=1&y=2", "v%C3%A5rd?x=1&y=2"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_only_web_addresses_are_offered(url, written):
    event = event_of(publication_ics([public(url=url, image_url=url)], name=None))
    for name in ("URL", "IMAGE"):
        assert len(event.all(name)) == (written is not None)
        assert all(line.value.endswith(written) for line in event.all(name))


@pytest.mark.parametrize(
    ("geo", "written"),
    [
        ((57.697, 11.9885), "57.697;11.9885"),
        ((-33.8678500001, 151.20732), "-33.86785;151.20732"),
        ((51.4778, 0.00001), "51.4778;0.0"),  # no exponent: FLOAT has none
    ],
)
def test_coordinates_are_plain_decimals(geo, written):
    assert event_of(publication_ics([public(geo=geo)], name=None)).one("GEO").value == written


def test_an_image_is_a_badge():
    event = event_of(publication_ics([public(image_url="https://a.example/l.png")], name=None))
    assert event.one("IMAGE").parameters == {"VALUE": "URI", "DISPLAY": "BADGE"}


def test_an_empty_title_is_still_a_title():
    assert event_of(invitation_ics(entry(summary=""))).one("SUMMARY").value == ""


def test_quotes_stay_in_texts_and_become_single_in_names():
    quoted = entry(summary='Om "smart" vård', attendee=Person('Kim "K" Ek', "kim@firm.example"))
    event = event_of(invitation_ics(quoted))
    assert event.one("SUMMARY").text == 'Om "smart" vård'
    assert event.one("ATTENDEE").parameters["CN"] == "Kim 'K' Ek"


FEED = {
    "name": "Kommande",
    "zone": "Europe/Stockholm",
    "source_url": "https://dialog.example/calendar.ics",
}


def test_a_feed_is_its_blocks_between_head_and_end():
    blocks = [vevent_bytes(public()), vevent_bytes(TWO_DAYS)]
    data = feed_ics(blocks, **FEED, zones=["Europe/Stockholm"])
    assert data.endswith(blocks[0] + blocks[1] + b"END:VCALENDAR\r\n")
    assert len(ics_reader.lint(data).of("VEVENT")) == 2


def test_a_feed_has_each_zone_that_an_event_uses_once_and_no_other():
    blocks = [vevent_bytes(public()), vevent_bytes(replace(TWO_DAYS, zone="Europe/Oslo"))]
    calendar = ics_reader.lint(
        feed_ics(blocks, **FEED, zones=["Europe/Stockholm", "Europe/Oslo", "Europe/Stockholm"])
    )
    assert [z.one("TZID").value for z in calendar.of("VTIMEZONE")] == ["Europe/Stockholm"]


def test_an_empty_feed_is_still_a_calendar():
    assert ics_reader.lint(feed_ics([], **FEED, zones=[])).of("VEVENT") == []


def test_a_revision_raises_sequence_and_keeps_uid_organiser_and_creation():
    before, after = (event_of(invitation_ics(e)) for e in (INVITED, revised(INVITED, location="X")))
    for name in ("UID", "ORGANIZER", "CREATED", "DTSTART"):
        assert before.one(name) == after.one(name)
    for name in ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "LOCATION"):
        assert before.one(name) != after.one(name)
