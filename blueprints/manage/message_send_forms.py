"""Forms on a mailing's own page: when it goes, and why it is sent back."""

from datetime import datetime, time

from wtforms import HiddenField

from blueprints.forms import AtMost, BaseForm, LineField, Required, TextField
from blueprints.manage import typed
from dialognav.domain.message_rules import is_fit_time
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy

_MORNING = time(9)


class SendForm(BaseForm):
    """`seen`: the fingerprint of what the page said, and whom it named."""

    seen = HiddenField()


class DecisionForm(BaseForm):
    """`seen`: the revision on the page."""

    seen = HiddenField()

    @property
    def revision(self) -> int:
        """-1 for what is no number: then somebody has edited it meanwhile."""
        written = self.seen.data or ""
        return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else -1


class WhenForm(DecisionForm):
    date = LineField(lazy("Date"), [Required(lazy("Enter the date"))])
    time = LineField(lazy("Time"), [Required(lazy("Enter a time of day, like 09:00"))])

    def instant(self, zone: str, now: datetime) -> datetime | None:
        """When it goes, ahead of now; None when a field got a sentence."""
        at = typed.read_moment(self.date, self.time, zone, _MORNING)
        if at is not None and not is_fit_time(at, now):
            typed.complain(self.date, _("Choose a time that has not passed, within a year"))
        return None if any(field.errors for field in self) else at


class ReturnForm(DecisionForm):
    why = TextField(
        lazy("What has to be different?"), [Required(lazy("Write the reason")), AtMost(500)]
    )
