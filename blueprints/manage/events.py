"""The organiser's events: the list, a new one, a copy, one event's overview and its preview."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import clean_line, options
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.event_lines import event_lines
from blueprints.manage.event_overview import overview_page
from blueprints.manage.event_verb_forms import (
    HOUR_REFUSED,
    CopyForm,
    NewEventForm,
    deadline_for,
    suggested_deadline,
    typed_times,
)
from blueprints.manage.event_words import done_note
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.workspace import event_page, languages_of, own_event, title_of
from blueprints.public.event_page import render_event
from dialognav.actions import events
from dialognav.actions.event_text import draft_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.drafts import EventDraft
from dialognav.domain.occasions import OccasionLine
from dialognav.i18n import NAMES
from dialognav.models import Event
from dialognav.queries import manage

bp = Blueprint("events", __name__)


@bp.get("/events")
def index() -> ResponseReturnValue:
    require("read")
    view = request.args.get("view", "coming")
    view = view if view in manage.VIEWS else "coming"
    search = clean_line(request.args.get("q"))[:100]
    now, organisation = utcnow(), current_membership().organisation
    session = db.session()
    page = manage.events_in(
        session, organisation.id, view, search, offset_of(request.args), now=now
    )
    return render_template(
        "manage/events/index.html",
        lines=event_lines(session, page.rows, now),
        pages=pager_of(page, view="" if view == "coming" else view, q=search),
        view=view,
        q=search,
        counts=manage.view_counts(session, organisation.id, now=now),
        done=done_note(request.args.get("done", "")),
        rail="events",
    )


@bp.get("/events/new")
def new() -> ResponseReturnValue:
    require("edit")
    organisation = current_membership().organisation
    form = NewEventForm(
        formdata=None,
        kind="market_dialogue",
        primary_language=organisation.primary_language,
        from_time="09:00",
        to_time="12:00",
    )
    return _show_new(form)


def _show_new(form: NewEventForm, status: int = 200) -> ResponseReturnValue:
    organisation = current_membership().organisation
    offered = {*organisation.languages, organisation.primary_language}
    form.primary_language.choices = options(
        (code, name) for code, (name, _short) in NAMES.items() if code in offered
    )
    page = render_template(
        "manage/events/new.html", form=form, zone=organisation.zone, rail="events"
    )
    return page, status


@bp.post("/events/new")
def create() -> ResponseReturnValue:
    require("edit")
    form = NewEventForm()
    organisation = current_membership().organisation
    valid = form.validate()
    times = form.times(organisation.zone)
    if not valid or times is None:
        return _show_new(form, 422)
    now = utcnow()
    language = str(form.primary_language.data)
    draft = EventDraft(
        primary_language=language,
        title={language: str(form.title.data)},
        kind=form.kind.data,
        occasions=(OccasionLine(*times.span, bool(times.all_day)),),
        zone=organisation.zone,
        region=organisation.region,
        registration_closes_at=times.closes_at
        or suggested_deadline(times.starts_at, organisation.zone, organisation.country, now),
        contact_name=current_user().name,  # somebody to ask is needed before publication
        contact_email=organisation.email,
        contact_phone=organisation.phone,
        contact_hours=dict(organisation.phone_hours),
    )
    who, organisation_id = actor(), organisation.id
    with unit_of_work() as session:
        made = events.create_event(session, organisation_id, draft, now=now, actor=who)
        public_id = made.public_id
    return redirect(url_for(".edit", public_id=public_id, done="created"), 303)


@bp.get("/events/<public_id>/copy")
def copy(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    data = typed_times(draft_of(event, rows=False).occasions[0], None, event.zone)
    form = CopyForm(
        formdata=None, data={**data, "date": "", "end_date": "", "title": title_of(event)}
    ).fit(event)
    return _copy_page(event, form)


def _copy_page(event: Event, form: CopyForm) -> str:
    return render_template("manage/events/copy.html", form=form, **event_page(event, ""))


@bp.post("/events/<public_id>/copy")
def create_copy(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    form = CopyForm().fit(event)
    valid = form.validate()
    times = form.times(event.zone)
    if not valid or times is None:
        return _copy_page(event, form), 422
    now, who, event_id = utcnow(), actor(), event.id
    closes_at = times.closes_at or deadline_for(event, times.starts_at, now)
    try:
        with unit_of_work() as session:
            made = events.copy_event(
                session,
                event_id,
                title=str(form.title.data),
                starts_at=times.starts_at,
                ends_at=times.span[1],
                all_day=times.all_day,
                closes_at=closes_at,
                now=now,
                actor=who,
            )
            new_id = made.public_id
    except HOUR_REFUSED:
        form.refuse_hour()
        return _copy_page(own_event(public_id, "edit"), form), 422
    return redirect(url_for(".edit", public_id=new_id, done="copied"), 303)


@bp.get("/events/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    return overview_page(own_event(public_id))


@bp.get("/events/<public_id>/preview")
def preview(public_id: str) -> ResponseReturnValue:
    """The public page of a draft, under a banner that says what it is."""
    event = own_event(public_id)
    wanted = request.args.get("lang", "")
    languages = languages_of(event)
    return render_event(event, wanted if wanted in languages else languages[0], preview=True)
