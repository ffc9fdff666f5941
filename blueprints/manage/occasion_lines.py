"""The occasions of an event that has several, as its overview lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blueprints.guard import allows
from blueprints.manage.event_verb_forms import reason_form
from blueprints.manage.workspace import languages_of
from blueprints.public.sign_up import Counted
from dialognav.domain.admission import Seats, count_seats, occupancy_of
from dialognav.domain.publishing import may_now
from dialognav.domain.terms import MODES_OF
from dialognav.i18n import pick
from dialognav.models import Event, Occasion
from dialognav.occasion_names import occasion_title, occasion_when


@dataclass(frozen=True, slots=True)
class OccasionView:
    """`taken` hold a seat. `cancel` is the form that calls it off, None where that cannot be."""

    id: int
    title: str
    when: str
    seats: Seats
    taken: int
    is_off: bool
    reason: str
    cancel: Any


def occasion_views(
    event: Event, held: Counted, now: datetime, bad: tuple[int, Any] | None = None
) -> list[OccasionView]:
    """Empty for an event of one. `bad`: a form that came back, and the id it is of."""
    if len(event.occasions) < 2:
        return []
    may = allows("publish") and len(event.live_occasions) > 1
    may = may and may_now("cancel_occasion", event.state, event.ends_at, event.phase, now)
    forms = reason_form(languages_of(event))
    views = []
    for each in event.occasions:
        form = bad[1] if bad and bad[0] == each.id else forms(formdata=None, prefix=prefix(each.id))
        ahead = each.cancelled_at is None and each.ends_at > now
        views.append(_view(event, each, held, form if may and ahead else None))
    return views


def _view(event: Event, each: Occasion, held: Counted, form: Any) -> OccasionView:
    parts = [occupancy_of(each, mode, held) for mode in MODES_OF[event.format]]
    return OccasionView(
        id=each.id,
        title=occasion_title(event, each),
        when=occasion_when(event, each, "medium"),
        seats=count_seats(parts),
        taken=sum(part.confirmed for part in parts),
        is_off=each.cancelled_at is not None,
        reason=pick(each.reason, event.primary_language, "en")[0],
        cancel=form,
    )


def prefix(occasion_id: int) -> str:
    """Of the form that calls one occasion off."""
    return f"occasion-{occasion_id}-"
