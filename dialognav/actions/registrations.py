"""One party's sign-up to an event: register, withdraw, hand over, correct an address.

What happens to single people stands in participants.py, to the contact in contacts.py, to seats and
the queue in seats.py; callers find every verb here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.answers import change_person_answers, write_answers
from dialognav.actions.contacts import (
    Contact,
    correct_address,
    correct_person_address,
    flush_contact,
    hand_over,
    note_registration,
    renew_link,
    send_again,
)
from dialognav.actions.following import ask_at_sign_up
from dialognav.actions.invitations import check_invitation
from dialognav.actions.meeting_effects import registration_left
from dialognav.actions.modes import change_mode, differs
from dialognav.actions.participants import (
    Details,
    NewPerson,
    add_person,
    change_details,
    make_participant,
    retire,
    swap_person,
    withdraw_people,
    withdraw_person,
)
from dialognav.actions.party_limits import check_share, note_excess
from dialognav.actions.registration_rules import (
    can_leave,
    check_open,
    contact_person,
    live_people,
    locked_participant,
    locked_registration,
    persons_allowed,
)
from dialognav.actions.review import begin_review
from dialognav.actions.seats import (
    Wish,
    fill_free_places,
    live_seats,
    newcomers_wish,
    seat_people,
)
from dialognav.domain.admission import PERSONS_PER_FORM
from dialognav.domain.errors import NotAllowedNow, TooLate
from dialognav.domain.form_fields import NOTHING, Given
from dialognav.domain.parties import Party
from dialognav.domain.reviews import LIMIT, REVIEW
from dialognav.domain.terms import EventState, Origin
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant, Registration, lock_event

__all__ = [
    "Change",
    "Contact",
    "Details",
    "NewPerson",
    "Register",
    "Wish",
    "add_person",
    "change_details",
    "change_mode",
    "change_person",
    "correct_address",
    "correct_person_address",
    "fill_free_places",
    "hand_over",
    "new_registration",
    "register",
    "renew_link",
    "send_again",
    "swap_person",
    "withdraw_all",
    "withdraw_person",
]


@dataclass(frozen=True, slots=True)
class Change:
    """One person as a form leaves it; a wish of None says that the seat was not asked about, and
    answers of None that no extra question was."""

    details: Details
    email: str
    wish: Wish | None = None
    answers: Given | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """A party, its contact and everybody who takes part, in the order in which places are given.

    `created_by_id` is the member of staff who signs up on the party's behalf; `invitation_id` the
    personal link through which it came. `tells`: whether letters are sent. `over_limit`: why staff
    let more people of one organisation in than may come, a code.
    """

    party: Party
    contact: Contact
    people: tuple[NewPerson, ...]
    language: str
    later_invitations: bool = False
    message: str = ""
    created_by_id: int | None = None
    origin: Origin = Origin.OWN
    invitation_id: int | None = None
    tells: bool = True
    over_limit: str = ""
    answers: Given = NOTHING


def register(
    session: Session, event_id: int, who: Register, *, now: datetime, actor: str = "", post: Post
) -> Registration:
    """Give each person a seat or a place in the queue, and promise the letters.

    RegistrationClosed, EventFull (for all of them), AlreadyRegistered; LimitReached for more
    people than one organisation may send; NotAllowedNow for more than a form has, or none.
    """
    event = lock_event(session, event_id)
    by_staff = who.created_by_id is not None
    check_open(event, now=now, by_staff=by_staff)
    check_invitation(session, event, who.invitation_id, by_staff=by_staff)
    if not 1 <= len(who.people) <= max(persons_allowed(event), PERSONS_PER_FORM):
        raise NotAllowedNow
    registration = new_registration(event, who, now=now)
    people = [
        (
            make_participant(event, registration, person, now=now),
            newcomers_wish(event, person.wish, now=now),
        )
        for person in who.people
    ]
    with session.no_autoflush:
        reasons = review_reasons(session, event, registration, who)
    begin_review(registration, reasons, now=now)
    with session.no_autoflush:
        seats = seat_people(session, event, people, now=now, pending=bool(reasons))
    session.add(registration)
    flush_contact(session)
    _write_answers(session, registration, who, now=now)
    if who.tells:
        _tell(session, event, registration, seats, now=now, post=post)
    if who.created_by_id is not None:  # a party's own sign-up is a record by itself
        note_registration(session, event, actor, "registration.create", registration, now=now)
        note_excess(session, event, registration, who.over_limit, now=now, actor=actor)
    return registration


def change_person(
    session: Session,
    participant_id: int,
    change: Change,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Participant:
    """Details, address and way of attending in one: only what differs is done, and told."""
    event, person = locked_participant(session, participant_id)
    email = person.email
    if change.answers is not None:
        change_person_answers(session, event, person, change.answers, now=now, actor=actor)
    person = change_details(
        session, participant_id, change.details, now=now, actor=actor, post=post
    )
    if change.email != email:
        correct_person_address(
            session, participant_id, change.email, now=now, actor=actor, post=post
        )
    if change.wish is not None and differs(person, change.wish, now=now):
        change_mode(session, participant_id, change.wish, now=now, actor=actor, post=post)
    return person


def withdraw_all(
    session: Session, registration_id: int, *, now: datetime, actor: str, post: Post
) -> None:
    """Everybody's seats; each goes to the first in its queue at once. One-to-one meetings end too.
    TooLate once all of it has begun."""
    event, registration = locked_registration(session, registration_id)
    if registration.withdrawn_at is not None or event.state == EventState.CANCELLED:
        raise NotAllowedNow
    people = [one for one in live_people(registration) if can_leave(event, one, now=now)]
    if not people:
        raise TooLate
    withdraw_people(session, event, people, now=now, actor=actor, post=post)
    for person in live_people(registration):
        if not live_seats(person):  # was registered for a meeting only
            retire(person, now=now)
    if not live_people(registration):
        registration.withdrawn_at = now
    registration_left(session, event, registration, now=now, actor=actor, post=post)
    note_registration(session, event, actor, "registration.withdraw", registration, now=now)


def _tell(
    session: Session,
    event: Event,
    registration: Registration,
    seats: Sequence[Attendance],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Each person's own letter, and the contact's when the contact stays at home."""
    notices.tell_places(session, event, seats, why="registered", now=now, post=post, are_new=True)
    if contact_person(registration) is None:
        notices.tell_contact(session, event, registration, now=now, post=post)
    if registration.later_invitations:
        ask_at_sign_up(session, registration, now=now, post=post)


def review_reasons(
    session: Session, event: Event, registration: Registration, who: Register
) -> list[str]:
    """Why somebody has to look at it before it holds a place; staff have looked already."""
    by_staff = who.created_by_id is not None
    on_purpose = by_staff and bool(who.over_limit)
    asks = check_share(session, event, registration, len(who.people), on_purpose=on_purpose)
    if by_staff:
        return []
    reasons = [(REVIEW, event.registration_review), (LIMIT, asks)]
    return [reason for reason, applies in reasons if applies]


def _write_answers(
    session: Session, registration: Registration, who: Register, *, now: datetime
) -> None:
    of_people = zip(registration.participants, who.people, strict=True)
    given = [(None, who.answers), *((row, person.answers) for row, person in of_people)]
    write_answers(session, registration, given, now=now)


def new_registration(event: Event, who: Register, *, now: datetime) -> Registration:
    """The row, without people and not yet in the session."""
    return Registration(
        event=event,
        party_name=who.party.name,
        party_identifier=who.party.identifier,
        party_country=who.party.country,
        party_kind=who.party.kind,
        party_key=who.party.key,
        party_name_key=who.party.name_key,
        contact_name=who.contact.name,
        contact_email=who.contact.email,
        contact_phone=who.contact.phone,
        language=who.language,
        later_invitations=who.later_invitations,
        message=who.message,
        created_at=now,
        created_by_id=who.created_by_id,
        origin=who.origin,
        invitation_id=who.invitation_id,
    )
