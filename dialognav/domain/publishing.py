"""What an event needs before anyone may see it, and what its changes mean for others."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dialognav.domain.drafts import ROWS, TEXTS, EventDraft, changed_fields, said_in
from dialognav.domain.series import lacks_rule
from dialognav.domain.terms import LANGUAGES, MODES_OF, Attending, EventState, Mode, Phase

SLUG_LENGTH = 70
WORKING_DAYS_BEFORE = 5  # product.md 3: registration closes 5 working days before
NOTICE_DAYS = 20  # between publication and the deadline, as the prototype advises


def lacking(draft: EventDraft, now: datetime, *, is_new: bool = True) -> tuple[str, ...]:
    """The fields without which an event may not be seen, in the order of the form.

    A deadline or start in the past counts only for an event that is new to the public.
    """
    primary = draft.primary_language
    modes = MODES_OF[draft.format]
    needed = {
        "title": bool(draft.title.get(primary)),
        "summary": bool(draft.summary.get(primary)),
        "date": draft.starts_at > now or not is_new,
        "attending": not (is_new and lacks_rule(draft)),
        "venue": Mode.ON_SITE not in modes
        or all(line.venue.get(primary) or line.address for line in draft.occasions),
        "need": bool(draft.need.get(primary)),
        "closes_date": draft.registration_closes_at is not None
        and (draft.registration_closes_at > now or not is_new),
        "contact_name": bool(draft.contact_name),
        "contact_email": bool(draft.contact_email),
    }
    return tuple(name for name, is_there in needed.items() if not is_there)


@dataclass(frozen=True, slots=True)
class Hint:
    """Worth a thought before publication, forbids nothing. `language`, `n`: what it is about."""

    code: str
    is_fine: bool = False
    language: str = ""
    n: int = 0


def hints(
    draft: EventDraft, stale: Iterable[str], languages: Iterable[str], now: datetime
) -> Iterator[Hint]:
    """What an experienced colleague would say about the draft."""
    if draft.registration_closes_at is not None:
        days = (draft.registration_closes_at - now).days
        yield Hint("notice", days >= NOTICE_DAYS, n=max(days, 0))
    yield Hint("questions", bool(draft.questions))
    yield Hint("programme", bool(draft.programme))
    if Mode.ONLINE in MODES_OF[draft.format]:
        yield Hint("link", all(line.online_url for line in draft.occasions))
    if draft.attending == Attending.CHOOSE and draft.has_several:
        yield Hint(
            "titles", all(line.title.get(draft.primary_language) for line in draft.occasions)
        )
    for language in languages:
        if language == draft.primary_language:
            continue
        if n := untranslated(draft, language):
            yield Hint("untranslated", language=language, n=n)
        if language in stale:
            yield Hint("stale", language=language)
    yield Hint("need_not_product")


def untranslated(draft: EventDraft, language: str) -> int:
    """How many texts the primary language has that this one lacks."""
    wanted, there = said_in(draft, draft.primary_language), said_in(draft, language)
    lacks_rows = sum(_lacks_words(wanted[name], there[name]) for name in ROWS)
    return lacks_rows + sum(bool(wanted[name]) and not there[name] for name in TEXTS)


def _lacks_words(wanted: str, there: str) -> bool:
    """Whether a row of said_in() has words in one language and none in the other."""
    rows = zip(json.loads(wanted), json.loads(there), strict=True)
    return any(words and not said for row in rows for words, said in zip(*row, strict=True))


def stale_texts(old: EventDraft, new: EventDraft, stale: Iterable[str]) -> list[str]:
    """["en:need", ...] after a change: translations whose original moved on without them.

    A translation that is rewritten, or taken away, is no longer stale (decisions.md 7).
    """
    primary = new.primary_language
    was, now_said = said_in(old, primary), said_in(new, primary)
    found = []
    for language in LANGUAGES:
        if language == primary:
            continue
        before, after = said_in(old, language), said_in(new, language)
        for name in (*TEXTS, *ROWS):
            is_touched = before[name] != after[name] or not _has_words(after[name])
            is_old = f"{language}:{name}" in stale or was[name] != now_said[name]
            if is_old and not is_touched:
                found.append(f"{language}:{name}")
    return found


def _has_words(said: str) -> bool:
    return bool(said.strip('[]", '))


TOLD_BY_MAIL = (
    "title",
    "zone",
    "occasions",
    "starts_at",
    "ends_at",
    "all_day",
    "venue",
    "address",
    "online_url",
    "online_service",
)
"""Changing one of these is told to those who hold a place; a changed need mails nobody."""


def worth_telling(old: EventDraft, new: EventDraft) -> tuple[str, ...]:
    """The changed fields that those who hold a place have to be told of."""
    changed = changed_fields(old, new)
    return tuple(name for name in TOLD_BY_MAIL if name in changed)


def dropped_modes(old: EventDraft, new: EventDraft) -> tuple[Mode, ...]:
    return tuple(mode for mode in MODES_OF[old.format] if mode not in MODES_OF[new.format])


# --- what may be done when -------------------------------------------------------------------

_FROM: dict[str, tuple[EventState, ...]] = {
    "publish": (EventState.DRAFT, EventState.SCHEDULED),
    "schedule": (EventState.DRAFT, EventState.SCHEDULED),
    "unschedule": (EventState.SCHEDULED,),
    "move": (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED),
    "postpone": (EventState.PUBLISHED,),
    "set_new_date": (EventState.POSTPONED,),
    "cancel": (EventState.SCHEDULED, EventState.PUBLISHED, EventState.POSTPONED),
    "cancel_occasion": (EventState.PUBLISHED,),
    "to_procurement": (EventState.SCHEDULED, EventState.PUBLISHED, EventState.POSTPONED),
    "delete": (EventState.DRAFT,),
}
_BEFORE_THE_END = ("move", "postpone", "cancel", "cancel_occasion")


def may_now(
    verb: str, state: str, ends_at: datetime | None, phase: str | None, now: datetime
) -> bool:
    """Whether an event's state lets a verb happen (decisions.md 5 and 6)."""
    if state not in _FROM[verb]:
        return False
    if verb in _BEFORE_THE_END and state == EventState.PUBLISHED:
        return ends_at is not None and ends_at > now
    return verb != "to_procurement" or phase != Phase.PROCUREMENT


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing the switch to the procurement phase does or leaves (decisions.md 6)."""

    code: str
    n: int = 0


def procurement_consequences(
    state: str,
    closes_at: datetime | None,
    starts_at: datetime | None,
    waiting: int,
    confirmed: int,
    planned: int,
    meetings: int,
    now: datetime,
) -> list[Consequence]:
    """What is closed first, then what stays for the organiser to decide.

    `planned`: messages that would go by themselves. `meetings`: one-to-one ones to come.
    OSL 19:3: once the procurement runs, who takes part in it is secret until the award.
    """
    found = []
    if state == EventState.SCHEDULED:
        found.append(Consequence("not_open_yet"))
    found.append(Consequence("closes" if closes_at is None or closes_at > now else "closed"))
    if waiting:
        found.append(Consequence("waiting", waiting))
    if planned:
        found.append(Consequence("messages", planned))
    if meetings:
        found.append(Consequence("meetings", meetings))
    if starts_at is not None and starts_at > now:
        found.append(Consequence("still_held", confirmed))
    return found


# --- days, names, search ---------------------------------------------------------------------


def working_days_before(day: date, n: int, is_holiday: Callable[[date], bool]) -> date:
    """The day with n working days between it and `day`, itself the first of them."""
    while n:
        day -= timedelta(days=1)
        if day.weekday() < 5 and not is_holiday(day):
            n -= 1
    return day


_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})


def slug_of(title: str) -> str:
    """Lower-case ASCII words with hyphens: "Hemmets möten" -> "hemmets-moten"; never empty."""
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:SLUG_LENGTH]
        if len(longer) > SLUG_LENGTH:
            break
        slug = longer
    return slug or "event"


def search_text(draft: EventDraft, organisation: Iterable[str] = ()) -> str:
    """Everything one may search for, in all languages: NFC, casefolded (decisions.md 7)."""
    parts = [words for name in TEXTS for words in getattr(draft, name).values()]
    parts += [words for question in draft.questions for words in question.text.values()]
    parts += [words for step in draft.milestones for words in step.text.values()]
    for item in draft.programme:
        parts += [*item.title.values(), *item.text.values()]
    parts += [speaker.name for item in draft.programme for speaker in item.speakers]
    for line in draft.occasions:
        parts += [*line.title.values(), *line.venue.values(), *line.directions.values()]
        parts.append(line.address)
    parts += [draft.diary_number, *draft.cpv, draft.contact_name, *organisation]
    return unicodedata.normalize("NFC", "\n".join(filter(None, parts))).casefold()
