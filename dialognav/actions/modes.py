"""How one person attends, and at which occasions: leave and join (decisions.md 4)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.answering import carry_over
from dialognav.actions.party_limits import check_share
from dialognav.actions.registration_rules import (
    check_may_add,
    check_may_choose,
    locked_participant,
    note,
    seated,
    seats_ahead,
)
from dialognav.actions.review import OPEN
from dialognav.actions.seats import (
    Wish,
    check_number,
    fill_free_places,
    leave,
    live_seats,
    occasions_of,
    seat_people,
)
from dialognav.actions.second_looks import is_staff, put_in_line
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.reviews import LIMIT
from dialognav.domain.terms import HOLDING, EventState, QueueReason, Review, Seat
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant
from dialognav.models.approvals import is_declined


def change_mode(
    session: Session,
    participant_id: int,
    wish: Wish,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Attendance]:
    """Leave and join: attend in another way, or at other occasions. Returns the new seats.

    Without occasions named, those that the person has. A held seat is kept until the new one is
    confirmed (decisions.md 4); asking for the old way again drops what one waits for. What has
    begun stays as it is. EventFull, and nothing changed, when the new way has neither a place nor
    a queue; RegistrationClosed for one more occasion when newcomers could not have it either.
    """
    event, participant = locked_participant(session, participant_id)
    check_may_choose(event, participant, now=now)
    if event.state != EventState.PUBLISHED:
        raise NotAllowedNow
    live = seats_ahead(participant, now=now)
    wanted = _wanted(event, participant, wish, now=now)
    if more := len(wanted - {seat.occasion_id for seat in live}):
        check_may_add(event, participant, now=now, by_staff=is_staff(actor), more=more)
    has = {seat.occasion_id for seat in live if seat.mode == wish.mode}
    asked = Wish(wish.mode, wanted - has)
    new = _join(session, event, participant, asked, live, now=now, actor=actor)
    over = _given_up([*live, *new], wanted, wish.mode)
    leave(over, now=now)
    session.flush()
    gone = [seat for seat in over if seat.occasion_id not in wanted]
    by = "organiser" if is_staff(actor) else "self"
    notices.tell_withdrawn(session, event, gone, by=by, now=now, post=post)
    notices.tell_places(session, event, new, why="changed", now=now, post=post)
    fill_free_places(session, event, now=now, post=post)
    if new or over:
        note(session, event, actor, "participant.mode", participant, now=now)
    return new


def _join(
    session: Session,
    event: Event,
    participant: Participant,
    asked: Wish,
    live: Sequence[Attendance],
    *,
    now: datetime,
    actor: str,
) -> list[Attendance]:
    """Seats at the occasions asked for, with what the person has said of the `live` ones there."""
    if not asked.occasion_ids:
        return []
    waits = _has_to_wait(session, event, participant, live, now=now, actor=actor)
    is_another_mode = any(seat.occasion_id in asked.occasion_ids for seat in live)
    why = QueueReason.MODE if is_another_mode else None
    new = seat_people(session, event, [(participant, asked)], now=now, pending=waits, why=why)
    session.flush()  # until then the new seats do not know their occasions
    carry_over(session, live, new)
    return new


def _has_to_wait(
    session: Session,
    event: Event,
    participant: Participant,
    live: Sequence[Attendance],
    *,
    now: datetime,
    actor: str,
) -> bool:
    """Whether somebody has to look at it first, as with the seats there are or with a newcomer.

    Who has no seat left, as all were called off, counts as one more of the organisation again:
    LimitReached. NotAllowedNow for somebody who was declined.
    """
    registration = participant.registration
    waits = any(seat.state == Seat.PENDING for seat in live)
    if is_staff(actor):
        return waits
    if registration.review == Review.DECLINED or is_declined(participant):
        raise NotAllowedNow
    if not live_seats(participant):
        waits = registration.review in OPEN
        if check_share(session, event, registration, 1, beside=seated(registration)):
            put_in_line(session, registration, LIMIT, now=now)
            waits = True
    return waits


def _wanted(event: Event, participant: Participant, wish: Wish, *, now: datetime) -> set[int]:
    """The ids of the occasions ahead that the person is to have. NotAllowedNow, too many of them
    together with what has begun."""
    ahead = {seat.occasion_id for seat in seats_ahead(participant, now=now)}
    named = wish.occasion_ids or ahead
    if not named:
        raise NotAllowedNow
    wanted = occasions_of(event, Wish(wish.mode, named), now=now)
    begun = {seat.occasion_id for seat in live_seats(participant)} - ahead
    check_number(event, len(begun) + len(wanted))
    return {each.id for each in wanted}


def _given_up(seats: Sequence[Attendance], wanted: set[int], mode: str) -> list[Attendance]:
    """Other occasions, and the other way at one where the wished way is had or the old is none.

    An offer of the wished way is not had until it is taken.
    """
    held = {seat.occasion_id for seat in seats if seat.mode == mode and _is_had(seat)}
    return [
        seat
        for seat in seats
        if seat.occasion_id not in wanted
        or (seat.mode != mode and (seat.occasion_id in held or not _holds(seat)))
    ]


def differs(participant: Participant, wish: Wish, *, now: datetime) -> bool:
    """Whether a wish asks for anything but what the person has and waits for."""
    live = seats_ahead(participant, now=now)
    waiting = {seat.occasion_id for seat in live if not _is_had(seat)}
    wished = {
        (seat.occasion_id, seat.mode)
        for seat in live
        if seat.occasion_id not in waiting or not _is_had(seat)
    }
    named = wish.occasion_ids or {seat.occasion_id for seat in live}
    return wished != {(occasion_id, wish.mode) for occasion_id in named}


def _holds(seat: Attendance) -> bool:
    return seat.state in HOLDING or seat.keeps_seat


def _is_had(seat: Attendance) -> bool:
    return _holds(seat) and seat.state != Seat.OFFERED
