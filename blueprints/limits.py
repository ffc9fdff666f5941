"""How often one visitor may try: counted in the database, keyed by a hash of the address."""

import ipaddress

from flask import request

from blueprints.context import settings
from dialognav import rates
from dialognav.clock import utcnow
from dialognav.db import unit_of_work


def visitor_address() -> str:
    """The visitor's IP address; of IPv6 the /64, which is what one customer holds."""
    given = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def count(name: str, *whom: str, limit: int, seconds: int) -> None:
    """One more of `name` by `whom`, in a unit of work of its own. Raises TooMany."""
    with unit_of_work() as session:
        rates.count_use(
            session, _key(name, whom), limit=limit, window_seconds=seconds, now=utcnow()
        )


def take_back(name: str, *whom: str, seconds: int) -> None:
    """The last one did not count after all."""
    with unit_of_work() as session:
        rates.give_back(session, _key(name, whom), window_seconds=seconds, now=utcnow())


def _key(name: str, whom: tuple[str, ...]) -> str:
    return rates.rate_key(name, settings().secret_key, *whom)
