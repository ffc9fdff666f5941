"""How minutes stand, in words: the state, the versions, what the supplier says of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from blueprints.guard import allows, current_user
from dialognav.actions.minutes import checked_of, end_of_check
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import (
    APPROVE,
    EDIT,
    REOPEN,
    changes,
    lacking,
    may_approve,
    may_now,
)
from dialognav.domain.permissions import MEETING_NOTES, MINUTES_APPROVAL
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, list_text, moment_text
from dialognav.markup import html_from_markdown
from dialognav.meeting_words import MINUTES
from dialognav.minutes_words import checked_words, language_of
from dialognav.models import Booking, Event, Minutes, MinutesVersion
from dialognav.queries.minutes import names_of

_AGAIN = (
    lazy("Nothing was done"),
    lazy("Something has changed since this page was made. Look once more."),
)
DONE: dict[str, Any] = {
    "saved": (lazy("The minutes are saved"), lazy("Only you and your colleagues see them.")),
    "sent": (
        lazy("The minutes are with the supplier"),
        lazy("Those who were in the meeting, and the contact, get a mail with the link."),
    ),
    "approved": (
        lazy("The minutes are approved"),
        lazy("They are a public record now. The supplier gets a mail that they are."),
    ),
    "reopened": (
        lazy("The minutes are open again"),
        lazy("The approved version stays until another one is approved."),
    ),
    "changed": _AGAIN,
    "second": (
        lazy("Nothing was done"),
        lazy("Somebody else than who wrote the minutes has to approve them."),
    ),
    "lacks_text": (lazy("Nothing was done"), lazy("Write the minutes first.")),
    "lacks_answer": (
        lazy("Nothing was done"),
        lazy("Answer what the supplier says is wrong first."),
    ),
    "lacks_resend": (
        lazy("Nothing was done"),
        lazy("The supplier has not read this text. Send it for a fact check first."),
    ),
}
"""{code: (title, sentence)} of what the previous page did."""

TONES = {
    MinutesState.DRAFT: "",
    MinutesState.FACT_CHECK: "info",
    MinutesState.CHECKED: "warn",
    MinutesState.APPROVED: "ok",
}


@dataclass(frozen=True, slots=True)
class VersionLines:
    number: int
    title: str
    by: str
    reason: str
    html: Markup
    correction: str
    answer: str
    checked: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`lacks` are the codes of domain.minutes.lacking(); `until` is when a check sent now ends;
    `changes` are what could be approved though the supplier was sent something else."""

    state: str
    word: str
    tone: str
    said: str
    lang: str
    html: Markup
    writers: str
    until: str
    lacks: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    versions: tuple[VersionLines, ...]
    may_edit: bool
    may_send: bool
    may_approve: bool
    needs_other: bool
    may_reopen: bool


def standing(
    session: Session, event: Event, booking: Booking, minutes: Minutes, now: datetime
) -> Standing:
    who = names_of(session, {*minutes.writer_ids, *(v.by_id for v in minutes.versions if v.by_id)})
    needs_two = event.organisation.minutes_need_two
    is_mine = not may_approve(current_user().id, minutes.writer_ids, needs_two=needs_two)
    may_write = allows(MEETING_NOTES) and may_now(EDIT, minutes.state)
    checked, is_checked = checked_of(minutes), minutes.state == MinutesState.CHECKED
    return Standing(
        state=minutes.state,
        word=str(MINUTES[minutes.state]),
        tone=TONES[MinutesState(minutes.state)],
        said=_said(event, minutes),
        lang=language_of(event, booking),
        html=html_from_markdown(_text_for_reader(minutes)),
        writers=list_text([who[each] for each in minutes.writer_ids if each in who]),
        until=moment_text(end_of_check(session, event, now=now), event.organisation.zone, "medium"),
        lacks=lacking(checked) if is_checked else (),
        changes=changes(checked.sent, checked.text) if is_checked else (),
        versions=tuple(_version(event, one, who) for one in reversed(minutes.versions)),
        may_edit=may_write,
        may_send=may_write,
        may_approve=allows(MINUTES_APPROVAL) and may_now(APPROVE, minutes.state) and not is_mine,
        needs_other=may_now(APPROVE, minutes.state) and is_mine,
        may_reopen=allows(MINUTES_APPROVAL) and may_now(REOPEN, minutes.state),
    )


def _text_for_reader(minutes: Minutes) -> str:
    """Who hands records out reads the last that is one, not what is being written."""
    if allows(MEETING_NOTES) or allows(MINUTES_APPROVAL):
        return minutes.text
    return minutes.versions[-1].text


def _said(event: Event, minutes: Minutes) -> str:
    """What has happened, and what comes next."""
    zone = event.organisation.zone
    if minutes.state == MinutesState.DRAFT:
        if minutes.reason:
            return _("Open again: %(reason)s", reason=minutes.reason)
        return _("Nobody outside has read them.")
    if minutes.state == MinutesState.FACT_CHECK and minutes.check_until:
        until = moment_text(minutes.check_until, zone, "medium")
        return _("The supplier can answer until %(moment)s.", moment=until)
    if minutes.state == MinutesState.APPROVED and minutes.approved_at:
        approved = moment_text(minutes.approved_at, zone, "medium")
        said = _("Approved %(moment)s.", moment=approved)
        return f"{said} {checked_words(minutes, zone)}"
    return checked_words(minutes, zone)


def _version(event: Event, one: MinutesVersion, who: dict[int, str]) -> VersionLines:
    zone = event.organisation.zone
    when = moment_text(one.at, zone, "medium")
    said = _("Approved %(moment)s", moment=when) if one.is_approved else ""
    return VersionLines(
        number=one.number,
        title=said or _("Sent for a fact check %(moment)s", moment=when),
        by=who.get(one.by_id or 0, ""),
        reason=one.reason,
        html=html_from_markdown(one.text),
        correction=one.correction,
        answer=one.correction_answer,
        checked=checked_words(one, zone) if one.checked_at else "",
    )


def who_changed(session: Session, minutes: Minutes | None) -> str:
    """Who saved last: of two who write, or the supplier who answered."""
    if minutes is None:
        return _("A colleague")
    if minutes.checked_at is not None and minutes.checked_at == minutes.changed_at:
        return _("The supplier")
    names = names_of(session, set(minutes.writer_ids))
    return list_text([*names.values()]) or _("A colleague")
