"""Several registrations of one organisation become one: nobody loses a place or gains one."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.imports import ChangedMeanwhile
from dialognav.actions.meeting_effects import registrations_joined
from dialognav.actions.participants import retire
from dialognav.actions.registration_rules import live_people, locked_registration
from dialognav.actions.seats import fill_free_places, leave, live_seats
from dialognav.actions.second_looks import look_again
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.merging import Plan, Someone, plan_merge
from dialognav.domain.terms import HOLDING, EventState, Review, Seat
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Answer, Attendance, CalendarObject, Event, Participant, Registration

_BETWEEN = (Review.PENDING, Review.CHANGED)


def ask_to_merge(session: Session, registration_id: int, *, now: datetime, actor: str) -> None:
    """The contact says that colleagues have signed up too. The organiser sees the wish."""
    event, registration = locked_registration(session, registration_id)
    if registration.withdrawn_at is not None or not may_merge(event, now):
        raise NotAllowedNow
    registration.merge_asked_at = registration.merge_asked_at or now
    _note(session, event, registration, "registration.merge_asked", now=now, actor=actor)


def may_merge(event: Event, now: datetime) -> bool:
    """Until the start: afterwards the record says who was there."""
    is_on = event.state in (EventState.PUBLISHED, EventState.POSTPONED)
    return is_on and event.starts_at is not None and now < event.starts_at


def plan(registrations: Sequence[Registration]) -> Plan:
    """What merging them would do to their people, as they are loaded; the kept one first."""
    return plan_merge([_someone(one) for each in registrations for one in live_people(each)])


def _someone(person: Participant) -> Someone:
    seats = live_seats(person)
    numbers = [seat.queue_number for seat in seats if seat.state == Seat.WAITING]
    return Someone(
        id=person.id,
        registration_id=person.registration_id,
        name=person.name,
        email=person.email,
        seats=sum(seat.state in HOLDING for seat in seats),
        waits=min((number for number in numbers if number), default=0),
    )


def merge(
    session: Session,
    kept_id: int,
    other_ids: Sequence[int],
    mark: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Registration:
    """The people of the others move to the kept one, with their places, links and invitations.

    Who is in two keeps the better place; the other one is freed and handed on. ChangedMeanwhile
    when `mark` is not that of the plan somebody saw; NotAllowedNow once begun, for another event's
    or organisation's registration, and while one of them awaits approval.
    """
    event, kept = locked_registration(session, kept_id)
    others = [locked_registration(session, other_id)[1] for other_id in sorted(set(other_ids))]
    if not may_merge(event, now) or not others or not _fit(kept, others):
        raise NotAllowedNow
    made = plan([kept, *others])
    if made.mark != mark:
        raise ChangedMeanwhile
    by_id = {one.id: one for each in (kept, *others) for one in live_people(each)}
    freed = _join_pairs(session, made, by_id, now=now)
    notices.tell_withdrawn(session, event, freed, by="merged", now=now, post=post)
    for _stays, goes in made.pairs:
        retire(by_id[goes.id], now=now)
    _move(session, kept, others, [by_id[one.id] for one in made.people], now=now)
    twice = {goes.id: stays.id for stays, goes in made.pairs}
    registrations_joined(session, event, kept, others, twice, now=now, actor=actor, post=post)
    look_again(session, event, kept, now=now, actor=actor, post=post)
    _tell(session, kept, others, now=now, post=post)
    fill_free_places(session, event, now=now, post=post)
    facts = {
        "merged": [other.id for other in others],
        "people": len(made.people),
        "twice": len(made.pairs),
    }
    _note(session, event, kept, "registration.merged", now=now, actor=actor, facts=facts)
    return kept


def _fit(kept: Registration, others: Sequence[Registration]) -> bool:
    """The same event and, as far as one can tell, the same party; nobody awaits approval."""
    everyone = (kept, *others)
    is_live = all(one.withdrawn_at is None and one.review not in _BETWEEN for one in everyone)
    return is_live and all(
        other.event_id == kept.event_id
        and other.id != kept.id
        and (
            other.party_key == kept.party_key
            or (other.party_name_key == kept.party_name_key and bool(kept.party_name_key))
        )
        for other in others
    )


def _join_pairs(
    session: Session, made: Plan, by_id: dict[int, Participant], *, now: datetime
) -> list[Attendance]:
    """One seat of two at each occasion, the better; returns those given up.

    A place that only the second entry of a person has goes over to the first, with the invitation.
    """
    freed = []
    for stays, goes in made.pairs:
        first, second = by_id[stays.id], by_id[goes.id]
        for occasion_id in {seat.occasion_id for seat in live_seats(second)}:
            mine = [one for one in live_seats(first) if one.occasion_id == occasion_id]
            extra = [one for one in live_seats(second) if one.occasion_id == occasion_id]
            worse = mine if mine and _rank(extra) < _rank(mine) else extra if mine else []
            leave(worse, now=now)
            freed += worse
            if worse is not extra:
                session.flush()
                _hand_seats(session, extra, second, first)
    session.flush()
    return freed


def _rank(seats: Sequence[Attendance]) -> tuple[int, int]:
    return min(
        (seat.state not in HOLDING, seat.queue_number or 0) if seat.state not in HOLDING else (0, 0)
        for seat in seats
    )


def _hand_seats(
    session: Session, seats: Sequence[Attendance], giver: Participant, taker: Participant
) -> None:
    for seat in seats:
        seat.participant = taker
        session.execute(
            sa.update(CalendarObject)
            .where(
                CalendarObject.participant_id == giver.id,
                CalendarObject.occasion_id == seat.occasion_id,
                CalendarObject.cancelled_at.is_(None),
            )
            .values(participant_id=taker.id)
        )


def _move(
    session: Session,
    kept: Registration,
    others: Sequence[Registration],
    people: Sequence[Participant],
    *,
    now: datetime,
) -> None:
    """Everybody who stays, and what was answered about them; the old registrations end."""
    for place, person in enumerate(people):
        person.position = place
        person.registration = kept
    session.flush()
    session.execute(
        sa.update(Answer)
        .where(Answer.participant_id.in_({person.id for person in people}))
        .values(registration_id=kept.id)
    )
    for other in others:
        other.merged_into_id = kept.id
        other.withdrawn_at = now
        kept.contact_phone = kept.contact_phone or other.contact_phone
        kept.later_invitations = kept.later_invitations or other.later_invitations
        kept.message = "\n\n".join(filter(None, (kept.message, other.message)))
    kept.merge_asked_at = None
    session.flush()


def _tell(
    session: Session,
    kept: Registration,
    others: Sequence[Registration],
    *,
    now: datetime,
    post: Post,
) -> None:
    """The contact has the link to all of it; a former one who takes part, the own."""
    told: list[tuple[str, list[Registration], list[Participant]]] = [
        (kept.contact_email, [kept], [])
    ]
    for other in others:
        own = [one for one in live_people(kept) if one.email == other.contact_email]
        if own and other.contact_email != kept.contact_email:
            told.append((other.contact_email, [], own))
    for email, whole, persons in told:
        notices.tell_links(
            session,
            email,
            whole,
            persons,
            language=kept.language,
            now=now,
            post=post,
            kind="merged",
        )


def send_own_links(session: Session, merged_id: int, *, now: datetime, post: Post) -> None:
    """To the former contact, by wish from the old link: the links of those with that address."""
    merged = session.get_one(Registration, merged_id)
    kept = session.get_one(Registration, merged.merged_into_id)
    while kept.merged_into_id is not None:
        kept = session.get_one(Registration, kept.merged_into_id)
    email = merged.contact_email
    whole = [kept] if kept.contact_email == email and kept.withdrawn_at is None else []
    own = [] if whole else [one for one in live_people(kept) if one.email == email]
    notices.tell_links(
        session, email, whole, own, language=merged.language, now=now, post=post, kind="merged"
    )


def _note(
    session: Session,
    event: Event,
    registration: Registration,
    verb: str,
    *,
    now: datetime,
    actor: str,
    facts: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
        facts=facts,
    )
