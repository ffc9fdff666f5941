"""How long an offered place is held, and until when the queue moves by itself.

The rule, as it is published beside the queue:

1. A place that becomes free is offered to the first in the queue for `offer_hours` (24).
2. An offer ends at a working hour only: an end at night, on a weekend or a holiday is put forward
   to the next working hour.
3. The queue closes `queue_ends_hours` (12) before the occasion begins that it is for; if that is no
   working hour, at the last one before. Nobody moves up by itself after that.
4. Near the start an offer holds for half of the time that is left until the queue closes, but one
   hour at least, and never past it. In the queue's last hour nobody is offered a place.

Half of what is left gives the next in the queue a fair time too; under an hour nobody can be
expected to see a mail.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialognav.domain.terms import EventState, Phase, Promotion, Seat
from dialognav.domain.working_hours import WorkingHours

SHORTEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QueueRule:
    """Of an occasion that begins at `starts_at`."""

    starts_at: datetime
    offer_hours: int
    queue_ends_hours: int
    hours: WorkingHours

    @property
    def closes_at(self) -> datetime:
        """The cut-off, a working instant before the start or at it."""
        return self.hours.last(self.starts_at - timedelta(hours=self.queue_ends_hours))

    def offer_ends_at(self, now: datetime) -> datetime | None:
        """When an offer made now ends; None when it is too late to make one."""
        closes_at = self.closes_at
        left = closes_at - now
        if left < SHORTEST:
            return None
        hold = max(SHORTEST, min(timedelta(hours=self.offer_hours), left / 2))
        return min(self.hours.next(now + hold), closes_at)

    def resumed_until(self, left: timedelta, now: datetime) -> datetime:
        """When an offer ends that could not be answered for a while and had `left` to go.

        It was made before the cut-off and is not taken back at it, only at the start.
        """
        return min(self.hours.next(now + max(SHORTEST, left)), self.starts_at)


class HasHours(Protocol):
    """An organisation, as far as its working time goes."""

    zone: str
    country: str


class Begins(Protocol):
    """An occasion, as far as its queue goes."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def queue_closed_at(self) -> datetime | None: ...


class HasQueue(Protocol):
    """An event, as far as its queues go."""

    @property
    def organisation(self) -> HasHours: ...
    @property
    def last_start(self) -> datetime | None: ...
    @property
    def offer_hours(self) -> int: ...
    @property
    def queue_ends_hours(self) -> int: ...
    @property
    def queue_closed_at(self) -> datetime | None: ...
    @property
    def registration_closes_at(self) -> datetime | None: ...
    @property
    def waiting_list(self) -> bool: ...
    @property
    def promotion(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def phase(self) -> str | None: ...


def rule_of(event: HasQueue, occasion: Begins | None = None) -> QueueRule | None:
    """Of the queue at one occasion; without one, of the last, which ends with it.

    None for a draft without a date.
    """
    starts_at = event.last_start if occasion is None else occasion.starts_at
    return None if starts_at is None else queue_rule(event, starts_at)


def queue_rule(event: HasQueue, starts_at: datetime) -> QueueRule:
    """The event's rule for what begins then: an occasion, or a one-to-one meeting."""
    owner = event.organisation
    hours = WorkingHours(owner.zone, owner.country)
    return QueueRule(starts_at, event.offer_hours, event.queue_ends_hours, hours)


@dataclass(frozen=True, slots=True)
class Turn:
    """How the next in the queue gets a free place: at once, or offered until `offer_ends_at`."""

    state: Seat
    offer_ends_at: datetime | None = None


def next_turn(
    event: HasQueue, now: datetime, occasion: Begins | None = None, *, added: bool = False
) -> Turn | None:
    """How a free place goes to the next by itself; None when it does not.

    After the cut-off nobody moves, nor while the event has no day. Only places that the organiser
    adds on purpose (`added`) still go to those who wait, at once, until the occasion begins.
    """
    rule = rule_of(event, occasion)
    is_on = event.state == EventState.PUBLISHED and not is_stopped(event, now)
    if rule is None or not is_on or now >= rule.starts_at:
        return None
    if not _is_closed(event, occasion) and now < rule.closes_at:
        if event.promotion == Promotion.CONFIRM:
            return Turn(Seat.CONFIRMED)
        if ends_at := rule.offer_ends_at(now):
            return Turn(Seat.OFFERED, ends_at)
    return Turn(Seat.CONFIRMED) if added else None


def _is_closed(event: HasQueue, occasion: Begins | None) -> bool:
    """Whether those who waited have had the last letter."""
    closed = (event.queue_closed_at, occasion.queue_closed_at if occasion is not None else None)
    return any(at is not None for at in closed)


def takes_queue(event: HasQueue, now: datetime, occasion: Begins | None = None) -> bool:
    """Whether a newcomer may wait: where the queue no longer moves, nobody may.

    Without an occasion named: at the last one.
    """
    if not event.waiting_list or _is_closed(event, occasion):
        return False
    rule = rule_of(event, occasion)
    return event.state == EventState.POSTPONED or rule is None or now < rule.closes_at


def may_reopen(event: HasQueue, now: datetime, occasion: Begins) -> bool:
    """Whether a closed queue has reason to move again: it was put off to a later day."""
    rule = rule_of(event, occasion)
    is_closed = _is_closed(event, occasion) and event.state == EventState.PUBLISHED
    return is_closed and not is_stopped(event, now) and rule is not None and now < rule.closes_at


def is_stopped(event: HasQueue, now: datetime) -> bool:
    """Whether a procurement has begun and ended sign-up with it (decisions.md 6, OSL 19:3)."""
    closes_at = event.registration_closes_at
    is_over = closes_at is not None and closes_at <= now
    return event.phase == Phase.PROCUREMENT and event.queue_closed_at is not None and is_over
