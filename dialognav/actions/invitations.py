"""Personal invitations to an event: invite, send again, revoke, and who may come by one.

One invitation is good for one live registration. Whoever withdraws may come again by it.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.event_moves import note
from dialognav.domain.errors import (
    AlreadyInvited,
    InvitationNeeded,
    InvitationUsed,
    NotAllowedNow,
    NotFound,
)
from dialognav.domain.invitation_lines import Invited
from dialognav.domain.terms import EventState, Review, Visibility
from dialognav.mail.event_invitations import stop_invitation, tell_invited
from dialognav.mail.post import Post
from dialognav.models import Event, EventInvitation, Registration, lock_event

_UNSEEN = (EventState.DRAFT, EventState.SCHEDULED)


def invite(
    session: Session,
    event_id: int,
    people: Sequence[Invited],
    *,
    created_by_id: int,
    now: datetime,
    actor: str,
    post: Post,
) -> list[EventInvitation]:
    """Invite all of them, or nobody. AlreadyInvited names the addresses that have one that holds.

    While the event is a draft the letters wait for its publication. NotAllowedNow once the event
    is cancelled or over.
    """
    event = lock_event(session, event_id)
    _check_ahead(event, now)
    _refuse_invited(session, event, [one.email for one in people])
    made = [_made(event, one, created_by_id, now) for one in people]
    session.add_all(made)
    session.flush()
    if event.state not in _UNSEEN:
        _send(session, event, made, now=now, post=post)
    note(
        session,
        event,
        "invitation.created",
        now=now,
        actor=actor,
        invitations=[one.id for one in made],
        rows=len(made),
    )
    return made


def _made(event: Event, one: Invited, created_by_id: int, now: datetime) -> EventInvitation:
    return EventInvitation(
        event=event,
        party_name=one.party_name,
        party_identifier=one.party_identifier,
        party_country=one.party_country,
        name=one.name,
        email=one.email,
        language=one.language,
        created_at=now,
        created_by_id=created_by_id,
    )


def send_prepared(session: Session, event: Event, *, now: datetime, post: Post) -> None:
    """The letters that waited for the event to be published. Wants the event locked."""
    waiting = session.scalars(
        sa.select(EventInvitation).where(
            EventInvitation.event_id == event.id,
            EventInvitation.sent_at.is_(None),
            EventInvitation.revoked_at.is_(None),
        )
    ).all()
    _send(session, event, waiting, now=now, post=post)


def send_again(
    session: Session, invitation_id: int, *, now: datetime, actor: str, post: Post
) -> EventInvitation:
    """The same link once more. NotAllowedNow for a revoked or used one, or before publication."""
    event, invitation = _locked(session, invitation_id)
    _check_ahead(event, now)
    is_done = invitation.revoked_at is not None or _is_used(session, invitation)
    if is_done or event.state in _UNSEEN:
        raise NotAllowedNow
    _send(session, event, [invitation], now=now, post=post)
    note(session, event, "invitation.sent_again", now=now, actor=actor, invitations=[invitation.id])
    return invitation


def revoke(session: Session, invitation_id: int, *, now: datetime, actor: str) -> EventInvitation:
    """The link opens nothing from now on. Whoever has registered by it stays registered."""
    event, invitation = _locked(session, invitation_id)
    if invitation.revoked_at is not None:
        raise NotAllowedNow
    invitation.revoked_at = now
    invitation.generation += 1
    stop_invitation(session, invitation)
    note(session, event, "invitation.revoked", now=now, actor=actor, invitations=[invitation.id])
    return invitation


def delete_invitations(session: Session, event_id: int) -> None:
    """Those of a draft that goes: nobody outside has heard of them."""
    session.execute(sa.delete(EventInvitation).where(EventInvitation.event_id == event_id))


def check_invitation(
    session: Session, event: Event, invitation_id: int | None, *, by_staff: bool
) -> None:
    """Whether somebody may sign up this way; the event is locked.

    InvitationNeeded without one that holds where the event asks for it; InvitationUsed when a
    live registration came by it.
    """
    if invitation_id is None:
        if event.visibility == Visibility.INVITED and not by_staff:
            raise InvitationNeeded
        return
    invitation = session.get(EventInvitation, invitation_id, populate_existing=True)
    if invitation is None or invitation.event_id != event.id or invitation.revoked_at is not None:
        raise InvitationNeeded
    if _is_used(session, invitation):
        raise InvitationUsed


def _is_used(session: Session, invitation: EventInvitation) -> bool:
    live = sa.select(Registration.id).where(
        Registration.invitation_id == invitation.id,
        Registration.withdrawn_at.is_(None),
        Registration.review != Review.DECLINED,
    )
    return session.scalar(live.limit(1)) is not None


def _locked(session: Session, invitation_id: int) -> tuple[Event, EventInvitation]:
    event_id = session.scalar(
        sa.select(EventInvitation.event_id).where(EventInvitation.id == invitation_id)
    )
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    return event, session.get_one(EventInvitation, invitation_id, populate_existing=True)


def _refuse_invited(session: Session, event: Event, emails: Sequence[str]) -> None:
    """AlreadyInvited also for an address that is there twice."""
    there = session.scalars(
        sa.select(EventInvitation.email).where(
            EventInvitation.event_id == event.id,
            EventInvitation.revoked_at.is_(None),
            EventInvitation.email.in_(emails),
        )
    ).all()
    if there or len(set(emails)) < len(emails):
        raise AlreadyInvited(*there)


def _check_ahead(event: Event, now: datetime) -> None:
    is_over = event.ends_at is not None and event.ends_at <= now
    if event.state == EventState.CANCELLED or is_over:
        raise NotAllowedNow


def _send(
    session: Session,
    event: Event,
    invitations: Sequence[EventInvitation],
    *,
    now: datetime,
    post: Post,
) -> None:
    tell_invited(session, event, invitations, now=now, post=post)
    for one in invitations:
        one.sent_at = now
