"""One-to-one meetings in private calendars (calendar.md 2.1 g').

The invitation's own entry, without the digital link, a phone number or a way to an own page: such
calendars are shared.
"""

from dataclasses import dataclass, replace

from dialognav.domain.calendar import Entry
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.mail.feed_entries import settled
from dialognav.mail.meeting_entries import MeetingWriter, host_page
from dialognav.mail.meeting_people import STANDS, Meeting
from dialognav.mail.post import Post
from dialognav.models import Booking, CalendarObject, Participant, TeamMember


@dataclass(frozen=True, slots=True)
class FeedMeeting:
    """One entry, of one of the supplier's people or one of the team."""

    numbered: CalendarObject
    booking: Booking
    person: Participant | None
    member: TeamMember | None

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
    with speaking(one.language):
        description = _description(one, meeting, writer)
    return settled(replace(made.entry(numbered), description=description), numbered)


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
