"""At most so many people from one organisation, counted under the event's lock."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.admission import Share, decide_share
from dialognav.domain.errors import LimitReached
from dialognav.domain.terms import LIVE
from dialognav.models import Attendance, Event, Participant, Registration

_HAS_SEAT = sa.exists().where(
    Attendance.participant_id == Participant.id, Attendance.state.in_(LIVE)
)
_COUNTED = (
    sa.select(Registration.party_key, sa.func.count())
    .select_from(Registration)
    .join(Participant, Participant.registration_id == Registration.id)
    .where(
        Registration.event_id == sa.bindparam("event_id"),
        sa.or_(
            Registration.party_key == sa.bindparam("key"),
            Registration.party_name_key == sa.bindparam("name_key"),
        ),
        Registration.withdrawn_at.is_(None),
        Participant.withdrawn_at.is_(None),
        _HAS_SEAT,
    )
    .group_by(Registration.party_key)
)


def count_people(session: Session, event_id: int, key: str, name_key: str) -> tuple[int, int]:
    """How many people of a party have a seat, wait for one or are looked at, in one statement.

    (under its key, under another key with the same name and mail domain)
    """
    named = {"event_id": event_id, "key": key, "name_key": name_key or key}
    counted: dict[str, int] = dict(session.execute(_COUNTED, named).all())
    own = counted.pop(key, 0)
    return own, sum(counted.values())


def check_share(
    session: Session,
    event: Event,
    registration: Registration,
    newcomers: int,
    *,
    beside: int = 0,
    on_purpose: bool = False,
) -> bool:
    """Whether somebody has to look at the newcomers of this party, as it may be over the limit.

    `beside` are people whom the registration has already. LimitReached when it is for sure, unless
    staff exceed it `on_purpose`. One statement, and none
    for an event without a limit. The registration may be a new one that the session lacks.
    """
    limit = event.limit_per_party
    if limit is None or on_purpose:
        return False
    key, name_key = registration.party_key, registration.party_name_key
    already, alike = count_people(session, event.id, key, name_key)
    share = decide_share(
        limit,
        newcomers,
        beside=beside,
        already=already,
        alike=alike,
        has_number=bool(registration.party_identifier),
    )
    if share is Share.REFUSED:
        raise LimitReached(limit, already)
    return share is Share.ASK


def note_excess(
    session: Session,
    event: Event,
    registration: Registration,
    reason: str,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Staff let more people of one organisation in than may come, and why; nothing if they fit."""
    limit = event.limit_per_party
    if limit is None or not reason:
        return
    session.flush()
    key, name_key = registration.party_key, registration.party_name_key
    already, _ = count_people(session, event.id, key, name_key)
    if already <= limit:
        return
    audit.record(
        session,
        event.organisation_id,
        actor,
        "registration.over_limit",
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
        facts={"reason": reason, "limit": limit, "people": already},
    )
