"""Times for one-to-one meetings as a supplier sees them: days of times and tables, in words.

Whose meeting a taken time is, and why one of another supplier's is not to be had, is said nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from blueprints.public.said import Said, say
from dialognav import zone_words
from dialognav.domain.terms import Mode
from dialognav.i18n import clock_text, date_text, local, ngettext, time_range, zone_text
from dialognav.i18n import gettext as _
from dialognav.models import Event, MeetingBreak, MeetingTable, Slot
from dialognav.words import MODES

FREE, TAKEN, OWN, HELD, LATER, NONE = "free", "taken", "own", "held", "later", "none"


@dataclass(frozen=True, slots=True)
class Cell:
    """One time at one table. `state`: free; taken by somebody; own; held for oneself; later, when
    it opens (`note`); or none, which is no time for this supplier.

    `day`, `time` and `place` make the whole name of it. `elsewhere` is the time in the supplier's
    own zone, of a digital meeting, where the clock shows another there; `there` without the zone.
    """

    id: str
    state: str
    day: str
    time: str
    table: Said
    mode: str
    elsewhere: str
    there: str
    note: str
    differs: bool  # its time is not that of its row

    @property
    def place(self) -> str:
        return _("%(table)s, %(mode)s", table=self.table.words, mode=self.mode)


@dataclass(frozen=True, slots=True)
class Row:
    """A time with a cell, or None, for each table of the day."""

    dt: str
    begins: str
    ends: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    dt: str
    begins: str
    text: Said


@dataclass(frozen=True, slots=True)
class Column:
    name: Said
    topic: Said
    mode: str


@dataclass(frozen=True, slots=True)
class Day:
    """`tab` is the day, `short`, and how many of its times are free."""

    id: str
    name: str
    short: str
    tab: str
    columns: tuple[Column, ...]
    rows: tuple[Row | Pause, ...]

    @property
    def cells(self) -> list[Cell]:
        """All of them, by time and table: for a list."""
        rows = (row for row in self.rows if isinstance(row, Row))
        return [cell for row in rows for cell in row.cells if cell is not None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is shown: published slots with their tables, and what each is to this supplier."""

    event: Event
    slots: Sequence[Slot]
    breaks: Sequence[MeetingBreak]
    states: Mapping[int, str]
    own_zone: str = ""

    @property
    def changes_clock(self) -> bool:
        """Whether daylight saving begins or ends among the times."""
        return len({local(slot.starts_at, self.event.zone).tzname() for slot in self.slots}) > 1

    def day_of(self, instant: datetime) -> date:
        return local(instant, self.event.zone).date()


def days_of(plan: Plan) -> list[Day]:
    """The days that have a time, in order."""
    ordered = sorted(plan.slots, key=lambda slot: slot.starts_at)
    days = groupby(ordered, lambda slot: plan.day_of(slot.starts_at))
    return [_day(plan, day, list(slots)) for day, slots in days]


def _day(plan: Plan, day: date, slots: list[Slot]) -> Day:
    tables = {slot.table_id: slot.table for slot in slots}
    columns = sorted(tables.values(), key=lambda table: (table.position, table.id))
    rows = [
        _row(plan, list(group), columns)
        for _start, group in groupby(slots, lambda slot: slot.starts_at)
    ]
    starts = [slot.starts_at for slot in slots]
    pauses = [
        (pause.starts_at, _pause(plan, pause))
        for pause in plan.breaks
        if pause.table_id is None and min(starts) <= pause.starts_at <= max(starts)
    ]
    timed: list[tuple[datetime, Row | Pause]] = [*zip(dict.fromkeys(starts), rows, strict=True)]
    name, short = (date_text(day, style=style) for style in ("long", "short"))
    short = short[:1].upper() + short[1:]
    if plan.changes_clock:
        name = _("%(day)s (%(zone)s)", day=name, zone=zone_text(starts[0], plan.event.zone))
    free = sum(plan.states.get(slot.id) == FREE for slot in slots)
    return Day(
        id=f"d{day:%y%m%d}",
        name=name[:1].upper() + name[1:],
        short=short,
        tab=_("%(day)s, %(free)s", day=short, free=ngettext("%(num)s free", "%(num)s free", free)),
        columns=tuple(_column(plan, table) for table in columns),
        rows=tuple(row for _at, row in sorted([*timed, *pauses], key=lambda pair: pair[0])),
    )


def _column(plan: Plan, table: MeetingTable) -> Column:
    primary = plan.event.primary_language
    return Column(say(table.name, primary), say(table.topic, primary), str(MODES[table.mode]))


def _pause(plan: Plan, pause: MeetingBreak) -> Pause:
    zone = plan.event.zone
    text = say(pause.title, plan.event.primary_language) or Said(_("Break"))
    return Pause(_wall(pause.starts_at, zone), clock_text(pause.starts_at, zone), text)


def _row(plan: Plan, slots: list[Slot], columns: list[MeetingTable]) -> Row:
    """Those that begin at one time. It ends when most of them do."""
    zone = plan.event.zone
    ends = [slot.ends_at for slot in slots]
    until = max(ends, key=ends.count)
    at = {slot.table_id: slot for slot in slots}
    cells = (
        cell_of(plan, at[table.id], until=until) if table.id in at else None for table in columns
    )
    begins = slots[0].starts_at
    return Row(_wall(begins, zone), clock_text(begins, zone), clock_text(until, zone), tuple(cells))


def cell_of(plan: Plan, slot: Slot, *, until: datetime | None = None) -> Cell:
    """`until`: when the others of its row end."""
    zone, state = plan.event.zone, plan.states.get(slot.id, NONE)
    note = ""
    if state == LATER and slot.opens_at is not None:
        note = _(
            "opens %(day)s, %(time)s",
            day=date_text(slot.opens_at, zone, "short"),
            time=clock_text(slot.opens_at, zone),
        )
    return Cell(
        id=slot.public_id,
        state=state,
        day=date_text(slot.starts_at, zone, "long"),
        time=time_range(slot.starts_at, slot.ends_at, zone),
        table=say(slot.table.name, plan.event.primary_language),
        mode=str(MODES[slot.table.mode]).lower(),
        elsewhere=elsewhere(slot, zone, plan.own_zone),
        there=time_there(slot, zone, plan.own_zone),
        note=note,
        differs=until is not None and slot.ends_at != until,
    )


def elsewhere(slot: Slot, zone: str, own_zone: str) -> str:
    """'10.00–10.30 (Helsingfors, EET)' of a digital meeting, or "" where the clocks agree.

    At a place everybody reads the clock of the place.
    """
    is_online = slot.table.mode == Mode.ONLINE
    return zone_words.elsewhere(slot.starts_at, slot.ends_at, zone, own_zone) if is_online else ""


def time_there(slot: Slot, zone: str, own_zone: str) -> str:
    """The same without the zone."""
    is_online = slot.table.mode == Mode.ONLINE
    return zone_words.time_there(slot.starts_at, slot.ends_at, zone, own_zone) if is_online else ""


def _wall(instant: datetime, zone: str) -> str:
    return local(instant, zone).isoformat(timespec="minutes")
