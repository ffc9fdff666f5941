"""Wishes about own data: what somebody asks, what may be done, and the answer (GDPR art. 12-17)."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.guard import current_membership, current_user
from blueprints.manage.disposal_forms import OUTCOMES, ReplyForm
from blueprints.manage.workspace import title_of
from dialognav.actions import privacy
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, RuleBroken
from dialognav.domain.retention import Kept, answer_by, is_held, months_after
from dialognav.domain.terms import PrivacyWish
from dialognav.models import PrivacyRequest
from dialognav.models.meeting_ends import meeting_ends, over_at
from dialognav.models.retention import event_kept, held_numbers, rule_of
from dialognav.queries import access

bp = Blueprint("privacy_requests", __name__, url_prefix="/disposal/requests")


@bp.get("/<request_id>")
def edit(request_id: str) -> ResponseReturnValue:
    asked = _asked(request_id)
    organisation = current_membership().organisation
    may_go = _kept(asked) is None
    form = ReplyForm(
        formdata=None, data={"authority": organisation.disposal_authority if may_go else ""}
    )
    return _page(asked, form)


@bp.post("/<request_id>")
def update(request_id: str) -> ResponseReturnValue:
    asked = _asked(request_id)
    form = ReplyForm()
    if not form.validate():
        return _page(asked, form), 422
    row_id, user_id = asked.id, current_user().id
    try:
        with unit_of_work() as session:
            privacy.answer(
                session, row_id, form.command(), now=utcnow(), user_id=user_id, post=post()
            )
    except NotFound:
        raise
    except RuleBroken as broken:
        form.form_errors.append(words_of(broken))
        return _page(_asked(request_id), form), 409
    return redirect(url_for("manage.disposal.index", done="answered"), 303)


def _asked(request_id: str) -> PrivacyRequest:
    return access.access_privacy_request(db.session(), current_membership(), request_id)


def _kept(asked: PrivacyRequest) -> Kept | None:
    event = asked.registration.event
    held = held_numbers(db.session(), event.organisation_id)
    ends = meeting_ends(db.session(), [event.id])
    return event_kept(event, event.organisation, held, ends, now=utcnow())


def _page(asked: PrivacyRequest, form: ReplyForm) -> str:
    event = asked.registration.event
    held = held_numbers(db.session(), event.organisation_id)
    rule = rule_of(event, event.organisation)
    ended_at = over_at(event, meeting_ends(db.session(), [event.id]))
    return render_template(
        "manage/disposal/request.html",
        rail="disposal",
        asked=asked,
        event=event,
        title=title_of(event),
        erases=asked.wish == PrivacyWish.ERASE,
        is_held=is_held(event.diary_number, held),
        kept=_kept(asked),
        due_at=months_after(ended_at, rule.months) if ended_at else None,
        rule=rule,
        answer_by=answer_by(asked.created_at),
        outcomes=OUTCOMES,
        form=form,
        now=utcnow(),
        zone=event.zone,
    )
