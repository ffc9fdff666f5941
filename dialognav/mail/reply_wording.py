"""What the templates of letters about received mail see, in the language that is being spoken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialognav import i18n
from dialognav.i18n import gettext as _
from dialognav.mail.stationery import Stationery

Words = dict[str, Any]


def answer_words(facts: Mapping[str, Any], zone: str) -> Words | None:
    """Of a letter to somebody who answered: until when it can be taken back, the organiser's text,
    and who else answered. None in every other letter."""
    said = facts.get("answer")
    if said is None:
        return None
    until = said.get("undo_until", "")
    return {
        "number": said.get("number", 1),
        "undo_until": i18n.moment_text(datetime.fromisoformat(until), zone, "medium")
        if until
        else "",
        "text": said.get("text", ""),
        "who": said.get("who", ""),
        "address": said.get("address", ""),
    }


def inbox_words(facts: Mapping[str, Any], stationery: Stationery) -> Words:
    """Of a letter to the organiser about a mail that came in."""
    said = facts["inbox"]
    title = said["title"] or ["", ""]
    starts, ends = said["proposed"]
    proposed = ""
    if starts and ends:
        first, last = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
        proposed = i18n.when_text(first, last, said["zone"])
    elif starts:
        proposed = i18n.moment_text(datetime.fromisoformat(starts), said["zone"], "medium")
    return {
        "why": _("You get this e-mail because you are the contact of this event."),
        "preheader": said["subject"],
        "footer": [facts["organiser"][0]],
        "event": title[0],
        "event_lang": title[1],
        "who": said["who"],
        "address": said["address"],
        "party": said["party"],
        "said_subject": said["subject"],
        "said_text": said["text"],
        "proposed": proposed,
        "inbox_url": stationery.url(f"/manage/inbox/{said['id']}"),
    }
