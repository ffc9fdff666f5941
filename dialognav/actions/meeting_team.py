"""The event's own people in one-to-one meetings, and whom of the suppliers they may not meet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.hosts import is_staff_of
from dialognav.actions.meeting_record import record_plan
from dialognav.actions.meeting_staffing import people_of, put_people
from dialognav.domain.errors import AlreadyInTeam, EditedMeanwhile, NotFound
from dialognav.domain.slots import Span, spans_of, stored_spans
from dialognav.mail.post import Post
from dialognav.models import (
    Event,
    InterestConflict,
    Registration,
    TableStaff,
    TeamMember,
    User,
    lock_event,
)
from dialognav.models.meeting_plan import standing_slots


@dataclass(frozen=True, slots=True)
class NewMember:
    """Of the staff (`user_id`), whose name and address hold, or somebody from outside."""

    user_id: int | None = None
    name: str = ""
    email: str = ""
    title: str = ""
    language: str = "sv"
    is_cleared: bool = False


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """What changes of a member. An address never does: its calendar entries hang on it."""

    name: str
    title: str
    language: str
    is_cleared: bool
    away: tuple[Span, ...] = ()


def member_draft_of(member: TeamMember) -> MemberDraft:
    return MemberDraft(
        member.name,
        member.title,
        member.language,
        member.cleared_at is not None,
        tuple(spans_of(member.away)),
    )


def add_member(
    session: Session, event_id: int, new: NewMember, *, now: datetime, actor: str
) -> TeamMember:
    """AlreadyInTeam for an address that is there, NotFound for who is not of the staff."""
    event = lock_event(session, event_id)
    name, email, language = new.name, new.email.lower(), new.language
    if new.user_id is not None:
        if not is_staff_of(session, event.organisation_id, new.user_id):
            raise NotFound
        user = session.get_one(User, new.user_id)
        name, email, language = user.name, user.email.lower(), user.language
    there = sa.select(TeamMember.id).where(
        TeamMember.event_id == event.id,
        TeamMember.email == email,
        TeamMember.removed_at.is_(None),
    )
    if session.scalar(there) is not None:
        raise AlreadyInTeam
    member = TeamMember(
        event_id=event.id,
        user_id=new.user_id,
        name=name,
        email=email,
        title=new.title,
        language=language,
        cleared_at=now if new.is_cleared else None,
    )
    session.add(member)
    session.flush()
    record_plan(session, event, "team.added", now=now, actor=actor, member=member.id)
    return member


def save_member(
    session: Session,
    member_id: int,
    draft: MemberDraft,
    *,
    expected: MemberDraft,
    now: datetime,
    actor: str,
) -> bool:
    """Whether anything changed. EditedMeanwhile unless the member is as `expected`.

    Being away takes nobody out of a meeting: the plan says where somebody else is needed.
    """
    event, member = _locked(session, member_id)
    old = member_draft_of(member)
    if old != expected:
        raise EditedMeanwhile
    if draft == old:
        return False
    member.name, member.title, member.language = draft.name, draft.title, draft.language
    if draft.is_cleared != old.is_cleared:
        member.cleared_at = now if draft.is_cleared else None
    member.away = stored_spans(draft.away)
    parts = [name for name in draft.__slots__ if getattr(draft, name) != getattr(old, name)]
    record_plan(session, event, "team.saved", now=now, actor=actor, member=member.id, parts=parts)
    return True


def remove_member(
    session: Session, member_id: int, *, now: datetime, actor: str, post: Post
) -> list[int]:
    """Out of the team, its tables and the meetings to come; ids of the slots that lose somebody."""
    event, member = _locked(session, member_id)
    left = {
        slot.id: {who: role for who, role in people_of(slot).items() if who != member.id}
        for slot in standing_slots(session, event.id)
        if slot.starts_at > now and member.id in people_of(slot)
    }
    put_people(session, event, left, now=now, post=post)
    session.execute(sa.delete(TableStaff).where(TableStaff.member_id == member.id))
    session.expire_all()
    member.removed_at = now
    record_plan(
        session,
        event,
        "team.removed",
        now=now,
        actor=actor,
        member=member.id,
        slots=sorted(left),
    )
    return sorted(left)


def note_conflict(
    session: Session,
    member_id: int,
    registration_id: int,
    reason: str,
    *,
    user_id: int | None,
    now: datetime,
    actor: str,
) -> None:
    """The member may not meet that supplier. The reason is for the record, never for suppliers."""
    event, member = _locked(session, member_id)
    registration = session.get(Registration, registration_id)
    if registration is None or registration.event_id != event.id:
        raise NotFound
    row = session.get(InterestConflict, (member.id, registration.id)) or InterestConflict(
        member_id=member.id, registration_id=registration.id
    )
    row.reason, row.noted_at, row.noted_by_id = reason, now, user_id
    session.add(row)
    session.flush()
    facts: dict[str, Any] = {"member": member.id, "registration": registration.id}
    record_plan(session, event, "conflict.noted", now=now, actor=actor, **facts)


def drop_conflict(
    session: Session, member_id: int, registration_id: int, *, now: datetime, actor: str
) -> None:
    event, member = _locked(session, member_id)
    row = session.get(InterestConflict, (member.id, registration_id))
    if row is None:
        raise NotFound
    session.delete(row)
    facts: dict[str, Any] = {"member": member.id, "registration": registration_id}
    record_plan(session, event, "conflict.dropped", now=now, actor=actor, **facts)


def _locked(session: Session, member_id: int) -> tuple[Event, TeamMember]:
    """One who is still of the team, under the event's lock."""
    event_id = session.scalar(sa.select(TeamMember.event_id).where(TeamMember.id == member_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    member = session.get_one(TeamMember, member_id, populate_existing=True)
    if member.removed_at is not None:
        raise NotFound
    return event, member
