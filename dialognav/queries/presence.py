"""Who is expected at one occasion, who is there, and what the day needs to know about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from dialognav.domain.diets import group_needs
from dialognav.domain.errors import NotFound
from dialognav.domain.presence import CODE_LENGTH
from dialognav.domain.terms import LIVE, Mode, Seat
from dialognav.models import (
    Attendance,
    Diet,
    Event,
    Occasion,
    Participant,
    PresenceMark,
    Registration,
)

COMES = (Seat.CONFIRMED, Seat.ATTENDED)
MOST_ROWS = 500
"""Of a list for a phone; a search finds the rest."""

_ORDERS = {
    "name": (sa.func.lower(Participant.name),),
    "party": (sa.func.lower(Registration.party_name), sa.func.lower(Participant.name)),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one occasion: here, still expected, said not to have come, and without a place."""

    here: int = 0
    expected: int = 0
    absent: int = 0
    placeless: int = 0

    @property
    def places(self) -> int:
        return self.here + self.expected + self.absent


def occasion_of(event: Event, wanted: str, now: datetime) -> Occasion:
    """The occasion asked for by its id, else the one that goes on or comes next, else the last.

    None that was called off. NotFound for an event without any.
    """
    live = event.live_occasions
    if not live:
        raise NotFound
    for each in live:
        if str(each.id) == wanted:
            return each
    ahead = [each for each in live if now < each.ends_at]
    return ahead[0] if ahead else live[-1]


def seats_at(
    session: Session,
    occasion_id: int,
    *,
    states: Sequence[str] = LIVE,
    mode: str = "",
    search: str = "",
    order: str = "name",
    limit: int | None = None,
) -> list[Attendance]:
    """Seats with person and registration, by name or by organisation."""
    query = (
        sa.select(Attendance)
        .join(Attendance.participant)
        .join(Participant.registration)
        .where(Attendance.occasion_id == occasion_id, Attendance.state.in_(states))
        .options(contains_eager(Attendance.participant).contains_eager(Participant.registration))
        .order_by(*_ORDERS[order], Participant.id, Attendance.id)
        .limit(limit)
    )
    if mode:
        query = query.where(Attendance.mode == mode)
    for word in search.split()[:8]:
        query = query.where(_has_word(word))
    return list(session.scalars(query))


def _has_word(word: str) -> sa.ColumnElement[bool]:
    """SQLite folds the case of a-z only, so other forms are tried too."""
    forms = {word, word.lower(), word.upper(), word.capitalize()}
    columns = (Participant.name, Registration.party_name, Participant.email)
    return sa.or_(
        *(column.icontains(form, autoescape=True) for column in columns for form in forms)
    )


def counts(session: Session, occasion_id: int, mode: str = "") -> Counts:
    query = (
        sa.select(Attendance.state, sa.func.count(Attendance.participant_id.distinct()))
        .where(Attendance.occasion_id == occasion_id, Attendance.state.in_(LIVE))
        .group_by(Attendance.state)
    )
    if mode:
        query = query.where(Attendance.mode == mode)
    found: dict[str, int] = dict(session.execute(query).all())
    held = (Seat.ATTENDED, Seat.CONFIRMED, Seat.NO_SHOW)
    here, expected, absent = (found.pop(state, 0) for state in held)
    return Counts(here, expected, absent, sum(found.values()))


def states_at(session: Session, occasion_id: int) -> dict[str, str]:
    """{person's public id: the state of the seat}, of those who have or had a place."""
    query = (
        sa.select(Participant.public_id, Attendance.state)
        .join(Attendance.participant)
        .where(
            Attendance.occasion_id == occasion_id,
            Attendance.state.in_((*COMES, Seat.NO_SHOW)),
        )
    )
    return dict(session.execute(query).all())


def person_with_code(session: Session, event_id: int, code: str) -> Participant | None:
    """Whose check-in code it is, among those registered to the event."""
    if len(code) != CODE_LENGTH:
        return None
    return session.scalars(
        sa.select(Participant)
        .join(Participant.registration)
        .where(
            Participant.check_in_code == code,
            Registration.event_id == event_id,
            Participant.withdrawn_at.is_(None),
        )
    ).one_or_none()


def marked_after(session: Session, occasion_id: int) -> int:
    """How many are said not to have come by a list, and by nobody since."""
    newer = aliased(PresenceMark)
    return int(
        session.scalar(
            sa.select(sa.func.count())
            .select_from(PresenceMark)
            .join(PresenceMark.attendance)
            .where(
                Attendance.occasion_id == occasion_id,
                Attendance.state == Seat.NO_SHOW,
                PresenceMark.source == "after",
                PresenceMark.state == Seat.NO_SHOW,
                ~sa.exists().where(
                    newer.attendance_id == Attendance.id, newer.at > PresenceMark.at
                ),
            )
        )
        or 0
    )


def diet_numbers(session: Session, event_id: int) -> list[tuple[str, int]]:
    """[(need, how many)] of those who come in person: numbers, never names (domain.md 2.5).

    Words that differ in case and spaces only are one need.
    """
    needs = session.scalars(
        sa.select(Diet.need)
        .join(Participant, Participant.id == Diet.participant_id)
        .join(Participant.registration)
        .where(
            Registration.event_id == event_id,
            sa.exists().where(
                Attendance.participant_id == Participant.id,
                Attendance.mode == Mode.ON_SITE,
                Attendance.state.in_(COMES),
            ),
        )
        .order_by(Diet.participant_id)
    )
    return group_needs(needs)


def eaters(session: Session, event_id: int) -> int:
    """How many come in person, with or without a need."""
    return int(
        session.scalar(
            sa.select(sa.func.count(Attendance.participant_id.distinct()))
            .join(Attendance.occasion)
            .where(
                Occasion.event_id == event_id,
                Attendance.mode == Mode.ON_SITE,
                Attendance.state.in_(COMES),
            )
        )
        or 0
    )
