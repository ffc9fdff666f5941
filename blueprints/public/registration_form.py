"""The sign-up form: an organisation, its contact, and one card for each colleague.

Cards come and go by submit buttons (`action=add`, `action=remove-2`), so that the page needs no
script; whatever else was typed stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, Field, SelectField

from blueprints.context import settings
from blueprints.forms import AtMost, BaseForm, LineField, Required, TextField
from blueprints.public.answer_fields import AnswerForm, FormData, asks_files, hangs_on_registration
from blueprints.public.bot_check import OpenedField
from blueprints.public.person_form import ColleagueForm, ContactForm
from dialognav.actions.registration_rules import persons_allowed
from dialognav.actions.registrations import Contact, NewPerson, Register
from dialognav.countries import country_name
from dialognav.domain.admission import PERSONS_PER_FORM
from dialognav.domain.form_fields import Question
from dialognav.domain.parties import (
    COUNTRIES,
    ELSEWHERE,
    EU,
    BadIdentifier,
    Identifier,
    make_party,
    may_attend,
    read_identifier,
)
from dialognav.domain.terms import Audience, FieldScope, PartyKind
from dialognav.i18n import current_language, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.words import PARTY_KINDS

_CARD = re.compile(r"people-(\d{1,4})-(?:name|email|title)")
_MOST_CARDS = 60  # read from one post, however many it holds


class RegistrationForm(BaseForm):
    """`contact` and `people` are forms of their own; iterating gives the order of the page."""

    party_name = LineField(
        lazy("Organisation"), [Required(lazy("Write the organisation's name")), AtMost(200)]
    )
    party_kind = SelectField(lazy("Kind of organisation"), validate_choice=False)
    country = SelectField(lazy("Country of registration"), validate_choice=False)
    identifier = LineField(lazy("Organisation number"), [AtMost(60)])
    message = TextField(lazy("Message to the organiser"), [AtMost(1000)])
    later_invitations = BooleanField(lazy("Tell us about the organiser's next events"))
    website = LineField(lazy("Leave this empty"))
    opened = OpenedField()

    def __init__(
        self,
        event: Event,
        formdata: FormData | None,
        questions: Sequence[Question] = (),
        **given: Any,
    ) -> None:
        super().__init__(formdata, **given)
        self.by_staff = False
        self.event = event
        self.questions = questions
        self.number: Identifier | None = None
        self.party_kind.choices = _kind_choices(event)
        self.country.choices = _country_choices()
        self.answers = AnswerForm(
            questions, FieldScope.REGISTRATION, event.primary_language, formdata
        )
        self.contact = ContactForm(event, formdata, prefix="contact-", questions=questions)
        self.people = [
            ColleagueForm(event, formdata, prefix=f"people-{index}-", questions=questions)
            for index in _indices(formdata)
        ]

    @classmethod
    def blank(cls, event: Event, questions: Sequence[Question] = ()) -> "RegistrationForm":
        """As a visitor meets it: one person, who is the contact."""
        is_for_buyers = event.audience == Audience.BUYERS
        return cls(
            event,
            None,
            questions,
            party_kind="" if is_for_buyers else PartyKind.COMPANY,
            country="NO" if current_language() == "nb" else "SE",
        )

    def __iter__(self) -> Iterator[Field]:
        own = list(super().__iter__())
        first_after_people = own.index(self.message)
        yield from own[:first_after_people]
        if self.asks_first:
            yield from self.answers
        for part in (self.contact, *self.people):
            yield from part
        if not self.asks_first:
            yield from self.answers
        yield from own[first_after_people:]

    @property
    def asks_first(self) -> bool:
        """Whether the organisation's questions stand before the people's, which hang on them."""
        return hangs_on_registration(self.questions)

    @property
    def answer_forms(self) -> list[AnswerForm]:
        people = [part.answers for part in (self.contact, *self.people)]
        return [self.answers, *people]

    @property
    def has_files(self) -> bool:
        return asks_files(self.questions)

    # --- more people, fewer people --------------------------------------------------------------

    @property
    def people_allowed(self) -> int:
        """Staff may go beyond the limit of one organisation, with a reason."""
        return PERSONS_PER_FORM if self.by_staff else persons_allowed(self.event)

    @property
    def may_add(self) -> bool:
        return len(self.people) + 1 < self.people_allowed + (not self.contact.takes_part.data)

    def rearrange(self, action: str) -> None:
        """Do what the button of a card asks, and number the cards anew."""
        kept: list[ColleagueForm | None] = [*self.people]
        if action == "add" and self.may_add:
            kept.append(None)
        elif action.startswith("remove-"):
            gone = action.removeprefix("remove-")
            if gone.isascii() and gone.isdigit() and int(gone) - 2 in range(len(kept)):
                del kept[int(gone) - 2]  # the contact is person 1
        self.people = [
            ColleagueForm(
                self.event,
                None,
                prefix=f"people-{index}-",
                questions=self.questions,
                moved=moved,
                occasions=self.contact.data.get("occasions"),  # until somebody chooses others
            )
            for index, moved in enumerate(kept)
        ]

    # --- checks ---------------------------------------------------------------------------------

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Every part is asked, so that all problems are told at once."""
        self.people = [person for person in self.people if not person.is_blank]
        own = super().validate(extra_validators)
        parts = [part.validate() for part in (self.contact, *self.people)]
        together = [self._check_party(), self._check_people(), self._check_answers()]
        return own and all(parts) and all(together)

    def _check_answers(self) -> bool:
        """The registration's, on which those of its people may hang; of all who take part."""
        own = self.answers.validate()
        above = self.answers.given.values
        return all([own, *(part.answers.validate(above) for part in self._coming())])

    def _check_party(self) -> bool:
        if self.party_kind.data not in PARTY_KINDS:
            _add(self.party_kind, _("Choose a kind of organisation"))
        elif not may_attend(str(self.party_kind.data), self.event.audience):
            _add(
                self.party_kind,
                _("This event is for public buyers. Dialogues for suppliers are in the list."),
            )
        country = str(self.country.data)
        if country not in (*COUNTRIES, ELSEWHERE):
            _add(self.country, _("Choose a country"))
        elif not self.identifier.errors:
            try:
                self.number = read_identifier(str(self.identifier.data or ""), country)
            except BadIdentifier:
                _add(self.identifier, identifier_sentence(country))
        return not (self.party_kind.errors or self.country.errors or self.identifier.errors)

    def _check_people(self) -> bool:
        coming = self._coming()
        if not coming:
            _add(self.contact.takes_part, _("Somebody has to take part: tick this or add someone"))
        elif len(coming) > self.people_allowed:
            last = self.people[-1].name if self.people else self.contact.name
            _add(
                last,
                _("At most %(count)s people from one organisation", count=self.people_allowed),
            )
        seen = {(self.contact.email.data, _folded(self.contact.name.data))}
        twice = False
        for person in self.people:
            who = (person.email.data, _folded(person.name.data))
            if who in seen and not person.errors:
                twice = True
                _add(person.name, _("This person is already in the form"))
            seen.add(who)
        return bool(coming) and len(coming) <= self.people_allowed and not twice

    def say_limit(self, room: int, sentence: str) -> None:
        """At the first person for whom there is no room left."""
        coming = self._coming()
        _add(coming[min(max(room, 0), len(coming) - 1)].name, sentence)

    @property
    def looks_automatic(self) -> bool:
        """Filled in a field nobody sees, or faster than anybody types (decisions.md 21)."""
        return self.opened.is_suspect(settings().signup_minimum, bool(self.website.data))

    def ask_a_human(self) -> None:
        """The form goes back, filled; sending it from there counts."""
        self.website.data = ""
        self.opened.mark_asked()

    # --- what it says ---------------------------------------------------------------------------

    def _coming(self) -> list[ContactForm | ColleagueForm]:
        contact = [self.contact] if self.contact.takes_part.data else []
        return [*contact, *self.people]

    def command(self, created_by_id: int | None = None) -> Register:
        email = str(self.contact.email.data)
        people: list[NewPerson] = [part.command() for part in self._coming()]
        return Register(
            party=make_party(
                str(self.party_name.data),
                str(self.party_kind.data),
                self.number,
                email=email,
                secret=settings().secret_key,
            ),
            contact=Contact(str(self.contact.name.data), email, str(self.contact.phone.data or "")),
            people=tuple(people),
            language=current_language(),
            later_invitations=bool(self.later_invitations.data),
            message=str(self.message.data or ""),
            created_by_id=created_by_id,
            answers=self.answers.given,
        )


def _indices(formdata: FormData | None) -> list[int]:
    """The numbers of the cards in a post, in order; the first ones when there are too many."""
    if formdata is None:
        return []
    found = {int(match[1]) for name in formdata if (match := _CARD.fullmatch(name))}
    return sorted(found)[:_MOST_CARDS]


def _add(field: Field, sentence: str) -> None:
    field.errors = [*field.errors, sentence]


def _folded(name: object) -> str:
    return " ".join(str(name or "").casefold().split())


def _kind_choices(event: Event) -> list[tuple[str, Any]]:
    blank = [("", _("Choose"))] if event.audience == Audience.BUYERS else []
    return [*blank, *((code, name) for code, name in PARTY_KINDS.items())]


def _country_choices() -> list[tuple[str, str]]:
    """The Nordic ones first, then Europe by name, then whatever else there is."""
    first = [(code, country_name(code)) for code in COUNTRIES[:4]]
    rest = sorted(((code, country_name(code)) for code in COUNTRIES[4:]), key=lambda pair: pair[1])
    return [*first, *rest, (ELSEWHERE, _("Another country"))]


def identifier_sentence(country: str) -> str:
    sentences = {
        "SE": _("A Swedish number has ten digits, like 559401-2345. Check the digits."),
        "NO": _("A Norwegian number has nine digits, like 999 000 002. Check the digits."),
        "FI": _("A Finnish number has eight digits, like 9990000-8. Check the digits."),
        "DK": _("A Danish number has eight digits, like 99900008. Check the digits."),
    }
    if country in sentences:
        return sentences[country]
    if country in EU:
        return _("Write the VAT number as it stands on your invoices")
    return _("Write only letters and digits, at most 40")
