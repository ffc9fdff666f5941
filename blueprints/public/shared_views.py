"""What everybody is told of what was said in one meeting: nothing of where, or to whom."""

from dataclasses import dataclass

from blueprints.public.said import Said, say
from dialognav.db import db
from dialognav.i18n import moment_text
from dialognav.models import Event
from dialognav.queries.shared_items import published


@dataclass(frozen=True, slots=True)
class SharedView:
    number: int
    at: str
    text: Said


def shared_views(event: Event) -> list[SharedView]:
    """Numbered in the order of publishing; one statement."""
    return [
        SharedView(
            item.number,
            moment_text(item.published_at, event.zone, "medium"),
            say(item.text, event.primary_language),
        )
        for item in published(db.session(), event.id)
        if item.number is not None and item.published_at is not None
    ]
