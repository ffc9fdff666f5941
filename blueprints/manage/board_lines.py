"""The board of one-to-one meetings in words: rows of times, a card for each table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from blueprints.manage.board_cards import Card, card_of, lacks, said, table_name, team_text
from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.terms import Mode
from dialognav.i18n import clock_text, date_text, local
from dialognav.i18n import gettext as _
from dialognav.models import MeetingBreak, MeetingTable, Slot
from dialognav.queries.meeting_board import Board, day_of, offerable


@dataclass(frozen=True, slots=True)
class Row:
    """A time of the day. `pause` is said over all tables; else `cells` has one list for each.

    `is_now`: a meeting that begins then is going on."""

    iso: str
    time: str
    pause: str = ""
    cells: tuple[tuple[Card | str, ...], ...] = ()
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    name: str
    place: str
    team: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    day: date
    name: str
    taken: int
    total: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One day of it."""

    day: date
    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def tabs_of(board: Board) -> list[Tab]:
    """The days, each with how many of its times are taken."""
    days = [(day, board.slots_on(day)) for day in board.days]
    return [
        Tab(day, date_text(day, style="short"), board.taken(slots), offerable(slots))
        for day, slots in days
    ]


def chosen_day(board: Board, wanted: str, today: date) -> date | None:
    """The wanted one, else today or the next that has meetings, else the last; None without any."""
    days = board.days
    found = next((day for day in days if day.isoformat() == wanted), None)
    return found or next((day for day in days if day >= today), days[-1] if days else None)


def sheet_of(board: Board, day: date, now: datetime) -> Sheet:
    slots = board.slots_on(day)
    tables = tables_on(board, slots)
    pauses = [each for each in board.breaks if day_of(each, board.event.zone) == day]
    columns = tuple(_column(board, table, slots) for table in tables)
    grid = _Grid(board, tables, slots, pauses, columns, now)
    return Sheet(day, date_text(day, style="long"), columns, _told_apart(_rows(grid)))


@dataclass(frozen=True, slots=True)
class _Grid:
    """What the rows of one day are made from."""

    board: Board
    tables: Sequence[MeetingTable]
    slots: Sequence[Slot]
    pauses: Sequence[MeetingBreak]
    columns: Sequence[Column]
    now: datetime


def _rows(grid: _Grid) -> list[Row]:
    """By time; a break of all tables before the meetings that begin with it."""
    shown = {table.id for table in grid.tables}
    common = [each for each in grid.pauses if each.table_id is None]
    single = [each for each in grid.pauses if each.table_id in shown]
    begins = {each.starts_at for each in grid.slots} | {each.starts_at for each in single}
    rows = [(each.starts_at, 0, _pause_row(grid, each)) for each in common]
    rows += [(at, 1, _time_row(grid, at)) for at in begins]
    return [row for _at, _kind, row in sorted(rows, key=lambda row: row[:2])]


def tables_on(board: Board, slots: Sequence[Slot]) -> list[MeetingTable]:
    """Those that have a time then, in their order."""
    found = {slot.table_id: slot.table for slot in slots}
    return sorted(found.values(), key=lambda table: (table.position, table.id))


def _told_apart(rows: list[Row]) -> tuple[Row, ...]:
    """In the night when clocks go back a time comes twice: then the zone stands beside it."""
    times = [row.time for row in rows if not row.pause]
    twice = {time for time in times if times.count(time) > 1}
    return tuple(
        replace(row, time=f"{row.time} {_offset(row.iso)}")
        if row.time in twice and not row.pause
        else row
        for row in rows
    )


def _offset(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%z}"


def _pause_row(grid: _Grid, pause: MeetingBreak) -> Row:
    iso, time = _wall(grid, pause.starts_at)
    return Row(iso, time, pause=_break(grid.board, pause))


def _time_row(grid: _Grid, at: datetime) -> Row:
    iso, time = _wall(grid, at)
    cells = tuple(_cell(grid, at, n) for n in range(len(grid.tables)))
    ends = [slot.ends_at for slot in grid.slots if slot.starts_at == at]
    is_now = bool(ends) and at <= grid.now < max(ends)
    return Row(iso, time, cells=cells, is_now=is_now)


def _cell(grid: _Grid, at: datetime, n: int) -> tuple[Card | str, ...]:
    """What begins then at the n-th table."""
    own = grid.tables[n].id, at
    pauses = [each for each in grid.pauses if (each.table_id, each.starts_at) == own]
    slots = [each for each in grid.slots if (each.table_id, each.starts_at) == own]
    known = grid.columns[n].lacks
    cards = [card_of(grid.board, slot, grid.now, known) for slot in slots]
    return (*(_break(grid.board, pause) for pause in pauses), *cards)


def _wall(grid: _Grid, at: datetime) -> tuple[str, str]:
    zone = grid.board.event.zone
    return local(at, zone).isoformat(), clock_text(at, zone)


def _break(board: Board, pause: MeetingBreak) -> str:
    minutes = int((pause.ends_at - pause.starts_at).total_seconds()) // 60
    title = said(board, pause.title) or _("Break")
    return _("%(title)s, %(minutes)s min", title=title, minutes=minutes)


def _column(board: Board, table: MeetingTable, slots: Sequence[Slot]) -> Column:
    own = [slot for slot in slots if slot.table_id == table.id and slot.state == SlotState.OPEN]
    where = table.online_service if table.mode == Mode.ONLINE else said(board, table.room)
    place = ", ".join(filter(None, (said(board, table.topic), where or _mode(table))))
    name, team = table_name(board, table), team_text(table.staff)
    return Column(table.public_id, name, place, team, tuple(all_lack(board, own)))


def all_lack(board: Board, slots: Sequence[Slot]) -> list[str]:
    """What every one of these lacks."""
    lists = [lacks(board, slot) for slot in slots]
    return [words for words in lists[0] if all(words in each for each in lists)] if lists else []


def _mode(table: MeetingTable) -> str:
    return _("digital") if table.mode == Mode.ONLINE else ""
