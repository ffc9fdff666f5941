"""The record of an event's one-to-one meetings set for paper: what was said beforehand, what was
changed and why, who met when and by which way, and how it was drawn.

Whoever reads it was not there: every part says what it is, and a part without rows is left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from blueprints.context import external_url
from blueprints.manage import fairness_rows
from blueprints.manage.fairness_words import check_lines, rule_change_lines
from blueprints.manage.workspace import title_of
from dialognav.clock import utcnow
from dialognav.i18n import current_language, moment_text, ngettext, pick
from dialognav.i18n import gettext as _
from dialognav.meeting_rule_words import RULES, said_meeting_rule
from dialognav.models import AuditEntry, Event
from dialognav.queries.booking_steps import Steps, steps_of
from dialognav.queries.fairness import Balance, draws_of, rule_changes, shared_of

Data = dict[str, Any]
_SAID = (
    *("hand_out", "slot_minutes", "opens_at", "closes_at"),
    *("most_per_party", "most_people"),
)


def rule_lines(event: Event, balance: Balance) -> list[tuple[str, str]]:
    """[(what, how)] of the rules that were published beforehand."""
    rules, zone = balance.rules, event.zone
    since = said_meeting_rule("opens_at", rules.published_at, zone)
    return [
        (_("Rules public since"), since),
        *(
            (str(RULES[name]), said_meeting_rule(name, getattr(rules, name), zone))
            for name in _SAID
        ),
    ]


def paper_data(session: Session, event: Event, balance: Balance) -> Data:
    """Sections of tables, every cell a line of words."""
    title = title_of(event)
    made = moment_text(utcnow(), event.zone, "medium")
    numbers = [event.diary_number] if event.diary_number else []
    organiser = pick(event.organisation.name, current_language(), event.primary_language)[0]
    return {
        "lang": current_language(),
        "title": _("Equal treatment in the meetings: %(title)s", title=title),
        "organiser": organiser,
        "kind": _("Equal treatment in the one-to-one meetings"),
        "heading": title,
        "lines": [organiser, *numbers],
        "remark": _("Made %(moment)s", moment=made),
        "footer": title,
        "sections": [one for one in _sections(session, event, balance) if one["rows"]],
    }


def _sections(session: Session, event: Event, balance: Balance) -> list[Data]:
    changes = rule_changes(session, event)
    steps = steps_of(session, event)
    checks = check_lines(balance.checks, balance.rules.slot_minutes)
    return [
        _section(_("The rule that was published"), ["", ""], rule_lines(event, balance)),
        _section(_("What was published and changed, and why"), ["", ""], _changes(event, changes)),
        _section(_("The questions, the same in every meeting"), [""], _questions(event)),
        _section(_("Our team"), ["", ""], _team(event, balance)),
        _section(_("In short"), ["", ""], [(line.title, line.text) for line in checks]),
        _section(_("The meetings"), _meeting_head(), _meeting_cells(event, balance)),
        _section(
            _("Who was offered what, and when"), _chance_head(), _chances(event, balance, steps)
        ),
        _section(_("Step by step"), _step_head(), _step_cells(event, balance, steps)),
        _section(_("The waiting list"), _queue_head(), _queue_cells(event, balance)),
        _section(_("The draw, and how to check it"), ["", ""], _draws(session, event)),
        _section(_("Shared with all"), ["", "", ""], _shared(session, event)),
    ]


def _changes(event: Event, changes: Sequence[tuple[AuditEntry, str]]) -> list[list[str]]:
    return [
        [moment_text(one.at, event.zone, "medium"), ". ".join(rule_change_lines(event, one, why))]
        for one, why in changes
    ]


def _questions(event: Event) -> list[list[str]]:
    language, primary = current_language(), event.primary_language
    return [
        [f"{n}. {pick(question.text, language, primary)[0]}"]
        for n, question in enumerate(event.questions, 1)
    ]


def _team(event: Event, balance: Balance) -> list[list[str]]:
    """With the word on conflicts of interest that each has given (LOU 12 kap. 16 §)."""
    rows = []
    for one in balance.team:
        said = _("Has not declared to have no conflict of interest")
        if one.cleared_at:
            at = moment_text(one.cleared_at, event.zone, "medium")
            said = _("Declared to have no conflict of interest %(moment)s", moment=at)
        rows.append([", ".join(filter(None, (one.name, one.title))), said])
    return rows


def _draws(session: Session, event: Event) -> list[list[str]]:
    """All that is needed to run it again stands at the address."""
    rows = []
    for one in draws_of(session, event.id):
        at = {
            name: _at(event, one[name]) for name in ("committed_at", "published_at", "given_up_at")
        }
        page = f"/{event.primary_language}/events/{event.slug}/draws/{one['id']}"
        rows += [
            [_("Seed chosen, and its hash fixed"), at["committed_at"]],
            [_("Hash of the seed (SHA-256)"), one["commitment"]],
            [_("Result public"), at["published_at"]],
            [_("Given up"), ". ".join(filter(None, (at["given_up_at"], one["reason"])))],
            [_("Seed"), one["seed"] or ""],
            [_("Everything it was given, and the result"), external_url(page)],
        ]
    return [row for row in rows if row[1]]


def _shared(session: Session, event: Event) -> list[list[str]]:
    language, primary = current_language(), event.primary_language
    return [
        [
            str(one["number"]),
            _at(event, one["published_at"]),
            pick(one["text"], language, primary)[0],
        ]
        for one in shared_of(session, event.id)
    ]


def _at(event: Event, instant: str | None) -> str:
    return moment_text(datetime.fromisoformat(instant), event.zone, "medium") if instant else ""


def _section(title: str, head: list[str], rows: Sequence[Sequence[str]]) -> Data:
    return {"title": title, "head": head, "rows": [list(row) for row in rows]}


def _meeting_head() -> list[str]:
    return [_("When"), _("Organisation"), _("Length"), _("From us"), _("Differs because")]


def _meeting_cells(event: Event, balance: Balance) -> list[list[str]]:
    return [
        [
            f"{row.when}, {row.table}",
            row.party,
            ngettext("%(num)s minute", "%(num)s minutes", row.minutes),
            "; ".join(f"{role}: {names}" for role, names in row.team),
            row.differs,
        ]
        for row in fairness_rows.meeting_rows(event, balance)
    ]


def _chance_head() -> list[str]:
    return [
        _("Offered or taken"),
        _("Organisation"),
        _("Which time"),
        _("How it came"),
        _("What came of it"),
    ]


def _chances(event: Event, balance: Balance, steps: Steps) -> list[list[str]]:
    return [
        [row.at, row.party, row.when, row.how, ". ".join(filter(None, (row.state, row.reason)))]
        for row in fairness_rows.chance_rows(event, balance, steps)
    ]


def _step_head() -> list[str]:
    return [_("When"), _("Organisation"), _("What was done"), _("By whom"), _("Reason")]


def _step_cells(event: Event, balance: Balance, steps: Steps) -> list[list[str]]:
    """Of one supplier's time after the other's."""
    return [
        [step.at, row.party, step.done, step.who, step.reason]
        for row in fairness_rows.chance_rows(event, balance, steps)
        for step in row.steps
    ]


def _queue_head() -> list[str]:
    return [_("Number"), _("Organisation"), _("Since"), _("State"), _("Passed over by")]


def _queue_cells(event: Event, balance: Balance) -> list[list[str]]:
    return [
        [str(row.number), row.party, row.asked, row.state, row.passed]
        for row in fairness_rows.queue_rows(event, balance)
    ]
