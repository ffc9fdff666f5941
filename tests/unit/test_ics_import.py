"""Other people's calendars, as programs write them: what becomes of them, and what is left out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialognav.domain.ics_import import CalendarRead, CalendarRefused, ForeignEvent, read_calendar
from dialognav.domain.ics_text import plain_line, plain_text, web_address
from dialognav.domain.timezones import known_zone
from tests.conftest import NOW

WINDOW = NOW - timedelta(days=30), NOW + timedelta(days=548)


def read(body: str, zone: str = "Europe/Stockholm", head: str = "") -> CalendarRead:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head.splitlines(), *body.strip().splitlines()]
    content = "\r\n".join([*(line.lstrip("\t") for line in lines), "END:VCALENDAR", ""])
    return read_calendar(content.encode(), zone_name=zone, window=WINDOW)


def event(*lines: str, uid: str = "1@x.example", title: str = "Leverantörsdag") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT"])


def one(*lines: str, **given: str) -> ForeignEvent:
    [found] = read(event(*lines), **given).events
    return found


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_an_event_as_google_writes_it() -> None:
    got = read(
        event(
            "DTSTART:20270210T080000Z",
            "DTEND:20270210T103000Z",
            "DTSTAMP:20270101T000000Z",
            'DESCRIPTION:Välkommen!<br>Läs <a href="https://x.example">mer</a> &amp\\; hör av dig',
            "LOCATION:Stadshuset\\, Sal B\\nStorgatan 1",
            "URL:https://kalender.example/e/1?a=b#program",
            "ORGANIZER;CN=Eva:mailto:eva@x.example",
            "ATTENDEE;CN=Per:mailto:per@x.example",
            "BEGIN:VALARM",
            "SUMMARY:Larm",
            "TRIGGER:-PT10M",
            "END:VALARM",
        ),
        head="X-WR-CALNAME:Kommunens kalender\nX-WR-TIMEZONE:Europe/Stockholm\nMETHOD:PUBLISH",
    )
    assert got == CalendarRead(
        "Kommunens kalender",
        (
            ForeignEvent(
                uid="1@x.example",
                recurs_at="",
                starts_at=utc(2027, 2, 10, 8),
                ends_at=utc(2027, 2, 10, 10, 30),
                all_day=False,
                zone="Europe/Stockholm",
                title="Leverantörsdag",
                text="Välkommen!\nLäs mer & hör av dig",
                place="Stadshuset, Sal B Storgatan 1",
                url="https://kalender.example/e/1?a=b#program",
            ),
        ),
        {},
    )
    assert "per@" not in repr(got)


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        (["DTSTART:20270210T090000"], utc(2027, 2, 10, 8), utc(2027, 2, 10, 8)),  # floating
        (
            ["DTSTART;TZID=Europe/Helsinki:20270210T090000", "DURATION:PT1H30M"],
            utc(2027, 2, 10, 7),
            utc(2027, 2, 10, 8, 30),
        ),
        (
            ['DTSTART;TZID="W. Europe Standard Time":20270710T090000', "DURATION:P1D"],
            utc(2027, 7, 10, 7),
            utc(2027, 7, 11, 7),
        ),
        (
            ["DTSTART;TZID=Eastern Standard Time:20270210T090000"],
            utc(2027, 2, 10, 14),
            utc(2027, 2, 10, 14),
        ),
        (
            ["DTSTART;TZID=/freeassociation.sourceforge.net/Europe/London:20270210T090000"],
            utc(2027, 2, 10, 9),
            utc(2027, 2, 10, 9),
        ),
        # a time the spring change skips: as if it had not changed yet
        (["DTSTART:20270328T023000"], utc(2027, 3, 28, 1, 30), utc(2027, 3, 28, 1, 30)),
        # twice in autumn: the first
        (["DTSTART:20271031T023000"], utc(2027, 10, 31, 0, 30), utc(2027, 10, 31, 0, 30)),
        # over the change by the clock, and by the hour
        (
            ["DTSTART:20270327T220000", "DTEND:20270328T060000"],
            utc(2027, 3, 27, 21),
            utc(2027, 3, 28, 4),
        ),
        (
            ["DTSTART:20270327T220000", "DURATION:PT8H"],
            utc(2027, 3, 27, 21),
            utc(2027, 3, 28, 5),
        ),
    ],
)
def test_times(lines: list[str], starts: datetime, ends: datetime) -> None:
    got = one(*lines)
    assert (got.starts_at, got.ends_at, got.all_day) == (starts, ends, False)


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["DTSTART;VALUE=DATE:20270327"], 1),
        (["DTSTART;VALUE=DATE:20270327", "DTEND;VALUE=DATE:20270327"], 1),
        (["DTSTART;VALUE=DATE:20270327", "DTEND;VALUE=DATE:20270329"], 2),
        (["DTSTART:20270327", "DURATION:P3D"], 3),
    ],
)
def test_whole_days_end_at_midnight_there(lines: list[str], days: int) -> None:
    got = one(*lines)
    assert got.all_day
    assert got.starts_at == utc(2027, 3, 26, 23)
    wall = got.ends_at.astimezone(ZoneInfo("Europe/Stockholm"))
    assert (wall.day, wall.hour) == (27 + days, 0)


OWN_ZONE = """
BEGIN:VTIMEZONE
TZID:Egen zon
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("winter", "summer", "zone", "hour"),
    [
        ("+0100", "+0200", "Europe/Stockholm", 7),
        ("+0200", "+0300", "Europe/Helsinki", 6),
        ("+0000", "+0100", "Europe/London", 8),
        ("-0500", "-0400", "America/New_York", 13),
    ],
)
def test_a_zone_that_is_only_defined(winter: str, summer: str, zone: str, hour: int) -> None:
    zones = OWN_ZONE.format(winter=winter, summer=summer)
    got = read(zones + event("DTSTART;TZID=Egen zon:20270710T090000")).events[0]
    assert got.starts_at == utc(2027, 7, 10, hour)
    assert known_zone(got.zone)


@pytest.mark.parametrize("offset", ["", "+0123", "abc", "+9999"])
def test_a_zone_nobody_knows_is_not_guessed(offset: str) -> None:
    zones = OWN_ZONE.format(winter=offset, summer=offset)
    got = read(zones + event("DTSTART;TZID=Egen zon:20270710T090000"))
    assert (got.events, got.left_out) == ((), {"zone": 1})


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["DTSTART:20270210T080000Z", "CLASS:PRIVATE"], "private"),
        (["DTSTART:20270210T080000Z", "CLASS:confidential"], "private"),
        (["DTSTART:20261201T080000Z"], "over"),
        (["DTSTART:20290210T080000Z"], "later"),
        ([], "times"),
        (["DTSTART:yesterday"], "times"),
        (["DTSTART:20270231T080000Z"], "times"),
        (["DTSTART:00010101T000000"], "times"),
        (["DTSTART:99991231T235959Z"], "times"),
        (["DTSTART:٢٠٢٧٠٢١٠T٠٨٠٠٠٠Z"], "times"),
        (["DTSTART:20270210T080000Z", "DTEND:20270209T080000Z"], "times"),
        (["DTSTART:20270210T080000Z", "DTEND:20290210T080000Z"], "times"),
        (["DTSTART:20270210T080000Z", "DURATION:PT"], "times"),
        (["DTSTART:20270210T080000Z", "DURATION:-PT1H"], "times"),
        (["DTSTART;TZID=Mars/Phobos:20270210T080000"], "zone"),
        (["DTSTART;TZID=../../etc/passwd:20270210T080000"], "zone"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=SECONDLY"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=HOURLY;COUNT=5"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY;INTERVAL=0"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY;COUNT=-1"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:nonsense"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY;COUNT=999999999"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY;INTERVAL=,"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY;UNTIL=x"], "times"),
        (["DTSTART;VALUE=DATE:00010101"], "times"),
        (["DTSTART;VALUE=DATE:99991231"], "times"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY"], "repeats"),
        (["DTSTART:20270210T080000Z", "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"], "repeats"),
        (["DTSTART:20270210T080000Z", "RDATE;VALUE=PERIOD:20270211T080000Z/PT1H"], "repeats"),
        (
            ["DTSTART:20270210T080000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270210T080000Z"],
            "repeats",
        ),
    ],
)
def test_left_out(lines: list[str], why: str) -> None:
    got = read(event(*lines))
    assert (got.events, got.left_out) == ((), {why: 1})


def test_an_event_without_a_title_is_left_out() -> None:
    assert read(event("DTSTART:20270210T080000Z", title="  \\n")).left_out == {"untitled": 1}


def test_cancelled_events_say_so() -> None:
    assert one("DTSTART:20270210T080000Z", "STATUS:CANCELLED").is_cancelled
    assert one("DTSTART:20270210T080000Z", head="METHOD:CANCEL").is_cancelled
    assert not one("DTSTART:20270210T080000Z", "STATUS:TENTATIVE").is_cancelled


def test_a_series_with_one_day_off_and_one_moved() -> None:
    series = event(
        "DTSTART;TZID=Europe/Stockholm:20270316T170000",
        "DTEND;TZID=Europe/Stockholm:20270316T190000",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE;TZID=Europe/Stockholm:20270323T170000",
    )
    moved = event(
        "RECURRENCE-ID:20270406T150000Z",  # the same instant, written in another way
        "DTSTART;TZID=Europe/Stockholm:20270408T170000",
        "DTEND;TZID=Europe/Stockholm:20270408T190000",
        title="Leverantörsdag, flyttad",
    )
    got = read(moved + "\n" + series).events
    assert [(each.starts_at, each.title) for each in got] == [
        (utc(2027, 3, 16, 16), "Leverantörsdag"),
        (utc(2027, 3, 30, 15), "Leverantörsdag"),  # summer time: the clock says 17 still
        (utc(2027, 4, 8, 15), "Leverantörsdag, flyttad"),
        (utc(2027, 4, 13, 15), "Leverantörsdag"),
    ]
    assert {each.uid for each in got} == {"1@x.example"}
    assert [each.recurs_at for each in got][2] == "20270406T150000Z"


def test_an_occurrence_moved_out_of_sight_is_gone_from_its_old_place() -> None:
    series = event("DTSTART:20270316T170000Z", "RRULE:FREQ=DAILY;COUNT=2")
    moved = event("RECURRENCE-ID:20270317T170000Z", "DTSTART:20300317T170000Z")
    got = read(series + "\n" + moved)
    assert [each.starts_at for each in got.events] == [utc(2027, 3, 16, 17)]
    assert got.left_out == {"later": 1}


def test_a_series_of_whole_days_and_added_ones() -> None:
    got = read(
        event(
            "DTSTART;VALUE=DATE:20270316",
            "RRULE:FREQ=MONTHLY;BYDAY=3TU;UNTIL=20270518",
            "RDATE;VALUE=DATE:20270601,20270602",
            "EXDATE;VALUE=DATE:20270420",
        )
    ).events
    assert [each.recurs_at for each in got] == ["20270316", "20270518", "20270601", "20270602"]


def test_an_added_time_is_by_the_clock_of_its_series() -> None:
    series = ("DTSTART;TZID=Europe/Stockholm:20270310T170000", "RRULE:FREQ=DAILY;COUNT=1")
    for added in ("RDATE:20270601T150000Z", "RDATE;TZID=Europe/Helsinki:20270601T180000"):
        got = read(event(*series, added)).events
        assert [each.starts_at for each in got] == [utc(2027, 3, 10, 16), utc(2027, 6, 1, 15)]
    got = read(event(*series, "RDATE;VALUE=DATE:20270601"))
    assert (got.events, got.left_out) == ((), {"repeats": 1})


def test_a_series_begun_long_ago_gives_what_is_ahead() -> None:
    got = read(event("DTSTART:19700105T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY")).events
    assert 190 < len(got) <= 200
    assert got[0].starts_at == utc(2026, 12, 14, 8)
    yearly = read(event("DTSTART;VALUE=DATE:19700505", "RRULE:FREQ=YEARLY")).events
    assert [each.recurs_at for each in yearly] == ["20270505", "20280505"]


def test_the_highest_revision_wins() -> None:
    old = event("DTSTART:20270210T080000Z", "SEQUENCE:1", title="Gammal")
    new = event("DTSTART:20270211T080000Z", "SEQUENCE:2", title="Ny")
    assert [each.title for each in read(new + "\n" + old).events] == ["Ny"]
    assert [each.title for each in read(old + "\n" + new).events] == ["Ny"]


def test_events_without_a_name_of_their_own_keep_one_between_readings() -> None:
    nameless = "BEGIN:VEVENT\nDTSTART:20270210T080000Z\nSUMMARY:{}\nEND:VEVENT\n"
    both = nameless.format("A") + nameless.format("B")
    first, second = read(both).events, read(both).events
    assert first == second
    assert len({each.uid for each in first}) == 2
    long = read(event("DTSTART:20270210T080000Z", uid="x" * 5000)).events[0]
    assert len(long.uid) < 50


def test_no_more_than_are_asked_for() -> None:
    body = "\n".join(event(f"DTSTART:202702{day:02}T080000Z", uid=str(day)) for day in range(1, 21))
    content = f"BEGIN:VCALENDAR\n{body}\nEND:VCALENDAR".encode()
    got = read_calendar(content, zone_name="UTC", window=WINDOW, most=5)
    assert [each.uid for each in got.events] == ["1", "2", "3", "4", "5"]
    assert got.left_out == {"too_many": 15}


# --- how it is written --------------------------------------------------------------------------


PLAIN = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270210T080000Z\r\nSUMMARY:%s\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def title_of(content: bytes) -> str:
    [got] = read_calendar(content, zone_name="UTC", window=WINDOW).events
    return got.title


@pytest.mark.parametrize(
    "content",
    [
        PLAIN % "Möte på ön".encode(),
        b"\xef\xbb\xbf" + PLAIN % "Möte på ön".encode(),
        (PLAIN % "Möte på ön".encode()).replace(b"\r\n", b"\n"),
        (PLAIN % "Möte på ön".encode()).replace(b"\r\n", b"\r"),
        PLAIN % "Möte på ön".encode("latin-1"),
        (PLAIN % "Möte på ön".encode()).decode().encode("utf-16"),
        PLAIN % "M\u0000ö\u202ete på ön".encode(),
        PLAIN % "Mo\u0308te pa\u030a o\u0308n".encode(),
        # folded within the letter ö, with a tab, and at a name
        (PLAIN % "Möte på ön".encode())
        .replace(b"M\xc3\xb6", b"M\xc3\r\n \xb6")
        .replace(b"SUMM", b"SU\r\n\tMM"),
        (PLAIN % "Möte på ön".encode()).replace(
            b"SUMMARY:", b'summary;LANGUAGE="sv;:,";X-A=b,"c":'
        ),
        b"\r\n\r\n" + PLAIN % "Möte på ön".encode() + b"junk without a name\r\n",
    ],
)
def test_however_the_bytes_come(content: bytes) -> None:
    assert title_of(content) == "Möte på ön"


def test_a_separator_that_is_no_line_end_smuggles_nothing_in() -> None:
    for separator in "\x0b\x0c\x1c\x85\u2028\u2029":
        assert title_of(PLAIN % f"A{separator}SUMMARY:B".encode()) in ("A SUMMARY:B", "ASUMMARY:B")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!doctype html><html>", "not_a_calendar"),
        (b"BEGIN:VCARD\nEND:VCARD", "not_a_calendar"),
        (b"%PDF-1.7", "not_a_calendar"),
        (b"PK\x03\x04" + bytes(100), "not_a_calendar"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1", "damaged"),
        (b"BEGIN:VCALENDAR\nEND:VEVENT", "damaged"),
        (b"END:VCALENDAR", "damaged"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 100_000, "damaged"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:A\nEND:A\n" * 30_000, "too_many"),
        (b"\n" * 300_000 + b"x", "too_large"),
        (b"x" * 5_000_001, "too_large"),
    ],
)
def test_what_is_no_calendar(content: bytes, reason: str) -> None:
    with pytest.raises(CalendarRefused) as refused:
        read_calendar(content, zone_name="UTC", window=WINDOW)
    assert refused.value.reason == reason


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("a\\nb\\Nc\\,d\\;e\\\\n", "a\nb\nc,d;e\\n"),
        ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
        ("<script>alert(1)</script>hej", "alert(1)hej"),
        ("<p>a</p><p>b &lt;b&gt;</p>", "a\nb <b>"),
        ("&amp;lt;b&amp;gt; <br>", "&lt;b&gt;"),
        ("\u202eabc\u2066\u200b\ufeffd", "abcd"),
        ("familj 👩‍👧", "familj 👩‍👧"),
        ("a\n\n\n\n\nb   c", "a\n\nb c"),
    ],
)
def test_plain_text(written: str, plain: str) -> None:
    assert plain_text(written, 200) == plain


def test_long_text_ends_at_a_word() -> None:
    assert plain_line("ord " * 100, 20) == "ord ord ord ord…"
    assert len(plain_text("x" * 10_000, 2000)) == 2000


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "//x.example",
        "https://user:pass@x.example",
        "https://x.example/ y",
        "mailto:a@x.example",
        "https://" + "a" * 2000,
    ],
)
def test_addresses_that_are_not_linked_to(address: str) -> None:
    assert web_address(address) == ""
