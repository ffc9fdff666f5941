"""In which zone a supplier lives, as far as is known."""

from dialognav.domain.timezones import zone_of_country
from dialognav.models.registration import Registration


def own_zone_of(registration: Registration) -> str:
    """The one that it has chosen, else that of its country; "" for neither."""
    return registration.own_zone or zone_of_country(registration.party_country or "")
