"""Disposal: what is due, the yes to a dry run, holds, and the log (domain.md 2.4)."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.errors import words_of
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.disposal_forms import HoldForm, RetentionForm
from blueprints.manage.disposal_lines import (
    KEPT,
    NUMBERS,
    event_lines,
    record_lines,
    run_line,
    state_of,
)
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.workspace import own_event, title_of
from dialognav import exports
from dialognav.actions import disposal, holds, retention
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, RuleBroken, SecondPerson
from dialognav.domain.permissions import DISPOSAL
from dialognav.domain.retention import answer_by
from dialognav.i18n import gettext as _
from dialognav.models import DisposalRun
from dialognav.models.retention import due_events
from dialognav.queries import access, privacy

bp = Blueprint("disposal", __name__)


@bp.get("/disposal")
def index() -> ResponseReturnValue:
    require(DISPOSAL)
    return _index(HoldForm(formdata=None))


@bp.post("/disposal/runs")
def propose() -> ResponseReturnValue:
    require(DISPOSAL)
    demand_token()
    organisation_id, user_id = current_membership().organisation_id, current_user().id
    try:
        with unit_of_work() as session:
            run = disposal.propose(session, organisation_id, now=utcnow(), user_id=user_id)
            run_id = run.public_id if run else ""
    except NotAllowedNow:
        return redirect(url_for(".index", done="not-now"), 303)
    if not run_id:
        return redirect(url_for(".index", done="nothing"), 303)
    return redirect(url_for(".show", run_id=run_id), 303)


@bp.get("/disposal/runs/<run_id>")
def show(run_id: str) -> ResponseReturnValue:
    return _run_page(_run(run_id), ActionForm(formdata=None))


@bp.get("/disposal/runs/<run_id>/list.csv")
def table(run_id: str) -> ResponseReturnValue:
    """The dry run and what was done, to file with the decision: numbers, no names."""
    run = _run(run_id)
    lines = event_lines(db.session(), current_membership().organisation, run)
    rows: list[tuple[exports.Cell, ...]] = [
        (line.diary_number, line.title, line.ended, line.state_word, *line.numbers, *line.done)
        for line in lines
    ]
    head = [
        *(_("Diary number"), _("Event"), _("Ended"), _("State")),
        *(str(word) for word in NUMBERS.values()),
        *(_("%(what)s, taken out", what=word) for word in NUMBERS.values()),
    ]
    answer = Response(exports.csv_bytes(head, rows), content_type=exports.CSV_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="disposal-{run.public_id}.csv"'
    return answer


@bp.post("/disposal/runs/<run_id>/approve")
def approve(run_id: str) -> ResponseReturnValue:
    run = _run(run_id)
    form, row_id, user_id = ActionForm(), run.id, current_user().id
    if not form.validate():
        return _run_page(run, form), 422
    try:
        with unit_of_work() as session:
            disposal.approve(session, row_id, now=utcnow(), user_id=user_id)
    except (EditedMeanwhile, SecondPerson, NotAllowedNow) as broken:
        form.form_errors.append(_why_not(broken))
        return _run_page(_run(run_id), form), 409
    return redirect(url_for(".show", run_id=run_id), 303)


@bp.post("/disposal/runs/<run_id>/stop")
def stop(run_id: str) -> ResponseReturnValue:
    row_id, user_id = _run(run_id).id, current_user().id
    demand_token()
    with unit_of_work() as session:
        disposal.discard(session, row_id, now=utcnow(), user_id=user_id)
    return redirect(url_for(".index", done="stopped"), 303)


@bp.post("/disposal/holds")
def hold() -> ResponseReturnValue:
    require(DISPOSAL)
    form = HoldForm()
    if not form.validate():
        return _index(form), 422
    organisation_id, user_id = current_membership().organisation_id, current_user().id
    number, reason = str(form.diary_number.data), str(form.reason.data)
    with unit_of_work() as session:
        holds.set_hold(session, organisation_id, number, reason, now=utcnow(), user_id=user_id)
    return redirect(url_for(".index", done="held"), 303)


@bp.post("/disposal/holds/<hold_id>/release")
def release(hold_id: str) -> ResponseReturnValue:
    row_id = access.access_hold(db.session(), current_membership(), hold_id).id
    demand_token()
    user_id = current_user().id
    with unit_of_work() as session:
        holds.release_hold(session, row_id, now=utcnow(), user_id=user_id)
    return redirect(url_for(".index", done="released"), 303)


@bp.get("/events/<public_id>/retention")
def edit(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, DISPOSAL)
    months = event.retention_months
    form = RetentionForm(formdata=None, data={"months": "" if months is None else str(months)})
    return _retention_page(public_id, form)


@bp.post("/events/<public_id>/retention")
def update(public_id: str) -> ResponseReturnValue:
    event_id = own_event(public_id, DISPOSAL).id
    form, who = RetentionForm(), actor()
    if not form.validate():
        return _retention_page(public_id, form), 422
    with unit_of_work() as session:
        retention.keep_for(session, event_id, form.asked, now=utcnow(), actor=who)
    return redirect(url_for(".index", done="rule"), 303)


def _run(run_id: str) -> DisposalRun:
    return access.access_run(db.session(), current_membership(), run_id)


def _why_not(broken: RuleBroken) -> str:
    if isinstance(broken, EditedMeanwhile):
        return _("The proposal no longer says what would go. Make a new one and look again.")
    return words_of(broken)


def _index(form: HoldForm) -> str:
    organisation, session, now = current_membership().organisation, db.session(), utcnow()
    run = privacy.open_run(session, organisation.id)
    page = privacy.ended_runs(session, organisation.id, offset_of(request.args))
    return render_template(
        "manage/disposal/index.html",
        rail="disposal",
        row=organisation,
        due=due_events(session, organisation, now=now),
        coming=[
            (line, title_of(line.event), str(KEPT[line.kept]) if line.kept else "")
            for line in privacy.coming(session, organisation, now=now)
        ],
        open_run=run and run_line(run),
        holds=privacy.standing_holds(session, organisation.id),
        waiting=privacy.requests(session, organisation.id, is_open=True),
        answered=privacy.requests(session, organisation.id, is_open=False),
        answer_by=answer_by,
        runs=[run_line(each) for each in page.rows],
        pages=pager_of(page),
        form=form,
        action=ActionForm(formdata=None),
        now=now,
        zone=organisation.zone,
        done="" if form.errors else request.args.get("done", ""),
    )


def _run_page(run: DisposalRun, form: ActionForm) -> str:
    organisation = current_membership().organisation
    return render_template(
        "manage/disposal/run.html",
        rail="disposal",
        run=run,
        state=state_of(run),
        on_request="request" in run.proposal,
        lines=event_lines(db.session(), organisation, run),
        records=record_lines(db.session(), organisation, run),
        numbers=list(NUMBERS.values()),
        needs_other=organisation.disposal_needs_two and run.proposed_by_id == current_user().id,
        form=form,
        zone=organisation.zone,
    )


def _retention_page(public_id: str, form: RetentionForm) -> str:
    event = own_event(public_id, DISPOSAL)
    return render_template(
        "manage/disposal/retention.html",
        rail="disposal",
        event=event,
        title=title_of(event),
        row=event.organisation,
        form=form,
    )
