"""Whom to invite, as staff type it: one organisation in a form, or a pasted list of them."""

from collections.abc import Collection, Iterator
from typing import Any

from wtforms import RadioField, SelectField

from blueprints.forms import (
    AddressField,
    AtMost,
    BaseForm,
    LineField,
    Required,
    TextField,
    clean_line,
    options,
)
from blueprints.manage.event_form import WRONG
from blueprints.manage.typed import complain
from dialognav.addresses import proper_address
from dialognav.countries import country_name
from dialognav.domain.invitation_lines import MOST_LINES, BadLine, Invited, repeated, split_lines
from dialognav.domain.parties import NORDIC, BadIdentifier, read_identifier
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import NAMES, lazy, ngettext
from dialognav.i18n import gettext as _

MOST_TEXT = 200_000  # characters of a pasted list
_ALIASES = {"no": "nb", "nn": "nb", "se": "sv", "svenska": "sv", "english": "en", "norsk": "nb"}


class OneForm(BaseForm):
    party_name = LineField(
        lazy("Organisation"), [Required(lazy("Write the organisation's name")), AtMost(200)]
    )
    name = LineField(lazy("Name"), [AtMost(120)])
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )
    language = RadioField(
        lazy("Language"),
        choices=options((code, NAMES[code][0]) for code in LANGUAGES),
        **WRONG,
    )
    country = SelectField(
        lazy("Country of registration"),
        choices=lambda: options((code, country_name(code)) for code in NORDIC),
        **WRONG,
    )
    identifier = LineField(lazy("Organisation number"), [AtMost(60)])

    def read(self, invited: Collection[str]) -> Invited | None:
        """Whom to invite, or None when a field got a sentence. Call it on a validated form."""
        number = self._read_number()
        if not self.email.errors and self.email.data in invited:
            complain(self.email, _("Somebody with this address is invited already."))
        if any(field.errors for field in self):
            return None
        return Invited(
            party_name=str(self.party_name.data),
            email=str(self.email.data),
            language=str(self.language.data),
            name=str(self.name.data or ""),
            party_identifier=number,
            party_country=str(self.country.data),
        )

    def _read_number(self) -> str:
        """As people write it; a natural person's number is not ours to keep."""
        if self.country.errors or self.identifier.errors:
            return ""
        try:
            found = read_identifier(str(self.identifier.data or ""), str(self.country.data))
        except BadIdentifier:
            complain(self.identifier, _("Check the digits: this is no number of that country"))
            return ""
        if found is not None and found.personal:
            complain(self.identifier, _("Leave out a personal number: its owner writes it"))
            return ""
        return found.shown if found else ""


class ManyForm(BaseForm):
    lines = TextField(lazy("List"), [Required(lazy("Paste at least one line"))])
    bad: tuple[BadLine, ...] = ()

    def read(self, language: str, invited: Collection[str]) -> list[Invited] | None:
        """Everybody in the list, or None, with `bad` telling each wrong line."""
        typed = str(self.lines.data or "")
        if len(typed) > MOST_TEXT:
            self.bad = (BadLine(MOST_LINES + 1, "too_many"),)
            found: list[Invited] = []
        else:
            found = self._read_lines(typed, language, invited)
        if self.bad:
            complain(
                self.lines,
                ngettext(
                    "%(num)s line needs fixing. Nobody has been invited yet.",
                    "%(num)s lines need fixing. Nobody has been invited yet.",
                    len(self.bad),
                ),
            )
        return None if self.lines.errors else found

    def _read_lines(self, typed: str, language: str, invited: Collection[str]) -> list[Invited]:
        lines, bad = split_lines(typed)
        found: list[tuple[int, Invited]] = []
        for line in lines:
            wanted = _language_of(line.language) if line.language else language
            email = proper_address(clean_line(line.email))
            if email is None:
                bad.append(BadLine(line.number, "email", line.email[:80]))
            elif wanted is None:
                bad.append(BadLine(line.number, "language", line.language[:20]))
            else:
                one = Invited(clean_line(line.party_name), email, wanted, clean_line(line.name))
                found.append((line.number, one))
        bad += repeated([(number, one.email) for number, one in found], invited)
        self.bad = tuple(sorted(bad, key=lambda each: each.number))
        return [one for _number, one in found]

    def said_lines(self) -> Iterator[str]:
        """Each wrong line in words."""
        for each in self.bad:
            yield _("Line %(number)s: %(what)s", number=each.number, what=_said(each))


def _language_of(typed: str) -> str | None:
    code = typed.casefold()
    code = _ALIASES.get(code, code)
    return code if code in LANGUAGES else None


def _said(bad: BadLine) -> str:
    sentences: dict[str, Any] = {
        "parts": _("write organisation; name; e-mail; language, with semicolons between"),
        "no_party": _("the organisation's name is missing"),
        "long": _("the name is too long"),
        "language": _("“%(said)s” is none of sv, en and nb", said=bad.said),
        "email": _("“%(said)s” is no e-mail address", said=bad.said),
        "twice": _("%(said)s stands in the list twice", said=bad.said),
        "invited": _("%(said)s is invited already", said=bad.said),
        "too_many": _("invite at most %(most)s at a time", most=MOST_LINES),
    }
    return str(sentences[bad.code])
