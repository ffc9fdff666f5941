"""What the pages of disposal and of wishes about own data ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.retention import Kept, months_after
from dialognav.domain.terms import EventState
from dialognav.models import (
    AuditEntry,
    Booking,
    DisposalHold,
    DisposalRun,
    Event,
    Organisation,
    PrivacyRequest,
    Registration,
)
from dialognav.models.meeting_ends import meeting_ends, over_at
from dialognav.models.retention import event_kept, held_numbers, rule_of
from dialognav.queries.manage import Page, fetch_page

_TO_EVENT = joinedload(PrivacyRequest.registration, innerjoin=True).joinedload(
    Registration.event, innerjoin=True
)
_REQUESTS = (
    sa.select(PrivacyRequest)
    .join(PrivacyRequest.registration)
    .join(Registration.event)
    .options(
        _TO_EVENT.joinedload(Event.organisation, innerjoin=True),
        joinedload(PrivacyRequest.participant),
        joinedload(PrivacyRequest.handled_by),
    )
)


@dataclass(frozen=True, slots=True)
class Coming:
    """An event that still names people, when its time is out, and why it stays until then."""

    event: Event
    due_at: datetime
    months: int
    kept: Kept | None


def coming(session: Session, organisation: Organisation, *, now: datetime) -> list[Coming]:
    """Events that are over and have not been disposed of, the first due first."""
    held = held_numbers(session, organisation.id)
    over = session.scalars(
        sa.select(Event).where(
            Event.organisation_id == organisation.id,
            Event.ends_at <= now,
            Event.disposed_at.is_(None),
            Event.state.in_((EventState.PUBLISHED, EventState.CANCELLED)),
            sa.exists().where(Registration.event_id == Event.id),
        )
    ).all()
    ends = meeting_ends(session, [each.id for each in over])
    lines = [
        Coming(
            each,
            months_after(at, rule_of(each, organisation).months),
            rule_of(each, organisation).months,
            event_kept(each, organisation, held, ends, now=now),
        )
        for each in over
        if (at := over_at(each, ends))
    ]
    return sorted(lines, key=lambda line: (line.due_at, line.event.id))


def open_run(session: Session, organisation_id: int) -> DisposalRun | None:
    """A dry run that waits for a yes, or one that is at work."""
    return session.scalars(
        sa.select(DisposalRun)
        .where(
            DisposalRun.organisation_id == organisation_id,
            DisposalRun.done_at.is_(None),
            DisposalRun.cancelled_at.is_(None),
        )
        .options(joinedload(DisposalRun.proposed_by), joinedload(DisposalRun.approved_by))
        .order_by(DisposalRun.id.desc())
    ).first()


def ended_runs(session: Session, organisation_id: int, offset: int) -> Page[DisposalRun]:
    """The log: it is kept for ever."""
    query = (
        sa.select(DisposalRun)
        .where(
            DisposalRun.organisation_id == organisation_id,
            sa.or_(DisposalRun.done_at.is_not(None), DisposalRun.cancelled_at.is_not(None)),
        )
        .options(joinedload(DisposalRun.proposed_by), joinedload(DisposalRun.approved_by))
    )
    return fetch_page(session, query, offset, DisposalRun.id.desc())


def standing_holds(session: Session, organisation_id: int) -> list[DisposalHold]:
    return list(
        session.scalars(
            sa.select(DisposalHold)
            .where(
                DisposalHold.organisation_id == organisation_id,
                DisposalHold.released_at.is_(None),
            )
            .options(joinedload(DisposalHold.created_by))
            .order_by(DisposalHold.id)
        )
    )


def requests(session: Session, organisation_id: int, *, is_open: bool) -> list[PrivacyRequest]:
    """Wishes that wait, the oldest first; or the last twenty that were answered."""
    handled = PrivacyRequest.handled_at
    order = PrivacyRequest.id.asc() if is_open else PrivacyRequest.id.desc()
    return list(
        session.scalars(
            _REQUESTS.where(
                Event.organisation_id == organisation_id,
                handled.is_(None) if is_open else handled.is_not(None),
            )
            .order_by(order)
            .limit(None if is_open else 20)
        )
    )


def open_requests(session: Session, organisation_id: int) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(PrivacyRequest)
        .join(PrivacyRequest.registration)
        .join(Registration.event)
        .where(Event.organisation_id == organisation_id, PrivacyRequest.handled_at.is_(None))
    )
    return session.scalar(query) or 0


def events_by_id(session: Session, organisation_id: int, ids: Iterable[int]) -> dict[int, Event]:
    """{id: event} of the organisation's own among these."""
    query = sa.select(Event).where(Event.organisation_id == organisation_id, Event.id.in_(set(ids)))
    return {event.id: event for event in session.scalars(query)}


def meeting_records(session: Session, event_ids: Iterable[int]) -> dict[int, datetime | None]:
    """{event: when the record of its meetings was last taken out}, of those that had any. Disposal
    takes the reasons out of it that are about one supplier (actions/meeting_erasure.py)."""
    booked = sa.select(Booking.event_id).where(Booking.event_id.in_(list(event_ids))).distinct()
    taken: dict[int, datetime | None] = dict.fromkeys(session.scalars(booked))
    entries = sa.select(AuditEntry.event_id, AuditEntry.at, AuditEntry.facts).where(
        AuditEntry.event_id.in_(taken), AuditEntry.verb == "registrations.exported"
    )
    rows = session.execute(entries.order_by(AuditEntry.number))
    return taken | {id_: at for id_, at, facts in rows if id_ and facts.get("list") == "meetings"}
