"""An event with as many people as a measurement wants, and the letters promised to them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.terms import LANGUAGES
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant, Registration

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
_PER_PARTY = 20


def make_attendees(session: Session, event: Event, people: int) -> Sequence[Attendance]:
    """Confirmed, twenty from each company, the companies in all three languages in turn.

    `event` is new; inside a unit of work.
    """
    now = datetime.now(UTC)
    session.flush()
    parties = [_party(event.id, n, now) for n in range(-(-people // _PER_PARTY))]
    insert = sa.insert(Registration).returning(Registration.id, sort_by_parameter_order=True)
    registrations = session.scalars(insert, parties).all()
    persons = [_person(registrations[n // _PER_PARTY], n, now) for n in range(people)]
    session.execute(sa.insert(Participant), persons)
    ids = session.scalars(
        sa.select(Participant.id).where(Participant.registration_id.in_(registrations))
    )
    session.execute(sa.insert(Attendance), [_seat(i, event.occasions[0].id, now) for i in ids])
    return session.scalars(
        sa.select(Attendance)
        .where(Attendance.occasion_id == event.occasions[0].id)
        .options(joinedload(Attendance.participant).joinedload(Participant.registration))
    ).all()


def invite(session: Session, event: Event, seats: Sequence[Attendance], now: datetime) -> None:
    """A letter with an invitation to each."""
    notices.tell_places(session, event, seats, why="registered", now=now, post=POST, are_new=True)


def _party(event_id: int, n: int, now: datetime) -> dict[str, object]:
    return {
        "event_id": event_id,
        "party_kind": "company",
        "party_name": f"Exempelbolaget {n} AB",
        "party_key": f"exempelbolaget {n} ab",
        "contact_name": f"Nils Kontakt {n}",
        "contact_email": f"nils{n}@bolag{n}.example",
        "language": LANGUAGES[n % len(LANGUAGES)],
        "created_at": now,
    }


def _person(registration_id: int, n: int, now: datetime) -> dict[str, object]:
    return {
        "registration_id": registration_id,
        "position": n % _PER_PARTY,
        "name": f"Petra Deltagare {n}",
        "email": f"petra{n}@bolag{n // _PER_PARTY}.example",
        "created_at": now,
    }


def _seat(participant_id: int, occasion_id: int, now: datetime) -> dict[str, object]:
    return {
        "participant_id": participant_id,
        "occasion_id": occasion_id,
        "mode": "on_site",
        "state": "confirmed",
        "created_at": now,
        "state_at": now - timedelta(seconds=1),
    }
