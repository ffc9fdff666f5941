"""What needs somebody, what is coming, and what has been reached this year."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import settings
from blueprints.guard import allows, current_membership, current_user, require
from blueprints.manage.event_lines import line_of
from blueprints.manage.event_words import LACKING, done_note
from blueprints.manage.meeting_todos import meeting_lines
from blueprints.manage.message_page import address_of, subject_of
from blueprints.manage.todos import Todo
from blueprints.manage.workspace import title_of
from blueprints.public.sign_up import Counted, sign_up_view
from dialognav.actions.event_text import draft_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.publishing import lacking
from dialognav.domain.terms import EventState
from dialognav.domain.timing import to_instant
from dialognav.i18n import NAMES, clock_text, date_text, local, moment_text, ngettext
from dialognav.i18n import gettext as _
from dialognav.mail.instance import is_held
from dialognav.models import Event
from dialognav.queries import inbox, manage, message_log, privacy, reviews
from dialognav.queries.registrations import occupancy

bp = Blueprint("dashboard", __name__)

_SOON = timedelta(days=3)
_ROWS = 12  # of the table; the rest is a click away
_AHEAD = 6  # lines of "Coming up"


@dataclass(frozen=True, slots=True)
class Ahead:
    at: datetime
    day: str
    what: str
    text: str


@bp.get("/")
def show() -> ResponseReturnValue:
    require("read")
    now, session = utcnow(), db.session()
    organisation = current_membership().organisation
    found = manage.current_events(session, organisation.id, now=now)
    held = occupancy(session, [event.id for event in found]) if found else {}
    todos = [
        *_mail_todos(organisation.id),
        *_inbox_todos(organisation.id),
        *_review_todos(organisation.id, found),
        *_message_todos(organisation.id),
        *meeting_lines(organisation, now),
        *_privacy_todos(organisation.id),
        *_event_todos(found, held, now),
    ]
    return render_template(
        "manage/dashboard.html",
        greeting=_greeting(now, organisation.zone),
        today=date_text(now, organisation.zone, "long"),
        week=local(now, organisation.zone).isocalendar().week,
        todos=sorted(todos, key=lambda todo: ("bad", "warn", "info").index(todo.tone)),
        lines=[line_of(event, held, now) for event in found[:_ROWS]],
        has_more=len(found) > _ROWS,
        ahead=_ahead(found, now)[:_AHEAD],
        year=manage.year_so_far(session, organisation.id, _new_year(now, organisation.zone)),
        done=done_note(request.args.get("done", "")),
        rail="dashboard",
    )


def _inbox_todos(organisation_id: int) -> list[Todo]:
    """Mail that a person has to look at."""
    waiting = inbox.open_mails(db.session(), organisation_id) if allows("letters") else 0
    if not waiting:
        return []
    title = ngettext(
        "%(num)s e-mail waits in the inbox", "%(num)s e-mails wait in the inbox", waiting
    )
    text = _("Answers that do not fit, proposals of another time, and what could not be passed on.")
    return [Todo("info", "chat", title, text, url_for("manage.inbox.index"), _("Open the inbox"))]


def _greeting(now: datetime, zone: str) -> str:
    hour, name = local(now, zone).hour, (current_user().name.split() or [""])[0]
    if hour < 10:
        return _("Good morning, %(name)s", name=name)
    if hour < 18:
        return _("Hello, %(name)s", name=name)
    return _("Good evening, %(name)s", name=name)


def _new_year(now: datetime, zone: str) -> datetime:
    wall = local(now, zone).replace(tzinfo=None, month=1, day=1, hour=0, minute=0)
    return to_instant(wall.replace(second=0, microsecond=0), zone)


# --- what needs somebody ---------------------------------------------------------------------


def _mail_todos(organisation_id: int) -> list[Todo]:
    session = db.session()
    todos = []
    if is_held(session, settings()):
        todos.append(
            Todo(
                "bad",
                "mail",
                _("All mail is held"),
                _(
                    "This looks like a copy of the installation. The operator releases it with a"
                    " command when it is not."
                ),
                url_for("manage.letters.index") if allows("letters") else "",
                _("See the letters"),
            )
        )
    failed = sum(manage.given_up_by_event(session, organisation_id).values())
    if failed and allows("letters"):
        todos.append(
            Todo(
                "bad",
                "mail",
                ngettext("%(num)s letter did not arrive", "%(num)s letters did not arrive", failed),
                _("See why, correct the address or send again."),
                url_for("manage.letters.index", status="given_up"),
                _("See addresses"),
            )
        )
    return todos


def _privacy_todos(organisation_id: int) -> list[Todo]:
    waiting = privacy.open_requests(db.session(), organisation_id) if allows("disposal") else 0
    if not waiting:
        return []
    text = ngettext(
        "%(num)s person asks about own data", "%(num)s people ask about own data", waiting
    )
    url = url_for("manage.disposal.index")
    return [Todo("warn", "lock", text, _("Answer within a month."), url, _("See the requests"))]


def _review_todos(organisation_id: int, found: list[Event]) -> list[Todo]:
    if not allows("review"):
        return []
    waiting = reviews.waiting_by_event(db.session(), organisation_id)
    return [
        Todo(
            "warn",
            "eye",
            ngettext(
                "%(num)s registration to look at",
                "%(num)s registrations to look at",
                waiting[event.id],
            ),
            title_of(event),
            url_for("manage.review.index", public_id=event.public_id),
            _("Look at them"),
        )
        for event in found
        if event.id in waiting
    ]


def _message_todos(organisation_id: int) -> list[Todo]:
    """Those that wait for approval by somebody else than who wrote them."""
    if not (allows("message_approval") and current_membership().organisation.message_approval):
        return []
    title, action = _("A message waits for approval"), _("Read it")
    waiting = message_log.to_approve(db.session(), organisation_id, current_user().id)
    return [
        Todo("warn", "eye", title, subject_of(message), address_of(message.public_id), action)
        for message in waiting
    ]


def _event_todos(found: list[Event], held: Counted, now: datetime) -> list[Todo]:
    return [todo for event in found for todo in _todos_of(event, held, now)]


def _todos_of(event: Event, held: Counted, now: datetime) -> list[Todo]:
    title = title_of(event)
    todos = []
    if event.state == EventState.DRAFT:
        missing = lacking(draft_of(event, rows=False), now)
        if missing:
            text = " · ".join(str(LACKING[name]) for name in missing[:3])
            todos.append(
                _todo("info", "edit", _("A draft lacks something"), title, text, event, "edit")
            )
        else:
            todos.append(
                _todo("info", "globe", _("A draft can be published"), title, "", event, "show")
            )
    if event.state == EventState.POSTPONED:
        todos.append(_todo("warn", "clock", _("A new date is missing"), title, "", event, "show"))
    if event.stale_languages:
        said = ", ".join(NAMES[code][0] for code in event.stale_languages)
        text = _("The original has changed: %(languages)s", languages=said)
        todos.append(
            _todo(
                "warn",
                "globe",
                _("A translation is older than its original"),
                title,
                text,
                event,
                "edit",
            )
        )
    todos += _deadline_todos(event, held, now)
    return todos


def _deadline_todos(event: Event, held: Counted, now: datetime) -> list[Todo]:
    view = sign_up_view(event, held, now)
    closes = event.registration_closes_at
    todos = []
    if event.state == EventState.PUBLISHED and closes and now < closes <= now + _SOON:
        when = moment_text(closes, event.zone)
        text = _("Closes %(when)s", when=when)
        todos.append(
            _todo(
                "info", "clock", _("Registration closes soon"), title_of(event), text, event, "show"
            )
        )
    ahead = (each for each in event.live_occasions if now < each.ends_at)
    needs_link = event.format != "on_site" and not all(each.online_url for each in ahead)
    if event.state == EventState.PUBLISHED and needs_link and view.state != "past":
        todos.append(
            _todo(
                "warn",
                "screen",
                _("The meeting link is missing"),
                title_of(event),
                "",
                event,
                "edit",
            )
        )
    return todos


def _todo(
    tone: str, glyph: str, what: str, title: str, text: str, event: Event, where: str
) -> Todo:
    may_edit = where != "edit" or allows("edit")
    url = url_for(f"manage.events.{where if may_edit else 'show'}", public_id=event.public_id)
    said = f"{title}. {text}" if text else title
    return Todo(
        tone,
        glyph,
        what,
        said,
        url,
        _("Edit") if where == "edit" and may_edit else _("Open the event"),
    )


# --- what is coming --------------------------------------------------------------------------


def _ahead(found: list[Event], now: datetime) -> list[Ahead]:
    """The next instants: publications, openings, deadlines, starts."""
    ahead = []
    for event in found:
        title = title_of(event)
        moments = [
            (event.publish_at, _("%(title)s is published", title=title)),
            (event.registration_closes_at, _("Last day to register: %(title)s", title=title)),
            (event.registration_opens_at, _("Registration opens: %(title)s", title=title)),
            (event.starts_at, title),
        ]
        if event.state in (EventState.DRAFT, EventState.POSTPONED):
            continue
        for at, what in moments:
            if at is not None and at > now:
                day = date_text(at, event.zone, "short")
                ahead.append(Ahead(at, day, what, clock_text(at, event.zone)))
    return sorted(ahead, key=lambda each: each.at)
