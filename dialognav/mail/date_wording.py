"""Dates, places and what changed about them, in the language that is being spoken."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialognav import i18n
from dialognav.i18n import gettext as _
from dialognav.mail.changes import Said
from dialognav.meeting_rule_words import RULES, said_meeting_rule

Words = dict[str, Any]


def when_words(when: Mapping[str, Any]) -> Words:
    """The date stub's three lines, the time beside it, and all of it on one line."""
    zone = when["zone"]
    starts_at, ends_at = (datetime.fromisoformat(when[name]) for name in ("starts_at", "ends_at"))
    first, last = i18n.local(starts_at, zone).date(), i18n.last_day(ends_at, zone)
    line = i18n.when_text(starts_at, ends_at, zone, all_day=when["all_day"])
    clock = i18n.zone_text(starts_at, zone)
    if when["all_day"]:
        time = _("All day")
    elif first == last:
        time = f"{i18n.time_range(starts_at, ends_at, zone)} ({clock})"
        line = f"{line} ({clock})"
    else:
        time = line = f"{line} ({clock})"
    month = _span(*(i18n.date_text(day, style="mon") for day in (first, last)))
    return {
        "weekday": _span(*(i18n.date_text(day, style="weekday") for day in (first, last))),
        "day": str(first.day) if first == last else f"{first.day}–{last.day}",
        "month": f"{month} {last.year}",
        "time": time,
        "line": line,
        "short": _span(*(i18n.date_text(day, style="short") for day in (first, last))),
    }


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"


def place_words(place: Mapping[str, Any]) -> Words:
    """`line` and `more` stand beside the date; `url` is the digital link, for the confirmed."""
    if place["mode"] == "online":
        service = place["service"]
        line = _("Online, %(service)s", service=service) if service else _("Online")
        return {"line": line, "more": "", "directions": "", "url": place["url"]}
    venue, address = place["venue"][0], place["address"]
    return {
        "line": venue or address,
        "more": address if venue else "",
        "directions": place["directions"][0],
        "url": "",
    }


def change_words(change: Said) -> tuple[str, str, str]:
    """What, before, now: the rows of what changed; of one of several dates, which."""
    if (rule := change["what"]) in RULES:
        old, new = (
            said_meeting_rule(rule, change[at], change["zone"]) if change[at] else _("Not set")
            for at in ("before", "now")
        )
        return str(RULES[rule]), old, new
    names = {
        "time": _("Time"),
        "clock": _("Time zone"),
        "place": _("Place"),
        "link": _("Digital link"),
        "title": _("Title"),
    }
    name, before, now = names[change["what"]], change["before"], change["now"]
    if change["what"] == "time":
        before, now = when_words(before)["line"], when_words(now)["line"]
    if of := change.get("of"):
        day = i18n.date_text(datetime.fromisoformat(of["at"]), of["zone"])
        name = _("%(what)s, %(day)s", what=name, day=day)
    return name, before or _("Not set"), now or _("It follows")


def dates_words(facts: Mapping[str, Any]) -> Words:
    """Every date that a letter is about, and those of a series that are no longer the reader's.

    `joining`: (address, what it is called) of each digital link, once; `directions` likewise.
    """
    one = {"when": facts["when"], "place": facts["place"], "name": None, "position": None}
    several = facts.get("dates") or [one]
    dates = list(map(_one_date, several))
    urls = list(dict.fromkeys(date["place"]["url"] for date in dates if date["place"]["url"]))
    return {
        "dates": dates,
        "gone": list(map(_one_date, facts.get("gone", ()))),
        "number": facts.get("number"),
        "in_feed": facts.get("in_feed", False),
        "joining": [(url, _joining(url, dates, is_only=len(urls) == 1)) for url in urls],
        "directions": list(
            dict.fromkeys(d["place"]["directions"] for d in dates if d["place"]["directions"])
        ),
    }


def _joining(url: str, dates: Sequence[Words], *, is_only: bool) -> str:
    if is_only:
        return _("Take part online")
    days = [date["when"]["short"] for date in dates if date["place"]["url"] == url]
    return _("Take part online, %(days)s", days=i18n.list_text(days))


def _one_date(date: Mapping[str, Any]) -> Words:
    """`name` is what the date is called, [words, language] or None."""
    when, place = when_words(date["when"]), place_words(date["place"])
    number = date["position"]
    turn = _("number %(number)s in the queue", number=number) if number else ""
    return {
        "when": when,
        "place": place,
        "name": date["name"],
        "more": ", ".join(filter(None, (place["more"], turn))),
        "row": [word for word in (place["line"], turn) if word],
    }
