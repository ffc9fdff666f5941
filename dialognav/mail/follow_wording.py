"""Words of the letters to followers: what they follow, and what is new."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialognav import i18n
from dialognav.domain.terms import Frequency
from dialognav.followed_words import followed_parts
from dialognav.i18n import gettext as _
from dialognav.mail.date_wording import when_words
from dialognav.mail.stationery import Stationery
from dialognav.words import AUDIENCES, FORMATS, KINDS, PHASES

Words = dict[str, Any]


def follow_words(facts: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    said = facts["follow"]
    follows = [_followed(one, language, stationery) for one in said["subscriptions"]]
    if "events" not in said:
        return {
            "why": _("You get this e-mail because somebody entered your address in Dialognav."),
            "preheader": " · ".join(follows[0]["parts"]) if follows else "",
            "follows": follows,
        }
    events = [_event(one, facts["organiser"][0], stationery) for one in said["events"]]
    if len(events) == 1:
        preheader = " · ".join(filter(None, (events[0]["when"]["line"], events[0]["venue"])))
    else:
        preheader = " · ".join(one["title"] for one in events)
    return {
        "why": _why(follows),
        "preheader": preheader[:200],
        "events": events,
        "more": said["more"],
        "is_weekly": said["frequency"] == Frequency.WEEKLY,
        "list_url": stationery.url(f"/{language}/"),
        "follows": follows,
    }


def _why(follows: Sequence[Words]) -> str:
    if len(follows) > 1:
        heading = _("What you follow")
        return _("You get this e-mail because of what it lists as “%(heading)s”.", heading=heading)
    what = " · ".join(follows[0]["parts"])
    return _("You get this e-mail because you follow: %(what)s.", what=what)


def _followed(one: Mapping[str, Any], language: str, stationery: Stationery) -> Words:
    parts = followed_parts(
        organiser=one["organiser"][0] if one["organiser"] else "",
        kinds=one["kinds"],
        phases=one["phases"],
        cpv=one["cpv"],
        region=one["region"],
    )
    return {"parts": parts, "url": stationery.follow_page(one["link"], language)}


def _event(one: Mapping[str, Any], writer: str, stationery: Stationery) -> Words:
    when, zone = when_words(one["when"]), one["when"]["zone"]
    closes = one["closes_at"]
    phase = str(PHASES[one["phase"]]) if one["phase"] else ""
    organiser = one["organiser"][0] if one["organiser"][0] != writer else ""
    audience = str(AUDIENCES["buyers"]) if one["audience"] == "buyers" else ""
    about = (str(KINDS[one["kind"]]), phase, organiser, audience, str(FORMATS[one["format"]]))
    return {
        "title": one["title"][0],
        "title_lang": one["title"][1],
        "summary": one["summary"],
        "about": [part for part in about if part],
        "when": when,
        "venue": one["venue"],
        "closes": i18n.moment_text(datetime.fromisoformat(closes), zone, "medium")
        if closes
        else "",
        "url": stationery.url(one["path"]),
    }
