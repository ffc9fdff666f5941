"""What a person asks of own data (GDPR art. 15-17), and what the organiser does about it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.erasure import add, erase_contacts, erase_people, is_contact
from dialognav.actions.follower_erasure import forget_follower
from dialognav.actions.following import end_with
from dialognav.actions.letter_erasure import erase_person_letters, forget_drafts
from dialognav.actions.meeting_effects import meets_ahead
from dialognav.actions.organisations import lock_organisation
from dialognav.actions.registration_rules import locked_participant, locked_registration, note
from dialognav.domain.errors import AlreadyAsked, NotAllowedNow, NotFound, StillHeld, StillTakesPart
from dialognav.domain.retention import is_held
from dialognav.domain.terms import LIVE, EventState, PrivacyWish
from dialognav.mail import privacy_letters
from dialognav.mail.post import Post
from dialognav.models import (
    DisposalRun,
    Event,
    Letter,
    Participant,
    PrivacyRequest,
    Registration,
)
from dialognav.models.retention import held_numbers


@dataclass(frozen=True, slots=True)
class Reply:
    """What the organiser says. `authority`: erase now, on this decision; "" erases nothing."""

    outcome: str  # done, partly, refused
    text: str
    authority: str = ""


def ask(
    session: Session,
    registration_id: int,
    participant_id: int | None,
    wish: str,
    text: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> PrivacyRequest:
    """Write the wish down and say by mail that it came in. AlreadyAsked while one is open."""
    event, registration = locked_registration(session, registration_id)
    same = sa.select(PrivacyRequest.id).where(
        PrivacyRequest.registration_id == registration_id,
        PrivacyRequest.participant_id.is_not_distinct_from(participant_id),
        PrivacyRequest.wish == wish,
        PrivacyRequest.handled_at.is_(None),
    )
    if session.scalar(same) is not None:
        raise AlreadyAsked
    person = next((one for one in registration.participants if one.id == participant_id), None)
    request = PrivacyRequest(
        registration=registration,
        participant=person,
        wish=PrivacyWish(wish),
        text=text,
        created_at=now,
    )
    session.add(request)
    session.flush()
    letter = privacy_letters.received_letter(event, request, post=post)
    privacy_letters.promise_letter(session, letter, now=now)
    _note(session, event, request, "privacy.asked", actor, now=now)
    return request


def forget_needs(session: Session, participant_id: int, *, now: datetime, actor: str) -> None:
    """What somebody eats and what help somebody needs: gone when they say so (GDPR art. 7.3)."""
    event, participant = locked_participant(session, participant_id)
    if participant.diet is None and participant.access_need is None:
        return
    participant.diet = None
    participant.access_need = None
    note(session, event, actor, "participant.forget_needs", participant, now=now)


def stop_invitations(session: Session, registration_id: int, *, now: datetime, actor: str) -> None:
    """Take back the wish for mail about later events (GDPR art. 7.3)."""
    event, registration = locked_registration(session, registration_id)
    if not registration.later_invitations:
        return
    registration.later_invitations = False
    end_with(session, event.organisation_id, registration.contact_email, now=now)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "registration.no_invitations",
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
    )


def answer(
    session: Session,
    request_id: int,
    reply: Reply,
    *,
    now: datetime,
    user_id: int,
    post: Post,
) -> None:
    """Answer a wish by mail, and erase the person if the reply says by which decision.

    NotAllowedNow when it has been answered. StillHeld while somebody's request freezes the matter,
    StillTakesPart before the event for who has a place.
    """
    registration_id = session.scalar(
        sa.select(PrivacyRequest.registration_id).where(PrivacyRequest.id == request_id)
    )
    if registration_id is None:
        raise NotFound
    event, registration = locked_registration(session, registration_id)
    request = session.get_one(PrivacyRequest, request_id, populate_existing=True)
    erases = bool(reply.authority) and request.wish == PrivacyWish.ERASE
    if request.handled_at is not None or (erases and reply.outcome == "refused"):
        raise NotAllowedNow
    request.handled_at, request.handled_by_id = now, user_id
    request.outcome = reply.outcome
    request.answer = reply.text
    letter = privacy_letters.answered_letter(event, request, reply.text, erased=erases, post=post)
    if erases:
        _erase(session, event, registration, request, reply.authority, now=now, user_id=user_id)
    privacy_letters.promise_letter(session, letter, now=now)
    facts = {"outcome": reply.outcome, "erased": erases}
    _note(session, event, request, "privacy.answered", f"user:{user_id}", now=now, facts=facts)


def _erase(
    session: Session,
    event: Event,
    registration: Registration,
    request: PrivacyRequest,
    authority: str,
    *,
    now: datetime,
    user_id: int,
) -> None:
    """One person, before the time of the event is out; logged as a disposal of its own."""
    lock_organisation(session, event.organisation_id)
    if is_held(event.diary_number, held_numbers(session, event.organisation_id)):
        raise StillHeld
    people = subjects(registration, request.participant)
    contact = request.participant is None or any(is_contact(registration, p) for p in people)
    staying = registration.participants if contact else people
    if any(_has_place_ahead(event, one, now=now) for one in staying) or meets_ahead(
        session, staying, now=now
    ):
        raise StillTakesPart
    whose = [(one.email, one.name, Letter.participant_id == one.id) for one in people]
    if contact:
        to_contact = Letter.participant_id.is_(None) & (
            Letter.recipient == registration.contact_email
        )
        whose.append((registration.contact_email, registration.contact_name, to_contact))
    numbers = erase_people(session, people, now=now)
    if contact:
        add(numbers, erase_contacts(session, [registration], now=now))
    for address, _name, _which in whose:
        forget_follower(session, address, event.organisation_id)
    _leave_approved(registration, {one.id for one in people})
    session.flush()
    numbers["letters"] = sum(
        erase_person_letters(session, event, (Letter.event_id == event.id) & which, address, name)
        for address, name, which in whose
    )
    forget_drafts(session, event)
    _forget_requests(session, registration, None if contact else request.participant_id)
    _log(session, event, request, authority, numbers, now=now, user_id=user_id)


def subjects(registration: Registration, person: Participant | None) -> list[Participant]:
    """Who asks: a person of a registration, or its contact, who may take part too."""
    if person is not None:
        return [person]
    return [one for one in registration.participants if is_contact(registration, one)]


def _has_place_ahead(event: Event, person: Participant, *, now: datetime) -> bool:
    if event.state == EventState.CANCELLED or person.withdrawn_at is not None:
        return False
    return any(
        seat.state in LIVE and (event.state == EventState.POSTPONED or now < seat.occasion.ends_at)
        for seat in person.attendances
    )


def _leave_approved(registration: Registration, person_ids: set[int]) -> None:
    """What a reviewer approved names the people one by one."""
    approved = registration.approved
    if approved and "people" in approved:
        others = [one for one in approved["people"] if one.get("id") not in person_ids]
        registration.approved = {**approved, "people": others}


def _forget_requests(
    session: Session, registration: Registration, participant_id: int | None
) -> None:
    """What was written back and forth; that it was asked and answered stays."""
    of_registration = PrivacyRequest.registration_id == registration.id
    if participant_id is not None:
        of_registration &= PrivacyRequest.participant_id == participant_id
    for request in session.scalars(sa.select(PrivacyRequest).where(of_registration)):
        request.text = request.answer = ""


def _log(
    session: Session,
    event: Event,
    request: PrivacyRequest,
    authority: str,
    numbers: dict[str, int],
    *,
    now: datetime,
    user_id: int,
) -> None:
    """An erasure stands in the log of disposal as a run over one person."""
    session.add(
        DisposalRun(
            organisation_id=event.organisation_id,
            proposed_at=request.created_at,
            proposal={"events": [], "request": request.public_id},
            authority=authority,
            approved_at=now,
            approved_by_id=user_id,
            done_at=now,
            result={"events": {str(event.id): {"state": "done", "numbers": numbers}}},
        )
    )


def _note(
    session: Session,
    event: Event,
    request: PrivacyRequest,
    verb: str,
    actor: str,
    *,
    now: datetime,
    facts: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"privacy_request:{request.id}",
        now=now,
        event_id=event.id,
        facts={"wish": str(request.wish), **(facts or {})},
    )
