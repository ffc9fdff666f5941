"""The several occasions of an event in words: when, what is left, whether one can choose it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from blueprints.errors import words_of
from blueprints.public.said import Said, say
from blueprints.public.sign_up import Counted
from dialognav.domain.admission import Occupancy, occupancies
from dialognav.domain.errors import EventFull, RuleBroken
from dialognav.domain.offers import takes_queue
from dialognav.domain.terms import MODES_OF, Attending
from dialognav.i18n import date_text, ngettext, number_text
from dialognav.i18n import gettext as _
from dialognav.models import Event, Occasion
from dialognav.occasion_names import occasion_name, occasion_when
from dialognav.words import MODES


@dataclass(frozen=True, slots=True)
class SessionView:
    """`note` is what is left, or why it cannot be chosen; `is_open`: a newcomer gets something,
    a place or a number in the queue."""

    id: str
    title: Said
    when: str
    note: str
    is_open: bool
    is_full: bool


def is_chosen(event: Event) -> bool:
    """Whether each participant chooses among the occasions."""
    return event.attending == Attending.CHOOSE and len(event.occasions) > 1


def to_choose(event: Event, now: datetime) -> list[Occasion]:
    """Those that can still be come to."""
    return [each for each in event.live_occasions if now < each.starts_at]


def session_views(event: Event, held: Counted, now: datetime) -> list[SessionView]:
    """All of them, those called off and those begun too; none for an event of one occasion."""
    if len(event.occasions) < 2:
        return []
    parts = occupancies(event.occasions, event.format, held)
    return [_view(event, each, parts, now) for each in event.occasions]


def _view(
    event: Event, occasion: Occasion, parts: dict[tuple[int, str], Occupancy], now: datetime
) -> SessionView:
    seats = {str(mode): parts[occasion.id, str(mode)] for mode in MODES_OF[event.format]}
    may_wait = takes_queue(event, now, occasion)
    is_full = all(part.left == 0 for part in seats.values())
    is_ahead = occasion.cancelled_at is None and now < occasion.starts_at
    return SessionView(
        id=str(occasion.id),
        title=say(occasion.title, event.primary_language),
        when=occasion_when(event, occasion, "medium"),
        note=_note(occasion, seats, now, may_wait=may_wait),
        is_open=is_ahead and (may_wait or not is_full),
        is_full=is_full,
    )


def _note(occasion: Occasion, seats: dict[str, Occupancy], now: datetime, *, may_wait: bool) -> str:
    if occasion.cancelled_at is not None:
        return _("Cancelled")
    if occasion.starts_at <= now:
        return _("Has begun")
    if len(seats) == 1:
        [part] = seats.values()
        return _left(part, may_wait=may_wait)
    return ". ".join(_left_by_mode(seats, may_wait=may_wait))


def _left_by_mode(seats: dict[str, Occupancy], *, may_wait: bool) -> Iterator[str]:
    for mode, part in seats.items():
        if part.capacity is not None:
            yield f"{MODES[mode]}: {_left(part, may_wait=may_wait)}"


def _left(part: Occupancy, *, may_wait: bool) -> str:
    """What a newcomer finds; nothing where there is no limit."""
    if part.left is None or part.capacity is None:
        return ""
    if part.left == 0:
        return _("Full, waiting list") if may_wait else _("Full")
    return _(
        "%(left)s of %(total)s places left",
        left=number_text(part.left),
        total=number_text(part.capacity),
    )


def by_id(views: Sequence[SessionView]) -> dict[str, SessionView]:
    return {view.id: view for view in views}


def refusal(event: Event, broken: RuleBroken) -> str:
    """The sentence of a broken rule; of several occasions it names which are full."""
    if not isinstance(broken, EventFull) or len(event.occasions) == 1:
        return words_of(broken)
    names = [
        occasion_name(event, each, "medium") for each in event.occasions if each.id in broken.args
    ]
    return _(
        "Not enough places are left, and no waiting list is kept: %(sessions)s",
        sessions="; ".join(names),
    )


FEW = 3
"""So many occasions are named each; more are a number between two days."""


def whens_of(event: Event) -> list[str]:
    """When it is, beside a form: each occasion that stands, or how many from when to when."""
    days = event.live_occasions or event.occasions
    if len(days) <= FEW:
        return [occasion_when(event, each, "medium") for each in days]
    first, last = (date_text(days[n].starts_at, event.zone) for n in (0, -1))
    return [
        ngettext("%(num)s session", "%(num)s sessions", len(days)),
        _("%(first)s to %(last)s", first=first, last=last),
    ]
