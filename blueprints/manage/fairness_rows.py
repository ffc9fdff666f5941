"""Who met whom, when and by which way, as rows: for the page, a spreadsheet and the paper.

What a supplier wants to raise, or marks as a secret, is in none of them: it stays with the meeting.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from blueprints.manage.export_rows import moment
from blueprints.manage.step_words import StepLine, said_slot, step_lines, table_name
from dialognav import meeting_words, words
from dialognav.domain.fairness import STANDS, Chance, passed_over
from dialognav.domain.meeting_terms import TableRole
from dialognav.exports import Cell
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text, ngettext, when_text
from dialognav.models import Booking, Event, MeetingRequest, MeetingRules, Slot
from dialognav.queries.booking_steps import Step, Steps, steps_of
from dialognav.queries.fairness import Balance, chance_of, minutes_by_booking, why_none
from dialognav.words import MODES

Row = list[Cell]


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
    """`when` is the time that it began with: where it is moved to stands in `steps`. `reason` is
    one that no step has."""

    party: str
    when: str
    how: str
    at: str
    until: str
    answered: str
    took: str
    state: str
    reason: str
    steps: list[StepLine]


@dataclass(frozen=True, slots=True)
class QueueRow:
    number: int
    party: str
    asked: str
    state: str
    passed: str


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


def chance_rows(event: Event, balance: Balance, steps: Steps) -> list[ChanceRow]:
    """Every time that somebody was offered, took or was given, in the order it happened."""
    return [
        _chance_row(event, booking, chance, steps.get(booking.id, ()))
        for booking, chance in zip(balance.bookings, balance.given.chances, strict=True)
    ]


def _chance_row(event: Event, booking: Booking, chance: Chance, steps: Sequence[Step]) -> ChanceRow:
    zone = event.zone

    def said(at: datetime | None) -> str:
        return moment_text(at, zone) if at else ""

    return ChanceRow(
        party=booking.registration.party_name,
        when=said_slot(event, _began_with(booking, steps)),
        how=str(meeting_words.HOWS[chance.how]),
        at=said(chance.at),
        until=said(chance.until) if booking.offered_at else "",
        answered=said(chance.answered_at) if booking.offered_at else "",
        took=said_span(chance.answer_time),
        state=str(meeting_words.BOOKINGS[booking.state]),
        reason="" if booking.reason in {one.reason for one in steps} else booking.reason,
        steps=step_lines(event, steps),
    )


def _began_with(booking: Booking, steps: Sequence[Step]) -> Slot:
    return steps[0].began_at if steps else booking.slot


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
            state=_became_of(one, balance.rules),
            passed=_passed(found.get(one.registration_id, ()), parties),
        )
        for one in balance.requests
        if one.queue_number is not None
    ]


def _became_of(request: MeetingRequest, rules: MeetingRules) -> str:
    """And why, where the organiser handed out by hand and gave it no time."""
    state = meeting_words.REQUESTS["closed" if request.closed_at else request.state]
    return ": ".join(filter(None, (str(state), why_none(rules, request))))


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
            _("Which time"),
            _("Answer until"),
            _("Answered on"),
            _("Answered after"),
        ),
        *(_("State"), _("Reason"), _("People from the supplier")),
        *(str(meeting_words.TABLE_ROLES[role]) for role in TableRole),
        *(_("Other length or team because"), _("Step by step"), _("Minutes of the meeting")),
    ]


def record_rows(session: Session, event: Event, balance: Balance) -> Iterator[Row]:
    """A row for each time that somebody was offered, took or was given, whatever came of it: when
    the meeting is now, and after "offered or taken" the time that was."""
    minutes = minutes_by_booking(session, [one.id for one in balance.bookings])
    all_steps = steps_of(session, event)
    for booking in balance.bookings:
        found, steps = minutes.get(booking.id), all_steps.get(booking.id, ())
        yield [
            *_party(booking),
            *_time(event, booking.slot),
            booking.language,
            *_way(event, booking, steps),
            len(booking.people),
            *(meeting_words.names_in(booking.slot, role) for role in TableRole),
            booking.slot.deviation,
            "; ".join(one.said for one in step_lines(event, steps)),
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


def _way(event: Event, booking: Booking, steps: Sequence[Step]) -> Row:
    chance, zone = chance_of(booking), event.zone
    return [
        str(meeting_words.HOWS[chance.how]),
        moment(chance.at, zone),
        said_slot(event, _began_with(booking, steps)),
        moment(chance.until, zone) if booking.offered_at else "",
        moment(chance.answered_at, zone) if booking.offered_at else "",
        said_span(chance.answer_time),
        str(meeting_words.BOOKINGS[booking.state]),
        booking.reason,
    ]
