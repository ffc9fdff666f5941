"""The rules of admission as one would name them to a colleague, and what is wrong with them."""

from datetime import datetime
from typing import Any

from dialognav import words
from dialognav.domain.rules import MOST_OFFER_HOURS, MOST_QUEUE_HOURS
from dialognav.i18n import gettext, moment_text
from dialognav.i18n import lazy as _

NAMES: dict[str, Any] = {
    "audience": _("For whom"),
    "visibility": _("Who finds it and may register"),
    "opens_at": _("Registration opens"),
    "closes_at": _("Last day to register"),
    "capacity_on_site": _("Places on site"),
    "capacity_online": _("Places online"),
    "limit_per_party": _("People per organisation"),
    "registration_review": _("We approve each registration"),
    "asks_mandate": _("Ask each person for their mandate"),
    "answers_until": _("Answers can be changed until"),
    "waiting_list": _("Waiting list when it is full"),
    "promotion": _("A place that becomes free"),
    "offer_hours": _("Hours an offer holds"),
    "offer_together": _("Places for all of a registration, or none"),
    "queue_ends_hours": _("The waiting list ends, hours before the start"),
    "declining": _("A no from somebody's calendar"),
}
VISIBILITIES: dict[str, Any] = {
    "public": _("Public: in the list, the feeds and search engines"),
    "unlisted": _("Unlisted: whoever has the address can register"),
    "invited": _("Invited only: a personal link for each invited organisation"),
}
PROMOTIONS: dict[str, Any] = {
    "confirm": _("Goes to the first in line at once"),
    "offer": _("Is offered to the first in line, who answers within a set time"),
}
DECLININGS: dict[str, Any] = {
    "ask": _("We ask by e-mail; without an answer the place is free after 48 hours"),
    "keep": _("We ask by e-mail; without an answer the place is kept"),
    "at_once": _("The place is free at once"),
}
SENTENCES: dict[tuple[str, str], Any] = {
    ("closes_at", "missing"): _("Enter the last day to register: the public sees the event"),
    ("closes_at", "after_start"): _("The last day to register cannot be after the event has begun"),
    ("opens_at", "after_closing"): _("Registration has to open before it closes"),
    ("answers_until", "after_start"): _("Answers cannot be changed after the event has begun"),
    ("limit_per_party", "nobody"): _("Enter at least 1, or leave empty for no limit"),
    ("capacity_on_site", "nobody"): _(
        "With no places and no waiting list nobody can register. Enter a number of places."
    ),
    ("offer_hours", "range"): _("Enter between 1 and %(most)s hours"),
    ("queue_ends_hours", "range"): _("Enter between 0 and %(most)s hours"),
}


def sentence_of(rule: str, code: str) -> str:
    """What is wrong with a rule (domain.rules.Impossible)."""
    most = {"offer_hours": MOST_OFFER_HOURS, "queue_ends_hours": MOST_QUEUE_HOURS}.get(rule, 0)
    said = str(SENTENCES[rule, code])
    return said % {"most": most} if "%(most)s" in said else said


def rule_name(key: str, day: str = "") -> str:
    """The name of a key of rules.flatten(); `day` says which occasion it is of."""
    name, _dot, _occasion = key.partition(".")
    return f"{NAMES.get(name, name)}, {day}" if day else str(NAMES.get(name, name))


def said_rule(name: str, value: object, zone: str) -> str:
    """A rule's value for a colleague to read; also as the audit keeps it, instants in ISO 8601."""
    closed = {
        "audience": words.AUDIENCES,
        "visibility": VISIBILITIES,
        "promotion": PROMOTIONS,
        "declining": DECLININGS,
    }
    if name in closed:
        return str(closed[name].get(str(value), value))
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name in ("opens_at", "closes_at", "answers_until") and value is not None:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment_text(at, zone, "medium")
    return "–" if value is None else str(value)
