"""The waiting list of one-to-one meetings, and a free time offered to one who waits."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, AtMost, TextField
from blueprints.guard import actor, allows
from blueprints.manage.board_cards import slot_label
from blueprints.manage.board_waiting import waiting_lines
from blueprints.manage.board_words import done_words, refusal_words
from blueprints.manage.free_times import FreeTimeForm
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_offers
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import ReasonNeeded, RuleBroken
from dialognav.domain.permissions import MEETING_NOTES, MEETINGS
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Event, MeetingRequest
from dialognav.queries import meeting_board
from dialognav.queries.access import access_request

bp = Blueprint("meeting_waiting", __name__)

LIST = "/events/<public_id>/meetings/waiting"


class OfferForm(FreeTimeForm):
    slot = SelectField(lazy("Time"), validate_choice=False)
    reason = TextField(lazy("Reason"), [AtMost(500)])


@bp.get(LIST)
def index(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETING_NOTES)
    session = db.session()
    board = meeting_board.board_of(session, event, now=utcnow())
    return render_template(
        "manage/meeting_board/waiting.html",
        waiting=waiting_lines(session, board, utcnow()),
        can_move=allows(MEETINGS),
        plain=ActionForm(formdata=None),
        **event_page(event, "meetings", done=done_words(request.args.get("done", ""))),
    )


@bp.get(LIST + "/<meeting_request_id>")
def edit(public_id: str, meeting_request_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    waiting = access_request(db.session(), event, meeting_request_id)
    form = OfferForm(formdata=None, data={"slot": request.args.get("slot", "")})
    return _show(event, waiting, form)


@bp.post(LIST + "/<meeting_request_id>")
def offer(public_id: str, meeting_request_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    waiting = access_request(db.session(), event, meeting_request_id)
    form = OfferForm().choose_among(_options(event, waiting))
    if not form.validate():
        return _show(event, waiting, form), 422
    board = meeting_board.board_of(db.session(), event, now=utcnow())
    slot = next(one for one in board.slots if one.public_id == form.slot.data)
    day = meeting_board.day_of(slot, event.zone).isoformat()
    if not _offer(form, waiting.id, slot.id):
        event = own_event(public_id, MEETINGS)
        return _show(event, access_request(db.session(), event, meeting_request_id), form), 409
    where = url_for("manage.meeting_board.show", public_id=public_id, day=day, done="offered")
    return redirect(where, 303)


def _offer(form: OfferForm, request_id: int, slot_id: int) -> bool:
    """Whether it is made; else the form says why not."""
    how: dict[str, Any] = {"now": utcnow(), "actor": actor(), "post": post()}
    try:
        with unit_of_work() as session:
            meeting_offers.offer(session, request_id, slot_id, reason=str(form.reason.data), **how)
    except ReasonNeeded:
        complain(
            form.reason, _("By the rules this time is not theirs in turn. Write why they get it.")
        )
    except RuleBroken as broken:
        form.form_errors.append(refusal_words(broken, words_of(broken)))
    else:
        return True
    return False


def _options(event: Event, waiting: MeetingRequest) -> list[tuple[str, str]]:
    session, registration_id = db.session(), waiting.registration_id
    board = meeting_board.board_of(session, event, now=utcnow())
    free = meeting_board.free_for(session, event, [registration_id], now=utcnow())
    ids = set(free.get(registration_id, ()))
    return [(one.public_id, slot_label(board, one)) for one in board.slots if one.id in ids]


def _show(event: Event, waiting: MeetingRequest, form: OfferForm) -> str:
    form.choose_among(_options(event, waiting))
    return render_template(
        "manage/meeting_board/offer.html",
        form=form,
        waiting=waiting,
        party=waiting.registration.party_name,
        **event_page(event, "meetings"),
    )
