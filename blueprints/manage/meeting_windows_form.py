"""The form that cuts days into times for one-to-one meetings, and what comes of it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from wtforms import FieldList, FormField, HiddenField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import AtMost, BaseForm, LineField, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG, Row
from blueprints.manage.meeting_plan_words import BREAKS
from dialognav.actions.meeting_slots import NewBreak, NewSlot, span_of
from dialognav.db import Text
from dialognav.domain.slots import LONGEST_WINDOW, Span, cut, widened
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, pick, speaking
from dialognav.models import Event, MeetingBreak, MeetingRules, MeetingTable, Slot

MOST_DAYS, MOST_BREAKS = 30, 12
AT_FIRST = 3


def break_title(kind: str) -> Text:
    """What a break is called, in every language."""
    said = {}
    for code in LANGUAGES:
        with speaking(code):
            said[code] = str(BREAKS[kind])
    return said


class WindowRow(Row):
    day = LineField(lazy("Date"), [AtMost(20)])
    from_time = LineField(lazy("From"), [AtMost(10)])
    to_time = LineField(lazy("To"), [AtMost(10)])

    def read(self, zone: str) -> tuple[date, Span] | None:
        """None for a row without a date, and for one that got a sentence."""
        day = typed.read_date(self.day)
        span = read_span(day, self.from_time, self.to_time, zone)
        return (day, span) if day and span else None


class BreakRow(Row):
    from_time = LineField(lazy("From"), [AtMost(10)])
    to_time = LineField(lazy("To"), [AtMost(10)])
    kind = SelectField(lazy("What it is"), choices=options(BREAKS.items()), **WRONG)


def read_span(day: date | None, begins: Any, ends: Any, zone: str) -> Span | None:
    """From one time of a day to another; a sentence at the field where there is no such."""
    if day is None:
        return None
    clocks: list[time | None] = []
    for field in (begins, ends):
        clock = typed.read_time(field)
        if clock is None and not field.errors:
            typed.complain(field, _("Enter a time of day, like 09:00"))
        clocks.append(clock)
    starts_at = typed.read_instant(day, clocks[0], zone, begins)
    ends_at = typed.read_instant(day, clocks[1], zone, ends)
    if starts_at is None or ends_at is None:
        return None
    if ends_at <= starts_at:
        typed.complain(ends, _("It has to end after it begins"))
        return None
    if ends_at - starts_at > LONGEST_WINDOW:
        typed.complain(ends, _("A day of meetings is at most 16 hours"))
        return None
    return Span(starts_at, ends_at)


@dataclass(frozen=True, slots=True)
class Cut:
    """What the form comes to: times and breaks to add, in their order."""

    new: tuple[NewSlot, ...]
    breaks: tuple[NewBreak, ...]

    @property
    def mark(self) -> str:
        """16 hex digits of SHA-256: a preview carries it, so that what is added was seen."""
        return hashlib.sha256(repr((self.new, self.breaks)).encode()).hexdigest()[:16]


class WindowsForm(BaseForm):
    seen = HiddenField()
    days = FieldList(FormField(WindowRow), max_entries=MOST_DAYS)
    breaks = FieldList(FormField(BreakRow), max_entries=MOST_BREAKS)
    tables = SelectMultipleField(
        lazy("At which tables"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        **WRONG,
    )

    def offer(self, tables: Sequence[MeetingTable], event: Event) -> None:
        """Choose from these tables."""
        self.tables.choices = options(
            (table.public_id, pick(table.name, event.primary_language, "sv")[0]) for table in tables
        )

    def more(self) -> None:
        """Three more rows for days, and for breaks."""
        for _row in range(AT_FIRST):
            if len(self.days) < MOST_DAYS:
                self.days.append_entry(dict(_HOURS))
            if len(self.breaks) < MOST_BREAKS:
                self.breaks.append_entry()

    def read(
        self,
        event: Event,
        rules: MeetingRules,
        tables: Sequence[MeetingTable],
        slots: Sequence[Slot],
        breaks: Sequence[MeetingBreak],
    ) -> Cut | None:
        """The times around what is there already, or None when a field got a sentence."""
        days = [read for row in self.days if (read := row.form.read(event.zone))]
        pauses = [pause for day, _span in days for pause in self._breaks_on(day, event.zone)]
        chosen = [table for table in tables if table.public_id in (self.tables.data or ())]
        if not chosen and not self.tables.errors:
            typed.complain(self.tables, _("Choose at least one table"))
        if not days and not self._is_wrong:
            typed.complain(self.days[0].form.day, _("Enter a date"))
        if self._is_wrong:
            return None
        at_all = [pause.span for pause in pauses]
        new = []
        for table in chosen:
            taken = [*at_all, *_taken_at(table, rules, slots, breaks)]
            for _day, window in days:
                lengths = {"minutes": rules.slot_minutes, "gap": rules.gap_minutes}
                for span in cut(window, taken=taken, **lengths):
                    new.append(NewSlot(table.id, span))
                    taken.append(widened(span, rules.gap_minutes))
        if not new:
            typed.complain(self.days[0].form.to_time, _("No meeting fits in"))
            return None
        new.sort(key=lambda line: (line.span, line.table_id))
        whose = None if len(chosen) == len(tables) else [table.id for table in chosen]
        made = (each for each in _of_tables(pauses, whose) if not _stands(each, breaks))
        return Cut(tuple(new), tuple(made))

    @property
    def _is_wrong(self) -> bool:
        rows = [field for group in (self.days, self.breaks) for row in group for field in row.form]
        return any(field.errors for field in (*rows, self.tables)) or bool(self.csrf_token.errors)

    def _breaks_on(self, day: date, zone: str) -> Iterator[NewBreak]:
        for row in self.breaks:
            fields = row.form.from_time, row.form.to_time
            if any(field.data for field in fields) and not any(field.errors for field in fields):
                span = read_span(day, *fields, zone)
                if span and not row.form.kind.errors:
                    yield NewBreak(None, span, break_title(row.form.kind.data))


def _taken_at(
    table: MeetingTable,
    rules: MeetingRules,
    slots: Sequence[Slot],
    breaks: Sequence[MeetingBreak],
) -> Iterator[Span]:
    """Meetings and breaks that are there already."""
    for slot in slots:
        if slot.table_id == table.id:
            yield widened(span_of(slot), rules.gap_minutes)
    for pause in breaks:
        if pause.table_id in (None, table.id):
            yield Span(pause.starts_at, pause.ends_at)


def _of_tables(pauses: Sequence[NewBreak], whose: list[int] | None) -> Iterator[NewBreak]:
    """Breaks at all tables, or one for each that was chosen."""
    for pause in dict.fromkeys((each.span, each.title["sv"]) for each in pauses):
        title = next(each.title for each in pauses if (each.span, each.title["sv"]) == pause)
        for table_id in [None] if whose is None else whose:
            yield NewBreak(table_id, pause[0], title)


def _stands(new: NewBreak, breaks: Sequence[MeetingBreak]) -> bool:
    """Whether there is a break then already, at all tables or at this one."""
    begins, ends = new.span
    return any(
        pause.table_id in (None, new.table_id)
        and pause.starts_at <= begins
        and ends <= pause.ends_at
        for pause in breaks
    )


_HOURS = {"from_time": "09:00", "to_time": "15:00"}


def fresh_form(tables: Sequence[MeetingTable]) -> WindowsForm:
    """Rows to fill in, all tables chosen."""
    data = {
        "days": [_HOURS] * AT_FIRST,
        "breaks": [{}] * AT_FIRST,
        "tables": [table.public_id for table in tables],
    }
    return WindowsForm(formdata=None, data=data)
