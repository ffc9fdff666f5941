"""How far a mailing is, what it lacks, and what was just done with it, in plain words."""

from typing import Any

from dialognav.domain.terms import MessageState
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, ngettext
from dialognav.queries.message_log import Progress

STATES: dict[str, tuple[Any, str]] = {
    MessageState.DRAFT: (lazy("Draft"), ""),
    MessageState.SUBMITTED: (lazy("Waits for approval"), "warn"),
    MessageState.APPROVED: (lazy("Approved, not sent"), "info"),
    MessageState.SCHEDULED: (lazy("Planned"), "info"),
    MessageState.SENDING: (lazy("Is being sent"), "info"),
    MessageState.PAUSED: (lazy("Paused"), "warn"),
    MessageState.SENT: (lazy("Sent"), "ok"),
    MessageState.STOPPED: (lazy("Is stopped"), "bad"),
}
"""{state: (word, kind of pill)}"""

LACKING: dict[str, Any] = {
    "audience": lazy("It reaches nobody: choose whom it is for"),
    "subject": lazy("Write a subject"),
    "body": lazy("Write the text"),
    "send_at": lazy("Choose a time that has not passed, within a year"),
}

PARTS: dict[str, Any] = {
    "": lazy("Everybody"),
    "waiting": lazy("On its way"),
    "sent": lazy("Sent"),
    "failed": lazy("Did not arrive"),
    "dropped": lazy("Not sent"),
}
"""Views of the list of letters, by the parts of queries/message_log.py."""

_DONE: dict[str, tuple[Any, Any]] = {
    "submitted": (lazy("Handed in"), lazy("Somebody else has to approve it before it can go.")),
    "approved": (lazy("Approved"), lazy("Now it can be sent, or planned for a time.")),
    "returned": (lazy("Sent back"), lazy("It is a draft again, with your reason.")),
    "taken_back": (lazy("Taken back"), lazy("It is a draft again.")),
    "sending": (lazy("It is on its way"), lazy("Each reader gets a letter of their own.")),
    "scheduled": (lazy("Planned"), lazy("It goes by itself, to those whom it reaches then.")),
    "unscheduled": (lazy("Not planned any more"), ""),
    "paused": (lazy("Paused"), lazy("Nothing more of it leaves until somebody lets it go on.")),
    "resumed": (lazy("It goes on"), ""),
    "stopped": (lazy("Is stopped"), lazy("What had not left never will.")),
    "resent": (lazy("It is sent once more"), ""),
    "others": (
        lazy("A draft to those who do not have it"),
        lazy("Look it through before you send it."),
    ),
}


def done_note(code: str) -> tuple[str, str] | None:
    found = _DONE.get(code)
    return (str(found[0]), str(found[1])) if found else None


def people(number: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", number)


def progress_sentence(state: str, progress: Progress) -> str:
    """One sentence for those who listen instead of looking."""
    waiting, failed = progress.waiting, progress.failed
    if state == MessageState.PAUSED:
        return ngettext("Paused. %(num)s letter waits.", "Paused. %(num)s letters wait.", waiting)
    if state == MessageState.SENDING:
        if not progress.written:
            return _("The letters are being written.")
        return _have_left(progress)
    if state == MessageState.STOPPED:
        return _("Stopped. What had not left never will.")
    if failed:
        return ngettext("Sent. %(num)s did not arrive.", "Sent. %(num)s did not arrive.", failed)
    return _have_left(progress) if progress.dropped else _("All have left.")


def _have_left(progress: Progress) -> str:
    return _("%(done)s of %(all)s have left.", done=progress.sent, all=progress.written)
