"""What a draft says, field by field, as one would tell a colleague."""

from datetime import datetime
from typing import Any

from dialognav import words
from dialognav.domain.drafts import EventDraft
from dialognav.domain.occasions import OccasionLine
from dialognav.i18n import NAMES, lazy, moment_text, when_text
from dialognav.i18n import gettext as _

FIELDS: dict[str, Any] = {
    "title": lazy("Title"),
    "occasions": lazy("Sessions"),
    "attending": lazy("Who comes to which sessions"),
    "sessions_most": lazy("At most so many sessions per person"),
    "recurrence": lazy("The rule of the series"),
    "all_day": lazy("All day"),
    "starts_at": lazy("Start"),
    "ends_at": lazy("End"),
    "kind": lazy("Kind"),
    "phase": lazy("Phase"),
    "format": lazy("Form of meeting"),
    "summary": lazy("Summary"),
    "need": lazy("The need"),
    "effect": lazy("Effect for citizens and users"),
    "questions": lazy("Questions to the market"),
    "programme": lazy("Programme"),
    "milestones": lazy("Time plan"),
    "zone": lazy("Time zone"),
    "venue": lazy("Venue"),
    "address": lazy("Street address"),
    "directions": lazy("Directions"),
    "online_url": lazy("Meeting link"),
    "online_service": lazy("Service"),
    "registration_opens_at": lazy("Registration opens"),
    "registration_closes_at": lazy("Last day to register"),
    "serves_food": lazy("Food is served"),
    "accessibility_note": lazy("Accessibility"),
    "language_note": lazy("Languages spoken"),
    "cost_note": lazy("Cost"),
    "contact_name": lazy("Contact's name"),
    "contact_title": lazy("Contact's role"),
    "contact_email": lazy("Contact's e-mail"),
    "contact_phone": lazy("Contact's phone"),
    "contact_hours": lazy("Phone hours"),
    "diary_number": lazy("Diary number"),
    "cpv": lazy("CPV codes"),
    "region": lazy("Region (NUTS)"),
    "after_text": lazy("What we heard"),
}
"""Each field of EventDraft and OccasionLine, as one would name it to a colleague."""


_CLOSED: dict[str, dict[str, Any]] = {
    "kind": words.KINDS,
    "phase": words.PHASES,
    "format": words.FORMATS,
    "attending": words.ATTENDINGS,
}


def field_name(key: str, draft: EventDraft) -> str:
    """The name of a key of drafts.merge(): "Title", "Title, Svenska", "Venue, ons 10 feb"."""
    name, line, language = _parts_of(key, draft)
    session = said_line(line, draft.zone) if line and draft.has_several else ""
    title = _("Name of the session") if line and name == "title" else str(FIELDS[name])
    return ", ".join(filter(None, (title, session, NAMES[language][0] if language else "")))


def _parts_of(key: str, draft: EventDraft) -> tuple[str, OccasionLine | None, str]:
    """(field, occasion, language) of a key: "title.sv", "occasions.12", "occasions.12.venue.sv"."""
    name, *more = key.split(".")
    if name != "occasions" or not more:
        return name, None, more[0] if more else ""
    line = next((each for each in draft.occasions if str(each.id) == more[0]), None)
    return more[1] if len(more) > 1 else name, line, more[2] if len(more) > 2 else ""


def said_value(draft: EventDraft, key: str) -> str:
    """What a draft has under a key of drafts.merge(), for a colleague to read."""
    name, line, language = _parts_of(key, draft)
    if key.startswith("occasions.") and (line is None or name == "occasions"):
        return said_line(line, draft.zone) if line else _("Not there")
    value = getattr(line or draft, name)
    if language:
        return str(value.get(language, ""))
    if isinstance(value, datetime):
        return moment_text(value, draft.zone, "medium")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in _CLOSED and value:
        return str(_CLOSED[name][value])
    if isinstance(value, tuple):
        return "\n".join(_said_row(row, draft) for row in value)
    return "" if value is None else str(value)


def said_line(line: OccasionLine, zone: str) -> str:
    return when_text(line.starts_at, line.ends_at, zone, "short", all_day=line.all_day)


def _said_row(row: Any, draft: EventDraft) -> str:
    if isinstance(row, str):
        return row
    parts = [moment_text(row.starts_at, draft.zone)] if hasattr(row, "starts_at") else []
    for attribute in ("title", "when", "text", "help"):
        said = getattr(row, attribute, None) or {}
        parts += [said[draft.primary_language]] if said.get(draft.primary_language) else []
    parts += [speaker.name for speaker in getattr(row, "speakers", ())]
    return ": ".join(parts) if parts else '""'
