"""Mail that came in, as the organiser's inbox asks."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.terms import InboundState
from dialognav.models import DeadAddress, InboundMail, Letter, Participant
from dialognav.queries.manage import Page, fetch_page

VIEWS: dict[str, tuple[str, ...]] = {
    "open": (InboundState.OPEN,),
    "handled": (InboundState.APPLIED, InboundState.FORWARDED, InboundState.DONE),
    "left": (InboundState.STALE, InboundState.IGNORED),
}
"""{view: states of the mails in it}"""


def mails_of(
    session: Session, organisation_id: int, event_id: int | None, view: str, offset: int
) -> Page[InboundMail]:
    """Newest first; of one event, or of the whole organisation."""
    query = (
        sa.select(InboundMail)
        .where(_here(organisation_id, event_id), InboundMail.state.in_(VIEWS[view]))
        .options(
            joinedload(InboundMail.event),
            joinedload(InboundMail.participant).joinedload(Participant.registration),
        )
    )
    return fetch_page(session, query, offset, InboundMail.received_at.desc(), InboundMail.id.desc())


def mail_counts(
    session: Session, organisation_id: int, event_id: int | None = None
) -> dict[str, int]:
    """{view: number}, in one statement."""
    rows = session.execute(
        sa.select(InboundMail.state, sa.func.count())
        .where(_here(organisation_id, event_id))
        .group_by(InboundMail.state)
    ).all()
    numbers = dict(rows)
    return {view: sum(numbers.get(s, 0) for s in states) for view, states in VIEWS.items()}


def open_mails(session: Session, organisation_id: int) -> int:
    """How many somebody has to look at."""
    query = sa.select(sa.func.count()).where(
        _here(organisation_id, None), InboundMail.state == InboundState.OPEN
    )
    return session.scalar(query) or 0


def _here(organisation_id: int, event_id: int | None) -> sa.ColumnElement[bool]:
    of_organisation = InboundMail.organisation_id == organisation_id
    return (
        of_organisation
        if event_id is None
        else of_organisation & (InboundMail.event_id == event_id)
    )


def dead_addresses(session: Session, addresses: Collection[str]) -> set[str]:
    """Those of the addresses to which nothing is mailed, in lower case."""
    wanted = {address.lower() for address in addresses}
    if not wanted:
        return set()
    query = sa.select(DeadAddress.address).where(DeadAddress.address.in_(wanted))
    return set(session.scalars(query))


def last_letters(session: Session, event_id: int, addresses: Collection[str]) -> dict[str, str]:
    """{address: public id of the last letter of the event to it}."""
    rows = session.execute(
        sa.select(Letter.recipient, Letter.public_id)
        .where(Letter.event_id == event_id, Letter.recipient.in_(addresses))
        .order_by(Letter.id)
    )
    return dict(rows.all())


def strays(session: Session) -> list[InboundMail]:
    """Mail that no organisation of several could be told for; newest first."""
    query = (
        sa.select(InboundMail)
        .where(InboundMail.organisation_id.is_(None), InboundMail.state == InboundState.OPEN)
        .order_by(InboundMail.received_at.desc())
        .limit(200)
    )
    return list(session.scalars(query))
