"""The appointments of the golden files: an invitation, what became of it, and what is published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dialognav.domain.calendar import (
    Entry,
    Person,
    cancellation_ics,
    feed_ics,
    invitation_ics,
    publication_ics,
    vevent_bytes,
)
from dialognav.domain.recurrence import Date, instance_facts, series_facts, series_of

SENT = datetime(2026, 11, 21, 12, tzinfo=UTC)

ORGANISER = Person("Upphandling Väst", "vast@inv.dialog.example")


def entry(**given: Any) -> Entry:
    """The invitation of Åsa Öberg to a market dialogue in Gothenburg; `given` changes facts."""
    start = datetime(2027, 3, 27, 8, tzinfo=UTC)
    facts: dict[str, Any] = {
        "uid": "r6hq2v3d4x5mfa6tkc7n2bw5za@inv.dialog.example",
        "sequence": 0,
        "dtstamp": SENT,
        "created": SENT,
        "starts_at": start,
        "ends_at": start + timedelta(hours=7, minutes=30),
        "zone": "Europe/Stockholm",
        "summary": "Marknadsdialog: digital vårdplanering",
        "description": (
            "Vi vill höra marknaden om drift; support, och priser.\n\n"
            "Program: https://dialog.example/sv/events/vardplanering\n"
            "Frågor: Åsa Lind, 031-123 45 67\\växel 😀 – välkommen!"
        ),
        "description_html": (
            "<p>Vi vill höra <b>marknaden</b> om drift; support, och priser.</p>\n"
            '<p><a href="https://dialog.example/sv/events/vardplanering">Program</a></p>'
        ),
        "location": "Svenska Mässan, Mässans gata 24, 412 94 Göteborg",
        "geo": (57.697, 11.9885),
        "url": "https://dialog.example/sv/events/vardplanering",
        "categories": ("Marknadsdialog", "Vård, omsorg"),
        "organiser": ORGANISER,
        "attendee": Person("Åsa Öberg", "asa.oberg@leverantor.example"),
    }
    return Entry(**facts | given)


def public(**given: Any) -> Entry:
    facts = {"uid": "e7c1mzq4k@inv.dialog.example", "sequence": 2, "attendee": None}
    return entry(**facts | given)


def revised(before: Entry, **given: Any) -> Entry:
    """The next mailed revision, a day later."""
    made = before.dtstamp + timedelta(days=1)
    return replace(before, sequence=before.sequence + 1, dtstamp=made, **given)


INVITED = entry()
ONLINE = entry(online_only=True, conference_url="https://mote.example/j/4711?pwd=a,b;c", geo=None)
MOVED = revised(
    INVITED,
    starts_at=datetime(2027, 3, 28, 8, tzinfo=UTC),  # the Sunday on which summer time begins
    ends_at=datetime(2027, 3, 28, 15, tzinfo=UTC),
)
ELSEWHERE = revised(
    MOVED,
    location="Lindholmen Conference Centre, Göteborg",
    geo=(57.7066, 11.9386),
    partstat="ACCEPTED",
)
CALLED_OFF = revised(ELSEWHERE, summary=f"Inställt: {INVITED.summary}")
WITHDRAWN = revised(INVITED, summary=f"Avbokad: {INVITED.summary}", partstat="DECLINED")

AUTUMN = public(
    uid="e9oslo@inv.dialog.example",
    zone="Europe/Oslo",
    summary="Leverandørmøte på «Bryggen»",
    starts_at=datetime(2027, 11, 2, 8, tzinfo=UTC),
    ends_at=datetime(2027, 11, 2, 10, tzinfo=UTC),
)
GONE = public(
    uid="e8gone@inv.dialog.example",
    sequence=3,
    status="CANCELLED",
    summary="Inställt: Frukostmöte",
    starts_at=datetime(2027, 6, 1, 7, tzinfo=UTC),
    ends_at=datetime(2027, 6, 1, 8, tzinfo=UTC),
)
TWO_DAYS = public(
    uid="e6days@inv.dialog.example",
    summary="Erfarenhetsdagar",
    all_day=True,
    starts_at=datetime(2027, 5, 10, 22, tzinfo=UTC),
    ends_at=datetime(2027, 5, 12, 22, tzinfo=UTC),
)
WEBINAR = public(uid="e5web@inv.dialog.example", summary="Webbinarium", online_only=True, geo=None)


WEEKLY = series_of("FREQ=WEEKLY;COUNT=5", datetime(2027, 3, 16, 16, tzinfo=UTC), "Europe/Stockholm")
assert WEEKLY is not None
_SAID = {
    "all_day": False,
    "summary": "Kurs: Upphandling, 5 tillfällen",
    "description": "",
    "description_html": "",
    "location": "Lindholmen, sal 3",
    "geo": None,
    "categories": ("Seminarium",),
}


def dates(**moved: Any) -> list[Date]:
    """Four of five Tuesdays at five; the last but one is moved to the Thursday."""
    held = [WEEKLY.slots[n] for n in (0, 2, 3, 4)]
    length = timedelta(hours=2)
    plain = [Date(at, at, at + length, _SAID) for at in held]
    thursday = held[2] + timedelta(days=2)
    said = _SAID | {"summary": "Kurs: Upphandling (flyttat tillfälle)"} | moved
    plain[2] = Date(held[2], thursday, thursday + length, said)
    return plain


def series_entry(**given: Any) -> Entry:
    """A course as Åsa Öberg has it: without the second date, with the fourth on another day."""
    told = given.pop("dates", None) or dates()
    facts = series_facts(WEEKLY, WEEKLY.slots[0], told)
    overrides = facts.pop("overrides")
    own = {"uid": "q3sr7es2k2m5x7v6d4f4h6j2pa@inv.dialog.example"} | given
    return entry(**facts, **own, overrides=tuple(entry(**one, **own) for one in overrides))


SERIES = series_entry()
_GONE = dates()[3]
SERIES_ONE_OFF = entry(
    **instance_facts(_GONE, _SAID) | {"summary": "Inställt: Kurs: Upphandling, 5 tillfällen"},
    uid=SERIES.uid,
    sequence=1,
    dtstamp=SENT + timedelta(days=1),
)
SERIES_CALLED_OFF = replace(
    revised(SERIES, summary="Inställt: Kurs: Upphandling, 5 tillfällen"), sequence=2, overrides=()
)
DAYS = replace(
    INVITED,
    uid="rdays2v3d4x5mfa6tkc7n2bw5za@inv.dialog.example",
    summary="Upplevelsedag: vårdens vardag",
    all_day=True,
    starts_at=datetime(2027, 5, 10, 22, tzinfo=UTC),
    ends_at=datetime(2027, 5, 12, 22, tzinfo=UTC),
)
NOW_ONLINE = revised(
    INVITED, location="Online, Teams", geo=None, conference_url="https://mote.example/j/4711"
)


def feed() -> bytes:
    shown = [public(), TWO_DAYS, GONE, AUTUMN, WEBINAR]
    return feed_ics(
        [vevent_bytes(one) for one in shown],
        name="Upphandling Väst; kommande, alla",
        zone="Europe/Stockholm",
        source_url="https://dialog.example/calendar.ics?kind=market_dialogue&q=vård",
        zones={one.zone for one in shown},
    )


def private(one: Entry, **changes: Any) -> Entry:
    """As a feed behind a secret shows it: for nobody to answer, and without a phone number."""
    bare: dict[str, Any] = {
        "attendee": None,
        "conference_url": "",
        "private": True,
        "description": one.description.partition("\nFrågor")[0],
        "overrides": tuple(private(each) for each in one.overrides),
    }
    return replace(one, **bare | changes)


OWN = (
    private(MOVED),
    private(SERIES),
    private(WITHDRAWN, uid="rgone2v3d4x5mfa6tkc7n2bw5z@inv.dialog.example", status="CANCELLED"),
    private(ONLINE, uid="ronline3d4x5mfa6tkc7n2bw5z@inv.dialog.example"),
)
STAFF = (
    private(public(), uid="wpublic.1@inv.dialog.example", sequence=12),
    private(public(), uid="wdraft.2@inv.dialog.example", status="TENTATIVE", summary="Utkast: Ny"),
)


def private_feed(shown: Sequence[Entry], name: str) -> bytes:
    return feed_ics(
        [vevent_bytes(one) for one in shown],
        name=name,
        zone="Europe/Stockholm",
        zones={one.zone for one in shown},
        poll=timedelta(hours=1),
    )


MEETING = entry(
    uid="m7gt4xk2q5p3wz6c2vby4nhd5ra@inv.dialog.example",
    starts_at=datetime(2027, 3, 29, 11, 20, tzinfo=UTC),
    ends_at=datetime(2027, 3, 29, 11, 50, tzinfo=UTC),
    summary="Enskilt möte: Upphandling Väst",
    description="Marknadsdialog: digital vårdplanering",
    description_html="",
    location="Bord B, Sal Viken, Mässans gata 24",
    geo=None,
    categories=("Enskilt möte",),
    private=True,
    alarm_minutes=30,
)
"""Of one of the supplier's people; that of the team names the supplier."""
HOSTED = replace(
    MEETING,
    uid="m2kq5hd7fz3nw4xtb6rcy5pvg7e@inv.dialog.example",
    summary="Enskilt möte: Leverantör; Ek & Co",
    attendee=Person("Sofia Lind", "sofia.lind@vast.example"),
)
MEETING_MOVED = revised(
    MEETING,
    starts_at=datetime(2027, 3, 29, 12, 20, tzinfo=UTC),
    ends_at=datetime(2027, 3, 29, 12, 50, tzinfo=UTC),
    location="",
    online_only=True,
    conference_url="https://mote.example/j/4712",
)
MEETING_OFF = revised(
    MEETING_MOVED, summary="Avbokad: Enskilt möte: Upphandling Väst", partstat="DECLINED"
)

GOLDEN = {
    "meeting_guest": invitation_ics(MEETING),
    "meeting_host": invitation_ics(HOSTED),
    "meeting_moved": invitation_ics(MEETING_MOVED),
    "meeting_withdrawn": cancellation_ics(MEETING_OFF),
    "invitation": invitation_ics(INVITED),
    "invitation_online": invitation_ics(ONLINE),
    "update_moved": invitation_ics(MOVED),
    "update_place": invitation_ics(ELSEWHERE),
    "cancelled_by_organiser": cancellation_ics(CALLED_OFF),
    "cancelled_by_registrant": cancellation_ics(WITHDRAWN),
    "public_download": publication_ics([public()], name=None),
    "public_sessions": publication_ics([public(), TWO_DAYS], name="Erfarenhetsdagar 2027"),
    "feed": feed(),
    "feed_own": private_feed(OWN, "Mina dialoger"),
    "feed_staff": private_feed(STAFF, "Upphandling Väst: alla händelser"),
    "series": invitation_ics(SERIES),
    "series_one_off": cancellation_ics(SERIES_ONE_OFF),
    "series_called_off": cancellation_ics(SERIES_CALLED_OFF),
    "invitation_days": invitation_ics(DAYS),
    "update_mode": invitation_ics(NOW_ONLINE),
}
"""File stem in tests/golden -> bytes as written now."""
