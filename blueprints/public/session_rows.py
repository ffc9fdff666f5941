"""The occasions of an event that has several, as its page lists them: ready words."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.public.said import Said, say
from blueprints.public.sign_up import Counted
from dialognav.domain.admission import Seats, count_seats, occupancy_of
from dialognav.domain.offers import takes_queue
from dialognav.domain.terms import MODES_OF, EventState, Format
from dialognav.i18n import date_text, list_text, local, when_text
from dialognav.i18n import gettext as _
from dialognav.models import Event, Occasion
from dialognav.words import MODES


@dataclass(frozen=True, slots=True)
class When:
    """A time for people and, in ISO 8601, for machines."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """`days` are named where there is more than one place."""

    venue: Said
    address: str
    directions: Said
    days: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """`state` is off, past, full, waiting or "" (there are places); `places` its words.

    `place` is said where the sessions are held in different ones.
    """

    when: When
    title: Said
    place: Said
    state: str
    places: str
    reason: Said


def when_of(occasion: Occasion, zone: str) -> When:
    text = when_text(occasion.starts_at, occasion.ends_at, zone, "long", all_day=occasion.all_day)
    start = local(occasion.starts_at, zone)
    iso = start.date().isoformat() if occasion.all_day else start.isoformat(timespec="minutes")
    return When(iso, text[:1].upper() + text[1:])


def places_of(event: Event) -> list[Place]:
    """Each place once, with its days when there are several places."""
    if event.format == Format.ONLINE:
        return []
    found: dict[tuple[str, str], list[Occasion]] = {}
    for occasion in event.live_occasions:
        venue = say(occasion.venue, event.primary_language)
        found.setdefault((venue.words, occasion.address), []).append(occasion)
    made = [_place(event, group, len(found) > 1) for group in found.values()]
    return [place for place in made if place.venue or place.address or place.directions]


def _place(event: Event, held: list[Occasion], is_named: bool) -> Place:
    first, primary = held[0], event.primary_language
    days = dict.fromkeys(date_text(each.starts_at, event.zone, "short") for each in held)
    return Place(
        say(first.venue, primary),
        first.address,
        say(first.directions, primary),
        list_text(list(days)) if is_named else "",
    )


def session_rows(event: Event, held: Counted, now: datetime) -> list[SessionRow]:
    """Those that are called off too, in their place; empty for an event of one."""
    if len(event.occasions) < 2:
        return []
    several_places = len({(str(o.venue), o.address) for o in event.live_occasions}) > 1
    return [_row(event, each, held, now, several_places) for each in event.occasions]


def _row(
    event: Event, each: Occasion, held: Counted, now: datetime, with_place: bool
) -> SessionRow:
    primary = event.primary_language
    state, places = _state_of(event, each, held, now)
    venue = say(each.venue, primary) or Said(each.address)
    is_there = with_place and event.format != Format.ONLINE
    return SessionRow(
        when=when_of(each, event.zone),
        title=say(each.title, primary),
        place=venue if is_there else Said(""),
        state=state,
        places=places,
        reason=say(each.reason, primary),
    )


def _state_of(event: Event, each: Occasion, held: Counted, now: datetime) -> tuple[str, str]:
    if each.cancelled_at is not None:
        return "off", _("Cancelled")
    if each.ends_at <= now:
        return "past", _("Held")
    if event.state not in (EventState.PUBLISHED, EventState.DRAFT, EventState.SCHEDULED):
        return "", ""
    modes = MODES_OF[event.format]
    seats = {mode: count_seats([occupancy_of(each, mode, held)]) for mode in modes}
    if all(part.total is not None and not part.left for part in seats.values()):
        if takes_queue(event, now, each):
            return "waiting", _("Full, waiting list")
        return "full", _("Full")
    return "", ", ".join(_words(mode, part, len(modes) > 1) for mode, part in seats.items())


def _words(mode: str, seats: Seats, is_named: bool) -> str:
    if seats.total is None:
        said = _("No limit")
    else:
        said = _("%(left)s of %(total)s places left", left=seats.left, total=seats.total)
    return f"{MODES[mode]}: {said}" if is_named else said
