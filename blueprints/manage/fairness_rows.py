"""Who met whom, when and by which way, as rows: for the page, a spreadsheet and the paper.

What a supplier wants to raise, or marks as a secret, is in none of them: it stays with the meeting.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from blueprints.manage.export_rows import moment
from dialognav import meeting_words, words
from dialognav.domain.fairness import STANDS, Chance, passed_over
from dialognav.domain.meeting_terms import TableRole
from dialognav.exports import Cell
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text, ngettext, pick, when_text
from dialognav.models import AuditEntry, Booking, Event, MeetingTable, Slot
from dialognav.queries.fairness import Balance, chance_of, minutes_by_booking, trail_of
from dialognav.words import MODES

Row = list[Cell]
_MOVES = ("meeting.moved", "meeting.replanned")


@dataclass(frozen=True, slots=True)
class MeetingRow:
    when: str
    table: str
    party: str
    minutes: int
    mode: str
    team: list[tuple[str, str]]  # (role, names)
    differs: str


@dataclass(frozen=True, slots=True)
class ChanceRow:
    party: str
    when: str
    how: str
    at: str
    until: str
    answered: str
    took: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    number: int
    party: str
    asked: str
    state: str
    passed: str


def table_name(table: MeetingTable, event: Event) -> str:
    return pick(table.name, "", event.primary_language)[0]


def meeting_rows(event: Event, balance: Balance) -> list[MeetingRow]:
    """Those that stand or were held, by time and table."""
    taken = {one.slot_id: one for one in balance.bookings if one.state in STANDS}
    rows = []
    for slot in balance.slots:
        booking = taken.get(slot.id)
        if booking is not None:
            rows.append(
                MeetingRow(
                    when=when_text(slot.starts_at, slot.ends_at, event.zone),
                    table=table_name(slot.table, event),
                    party=booking.registration.party_name,
                    minutes=minutes_of(slot),
                    mode=str(MODES[slot.table.mode]),
                    team=meeting_words.team_of(slot),
                    differs=slot.deviation,
                )
            )
    return rows


def minutes_of(slot: Slot) -> int:
    return int((slot.ends_at - slot.starts_at).total_seconds()) // 60


def chance_rows(event: Event, balance: Balance) -> list[ChanceRow]:
    """Every time that somebody was offered, took or was given, in the order it happened."""
    return [
        _chance_row(event, booking, chance)
        for booking, chance in zip(balance.bookings, balance.given.chances, strict=True)
    ]


def _chance_row(event: Event, booking: Booking, chance: Chance) -> ChanceRow:
    slot, zone = booking.slot, event.zone

    def said(at: datetime | None) -> str:
        return moment_text(at, zone) if at else ""

    when = when_text(slot.starts_at, slot.ends_at, zone)
    return ChanceRow(
        party=booking.registration.party_name,
        when=f"{when}, {table_name(slot.table, event)}",
        how=str(meeting_words.HOWS[chance.how]),
        at=said(chance.at),
        until=said(chance.until) if booking.offered_at else "",
        answered=said(chance.answered_at) if booking.offered_at else "",
        took=said_span(chance.answer_time),
        state=str(meeting_words.BOOKINGS[booking.state]),
        reason=booking.reason,
    )


def said_span(span: timedelta | None) -> str:
    """'3 hours', or minutes of what took less than one; '' for None."""
    if span is None:
        return ""
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return ngettext("%(num)s hour", "%(num)s hours", round(minutes / 60))


def queue_rows(event: Event, balance: Balance) -> list[QueueRow]:
    found = passed_over(balance.given.queue, balance.given.chances)
    parties = {one.registration_id: one.registration.party_name for one in balance.requests}
    return [
        QueueRow(
            number=one.queue_number,
            party=one.registration.party_name,
            asked=moment_text(one.asked_at, event.zone),
            state=str(meeting_words.REQUESTS[one.state]),
            passed=_passed(found.get(one.registration_id, ()), parties),
        )
        for one in balance.requests
        if one.queue_number is not None
    ]


def _passed(chances: Sequence[Chance], parties: Mapping[int, str]) -> str:
    said = [
        f"{parties.get(one.registration_id, '')}: {one.reason or _('no reason given')}"
        for one in chances
    ]
    return "; ".join(said)


# --- the registrar's list ----------------------------------------------------------------------


def record_head() -> list[str]:
    return [
        *(_("Reference"), _("Organisation"), _("Organisation number"), _("Country")),
        *(
            _("Starts"),
            _("Ends"),
            _("Length in minutes"),
            _("Table"),
            _("Takes part"),
            _("Language"),
        ),
        *(
            _("How it came"),
            _("Offered or taken"),
            _("Answer until"),
            _("Answered on"),
            _("Answered after"),
        ),
        *(_("State"), _("Reason"), _("People from the supplier")),
        *(str(meeting_words.TABLE_ROLES[role]) for role in TableRole),
        *(_("Other length or team because"), _("Moved"), _("Minutes of the meeting")),
    ]


def record_rows(session: Session, event: Event, balance: Balance) -> Iterator[Row]:
    """A row for each time that somebody was offered, took or was given, whatever came of it."""
    minutes = minutes_by_booking(session, [one.id for one in balance.bookings])
    trail = trail_of(session, event)
    for booking in balance.bookings:
        found = minutes.get(booking.id)
        yield [
            *_party(booking),
            *_time(event, booking.slot),
            booking.language,
            *_way(booking, event.zone),
            len(booking.people),
            *(meeting_words.names_in(booking.slot, role) for role in TableRole),
            booking.slot.deviation,
            _moves(trail.get(booking.id, ()), event.zone),
            str(meeting_words.MINUTES[found.state]) if found else "",
        ]


def _party(booking: Booking) -> Row:
    row = booking.registration
    return [row.public_id[:8].upper(), row.party_name, row.party_identifier, row.party_country]


def _time(event: Event, slot: Slot) -> Row:
    return [
        moment(slot.starts_at, event.zone),
        moment(slot.ends_at, event.zone),
        minutes_of(slot),
        table_name(slot.table, event),
        str(words.MODES[slot.table.mode]),
    ]


def _way(booking: Booking, zone: str) -> Row:
    chance = chance_of(booking)
    return [
        str(meeting_words.HOWS[chance.how]),
        moment(chance.at, zone),
        moment(chance.until, zone) if booking.offered_at else "",
        moment(chance.answered_at, zone) if booking.offered_at else "",
        said_span(chance.answer_time),
        str(meeting_words.BOOKINGS[booking.state]),
        booking.reason,
    ]


def _moves(entries: Sequence[AuditEntry], zone: str) -> str:
    return ", ".join(moment(one.at, zone) for one in entries if one.verb in _MOVES)
