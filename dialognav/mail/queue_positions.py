"""Whose turn it is: places in the queues of an event, counted from 1."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.terms import Seat
from dialognav.models import Attendance

_FEW = 20
"""So many places in a queue are counted one by one."""


def queue_positions(session: Session, waiting: Sequence[int]) -> dict[int, int]:
    """Attendance -> its place in the queue of its occasion and mode, counted from 1.

    Of a few, those ahead are counted; of many, the whole queue is numbered once.
    """
    if len(waiting) <= _FEW:
        ahead = aliased(Attendance)
        place = (
            sa.select(sa.func.count())
            .where(
                ahead.occasion_id == Attendance.occasion_id,
                ahead.mode == Attendance.mode,
                ahead.state == Seat.WAITING,
                ahead.queue_number <= Attendance.queue_number,
            )
            .scalar_subquery()
        )
        rows = session.execute(sa.select(Attendance.id, place).where(Attendance.id.in_(waiting)))
    else:
        rank = sa.func.row_number().over(
            partition_by=(Attendance.occasion_id, Attendance.mode),
            order_by=Attendance.queue_number,
        )
        same = sa.select(Attendance.occasion_id).where(Attendance.id.in_(waiting))
        rows = session.execute(
            sa.select(Attendance.id, rank).where(
                Attendance.occasion_id.in_(same), Attendance.state == Seat.WAITING
            )
        )
    return {row[0]: row[1] for row in rows}
