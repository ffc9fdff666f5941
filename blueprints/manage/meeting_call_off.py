"""The meetings that are left called off in one step, of all days or one: looked at, then done."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, BaseForm, Required, TextField
from blueprints.guard import actor
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions.meeting_call_off import call_off
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, RuleBroken
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.timing import to_wall
from dialognav.i18n import date_text, lazy, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.models.meeting_remaining import Remaining, remaining_of

bp = Blueprint("meeting_call_off", __name__)

ALL = "all"


class CallOffForm(BaseForm):
    seen = HiddenField()
    reason = TextField(
        lazy("Reason"), [Required(lazy("Write why: everybody who is told reads it")), AtMost(500)]
    )


@bp.get("/events/<public_id>/meetings/call-off")
def show(public_id: str) -> ResponseReturnValue:
    """What would end, and who would be told."""
    event = own_event(public_id, MEETINGS)
    return _show(event, request.args.get("day", ALL), CallOffForm(formdata=None))


@bp.post("/events/<public_id>/meetings/call-off")
def end(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    form, chosen = CallOffForm(), request.form.get("day", ALL)
    if not form.validate():
        return _show(event, chosen, form), 422
    event_id, day, reason = event.id, _day_of(chosen), str(form.reason.data)
    seen = str(form.seen.data)
    how: dict[str, Any] = {"now": utcnow(), "actor": actor(), "post": post()}
    try:
        with unit_of_work() as session:
            call_off(session, event_id, day, expected=seen, reason=reason, **how)
    except RuleBroken as broken:
        form.form_errors.append(words_of(broken))
        return _show(own_event(public_id, MEETINGS), chosen, form), 409
    shown = day.isoformat() if day else None
    where = url_for("manage.meeting_board.show", public_id=public_id, day=shown, done="called_off")
    return redirect(where, 303)


def _day_of(chosen: str) -> date | None:
    """None for all of them; NotFound for what is no day."""
    try:
        return None if chosen == ALL else date.fromisoformat(chosen)
    except ValueError:
        raise NotFound from None


def _show(event: Event, chosen: str, form: CallOffForm) -> str:
    session, now = db.session(), utcnow()
    day = _day_of(chosen)
    left = remaining_of(session, event, day, now=now)
    form.seen.data = left.mark
    booked = _parties(left, BookingState.BOOKED)
    return render_template(
        "manage/meeting_board/call_off.html",
        form=form,
        day=day.isoformat() if day else None,
        scope=date_text(day) if day else _("All that are left"),
        scopes=_scopes(event, day, now),
        verb=_verb(len(booked), day),
        left=left,
        booked=booked,
        offered=_parties(left, BookingState.OFFERED),
        waiting=sorted(one.registration.party_name for one in left.untold),
        **event_page(event, "meetings"),
    )


def _parties(left: Remaining, state: BookingState) -> list[tuple[datetime, str]]:
    """[(when, whose)] by time."""
    starts = {slot.id: slot.starts_at for slot in left.slots}
    return sorted(
        (starts[one.slot_id], one.registration.party_name)
        for one in left.told
        if one.state == state
    )


def _verb(booked: int, day: date | None) -> str:
    """What the button does, so that nobody ends more than they meant to."""
    if not booked:
        return _("Call them off and tell everybody")
    if day is None:
        return ngettext(
            "Call off the %(num)s meeting that is left, and tell everybody",
            "Call off all %(num)s meetings that are left, and tell everybody",
            booked,
        )
    return ngettext(
        "Call off %(num)s meeting on %(day)s, and tell everybody",
        "Call off %(num)s meetings on %(day)s, and tell everybody",
        booked,
        day=date_text(day),
    )


def _scopes(event: Event, chosen: date | None, now: datetime) -> list[tuple[str, str, bool, str]]:
    """[(url, text, is it this, no picture)]: all, each day with times to come, and the one asked
    for, though it has none."""
    left = remaining_of(db.session(), event, None, now=now)
    days = {to_wall(slot.starts_at, event.zone).date() for slot in left.slots}
    asked = {chosen} if chosen else set()
    where: dict[str, Any] = {"public_id": event.public_id}
    return [
        (url_for(".show", **where), _("All that are left"), chosen is None, ""),
        *(
            (url_for(".show", **where, day=day.isoformat()), date_text(day), day == chosen, "")
            for day in sorted(days | asked)
        ),
    ]
