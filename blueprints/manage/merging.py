"""Several registrations of one organisation put together: look first, then do it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm
from blueprints.guard import actor, current_membership
from blueprints.manage.people import SeatLine, seat_lines, seats_to_show
from blueprints.manage.workspace import event_page
from dialognav.actions import merging
from dialognav.actions.imports import ChangedMeanwhile
from dialognav.actions.registration_rules import live_people
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotAllowedNow, WrongPeople
from dialognav.domain.merging import Plan
from dialognav.domain.terms import Seat
from dialognav.i18n import gettext as _
from dialognav.models import Registration
from dialognav.queries.access import access_registration
from dialognav.queries.merging import alike
from dialognav.queries.registrations import places_in_queue

bp = Blueprint("merging", __name__)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """`fate` is what becomes of the entry: "stays", or "goes" because it is one of two."""

    name: str
    email: str
    seats: tuple[SeatLine, ...]
    fate: str


@bp.get("/registrations/<registration_id>/merge")
def show(registration_id: str) -> ResponseReturnValue:
    return _show(_own(registration_id), ActionForm(formdata=None))


@bp.post("/registrations/<registration_id>/merge")
def create(registration_id: str) -> ResponseReturnValue:
    registration, form = _own(registration_id), ActionForm()
    kept, others = _chosen(registration, alike(db.session(), registration))
    if not form.validate() or not others:
        return _show(registration, form, 422)
    if _are_doubtful(kept, others) and request.form.get("same") != "yes":
        form.form_errors.append(_("Say that they are the same organisation"))
        return _show(registration, form, 422)
    kept_id, other_ids = kept.id, [other.id for other in others]
    public_id, who, mark = kept.public_id, actor(), request.form.get("mark", "")
    try:
        with unit_of_work() as session:
            merging.merge(session, kept_id, other_ids, mark, now=utcnow(), actor=who, post=post())
    except (ChangedMeanwhile, NotAllowedNow, WrongPeople) as broken:
        form.form_errors.append(words_of(broken))
        return _show(_own(registration_id), form, 409)
    done = url_for("manage.registrations.show", registration_id=public_id, done="merged")
    return redirect(done, 303)


def _own(public_id: str) -> Registration:
    return access_registration(db.session(), current_membership(), public_id, "registrations")


def _chosen(
    registration: Registration, found: list[Registration]
) -> tuple[Registration, list[Registration]]:
    """(the one to keep, the others that are ticked); nothing ticked is all of the same party."""
    ticked = request.values.getlist("with")
    usual = [each.public_id for each in found if each.party_key == registration.party_key]
    chosen = [each for each in found if each.public_id in (ticked or usual)]
    together = [registration, *chosen]
    wanted = request.values.get("keep", registration.public_id)
    kept = next((one for one in together if one.public_id == wanted), registration)
    return kept, [one for one in together if one is not kept]


def _are_doubtful(kept: Registration, others: list[Registration]) -> bool:
    return any(other.party_key != kept.party_key for other in others)


def _show(registration: Registration, form: ActionForm, status: int = 200) -> ResponseReturnValue:
    found = alike(db.session(), registration)
    kept, others = _chosen(registration, found)
    made = merging.plan([kept, *others])
    limit = registration.event.limit_per_party
    page = render_template(
        "manage/merging.html",
        registration=registration,
        found=found,
        kept=kept,
        others=others,
        people=_lines(kept, others, made),
        made=made,
        doubtful=_are_doubtful(kept, others),
        over_limit=limit if limit is not None and len(made.people) > limit else None,
        may_merge=merging.may_merge(registration.event, utcnow()),
        form=form,
        **event_page(registration.event, "registrations"),
    )
    return page, status


def _lines(
    kept: Registration, others: list[Registration], made: Plan
) -> list[tuple[Any, list[PersonLine]]]:
    """[(registration, its people)]"""
    goes = {second.id for _first, second in made.pairs}
    together = [kept, *others]
    seats = {one.id: seats_to_show(one) for each in together for one in live_people(each)}
    waiting = [seat for each in seats.values() for seat in each if seat.state == Seat.WAITING]
    queue = places_in_queue(db.session(), waiting)
    return [
        (
            each,
            [
                PersonLine(
                    name=one.name,
                    email=one.email,
                    seats=tuple(seat_lines(kept.event, seats[one.id], queue)),
                    fate="goes" if one.id in goes else "stays",
                )
                for one in live_people(each)
            ],
        )
        for each in together
    ]
