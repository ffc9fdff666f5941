"""An event as it was before an edit, as JSON: what can be undone of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialognav.models import Event

OF_EVENT = ("title", "zone", "recurrence", "registration_closes_at")
OF_OCCASION = (
    *("starts_at", "ends_at", "all_day", "title", "venue", "address", "directions"),
    *("latitude", "longitude", "online_url", "online_service", "recurs_at"),
    *("start_offset", "end_offset"),  # last: a new time makes them void
)
OF_ANSWER = ("partstat", "partstat_source", "partstat_at", "partstat_comment", "declined_until")
_INSTANTS = frozenset(
    {
        *("starts_at", "ends_at", "recurs_at", "registration_closes_at"),
        *("partstat_at", "declined_until"),
    }
)
Before = dict[str, Any]
"""JSON: {"event", "occasions" and "places" (by id), "programme", "answers" and "entries" (by id),
"after"}."""


def before_edit(event: Event) -> Before:
    """What can be undone of an edit: all that is told, and what moves along with it."""
    return {
        "event": facts_of(event, OF_EVENT),
        "occasions": {str(one.id): facts_of(one, OF_OCCASION) for one in event.live_occasions},
        "places": {str(one.id): facts_of(one, ("recurs_at",)) for one in event.occasions},
        "programme": [facts_of(item, ("starts_at", "ends_at")) for item in event.programme],
    }


def facts_of(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def read_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of how they are kept."""
    return {
        name: datetime.fromisoformat(value) if value and name in _INSTANTS else value
        for name, value in facts.items()
    }
