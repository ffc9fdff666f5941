"""The zone that a supplier reads the times of digital meetings in, beside the event's."""

from sqlalchemy.orm import Session

from dialognav.domain.timezones import ZONES
from dialognav.models import Registration, lock_event
from dialognav.models.own_zones import own_zone_of


def keep_zone(session: Session, registration_id: int, zone: str) -> None:
    """As chosen on the page with the times; its letters have it, too. Call it with the verb that it
    was sent with: what is no zone, or the one known, changes nothing."""
    registration = session.get_one(Registration, registration_id)
    lock_event(session, registration.event_id)
    if zone in ZONES and zone != own_zone_of(registration):
        registration.own_zone = zone
