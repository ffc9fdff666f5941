"""Events as lines of the workspace's tables: ready words and numbers, no rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from blueprints.manage.workspace import shown_state, title_of
from blueprints.public.sign_up import Counted, SignUpView, sign_up_view
from dialognav.actions.event_text import draft_of
from dialognav.domain.admission import SignUp
from dialognav.domain.publishing import lacking
from dialognav.domain.terms import Attending, EventState
from dialognav.i18n import date_text, moment_text, ngettext, when_text
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.queries.registrations import occupancy
from dialognav.words import STATES


@dataclass(frozen=True, slots=True)
class Line:
    """`tone` and `state_word` make the pill; `taken` of `total` places, total None for no limit."""

    public_id: str
    title: str
    language: str
    kind: str
    day: str
    state: str
    state_word: str
    taken: int
    total: int | None
    left: int
    is_open_to_all: bool
    next_step: str


def event_lines(session: Session, found: Sequence[Event], now: datetime) -> list[Line]:
    """The lines of a table; one statement for the seats of all of them."""
    held = occupancy(session, [event.id for event in found]) if found else {}
    return [line_of(event, held, now) for event in found]


def line_of(event: Event, held: Counted, now: datetime) -> Line:
    view = sign_up_view(event, held, now)
    state, word = _state_of(event, view)
    total = view.seats.total
    return Line(
        public_id=event.public_id,
        title=title_of(event),
        language=event.primary_language,
        kind=event.kind,
        day=_day_of(event),
        state=state,
        state_word=word,
        taken=taken_of(event, held),
        total=total,
        left=view.seats.left,
        is_open_to_all=event.state not in (EventState.DRAFT, EventState.SCHEDULED),
        next_step=next_step(event, view, now),
    )


def taken_of(event: Event, held: Counted) -> int:
    """Seats in use. Where everybody comes to every occasion, those of the fullest; else of all."""
    seats = [
        sum(part.confirmed for part in held.get(each.id, {}).values())
        for each in event.live_occasions
    ]
    return sum(seats) if event.attending == Attending.CHOOSE else max(seats, default=0)


def _day_of(event: Event) -> str:
    """The day; of several occasions the first, and the last one's."""
    if event.starts_at is None or event.ends_at is None:
        return ""
    if len(event.live_occasions) == 1:
        return date_text(event.starts_at, event.zone)
    return when_text(event.starts_at, event.ends_at, event.zone, all_day=True)


_SIGN_UP_WORDS = {
    SignUp.NOT_YET: "scheduled",
    SignUp.OPEN: "published",
    SignUp.FULL_WAITING: "postponed",
    SignUp.FULL: "postponed",
    SignUp.CLOSED: "held",
}


def _state_of(event: Event, view: SignUpView) -> tuple[str, str]:
    """(state that colours the pill, its words): of a published event, what sign-up says."""
    shown = shown_state(event)
    if shown != EventState.PUBLISHED or view.state not in _SIGN_UP_WORDS:
        return shown, str(STATES[shown])
    said = {
        SignUp.NOT_YET: _("Not open yet"),
        SignUp.OPEN: _("Registration open"),
        SignUp.FULL_WAITING: _("Full, waiting list"),
        SignUp.FULL: _("Full"),
        SignUp.CLOSED: _("Registration closed"),
    }
    return _SIGN_UP_WORDS[SignUp(view.state)], said[SignUp(view.state)]


def next_step(event: Event, view: SignUpView, now: datetime) -> str:
    """What the organiser will do with it next, in a few words; '' when there is nothing."""
    if event.state == EventState.DRAFT:
        missing = len(lacking(draft_of(event, rows=False), now))
        if missing:
            return ngettext("%(num)s thing is missing", "%(num)s things are missing", missing)
        return _("Ready to publish")
    if event.state == EventState.SCHEDULED and event.publish_at:
        return _("Publishes itself %(when)s", when=moment_text(event.publish_at, event.zone))
    if event.state == EventState.POSTPONED:
        return _("Set a new date")
    return "" if view.state in (SignUp.CANCELLED, SignUp.PAST) else _of_sign_up(view)


def _of_sign_up(view: SignUpView) -> str:
    if view.seats.waiting:
        return ngettext("%(num)s waits for a place", "%(num)s wait for a place", view.seats.waiting)
    if view.state == SignUp.NOT_YET and view.opens_at:
        return _("Opens %(when)s", when=moment_text(view.opens_at, view.zone))
    if view.takes and view.closes_at:
        return _("Closes %(when)s", when=moment_text(view.closes_at, view.zone))
    return ""
