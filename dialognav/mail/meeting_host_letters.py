"""Letters about one-to-one meetings to the team that holds them.

One for each meeting, with the entry. Of more than five at once one letter lists all that the reader
has, and the entries are in their own feed (calendar.md 2.1 f).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dialognav.mail.letters import BULK, ORDINARY, Facts, Letter
from dialognav.mail.meeting_changes import SlotTold
from dialognav.mail.meeting_entries import MeetingWriter, host_page
from dialognav.mail.meeting_people import Meeting
from dialognav.mail.superseding import SCHEDULE
from dialognav.mail.together import MOST_LETTERS
from dialognav.models import TeamMember

What = Literal["new", "changed", "off"]

KINDS: dict[What, str] = {
    "new": "meeting_host_booked",
    "changed": "meeting_host_changed",
    "off": "meeting_host_cancelled",
}


def host_stream(booking_id: int, member_id: int) -> str:
    """What one of the team is told of one meeting."""
    return f"meeting_host:{booking_id}:{member_id}"


def hosts_stream(member_id: int) -> str:
    """The list of all meetings of one of the team."""
    return f"meeting_hosts:{member_id}"


@dataclass(frozen=True, slots=True)
class News:
    """What one of the team has to know of one meeting. `more` are facts of the letter, `changes`
    among them; `moved`: to another time. `left`: what the reader was told of one that moved away
    from them."""

    member: TeamMember
    meeting: Meeting
    what: What
    more: Facts = field(default_factory=dict)
    moved: bool = False
    delay: int = 0
    left: SlotTold | None = None

    @property
    def was_mailed(self) -> bool:
        """A letter carried the entry, so that only a letter can take it back."""
        return self.member in self.meeting.hosts and not self.is_in_feed

    @property
    def is_in_feed(self) -> bool:
        return self.member.id in self.meeting.in_feed


def host_letters(
    writer: MeetingWriter,
    news: Iterable[News],
    schedules: Mapping[int, Sequence[Meeting]],
) -> list[Letter]:
    """`schedules`: all the meetings ahead of those for whom `is_too_many`, by member, in order."""
    letters = []
    for some in by_member(news).values():
        listed = [one for one in some if not one.was_mailed] if is_too_many(some) else []
        letters += [host_letter(writer, one) for one in some if one not in listed]
        if listed:
            member = listed[0].member
            letters.append(_schedule_letter(writer, listed, schedules.get(member.id, ())))
    return letters


def by_member(news: Iterable[News]) -> dict[int, list[News]]:
    found: dict[int, list[News]] = {}
    for one in news:
        found.setdefault(one.member.id, []).append(one)
    return found


def is_too_many(some: Sequence[News]) -> bool:
    """For a letter each; or one of them never had a letter of its own."""
    others = [one for one in some if not one.was_mailed]
    return len(others) > MOST_LETTERS or any(one.is_in_feed for one in others)


def host_letter(writer: MeetingWriter, one: News) -> Letter:
    method = "CANCEL" if one.what == "off" else "REQUEST"
    meeting, member = one.meeting, one.member
    return Letter(
        kind=KINDS[one.what],
        stream=host_stream(meeting.booking.id, member.id),
        facts=host_facts(writer, one) | one.more,
        priority=BULK if one.delay else ORDINARY,
        delay=one.delay,
        appointment=writer.host_entry(meeting, member, method, moved=one.moved, left=one.left),
        **_to_member(writer, member),
    )


def host_facts(writer: MeetingWriter, one: News) -> Facts:
    """Who comes, by name, and what the reader does there."""
    meeting, member, there = one.meeting, one.member, one.left or one.meeting.slot
    return writer.event_facts(member.language) | {
        **writer.slot_facts(there, member.language, link=one.what != "off"),
        "team": {
            "party": meeting.registration.party_name,
            "people": [one.name for one in meeting.people],
            "others": [one.name for one in meeting.team if one is not member],
            "role": meeting.role_of(member),
            "path": host_page(meeting, member),
        },
        "spoken": meeting.booking.language,
        "void_after": there.ends_at.isoformat(),
    }


def _schedule_letter(
    writer: MeetingWriter, listed: Sequence[News], schedule: Sequence[Meeting]
) -> Letter:
    """All meetings that the reader has from now on, and which of them are news."""
    member, language = listed[0].member, listed[0].member.language
    kinds = {one.meeting.booking.id: one.what for one in listed}
    rows = [
        {**_row(writer, meeting, member), "news": kinds.get(meeting.booking.id, "")}
        for meeting in schedule
    ]
    off = [_row(writer, one.meeting, member, one.left) for one in listed if one.what == "off"]
    ends = [row["when"]["ends_at"] for row in (*rows, *off)]
    entries = [
        writer.host_entry(
            one.meeting,
            member,
            "CANCEL" if one.what == "off" else "REQUEST",
            moved=one.moved,
            in_feed=True,
            left=one.left,
        )
        for one in listed
    ]
    facts = writer.event_facts(language) | {
        "when": (rows or off)[0]["when"],
        "place": (rows or off)[0]["place"],
        "team": {"rows": rows, "off": off, "path": _board(writer, member)},
        "void_after": max(ends),
    }
    return Letter(
        kind=SCHEDULE,
        stream=hosts_stream(member.id),
        facts=facts,
        silent=tuple(replace(one, in_feed=True) for one in entries),
        **_to_member(writer, member),
    )


def _row(
    writer: MeetingWriter, meeting: Meeting, member: TeamMember, left: SlotTold | None = None
) -> Facts:
    return {
        **writer.slot_facts(left or meeting.slot, member.language, link=False),
        "booking": meeting.booking.public_id,
        "party": meeting.registration.party_name,
        "role": meeting.role_of(member),
    }


def _board(writer: MeetingWriter, member: TeamMember) -> str:
    if member.user_id is None:
        return ""
    return f"/manage/events/{writer.event.public_id}/meetings"


def _to_member(writer: MeetingWriter, member: TeamMember) -> dict[str, Any]:
    return {
        "recipient": member.email,
        "recipient_name": member.name,
        "language": member.language,
        "organisation_id": writer.event.organisation_id,
        "event_id": writer.event.id,
    }
