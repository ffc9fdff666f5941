"""One appointment in a calendar: its facts, their JSON, their hash, its UID."""

import base64
import hashlib
import json
import re
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from dialognav.domain.calendar_text import clean_text
from dialognav.domain.timezones import is_known_zone
from dialognav.domain.timezones import zone as zone_named

_PARTSTATS = frozenset({"NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"})
_STATUSES = frozenset({"CONFIRMED", "TENTATIVE", "CANCELLED"})
_INSTANTS = ("dtstamp", "created", "starts_at", "ends_at")
_RRULE = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY)(;[A-Z]+=-?[0-9A-Z]+)*;COUNT=\d+")
_UID = re.compile(r"[A-Za-z0-9._@-]{1,200}")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One appointment as one calendar shows it. Instants are in UTC; `zone` is where it happens.

    `dtstamp` is when this revision was made. An all-day entry lasts from the local day of
    `starts_at` to that of `ends_at`, the latter included unless it ends at midnight.
    `online_only` writes the times in UTC: there is no place whose clock counts.
    `conference_url` goes to the attendee only, never into what is published.
    `description_html` is what a browser may show already; Outlook reads it instead of
    `description`. `alarm_minutes` before the start an invitation rings; 0 leaves that to the
    reader's program. ValueError for facts that no calendar may get.

    A series (domain/recurrence.py) has an `rrule`, `exdates` and, as `overrides`, those of its
    dates that differ from it; such a one, or one that is cancelled by itself, says by `recurs_at`
    which place in the series is its own.
    """

    uid: str
    sequence: int
    dtstamp: datetime
    created: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    organiser: Person
    all_day: bool = False
    summary: str = ""
    description: str = ""
    description_html: str = ""
    location: str = ""
    geo: tuple[float, float] | None = None
    url: str = ""
    conference_url: str = ""
    image_url: str = ""
    categories: tuple[str, ...] = ()
    attendee: Person | None = None
    partstat: str = "NEEDS-ACTION"
    status: str = "CONFIRMED"
    online_only: bool = False
    private: bool = False
    alarm_minutes: int = 0
    rrule: str = ""
    exdates: tuple[datetime, ...] = ()
    recurs_at: datetime | None = None
    overrides: tuple["Entry", ...] = ()

    def __post_init__(self) -> None:
        if not all(getattr(self, name).utcoffset() == timedelta(0) for name in _INSTANTS):
            raise ValueError("instants are aware and in UTC")
        if not self.starts_at < self.ends_at:
            raise ValueError("an entry ends after it starts")
        if not is_known_zone(self.zone):
            raise ValueError(f"no such time zone: {self.zone!r}")
        if self.partstat not in _PARTSTATS or self.status not in _STATUSES or self.sequence < 0:
            raise ValueError("partstat, status or sequence is none that iTIP knows")
        if not all("@" in who.address for who in (self.organiser, self.attendee) if who):
            raise ValueError("a person without a mail address")
        if not _UID.fullmatch(self.uid):
            raise ValueError(f"not a UID: {self.uid!r}")
        self._check_series()

    def _check_series(self) -> None:
        if self.rrule and not _RRULE.fullmatch(self.rrule):
            raise ValueError(f"not one of our rules: {self.rrule!r}")
        if not all(one.uid == self.uid and one.recurs_at for one in self.overrides):
            raise ValueError("an override has the UID of its series and a place in it")


def rewritten(entry: Entry, **changes: Any) -> Entry:
    """The entry with other facts, in each date of a series."""
    overrides = tuple(replace(one, **changes) for one in entry.overrides)
    return replace(entry, overrides=overrides, **changes)


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """The facts for a JSON column. Defaults are left out: a new field changes no old hash."""
    given = {field.name: (getattr(entry, field.name), field.default) for field in fields(entry)}
    return {
        name: _plain(value)
        for name, (value, default) in given.items()
        if default is MISSING or value != default
    }


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case Person():
            return asdict(value)
        case Entry():
            return entry_to_json(value)
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def entry_from_json(facts: dict[str, Any]) -> Entry:
    """The inverse of `entry_to_json`; KeyError, TypeError or ValueError for anything else."""
    given = dict(facts)
    for name in _INSTANTS:
        given[name] = datetime.fromisoformat(given[name])
    for name in ("organiser", "attendee"):
        if given.get(name) is not None:
            given[name] = Person(**given[name])
    for name in ("geo", "categories"):
        if given.get(name) is not None:
            given[name] = tuple(given[name])
    if given.get("recurs_at") is not None:
        given["recurs_at"] = datetime.fromisoformat(given["recurs_at"])
    given["exdates"] = tuple(map(datetime.fromisoformat, given.get("exdates", ())))
    given["overrides"] = tuple(map(entry_from_json, given.get("overrides", ())))
    return Entry(**given)


def content_hash(entry: Entry) -> str:
    """SHA-256 (hex) of what the recipient would see; equal means that there is nothing to send.

    Without SEQUENCE, DTSTAMP and LAST-MODIFIED, and without the recipient's own answer: to have
    accepted is no news to the one who did. How a form happened to end its lines does not count.
    """
    seen = _seen(entry)
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode("ascii")).hexdigest()


def _seen(entry: Entry) -> dict[str, Any]:
    facts = entry_to_json(replace(entry, overrides=()))
    for name in ("sequence", "dtstamp", "partstat"):
        facts.pop(name, None)
    seen = {name: clean_text(v) if isinstance(v, str) else v for name, v in facts.items()}
    return seen | {"overrides": list(map(_seen, entry.overrides))} if entry.overrides else seen


def entry_dates(entry: Entry) -> tuple[date, date]:
    """First day and the day after the last one, on the wall calendar of the entry's zone."""
    start, end = (at.astimezone(zone_named(entry.zone)) for at in (entry.starts_at, entry.ends_at))
    is_midnight = end.time() == time.min and end.date() > start.date()
    return start.date(), end.date() if is_midnight else end.date() + timedelta(days=1)


def new_invitation_uid(domain: str, random_bytes: bytes, sort: str = "r") -> str:
    """A UID nobody can guess, from 16 random bytes or more: knowing it proves having seen it.

    `sort`: r of a registration, q of a series, m of a one-to-one meeting.
    """
    if len(random_bytes) < 16:
        raise ValueError("an invitation's UID needs 16 random bytes")
    secret = base64.b32encode(random_bytes[:16]).decode("ascii").rstrip("=").lower()
    return f"{sort}{secret}@inv.{domain}"


def new_public_uid(public_id: str, domain: str) -> str:
    """The UID of a public event; of one of several occasions with `<public id>.<occasion>`."""
    return f"e{public_id}@inv.{domain}"
