"""Languages: gettext, event text in several languages, and the only way dates become words.

Babel does the work. Not Flask-Babel: the mail worker speaks three languages without a request.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, dates, negotiate_locale
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.support import LazyProxy, NullTranslations, Translations

from dialognav.db import Text
from dialognav.domain import timezones
from dialognav.domain.terms import LANGUAGES

CATALOGUES = Path(__file__).parents[1] / "translations"
NAMES = {"sv": ("Svenska", "SV"), "en": ("English", "EN"), "nb": ("Norsk", "NO")}

_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything inside is said in this language."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def speak(language: str) -> None:
    """The language of this request, until the next one sets its own."""
    _language.set(language)


def current_language() -> str:
    return _language.get()


@lru_cache(maxsize=8)
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUES, [language])


def gettext(message: str, **values: object) -> str:
    said = str(_catalogue(_language.get()).gettext(message))
    return said % values if values else said


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    said = str(_catalogue(_language.get()).ngettext(one, many, num))
    return said % {"num": num, **values}


def lazy(message: str) -> Any:
    """Said in the language spoken when it is shown: for labels of forms and module constants."""
    return LazyProxy(gettext, message, enable_cache=False)


def choose_language(accepted: str | None, offered: tuple[str, ...] = LANGUAGES) -> str:
    """The best of ours for an Accept-Language header (RFC 9110 12.5.4); Swedish when none fits."""
    wanted = []
    for item in (accepted or "").split(",")[:20]:
        tag, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.replace("-", "_")))
        except ValueError:
            continue
    tags = [tag for _, tag in sorted(wanted, key=lambda pair: pair[0])]
    aliases = {"no": "nb", "nn": "nb"}
    return negotiate_locale(tags, offered, aliases=aliases) or _norwegian(tags) or "sv"


def _norwegian(tags: list[str]) -> str | None:
    return "nb" if any(tag[:2] in ("no", "nn") for tag in tags) else None


def pick(text: Mapping[str, str] | None, language: str, primary: str) -> tuple[str, str]:
    """(words, their language): the wanted, else the primary, else English, else any, else ''."""
    text = text or {}
    for candidate in (language, primary, "en", *text):
        if text.get(candidate):
            return text[candidate], candidate
    return "", language


def merge_text(old: Text, language: str, words: str) -> Text:
    """A new {language: words} with one language replaced; empty words take it away."""
    kept = {code: said for code, said in old.items() if code != language}
    return {**kept, language: words} if words else kept


# --- dates and numbers ------------------------------------------------------------------------

_DATE = {"sv": "EEE d MMM y", "en": "EEE d MMM y", "nb": "EEE d. MMM y"}
_DATE_LONG = {"sv": "EEEE d MMMM y", "en": "EEEE d MMMM y", "nb": "EEEE d. MMMM y"}
_DATE_SHORT = {"sv": "EEE d MMM", "en": "EEE d MMM", "nb": "EEE d. MMM"}
_MONTH = {"sv": "LLLL y", "en": "LLLL y", "nb": "LLLL y"}
_WORDS = {
    name: dict.fromkeys(("sv", "en", "nb"), pattern)
    for name, pattern in (
        ("weekday", "ccc"),
        ("weekday-long", "cccc"),
        ("mon", "LLL"),
        ("mon-long", "LLLL"),
    )
}
_CLOCK = {"sv": "H.mm", "en": "HH:mm", "nb": "HH.mm"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB", "nb": "nb_NO"}


@lru_cache(maxsize=4096)
def _words(pattern: str, day: date, language: str) -> str:
    said = dates.format_date(day, pattern, locale=_LOCALE[language])
    # CLDR abbreviates with a full stop in Swedish ("feb."); DESIGN.md 7 writes none.
    return said.replace(".", "") if language == "sv" else said


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(timezones.zone(zone))


def date_text(instant: datetime | date, zone: str = "UTC", style: str = "medium") -> str:
    """'ons 10 feb 2027'; 'long' spells out, 'short' drops the year, 'month' is month and year.

    'weekday', 'weekday-long', 'mon' and 'mon-long' are one word.
    """
    patterns = {
        "medium": _DATE,
        "long": _DATE_LONG,
        "short": _DATE_SHORT,
        "month": _MONTH,
        **_WORDS,
    }
    day = local(instant, zone).date() if isinstance(instant, datetime) else instant
    language = _language.get()
    return _words(patterns[style][language], day, language)


def clock_text(instant: datetime, zone: str) -> str:
    """'9.00' in Swedish, '09:00' in English, '09.00' in Norwegian."""
    wall = local(instant, zone)
    return _clock_words(time(wall.hour, wall.minute), _language.get())


@lru_cache(maxsize=4096)
def _clock_words(wall: time, language: str) -> str:
    return dates.format_time(wall, _CLOCK[language], locale=_LOCALE[language])


def time_range(start: datetime, end: datetime, zone: str) -> str:
    """'9.00–15.30': en dash, no spaces."""
    return f"{clock_text(start, zone)}–{clock_text(end, zone)}"


def last_day(end: datetime, zone: str) -> date:
    """The last day of something that ends at `end`: midnight belongs to the day before."""
    return (local(end, zone) - timedelta(microseconds=1)).date()


def when_text(
    start: datetime, end: datetime, zone: str, style: str = "medium", *, all_day: bool = False
) -> str:
    """Date and time in words; a span over several days names both days."""
    first, last = local(start, zone).date(), last_day(end, zone)
    if all_day:
        if first == last:
            return date_text(first, style=style)
        return f"{date_text(first, style=style)} – {date_text(last, style=style)}"
    if first == last:
        return gettext(
            "%(day)s, %(time)s",
            day=date_text(first, style=style),
            time=time_range(start, end, zone),
        )
    return (
        f"{date_text(first, style=style)} {clock_text(start, zone)} –"
        f" {date_text(end, zone, style)} {clock_text(end, zone)}"
    )


def moment_text(instant: datetime, zone: str, style: str = "short") -> str:
    """'ons 3 feb, kl. 16.00'"""
    return gettext(
        "%(day)s, %(time)s", day=date_text(instant, zone, style), time=clock_text(instant, zone)
    )


def zone_text(instant: datetime, zone: str) -> str:
    """'Stockholm, CET': the zone's city and its abbreviation at that instant."""
    if zone == "UTC":
        return "UTC"
    return f"{zone_city(zone)}, {local(instant, zone):%Z}"


def zone_city(zone: str) -> str:
    """'Stockholm', 'København' or 'Köpenhamn'."""
    return "UTC" if zone == "UTC" else _city(zone, _language.get())


@lru_cache(maxsize=2048)
def _city(zone: str, language: str) -> str:
    locale = Locale.parse(_LOCALE[language])
    return dates.get_timezone_location(timezones.zone(zone), locale=locale, return_city=True)


def list_text(words: Sequence[str]) -> str:
    """'Malin, Oskar och Leila'"""
    return format_list(words, locale=_LOCALE[_language.get()])


@lru_cache(maxsize=256)
def _language_words(code: str, language: str) -> str:
    return str(Locale.parse(_LOCALE[language]).languages.get(code, code))


def language_name(code: str) -> str:
    """'norska' for "nb": a language by its ISO 639 code, as it stands within a sentence."""
    return _language_words("no" if code in ("nb", "nn") else code, _language.get())


def number_text(number: float) -> str:
    """At most four decimals."""
    return format_decimal(number, "#,##0.####", locale=_LOCALE[_language.get()])


FILTERS: dict[str, Callable[..., Any]] = {
    "date_text": date_text,
    "clock_text": clock_text,
    "time_range": time_range,
    "when_text": when_text,
    "moment_text": moment_text,
    "list_text": list_text,
    "language_name": language_name,
    "zone_text": zone_text,
    "number_text": number_text,
}
