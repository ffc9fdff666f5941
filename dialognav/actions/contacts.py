"""Who holds a registration's link: hand it over, correct the address, send again, renew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.registration_rules import (
    contact_person,
    locked_participant,
    locked_registration,
)
from dialognav.actions.review import tell_refusal
from dialognav.actions.seats import live_seats
from dialognav.actions.second_looks import look_again
from dialognav.domain.errors import AlreadyRegistered, NotAllowedNow
from dialognav.domain.terms import EventState
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Event, Participant, Registration
from dialognav.models.approvals import is_declined


@dataclass(frozen=True, slots=True)
class Contact:
    """Who holds the registration's link; takes part only when also among the people."""

    name: str
    email: str  # lower case
    phone: str = ""


def hand_over(
    session: Session,
    registration_id: int,
    contact: Contact,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Participant | None:
    """Another person becomes the contact: the old link dies, the new contact is mailed a new one.

    Returns the old contact's own participation, if there is one: it is mailed an own link.
    AlreadyRegistered when the new contact has a registration of their own.
    """
    event, registration = _live_registration(session, registration_id)
    former = contact_person(registration)
    registration.contact_name = contact.name
    registration.contact_email = contact.email
    registration.contact_phone = contact.phone
    registration.generation += 1
    flush_contact(session)
    _tell_links(session, registration, "handed_over", now=now, post=post)
    if former is not None and former is not contact_person(registration):
        notices.tell_links(
            session,
            former.email,
            [],
            [former],
            language=registration.language,
            now=now,
            post=post,
        )
    note_registration(session, event, actor, "registration.hand_over", registration, now=now)
    return former


def correct_address(
    session: Session,
    registration_id: int,
    email: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Registration:
    """The contact's address was mistyped: the old link dies, everything is sent again to the new.

    AlreadyRegistered when the right address has a registration of its own.
    """
    event, registration = _live_registration(session, registration_id)
    person = contact_person(registration)
    registration.contact_email = email
    registration.generation += 1
    if person is not None:
        person.email = email
        person.generation += 1
    flush_contact(session)
    look_again(session, event, registration, now=now, actor=actor, post=post)
    _tell_again(session, event, registration, person, now=now, post=post)
    note_registration(session, event, actor, "registration.correct_address", registration, now=now)
    return registration


def correct_person_address(
    session: Session,
    participant_id: int,
    email: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Participant:
    """The same for one person; for the one who is the contact, correct_address()."""
    event, participant = locked_participant(session, participant_id)
    registration = participant.registration
    if participant is contact_person(registration):
        correct_address(session, registration.id, email, now=now, actor=actor, post=post)
        return participant
    if participant.withdrawn_at is not None or event.state == EventState.CANCELLED:
        raise NotAllowedNow
    participant.email = email
    participant.generation += 1
    look_again(session, event, registration, now=now, actor=actor, post=post)
    seats = live_seats(participant)
    notices.tell_places(session, event, seats, why="registered", now=now, post=post)
    note_registration(session, event, actor, "participant.correct_address", registration, now=now)
    return participant


def send_again(
    session: Session, registration_id: int, *, now: datetime, actor: str, post: Post
) -> None:
    """The contact's letter once more. It replaces one that has not left yet."""
    event, registration = _live_registration(session, registration_id)
    person = contact_person(registration)
    _tell_again(session, event, registration, person, now=now, post=post)
    note_registration(session, event, actor, "registration.send_again", registration, now=now)


def renew_link(
    session: Session, registration_id: int, *, now: datetime, actor: str, post: Post
) -> Registration:
    """A new link for the contact, by mail; the old one dies."""
    event, registration = _live_registration(session, registration_id)
    registration.generation += 1
    session.flush()
    _tell_links(session, registration, "links", now=now, post=post)
    note_registration(session, event, actor, "registration.renew_link", registration, now=now)
    return registration


def _live_registration(session: Session, registration_id: int) -> tuple[Event, Registration]:
    event, registration = locked_registration(session, registration_id)
    if registration.withdrawn_at is not None or event.state == EventState.CANCELLED:
        raise NotAllowedNow
    return event, registration


def flush_contact(session: Session) -> None:
    """The database has the last word on one live registration per event and contact address."""
    try:
        session.flush()
    except IntegrityError as error:
        said = str(error.orig)
        if "contact_email" in said or "live_contact" in said:
            raise AlreadyRegistered from error
        raise


def _tell_again(
    session: Session,
    event: Event,
    registration: Registration,
    person: Participant | None,
    *,
    now: datetime,
    post: Post,
) -> None:
    if person is None:
        notices.tell_contact(session, event, registration, now=now, post=post)
        return
    seats = live_seats(person)
    notices.tell_places(session, event, seats, why="registered", now=now, post=post)
    if not seats and is_declined(person):
        tell_refusal(session, event, person, now=now, post=post)


def _tell_links(
    session: Session, registration: Registration, kind: str, *, now: datetime, post: Post
) -> None:
    """The registration's new link, without a second invitation for a contact who takes part."""
    notices.tell_links(
        session,
        registration.contact_email,
        [registration],
        [],
        language=registration.language,
        now=now,
        post=post,
        kind=kind,
    )


def note_registration(
    session: Session,
    event: Event,
    actor: str,
    verb: str,
    registration: Registration,
    *,
    now: datetime,
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor or f"registration:{registration.public_id}",
        verb,
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
    )
