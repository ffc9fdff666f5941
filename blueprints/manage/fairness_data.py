"""The record of an event's one-to-one meetings as data for machines; on paper: fairness_paper.py.

Nobody of a supplier is named: that the terms were equal is shown by how many came. Who was there
stands in the minutes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav.models import AuditEntry, Booking, Event, MeetingRules, Slot
from dialognav.queries.booking_steps import Step, steps_of
from dialognav.queries.fairness import (
    Balance,
    chance_of,
    draws_of,
    minutes_by_booking,
    rule_changes,
    shared_of,
    why_none,
)

SCHEMA = "dialognav/meetings-record/2"

Data = dict[str, Any]


def record_data(session: Session, event: Event, balance: Balance, *, now: datetime) -> Data:
    """Instants in UTC (ISO 8601), codes as in the code; docs/meetings-record.md says what is what.

    Nothing of what a supplier wrote, and no private note.
    """
    return {
        "schema": SCHEMA,
        "made_at": now.isoformat(),
        "event": {
            "title": event.title,
            "diary_number": event.diary_number,
            "zone": event.zone,
            "state": str(event.state),
        },
        "rules": _rules(balance.rules),
        "rule_changes": [_change(*one) for one in rule_changes(session, event)],
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


def _rules(rules: MeetingRules) -> Data:
    return {
        "hand_out": str(rules.hand_out),
        "minutes": rules.slot_minutes,
        "gap_minutes": rules.gap_minutes,
        "published_at": _instant(rules.published_at),
        "opens_at": _instant(rules.opens_at),
        "closes_at": _instant(rules.closes_at),
        "answered_at": _instant(rules.answered_at),
        "meetings_per_party": rules.most_per_party,
        "people_per_meeting": rules.most_people,
        "languages": rules.languages,
    }


def _change(entry: AuditEntry, why: str) -> Data:
    return {
        "at": _instant(entry.at),
        "verb": entry.verb,
        "changed": entry.facts.get("rules_of_meetings", {}),
        "reason": why,
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
    steps = steps_of(session, event)
    return [
        _meeting(one, steps.get(one.id, ()))
        | {"minutes": str(minutes[one.id].state) if one.id in minutes else None}
        for one in balance.bookings
    ]


def _meeting(booking: Booking, steps: Sequence[Step]) -> Data:
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
        "people": len(booking.people),
        "language": booking.language,
        "how": str(chance.how),
        "at": _instant(chance.at),
        "answer_until": _instant(booking.until) if booking.offered_at else None,
        "answered_at": _instant(chance.answered_at),
        "ended_at": _instant(booking.ended_at),
        "state": str(booking.state),
        "reason": booking.reason,
        "trail": [_step(one) for one in steps],
    }


def _step(step: Step) -> Data:
    return {
        "at": _instant(step.at),
        "verb": step.verb,
        "by": step.by,
        "name": step.name,
        "slot": step.slot.public_id,
        "table": step.slot.table.name,
        "starts_at": _instant(step.slot.starts_at),
        "left": step.left.public_id if step.left else None,
        "reason": step.reason,
    }


def _queue(balance: Balance) -> list[Data]:
    return [
        {
            "number": one.queue_number,
            "supplier": one.registration.public_id[:8].upper(),
            "asked_at": _instant(one.asked_at),
            "state": str(one.state),
            "closed_at": _instant(one.closed_at),
            "reason": why_none(balance.rules, one),
        }
        for one in balance.requests
        if one.queue_number is not None
    ]


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
