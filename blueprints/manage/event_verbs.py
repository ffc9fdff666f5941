"""Verbs on one event, each a POST from its overview. Refused by state: the page says why."""

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm
from blueprints.guard import actor, allows
from blueprints.manage.event_edit import complain_of_lack, fresh_form, show_editor
from blueprints.manage.event_overview import may_now, overview_page
from blueprints.manage.event_verb_forms import (
    HOUR_REFUSED,
    PublishAtForm,
    TimesForm,
    deadline_for,
    reason_form,
)
from blueprints.manage.events import bp
from blueprints.manage.occasion_lines import prefix
from blueprints.manage.workspace import languages_of, own_event
from dialognav.actions import events
from dialognav.actions.event_text import draft_of
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import NotAllowedNow, NotFound, NotReady
from dialognav.models import Event


def _asked(public_id: str, verb: str, needs: str = "publish") -> Event:
    """The event, when the role and the event's state allow the verb."""
    event = own_event(public_id, needs)
    if not may_now(verb, event, utcnow()):
        raise NotAllowedNow
    return event


def _go(public_id: str, done: str, endpoint: str = ".show") -> ResponseReturnValue:
    return redirect(url_for(endpoint, public_id=public_id, done=done), 303)


def _with_token(event: Event) -> ResponseReturnValue | None:
    """The overview again when the page's token is wrong or too old; None when it is right."""
    form = ActionForm()
    return None if form.validate() else overview_page(event, 422, plain=form)


def _lacking(public_id: str, refused: NotReady) -> ResponseReturnValue:
    """The editor, with a sentence at each field that has to be filled in first.

    Who may publish but not edit gets the overview, where the checks say the same.
    """
    event = own_event(public_id)
    if not allows("edit"):
        return overview_page(event, 422)
    draft = draft_of(event)
    form = fresh_form(event, draft, draft)
    complain_of_lack(form, refused.fields, draft)
    return show_editor(event, draft, form, 422)


@bp.post("/events/<public_id>/publish")
def publish(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "publish")
    if (page := _with_token(event)) is not None:
        return page
    event_id, who, mail = event.id, actor(), post()
    try:
        with unit_of_work() as session:
            events.publish(session, event_id, now=utcnow(), actor=who, post=mail)
    except NotReady as refused:
        return _lacking(public_id, refused)
    return _go(public_id, "published")


@bp.post("/events/<public_id>/schedule")
def schedule(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "schedule")
    form = PublishAtForm(prefix="schedule-")
    valid, at = form.validate(), form.instant(event.zone, utcnow())
    if not valid or at is None:
        return overview_page(event, 422, schedule=form)
    event_id, who = event.id, actor()
    try:
        with unit_of_work() as session:
            events.schedule(session, event_id, at, now=utcnow(), actor=who)
    except NotReady as refused:
        return _lacking(public_id, refused)
    return _go(public_id, "scheduled")


@bp.post("/events/<public_id>/unschedule")
def unschedule(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "unschedule")
    if (page := _with_token(event)) is not None:
        return page
    event_id, who = event.id, actor()
    with unit_of_work() as session:
        events.unschedule(session, event_id, now=utcnow(), actor=who)
    return _go(public_id, "unscheduled")


@bp.post("/events/<public_id>/move")
def move(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "move")
    form = TimesForm(prefix="move-").fit(event)
    valid, times = form.validate(), form.times(event.zone)
    if not valid or times is None:
        return overview_page(event, 422, move=form)
    event_id, state, who, mail = event.id, event.state, actor(), post()
    closes_at = times.closes_at or deadline_for(event, times.starts_at, utcnow())
    try:
        with unit_of_work() as session:
            changed = events.move(
                session,
                event_id,
                *times.span,
                all_day=times.all_day,
                closes_at=closes_at,
                now=utcnow(),
                actor=who,
                post=mail,
            )
    except HOUR_REFUSED:
        form.refuse_hour()
        return overview_page(own_event(public_id), 422, move=form)
    if not changed:
        return _go(public_id, "unchanged")
    return _go(public_id, "moved_told" if state == "published" else "moved")


@bp.post("/events/<public_id>/new-date")
def set_new_date(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "set_new_date")
    form = TimesForm(prefix="new_date-").fit(event)
    now = utcnow()
    valid, times = form.validate(), form.times(event.zone, after=now)
    if not valid or times is None:
        return overview_page(event, 422, new_date=form)
    event_id, who, mail = event.id, actor(), post()
    closes_at = times.closes_at or deadline_for(event, times.starts_at, now)
    try:
        with unit_of_work() as session:
            events.set_new_date(
                session,
                event_id,
                *times.span,
                all_day=times.all_day,
                closes_at=closes_at,
                now=now,
                actor=who,
                post=mail,
            )
    except HOUR_REFUSED:
        form.refuse_hour()
        return overview_page(own_event(public_id), 422, new_date=form)
    return _go(public_id, "new_date")


@bp.post("/events/<public_id>/postpone")
def postpone(public_id: str) -> ResponseReturnValue:
    return _with_reason(public_id, "postpone", events.postpone, "postponed")


@bp.post("/events/<public_id>/cancel")
def cancel(public_id: str) -> ResponseReturnValue:
    return _with_reason(public_id, "cancel", events.cancel, "cancelled")


def _with_reason(
    public_id: str, verb: str, act: Callable[..., Any], done: str
) -> ResponseReturnValue:
    event = _asked(public_id, verb)
    form = reason_form(languages_of(event))(prefix=f"{verb}-")
    if not form.validate():
        return overview_page(event, 422, **{verb: form})
    event_id, who, mail = event.id, actor(), post()
    with unit_of_work() as session:
        act(session, event_id, form.reason(), now=utcnow(), actor=who, post=mail)
    return _go(public_id, done)


@bp.post("/events/<public_id>/occasions/<int:occasion_id>/cancel")
def cancel_occasion(public_id: str, occasion_id: int) -> ResponseReturnValue:
    event = _asked(public_id, "cancel_occasion")
    if occasion_id not in {each.id for each in event.occasions}:
        raise NotFound
    form = reason_form(languages_of(event))(prefix=prefix(occasion_id))
    if not form.validate():
        return overview_page(event, 422, bad_occasion=(occasion_id, form))
    event_id, who, mail, reason = event.id, actor(), post(), form.reason()
    with unit_of_work() as session:
        events.cancel_occasion(
            session, event_id, occasion_id, reason, now=utcnow(), actor=who, post=mail
        )
    return _go(public_id, "occasion_cancelled")


@bp.post("/events/<public_id>/to-procurement")
def to_procurement(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "to_procurement")
    if (page := _with_token(event)) is not None:
        return page
    event_id, who, mail = event.id, actor(), post()
    with unit_of_work() as session:
        events.switch_to_procurement(session, event_id, now=utcnow(), actor=who, post=mail)
    return _go(public_id, "to_procurement")


@bp.post("/events/<public_id>/delete")
def destroy(public_id: str) -> ResponseReturnValue:
    event = _asked(public_id, "delete", "edit")
    if (page := _with_token(event)) is not None:
        return page
    event_id, who = event.id, actor()
    with unit_of_work() as session:
        events.delete_draft(session, event_id, now=utcnow(), actor=who)
    return redirect(url_for(".index", view="drafts", done="deleted"), 303)
