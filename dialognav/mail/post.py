"""What the installation's mail is. Handed to actions by the edges, like the clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Post:
    """`quiet_window` in seconds (decisions.md 15); `domain` is the right side of calendar UIDs."""

    base_url: str
    sender: str
    domain: str
    quiet_window: int
