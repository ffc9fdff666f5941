"""Forms that give a supplier one of the times that are free, whoever asks for it."""

from typing import Self

from wtforms import SelectField

from blueprints.forms import BaseForm, options
from blueprints.manage.typed import complain
from dialognav.i18n import gettext as _


class FreeTimeForm(BaseForm):
    """`slot` is said by each form in its own words; what it may be, by choose_among()."""

    slot: SelectField
    codes: set[str]

    def choose_among(self, choices: list[tuple[str, str]]) -> Self:
        """(public id, words) of each time."""
        self.slot.choices = options(choices)
        self.codes = {code for code, _words in choices}
        return self

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate())
        if self.slot.data not in self.codes:
            complain(self.slot, _("Choose a time that is free"))
            return False
        return valid
