"""One of one's own one-to-one meetings: who comes and what about, while it is held, offered or
booked; hold it longer, give it up, turn an offer down. Each a POST (decisions.md 11)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import demand_token
from blueprints.public.meeting_details import (
    details_form,
    details_of,
    details_page,
    hold_facts,
    no_longer,
    withdrawal_page,
)
from blueprints.public.meeting_form import DetailsForm
from blueprints.public.meeting_page import rules_to_show
from blueprints.public.meeting_words import meeting_refusal, people_words
from blueprints.public.own import as_contact
from blueprints.public.own_links import count_mail, mail_key
from blueprints.public.own_meetings import MEETINGS, SlotForm, times_page
from blueprints.public.registrations import bp
from dialognav.actions import bookings as booking_actions
from dialognav.actions import meeting_offers
from dialognav.actions.bookings import Details
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    CannotMeet,
    HoldOver,
    NotAllowedNow,
    OfferOver,
    RuleBroken,
    TooLate,
    WrongPeople,
)
from dialognav.domain.meeting_terms import BookingState
from dialognav.models import Booking
from dialognav.queries import bookings
from dialognav.queries.registrations import Own

MEETING = MEETINGS + "/<booking>"


@bp.get(MEETING)
def meeting(lang: str, secret: str, booking: str) -> ResponseReturnValue:
    own, row = _open(secret, booking)
    if not _is_open(row, utcnow()):
        done = "hold-over" if row.offered_at is None and row.booked_at is None else "meeting-over"
        return redirect(url_for(".meetings", lang=lang, secret=secret, done=done), 302)
    return details_page(own, secret, row, _form(own, row))


@bp.post(MEETING)
def save_meeting(lang: str, secret: str, booking: str) -> ResponseReturnValue:
    """Books what is held, takes what is offered, or changes what is booked."""
    if request.form.get("action") == "extend":
        return _extend(secret, booking)
    own, row = _open(secret, booking)
    form = _form(own, row)
    if not form.validate():
        return details_page(own, secret, row, form), 422
    verb, key = _verb_of(row, details_of(form), _given(own)), mail_key(own)
    done = "changed" if row.state == BookingState.BOOKED else "booked"
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            verb(session)
    except WrongPeople as broken:
        return _again(secret, booking, people=people_words(broken)), 409
    except TooLate:
        raise
    except (CannotMeet, HoldOver, OfferOver, NotAllowedNow) as broken:
        return _lost(secret, booking, broken), 409
    return redirect(url_for(".meetings", lang=lang, secret=secret, done=done), 303)


@bp.post(MEETING + "/release")
def release_meeting(lang: str, secret: str, booking: str) -> ResponseReturnValue:
    """The time that was held is free for others at once."""
    own, row = _open(secret, booking)
    demand_token()
    row_id, given = row.id, _given(own)
    with suppress(HoldOver), unit_of_work() as session:
        booking_actions.release(session, row_id, **given)
    return redirect(url_for(".meetings", lang=lang, secret=secret, done="released"), 303)


@bp.get(MEETING + "/withdraw")
def confirm_meeting_withdrawal(lang: str, secret: str, booking: str) -> ResponseReturnValue:
    own, row = _open(secret, booking)
    if row.state != BookingState.BOOKED:
        return redirect(url_for(".meetings", lang=lang, secret=secret), 302)
    return withdrawal_page(own, secret, row)


@bp.post(MEETING + "/withdraw")
def withdraw_meeting(lang: str, secret: str, booking: str) -> ResponseReturnValue:
    """Twice is once: who presses again sees that it is done."""
    own, row = _open(secret, booking)
    demand_token()
    row_id, given, done, key = row.id, _given(own), "withdrawn", mail_key(own)
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            booking_actions.withdraw(session, row_id, **given)
    except NotAllowedNow:
        done = "meeting-over"
    return redirect(url_for(".meetings", lang=lang, secret=secret, done=done), 303)


@bp.post(MEETING + "/decline")
def decline_meeting(lang: str, secret: str, booking: str) -> ResponseReturnValue:
    """The time goes to the next; who wants to stays in the queue for another."""
    own, row = _open(secret, booking)
    demand_token()
    row_id, given, stays = row.id, _given(own), request.form.get("stays") == "1"
    done = "declined-stays" if stays else "declined"
    try:
        with unit_of_work() as session:
            meeting_offers.answer(session, row_id, False, stays=stays, **given)
    except OfferOver:
        done = "offer-over"
    return redirect(url_for(".meetings", lang=lang, secret=secret, done=done), 303)


# --- what they share ------------------------------------------------------------------------------


def _open(secret: str, public_id: str) -> tuple[Own, Booking]:
    """NotFound for a colleague's link, and for a meeting that is not of this registration."""
    own = as_contact(secret)
    return own, bookings.own_booking(db.session(), own.registration.id, public_id)


def _form(own: Own, row: Booking) -> DetailsForm:
    """Of a new meeting, with what was said when it was asked for."""
    asked = bookings.request_of(db.session(), own.registration.id)
    return details_form(own, row, rules_to_show(own), asked)


def _is_open(row: Booking, now: datetime) -> bool:
    """Whether there is anything left to fill in or change."""
    if row.state == BookingState.BOOKED:
        return now < row.slot.starts_at
    is_kept = row.state in (BookingState.HELD, BookingState.OFFERED)
    return is_kept and row.until is not None and now < row.until


def _given(own: Own) -> dict[str, Any]:
    return {"now": utcnow(), "actor": own.actor, "post": post()}


def _verb_of(row: Booking, details: Details, given: dict[str, Any]) -> Callable[[Session], object]:
    """What the button does to a booking in its state. The row is not read after that."""
    row_id, registration_id, slot_id = row.id, row.registration_id, row.slot_id
    if row.state == BookingState.BOOKED:
        return lambda session: booking_actions.change_details(session, row_id, details, **given)
    if row.state == BookingState.HELD or is_lapsed_hold(row):
        return lambda session: _book(session, row_id, details, registration_id, slot_id, given)
    return lambda session: meeting_offers.answer(session, row_id, True, details, **given)


def _book(
    session: Session,
    booking_id: int,
    details: Details,
    registration_id: int,
    slot_id: int,
    given: dict[str, Any],
) -> None:
    """A hold that ran out is taken again where nobody was faster, so that nothing typed is lost."""
    try:
        booking_actions.book(session, booking_id, details, **given)
    except HoldOver:
        held = booking_actions.hold(session, registration_id, slot_id, is_filled=True, **given)
        booking_actions.book(session, held.id, details, **given)


def is_lapsed_hold(row: Booking) -> bool:
    return row.state == BookingState.LAPSED and row.offered_at is None


def _extend(secret: str, public_id: str) -> ResponseReturnValue:
    """With everything typed still there: the same page, or the bare facts for js/hold.js."""
    own, row = _open(secret, public_id)
    demand_token()
    row_id, given, wants_json = row.id, _given(own), _wants_json()
    given.pop("post")
    try:
        with unit_of_work() as session:
            booking_actions.extend_hold(session, row_id, **given)
    except HoldOver as broken:
        own, row = _open(secret, public_id)
        words = no_longer() if _is_open(row, utcnow()) else words_of(broken)
        if wants_json:
            return jsonify(said=words), 409
        return _again(secret, public_id, whole=words), 409
    own, row = _open(secret, public_id)
    if wants_json:
        return jsonify(hold_facts(row, own.event.zone, utcnow()))
    return details_page(own, secret, row, _form(own, row))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _again(secret: str, public_id: str, *, whole: str = "", people: str = "") -> str:
    """The same page with what was typed, and a sentence on top or at the people."""
    own, row = _open(secret, public_id)
    form = _form(own, row)
    if people:
        form.people.errors = [people]
    if whole:
        form.form_errors.append(whole)
    return details_page(own, secret, row, form)


def _lost(secret: str, public_id: str, broken: RuleBroken) -> str:
    """The times again, with what was typed to copy from: this one is gone."""
    own, row = _open(secret, public_id)
    typed = _form(own, row)
    form = SlotForm(formdata=None)
    form.form_errors.append(meeting_refusal(broken, words_of(broken)))
    return times_page(own, secret, form, None, typed=typed)
