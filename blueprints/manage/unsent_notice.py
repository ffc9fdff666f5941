"""A change that nobody has been told of yet, in words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.domain.terms import EventState
from dialognav.i18n import gettext as _
from dialognav.i18n import list_text, when_text
from dialognav.mail.changes import Announced, AnnouncedOccasion, announced
from dialognav.mail.unsent_changes import announced_before, unsent_of
from dialognav.models import Event


@dataclass(frozen=True, slots=True)
class UnsentView:
    """`what` names the changes on one line; `was` are the times that were told last, where they
    changed. `is_told`: some letters have left."""

    what: str
    was: list[str]
    letters: int
    due_at: datetime
    is_told: bool


def unsent_view(session: Session, event: Event) -> UnsentView | None:
    """None when everybody knows what holds."""
    found = unsent_of(session, event) if event.state == EventState.PUBLISHED else None
    if found is None:
        return None
    before, now = announced_before(event, found.row.before), announced(event)
    both = [
        (before.occasions[each], now.occasions[each])
        for each in now.occasions
        if each in before.occasions
    ]
    return UnsentView(
        what=list_text(_names(before, now, both)) or _("the registration"),
        was=[
            when_text(old.starts_at, old.ends_at, before.zone, all_day=old.all_day)
            for old, new in both
            if _times(old) != _times(new)
        ],
        letters=found.letters,
        due_at=found.row.due_at,
        is_told=found.is_told,
    )


def _names(
    before: Announced, now: Announced, both: list[tuple[AnnouncedOccasion, AnnouncedOccasion]]
) -> list[str]:
    differs = {
        _("time"): before.zone != now.zone or any(_times(old) != _times(new) for old, new in both),
        _("place"): any((o.venue, o.address) != (n.venue, n.address) for o, n in both),
        _("digital link"): any(
            (o.online_url, o.online_service) != (n.online_url, n.online_service) for o, n in both
        ),
        _("title"): before.title != now.title or any(o.title != n.title for o, n in both),
    }
    return [name for name, is_so in differs.items() if is_so]


def _times(one: AnnouncedOccasion) -> tuple[datetime, datetime, bool, int | None, int | None]:
    return one.starts_at, one.ends_at, one.all_day, one.start_offset, one.end_offset
