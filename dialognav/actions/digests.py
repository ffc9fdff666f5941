"""The letter of the morning to staff, to the stand-in while somebody is away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from dialognav import audit
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.digests import Member, Waits, may_stand_in, readers, waits_for
from dialognav.domain.errors import NotReady
from dialognav.domain.terms import Standing
from dialognav.mail import outbox
from dialognav.mail.digest_letters import Away, digest_letter
from dialognav.mail.post import Post
from dialognav.models import Membership, Organisation, User


@dataclass(frozen=True, slots=True)
class Absence:
    """Whether somebody wants the letter, and who decides in their place from when until when."""

    wants_digest: bool = True
    stand_in_id: int | None = None
    away_from: date | None = None
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class Morning:
    """An organisation with somebody who has not had the letter of that day."""

    organisation_id: int
    zone: str
    country: str
    last_on: date | None


def organisations_to_look_at(session: Session) -> list[Morning]:
    """Every organisation that has staff; one statement. `last_on`: what the last of them had."""
    had = sa.func.min(sa.func.coalesce(Membership.digested_on, date(1970, 1, 1)))
    rows = session.execute(
        sa.select(Organisation.id, Organisation.zone, Organisation.country, had)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.state == Standing.ACTIVE)
        .group_by(Organisation.id)
        .order_by(Organisation.id)
    )
    return [Morning(*row) for row in rows]


def send_digests(
    session: Session,
    organisation_id: int,
    day: date,
    waiting: Sequence[Waits],
    *,
    now: datetime,
    post: Post,
) -> int:
    """Each member's letter of that day, once, and none to those for whom nothing waits. How many.

    The day is noted for everybody, so that what comes later in it waits for the next morning.
    """
    new = set(
        session.scalars(
            sa.update(Membership)
            .where(Membership.organisation_id == organisation_id)
            .where(Membership.state == Standing.ACTIVE)
            .where(Membership.digested_on.is_(None) | (Membership.digested_on < day))
            .values(digested_on=day)
            .returning(Membership.id)
            .execution_options(synchronize_session=False)
        )
    )
    if not new or not waiting:
        return 0
    parts = {part.id: part for part in _at_work(session, organisation_id)}
    members = {part.id: _member(part) for part in parts.values()}
    letters = []
    for reader_id, of in readers(members.values(), day).items():
        its = waits_for(members[reader_id], [members[each] for each in of], waiting)
        if its and reader_id in new:
            away = [_away(parts[each]) for each in of if each != reader_id]
            letters.append(digest_letter(parts[reader_id], its, away, post=post))
    outbox.promise(session, letters, now=now)
    return len(letters)


def _at_work(session: Session, organisation_id: int) -> Sequence[Membership]:
    return session.scalars(
        sa.select(Membership)
        .join(Membership.user)
        .where(Membership.organisation_id == organisation_id)
        .where(Membership.state == Standing.ACTIVE, User.is_active)
        .options(contains_eager(Membership.user), joinedload(Membership.organisation))
        .order_by(Membership.id)
        .execution_options(populate_existing=True)
    ).all()


def _member(part: Membership) -> Member:
    return Member(
        part.id,
        part.user_id,
        part.role,
        part.wants_digest,
        part.stand_in_id,
        part.away_from,
        part.away_until,
    )


def _away(part: Membership) -> Away:
    return Away(part.user.name, part.away_until.isoformat() if part.away_until else None)


def stand_ins_for(session: Session, part: Membership) -> list[Membership]:
    """Colleagues who may decide all that this person may, by name."""
    found = [
        each
        for each in _at_work(session, part.organisation_id)
        if each.id != part.id and may_stand_in(each.role, part.role)
    ]
    return sorted(found, key=lambda each: each.user.name.casefold())


def set_absence(
    session: Session, membership_id: int, absence: Absence, *, now: datetime, actor: str
) -> None:
    """NotReady names what cannot be: "stand_in_id", "away_from", "away_until"."""
    found = session.get_one(Membership, membership_id)
    lock_organisation(session, found.organisation_id)
    part = session.get_one(Membership, membership_id, populate_existing=True)
    _refuse_unfit(session, part, absence)
    part.wants_digest = absence.wants_digest
    part.stand_in_id = absence.stand_in_id
    part.away_from, part.away_until = absence.away_from, absence.away_until
    audit.record(
        session,
        part.organisation_id,
        actor,
        "staff.absence_set",
        f"user:{part.user_id}",
        now=now,
        facts={"digest": part.wants_digest, "stand_in": part.stand_in_id},
    )


def _refuse_unfit(session: Session, part: Membership, absence: Absence) -> None:
    fit = {each.id for each in stand_ins_for(session, part)}
    if absence.stand_in_id is not None and absence.stand_in_id not in fit:
        raise NotReady("stand_in_id")
    if absence.away_until is not None:
        if absence.away_from is None:
            raise NotReady("away_from")
        if absence.away_until < absence.away_from:
            raise NotReady("away_until")
