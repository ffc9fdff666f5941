"""Events of other authorities' calendars as lines of a list and of a month's table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from blueprints.public.dates import Stub, stub_of
from blueprints.public.event_rows import ListRow, Mark, days_of, row_of
from blueprints.public.said import Said
from blueprints.public.sign_up import Counted
from dialognav.domain.ics_text import plain_line
from dialognav.i18n import clock_text, last_day, local, time_range, zone_text
from dialognav.models import Event, ExternalEvent
from dialognav.queries import event_sets

_EXCERPT = 200  # characters


@dataclass(frozen=True, slots=True)
class ExternalRow:
    """`url` is "" when the calendar gives none; `site` is the host it leads to."""

    anchor: str
    url: str
    site: str
    title: str
    text: str
    stub: Stub
    off: bool
    time: str
    place: str
    calendar: str
    first_day: date
    is_undated: bool = False
    is_external: bool = True


def rows_of(events: Iterable[Event | ExternalEvent], held: Counted, now: datetime) -> list[ListRow]:
    """Our own and others' events as lines, in the order given."""
    return [
        row_of(event, held, now) if isinstance(event, Event) else external_row_of(event)
        for event in events
    ]


def external_row_of(event: ExternalEvent) -> ExternalRow:
    return ExternalRow(
        anchor=f"x{event.id}",
        url=event.url,
        site=urlsplit(event.url).hostname or "",
        title=event.title,
        text=plain_line(event.text, _EXCERPT),
        stub=stub_of(event.starts_at, _seen_end(event), event.zone),
        off=event.is_cancelled,
        time=_time_of(event),
        place=event.place,
        calendar=event.calendar.name,
        first_day=local(event.starts_at, event.zone).date(),
    )


def _seen_end(event: ExternalEvent) -> datetime:
    """An event that ends as it starts belongs to that day also at midnight."""
    return max(event.ends_at, event.starts_at + timedelta(minutes=1))


def _time_of(event: ExternalEvent) -> str:
    """'9.00–15.30', with the city where the clocks show something else than at home."""
    if event.all_day:
        return ""
    start, end = event.starts_at, event.ends_at
    if end == start:
        said = clock_text(start, event.zone)
    elif last_day(end, event.zone) == local(start, event.zone).date():
        said = time_range(start, end, event.zone)
    else:
        return ""
    is_home = local(start, event.zone).utcoffset() == _at_home(start)
    return said if is_home else f"{said} ({zone_text(start, event.zone)})"


def _at_home(instant: datetime) -> object:
    return local(instant, event_sets.LIST_ZONE).utcoffset()


def external_marks(
    marks: dict[date, list[Mark]], events: Iterable[ExternalEvent]
) -> dict[date, list[Mark]]:
    """The marks of a month's table with those of others' events, which lead to their lines."""
    for event in events:
        mark = Mark(
            url=f"#x{event.id}",
            kind="external",
            title=Said(event.title),
            time="" if event.all_day else clock_text(event.starts_at, event.zone),
            off=event.is_cancelled,
        )
        for day in days_of(event, event.zone):
            marks.setdefault(day, []).append(mark)
    return marks
