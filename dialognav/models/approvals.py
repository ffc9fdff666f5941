"""A registration as its reviewer sees it, from the rows (domain/reviews.py)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.reviews import Facts
from dialognav.domain.terms import LIVE, Review, Seat
from dialognav.models.form import Answer, AnswerFile
from dialognav.models.registration import Participant, Registration


def is_declined(person: Participant) -> bool:
    """Whether a reviewer said no to somebody and has not given them another chance."""
    states = [seat.state for seat in person.attendances]
    return Seat.DECLINED in states and not any(state in LIVE for state in states)


def under_review(registration: Registration) -> list[Participant]:
    """The people a reviewer sees: those who have neither left nor been declined by themselves."""
    is_all = registration.review == Review.DECLINED
    people = (one for one in registration.participants if one.withdrawn_at is None)
    return [one for one in people if is_all or not is_declined(one)]


def facts_of(session: Session, registrations: Sequence[Registration]) -> dict[int, Facts]:
    """{registration id: facts}, in one statement beside those that load the people."""
    people = {row.id: under_review(row) for row in registrations}
    answers = _answers(
        session, {row.id: {one.id for one in people[row.id]} for row in registrations}
    )
    return {
        row.id: {
            "party": {
                "name": row.party_name,
                "identifier": row.party_identifier,
                "country": row.party_country,
                "kind": str(row.party_kind),
            },
            "people": [
                {
                    "id": one.id,
                    "name": one.name,
                    "title": one.title,
                    "email": one.email,
                    "mandate": one.mandate,
                }
                for one in people[row.id]
            ],
            "answers": answers[row.id],
        }
        for row in registrations
    }


def _answers(session: Session, people: dict[int, set[int]]) -> dict[int, list[dict[str, Any]]]:
    """The answers of these registrations and people; of a file, also its checksum."""
    rows = session.execute(
        sa.select(
            Answer.registration_id,
            Answer.field_id,
            Answer.participant_id,
            Answer.value,
            AnswerFile.sha256,
        )
        .outerjoin(AnswerFile, AnswerFile.answer_id == Answer.id)
        .where(Answer.registration_id.in_(people))
        .order_by(Answer.registration_id, Answer.participant_id, Answer.field_id)
    )
    found: dict[int, list[dict[str, Any]]] = {key: [] for key in people}
    for registration_id, field_id, participant_id, value, checksum in rows:
        if participant_id is None or participant_id in people[registration_id]:
            said = value | {"sha256": checksum} if checksum else value
            answer = {"field": field_id, "person": participant_id, "value": said}
            found[registration_id].append(answer)
    return found
