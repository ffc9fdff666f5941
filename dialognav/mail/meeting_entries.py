"""Calendar entries of one-to-one meetings, for both sides (calendar.md 2.1 e).

To the supplier's people an entry names the organiser, to the team it names the supplier, and to
nobody an address of the other side. What suppliers want to raise is in none of them: calendars are
shared.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav.domain.calendar import Person
from dialognav.domain.calendar_text import clean_line
from dialognav.domain.meeting_rules import moves_until
from dialognav.domain.terms import Mode
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.mail.appointments import Appointment
from dialognav.mail.letters import Facts, Writer
from dialognav.mail.meeting_changes import SlotTold, told_of
from dialognav.mail.meeting_people import Meeting
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingRules, Participant, Slot, TeamMember

RINGS = 30
"""Minutes before a meeting."""


@dataclass(slots=True)
class MeetingWriter(Writer):
    """Gathers the facts of letters and entries about one event's meetings.

    With `rules`, letters say what a supplier may do of its own from `now` on.
    """

    rules: MeetingRules | None = None
    now: datetime | None = None

    @classmethod
    def of(cls, session: Session, event_id: int, *, now: datetime, post: Post) -> "MeetingWriter":
        rules = session.get(MeetingRules, event_id)
        return cls(session.get_one(Event, event_id), post, rules=rules, now=now)

    def moves_until(self, slot: Slot) -> datetime | None:
        """Until when the supplier may move its meeting by itself; None when it may not now."""
        if self.rules is None or self.now is None:
            return None
        until = moves_until(self.rules.hand_out, self.rules.closes_at, slot.starts_at)
        return until if until is not None and self.now < until else None

    def slot_facts(self, slot: Slot | SlotTold, language: str, *, link: bool) -> Facts:
        """When and where. The digital `link` is that of who is in the meeting; `lacks_link`: there
        is none yet."""
        told = slot if isinstance(slot, SlotTold) else told_of(slot)
        is_online = told.mode == Mode.ONLINE
        return {
            "when": {
                "starts_at": told.starts_at.isoformat(),
                "ends_at": told.ends_at.isoformat(),
                "all_day": False,
                "zone": self.event.zone,
            },
            "place": self._slot_place(told, language, link=link),
            "lacks_link": is_online and not told.online_url,
        }

    def _slot_place(self, told: SlotTold, language: str, *, link: bool) -> Facts:
        if told.mode == Mode.ONLINE:
            url = told.online_url if link else ""
            return {"mode": "online", "service": told.online_service, "url": url}
        name, said_in = self.said(told.table, language)
        room = self.said(told.room, language)[0]
        return {
            "mode": "on_site",
            "venue": [", ".join(filter(None, (name, room))), said_in],
            "address": told.address,
            "directions": ["", said_in],
        }

    def guest_entry(
        self,
        meeting: Meeting,
        person: Participant,
        method: str,
        *,
        moved: bool = False,
        declined: bool = False,
    ) -> Appointment:
        """Of one of the supplier's people. `moved`: an earlier answer no longer counts."""
        language = meeting.registration.language
        key = ("guest", meeting.booking.id, language)
        if key not in self._made:
            with speaking(language):
                self._made[key] = self._new_guest_entry(told_of(meeting.slot), language)
        facts = {"attendee": Person(person.name, person.email)} | self._made[key]
        how = {"participant_id": person.id, "asks_again": moved, "declined": declined}
        return self._meeting_entry(meeting, method, facts, language, **how)

    def host_entry(
        self,
        meeting: Meeting,
        member: TeamMember,
        method: str,
        *,
        moved: bool = False,
        in_feed: bool = False,
        left: SlotTold | None = None,
    ) -> Appointment:
        """Of one of the team; whoever is from outside is led to the public page. `left`: when and
        where the reader was to be, of a meeting that has moved away from them."""
        language = member.language
        page = host_page(meeting, member) or f"/{language}/events/{self.event.slug}"
        told = left or told_of(meeting.slot)
        key = ("host", meeting.booking.id, language, page, told.starts_at, left is None)
        if key not in self._made:
            who, page = meeting.registration.party_name, self.post.base_url + page
            with speaking(language):
                lines = [_("Open: %(url)s", url=page)]
                self._made[key] = self._entry_facts_of(told, who, page, lines, language)
        facts = {"attendee": Person(member.name, member.email)} | self._made[key]
        how = {"member_id": member.id, "asks_again": moved, "in_feed": in_feed}
        return self._meeting_entry(meeting, method, facts, language, **how)

    def _meeting_entry(
        self, meeting: Meeting, method: str, facts: Facts, language: str, **how: Any
    ) -> Appointment:
        made = Appointment(
            method=method,
            booking_id=meeting.booking.id,
            domain=self.post.domain,
            organiser=self.organiser(language),
            facts=facts,
            **how,
        )
        if method != "CANCEL":
            return made
        with speaking(language):
            title = self._off_title(meeting, made, facts["summary"])
        return replace(made, facts=facts | {"summary": title})

    def _off_title(self, meeting: Meeting, made: Appointment, title: str) -> str:
        """Who took it out, and whether it is held all the same."""
        if meeting.is_on:
            return _("Without you: %(title)s", title=title)
        if made.declined:
            return _("Withdrawn by you: %(title)s", title=title)
        return _("Cancelled: %(title)s", title=title)

    def _new_guest_entry(self, told: SlotTold, language: str) -> Facts:
        event, base = self.event, self.post.base_url
        page = f"{base}/{language}/events/{event.slug}"
        contact = ", ".join(filter(None, (event.contact_name, event.contact_phone)))
        lines = [
            _("About the event: %(url)s", url=page),
            _("Change or withdraw: %(url)s", url=f"{base}/{language}/my"),
            _("Contact: %(contact)s", contact=contact) if contact else "",
        ]
        who = self.event_facts(language)["organiser"][0]
        return self._entry_facts_of(told, who, page, lines, language)

    def _entry_facts_of(
        self, told: SlotTold, who: str, page: str, lines: list[str], language: str
    ) -> Facts:
        """In the language that is being spoken. `who` is the other side, by name."""
        place, link = self._slot_place(told, language, link=True), told.online_url
        joining = _("Take part online: %(url)s", url=link) if link else ""
        title = self.said(self.event.title, language)[0]
        return {
            "starts_at": told.starts_at,
            "ends_at": told.ends_at,
            "zone": self.event.zone,
            "summary": _("One-to-one meeting: %(who)s", who=who),
            "description": "\n\n".join((title, "\n".join(filter(None, (joining, *lines))))),
            "location": location_of(place),
            "url": page,
            "conference_url": link,
            "categories": (_("One-to-one meeting"),),
            "online_only": told.mode == Mode.ONLINE,
            "private": True,
            "alarm_minutes": RINGS,
        }


def host_page(meeting: Meeting, member: TeamMember) -> str:
    """The path of the meeting's page for staff; "" for somebody from outside, who has none."""
    if member.user_id is None:
        return ""
    event = meeting.registration.event
    return f"/manage/events/{event.public_id}/meetings/{meeting.booking.public_id}"


def location_of(place: Facts) -> str:
    """The line of an entry, in the language that is being spoken."""
    if place["mode"] == "online":
        return ", ".join(filter(None, (_("Online"), place["service"])))
    return clean_line(", ".join(filter(None, (place["venue"][0], place["address"]))))
