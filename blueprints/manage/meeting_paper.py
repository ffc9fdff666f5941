"""What stands on paper about a day of one-to-one meetings, as data: for the page and for the PDF.

No address and no telephone number. What a supplier wants to raise stands on the host's own sheet
alone, and on the door's no supplier at all: paper is left lying (domain.md 2.5). Whoever may
see who needs help reads on plan and sheet what is needed in which meeting, and not by whom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from blueprints.manage.board_cards import said, table_name, team_text
from blueprints.manage.board_lines import tables_on
from blueprints.manage.meeting_lines import need_text
from blueprints.manage.paper import KEPT_FOR
from blueprints.manage.workspace import title_of
from dialognav.clock import utcnow
from dialognav.domain.meeting_terms import BookingState, SlotState
from dialognav.domain.terms import Mode
from dialognav.i18n import (
    clock_text,
    current_language,
    date_text,
    language_name,
    moment_text,
    ngettext,
    pick,
    time_range,
)
from dialognav.i18n import gettext as _
from dialognav.models import AccessNeed, Booking, MeetingTable, Slot
from dialognav.queries.meeting_board import Board, day_of

Needs = Mapping[int, Sequence[AccessNeed]]
"""{booking id: what its people have asked for}, nothing for whoever may not see it."""

MEETS = (BookingState.BOOKED, BookingState.ATTENDED, BookingState.NO_SHOW)
LINES = 4  # to write on, after each question


@dataclass(frozen=True, slots=True)
class Choice:
    """`kind` is day, doors or hosts; `table` a public id, "" for all of the day."""

    kind: str
    day: date
    table: str = ""


def slots_of(board: Board, choice: Choice) -> list[Slot]:
    """Those that are meant for suppliers."""
    return [
        slot
        for slot in board.slots_on(choice.day)
        if slot.state == SlotState.OPEN and choice.table in ("", slot.table.public_id)
    ]


def head_of(board: Board, choice: Choice, lines: Sequence[str], remark: str) -> dict[str, Any]:
    """The head and the foot of a sheet."""
    event = board.event
    kinds = {
        "day": _("Meetings of the day"),
        "doors": _("Sign for the door"),
        "hosts": _("For the meeting"),
    }
    day, title = date_text(choice.day, style="long"), title_of(event)
    printed = _("Printed %(when)s", when=moment_text(utcnow(), event.zone, "medium"))
    return {
        "lang": current_language(),
        "title": f"{kinds[choice.kind]}, {day}: {title}",
        "organiser": pick(event.organisation.name, current_language(), event.primary_language)[0],
        "kind": kinds[choice.kind],
        "heading": title,
        "lines": [day, *lines],
        "remark": ". ".join(filter(None, (event.diary_number, remark, printed))) + ".",
        "footer": _footer(choice),
    }


def _footer(choice: Choice) -> str:
    if choice.kind == "doors":
        return _("No supplier is named here: who meets us is nobody else's business.")
    day = date_text(choice.day + KEPT_FOR + timedelta(days=1))
    return _(
        "For the team alone. Destroy it after the meetings, by %(day)s at the latest.", day=day
    )


def day_data(board: Board, choice: Choice, needs: Needs) -> dict[str, Any]:
    """Each table of the day: its times and breaks, and who comes."""
    slots = slots_of(board, choice)
    taken = [slot for slot in slots if _meeting(board, slot)]
    number = ngettext("%(num)s meeting", "%(num)s meetings", len(taken))
    return head_of(board, choice, [], number) | {
        "help": _("Help on the day"),
        "heads": [_("Time"), _("Supplier"), _("Who comes"), _("Team")],
        "tables": [
            _table(board, table, choice) | {"rows": _rows(board, table, slots, choice, needs)}
            for table in tables_on(board, slots)
        ],
    }


def _table(board: Board, table: MeetingTable, choice: Choice) -> dict[str, Any]:
    where = table.online_service if table.mode == Mode.ONLINE else said(board, table.room)
    return {
        "name": table_name(board, table),
        "place": ", ".join(filter(None, (where, table.address))),
        "topic": said(board, table.topic),
        "day": date_text(choice.day, style="long"),
    }


def _rows(
    board: Board, table: MeetingTable, slots: Sequence[Slot], choice: Choice, needs: Needs
) -> list[dict[str, str]]:
    """By time; a break is a row with its own words."""
    zone = board.event.zone
    own = [
        (slot.starts_at, _row(board, slot, needs)) for slot in slots if slot.table_id == table.id
    ]
    pauses = [
        (
            each.starts_at,
            {
                "time": time_range(each.starts_at, each.ends_at, zone),
                "pause": said(board, each.title) or _("Break"),
                **dict.fromkeys(("party", "people", "help", "team"), ""),
            },
        )
        for each in board.breaks
        if each.table_id in (None, table.id) and day_of(each, zone) == choice.day
    ]
    return [row for _at, row in sorted([*own, *pauses], key=lambda pair: pair[0])]


def _row(board: Board, slot: Slot, needs: Needs) -> dict[str, str]:
    booking = _meeting(board, slot)
    return {
        "time": time_range(slot.starts_at, slot.ends_at, board.event.zone),
        "pause": "",
        "party": booking.registration.party_name if booking else "",
        "people": _names(booking) if booking else "",
        "help": _help(booking, needs) if booking else "",
        "team": team_text(slot.staff),
    }


def _meeting(board: Board, slot: Slot) -> Booking | None:
    booking = board.bookings.get(slot.id)
    return booking if booking and booking.state in MEETS else None


def _names(booking: Booking) -> str:
    names = ", ".join(one.participant.name for one in booking.people)
    spoken = language_name(booking.language) if booking.language else ""
    return f"{names} ({spoken})" if spoken else names


def _help(booking: Booking, needs: Needs) -> str:
    return "; ".join(map(need_text, needs.get(booking.id, ())))


def door_data(board: Board, choice: Choice) -> dict[str, Any]:
    """A sign for each table of the day: the times, and nobody's name."""
    slots = slots_of(board, choice)
    zone = board.event.zone
    return head_of(board, choice, [], "") | {
        "calm": _("Meeting going on"),
        "wait": _("Please wait outside until you are called in."),
        "tables": [
            _table(board, table, choice)
            | {
                "times": [
                    time_range(slot.starts_at, slot.ends_at, zone)
                    for slot in slots
                    if slot.table_id == table.id
                ]
            }
            for table in tables_on(board, slots)
        ],
    }


def host_data(board: Board, choice: Choice, needs: Needs) -> dict[str, Any]:
    """A sheet for each meeting: the same questions, in the same order, with room to write."""
    slots = [slot for slot in slots_of(board, choice) if _meeting(board, slot)]
    number = ngettext("%(num)s meeting", "%(num)s meetings", len(slots))
    return head_of(board, choice, [], number) | {
        "row_lines": LINES,
        "words": {
            "people": _("Who comes"),
            "team": _("Team"),
            "help": _("Help on the day"),
            "topics": _("What the supplier wants to raise"),
            "marks": _("Marked by the supplier as a possible trade secret"),
            "why": _("Why:"),
            "questions": _("The same questions in every meeting"),
            "other": _("Anything else"),
            "shared": _("Concerns the procurement, and is to be shared with all"),
        },
        "meetings": [_meeting_sheet(board, slot, needs) for slot in slots],
    }


def _meeting_sheet(board: Board, slot: Slot, needs: Needs) -> dict[str, Any]:
    booking, event = _meeting(board, slot), board.event
    if booking is None:
        raise KeyError(slot.id)
    tongue = booking.language or event.primary_language
    return {
        "party": booking.registration.party_name,
        "time": time_range(slot.starts_at, slot.ends_at, event.zone),
        "begins": clock_text(slot.starts_at, event.zone),
        "table": table_name(board, slot.table),
        "people": _names(booking),
        "help": _help(booking, needs),
        "team": team_text(slot.staff),
        "topics": booking.topics,
        "marks": booking.secret_marks,
        "why": booking.secret_reason,
        "questions": [pick(one.text, tongue, event.primary_language)[0] for one in event.questions],
    }
