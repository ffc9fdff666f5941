"""One time of the board: given to a supplier, offered, blocked or opened again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, AtMost, BaseForm, LineField, Required, TextField, options
from blueprints.guard import actor
from blueprints.manage.board_cards import card_of, slot_label
from blueprints.manage.board_words import refusal_words, stops_text
from blueprints.manage.meeting_people import elsewhere_words
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import bookings, meeting_offers, meeting_slot_changes
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EngagedElsewhere, ReasonNeeded, RuleBroken
from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.permissions import MEETINGS
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Event, MeetingRequest, Slot
from dialognav.queries import meeting_board
from dialognav.queries.access import access_slot

bp = Blueprint("meeting_times", __name__)

TIME = "/events/<public_id>/meetings/times/<slot_id>"
_NO_REASON = lazy("Write why: the record asks for it")


class GiveForm(BaseForm):
    """Who gets the time: at once, or as an offer to answer."""

    supplier = SelectField(lazy("Supplier"), validate_choice=False)
    reason = TextField(lazy("Reason"), [AtMost(500)])
    then = LineField()  # which button: "assign" or "offer"
    codes: set[str]

    def choose_among(self, choices: list[tuple[str, str]]) -> "GiveForm":
        self.supplier.choices = options(choices)
        self.codes = {code for code, _words in choices}
        return self

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate())
        if self.supplier.data not in self.codes:
            complain(self.supplier, _("Choose a supplier"))
            valid = False
        if self.then.data != "offer" and not self.reason.data:
            complain(self.reason, str(_NO_REASON))
            valid = False
        return valid


class BlockForm(BaseForm):
    why = LineField(lazy("Why nobody can have it"), [Required(_NO_REASON), AtMost(300)])


@bp.get(TIME)
def edit(public_id: str, slot_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    slot = access_slot(db.session(), event, slot_id)
    form = GiveForm(formdata=None, data={"supplier": _asked_for(event)})
    return _page(event, slot, form, BlockForm(formdata=None))


def _asked_for(event: Event) -> str:
    """The supplier whose name was chosen on the board, by its request."""
    wanted = request.args.get("request", "")
    found = meeting_board.requests_of(db.session(), event.id)
    return next((one.registration.public_id for one in found if one.public_id == wanted), "")


@bp.post(TIME)
def give(public_id: str, slot_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    slot = access_slot(db.session(), event, slot_id)
    form = GiveForm().choose_among(_suppliers(event, slot))
    if not form.validate():
        return _page(event, slot, form, BlockForm(formdata=None)), 422
    waiting = {
        one.registration.public_id: one for one in meeting_board.requests_of(db.session(), event.id)
    }
    request_ = waiting.get(str(form.supplier.data))
    if form.then.data == "offer" and request_ is None:
        complain(form.supplier, _("Offers go to those who wait. Assign the time instead."))
        return _page(event, slot, form, BlockForm(formdata=None)), 422
    return _do(event, slot, form, _giving(event, slot, form, request_))


def _giving(
    event: Event, slot: Slot, form: GiveForm, waiting: MeetingRequest | None
) -> Callable[[Any], Any]:
    """The action, bound to what was chosen."""
    how: dict[str, Any] = {"now": utcnow(), "actor": actor(), "post": post()}
    reason, slot_id = str(form.reason.data), slot.id
    if form.then.data == "offer" and waiting is not None:
        request_id = waiting.id
        return lambda session: meeting_offers.offer(
            session, request_id, slot_id, reason=reason, **how
        )
    found = meeting_board.suppliers_for(db.session(), event, slot_id, now=utcnow())
    registration_id = next(one.id for one in found if one.public_id == form.supplier.data)
    return lambda session: bookings.assign(session, registration_id, slot_id, reason=reason, **how)


def _do(event: Event, slot: Slot, form: GiveForm, act: Callable[[Any], Any]) -> ResponseReturnValue:
    public_id, day = event.public_id, _day(event, slot)
    done = "offered" if form.then.data == "offer" else "assigned"
    try:
        with unit_of_work() as session:
            act(session)
    except ReasonNeeded:
        complain(
            form.reason, _("By the rules this time is not theirs in turn. Write why they get it.")
        )
    except RuleBroken as broken:
        form.form_errors.append(refusal_words(broken, words_of(broken)))
    else:
        return redirect(_board(public_id, day, done), 303)
    event = own_event(public_id, MEETINGS)
    slot = access_slot(db.session(), event, slot.public_id)
    return _page(event, slot, form, BlockForm(formdata=None)), 409


@bp.post(TIME + "/block")
def block(public_id: str, slot_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    slot = access_slot(db.session(), event, slot_id)
    form = BlockForm()
    if not form.validate():
        return _page(event, slot, GiveForm(formdata=None), form), 422
    row_id, day, why, who = slot.id, _day(event, slot), str(form.why.data), actor()
    try:
        with unit_of_work() as session:
            meeting_slot_changes.block(session, row_id, why, now=utcnow(), actor=who, post=post())
    except RuleBroken as broken:
        form.form_errors.append(words_of(broken))
        event = own_event(public_id, MEETINGS)
        slot = access_slot(db.session(), event, slot_id)
        return _page(event, slot, GiveForm(formdata=None), form), 409
    return redirect(_board(public_id, day, "blocked"), 303)


@bp.post(TIME + "/unblock")
def unblock(public_id: str, slot_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    slot = access_slot(db.session(), event, slot_id)
    form = ActionForm()
    if not form.validate():
        return _page(event, slot, GiveForm(formdata=None), BlockForm(formdata=None), form), 422
    row_id, day, who = slot.id, _day(event, slot), actor()
    try:
        with unit_of_work() as session:
            meeting_slot_changes.unblock(session, row_id, now=utcnow(), actor=who, post=post())
    except EngagedElsewhere as refused:
        form.form_errors.extend(elsewhere_words(refused).values())
        event = own_event(public_id, MEETINGS)
        slot = access_slot(db.session(), event, slot_id)
        return _page(event, slot, GiveForm(formdata=None), BlockForm(formdata=None), form), 409
    return redirect(_board(public_id, day, "unblocked"), 303)


def _day(event: Event, slot: Slot) -> str:
    return meeting_board.day_of(slot, event.zone).isoformat()


def _board(public_id: str, day: str, done: str) -> str:
    return url_for("manage.meeting_board.show", public_id=public_id, day=day, done=done)


def _suppliers(event: Event, slot: Slot) -> list[tuple[str, str]]:
    """Who waits, in their order, before the others; only those who can have this time."""
    session = db.session()
    found = meeting_board.suppliers_for(session, event, slot.id, now=utcnow())
    waiting = [one.registration_id for one in meeting_board.requests_of(session, event.id)]
    places = {registration_id: place for place, registration_id in enumerate(waiting, 1)}
    ordered = sorted(found, key=lambda one: places.get(one.id, len(places) + 1))
    return [
        (
            one.public_id,
            _("%(place)s. %(party)s, waits", place=places[one.id], party=one.party_name)
            if one.id in places
            else one.party_name,
        )
        for one in ordered
    ]


def _page(
    event: Event,
    slot: Slot,
    form: GiveForm,
    block_form: BlockForm,
    bad: BaseForm | None = None,
) -> str:
    session, now = db.session(), utcnow()
    board = meeting_board.board_of(session, event, now=utcnow())
    here = next((one for one in board.slots if one.id == slot.id), slot)
    card = card_of(board, here, now)
    stops = meeting_board.stops_of_slot(session, event, slot.id, now=now)
    if form.supplier.choices is None:
        form.choose_among(_suppliers(event, slot))
    return render_template(
        "manage/meeting_board/time.html",
        form=form,
        block_form=block_form,
        bad=bad or (block_form if block_form.errors else form),
        slot=here,
        card=card,
        label=slot_label(board, here),
        stops=stops_text(stops),
        is_blocked=here.state == SlotState.BLOCKED,
        has_waiting=bool(board.requests),
        day=_day(event, slot),
        plain=ActionForm(formdata=None),
        **event_page(event, "meetings"),
    )
