"""Forms about disposal: a hold, how long an event's names are kept, and the answer to a wish."""

from typing import Any

from wtforms import BooleanField, RadioField

from blueprints.forms import AtMost, BaseForm, LineField, Required, TextField, options
from blueprints.manage.typed import complain, read_months
from dialognav.actions.privacy import Reply
from dialognav.domain.retention import same_diary
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy

OUTCOMES = {
    "done": lazy("Done"),
    "partly": lazy("Partly done"),
    "refused": lazy("Not done"),
}


class HoldForm(BaseForm):
    diary_number = LineField(
        lazy("Diary number"), [Required(lazy("Enter the diary number")), AtMost(60)]
    )
    reason = LineField(lazy("Reason"), [Required(lazy("Write why nothing may go")), AtMost(500)])

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if self.diary_number.data and not same_diary(self.diary_number.data):
            complain(self.diary_number, _("Enter a diary number with letters or digits"))
        return fine and not self.errors


class RetentionForm(BaseForm):
    months = LineField(lazy("Months after the event"))
    asked: int | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        self.asked = read_months(self.months)
        return fine and not self.errors


class ReplyForm(BaseForm):
    outcome = RadioField(
        lazy("What became of it"),
        [Required(lazy("Choose what became of it"))],
        choices=options(OUTCOMES.items()),
    )
    text = TextField(
        lazy("Answer"), [Required(lazy("Write what you have done, or why not")), AtMost(5000)]
    )
    erase = BooleanField(lazy("Take out the name, the address and all that the person wrote, now"))
    authority = LineField(lazy("The decision it rests on"), [AtMost(300)])

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if self.erase.data and not self.authority.data:
            complain(self.authority, _("Enter the decision that allows it"))
        if self.erase.data and self.outcome.data == "refused":
            complain(self.outcome, _("Not done and taken out: that cannot both be"))
        return fine and not self.errors

    def command(self) -> Reply:
        return Reply(
            outcome=str(self.outcome.data),
            text=self.text.data or "",
            authority=(self.authority.data or "") if self.erase.data else "",
        )
