"""A mailing's own page: how far it is, what may be done with it, and who it reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm, BaseForm
from blueprints.guard import allows, current_membership, current_user
from blueprints.manage import message_state_words as words
from blueprints.manage.message_log import log_parts
from blueprints.manage.message_preview import OFFERED, gaps, preview, tongues
from blueprints.manage.message_send_forms import DecisionForm, ReturnForm, SendForm, WhenForm
from blueprints.manage.message_words import done_words
from blueprints.manage.workspace import event_page
from dialognav.actions.message_log import without_it
from dialognav.actions.message_states import needs_approval, reached_by
from dialognav.actions.messages import draft_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.domain.message_rules import (
    APPROVE,
    EDIT,
    LEFT,
    OTHERS,
    PAUSE,
    RESEND,
    RESUME,
    SCHEDULE,
    SEND,
    STOP,
    SUBMIT,
    TAKE_BACK,
    UNSCHEDULE,
    change_since,
    fingerprint,
    has_missed,
    lacking,
    may_approve,
    may_now,
)
from dialognav.domain.placeholders import ADDRESSES, PLACEHOLDERS, spelling
from dialognav.domain.terms import MessageState
from dialognav.domain.timing import to_wall
from dialognav.i18n import NAMES, lazy, moment_text
from dialognav.i18n import gettext as _
from dialognav.mail.message_text import page_html
from dialognav.mail.recipients import Recipient
from dialognav.models import Message, User
from dialognav.queries import message_log
from dialognav.queries.access import access_message

MOST_NAMES = 100
"""Of those it reaches; a page of its own names them all."""

_WRITTEN = lazy("Written by %(name)s.")

SEES = ("messages", "message_approval")


def own_message(public_id: str, *verbs: str) -> Message:
    """A mailing of the organisation one works for; NotFound when the role has none of the verbs."""
    for verb in verbs:
        if allows(verb):
            return access_message(db.session(), current_membership(), public_id, verb)
    raise NotFound


def zone_of(message: Message) -> str:
    return message.event.zone if message.event else message.organisation.zone


def subject_of(message: Message) -> str:
    """In its primary language, as the workspace shows all that is written in several."""
    said = message.subject.get(message.primary_language) or next(iter(message.subject.values()), "")
    return said or _("Without a subject")


def may(message: Message, verb: str) -> bool:
    return may_now(
        verb,
        message.state,
        needs_approval=needs_approval(message),
        is_approved=message.approved_at is not None,
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """Those it goes to if it is sent now. `names`: the first of them; `seen` tells whether they
    are others by the time a button is pressed."""

    number: int
    names: tuple[str, ...]
    seen: str


def reached(message: Message, people: Sequence[Recipient]) -> Reached:
    return Reached(
        number=len(people),
        names=tuple(name_of(one) for one in people[:MOST_NAMES]),
        seen=fingerprint((one.number for one in people), message.revision),
    )


def name_of(one: Recipient | message_log.Named) -> str:
    number = one.number if isinstance(one, Recipient) else one.id
    contact = _("contact, does not take part") if number < 0 else ""
    return ", ".join(filter(None, (one.name, one.party, contact)))


@dataclass(frozen=True, slots=True)
class Changed:
    """Who has come and who has gone since it was approved, by name."""

    added: tuple[str, ...]
    gone: tuple[str, ...]


def changed(message: Message, people: Sequence[Recipient]) -> Changed | None:
    """None where nothing was approved or nothing differs: the same address by another standing of
    its holder is no difference."""
    change = change_since(message.approved_recipients, [one.number for one in people])
    if not change:
        return None
    here = {one.email.casefold() for one in people}
    gone = message_log.people_named(db.session(), message.organisation_id, change.gone)
    left = [one for one in gone if one.email.casefold() not in here]
    same = {one.email.casefold() for one in gone}
    new = [one for one in people if one.number in change.added and one.email.casefold() not in same]
    if not (new or left):
        return None
    return Changed(tuple(map(name_of, new)), tuple(map(name_of, left)))


def show_page(
    message: Message, status: int = 200, *, bad: BaseForm | None = None
) -> ResponseReturnValue:
    """`bad`: a form that came back with something to be fixed."""
    session, now = db.session(), utcnow()
    word, tone = words.STATES[message.state]
    is_left = message.state in LEFT
    people = [] if is_left else reached_by(session, message, now=now)
    more = log_parts(message) if is_left else _before(message, people, bad)
    others = _others(message)
    values = {
        "message": message,
        "subject": subject_of(message),
        "state_word": str(word),
        "tone": tone,
        "zone": zone_of(message),
        "texts": _texts(message),
        "can": _verbs(message, others),
        "others": others,
        "said_lines": _story(message),
        "plain": ActionForm(formdata=None),
        "form": bad,
        "done": done_words(request.args.get("done", "")),
        "is_left": is_left,
        **more,
    }
    head = event_page(message.event, "messages") if message.event else {"rail": "messages"}
    return render_template("manage/messages/show.html", **{**head, **values}), status


def _before(message: Message, people: Sequence[Recipient], bad: BaseForm | None) -> dict[str, Any]:
    to = reached(message, people)
    missing = lacking(message.subject, message.body, message.primary_language, reaches=to.number)
    seen = {"seen": str(message.revision)}
    forms: dict[str, BaseForm] = {
        "send": SendForm(formdata=None, data={"seen": to.seen}),
        "submit": DecisionForm(formdata=None, data=seen),
        "when": WhenForm(formdata=None, data=_when(message) | seen),
        "approve": DecisionForm(formdata=None, data=seen),
        "back": ReturnForm(formdata=None, data=seen),
    }
    kinds = {"when": WhenForm, "back": ReturnForm}
    for name, kind in kinds.items():
        if isinstance(bad, kind):
            forms[name] = bad
            bad.seen.data = seen["seen"]
    desk = message.organisation, draft_of(message), message.primary_language, people
    return {
        "to": to,
        "readers": people[:OFFERED],
        "look": preview(*desk, request.args.get("as", "")),
        "tongues": tongues(*desk[1:]),
        "gaps": gaps(*desk),
        "changed": changed(message, people),
        "missed": _missed(message),
        "missing": [str(words.LACKING[name]) for name in missing],
        "forms": forms,
        "bad": [name for name, kind in kinds.items() if isinstance(bad, kind)],
    }


def _missed(message: Message) -> str:
    """When it was to go by itself, and could not."""
    at = message.send_at
    return moment_text(at, zone_of(message)) if at and has_missed(message.state, at) else ""


def _when(message: Message) -> dict[str, str]:
    if message.send_at is None or message.state != MessageState.SCHEDULED:
        return {}
    wall = to_wall(message.send_at, zone_of(message))
    return {"date": wall.date().isoformat(), "time": f"{wall:%H:%M}"}


def _texts(message: Message) -> list[tuple[str, str, str, Any]]:
    """(language, its own name, subject, body as HTML) of those it is written in, primary first."""
    codes = sorted(
        message.body | message.subject, key=lambda code: code != message.primary_language
    )
    return [
        (
            code,
            NAMES[code][0],
            message.subject.get(code, ""),
            page_html(message.body.get(code, ""), _as_written(code)),
        )
        for code in codes
        if code in NAMES
    ]


def _as_written(code: str) -> dict[str, str]:
    """Placeholders as they stand; an address leads back to the text."""
    return {
        name: f"#said-{code}" if name in ADDRESSES else spelling(name, code)
        for name in PLACEHOLDERS
    }


def _verbs(message: Message, others: int) -> dict[str, bool]:
    writes, user_id = allows("messages"), current_user().id
    is_second = may_approve(user_id, message.writer_ids, message.author_id, message.submitted_by_id)
    wanted = (
        *(EDIT, SUBMIT, TAKE_BACK, SEND, SCHEDULE, UNSCHEDULE),
        *(PAUSE, RESUME, STOP, RESEND, OTHERS),
    )
    can = {verb: writes and may(message, verb) for verb in wanted}
    return can | {
        APPROVE: allows("message_approval") and may(message, APPROVE) and is_second,
        OTHERS: can[OTHERS] and others > 0,
    }


def _others(message: Message) -> int:
    """How many of its audience have none of it by now."""
    if not (allows("messages") and may(message, OTHERS)):
        return 0
    session = db.session()
    return len(without_it(session, message, reached_by(session, message, now=utcnow())))


def _story(message: Message) -> list[str]:
    """Who did what with it, and when."""
    zone = zone_of(message)
    planned = message.send_at if message.state == MessageState.SCHEDULED else None
    wrote = _WRITTEN if message.author else lazy("It writes itself, by the event's plan.")
    told: list[tuple[datetime | None, Any, User | None]] = [
        (message.created_at, wrote, message.author),
        (message.submitted_at, lazy("Handed in by %(name)s %(when)s."), message.submitted_by),
        (message.approved_at, lazy("Approved by %(name)s %(when)s."), message.approved_by),
        (planned, lazy("Goes by itself %(when)s."), None),
        (message.started_at, lazy("Began to leave %(when)s."), None),
        (message.finished_at, lazy("Ended %(when)s."), None),
    ]
    return [
        str(words) % {"name": who.name if who else "", "when": moment_text(at, zone, "medium")}
        for at, words, who in told
        if at
    ]


def address_of(message_id: str, done: str = "") -> str:
    """The page's address, with the note of what was done."""
    return url_for("manage.message_show.show", message_id=message_id, done=done or None)
