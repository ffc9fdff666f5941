"""A line of the dashboard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that needs somebody. tone: bad, warn or info."""

    tone: str
    glyph: str
    title: str
    text: str
    url: str
    action: str
