"""Where the event was announced: the record of who could have known, and when (domain.md 3.5)."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField

from blueprints.forms import (
    ActionForm,
    AtMost,
    BaseForm,
    LineField,
    Required,
    demand_token,
    options,
)
from blueprints.guard import current_user
from blueprints.manage import typed
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import announcements
from dialognav.actions.announcements import BY_HAND, Note, version_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile
from dialognav.domain.terms import AnnouncedAt
from dialognav.domain.timing import to_wall
from dialognav.i18n import date_text, lazy, moment_text, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import Announcement, Event
from dialognav.queries.announcements import announcement_of, announcements_of
from dialognav.words import ANNOUNCED_AT

bp = Blueprint("announcements", __name__)

MIDNIGHT = time(0)


class AnnouncementForm(BaseForm):
    place = SelectField(lazy("Where"))
    name = LineField(
        lazy("Name of the place"),
        [AtMost(120)],
        description=lazy("Only for “Elsewhere”: a newspaper, a network, another database."),
    )
    date = LineField(lazy("Date"), [Required(lazy("Enter the date"))])
    clock = LineField(lazy("Time"))
    reference = LineField(
        lazy("Reference"), [AtMost(200)], description=lazy("The number of the notice, for example")
    )
    url = LineField(lazy("Web address"), [AtMost(1000)])
    version = HiddenField()

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self.place.choices = options((str(each), ANNOUNCED_AT[each]) for each in BY_HAND)

    def note(self, zone: str) -> Note | None:
        """None when a field got a sentence."""
        is_valid = self.validate()
        at = typed.read_moment(self.date, self.clock, zone, MIDNIGHT) if self.date.data else None
        if at is not None and at > utcnow():
            typed.complain(self.date, _("Enter a time that has been"))
        if self.place.data == AnnouncedAt.OTHER and not self.name.data:
            typed.complain(self.name, _("Write where it was announced"))
        typed.check_web_address(self.url)
        if not is_valid or at is None or any(field.errors for field in self):
            return None
        return Note(
            place=str(self.place.data),
            announced_at=at,
            name=self.name.data or "",
            reference=self.reference.data or "",
            url=self.url.data or "",
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What one announcement is called, and when it was; `id` is "" for what we noted ourselves."""

    id: str
    place: str
    when: str
    told: str
    reference: str
    url: str
    noted_by: str


def lines_of(event: Event) -> list[Line]:
    """In the order of time."""
    return [_line(row, name, event.zone) for row, name in announcements_of(db.session(), event.id)]


def _line(row: Announcement, name: str, zone: str) -> Line:
    is_day = to_wall(row.announced_at, zone).time() == MIDNIGHT
    say = date_text if is_day else moment_text
    told = ngettext("%(num)s address", "%(num)s addresses", row.reached) if row.reached else ""
    return Line(
        row.public_id if row.noted_by_id is not None else "",
        row.name or str(ANNOUNCED_AT[row.place]),
        say(row.announced_at, zone, "medium"),
        told,
        row.reference,
        row.url,
        name,
    )


@bp.get("/events/<public_id>/announcements")
def index(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id)
    today = to_wall(utcnow(), event.zone).date().isoformat()
    return _show(event, AnnouncementForm(formdata=None, data={"date": today}))


@bp.post("/events/<public_id>/announcements")
def create(public_id: str) -> ResponseReturnValue:
    event, form = own_event(public_id, "edit"), AnnouncementForm()
    note = form.note(event.zone)
    if note is None:
        return _show(event, form, 422)
    event_id, user_id = event.id, current_user().id
    with unit_of_work() as session:
        announcements.add(session, event_id, note, user_id=user_id, now=utcnow())
    return redirect(url_for(".index", public_id=public_id, done="noted"), 303)


@bp.get("/events/<public_id>/announcements/<announcement_id>")
def edit(public_id: str, announcement_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    row = announcement_of(db.session(), event.id, announcement_id)
    form = AnnouncementForm(formdata=None, data=_typed(row, event.zone))
    return _edit_page(event, row, form)


@bp.post("/events/<public_id>/announcements/<announcement_id>")
def update(public_id: str, announcement_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    row, form = announcement_of(db.session(), event.id, announcement_id), AnnouncementForm()
    note = form.note(event.zone)
    if note is None:
        return _edit_page(event, row, form), 422
    row_id, user_id = row.id, current_user().id
    expected = str(form.version.data or "")
    try:
        with unit_of_work() as session:
            announcements.update(
                session, row_id, note, expected=expected, user_id=user_id, now=utcnow()
            )
    except EditedMeanwhile:
        return _show_both(public_id, announcement_id, form)
    return redirect(url_for(".index", public_id=public_id, done="saved"), 303)


@bp.post("/events/<public_id>/announcements/<announcement_id>/remove")
def remove(public_id: str, announcement_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    row_id = announcement_of(db.session(), event.id, announcement_id).id
    demand_token()
    user_id = current_user().id
    with unit_of_work() as session:
        announcements.remove(session, row_id, user_id=user_id, now=utcnow())
    return redirect(url_for(".index", public_id=public_id, done="note_removed"), 303)


def _typed(row: Announcement, zone: str) -> dict[str, str]:
    wall = to_wall(row.announced_at, zone)
    return {
        "place": str(row.place),
        "name": row.name,
        "date": wall.date().isoformat(),
        "clock": "" if wall.time() == MIDNIGHT else f"{wall:%H:%M}",
        "reference": row.reference,
        "url": row.url,
        "version": version_of(row),
    }


def _show(event: Event, form: AnnouncementForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "manage/events/announcements.html",
        form=form,
        plain=ActionForm(formdata=None),
        lines=lines_of(event),
        **event_page(event, "overview"),
    )
    return page, status


def _edit_page(
    event: Event, row: Announcement, form: AnnouncementForm, *, both: dict[str, Any] | None = None
) -> str:
    return render_template(
        "manage/events/announcement.html",
        form=form,
        row=row,
        both=both,
        **event_page(event, "overview"),
    )


def _show_both(public_id: str, announcement_id: str, form: AnnouncementForm) -> ResponseReturnValue:
    """Somebody saved meanwhile: both texts; the next save is a knowing one (decisions.md 23)."""
    event = own_event(public_id, "edit")
    row = announcement_of(db.session(), event.id, announcement_id)
    theirs = _typed(row, event.zone)
    form.version.data = theirs.pop("version")
    pairs = [(form[name], said, form[name].data or "") for name, said in theirs.items()]
    conflicts = [
        (str(field.label.text), _shown(field.name, said), _shown(field.name, mine))
        for field, said, mine in pairs
        if said != mine
    ]
    both = {"who": _("A colleague"), "conflicts": conflicts, "taken": []}
    return _edit_page(event, row, form, both=both), 409


def _shown(name: str, value: str) -> str:
    return str(ANNOUNCED_AT[AnnouncedAt(value)]) if name == "place" else value
