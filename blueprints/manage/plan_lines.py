"""When each message of an event is sent by itself, for which date, and what became of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from blueprints.guard import allows, current_user
from blueprints.manage.message_state_words import STATES
from blueprints.manage.plan_words import READERS, name_of
from dialognav.actions.plans import waits_for_approval
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.message_rules import may_approve
from dialognav.domain.permissions import MESSAGE_APPROVAL, MESSAGES
from dialognav.domain.plans import BEFORE, Sending, is_left, sendings
from dialognav.domain.terms import EventState, Format, MessageState, PlanKind
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text
from dialognav.models import Event, MessagePlan
from dialognav.models.planned import slots_of, time_of
from dialognav.occasion_names import occasion_name
from dialognav.queries.plans import PlanRunRow, plans_of, runs_of

SHOWN = 3  # dates of a long series that stand without opening anything


@dataclass(frozen=True, slots=True)
class SendingLine:
    """`date`: of several, for which. `message_id` is that of the message where there is one."""

    date: str
    when: str
    state: str
    tone: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class PlanLine:
    plan: MessagePlan
    name: str
    readers: str
    own_words: list[str]  # codes of the languages that have them
    lines: list[SendingLine]
    is_sent: bool
    waits: bool  # for somebody else than who wrote its words
    can_switch: bool

    @property
    def first(self) -> list[SendingLine]:
        return self.lines[:SHOWN]

    @property
    def more(self) -> list[SendingLine]:
        return self.lines[SHOWN:]


def plan_lines(event: Event) -> list[PlanLine]:
    """Without a link to send where everybody meets in a room."""
    plans = plans_of(db.session(), event.id)
    runs = runs_of(db.session(), [plan.id for plan in plans])
    return [
        _line(event, plan, runs.get(plan.id, []))
        for plan in plans
        if plan.kind != PlanKind.LINK or event.format != Format.ON_SITE
    ]


def _line(event: Event, plan: MessagePlan, runs: list[PlanRunRow]) -> PlanLine:
    waits = waits_for_approval(event, plan)
    may_let_go = allows(MESSAGE_APPROVAL) and may_approve(current_user().id, plan.writer_ids)
    return PlanLine(
        plan=plan,
        waits=waits,
        can_switch=may_let_go if waits else allows(MESSAGES),
        name=name_of(plan),
        readers=str(READERS[plan.kind]),
        own_words=sorted({*plan.subject, *plan.body}),
        lines=[*_gone(event, plan, runs), *_ahead(event, plan, runs)],
        is_sent=any(one.run.is_sent for one in runs),
    )


def _gone(event: Event, plan: MessagePlan, runs: Iterable[PlanRunRow]) -> Iterator[SendingLine]:
    """What was sent, each message once."""
    seen = set()
    for one in runs:
        if not one.message_id or one.message_id in seen:
            continue
        seen.add(one.message_id)
        word, tone = STATES[one.state]
        said = _("Has gone out") if one.state == MessageState.SENT else str(word)
        yield SendingLine(
            date=_dates(event, plan, [one.run.occasion_id]),
            when=moment_text(one.done_at, event.zone),
            state=said,
            tone=tone,
            message_id=one.message_id,
        )


def _ahead(event: Event, plan: MessagePlan, rows: list[PlanRunRow]) -> Iterator[SendingLine]:
    now, time, runs = utcnow(), time_of(plan), [one.run for one in rows]
    for sending in sendings(time, slots_of(event), event.zone):
        sent = [run for run in runs if run.is_sent]
        left = [each for each in sending.slots if is_left(time, each, runs, event.zone)]
        if not left and all(
            any((r.occasion_id, r.starts_at) == (s.occasion_id, s.starts_at) for r in sent)
            for s in sending.slots
        ):
            continue  # it is among those that have gone
        state, tone = _outlook(event, plan, sending, now, is_left=bool(left), was_sent=bool(sent))
        yield SendingLine(
            date=_dates(event, plan, [each.occasion_id for each in left or sending.slots]),
            when=moment_text(sending.due_at, event.zone),
            state=state,
            tone=tone,
        )


def _outlook(
    event: Event,
    plan: MessagePlan,
    sending: Sending,
    now: datetime,
    *,
    is_left: bool,
    was_sent: bool,
) -> tuple[str, str]:
    """What will become of it as things are."""
    if event.state in (EventState.CANCELLED, EventState.POSTPONED):
        return _("Not sent: the date does not hold"), ""
    if not is_left:
        return (_("Not again: it has gone out"), "") if was_sent else (_("There was nobody"), "")
    if now >= sending.until:
        return _("Not sent: too late"), ""
    if not plan.is_on:
        return _("Off"), ""
    if event.state != EventState.PUBLISHED:
        return _("Once the event is published"), ""
    return (_("Planned"), "info") if now < sending.due_at else (_("Leaves within a minute"), "info")


def _dates(event: Event, plan: MessagePlan, occasion_ids: Iterable[int]) -> str:
    """Which of several dates; "" where there is one, and for what is about all of them."""
    if len(event.occasions) == 1 or plan.kind not in BEFORE:
        return ""
    ids = set(occasion_ids)
    return ", ".join(occasion_name(event, each) for each in event.occasions if each.id in ids)
