"""How one person attends, and at which occasions: leave and join (decisions.md 4)."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.registration_rules import check_not_over, locked_participant, note
from dialognav.actions.seats import (
    Wish,
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

    A held seat is kept until the new one is confirmed (decisions.md 4); asking for the old way
    again drops what one waits for. EventFull, and nothing changed, when the new way has neither a
    place nor a queue.
    """
    event, participant = locked_participant(session, participant_id)
    check_not_over(event, participant, now=now)
    if event.state != EventState.PUBLISHED:
        raise NotAllowedNow
    wanted = {o.id for o in occasions_of(event, wish) if now < o.starts_at}
    live = [seat for seat in live_seats(participant) if now < seat.occasion.starts_at]
    has = {seat.occasion_id for seat in live if seat.mode == wish.mode}
    waits = any(seat.state == Seat.PENDING for seat in live)
    new: list[Attendance] = []
    if wanted - has:
        asked = Wish(wish.mode, wanted - has)
        new = seat_people(
            session, event, [(participant, asked)], now=now, pending=waits, why=QueueReason.MODE
        )
        session.flush()  # until then the new seats do not know their occasions
    held = {seat.occasion_id for seat in (*live, *new) if seat.mode == wish.mode and _holds(seat)}
    over = [
        seat
        for seat in live
        if seat.occasion_id not in wanted
        or (seat.mode != wish.mode and (seat.occasion_id in held or not _holds(seat)))
    ]
    leave(over, now=now)
    session.flush()
    gone = [seat for seat in over if seat.occasion_id not in wanted]
    notices.tell_withdrawn(session, event, gone, by="self", now=now, post=post)
    notices.tell_places(session, event, new, why="changed", now=now, post=post)
    fill_free_places(session, event, now=now, post=post)
    if new or over:
        note(session, event, actor, "participant.mode", participant, now=now)
    return new


def differs(event: Event, participant: Participant, wish: Wish) -> bool:
    """Whether a wish asks for anything but what the person has and waits for."""
    live = live_seats(participant)
    waiting = {seat.occasion_id for seat in live if not _holds(seat)}
    wished = {
        (seat.occasion_id, seat.mode)
        for seat in live
        if seat.occasion_id not in waiting or not _holds(seat)
    }
    return wished != {(o.id, wish.mode) for o in occasions_of(event, wish)}


def _holds(seat: Attendance) -> bool:
    return seat.state in HOLDING or seat.keeps_seat
