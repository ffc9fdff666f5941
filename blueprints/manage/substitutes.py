"""A colleague comes instead of somebody registered, as told to staff by phone or mail."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AddressField, AtMost, BaseForm, LineField, Required
from blueprints.guard import actor, current_membership
from blueprints.manage.registrations import bp
from blueprints.manage.workspace import event_page
from dialognav.actions import registrations
from dialognav.actions.registrations import NewPerson, Wish
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotAllowedNow, TooLate, WrongPeople
from dialognav.i18n import lazy
from dialognav.models import Participant
from dialognav.queries.access import access_participant


class SubstituteForm(BaseForm):
    name = LineField(lazy("Name"), [Required(lazy("Write the person's name")), AtMost(120)])
    title = LineField(lazy("Role"), [AtMost(120)])
    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )

    def command(self) -> NewPerson:
        """The seat is taken over as it is, so there is no wish."""
        title = str(self.title.data or "")
        return NewPerson(str(self.name.data), str(self.email.data), Wish(""), title=title)


@bp.get("/people/<participant_id>/swap")
def swap(participant_id: str) -> ResponseReturnValue:
    return _show(_own_participant(participant_id), SubstituteForm(formdata=None))


@bp.post("/people/<participant_id>/swap")
def swap_in(participant_id: str) -> ResponseReturnValue:
    person, form = _own_participant(participant_id), SubstituteForm()
    if not form.validate():
        return _show(person, form, 422)
    row_id, who, command = person.id, actor(), form.command()
    registration_id = person.registration.public_id
    try:
        with unit_of_work() as session:
            registrations.swap_person(
                session, row_id, command, now=utcnow(), actor=who, post=post()
            )
    except (NotAllowedNow, TooLate, WrongPeople) as broken:
        form.form_errors.append(words_of(broken))
        return _show(_own_participant(participant_id), form, 409)
    return redirect(url_for(".show", registration_id=registration_id, done="swapped"), 303)


def _own_participant(public_id: str) -> Participant:
    return access_participant(db.session(), current_membership(), public_id, "registrations")


def _show(person: Participant, form: SubstituteForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "manage/registrations/swap.html",
        form=form,
        person=person,
        **event_page(person.registration.event, "registrations"),
    )
    return page, status
