"""Takes the recipients out of letters, invitations and drafts of one event.

That a letter of this kind was sent, and when, stays; to whom and what it said goes.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.calendar_feeds import forget_calendar
from dialognav.actions.erasure import Numbers
from dialognav.actions.follower_erasure import follows, forget_follower
from dialognav.actions.mail_erasure import erase_mails, erase_sender_mails, forget_sender
from dialognav.actions.meeting_erasure import erase_meetings
from dialognav.actions.message_erasure import forget_audiences
from dialognav.domain.parties import BadIdentifier, read_identifier
from dialognav.domain.terms import LetterStatus, PartyKind
from dialognav.mail.forgetting import drop_unsent, erase_letters
from dialognav.models import (
    Event,
    EventInvitation,
    InboundMail,
    KeptMail,
    Letter,
    Participant,
    Registration,
    SavedForm,
    StagedFile,
    User,
)
from dialognav.models.labels import GONE_DOMAIN, gone_address, mark


def erase_rest(session: Session, event: Event, *, now: datetime) -> Numbers:
    """What hangs on the event and not on a registration. The registrations have been erased."""
    addresses = _recipients(session, Letter.event_id == event.id)
    addresses |= set(
        session.scalars(
            sa.select(EventInvitation.email).where(
                EventInvitation.event_id == event.id, EventInvitation.erased_at.is_(None)
            )
        )
    )
    invitations = _erase_invitations(session, event, now=now)
    letters = erase_letters(session, Letter.event_id == event.id)
    mails = erase_mails(session, InboundMail.event_id == event.id)
    forget_addresses(session, addresses)
    forget_audiences(session, event)
    forget_drafts(session, event)
    meetings = erase_meetings(session, event)
    return {
        "letters": letters,
        "invitations": invitations,
        "mails": mails,
        "meetings": meetings,
    }


def erase_person_letters(
    session: Session, event: Event, which: sa.ColumnElement[bool], address: str, name: str
) -> int:
    """Letters to one person who is erased; others of the event that name the person lose what
    they said."""
    addresses = _recipients(session, which) | {address}
    drop_unsent(session, which)
    number = erase_letters(session, which)
    erase_sender_mails(session, event, address)
    _blank_facts(session, Letter.event_id == event.id, (name, address))
    forget_addresses(session, addresses)
    for each in addresses:  # somebody else has the address too, and letters of many events
        _blank_facts(session, Letter.event_id.is_(None) & (Letter.recipient == each), (name,))
    return number


def forget_addresses(session: Session, addresses: Iterable[str]) -> None:
    """Letters about no one event, a private calendar, mail that came in, and the demo's mailbox,
    once nobody here has the address."""
    for address in sorted(addresses):
        if not address.endswith(GONE_DOMAIN) and is_orphan(session, address):
            to_them = Letter.event_id.is_(None) & (Letter.recipient == address)
            drop_unsent(session, to_them)
            erase_letters(session, to_them)
            session.execute(sa.delete(KeptMail).where(KeptMail.recipient == address))
            forget_calendar(session, address)
            forget_follower(session, address)
            forget_sender(session, address)


def is_orphan(session: Session, address: str) -> bool:
    """Whether no contact, person, invited, follower or member of staff has this address."""
    return not any(
        session.scalar(sa.select(sa.exists().where(column == address)))
        for column in (Participant.email, Registration.contact_email, EventInvitation.email)
    ) and not session.scalar(
        sa.select(
            sa.or_(sa.exists().where(User.email == address), sa.exists().where(follows(address)))
        )
    )


def forget_drafts(session: Session, event: Event) -> None:
    """Uploads that wait for a yes, forms that wait for a sign-in: they may hold lists of names."""
    session.execute(sa.delete(StagedFile).where(StagedFile.event_id == event.id))
    ids = session.scalars(
        sa.select(Registration.public_id).where(Registration.event_id == event.id)
    ).all()
    people = session.scalars(
        sa.select(Participant.public_id)
        .join(Participant.registration)
        .where(Registration.event_id == event.id)
    ).all()
    known = {event.public_id, *ids, *people}
    for form_id, path in session.execute(sa.select(SavedForm.id, SavedForm.path)).all():
        if known & set(re.split(r"[/?&=#]", path)):
            session.execute(sa.delete(SavedForm).where(SavedForm.id == form_id))


def _erase_invitations(session: Session, event: Event, *, now: datetime) -> int:
    """Who was asked in person. The organisation stays, unless it is a person."""
    query = sa.select(EventInvitation).where(EventInvitation.event_id == event.id)
    rows = session.scalars(query.order_by(EventInvitation.id)).all()
    traders = set(
        session.scalars(
            sa.select(Registration.invitation_id).where(
                Registration.event_id == event.id,
                Registration.party_kind == PartyKind.SOLE_TRADER,
                Registration.invitation_id.is_not(None),
            )
        )
    )
    number = 0
    for rank, row in enumerate(rows, 1):
        if row.erased_at is not None:
            continue
        if row.id in traders or _is_personal(row):
            row.party_name, row.party_identifier = mark("sole_trader", rank), ""
        row.name, row.email = mark("invited", rank), gone_address(row.public_id)
        row.generation += 1
        row.erased_at = now
        number += 1
    session.flush()
    return number


def _is_personal(row: EventInvitation) -> bool:
    """A masked number, or one that only a natural person has (domain.md 5)."""
    if "*" in row.party_identifier:
        return True
    try:
        found = read_identifier(row.party_identifier, row.party_country)
    except BadIdentifier:
        return False
    return found is not None and found.personal


def _recipients(session: Session, which: sa.ColumnElement[bool]) -> set[str]:
    return set(session.scalars(sa.select(Letter.recipient).where(which).distinct()))


def _blank_facts(session: Session, which: sa.ColumnElement[bool], said: tuple[str, ...]) -> None:
    """Facts that name somebody, of letters that have left."""
    left = (Letter.status != LetterStatus.PENDING, Letter.facts.is_not(None))
    found = session.execute(sa.select(Letter.id, Letter.facts).where(which, *left)).all()
    naming = [row.id for row in found if _mentions(row.facts, said)]
    session.execute(
        sa.update(Letter)
        .where(Letter.id.in_(naming))
        .values(facts=None)
        .execution_options(synchronize_session=False)
    )


def _mentions(facts: Any, said: tuple[str, ...]) -> bool:
    text = json.dumps(facts, ensure_ascii=False)
    return any(json.dumps(one, ensure_ascii=False)[1:-1] in text for one in said if one)
