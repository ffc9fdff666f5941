"""A list of people becomes registrations: kept for a look, then written all or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.registration_rules import contact_person
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish, register
from dialognav.domain.admission import Held, occupancies
from dialognav.domain.errors import (
    AlreadyRegistered,
    LimitReached,
    NotAllowedNow,
    NotFound,
    RuleBroken,
)
from dialognav.domain.import_columns import Head
from dialognav.domain.import_rows import Person, Terms, Vocabulary
from dialognav.domain.offers import takes_queue
from dialognav.domain.participant_import import Group, Places, decide_import, read_people
from dialognav.domain.tables import Table
from dialognav.domain.terms import Origin
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Event, Registration, StagedFile, lock_event
from dialognav.models.occupancy import count_held
from dialognav.models.registered import registered_at

PARTICIPANTS = "participants"


class ChangedMeanwhile(RuleBroken):
    """What the preview showed no longer holds; nothing was written."""

    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class People:
    """A list as it was read, and what it is read by."""

    table: Table
    head: Head
    terms: Terms
    words: Vocabulary
    sends_letters: bool = True


@dataclass(frozen=True, slots=True)
class Imported:
    registrations: int
    people: int


def stage(
    session: Session,
    event_id: int,
    filename: str,
    content: bytes,
    options: Mapping[str, Any],
    *,
    user_id: int,
    now: datetime,
    purpose: str = PARTICIPANTS,
) -> StagedFile:
    """Keep a file for its preview; an earlier one of the same person, event and purpose goes."""
    session.execute(
        sa.delete(StagedFile).where(
            StagedFile.event_id == event_id,
            StagedFile.user_id == user_id,
            StagedFile.purpose == purpose,
        )
    )
    staged = StagedFile(
        event_id=event_id,
        user_id=user_id,
        purpose=purpose,
        filename=filename[:200],
        content=content,
        options=dict(options),
        created_at=now,
    )
    session.add(staged)
    session.flush()
    return staged


def set_options(session: Session, staged_id: int, options: Mapping[str, Any]) -> None:
    """How the file is to be read. NotFound when it has gone meanwhile."""
    _staged(session, staged_id).options = dict(options)


def discard(session: Session, staged_id: int) -> None:
    session.delete(_staged(session, staged_id))


def _staged(session: Session, staged_id: int) -> StagedFile:
    staged = session.get(StagedFile, staged_id)
    if staged is None:
        raise NotFound
    return staged


def import_people(
    session: Session,
    staged_id: int,
    people: People,
    *,
    user_id: int,
    now: datetime,
    actor: str,
    post: Post,
) -> Imported:
    """Every registration of the list, in its order, or none; the file is gone afterwards.

    ChangedMeanwhile when a row no longer fits: somebody signed up, or changed the event, since the
    preview. RegistrationClosed once the event has begun.
    """
    staged = _staged(session, staged_id)
    event = lock_event(session, staged.event_id)
    read = read_people(
        people.table, people.head, people.terms, people.words, registered_at(session, event.id)
    )
    if read.problems or people.head.lacking or _refused(session, event, read.groups, now=now):
        raise ChangedMeanwhile
    try:
        registered = [
            register(session, event.id, _command(group, user_id), now=now, actor=actor, post=post)
            for group in read.groups
        ]
    except (AlreadyRegistered, LimitReached, NotAllowedNow) as broken:
        raise ChangedMeanwhile from broken
    if people.sends_letters:
        _tell(session, event, registered, now=now, post=post)
    session.delete(staged)
    made = Imported(len(read.groups), sum(len(group.people) for group in read.groups))
    audit.record(
        session,
        event.organisation_id,
        actor,
        "participants.imported",
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts={
            "registrations": made.registrations,
            "people": made.people,
            "letters": people.sends_letters,
        },
    )
    return made


def _refused(session: Session, event: Event, groups: tuple[Group, ...], *, now: datetime) -> bool:
    return bool(decide(event, groups, count_held(session, [event.id]), now=now).refused)


def decide(
    event: Event, groups: Sequence[Group], held: Mapping[int, Mapping[str, Held]], *, now: datetime
) -> Places:
    """What the people of a list would get as things stand."""
    days = [each for each in event.live_occasions if now < each.starts_at]
    queues = {each.id for each in days if takes_queue(event, now, each)}
    parts = occupancies(days, event.format, held)
    return decide_import(groups, parts, [each.id for each in days], queues=queues)


def _tell(
    session: Session,
    event: Event,
    registered: Sequence[Registration],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Everybody's letters together: a few statements instead of some for each of a thousand.

    Who shares an address with another registration of the list is told so, and therefore apart.
    """
    counted = Counter(email for each in registered for email in _addresses(each))
    apart = [each for each in registered if any(counted[one] > 1 for one in _addresses(each))]
    together = [each for each in registered if each not in apart]
    for some in (together, *([each] for each in apart)):
        seats = [seat for each in some for one in each.participants for seat in one.attendances]
        notices.tell_places(session, event, seats, why="registered", now=now, post=post)
    for each in registered:
        if contact_person(each) is None:
            notices.tell_contact(session, event, each, now=now, post=post)


def _addresses(registration: Registration) -> set[str]:
    return {one.email for one in registration.participants}


def _command(group: Group, user_id: int) -> Register:
    return Register(
        party=group.party,
        contact=Contact(group.contact_name, group.contact_email, group.contact_phone),
        people=tuple(_person(one) for one in group.people),
        language=group.language,
        created_by_id=user_id,
        origin=Origin.IMPORT,
        tells=False,
    )


def _person(person: Person) -> NewPerson:
    return NewPerson(
        name=person.name,
        email=person.email,
        wish=Wish(person.mode, person.occasion_ids),
        title=person.title,
        accessibility_need=person.access_need,
        diet=person.diet,
    )
