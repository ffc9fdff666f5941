"""What may be done with a mailing, and when: draft, approval, sending, sent (decisions.md 9)."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialognav.domain.terms import MessageState

EDIT, DELETE = "edit", "delete"
SUBMIT, APPROVE, RETURN, TAKE_BACK = "submit", "approve", "return", "take_back"
SEND, SCHEDULE, UNSCHEDULE = "send", "schedule", "unschedule"
PAUSE, RESUME, STOP = "pause", "resume", "stop"
RESEND, OTHERS = "resend", "others"

FARTHEST = timedelta(days=366)
"""How far ahead a mailing may be planned: a typing error in the year is noticed."""

_READY = frozenset(
    {
        MessageState.DRAFT,
        MessageState.SUBMITTED,  # and nobody wants approval any more
        MessageState.APPROVED,
        MessageState.SCHEDULED,
    }
)
_FROM: dict[str, frozenset[MessageState]] = {
    EDIT: frozenset(
        {
            MessageState.DRAFT,
            MessageState.SUBMITTED,
            MessageState.APPROVED,
            MessageState.SCHEDULED,
        }
    ),
    DELETE: frozenset({MessageState.DRAFT, MessageState.SUBMITTED, MessageState.APPROVED}),
    SUBMIT: frozenset({MessageState.DRAFT}),
    APPROVE: frozenset({MessageState.SUBMITTED}),
    RETURN: frozenset({MessageState.SUBMITTED}),
    TAKE_BACK: frozenset({MessageState.SUBMITTED}),
    SEND: _READY,
    SCHEDULE: _READY,
    UNSCHEDULE: frozenset({MessageState.SCHEDULED}),
    PAUSE: frozenset({MessageState.SENDING}),
    RESUME: frozenset({MessageState.PAUSED}),
    STOP: frozenset({MessageState.SCHEDULED, MessageState.SENDING, MessageState.PAUSED}),
    RESEND: frozenset({MessageState.SENDING, MessageState.PAUSED, MessageState.SENT}),
    OTHERS: frozenset({MessageState.SENT, MessageState.STOPPED}),
}

UNDER_WAY = (MessageState.SENDING, MessageState.PAUSED)
OVER = (MessageState.SENT, MessageState.STOPPED)
BEFORE = (MessageState.DRAFT, MessageState.SUBMITTED, MessageState.APPROVED)
LEFT = (*UNDER_WAY, *OVER)
"""Of what has begun to be sent: its words are frozen."""


def may_now(verb: str, state: str, *, needs_approval: bool, is_approved: bool) -> bool:
    """Whether the state lets the verb happen. An unknown verb is a bug: KeyError.

    Where mailings are approved, what is not approved is submitted instead of sent.
    """
    if state not in _FROM[verb]:
        return False
    if verb in (SEND, SCHEDULE) and needs_approval:
        return is_approved
    if verb in (SUBMIT, APPROVE, RETURN):
        return needs_approval
    return True


def state_after_edit(state: str, *, needs_approval: bool) -> MessageState:
    """Another text or audience voids the approval; without one to void, what is planned stays."""
    if state == MessageState.SCHEDULED and not needs_approval:
        return MessageState.SCHEDULED
    return MessageState.DRAFT


def state_before_schedule(*, is_approved: bool) -> MessageState:
    return MessageState.APPROVED if is_approved else MessageState.DRAFT


def lacking(
    subject: Mapping[str, str], body: Mapping[str, str], primary: str, *, reaches: int
) -> tuple[str, ...]:
    """What a mailing misses before it can be sent, in the order of the form."""
    needed = {
        "audience": reaches > 0,
        "subject": bool(subject.get(primary, "").strip()),
        "body": bool(body.get(primary, "").strip()),
    }
    return tuple(name for name, is_there in needed.items() if not is_there)


def is_fit_time(at: datetime, now: datetime) -> bool:
    return now < at <= now + FARTHEST


def has_missed(state: str, send_at: datetime | None) -> bool:
    """Whether it was to go by itself, and could not."""
    return send_at is not None and state in BEFORE


def is_finished(state: str, *, all_written: bool, waiting: int) -> bool:
    """Whether the last of the letters has left, or been given up."""
    return state == MessageState.SENDING and all_written and waiting == 0


def fingerprint(people: Iterable[int], revision: int) -> str:
    """Sixteen hexadecimal digits that tell whether a mailing still says, and reaches, what the page
    showed."""
    said = ",".join(str(one) for one in [revision, *sorted(people)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Change:
    """Whom a mailing reaches now and did not when it was approved, and the other way."""

    added: frozenset[int]
    gone: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.added or self.gone)


def change_since(approved: Collection[int] | None, now: Collection[int]) -> Change:
    """Readers by number; nothing was changed where nothing was approved."""
    if approved is None:
        return Change(frozenset(), frozenset())
    before, after = frozenset(approved), frozenset(now)
    return Change(after - before, before - after)


def may_approve(user_id: int, writers: Collection[int], *others: int | None) -> bool:
    """Two have to look: none of the writers, nor the author, nor who handed it in."""
    return user_id not in writers and user_id not in others
