"""The minutes of a meeting: written, sent for a check of the facts, approved, opened again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.context import post
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, allows, current_user
from blueprints.manage.meeting_lines import meeting_lines
from blueprints.manage.meeting_page import MEETING, own_meeting
from blueprints.manage.minutes_draft import first_draft
from blueprints.manage.minutes_form import MinutesForm, ReasonForm, seen, stored
from blueprints.manage.minutes_lines import DONE, standing, who_changed
from blueprints.manage.workspace import event_page, own_event
from blueprints.minutes_paper import answer_paper
from dialognav.actions import minutes as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    EditedMeanwhile,
    NotAllowedNow,
    NotFound,
    NotReady,
    SecondPerson,
)
from dialognav.domain.minutes import EDIT, is_minuted, may_now
from dialognav.domain.permissions import EXPORT, MEETING_NOTES, MINUTES_APPROVAL
from dialognav.i18n import gettext as _
from dialognav.minutes_words import language_of
from dialognav.models import Booking, Event, Minutes
from dialognav.queries import minutes as queries

bp = Blueprint("minutes", __name__)

MINUTES = MEETING + "/minutes"


def _done() -> tuple[str, str] | None:
    said = DONE.get(request.args.get("done", ""))
    return (str(said[0]), str(said[1])) if said else None


def _page(event: Event, booking: Booking) -> dict[str, Any]:
    return {
        "meeting": meeting_lines(event, booking, utcnow()),
        "plain": ActionForm(formdata=None),
        "sees_meeting": allows(MEETING_NOTES) or allows(MINUTES_APPROVAL),
        **event_page(event, "meetings", done=_done()),
    }


def _existing(booking: Booking) -> Minutes:
    minutes = queries.minutes_of(db.session(), booking.id)
    if minutes is None:
        raise NotFound
    return minutes


@bp.get(MINUTES)
def show(public_id: str, booking_id: str) -> ResponseReturnValue:
    event, booking, minutes = _readable(public_id, booking_id)
    return _show(event, booking, minutes, ReasonForm(formdata=None))


@bp.get(MINUTES + ".pdf")
def paper(public_id: str, booking_id: str) -> ResponseReturnValue:
    """One of the versions, or the newest one; a draft while there is none."""
    event, booking, minutes = _readable(public_id, booking_id)
    wanted, last = request.args.get("version", ""), len(minutes.versions)
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else last
    if not min(last, 1) <= number <= last:
        raise NotFound
    return answer_paper(db.session(), event, booking, minutes, number)


def _readable(public_id: str, booking_id: str) -> tuple[Event, Booking, Minutes]:
    """Those who hand records out see what is one: what was sent, and what was approved."""
    if allows(EXPORT) and not (allows(MEETING_NOTES) or allows(MINUTES_APPROVAL)):
        event = own_event(public_id, EXPORT)
        booking = queries.access_meeting(db.session(), event, booking_id)
        if not _existing(booking).versions:
            raise NotFound
    else:
        event, booking = own_meeting(public_id, booking_id)
    return event, booking, _existing(booking)


def _show(event: Event, booking: Booking, minutes: Minutes, form: ReasonForm) -> str:
    return render_template(
        "manage/minutes/show.html",
        form=form,
        minutes=minutes,
        standing=standing(db.session(), event, booking, minutes, utcnow()),
        **_page(event, booking),
    )


@bp.get(MINUTES + "/edit")
def edit(public_id: str, booking_id: str) -> ResponseReturnValue:
    event, booking = _to_write(public_id, booking_id)
    minutes, form = queries.minutes_of(db.session(), booking.id), MinutesForm(formdata=None)
    form.begin(stored(minutes), minutes.revision if minutes else 0)
    if minutes is None:
        form.text.data = first_draft(db.session(), event, booking, current_user().id)
    return _edit(event, booking, minutes, form)


def _to_write(public_id: str, booking_id: str) -> tuple[Event, Booking]:
    """NotAllowedNow when they are approved, or there is no meeting to write about."""
    event = own_event(public_id, MEETING_NOTES)
    booking = queries.access_meeting(db.session(), event, booking_id)
    minutes = queries.minutes_of(db.session(), booking.id)
    if minutes is None:
        fits = is_minuted(booking.state, booking.slot.starts_at, utcnow())
    else:
        fits = may_now(EDIT, minutes.state)
    if not fits:
        raise NotAllowedNow
    return event, booking


def _edit(
    event: Event, booking: Booking, minutes: Minutes | None, form: MinutesForm, both: Any = None
) -> str:
    return render_template(
        "manage/minutes/edit.html",
        form=form,
        minutes=minutes,
        both=both,
        lang_of_text=language_of(event, booking),
        **_page(event, booking),
    )


@bp.post(MINUTES + "/edit")
def update(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETING_NOTES)
    booking = queries.access_meeting(db.session(), event, booking_id)
    form = MinutesForm()
    if not form.validate():
        return _edit(event, booking, queries.minutes_of(db.session(), booking.id), form), 422
    number, values, user_id, who = booking.id, form.values, current_user().id, actor()
    try:
        with unit_of_work() as session:
            actions.save_minutes(
                session,
                number,
                values["text"],
                values["answer"],
                expected_revision=form.revision,
                writer_id=user_id,
                now=utcnow(),
                actor=who,
            )
    except (EditedMeanwhile, NotAllowedNow) as refused:
        return _refuse(public_id, booking_id, form, refused)
    return _back(public_id, booking_id, "saved")


def _refuse(
    public_id: str, booking_id: str, form: MinutesForm, refused: Exception
) -> ResponseReturnValue:
    event, booking = own_meeting(public_id, booking_id)
    minutes = queries.minutes_of(db.session(), booking.id)
    if isinstance(refused, NotAllowedNow):
        form.form_errors.append(
            _("They are approved, or nobody came. Your text is still here: copy what you need.")
        )
        return _edit(event, booking, minutes, form), 409
    who = who_changed(db.session(), minutes)
    both = form.take_over(stored(minutes), minutes.revision if minutes else 0, who)
    return _edit(event, booking, minutes, form, both), 409


def _back(public_id: str, booking_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", public_id=public_id, booking_id=booking_id, done=done), 303)


# --- buttons -----------------------------------------------------------------------------------


@bp.post(MINUTES + "/send")
def send(public_id: str, booking_id: str) -> ResponseReturnValue:
    number = _pressed(public_id, booking_id, MEETING_NOTES)
    how: dict[str, Any] = {"seen": seen(), "now": utcnow(), "actor": actor(), "post": post()}
    done = _try(lambda session: actions.send_for_check(session, number, **how), "sent")
    return _back(public_id, booking_id, done)


@bp.post(MINUTES + "/approve")
def approve(public_id: str, booking_id: str) -> ResponseReturnValue:
    number = _pressed(public_id, booking_id, MINUTES_APPROVAL)
    by: dict[str, Any] = {"user_id": current_user().id, "actor": actor()}
    how: dict[str, Any] = {"seen": seen(), "now": utcnow(), "post": post()} | by
    done = _try(lambda session: actions.approve(session, number, **how), "approved")
    return _back(public_id, booking_id, done)


@bp.post(MINUTES + "/reopen")
def reopen(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MINUTES_APPROVAL)
    booking = queries.access_meeting(db.session(), event, booking_id)
    form = ReasonForm()
    if not form.validate():
        return _show(event, booking, _existing(booking), form), 422
    number, reason = booking.id, str(form.reason.data)
    how: dict[str, Any] = {"seen": seen(), "now": utcnow(), "actor": actor()}
    done = _try(lambda session: actions.reopen(session, number, reason, **how), "reopened")
    return _back(public_id, booking_id, done)


def _pressed(public_id: str, booking_id: str, verb: str) -> int:
    """The meeting of a button; its token is genuine."""
    event = own_event(public_id, verb)
    number = queries.access_meeting(db.session(), event, booking_id).id
    demand_token()
    return number


def _try(act: Callable[[Session], object], done: str) -> str:
    """Do it; the code of what is said about it on the page."""
    try:
        with unit_of_work() as session:
            act(session)
    except (EditedMeanwhile, NotAllowedNow):
        return "changed"
    except SecondPerson:
        return "second"
    except NotReady as lacks:
        return f"lacks_{lacks.fields[0]}"
    return done
