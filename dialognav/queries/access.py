"""The only way to an object on behalf of a staff member.

Missing, another organisation's, and not granted by the role raise the same NotFound.
"""

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from dialognav.domain.errors import NotFound
from dialognav.domain.permissions import DISPOSAL, may
from dialognav.models import (
    Booking,
    DisposalHold,
    DisposalRun,
    Document,
    Event,
    ExternalCalendar,
    InboundMail,
    Letter,
    MeetingRequest,
    MeetingTable,
    Membership,
    Message,
    MessageTemplate,
    Participant,
    PrivacyRequest,
    Registration,
    Slot,
    StaffSession,
    StagedCalendar,
    TeamMember,
)

Row = TypeVar("Row")


def demand(membership: Membership, verb: str) -> None:
    """NotFound unless the membership's role grants the verb."""
    if not may(membership.role, verb):
        raise NotFound


def access_event(session: Session, membership: Membership, public_id: str, verb: str) -> Event:
    """An event of the membership's organisation, `organisation` loaded."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(Event)
        .join(Event.organisation)
        .options(contains_eager(Event.organisation))
        .where(*_own(Event, membership, public_id)),
    )


def access_registration(
    session: Session, membership: Membership, public_id: str, verb: str
) -> Registration:
    """A registration to one of the organisation's events, `event` and its organisation loaded."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(Registration)
        .join(Registration.event)
        .join(Event.organisation)
        .options(contains_eager(Registration.event).contains_eager(Event.organisation))
        .where(*_own(Registration, membership, public_id, owner=Event)),
    )


def access_participant(
    session: Session, membership: Membership, public_id: str, verb: str
) -> Participant:
    """A person registered to one of the organisation's events, registration and event loaded."""
    demand(membership, verb)
    way = contains_eager(Participant.registration).contains_eager(Registration.event)
    return _one(
        session,
        sa.select(Participant)
        .join(Participant.registration)
        .join(Registration.event)
        .options(way)
        .where(*_own(Participant, membership, public_id, owner=Event)),
    )


def access_document(
    session: Session, membership: Membership, public_id: str, verb: str
) -> Document:
    """A file of one of the organisation's events, removed or not, `event` loaded."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(Document)
        .join(Document.event)
        .options(contains_eager(Document.event))
        .where(*_own(Document, membership, public_id, owner=Event)),
    )


def access_letter(session: Session, membership: Membership, public_id: str, verb: str) -> Letter:
    """A mail the organisation sent or promised."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(Letter).where(*_own(Letter, membership, public_id)),
    )


def access_message(session: Session, membership: Membership, public_id: str, verb: str) -> Message:
    """A mailing of the organisation's, its event and organisation loaded."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(Message)
        .options(joinedload(Message.event), joinedload(Message.organisation))
        .where(*_own(Message, membership, public_id)),
    )


def access_template(
    session: Session, membership: Membership, public_id: str, verb: str
) -> MessageTemplate:
    """Words of the organisation's to begin a message with; the event they are for loaded."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(MessageTemplate)
        .options(joinedload(MessageTemplate.event).joinedload(Event.organisation))
        .where(*_own(MessageTemplate, membership, public_id)),
    )


def access_mail(
    session: Session, membership: Membership, public_id: str, verb: str, *, whole: bool = False
) -> InboundMail:
    """A mail that came in for the organisation; its bytes only as a `whole`."""
    demand(membership, verb)
    query = sa.select(InboundMail).where(*_own(InboundMail, membership, public_id))
    return _one(session, query.options(undefer(InboundMail.raw)) if whole else query)


def access_member(session: Session, membership: Membership, member_id: int) -> Membership:
    """A membership in the same organisation, for those who look after its staff; `user` loaded."""
    demand(membership, "staff")
    return _one(
        session,
        sa.select(Membership)
        .join(Membership.user)
        .options(contains_eager(Membership.user))
        .where(
            Membership.id == member_id, Membership.organisation_id == membership.organisation_id
        ),
    )


def access_own_session(session: Session, user_id: int, session_id: int) -> StaffSession:
    """One of the person's own signed-in browsers."""
    return _one(
        session,
        sa.select(StaffSession).where(
            StaffSession.id == session_id, StaffSession.user_id == user_id
        ),
    )


def access_hold(session: Session, membership: Membership, public_id: str) -> DisposalHold:
    """A hold on one of the organisation's diary numbers, for those who look after disposal."""
    demand(membership, DISPOSAL)
    return _one(
        session,
        sa.select(DisposalHold).where(*_own(DisposalHold, membership, public_id)),
    )


def access_run(session: Session, membership: Membership, public_id: str) -> DisposalRun:
    """A disposal of the organisation's, proposed or done; who proposed and approved loaded."""
    demand(membership, DISPOSAL)
    return _one(
        session,
        sa.select(DisposalRun)
        .options(joinedload(DisposalRun.proposed_by), joinedload(DisposalRun.approved_by))
        .where(*_own(DisposalRun, membership, public_id)),
    )


def access_privacy_request(
    session: Session, membership: Membership, public_id: str
) -> PrivacyRequest:
    """A wish about own data at one of the organisation's events; everything it is about loaded."""
    demand(membership, DISPOSAL)
    way = contains_eager(PrivacyRequest.registration).contains_eager(Registration.event)
    return _one(
        session,
        sa.select(PrivacyRequest)
        .join(PrivacyRequest.registration)
        .join(Registration.event)
        .join(Event.organisation)
        .options(
            way.contains_eager(Event.organisation),
            joinedload(PrivacyRequest.participant),
            joinedload(PrivacyRequest.handled_by),
        )
        .where(*_own(PrivacyRequest, membership, public_id, owner=Event)),
    )


def access_calendar(
    session: Session, membership: Membership, public_id: str, verb: str
) -> ExternalCalendar:
    """Another authority's calendar that the organisation lists."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(ExternalCalendar).where(*_own(ExternalCalendar, membership, public_id)),
    )


def access_staged_calendar(
    session: Session, membership: Membership, public_id: str, verb: str
) -> StagedCalendar:
    """A calendar that somebody of the organisation is looking at before the word to go on."""
    demand(membership, verb)
    return _one(
        session,
        sa.select(StagedCalendar).where(*_own(StagedCalendar, membership, public_id)),
    )


def access_slot(session: Session, event: Event, public_id: str) -> Slot:
    """A time for a one-to-one meeting at an event that access_event() gave; its table loaded."""
    return _of_event(session, Slot, event, public_id, joinedload(Slot.table, innerjoin=True))


def access_table(session: Session, event: Event, public_id: str) -> MeetingTable:
    """A table, also one out of use, of an event that access_event() gave."""
    return _of_event(session, MeetingTable, event, public_id)


def access_team_member(session: Session, event: Event, public_id: str) -> TeamMember:
    """One of the meetings' own people, also who has left, of an event that access_event() gave."""
    return _of_event(session, TeamMember, event, public_id)


def access_booking(session: Session, event: Event, public_id: str) -> Booking:
    """A supplier's meeting, live or not, at an event that access_event() gave; slot and supplier
    loaded."""
    loaded = joinedload(Booking.slot, innerjoin=True), joinedload(Booking.registration)
    return _of_event(session, Booking, event, public_id, *loaded)


def access_request(session: Session, event: Event, public_id: str) -> MeetingRequest:
    """What a supplier asked for, or waits with, at an event that access_event() gave."""
    loaded = joinedload(MeetingRequest.registration)
    return _of_event(session, MeetingRequest, event, public_id, loaded)


def _of_event(
    session: Session, model: type[Row], event: Event, public_id: str, *options: ORMOption
) -> Row:
    """What belongs to that very event, whose organisation is known to be the membership's."""
    of: Any = model
    is_it = of.public_id == public_id, of.event_id == event.id
    return _one(session, sa.select(model).where(*is_it).options(*options))


def _own(
    model: Any, membership: Membership, public_id: str, *, owner: Any = None
) -> tuple[sa.ColumnElement[bool], ...]:
    """The wall: that very row, and of the membership's organisation, which `owner` names where the
    model itself does not."""
    is_ours = (owner or model).organisation_id == membership.organisation_id
    return model.public_id == public_id, is_ours


def _one(session: Session, query: sa.Select[Row]) -> Row:
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found
