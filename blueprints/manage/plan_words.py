"""What the messages are called that an event sends by itself, and who gets each."""

from typing import Any

from dialognav.domain.plans import BEFORE
from dialognav.domain.terms import PlanKind
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, ngettext
from dialognav.models import MessagePlan

KINDS: dict[str, Any] = {
    PlanKind.REMINDER: lazy("Reminder"),
    PlanKind.LINK: lazy("The digital link"),
    PlanKind.THANKS: lazy("Thanks and evaluation"),
    PlanKind.NEXT: lazy("What comes next"),
}
READERS: dict[str, Any] = {
    PlanKind.REMINDER: lazy("To all who are confirmed"),
    PlanKind.LINK: lazy("To all who are confirmed and take part online"),
    PlanKind.THANKS: lazy("To all who came. Those who are marked absent are left out."),
    PlanKind.NEXT: lazy("To all who came and have not said no to news from you"),
}
NAMES: dict[str, Any] = {
    "days": lazy("Days"),
    "at_wall": lazy("Time of day"),
    "is_on": lazy("Sent by itself"),
    "subject": lazy("Subject"),
    "body": lazy("Text"),
    "evaluation_url": lazy("Address of the evaluation"),
}
_DONE = {
    "saved": (lazy("Saved"), lazy("It holds for everything that has not gone out yet.")),
    "created": (lazy("Added"), lazy("It is sent when its time comes.")),
    "on": (lazy("Switched on"), lazy("It is sent when its time comes.")),
    "waits": (
        lazy("Saved, and off until somebody else has seen it"),
        lazy("Words of your own are looked at by another person, who switches it on."),
    ),
    "changed": (
        lazy("Somebody has changed it meanwhile"),
        lazy("It is still off. Read what it says now, and switch it on then."),
    ),
    "second": (
        lazy("It is still off"),
        lazy("Somebody who has not written any of it has to approve it."),
    ),
    "off": (lazy("Switched off"), lazy("It is not sent any more, until you switch it on.")),
    "removed": (lazy("Taken away"), lazy("It is not sent.")),
    "usual": (lazy("Added"), lazy("Look through when each is sent, and what it says.")),
    "sent_once": (
        lazy("It has been sent, so it stays here"),
        lazy("Switch it off instead: nothing more of it is sent then."),
    ),
}


def done_words(code: str) -> tuple[str, str] | None:
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else None


def day_words(kind: str, days: int) -> str:
    """'7 days before'"""
    if days == 0:
        return _("the same day") if kind in BEFORE else _("the day it ends")
    if kind in BEFORE:
        return ngettext("%(num)s day before", "%(num)s days before", -days)
    return ngettext("%(num)s day after", "%(num)s days after", days)


def name_of(plan: MessagePlan) -> str:
    """'Reminder, 7 days before': no two of an event are called the same."""
    return f"{KINDS[plan.kind]}, {day_words(plan.kind, plan.days)}"
