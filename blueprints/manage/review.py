"""Approve and decline registrations, one or many at once."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, BaseForm, demand_token
from blueprints.guard import actor, current_user
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.review_form import DeclineForm, languages_of, looks_of, picked
from blueprints.manage.review_lines import review_lines
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import review
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, EventFull, NotAllowedNow, RuleBroken, TooLate
from dialognav.i18n import NAMES, lazy, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.queries import reviews

bp = Blueprint("review", __name__)

_SAID: dict[type[RuleBroken], Any] = {
    EditedMeanwhile: lazy(
        "Somebody has changed or decided one of these since you opened the page."
        " Nothing was done: look at them as they are now."
    ),
    EventFull: lazy(
        "There are not places for all of these, and no queue to put them in. Nobody was approved."
    ),
    NotAllowedNow: lazy("While the event has no date, nobody can be given a place."),
}


@bp.get("/events/<public_id>/review")
def index(public_id: str) -> ResponseReturnValue:
    return _show(own_event(public_id, "review"), ActionForm(formdata=None))


def _show(event: Event, form: BaseForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    view = request.args.get("view", "")
    view = view if view in reviews.VIEWS else "open"
    page = reviews.reviews_page(session, event.id, view, offset_of(request.args))
    shown = render_template(
        "manage/review/index.html",
        form=form,
        lines=review_lines(session, event, page.rows),
        view=view,
        numbers=reviews.review_counts(session, event.id),
        pages=pager_of(page, view="" if view == "open" else view),
        **event_page(event, "review"),
    )
    return shown, status


@bp.post("/events/<public_id>/review/approve")
def approve(public_id: str) -> ResponseReturnValue:
    event, form, given = own_event(public_id, "review"), ActionForm(), picked()
    if not form.validate() or given.is_empty:
        return _nothing(event, form)
    event_id, by, who = event.id, current_user().id, actor()
    _found, looks = looks_of(db.session(), event_id, given)
    try:
        with unit_of_work() as session:
            review.approve(
                session, event_id, looks, now=utcnow(), actor=who, decided_by_id=by, post=post()
            )
    except (EditedMeanwhile, EventFull, NotAllowedNow, TooLate) as broken:
        return _refused(public_id, form, broken)
    return redirect(url_for(".index", public_id=public_id, done="approved"), 303)


@bp.post("/events/<public_id>/review/reason")
def reason(public_id: str) -> ResponseReturnValue:
    """Asks why. Changes nothing; a POST because what was picked out may be long."""
    event, given = own_event(public_id, "review"), picked()
    demand_token()
    if given.is_empty:
        return _nothing(event, ActionForm())
    return _ask(event, DeclineForm(formdata=None))


@bp.post("/events/<public_id>/review/decline")
def decline(public_id: str) -> ResponseReturnValue:
    event, form, given = own_event(public_id, "review"), DeclineForm(), picked()
    if given.is_empty:
        return _nothing(event, form)
    event_id, by, who = event.id, current_user().id, actor()
    found, looks = looks_of(db.session(), event_id, given)
    languages = tuple(languages_of(found))
    if not form.is_complete(languages):
        return _ask(event, form, 422)
    refusal = form.command(languages)
    try:
        with unit_of_work() as session:
            review.decline(
                session,
                event_id,
                looks,
                refusal,
                now=utcnow(),
                actor=who,
                decided_by_id=by,
                post=post(),
            )
    except (EditedMeanwhile, NotAllowedNow) as broken:
        return _refused(public_id, ActionForm(), broken)
    return redirect(url_for(".index", public_id=public_id, done="declined"), 303)


def _ask(event: Event, form: DeclineForm, status: int = 200) -> ResponseReturnValue:
    """The page that asks for the reason, with those it is about."""
    given = picked()
    found, _looks = looks_of(db.session(), event.id, given)
    counted = languages_of(found)
    texts = [
        (
            code,
            NAMES[code][0],
            form[f"text_{code}"],
            ngettext("%(num)s registration reads this", "%(num)s registrations read this", number),
        )
        for code, number in counted.items()
    ]
    page = render_template(
        "manage/review/decline.html",
        form=form,
        given=given,
        lines=review_lines(db.session(), event, found),
        texts=texts,
        **event_page(event, "review"),
    )
    return page, status


def _nothing(event: Event, form: BaseForm) -> ResponseReturnValue:
    if not form.errors:
        form.form_errors.append(_("Choose at least one registration"))
    return _show(event, form, 422)


def _refused(public_id: str, form: BaseForm, broken: RuleBroken) -> ResponseReturnValue:
    """Nothing was done; the page as things are now."""
    said = _SAID.get(type(broken))
    form.form_errors.append(str(said) if said else words_of(broken))
    return _show(own_event(public_id, "review"), form, 409)
