"""All that one change of meetings tells, put together: each reader gets it once.

Who is invited and who no longer is follows from what stands and from what is in calendars.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.mail import outbox
from dialognav.mail.letters import ORDINARY, URGENT, Facts, Letter
from dialognav.mail.meeting_changes import SlotTold, said_changes, told_of
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_host_letters import News, What, by_member, host_letters, is_too_many
from dialognav.mail.meeting_letters import away_letter, guest_letter
from dialognav.mail.meeting_people import STANDS, Meeting, meetings_of
from dialognav.mail.post import Post
from dialognav.models import Booking, Participant, Slot, SlotStaff, TeamMember

EndedBy = Literal["supplier", "organiser", "lapsed"]


@dataclass(slots=True)
class Outgoing:
    """Letters of one event, gathered by the verbs below and promised by send()."""

    session: Session
    writer: MeetingWriter
    now: datetime
    letters: list[Letter] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    told: set[int] = field(default_factory=set)  # bookings

    @classmethod
    def of(cls, session: Session, event_id: int, *, now: datetime, post: Post) -> "Outgoing":
        return cls(session, MeetingWriter.of(session, event_id, now=now, post=post), now)

    def meetings(self, bookings: Sequence[Booking]) -> list[Meeting]:
        """Of these, each once."""
        new = [one for one in bookings if one.id not in self.told]
        self.told |= {one.id for one in new}
        return meetings_of(self.session, new)

    def invite(
        self, meeting: Meeting, people: Iterable[Participant], kind: str, more: Facts
    ) -> None:
        self.letters += [
            guest_letter(self.writer, meeting, one, kind, method="REQUEST", more=more)
            for one in people
        ]

    def to_contact(
        self, meeting: Meeting, kind: str, more: Facts, *, priority: int = ORDINARY, delay: int = 0
    ) -> None:
        """Where no letter about the same goes to that address."""
        readers = meeting.people if meeting.is_on else meeting.guests
        if not meeting.reads_as_contact(readers):
            letter = away_letter(
                self.writer, meeting, kind, more=more, priority=priority, delay=delay
            )
            self.letters.append(letter)

    def booked(
        self, meeting: Meeting, kind: str = "meeting_booked", more: Facts | None = None
    ) -> None:
        facts = {"meetings": how_booked(meeting)} | (more or {})
        self.invite(meeting, meeting.people, kind, facts)
        self.to_contact(meeting, kind, facts)
        self.team(meeting)

    def changed(self, meeting: Meeting, before: SlotTold, *, reason: str, delay: int) -> None:
        """At another time, place or table."""
        language, kind = meeting.registration.language, "meeting_changed"
        changes = said_changes(before, told_of(meeting.slot), self.writer.event, language)
        facts: Facts = {"changes": changes, "meetings": {"reason": reason}}
        moved = any(each["what"] == "time" for each in changes)
        self.letters += [
            guest_letter(
                self.writer,
                meeting,
                one,
                kind,
                method="REQUEST",
                more=facts,
                moved=moved,
                delay=delay,
            )
            for one in meeting.people
            if one in meeting.guests
        ]
        self.people(meeting)
        self.to_contact(meeting, kind, facts, delay=delay)
        self.team(meeting, before, reason=reason, delay=delay)

    def people(self, meeting: Meeting) -> None:
        """Invited who has no entry, cancelled who has one and does not come."""
        new = [one for one in meeting.people if one not in meeting.guests]
        self.invite(meeting, new, "meeting_booked", {"meetings": how_booked(meeting)})
        gone = [one for one in meeting.guests if one not in meeting.people]
        self._cancel(meeting, gone, {"by": "swap"})

    def ended(self, meeting: Meeting, *, by: EndedBy, reason: str, position: int | None) -> None:
        facts: Facts = {"by": by, "meetings": {"reason": reason, "position": position}}
        priority = URGENT if by == "organiser" else ORDINARY
        self._cancel(meeting, meeting.guests, facts, priority=priority)
        self.to_contact(meeting, "meeting_cancelled", facts, priority=priority)
        self.team(meeting, reason=reason, more={"by": by})

    def _cancel(
        self,
        meeting: Meeting,
        people: Iterable[Participant],
        more: Facts,
        priority: int = ORDINARY,
    ) -> None:
        self.letters += [
            guest_letter(
                self.writer,
                meeting,
                one,
                "meeting_cancelled",
                method="CANCEL",
                declined=more["by"] != "organiser",
                more={"meetings": {}} | more,
                priority=priority,
            )
            for one in people
        ]

    def team(
        self,
        meeting: Meeting,
        before: SlotTold | None = None,
        *,
        reason: str = "",
        delay: int = 0,
        more: Facts | None = None,
    ) -> None:
        """Who is new in the team of a meeting, who stays and has to know of a change, and who
        left."""
        stands = meeting.team if meeting.is_on else []
        event = self.writer.event
        for member in stands:
            if member not in meeting.hosts:
                self._news(member, meeting, "new", {}, delay=delay)
            elif before is not None:
                changes = said_changes(before, told_of(meeting.slot), event, member.language)
                facts = {"changes": changes, "said_reason": reason}
                moved = any(each["what"] == "time" for each in changes)
                self._news(member, meeting, "changed", facts, moved=moved, delay=delay)
        for member in meeting.hosts:
            if member not in stands:
                left: Facts = {"by": "", "said_reason": reason, "goes_on": meeting.is_on}
                self._news(member, meeting, "off", left | (more or {}), before=before)

    def _news(
        self,
        member: TeamMember,
        meeting: Meeting,
        what: What,
        more: Facts,
        *,
        moved: bool = False,
        delay: int = 0,
        before: SlotTold | None = None,
    ) -> None:
        self.news.append(News(member, meeting, what, more, moved=moved, delay=delay, left=before))

    def send(self) -> None:
        schedules = self._schedules()
        outbox.promise(
            self.session,
            [*self.letters, *host_letters(self.writer, self.news, schedules)],
            now=self.now,
        )

    def _schedules(self) -> dict[int, list[Meeting]]:
        """All that those have ahead who are told of too many meetings for a letter each."""
        members = [id_ for id_, some in by_member(self.news).items() if is_too_many(some)]
        if not members:
            return {}
        rows = self.session.execute(
            sa.select(SlotStaff.member_id, Booking)
            .join(Slot, Slot.id == SlotStaff.slot_id)
            .join(Booking, Booking.slot_id == Slot.id)
            .where(SlotStaff.member_id.in_(members), Booking.state.in_(STANDS))
            .where(Slot.ends_at > self.now)
            .order_by(Slot.starts_at, Slot.id)
        ).all()
        known = {one.booking.id: one for one in meetings_of(self.session, [row[1] for row in rows])}
        found: dict[int, list[Meeting]] = {}
        for member_id, booking in rows:
            found.setdefault(member_id, []).append(known[booking.id])
        return found


def how_booked(meeting: Meeting) -> Facts:
    """Whose doing it was, where it was not the supplier's."""
    booking = meeting.booking
    if booking.assigned_by_id is not None:
        return {"how": "assigned", "reason": booking.reason}
    return {"how": "drawn" if booking.draw_id is not None else "booked", "reason": ""}
