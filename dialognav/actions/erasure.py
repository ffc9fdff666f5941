"""Takes the names out and leaves the rest: who was admitted, when, by which rule (domain.md 2.3).

Nothing can be turned back: what stands instead is made of the row's own id or rank. The caller has
locked the event, and has asked whether anything may go.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.mail_erasure import erase_person_mails
from dialognav.actions.meeting_erasure import erase_asked, erase_entries
from dialognav.domain.terms import PartyKind
from dialognav.models import (
    AccessNeed,
    Answer,
    AnswerFile,
    CalendarObject,
    CalendarRevision,
    Diet,
    FormField,
    Participant,
    PrivacyRequest,
    Registration,
)
from dialognav.models.labels import gone_address, mark
from dialognav.models.retention import TYPED
from dialognav.tokens import new_check_in_code

Numbers = dict[str, int]


def erase_registrations(
    session: Session, registrations: Sequence[Registration], *, now: datetime
) -> Numbers:
    """Contact, people, and everything they wrote, of whole registrations to one event."""
    ids = [one.id for one in registrations]
    people = [person for one in registrations for person in one.participants]
    numbers = erase_people(session, people, now=now)
    add(numbers, erase_contacts(session, registrations, now=now))
    _change(
        session,
        sa.update(PrivacyRequest)
        .where(PrivacyRequest.registration_id.in_(ids))
        .values(text="", answer=""),
    )
    return numbers


def erase_people(session: Session, people: Sequence[Participant], *, now: datetime) -> Numbers:
    """Names, addresses and needs of those who are not erased yet, and their calendar entries."""
    people = [one for one in people if one.erased_at is None]
    ids = [one.id for one in people]
    if not ids:
        return {"people": 0, "answers": 0, "files": 0, "calendar": 0, "mails": 0}
    ranks = _ranks(session, Participant, people[0].registration.event_id)
    rows = [_nobody(one, ranks[one.id], now) for one in people]
    for table in (Diet, AccessNeed):
        _change(session, sa.delete(table).where(table.participant_id.in_(ids)))
    numbers = _delete_typed(session, sa.select(Answer.id).where(Answer.participant_id.in_(ids)))
    session.flush()
    session.execute(sa.update(Participant), rows)
    numbers |= {"people": len(rows), "calendar": _delete_calendars(session, ids)}
    erase_entries(session, ids)
    numbers["mails"] = erase_person_mails(session, ids)
    for one in people:
        session.expire(one)
    return numbers


def erase_contacts(
    session: Session, registrations: Sequence[Registration], *, now: datetime
) -> Numbers:
    """The contact and what the contact wrote; the party too where it is a person."""
    live = [one for one in registrations if one.erased_at is None]
    if not live:
        return {"registrations": 0, "meetings": 0}
    ids = [one.id for one in live]
    answers = sa.select(Answer.id).where(
        Answer.registration_id.in_(ids), Answer.participant_id.is_(None)
    )
    numbers = _delete_typed(session, answers)
    ranks = _ranks(session, Registration, live[0].event_id)
    session.flush()
    session.execute(sa.update(Registration), [_no_contact(one, ranks[one.id], now) for one in live])
    for one in live:
        session.expire(one)
    return numbers | {"registrations": len(live), "meetings": erase_asked(session, ids)}


def is_contact(registration: Registration, person: Participant) -> bool:
    """Whether this person, still there or not, is the one who holds the registration's link."""
    same = [one for one in registration.participants if one.email == registration.contact_email]
    named = [one for one in same if one.name == registration.contact_name]
    return person in (named or same[:1])


def _nobody(person: Participant, rank: int, now: datetime) -> dict[str, Any]:
    contact = is_contact(person.registration, person)
    return {
        "id": person.id,
        "name": mark("participant", rank),
        "email": gone_address((person.registration if contact else person).public_id),
        "title": "",
        "mandate": "",
        "check_in_code": new_check_in_code(),
        "generation": person.generation + 1,  # the link in old mail opens nothing
        "erased_at": now,
    }


def _no_contact(registration: Registration, rank: int, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": registration.id,
        "contact_name": mark("contact", rank),
        "contact_email": gone_address(registration.public_id),
        "contact_phone": "",
        "message": "",
        "later_invitations": False,
        "approved": None,
        "decision_text": {},
        "generation": registration.generation + 1,
        "erased_at": now,
        # Without a number a party is known by name and mail domain, and a domain may be a person's.
        "party_key": _without_domain(registration.party_key),
        "party_name_key": _without_domain(registration.party_name_key),
    }
    if registration.party_kind == PartyKind.SOLE_TRADER:  # the name of the firm is a person's
        key = f"erased:{registration.public_id}"
        row |= {
            "party_name": mark("sole_trader", rank),
            "party_identifier": "",
            "party_key": key,
            "party_name_key": key,
        }
    return row


def _without_domain(key: str) -> str:
    return key.rpartition("@")[0] if key.startswith("name:") and "@" in key else key


def _ranks(
    session: Session, table: type[Participant] | type[Registration], event_id: int
) -> dict[int, int]:
    """{id: 1 for the event's first}: a number that stays, whoever goes first."""
    query = sa.select(table.id).order_by(table.id)
    if table is Participant:
        query = query.join(Participant.registration)
    ids = session.scalars(query.where(Registration.event_id == event_id))
    return {row_id: number for number, row_id in enumerate(ids, 1)}


def _delete_typed(session: Session, answers: sa.Select[int]) -> Numbers:
    """Answers that somebody wrote, with their files; those chosen from a list stay as numbers."""
    ids = session.scalars(
        answers.join(FormField, FormField.id == Answer.field_id).where(FormField.kind.in_(TYPED))
    ).all()
    files = _change(session, sa.delete(AnswerFile).where(AnswerFile.answer_id.in_(ids)))
    gone = _change(session, sa.delete(Answer).where(Answer.id.in_(ids)))
    return {"answers": gone, "files": files}


def _delete_calendars(session: Session, participant_ids: Iterable[int]) -> int:
    """The bytes of mailed invitations name their attendee; that they were sent stays."""
    own = sa.select(CalendarObject.uid).where(CalendarObject.participant_id.in_(participant_ids))
    uids = session.scalars(own).all()
    gone = _change(session, sa.delete(CalendarRevision).where(CalendarRevision.uid.in_(uids)))
    blank = sa.update(CalendarObject).where(CalendarObject.uid.in_(uids))
    _change(session, blank.values(content_hash=""))
    return gone


def _change(session: Session, statement: sa.Update | sa.Delete) -> int:
    """Rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def add(numbers: Numbers, more: Numbers) -> None:
    for name, number in more.items():
        numbers[name] = numbers.get(name, 0) + number
