"""The fields of one person: in the sign-up form, and later on the own page."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, Field, Form, RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget, TelInput

from blueprints.forms import AddressField, AtMost, BaseForm, LineField, Required, TextField
from blueprints.public.answer_fields import AnswerForm, FormData
from blueprints.public.sessions import is_chosen, to_choose
from dialognav.actions.registrations import Details, NewPerson, Wish
from dialognav.clock import utcnow
from dialognav.domain.form_fields import Question
from dialognav.domain.terms import MODES_OF, FieldScope
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, ngettext
from dialognav.models import Event
from dialognav.occasion_names import occasion_name
from dialognav.words import MODES


class Choices(SelectMultipleField):
    """Boxes to tick. What is not among them is dropped: a forgery, or gone since (`dropped`)."""

    dropped: AbstractSet[str] = frozenset()

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        offered = {str(next(iter(choice))) for choice in self.choices or ()}
        self.dropped = {value for value in self.data or [] if value not in offered}
        self.data = [value for value in self.data or [] if value in offered]


@dataclass(frozen=True, slots=True)
class Change:
    """Of the sessions of somebody registered: the ids of those ahead, how many have begun (which
    count towards the most one may choose), and whether others can still be added."""

    has: AbstractSet[int]
    begun: int
    may_add: bool


def _sessions(event: Event, change: Change | None) -> list[tuple[str, str]]:
    """What there is to choose; nothing where a newcomer gets all of them."""
    if not is_chosen(event) and (change is None or len(event.occasions) < 2):
        return []
    ahead = to_choose(event, utcnow())
    if change is not None and not change.may_add:
        ahead = [each for each in ahead if each.id in change.has]
    return [(str(each.id), occasion_name(event, each, "medium")) for each in ahead]


class PersonFields:
    """Which of these a form has depends on the event: see fit()."""

    name = LineField(lazy("Name"), [Required(lazy("Write the person's name")), AtMost(120)])
    title = LineField(lazy("Role"), [AtMost(120)])
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )
    mode = RadioField(lazy("Takes part"), validate_choice=False)
    occasions = Choices(lazy("Sessions"), validate_choice=False)
    accessibility_need = TextField(lazy("Accessibility needs"), [AtMost(500)])
    diet = TextField(lazy("Dietary needs"), [AtMost(300)])
    mandate = TextField(lazy("Mandate"), [AtMost(500)])

    event: Event
    answers: AnswerForm
    begun = 0

    def fit(
        self,
        event: Event,
        *,
        with_seat: bool = True,
        with_mandate: bool = True,
        change: Change | None = None,
    ) -> None:
        """Leave only what there is to ask at this event. `change`: of somebody who is registered,
        who may also leave out single ones of several that belong together."""
        self.event, self.begun = event, change.begun if change else 0
        form: Any = self
        modes = MODES_OF[event.format]
        if len(modes) > 1 and with_seat:
            form.mode.choices = [(str(mode), MODES[mode]) for mode in modes]
            if form.mode.data not in modes and not form.mode.raw_data:
                form.mode.data = str(modes[0])
        else:
            del form.mode
        form.occasions.choices = _sessions(event, change) if with_seat else []
        if not form.occasions.choices:
            del form.occasions
        if not event.serves_food:
            del form.diet
        if event.asks_mandate and with_mandate:
            form.mandate.flags.required = True
        else:
            del form.mandate

    def check_seat(self) -> bool:
        """Whether a way of attending and some occasion are chosen, and a mandate is stated."""
        form: Any = self
        if "mandate" in form and not form.mandate.data:
            form.mandate.errors = [_("Write what this person may decide, or that they listen only")]
            return False
        modes = MODES_OF[self.event.format]
        if "mode" in form and form.mode.data not in modes:
            form.mode.errors = [_("Choose how this person takes part")]
            return False
        if "occasions" in form and (sentence := self._check_sessions(form.occasions)):
            form.occasions.errors = [sentence]
            return False
        return True

    def _check_sessions(self, field: Choices) -> str:
        """What is wrong with those chosen, or nothing."""
        chosen, most = list(field.data or ()), self.event.sessions_most
        if field.dropped & {str(each.id) for each in self.event.occasions}:
            return _("A session that you chose can no longer be chosen. Look at the others.")
        if not chosen:
            return _("Choose at least one session")
        if is_chosen(self.event) and most is not None and self.begun + len(chosen) > most:
            return ngettext(
                "Choose at most %(num)s session", "Choose at most %(num)s sessions", most
            )
        return ""

    @property
    def wish(self) -> Wish:
        form: Any = self
        mode = form.mode.data if "mode" in form else MODES_OF[self.event.format][0]
        chosen = form.occasions.data if "occasions" in form else []
        return Wish(str(mode), tuple(int(code) for code in chosen))

    @property
    def asks_seat(self) -> bool:
        return "mode" in self or "occasions" in self  # type: ignore[operator]

    @property
    def details(self) -> Details:
        form: Any = self
        return Details(
            name=str(form.name.data),
            title=str(form.title.data or ""),
            accessibility_need=str(form.accessibility_need.data or ""),
            diet=str(form.diet.data or "") if "diet" in form else "",
            mandate=str(form.mandate.data or "") if "mandate" in form else self.said_mandate,
        )

    said_mandate = ""  # what stands, when it is no longer asked

    def command(self) -> NewPerson:
        form: Any = self
        details = self.details
        return NewPerson(
            name=details.name,
            email=str(form.email.data),
            wish=self.wish,
            title=details.title,
            accessibility_need=details.accessibility_need,
            diet=details.diet,
            mandate=details.mandate,
            answers=self.answers.given,
        )


class _Card(PersonFields, Form):
    """A person inside the sign-up form, which carries the token for all."""

    class Meta:
        locales = False

    def __init__(
        self,
        event: Event,
        formdata: FormData | None,
        *,
        prefix: str,
        questions: Sequence[Question] = (),
        moved: "_Card | None" = None,
        **given: Any,
    ) -> None:
        """`moved`: the card that stood elsewhere in the page before, with all that is in it."""
        if moved is not None:
            given = {"data": moved.data}
        super().__init__(formdata, prefix=prefix, **given)
        self.fit(event)
        self.answers = AnswerForm(
            questions,
            FieldScope.PERSON,
            event.primary_language,
            formdata,
            prefix=prefix,
            moved=moved.answers if moved is not None else None,
        )

    def __iter__(self) -> Iterator[Field]:
        yield from super().__iter__()
        yield from self.answers


class ColleagueForm(_Card):
    @property
    def is_blank(self) -> bool:
        """A card that was added and left alone: nobody."""
        typed = (self.name.data, self.email.data, self.title.data)
        return not any(typed) and self.answers.is_blank

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return self.check_seat() and valid


class ContactForm(_Card):
    """Person 1. Whether the contact takes part is the contact's to say."""

    phone = LineField(lazy("Phone"), [AtMost(60)], widget=TelInput())
    takes_part = BooleanField(lazy("I take part myself"), default=True)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return (not self.takes_part.data or self.check_seat()) and valid


class OwnPersonForm(PersonFields, BaseForm):
    """One person on the own page: added, swapped in, or changed.

    `with_seat`: whether the way of attending is asked; `with_email`: only the contact may correct
    an address, since it decides who holds the person's link.
    """

    def __init__(
        self,
        event: Event,
        *,
        answers: AnswerForm,
        with_seat: bool = True,
        with_email: bool = True,
        with_mandate: bool = True,
        change: Change | None = None,
        **given: Any,
    ) -> None:
        super().__init__(**given)
        self.fit(event, with_seat=with_seat, with_mandate=with_mandate, change=change)
        self.answers = answers
        if not with_email:
            del self.email

    def __iter__(self) -> Iterator[Field]:
        yield from super().__iter__()
        yield from self.answers

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        together = [self.check_seat(), self.answers.validate()]
        return valid and all(together)


class HandOverForm(BaseForm):
    name = LineField(lazy("Name"), [Required(lazy("Write the person's name")), AtMost(120)])
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )
    phone = LineField(lazy("Phone"), [AtMost(60)], widget=TelInput())


class AddressForm(BaseForm):
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )
