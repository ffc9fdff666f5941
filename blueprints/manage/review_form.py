"""What the pages of approval send: the registrations picked out, and why they are declined."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session
from wtforms import RadioField

from blueprints.forms import AtMost, BaseForm, TextField, clean_line, options
from blueprints.manage.typed import complain
from dialognav.actions.review import Look, Refusal
from dialognav.domain.reviews import DECLINE_REASONS
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Registration
from dialognav.queries import reviews
from dialognav.words import DECLINE_REASONS as WORDS

LONGEST = 1000  # characters of the organiser's own words


class DeclineForm(BaseForm):
    """A standard reason, and own words in the languages that the recipients read."""

    reason = RadioField(
        lazy("Reason"),
        choices=options((code, WORDS[code]) for code in DECLINE_REASONS),
        validate_choice=False,
    )
    text_sv = TextField("Svenska", [AtMost(LONGEST)])
    text_en = TextField("English", [AtMost(LONGEST)])
    text_nb = TextField("Norsk", [AtMost(LONGEST)])

    def is_complete(self, languages: Sequence[str]) -> bool:
        """Whether all is well, and everybody is told why in a language of theirs."""
        is_valid = bool(self.validate())
        if self.reason.data not in DECLINE_REASONS:
            complain(self.reason, _("Choose a reason"))
            return False
        for code in languages if self.reason.data == "other" else ():
            if not self[f"text_{code}"].data:
                complain(self[f"text_{code}"], _("Write why: the reason you chose does not say it"))
                is_valid = False
        return is_valid

    def command(self, languages: Sequence[str]) -> Refusal:
        said = {code: str(self[f"text_{code}"].data or "") for code in languages}
        return Refusal(str(self.reason.data), {code: text for code, text in said.items() if text})


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked out on the page, and the fingerprints of what stood there."""

    registrations: tuple[str, ...]  # public ids, as the rest
    people: tuple[str, ...]
    seen: dict[str, str]

    @property
    def is_empty(self) -> bool:
        return not self.registrations and not self.people


def picked() -> Picked:
    pairs = (each.partition(":") for each in request.form.getlist("seen"))
    return Picked(
        tuple(dict.fromkeys(map(clean_line, request.form.getlist("registration")))),
        tuple(dict.fromkeys(map(clean_line, request.form.getlist("person")))),
        {public_id: seen for public_id, _colon, seen in pairs},
    )


def looks_of(
    session: Session, event_id: int, given: Picked
) -> tuple[list[Registration], list[Look]]:
    """The registrations meant, and what to hand to the action. NotFound for a foreign id."""
    found = reviews.chosen(session, event_id, given.registrations, given.people)
    looks = [
        Look(row.id, given.seen.get(row.public_id, ""), found.people.get(row.id, frozenset()))
        for row in found.registrations
    ]
    return found.registrations, looks


def languages_of(found: Sequence[Registration]) -> dict[str, int]:
    """{language: registrations that get their letters in it}, in the usual order."""
    counted = {code: sum(row.language == code for row in found) for code in LANGUAGES}
    return {code: number for code, number in counted.items() if number}
