"""What a supplier fills in for a one-to-one meeting, and what a wish for one says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from wtforms import RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # new in 3.3

from blueprints.forms import AtMost, BaseForm, TextField, options
from blueprints.public.person_form import Choices
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, ngettext
from dialognav.models import Participant

LONGEST = 4000  # characters of a text


@dataclass(frozen=True, slots=True)
class Choosable:
    """What there is to choose among: the people who can come, at most `most` of them; languages as
    (code, name)."""

    people: Sequence[Participant]
    most: int
    languages: Sequence[tuple[str, str]]

    def ids_of(self, public_ids: Sequence[str] | None) -> tuple[int, ...]:
        chosen = set(public_ids or ())
        return tuple(one.id for one in self.people if one.public_id in chosen)

    def check(self, chosen: Sequence[str] | None) -> None:
        if not chosen:
            raise ValidationError(_("Choose at least one person who comes"))
        if len(chosen) > self.most:
            raise ValidationError(
                ngettext(
                    "At most %(num)s person of yours can come to a meeting",
                    "At most %(num)s people of yours can come to a meeting",
                    self.most,
                )
            )


class MeetingFields:
    """Who comes, what they want to raise, and what of it may be a trade secret (domain.md 2.3)."""

    people = Choices(lazy("Who comes?"), validate_choice=False)
    topics = TextField(lazy("What do you want to show or discuss?"), [AtMost(LONGEST)])
    secret_marks = TextField(lazy("Which parts may be trade secrets?"), [AtMost(LONGEST)])
    secret_reason = TextField(
        lazy("How would it harm you if they became known?"), [AtMost(LONGEST)]
    )

    choosable: Choosable

    def fit(self, choosable: Choosable) -> None:
        self.choosable = choosable
        self.people.choices = options((one.public_id, one.name) for one in choosable.people)

    def validate_people(self, field: Choices) -> None:
        self.choosable.check(field.data)

    def validate_secret_reason(self, field: TextField) -> None:
        if self.secret_marks.data and not field.data:
            raise ValidationError(
                _("Say how it would harm you, so that it can be tested when somebody asks")
            )

    @property
    def person_ids(self) -> tuple[int, ...]:
        return self.choosable.ids_of(self.people.data)


class DetailsForm(MeetingFields, BaseForm):
    """Who comes to a meeting and what about. The language is asked where there are several."""

    language = RadioField(lazy("Language of the meeting"), validate_choice=False)

    def __init__(self, choosable: Choosable, **given: Any) -> None:
        super().__init__(**given)
        self.fit(choosable)
        self.language.choices = options(choosable.languages)
        if len(choosable.languages) < 2:
            del self.language

    def validate_language(self, field: RadioField) -> None:
        if field.data not in dict(self.choosable.languages):
            raise ValidationError(_("Choose the language of the meeting"))

    @property
    def spoken(self) -> str:
        if "language" in self:
            return str(self.language.data)
        return self.choosable.languages[0][0] if self.choosable.languages else ""


@dataclass(frozen=True, slots=True)
class DayPart:
    """The time of a meeting day before or after noon, which a supplier can be away."""

    value: str
    words: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Askable:
    """What a wish can say. `slots` are (day, [(public id, words)]), of which `most_wishes` can be
    ranked: 0 where times are not wished for."""

    choosable: Choosable
    most_wishes: int
    slots: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    modes: Sequence[tuple[str, str]]
    parts: Sequence[DayPart]


class RequestForm(MeetingFields, BaseForm):
    """A wish for a meeting: ranked times, when one cannot, in which way and in which languages.

    request_form() makes one with as many wishes as can be ranked.
    """

    away = Choices(lazy("When can you not come?"), validate_choice=False)
    modes = Choices(lazy("Which ways of meeting suit you?"), validate_choice=False)
    languages = Choices(lazy("Which languages can you speak?"), validate_choice=False)

    def __init__(self, askable: Askable, **given: Any) -> None:
        super().__init__(**given)
        self.askable = askable
        self.fit(askable.choosable)
        self.away.choices = options((part.value, part.words) for part in askable.parts)
        self.modes.choices = options(askable.modes)
        self.languages.choices = options(askable.choosable.languages)
        for n, wish in enumerate(self.wishes, 1):
            wish.label.text = _("Wish %(number)s", number=n)
            wish.choices = _slot_choices(askable)
        if len(askable.modes) < 2:
            del self.modes
        if len(askable.choosable.languages) < 2:
            del self.languages

    @property
    def wishes(self) -> list[SelectField]:
        return [
            field for field in self if isinstance(field, SelectField) and field.name[:5] == "wish_"
        ]

    @property
    def ranked(self) -> list[str]:
        """The public ids of the slots wished for, the dearest first."""
        return [str(field.data) for field in self.wishes if field.data]

    def validate(self, extra_validators: Any = None) -> bool:
        """Gaps between wishes are nothing wrong; the same time twice is, and none at all."""
        good = bool(super().validate(extra_validators))
        there = {value for _day, some in self.askable.slots for value, _words in some}
        for n, field in enumerate(self.wishes):
            before = [other.data for other in self.wishes[:n]]
            if field.data and field.data in before:
                field.errors = [_("You have chosen this time already")]
            elif field.data and field.data not in there:
                field.errors = [_("This time is no longer to be had. Choose another.")]
        if self.wishes and not self.ranked:
            self.wishes[0].errors = [_("Choose at least one time")]
        return good and not any(field.errors for field in self.wishes)

    @property
    def away_spans(self) -> list[DayPart]:
        chosen = set(self.away.data or ())
        return [part for part in self.askable.parts if part.value in chosen]


def request_form(askable: Askable, **given: Any) -> RequestForm:
    return _with_wishes(askable.most_wishes)(askable, **given)


@lru_cache(maxsize=32)
def _with_wishes(number: int) -> type[RequestForm]:
    fields = {f"wish_{n}": SelectField(validate_choice=False) for n in range(1, number + 1)}
    return type("RankedRequestForm", (RequestForm,), fields)


def _slot_choices(askable: Askable) -> list[SelectChoice]:
    """A time that is gone since cannot be chosen: a browser sends what stood in the page."""
    none = SelectChoice("", _("No wish"))
    return [
        none,
        *(
            SelectChoice(value, words, optgroup=day)
            for day, some in askable.slots
            for value, words in some
        ),
    ]
