"""Sentences of the event workspace: what lacks, what a colleague would say, what was done."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialognav import words
from dialognav.domain.drafts import EventDraft
from dialognav.domain.publishing import Consequence, Hint
from dialognav.i18n import NAMES, moment_text, ngettext
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy as _l

LACKING: dict[str, Any] = {
    "title": _l("Write a title"),
    "summary": _l("Write a summary: it is shown in the list and in mail"),
    "date": _l("Choose a date that has not passed"),
    "venue": _l("Write where the event is held"),
    "need": _l("Describe the need, before any solution"),
    "closes_date": _l("Choose a last day to register that has not passed"),
    "contact_name": _l("Name somebody to ask"),
    "contact_email": _l("Enter an e-mail address that answers questions"),
}

PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "basics": (_l("Basics"), ("title", "summary", "kind", "phase", "audience")),
    "when": (_l("Time and place"), ("date", "from_time", "end_date", "to_time", "venue", "format")),
    "need": (_l("The need"), ("need", "effect")),
    "programme": (_l("Programme"), ("programme",)),
    "questions": (_l("Questions to the market"), ("questions",)),
    "plan": (_l("Time plan"), ("milestones",)),
    "registration": (_l("Registration"), ("closes_date", "opens_date", "capacity_on_site")),
    "contact": (_l("Contact"), ("contact_name", "contact_email")),
    "record": (_l("Record and accessibility"), ("diary_number", "cpv", "region")),
}
"""The editor's parts: heading, and the fields that count for done or missing."""

FIELDS: dict[str, Any] = {
    "title": _l("Title"),
    "starts_at": _l("Start"),
    "ends_at": _l("End"),
    "kind": _l("Kind"),
    "phase": _l("Phase"),
    "audience": _l("For whom"),
    "format": _l("Form of meeting"),
    "summary": _l("Summary"),
    "need": _l("The need"),
    "effect": _l("Effect for citizens and users"),
    "questions": _l("Questions to the market"),
    "programme": _l("Programme"),
    "milestones": _l("Time plan"),
    "zone": _l("Time zone"),
    "venue": _l("Venue"),
    "address": _l("Street address"),
    "directions": _l("Directions"),
    "online_url": _l("Meeting link"),
    "online_service": _l("Service"),
    "registration_opens_at": _l("Registration opens"),
    "registration_closes_at": _l("Last day to register"),
    "capacity_on_site": _l("Places on site"),
    "capacity_online": _l("Places online"),
    "waiting_list": _l("Waiting list when it is full"),
    "serves_food": _l("Food is served"),
    "accessibility_note": _l("Accessibility"),
    "language_note": _l("Languages spoken"),
    "cost_note": _l("Cost"),
    "contact_name": _l("Contact's name"),
    "contact_title": _l("Contact's role"),
    "contact_email": _l("Contact's e-mail"),
    "contact_phone": _l("Contact's phone"),
    "contact_hours": _l("Phone hours"),
    "diary_number": _l("Diary number"),
    "cpv": _l("CPV codes"),
    "region": _l("Region (NUTS)"),
    "after_text": _l("What we heard"),
}
"""Each field of EventDraft, as one would name it to a colleague."""

_DONE: dict[str, tuple[Any, Any]] = {
    "created": (_l("The draft is saved"), _l("Only you and your colleagues see it.")),
    "copied": (_l("The copy is a draft"), _l("Look through dates, deadline and texts.")),
    "saved": (_l("The changes are saved"), ""),
    "told": (
        _l("The changes are saved"),
        _l("Everyone registered gets a mail with what has changed."),
    ),
    "unchanged": (_l("Nothing had changed"), ""),
    "published": (_l("The event is published"), _l("It is on the public pages and in the feeds.")),
    "scheduled": (_l("The event will publish itself"), ""),
    "unscheduled": (_l("The event is a draft again"), ""),
    "moved": (_l("The event has a new time"), ""),
    "moved_told": (
        _l("The event has a new time"),
        _l("Everyone registered gets an updated calendar entry."),
    ),
    "postponed": (
        _l("The event is postponed"),
        _l("Everyone registered is told, and the calendar entries are withdrawn."),
    ),
    "new_date": (
        _l("The event has a new date"),
        _l("Everyone who kept a place gets a new invitation."),
    ),
    "cancelled": (
        _l("The event is cancelled"),
        _l("Everyone registered is told at once, with the reason."),
    ),
    "to_procurement": (_l("The procurement phase has begun"), _l("Registration is closed.")),
    "deleted": (_l("The draft is deleted"), ""),
    "registered": (
        _l("The registration is made"),
        _l("Everyone in it gets a mail of their own."),
    ),
    "withdrawn": (
        _l("The registration is withdrawn"),
        _l("Those it concerns are told. A place that came free goes to the first in the queue."),
    ),
    "corrected": (
        _l("The address is corrected"),
        _l("A new link was sent there, and the old one no longer works."),
    ),
    "uploaded": (_l("The document is there"), ""),
    "replaced": (_l("The new version has replaced the earlier one"), ""),
    "same_file": (_l("That file is the same as the current version"), ""),
    "renamed": (_l("The name is changed"), ""),
    "removed": (_l("The document is removed"), ""),
    "reordered": (_l("The order is changed"), ""),
    "resent": (_l("The letter is on its way again"), ""),
}


def done_note(code: str) -> tuple[str, str] | None:
    """(title, sentence) of what the previous page did, for `?done=`; None for anything else."""
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else None


@dataclass(frozen=True, slots=True)
class Check:
    """A line of "Checks before publication". tone: ok, warn, bad or info; `anchor` in the form."""

    tone: str
    text: str
    anchor: str = ""


def check_of(hint: Hint) -> Check:
    """A hint in words."""
    language = NAMES[hint.language][0] if hint.language else ""
    tone = "ok" if hint.is_fine else "warn"
    said = {
        "notice": (
            _("At least 20 days are left until the last day to register")
            if hint.is_fine
            else ngettext(
                "%(num)s day until the last day to register; 20 give suppliers time",
                "%(num)s days until the last day to register; 20 give suppliers time",
                hint.n,
            )
        ),
        "questions": (
            _("The market knows what you ask") if hint.is_fine else _("No questions to the market")
        ),
        "programme": _("The programme is there") if hint.is_fine else _("No programme yet"),
        "link": (
            _("The meeting link is there")
            if hint.is_fine
            else _("No meeting link yet: the confirmed get it when you add it")
        ),
        "untranslated": ngettext(
            "%(language)s lacks %(num)s text",
            "%(language)s lacks %(num)s texts",
            hint.n,
            language=language,
        ),
        "stale": _("%(language)s: the original has changed", language=language),
        "need_not_product": _("Read it once more: the need, or a product you have in mind?"),
    }[hint.code]
    anchors = {"notice": "registration", "link": "when", "need_not_product": "need"}
    if hint.code == "need_not_product":
        tone = "info"
    return Check(tone, said, anchors.get(hint.code, hint.code if hint.code in PARTS else "basics"))


def consequence_text(found: Consequence) -> str:
    """One thing that the switch to the procurement phase means."""
    return {
        "not_open_yet": _("The planned publication is dropped and the event is a draft again."),
        "closes": _("Registration closes at once."),
        "closed": _("Registration is closed already and stays so."),
        "waiting": ngettext(
            "%(num)s person on the waiting list stays there.",
            "%(num)s people on the waiting list stay there.",
            found.n,
        ),
        "still_held": ngettext(
            "The event is still announced, with %(num)s confirmed."
            " Cancel or move it if it shall not be held during the procurement.",
            "The event is still announced, with %(num)s confirmed."
            " Cancel or move it if it shall not be held during the procurement.",
            found.n,
        ),
    }[found.code]


# --- two editors -----------------------------------------------------------------------------


def field_name(key: str) -> str:
    """The name of a key of drafts.flatten(): "Title", or "Title, Svenska"."""
    name, _dot, language = key.partition(".")
    said = str(FIELDS[name])
    return f"{said}, {NAMES[language][0]}" if language else said


def said_value(draft: EventDraft, key: str) -> str:
    """What a draft has under a key of drafts.flatten(), for a colleague to read."""
    name, _dot, language = key.partition(".")
    value = getattr(draft, name)
    if language:
        return str(value.get(language, ""))
    if isinstance(value, datetime):
        return moment_text(value, draft.zone, "medium")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    closed = {
        "kind": words.KINDS,
        "phase": words.PHASES,
        "audience": words.AUDIENCES,
        "format": words.FORMATS,
    }
    if name in closed and value:
        return str(closed[name][value])
    if isinstance(value, tuple):
        return "\n".join(_said_row(row, draft) for row in value)
    return "" if value is None else str(value)


def _said_row(row: Any, draft: EventDraft) -> str:
    if isinstance(row, str):
        return row
    parts = [moment_text(row.starts_at, draft.zone)] if hasattr(row, "starts_at") else []
    for attribute in ("title", "when", "text", "help"):
        said = getattr(row, attribute, None) or {}
        parts += [said[draft.primary_language]] if said.get(draft.primary_language) else []
    parts += [speaker.name for speaker in getattr(row, "speakers", ())]
    return ": ".join(parts) if parts else json.dumps("")
