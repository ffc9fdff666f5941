"""How one person attends, and at which occasions: leave and join (decisions.md 4)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.answering import carry_over
from dialognav.actions.registration_rules import (
    check_may_add,
    check_may_choose,
    locked_participant,
    note,
    seats_ahead,
)
from dialognav.actions.seats import (
    Wish,
    check_number,
    fill_free_places,
    leave,
    live_seats,
    occasions_of,
    seat_people,
)
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import HOLDING, EventState, QueueReason, Seat
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant


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
    if wanted - {seat.occasion_id for seat in live}:
        check_may_add(event, participant, now=now, by_staff=actor.startswith("user:"))
    has = {seat.occasion_id for seat in live if seat.mode == wish.mode}
    waits = any(seat.state == Seat.PENDING for seat in live)
    new: list[Attendance] = []
    if wanted - has:
        asked = Wish(wish.mode, wanted - has)
        why = QueueReason.MODE if {seat.occasion_id for seat in live} & (wanted - has) else None
        new = seat_people(session, event, [(participant, asked)], now=now, pending=waits, why=why)
        session.flush()  # until then the new seats do not know their occasions
        carry_over(live, new)
    over = _given_up([*live, *new], wanted, wish.mode)
    leave(over, now=now)
    session.flush()
    gone = [seat for seat in over if seat.occasion_id not in wanted]
    by = "organiser" if actor.startswith("user:") else "self"
    notices.tell_withdrawn(session, event, gone, by=by, now=now, post=post)
    notices.tell_places(session, event, new, why="changed", now=now, post=post)
    fill_free_places(session, event, now=now, post=post)
    if new or over:
        note(session, event, actor, "participant.mode", participant, now=now)
    return new


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
    """Other occasions, and the other way at one where the wished way is had or the old is none."""
    held = {seat.occasion_id for seat in seats if seat.mode == mode and _holds(seat)}
    return [
        seat
        for seat in seats
        if seat.occasion_id not in wanted
        or (seat.mode != mode and (seat.occasion_id in held or not _holds(seat)))
    ]


def differs(participant: Participant, wish: Wish, *, now: datetime) -> bool:
    """Whether a wish asks for anything but what the person has and waits for."""
    live = seats_ahead(participant, now=now)
    waiting = {seat.occasion_id for seat in live if not _holds(seat)}
    wished = {
        (seat.occasion_id, seat.mode)
        for seat in live
        if seat.occasion_id not in waiting or not _holds(seat)
    }
    named = wish.occasion_ids or {seat.occasion_id for seat in live}
    return wished != {(occasion_id, wish.mode) for occasion_id in named}


def _holds(seat: Attendance) -> bool:
    return seat.state in HOLDING or seat.keeps_seat
