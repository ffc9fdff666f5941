"""The meetings that are left called off in one step, of all days or one: looked at, then done."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, HiddenField, SelectField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, BaseForm, Required, TextField, options
from blueprints.guard import actor
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions.meeting_call_off import call_off
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, RuleBroken
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.timing import to_wall
from dialognav.i18n import date_text, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.models.meeting_remaining import Remaining, remaining_of

bp = Blueprint("meeting_call_off", __name__)

ALL = "all"


class ScopeForm(Form):
    """Asked by GET: it changes nothing."""

    day = SelectField(lazy("Which meetings"), validate_choice=False)


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
    left = remaining_of(session, event, _day_of(chosen), now=now)
    form.seen.data = left.mark
    scope = ScopeForm(data={"day": chosen})
    scope.day.choices = options([(ALL, _("All that are left")), *_days(event, now)])
    return render_template(
        "manage/meeting_board/call_off.html",
        form=form,
        scope=scope,
        left=left,
        booked=_parties(left, BookingState.BOOKED),
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


def _days(event: Event, now: datetime) -> list[tuple[str, str]]:
    """Those with times to come."""
    left = remaining_of(db.session(), event, None, now=now)
    days = sorted({to_wall(slot.starts_at, event.zone).date() for slot in left.slots})
    return [(day.isoformat(), date_text(day)) for day in days]
