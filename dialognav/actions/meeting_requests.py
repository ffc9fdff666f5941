"""Wishes for a one-to-one meeting: for a draw, for the organiser's hand, or the waiting list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions import meeting_offers
from dialognav.actions.booking_rows import (
    bookings_where,
    last_number,
    locked_request,
    locked_supplier,
    note,
    people_of,
    request_of,
)
from dialognav.domain.bookings import RulesFacts, may_be_wished, what_stops_asking
from dialognav.domain.errors import CannotMeet, NotAllowedNow, WishesCannotBe
from dialognav.domain.meeting_terms import BookingState, HandOut, RequestState
from dialognav.domain.slots import stored_spans
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingRequest, Wish
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts
from dialognav.models.meeting_queues import asking_facts


@dataclass(frozen=True, slots=True)
class Asked:
    """What a supplier asks for. `modes` and `languages` it can take part in ((): any); `away` are
    spans of instants when it cannot; `people` ids of participants; `wishes` ids of slots, the
    dearest first."""

    people: tuple[int, ...]
    modes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    away: tuple[tuple[datetime, datetime], ...] = ()
    topics: str = ""
    secret_marks: str = ""
    secret_reason: str = ""
    wishes: tuple[int, ...] = ()


def ask(
    session: Session,
    registration_id: int,
    asked: Asked,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> MeetingRequest:
    """Ask, or change what was asked for: the place in the queue stays.

    Wishes and lots: between opens_at and closes_at for the draw; after a published draw at the end
    of its queue. By hand: between the two. First come: the waiting list, as long as it moves.
    Whoever left comes last. CannotMeet (NO_MEETINGS, EVENT_STOPPED, NOT_ADMITTED, NOT_OPEN, CLOSED,
    LIMIT), WrongPeople, WishesCannotBe.
    """
    event, registration = locked_supplier(session, registration_id)
    meeting_offers.lapse_due(session, event, now=now, post=post)
    rules = rules_facts(session, event, now=now)
    asking = asking_facts(session, event, rules, now=now)
    supplier = supplier_facts(session, event.id, [registration_id], now=now)[registration_id]
    if stops := what_stops_asking(supplier, rules, asking, now):
        raise CannotMeet(stops, rules.most_per_party)
    people_of(session, registration_id, asked.people, rules.most_people)
    request = request_of(session, registration_id)
    if request is not None and request.state == RequestState.OFFERED:
        raise NotAllowedNow
    is_new = request is None or request.state != RequestState.WAITING
    if request is None:
        request = MeetingRequest(event_id=event.id, registration=registration, asked_at=now)
        session.add(request)
    _fill_in(request, asked, now=now)
    _rank(session, event, rules, request, asked.wishes, now=now)
    if is_new:
        request.state, request.asked_at, request.closed_at = RequestState.WAITING, now, None
        request.queue_number = None
        if not asking.for_draw:
            request.queue_number = last_number(session, event.id) + 1
    session.flush()
    is_wish = asking.for_draw or rules.hand_out == HandOut.BY_HAND
    tell = meeting_notices.tell_wished if is_wish else meeting_notices.tell_waiting
    tell(session, [request], now=now, post=post)
    _note(session, event, actor, "meeting.asked", request, now=now, is_new=is_new)
    if not asking.can_choose:
        _offer_what_is_free(session, event, rules, now=now, post=post)
    return request


def _fill_in(request: MeetingRequest, asked: Asked, *, now: datetime) -> None:
    request.people, request.away = list(asked.people), stored_spans(asked.away)
    request.modes, request.languages = list(asked.modes), list(asked.languages)
    request.topics = asked.topics
    request.secret_marks, request.secret_reason = asked.secret_marks, asked.secret_reason
    request.changed_at = now


def _rank(
    session: Session,
    event: Event,
    rules: RulesFacts,
    request: MeetingRequest,
    slot_ids: tuple[int, ...],
    *,
    now: datetime,
) -> None:
    """The slots in the order wished for. WishesCannotBe."""
    kept = {wish.rank: wish for wish in request.wishes}
    if slot_ids:
        wanted = slot_facts(session, event.id, rules, now=now, only=slot_ids)
        can_be = len(wanted) == len(slot_ids) <= rules.most_wishes
        if not can_be or not all(may_be_wished(slot, now) for slot in wanted.values()):
            raise WishesCannotBe
    wishes = []
    for rank, slot_id in enumerate(slot_ids, 1):
        wish = kept.get(rank) or Wish(rank=rank)
        wish.slot_id = slot_id
        wishes.append(wish)
    request.wishes = wishes


def _offer_what_is_free(
    session: Session, event: Event, rules: RulesFacts, *, now: datetime, post: Post
) -> None:
    """Where nobody may choose, what is free is for the queue: also for its newest."""
    slots = slot_facts(session, event.id, rules, now=now)
    free = [slot.id for slot in slots.values() if slot.taken_by is None]
    meeting_offers.offer_on(session, event, free, now=now, post=post)


def leave(
    session: Session, request_id: int, *, now: datetime, actor: str, post: Post
) -> MeetingRequest:
    """No longer wait. An offer that is open is declined with it. NotAllowedNow for one who does
    not wait."""
    event, request = locked_request(session, request_id)
    if request.state not in (RequestState.WAITING, RequestState.OFFERED):
        raise NotAllowedNow
    open_offers = bookings_where(
        session,
        Booking.registration_id == request.registration_id,
        Booking.state == BookingState.OFFERED,
    )
    for booking in open_offers:
        meeting_offers.decline(session, booking, now=now, stays=False)
        note(session, event, actor, "meeting.declined", [booking], now=now, stays=False)
    request.state, request.changed_at = RequestState.WITHDRAWN, now
    session.flush()
    _note(session, event, actor, "meeting.left", request, now=now)
    freed = [booking.slot_id for booking in open_offers]
    meeting_offers.offer_on(session, event, freed, now=now, post=post)
    return request


def _note(
    session: Session,
    event: Event,
    actor: str,
    verb: str,
    request: MeetingRequest,
    *,
    now: datetime,
    **facts: object,
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"registration:{request.registration_id}",
        now=now,
        event_id=event.id,
        facts={"number": request.queue_number, **facts},
    )
