"""Letters about a one-to-one meeting that nobody has, for those who write words for them."""

from datetime import datetime, timedelta

from dialognav.domain.meeting_terms import BookingState, HandOut
from dialognav.domain.terms import Format, Mode
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.mail.letters import Facts, Letter, Writer
from dialognav.mail.meeting_changes import said_changes, told_of
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import guest_letter
from dialognav.mail.meeting_people import Meeting
from dialognav.mail.meeting_request_letters import AskingLetters
from dialognav.mail.minutes_letters import minutes_letters
from dialognav.models import (
    Booking,
    BookingPerson,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Minutes,
    Participant,
    Registration,
    Slot,
    Wish,
)

_LASTS, _CLOSED_BEFORE = timedelta(minutes=45), timedelta(days=7)


def meeting_letter(
    kind: str, writer: Writer, registration: Registration, person: Participant, *, now: datetime
) -> Letter:
    """`registration` and `person` are in no session, as all that is made here."""
    meetings = MeetingWriter(writer.event, writer.post, now=now)
    meeting = _meeting(meetings, registration, person, now)
    meetings.rules = MeetingRules(
        hand_out=HandOut.FIRST_COME, closes_at=meeting.slot.starts_at - _CLOSED_BEFORE
    )
    if kind in ("minutes_check", "minutes_approved"):
        minutes = Minutes(id=0, public_id="sample", check_until=now + timedelta(days=7))
        return next(minutes_letters(meetings, meeting, minutes, kind))
    if asked := _asking(kind, meetings, meeting, now):
        return asked
    if kind == "meeting_cancelled":
        return guest_letter(
            meetings, meeting, person, kind, method="CANCEL", more={"by": "organiser"}
        )
    more = _more(kind, meetings, meeting)
    return guest_letter(meetings, meeting, person, kind, method="REQUEST", more=more)


def _asking(kind: str, writer: MeetingWriter, meeting: Meeting, now: datetime) -> Letter | None:
    """To the contact, of those who have no meeting yet."""
    to = AskingLetters(writer, _rule(writer, meeting, now))
    registration, slot = meeting.registration, meeting.slot
    request = MeetingRequest(registration=registration, registration_id=0)
    request.wishes = [Wish(rank=1, slot=slot)]
    made = {
        "meetings_added": lambda: to.added(registration, [slot]),
        "meeting_choose": lambda: to.choose(registration),
        "meeting_wish_received": lambda: to.wished(request),
        "meeting_waiting": lambda: to.waiting(request, 3),
        "meeting_offered": lambda: to.offered(meeting),
        "meeting_lapsed": lambda: to.lapsed(meeting),
    }
    return made[kind]() if kind in made else None


def _rule(writer: MeetingWriter, meeting: Meeting, now: datetime) -> Facts:
    closes_at = meeting.slot.starts_at - _CLOSED_BEFORE
    return {
        "rule": {
            "hand_out": HandOut.FIRST_COME.value,
            "offer_hours": writer.event.offer_hours,
            "opens_at": (now + timedelta(days=1)).isoformat(),
            "closes_at": closes_at.isoformat(),
            "moves_until": meeting.slot.starts_at.isoformat(),
        }
    }


def _more(kind: str, writer: MeetingWriter, meeting: Meeting) -> Facts:
    if kind == "meeting_changed":
        now = told_of(meeting.slot)
        meeting.slot.starts_at -= _LASTS
        meeting.slot.ends_at -= _LASTS
        before = told_of(meeting.slot)
        meeting.slot.starts_at, meeting.slot.ends_at = now.starts_at, now.ends_at
        language = meeting.registration.language
        return {"changes": said_changes(before, now, writer.event, language)}
    if kind == "meeting_result":
        got = {"hand_out": HandOut.WISHES.value, "slot": "sample", "wish": 1, "missed": []}
        return {"meetings": {"how": "drawn", "explanation": got}}
    return {}


def _meeting(
    writer: MeetingWriter, registration: Registration, person: Participant, now: datetime
) -> Meeting:
    """A week after the event, at a table of its own."""
    event = writer.event
    starts_at = event.occasions[0].starts_at + timedelta(weeks=1)
    name, room = {}, {}
    for code in event.title:
        with speaking(code):
            name[code], room[code] = _("Table A"), _("The town hall")
    is_online = event.format == Format.ONLINE
    table = MeetingTable(
        id=0,
        event_id=0,
        name=name,
        room=room,
        mode=Mode.ONLINE if is_online else Mode.ON_SITE,
        address="",
        online_service="",
        online_url="",
    )
    slot = Slot(
        id=0,
        event_id=0,
        table=table,
        starts_at=starts_at,
        ends_at=starts_at + _LASTS,
        online_url="https://meet.example/sample" if is_online else "",
    )
    booking = Booking(
        id=0,
        public_id="sample",
        event_id=0,
        slot=slot,
        registration=registration,
        state=BookingState.BOOKED,
        until=now + timedelta(hours=event.offer_hours),
        language="",
        reason="",
    )
    booking.people = [BookingPerson(participant=person)]
    return Meeting(booking, (), (), frozenset())
