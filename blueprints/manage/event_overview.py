"""One event's overview: what lacks, how it stands, and the verbs that change what is planned."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.context import external_url
from blueprints.forms import ActionForm
from blueprints.guard import allows
from blueprints.manage.announcements import lines_of
from blueprints.manage.clock_notice import clock_notice
from blueprints.manage.event_lines import taken_of
from blueprints.manage.event_verb_forms import (
    PublishAtForm,
    TimesForm,
    reason_form,
    typed_times,
)
from blueprints.manage.event_words import LACKING, Check, check_of, consequence_text
from blueprints.manage.occasion_lines import occasion_views
from blueprints.manage.trail import trail_lines
from blueprints.manage.unsent_notice import unsent_view
from blueprints.manage.workspace import event_page, languages_of
from blueprints.public.event_rows import event_url
from blueprints.public.sign_up import SignUpView, sign_up_view
from dialognav.actions.event_text import draft_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain import publishing
from dialognav.domain.drafts import EventDraft
from dialognav.domain.terms import EventState
from dialognav.i18n import NAMES
from dialognav.models import Event
from dialognav.queries import manage
from dialognav.queries.access_needs import open_needs
from dialognav.queries.hosts import hosts_of
from dialognav.queries.meeting_todos import booked_ahead
from dialognav.queries.message_log import planned_for
from dialognav.queries.registrations import occupancy

VERBS = (
    "publish",
    "schedule",
    "unschedule",
    "move",
    "postpone",
    "set_new_date",
    "cancel",
    "to_procurement",
    "delete",
)
_LATEST = 5  # lines of the trail


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page; one that came back with problems replaces the fresh one."""

    move: TimesForm
    new_date: TimesForm
    schedule: PublishAtForm
    postpone: Any
    cancel: Any
    plain: ActionForm


def fresh_forms(event: Event, draft: EventDraft, bad: dict[str, Any]) -> Forms:
    closes_at = draft.registration_closes_at
    times = typed_times(draft.occasions[0], closes_at, draft.zone)
    reason = reason_form(languages_of(event))
    fresh: dict[str, Any] = {
        "move": TimesForm(formdata=None, prefix="move-", data=times).fit(event),
        "new_date": TimesForm(
            formdata=None,
            prefix="new_date-",
            data={name: times[name] for name in ("from_time", "to_time", "all_day")},
        ).fit(event),
        "schedule": PublishAtForm(formdata=None, prefix="schedule-", publish_time="08:00"),
        "postpone": reason(formdata=None, prefix="postpone-"),
        "cancel": reason(formdata=None, prefix="cancel-"),
        "plain": ActionForm(formdata=None),
    }
    return Forms(**fresh | bad)


def overview_page(
    event: Event, status: int = 200, *, bad_occasion: tuple[int, Any] | None = None, **bad: Any
) -> ResponseReturnValue:
    """The page; `bad` names a form that came back, with its problems: `move=form`.

    `bad_occasion` is such a form of one occasion, after its id.
    """
    now, session = utcnow(), db.session()
    draft = draft_of(event)
    held = occupancy(session, [event.id])
    view = sign_up_view(event, held, now)
    meetings = booked_ahead(session, event.id, now=now)
    log = manage.trail_of(session, event.organisation_id, event.id, 0, _LATEST)
    page = render_template(
        "manage/events/show.html",
        draft=draft,
        previews=[(code, NAMES[code][0]) for code in languages_of(event)],
        forms=fresh_forms(event, draft, bad),
        form=next(iter(bad.values()), bad_occasion[1] if bad_occasion else None),
        bad_occasion=bad_occasion[0] if bad_occasion else 0,
        sessions=occasion_views(event, held, now, bad_occasion),
        bad=set(bad),
        can={verb: allows("publish") and may_now(verb, event, now) for verb in VERBS}
        | {"delete": allows("edit") and may_now("delete", event, now)},
        checks=checks_of(event, draft, now) if event.state in _UNSEEN else [],
        is_ready=not publishing.lacking(draft, now),
        seats=view,
        taken=taken_of(event, held),
        people=manage.seated_people(session, event.id)
        if len(event.occasions) > 1
        else taken_of(event, held),
        parties=manage.party_count(session, event.id),
        consequences=_consequences(event, view, taken_of(event, held), meetings, now),
        meetings_off=consequence_text(publishing.Consequence("meetings", meetings))
        if meetings
        else "",
        hosts=hosts_of(session, event.id),
        announced=lines_of(event),
        help_asked=open_needs(session, event.id, now=now) if allows("registrations") else (0, None),
        log=trail_lines(session, log.rows),
        clock=clock_notice(session, event, now),
        unsent=unsent_view(session, event),
        public_url=external_url(event_url(event.slug, event.primary_language)),
        **event_page(event, "overview"),
    )
    return page, status


_UNSEEN = (EventState.DRAFT, EventState.SCHEDULED)


def may_now(verb: str, event: Event, now: datetime) -> bool:
    return publishing.may_now(verb, event.state, event.ends_at, event.phase, now)


def checks_of(event: Event, draft: EventDraft, now: datetime) -> list[Check]:
    """What lacks first, then what a colleague would say, then what is fine."""
    missing = [
        Check("bad", str(LACKING[name]), _anchor(name, draft))
        for name in publishing.lacking(draft, now)
    ]
    stale = set(event.stale_languages)
    said = [check_of(h) for h in publishing.hints(draft, stale, languages_of(event), now)]
    order = ("warn", "info", "ok")
    return missing + sorted(said, key=lambda check: order.index(check.tone))


def _anchor(name: str, draft: EventDraft) -> str:
    return (
        f"{name}_{draft.primary_language}"
        if name in ("title", "summary", "venue", "need")
        else name
    )


def _consequences(
    event: Event, view: SignUpView, taken: int, meetings: int, now: datetime
) -> list[str]:
    if not may_now("to_procurement", event, now):
        return []
    found = publishing.procurement_consequences(
        event.state,
        event.registration_closes_at,
        event.starts_at,
        view.seats.waiting,
        taken,
        planned_for(db.session(), event.id),
        meetings,
        now,
    )
    return [consequence_text(each) for each in found]
