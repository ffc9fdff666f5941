"""Where to go instead: open events for those whom this one is not meant for."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.public.event_rows import event_url, span
from blueprints.public.said import Said, say
from blueprints.public.sign_up import sign_up_view
from dialognav.db import db
from dialognav.domain.admission import SignUp
from dialognav.domain.terms import Audience
from dialognav.i18n import when_text
from dialognav.models import Event
from dialognav.queries.fitting_events import FOR_SELLERS, fitting_events
from dialognav.queries.registrations import occupancy

MOST = 3


@dataclass(frozen=True, slots=True)
class OtherEvent:
    url: str
    title: Said
    when: str
    host: Said


def for_sellers(event: Event, now: datetime) -> list[OtherEvent]:
    """The nearest open events that a company may come to; none where this is one of them."""
    if event.audience != Audience.BUYERS:
        return []
    session = db.session()
    found = fitting_events(session, event, FOR_SELLERS, now)
    held = occupancy(session, [other.id for other in found]) if found else {}
    open_ones = [each for each in found if sign_up_view(each, held, now).state == SignUp.OPEN]
    return [_other(each) for each in open_ones[:MOST]]


def _other(event: Event) -> OtherEvent:
    start, end = span(event)
    owner = event.organisation
    return OtherEvent(
        event_url(event.slug),
        say(event.title, event.primary_language),
        when_text(start, end, event.zone),
        say(owner.name, owner.primary_language),
    )
