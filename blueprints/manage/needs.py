"""Requests for an interpreter or other help: who asks, and what is answered."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from blueprints.context import post
from blueprints.forms import AtMost, BaseForm, LineField, TextField, options
from blueprints.guard import actor, current_membership
from blueprints.manage.people import seat_lines, seats_to_show
from blueprints.manage.typed import complain, read_date
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import access_needs
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import NeedState
from dialognav.i18n import date_text, lazy, local
from dialognav.i18n import gettext as _
from dialognav.models import Event, Participant
from dialognav.queries.access import access_participant
from dialognav.queries.access_needs import answer_days, people_with_needs
from dialognav.words import NEED_STATES

bp = Blueprint("needs", __name__)


class AnswerForm(BaseForm):
    state = RadioField(lazy("Answer"), choices=options(NEED_STATES.items()), validate_choice=False)
    answer_by = LineField(lazy("Answer by"), [AtMost(20)])
    text = TextField(
        lazy("What you tell them"),
        [AtMost(500)],
        description=lazy(
            "Shown on their own page. Needed when it is not possible: what they can do"
        ),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.day: date | None = None

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate())
        self.day = read_date(self.answer_by)
        if self.state.data not in tuple(NeedState):
            complain(self.state, _("Choose an answer"))
            return False
        if self.state.data == NeedState.NOT_POSSIBLE and not self.text.data:
            complain(self.text, _("Write why it is not possible, and what they can do instead"))
            return False
        return valid and not self.answer_by.errors

    def command(self) -> access_needs.Answer:
        is_open = self.state.data == NeedState.ASKED
        return access_needs.Answer(
            str(self.state.data), str(self.text.data), self.day if is_open else None
        )


@dataclass(frozen=True, slots=True)
class NeedLine:
    person: Participant
    seats: list[Any]
    state: str
    word: str
    by: str
    is_late: bool
    form: AnswerForm


@bp.get("/events/<public_id>/requests-for-help")
def index(public_id: str) -> ResponseReturnValue:
    return _show(own_event(public_id, "registrations"))


def _show(
    event: Event, status: int = 200, *, bad: AnswerForm | None = None, about: str = ""
) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    people = people_with_needs(session, event.id, now=now)
    days, today = answer_days(session, event, people, now=now), local(now, event.zone).date()
    page = render_template(
        "manage/needs.html",
        lines=[
            _line(event, one, days.get(one.id), today, bad if one.public_id == about else None)
            for one in people
        ],
        bad=bad,
        **event_page(event, "registrations"),
    )
    return page, status


def _line(
    event: Event, person: Participant, day: date | None, today: date, bad: AnswerForm | None
) -> NeedLine:
    need = person.access_need
    if need is None:
        raise ValueError(person.id)
    given = {
        "state": need.state,
        "text": need.answer,
        "answer_by": day.isoformat() if day else "",
    }
    return NeedLine(
        person=person,
        seats=seat_lines(event, seats_to_show(person), {}),
        state=need.state,
        word=str(NEED_STATES[need.state]),
        by=date_text(day) if day else "",
        is_late=day is not None and day < today,
        form=bad or AnswerForm(formdata=None, prefix=f"{person.public_id}-", data=given),
    )


@bp.post("/people/<participant_id>/answer-request")
def answer(participant_id: str) -> ResponseReturnValue:
    session, member = db.session(), current_membership()
    person = access_participant(session, member, participant_id, "registrations")
    event = person.registration.event
    form = AnswerForm(prefix=f"{participant_id}-")
    if not form.validate():
        return _show(event, 422, bad=form, about=participant_id)
    person_id, who, command, public_id = person.id, actor(), form.command(), event.public_id
    with unit_of_work() as work:
        access_needs.answer_need(work, person_id, command, now=utcnow(), actor=who, post=post())
    return redirect(url_for(".index", public_id=public_id, done="answered"), 303)
