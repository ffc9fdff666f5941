"""What staff do for those registered: sign up, withdraw, correct an address."""

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, AddressField, AtMost, BaseForm, Required, options
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.answers import said_words
from blueprints.manage.people import seat_line, seats_to_show
from blueprints.manage.registrations import bp
from blueprints.manage.trail import REASONS
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from blueprints.public import staging
from blueprints.public.registration_form import RegistrationForm
from blueprints.public.registrations import blank_form, sent_form
from blueprints.public.sessions import by_id, refusal, session_views
from dialognav.actions import answers, on_behalf, registrations
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    AlreadyRegistered,
    EventFull,
    LimitReached,
    NotAllowedNow,
    RegistrationClosed,
    TooLate,
)
from dialognav.domain.terms import LANGUAGES, Origin
from dialognav.i18n import current_language, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Event, Participant, Registration
from dialognav.queries import inbox
from dialognav.queries.access import access_participant, access_registration
from dialognav.queries.merging import alike
from dialognav.queries.registrations import occupancy, places_in_queue
from dialognav.words import LIMIT_REASONS


class WithdrawForm(BaseForm):
    reason = RadioField(lazy("Reason"), choices=options(REASONS.items()), validate_choice=False)

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate())
        if self.reason.data not in REASONS:
            complain(self.reason, _("Choose a reason"))
            return False
        return valid


class AddressForm(BaseForm):
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )


@bp.get("/events/<public_id>/registrations/new")
def new(public_id: str) -> ResponseReturnValue:
    require("registrations")
    event = own_event(public_id)
    form = blank_form(event)
    form.by_staff = True
    return _show_new(event, form)


def _show_new(
    event: Event, form: RegistrationForm, status: int = 200, *, is_over: bool = False
) -> ResponseReturnValue:
    """`is_over`: more than the organisation may send, unless there is a reason."""
    staging.stage(event.id, form.answer_forms)
    page = render_template(
        "manage/registrations/new.html",
        form=form,
        letters=request.form.get("letters", event.primary_language),
        is_over=is_over or "over_limit" in request.form,
        limit_reasons=LIMIT_REASONS,
        over_limit=_over_limit(),
        sessions=by_id(session_views(event, occupancy(db.session(), [event.id]), utcnow())),
        **event_page(event, "registrations"),
    )
    return page, status


@bp.post("/events/<public_id>/registrations/new")
def add(public_id: str) -> ResponseReturnValue:
    require("registrations")
    event = own_event(public_id)
    form = sent_form(event)
    form.by_staff = True
    button = request.form.get("action", "")
    if button and button != "send":
        form.rearrange(button)
        return _show_new(event, form)
    if not form.validate():
        return _show_new(event, form, 422)
    command = replace(
        form.command(current_user().id),
        language=_letters_language(),
        over_limit=_over_limit(),
        origin=Origin.STAFF,
    )
    event_id, who, staged = event.id, actor(), staging.staged_in(form.answer_forms)
    try:
        with unit_of_work() as session:
            registrations.register(session, event_id, command, now=utcnow(), actor=who, post=post())
            answers.forget_staged(session, event_id, staged)
    except AlreadyRegistered as broken:
        complain(form.contact.email, words_of(broken))
        return _show_new(own_event(public_id), form, 409)
    except LimitReached as broken:
        form.say_limit(broken.allowed - broken.already, words_of(broken))
        return _show_new(own_event(public_id), form, 409, is_over=True)
    except (RegistrationClosed, EventFull, NotAllowedNow) as broken:
        form.form_errors.append(refusal(event, broken))
        return _show_new(own_event(public_id), form, 409)
    return redirect(url_for(".index", public_id=public_id, done="registered"), 303)


def _over_limit() -> str:
    """Why more people of one organisation are let in than may come; "" for no such wish."""
    asked = request.form.get("over_limit", "")
    return asked if asked in LIMIT_REASONS else ""


def _letters_language() -> str:
    """Staff choose it for those they register; otherwise their own."""
    asked = request.form.get("letters", "")
    return asked if asked in LANGUAGES else current_language()


@bp.get("/registrations/<registration_id>")
def show(registration_id: str) -> ResponseReturnValue:
    return _show(_own_registration(registration_id))


def _own_registration(public_id: str) -> Registration:
    return access_registration(db.session(), current_membership(), public_id, "registrations")


def _own_participant(public_id: str) -> Participant:
    return access_participant(db.session(), current_membership(), public_id, "registrations")


def _show(
    registration: Registration,
    status: int = 200,
    *,
    bad: BaseForm | None = None,
    about: str = "",
) -> ResponseReturnValue:
    """The page of one registration; `bad` is a form that came back, about that public id."""
    people = registration.participants
    seats = {person.public_id: seats_to_show(person) for person in people}
    waiting = [seat for each in seats.values() for seat in each if seat.state == "waiting"]
    queue = places_in_queue(db.session(), waiting)
    page = render_template(
        "manage/registrations/show.html",
        registration=registration,
        said=said_words(registration),
        seats={key: [seat_line(seat, queue) for seat in each] for key, each in seats.items()},
        forms=_forms(registration, bad, about),
        bad=bad,
        alike=alike(db.session(), registration) if registration.withdrawn_at is None else [],
        unreachable=_unreachable(registration),
        plain=ActionForm(formdata=None),
        **event_page(registration.event, "registrations"),
    )
    return page, status


def _unreachable(registration: Registration) -> dict[str, str]:
    """{address to which nothing is mailed: the last letter to it, by which it can be cleared}."""
    people = (one for one in registration.participants if one.withdrawn_at is None)
    addresses = {registration.contact_email, *(one.email for one in people)}
    dead = inbox.dead_addresses(db.session(), addresses)
    last = inbox.last_letters(db.session(), registration.event_id, dead) if dead else {}
    return {address: last.get(address, "") for address in sorted(dead)}


def _forms(registration: Registration, bad: BaseForm | None, about: str) -> dict[str, Any]:
    """{public id: {"withdraw": form, "address": form}}; the one that came back is among them."""
    prefixes = {person.public_id: f"{person.public_id}-" for person in registration.participants}
    prefixes[registration.public_id] = "all-"
    found: dict[str, Any] = {
        key: {
            "withdraw": WithdrawForm(formdata=None, prefix=prefix),
            "address": AddressForm(formdata=None, prefix=prefix),
        }
        for key, prefix in prefixes.items()
    }
    if bad is not None:
        found[about]["withdraw" if isinstance(bad, WithdrawForm) else "address"] = bad
    return found


@bp.post("/registrations/<registration_id>/withdraw")
def withdraw(registration_id: str) -> ResponseReturnValue:
    registration = _own_registration(registration_id)
    form = WithdrawForm(prefix="all-")
    if not form.validate():
        return _show(registration, 422, bad=form, about=registration_id)
    row_id, who, reason = registration.id, actor(), str(form.reason.data)
    with unit_of_work() as session:
        on_behalf.withdraw_registration(
            session, row_id, reason, now=utcnow(), actor=who, post=post()
        )
    return redirect(url_for(".show", registration_id=registration_id, done="withdrawn"), 303)


@bp.post("/people/<participant_id>/withdraw")
def withdraw_person(participant_id: str) -> ResponseReturnValue:
    person = _own_participant(participant_id)
    registration_id = person.registration.public_id
    form = WithdrawForm(prefix=f"{participant_id}-")
    if not form.validate():
        return _show(person.registration, 422, bad=form, about=participant_id)
    row_id, who, reason = person.id, actor(), str(form.reason.data)
    with unit_of_work() as session:
        on_behalf.withdraw_participant(
            session, row_id, reason, now=utcnow(), actor=who, post=post()
        )
    return redirect(url_for(".show", registration_id=registration_id, done="withdrawn"), 303)


@bp.post("/registrations/<registration_id>/address")
def correct_address(registration_id: str) -> ResponseReturnValue:
    registration = _own_registration(registration_id)
    form = AddressForm(prefix="all-")
    if not form.validate():
        return _show(registration, 422, bad=form, about=registration_id)
    row_id, who, email = registration.id, actor(), str(form.email.data)
    try:
        with unit_of_work() as session:
            registrations.correct_address(
                session, row_id, email, now=utcnow(), actor=who, post=post()
            )
    except (AlreadyRegistered, NotAllowedNow, TooLate) as broken:
        complain(form.email, words_of(broken))
        return _show(_own_registration(registration_id), 409, bad=form, about=registration_id)
    return redirect(url_for(".show", registration_id=registration_id, done="corrected"), 303)


@bp.post("/people/<participant_id>/address")
def correct_person_address(participant_id: str) -> ResponseReturnValue:
    person = _own_participant(participant_id)
    form = AddressForm(prefix=f"{participant_id}-")
    registration_id = person.registration.public_id
    if not form.validate():
        return _show(person.registration, 422, bad=form, about=participant_id)
    row_id, who, email = person.id, actor(), str(form.email.data)
    try:
        with unit_of_work() as session:
            registrations.correct_person_address(
                session, row_id, email, now=utcnow(), actor=who, post=post()
            )
    except (AlreadyRegistered, NotAllowedNow, TooLate) as broken:
        complain(form.email, words_of(broken))
        registration = _own_registration(registration_id)
        return _show(registration, 409, bad=form, about=participant_id)
    return redirect(url_for(".show", registration_id=registration_id, done="corrected"), 303)
