"""Choosing whom a mailing is for: what may be ticked, and what was ticked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from dialognav.db import db
from dialognav.domain.audience import Audience, audience_from_json
from dialognav.domain.form_fields import CONDITIONAL_ON, NO, YES, Question
from dialognav.domain.terms import Mode, PartyKind
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, pick
from dialognav.mail.audience_rows import Counts, counts
from dialognav.mail.table_rows import table_readers
from dialognav.models import Event
from dialognav.occasion_names import dates_text, occasion_name
from dialognav.queries import messages
from dialognav.queries.form_fields import all_questions
from dialognav.words import MODES, PARTY_KINDS

Typed = MultiDict[str, str]

STATES: dict[str, Any] = {
    "confirmed": lazy("Confirmed"),
    "attended": lazy("Of them: were there"),
    "no_show": lazy("Of them: did not come"),
    "offered": lazy("Offered a place"),
    "waiting": lazy("On the waiting list"),
    "pending": lazy("Awaiting approval"),
    "declined": lazy("Not approved"),
    "withdrawn": lazy("Withdrawn"),
    "without": lazy("Registered, without a place"),
}
_NARROWING: dict[str, Any] = {
    "modes": lazy("Way of attending"),
    "occasions": lazy("Session"),
    "tables": lazy("One-to-one meetings at"),
    "party_kinds": lazy("Kind of organisation"),
    "answers": lazy("Answers"),
}
_CRITERIA = (
    *("states", "modes", "occasions", "tables", "party_kinds", "answers"),
    "includes_contacts",
)
LISTED = 300  # people chosen by name whose boxes still fit in a form


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    number: int | None
    is_on: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes of one kind of criterion. `lang` when the legend is the event's own words."""

    name: str
    legend: str
    choices: list[Choice]
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Chooser:
    """What the form shows. `who`: some, people, or (too many for boxes) kept.

    `unseen`: what is ticked under another of these, and comes back when that is chosen again.
    """

    who: str
    groups: list[Group]
    people: list[Choice]
    found: int
    words: str
    kept: int
    includes_dead: bool
    unseen: list[tuple[str, str]]


def typed_of(audience: Audience) -> Typed:
    """A stored audience as its form would send it."""
    who = "some" if not audience.people else "people"
    if len(audience.people) > LISTED:
        who = "kept"
    pairs: list[tuple[str, str]] = [("who", who)]
    for name in ("states", "modes", "occasions", "tables", "party_kinds", "events"):
        pairs += [(name, str(value)) for value in getattr(audience, name)]
    pairs += [
        ("answers", f"{field}:{value}")
        for field, values in audience.answers
        for value in values or ("",)
    ]
    if who == "people":
        pairs += [("people", str(one)) for one in sorted(audience.people)]
    for name in ("includes_contacts", "includes_dead"):
        if getattr(audience, name):
            pairs.append((name, "y"))
    return MultiDict(pairs)


def read_audience(typed: Typed, event_ids: Collection[int], stored: Audience) -> Audience:
    """What was ticked; of the events only those that may be chosen. Nobody by default."""
    said: dict[str, Any] = {
        "events": sorted(event_ids),
        "includes_dead": bool(typed.get("includes_dead")),
        "only_live": stored.only_live,
    }
    if typed.get("who") == "kept":
        said["people"] = sorted(stored.people)
    elif typed.get("who") == "people":
        said["people"] = _numbers(typed.getlist("people"))
    else:
        said |= {name: typed.getlist(name) for name in ("states", "modes", "party_kinds")}
        for name in ("occasions", "tables"):
            said[name] = _numbers(typed.getlist(name)) or typed.getlist(name)
        said["answers"] = _answers(typed.getlist("answers"))
        said["includes_contacts"] = bool(typed.get("includes_contacts"))
    return audience_from_json(said)


def _numbers(typed: Iterable[str]) -> list[int]:
    digits = [one for one in typed if one.isascii() and one.removeprefix("-").isdigit()]
    return [int(one) for one in digits if len(one) < 10]


def _answers(typed: Iterable[str]) -> list[list[Any]]:
    found: dict[int, list[str]] = {}
    for one in typed:
        field, _colon, value = one.partition(":")
        for number in _numbers([field]) or [0]:  # what is no field is answered by nobody
            found.setdefault(number, []).append(value)
    return [[field, values] for field, values in found.items()]


def chosen_events(typed: Typed, offered: Iterable[Event]) -> list[int]:
    wanted = set(_numbers(typed.getlist("events")))
    return [event.id for event in offered if event.id in wanted]


# --- the boxes ---------------------------------------------------------------------------------


def chooser(typed: Typed, event: Event | None, offered: list[Event], kept: int) -> Chooser:
    """The boxes for one event, or (None) for those that are ticked among the offered."""
    ids = [event.id] if event else chosen_events(typed, offered)
    found = counts(db.session(), ids)
    groups = [] if event else [_events_group(typed, offered)]
    groups.append(_group(typed, "states", _("State"), STATES.items(), found.states))
    groups += _narrowing(typed, event, found)
    groups += _gone(typed, groups)
    contacts = [("y", _("Their contacts who do not take part themselves"))]
    groups.append(_group(typed, "includes_contacts", _("Also"), contacts, {"y": found.contacts}))
    words = typed.get("find", "")[:80]
    people, number = _people(typed, ids, words)
    who = typed.get("who", "some")
    shown = {"some": _CRITERIA, "people": ("people",)}.get(who, ())
    return Chooser(
        who=who,
        groups=[group for group in groups if group.choices],
        people=people,
        found=number,
        words=words,
        kept=kept,
        includes_dead=bool(typed.get("includes_dead")),
        unseen=[
            (name, value)
            for name in (*_CRITERIA, "people")
            if name not in shown
            for value in typed.getlist(name)
        ],
    )


def _group(
    typed: Typed, name: str, legend: str, pairs: Iterable[tuple[Any, Any]], numbers: Any
) -> Group:
    """Those that would reach somebody, and those that are ticked already."""
    ticked = set(typed.getlist(name))
    choices = [
        Choice(str(value), str(label), numbers.get(value, 0), str(value) in ticked)
        for value, label in pairs
    ]
    return Group(name, legend, [one for one in choices if one.number or one.is_on])


def _events_group(typed: Typed, offered: list[Event]) -> Group:
    ticked = set(typed.getlist("events"))
    choices = [
        Choice(
            str(event.id),
            f"{pick(event.title, event.primary_language, 'en')[0]}, {dates_text(event, 'medium')}",
            None,
            str(event.id) in ticked,
        )
        for event in offered
    ]
    return Group("events", _("Events"), choices)


def _narrowing(typed: Typed, event: Event | None, found: Counts) -> list[Group]:
    """What leaves people out: only what tells some of them from others."""
    groups = []
    if len([mode for mode in found.modes if found.modes[mode]]) > 1 or typed.getlist("modes"):
        modes = [(mode, MODES[mode]) for mode in Mode]
        groups.append(_group(typed, "modes", _("Way of attending"), modes, found.modes))
    if event and len(event.occasions) > 1:
        occasions = [(one.id, occasion_name(event, one)) for one in event.occasions]
        groups.append(_group(typed, "occasions", _("Session"), occasions, found.occasions))
    if event:
        groups.append(_tables_group(typed, event))
    if len(found.party_kinds) > 1 or typed.getlist("party_kinds"):
        kinds = [(kind, PARTY_KINDS[kind]) for kind in PartyKind]
        groups.append(
            _group(typed, "party_kinds", _("Kind of organisation"), kinds, found.party_kinds)
        )
    return groups + (_answer_groups(typed, event, found) if event else [])


def _tables_group(typed: Typed, event: Event) -> Group:
    """Tables of one-to-one meetings that somebody comes to."""
    readers = table_readers(db.session(), event.id)
    names = [(one.id, pick(one.name, event.primary_language, "en")[0]) for one in readers]
    numbers = {one.id: one.number for one in readers}
    return _group(typed, "tables", str(_NARROWING["tables"]), names, numbers)


def _answer_groups(typed: Typed, event: Event, found: Counts) -> list[Group]:
    if not event.has_fields:
        return []
    numbers = {f"{field}:{value}": number for (field, value), number in found.answers.items()}
    groups = []
    for question in all_questions(db.session(), event.id):
        if question.kind not in CONDITIONAL_ON:
            continue
        label, lang = pick(question.label, event.primary_language, "en")
        pairs = [(f"{question.id}:{key}", words) for key, words in _options(question, event)]
        group = _group(typed, "answers", label, pairs, numbers)
        groups.append(Group(group.name, label, group.choices, lang))
    return groups


def _gone(typed: Typed, groups: list[Group]) -> list[Group]:
    """What is ticked and can be chosen no longer, such as an answer that was taken out of its
    question: without it more people would be meant, so that somebody has to take it away."""
    shown = {(group.name, one.value) for group in groups for one in group.choices}
    return [
        Group(name, str(legend), [Choice(one, _("No longer to choose"), 0, True) for one in left])
        for name, legend in _NARROWING.items()
        if (left := [one for one in typed.getlist(name) if (name, one) not in shown])
    ]


def _options(question: Question, event: Event) -> list[tuple[str, str]]:
    if question.options:
        primary = event.primary_language
        return [(one.key, pick(one.text, primary, "en")[0]) for one in question.options]
    return [(YES, _("Yes")), (NO, _("No"))]


def _people(typed: Typed, event_ids: list[int], words: str) -> tuple[list[Choice], int]:
    """Those ticked, and of the others those that fit the words; how many fit in all."""
    if typed.get("who") != "people" or not event_ids:
        return [], 0
    ticked = set(_numbers(typed.getlist("people")))
    every = messages.people_of(db.session(), event_ids)
    wanted = words.casefold().split()[:8]
    on = [one for one in every if one.id in ticked]
    off = [one for one in every if one.id not in ticked and one.fits(wanted)]
    choices = [_person(one, is_on=True) for one in on]
    return choices + [_person(one, is_on=False) for one in off[: messages.MOST_PEOPLE]], len(off)


def _person(one: messages.Person, *, is_on: bool) -> Choice:
    contact = _("contact, does not take part") if one.id < 0 else ""
    gone = _("withdrawn") if one.is_gone else ""
    words = (one.name, one.party, contact, gone)
    return Choice(str(one.id), ", ".join(filter(None, words)), None, is_on)
