"""Occasions in the editor: added, repeated and taken away by buttons of the form itself.

The first one has the form's own fields, the others a row each. Buttons named "rows" say
"occasions:add", "occasions:2:remove", "occasions:first" (takes the first away) or
"occasions:repeat". Nothing is saved; everything typed comes back.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from blueprints.manage import typed
from blueprints.manage.event_form import OF_OCCASION, EventBase
from blueprints.manage.occasion_binding import is_blank_occasion
from dialognav.domain.occasions import LINK, MOST_OCCASIONS, PLACE
from dialognav.domain.repeats import dates_of

_BUTTON = re.compile(r"occasions:(?:(add|first|repeat)|([0-9]{1,3}):remove)")
_RULES = {"week": "FREQ=WEEKLY", "2weeks": "FREQ=WEEKLY;INTERVAL=2"}
Data = dict[str, Any]


def changed_occasions(form: EventBase, button: str) -> tuple[Data, str] | None:
    """The form's data after the button, and the id of the field to go to; None for no button."""
    match = _BUTTON.fullmatch(button)
    if match is None:
        return None
    data = dict(form.data)
    rows: list[Data] = list(data["occasions"])
    if match[2] is not None:
        rows[int(match[2]) : int(match[2]) + 1] = []
    elif match[1] == "first":
        data |= _first_of(rows, form.languages, data)
    elif match[1] == "repeat":
        return _repeated(form, data, rows)
    elif len(rows) < MOST_OCCASIONS - 1:
        rows.append({"all_day": data["all_day"]} | _same(data, ("from_time", "to_time")))
        return data | {"occasions": rows}, f"occasions-{len(rows) - 1}-date"
    return data | {"occasions": rows}, "date"


def _same(data: Data, names: tuple[str, ...]) -> Data:
    return {name: data[name] for name in names}


def _first_of(rows: list[Data], languages: tuple[str, ...], data: Data) -> Data:
    """The next one's fields in place of the first's; where it says no place, that of the first."""
    if not rows:
        return {}
    row = rows.pop(0)
    shared = (_names(PLACE, languages), _names(LINK, languages))
    kept = [group for group in shared if not any(row.get(name) for name in group)]
    return row | {name: data[name] for group in kept for name in group}


def _names(group: tuple[str, ...], languages: tuple[str, ...]) -> list[str]:
    """Fields of the form: a text has one per language."""
    texts = [f"{name}_{code}" for name in group if name in OF_OCCASION for code in languages]
    return texts + [name for name in group if name not in OF_OCCASION]


def _repeated(form: EventBase, data: Data, rows: list[Data]) -> tuple[Data, str]:
    """As many more rows as were asked for, after the last one, at its hours."""
    rows = [row for row in rows if not is_blank_occasion(row)]
    written = [entry.form for entry in form.occasions if not is_blank_occasion(entry.data)]
    last: Any = written[-1] if written else form
    day, until = typed.read_date(last.date), typed.read_date(last.end_date)
    asked = typed.read_number(form.repeat_times, MOST_OCCASIONS)
    if day is None:
        return data | {"occasions": rows}, "date"
    room = MOST_OCCASIONS - 1 - len(rows)
    new = _dates_after(day, form.repeat_every.data, max(0, min(asked or 1, room)))
    times = {name: last[name].data for name in ("all_day", "from_time", "to_time")}
    for each in new:
        ends = each + (until - day) if until else None
        row = times | {"date": each.isoformat(), "end_date": ends.isoformat() if ends else ""}
        rows.append(row)
    goal = f"occasions-{len(rows) - 1}-date" if rows else "date"
    return data | {"occasions": rows, "repeat_times": ""}, goal


def _dates_after(day: date, every: str | None, number: int) -> list[date]:
    rule = _RULES.get(every or "") or _monthly(day)
    first = datetime.combine(day, time(0))
    return [each.date() for each in dates_of(f"{rule};COUNT={number + 1}", first)[1:]]


def _monthly(day: date) -> str:
    """The same weekday of each month: its second, say, or its last."""
    is_fifth = day.day > 28
    place = -1 if is_fifth or (day + timedelta(days=7)).month != day.month else (day.day + 6) // 7
    return f"FREQ=MONTHLY;BYDAY={place}{('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')[day.weekday()]}"
