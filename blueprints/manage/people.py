"""Those registered, as lines of the organiser's list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from blueprints.manage.seat_answers import answer_text
from dialognav import words
from dialognav.domain.terms import HOLDING, LIVE, Seat
from dialognav.i18n import date_text, moment_text, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import Attendance, Event, Occasion, Participant
from dialognav.occasion_names import occasion_name
from dialognav.queries import attendees, inbox
from dialognav.queries.registrations import places_in_queue

NAMED = 3  # sessions of one person in one line of a list


@dataclass(frozen=True, slots=True)
class SeatLine:
    """`state` colours the pill; `queue` is the place in the queue, 0 for none.

    `more`: why somebody waits, or until when an offer holds. `sessions`: at which of several
    occasions, "" where there is one.
    """

    state: str
    word: str
    mode: str
    queue: int
    more: str = ""
    sessions: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    registration_id: str  # public
    name: str
    title: str
    email: str
    party: str
    identifier: str
    seats: tuple[SeatLine, ...]
    need: str
    flags: tuple[str, ...]
    day: str
    by_staff: str


def person_lines(
    session: Session, event: Event, found: Sequence[Participant], occasion_id: int = 0
) -> list[PersonLine]:
    """Ready words for each, of their seats at one occasion or (0) at all; four statements."""
    seats = [seat for person in found for seat in person.attendances]
    queue = places_in_queue(session, [seat for seat in seats if seat.state == Seat.WAITING])
    shared = attendees.shared_addresses(session, event.id, [p.email for p in found])
    keys = list({person.registration.party_key for person in found})
    repeated = attendees.repeated_parties(session, event.id, keys)
    dead = inbox.dead_addresses(session, [person.email for person in found])
    return [
        _line(
            person,
            event,
            seat_lines(event, seats_to_show(person, occasion_id), queue),
            _flags(person, shared, repeated, dead),
        )
        for person in found
    ]


def _line(
    person: Participant, event: Event, seats: Sequence[SeatLine], flags: Sequence[str]
) -> PersonLine:
    registration = person.registration
    by_staff = registration.created_by.name if registration.created_by else ""
    return PersonLine(
        registration_id=registration.public_id,
        name=person.name,
        title=person.title,
        email=person.email,
        party=registration.party_name,
        identifier=registration.party_identifier,
        seats=tuple(seats),
        need=person.access_need.need if person.access_need else "",
        flags=tuple(flags),
        day=date_text(person.created_at, event.zone, "short"),
        by_staff=by_staff,
    )


def _flags(
    person: Participant, shared: set[str], repeated: dict[str, int], dead: set[str]
) -> list[str]:
    found = []
    if person.withdrawn_at is None and person.email in dead:
        found.append(_("E-mail to the address comes back"))
    if person.withdrawn_at is None and person.email in shared:
        found.append(_("The address is in another registration too"))
    number = repeated.get(person.registration.party_key, 0)
    if number and person.registration.withdrawn_at is None:
        found.append(
            ngettext(
                "The organisation has %(num)s registration",
                "The organisation has %(num)s registrations",
                number,
            )
        )
    return found


def seats_to_show(person: Participant, occasion_id: int = 0) -> list[Attendance]:
    """The live ones, held before waiting; without any, the latest. At one occasion, or all."""
    every = [seat for seat in person.attendances if occasion_id in (0, seat.occasion_id)]
    live = [seat for seat in every if seat.state in LIVE]
    if not live:
        return sorted(every, key=lambda seat: seat.id)[-1:]
    return sorted(live, key=lambda seat: (seat.state not in HOLDING, seat.id))


def seat_line(seat: Attendance, queue: dict[int, int]) -> SeatLine:
    event = seat.occasion.event
    name = occasion_name(event, seat.occasion) if len(event.occasions) > 1 else ""
    return replace(_without_session(seat, queue), sessions=name)


def _without_session(seat: Attendance, queue: dict[int, int]) -> SeatLine:
    place = queue.get(seat.id, 0)
    word = _("Waiting list %(place)s", place=place) if place else str(words.SEATS[seat.state])
    return SeatLine(seat.state, word, str(words.MODES[seat.mode]), place, _more(seat))


def seat_lines(event: Event, seats: Sequence[Attendance], queue: dict[int, int]) -> list[SeatLine]:
    """Seats of one person, those of which the same is to be said together."""
    together: dict[SeatLine, list[Attendance]] = {}
    for seat in seats:
        together.setdefault(_without_session(seat, queue), []).append(seat)
    return [
        replace(line, sessions=sessions_text(event, [seat.occasion for seat in same]))
        for line, same in together.items()
    ]


def sessions_text(event: Event, held: Sequence[Occasion]) -> str:
    """'all 5 sessions', or each by name, few; "" where the event has one."""
    live = event.live_occasions
    if len(event.occasions) < 2:
        return ""
    if len(live) > 1 and {each.id for each in live} <= {each.id for each in held}:
        return ngettext("all %(num)s session", "all %(num)s sessions", len(live))
    in_order = sorted(held, key=lambda each: each.starts_at)
    names = [occasion_name(event, each) for each in in_order[:NAMED]]
    if more := len(in_order) - len(names):
        names.append(ngettext("%(num)s more", "%(num)s more", more))
    return "; ".join(names)


def _more(seat: Attendance) -> str:
    if seat.state == Seat.OFFERED and seat.offer_ends_at is not None:
        ends = moment_text(seat.offer_ends_at, seat.occasion.event.zone)
        return _("until %(moment)s", moment=ends)
    if seat.state == Seat.WAITING:
        return str(words.QUEUE_REASONS[seat.queue_reason])
    return answer_text(seat)
