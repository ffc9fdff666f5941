"""The people of a registration: who comes, how, and instead of whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav.actions.answers import write_answers
from dialognav.actions.meeting_effects import people_left, people_retired
from dialognav.actions.party_limits import check_share, note_excess
from dialognav.actions.registration_rules import (
    check_may_choose,
    check_open,
    contact_person,
    live_people,
    locked_participant,
    locked_registration,
    note,
    room_for,
    seated,
    seats_to_leave,
)
from dialognav.actions.review import close_when_done
from dialognav.actions.seats import (
    Wish,
    fill_free_places,
    leave,
    live_seats,
    newcomers_wish,
    seat_people,
)
from dialognav.actions.second_looks import (
    accept_as_it_stands,
    is_staff,
    keep_pending,
    look_again,
    newcomers_wait,
)
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.form_fields import NOTHING, Given
from dialognav.domain.reviews import LIMIT
from dialognav.domain.terms import NeedState, Review
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import AccessNeed, Attendance, Diet, Event, Participant, Registration


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who takes part. `email` in lower case.

    `diet` is kept only where food is served, `mandate` only where the event asks for one.
    """

    name: str
    email: str
    wish: Wish
    title: str = ""
    accessibility_need: str = ""
    diet: str = ""
    mandate: str = ""
    answers: Given = NOTHING


@dataclass(frozen=True, slots=True)
class Details:
    """What one may change about a person without touching the seat."""

    name: str
    title: str = ""
    accessibility_need: str = ""
    diet: str = ""
    mandate: str = ""


def add_person(
    session: Session,
    registration_id: int,
    person: NewPerson,
    *,
    over_limit: str = "",
    now: datetime,
    actor: str,
    post: Post,
) -> Participant:
    """One more colleague, placed or looked at like any newcomer. RegistrationClosed, EventFull,
    LimitReached when the organisation has as many as it may; NotAllowedNow for a registration that
    was declined or withdrawn. `over_limit`: why staff let one more in, a code."""
    event, registration = locked_registration(session, registration_id)
    check_open(event, now=now, by_staff=actor.startswith("user:"))
    is_over = registration.withdrawn_at is not None or registration.review == Review.DECLINED
    is_over = is_over or (event.limit_per_party is None and room_for(event, registration) < 1)
    if is_over:
        raise NotAllowedNow
    on_purpose = is_staff(actor) and bool(over_limit)
    beside = seated(registration)
    asks = check_share(session, event, registration, 1, beside=beside, on_purpose=on_purpose)
    waits = newcomers_wait(event, registration, actor) or (asks and not is_staff(actor))
    if waits:
        accept_as_it_stands(session, registration)
    if asks and waits and LIMIT not in registration.review_reasons:
        registration.review_reasons = [*registration.review_reasons, LIMIT]
    made = make_participant(event, registration, person, now=now)
    session.add(made)
    wish = newcomers_wish(event, person.wish, now=now)
    seats = seat_people(session, event, [(made, wish)], now=now, pending=waits)
    session.flush()
    write_answers(session, registration, [(made, person.answers)], now=now)
    notices.tell_places(session, event, seats, why="registered", now=now, post=post)
    look_again(session, event, registration, now=now, actor=actor, post=post)
    note(session, event, actor, "participant.add", made, now=now)
    note_excess(session, event, registration, over_limit, now=now, actor=actor)
    return made


def swap_person(
    session: Session,
    participant_id: int,
    person: NewPerson,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Participant:
    """Another person takes over the same seats and places in the queue, with an own UID.

    Where registrations are approved, the newcomer is looked at while the place is kept, and is
    invited after that. The wish of the newcomer is not asked. One-to-one meetings go along, also
    when all seats have begun. TooLate once everything has.
    """
    event, old = locked_participant(session, participant_id)
    given_up = seats_to_leave(event, old, now=now)
    waits = newcomers_wait(event, old.registration, actor)
    if waits:
        accept_as_it_stands(session, old.registration)
    new = make_participant(event, old.registration, person, now=now)
    new.position = old.position
    session.add(new)
    seats = _take_over(session, new, given_up, pending=waits, now=now)
    write_answers(session, new.registration, [(new, person.answers)], now=now)
    old.replaced_by_id = new.id
    if not live_seats(old):  # who is there on the first day still needs what was asked for
        retire(old, now=now)
    session.flush()
    notices.tell_withdrawn(session, event, given_up, by="swap", now=now, post=post)
    notices.tell_places(session, event, seats, why="registered", now=now, post=post)
    people_left(
        session,
        event,
        old.registration,
        [old.id],
        replaced_by={old.id: new.id},
        now=now,
        actor=actor,
        post=post,
    )
    look_again(session, event, old.registration, now=now, actor=actor, post=post)
    note(session, event, actor, "participant.swap", old, now=now, facts={"new": new.id})
    return new


def _take_over(
    session: Session,
    new: Participant,
    given_up: Sequence[Attendance],
    *,
    pending: bool,
    now: datetime,
) -> list[Attendance]:
    """Seats, places in the queue and offers as they stand, for somebody else."""
    taken = [_as_it_stands(seat) for seat in given_up]
    for seat in given_up:
        seat.queue_number = None  # a number is held once
    leave(given_up, now=now)
    session.flush()
    seats = [Attendance(participant=new, created_at=now, state_at=now, **seat) for seat in taken]
    if pending:
        keep_pending(seats, now=now)
    session.add_all(seats)
    return seats


def _as_it_stands(seat: Attendance) -> dict[str, Any]:
    """What somebody else takes over with the seat."""
    names = ("mode", "state", "queue_number", "queue_reason", "keeps_seat", "offer_ends_at")
    return {"occasion": seat.occasion, **{name: getattr(seat, name) for name in names}}


def withdraw_person(
    session: Session, participant_id: int, *, now: datetime, actor: str, post: Post
) -> None:
    """Give up one person's seats; each goes to the first in its queue at once.

    With the last person the registration ends. TooLate once everything has begun.
    """
    event, participant = locked_participant(session, participant_id)
    withdraw_people(session, event, [participant], now=now, actor=actor, post=post)
    registration = participant.registration
    if not live_people(registration):
        registration.withdrawn_at = now
    people_retired(session, event, registration, [participant.id], now=now, actor=actor, post=post)
    note(session, event, actor, "participant.withdraw", participant, now=now)


def withdraw_people(
    session: Session,
    event: Event,
    people: Sequence[Participant],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Leave, tell, and fill what came free. The event is locked."""
    given_up = [seat for person in people for seat in seats_to_leave(event, person, now=now)]
    leave(given_up, now=now)
    for person in people:
        if not live_seats(person):
            retire(person, now=now)
    session.flush()
    by = "organiser" if actor.startswith("user:") else "self"
    notices.tell_withdrawn(session, event, given_up, by=by, now=now, post=post)
    for registration in {person.registration for person in people}:
        close_when_done(session, registration)
    fill_free_places(session, event, now=now, post=post)


def change_details(
    session: Session,
    participant_id: int,
    details: Details,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Participant:
    """Name, title, mandate and needs. Nobody is mailed, as none of it changes where or when, unless
    somebody has to look at it again. TooLate."""
    event, participant = locked_participant(session, participant_id)
    check_may_choose(event, participant, now=now)
    registration = participant.registration
    if participant is contact_person(registration):
        registration.contact_name = details.name
    participant.name = details.name
    participant.title = details.title
    participant.mandate = details.mandate if event.asks_mandate else ""
    _write_needs(event, participant, details)
    look_again(session, event, registration, now=now, actor=actor, post=post)
    note(session, event, actor, "participant.change", participant, now=now)
    return participant


def make_participant(
    event: Event, registration: Registration, person: NewPerson, *, now: datetime
) -> Participant:
    """A person after those already there, without a seat."""
    made = Participant(
        registration=registration,
        position=max((one.position for one in registration.participants), default=-1) + 1,
        name=person.name,
        email=person.email,
        title=person.title,
        mandate=person.mandate if event.asks_mandate else "",
        created_at=now,
    )
    _write_needs(event, made, person)
    return made


def _write_needs(event: Event, participant: Participant, said: NewPerson | Details) -> None:
    """What one cannot eat, and what help one asks for; new words ask anew."""
    diet = said.diet if event.serves_food else ""
    if diet != (participant.diet.need if participant.diet else ""):
        participant.diet = None if not diet else participant.diet or Diet()
        if participant.diet:
            participant.diet.need = diet
    need = said.accessibility_need
    if need != (participant.access_need.need if participant.access_need else ""):
        participant.access_need = None if not need else participant.access_need or AccessNeed()
        if participant.access_need:
            participant.access_need.need = need
            participant.access_need.state = NeedState.ASKED
            participant.access_need.answered_at = None


def retire(participant: Participant, *, now: datetime) -> None:
    """Nobody needs to know what someone eats who does not come."""
    participant.withdrawn_at = now
    participant.diet = None
    participant.access_need = None
