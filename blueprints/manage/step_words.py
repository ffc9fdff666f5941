"""The steps of a booking in words, for the record of equal treatment: what, when, by whom, why."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.manage.meeting_trail import MEETING_VERBS
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text, pick, when_text
from dialognav.models import Event, MeetingTable, Slot
from dialognav.queries.booking_steps import Step


@dataclass(frozen=True, slots=True)
class StepLine:
    """`time` is the time it began with, or from which to which it was moved; else ""."""

    at: str
    what: str
    time: str
    who: str
    reason: str

    @property
    def done(self) -> str:
        return ": ".join(filter(None, (self.what, self.time)))

    @property
    def said(self) -> str:
        """All of it in one line."""
        why = _("Reason: %(reason)s", reason=self.reason) if self.reason else ""
        return ". ".join(filter(None, (f"{self.at}: {self.done}", self.who, why)))


def step_lines(event: Event, steps: Sequence[Step]) -> list[StepLine]:
    return [_line(event, step, is_first=step is steps[0]) for step in steps]


def _line(event: Event, step: Step, *, is_first: bool) -> StepLine:
    time = said_slot(event, step.slot) if is_first else ""
    if step.left is not None:
        time = f"{said_slot(event, step.left)} → {said_slot(event, step.slot)}"
    what = str(MEETING_VERBS[step.verb][1])
    if step.is_put_off:
        what = _("The meeting was put off, and the supplier is next in turn")
    who = {"supplier": _("The supplier"), "system": _("Dialognav, by itself")}.get(step.by)
    return StepLine(
        at=moment_text(step.at, event.zone, "medium"),
        what=what,
        time=time,
        who=who or step.name or _("A former colleague"),
        reason=step.reason,
    )


def said_slot(event: Event, slot: Slot) -> str:
    when = when_text(slot.starts_at, slot.ends_at, event.zone)
    return f"{when}, {table_name(slot.table, event)}"


def table_name(table: MeetingTable, event: Event) -> str:
    return pick(table.name, "", event.primary_language)[0]
