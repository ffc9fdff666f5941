"""What the DNS says about a domain's mail."""

from typing import Any

_PATIENCE = 5.0  # seconds for one question


class NameServiceDown(Exception):
    """Nobody answers, so nothing is known."""


def texts(name: str) -> list[str]:
    """TXT records, each put together from its pieces; none for a name without any."""
    return [b"".join(one.strings).decode("utf-8", "replace") for one in _ask(name, "TXT")]


def has_mail_server(name: str) -> bool:
    """An MX record that is not the null one (RFC 7505), or an address (RFC 5321 section 5.1)."""
    servers = [str(one.exchange) for one in _ask(name, "MX")]
    if servers:
        return servers != ["."]
    return bool(_ask(name, "A") or _ask(name, "AAAA"))


def _ask(name: str, kind: str) -> list[Any]:
    from dns import exception, resolver

    try:
        return list(resolver.resolve(name, kind, lifetime=_PATIENCE))
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    except (exception.DNSException, OSError, UnicodeError) as error:
        raise NameServiceDown(type(error).__name__) from error
