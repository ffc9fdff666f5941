"""What becomes of each meeting when somebody cannot come, in words, with what else could be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blueprints.manage.board_cards import slot_label
from dialognav.domain.bookings import Span
from dialognav.domain.replanning import Loss, Step, Way
from dialognav.i18n import gettext as _
from dialognav.models import TeamMember
from dialognav.models.meeting_losses import Absence
from dialognav.queries.meeting_board import Board


@dataclass(frozen=True, slots=True)
class Plan:
    """`team` by id."""

    board: Board
    member: TeamMember
    span: Span
    absence: Absence
    team: Mapping[int, TeamMember]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """`name` is the field's; `options` are (value, words, whether it is chosen)."""

    name: str
    party: str
    when: str
    role: str
    options: list[tuple[str, str, bool]]
    is_wrong: bool


def plan_lines(plan: Plan, steps: Iterable[Step], wrong: frozenset[int]) -> list[PlanLine]:
    """By time, each with the way that is best or was chosen."""
    chosen = {step.booking_id: step for step in steps}
    return [_line(plan, loss, chosen.get(loss.booking_id), wrong) for loss in plan.absence.losses]


def _line(plan: Plan, loss: Loss, step: Step | None, wrong: frozenset[int]) -> PlanLine:
    booking = plan.absence.bookings[loss.booking_id]
    ways = _ways(plan, loss)
    now = _code(plan, step) if step else ""
    return PlanLine(
        name=_field(loss),
        party=booking.registration.party_name,
        when=slot_label(plan.board, booking.slot),
        role=dict(plan.absence.teams[booking.slot_id]).get(plan.member.id, ""),
        options=[(code, words, code == now) for code, words in ways.items()],
        is_wrong=loss.booking_id in wrong,
    )


def _field(loss: Loss) -> str:
    return f"way-{loss.booking_id}"


def _ways(plan: Plan, loss: Loss) -> dict[str, str]:
    """{code: words} of all that would do."""
    found = {}
    if loss.holds_without:
        found[str(Way.WITHOUT)] = _("Is held without %(name)s", name=plan.member.name)
    for member_id in loss.stand_ins:
        code = f"{Way.STAND_IN}:{plan.team[member_id].public_id}"
        found[code] = _("%(name)s stands in", name=plan.team[member_id].name)
    for slot in plan.board.slots:
        if slot.id in loss.slots:
            label = slot_label(plan.board, slot)
            found[f"{Way.MOVE}:{slot.public_id}"] = _("Moves to %(time)s", time=label)
    found[str(Way.QUEUE)] = _("Goes first on the waiting list")
    return found


def _code(plan: Plan, step: Step) -> str:
    if step.target_id is None:
        return str(step.way)
    if step.way == Way.STAND_IN:
        return f"{step.way}:{plan.team[step.target_id].public_id}"
    public_id = next(slot.public_id for slot in plan.board.slots if slot.id == step.target_id)
    return f"{step.way}:{public_id}"


def typed_steps(plan: Plan, typed: Mapping[str, Any]) -> list[Step]:
    """What was chosen for each; without a step for what is no way at all (any more)."""
    members = {one.public_id: one.id for one in plan.team.values()}
    slots = {slot.public_id: slot.id for slot in plan.board.slots}
    steps = []
    for loss in plan.absence.losses:
        way, _colon, target = str(typed.get(_field(loss), "")).partition(":")
        if way in tuple(Way):
            found = (members if way == Way.STAND_IN else slots).get(target)
            steps.append(Step(loss.booking_id, Way(way), found))
    return steps
