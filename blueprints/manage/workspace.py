"""The head that all pages of one event share, and getting the event for the one who asks."""

from typing import Any

from flask import request, url_for

from blueprints.guard import allows, current_membership
from blueprints.manage.event_words import done_note
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.permissions import (
    EXPORT,
    MEETING_NOTES,
    MEETINGS,
    MESSAGE_APPROVAL,
    MESSAGES,
    MINUTES_APPROVAL,
)
from dialognav.domain.terms import EventState, Phase, Visibility
from dialognav.i18n import gettext as _
from dialognav.i18n import pick
from dialognav.models import Event
from dialognav.occasion_names import dates_text
from dialognav.queries.access import access_event
from dialognav.queries.event_counts import EventCounts, event_counts
from dialognav.words import STATES


def own_event(public_id: str, verb: str = "read") -> Event:
    """An event of the organisation one works for; NotFound also when the role lacks the verb."""
    return access_event(db.session(), current_membership(), public_id, verb)


def can_hold_meetings(event: Event) -> bool:
    """Times are planned and handed out for it."""
    states = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)
    return event.state in states and event.phase != Phase.PROCUREMENT


def title_of(event: Event) -> str:
    """The title in the primary language: the workspace shows what was written first."""
    return event.title.get(event.primary_language) or pick(event.title, "sv", "en")[0]


def languages_of(event: Event) -> tuple[str, ...]:
    """What the event is written in: the primary, the organisation's, and what has text already."""
    offered = (*event.organisation.languages, *event.title)
    return (
        event.primary_language,
        *dict.fromkeys(c for c in offered if c != event.primary_language),
    )


def shown_state(event: Event) -> str:
    """The state with `held` derived (decisions.md 5)."""
    is_over = event.ends_at is not None and event.ends_at <= utcnow()
    return "held" if event.state == EventState.PUBLISHED and is_over else str(event.state)


def event_page(event: Event, current: str, **more: Any) -> dict[str, Any]:
    """Template values of a page in one event's workspace; costs one statement."""
    counts = event_counts(db.session(), event.id)
    state = shown_state(event)
    head = {
        "event": event,
        "title": title_of(event),
        "state": state,
        "dates": dates_text(event, "medium"),
        "state_word": str(STATES[state]),
        "counts": counts,
        "current": current,
        "tabs": _tabs(event, counts),
        "trail": [(url_for("manage.events.index"), _("Events"))],
        "done": done_note(request.args.get("done", "")),
    }
    return {**head, "page": head, "rail": "events", **more}


def _tabs(event: Event, counts: EventCounts) -> list[tuple[str, str, str, int | str, bool]]:
    def url(endpoint: str) -> str:
        return url_for(f"manage.{endpoint}", public_id=event.public_id)

    is_draft = event.state == EventState.DRAFT
    is_invited = event.visibility == Visibility.INVITED
    sees_people = allows("registrations") or allows("export")
    is_reviewed = bool(event.registration_review or counts.reviewed)
    failed, open_ = counts.given_up, counts.to_review
    to_approve = counts.to_approve if allows(MESSAGE_APPROVAL) else 0
    tabs = (
        (True, "overview", "events.show", _("Overview"), "", False),
        (allows("edit"), "rules", "rules.edit", _("Rules"), "", False),
        (True, "form", "form_fields.index", _("Form"), "", False),
        (
            allows("edit") and is_invited,
            *("invitations", "invitations.index", _("Invitations"), "", False),
        ),
        (
            sees_people,
            *("registrations", "registrations.index", _("Registrations"), counts.people, False),
        ),
        (
            allows("review") and is_reviewed,
            *("review", "review.index", _("Approval"), open_ or "", open_ > 0),
        ),
        (
            allows("registrations") and not is_draft,
            *("queue", "queue.index", _("Waiting list"), counts.waiting or "", False),
        ),
        (
            allows("check_in") and event.state == EventState.PUBLISHED,
            *("check-in", "check_in.index", _("Check-in"), "", False),
        ),
        _meetings_tab(counts),
        (True, "documents", "documents.index", _("Documents"), counts.documents, False),
        (
            allows(MESSAGES) or allows(MESSAGE_APPROVAL),
            *("messages", "plans.index" if is_draft else "messages.of_event", _("Messages")),
            *(to_approve or "", to_approve > 0),
        ),
        (allows("letters"), "letters", "letters.of_event", _("Letters"), failed or "", failed > 0),
        (allows("audit"), "log", "audit.of_event", _("Log"), "", False),
    )
    return [
        (key, url(endpoint), text, number, hot)
        for is_shown, key, endpoint, text, number, hot in tabs
        if is_shown
    ]


def _meetings_tab(counts: EventCounts) -> tuple[bool, str, str, str, str, bool]:
    """To the plan, or, once there are times, to the board: for whoever takes notes, that alone. For
    those who approve minutes or hand them out, to the list of these."""
    if not counts.slots:
        return allows(MEETINGS), "meetings", "meeting_plan.index", _("Meetings"), "", False
    sees_board = allows(MEETINGS) or allows(MEETING_NOTES)
    is_shown = sees_board or allows(MINUTES_APPROVAL) or allows(EXPORT)
    where = "meeting_board.show" if sees_board else "minutes_list.index"
    taken = f"{counts.meetings}/{counts.slots}"
    return is_shown, "meetings", where, _("Meetings"), taken, False
