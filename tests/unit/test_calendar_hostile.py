"""Whatever people type: the lines stay lines, and what may be shown comes back as it was."""

import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialognav.domain.calendar import (
    Entry,
    Person,
    cancellation_ics,
    content_hash,
    entry_from_json,
    entry_to_json,
    feed_ics,
    invitation_ics,
    publication_ics,
    vevent_bytes,
)
from dialognav.domain.calendar_text import clean_line, clean_parameter, clean_text, clean_uri
from tests import ics_reader
from tests.calendar_samples import ONLINE

WRITERS = [invitation_ics, cancellation_ics, lambda one: publication_ics([one], name=one.summary)]
LINE_ENDS = ["\r\n", "\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\r\r\n"]
INJECTED = "ATTENDEE:mailto:evil@evil.example"


def put(field, text):
    """The online invitation with one text in one place."""
    match field:
        case "organiser.name" | "attendee.name":
            person = getattr(ONLINE, field.split(".")[0])
            return replace(ONLINE, **{field.split(".")[0]: Person(text, person.address)})
        case "organiser.address" | "attendee.address":
            person = getattr(ONLINE, field.split(".")[0])
            return replace(ONLINE, **{field.split(".")[0]: Person(person.name, f"a@{text}")})
        case "url" | "conference_url" | "image_url":
            return replace(ONLINE, **{field: f"https://dialog.example/{text}"})
        case "categories":
            return replace(ONLINE, categories=("Marknadsdialog", text))
        case _:
            return replace(ONLINE, **{field: text})


PLACES = [
    *("summary", "description", "description_html", "location", "categories"),
    *("url", "conference_url", "image_url"),
    *("organiser.name", "organiser.address", "attendee.name", "attendee.address"),
]


def test_every_text_of_an_entry_is_attacked():
    texts = {f.name for f in fields(Entry) if f.type in (str, "str")}
    checked_by_entry = {"uid", "zone", "partstat", "status", "rrule"}
    assert texts - checked_by_entry == {place for place in PLACES if "." not in place} - {
        "categories"
    }


def shape(data):
    """The names of all lines, as a strict reader and as a careless one see them."""
    calendar = ics_reader.lint(data)
    strict = [[line.name for line in event.lines] for event in calendar.of("VEVENT")]
    careless = [line for line in data.decode().splitlines() if line.startswith(INJECTED[:10])]
    return strict, len(careless)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_line_end_starts_a_line(place, end):
    attack = f"ofarlig{end}{INJECTED}{end}BEGIN:VALARM{end}"
    for write in WRITERS:
        assert shape(write(put(place, attack))) == shape(write(put(place, "ofarlig")))


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_line_end_gets_out_of_a_feeds_name_or_address(end):
    attack = f"ofarlig{end}{INJECTED}{end}"
    blocks = [vevent_bytes(ONLINE)]
    source = f"https://dialog.example/{attack}"
    data = feed_ics(blocks, name=attack, zone="UTC", source_url=source, zones=["UTC"])
    assert shape(data)[1] == 0
    assert ics_reader.lint(data).one("NAME").text.startswith("ofarlig")


@pytest.mark.parametrize("attack", [";X=1", ":mailto:evil@x", '";X="1', "^n^'", ",", "\\", "\\n"])
@pytest.mark.parametrize("who", ["organiser", "attendee"])
def test_no_name_gets_out_of_its_parameter(who, attack):
    [event] = ics_reader.lint(invitation_ics(put(f"{who}.name", f"Kim{attack}"))).of("VEVENT")
    line = event.one({"organiser": "ORGANIZER", "attendee": "ATTENDEE"}[who])
    assert line.value == f"mailto:{getattr(ONLINE, who).address}"
    assert line.parameters["CN"].replace("^^", "^") == f"Kim{attack}".replace('"', "'")


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 60,
        "👩‍👩‍👧‍👦" * 20,  # joined by U+200D
        "שלום עולם, مرحبا بالعالم; " * 8,
        "\u202eomvänt\u202c och åter",
        "e\u0301å\u030aö\u0308" * 40,  # combining marks: NFC makes them one letter where it can
        "a" * 10_000,
        "å" * 10_000,
        "a;,\\b" * 2_000,
    ],
    ids=ascii,
)
def test_long_and_strange_letters_arrive(text):
    [event] = ics_reader.lint(invitation_ics(put("description", text))).of("VEVENT")
    assert event.one("DESCRIPTION").text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("width", range(60, 80))
def test_no_fold_cuts_a_letter_in_two(width):
    text = "x" * width + "å😀é" * 30
    [event] = ics_reader.lint(invitation_ics(put("summary", text))).of("VEVENT")
    assert event.one("SUMMARY").text == text


def test_control_characters_and_half_letters_are_gone():
    text = "a" + "".join(map(chr, [*range(32), *range(127, 160), 0xFEFF])) + "\ud83d\uffffb"
    one = replace(put("location", text), description="en\tflik\x00\ufeff\ud83d")
    [event] = ics_reader.lint(invitation_ics(one)).of("VEVENT")
    assert event.one("LOCATION").text == "a b"
    assert event.one("DESCRIPTION").text == "en flik"


ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=300)
PRINTABLE = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], include_characters="\n"),
    max_size=300,
).map(lambda text: unicodedata.normalize("NFC", text))
FAST = settings(max_examples=40, deadline=None)


@FAST
@given(place=st.sampled_from(PLACES), text=ANYTHING, writer=st.sampled_from(WRITERS))
def test_any_text_in_any_place_gives_a_file_by_the_letter(place, text, writer):
    strict, careless = shape(writer(put(place, text)))
    assert len(strict) == 1
    assert careless <= 1
    optional = {"DESCRIPTION", "X-ALT-DESC", "LOCATION", "CATEGORIES"}
    assert set(shape(writer(ONLINE))[0][0]) - set(strict[0]) <= optional


@FAST
@given(text=PRINTABLE)
def test_what_can_be_read_comes_back_letter_by_letter(text):
    [event] = ics_reader.lint(invitation_ics(put("description", text or "-"))).of("VEVENT")
    assert event.one("DESCRIPTION").text == (text or "-")


@FAST
@given(place=st.sampled_from(PLACES), text=ANYTHING)
def test_facts_survive_json_and_can_be_hashed(place, text):
    one = put(place, text)
    assert entry_from_json(entry_to_json(one)) == one
    assert content_hash(one) == content_hash(replace(one, sequence=5))


@FAST
@given(text=ANYTHING)
def test_cleaning_twice_is_cleaning_once(text):
    for clean in (clean_text, clean_line, clean_parameter, clean_uri):
        assert clean(clean(text)) == clean(text)
