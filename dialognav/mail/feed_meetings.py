"""One-to-one meetings in private calendars (calendar.md 2.1 g').

The invitation's own entry, without the digital link, a phone number or a way to an own page: such
calendars are shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import Entry
from dialognav.domain.terms import Mode
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.mail.feed_entries import settled
from dialognav.mail.letters import Facts
from dialognav.mail.meeting_entries import MeetingWriter, host_page, location_of
from dialognav.mail.meeting_host_letters import host_stream, hosts_stream
from dialognav.mail.meeting_letters import guest_stream
from dialognav.mail.meeting_people import STANDS, Meeting
from dialognav.mail.post import Post
from dialognav.models import Booking, CalendarObject, Letter, Participant, TeamMember


@dataclass(frozen=True, slots=True)
class FeedMeeting:
    """One entry, of one of the supplier's people or one of the team. `left`: "when" and "place" as
    whoever is no longer in the meeting had them, which may have moved since."""

    numbered: CalendarObject
    booking: Booking
    person: Participant | None
    member: TeamMember | None
    left: Facts | None = None

    @property
    def language(self) -> str:
        return self.member.language if self.member else self.booking.registration.language


def meeting_entry(one: FeedMeeting, *, post: Post) -> Entry:
    """Under the invitation's UID, in the language it was written in."""
    numbered, booking = one.numbered, one.booking
    writer = MeetingWriter(booking.registration.event, post)
    meeting = Meeting(booking, (), (), frozenset())
    method = "CANCEL" if numbered.cancelled_at is not None else "REQUEST"
    if one.member is not None:
        made = writer.host_entry(meeting, one.member, method)
    else:
        assert one.person is not None
        left = booking.state not in STANDS and booking.state != "cancelled"
        made = writer.guest_entry(meeting, one.person, method, declined=left)
    entry = made.entry(numbered)
    with speaking(one.language):
        entry = replace(entry, description=_description(one, meeting, writer))
        if one.left:
            entry = replace(entry, **_as_it_was(one.left))
    return settled(entry, numbered)


def _as_it_was(left: Facts) -> dict[str, Any]:
    when, place = left["when"], left["place"]
    return {
        "starts_at": datetime.fromisoformat(when["starts_at"]),
        "ends_at": datetime.fromisoformat(when["ends_at"]),
        "location": location_of(place),
        "online_only": place["mode"] == Mode.ONLINE,
    }


def last_had(session: Session, entries: Sequence[FeedMeeting]) -> list[FeedMeeting]:
    """The same, those that were taken back as the letter that did so told of them; one statement,
    none where nothing was taken back."""
    off = [one for one in entries if one.numbered.cancelled_at is not None]
    if not off:
        return list(entries)
    streams = {stream for one in off for stream in _streams(one)}
    rows = session.execute(
        sa.select(Letter.stream, Letter.facts)
        .where(Letter.stream.in_(sorted(streams)), Letter.facts.is_not(None))
        .order_by(Letter.id.desc())
    ).all()
    told: dict[str, list[Facts]] = {}
    for stream, facts in rows:
        told.setdefault(stream, []).append(facts)
    return [replace(one, left=_found(one, told)) if one in off else one for one in entries]


def _streams(one: FeedMeeting) -> tuple[str, ...]:
    if one.member is not None:
        return host_stream(one.booking.id, one.member.id), hosts_stream(one.member.id)
    assert one.person is not None
    return (guest_stream(one.booking.id, one.person.id),)


def _found(one: FeedMeeting, told: Mapping[str, Sequence[Facts]]) -> Facts | None:
    """From a letter about this meeting, or from the list of all that one of the team has."""
    for facts in (each for stream in _streams(one) for each in told.get(stream, ())):
        if "entry" in facts and facts["entry"]["uid"] == one.numbered.uid:
            return facts
        for row in facts.get("team", {}).get("off", ()):
            if row["booking"] == one.booking.public_id:
                return dict(row)
    return None


def _description(one: FeedMeeting, meeting: Meeting, writer: MeetingWriter) -> str:
    event, base = writer.event, writer.post.base_url
    lines = [writer.said(event.title, one.language)[0]]
    if one.member is None:
        lines += [
            _("About the event: %(url)s", url=f"{base}/{one.language}/events/{event.slug}"),
            _("Change or withdraw: %(url)s", url=f"{base}/{one.language}/my"),
        ]
    elif page := host_page(meeting, one.member):
        lines.append(_("Open: %(url)s", url=base + page))
    return "\n\n".join((lines[0], "\n".join(lines[1:]))).strip()
