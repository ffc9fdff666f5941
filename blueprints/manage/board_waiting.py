"""Who wants a meeting and has no time, beside the board, each with the times that suit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from blueprints.manage.board_cards import slot_label
from dialognav.domain.meeting_terms import BookingState
from dialognav.i18n import gettext as _
from dialognav.i18n import list_text, moment_text, ngettext
from dialognav.models import MeetingRequest
from dialognav.queries.meeting_board import Board, free_for
from dialognav.words import MODES


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """`number` is the place in the queue; `offered` names the time that is; `options` are (slot's
    public id, words) of those that are free and suit."""

    id: str
    number: str
    party: str
    text: str
    offered: str
    options: list[tuple[str, str]]


def waiting_lines(
    session: Session, board: Board, now: datetime, *, at_most: int | None = None
) -> list[WaitingLine]:
    """Those in the queue, the next in turn first."""
    shown = board.queue[:at_most]
    free = free_for(session, board.event, [one.registration_id for one in shown], now=now)
    numbered = enumerate(shown, 1)
    return [_line(board, one, n, free.get(one.registration_id, ()), now) for n, one in numbered]


def _line(
    board: Board, request: MeetingRequest, number: int, free: Sequence[int], now: datetime
) -> WaitingLine:
    by_id = {slot.id: slot for slot in board.slots}
    return WaitingLine(
        id=request.public_id,
        number=str(number),
        party=request.registration.party_name,
        text=_wishes(request, now),
        offered=_offer(board, request),
        options=[
            (by_id[slot_id].public_id, slot_label(board, by_id[slot_id]))
            for slot_id in free
            if slot_id in by_id
        ],
    )


def _wishes(request: MeetingRequest, now: datetime) -> str:
    """'2 personer, helst digitalt. Har väntat 4 dagar.'"""
    said = []
    if request.people:
        said.append(ngettext("%(num)s person", "%(num)s people", len(request.people)))
    if request.modes:
        said.append(list_text([str(MODES[mode]).lower() for mode in request.modes]))
    days = (now - request.asked_at).days
    waited = ngettext("Has waited %(num)s day.", "Has waited %(num)s days.", days) if days else ""
    return " ".join(filter(None, (f"{', '.join(said)}." if said else "", waited)))


def _offer(board: Board, request: MeetingRequest) -> str:
    for slot in board.slots:
        booking = board.bookings.get(slot.id)
        if (
            booking is not None
            and booking.state == BookingState.OFFERED
            and booking.registration_id == request.registration_id
        ):
            until = moment_text(booking.until, board.event.zone) if booking.until else ""
            return _("Offered %(slot)s, until %(until)s", slot=slot_label(board, slot), until=until)
    return ""
