"""A supplier or a person looked up on the board, and the reader's own next meeting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from blueprints.guard import allows
from blueprints.manage.board_cards import slot_label
from dialognav.db import db
from dialognav.domain.meeting_terms import BookingState, HandOut
from dialognav.domain.participant_import import folded_name
from dialognav.domain.permissions import MEETINGS
from dialognav.i18n import gettext as _
from dialognav.meeting_words import BOOKINGS
from dialognav.models import Booking, Slot
from dialognav.queries.meeting_board import Board, day_of, people_of

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A supplier on the board, in the queue, or before a draw: where it stands. `url` is empty
    when the reader may not open the page where it does."""

    party: str
    text: str
    url: str


def found_on(board: Board, wanted: str) -> list[Found]:
    """Whose name, or the name of one of whose people, has these words in it; by time, then those
    who wait or have wished."""
    words = folded_name(wanted[:LONGEST])
    return [*_booked(board, words), *_asking(board, words)] if words else []


def _booked(board: Board, words: str) -> Iterator[Found]:
    for slot in board.slots:
        booking = board.bookings.get(slot.id)
        if booking is not None and any(words in folded_name(name) for name in _names(booking)):
            state = str(BOOKINGS[booking.state])
            text = f"{slot_label(board, slot)} ({state.lower()})"
            yield Found(booking.registration.party_name, text, card_url(board, slot))


def _names(booking: Booking) -> Iterator[str]:
    yield booking.registration.party_name
    yield from (one.participant.name for one in booking.people)


def _asking(board: Board, words: str) -> Iterator[Found]:
    people = people_of(db.session(), [one.registration_id for one in board.requests])
    places = {one.id: place for place, one in enumerate(board.queue, 1)}
    for request in board.requests:
        party = request.registration.party_name
        names = (party, *people.get(request.registration_id, ()))
        if not any(words in folded_name(name) for name in names):
            continue
        where: dict[str, Any] = {"public_id": board.event.public_id}
        if place := places.get(request.id):
            anchor = f"waits-{request.public_id}"
            url = url_for("manage.meeting_waiting.index", **where, _anchor=anchor)
            yield Found(party, _("Waits, as number %(place)s", place=place), url)
        else:
            by_hand = board.rules is not None and board.rules.hand_out == HandOut.BY_HAND
            page = "manage.by_hand.index" if by_hand else "manage.draws.show"
            url = url_for(page, **where) if allows(MEETINGS) else ""
            yield Found(party, _("Has asked for a meeting"), url)


def card_url(board: Board, slot: Slot) -> str:
    day = day_of(slot, board.event.zone).isoformat()
    where: dict[str, Any] = {"public_id": board.event.public_id, "day": day}
    return url_for("manage.meeting_board.show", **where, _anchor=f"slot-{slot.public_id}")


def own_next(board: Board, user_id: int, now: datetime) -> Found | None:
    """The first booked meeting that is not over and that the reader is in."""
    for slot in board.slots:
        booking = board.bookings.get(slot.id)
        if booking is None or booking.state != BookingState.BOOKED or slot.ends_at <= now:
            continue
        if any(one.member.user_id == user_id for one in slot.staff):
            where: dict[str, Any] = {
                "public_id": board.event.public_id,
                "booking_id": booking.public_id,
            }
            url = url_for("manage.meeting_page.show", **where)
            return Found(booking.registration.party_name, slot_label(board, slot), url)
    return None
