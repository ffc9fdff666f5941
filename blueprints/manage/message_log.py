"""Each reader's letter of a mailing, and how far they have come."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from blueprints.manage import message_state_words as words
from blueprints.manage.paging import offset_of, pager_of
from dialognav.actions.message_progress import REFUSED, STOPPED, WITHDRAWN
from dialognav.db import db
from dialognav.domain.terms import LetterStatus
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, moment_text
from dialognav.mail.refusals import plain_reason
from dialognav.models import Letter, Message
from dialognav.models.labels import NOBODY
from dialognav.queries import inbox, message_log

_SHOW = "manage.message_show.show"
_STATUSES: dict[str, tuple[Any, str]] = {
    LetterStatus.PENDING: (lazy("On its way"), "info"),
    LetterStatus.SENT: (lazy("Sent"), "ok"),
    LetterStatus.GIVEN_UP: (lazy("Did not arrive"), "bad"),
    LetterStatus.SUPERSEDED: (lazy("Not sent"), ""),
}
_CAME_BACK = (lazy("Came back"), "bad")
_DROPPED: dict[str, Any] = {
    STOPPED: lazy("The message was stopped before this letter left."),
    WITHDRAWN: lazy("The reader has withdrawn since."),
    REFUSED: lazy("The reader wants no more news from you."),
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """`failed`: it did not arrive, so that sending again is the thing to do."""

    public_id: str
    name: str
    recipient: str
    word: str
    tone: str
    reason: str
    when: str
    may_resend: bool
    failed: bool
    is_dead: bool


def log_parts(message: Message) -> dict[str, Any]:
    """Template values of the page below its head, once it is being sent."""
    session, view = db.session(), request.args.get("view", "")
    view = view if view in message_log.VIEWS else ""
    progress = message_log.progress_of(session, message.id)
    page = message_log.log_page(session, message.id, view, offset_of(request.args))
    return {
        **progress_parts(message, progress),
        "view": view,
        "views": _views(message, progress, view),
        "lines": _lines(message, page.rows),
        "pages": pager_of(page, endpoint=_SHOW, view=view),
    }


def progress_parts(message: Message, progress: message_log.Progress) -> dict[str, Any]:
    return {
        "progress": progress,
        "sentence": words.progress_sentence(message.state, progress),
        "is_moving": message.state == "sending",
    }


def _views(
    message: Message, progress: message_log.Progress, current: str
) -> list[tuple[str, str, int, bool]]:
    numbers = {"": progress.written} | {
        name: int(getattr(progress, name)) for name in message_log.VIEWS
    }
    return [
        (
            url_for(_SHOW, message_id=message.public_id, view=name or None),
            str(word),
            numbers[name],
            name == current,
        )
        for name, word in words.PARTS.items()
    ]


def _lines(message: Message, letters: list[Letter]) -> list[LogLine]:
    dead = inbox.dead_addresses(db.session(), [letter.recipient for letter in letters])
    zone = message.event.zone if message.event else message.organisation.zone
    moved = message_log.moved(db.session(), [letter.id for letter in letters])
    return [
        _line(letter, zone, letter.recipient.lower() in dead, letter.id in moved)
        for letter in letters
    ]


def _line(letter: Letter, zone: str, is_dead: bool, has_moved: bool) -> LogLine:
    word, tone = _CAME_BACK if _came_back(letter) else _STATUSES[letter.status]
    is_gone = letter.recipient == NOBODY
    failed = letter.status == LetterStatus.GIVEN_UP or _came_back(letter)
    reason = _DROPPED.get(letter.last_error) or plain_reason(letter.last_error)
    return LogLine(
        public_id=letter.public_id,
        name=_("A reader whose data was erased") if is_gone else letter.recipient_name,
        recipient="" if is_gone else letter.recipient,
        word=str(word),
        tone=tone,
        reason=_("The reader has another address by now.") if has_moved else str(reason),
        when=moment_text(letter.sent_at or letter.due_at, zone),
        may_resend=not (is_gone or has_moved)
        and letter.status in (LetterStatus.SENT, LetterStatus.GIVEN_UP),
        failed=failed,
        is_dead=is_dead,
    )


def _came_back(letter: Letter) -> bool:
    return letter.status == LetterStatus.SENT and letter.bounced_at is not None
