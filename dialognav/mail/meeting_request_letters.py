"""Letters to a supplier's contact that is to have a meeting: rule, wishes, waiting list, offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import RequestState, SlotState
from dialognav.domain.timing import to_wall
from dialognav.mail.changes import Said
from dialognav.mail.letters import BULK, ORDINARY, URGENT, Facts, Letter
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import (
    asking_stream,
    contact_letter,
    meeting_facts,
    told_at,
)
from dialognav.mail.meeting_people import Meeting
from dialognav.models import Event, MeetingRequest, MeetingRules, Registration, Slot, Wish
from dialognav.models.meeting_queues import queue_moves_until


def rule_facts(session: Session, event: Event) -> Facts:
    """By which rule meetings are handed out, and until when the waiting list moves."""
    rules = session.get(MeetingRules, event.id)
    until = queue_moves_until(session, event)
    facts: Facts = {"offer_hours": event.offer_hours, "moves_until": told_at(until)}
    if rules is not None:
        facts |= {
            "hand_out": str(rules.hand_out),
            "opens_at": told_at(rules.opens_at),
            "closes_at": told_at(rules.closes_at),
            "minutes": rules.slot_minutes,
            "answered": rules.answered_at is not None,
        }
    return {"rule": facts}


def positions(session: Session, event_id: int) -> dict[int, int]:
    """{registration: its place}, of those who wait for a meeting, the next in turn is 1."""
    rows = session.scalars(
        sa.select(MeetingRequest.registration_id)
        .where(MeetingRequest.event_id == event_id, MeetingRequest.state == RequestState.WAITING)
        .where(MeetingRequest.queue_number.is_not(None))
        .order_by(MeetingRequest.queue_number, MeetingRequest.id)
    )
    return {registration_id: n for n, registration_id in enumerate(rows, start=1)}


def is_there(slot: Slot) -> bool:
    """Whether it can be handed out at all."""
    return slot.state == SlotState.OPEN and slot.table.removed_at is None


@dataclass(slots=True)
class AskingLetters:
    """To contacts of one event; `rule` is rule_facts()."""

    writer: MeetingWriter
    rule: Facts

    def letter(
        self,
        registration: Registration,
        kind: str,
        more: Facts | None = None,
        *,
        stream: str = "",
        priority: int = ORDINARY,
    ) -> Letter:
        return contact_letter(
            self.writer,
            registration,
            kind,
            stream=stream or asking_stream(registration.id),
            more={"meetings": self.rule} | (more or {}),
            priority=priority,
        )

    def offered(self, meeting: Meeting) -> Letter:
        """A time is held; after that nobody needs the letter."""
        until = told_at(meeting.booking.until)
        facts = meeting_facts(self.writer, meeting, link=False)
        facts |= {"void_after": until, "meetings": {**self.rule, "until": until}}
        return self.letter(meeting.registration, "meeting_offered", facts, priority=URGENT)

    def lapsed(self, meeting: Meeting) -> Letter:
        facts = meeting_facts(self.writer, meeting, link=False)
        return self.letter(meeting.registration, "meeting_lapsed", facts)

    def stopped(
        self, registration: Registration, reason: str = "", *, ended: bool = False
    ) -> Letter:
        said = {"reason": reason} if reason else {}
        if ended:
            said["how"] = "ended"
        return self.letter(registration, "meeting_stopped", {"meetings": {**self.rule, **said}})

    def without_time(self, request: MeetingRequest) -> Letter:
        """The organiser has answered all by hand: why not, and whether this one waits on."""
        reason = request.proposed_reason
        if request.closed_at is not None:
            return self.stopped(request.registration, reason, ended=True)
        facts = {"meetings": {**self.rule, "how": "answered", "reason": reason}}
        return self.letter(request.registration, "meeting_waiting", facts)

    def waiting(self, request: MeetingRequest, position: int | None) -> Letter:
        facts = {"meetings": {**self.rule, "position": position}}
        return self.letter(request.registration, "meeting_waiting", facts)

    def wished(self, request: MeetingRequest) -> Letter:
        wishes = [self._wish(each, request.registration.language) for each in request.wishes]
        facts = {"meetings": {**self.rule, "wishes": wishes}}
        return self.letter(request.registration, "meeting_wish_received", facts)

    def fallen(
        self,
        request: MeetingRequest,
        changes: Sequence[Said],
        *,
        reason: str,
        may_change: bool,
        delay: int = 0,
    ) -> Letter:
        """Of the times wished for some can be had no more, or again (wish_change()); what stands
        of the wishes, and whether they may be changed."""
        language = request.registration.language
        stands = [self._wish(each, language) for each in request.wishes if is_there(each.slot)]
        told = {"wishes": stands, "reason": reason, "may_change": may_change}
        facts = {"changes": list(changes), "meetings": {**self.rule, **told}}
        letter = self.letter(request.registration, "meeting_wish_gone", facts)
        return replace(letter, delay=delay, priority=BULK if delay else ORDINARY)

    def wish_change(self, slot: Slot, language: str) -> Said:
        """Whether a time can be had, before and now."""
        zone, now = self.writer.event.zone, is_there(slot)
        return {
            **self.writer.slot_facts(slot, language, link=False),
            "what": "wish",
            "before": not now,
            "now": now,
            "of": {"id": slot.id, "at": slot.starts_at.isoformat(), "zone": zone},
        }

    def _wish(self, wish: Wish, language: str) -> Facts:
        return self.writer.slot_facts(wish.slot, language, link=False)

    def left_out(
        self, request: MeetingRequest, explanation: Mapping[str, object], position: int | None
    ) -> Letter:
        """A draw gave the supplier no meeting."""
        told = {"explanation": dict(explanation), "position": position}
        facts = {"meetings": {**self.rule, **told}}
        return self.letter(request.registration, "meeting_result", facts)

    def added(self, registration: Registration, slots: Sequence[Slot]) -> Letter:
        """Each publishing is a letter of its own: none tells what another did. `opens`: when the
        slots can be booked, if that is not when all are."""
        zone = self.writer.event.zone
        days = {to_wall(slot.starts_at, zone).date().isoformat() for slot in slots}
        opens = min((slot.opens_at for slot in slots if slot.opens_at), default=None)
        told = {
            "number": len(slots),
            "days": sorted(days),
            "opens": told_at(opens) or self.rule["rule"].get("opens_at", ""),
        }
        return self.letter(
            registration,
            "meetings_added",
            {
                "meetings": {**self.rule, **told},
                "void_after": max(slot.starts_at for slot in slots).isoformat(),
            },
            stream=f"meetings_added:{registration.id}:{min(slot.id for slot in slots)}",
        )

    def choose(self, registration: Registration) -> Letter:
        rule = self.rule["rule"]
        facts = {"void_after": rule.get("closes_at") or rule["moves_until"]}
        return self.letter(registration, "meeting_choose", facts)
