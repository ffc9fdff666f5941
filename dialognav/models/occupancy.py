from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.admission import Held
from dialognav.domain.terms import HOLDING, Seat
from dialognav.models.event import Occasion
from dialognav.models.registration import Attendance

_HOLDS = sa.or_(Attendance.state.in_(HOLDING), Attendance.keeps_seat)
_COUNTED = (
    sa.select(
        Attendance.occasion_id,
        Attendance.mode,
        sa.func.count().filter(_HOLDS),
        sa.func.count().filter(Attendance.state == Seat.WAITING),
    )
    .join(Occasion, Occasion.id == Attendance.occasion_id)
    .where(
        Occasion.event_id.in_(sa.bindparam("event_ids", expanding=True)),
        sa.or_(_HOLDS, Attendance.state == Seat.WAITING),
    )
    .group_by(Attendance.occasion_id, Attendance.mode)
)


def count_held(session: Session, event_ids: Iterable[int]) -> dict[int, dict[str, Held]]:
    """{occasion id: {mode: Held}} of these events, in one statement; what nobody holds is absent.

    Under lock_event() the answer holds until commit.
    """
    counted = session.execute(_COUNTED, {"event_ids": list(event_ids)})
    held: dict[int, dict[str, Held]] = {}
    for occasion_id, mode, confirmed, waiting in counted:
        held.setdefault(occasion_id, {})[mode] = Held(confirmed, waiting)
    return held
