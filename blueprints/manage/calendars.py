"""Other authorities' calendars that the organisation lists: look first, then show, or let go."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import limits
from blueprints.context import settings
from blueprints.forms import ActionForm, AtMost, BaseForm, LineField, Required, demand_token
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.calendar_words import (
    done_words,
    failure_words,
    left_out_words,
    line_of,
    list_refusal,
)
from blueprints.manage.typed import complain
from dialognav.actions import external_calendars as calendars
from dialognav.calendar_reading import read_from
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound
from dialognav.domain.ics_import import CalendarRead, CalendarRefused, read_calendar
from dialognav.domain.web_targets import read_target
from dialognav.fetch import FetchFailed
from dialognav.i18n import lazy
from dialognav.models import ExternalCalendar, StagedCalendar
from dialognav.queries import external_calendars
from dialognav.queries.access import access_calendar, access_staged_calendar

bp = Blueprint("calendars", __name__, url_prefix="/calendars")

VERB = "publish"
SHOWN = 100  # events on one page
LOOKS_AN_HOUR = 30  # at other servers, by one organisation


class AddressForm(BaseForm):
    url = LineField(
        lazy("Address of the calendar"),
        [Required(lazy("Enter the address of a calendar")), AtMost(1000)],
    )


class NameForm(BaseForm):
    name = LineField(
        lazy("Name"),
        [
            Required(lazy("Enter whose calendar it is, as visitors should see it")),
            AtMost(calendars.LONGEST_NAME),
        ],
        description=lazy("Whose calendar it is. Visitors see it beside each event."),
    )


@bp.get("")
def index() -> ResponseReturnValue:
    require(VERB)
    return _index(AddressForm(formdata=None))


def _index(form: AddressForm, status: int = 200) -> ResponseReturnValue:
    organisation = current_membership().organisation
    listed = external_calendars.of_organisation(db.session(), organisation.id, now=utcnow())
    page = render_template(
        "manage/calendars/index.html",
        form=form,
        listed=listed,
        failure_words=failure_words,
        zone=organisation.zone,
        done=done_words(request.args.get("done", "")),
        rail="calendars",
    )
    return page, status


@bp.post("")
def create() -> ResponseReturnValue:
    """Read the calendar, and show what it says before it is listed."""
    require(VERB)
    form = AddressForm()
    organisation, user_id = current_membership().organisation, current_user().id
    organisation_id, zone = organisation.id, organisation.zone
    found = _looked_at(form, organisation_id, zone) if form.validate() else None
    if found is None:
        return _index(form, 422)
    with unit_of_work() as session:
        staged = calendars.stage(session, organisation_id, found, user_id=user_id, now=utcnow())
        look_id = staged.public_id
    return redirect(url_for(".look", look_id=look_id), 303)


def _looked_at(form: AddressForm, organisation_id: int, zone: str) -> calendars.Found | None:
    """What stands at the typed address; None with a sentence at the field."""
    base_url = settings().base_url
    try:
        url = read_target(form.url.data or "").url
        if urlsplit(url).netloc == urlsplit(base_url).netloc:
            raise FetchFailed("own")
        limits.count("calendar-look", str(organisation_id), limit=LOOKS_AN_HOUR, seconds=3600)
        fetched, _read = read_from(url, zone=zone, now=utcnow(), base_url=base_url)
    except ValueError:
        complain(form.url, failure_words("address"))
    except FetchFailed as failed:
        complain(form.url, failure_words(failed.code))
    except CalendarRefused as refused:
        complain(form.url, failure_words(refused.reason))
    else:
        return calendars.Found(
            fetched.content or b"",
            url=url,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
        )
    return None


def _staged(look_id: str) -> tuple[StagedCalendar, CalendarRead]:
    """A calendar that was fetched, and what it says."""
    staged = access_staged_calendar(db.session(), current_membership(), look_id, VERB)
    if not staged.url:
        raise NotFound
    zone = current_membership().organisation.zone
    window = calendars.window(utcnow())
    return staged, read_calendar(staged.content, zone_name=zone, window=window)


@bp.get("/new/<look_id>")
def look(look_id: str) -> ResponseReturnValue:
    staged, read = _staged(look_id)
    host = urlsplit(staged.url).hostname or ""
    return _look(staged, read, NameForm(formdata=None, data={"name": read.name or host}))


def _look(
    staged: StagedCalendar, read: CalendarRead, form: NameForm, status: int = 200
) -> ResponseReturnValue:
    now = utcnow()
    coming = [event for event in read.events if event.ends_at > now]
    page = render_template(
        "manage/calendars/look.html",
        staged=staged,
        form=form,
        plain=ActionForm(formdata=None),
        lines=[line_of(event) for event in coming[:SHOWN]],
        total=len(coming),
        left_out=left_out_words(read.left_out),
        rail="calendars",
    )
    return page, status


@bp.post("/new/<look_id>")
def confirm(look_id: str) -> ResponseReturnValue:
    staged, read = _staged(look_id)
    form = NameForm()
    if not form.validate():
        return _look(staged, read, form, 422)
    row_id, who = staged.id, actor()
    try:
        with unit_of_work() as session:
            calendars.list_calendar(
                session, row_id, str(form.name.data), read, now=utcnow(), actor=who
            )
    except (calendars.AlreadyListed, calendars.TooManyCalendars) as broken:
        form.form_errors.append(list_refusal(broken.code))
        return _look(*_staged(look_id), form, 409)
    return redirect(url_for(".index", done="listed"), 303)


@bp.post("/new/<look_id>/discard")
def discard(look_id: str) -> ResponseReturnValue:
    row_id = _staged(look_id)[0].id
    demand_token()
    with unit_of_work() as session:
        calendars.discard(session, row_id)
    return redirect(url_for(".index"), 303)


def _calendar(calendar_id: str) -> ExternalCalendar:
    return access_calendar(db.session(), current_membership(), calendar_id, VERB)


@bp.get("/<calendar_id>")
def show(calendar_id: str) -> ResponseReturnValue:
    calendar = _calendar(calendar_id)
    return _show(calendar, NameForm(formdata=None, obj=calendar))


def _show(calendar: ExternalCalendar, form: NameForm, status: int = 200) -> ResponseReturnValue:
    found = external_calendars.events_of(db.session(), calendar.id, now=utcnow(), limit=SHOWN)
    page = render_template(
        "manage/calendars/show.html",
        calendar=calendar,
        form=form,
        plain=ActionForm(formdata=None),
        lines=[line_of(event) for event in found],
        shown=SHOWN,
        failure=failure_words(calendar.failure) if calendar.failure else "",
        zone=current_membership().organisation.zone,
        done=done_words(request.args.get("done", "")),
        rail="calendars",
    )
    return page, status


@bp.post("/<calendar_id>")
def update(calendar_id: str) -> ResponseReturnValue:
    calendar, form = _calendar(calendar_id), NameForm()
    if not form.validate():
        return _show(calendar, form, 422)
    row_id, who = calendar.id, actor()
    with unit_of_work() as session:
        calendars.rename(session, row_id, str(form.name.data), now=utcnow(), actor=who)
    return redirect(url_for(".show", calendar_id=calendar_id, done="saved"), 303)


@bp.post("/<calendar_id>/read")
def read_again(calendar_id: str) -> ResponseReturnValue:
    row_id, who = _calendar(calendar_id).id, actor()
    demand_token()
    organisation_id = current_membership().organisation_id
    limits.count("calendar-look", str(organisation_id), limit=LOOKS_AN_HOUR, seconds=3600)
    with unit_of_work() as session:
        calendars.read_again(session, row_id, now=utcnow(), actor=who)
    return redirect(url_for(".show", calendar_id=calendar_id, done="due"), 303)


@bp.post("/<calendar_id>/remove")
def remove(calendar_id: str) -> ResponseReturnValue:
    row_id, who = _calendar(calendar_id).id, actor()
    demand_token()
    with unit_of_work() as session:
        calendars.remove(session, row_id, now=utcnow(), actor=who)
    return redirect(url_for(".index", done="removed"), 303)
