"""Between the occasions of a draft and their fields: the form's own, then one row for each other.

A row whose place is empty is held where the first is, and so for the link: most sessions are in one
room, and whoever moves the first moves them all.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from blueprints.manage import typed
from blueprints.manage.event_form import EventBase
from dialognav.domain.drafts import EventDraft
from dialognav.domain.occasions import LINK, PLACE, OccasionLine
from dialognav.domain.terms import Attending
from dialognav.domain.timing import is_ambiguous, to_wall
from dialognav.i18n import gettext as _
from dialognav.i18n import last_day

_TEXTS = {"title": "session", "venue": "venue", "directions": "directions"}
_LINES = ("address", "online_url", "online_service")
_MIDNIGHT = time(0)


def typed_occasions(draft: EventDraft, languages: tuple[str, ...]) -> dict[str, Any]:
    """The data of the fields that show a draft's occasions and how people take part in them."""
    first, *others = draft.occasions
    return {
        **typed_line(first, draft.zone, languages),
        "occasions": [
            typed_line(_without_what_is_shared(line, first), draft.zone, languages)
            for line in others
        ],
        "attending": draft.attending,
        "sessions_most": "" if draft.sessions_most is None else str(draft.sessions_most),
        "repeat_every": "week",
        "repeat_times": "",
    }


def _without_what_is_shared(line: OccasionLine, first: OccasionLine) -> OccasionLine:
    if all(getattr(line, name) == getattr(first, name) for name in PLACE):
        line = replace(line, venue={}, address="", directions={})
    if all(getattr(line, name) == getattr(first, name) for name in LINK):
        line = replace(line, online_url="", online_service="")
    return line


def typed_line(line: OccasionLine, zone: str, languages: tuple[str, ...]) -> dict[str, Any]:
    starts, ends = to_wall(line.starts_at, zone), to_wall(line.ends_at, zone)
    until = last_day(line.ends_at, zone) if line.all_day else ends.date()
    data: dict[str, Any] = {name: getattr(line, name) for name in _LINES}
    data |= {
        f"{name}_{code}": getattr(line, attribute).get(code, "")
        for attribute, name in _TEXTS.items()
        for code in languages
    }
    return data | {
        "occasion": "" if line.id is None else str(line.id),
        "all_day": line.all_day,
        "date": starts.date().isoformat(),
        "from_time": "" if line.all_day else f"{starts:%H:%M}",
        "end_date": until.isoformat() if until != starts.date() else "",
        "to_time": "" if line.all_day else f"{ends:%H:%M}",
    }


# --- form to draft ---------------------------------------------------------------------------


def read_occasions(form: EventBase, stored: EventDraft, zone: str) -> tuple[OccasionLine, ...]:
    """All that could be read; a sentence stands at the fields of the others."""
    known = {str(line.id): line for line in stored.occasions}
    first = _read_line(form, known, zone)
    found = [first] if first else []
    for entry in form.occasions:
        if not is_blank_occasion(entry.data):
            line = _read_line(entry.form, known, zone)
            found += [_with_what_is_shared(line, first or line)] if line else []
    return tuple(found)


def is_blank_occasion(data: dict[str, Any]) -> bool:
    """Whether nothing was written in a row; one that is saved already is never blank."""
    return not any(value for value in data.values())


def _with_what_is_shared(line: OccasionLine, first: OccasionLine) -> OccasionLine:
    for group in (PLACE, LINK):
        if not any(getattr(line, name) for name in group):
            line = replace(line, **{name: getattr(first, name) for name in group})
    return line


def _read_line(fields: Any, known: dict[str, OccasionLine], zone: str) -> OccasionLine | None:
    """`known` loses the line that the fields are of: none is written twice."""
    old = known.pop(fields.occasion.data or "", None)
    typed.check_web_address(fields.online_url)
    starts_at, ends_at = read_span(fields, zone)
    if starts_at is None or ends_at is None:
        return None
    written: dict[str, Any] = {name: fields[name].data or "" for name in _LINES}
    written |= {attribute: _read_text(fields, attribute, old) for attribute in _TEXTS}
    line = old or OccasionLine(starts_at, ends_at)
    return replace(
        line, starts_at=starts_at, ends_at=ends_at, all_day=bool(fields.all_day.data), **written
    )


def _read_text(fields: Any, attribute: str, old: OccasionLine | None) -> dict[str, str]:
    """Languages that the form does not show keep what is stored, where something is written."""
    name = _TEXTS[attribute]
    there = {
        field.short_name.rpartition("_")[2]: field.data
        for field in fields
        if field.short_name.rpartition("_")[0] == name
    }
    kept = getattr(old, attribute) if old and any(there.values()) else {}
    return {code: said for code, said in (kept | there).items() if said}


def read_span(fields: Any, zone: str) -> tuple[datetime | None, datetime | None]:
    """Start and end as instants; what is wrong is said at the fields."""
    day, until = typed.read_date(fields.date), typed.read_date(fields.end_date)
    if not fields.date.data:
        typed.complain(fields.date, _("Enter the date"))
    if day and until and until < day:
        typed.complain(fields.end_date, _("The last day is before the first"))
        return None, None
    if fields.end_date.errors:
        return None, None
    if fields.all_day.data:
        return _read_days(fields, day, until or day, zone)
    from_time, to_time = typed.read_time(fields.from_time), typed.read_time(fields.to_time)
    if not fields.from_time.data:
        typed.complain(fields.from_time, _("Enter when it begins"))
    if not fields.to_time.data:
        typed.complain(fields.to_time, _("Enter when it ends"))
    starts_at = typed.read_instant(day, from_time, zone, fields.from_time)
    ends_at = typed.read_instant(until or day, to_time, zone, fields.to_time)
    if starts_at and ends_at and ends_at <= starts_at:
        typed.complain(fields.to_time, _("It has to end after it begins"))
        return None, None
    return starts_at, ends_at


def _read_days(
    fields: Any, day: date | None, until: date | None, zone: str
) -> tuple[datetime | None, datetime | None]:
    """From one midnight to another: the end is exclusive (RFC 5545, section 3.6.1)."""
    after = until + timedelta(days=1) if until else None
    starts_at = typed.read_instant(day, _MIDNIGHT, zone, fields.date)
    return starts_at, typed.read_instant(after, _MIDNIGHT, zone, fields.date)


def read_attending(form: EventBase, stored: EventDraft, number: int) -> dict[str, Any]:
    """How people take part in several; of one alone there is nothing to choose.

    The last one of several that were called off keeps what it was.
    """
    if number < 2 and stored.has_several:
        return {"attending": Attending.ALL, "sessions_most": None}
    if number < 2:
        return {"attending": stored.attending, "sessions_most": stored.sessions_most}
    most = typed.read_number(form.sessions_most, number)
    if most == 0:
        typed.complain(form.sessions_most, _("Enter at least 1, or leave empty for no limit"))
        most = None
    is_chosen = form.attending.data == Attending.CHOOSE
    return {"attending": form.attending.data, "sessions_most": most if is_chosen else None}


def repeated_hours(draft: EventDraft) -> Iterator[str]:
    """Time fields whose wall time comes twice in an autumn night; the first of the two is meant."""
    for n, line in enumerate(draft.occasions):
        if line.all_day:
            continue
        for name, at in (("from_time", line.starts_at), ("to_time", line.ends_at)):
            if is_ambiguous(to_wall(at, draft.zone), draft.zone):
                yield f"occasions-{n - 1}-{name}" if n else name
