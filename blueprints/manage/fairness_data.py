"""The record of an event's one-to-one meetings: as data for machines, and set for paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from blueprints.manage import fairness_rows
from blueprints.manage.fairness_words import check_lines
from blueprints.manage.workspace import title_of
from dialognav import meeting_words
from dialognav.clock import utcnow
from dialognav.i18n import current_language, moment_text, ngettext, pick
from dialognav.i18n import gettext as _
from dialognav.models import AuditEntry, Booking, Event, Slot
from dialognav.queries.fairness import (
    Balance,
    chance_of,
    draws_of,
    minutes_by_booking,
    shared_of,
    trail_of,
)

SCHEMA = "dialognav/meetings-record/1"

Data = dict[str, Any]


def rule_lines(event: Event, balance: Balance) -> list[tuple[str, str]]:
    """[(what, how)] of the rules that were published beforehand."""
    rules, zone = balance.rules, event.zone

    def said(at: datetime | None) -> str:
        return moment_text(at, zone, "medium") if at else _("Not decided")

    return [
        (_("Handed out"), str(meeting_words.HAND_OUTS[rules.hand_out])),
        (_("Length"), ngettext("%(num)s minute", "%(num)s minutes", rules.slot_minutes)),
        (_("Rules public since"), said(rules.published_at)),
        (_("Opens"), said(rules.opens_at)),
        (_("Closes"), said(rules.closes_at)),
        (_("Meetings per supplier"), str(rules.most_per_party)),
        (_("People per meeting"), str(rules.most_people)),
    ]


# --- JSON --------------------------------------------------------------------------------------


def record_data(session: Session, event: Event, balance: Balance, *, now: datetime) -> Data:
    """Instants in UTC (ISO 8601), codes as in the code; docs/meetings-record.md says what is what.

    Nothing of what a supplier wrote, and no private note.
    """
    rules = balance.rules
    return {
        "schema": SCHEMA,
        "made_at": now.isoformat(),
        "event": {
            "title": event.title,
            "diary_number": event.diary_number,
            "zone": event.zone,
            "state": str(event.state),
        },
        "rules": {
            "hand_out": str(rules.hand_out),
            "minutes": rules.slot_minutes,
            "gap_minutes": rules.gap_minutes,
            "published_at": _instant(rules.published_at),
            "opens_at": _instant(rules.opens_at),
            "closes_at": _instant(rules.closes_at),
            "meetings_per_party": rules.most_per_party,
            "people_per_meeting": rules.most_people,
            "languages": rules.languages,
        },
        "questions": [question.text for question in event.questions],
        "questions_changed_at": _instant(balance.given.asked_anew_at),
        "balance": [
            {
                "code": one.code,
                "fine": one.is_fine,
                "number": one.number,
                "of": one.of,
                "without_reason": one.unexplained,
            }
            for one in balance.checks
        ],
        "team": [
            {
                "name": one.name,
                "title": one.title,
                "declared_at": _instant(one.cleared_at),
                "left_at": _instant(one.removed_at),
            }
            for one in balance.team
        ],
        "slots": [_slot(one) for one in balance.slots],
        "meetings": _meetings(session, event, balance),
        "queue": _queue(balance),
        "draws": draws_of(session, event.id),
        "shared": shared_of(session, event.id),
    }


def _slot(slot: Slot) -> Data:
    return {
        "id": slot.public_id,
        "table": slot.table.name,
        "mode": str(slot.table.mode),
        "starts_at": _instant(slot.starts_at),
        "ends_at": _instant(slot.ends_at),
        "state": str(slot.state),
        "published_at": _instant(slot.published_at),
        "opens_at": _instant(slot.opens_at),
        "deviation": slot.deviation,
        "team": [{"name": one.member.name, "role": str(one.role)} for one in slot.staff],
    }


def _meetings(session: Session, event: Event, balance: Balance) -> list[Data]:
    minutes = minutes_by_booking(session, [one.id for one in balance.bookings])
    trail = trail_of(session, event)
    return [
        _meeting(one, trail.get(one.id, ()))
        | {"minutes": str(minutes[one.id].state) if one.id in minutes else None}
        for one in balance.bookings
    ]


def _meeting(booking: Booking, trail: Sequence[AuditEntry]) -> Data:
    chance, row = chance_of(booking), booking.registration
    return {
        "id": booking.public_id,
        "slot": booking.slot.public_id,
        "supplier": {
            "reference": row.public_id[:8].upper(),
            "name": row.party_name,
            "identifier": row.party_identifier,
            "country": row.party_country,
        },
        "people": [one.participant.name for one in booking.people],
        "language": booking.language,
        "how": str(chance.how),
        "at": _instant(chance.at),
        "answer_until": _instant(booking.until) if booking.offered_at else None,
        "answered_at": _instant(chance.answered_at),
        "ended_at": _instant(booking.ended_at),
        "state": str(booking.state),
        "reason": booking.reason,
        "trail": [{"at": _instant(one.at), "verb": one.verb} for one in trail],
    }


def _queue(balance: Balance) -> list[Data]:
    return [
        {
            "number": one.queue_number,
            "supplier": one.registration.public_id[:8].upper(),
            "asked_at": _instant(one.asked_at),
            "state": str(one.state),
        }
        for one in balance.requests
        if one.queue_number is not None
    ]


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# --- paper -------------------------------------------------------------------------------------


def paper_data(event: Event, balance: Balance) -> Data:
    """Sections of tables, every cell a line of words."""
    title = title_of(event)
    made = moment_text(utcnow(), event.zone, "medium")
    numbers = [event.diary_number] if event.diary_number else []
    organiser = pick(event.organisation.name, current_language(), event.primary_language)[0]
    return {
        "lang": current_language(),
        "title": _("Equal treatment in the meetings: %(title)s", title=title),
        "organiser": organiser,
        "kind": _("Equal treatment in the one-to-one meetings"),
        "heading": title,
        "lines": [organiser, *numbers],
        "remark": _("Made %(moment)s", moment=made),
        "footer": title,
        "sections": [one for one in _sections(event, balance) if one["rows"]],
    }


def _sections(event: Event, balance: Balance) -> list[Data]:
    checks = check_lines(balance.checks, balance.rules.slot_minutes)
    return [
        _section(_("The rule that was published"), ["", ""], rule_lines(event, balance)),
        _section(_("In short"), ["", ""], [(line.title, line.text) for line in checks]),
        _section(_("The meetings"), _meeting_head(), _meeting_cells(event, balance)),
        _section(_("Who was offered what, and when"), _chance_head(), _chances(event, balance)),
        _section(_("The waiting list"), _queue_head(), _queue_cells(event, balance)),
    ]


def _section(title: str, head: list[str], rows: Sequence[Sequence[str]]) -> Data:
    return {"title": title, "head": head, "rows": [list(row) for row in rows]}


def _meeting_head() -> list[str]:
    return [_("When"), _("Organisation"), _("Length"), _("From us"), _("Differs because")]


def _meeting_cells(event: Event, balance: Balance) -> list[list[str]]:
    return [
        [
            f"{row.when}, {row.table}",
            row.party,
            ngettext("%(num)s minute", "%(num)s minutes", row.minutes),
            "; ".join(f"{role}: {names}" for role, names in row.team),
            row.differs,
        ]
        for row in fairness_rows.meeting_rows(event, balance)
    ]


def _chance_head() -> list[str]:
    return [
        _("Offered or taken"),
        _("Organisation"),
        _("Which time"),
        _("How it came"),
        _("What came of it"),
    ]


def _chances(event: Event, balance: Balance) -> list[list[str]]:
    return [
        [row.at, row.party, row.when, row.how, ". ".join(filter(None, (row.state, row.reason)))]
        for row in fairness_rows.chance_rows(event, balance)
    ]


def _queue_head() -> list[str]:
    return [_("Number"), _("Organisation"), _("Since"), _("State"), _("Passed over by")]


def _queue_cells(event: Event, balance: Balance) -> list[list[str]]:
    return [
        [str(row.number), row.party, row.asked, row.state, row.passed]
        for row in fairness_rows.queue_rows(event, balance)
    ]
