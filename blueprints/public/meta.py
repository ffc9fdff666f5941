"""What machines read about a page: addresses in other languages, schema.org, Open Graph."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from flask import url_for

from blueprints.context import external_url
from blueprints.public.said import say
from blueprints.public.sign_up import SignUpView
from dialognav.domain.terms import LANGUAGES, EventState, Format
from dialognav.i18n import current_language, last_day, local
from dialognav.models import Event, Occasion, Organisation

_TERMS = "https://schema.org/"
_STATUS = {
    EventState.CANCELLED: "EventCancelled",
    EventState.POSTPONED: "EventPostponed",
}
_MODE = {
    Format.ON_SITE: "OfflineEventAttendanceMode",
    Format.ONLINE: "OnlineEventAttendanceMode",
    Format.HYBRID: "MixedEventAttendanceMode",
}


def alternates_of(endpoint: str, query: str = "", **values: Any) -> dict[str, str]:
    """{language: address of the same page in it}."""
    return {lang: url_for(endpoint, lang=lang, **values) + query for lang in LANGUAGES}


def organiser_of(organisation: Organisation) -> SimpleNamespace:
    """For the head and foot of a page: whose it is and how to reach them."""
    primary = organisation.primary_language
    return SimpleNamespace(
        name=say(organisation.name, primary).words,
        address=organisation.address,
        email=organisation.email,
        phone=organisation.phone,
        phone_hours=say(organisation.phone_hours, primary).words,
    )


def description_of(event: Event) -> str:
    """About 200 characters for search results and shared links."""
    words = " ".join(say(event.summary, event.primary_language).words.split())
    return words if len(words) <= 200 else words[:199].rsplit(" ", 1)[0] + "…"


def event_json(event: Event, view: SignUpView) -> dict[str, Any]:
    """schema.org/Event. Online, the place is its page: the link is the confirmed's alone."""
    primary = event.primary_language
    page = external_url(url_for("public.events.show", lang=current_language(), slug=event.slug))
    owner = event.organisation
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": page,
        "url": page,
        "name": say(event.title, primary).words,
        "description": description_of(event),
        "eventStatus": _TERMS + _STATUS.get(EventState(event.state), "EventScheduled"),
        "eventAttendanceMode": _TERMS + _MODE[Format(event.format)],
        "location": _locations(event, page, event.live_occasions),
        "inLanguage": say(event.title, primary).lang or current_language(),
        "isAccessibleForFree": not event.cost_note,
        "organizer": {
            "@type": "Organization",
            "name": say(owner.name, owner.primary_language).words,
            "url": external_url(
                url_for("public.organisations.show", lang=current_language(), slug=owner.slug)
            ),
        },
    }
    live = event.live_occasions
    data |= _times(event, live[0], max(live, key=lambda each: each.ends_at))
    if len(event.occasions) > 1:
        data["subEvent"] = [_part_of(event, each, data, page) for each in event.occasions]
    if view.takes and view.seats.total is not None:
        data["maximumAttendeeCapacity"] = view.seats.total
        data["remainingAttendeeCapacity"] = view.seats.left
    return data


def _part_of(event: Event, each: Occasion, data: dict[str, Any], page: str) -> dict[str, Any]:
    """One of several occasions, called off or not."""
    is_off = each.cancelled_at is not None
    return {
        "@type": "Event",
        "name": say(each.title, event.primary_language).words or data["name"],
        "eventStatus": _TERMS + "EventCancelled" if is_off else data["eventStatus"],
        "location": _locations(event, page, [each]),
    } | _times(event, each, each)


def _times(event: Event, first: Occasion, last: Occasion) -> dict[str, str]:
    start, end = local(first.starts_at, event.zone), local(last.ends_at, event.zone)
    if first.all_day:
        until = last_day(last.ends_at, event.zone)
        return {"startDate": start.date().isoformat(), "endDate": until.isoformat()}
    return {"startDate": start.isoformat(), "endDate": end.isoformat()}


def _locations(event: Event, page: str, held: Sequence[Occasion]) -> list[dict[str, Any]]:
    """Each place once; online, the event's page."""
    places: list[dict[str, Any]] = []
    for occasion in held if event.format != Format.ONLINE else ():
        venue = say(occasion.venue, event.primary_language).words
        place: dict[str, Any] = {"@type": "Place", "name": venue or occasion.address}
        if occasion.address:
            place["address"] = occasion.address
        if occasion.latitude is not None and occasion.longitude is not None:
            place["geo"] = {
                "@type": "GeoCoordinates",
                "latitude": occasion.latitude,
                "longitude": occasion.longitude,
            }
        if place not in places:
            places.append(place)
    if event.format != Format.ON_SITE:
        places.append({"@type": "VirtualLocation", "url": page})
    return places
