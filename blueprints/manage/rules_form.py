"""The form of an event's rules of admission: typed text one way, read and checked the other."""

import re
from collections.abc import Iterable
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField

from blueprints.forms import BaseForm, LineField, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG
from blueprints.manage.rules_words import (
    DECLININGS,
    NAMES,
    PROMOTIONS,
    VISIBILITIES,
    sentence_of,
)
from dialognav import words
from dialognav.domain.rules import MODES, AdmissionRules, Impossible, Places, marks
from dialognav.domain.timing import is_ambiguous, to_wall
from dialognav.i18n import gettext
from dialognav.i18n import lazy as _
from dialognav.models import Event

MOST_PER_PARTY = 1000
_MARK = re.compile(r"([a-z_]{1,30}(?:\.[0-9]{1,12})?):([0-9a-f]{10})")
_AS_THEY_ARE = (
    "audience",
    "visibility",
    "registration_review",
    "asks_mandate",
    "waiting_list",
    "promotion",
    "offer_together",
    "declining",
)
_NUMBERS = ("capacity_on_site", "capacity_online", "limit_per_party")
_HOURS = ("offer_hours", "queue_ends_hours")
_MOMENTS = {"opens": "opens_at", "closes": "closes_at", "answers": "answers_until"}
_OTHERWISE = {"opens": time(0), "closes": typed.LAST_MINUTE, "answers": typed.LAST_MINUTE}


class RulesForm(BaseForm):
    """For an event of one occasion; rules_form() has the fields of several."""

    # What the form began with, as marks; brought back by static/js/keep.js with unsent text.
    version = HiddenField()
    audience = RadioField(NAMES["audience"], choices=options(words.AUDIENCES.items()), **WRONG)
    visibility = RadioField(NAMES["visibility"], choices=options(VISIBILITIES.items()), **WRONG)
    opens_date = LineField(_("Date"))
    opens_time = LineField(_("Time"))
    closes_date = LineField(_("Date"))
    closes_time = LineField(_("Time"))
    capacity_on_site = LineField(NAMES["capacity_on_site"])
    capacity_online = LineField(NAMES["capacity_online"])
    limit_per_party = LineField(NAMES["limit_per_party"])
    registration_review = BooleanField(NAMES["registration_review"])
    asks_mandate = BooleanField(NAMES["asks_mandate"])
    answers_date = LineField(_("Date"))
    answers_time = LineField(_("Time"))
    waiting_list = BooleanField(NAMES["waiting_list"])
    promotion = RadioField(NAMES["promotion"], choices=options(PROMOTIONS.items()), **WRONG)
    offer_hours = LineField(NAMES["offer_hours"])
    offer_together = BooleanField(NAMES["offer_together"])
    queue_ends_hours = LineField(NAMES["queue_ends_hours"])
    declining = RadioField(NAMES["declining"], choices=options(DECLININGS.items()), **WRONG)
    more: tuple[int, ...] = ()  # ids of the occasions after the first

    def places_of(self, occasion_id: int) -> list[Any]:
        """The fields of an occasion's places; those of the first have no number."""
        end = f"_{occasion_id}" if occasion_id in self.more else ""
        return [self[f"{name}{end}"] for name in MODES.values()]

    @property
    def began_with(self) -> dict[str, str]:
        """The marks of the rules that the form was opened on."""
        return dict(_MARK.findall((self.version.data or "")[:20_000]))

    def read(self, zone: str) -> AdmissionRules | None:
        """What was typed, or None when a field got a sentence. Call it on a validated form.

        An occasion added since the form was opened has no fields in it, and no places here.
        """
        read: dict[str, Any] = {name: self[name].data for name in _AS_THEY_ARE}
        for name, rule in _MOMENTS.items():
            fields = (self[f"{name}_date"], self[f"{name}_time"])
            read[rule] = typed.read_moment(*fields, zone, _OTHERWISE[name])
        for name in _NUMBERS:
            most = MOST_PER_PARTY if name == "limit_per_party" else typed.MOST_PLACES
            read[name] = typed.read_number(self[name], most)
        for name in _HOURS:
            read[name] = self._read_hours(name)
        known = [each for each in self.more if f"capacity_on_site.{each}" in self.began_with]
        read["more_places"] = tuple(
            Places(each, *map(typed.read_number, self.places_of(each))) for each in known
        )
        return None if any(field.errors for field in self) else AdmissionRules(**read)

    def _read_hours(self, name: str) -> int:
        """Whole hours; empty means the usual number."""
        said = self[name].data
        if said and not re.fullmatch(r"[0-9]{1,6}", said):
            typed.complain(self[name], gettext("Enter a whole number of hours"))
            said = ""
        return int(said or getattr(AdmissionRules(), name))

    def complain(self, wrong: Impossible) -> None:
        """Say at its field what cannot be."""
        fields = {rule: f"{name}_date" for name, rule in _MOMENTS.items()}
        field = self[fields.get(wrong.rule, wrong.rule)]
        typed.complain(field, sentence_of(wrong.rule, wrong.code))


@lru_cache(maxsize=64)
def _form_class(more: tuple[int, ...]) -> type[RulesForm]:
    fields: dict[str, Any] = {
        f"{name}_{each}": LineField(NAMES[name]) for each in more for name in MODES.values()
    }
    return type("RulesForm", (RulesForm,), {**fields, "more": more})


def rules_form(event: Event) -> type[RulesForm]:
    """The form's class for an event's live occasions."""
    return _form_class(tuple(each.id for each in event.live_occasions[1:]))


def fresh_form(
    event: Event, rules: AdmissionRules, base: AdmissionRules | None = None
) -> RulesForm:
    """A form that shows the rules and remembers what it began with: `base`, or the same."""
    data: dict[str, Any] = {name: getattr(rules, name) for name in _AS_THEY_ARE}
    data |= {name: _number_of(getattr(rules, name)) for name in (*_NUMBERS, *_HOURS)}
    data |= _places_of(rules.more_places)
    for name, rule in _MOMENTS.items():
        data |= _moment_of(name, getattr(rules, rule), event.zone)
    version = " ".join(f"{name}:{mark}" for name, mark in marks(base or rules).items())
    return rules_form(event)(formdata=None, data=data | {"version": version})


def _places_of(more: Iterable[Places]) -> dict[str, str]:
    return {
        f"{name}_{places.occasion_id}": _number_of(places.of(mode))
        for places in more
        for mode, name in MODES.items()
    }


def _number_of(number: int | None) -> str:
    return "" if number is None else str(number)


def _moment_of(name: str, instant: datetime | None, zone: str) -> dict[str, str]:
    if instant is None:
        return {f"{name}_date": "", f"{name}_time": ""}
    wall = to_wall(instant, zone)
    return {f"{name}_date": wall.date().isoformat(), f"{name}_time": f"{wall:%H:%M}"}


def repeated_hours(rules: AdmissionRules, zone: str) -> list[str]:
    """Time fields whose wall time comes twice in an autumn night; the first of the two is meant."""
    return [
        f"{name}_time"
        for name, rule in _MOMENTS.items()
        if (at := getattr(rules, rule)) is not None and is_ambiguous(to_wall(at, zone), zone)
    ]
