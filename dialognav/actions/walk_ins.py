"""Somebody stands at the door without having signed up."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.contacts import flush_contact
from dialognav.actions.participants import make_participant
from dialognav.actions.presence import put_here
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish, new_registration
from dialognav.actions.seats import live_seats
from dialognav.domain.admission import occupancy_of
from dialognav.domain.errors import AlreadyRegistered, NotAllowedNow, OverTheLimit
from dialognav.domain.participant_import import folded_name
from dialognav.domain.parties import Party
from dialognav.domain.terms import LIVE, MODES_OF, EventState, Mode, Origin, Seat
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    Event,
    Occasion,
    Participant,
    Registration,
    lock_event,
)
from dialognav.models.occupancy import count_held


@dataclass(frozen=True, slots=True)
class WalkIn:
    """`email` in lower case; the material goes there, and the link to what we know of them."""

    party: Party
    name: str
    email: str
    language: str
    title: str = ""


def walk_in(
    session: Session,
    event_id: int,
    occasion_id: int,
    who: WalkIn,
    *,
    anyway: bool,
    by_id: int,
    now: datetime,
    actor: str,
    post: Post,
) -> Participant:
    """Sign up and let in at once. OverTheLimit when something is full, unless `anyway`.

    Who is registered to another session gets a place at this one too. AlreadyRegistered when the
    person is in the list, or the address is another's. The rules of sign-up (dates, review, queue)
    are the host's to set aside, and the trail says so.
    """
    event = lock_event(session, event_id)
    occasion = _occasion_to_enter(event, occasion_id)
    known = _known(session, event, occasion, who)
    over = limits_passed(session, event, occasion, who.party.key)
    if known is not None:
        over = tuple(limit for limit in over if limit != "party")  # is among them already
    if over and not anyway:
        raise OverTheLimit(*over)
    made = known or _newcomer(event, who, by_id=by_id, now=now)
    registration = made.registration
    seat = _seat(made, occasion, now=now)
    session.add_all([registration, seat])
    flush_contact(session)
    notices.tell_places(session, event, [seat], why="registered", now=now, post=post)
    put_here(session, seat, now=now, actor=actor)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "registration.walk_in",
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
        facts={"over": list(over)},
    )
    return made


def _seat(person: Participant, occasion: Occasion, *, now: datetime) -> Attendance:
    return Attendance(
        participant=person,
        occasion=occasion,
        mode=Mode.ON_SITE,
        state=Seat.CONFIRMED,
        created_at=now,
        state_at=now,
    )


def _newcomer(event: Event, who: WalkIn, *, by_id: int, now: datetime) -> Participant:
    person = NewPerson(who.name, who.email, Wish(Mode.ON_SITE), title=who.title)
    command = Register(
        who.party,
        Contact(who.name, who.email),
        (person,),
        who.language,
        created_by_id=by_id,
        origin=Origin.WALK_IN,
    )
    return make_participant(event, new_registration(event, command, now=now), person, now=now)


def _known(session: Session, event: Event, occasion: Occasion, who: WalkIn) -> Participant | None:
    """The same person, registered to other occasions only. AlreadyRegistered for one who has or
    waits for something at this one."""
    people = session.scalars(
        sa.select(Participant)
        .join(Participant.registration)
        .where(
            Registration.event_id == event.id,
            Registration.withdrawn_at.is_(None),
            Participant.withdrawn_at.is_(None),
            Participant.email == who.email,
        )
    )
    known = next((one for one in people if folded_name(one.name) == folded_name(who.name)), None)
    if known is None:
        return None
    seats = live_seats(known)
    if not seats or any(seat.occasion_id == occasion.id for seat in seats):
        raise AlreadyRegistered
    return known


def _occasion_to_enter(event: Event, occasion_id: int) -> Occasion:
    found = next((each for each in event.live_occasions if each.id == occasion_id), None)
    takes_guests = event.state == EventState.PUBLISHED and Mode.ON_SITE in MODES_OF[event.format]
    if found is None or not takes_guests:
        raise NotAllowedNow
    return found


def limits_passed(
    session: Session, event: Event, occasion: Occasion, party_key: str
) -> tuple[str, ...]:
    """What one more person from this party would go beyond: "capacity", "party"."""
    room = occupancy_of(occasion, Mode.ON_SITE, count_held(session, [event.id]))
    full = room.capacity is not None and room.confirmed >= room.capacity
    crowded = (
        event.limit_per_party is not None
        and _people_of(session, event.id, party_key) >= event.limit_per_party
    )
    return (*(["capacity"] if full else []), *(["party"] if crowded else []))


def _people_of(session: Session, event_id: int, party_key: str) -> int:
    has_place = sa.exists().where(
        Attendance.participant_id == Participant.id, Attendance.state.in_(LIVE)
    )
    query = (
        sa.select(sa.func.count())
        .select_from(Participant)
        .join(Participant.registration)
        .where(Registration.event_id == event_id, Registration.party_key == party_key, has_place)
    )
    return int(session.scalar(query) or 0)
