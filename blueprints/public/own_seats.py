"""The seats of a person on the own page: ready words for each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from blueprints.public.person_form import Change
from blueprints.public.said import Said, say
from blueprints.public.sessions import SessionView
from dialognav.actions.offers import lapsed_seats
from dialognav.actions.registration_rules import check_may_add, is_called_off
from dialognav.actions.seats import live_seats
from dialognav.clock import utcnow
from dialognav.domain.errors import RegistrationClosed
from dialognav.domain.terms import EventState, Mode, Seat
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text
from dialognav.models import Attendance, Event, Participant
from dialognav.occasion_names import occasion_when
from dialognav.queries.registrations import seats_of
from dialognav.words import MODES, QUEUE_REASONS, SEATS


@dataclass(frozen=True, slots=True)
class SeatView:
    """`place` is the number in the queue and `why` one is in it; `ends` the offer's.

    `title` and `day` are said only when there are several; `occasion` is the id of which one.
    """

    state: str
    text: str
    mode: str
    occasion: int
    title: Said
    day: str
    place: int | None
    why: str
    ends: str
    join_url: str
    service: str


def seats_to_show(person: Participant) -> list[Attendance]:
    """Live ones, offers that ran out, and those at occasions that were called off."""
    off = [seat for seat in person.attendances if is_called_off(seat)]
    return [*seats_of(person), *lapsed_seats(person), *off]


def seat_view(event: Event, seat: Attendance, place: int | None) -> SeatView:
    """The digital link is shown to the confirmed who attend that way, to nobody else."""
    occasion, is_one_of_several = seat.occasion, len(event.occasions) > 1
    is_online = seat.state == Seat.CONFIRMED and seat.mode == Mode.ONLINE
    is_safe = occasion.online_url.startswith(("https://", "http://"))
    is_ahead = event.state == EventState.PUBLISHED
    is_off = is_called_off(seat)
    return SeatView(
        state="cancelled" if is_off else seat.state,
        text=_("Cancelled") if is_off else str(SEATS[seat.state]),
        mode=str(MODES[seat.mode]),
        occasion=occasion.id,
        title=say(occasion.title, event.primary_language) if is_one_of_several else Said(""),
        day=occasion_when(event, occasion) if is_one_of_several else "",
        place=place,
        why=str(QUEUE_REASONS[seat.queue_reason]) if place else "",
        ends=_ends(event, seat),
        join_url=occasion.online_url if is_online and is_safe and is_ahead else "",
        service=occasion.online_service,
    )


@dataclass(frozen=True, slots=True)
class JoinLink:
    """A digital meeting, and the seats for which it is the way in."""

    url: str
    service: str
    seats: list[SeatView]


def join_links(seats: Sequence[SeatView]) -> list[JoinLink]:
    """Each link once, however many occasions share it."""
    links: dict[str, JoinLink] = {}
    for seat in seats:
        if seat.join_url:
            link = links.setdefault(seat.join_url, JoinLink(seat.join_url, seat.service, []))
            link.seats.append(seat)
    return list(links.values())


def _ends(event: Event, seat: Attendance) -> str:
    """Until when the offer holds; without a day nothing ends."""
    if seat.state != Seat.OFFERED or event.state != EventState.PUBLISHED:
        return ""
    assert seat.offer_ends_at is not None
    return moment_text(seat.offer_ends_at, event.zone, "medium")


def with_own(views: Sequence[SessionView], person: Participant) -> dict[str, SessionView]:
    """The sessions by id; at those the person has, their state there instead of what is left."""
    own = {str(seat.occasion_id): str(SEATS[seat.state]) for seat in reversed(seats_of(person))}
    return {view.id: replace(view, note=own[view.id]) if view.id in own else view for view in views}


def change_of(event: Event, person: Participant, *, by_staff: bool = False) -> Change:
    """Which sessions a person has, and whether others can be added."""
    now = utcnow()
    seats = live_seats(person)
    ahead = {seat.occasion_id for seat in seats if now < seat.occasion.starts_at}
    begun = {seat.occasion_id for seat in seats} - ahead
    try:
        check_may_add(event, person, now=now, by_staff=by_staff)
    except RegistrationClosed:
        return Change(ahead, len(begun), may_add=False)
    return Change(ahead, len(begun), may_add=True)


def wished_mode(person: Participant) -> str:
    """How one attends; who waits for another way, or is offered it, is asked about that one."""
    seats, now = live_seats(person), utcnow()
    ahead = [seat for seat in seats if now < seat.occasion.starts_at] or seats
    waiting = [seat for seat in ahead if seat.state == Seat.WAITING]
    beside = Counter(seat.occasion_id for seat in ahead)
    offered = [
        seat for seat in ahead if seat.state == Seat.OFFERED and beside[seat.occasion_id] > 1
    ]
    return (waiting or offered or ahead)[0].mode if ahead else ""
