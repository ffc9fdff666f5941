"""What on the board needs somebody: before the day, on it and after it; the weightiest first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import url_for

from blueprints.guard import allows
from blueprints.manage.board_cards import lacks, slot_label, table_name
from blueprints.manage.todos import Todo
from blueprints.manage.workspace import can_hold_meetings
from dialognav.domain.meeting_terms import BookingState, SlotState
from dialognav.domain.permissions import MEETING_NOTES, MEETINGS
from dialognav.i18n import clock_text, date_text, list_text, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import Slot
from dialognav.queries.meeting_board import Board, day_of

NAMED = 6  # times of a line
_WEIGHT = ("bad", "warn", "info")


def needs_of(board: Board, now: datetime) -> list[Todo]:
    """Only what the reader can do something about, while it can be done."""
    ahead = [one for one in board.slots if one.state == SlotState.OPEN and one.starts_at > now]
    found: list[Todo] = []
    if allows(MEETINGS) and can_hold_meetings(board.event):
        found += [*_refused(board, ahead), *_lacking(board, ahead), *_unpublished(board, ahead)]
    if allows(MEETING_NOTES):
        found += _unmarked(board, now)
    return sorted(found, key=lambda todo: _WEIGHT.index(todo.tone))


def _refused(board: Board, ahead: Sequence[Slot]) -> Iterator[Todo]:
    """Somebody said in the calendar that they do not come."""
    for slot in ahead:
        booking = board.bookings.get(slot.id)
        answers = board.answers.get(booking.id, ()) if booking else ()
        names = [name for name, partstat in answers if partstat == "DECLINED"]
        if booking is not None and names:
            title = _("%(name)s said no", name=list_text(names))
            what = f"{slot_label(board, slot)}: {booking.registration.party_name}"
            url = _meeting_url(board, booking.public_id)
            yield Todo("bad", "ban", title, what, url, _("To the meeting"))


def _lacking(board: Board, ahead: Sequence[Slot]) -> Iterator[Todo]:
    """By table and by what lacks: one line, and one place to mend it."""
    lines = [(slot.table_id, words, slot) for slot in ahead for words in lacks(board, slot)]
    lines.sort(key=lambda line: (*line[:2], line[2].starts_at))
    for (_table, words), group in groupby(lines, key=lambda line: line[:2]):
        slots = [slot for _table_id, _words, slot in group]
        tone = "bad" if any(slot.id in board.bookings for slot in slots) else "warn"
        title = f"{table_name(board, slots[0].table)}: {words[:1].lower()}{words[1:]}"
        yield Todo(tone, "warn", title, _when(board, slots), _mend_url(board, slots), _("Mend"))


def _mend_url(board: Board, slots: Sequence[Slot]) -> str:
    where: dict[str, Any] = {"public_id": board.event.public_id}
    if len(slots) == 1:
        return url_for("manage.meeting_slot.edit", slot_id=slots[0].public_id, **where)
    return url_for("manage.meeting_tables.edit", table_id=slots[0].table.public_id, **where)


def _when(board: Board, slots: Sequence[Slot]) -> str:
    """'ons 24 feb 9.00, 9.40; tors 25 feb 9.00', the first of them."""
    zone, more = board.event.zone, len(slots) - NAMED
    days = groupby(slots[:NAMED], key=lambda slot: day_of(slot, zone))
    said = "; ".join(
        f"{date_text(day, style='short')} "
        + ", ".join(clock_text(slot.starts_at, zone) for slot in of_day)
        for day, of_day in days
    )
    if more <= 0:
        return said
    return said + " " + ngettext("and %(num)s more", "and %(num)s more", more)


def _unpublished(board: Board, ahead: Sequence[Slot]) -> Iterator[Todo]:
    number = sum(slot.published_at is None for slot in ahead)
    if number and board.rules is not None:
        title = ngettext(
            "%(num)s time is not public yet", "%(num)s times are not public yet", number
        )
        url = url_for("manage.meeting_plan.look", public_id=board.event.public_id)
        yield Todo("info", "eye", title, "", url, _("Look through and publish"))


def _unmarked(board: Board, now: datetime) -> Iterator[Todo]:
    """Meetings that are over, and nobody has said whether the supplier came."""
    over = [
        (slot, booking)
        for slot in board.slots
        if slot.ends_at <= now
        and (booking := board.bookings.get(slot.id)) is not None
        and booking.state == BookingState.BOOKED
    ]
    if over:
        title = ngettext(
            "%(num)s meeting is over, and nobody has noted who came",
            "%(num)s meetings are over, and nobody has noted who came",
            len(over),
        )
        slot, booking = over[0]
        what = f"{slot_label(board, slot)}: {booking.registration.party_name}"
        url = _meeting_url(board, booking.public_id)
        yield Todo("warn", "people", title, what, url, _("Note who came"))


def _meeting_url(board: Board, booking_id: str) -> str:
    where: dict[str, Any] = {"public_id": board.event.public_id, "booking_id": booking_id}
    return url_for("manage.meeting_page.show", **where)
