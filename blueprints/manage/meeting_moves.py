"""One meeting on the board: moved, called off, offered, or written to."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, BaseForm, Required, TextField, demand_token
from blueprints.guard import actor, current_user, require
from blueprints.manage.board_cards import people_text, slot_label
from blueprints.manage.board_words import refusal_words
from blueprints.manage.free_times import FreeTimeForm
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import bookings, messages
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.audience import Audience
from dialognav.domain.errors import RuleBroken
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.permissions import MEETINGS, MESSAGES
from dialognav.i18n import lazy
from dialognav.models import Booking, Event
from dialognav.queries import meeting_board
from dialognav.queries.access import access_booking

bp = Blueprint("meeting_moves", __name__)

MEETING = "/events/<public_id>/meetings/moves/<booking_id>"


class ReasonForm(BaseForm):
    reason = TextField(
        lazy("Reason"), [Required(lazy("Write why: the supplier reads it")), AtMost(500)]
    )


class MoveForm(FreeTimeForm, ReasonForm):
    slot = SelectField(lazy("New time"), validate_choice=False)


@bp.get(MEETING)
def edit(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    booking = access_booking(db.session(), event, booking_id)
    form = MoveForm(formdata=None, data={"slot": request.args.get("to", "")})
    return _show("move", event, booking, form.choose_among(_free(event, booking)))


@bp.post(MEETING)
def move(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    booking = access_booking(db.session(), event, booking_id)
    form = MoveForm().choose_among(_free(event, booking))
    if not form.validate():
        return _show("move", event, booking, form), 422
    board = meeting_board.board_of(db.session(), event, now=utcnow())
    slot = next(one for one in board.slots if one.public_id == form.slot.data)
    row_id, slot_id, reason, how = booking.id, slot.id, str(form.reason.data), _how()
    day = meeting_board.day_of(slot, event.zone).isoformat()
    refused = _try(
        form, lambda session: bookings.move(session, row_id, slot_id, reason=reason, **how)
    )
    if refused:
        event = own_event(public_id, MEETINGS)
        booking = access_booking(db.session(), event, booking_id)
        return _show("move", event, booking, form.choose_among(_free(event, booking))), 409
    return redirect(_board(public_id, day, "moved"), 303)


@bp.get(MEETING + "/end")
def end(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    booking = access_booking(db.session(), event, booking_id)
    return _show("end", event, booking, ReasonForm(formdata=None))


@bp.post(MEETING + "/end")
def cancel(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    booking = access_booking(db.session(), event, booking_id)
    form = ReasonForm()
    if not form.validate():
        return _show("end", event, booking, form), 422
    row_id, reason, how = booking.id, str(form.reason.data), _how()
    done = "taken_back" if booking.state == BookingState.OFFERED else "cancelled"
    day = meeting_board.day_of(booking.slot, event.zone).isoformat()
    if _try(form, lambda session: bookings.cancel(session, row_id, reason, **how)):
        event = own_event(public_id, MEETINGS)
        return _show("end", event, access_booking(db.session(), event, booking_id), form), 409
    return redirect(_board(public_id, day, done), 303)


@bp.post(MEETING + "/message")
def write(public_id: str, booking_id: str) -> ResponseReturnValue:
    """A draft to those who come to the meeting, and to their contact."""
    require(MESSAGES)
    event = own_event(public_id, MEETINGS)
    booking = access_booking(db.session(), event, booking_id)
    demand_token()
    people = {one.participant_id for one in booking.people} | {-booking.registration_id}
    draft = MessageDraft({}, {}, audience=Audience((event.id,), people=frozenset(people)))
    owner, event_id, language = event.organisation_id, event.id, event.primary_language
    author, who = current_user().id, actor()
    with unit_of_work() as session:
        made = messages.create_message(
            *(session, owner, event_id, draft),
            primary_language=language,
            author_id=author,
            now=utcnow(),
            actor=who,
        ).public_id
    return redirect(url_for("manage.messages.edit", message_id=made), 303)


def _how() -> dict[str, Any]:
    return {"now": utcnow(), "actor": actor(), "post": post()}


def _try(form: BaseForm, act: Callable[[Any], Any]) -> bool:
    """Whether a rule stood in the way; the form says which."""
    try:
        with unit_of_work() as session:
            act(session)
    except RuleBroken as broken:
        form.form_errors.append(refusal_words(broken, words_of(broken)))
        return True
    return False


def _board(public_id: str, day: str, done: str) -> str:
    return url_for("manage.meeting_board.show", public_id=public_id, day=day, done=done)


def _free(event: Event, booking: Booking) -> list[tuple[str, str]]:
    """The times it can have instead, in words."""
    session = db.session()
    board = meeting_board.board_of(session, event, now=utcnow())
    free = set(meeting_board.slots_to_move_to(session, event, booking, now=utcnow()))
    return [(one.public_id, slot_label(board, one)) for one in board.slots if one.id in free]


def _show(page: str, event: Event, booking: Booking, form: BaseForm) -> str:
    board = meeting_board.board_of(db.session(), event, now=utcnow())
    return render_template(
        f"manage/meeting_board/{page}.html",
        form=form,
        booking=booking,
        label=slot_label(board, booking.slot),
        party=booking.registration.party_name,
        people=people_text(booking),
        is_offer=booking.state == BookingState.OFFERED,
        day=meeting_board.day_of(booking.slot, event.zone).isoformat(),
        **event_page(event, "meetings"),
    )
