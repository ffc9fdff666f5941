"""A card of the board: one time at one table, what became of it and what it lacks."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from dialognav.domain.meeting_terms import BookingState, SlotState, TableRole
from dialognav.domain.terms import Mode
from dialognav.i18n import (
    clock_text,
    current_language,
    language_name,
    list_text,
    moment_text,
    ngettext,
    pick,
    time_range,
)
from dialognav.i18n import gettext as _
from dialognav.mail.meeting_changes import link_of
from dialognav.meeting_words import BOOKINGS
from dialognav.models import Booking, MeetingTable, Slot, SlotStaff, TableStaff
from dialognav.models.meeting_losses import roles_at
from dialognav.queries.meeting_board import Board

Pill = tuple[str, str, str]  # text, tone, glyph
Staff = TypeVar("Staff", TableStaff, SlotStaff)


@dataclass(frozen=True, slots=True)
class Card:
    """One time at one table. `state` is free, blocked, past (free, but over), or the booking's.

    `place` and `name` say together which time it is: "Bord B" and "9.40, Bord B". `team` only
    where it is not the table's own; `why` of a blocked one; `length` only of one that differs.
    """

    id: str
    state: str
    time: str
    name: str
    is_ahead: bool = False
    why: str = ""
    party: str = ""
    booking_id: str = ""
    people: str = ""
    pills: tuple[Pill, ...] = ()
    team: str = ""
    length: str = ""


def table_name(board: Board, table: MeetingTable) -> str:
    return said(board, table.name)


def slot_label(board: Board, slot: Slot) -> str:
    """'ons 24 feb, 9.40, Bord B' in a list of times to choose from."""
    when = moment_text(slot.starts_at, board.event.zone)
    mode = _("digital") if slot.table.mode == Mode.ONLINE else ""
    return ", ".join(filter(None, (when, table_name(board, slot.table), mode)))


def said(board: Board, text: dict[str, str]) -> str:
    return pick(text, current_language(), board.event.primary_language)[0]


def lacks(board: Board, slot: Slot) -> list[str]:
    """What is missing before it can be handed out; whoever is away is not there, nor who is in
    another event's meeting."""
    roles = roles_at(slot, board.elsewhere)
    said = []
    if TableRole.ASKS not in roles:
        said.append(_("Nobody to ask"))
    if TableRole.NOTES not in roles:
        said.append(_("Note-taker missing"))
    if slot.table.mode == Mode.ONLINE and not link_of(slot):
        said.append(_("Link missing"))
    return said


def team_text(staff: Sequence[Staff]) -> str:
    """'Elin frågar, Jonas antecknar', by first names."""
    return ", ".join(_role_text(role, staff) for role in TableRole if _names(role, staff))


def _names(role: str, staff: Sequence[Staff]) -> list[str]:
    return sorted(one.member.name.split()[0] for one in staff if one.role == role)


def _role_text(role: TableRole, staff: Sequence[Staff]) -> str:
    names = _names(role, staff)
    who, number = list_text(names), len(names)
    if role == TableRole.ASKS:
        return ngettext("%(names)s asks", "%(names)s ask", number, names=who)
    if role == TableRole.NOTES:
        return ngettext("%(names)s takes notes", "%(names)s take notes", number, names=who)
    return ngettext("%(names)s observes", "%(names)s observe", number, names=who)


def card_of(board: Board, slot: Slot, now: datetime, known: Collection[str] = ()) -> Card:
    """`known` is what every time of the table lacks, and its column says."""
    zone, booking = board.event.zone, board.bookings.get(slot.id)
    table = table_name(board, slot.table)
    begins = clock_text(slot.starts_at, zone)
    own_team = {(one.member_id, one.role) for one in slot.staff}
    usual = {(one.member_id, one.role) for one in slot.table.staff}
    return Card(
        id=slot.public_id,
        state=booking.state if booking else _unbooked(slot, now),
        time=time_range(slot.starts_at, slot.ends_at, zone),
        name=_("%(time)s, %(table)s", time=begins, table=table),
        is_ahead=now < slot.starts_at,
        why=slot.block_reason if slot.state == SlotState.BLOCKED else "",
        **(_of_booking(booking) if booking else {}),
        pills=_pills(board, slot, booking, known),
        team=team_text(slot.staff) if own_team != usual else "",
        length=_other_length(board, slot),
    )


def _of_booking(booking: Booking) -> dict[str, str]:
    return {
        "party": booking.registration.party_name,
        "booking_id": booking.public_id,
        "people": people_text(booking),
    }


def _unbooked(slot: Slot, now: datetime) -> str:
    if slot.state == SlotState.BLOCKED:
        return "blocked"
    return "past" if slot.starts_at <= now else "free"


def _other_length(board: Board, slot: Slot) -> str:
    """Only of one that is not as long as the rules say."""
    minutes = int((slot.ends_at - slot.starts_at).total_seconds()) // 60
    if board.rules is None or minutes == board.rules.slot_minutes:
        return ""
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)


def people_text(booking: Booking) -> str:
    """'3 pers, norska'"""
    number = ngettext("%(num)s person", "%(num)s people", len(booking.people))
    spoken = language_name(booking.language) if booking.language else ""
    return ", ".join(filter(None, (number, spoken)))


def _pills(
    board: Board, slot: Slot, booking: Booking | None, known: Collection[str]
) -> tuple[Pill, ...]:
    pills = [_state_pill(board, booking), *_answers(board, booking)] if booking else []
    if slot.state == SlotState.OPEN and slot.published_at is None:
        pills.append((_("Not published"), "", "lock"))
    pills += [(words, "warn", "warn") for words in lacks(board, slot) if words not in known]
    return tuple(pills)


def _answers(board: Board, booking: Booking) -> Iterator[Pill]:
    """Who said in the calendar that they do not come, or perhaps."""
    for name, partstat in board.answers.get(booking.id, ()):
        if partstat == "DECLINED":
            yield _("%(name)s said no", name=name), "bad", "ban"
        else:
            yield _("%(name)s may come", name=name), "warn", "wait"


def _state_pill(board: Board, booking: Booking) -> Pill:
    state, zone = booking.state, board.event.zone
    if state == BookingState.HELD and booking.until:
        until = clock_text(booking.until, zone)
        return _("Being booked, until %(time)s", time=until), "warn", "wait"
    if state == BookingState.OFFERED and booking.until:
        until = moment_text(booking.until, zone)
        return _("Offered until %(moment)s", moment=until), "warn", "wait"
    if state == BookingState.NO_SHOW:
        return str(BOOKINGS[state]), "bad", "ban"
    if state == BookingState.BOOKED and booking.topics:
        return _("Questions in"), "info", "doc"
    return str(BOOKINGS[state]), "ok", "okc"
