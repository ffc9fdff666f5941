"""Contacts who have registered others and do not take part themselves, as readers of a message."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.audience import CONTACT, Audience
from dialognav.domain.terms import LIVE, Review
from dialognav.models import (
    Attendance,
    DeadAddress,
    Event,
    MailRefusal,
    Occasion,
    Participant,
    Registration,
)

_AT_ONCE = 5_000


def contact_rows(
    session: Session,
    organisation_id: int,
    audience: Audience,
    standing: Mapping[int, bool],
    *,
    now: datetime | None,
) -> list[sa.Row[Any]]:
    """The contacts an audience means, chosen or as such; one statement, none where it means none.

    `standing`: the registrations that have people in the criteria, and whether any of them has a
    live seat. Because of those who are gone a contact is meant only when none of the contact's
    registrations to the event is live: whoever came back is not told of having left.
    """
    chosen = {-number for number in audience.people if number < 0}
    wanted = chosen if audience.people else set(standing) if audience.includes_contacts else set()
    if not wanted:
        return []
    query = _contacts(organisation_id, audience, now)
    if len(wanted) <= _AT_ONCE:
        query = query.where(Registration.id.in_(sorted(wanted)))
    return [
        row
        for row in session.execute(query)
        if row.registration_id in wanted
        and (row.state == CONTACT or not (chosen and audience.only_live))
        and (chosen or standing[row.registration_id] or row.state != CONTACT)
    ]


def _contacts(organisation_id: int, audience: Audience, now: datetime | None) -> sa.Select[Any]:
    """Those of live registrations first. The columns are those of a person without a seat."""
    address = sa.func.lower(Registration.contact_email)
    is_refused = sa.exists().where(
        MailRefusal.organisation_id == organisation_id, MailRefusal.address == address
    )
    state = sa.case((_is_live(), CONTACT), else_="").label("state")
    columns: tuple[Any, ...] = (
        (-Registration.id).label("id"),
        Registration.id.label("registration_id"),
        Registration.event_id,
        Registration.contact_email.label("email"),
        Registration.contact_name.label("name"),
        Registration.public_id.label("whole_id"),
        Registration.generation.label("whole_generation"),
        Registration.contact_email,
        Registration.party_name,
        Registration.party_kind,
        Registration.language,
        state,
        sa.literal("").label("mode"),
        _occasion(audience, now).label("occasion_id"),
        DeadAddress.address.is_not(None).label("is_dead"),
        is_refused.label("is_refused"),
    )
    return (
        sa.select(*columns)
        .join(Event, Registration.event_id == Event.id)
        .outerjoin(DeadAddress, DeadAddress.address == address)
        .where(Event.organisation_id == organisation_id, Event.id.in_(audience.events))
        .where(is_contact_away())
        .order_by(state.desc(), Registration.id)
    )


def is_contact_away() -> sa.ColumnElement[bool]:
    """Of Registration: whether its contact, not erased, is none of those who have a live seat."""
    attends = sa.exists().where(
        Participant.registration_id == Registration.id,
        Participant.email == Registration.contact_email,
        Attendance.participant_id == Participant.id,
        Attendance.state.in_(LIVE),
    )
    return Registration.erased_at.is_(None) & ~attends


def _is_live() -> sa.ColumnElement[bool]:
    """Whether the contact has this registration to the event, or another, that stands."""
    any_of = aliased(Registration)
    return sa.exists().where(
        any_of.event_id == Registration.event_id,
        any_of.contact_email == Registration.contact_email,
        any_of.withdrawn_at.is_(None),
        any_of.review != Review.DECLINED,
    )


def _occasion(audience: Audience, now: datetime | None) -> sa.ScalarSelect[Any]:
    """The next date at which somebody of the registration has a live seat."""
    query = (
        sa.select(Attendance.occasion_id)
        .join(Participant, Attendance.participant_id == Participant.id)
        .join(Occasion, Attendance.occasion_id == Occasion.id)
        .where(Participant.registration_id == Registration.id, Attendance.state.in_(LIVE))
        .correlate(Registration)
        .limit(1)
    )
    if audience.occasions:
        query = query.where(Attendance.occasion_id.in_(sorted(audience.occasions)))
    if now is not None:
        query = query.order_by(sa.case((Occasion.ends_at <= now, 1), else_=0))
    return query.order_by(Occasion.starts_at, Occasion.id).scalar_subquery()


def contacts_away(event_ids: Collection[int]) -> sa.ScalarSelect[int]:
    """How many addresses of contacts who do not take part, of registrations with a live seat."""
    has_seat = sa.exists().where(
        Participant.registration_id == Registration.id,
        Attendance.participant_id == Participant.id,
        Attendance.state.in_(LIVE),
    )
    addresses = sa.func.count(sa.distinct(sa.func.lower(Registration.contact_email)))
    return (
        sa.select(addresses)
        .where(Registration.event_id.in_(sorted(event_ids)), is_contact_away(), has_seat)
        .correlate(None)
        .scalar_subquery()
    )
