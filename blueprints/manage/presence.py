"""The attendance report of a digital meeting: upload or paste, look at who is meant, confirm."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, HiddenField

from blueprints.forms import ActionForm, AtMost, TextField, demand_token
from blueprints.guard import actor, current_user
from blueprints.manage.check_in import Door, door_of
from blueprints.manage.given import MOST_PASTED, GivenForm
from blueprints.manage.import_words import refusal
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page
from dialognav.actions import imports
from dialognav.actions import presence_reports as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.presence import MARKED
from dialognav.domain.presence_reports import (
    Expected,
    Match,
    ReportRefused,
    match_people,
    read_report,
)
from dialognav.domain.tables import MOST_BYTES, TableRefused
from dialognav.domain.terms import Seat
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Event, Participant, StagedFile
from dialognav.occasion_names import occasion_name
from dialognav.queries import presence
from dialognav.queries.imports import staged_file

bp = Blueprint("presence", __name__)


class ReportForm(GivenForm):
    file = FileField(lazy("Report"))
    pasted = TextField(lazy("Or paste it here"), [AtMost(MOST_PASTED)])
    occasion = HiddenField()

    def read(self) -> tuple[str, bytes] | None:
        """(file's name, content) of a report; None with a sentence at the field."""
        given = self.given(MOST_BYTES, missing=_("Choose a file, or paste the report"))
        if given is None:
            return None
        try:
            read_report(given.content)
        except ReportRefused:
            complain(
                given.field, _("No list of people was found. Save the attendance report as CSV.")
            )
            return None
        except TableRefused as refused:
            complain(given.field, refusal(refused))
            return None
        return given.name, given.content


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One of the report. `who` is whom it is, or may be; `number` names it in the form."""

    number: int
    name: str
    email: str
    minutes: int
    by: str
    who: list[Expected]
    is_here: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """Sure ones, those who may be one of several, and those who are nobody we know."""

    sure: list[ReportLine]
    unsure: list[ReportLine]
    unknown: list[ReportLine]
    left: list[Expected]  # who has a place and is not surely in the report

    @property
    def lines(self) -> list[ReportLine]:
        return [*self.sure, *self.unsure, *self.unknown]


@bp.get("/events/<public_id>/check-in/report")
def new(public_id: str) -> ResponseReturnValue:
    door = door_of(public_id)
    return _show_new(door, ReportForm(formdata=None, occasion=str(door.occasion.id)))


def _show_new(door: Door, form: ReportForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "manage/presence/new.html",
        door=door,
        form=form,
        limit=MOST_BYTES // 1024 // 1024,
        days=[(each.id, occasion_name(door.event, each)) for each in door.event.live_occasions],
        **event_page(door.event, "check-in"),
    )
    return page, status


@bp.post("/events/<public_id>/check-in/report")
def create(public_id: str) -> ResponseReturnValue:
    door, form = door_of(public_id), ReportForm()
    read = form.read() if form.validate() else None
    if read is None:
        return _show_new(door, form, 422)
    event_id, options, by_id = door.event.id, {"occasion": door.occasion.id}, current_user().id
    with unit_of_work() as session:
        staged = imports.stage(
            session,
            event_id,
            *read,
            options,
            user_id=by_id,
            now=utcnow(),
            purpose=actions.PURPOSE,
        )
        report_id = staged.public_id
    return redirect(url_for(".show", public_id=public_id, report_id=report_id), 303)


def _staged(public_id: str, report_id: str) -> tuple[Door, StagedFile]:
    door = door_of(public_id)
    staged = staged_file(db.session(), door.event.id, report_id, actions.PURPOSE)
    return door, staged


@bp.get("/events/<public_id>/check-in/report/<report_id>")
def show(public_id: str, report_id: str) -> ResponseReturnValue:
    door, staged = _staged(public_id, report_id)
    return render_template(
        "manage/presence/show.html",
        door=door,
        report_id=report_id,
        preview=preview_of(door.event, staged),
        form=ActionForm(formdata=None),
        **event_page(door.event, "check-in"),
    )


def preview_of(event: Event, staged: StagedFile) -> Preview:
    """The file read anew, beside those who have a place at its day."""
    occasion = presence.occasion_of(event, str(staged.options.get("occasion")), utcnow())
    seats = presence.seats_at(db.session(), occasion.id, states=MARKED)
    expected = {seat.participant.public_id: _expected(seat.participant) for seat in seats}
    here = {seat.participant.public_id for seat in seats if seat.state == Seat.ATTENDED}
    matches = match_people(read_report(staged.content), list(expected.values()))
    lines = [
        ReportLine(
            number,
            each.attended.name,
            each.attended.email,
            each.attended.minutes,
            each.by,
            [expected[one] for one in each.ids],
            each.is_sure and each.ids[0] in here,
        )
        for number, each in enumerate(matches)
    ]
    kinds: dict[str, list[ReportLine]] = {"sure": [], "unsure": [], "unknown": []}
    for line, each in zip(lines, matches, strict=True):
        kinds[_kind(each)].append(line)
    sure = {each.ids[0] for each in matches if each.is_sure}
    left = [one for one in expected.values() if one.id not in sure]
    return Preview(kinds["sure"], kinds["unsure"], kinds["unknown"], left)


def _kind(match: Match) -> str:
    if match.is_sure:
        return "sure"
    return "unsure" if match.ids else "unknown"


def _expected(person: Participant) -> Expected:
    return Expected(person.public_id, person.name, person.email, person.registration.party_name)


@bp.post("/events/<public_id>/check-in/report/<report_id>")
def confirm(public_id: str, report_id: str) -> ResponseReturnValue:
    door, staged = _staged(public_id, report_id)
    demand_token()
    preview = preview_of(door.event, staged)
    chosen = chosen_people(preview)
    event_id, staged_id, who = door.event.id, staged.id, actor()
    occasion_id = presence.occasion_of(door.event, str(staged.options.get("occasion")), utcnow()).id
    with unit_of_work() as session:
        actions.mark_reported(
            session, event_id, occasion_id, staged_id, chosen, now=utcnow(), actor=who
        )
    return redirect(
        url_for("manage.check_in.index", public_id=public_id, occasion=occasion_id, done="report"),
        303,
    )


def chosen_people(preview: Preview) -> set[str]:
    """The sure ones that are ticked, and whom somebody chose for the others."""
    known = {one.id for line in preview.sure for one in line.who}
    known |= {one.id for one in preview.left}
    wanted = {request.form.get(f"who-{line.number}", "") for line in preview.lines}
    return wanted & known


@bp.post("/events/<public_id>/check-in/report/<report_id>/discard")
def discard(public_id: str, report_id: str) -> ResponseReturnValue:
    door, staged = _staged(public_id, report_id)
    demand_token()
    staged_id, address = staged.id, door.address()
    with unit_of_work() as session:
        imports.discard(session, staged_id)
    return redirect(address, 303)
