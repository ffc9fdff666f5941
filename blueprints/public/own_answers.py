"""Answers to the organiser's extra questions, on the own page: shown, and changed until a set time.

The contact changes those of the registration here; each person's stand in the form of the person.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import BaseForm
from blueprints.public import staging
from blueprints.public.answer_fields import AnswerForm, submitted
from blueprints.public.own_links import open_link
from blueprints.public.own_page import frame_of, may_change
from blueprints.public.registrations import LANG, bp
from blueprints.public.said import say
from dialognav.actions import answers
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, RuleBroken, TooLate
from dialognav.domain.form_fields import Given, Question, may_answer
from dialognav.domain.terms import FieldScope
from dialognav.models import Event, Participant
from dialognav.queries.form_fields import Said, answers_of, questions_of, said_in, value_text
from dialognav.queries.registrations import Own

PAGE = LANG + "/r/<secret>/answers"


class AnswersForm(BaseForm):
    """The registration's own questions; the token is all it has of its own."""

    def __init__(self, fields: AnswerForm) -> None:
        super().__init__()
        self.answers = fields

    def __iter__(self) -> Any:
        yield from super().__iter__()
        yield from self.answers


def may_still_answer(event: Event, now: datetime) -> bool:
    return may_answer(event.answers_until, event.starts_at, now)


def person_fields(own: Own, person: Participant | None = None) -> AnswerForm:
    """What is asked of one person: of a newcomer always, of one registered until a set time."""
    event = own.event
    questions = questions_of(db.session(), event)
    is_open = person is None or may_still_answer(event, utcnow())
    said = answers_of(db.session(), [own.registration.id]) if questions else {}
    fields = AnswerForm(
        questions if is_open else (),
        FieldScope.PERSON,
        event.primary_language,
        submitted(),
        values=said.get((own.registration.id, person.id), {}) if person else {},
        above=said.get((own.registration.id, None), {}),
    )
    staging.bring_back(event.id, [fields])
    return fields


def given_of(fields: AnswerForm) -> Given | None:
    """What to change: None when no question stood in the form."""
    return fields.given if fields else None


@bp.get(PAGE)
def edit_answers(lang: str, secret: str) -> ResponseReturnValue:
    own = _contact(secret)
    return _page(own, secret, AnswersForm(_fields(own)))


@bp.post(PAGE)
def update_answers(lang: str, secret: str) -> ResponseReturnValue:
    own = _contact(secret)
    form = AnswersForm(_fields(own))
    if not all([form.validate(), form.answers.validate()]):
        return _page(own, secret, form), 422
    registration_id, event_id, actor = own.registration.id, own.event.id, own.actor
    given, staged = form.answers.given, staging.staged_in([form.answers])
    try:
        with unit_of_work() as session:
            answers.change_answers(
                session, registration_id, given, now=utcnow(), actor=actor, post=post()
            )
            answers.forget_staged(session, event_id, staged)
    except NotFound:
        raise
    except RuleBroken as broken:
        form.form_errors.append(words_of(broken))
        return _page(open_link(secret), secret, form), 409
    return redirect(url_for(".show", lang=lang, secret=secret, done="answered"), 303)


def answer_views(own: Own) -> dict[str, Any]:
    """What the own page shows: {"asked": .., "own_said": [..], "said_of": {person's id: [..]}}.

    One statement where the event asks something and it was answered, none where it does not.
    """
    event = own.event
    if not event.has_fields:
        return {"asks": False, "own_said": [], "said_of": {}, "may_answer": False}
    primary = event.primary_language
    everything = said_in(db.session(), own.registration)
    found = {
        person_id: [
            (say(each.question.label, primary), value_text(each.question, each.value, primary), "")
            for each in said
        ]
        for person_id, said in everything.items()
    }
    public_ids = {person.id: person.public_id for person in own.people}
    answered = [each.question for each in everything.get(None, [])]
    return {
        "asks": _has_own(answered) or _has_own(questions_of(db.session(), event)),
        "own_said": found.get(None, []) if own.is_contact else [],
        "said_of": {public_ids[key]: said for key, said in found.items() if key in public_ids},
        "may_answer": may_still_answer(event, utcnow()) and may_change(own),
    }


def _has_own(questions: Iterable[Question]) -> bool:
    """Whether one of them is still asked of the registration itself."""
    return any(one.scope == FieldScope.REGISTRATION and not one.removed for one in questions)


def _in_words(each: Said, primary: str) -> tuple[Any, str, str]:
    """(question, answer, "" as no file is served here)"""
    label = say(each.question.label, primary)
    return label, value_text(each.question, each.value, primary), ""


def _contact(secret: str) -> Own:
    """NotFound for a colleague's link, and where nothing is asked; TooLate when it is over."""
    own = open_link(secret)
    if not own.is_contact or not own.event.has_fields:
        raise NotFound
    if not may_change(own) or not may_still_answer(own.event, utcnow()):
        raise TooLate
    return own


def _fields(own: Own) -> AnswerForm:
    said = answers_of(db.session(), [own.registration.id])
    fields = AnswerForm(
        questions_of(db.session(), own.event),
        FieldScope.REGISTRATION,
        own.event.primary_language,
        submitted(),
        values=said.get((own.registration.id, None), {}),
    )
    staging.bring_back(own.event.id, [fields])
    return fields


def _page(own: Own, secret: str, form: AnswersForm) -> str:
    staging.stage(own.event.id, [form.answers])
    return render_template(
        "public/registrations/answers.html",
        form=form,
        **frame_of(own, secret),
    )
