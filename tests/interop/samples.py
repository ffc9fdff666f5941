"""Files with the facts that every reader has to find in them, and broken twins of one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dialognav.domain.calendar import Entry, entry_dates, invitation_ics
from tests.calendar_samples import (
    AUTUMN,
    CALLED_OFF,
    DAYS,
    ELSEWHERE,
    GOLDEN,
    GONE,
    HOSTED,
    INVITED,
    MEETING,
    MEETING_MOVED,
    MEETING_OFF,
    MOVED,
    NOW_ONLINE,
    ONLINE,
    OWN,
    SERIES,
    SERIES_CALLED_OFF,
    SERIES_ONE_OFF,
    STAFF,
    TWO_DAYS,
    WEBINAR,
    WITHDRAWN,
    entry,
    public,
)
from tests.interop.judges import Reading


def facts(one: Entry, method: str) -> Reading:
    """What a reader has to say of an entry, without the writer."""
    days = entry_dates(one)
    is_cancel = method == "CANCEL"
    who = [] if method == "PUBLISH" else [one.attendee]
    return Reading(
        method=method,
        uid=one.uid,
        sequence=one.sequence,
        starts_at=days[0] if one.all_day else one.starts_at,
        ends_at=days[1] if one.all_day else one.ends_at,
        summary=one.summary,
        description="" if is_cancel else one.description,
        location=one.location,
        status="CANCELLED" if is_cancel else one.status,
        attendees=tuple((w.name, w.address, one.partstat) for w in who if w),
        organiser=one.organiser.address,
    )


EXPECTED = {
    "invitation": [facts(INVITED, "REQUEST")],
    "invitation_online": [facts(ONLINE, "REQUEST")],
    "update_moved": [facts(MOVED, "REQUEST")],
    "update_place": [facts(ELSEWHERE, "REQUEST")],
    "cancelled_by_organiser": [facts(CALLED_OFF, "CANCEL")],
    "meeting_guest": [facts(MEETING, "REQUEST")],
    "meeting_host": [facts(HOSTED, "REQUEST")],
    "meeting_moved": [facts(MEETING_MOVED, "REQUEST")],
    "meeting_withdrawn": [facts(MEETING_OFF, "CANCEL")],
    "cancelled_by_registrant": [facts(WITHDRAWN, "CANCEL")],
    "public_download": [facts(public(), "PUBLISH")],
    "public_sessions": [facts(one, "PUBLISH") for one in (public(), TWO_DAYS)],
    "series": [facts(one, "REQUEST") for one in (SERIES, *SERIES.overrides)],
    "series_one_off": [facts(SERIES_ONE_OFF, "CANCEL")],
    "series_called_off": [facts(SERIES_CALLED_OFF, "CANCEL")],
    "invitation_days": [facts(DAYS, "REQUEST")],
    "update_mode": [facts(NOW_ONLINE, "REQUEST")],
    "feed": [facts(one, "PUBLISH") for one in (public(), TWO_DAYS, GONE, AUTUMN, WEBINAR)],
    "feed_own": [facts(each, "PUBLISH") for one in OWN for each in (one, *one.overrides)],
    "feed_staff": [facts(one, "PUBLISH") for one in STAFF],
}
"""Golden file -> what is in it."""

assert EXPECTED.keys() == GOLDEN.keys()

SUMMER = entry(
    starts_at=datetime(2027, 6, 10, 7, tzinfo=UTC), ends_at=datetime(2027, 6, 10, 9, tzinfo=UTC)
)
"""What the broken twins are twins of: an invitation in summer time."""

WHOLE = invitation_ics(SUMMER)


def swap(old: bytes, new: bytes) -> bytes:
    assert old in WHOLE
    return WHOLE.replace(old, new)


def without(name: bytes) -> bytes:
    lines = WHOLE.split(b"\r\n")
    kept = [line for line in lines if not line.startswith(name)]
    assert len(kept) < len(lines)
    return b"\r\n".join(kept)


BROKEN: dict[str, bytes] = {
    "cut off in the middle": WHOLE[: len(WHOLE) * 2 // 3],
    "event never ends": without(b"END:VEVENT"),
    "ends twice": swap(b"END:VEVENT\r\n", b"END:VEVENT\r\nEND:VEVENT\r\n"),
    "no start": without(b"DTSTART;TZID"),
    "no UID": without(b"UID:"),
    "no METHOD": without(b"METHOD:"),
    "no zone for TZID": WHOLE[: WHOLE.index(b"BEGIN:VTIMEZONE")]
    + WHOLE[WHOLE.index(b"BEGIN:VEVENT") :],
    "floating time": swap(b";TZID=Europe/Stockholm", b""),
    "summer offset wrong": swap(b"TZOFFSETTO:+0200", b"TZOFFSETTO:+0300"),
    "summer begins in July": swap(b"BYMONTH=3", b"BYMONTH=7").replace(b"19700329", b"19700726"),
    "fold lost its space": swap(b"\r\n ", b"\r\n"),
    "comma not escaped, text cut": swap(b"support\\,", b"support\r\n"),
    "line break not escaped": swap(b"priser.\\n\\n", b"priser.\r\n\r\n"),
    "not a date": swap(b":20270610T090000", b":20270631T250000"),
    "ends before it starts": swap(b":20270610T110000", b":20270610T080000"),
    "somebody injected": swap(
        b"STATUS:", b"ATTENDEE;CN=X;PARTSTAT=ACCEPTED:mailto:evil@evil.example\r\nSTATUS:"
    ),
    "sequence is no number": swap(b"SEQUENCE:0", b"SEQUENCE:noll"),
    "other organiser": swap(b"mailto:vast@", b"mailto:ost@"),
    "Latin-1": WHOLE.decode().encode("latin-1", "replace"),
}
"""What is wrong -> bytes that every judge has to refuse or to misread."""

BROKEN_BY_THE_LETTER: dict[str, bytes] = {
    "LF only": WHOLE.replace(b"\r\n", b"\n"),
    "line of 76 octets": swap(b"STATUS:", b"X-LONG:" + b"x" * 69 + b"\r\nSTATUS:"),
    "fold inside a letter": swap("Å".encode(), b"\xc3\r\n \x85"),
    "control character": swap(b"SUMMARY:", b"SUMMARY:\x07"),
    "semicolon not escaped": swap(b"drift\\;", b"drift;"),
    "bad escape": swap(b"drift\\;", b"drift\\x"),
    "text before the calendar": b"X:1\r\n" + WHOLE,
    "unknown property": swap(b"STATUS:", b"X-EVIL:1\r\nSTATUS:"),
    "cancelled request": swap(b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
    "attendee in a publication": swap(b"METHOD:REQUEST", b"METHOD:PUBLISH"),
    "request without attendee": WHOLE.replace(b"ATTENDEE;CN", b"X-ATTENDEE;CN"),
    "list of dates instead of a rule": swap(
        b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", b"RDATE:20270328T020000"
    ),
    "exponent in coordinates": swap(b"GEO:57.697;", b"GEO:5.7697e1;"),
    "no space in an address": swap(b"URL:https://", b"URL:https:// "),
    "DTSTAMP not in UTC": swap(b"DTSTAMP:20261121T120000Z", b"DTSTAMP:20261121T120000"),
}
"""What only the strict reader has to refuse: others are right to be lenient, clients are not."""

ZONES = [
    *("Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki", "Atlantic/Reykjavik", "UTC"),
    *("America/New_York", "Africa/Casablanca", "Africa/Cairo"),
]
CHANGES = [datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)]


def around(zone: str, change: datetime) -> list[Entry]:
    """Invitations from two hours before a change of clocks to two hours after."""
    starts = [change + timedelta(minutes=30 * n) for n in range(-4, 5)]
    return [entry(zone=zone, starts_at=s, ends_at=s + timedelta(hours=3)) for s in starts]


Judge = Callable[[bytes], list[Reading]]


def refuses(judge: Judge, data: bytes, expected: list[Reading]) -> bool:
    """Whether a judge raises, or reads something else than the facts."""
    try:
        return judge(data) != expected
    except Exception:
        # a judge is somebody else's program: whichever error it gives, it refuses
        return True
