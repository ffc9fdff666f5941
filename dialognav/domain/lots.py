"""An order drawn by lot that anybody can draw again: from a seed, committed to beforehand.

Before the deadline everybody sees the SHA-256 of the seed, afterwards the seed. Whoever has both
knows that it was not chosen to fit what came in. A place in the order is the SHA-256 of the seed,
what is drawn, and its id; the lowest goes first. By hand:
printf '%s' "SEED:supplier:ID" | sha256sum
"""

import hashlib
from collections.abc import Iterable
from typing import Literal

What = Literal["supplier", "slot", "share"]


def commitment(seed: str) -> str:
    """What is published before: 64 hexadecimal digits."""
    return hashlib.sha256(seed.encode()).hexdigest()


def ticket(seed: str, what: What, public_id: str) -> str:
    """The lot that one of them draws: 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{what}:{public_id}".encode()).hexdigest()


def drawn(seed: str, what: What, public_ids: Iterable[str]) -> list[str]:
    """In the order of the lot."""
    return sorted(public_ids, key=lambda each: (ticket(seed, what, each), each))
