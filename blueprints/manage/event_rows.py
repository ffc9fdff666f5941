"""Rows of the editor's lists: added, taken away and moved by buttons of the form itself.

A button named "rows" says list, row and what: "programme:add", "programme:2:up",
"programme:2:speaker". Nothing is saved; everything typed comes back.
"""

import re
from typing import Any

from werkzeug.datastructures import MultiDict

from blueprints.manage.event_form import MOST_ROWS, EventBase

_BUTTON = re.compile(
    r"(programme|questions|milestones):(?:([0-9]{1,3}):)?(add|up|down|remove|speaker)"
)
_NAME = re.compile(r"[a-z_]{1,40}(?:-[0-9]{1,3}-[a-z_]{1,40}){0,2}")


def clean_names(formdata: MultiDict[str, str]) -> MultiDict[str, str]:
    """Only names a form of ours can have: WTForms trusts the digits in the names of lists."""
    return MultiDict(
        (name, value) for name, value in formdata.items(multi=True) if _NAME.fullmatch(name)
    )


def changed_rows(form: EventBase, button: str) -> tuple[dict[str, Any], str] | None:
    """The form's data after the button, and the id of the field to go to; None for no button.

    With no row left, the goal is the list itself: its button for one more.
    """
    match = _BUTTON.fullmatch(button)
    if match is None:
        return None
    name, at, verb = match[1], int(match[2] or 0), match[3]
    data = dict(form.data)
    rows: list[dict[str, Any]] = list(data[name])
    goal = _apply(rows, at, verb)
    data[name] = rows
    if not rows:
        return data, name
    return data, f"{name}-{goal}-{_first_field(name, verb, form.languages[0], rows, goal)}"


def _apply(rows: list[dict[str, Any]], at: int, verb: str) -> int:
    """Change the list in place; the row to look at afterwards."""
    if verb == "add":
        if len(rows) < MOST_ROWS:
            rows.append({})
        return len(rows) - 1
    if not 0 <= at < len(rows):
        return 0
    if verb == "remove":
        rows.pop(at)
        return max(min(at, len(rows) - 1), 0)
    if verb == "speaker":
        rows[at] = {**rows[at], "speakers": [*rows[at].get("speakers", []), {}]}
        return at
    to = at - 1 if verb == "up" else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        return to
    return at


def _first_field(name: str, verb: str, primary: str, rows: list[dict[str, Any]], goal: int) -> str:
    if verb == "speaker" and rows:
        return f"speakers-{len(rows[goal].get('speakers', [])) - 1}-name"
    first = {"programme": "from_time", "questions": f"text_{primary}", "milestones": "phase"}
    return first[name]


def focus(form: Any, goal: str) -> None:
    """Let the field with that id take the focus when the page opens."""
    for field in form:
        if field.id == goal:
            field.render_kw = {**(field.render_kw or {}), "autofocus": True}
        elif goal.startswith(f"{field.id}-"):
            for entry in getattr(field, "entries", []) or [field]:
                focus(getattr(entry, "form", ()), goal)
