"""What goes beyond ticking off: letting somebody in on purpose, walk-ins, who did not come."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, RadioField

from blueprints.context import post, settings
from blueprints.errors import words_of
from blueprints.forms import AddressField, AtMost, BaseForm, LineField, Required, options
from blueprints.guard import actor, current_membership, current_user
from blueprints.manage.check_in import Door, door_of
from blueprints.manage.trail import DOOR_REASONS
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page
from dialognav.actions import presence as actions
from dialognav.actions import walk_ins
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    AlreadyRegistered,
    EditedMeanwhile,
    NotAllowedNow,
    OverTheLimit,
)
from dialognav.domain.parties import make_party
from dialognav.domain.presence import MARKED
from dialognav.domain.terms import LIVE, Audience, Mode, PartyKind
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Event, Participant
from dialognav.queries import presence
from dialognav.queries.access import access_participant
from dialognav.words import SEATS

bp = Blueprint("door", __name__)


class AdmitForm(BaseForm):
    reason = RadioField(
        lazy("Reason"), choices=options(DOOR_REASONS.items()), validate_choice=False
    )
    occasion = HiddenField()

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate())
        if self.reason.data not in DOOR_REASONS:
            complain(self.reason, _("Choose a reason"))
            return False
        return valid


class WalkInForm(BaseForm):
    """As little as one can ask somebody who stands in a doorway."""

    name = LineField(lazy("Name"), [Required(lazy("Write the name")), AtMost(120)])
    party = LineField(
        lazy("Organisation"), [Required(lazy("Write the organisation's name")), AtMost(200)]
    )
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
        description=lazy("For the material, and the link to what we know about them"),
    )
    title = LineField(lazy("Role"), [AtMost(120)])
    anyway = BooleanField(lazy("Let them in all the same"))
    occasion = HiddenField()


class AbsentForm(BaseForm):
    occasion = HiddenField()
    mode = HiddenField()
    number = HiddenField()


@bp.get("/people/<participant_id>/admit")
def admit(participant_id: str) -> ResponseReturnValue:
    person, door = _person(participant_id)
    return _ask(person, door, AdmitForm(formdata=None, occasion=str(door.occasion.id)))


@bp.post("/people/<participant_id>/admit")
def let_in(participant_id: str) -> ResponseReturnValue:
    person, door = _person(participant_id)
    form = AdmitForm()
    if not form.validate():
        return _ask(person, door, form, 422)
    person_id, occasion_id, who = person.id, door.occasion.id, actor()
    with unit_of_work() as session:
        actions.admit(
            session,
            person_id,
            occasion_id,
            str(form.reason.data),
            now=utcnow(),
            actor=who,
            post=post(),
        )
    return redirect(door.address(said=participant_id) + f"#p-{participant_id}", 303)


def _person(participant_id: str) -> tuple[Participant, Door]:
    person = access_participant(db.session(), current_membership(), participant_id, "check_in")
    return person, door_of(person.registration.event.public_id)


def _ask(
    person: Participant, door: Door, form: AdmitForm, status: int = 200
) -> ResponseReturnValue:
    seats = [
        seat
        for seat in person.attendances
        if seat.occasion_id == door.occasion.id and seat.state in LIVE
    ]
    has_place = any(seat.state in MARKED for seat in seats)
    page = render_template(
        "manage/check_in/admit.html",
        person=person,
        door=door,
        form=form,
        seat=seats[0].state if seats else "",
        seat_word=str(SEATS[seats[0].state]) if seats else "",
        may_enter=bool(seats) and not has_place,
        has_place=has_place,
        over=_over(door, ""),
        **event_page(door.event, "check-in"),
    )
    return page, status


def _over(door: Door, party_key: str) -> tuple[str, ...]:
    return walk_ins.limits_passed(db.session(), door.event, door.occasion, party_key)


@bp.get("/events/<public_id>/check-in/walk-in")
def new(public_id: str) -> ResponseReturnValue:
    door = door_of(public_id)
    return _show_new(door, WalkInForm(formdata=None, occasion=str(door.occasion.id)))


@bp.post("/events/<public_id>/check-in/walk-in")
def create(public_id: str) -> ResponseReturnValue:
    door, form = door_of(public_id), WalkInForm()
    if not form.validate():
        return _show_new(door, form, 422)
    event_id, occasion_id, who, by_id = door.event.id, door.occasion.id, actor(), current_user().id
    try:
        with unit_of_work() as session:
            person = walk_ins.walk_in(
                session,
                event_id,
                occasion_id,
                _walk_in(form, door.event),
                anyway=bool(form.anyway.data),
                by_id=by_id,
                now=utcnow(),
                actor=who,
                post=post(),
            )
            person_id = person.public_id
    except OverTheLimit as broken:
        return _show_new(door_of(public_id), form, 409, over=broken.limits)
    except AlreadyRegistered:
        complain(
            form.email, _("This address is registered already: look for the person in the list")
        )
        return _show_new(door_of(public_id), form, 409)
    except NotAllowedNow as broken:
        form.form_errors.append(words_of(broken))
        return _show_new(door_of(public_id), form, 409)
    return redirect(door.address(said=person_id) + f"#p-{person_id}", 303)


def _walk_in(form: WalkInForm, event: Event) -> walk_ins.WalkIn:
    email = str(form.email.data)
    kind = PartyKind.OTHER if event.audience == Audience.BUYERS else PartyKind.COMPANY
    party = make_party(str(form.party.data), kind, None, email=email, secret=settings().secret_key)
    return walk_ins.WalkIn(
        party, str(form.name.data), email, event.primary_language, str(form.title.data)
    )


def _show_new(
    door: Door, form: WalkInForm, status: int = 200, over: tuple[str, ...] = ()
) -> ResponseReturnValue:
    page = render_template(
        "manage/check_in/walk_in.html",
        door=door,
        form=form,
        over=over,
        **event_page(door.event, "check-in"),
    )
    return page, status


@bp.get("/events/<public_id>/check-in/absent")
def confirm_absent(public_id: str) -> ResponseReturnValue:
    return _show_absent(door_of(public_id))


def _show_absent(door: Door, status: int = 200, *, sentence: str = "") -> ResponseReturnValue:
    session = db.session()
    seats = presence.seats_at(session, door.occasion.id, states=["confirmed"], mode=door.mode)
    form = AbsentForm(
        formdata=None,
        occasion=str(door.occasion.id),
        mode=door.mode,
        number=str(len(seats)),
    )
    if sentence:
        form.form_errors.append(sentence)
    page = render_template(
        "manage/check_in/absent.html",
        door=door,
        form=form,
        people=[
            (seat.participant.name, seat.participant.registration.party_name) for seat in seats
        ],
        is_over=door.occasion.ends_at <= utcnow(),
        modes=tuple(Mode) if door.event.format == "hybrid" else (),
        **event_page(door.event, "check-in"),
    )
    return page, status


@bp.post("/events/<public_id>/check-in/absent")
def mark_absent(public_id: str) -> ResponseReturnValue:
    door, form = door_of(public_id), AbsentForm()
    typed = str(form.number.data or "")
    if not form.validate() or not (typed.isascii() and typed.isdigit() and len(typed) < 8):
        return _show_absent(door, 422)
    where, who = (door.event.id, door.occasion.id, door.mode), actor()
    try:
        with unit_of_work() as session:
            actions.mark_absent(session, *where, int(typed), now=utcnow(), actor=who)
    except EditedMeanwhile:
        sentence = _("Somebody was checked in meanwhile. This is the list as it stands now.")
        return _show_absent(door_of(public_id), 409, sentence=sentence)
    return redirect(door.address(done="absent"), 303)


@bp.post("/events/<public_id>/check-in/absent/undo")
def undo_absent(public_id: str) -> ResponseReturnValue:
    door = door_of(public_id)
    if not AbsentForm().validate():
        return _show_absent(door, 422)
    event_id, occasion_id, who = door.event.id, door.occasion.id, actor()
    with unit_of_work() as session:
        actions.undo_absent(session, event_id, occasion_id, now=utcnow(), actor=who)
    return redirect(
        url_for(
            "manage.check_in.index", public_id=public_id, occasion=request.form.get("occasion")
        ),
        303,
    )
