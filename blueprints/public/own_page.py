"""One's own page: from rows to words. It shows the holder of a link what that link may see."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from blueprints.context import post
from blueprints.public.event_rows import event_url, place_of
from blueprints.public.meta import alternates_of, organiser_of
from blueprints.public.own_day import door_codes, help_words
from blueprints.public.own_review import review_view
from blueprints.public.own_seats import SeatView, join_links, seat_view, seats_to_show
from blueprints.public.said import Said, say
from blueprints.public.sessions import whens_of
from dialognav.actions.registration_rules import contact_person, may_choose, room_for
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.admission import TAKES_SIGN_UPS, Occupancy, sign_up_state
from dialognav.domain.offers import is_stopped, rule_of, takes_queue
from dialognav.domain.terms import EventState, Promotion, Seat
from dialognav.domain.weblinks import google_link, outlook_link
from dialognav.i18n import list_text, moment_text
from dialognav.mail.letters import own_entry
from dialognav.models import Attendance, CalendarObject, Event, Participant
from dialognav.occasion_names import occasion_name
from dialognav.queries.registrations import (
    Own,
    calendar_objects,
    places_in_queue,
)


@dataclass(frozen=True, slots=True)
class CalendarLinks:
    """Where a person gets the invitation again; `whose` is said when there are several people."""

    whose: str
    ics: str
    outlook: str
    google: str


@dataclass(frozen=True, slots=True)
class PersonView:
    id: str
    name: str
    email: str
    title: str
    is_contact: bool
    seats: tuple[SeatView, ...]
    accessibility_need: str
    help: str
    diet: str
    mandate: str

    @property
    def is_confirmed(self) -> bool:
        return any(seat.state == Seat.CONFIRMED for seat in self.seats)


@dataclass(frozen=True, slots=True)
class QueueView:
    """The rule of the queue: until when it moves, how long an offer holds; whether it still does.

    `closes` is "" where there are several occasions: then each has a queue of its own.

    `is_stopped`: the procurement has begun, and nobody moves up any more.
    """

    closes: str
    each_closes: list[tuple[str, str]]
    offer_hours: int
    makes_offers: bool
    is_together: bool
    is_open: bool
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class When:
    text: str
    stub: tuple[str, str, str, str]  # ISO date, weekday, day, month


def own_page(own: Own, secret: str, *, is_new: bool = False) -> dict[str, Any]:
    """Everything the own page shows, or (`is_new`) the receipt, which has no code for the door."""
    event = own.event
    seats = {one.id: seats_to_show(one) for one in own.people}
    every = [seat for each in seats.values() for seat in each]
    queue = places_in_queue(db.session(), every)
    people = [_person(own, one, seats[one.id], queue) for one in own.people]
    return frame_of(own, secret) | {
        "people": people,
        "confirmed": [one for one in people if one.is_confirmed],
        "waiting": [one for one in people if any(s.place for s in one.seats)],
        "offered": _in_state(people, Seat.OFFERED),
        "lapsed": _in_state(people, Seat.LAPSED),
        "queue": queue_view(event),
        "withdrawn": _is_withdrawn(own),
        "review": review_view(own),
        "may_change": may_change(own),
        "may_add": own.is_contact and _is_open(event) and room_for(event, own.registration) > 0,
        "door": [] if is_new else door_codes(own),
        "calendars": _calendars(own, every, secret),
        "own_in_calendar": (own.participant or contact_person(own.registration)) is not None,
        "confirmed_names": list_text([one.name for one in people if one.is_confirmed]),
        "joining": join_links(
            [seat for one in people if one.is_contact or not own.is_contact for seat in one.seats]
        ),
    }


def _in_state(people: list[PersonView], state: str) -> list[PersonView]:
    return [one for one in people if any(seat.state == state for seat in one.seats)]


def queue_view(event: Event) -> QueueView | None:
    """None where there is no day to count from."""
    now = utcnow()
    days = [each for each in event.live_occasions if now < each.starts_at]
    if not days or event.state != EventState.PUBLISHED:
        return None
    ends = [(each, rule_of(event, each)) for each in days]
    closes = [
        (each, moment_text(rule.closes_at, event.zone, "medium")) for each, rule in ends if rule
    ]
    return QueueView(
        closes=closes[0][1] if len(event.occasions) == 1 else "",
        each_closes=[(occasion_name(event, each, "medium"), at) for each, at in closes],
        offer_hours=event.offer_hours,
        makes_offers=event.promotion == Promotion.OFFER,
        is_together=event.offer_together,
        is_open=any(takes_queue(event, now, each) for each in days),
        is_stopped=is_stopped(event, now),
    )


def frame_of(own: Own, secret: str) -> dict[str, Any]:
    """What every page behind an own link shows of the event, and whose link it is."""
    event, registration = own.event, own.registration
    primary = event.primary_language
    return {
        "own": own,
        "secret": secret,
        "event": event,
        "title": say(event.title, primary),
        "organiser": organiser_of(event.organisation),
        "reason": say(event.reason, primary),
        "when": whens_of(event),
        "place": place_of(event),
        "directions": say(event.occasions[0].directions, primary) if event.occasions else Said(""),
        "url": event_url(event.slug),
        "party_name": registration.party_name,
        "reference": registration.public_id[:8].upper(),
        "alternates": alternates_of("public.registrations.show", secret=secret),
        "nav": "mine",
    }


def _person(
    own: Own, one: Participant, seats: list[Attendance], queue: dict[int, int]
) -> PersonView:
    is_contact = own.is_contact and one is contact_person(own.registration)
    return PersonView(
        id=one.public_id,
        name=one.name,
        email=one.email,
        title=one.title,
        is_contact=is_contact,
        seats=tuple(seat_view(own.event, seat, queue.get(seat.id)) for seat in seats),
        accessibility_need=one.access_need.need if one.access_need else "",
        help=help_words(own.event, one),
        diet=one.diet.need if one.diet else "",
        mandate=one.mandate,
    )


def _calendars(own: Own, seats: list[Attendance], secret: str) -> list[CalendarLinks]:
    """For each confirmed person of an event with a date; to others than oneself only the file.

    The file holds all days, a web link one, so there is none when there are several.
    """
    if own.event.state != EventState.PUBLISHED:
        return []
    objects = calendar_objects(db.session(), seats)
    found: dict[int, CalendarLinks] = {}
    for seat in seats:
        numbered = objects.get((seat.participant_id, seat.occasion_id))
        if seat.state == Seat.CONFIRMED and numbered and seat.participant_id not in found:
            found[seat.participant_id] = _calendar(own, seat, numbered, secret)
    return list(found.values())


def _calendar(own: Own, seat: Attendance, numbered: CalendarObject, secret: str) -> CalendarLinks:
    person = seat.participant
    is_first = not own.is_contact or person is own.people[0]
    file = (
        url_for("public.feeds.invitation", secret=secret)
        if is_first
        else url_for(
            "public.feeds.colleague_invitation", secret=secret, participant=person.public_id
        )
    )
    whose = person.name if len(own.people) > 1 else ""
    is_own = not own.is_contact or person is contact_person(own.registration)
    if len(own.event.occasions) > 1 or not is_own:
        return CalendarLinks(whose, file, "", "")
    entry = own_entry(seat, numbered, post=post())
    return CalendarLinks(whose, file, outlook_link(entry), google_link(entry))


def may_change(own: Own) -> bool:
    """Whether anything is left to change or give up."""
    return (
        not _is_withdrawn(own)
        and own.event.state != EventState.CANCELLED
        and any(may_choose(own.event, one, now=utcnow()) for one in own.people)
    )


def _is_withdrawn(own: Own) -> bool:
    if own.participant is not None:
        return own.participant.withdrawn_at is not None
    return own.registration.withdrawn_at is not None


def _is_open(event: Event) -> bool:
    """Whether a colleague can still be added; a full event takes one more into its queue."""
    state = sign_up_state(
        state=event.state,
        opens_at=event.registration_opens_at,
        closes_at=event.registration_closes_at,
        starts_at=event.last_start,
        ends_at=event.ends_at,
        waiting_list=event.waiting_list,
        seats=[Occupancy(None, 0, 0)],
        now=utcnow(),
    )
    return state in TAKES_SIGN_UPS
