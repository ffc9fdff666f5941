"""The letter of the morning: what waits for a decision of one member of staff, and why it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialognav import i18n
from dialognav.domain.digests import Waits
from dialognav.i18n import gettext as _
from dialognav.i18n import ngettext
from dialognav.mail.letters import Letter, sender_facts
from dialognav.mail.post import Post
from dialognav.mail.stationery import Stationery
from dialognav.models import Membership

KIND = "staff_digest"
MOST = 8
"""Lines of one kind; the page behind the last has them all."""


@dataclass(frozen=True, slots=True)
class Away:
    """A colleague in whose place the reader decides. `until` None: nobody knows."""

    name: str
    until: str | None  # ISO date


def digest_letter(
    reader: Membership, waiting: Sequence[Waits], away: Sequence[Away], *, post: Post
) -> Letter:
    user, organisation = reader.user, reader.organisation
    facts = sender_facts(organisation, user.language, post) | {
        "zone": organisation.zone,
        "digest": [
            {
                "kind": one.kind,
                "number": one.number,
                "path": one.path,
                "title": one.title,
                "lang": one.lang,
                "at": one.at.isoformat() if one.at else None,
            }
            for one in waiting
        ],
        "away": [[one.name, one.until] for one in away],
    }
    return Letter(
        kind=KIND,
        stream=f"digest:{reader.id}",
        recipient=user.email,
        recipient_name=user.name,
        language=user.language,
        facts=facts,
        organisation_id=organisation.id,
    )


def digest_words(facts: Mapping[str, Any], stationery: Stationery) -> dict[str, Any]:
    """What templates/mail/staff_digest/ sees, beside what every letter has."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for one in facts["digest"]:
        by_kind.setdefault(one["kind"], []).append(one)
    groups = [_group(kind, some, facts["zone"], stationery) for kind, some in by_kind.items()]
    number = sum(one["number"] for one in facts["digest"])
    return {
        "why": _("You get this e-mail because you work with %(organiser)s in Dialognav.")
        % {"organiser": facts["organiser"][0]},
        "preheader": ", ".join(group["title"] for group in groups),
        "groups": groups,
        "number": number,
        "away": [_away(name, until) for name, until in facts["away"]],
        "work_url": stationery.url("/manage/"),
        "account_url": stationery.url("/account/profile"),
    }


def _group(
    kind: str, some: Sequence[Mapping[str, Any]], zone: str, stationery: Stationery
) -> dict[str, Any]:
    """A heading with its links: one for each event or message, or one for all."""
    lines = [
        {
            "text": _line(one, zone),
            "lang": one["lang"] if one["title"] else "",
            "url": stationery.url(one["path"]),
        }
        for one in some[:MOST]
    ]
    return {
        "title": _title(kind, sum(one["number"] for one in some)),
        "lines": lines,
        "more": len(some) - len(lines),
    }


def _line(one: Mapping[str, Any], zone: str) -> str:
    if not one["title"]:
        return _("See them")
    if one["at"]:
        when = i18n.moment_text(datetime.fromisoformat(one["at"]), zone)
        return f"{one['title']}: {when}"
    return f"{one['title']} ({one['number']})" if one["number"] > 1 else str(one["title"])


def _title(kind: str, number: int) -> str:
    titles = {
        "reviews": ngettext(
            "%(num)s registration to look at", "%(num)s registrations to look at", number
        ),
        "needs": ngettext(
            "%(num)s request for help to answer", "%(num)s requests for help to answer", number
        ),
        "approvals": ngettext("%(num)s message to approve", "%(num)s messages to approve", number),
        "missed": ngettext(
            "%(num)s message did not leave at its time",
            "%(num)s messages did not leave at their time",
            number,
        ),
        "failed": ngettext(
            "%(num)s letter did not arrive", "%(num)s letters did not arrive", number
        ),
        "stuck": ngettext(
            "%(num)s letter should have left", "%(num)s letters should have left", number
        ),
        "dead": ngettext(
            "%(num)s person whom no e-mail reaches",
            "%(num)s people whom no e-mail reaches",
            number,
        ),
        "inbox": ngettext(
            "%(num)s e-mail waits in the inbox", "%(num)s e-mails wait in the inbox", number
        ),
        "privacy": ngettext(
            "%(num)s person asks about own data", "%(num)s people ask about own data", number
        ),
        "deadlines": ngettext(
            "%(num)s registration closes soon", "%(num)s registrations close soon", number
        ),
        **_meeting_titles(number),
    }
    return titles[kind]


def _meeting_titles(number: int) -> dict[str, str]:
    return {
        "minutes": ngettext(
            "%(num)s set of minutes to approve", "%(num)s sets of minutes to approve", number
        ),
        "corrections": ngettext(
            "%(num)s correction of minutes to answer",
            "%(num)s corrections of minutes to answer",
            number,
        ),
        "shares": ngettext(
            "%(num)s draft waits to be shared with all",
            "%(num)s drafts wait to be shared with all",
            number,
        ),
        "draws": ngettext(
            "%(num)s draw of meetings to look through and publish",
            "%(num)s draws of meetings to look through and publish",
            number,
        ),
        "unstaffed": ngettext(
            "%(num)s meeting soon lacks somebody who asks or takes notes",
            "%(num)s meetings soon lack somebody who asks or takes notes",
            number,
        ),
        "unoffered": ngettext(
            "%(num)s supplier waits for a meeting while a time is free",
            "%(num)s suppliers wait for a meeting while a time is free",
            number,
        ),
    }


def _away(name: str, until: str | None) -> str:
    if until is None:
        return _("You stand in for %(name)s.", name=name)
    day = i18n.date_text(datetime.fromisoformat(until).date())
    return _("You stand in for %(name)s until %(day)s.", name=name, day=day)
