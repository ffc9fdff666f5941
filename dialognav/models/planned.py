"""An event's plans and dates as domain/plans.py takes them."""

from dialognav.domain.plans import PlanTime, Slot
from dialognav.models.event import Event, Occasion
from dialognav.models.message import MessagePlan


def time_of(plan: MessagePlan) -> PlanTime:
    return PlanTime(plan.kind, plan.days, plan.at_wall)


def slots_of(event: Event) -> list[Slot]:
    """The dates that hold."""
    return [slot_of(each) for each in event.live_occasions]


def slot_of(each: Occasion) -> Slot:
    return Slot(each.id, each.starts_at, each.ends_at, each.online_url, each.all_day)
