"""Dates, times, numbers and codes as staff type them: read into data, or a sentence at the field.

Fields keep the typed text, so that a wrong date comes back as it was written. Readers return None
both for an empty field and for one they put a sentence at.
"""

import re
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timing import to_instant
from dialognav.i18n import gettext as _

_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]00)?")
_YEARS = range(2000, 2100)
_CPV = re.compile(r"([0-9]{8})(?:-[0-9])?(?:[ ,:–-]+(.*))?", re.DOTALL)
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
MOST_PLACES = 100_000
MOST_MONTHS = 600
LAST_MINUTE = time(23, 59)
MOST_CODES = 10


def complain(field: Any, sentence: str) -> None:
    """One more error at a field, also after WTForms has validated it."""
    field.errors = [*field.errors, sentence]


def read_date(field: Any) -> date | None:
    if not field.data:
        return None
    match = _DATE.fullmatch(field.data)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        complain(field, _("Enter a date that exists, like 2027-02-10"))
    elif day.year not in _YEARS:
        complain(field, _("Enter a year between 2000 and 2099"))
        return None
    return day


def read_time(field: Any) -> time | None:
    if not field.data:
        return None
    match = _TIME.fullmatch(field.data)
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    complain(field, _("Enter a time of day, like 09:00"))
    return None


def read_instant(day: date | None, clock: time | None, zone: str, field: Any) -> datetime | None:
    """The instant of a wall time; a time that the spring change skips is said at `field`."""
    if day is None or clock is None:
        return None
    try:
        return to_instant(datetime.combine(day, clock), zone)
    except NoSuchTime:
        complain(
            field,
            _("That time does not exist: the clocks go forward that night. Choose another."),
        )
        return None


def read_moment(day_field: Any, time_field: Any, zone: str, otherwise: time) -> datetime | None:
    """A date with a time beside it; without a time, `otherwise`."""
    day, clock = read_date(day_field), read_time(time_field)
    if day is None and clock is not None and not day_field.errors:
        complain(day_field, _("Enter the date too"))
    if time_field.errors:
        return None
    return read_instant(day, clock or otherwise, zone, time_field)


def read_number(field: Any, most: int = MOST_PLACES) -> int | None:
    """A whole number from 0; empty is no limit."""
    if not field.data:
        return None
    typed = field.data.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        complain(field, _("Enter a whole number, 0 or more, or leave empty for no limit"))
        return None
    if int(typed) > most:
        complain(field, _("Enter at most %(most)s, or leave empty for no limit", most=most))
        return None
    return int(typed)


def read_months(field: Any) -> int | None:
    """How long names are kept: from a month to fifty years. An empty field is None."""
    if not field.data or field.errors:
        return None
    typed = field.data.strip()
    if not re.fullmatch(r"[0-9]{1,3}", typed) or not 1 <= int(typed) <= MOST_MONTHS:
        complain(field, _("Enter a number of months from 1 to %(most)s", most=MOST_MONTHS))
        return None
    return int(typed)


def check_web_address(field: Any) -> None:
    """Only http and https, with a host: never javascript: or data:."""
    if not field.data:
        return
    try:
        parts = urlsplit(field.data)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in field.data
        _port = parts.port
    except ValueError:
        fits = False
    if not fits:
        complain(field, _("Enter the whole web address, beginning with https://"))


def read_codes(field: Any) -> tuple[str, ...]:
    """CPV codes, one per line or with commas between, each with words after it if one likes.

    Kept as 8 digits without the check digit, which is how eForms writes them, and the words.
    """
    found = []
    for item in re.split(r"\n|;|,(?=\s*[0-9]{5})", field.data or ""):
        if not (typed := " ".join(item.split())):
            continue
        match = _CPV.fullmatch(typed)
        if match is None:
            complain(
                field,
                _(
                    "A CPV code has eight digits, like 85312000. “%(code)s” does not.",
                    code=typed[:40],
                ),
            )
            return ()
        code = f"{match[1]} {match[2] or ''}".strip()[:120]
        if code not in found:
            found.append(code)
    if len(found) > MOST_CODES:
        complain(field, _("Enter at most %(most)s codes", most=MOST_CODES))
    return tuple(found)


def read_region(field: Any) -> str:
    """A NUTS code: two letters of a country and up to three more characters."""
    code = (field.data or "").upper().replace(" ", "")
    if code and not _NUTS.fullmatch(code):
        complain(field, _("A NUTS code begins with a country, like SE232 or NO0A2"))
    return code
