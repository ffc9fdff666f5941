"""The waiting list of an event: the order and why, and the way past it with a reason on record."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, BaseForm, Required, TextField, options
from blueprints.guard import actor, allows, require
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import queue_ends
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EventFull, NotAllowedNow, TooLate
from dialognav.domain.offers import is_stopped, rule_of, takes_queue
from dialognav.domain.terms import EventState, Promotion
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, moment_text
from dialognav.models import Attendance, Event
from dialognav.occasion_names import occasion_name
from dialognav.queries import queues
from dialognav.words import MODES, MOVE_REASONS, QUEUE_REASONS

bp = Blueprint("queue", __name__)


class MoveUpForm(BaseForm):
    """Why somebody passes those who have waited longer."""

    reason = RadioField(
        lazy("Reason"), choices=options(MOVE_REASONS.items()), validate_choice=False
    )
    text = TextField(
        lazy("What it rests on"),
        [Required(lazy("Write what the decision rests on")), AtMost(500)],
    )

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate())
        if self.reason.data not in MOVE_REASONS:
            complain(self.reason, _("Choose a reason"))
            return False
        return valid


@dataclass(frozen=True, slots=True)
class QueueLine:
    """`number` is 0 for who is offered a place; `ends` is the offer's, "" for who waits."""

    id: int
    number: int
    name: str
    party: str
    registration_id: str  # public
    why: str
    since: str
    ends: str


@dataclass(frozen=True, slots=True)
class QueueTable:
    """`places` None: no limit. `free` are those that nobody holds. `closes`: when the queue of one
    of several sessions does."""

    title: str
    places: int | None
    free: int
    offered: list[QueueLine]
    waiting: list[QueueLine]
    closes: str
    is_open: bool


SEAT = "/events/<public_id>/queue/<int(max=2147483647):seat_id>"


@bp.get("/events/<public_id>/queue")
def index(public_id: str) -> ResponseReturnValue:
    require("registrations")
    event = own_event(public_id)
    found = queues.queues_of(db.session(), event)
    return render_template(
        "manage/queue/index.html",
        tables=[_table(event, queue) for queue in found],
        rule=_rule(event),
        may_move=allows("review") and event.state == EventState.PUBLISHED,
        **event_page(event, "queue"),
    )


@bp.get(SEAT)
def edit(public_id: str, seat_id: int) -> ResponseReturnValue:
    event = own_event(public_id, "review")
    seat = queues.waiting_seat(db.session(), event, seat_id)
    return _ask(event, seat, MoveUpForm(formdata=None))


@bp.post(SEAT)
def move_up(public_id: str, seat_id: int) -> ResponseReturnValue:
    event = own_event(public_id, "review")
    seat = queues.waiting_seat(db.session(), event, seat_id)
    form = MoveUpForm()
    if not form.validate():
        return _ask(event, seat, form), 422
    reason, text, who = str(form.reason.data), str(form.text.data), actor()
    try:
        with unit_of_work() as session:
            queue_ends.move_up(session, seat_id, reason, text, now=utcnow(), actor=who, post=post())
    except (EventFull, NotAllowedNow, TooLate) as broken:
        form.form_errors.append(_sentence(broken))
        event = own_event(public_id, "review")
        return _ask(event, queues.waiting_seat(db.session(), event, seat_id), form), 409
    return redirect(url_for(".index", public_id=public_id, done="moved_up"), 303)


def _ask(event: Event, seat: Attendance, form: BaseForm) -> str:
    """Why this person, and whom it concerns."""
    ahead = queues.number_ahead(db.session(), seat)
    return render_template(
        "manage/queue/edit.html",
        form=form,
        line=_line(event, seat, ahead + 1),
        ahead=ahead,
        **event_page(event, "queue"),
    )


def _sentence(broken: EventFull | NotAllowedNow | TooLate) -> str:
    if isinstance(broken, EventFull):
        return _("The waiting list is closed and no place is free. Add places first.")
    if isinstance(broken, NotAllowedNow):
        return _("This person does not wait any more.")
    return words_of(broken)


def _rule(event: Event) -> dict[str, Any]:
    """Until when the queue moves by itself, and how; what the template says of it.

    Of several sessions each has a queue of its own, and says itself when it closes.
    """
    rule, now = rule_of(event), utcnow()
    is_one = len(event.occasions) == 1
    return {
        "closes": moment_text(rule.closes_at, event.zone, "medium") if rule and is_one else "",
        "is_open": any(takes_queue(event, now, each) for each in event.live_occasions),
        "is_stopped": is_stopped(event, now),
        "makes_offers": event.promotion == Promotion.OFFER,
    }


def _table(event: Event, queue: queues.Queue) -> QueueTable:
    occasion, held, now = queue.occasion, queue.held, utcnow()
    is_one = len(event.occasions) == 1
    rule = rule_of(event, occasion)
    closes = moment_text(rule.closes_at, event.zone, "medium") if rule and not is_one else ""
    session = "" if is_one else occasion_name(event, occasion)
    mode = str(MODES[queue.mode]) if is_one or event.format == "hybrid" else ""
    return QueueTable(
        title=", ".join(filter(None, (session, mode))),
        places=held.capacity,
        free=max(0, held.capacity - held.confirmed) if held.capacity is not None else 0,
        offered=[_line(event, seat, 0) for seat in queue.offered],
        waiting=[_line(event, seat, place) for place, seat in enumerate(queue.waiting, 1)],
        closes=closes,
        is_open=takes_queue(event, now, occasion),
    )


def _line(event: Event, seat: Attendance, number: int) -> QueueLine:
    registration = seat.participant.registration
    ends = seat.offer_ends_at if not number else None
    return QueueLine(
        id=seat.id,
        number=number,
        name=seat.participant.name,
        party=registration.party_name,
        registration_id=registration.public_id,
        why=str(QUEUE_REASONS[seat.queue_reason]),
        since=moment_text(seat.created_at, event.zone),
        ends=moment_text(ends, event.zone) if ends else "",
    )
