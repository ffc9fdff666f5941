"""Events of a calendar file as drafts of an organisation's own."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from dialognav.domain.drafts import EventDraft
from dialognav.domain.ics_import import ForeignEvent
from dialognav.domain.ics_text import plain_line, web_address
from dialognav.domain.occasions import MOST_OCCASIONS, OccasionLine
from dialognav.domain.terms import Format

MOST_DRAFTS = 100
_TITLE, _SUMMARY = 160, 300  # characters, as the editor takes them
_WITHOUT_END = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that one event of the file, or one series, would become.

    `key` names it in a form; `is_there` when the organisation has such an event already.
    """

    key: str
    draft: EventDraft
    is_there: bool = False
    is_cut: bool = False  # a series of more occasions than an event takes


@dataclass(frozen=True, slots=True)
class Basis:
    """What a new draft of the organisation begins with."""

    language: str
    region: str
    contact_name: str
    contact_email: str
    contact_phone: str
    contact_hours: dict[str, str]


def proposals(events: Iterable[ForeignEvent], basis: Basis) -> list[Proposal]:
    """One for each event or series that is not called off, by their start."""
    live = sorted((e for e in events if not e.is_cancelled), key=lambda e: (e.uid, e.starts_at))
    found = [
        _proposal(uid, list(of_one), basis) for uid, of_one in groupby(live, key=lambda e: e.uid)
    ]
    return sorted(found, key=lambda each: (each.draft.starts_at, each.key))


def _proposal(uid: str, events: Sequence[ForeignEvent], basis: Basis) -> Proposal:
    first, language = events[0], basis.language
    text = first.text if not first.url else f"{first.text}\n\n{first.url}".strip()
    lines = tuple(_line(each, basis.language) for each in events[:MOST_OCCASIONS])
    draft = EventDraft(
        primary_language=language,
        title={language: plain_line(first.title, _TITLE)},
        occasions=lines,
        format=Format.ONLINE if all(line.online_url for line in lines) else Format.ON_SITE,
        summary=_said(language, plain_line(first.text, _SUMMARY)),
        need=_said(language, text),
        zone=first.zone,
        region=basis.region,
        contact_name=basis.contact_name,
        contact_email=basis.contact_email,
        contact_phone=basis.contact_phone,
        contact_hours=dict(basis.contact_hours),
    )
    key = hashlib.sha256(uid.encode()).hexdigest()[:16]
    return Proposal(key, draft, is_cut=len(events) > MOST_OCCASIONS)


def _line(event: ForeignEvent, language: str) -> OccasionLine:
    """A place that is a web address is where one meets online."""
    link = web_address(event.place)
    end = event.ends_at if event.ends_at > event.starts_at else event.starts_at + _WITHOUT_END
    return OccasionLine(
        event.starts_at,
        end,
        event.all_day,
        venue={} if link else _said(language, event.place[:160]),
        online_url=link,
    )


def _said(language: str, words: str) -> dict[str, str]:
    return {language: words} if words else {}


def told_apart(found: Iterable[Proposal], there: set[tuple[datetime, str]]) -> list[Proposal]:
    """With a mark on those that begin when one with the same title does."""
    return [
        replace(each, is_there=(each.draft.starts_at, _title(each.draft)) in there)
        for each in found
    ]


def _title(draft: EventDraft) -> str:
    return draft.title[draft.primary_language].casefold()
