"""What is held about the holder of a link, as data (GDPR art. 15 and 20). docs/own-data.md tells
what each name means.

A colleague's link gives that colleague and nobody else. The contact's gives the registration; of
the colleagues only what the contact wrote: once a colleague has changed anything by an own link,
name and address alone, because the rest may be the colleague's words (art. 15.4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.retention import months_after
from dialognav.domain.terms import FieldKind, Origin, PartyKind
from dialognav.models import (
    Answer,
    Attendance,
    AuditEntry,
    CalendarFeed,
    Event,
    InboundMail,
    Letter,
    Participant,
    PresenceMark,
    PrivacyRequest,
)
from dialognav.models.meeting_ends import meeting_ends, over_at
from dialognav.models.retention import rule_of
from dialognav.queries.own_letters import letters_data, letters_of
from dialognav.queries.own_meeting_data import meetings_data
from dialognav.queries.registrations import Own

SCHEMA = "dialognav/own-data/1"

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows beside those that the link has loaded already."""

    answers: Sequence[Answer]
    marks: Sequence[PresenceMark]
    letters: Sequence[Letter]
    asked: Sequence[PrivacyRequest]
    mails: Sequence[InboundMail]
    calendars: Sequence[datetime]  # since when the holder's address has had one
    own_hand: Collection[int]  # participants who have changed something themselves


def own_data(session: Session, own: Own, me: Participant | None, *, now: datetime) -> Data:
    """Everything as JSON: instants in UTC (ISO 8601), codes as in the code. Writes nothing.

    `me` is the holder of the link among the people, or None for a contact who does not take part.
    """
    found = _gather(session, own, me)
    event, organisation = own.event, own.event.organisation
    return {
        "schema": SCHEMA,
        "made_at": _instant(now),
        "controller": {
            "name": organisation.name,
            "identifier": organisation.identifier,
            "email": organisation.email,
            "data_protection_contact": organisation.data_protection_contact,
        },
        "ground": "GDPR art. 6.1 e; dietary and access needs: art. 9.2 a",
        "kept_until": _instant(kept_until(session, event)),
        "event": {
            "title": event.title,
            "diary_number": event.diary_number,
            "starts_at": _instant(event.starts_at),
            "ends_at": _instant(event.ends_at),
            "zone": event.zone,
        },
        "registration": _registration(own, found),
        "people": [_person(own, one, found, is_me=one is me) for one in _people(own)],
        "meetings": meetings_data(session, own),
        "letters": letters_data(session, found.letters),
        "mails": [
            {
                "kind": str(one.kind),
                "received_at": _instant(one.received_at),
                "sender": one.sender,
                "subject": one.subject,
                "text": one.text,
            }
            for one in found.mails
        ],
        "requests": [
            {
                "wish": str(one.wish),
                "text": one.text,
                "asked_at": _instant(one.created_at),
                "answered_at": _instant(one.handled_at),
                "outcome": one.outcome,
                "answer": one.answer,
            }
            for one in found.asked
        ],
        "calendars": [{"made_at": _instant(at)} for at in found.calendars],
    }


def kept_until(session: Session, event: Event) -> datetime | None:
    """From when names may go, if a decision allows that they ever do."""
    rule, ended_at = (
        rule_of(event, event.organisation),
        over_at(event, meeting_ends(session, [event.id])),
    )
    return months_after(ended_at, rule.months) if rule.authority and ended_at else None


def requests_of(session: Session, own: Own) -> list[PrivacyRequest]:
    """What the holder of the link has asked, the newest first."""
    person_id = own.participant.id if own.participant is not None else None
    return list(
        session.scalars(
            sa.select(PrivacyRequest)
            .where(
                PrivacyRequest.registration_id == own.registration.id,
                PrivacyRequest.participant_id.is_not_distinct_from(person_id),
            )
            .order_by(PrivacyRequest.id.desc())
        )
    )


def _mails_of(session: Session, own: Own, me: Participant | None) -> Sequence[InboundMail]:
    """What the holder of the link wrote or answered by mail about this event."""
    address = me.email if me is not None else own.registration.contact_email
    mine = sa.and_(InboundMail.event_id == own.event.id, InboundMail.sender == address)
    if me is not None:
        mine = sa.or_(mine, InboundMail.participant_id == me.id)
    return session.scalars(sa.select(InboundMail).where(mine).order_by(InboundMail.id)).all()


def _people(own: Own) -> list[Participant]:
    """Who withdrew is held too."""
    return [own.participant] if own.participant is not None else own.registration.participants


def _gather(session: Session, own: Own, me: Participant | None) -> _Found:
    people = {one.id: one for one in _people(own)}
    answers = sa.select(Answer).where(Answer.registration_id == own.registration.id)
    if not own.is_contact:
        answers = answers.where(Answer.participant_id.in_(people))
    marks = (
        sa.select(PresenceMark)
        .join(PresenceMark.attendance)
        .where(Attendance.participant_id.in_(people))
        .order_by(PresenceMark.at, PresenceMark.id)
    )
    actors = {f"participant:{one.public_id}": one.id for one in people.values()}
    changed = sa.select(AuditEntry.actor).where(
        AuditEntry.event_id == own.event.id, AuditEntry.actor.in_(actors)
    )
    return _Found(
        answers=session.scalars(
            answers.options(joinedload(Answer.field)).order_by(Answer.id)
        ).all(),
        marks=session.scalars(marks.options(joinedload(PresenceMark.attendance))).all(),
        letters=letters_of(session, own, me),
        asked=requests_of(session, own),
        mails=_mails_of(session, own, me),
        calendars=_calendars_of(session, me),
        own_hand={actors[actor] for actor in session.scalars(changed)},
    )


def _calendars_of(session: Session, me: Participant | None) -> Sequence[datetime]:
    """Private calendars of the holder's address that can be read."""
    if me is None:
        return ()
    readable = CalendarFeed.fingerprint.is_not(None) & CalendarFeed.revoked_at.is_(None)
    whose = CalendarFeed.address == me.email
    return session.scalars(sa.select(CalendarFeed.created_at).where(whose, readable)).all()


def _registration(own: Own, found: _Found) -> Data:
    """Of a colleague's link: that there is one, in whose name."""
    row = own.registration
    data: Data = {
        "reference": row.public_id[:8].upper(),
        "registered_at": _instant(row.created_at),
        "language": row.language,
    }
    if not own.is_contact:
        is_person = row.party_kind == PartyKind.SOLE_TRADER
        return data | {"party": {"name": "" if is_person else row.party_name}}
    return data | {
        "party": {
            "name": row.party_name,
            "kind": str(row.party_kind),
            "identifier": row.party_identifier,
            "country": row.party_country,
            "zone": row.own_zone,
        },
        "contact": {
            "name": row.contact_name,
            "email": row.contact_email,
            "phone": row.contact_phone,
        },
        "message": row.message,
        "later_invitations": row.later_invitations,
        "origin": str(row.origin),
        "withdrawn_at": _instant(row.withdrawn_at),
        "review": {
            "state": str(row.review),
            "decided_at": _instant(row.decided_at),
            "reason": row.decision_reason,
            "text": row.decision_text,
        },
        "answers": [_answer(one) for one in found.answers if one.participant_id is None],
    }


def _person(own: Own, one: Participant, found: _Found, *, is_me: bool) -> Data:
    is_mine = is_me or not own.is_contact
    data: Data = {"name": one.name, "email": one.email, "is_holder": is_mine}
    written = own.registration.origin == Origin.OWN and one.id not in found.own_hand
    if not is_mine and not written:
        return data
    return data | {
        "title": one.title,
        "mandate": one.mandate,
        "registered_at": _instant(one.created_at),
        "withdrawn_at": _instant(one.withdrawn_at),
        "diet": one.diet.need if one.diet else "",
        "access_need": _access_need(one),
        "attendance": [_seat(seat) for seat in one.attendances],
        "presence": [
            {"state": str(mark.state), "source": mark.source, "at": _instant(mark.at)}
            for mark in found.marks
            if mark.attendance.participant_id == one.id and is_mine
        ],
        "answers": [_answer(each) for each in found.answers if each.participant_id == one.id],
    }


def _access_need(one: Participant) -> Data | None:
    need = one.access_need
    if need is None:
        return None
    by = need.answer_by.isoformat() if need.answer_by else None
    return {"need": need.need, "state": str(need.state), "answer_by": by, "answer": need.answer}


def _seat(seat: Attendance) -> Data:
    return {
        "starts_at": _instant(seat.occasion.starts_at),
        "ends_at": _instant(seat.occasion.ends_at),
        "mode": str(seat.mode),
        "state": str(seat.state),
        "since": _instant(seat.state_at),
        "asked_at": _instant(seat.created_at),
        "queue_number": seat.queue_number,
        "queue_reason": str(seat.queue_reason),
        "offer_ends_at": _instant(seat.offer_ends_at),
        "answer": _said(seat) if seat.partstat else None,
    }


def _said(seat: Attendance) -> Data:
    """Whether one comes, as said in the calendar or on the own page."""
    return {
        "answer": seat.partstat,
        "where": str(seat.partstat_source),
        "at": _instant(seat.partstat_at),
        "comment": seat.partstat_comment,
    }


def _answer(row: Answer) -> Data:
    """Choices in words, per language; a file by its name: the organiser has the bytes."""
    field = row.field
    data: Data = {"question": field.label, "kind": str(field.kind), "answer": row.value}
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        words: Mapping[str, Any] = {each["key"]: each["text"] for each in field.options}
        keys = row.value if isinstance(row.value, list) else [row.value]
        data["chosen"] = [words.get(key, key) for key in keys]
    return data


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
