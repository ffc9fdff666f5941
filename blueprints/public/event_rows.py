"""Events as the lines of a list, of a month's table, and of feeds: ready words, no rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Protocol

from flask import url_for

from blueprints.public.dates import Stub, month_name, stub_of, weeks_text
from blueprints.public.said import Said, say
from blueprints.public.sign_up import Counted, SignUpView, sign_up_view
from dialognav.cpv import division_name
from dialognav.domain.offers import rule_of
from dialognav.domain.terms import EventState, Format
from dialognav.i18n import (
    clock_text,
    current_language,
    date_text,
    last_day,
    local,
    ngettext,
    time_range,
)
from dialognav.i18n import gettext as _
from dialognav.models import Event, ExternalEvent, Occasion


@dataclass(frozen=True, slots=True)
class Row:
    url: str
    title: Said
    text: Said
    stub: Stub
    off: bool
    kind: str
    phase: str
    time: str
    format: str
    place: Said | str
    topic: str
    host: Said
    sign_up: SignUpView
    first_day: date
    is_external: bool = False

    @property
    def is_undated(self) -> bool:
        return self.sign_up.state == "postponed"


class ListRow(Protocol):
    """A line of the list: one of our own events, or of another calendar."""

    @property
    def first_day(self) -> date: ...

    @property
    def is_undated(self) -> bool: ...

    @property
    def is_external(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Month:
    name: str
    weeks: str
    rows: list[ListRow]


@dataclass(frozen=True, slots=True)
class Mark:
    """One event on one day of the month's table."""

    url: str
    kind: str
    title: Said
    time: str
    off: bool


def event_url(slug: str, language: str = "") -> str:
    return url_for("public.events.show", lang=language or current_language(), slug=slug)


def row_of(event: Event, held: Counted, now: datetime) -> Row:
    start, end = span(event)
    return Row(
        url=event_url(event.slug),
        title=say(event.title, event.primary_language),
        text=say(event.summary, event.primary_language),
        stub=stub_of(start, end if has_no_gap(event) else start, event.zone),
        off=event.state in (EventState.CANCELLED, EventState.POSTPONED),
        kind=event.kind,
        phase=event.phase or "",
        time=time_of(event),
        format=event.format,
        place=place_of(event),
        topic=topic_of(event),
        host=say(event.organisation.name, event.organisation.primary_language),
        sign_up=sign_up_view(event, held, now),
        first_day=local(start, event.zone).date(),
    )


def span(event: Event) -> tuple[datetime, datetime]:
    """First and last instant of an event that is or was public; those always have dates."""
    assert event.starts_at is not None
    assert event.ends_at is not None
    return event.starts_at, event.ends_at


def has_no_gap(event: Event) -> bool:
    """Whether each of its days follows upon another, as those of a fair do."""
    live, zone = event.live_occasions, event.zone
    return all(
        local(after.starts_at, zone).date() - last_day(each.ends_at, zone) <= timedelta(days=1)
        for each, after in pairwise(live)
    )


def time_of(event: Event) -> str:
    """'9.00–15.30'; nothing for whole days; each day's own when they differ. Of occasions with days
    between, how many there are and until when."""
    live = event.live_occasions
    if not has_no_gap(event):
        until = date_text(live[-1].starts_at, event.zone, "short")
        number = ngettext("%(num)s session", "%(num)s sessions", len(live))
        return _("%(sessions)s, until %(day)s", sessions=number, day=until)
    timed = [each for each in live if not each.all_day]
    spans = {time_range(each.starts_at, each.ends_at, event.zone): each for each in timed}
    return ", ".join(spans) if len(spans) <= 2 else ""


def place_of(event: Event) -> Said | str:
    """The room, or the word for online; of several occasions the first one's."""
    venue = say(event.live_occasions[0].venue, event.primary_language)
    if event.format == Format.ONLINE:
        return _("Online")
    if event.format == Format.HYBRID:
        return (
            Said(_("%(place)s and online", place=venue.words), "")
            if venue
            else _("On site and online")
        )
    return venue or _("On site")


def topic_of(event: Event) -> str:
    """The words of the first CPV code; of a bare one, its division's."""
    code, _space, words = (event.cpv[0] if event.cpv else "").partition(" ")
    return words or division_name(code[:2])


def months_of(rows: Iterable[ListRow]) -> list[Month]:
    """Consecutive rows of one month under its name; what waits for a date comes last."""
    months = []
    for (undated, year, month), group in groupby(rows, _month_key):
        found = list(group)
        if undated:
            months.append(Month(_("New date to come"), "", found))
            continue
        name = month_name(date(year, month, 1))
        months.append(Month(name, weeks_text(row.first_day for row in found), found))
    return months


def _month_key(row: ListRow) -> tuple[bool, int, int]:
    if row.is_undated:
        return True, 0, 0
    return False, row.first_day.year, row.first_day.month


def changes_of(events: Sequence[Event]) -> tuple[datetime, ...]:
    """The instants at which a row says something else by itself."""
    instants = {
        at
        for event in events
        for at in (
            event.registration_opens_at,
            event.registration_closes_at,
            *_queue_ends(event),
            event.starts_at,
            event.ends_at,
            *(at for each in event.occasions for at in (each.starts_at, each.ends_at)),
        )
        if at is not None
    }
    return tuple(sorted(instants))


def _queue_ends(event: Event) -> list[datetime]:
    rules = [rule_of(event, each) for each in event.live_occasions if event.waiting_list]
    return [rule.closes_at for rule in rules if rule]


def marks_of(events: Iterable[Event]) -> dict[date, list[Mark]]:
    """{day: what happens on it}, each occasion on each of its days."""
    days: dict[date, list[Mark]] = {}
    for event in events:
        for occasion in event.occasions:
            for day in days_of(occasion, event.zone):
                days.setdefault(day, []).append(_mark(event, occasion))
    return days


def _mark(event: Event, occasion: Occasion) -> Mark:
    return Mark(
        url=event_url(event.slug),
        kind=event.kind,
        title=say(event.title, event.primary_language),
        time="" if occasion.all_day else clock_text(occasion.starts_at, event.zone),
        off=event.state in (EventState.CANCELLED, EventState.POSTPONED)
        or occasion.cancelled_at is not None,
    )


def days_of(occasion: Occasion | ExternalEvent, zone: str) -> list[date]:
    """The local days an occasion touches; at most 31, whatever was typed."""
    first = local(occasion.starts_at, zone).date()
    count = max((last_day(occasion.ends_at, zone) - first).days + 1, 1)
    return [first + timedelta(days=n) for n in range(min(count, 31))]
