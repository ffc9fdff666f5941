"""An event's plans and dates as domain/plans.py takes them."""

from dialognav.domain.plans import PlanTime, Slot
from dialognav.models.event import Event
from dialognav.models.message import MessagePlan


def time_of(plan: MessagePlan) -> PlanTime:
    return PlanTime(plan.kind, plan.days, plan.at_wall)


def slots_of(event: Event) -> list[Slot]:
    """The dates that hold."""
    return [
        Slot(each.id, each.starts_at, each.ends_at, each.online_url)
        for each in event.live_occasions
    ]
