"""Occasions that come and go while an event has people: added, taken out, cancelled one by one."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.event_moves import finish, require
from dialognav.actions.event_text import fit_to_occasions
from dialognav.actions.plan_runs import renew_under_way
from dialognav.actions.seats import Wish, leave, seat_people
from dialognav.actions.series import series_since
from dialognav.domain.drafts import EventDraft, Text
from dialognav.domain.errors import AttendingInUse, ModeInUse, NotAllowedNow, NotASeries
from dialognav.domain.publishing import dropped_modes
from dialognav.domain.series import loses_places
from dialognav.domain.terms import LIVE, Attending, EventState, Seat
from dialognav.mail import notices
from dialognav.mail.occasion_notices import tell_occasion_cancelled
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, Event, Occasion, Participant, lock_event


def refuse_unfit_occasions(
    session: Session, event: Event, old: EventDraft, new: EventDraft
) -> None:
    """ModeInUse when a form of attendance in use would go, AttendingInUse when how one takes part
    would change for those registered, NotAllowedNow when an occasion would go that the public has
    seen: that is cancelled, with a reason. NotASeries when calendars could not be told of one that
    they have.
    """
    since = series_since(event)
    if since is not None and loses_places(old, new, since):
        raise NotASeries
    for mode in dropped_modes(old, new):
        if n := _live_seats(session, event.id, Attendance.mode == mode):
            raise ModeInUse(mode, n)
    is_opened = (old.attending, new.attending) == (Attending.ALL, Attending.CHOOSE)
    if old.attending != new.attending and not is_opened:
        people = sa.func.count(Attendance.participant_id.distinct())
        if n := _live_seats(session, event.id, sa.true(), of=people):
            raise AttendingInUse(n)
    gone = {line.id for line in old.occasions} - {line.id for line in new.occasions}
    if gone and (event.state != EventState.DRAFT or _in_use(session, gone)):
        raise NotAllowedNow


def _live_seats(
    session: Session,
    event_id: int,
    where: sa.ColumnElement[bool],
    *,
    of: sa.ColumnElement[int] | None = None,
) -> int:
    found = session.scalar(
        sa.select(sa.func.count() if of is None else of)
        .select_from(Attendance)
        .join(Occasion)
        .where(Occasion.event_id == event_id, Attendance.state.in_(LIVE), where)
    )
    return found or 0


def _in_use(session: Session, ids: set[int | None]) -> bool:
    return any(
        session.scalar(sa.select(sa.exists().where(table.occasion_id.in_(ids))))
        for table in (Attendance, CalendarObject)
    )


def new_occasions(event: Event, old: EventDraft) -> list[Occasion]:
    """The live occasions that the draft from before did not have."""
    known = {line.id for line in old.occasions}
    return [occasion for occasion in event.live_occasions if occasion.id not in known]


def seat_everybody(
    session: Session, event: Event, added: Sequence[Occasion], *, now: datetime, post: Post
) -> list[Attendance]:
    """A seat, or a place in the queue, at new occasions for those registered to all of them.

    They come in the order in which they registered, each in the way they attend the others; who is
    still looked at stays so. EventFull when the new ones are too small and nobody may wait.
    """
    ahead = [occasion.id for occasion in added if now < occasion.starts_at]
    if not ahead or event.attending == Attending.CHOOSE:
        return []
    rows = session.execute(
        sa.select(Participant, sa.func.min(Attendance.mode), _is_pending)
        .join(Participant.attendances)
        .join(Attendance.occasion)
        .where(Occasion.event_id == event.id, Attendance.state.in_(LIVE))
        .group_by(Participant.id)
        .order_by(Participant.id)
    ).all()
    seats = []
    for pending in (False, True):
        people = [(who, Wish(mode, ahead)) for who, mode, waits in rows if bool(waits) is pending]
        seats += seat_people(session, event, people, now=now, pending=pending)
    session.flush()
    notices.tell_places(session, event, seats, why="changed", now=now, post=post)
    return seats


_is_pending = sa.func.max(sa.case((Attendance.state == Seat.PENDING, 1), else_=0))


def cancel_occasion(
    session: Session,
    event_id: int,
    occasion_id: int,
    reason: Text,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Event:
    """Call one of several occasions off. Those who have a seat at it, or wait, are told at once.

    `reason` is shown on the page and in the letters. The others stay as they are. NotAllowedNow for
    the last one, for one that is over, and for one of another event: the event itself is cancelled.
    """
    event = lock_event(session, event_id)
    require("cancel_occasion", event, now)
    live = {occasion.id: occasion for occasion in event.live_occasions}
    occasion = live.get(occasion_id)
    if occasion is None or len(live) == 1 or occasion.ends_at <= now:
        raise NotAllowedNow
    occasion.cancelled_at, occasion.reason = now, reason
    fit_to_occasions(event)
    event.revision += 1
    event.changed_at = now
    session.flush()
    renew_under_way(session, event, now=now)
    tell_occasion_cancelled(session, event, occasion, now=now, post=post)
    at_it = sa.select(Attendance).where(Attendance.occasion_id == occasion.id)
    leave(session.scalars(at_it.where(Attendance.state.in_(LIVE))), now=now)
    finish(
        session,
        event,
        "event.occasion_cancelled",
        now=now,
        actor=actor,
        post=post,
        occasion=occasion.id,
        after=occasion.starts_at.isoformat(),
    )
    return event
