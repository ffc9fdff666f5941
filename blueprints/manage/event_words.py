"""Sentences of the event workspace: what lacks, what a colleague would say, what was done."""

from dataclasses import dataclass
from typing import Any

from dialognav.domain.publishing import Consequence, Hint
from dialognav.i18n import NAMES, lazy, ngettext
from dialognav.i18n import gettext as _

LACKING: dict[str, Any] = {
    "title": lazy("Write a title"),
    "summary": lazy("Write a summary: it is shown in the list and in mail"),
    "date": lazy("Choose a date that has not passed"),
    "attending": lazy("The dates of a series have to come back regularly, at one time of day"),
    "venue": lazy("Write where the event is held"),
    "need": lazy("Describe the need, before any solution"),
    "closes_date": lazy("Choose a last day to register that has not passed"),
    "contact_name": lazy("Name somebody to ask"),
    "contact_email": lazy("Enter an e-mail address that answers questions"),
}

PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "basics": (lazy("Basics"), ("title", "summary", "kind", "phase")),
    "when": (
        lazy("Time and place"),
        ("date", "from_time", "end_date", "to_time", "venue", "format", "occasions", "attending"),
    ),
    "need": (lazy("The need"), ("need", "effect")),
    "programme": (lazy("Programme"), ("programme",)),
    "questions": (lazy("Questions to the market"), ("questions",)),
    "plan": (lazy("Time plan"), ("milestones",)),
    "practical": (lazy("Food and cost"), ("serves_food", "cost_note")),
    "contact": (lazy("Contact"), ("contact_name", "contact_email")),
    "record": (lazy("Record and accessibility"), ("diary_number", "cpv", "region")),
}
"""The editor's parts: heading, and the fields that count for done or missing."""

_DONE: dict[str, tuple[Any, Any]] = {
    "mail_done": (lazy("Looked at"), lazy("The mail is kept for a while under Dealt with.")),
    "time_declined": (lazy("The proposal is declined"), lazy("The person gets an e-mail.")),
    "address_cleared": (
        lazy("Mail goes to the address again"),
        lazy("What was not sent meanwhile can be sent again here."),
    ),
    "moved_up": (
        lazy("Moved up"),
        lazy("The reason stands in the log. A free place goes to this person first."),
    ),
    "created": (lazy("The draft is saved"), lazy("Only you and your colleagues see it.")),
    "events_imported": (
        lazy("The events are drafts"),
        lazy("Look through their dates, deadlines and texts before they are published."),
    ),
    "copied": (lazy("The copy is a draft"), lazy("Look through dates, deadline and texts.")),
    "saved": (lazy("The changes are saved"), ""),
    "told": (
        lazy("The changes are saved"),
        lazy("Everyone registered gets a mail with what has changed."),
    ),
    "unchanged": (lazy("Nothing had changed"), ""),
    "rules_saved": (lazy("The rules are saved"), lazy("The public page says them from now on.")),
    "published": (
        lazy("The event is published"),
        lazy("It is on the public pages and in the feeds."),
    ),
    "noted": (lazy("The announcement is noted"), ""),
    "note_removed": (lazy("The note is removed"), ""),
    "scheduled": (lazy("The event will publish itself"), ""),
    "unscheduled": (lazy("The event is a draft again"), ""),
    "moved": (lazy("The event has a new time"), ""),
    "moved_told": (
        lazy("The event has a new time"),
        lazy("Everyone registered gets an updated calendar entry."),
    ),
    "wall_time_kept": (
        lazy("The event keeps what the clock shows"),
        lazy("Those with a place get an updated calendar entry."),
    ),
    "instant_kept": (
        lazy("The new time holds"),
        lazy("Those with a place are told, and get an updated calendar entry."),
    ),
    "unsent_sent": (lazy("The e-mails leave now"), ""),
    "unsent_gone": (lazy("The e-mails had left already"), ""),
    "unsent_discarded": (
        lazy("The change is discarded"),
        lazy("The event is what everybody was told last, and no e-mail about the change is sent."),
    ),
    "unsent_told": (
        lazy("The change was not discarded"),
        lazy("Some have been told already. Change it back by hand, and they hear of it."),
    ),
    "postponed": (
        lazy("The event is postponed"),
        lazy("Everyone registered is told, and the calendar entries are withdrawn."),
    ),
    "new_date": (
        lazy("The event has a new date"),
        lazy("Everyone who kept a place gets a new invitation."),
    ),
    "occasion_cancelled": (
        lazy("That date is cancelled"),
        lazy("Those who were to come are told at once, with the reason. The other dates stand."),
    ),
    "cancelled": (
        lazy("The event is cancelled"),
        lazy("Everyone registered is told at once, with the reason."),
    ),
    "to_procurement": (lazy("The procurement phase has begun"), lazy("Registration is closed.")),
    "deleted": (lazy("The draft is deleted"), ""),
    "registered": (
        lazy("The registration is made"),
        lazy("Everyone in it gets a mail of their own."),
    ),
    "imported": (
        lazy("The participants are registered"),
        lazy("Whether they got a place stands beside each of them."),
    ),
    "merged": (
        lazy("The registrations are one now"),
        lazy("The contact has been mailed the link. Everybody has the place they had."),
    ),
    "discarded": (lazy("The file is thrown away"), lazy("Nothing was written.")),
    "invited": (lazy("The invitations are saved"), lazy("Each has a link of its own.")),
    "invited_again": (lazy("The invitation is on its way again"), ""),
    "revoked": (lazy("The invitation is revoked"), lazy("Its link opens nothing any more.")),
    "withdrawn": (
        lazy("The registration is withdrawn"),
        lazy("Those it concerns are told. A place that came free goes to the first in the queue."),
    ),
    "approved": (
        lazy("The registrations are approved"),
        lazy("Each person gets a mail: the invitation, or the place in the queue."),
    ),
    "declined": (
        lazy("The registrations are declined"),
        lazy("Each person gets a mail with the reason."),
    ),
    "swapped": (
        lazy("The place has a new owner"),
        lazy("Both get a mail. The former owner's calendar entry is removed."),
    ),
    "sessions": (
        lazy("The change is saved"),
        lazy("The person gets a mail about what is new."),
    ),
    "corrected": (
        lazy("The address is corrected"),
        lazy("A new link was sent there, and the old one no longer works."),
    ),
    "absent": (
        lazy("Those who were not seen are marked"),
        lazy("It can be taken back at the foot of the page."),
    ),
    "report": (
        lazy("Those in the report are checked in"),
        lazy("Nothing is said about the others."),
    ),
    "answered": (
        lazy("The answer is saved"),
        lazy("They get a mail that there is one, and read it on their own page."),
    ),
    "uploaded": (lazy("The document is there"), ""),
    "replaced": (lazy("The new version has replaced the earlier one"), ""),
    "same_file": (lazy("That file is the same as the current version"), ""),
    "renamed": (lazy("The name is changed"), ""),
    "removed": (lazy("The document is removed"), ""),
    "reordered": (lazy("The order is changed"), ""),
    "outdated": (
        lazy("Something newer has been sent"),
        lazy("The old letter is left as it is, so that nobody reads what no longer holds."),
    ),
    "resent": (lazy("The letter is on its way again"), ""),
}


def done_note(code: str) -> tuple[str, str] | None:
    """(title, sentence) of what the previous page did, for `?done=`; None for anything else."""
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else None


@dataclass(frozen=True, slots=True)
class Check:
    """A line of "Checks before publication". tone: ok, warn, bad or info; `anchor` in the form.

    The form is the editor's, or that of the rules.
    """

    tone: str
    text: str
    anchor: str = ""

    @property
    def of_rules(self) -> bool:
        return self.anchor == "closes_date"


def check_of(hint: Hint) -> Check:
    """A hint in words."""
    language = NAMES[hint.language][0] if hint.language else ""
    tone = "ok" if hint.is_fine else "warn"
    said = {
        "notice": (
            _("At least 20 days are left until the last day to register")
            if hint.is_fine
            else ngettext(
                "%(num)s day until the last day to register; 20 give suppliers time",
                "%(num)s days until the last day to register; 20 give suppliers time",
                hint.n,
            )
        ),
        "questions": (
            _("The market knows what you ask") if hint.is_fine else _("No questions to the market")
        ),
        "programme": _("The programme is there") if hint.is_fine else _("No programme yet"),
        "link": (
            _("The meeting link is there")
            if hint.is_fine
            else _("No meeting link yet: the confirmed get it when you add it")
        ),
        "titles": (
            _("Every session has a name")
            if hint.is_fine
            else _("Name the sessions, so that people know what they choose among")
        ),
        "untranslated": ngettext(
            "%(language)s lacks %(num)s text",
            "%(language)s lacks %(num)s texts",
            hint.n,
            language=language,
        ),
        "stale": _("%(language)s: the original has changed", language=language),
        "need_not_product": _("Read it once more: the need, or a product you have in mind?"),
    }[hint.code]
    anchors = {
        "notice": "closes_date",
        "link": "when",
        "titles": "when",
        "need_not_product": "need",
    }
    if hint.code == "need_not_product":
        tone = "info"
    return Check(tone, said, anchors.get(hint.code, hint.code if hint.code in PARTS else "basics"))


def consequence_text(found: Consequence) -> str:
    """One thing that the switch to the procurement phase means."""
    return {
        "not_open_yet": _("The planned publication is dropped and the event is a draft again."),
        "closes": _("Registration closes at once."),
        "closed": _("Registration is closed already and stays so."),
        "waiting": ngettext(
            "%(num)s person on the waiting list stays there.",
            "%(num)s people on the waiting list stay there.",
            found.n,
        ),
        "messages": ngettext(
            "%(num)s message that would go by itself is not sent.",
            "%(num)s messages that would go by themselves are not sent.",
            found.n,
        ),
        "meetings": ngettext(
            "%(num)s one-to-one meeting is called off, and both sides are told.",
            "%(num)s one-to-one meetings are called off, and both sides are told.",
            found.n,
        ),
        "still_held": ngettext(
            "The event is still announced, with %(num)s confirmed."
            " Cancel or move it if it should not be held during the procurement.",
            "The event is still announced, with %(num)s confirmed."
            " Cancel or move it if it should not be held during the procurement.",
            found.n,
        ),
    }[found.code]
