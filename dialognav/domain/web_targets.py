"""Which addresses of the web a server of ours may be sent to."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

_LONGEST = 1000  # characters of an address
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
_NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE = "/?%:@!$&'()*+,;=~-._"
_PORTS = {"http": 80, "https": 443}
_MEANT = {"webcal": "https", "webcals": "https"}

IPAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `path` with its query, percent-encoded; `host` without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as a Host header and an address write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def read_target(address: str) -> Target:
    """The target of an http, https or webcal address (which is https) without a user's name.

    ValueError for anything else.
    """
    typed = address.strip()
    if len(typed) > _LONGEST or _NOT_IN_AN_ADDRESS.search(typed):
        raise ValueError("too long, or holds what no address does")
    parts = urlsplit(typed)
    host, port = parts.hostname or "", parts.port
    if ":" not in host:
        host = host.encode("idna").decode("ascii").rstrip(".")  # UnicodeError is a ValueError
    scheme = _MEANT.get(parts.scheme, parts.scheme)
    fits = _HOST.fullmatch(host) or (":" in host and "%" not in host and ip_address(host))
    if scheme not in _PORTS or not fits or "@" in parts.netloc or port == 0:
        raise ValueError("not an address of the web")
    path = quote(parts.path or "/", safe=_SAFE.replace("?", ""))
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(scheme, host, port or _PORTS[scheme], path + query)


_NOT_PUBLIC = tuple(
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        # Within 2000::/3: IETF's own with Teredo, documentation, 6to4 (holds an IPv4 address).
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")  # how a network without IPv4 writes it (RFC 6052 2.1)


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the open internet (IANA special-purpose registries).

    Of IPv6 only 2000::/3, so that no IPv4 address comes in disguise (RFC 4291 2.5.5); one behind
    NAT64 is judged by itself.
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_UNICAST:
            return False
    within = any(address in block for block in _NOT_PUBLIC if block.version == address.version)
    return address.is_global and not within
