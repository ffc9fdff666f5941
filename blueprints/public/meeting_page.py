"""The page of a supplier's one-to-one meetings: what it has, what it waits for, what is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from blueprints.public import meeting_grid
from blueprints.public.meeting_grid import Plan, days_of, time_there
from blueprints.public.meeting_rules import meeting_parts
from blueprints.public.meeting_views import HAS_IT, MeetingView, Seen, meeting_views
from blueprints.public.meeting_words import why_not
from blueprints.public.meta import alternates_of
from blueprints.public.own_draw import own_draw
from blueprints.public.own_page import frame_of
from blueprints.public.rules import Part
from blueprints.public.said import Said, say
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.bookings import Stop
from dialognav.domain.errors import NotFound
from dialognav.domain.meeting_terms import BookingState, HandOut, RequestState
from dialognav.domain.terms import Mode
from dialognav.domain.timezones import ZONES
from dialognav.i18n import moment_text, zone_city, zone_text
from dialognav.models import Booking, MeetingRequest, MeetingRules, Slot
from dialognav.models.own_zones import own_zone_of
from dialognav.queries import bookings, meeting_plans
from dialognav.queries.minutes import own_minutes
from dialognav.queries.own_meetings import bookings_of_person, times_of
from dialognav.queries.registrations import Own

OF_ALL = (
    *(Stop.EVENT_STOPPED, Stop.NO_MEETINGS, Stop.NOT_ADMITTED, Stop.NOT_BY_CHOICE),
    *(Stop.NOT_OPEN, Stop.CLOSED, Stop.LIMIT),
)
"""What stops every time alike is said once; the times themselves are shown as free."""


@dataclass(frozen=True, slots=True)
class WaitView:
    """A place in the queue, or a wish that is in before anything is drawn (`place` None)."""

    id: str
    place: int | None
    knows_by: str
    wishes: tuple[str, ...]
    is_offered: bool


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rule beside the times, and what the organiser says of how a meeting goes."""

    parts: tuple[Part, ...]
    text: Said
    hand_out: str
    minutes: int
    answered_at: datetime | None  # when all were, of those handed out by hand


def rules_to_show(own: Own) -> MeetingRules:
    """NotFound while nobody may read them."""
    rules = meeting_plans.rules_of(db.session(), own.event.id)
    if rules is None or rules.published_at is None:
        raise NotFound
    return rules


def seen_by(own: Own, secret: str) -> Seen:
    """In the zone that was asked for, else the supplier's."""
    asked = request.args.get("zone") or request.form.get("zone") or ""
    own_zone = asked if asked in ZONES else own_zone_of(own.registration)
    return Seen(own, secret, own_zone, utcnow())


def meetings_page(own: Own, secret: str, *, moving: Booking | None = None) -> dict[str, Any]:
    """Everything the page shows. A colleague's link shows the meetings that person is named for."""
    rules, seen, session = rules_to_show(own), seen_by(own, secret), db.session()
    mine = bookings_seen(own)
    minutes = {each.booking_id: each for each in own_minutes(session, own)}
    has = [each for each in mine if each.state in HAS_IT]
    open_until = [each for each in mine if each.until is not None and seen.now < each.until]
    page = frame_of_meetings(seen, rules) | {
        "meetings": meeting_views(seen, has, rules, minutes),
        "held": _views(seen, open_until, BookingState.HELD, rules),
        "offered": _views(seen, open_until, BookingState.OFFERED, rules),
        "moving": moving,
        "waits": None,
        "draw": None,
        **_NO_TIMES,
    }
    if own.participant is not None:
        return page
    asked = bookings.request_of(session, own.registration.id)
    more = {"waits": wait_view(seen, rules, asked), "draw": own_draw(seen.event, rules, asked)}
    return page | more | _times(seen, rules, mine, moving)


_HIDE_TIMES = {Stop.EVENT_STOPPED, Stop.CLOSED, Stop.LIMIT}
"""Then the times are of no use to see."""

_NO_TIMES: dict[str, Any] = {
    "days": [],
    "may_choose": False,
    "has_free": False,
    "shows_times": False,
    "why_not": "",
    "may_ask": False,
    "shows_zone": False,
    "zone": "",
    "zone_there": "",
}


def bookings_seen(own: Own) -> list[Booking]:
    """The live ones that the holder of the link may see."""
    if own.participant is not None:
        return bookings_of_person(db.session(), own.participant.id)
    return bookings.bookings_of(db.session(), own.registration.id)


def _views(
    seen: Seen, mine: Sequence[Booking], state: str, rules: MeetingRules
) -> list[MeetingView]:
    return meeting_views(seen, [each for each in mine if each.state == state], rules, {})


def frame_of_meetings(seen: Seen, rules: MeetingRules) -> dict[str, Any]:
    event = seen.event
    times = times_of(db.session(), event.id)
    return frame_of(seen.own, seen.secret) | {
        "has_times": any(each.published_at <= seen.now for each in times),
        "rules": RulesView(
            parts=tuple(meeting_parts(event, rules, times)),
            text=say(rules.text, event.primary_language),
            hand_out=rules.hand_out,
            minutes=rules.slot_minutes,
            answered_at=rules.answered_at,
        ),
        "alternates": alternates_of("public.registrations.meetings", secret=seen.secret),
        "own_zone": seen.own_zone,
        "zones": [(name, zone_city(name)) for name in ZONES],
        "view": "list" if request.args.get("view") == "list" else "grid",
        "done": request.args.get("done", ""),
    }


# --- times ------------------------------------------------------------------------------------


def _times(
    seen: Seen, rules: MeetingRules, mine: Sequence[Booking], moving: Booking | None
) -> dict[str, Any]:
    """The days to choose among, why one cannot where one cannot, and whether one may wait."""
    session, event = db.session(), seen.event
    stops = bookings.stops_of(
        session,
        event,
        seen.own.registration.id,
        now=seen.now,
        replaces_id=moving.id if moving else None,
    )
    slots = [
        slot
        for slot in meeting_plans.slots_of(session, event.id, published_only=True)
        if slot.id in stops and is_shown(slot, seen)
    ]
    of_all = stops_of_all([stops[slot.id] for slot in slots])
    states = {slot.id: state_of(slot, stops[slot.id], mine, of_all, seen) for slot in slots}
    breaks = meeting_plans.breaks_of(session, event.id)
    days = days_of(Plan(event, slots, breaks, states, seen.own_zone))
    asking = bookings.stops_of_asking(session, event, seen.own.registration.id, now=seen.now)
    reasons = of_all if rules.hand_out == HandOut.FIRST_COME else asking
    return {
        "days": days,
        "may_choose": bool(slots) and not of_all,
        "has_free": meeting_grid.FREE in states.values(),
        "shows_times": not {*of_all, *reasons} & _HIDE_TIMES,
        "why_not": why_not(reasons[0], event, rules, seen.now) if reasons else "",
        "may_ask": not asking,
        "shows_zone": any(slot.table.mode == Mode.ONLINE for slot in slots),
        "zone": _zones(slots, event.zone),
        "zone_there": _zones(
            [slot for slot in slots if time_there(slot, event.zone, seen.own_zone)], seen.own_zone
        ),
    }


def _zones(slots: Sequence[Slot], zone: str) -> str:
    """'Stockholm, CET / Stockholm, CEST': all of the days with these times."""
    return " / ".join(dict.fromkeys(zone_text(slot.starts_at, zone) for slot in slots))


def is_shown(slot: Slot, seen: Seen) -> bool:
    """A day that is over is no longer shown, nor a time that nobody is to know of yet."""
    is_public = slot.published_at is not None and slot.published_at <= seen.now
    return is_public and seen.now < slot.ends_at and slot.table.removed_at is None


def stops_of_all(stops: Sequence[Sequence[Stop]]) -> list[Stop]:
    """What stops this supplier from every time alike, the weightiest first."""
    return [stop for stop in OF_ALL if stops and all(stop in each for each in stops)]


def state_of(
    slot: Slot,
    stops: Sequence[Stop],
    mine: Sequence[Booking],
    of_all: Sequence[Stop],
    seen: Seen,
) -> str:
    """What a time is to this supplier (meeting_grid.Cell)."""
    own = {each.slot_id: each.state for each in mine}.get(slot.id)
    if own is not None:
        return meeting_grid.HELD if own in _KEPT else meeting_grid.OWN
    if Stop.TAKEN in stops:
        return meeting_grid.TAKEN
    left = set(stops) - set(of_all)
    if not left:
        return meeting_grid.FREE
    if left == {Stop.NOT_OPEN} and slot.opens_at is not None and seen.now < slot.opens_at:
        return meeting_grid.LATER
    return meeting_grid.NONE


_KEPT = (BookingState.HELD, BookingState.OFFERED)


# --- the queue ----------------------------------------------------------------------------------


def wait_view(seen: Seen, rules: MeetingRules, asked: MeetingRequest | None) -> WaitView | None:
    """None for who does not wait. Where the organiser hands out by hand there is no turn."""
    if asked is None or asked.state not in (RequestState.WAITING, RequestState.OFFERED):
        return None
    session, event = db.session(), seen.event
    until = bookings.queue_moves_until(session, event)
    has_turn = asked.queue_number is not None and rules.hand_out != HandOut.BY_HAND
    plan = Plan(event, (), (), {}, seen.own_zone)
    wished = (meeting_grid.cell_of(plan, wish.slot) for wish in asked.wishes)
    return WaitView(
        id=asked.public_id,
        place=bookings.place_of(session, asked) if has_turn else None,
        knows_by=moment_text(until, event.zone, "medium") if until else "",
        wishes=tuple(
            ", ".join(filter(None, (cell.day, cell.time, cell.place, cell.elsewhere)))
            for cell in wished
        ),
        is_offered=asked.state == RequestState.OFFERED,
    )
