"""Other sessions, or another way of attending, as told to staff by phone or mail."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import BaseForm
from blueprints.guard import actor, current_membership
from blueprints.manage.registrations import bp
from blueprints.manage.workspace import event_page
from blueprints.public.own_seats import change_of, wished_mode, with_own
from blueprints.public.person_form import PersonFields
from blueprints.public.sessions import refusal, session_views
from dialognav.actions import registrations
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EventFull, NotAllowedNow, RegistrationClosed, TooLate
from dialognav.models import Participant
from dialognav.queries.access import access_participant
from dialognav.queries.registrations import occupancy


class SeatForm(PersonFields, BaseForm):
    """How and when somebody takes part, and nothing else about them."""

    def __init__(self, person: Participant) -> None:
        event = person.registration.event
        change = change_of(event, person, by_staff=True)
        has = [str(each) for each in change.has]
        super().__init__(data={"mode": wished_mode(person), "occasions": has})
        self.fit(event, with_mandate=False, change=change)
        form: Any = self
        for name in ("name", "title", "email", "accessibility_need", "diet"):
            if name in form:
                del form[name]

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) and self.check_seat()


@bp.get("/people/<participant_id>/sessions")
def sessions(participant_id: str) -> ResponseReturnValue:
    person = _own_participant(participant_id)
    return _show(person, SeatForm(person))


@bp.post("/people/<participant_id>/sessions")
def change_sessions(participant_id: str) -> ResponseReturnValue:
    person = _own_participant(participant_id)
    form = SeatForm(person)
    if not form.validate():
        return _show(person, form, 422)
    row_id, who, wish = person.id, actor(), form.wish
    registration_id = person.registration.public_id
    try:
        with unit_of_work() as session:
            registrations.change_mode(session, row_id, wish, now=utcnow(), actor=who, post=post())
    except (EventFull, NotAllowedNow, RegistrationClosed, TooLate) as broken:
        person = _own_participant(participant_id)
        form.form_errors.append(refusal(person.registration.event, broken))
        return _show(person, form, 409)
    return redirect(url_for(".show", registration_id=registration_id, done="sessions"), 303)


def _own_participant(public_id: str) -> Participant:
    return access_participant(db.session(), current_membership(), public_id, "registrations")


def _show(person: Participant, form: SeatForm, status: int = 200) -> ResponseReturnValue:
    event = person.registration.event
    held = occupancy(db.session(), [event.id])
    page = render_template(
        "manage/registrations/sessions.html",
        form=form,
        person=person,
        sessions=with_own(session_views(event, held, utcnow()), person),
        **event_page(event, "registrations"),
    )
    return page, status
