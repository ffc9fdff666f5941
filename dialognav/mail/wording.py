"""Facts -> what the templates of a letter see, in the language that is being spoken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialognav import i18n
from dialognav.i18n import gettext as _
from dialognav.mail.date_wording import change_words, dates_words, place_words, when_words
from dialognav.mail.digest_letters import digest_words
from dialognav.mail.follow_wording import follow_words
from dialognav.mail.meeting_wording import meeting_words, team_words
from dialognav.mail.message_wording import message_words
from dialognav.mail.own_words import said_words
from dialognav.mail.reply_wording import answer_words, inbox_words
from dialognav.mail.stationery import Stationery
from dialognav.words import DECLINE_REASONS

PRODUCT = "Dialognav"

Words = dict[str, Any]

_SAID_OTHERWISE = ("text", "wish")
"""Changes that are no row of what was before and is now."""


def words_of(
    facts: Mapping[str, Any], language: str, recipient_name: str, stationery: Stationery
) -> Words:
    """Everything a template of templates/mail/ may use. Names that do not apply are None or ''."""
    words: Words = {
        "lang": language,
        "name": recipient_name,
        "host": facts["organiser"][0],
        "mark_url": stationery.url("/static/img/mark-light.png"),
        "footer": _footer(facts),
        "has_calendar": "entry" in facts,
        "my_url": stationery.url(f"/{language}/my"),
        "own_subject": "",
        "opening": None,
        "closing": None,
        **said_words(facts, language, recipient_name, stationery),
    }
    if "follow" in facts:
        return words | follow_words(facts, language, stationery)
    if "words" in facts:
        return words | message_words(facts, language, recipient_name, stationery)
    if "inbox" in facts:
        return words | inbox_words(facts, stationery)
    if "invited" in facts:
        return words | _invitation_words(facts, language, stationery)
    if "event_path" in facts:
        return words | _of_event(facts, language, stationery)
    if "links" in facts:
        return words | _links_words(facts, language, stationery)
    if "calendar_link" in facts:
        return words | _calendar_words(facts, language, stationery)
    return words | _staff_words(facts, language, stationery)


def _of_event(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    if "team" in facts:
        return team_words(facts, stationery)
    words = _event_words(facts, language, stationery)
    return words | (meeting_words(facts, language, stationery) if "meetings" in facts else {})


def _event_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    participant = facts.get("participant")
    zone = facts["when"]["zone"]
    when, place = when_words(facts["when"]), place_words(facts["place"])
    return {
        "why": _why(facts, zone),
        "preheader": " · ".join(part for part in (when["line"], place["line"]) if part),
        **dates_words(facts),
        "event": facts["title"][0],
        "event_lang": facts["title"][1],
        "event_url": stationery.url(facts["event_path"]),
        "own_url": stationery.own_page(facts["link"], language),
        "ics_url": stationery.own_calendar(facts["link"], participant, facts.get("occasion"))
        if participant
        else "",
        "whole": facts["whole"],
        "party": facts["party"],
        "seat": facts["seat"],
        "position": facts.get("position"),
        "people": facts.get("people"),
        "promotion": facts["promotion"],
        "reason": facts["reason"][0],
        "by": facts.get("by"),
        "elsewhere": facts.get("elsewhere", False),
        "approved": facts.get("approved", False),
        "decision": _decision_words(facts.get("decision")),
        "reply_to": facts["reply_to"],
        "keeps_seat": facts.get("keeps_seat", False),
        "queue": _queue_words(facts.get("queue"), zone),
        "closed_by": facts.get("closed_by", ""),
        "may_rejoin": facts.get("may_rejoin", False),
        "when": when,
        "place": place,
        "changes": [
            change_words(change)
            for change in facts.get("changes", ())
            if change["what"] not in _SAID_OTHERWISE
        ],
        "changed": list(dict.fromkeys(change["what"] for change in facts.get("changes", ()))),
        "privacy": _privacy_words(facts),
        "answer": answer_words(facts, zone),
    }


def _why(facts: Mapping[str, Any], zone: str) -> str:
    """Why somebody has this letter, and who of the organiser's staff wrote the registration."""
    day = i18n.date_text(datetime.fromisoformat(facts["registered_at"]), zone)
    if not (name := facts.get("registered_by")):
        return _("You get this e-mail because of your registration on %(day)s.", day=day)
    return _(
        "You get this e-mail because %(name)s, %(organiser)s, registered you on %(day)s.",
        name=name,
        organiser=facts["organiser"][0],
        day=day,
    )


def _queue_words(queue: Mapping[str, Any] | None, zone: str) -> Words | None:
    """Until when the queue moves, and an offer holds; None in letters from before there was one."""
    if queue is None:
        return None
    ends = queue["offer_ends_at"]
    return {
        "closes": i18n.moment_text(datetime.fromisoformat(queue["closes_at"]), zone, "medium"),
        "offer_hours": queue["offer_hours"],
        "offer_ends": i18n.moment_text(datetime.fromisoformat(ends), zone, "medium")
        if ends
        else "",
    }


def _decision_words(decision: Mapping[str, Any] | None) -> Words | None:
    """The standard reason in the reader's language, and the organiser's words in theirs."""
    if decision is None:
        return None
    text, lang = decision["text"]
    is_said = decision["reason"] != "other" or not text
    reason = str(DECLINE_REASONS[decision["reason"]]) if is_said else ""
    return {"reason": reason, "text": text, "lang": lang}


def _privacy_words(facts: Mapping[str, Any]) -> Words | None:
    """A wish about own data, and what became of it."""
    said = facts.get("privacy")
    if said is None:
        return None
    by = datetime.fromisoformat(said["answer_by"])
    return {**said, "answer_by": i18n.date_text(by, facts["when"]["zone"], "long")}


def _links_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    links = [_link_words(one, language, stationery) for one in facts["links"]]
    return {
        "why": _("You get this e-mail because somebody entered your address in Dialognav."),
        "preheader": ", ".join(one["title"] for one in links),
        "links": links,
    }


def _invitation_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    zone = facts["when"]["zone"]
    when, place = when_words(facts["when"]), place_words(facts["place"])
    moments = {
        name: i18n.moment_text(datetime.fromisoformat(facts[name]), zone, "medium")
        for name in ("opens_at", "closes_at")
        if facts[name]
    }
    return {
        "why": _(
            "You get this e-mail because the organiser invites %(party)s.", party=facts["invited"]
        ),
        "preheader": " · ".join(part for part in (when["line"], place["line"]) if part),
        "event": facts["title"][0],
        "event_lang": facts["title"][1],
        "summary": facts["summary"],
        "party": facts["invited"],
        "url": stationery.invitation_page(facts["link"], language),
        "opens": moments.get("opens_at", ""),
        "closes": moments["closes_at"],
        "when": when,
        "place": place,
    }


def _calendar_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    expires = i18n.moment_text(datetime.fromisoformat(facts["expires_at"]), facts["zone"], "medium")
    return {
        "why": _("You get this e-mail because somebody entered your address in Dialognav."),
        "preheader": _("The link works once, until %(moment)s.", moment=expires),
        "url": stationery.calendar_page(facts["calendar_link"], language),
        "expires": expires,
    }


def _staff_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    if "digest" in facts:
        return digest_words(facts, stationery)
    expires = i18n.moment_text(datetime.fromisoformat(facts["expires_at"]), facts["zone"], "medium")
    return {
        "why": _("You get this e-mail because you have an account, or are to have one."),
        "preheader": _("The link works once, until %(moment)s.", moment=expires),
        "url": stationery.staff_page(facts["link"], language),
        "expires": expires,
    }


def _link_words(one: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    return {
        "title": one["title"][0],
        "when": when_words(one["when"])["line"],
        "whose": one["whose"],
        "url": stationery.own_page(one["link"], language),
    }


def _footer(facts: Mapping[str, Any]) -> list[str]:
    """Who answers, and how to reach them."""
    name = facts["organiser"][0]
    reach = ", ".join(part for part in (name, facts["phone"]) if part)
    answer = _("Reply to this e-mail if something is wrong.") if facts["reply_to"] else ""
    return [line for line in (answer, reach) if line and line != PRODUCT]
