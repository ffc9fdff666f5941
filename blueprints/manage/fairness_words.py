"""The balance of equal treatment in words: on its own page, and in short beside the board."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from blueprints.manage.meeting_trail import MEETING_VERBS
from dialognav.domain.fairness import Check
from dialognav.i18n import current_language, list_text, ngettext, pick
from dialognav.i18n import gettext as _
from dialognav.meeting_rule_words import RULES, said_meeting_rule
from dialognav.models import AuditEntry, Event


@dataclass(frozen=True, slots=True)
class CheckLine:
    """`tone` and `glyph` as ui.todo() takes them; `text` says what lacks, or is ""."""

    code: str
    tone: str
    glyph: str
    title: str
    text: str = ""


_TONES = {True: ("ok", "okc"), False: ("warn", "warn"), None: ("info", "info")}
_SILENT = ("length", "roles", "people", "staffed", "modes", "by_hand")
"""Nothing to say while there is no meeting, or none ahead."""
_EXPLAINED = ("length", "roles", "by_hand", "queue")


def check_lines(checks: Iterable[Check], minutes: int) -> list[CheckLine]:
    """What needs a look first. `minutes` is the usual length."""
    return [_line(each, minutes) for each in checks if each.of or each.code not in _SILENT]


def _line(check: Check, minutes: int) -> CheckLine:
    tone, glyph = _TONES[check.is_fine]
    differs = check.number > (check.code == "people")
    title = _differs(check) if differs else _fine(check, minutes)
    return CheckLine(check.code, tone, glyph, title, _unexplained(check))


def _fine(check: Check, minutes: int) -> str:
    words = {
        "length": _("Every time is %(minutes)s minutes", minutes=minutes),
        "questions": _same_questions(check.of),
        "roles": _("As many of us in every meeting"),
        "people": _("The same people in every meeting"),
        "staffed": _("Somebody asks and somebody takes notes at every time ahead"),
        "declared": _("All in the team have declared that they have no conflict of interest"),
        "conflicts": _("Nobody meets a supplier with whom they have a conflict of interest"),
        "by_hand": _("No time was given by hand"),
        "queue": _("The waiting list has been followed in its order"),
        "modes": _("Every meeting is on site"),
    }
    return words[check.code]


def _same_questions(number: int) -> str:
    if not number:
        return _("No questions are written for the meetings")
    return ngettext(
        "The same %(num)s question in every meeting",
        "The same %(num)s questions in every meeting",
        number,
    )


def _differs(check: Check) -> str:
    n = check.number
    words = {
        "length": ngettext(
            "%(num)s time is longer or shorter than the others",
            "%(num)s times are longer or shorter than the others",
            n,
        ),
        "questions": ngettext(
            "The questions were changed when %(num)s meeting had been held",
            "The questions were changed when %(num)s meetings had been held",
            n,
        ),
        "roles": ngettext(
            "More or fewer of us in %(num)s meeting than in the others",
            "More or fewer of us in %(num)s meetings than in the others",
            n,
        ),
        "people": ngettext("%(num)s team has met them", "%(num)s different teams", n),
        "staffed": ngettext(
            "%(num)s time ahead lacks somebody who asks or takes notes",
            "%(num)s times ahead lack somebody who asks or takes notes",
            n,
        ),
        "declared": ngettext(
            "%(num)s in the team has not declared to have no conflict of interest",
            "%(num)s in the team have not declared to have no conflict of interest",
            n,
        ),
        "conflicts": ngettext(
            "Somebody with a conflict of interest is in %(num)s meeting",
            "Somebody with a conflict of interest is in %(num)s meetings",
            n,
        ),
        "by_hand": ngettext(
            "%(num)s time was given by the organiser",
            "%(num)s times were given by the organiser",
            n,
        ),
        "queue": ngettext(
            "%(num)s supplier was passed over in the waiting list",
            "%(num)s suppliers were passed over in the waiting list",
            n,
        ),
        "modes": _modes(check.of - n, n),
    }
    return words[check.code]


def _modes(on_site: int, online: int) -> str:
    said = [ngettext("%(num)s meeting online", "%(num)s meetings online", online)]
    if on_site:
        said.insert(0, ngettext("%(num)s meeting on site", "%(num)s meetings on site", on_site))
    return list_text(said)


def rule_change_lines(event: Event, entry: AuditEntry, why: str) -> list[str]:
    """What was done, what each rule was and is, and why."""
    said = [str(MEETING_VERBS[entry.verb][1])]
    for name, pair in entry.facts.get("rules_of_meetings", {}).items():
        values = [_said(event, name, each) for each in pair]
        said.append(": ".join((str(RULES[name]), " → ".join(values) or _("changed"))))
    if why:
        said.append(_("Reason: %(reason)s", reason=why))
    return said


def _said(event: Event, name: str, value: Any) -> str:
    if name == "text":
        value = pick(value, current_language(), event.primary_language)[0] if value else ""
    return said_meeting_rule(name, value, event.zone)


def _unexplained(check: Check) -> str:
    if check.code == "staffed":
        return _("It cannot be handed out until somebody does.") if check.number else ""
    if check.unexplained:
        return _("The reason is missing for %(number)s of them.", number=check.unexplained)
    return _("Each with its reason.") if check.number and check.code in _EXPLAINED else ""
