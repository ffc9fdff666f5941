"""How the plan of one-to-one meetings speaks to a colleague: names, what lacks, what was done."""

from typing import Any

from dialognav.domain.meeting_problems import Lack
from dialognav.domain.meeting_rules import RANGES
from dialognav.i18n import gettext
from dialognav.i18n import lazy as _

WRONG_RULES: dict[tuple[str, str], Any] = {
    ("slot_minutes", "has_slots"): _(
        "All meetings are equally long. Take the planned times away before you choose another"
        " length."
    ),
    ("slot_minutes", "range"): _("Choose one of these"),
    ("hand_out", "begun"): _(
        "Suppliers have relied on the rule already, so it stays: it was published before they"
        " booked or wished."
    ),
    ("opens_at", "missing"): _("Enter when it opens: everybody has to know beforehand"),
    ("closes_at", "missing"): _("Wishes and lots need a last day. Enter it."),
    ("closes_at", "drawn"): _(
        "The draw is made, so the last day stays. To open the wishes again, give the draw up first."
    ),
    ("closes_at", "before_opening"): _("It has to open before it closes"),
    ("languages", "missing"): _("Choose at least one language"),
}
BREAKS: dict[str, Any] = {
    "break": _("Break"),
    "lunch": _("Lunch"),
    "notes": _("The team sums up"),
}
LACKS: dict[Lack, Any] = {
    Lack.CONFLICT: _("%(who)s may not meet the supplier who has the time"),
    Lack.ASKS: _("Nobody asks"),
    Lack.NOTES: _("Nobody takes notes"),
    Lack.TWICE: _("%(who)s is in two meetings at once"),
    Lack.ELSEWHERE: _("%(who)s is in a meeting of %(event)s then"),
    Lack.AWAY: _("%(who)s is away"),
    Lack.SHARED: _("Several meetings share a link, and no lobby is confirmed"),
    Lack.LINK: _("The link is missing"),
    Lack.ROOM: _("Neither room nor address is entered"),
    Lack.LENGTH: _("Another length than the others, without a reason"),
}
_DONE: dict[str, tuple[Any, Any]] = {
    "rules": (_("The rules are saved"), ""),
    "rules_public": (
        _("The rules are changed"),
        _(
            "The public page says so from now on. Whoever may have a meeting, or has asked for"
            " one, is told by e-mail."
        ),
    ),
    "member": (_("The team is saved"), ""),
    "member_left": (
        _("The person has left the team"),
        _("Look below for meetings that now need somebody else."),
    ),
    "conflict": (
        _("The conflict of interest is noted"),
        _("The two are not brought together. No supplier reads this."),
    ),
    "conflict_gone": (_("The conflict of interest is taken away"), ""),
    "table": (_("The table is saved"), ""),
    "table_gone": (_("The table is out of use, and its free times with it"), ""),
    "in_use": (
        _("A supplier has a meeting then"),
        _("Nothing is changed. Move or cancel the meeting on the board first."),
    ),
    "say_why": (
        _("Say why before published times are taken away"),
        _("Nothing is changed. The public has read of them, so the record wants the reason."),
    ),
    "links": (_("The links are saved"), _("Only those who meet there see them.")),
    "slots": (
        _("The times are added"),
        _("Nobody outside sees them before you publish."),
    ),
    "slot": (_("The time is changed"), ""),
    "blocked": (_("The time is blocked"), _("Nobody can book it.")),
    "unblocked": (_("The time is free again"), ""),
    "engaged": (
        _("The time stays blocked"),
        _("Somebody of its team is in a meeting of another event then. Choose who is there first."),
    ),
    "slots_gone": (_("The times are taken away"), ""),
    "wished_gone": (
        _("The times are taken away"),
        _("Whoever had wished for one of them is told, and which of their wishes stand."),
    ),
    "break": (_("The break is added"), ""),
    "break_gone": (_("The break is taken away"), ""),
    "published": (
        _("The meetings are public"),
        _("Everybody sees the rules and the times from this instant."),
    ),
    "added": (
        _("The new times are public"),
        _("All who may take one are told at the same moment."),
    ),
    "unchanged": (_("Nothing had changed"), ""),
}


def done_words(code: str) -> tuple[str, str] | None:
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else None


def sentence_of(rule: str, code: str) -> str:
    """What is wrong with a rule (domain.rules.Impossible)."""
    if code == "range" and rule in RANGES:
        least, most = RANGES[rule]
        return gettext("Enter a whole number from %(least)s to %(most)s", least=least, most=most)
    return str(WRONG_RULES[rule, code])


def standard_text() -> str:
    """How a meeting goes, in the language spoken: what the editor begins with. Markdown.

    It never promises secrecy, which the law does not let anybody do beforehand (OSL 31:16).
    """
    return "\n\n".join(map(str, _STANDARD))


_STANDARD = (
    _(
        "Everybody gets the same questions and the same time. Somebody of us asks, and somebody"
        " takes notes."
    ),
    _(
        "You get the notes to read and can put misunderstandings right before they are approved."
        " What concerns everybody is published for all."
    ),
    _(
        "What is said and handed in can be asked for as public records. Mark what you think is a"
        " trade secret and say why: we try each request by the law."
    ),
)
