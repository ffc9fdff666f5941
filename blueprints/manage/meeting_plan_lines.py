"""What the page of the plan shows of its team, tables, times and problems."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from blueprints.manage.meeting_plan_words import LACKS, WRONG_RULES
from dialognav.actions.meeting_rules import meeting_rules_of
from dialognav.actions.meeting_slots import span_of
from dialognav.actions.meeting_staffing import people_of
from dialognav.domain.meeting_problems import Lack, PlannedSlot, Problem, problems_of
from dialognav.domain.meeting_rules import lacking_instants
from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.slots import Span, spans_of
from dialognav.i18n import clock_text, date_text, lazy, list_text, local, ngettext, pick, time_range
from dialognav.i18n import gettext as _
from dialognav.meeting_words import HAND_OUTS
from dialognav.models import (
    Event,
    InterestConflict,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    Slot,
    TeamMember,
)
from dialognav.queries import meeting_plans


@dataclass(frozen=True, slots=True)
class Plan:
    """All of an event's plan; twelve statements, one more where there is a conflict of interest,
    and where somebody is in another event's meetings."""

    event: Event
    rules: MeetingRules | None
    team: Sequence[TeamMember]
    conflicts: Sequence[InterestConflict]
    tables: Sequence[MeetingTable]
    breaks: Sequence[MeetingBreak]
    slots: Sequence[Slot]
    taken: set[int]  # ids of slots
    conflicted: Mapping[int, set[int]]  # {slot: members who may not meet who has it}
    elsewhere: Mapping[int, Sequence[tuple[Span, str]]]  # {member: [(when, in which other event)]}

    @property
    def unpublished(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.published_at is None]

    def table_name(self, table: MeetingTable) -> str:
        return pick(table.name, self.event.primary_language, "sv")[0]


def plan_of(session: Session, event: Event, now: datetime) -> Plan:
    slots = meeting_plans.slots_of(session, event.id)
    conflicts = meeting_plans.conflicts_of(session, event.id)
    return Plan(
        event,
        meeting_plans.rules_of(session, event.id),
        meeting_plans.team_of(session, event.id),
        conflicts,
        meeting_plans.tables_of(session, event.id),
        meeting_plans.breaks_of(session, event.id),
        slots,
        meeting_plans.taken_among(session, [slot.id for slot in slots]),
        meeting_plans.conflicted_in(session, event.id) if conflicts else {},
        meeting_plans.elsewhere_of(session, event, now=now),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """On the way to published meetings. `text`: what there is, or what the step is about."""

    title: str
    text: str
    is_done: bool
    verb: str
    url: str


_WAYS = (
    (lazy("Write the rules"), "meeting_rules.edit"),
    (lazy("Add somebody"), "meeting_team.new"),
    (lazy("Add a table"), "meeting_tables.new"),
    (lazy("Add times"), "meeting_slots.new"),
    (lazy("Look through and publish"), "meeting_plan.look"),
)


def steps_of(plan: Plan) -> list[Step]:
    """All of them, in their order; the first that is not done is the next to take."""
    team, tables, slots = len(plan.team), len(plan.tables), len(plan.slots)
    hand_out = str(HAND_OUTS[plan.rules.hand_out]) if plan.rules else ""
    people = ngettext("%(num)s person", "%(num)s people", team) if team else ""
    set_up = ngettext("%(num)s table", "%(num)s tables", tables) if tables else ""
    times = ngettext("%(num)s time", "%(num)s times", slots) if slots else ""
    rules = _lacking(plan.rules) or hand_out or _("How times are handed out, and how long each is")
    steps = (
        (_("Rules"), rules, plan.rules is not None and not _lacking(plan.rules)),
        (_("The team"), people or _("Who asks, takes notes and observes"), team > 1),
        (_("Tables"), set_up or _("A room or a link each"), tables > 0),
        (_("Meeting times"), times or _("Days, cut into meetings"), slots > 0),
        (_("Publish"), _("For everybody at one instant"), False),
    )
    return [
        Step(*step, str(verb), url_for(f"manage.{name}", public_id=plan.event.public_id))
        for step, (verb, name) in zip(steps, _WAYS, strict=True)
    ]


def _lacking(rules: MeetingRules | None) -> str:
    """Which instant the rules have to name before they can be public."""
    lacking = list(lacking_instants(meeting_rules_of(rules))) if rules else []
    return str(WRONG_RULES[lacking[0].rule, lacking[0].code]) if lacking else ""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """`weight` is the tone of its sign."""

    title: str
    text: str
    url: str
    weight: str


def problem_lines(plan: Plan, now: datetime) -> list[ProblemLine]:
    """What the times to come lack, and who has not declared; the weightiest first."""
    if plan.rules is None:
        return []
    open_ = [slot for slot in plan.slots if slot.state == SlotState.OPEN and slot.starts_at > now]
    away = {member.id: spans_of(member.away) for member in plan.team}
    planned = [_planned(slot, plan.conflicted.get(slot.id, ())) for slot in open_]
    elsewhere = {who: [span for span, _event in each] for who, each in plan.elsewhere.items()}
    found = problems_of(planned, away, elsewhere, plan.rules.slot_minutes)
    slots = {slot.id: slot for slot in open_}
    lines = [_problem_line(plan, problem, slots) for problem in found]
    return lines + [_undeclared(plan, member) for member in plan.team if not member.cleared_at]


def _planned(slot: Slot, conflicted: Iterable[int]) -> PlannedSlot:
    table = slot.table
    return PlannedSlot(
        slot.id,
        slot.table_id,
        span_of(slot),
        people_of(slot),
        mode=table.mode,
        conflicted=frozenset(conflicted),
        own_link=slot.online_url,
        table_link=table.online_url,
        has_lobby=table.lobby_at is not None,
        has_place=any(table.room.values()) or bool(table.address),
        deviation=slot.deviation,
    )


def _problem_line(plan: Plan, problem: Problem, slots: Mapping[int, Slot]) -> ProblemLine:
    event = plan.event
    mine = [slots[slot_id] for slot_id in problem.slot_ids]
    table = mine[0].table
    names = {member.id: member.name for member in plan.team}
    said = str(LACKS[problem.lack])
    if problem.member_id is not None:
        others = _others(plan, problem.member_id, mine) if problem.lack is Lack.ELSEWHERE else ""
        said %= {"who": names.get(problem.member_id, ""), "event": others}
    own: dict[str, Any] = {"public_id": event.public_id, "table_id": table.public_id}
    if problem.lack is Lack.LINK and not table.lobby_at:
        url = url_for("manage.meeting_links.edit", **own)
    elif len(mine) == 1 and problem.lack is not Lack.ROOM:
        slot_id = mine[0].public_id
        url = url_for("manage.meeting_slot.edit", public_id=event.public_id, slot_id=slot_id)
    else:
        url = url_for("manage.meeting_tables.edit", **own)
    weight = "warn" if problem.lack in (Lack.LINK, Lack.ROOM, Lack.LENGTH) else "bad"
    return ProblemLine(said, f"{plan.table_name(table)}: {_when(mine, event.zone)}", url, weight)


def _others(plan: Plan, member_id: int, slots: Sequence[Slot]) -> str:
    """The events whose meetings the member is in at the time of one of these."""
    engaged = plan.elsewhere.get(member_id, ())
    spans = [span_of(slot) for slot in slots]
    titles = [title for there, title in engaged if any(there.overlaps(span) for span in spans)]
    return list_text(list(dict.fromkeys(titles)))


def _when(slots: Sequence[Slot], zone: str) -> str:
    """'ons 24 feb 9.00, 9.40; tors 25 feb 9.00'"""
    days = groupby(slots, key=lambda slot: local(slot.starts_at, zone).date())
    return "; ".join(
        f"{date_text(day, style='short')} "
        + ", ".join(clock_text(slot.starts_at, zone) for slot in of_day)
        for day, of_day in days
    )


def _undeclared(plan: Plan, member: TeamMember) -> ProblemLine:
    return ProblemLine(
        _("%(who)s has not declared to have no conflict of interest", who=member.name),
        member.title,
        url_for(
            "manage.meeting_team.edit",
            public_id=plan.event.public_id,
            team_member_id=member.public_id,
        ),
        "warn",
    )


@dataclass(frozen=True, slots=True)
class SlotLine:
    """`state` is one of "blocked", "taken", "draft" (not public), "opens", "free"."""

    slot: Slot
    table: str
    when: str
    team: str
    state: str


@dataclass(frozen=True, slots=True)
class DayLine:
    day: str
    slots: list[SlotLine]
    breaks: list[tuple[MeetingBreak, str, str, str]]  # row, when, what, at which table

    @property
    def taken(self) -> int:
        return sum(line.state == "taken" for line in self.slots)


def day_lines(plan: Plan, now: datetime) -> list[DayLine]:
    """In the order of time."""
    zone = plan.event.zone
    days: dict[date, DayLine] = {}

    def line_of(at: datetime) -> DayLine:
        day = local(at, zone).date()
        return days.setdefault(day, DayLine(date_text(day, style="long"), [], []))

    for slot in plan.slots:
        line_of(slot.starts_at).slots.append(_slot_line(plan, slot, now))
    for each in _break_lines(plan):
        line_of(each[0].starts_at).breaks.append(each)
    return [days[day] for day in sorted(days)]


def _slot_line(plan: Plan, slot: Slot, now: datetime) -> SlotLine:
    instants = (slot.opens_at, plan.rules.opens_at if plan.rules else None)
    states = {
        "blocked": slot.state == SlotState.BLOCKED,
        "taken": slot.id in plan.taken,
        "draft": slot.published_at is None,
        "opens": any(at is not None and at > now for at in instants),
        "free": True,
    }
    return SlotLine(
        slot,
        plan.table_name(slot.table),
        time_range(slot.starts_at, slot.ends_at, plan.event.zone),
        list_text([one.member.name for one in slot.staff]),
        next(name for name, holds in states.items() if holds),
    )


def _break_lines(plan: Plan) -> Iterator[tuple[MeetingBreak, str, str, str]]:
    names = {table.id: plan.table_name(table) for table in plan.tables}
    for row in plan.breaks:
        title = pick(row.title, plan.event.primary_language, "sv")[0]
        when = time_range(row.starts_at, row.ends_at, plan.event.zone)
        yield row, when, title, names.get(row.table_id or 0, "")
