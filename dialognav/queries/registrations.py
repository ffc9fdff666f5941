"""What the pages of sign-up and of one's own registration ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.domain.admission import Held
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import LIVE, EventState, Seat
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Participant,
    Registration,
)
from dialognav.models.occupancy import count_held
from dialognav.tokens import PARTICIPANT, REGISTRATION, proves, read_link


def occupancy(session: Session, event_ids: Iterable[int]) -> dict[int, dict[str, Held]]:
    """{occasion id: {mode: Held}} of these events, in one statement; what nobody holds is absent.

    Join it with the capacities by domain.admission.occupancies().
    """
    return count_held(session, event_ids)
