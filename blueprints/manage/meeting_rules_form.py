"""The form of the rules of one-to-one meetings: typed text one way, read and checked the other."""

import re
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import AtMost, BaseForm, LineField, TextField, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG
from blueprints.manage.meeting_plan_words import sentence_of, standard_text
from dialognav.domain.meeting_rules import RANGES, SPOKEN, MeetingRulesDraft
from dialognav.domain.rules import Impossible
from dialognav.domain.slots import LENGTHS
from dialognav.domain.timing import is_ambiguous, to_wall
from dialognav.i18n import NAMES as LANGUAGE_NAMES
from dialognav.i18n import language_name, lazy, speaking
from dialognav.meeting_rule_words import RULES
from dialognav.meeting_words import HAND_OUTS

LONGEST_TEXT = 5000
_MOMENTS = {"opens": ("opens_at", time(9)), "closes": ("closes_at", typed.LAST_MINUTE)}


def _languages() -> list[Any]:
    return options((code, language_name(code)) for code in SPOKEN)


class MeetingRulesForm(BaseForm):
    version = HiddenField()  # the revision; brought back by static/js/keep.js with unsent text
    hand_out = RadioField(RULES["hand_out"], choices=options(HAND_OUTS.items()), **WRONG)
    slot_minutes = SelectField(
        RULES["slot_minutes"], choices=options((str(n), str(n)) for n in LENGTHS), **WRONG
    )
    gap_minutes = LineField(RULES["gap_minutes"])
    opens_date = LineField(lazy("Date"))
    opens_time = LineField(lazy("Time"))
    closes_date = LineField(lazy("Date"))
    closes_time = LineField(lazy("Time"))
    most_per_party = LineField(RULES["most_per_party"])
    most_people = LineField(RULES["most_people"])
    most_wishes = LineField(RULES["most_wishes"])
    languages = SelectMultipleField(
        RULES["languages"],
        choices=_languages,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        **WRONG,
    )
    fact_check_days = LineField(RULES["fact_check_days"])
    reason = LineField(lazy("Why the rules change"), [AtMost(500)])
    tongues: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, Any]]:
        return [(code, LANGUAGE_NAMES[code][0], self[f"text_{code}"]) for code in self.tongues]

    @property
    def revision(self) -> int:
        """The revision the form began with; -1, which none has, when that cannot be read."""
        said = self.version.data or ""
        return int(said) if re.fullmatch(r"[0-9]{1,9}", said) else -1

    def read(self, zone: str, kept: dict[str, str]) -> MeetingRulesDraft | None:
        """What was typed, or None when a field got a sentence. `kept`: the text in languages that
        the form does not show. Call it on a validated form."""
        read: dict[str, Any] = {"hand_out": self.hand_out.data}
        for name, (rule, otherwise) in _MOMENTS.items():
            fields = (self[f"{name}_date"], self[f"{name}_time"])
            read[rule] = typed.read_moment(*fields, zone, otherwise)
        for name, (least, _most) in RANGES.items():
            read[name] = self._read_number(name, least)
        said = {code: field.data or "" for code, _own, field in self.texts}
        if any(field.errors for field in self):
            return None
        return MeetingRulesDraft(
            slot_minutes=int(self.slot_minutes.data),
            languages=tuple(self.languages.data or ()),
            text={code: text for code, text in {**kept, **said}.items() if text},
            **read,
        )

    def _read_number(self, name: str, least: int) -> int:
        said = (self[name].data or "").replace(" ", "")
        if not re.fullmatch(r"[0-9]{1,4}", said):
            self.complain(Impossible(name, "range"))
            return least
        return int(said)

    def complain(self, wrong: Impossible) -> None:
        """Say at its field what cannot be."""
        fields = {rule: f"{name}_date" for name, (rule, _otherwise) in _MOMENTS.items()}
        typed.complain(
            self[fields.get(wrong.rule, wrong.rule)], sentence_of(wrong.rule, wrong.code)
        )


@lru_cache(maxsize=16)
def rules_form(tongues: tuple[str, ...]) -> type[MeetingRulesForm]:
    """The form's class for an event written in these languages, the primary first."""
    fields: dict[str, Any] = {
        f"text_{code}": TextField(RULES["text"], [AtMost(LONGEST_TEXT)]) for code in tongues
    }
    return type("MeetingRulesForm", (MeetingRulesForm,), {**fields, "tongues": tongues})


def fresh_form(
    tongues: tuple[str, ...], rules: MeetingRulesDraft, zone: str, revision: int
) -> MeetingRulesForm:
    data: dict[str, Any] = {
        "version": str(revision),
        "hand_out": rules.hand_out,
        "slot_minutes": str(rules.slot_minutes),
        "languages": list(rules.languages),
    }
    data |= {name: str(getattr(rules, name)) for name in RANGES}
    data |= {f"text_{code}": rules.text.get(code, "") for code in tongues}
    for name, (rule, _otherwise) in _MOMENTS.items():
        data |= _moment_of(name, getattr(rules, rule), zone)
    return rules_form(tongues)(formdata=None, data=data)


def begun_rules(tongues: tuple[str, ...], opens_at: datetime) -> MeetingRulesDraft:
    """What the editor begins with where there are no rules yet."""
    text = {}
    for code in tongues:
        with speaking(code):
            text[code] = standard_text()
    spoken = tuple(code for code in SPOKEN if code in tongues)
    return MeetingRulesDraft(opens_at=opens_at, languages=spoken, text=text)


def _moment_of(name: str, instant: datetime | None, zone: str) -> dict[str, str]:
    if instant is None:
        return {}
    wall = to_wall(instant, zone)
    return {f"{name}_date": wall.date().isoformat(), f"{name}_time": f"{wall:%H:%M}"}


def repeated_hours(rules: MeetingRulesDraft, zone: str) -> set[str]:
    """Time fields whose wall time comes twice in an autumn night; the first of the two is meant."""
    return {
        f"{name}_time"
        for name, (rule, _otherwise) in _MOMENTS.items()
        if (at := getattr(rules, rule)) is not None and is_ambiguous(to_wall(at, zone), zone)
    }
