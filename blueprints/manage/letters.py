"""What was mailed, to whom and when, and why something did not arrive."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import settings
from blueprints.forms import ActionForm
from blueprints.guard import actor, current_membership, require
from blueprints.manage.event_words import done_note
from blueprints.manage.meeting_letter_names import MEETING_LETTERS
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.workspace import event_page, own_event, title_of
from dialognav.actions import on_behalf
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, moment_text
from dialognav.mail.instance import is_held
from dialognav.mail.refusals import plain_reason
from dialognav.models import Letter
from dialognav.queries import inbox, manage
from dialognav.queries.access import access_letter

bp = Blueprint("letters", __name__)

STATUSES: dict[str, tuple[Any, str]] = {
    LetterStatus.PENDING: (lazy("On its way"), "info"),
    LetterStatus.SENT: (lazy("Sent"), "ok"),
    LetterStatus.GIVEN_UP: (lazy("Did not arrive"), "bad"),
    LetterStatus.SUPERSEDED: (lazy("Replaced by a newer one"), ""),
}

_BOUNCED = (lazy("Came back"), "bad")

KINDS: dict[str, Any] = {
    "message": lazy("Message"),
    "place_confirmed": lazy("Confirmation"),
    "place_waiting": lazy("Waiting list"),
    "place_pending": lazy("Awaits approval"),
    "change_pending": lazy("Change awaits approval"),
    "change_approved": lazy("Change approved"),
    "declined": lazy("Not approved"),
    "access_answer": lazy("Request for help answered"),
    "place_changed": lazy("Changed place"),
    "offered": lazy("Offer of a place"),
    "lapsed": lazy("Offer ran out"),
    "no_place": lazy("No place this time"),
    "promoted": lazy("Place from the waiting list"),
    "receipt": lazy("Receipt to the contact"),
    "privacy_received": lazy("Request about own data"),
    "privacy_answered": lazy("Answer about own data"),
    "changed": lazy("The event has changed"),
    "changed_waiting": lazy("The event has changed"),
    "postponed": lazy("The event is postponed"),
    "new_date": lazy("New date"),
    "cancelled": lazy("The event is cancelled"),
    "withdrawn": lazy("Withdrawal"),
    "withdrawn_plain": lazy("Withdrawal"),
    "occasion_cancelled": lazy("One of the dates is cancelled"),
    "links": lazy("Own links"),
    "calendar_link": lazy("Link to a calendar"),
    "follow_confirm": lazy("Question to a follower"),
    "follow_links": lazy("What somebody follows"),
    "follow_news": lazy("News to a follower"),
    "handed_over": lazy("New contact"),
    "merged": lazy("Registrations put together"),
    "already_registered": lazy("Already registered"),
    "confirm_no": lazy("Question after a no in the calendar"),
    "passed_on": lazy("Somebody else answered"),
    "sent_again": lazy("The invitation again"),
    "time_proposed": lazy("Another time is proposed"),
    "time_declined": lazy("The time stays as it is"),
    "mail_forwarded": lazy("E-mail passed on"),
    "event_invitation": lazy("Invitation to the event"),
    **MEETING_LETTERS,
    "staff_invitation": lazy("Invitation to a colleague"),
    "password_reset": lazy("New password for a colleague"),
    "staff_digest": lazy("What waits for a colleague"),
}


@dataclass(frozen=True, slots=True)
class LetterLine:
    public_id: str
    kind: str
    recipient: str
    name: str
    status: str
    status_word: str
    tone: str
    when: str
    reason: str
    event_id: str
    event_title: str
    resendable: bool
    is_dead: bool


def _lines(letters: list[Letter], zone: str, *, with_events: bool) -> list[LetterLine]:
    session, organisation = db.session(), current_membership().organisation
    ids = [letter.event_id for letter in letters] if with_events else []
    found = manage.event_titles(session, organisation.id, ids)
    dead = inbox.dead_addresses(session, [letter.recipient for letter in letters])
    lines = []
    for letter in letters:
        word, tone = _BOUNCED if letter.bounced_at else STATUSES[letter.status]
        event = found.get(letter.event_id or 0)
        lines.append(
            LetterLine(
                public_id=letter.public_id,
                kind=str(KINDS.get(letter.kind, letter.kind)),
                recipient=letter.recipient,
                name=letter.recipient_name,
                status=letter.status,
                status_word=str(word),
                tone=tone,
                when=moment_text(letter.sent_at or letter.due_at, zone),
                reason=plain_reason(letter.last_error),
                event_id=event.public_id if event else "",
                event_title=title_of(event) if event else "",
                resendable=letter.status == LetterStatus.GIVEN_UP,
                is_dead=letter.recipient.lower() in dead,
            )
        )
    return lines


def _views(status: str, counts: dict[str, int], **where: Any) -> list[tuple[str, str, int, bool]]:
    """Items of the views macro: all letters, then those of each state."""
    items = [(url_for(**where), _("All"), sum(counts.values()), not status)]
    for code, (word, _tone) in STATUSES.items():
        address = url_for(**where, status=code)
        items.append((address, str(word), counts.get(code, 0), code == status))
    return items


def _status() -> str:
    asked = request.args.get("status", "")
    return asked if asked in tuple(LetterStatus) else ""


@bp.get("/letters")
def index() -> ResponseReturnValue:
    require("letters")
    session, organisation, status = db.session(), current_membership().organisation, _status()
    page = manage.letters_of(session, organisation.id, None, status, offset_of(request.args))
    return render_template(
        "manage/letters.html",
        lines=_lines(page.rows, organisation.zone, with_events=True),
        views=_views(status, manage.letter_counts(session, organisation.id), endpoint=".index"),
        pages=pager_of(page, status=status),
        form=ActionForm(formdata=None),
        is_held=is_held(session, settings()),
        done=done_note(request.args.get("done", "")),
        rail="letters",
    )


@bp.get("/events/<public_id>/letters")
def of_event(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "letters")
    session, status = db.session(), _status()
    page = manage.letters_of(
        session, event.organisation_id, event.id, status, offset_of(request.args)
    )
    return render_template(
        "manage/events/letters.html",
        lines=_lines(page.rows, event.zone, with_events=False),
        views=_views(
            status,
            manage.letter_counts(session, event.organisation_id, event.id),
            endpoint=".of_event",
            public_id=public_id,
        ),
        pages=pager_of(page, status=status),
        form=ActionForm(formdata=None),
        is_held=is_held(session, settings()),
        **event_page(event, "letters"),
    )


@bp.post("/letters/<letter_id>/resend")
def resend(letter_id: str) -> ResponseReturnValue:
    """Once more to the same address; the trail says who asked for it."""
    letter = access_letter(db.session(), current_membership(), letter_id, "letters")
    back = _list_of(letter)
    if not ActionForm().validate():
        return redirect(url_for(**back), 303)
    row_id, who = letter.id, actor()
    with unit_of_work() as session:
        sent = on_behalf.send_letter_again(session, row_id, now=utcnow(), actor=who)
    return redirect(url_for(**back, done="resent" if sent else "outdated"), 303)


def _list_of(letter: Letter) -> dict[str, Any]:
    """Where one came from: the event's letters or the organisation's."""
    found = manage.event_titles(
        db.session(), current_membership().organisation_id, [letter.event_id]
    )
    event = found.get(letter.event_id or 0)
    if event is None or request.form.get("list") == "all":
        return {"endpoint": ".index"}
    return {"endpoint": ".of_event", "public_id": event.public_id}
