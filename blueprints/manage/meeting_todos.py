"""What of one-to-one meetings needs somebody, as lines of the dashboard."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for

from blueprints.guard import allows, current_user
from blueprints.manage.todos import Todo
from blueprints.manage.workspace import title_of
from dialognav.db import db
from dialognav.domain.minutes import may_approve
from dialognav.domain.permissions import MEETING_NOTES, MEETINGS, MINUTES_APPROVAL
from dialognav.i18n import gettext as _
from dialognav.i18n import ngettext
from dialognav.models import Event, Organisation
from dialognav.queries import meeting_todos
from dialognav.queries.meeting_todos import MinutesTodo


def meeting_lines(organisation: Organisation, now: datetime) -> Iterator[Todo]:
    session = db.session()
    if not meeting_todos.are_planned(session, organisation.id):
        return
    if allows(MINUTES_APPROVAL) or allows(MEETING_NOTES):
        for each in meeting_todos.minutes_todos(session, organisation.id):
            yield from _minutes(each, needs_two=organisation.minutes_need_two)
    if allows(MINUTES_APPROVAL):
        yield from _to_share(organisation)
    if allows(MEETINGS):
        yield from _of_plans(organisation, now)


def _of_plans(organisation: Organisation, now: datetime) -> Iterator[Todo]:
    session = db.session()
    for event in meeting_todos.draws_to_publish(session, organisation.id):
        url = url_for("manage.draws.show", public_id=event.public_id)
        what = _("The draw of meetings is made and waits for you")
        yield Todo("info", "okc", what, title_of(event), url, _("Look it through"))
    for event, number in meeting_todos.unstaffed_by_event(session, organisation.id, now=now):
        what = ngettext(
            "%(num)s meeting soon lacks somebody who asks or takes notes",
            "%(num)s meetings soon lack somebody who asks or takes notes",
            number,
        )
        yield _board("bad", "people", what, event)
    for event, number in meeting_todos.waiting_by_event(session, organisation.id, now=now):
        what = ngettext(
            "%(num)s supplier waits for a meeting while a time is free",
            "%(num)s suppliers wait for a meeting while a time is free",
            number,
        )
        yield _board("warn", "clock", what, event)


def _to_share(organisation: Organisation) -> Iterator[Todo]:
    for event, number in meeting_todos.drafts_to_share(db.session(), organisation.id):
        what = ngettext(
            "%(num)s draft waits to be shared with all",
            "%(num)s drafts wait to be shared with all",
            number,
        )
        url = url_for("manage.shared_items.index", public_id=event.public_id)
        yield Todo("info", "scale", what, title_of(event), url, _("Look it through"))


def _minutes(one: MinutesTodo, *, needs_two: bool) -> Iterator[Todo]:
    url = url_for("manage.minutes.show", public_id=one.event.public_id, booking_id=one.booking_id)
    text = f"{one.party}. {title_of(one.event)}"
    if one.needs_answer and allows(MEETING_NOTES):
        yield Todo("warn", "edit", _("A supplier corrects the minutes"), text, url, _("Answer"))
    elif (
        not one.needs_answer
        and allows(MINUTES_APPROVAL)
        and may_approve(current_user().id, one.writer_ids, needs_two=needs_two)
    ):
        yield Todo("info", "okc", _("Minutes wait for approval"), text, url, _("Read them"))


def _board(tone: str, glyph: str, what: str, event: Event) -> Todo:
    url = url_for("manage.meeting_board.show", public_id=event.public_id)
    return Todo(tone, glyph, what, title_of(event), url, _("Open the board"))
