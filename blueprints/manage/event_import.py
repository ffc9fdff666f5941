"""Events from a calendar file: choose it, see what would come of it, then all that are chosen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, SelectMultipleField

from blueprints.forms import ActionForm, AtMost, BaseForm, TextField, demand_token, options
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.calendar_words import failure_words, left_out_words, said_when
from blueprints.manage.event_verb_forms import suggested_deadline
from blueprints.manage.given import MOST_PASTED, Given, GivenForm
from blueprints.manage.typed import complain
from dialognav.actions import event_imports
from dialognav.actions.external_calendars import Found, discard, stage
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.drafts import EventDraft
from dialognav.domain.errors import NotFound
from dialognav.domain.event_import import MOST_DRAFTS, Basis, Proposal, proposals, told_apart
from dialognav.domain.ics_import import CalendarRefused, read_calendar
from dialognav.domain.ics_lines import MOST_BYTES
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import StagedCalendar
from dialognav.queries.access import access_staged_calendar
from dialognav.queries.external_calendars import own_starts

bp = Blueprint("event_import", __name__, url_prefix="/import-events")

VERB = "edit"
AHEAD = timedelta(days=548)


class UploadForm(GivenForm):
    file = FileField(lazy("File"))
    pasted = TextField(lazy("Or paste the calendar here"), [AtMost(MOST_PASTED)])

    def read(self, zone: str, now: datetime) -> Given | None:
        """What was given, if it reads as a calendar; else None with a sentence at the field."""
        if (given := self.given(MOST_BYTES, missing=_("Choose a file"))) is None:
            return None
        try:
            read_calendar(given.content, zone_name=zone, window=(now, now + AHEAD))
        except CalendarRefused as refused:
            complain(given.field, failure_words(refused.reason))
            return None
        return given


class ChooseForm(BaseForm):
    events = SelectMultipleField(lazy("Which events?"), validate_choice=False)

    def chosen(self, found: Sequence[Proposal]) -> list[EventDraft]:
        keys = set(self.events.data or ())
        return [each.draft for each in found if each.key in keys]


@bp.get("")
def new() -> ResponseReturnValue:
    require(VERB)
    return _new(UploadForm(formdata=None))


def _new(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    limit = MOST_BYTES // 1_000_000
    page = render_template("manage/event_import/new.html", form=form, limit=limit, rail="events")
    return page, status


@bp.post("")
def create() -> ResponseReturnValue:
    require(VERB)
    form, organisation = UploadForm(), current_membership().organisation
    valid, given = form.validate(), form.read(organisation.zone, utcnow())
    if not valid or given is None:
        return _new(form, 422)
    organisation_id, user_id = organisation.id, current_user().id
    found = Found(given.content, filename=given.name[:200])
    with unit_of_work() as session:
        staged = stage(session, organisation_id, found, user_id=user_id, now=utcnow())
        upload_id = staged.public_id
    return redirect(url_for(".show", upload_id=upload_id), 303)


def _staged(upload_id: str) -> StagedCalendar:
    staged = access_staged_calendar(db.session(), current_membership(), upload_id, VERB)
    if staged.url:  # a calendar to be listed, of those who may publish
        raise NotFound
    return staged


def _read(staged: StagedCalendar) -> tuple[list[Proposal], list[str]]:
    """(what would become drafts, what would not and why), as the organisation stands now."""
    organisation, now = current_membership().organisation, utcnow()
    read = read_calendar(staged.content, zone_name=organisation.zone, window=(now, now + AHEAD))
    basis = Basis(
        language=organisation.primary_language,
        region=organisation.region,
        contact_name=current_user().name,
        contact_email=organisation.email,
        contact_phone=organisation.phone,
        contact_hours=organisation.phone_hours,
    )
    found = [
        _with_deadline(each, organisation.country, now) for each in proposals(read.events, basis)
    ]
    starts = [each.draft.starts_at for each in found]
    there = own_starts(db.session(), organisation.id, starts)
    return told_apart(found, there), left_out_words(read.left_out)


def _with_deadline(proposal: Proposal, country: str, now: datetime) -> Proposal:
    draft = proposal.draft
    closes_at = suggested_deadline(draft.starts_at, draft.zone, country, now)
    return replace(proposal, draft=replace(draft, registration_closes_at=closes_at))


@bp.get("/<upload_id>")
def show(upload_id: str) -> ResponseReturnValue:
    staged = _staged(upload_id)
    found, left_out = _read(staged)
    fresh = [each.key for each in found if not each.is_there][:MOST_DRAFTS]
    return _show(staged, found, left_out, ChooseForm(formdata=None, data={"events": fresh}))


def _show(
    staged: StagedCalendar,
    found: list[Proposal],
    left_out: list[str],
    form: ChooseForm,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "manage/event_import/show.html",
        staged=staged,
        form=_with_choices(form, found),
        plain=ActionForm(formdata=None),
        lines=[(each, _when(each.draft)) for each in found],
        left_out=left_out,
        rail="events",
    )
    return page, status


def _with_choices(form: ChooseForm, found: Sequence[Proposal]) -> ChooseForm:
    form.events.choices = options((each.key, _title(each.draft)) for each in found)
    return form


def _title(draft: EventDraft) -> str:
    return draft.title[draft.primary_language]


def _when(draft: EventDraft) -> str:
    first = draft.occasions[0]
    return said_when(first.starts_at, first.ends_at, draft.zone, all_day=first.all_day)


@bp.post("/<upload_id>")
def confirm(upload_id: str) -> ResponseReturnValue:
    """All that are chosen, or none."""
    staged = _staged(upload_id)
    found, left_out = _read(staged)
    form = _with_choices(ChooseForm(), found)
    valid, drafts = form.validate(), form.chosen(found)
    if not drafts:
        complain(form.events, _("Choose at least one event"))
    elif len(drafts) > MOST_DRAFTS:
        complain(form.events, _("Choose at most %(most)s at a time", most=MOST_DRAFTS))
    if not valid or form.events.errors:
        return _show(staged, found, left_out, form, 422)
    row_id, who = staged.id, actor()
    with unit_of_work() as session:
        event_imports.import_events(session, row_id, drafts, now=utcnow(), actor=who)
    return redirect(url_for("manage.events.index", view="drafts", done="events_imported"), 303)


@bp.post("/<upload_id>/discard")
def throw_away(upload_id: str) -> ResponseReturnValue:
    row_id = _staged(upload_id).id
    demand_token()
    with unit_of_work() as session:
        discard(session, row_id)
    return redirect(url_for(".new"), 303)
