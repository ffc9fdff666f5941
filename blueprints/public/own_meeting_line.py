"""One-to-one meetings on the own page: what there is, and the way to all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.public.meeting_page import WaitView, bookings_seen, wait_view
from blueprints.public.meeting_views import HAS_IT, MeetingView, Seen, meeting_views
from blueprints.public.meeting_words import why_not
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.bookings import Stop
from dialognav.domain.meeting_terms import BookingState, HandOut
from dialognav.domain.terms import EventState
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text
from dialognav.models import Booking, MeetingRules
from dialognav.models.own_zones import own_zone_of
from dialognav.queries import bookings, meeting_plans
from dialognav.queries.minutes import own_minutes
from dialognav.queries.registrations import Own


@dataclass(frozen=True, slots=True)
class OwnMeetings:
    """`call` is what there is to do: book, rank, ask, or "" for nothing; `note` says until when, or
    when that begins, or for whom it is. `is_ahead`: there is a time yet to come or to be had."""

    meetings: list[MeetingView]
    offered: list[MeetingView]
    waits: WaitView | None
    call: str
    note: str
    is_ahead: bool


_CALLS = {HandOut.FIRST_COME: "book", HandOut.WISHES: "rank"}


def own_meetings(own: Own, secret: str) -> OwnMeetings | None:
    """None at an event without meetings, and where there is nothing to say."""
    session, now = db.session(), utcnow()
    rules = meeting_plans.rules_of(session, own.event.id)
    if rules is None or rules.published_at is None or not own.people:
        return None
    seen = Seen(own, secret, own_zone_of(own.registration), now)
    mine = bookings_seen(own)
    has = [each for each in mine if each.state in HAS_IT]
    offered = [each for each in mine if _is_offered(each, seen)]
    call, note = _call(seen, rules, has)
    asked = bookings.request_of(session, own.registration.id) if own.is_contact else None
    minutes = {each.booking_id: each for each in own_minutes(session, own)} if has else {}
    line = OwnMeetings(
        meetings=meeting_views(seen, has, rules, minutes),
        offered=meeting_views(seen, offered, rules, {}),
        waits=wait_view(seen, rules, asked),
        call=call,
        note=note,
        is_ahead=not has or any(each.state == BookingState.BOOKED for each in has),
    )
    is_empty = not (line.meetings or line.offered or line.waits or line.call or line.note)
    return None if is_empty else line


def _is_offered(booking: Booking, seen: Seen) -> bool:
    is_open = booking.until is not None and seen.now < booking.until
    return booking.state == BookingState.OFFERED and is_open


def _call(seen: Seen, rules: MeetingRules, has: Sequence[Booking]) -> tuple[str, str]:
    event = seen.event
    if not seen.own.is_contact or event.state != EventState.PUBLISHED:
        return "", ""
    stops = bookings.stops_of_asking(db.session(), event, seen.own.registration.id, now=seen.now)
    if not stops:
        return _CALLS.get(HandOut(rules.hand_out), "ask"), _until(seen, rules)
    says_so = stops[0] in (Stop.NOT_OPEN, Stop.NOT_ADMITTED) and not has
    return "", why_not(stops[0], event, rules, seen.now) if says_so else ""


def _until(seen: Seen, rules: MeetingRules) -> str:
    if rules.closes_at is None:
        return ""
    moment = moment_text(rules.closes_at, seen.event.zone, "medium")
    if rules.hand_out == HandOut.FIRST_COME:
        return _("Book by %(moment)s.", moment=moment)
    return _("Ask by %(moment)s.", moment=moment)
