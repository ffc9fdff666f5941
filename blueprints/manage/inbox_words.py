"""What came in by mail, and what became of it, in words for whoever answers for the event."""

from typing import Any

from dialognav.domain.terms import InboundKind, InboundState
from dialognav.i18n import lazy as _

KINDS: dict[str, Any] = {
    InboundKind.REPLY: _("Answer from a calendar"),
    InboundKind.COUNTER: _("Proposal of another time"),
    InboundKind.REFRESH: _("Request for the invitation"),
    InboundKind.BOUNCE: _("Report that an e-mail did not arrive"),
    InboundKind.AUTOMATIC: _("Automatic reply"),
    InboundKind.PERSON: _("E-mail from a person"),
    InboundKind.UNREADABLE: _("Cannot be read"),
}

STATES: dict[str, tuple[Any, str]] = {
    InboundState.OPEN: (_("To look at"), "warn"),
    InboundState.APPLIED: (_("Taken in"), "ok"),
    InboundState.STALE: (_("Out of date"), ""),
    InboundState.FORWARDED: (_("Passed on"), "ok"),
    InboundState.IGNORED: (_("Nothing to do"), ""),
    InboundState.DONE: (_("Looked at"), "ok"),
}

ANSWERS: dict[str, Any] = {
    "ACCEPTED": _("Says yes"),
    "TENTATIVE": _("Says perhaps"),
    "DECLINED": _("Says no"),
    "DELEGATED": _("Wants to send somebody else"),
}

_BROKEN = _("The answer in it is broken. Ask the person what it was meant to say.")
REASONS: dict[str, Any] = {
    "unknown_uid": _("It answers an invitation that is none of ours."),
    "untrusted": _(
        "The mail server could not prove who sent it. It has changed nothing: check with the"
        " person."
    ),
    "sender": _(
        "It came from another address than the one it answers for. It has changed nothing: check"
        " with the person."
    ),
    "other_person": _(
        "Somebody else than the one invited has answered: the invitation was passed on. It has"
        " changed nothing, and the one invited has been told."
    ),
    "address": _("It was sent to an address that does not belong to the invitation."),
    "later_revision": _("It answers a change that has not been sent. It may be forged."),
    "stamp": _("The time in it cannot be right. It may be forged, or a computer's clock is wrong."),
    "delegated": _("The person wants somebody else to come. Swap the person if you agree."),
    "proposed": _("The person proposes another time. The event and the place stay as they are."),
    "whose": _("It could not be told which organisation it is for."),
    "own_address": _("It claims to come from an address of our own."),
    "no_contact": _("There is no contact address outside this system to pass it on to."),
    "too_many": _("Too many e-mails came in a short time, so this one was not passed on."),
    "unknown_letter": _("It reports on an e-mail that is none of ours."),
    "not_a_mail": _("It is no proper e-mail. The source shows what came."),
    "unreadable": _("It is no proper e-mail. The source shows what came."),
    "too_large": _("It was too large to be read to the end."),
    "timed_out": _("It took too long to read."),
    **dict.fromkeys(
        (
            *("bad_calendar", "no_event", "several_uids", "several_answers", "no_uid", "no_stamp"),
            *("no_attendee", "several_attendees", "bad_answer", "no_time", "too_deep"),
        ),
        _BROKEN,
    ),
    "older_revision": _("It answers what the invitation said before a change."),
    "older_answer": _("A later answer of the same person is known already."),
    "over": _("It came after the event."),
    "cancelled": _("It answers an invitation that has been withdrawn."),
    "no_seat": _("The person has no place any more."),
    "no_answer": _("It holds neither yes nor no."),
    "automatic": _("It was written by a program, an out-of-office reply for example."),
    "delayed": _("The e-mail is late. The other server goes on trying."),
    "bounced": _("The e-mail did not arrive. The letter is marked."),
    "dead": _("There is no such address. Nothing more is mailed to it until you say so."),
    "refreshed": _("The invitation has been sent again."),
    "refreshed_lately": _("The invitation was sent a short time ago, or a change is on its way."),
    "accepted": _("The person comes."),
    "tentative": _("The person comes perhaps. The place is kept."),
    "declined": _("The person does not come, by the calendar."),
}
