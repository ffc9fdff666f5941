"""Which seats an audience's states mean, and how many addresses each criterion would give."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.audience import STATES, WITHOUT, Audience, has_answered
from dialognav.domain.form_fields import NO, YES
from dialognav.domain.terms import HOLDING, LIVE, FieldKind, Mode, PartyKind, Review, Seat
from dialognav.mail.contact_rows import contacts_away
from dialognav.models import Answer, Attendance, FormField, Participant, Registration

_ASKED = (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.YES_NO)


@dataclass(frozen=True, slots=True)
class Counts:
    """Addresses by criterion, each on its own. All but `states` are of those with a live seat.

    `answers` are by field and choice; `contacts` do not take part themselves.
    """

    states: Mapping[str, int]
    modes: Mapping[str, int]
    occasions: Mapping[int, int]
    party_kinds: Mapping[str, int]
    answers: Mapping[tuple[int, str], int]
    contacts: int


def is_meant(states: Collection[str], occasions: Collection[int] = ()) -> sa.ColumnElement[bool]:
    """Of Attendance joined with Participant and Registration: whether its state is one of them.

    Somebody under a second review keeps the seat, and is among the confirmed. Who has a seat and
    waits for the other way of attending stands where the seat is. Whoever left, or was declined,
    is gone only when no other registration with the address is live at the event; of chosen
    `occasions`, at those.
    """
    seats = {seat for state in states for seat in STATES[state]}
    between = {Seat.WAITING, Seat.PENDING}
    gone = seats - set(LIVE)
    wanted: list[sa.ColumnElement[bool]] = [Attendance.state.in_(sorted(seats - between - gone))]
    if seats & between:
        wanted.append(Attendance.state.in_(sorted(seats & between)) & ~_is_seated())
    if Seat.CONFIRMED in seats:
        wanted.append(Attendance.keeps_seat.is_(True))
    if gone:
        wanted.append(Attendance.state.in_(sorted(gone)) & ~_is_live(occasions))
    if WITHOUT in states:
        wanted.append(has_no_seat())
    return sa.or_(*wanted)


def has_no_seat() -> sa.ColumnElement[bool]:
    """Of Participant joined with Registration: whether they are registered WITHOUT a place."""
    seat = aliased(Attendance)
    return sa.and_(
        Participant.withdrawn_at.is_(None),
        Registration.withdrawn_at.is_(None),
        Registration.merged_into_id.is_(None),
        Registration.review.not_in((Review.PENDING, Review.DECLINED)),
        ~sa.exists().where(seat.participant_id == Participant.id, seat.state != Seat.WITHDRAWN),
    )


def _is_seated() -> sa.ColumnElement[bool]:
    other = aliased(Attendance)
    return sa.exists().where(
        other.participant_id == Attendance.participant_id,
        other.occasion_id == Attendance.occasion_id,
        other.id != Attendance.id,
        other.state.in_(HOLDING) | other.keeps_seat,
    )


def _is_live(occasions: Collection[int]) -> sa.ColumnElement[bool]:
    """Whether somebody with this address has, or waits for, a place at the event."""
    person, whole, seat = aliased(Participant), aliased(Registration), aliased(Attendance)
    query = (
        sa.select(seat.id)
        .join(person, seat.participant_id == person.id)
        .join(whole, person.registration_id == whole.id)
        .where(person.email == Participant.email, whole.event_id == Registration.event_id)
        .where(seat.state.in_(LIVE))
        .correlate(Participant, Registration)
    )
    if occasions:
        query = query.where(seat.occasion_id.in_(sorted(occasions)))
    return query.exists()


def counts(session: Session, event_ids: Collection[int]) -> Counts:
    """For the form that chooses an audience; three statements. The caller has asked whether these
    events are the reader's."""
    columns = {
        **{f"state:{state}": is_meant((state,)) for state in STATES if state != WITHOUT},
        **{f"mode:{mode}": _HAS_SEAT & (Attendance.mode == mode) for mode in Mode},
        **{f"party:{kind}": _HAS_SEAT & (Registration.party_kind == kind) for kind in PartyKind},
    }
    contacts = contacts_away(event_ids).label("contacts")
    one = session.execute(
        _seats(event_ids).with_only_columns(
            *(_ADDRESSES.filter(which).label(name) for name, which in columns.items()),
            _without(event_ids).label(f"state:{WITHOUT}"),
            contacts,
        )
    ).one()
    by_name = one._mapping
    return Counts(
        states={state: by_name[f"state:{state}"] for state in STATES},
        modes={str(mode): by_name[f"mode:{mode}"] for mode in Mode},
        occasions=_by_occasion(session, event_ids),
        party_kinds={str(kind): by_name[f"party:{kind}"] for kind in PartyKind},
        answers=_by_answer(session, event_ids),
        contacts=by_name["contacts"],
    )


_HAS_SEAT = Attendance.state.in_(LIVE)
_ADDRESSES = sa.func.count(sa.distinct(sa.func.lower(Participant.email)))


def _without(event_ids: Iterable[int]) -> sa.ScalarSelect[int]:
    return (
        sa.select(_ADDRESSES)
        .select_from(Participant)
        .join(Registration, Participant.registration_id == Registration.id)
        .where(Registration.event_id.in_(sorted(event_ids)), Participant.erased_at.is_(None))
        .where(has_no_seat())
        .correlate(None)
        .scalar_subquery()
    )


def _seats(event_ids: Iterable[int]) -> sa.Select[Any]:
    return (
        sa.select(Attendance.id)
        .join(Participant, Attendance.participant_id == Participant.id)
        .join(Registration, Participant.registration_id == Registration.id)
        .where(Registration.event_id.in_(sorted(event_ids)), Participant.erased_at.is_(None))
    )


def _by_occasion(session: Session, event_ids: Iterable[int]) -> dict[int, int]:
    query = _seats(event_ids).with_only_columns(Attendance.occasion_id, _ADDRESSES)
    rows = session.execute(query.where(_HAS_SEAT).group_by(Attendance.occasion_id))
    return {row[0]: row[1] for row in rows}


def _by_answer(session: Session, event_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """An address that has answered twice, in two ways, counts for both."""
    said = sa.cast(Answer.value, sa.Text)
    rows = session.execute(
        _seats(event_ids)
        .with_only_columns(Answer.field_id, said, _ADDRESSES)
        .join(Answer, Answer.registration_id == Registration.id)
        .join(FormField, Answer.field_id == FormField.id)
        .where(_HAS_SEAT, FormField.kind.in_(_ASKED))
        .where(Answer.participant_id.is_(None) | (Answer.participant_id == Participant.id))
        .group_by(Answer.field_id, said)
    )
    found: dict[tuple[int, str], int] = {}
    for field, text, number in rows:
        for choice in _choices(json.loads(text)):
            found[field, choice] = found.get((field, choice), 0) + number
    return found


def _choices(value: object) -> list[str]:
    if isinstance(value, bool):
        return [YES if value else NO]
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def who_answered(
    session: Session, audience: Audience, rows: Sequence[sa.Row[Any]]
) -> list[sa.Row[Any]]:
    """Those of the rows whose person, or registration, has given each of the wanted answers."""
    wanted = dict(audience.answers)
    people: dict[int, set[int]] = {field: set() for field in wanted}
    whole: dict[int, set[int]] = {field: set() for field in wanted}
    for field, registration, person, value in session.execute(
        sa.select(Answer.field_id, Answer.registration_id, Answer.participant_id, Answer.value)
        .join(Registration, Answer.registration_id == Registration.id)
        .where(Answer.field_id.in_(wanted), Registration.event_id.in_(audience.events))
    ):
        if has_answered(value, wanted[field]):
            (whole if person is None else people)[field].add(person or registration)
    return [
        row
        for row in rows
        if all(row.id in people[field] or row.registration_id in whole[field] for field in wanted)
    ]
