"""The form of a break between one-to-one meetings."""

from collections.abc import Iterable

from wtforms import SelectField

from blueprints.forms import AtMost, BaseForm, LineField, Required, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG
from blueprints.manage.meeting_plan_words import BREAKS
from blueprints.manage.meeting_windows_form import break_title, read_span
from dialognav.actions.meeting_slots import NewBreak
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy


class BreakForm(BaseForm):
    kind = SelectField(lazy("What it is"), choices=options(BREAKS.items()), **WRONG)
    day = LineField(lazy("Date"), [Required(lazy("Enter a date")), AtMost(20)])
    from_time = LineField(lazy("From"), [AtMost(10)])
    to_time = LineField(lazy("To"), [AtMost(10)])
    table = SelectField(lazy("At which table"), **WRONG)

    def offer(self, tables: Iterable[tuple[int, str]]) -> None:
        """Choose from these: (id, name)."""
        self.table.choices = options(
            [("", _("All tables")), *((str(number), name) for number, name in tables)]
        )

    def read(self, zone: str) -> NewBreak | None:
        """None when a field got a sentence. Call it on a validated form."""
        span = read_span(typed.read_date(self.day), self.from_time, self.to_time, zone)
        if span is None or any(field.errors for field in self):
            return None
        table_id = int(self.table.data) if self.table.data else None
        return NewBreak(table_id, span, break_title(self.kind.data))
