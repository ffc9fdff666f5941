"""What a message says to one reader: its words, with what the placeholders stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from dialognav import i18n
from dialognav.domain.audience import CONTACT, WITHOUT
from dialognav.domain.names import first_name
from dialognav.domain.placeholders import ADDRESSES, fill, used
from dialognav.domain.terms import LIVE, MessagePurpose, Mode
from dialognav.i18n import gettext as _
from dialognav.mail.date_wording import place_words
from dialognav.mail.message_text import mail_html, mail_text
from dialognav.mail.stationery import Stationery

Words = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prose:
    """The same words for both parts of a mail; `lang` is theirs."""

    html: Markup
    text: str
    lang: str


def message_words(
    facts: Mapping[str, Any], language: str, recipient_name: str, stationery: Stationery
) -> Words:
    """What templates/mail/message/ sees, beside what every letter has."""
    said, about = facts["words"], facts["message"]
    values = values_of(facts, said["language"], recipient_name, stationery)
    values["my_page"] = stationery.own_page(facts["link"], language)
    title, title_lang = about["title"]
    subject = fill(said["subject"], _short(values))
    body = prose(said["body"], values, said["language"])
    return {
        "why": _why(facts),
        "preheader": _beginning(body.text),
        "subject": subject,
        "subject_lang": said["language"],
        "event": "" if title in subject else title,
        "event_lang": title_lang,
        "prose": body,
        "own_url": values["my_page"] if _needs_own_page(facts) else "",
        "whole": facts["link"]["purpose"] == "r",
    }


def prose(markdown: str, values: Mapping[str, str], language: str) -> Prose:
    """Words of staff in both forms, said in their own language."""
    with i18n.speaking(language):
        return Prose(mail_html(markdown, values), mail_text(markdown, values), language)


def values_of(
    facts: Mapping[str, Any], language: str, recipient_name: str, stationery: Stationery
) -> dict[str, str]:
    """What the placeholders stand for in a letter about an event, said in `language`; "" for what
    the reader has not got. A message's own facts are in the language of its words."""
    about, place = facts.get("message", facts), facts["place"]
    dates = [facts, *facts.get("more", ())]
    with i18n.speaking(language):
        where = place_words(place)
        return {
            "name": recipient_name,
            "first_name": first_name(recipient_name),
            "organisation": facts.get("party", ""),
            "event": about["title"][0],
            "date": ", ".join(dict.fromkeys(_day(one["when"]) for one in dates)),
            "time": ", ".join(dict.fromkeys(_time(one) for one in dates)),
            "place": _places(dates),
            "link": where["url"],
            "my_page": stationery.own_page(facts["link"], language),
            "event_page": stationery.url(facts["event_path"]),
            "organiser": about["organiser"][0],
        }


def _beginning(text: str) -> str:
    """What a list of mails shows beside the subject."""
    return " ".join(word for word in text[:400].split() if "://" not in word)[:140]


def _short(values: Mapping[str, str]) -> dict[str, str]:
    """What may stand in a subject: no link does (domain/placeholders.py, unknown)."""
    return {name: value for name, value in values.items() if name not in ADDRESSES}


def _why(facts: Mapping[str, Any]) -> str:
    title = facts["title"][0]
    if facts["message"]["purpose"] == MessagePurpose.NEWS:
        return _("You get this e-mail because you have been registered for %(event)s.", event=title)
    return _("You get this e-mail because of your registration for %(event)s.", event=title)


def _needs_own_page(facts: Mapping[str, Any]) -> bool:
    """Whoever can change something there, and has no link to it in the words."""
    about = facts["message"]
    return (
        about["state"] in (*LIVE, CONTACT, WITHOUT)
        and not about["is_over"]
        and about["purpose"] == MessagePurpose.REGISTRATION
        and "my_page" not in used(facts["words"]["body"])
    )


def _day(when: Mapping[str, Any]) -> str:
    starts_at, ends_at = (datetime.fromisoformat(when[name]) for name in ("starts_at", "ends_at"))
    first, last = i18n.local(starts_at, when["zone"]).date(), i18n.last_day(ends_at, when["zone"])
    said = i18n.date_text(first, style="long")
    return said if first == last else f"{said} – {i18n.date_text(last, style='long')}"


def _places(dates: Sequence[Mapping[str, Any]]) -> str:
    """Where; of several dates in different places, when where."""
    where = [place_words(one["place"]) for one in dates]
    lines = [", ".join(filter(None, (each["line"], each["more"]))) for each in where]
    if len(set(lines)) == 1:
        return lines[0]
    return "; ".join(f"{_time(one)}: {line}" for one, line in zip(dates, lines, strict=True))


def _time(one: Mapping[str, Any]) -> str:
    """Whoever comes to the place reads its clocks; others may be in another zone."""
    when = one["when"]
    if when["all_day"]:
        return _("All day")
    starts_at, ends_at = (datetime.fromisoformat(when[name]) for name in ("starts_at", "ends_at"))
    is_online = one["place"]["mode"] == Mode.ONLINE
    said = i18n.time_range(starts_at, ends_at, when["zone"])
    return f"{said} ({i18n.zone_text(starts_at, when['zone'])})" if is_online else said
