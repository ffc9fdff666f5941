"""One's own one-to-one meetings: see them, choose a time, move to another.

A time is chosen by its own POST, which holds it while the form of own_meeting.py is filled in.
Opening a page, however often, holds and changes nothing (decisions.md 11).
"""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, BaseForm, Required, clean_line
from blueprints.public.meeting_form import DetailsForm
from blueprints.public.meeting_page import meetings_page, rules_to_show
from blueprints.public.meeting_words import meeting_refusal
from blueprints.public.own import OWN, as_contact
from blueprints.public.own_links import count_mail, mail_key, open_link
from blueprints.public.registrations import bp
from dialognav.actions import bookings as booking_actions
from dialognav.actions.own_zones import keep_zone
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, RuleBroken
from dialognav.domain.meeting_terms import BookingState
from dialognav.i18n import lazy
from dialognav.models import Booking, Slot
from dialognav.queries import access, bookings
from dialognav.queries.registrations import Own

MEETINGS = OWN + "/meetings"


class SlotForm(BaseForm):
    """`slot` is a public id: the template draws the radios."""

    slot = RadioField(validators=[Required(lazy("Choose a time"))], validate_choice=False)


@bp.get(MEETINGS)
def meetings(lang: str, secret: str) -> ResponseReturnValue:
    own = open_link(secret)
    return times_page(
        own, secret, SlotForm(formdata=None), _moving(own, request.args.get("move", ""))
    )


@bp.post(MEETINGS)
def choose_time(lang: str, secret: str) -> ResponseReturnValue:
    """Holds the time; of somebody who moves, that is the move."""
    own = as_contact(secret)
    rules_to_show(own)
    moving = _moving(own, request.form.get("move", ""))
    form = SlotForm()
    if not form.validate():
        return times_page(own, secret, form, moving), 422
    slot = access.access_slot(db.session(), own.event, clean_line(form.slot.data))
    try:
        return redirect(_take(own, secret, slot, moving), 303)
    except NotFound:
        raise
    except RuleBroken as broken:
        own = as_contact(secret)
        moving = _moving(own, request.form.get("move", ""))
        words = meeting_refusal(broken, words_of(broken), has_old=moving is not None)
        form.form_errors.append(words)
        return times_page(own, secret, form, moving), 409


def _take(own: Own, secret: str, slot: Slot, moving: Booking | None) -> str:
    """Where to go on."""
    lang = str((request.view_args or {})["lang"])
    registration_id, slot_id, actor = own.registration.id, slot.id, own.actor
    moving_id, key = moving.id if moving is not None else None, mail_key(own)
    given: dict[str, Any] = {"now": utcnow(), "actor": actor, "post": post()}
    with unit_of_work() as session:
        keep_zone(session, registration_id, _zone())
        if moving_id is not None:
            count_mail(session, key)
            booking_actions.move(session, moving_id, slot_id, **given)
            return url_for(".meetings", lang=lang, secret=secret, done="moved")
        held = booking_actions.hold(session, registration_id, slot_id, **given)
        return url_for(
            ".meeting", lang=lang, secret=secret, booking=held.public_id, zone=_zone() or None
        )


def _zone() -> str:
    return request.form.get("zone", "")


def _moving(own: Own, public_id: str) -> Booking | None:
    """The meeting that is to be moved; None when none was named."""
    if not public_id:
        return None
    booking = bookings.own_booking(db.session(), own.registration.id, clean_line(public_id))
    if not own.is_contact or booking.state != BookingState.BOOKED:
        raise NotFound
    return booking


def times_page(
    own: Own,
    secret: str,
    form: SlotForm,
    moving: Booking | None,
    *,
    typed: DetailsForm | None = None,
) -> str:
    """`typed`: what was written for a time that is gone, to be read and copied."""
    page = meetings_page(own, secret, moving=moving)
    action = ActionForm(formdata=None)
    return render_template(
        "public/meetings/index.html", form=form, action=action, typed=typed, **page
    )
