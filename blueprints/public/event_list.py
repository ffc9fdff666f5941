"""The list of events and the month's table: from rows to words."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, url_for

from blueprints.context import external_url
from blueprints.page_cache import Made
from blueprints.public.dates import month_name
from blueprints.public.event_rows import Mark, changes_of, marks_of, months_of
from blueprints.public.external_rows import external_marks, rows_of
from blueprints.public.filter_choices import chips_of, choices_of
from blueprints.public.filters import Asked
from blueprints.public.meta import alternates_of, organiser_of
from dialognav.db import db
from dialognav.i18n import current_language, date_text
from dialognav.i18n import gettext as _
from dialognav.models import Event, ExternalEvent
from dialognav.queries import event_sets, events, external_calendars
from dialognav.queries.registrations import occupancy


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    marks: list[Mark]
    is_out: bool
    is_today: bool
    is_weekend: bool


def made_list(
    asked: Asked, version: event_sets.Version, now: datetime, *, past: bool = False
) -> Made:
    """One page of the list; `version` counts all of it."""
    total = int(version[0]) + (0 if past else int(version[-1]))
    shown = _page(asked, version, now, past=past) if total else []
    found = [event for event in shown if isinstance(event, Event)]
    held = occupancy(db.session(), [event.id for event in found])
    body = render_template(
        "public/events/past.html" if past else "public/events/index.html",
        months=months_of(rows_of(shown, held, now)),
        total=total,
        pager=pager_of(asked, total, len(shown)),
        **frame_of(asked, found, version, now, past=past),
    )
    return Made(body, changes_of(found))


def _page(
    asked: Asked, version: event_sets.Version, now: datetime, *, past: bool
) -> Sequence[Event | ExternalEvent]:
    """The events of one page; others' stand only in the list of what is to come."""
    session, first = db.session(), (asked.page - 1) * events.PAGE_SIZE
    own = event_sets.members("held" if past else "coming", now, asked.chosen)
    if past or not version[-1]:
        return events.list_events(session, *own, newest_first=past, offset=first)
    others = event_sets.members_elsewhere("coming", now, asked.chosen)
    return external_calendars.page_of(session, own, others, limit=events.PAGE_SIZE, offset=first)


def made_month(asked: Asked, version: event_sets.Version, now: datetime) -> Made:
    """The table of the month that the filter names, and below it the same events as a list."""
    assert asked.chosen.month is not None
    session, total = db.session(), int(version[0]) + int(version[-1])
    wanted = event_sets.members("listed", now, asked.chosen)
    found = events.list_events(session, *wanted, limit=events.MONTH_LIMIT) if version[0] else []
    theirs = event_sets.members_elsewhere("listed", now, asked.chosen)
    others = external_calendars.with_calendars(session, *theirs) if version[-1] else []
    held = occupancy(session, [event.id for event in found])
    first = date(*asked.chosen.month, 1)
    body = render_template(
        "public/events/month.html",
        month=month_name(first),
        month_word=date_text(first, style="mon-long"),
        weekdays=_weekdays(),
        weeks=weeks_of(
            first,
            external_marks(marks_of(found), others),
            event_sets.in_list_zone(now).date(),
        ),
        rows=sorted(rows_of([*found, *others], held, now), key=lambda row: row.first_day),
        total=total,
        months=_neighbours(asked, first),
        **frame_of(asked, found, version, now),
    )
    return Made(body, changes_of(found))


def frame_of(
    asked: Asked,
    found: Sequence[Event],
    version: event_sets.Version,
    now: datetime,
    *,
    past: bool = False,
) -> dict[str, Any]:
    """What list and month share: filters, chips, addresses, the one organiser if there is one."""
    lang, query = current_language(), asked.query()
    endpoint = "public.events.past" if past else "public.events.index"
    here = url_for(endpoint, lang=lang)
    offered = events.facets(db.session(), *event_sets.members("held" if past else "coming", now))
    return {
        "asked": asked,
        "action": here,
        "choices": choices_of(asked, offered),
        "chips": chips_of(asked, here),
        "list_url": here + asked.as_whole_list().query(),
        "month_url": here + asked.query(view="month", page=1),
        "here": here + query,
        "canonical": external_url(here + query),
        "alternates": alternates_of(endpoint, query)
        | ({} if past or query else {"x-default": url_for("public.events.redirect_to_language")}),
        "organiser": _only_organiser(found, version),
        "feed_url": external_url(url_for("public.feeds.calendar") + asked.feed_query(lang)),
        "atom_url": external_url(url_for("public.feeds.atom") + asked.feed_query(lang)),
        "follow_url": url_for("public.following.new", lang=lang) + asked.as_feed().query(),
    }


def _only_organiser(found: Sequence[Event], version: event_sets.Version) -> Any:
    if version[4] != 1:
        return None
    owner = found[0].organisation if found else events.only_organisation(db.session())
    return organiser_of(owner) if owner else None


def pager_of(asked: Asked, total: int, shown: int) -> dict[str, str] | None:
    """Text and addresses of the pager, or None when everything fits on one page."""
    if total <= events.PAGE_SIZE and asked.page == 1:
        return None
    first = (asked.page - 1) * events.PAGE_SIZE
    text = _("%(first)s–%(last)s of %(total)s", first=first + 1, last=first + shown, total=total)
    has_more = first + shown < total and shown > 0
    return {
        "shown": text if shown else _("Nothing on this page"),
        "newer": (asked.query(page=asked.page - 1) or "?") if asked.page > 1 else "",
        "older": asked.query(page=asked.page + 1) if has_more else "",
    }


def weeks_of(
    first: date, marks: dict[date, list[Mark]], today: date
) -> list[tuple[int, list[Day]]]:
    """[(ISO week, its seven days)], Monday first."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    return [
        (
            week[0].isocalendar().week,
            [
                Day(
                    day,
                    marks.get(day, []) if day.month == first.month else [],
                    day.month != first.month,
                    day == today,
                    day.weekday() > 4,
                )
                for day in week
            ],
        )
        for week in weeks
    ]


def _weekdays() -> list[tuple[str, str]]:
    """[("mån", "måndag"), ...]"""
    monday = date(2024, 1, 1)
    days = [monday + timedelta(days=n) for n in range(7)]
    return [
        (date_text(d, style="weekday").rstrip("."), date_text(d, style="weekday-long"))
        for d in days
    ]


def _neighbours(asked: Asked, first: date) -> dict[str, tuple[str, str]]:
    """The months before and after as (address, name)."""
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return {
        name: (asked.in_month(day.year, day.month).query(), date_text(day, style="mon-long"))
        for name, day in (("before", before), ("after", after))
    }
