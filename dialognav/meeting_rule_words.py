"""The rules of one-to-one meetings in the reader's language, for staff and for suppliers."""

from datetime import datetime
from typing import Any

from dialognav.i18n import language_name, list_text, moment_text, number_text
from dialognav.i18n import lazy as _
from dialognav.meeting_words import HAND_OUTS

RULES: dict[str, Any] = {
    "hand_out": _("How times are handed out"),
    "slot_minutes": _("Minutes per meeting"),
    "gap_minutes": _("Minutes between meetings"),
    "opens_at": _("Booking or wishing opens"),
    "closes_at": _("Last day to book, wish or move"),
    "most_per_party": _("Meetings per organisation"),
    "most_people": _("People of a supplier in one meeting"),
    "most_wishes": _("Wishes to rank"),
    "languages": _("Languages that can be spoken"),
    "text": _("How a meeting goes"),
    "fact_check_days": _("Working days to check the minutes"),
}


def said_meeting_rule(name: str, value: Any, zone: str) -> str:
    """A rule's value in words; also as the record and a letter keep it, instants in ISO 8601."""
    if value in (None, "", [], ()):
        return "–"
    if name == "hand_out":
        return str(HAND_OUTS.get(value, value))
    if name in ("opens_at", "closes_at"):
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment_text(at, zone, "medium")
    if name == "languages":
        return list_text([language_name(code) for code in value])
    return number_text(value) if isinstance(value, int) else str(value)
