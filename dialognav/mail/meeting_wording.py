"""What the templates of letters about one-to-one meetings see, in the language that is spoken."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dialognav import i18n
from dialognav.domain.meeting_terms import HandOut
from dialognav.draw_words import explanation
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.mail.date_wording import change_words, place_words, when_words
from dialognav.mail.stationery import Stationery
from dialognav.meeting_rule_words import RULES
from dialognav.zone_words import elsewhere

Words = dict[str, Any]

_NOTHING_STANDS = {
    "meeting": False,
    "position": None,
    "asked": False,
    "may_change": False,
    "wishes": 0,
    "counted": 0,
}
_ROLES = {
    "asks": lazy("You ask the questions."),
    "notes": lazy("You take the notes."),
    "observes": lazy("You observe."),
}


def meeting_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    """Of a letter to a supplier, beside what one about its registration has."""
    said, zone, link = facts["meetings"], facts["when"]["zone"], facts["link"]
    booking, own_url = facts.get("booking", ""), stationery.own_page(link, language)
    is_slot = bool(booking)
    minutes = facts.get("minutes")
    return {
        **({} if is_slot else {"preheader": _preheader(facts)}),
        "meetings_url": f"{own_url}/meetings",
        "ics_url": stationery.own_meeting(link, booking, facts.get("participant"))
        if "entry" in facts
        else "",
        "meeting_on": is_slot,
        "lacks_link": facts.get("lacks_link", False),
        "there": _there(facts),
        "spoken": _spoken(facts),
        "deviates": facts.get("deviates", False),
        "coming": facts.get("coming", 0),
        "may_move_until": _moment(facts.get("may_move_until"), zone),
        "how": said.get("how", ""),
        "said_reason": said.get("reason", ""),
        "reasons": said.get("reasons", []),
        "stands": _NOTHING_STANDS | said.get("stands", {}),
        "may_change": said.get("may_change", False),
        "by_new_clock": said.get("by_new_clock", False),
        "lost": _wish_changes(facts, now=False),
        "back": _wish_changes(facts, now=True),
        "position": said.get("position"),
        "until": _moment(said.get("until"), zone),
        "rule": _rule_words(said.get("rule"), zone),
        "wishes": [(_when(one), _where(one)) for one in said.get("wishes", ())],
        "explanation": _explanation(said),
        "added": _added_words(said, zone) if "number" in said else None,
        "minutes_url": f"{own_url}/minutes/{minutes['id']}" if minutes else "",
        "check_until": _moment(minutes["check_until"], zone) if minutes else "",
    }


def team_words(facts: Mapping[str, Any], stationery: Stationery) -> Words:
    """Of a letter to one of the team."""
    said, title = facts["team"], facts["title"]
    when, place = when_words(facts["when"]), place_words(facts["place"])
    return {
        "why": _(
            "You get this e-mail because you take part in one-to-one meetings of %(organiser)s.",
            organiser=facts["organiser"][0],
        ),
        "preheader": " · ".join(part for part in (when["line"], place["line"]) if part),
        "event": title[0],
        "event_lang": title[1],
        "event_url": stationery.url(facts["event_path"]),
        "page_url": stationery.url(said["path"]) if said["path"] else "",
        "when": when,
        "place": place,
        "party": said.get("party", ""),
        "people": said.get("people", []),
        "others": said.get("others", []),
        "role": str(_ROLES.get(said.get("role", ""), "")),
        "spoken": _spoken(facts),
        "lacks_link": facts.get("lacks_link", False),
        "changes": [change_words(change) for change in facts.get("changes", ())],
        "changed": [change["what"] for change in facts.get("changes", ())],
        "by": facts.get("by", ""),
        "goes_on": facts.get("goes_on", False),
        "said_reason": facts.get("said_reason", ""),
        "answer_text": facts.get("answer", {}).get("text", ""),
        "rows": [_row(one) for one in said.get("rows", ())],
        "off": [_row({**one, "role": ""}) for one in said.get("off", ())],
        "calendar_url": stationery.url("/manage/my-calendar")
        if said["path"]
        else stationery.url("/my"),
    }


def _explanation(said: Mapping[str, Any]) -> list[str]:
    """The place in the queue is told once, as it stands."""
    facts = said.get("explanation")
    if facts is None:
        return []
    return explanation({**facts, "place": None} if said.get("position") else facts)


def _preheader(facts: Mapping[str, Any]) -> str:
    """What has changed, by name; else what the letter is about."""
    changes = facts.get("changes", ())
    said = [str(RULES[one["what"]]) for one in changes if one["what"] in RULES]
    said += [_when(one) for one in changes if one["what"] == "wish"]
    return ", ".join(said) or str(facts["title"][0])


def _wish_changes(facts: Mapping[str, Any], *, now: bool) -> list[tuple[str, list[str]]]:
    """Times wished for that can be had `now`, or no more, the first first."""
    found = [one for one in facts.get("changes", ()) if one["what"] == "wish" and one["now"] is now]
    found.sort(key=lambda one: one["when"]["starts_at"])
    return [(_when(one), [_where(one)]) for one in found]


def _row(one: Mapping[str, Any]) -> tuple[str, list[str]]:
    """A meeting of one of the team, and what they do there."""
    news = {"new": _("new"), "changed": _("changed")}.get(one.get("news", ""), "")
    roles = {
        "asks": _("you ask"),
        "notes": _("you take notes"),
        "observes": _("you observe"),
    }
    role = roles.get(one.get("role", ""), "")
    return _when(one), [word for word in (one["party"], _where(one), role, news) if word]


def _when(one: Mapping[str, Any]) -> str:
    return str(when_words(one["when"])["line"])


def _there(facts: Mapping[str, Any]) -> str:
    """A digital meeting by the reader's own clock; "" where the event's shows the same."""
    when, own_zone = facts["when"], facts.get("own_zone", "")
    if not own_zone:
        return ""
    starts_at, ends_at = (datetime.fromisoformat(when[name]) for name in ("starts_at", "ends_at"))
    return elsewhere(starts_at, ends_at, when["zone"], own_zone)


def _where(one: Mapping[str, Any]) -> str:
    place = place_words(one["place"])
    return ", ".join(filter(None, (place["line"], place["more"])))


def _spoken(facts: Mapping[str, Any]) -> str:
    code = facts.get("spoken", "")
    return i18n.language_name(code) if code else ""


def _moment(said: str | None, zone: str) -> str:
    return i18n.moment_text(datetime.fromisoformat(said), zone, "medium") if said else ""


def _rule_words(rule: Mapping[str, Any] | None, zone: str) -> Words:
    """How meetings are handed out, and until when; "" for what is not settled."""
    said = rule or {}
    return {
        "hand_out": said.get("hand_out", HandOut.FIRST_COME),
        "opens": _moment(said.get("opens_at"), zone),
        "closes": _moment(said.get("closes_at"), zone),
        "moves_until": _moment(said.get("moves_until"), zone),
        "offer_hours": said.get("offer_hours", 0),
        "answered": said.get("answered", False),
    }


def _added_words(said: Mapping[str, Any], zone: str) -> Words:
    days = [i18n.date_text(date.fromisoformat(day), style="short") for day in said["days"]]
    return {
        "number": said["number"],
        "days": i18n.list_text(days),
        "opens": _moment(said["opens"], zone),
    }
