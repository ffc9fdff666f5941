"""Who works for an organisation: asked in by a one-time link, given a role, let go.

What is changed here is the membership, never the person: another organisation may have them too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.accounts import end_sessions, take_link
from dialognav.actions.calendar_feeds import revoke_for_staff
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.errors import AlreadyStaff, LastAdministrator, NotAllowedNow, NotFound
from dialognav.domain.terms import Role, Standing
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Membership, OneTimeLink, Organisation, User

INVITED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """`language` is that of the mail, and of the workspace until they choose another."""

    email: str
    role: str
    language: str
    mandate_note: str = ""


def invite(
    session: Session,
    organisation_id: int,
    invitation: Invitation,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> OneTimeLink:
    """Ask somebody in by mail; asking again sends a new link. AlreadyStaff when they take part.

    Nothing tells whether the address has an account with another organisation.
    """
    link = ask_in(session, organisation_id, invitation, now=now, actor=actor)
    organisation = session.get_one(Organisation, organisation_id)
    notices.tell_staff_link(session, link, organisation, now=now, post=post)
    return link


def ask_in(
    session: Session, organisation_id: int, invitation: Invitation, *, now: datetime, actor: str
) -> OneTimeLink:
    """invite() without the mail: whoever runs the installation hands the link over."""
    organisation = lock_organisation(session, organisation_id)
    user = _account(session, invitation, now=now)
    part = _membership(session, organisation_id, user.id)
    if part is not None and part.state == Standing.ACTIVE:
        raise AlreadyStaff
    if part is None:
        part = Membership(user=user, organisation=organisation, created_at=now)
        session.add(part)
    part.role, part.state = invitation.role, Standing.INVITED
    part.mandate_note = invitation.mandate_note
    link = _new_link(session, part, now=now)
    _note(session, part, "invited", now=now, actor=actor, role=part.role)
    return link


def invite_again(
    session: Session, member_id: int, *, now: datetime, actor: str, post: Post
) -> OneTimeLink:
    """A new link; the earlier one stops working. NotAllowedNow for who has come in already."""
    part, organisation = _lock(session, member_id)
    if part.state != Standing.INVITED:
        raise NotAllowedNow
    link = _new_link(session, part, now=now)
    notices.tell_staff_link(session, link, organisation, now=now, post=post)
    _note(session, part, "invited_again", now=now, actor=actor)
    return link


def accept(session: Session, link_id: int, *, name: str, new_hash: str, now: datetime) -> None:
    """Come in by link. Name and password are those of a new account; an old one keeps its own.

    NotFound when the link was used, ran out, or the invitation was withdrawn.
    """
    organisation_id = session.get_one(OneTimeLink, link_id).organisation_id or 0
    lock_organisation(session, organisation_id)  # before the link, as invite_again() does
    link = take_link(session, link_id, now=now)
    user = link.user
    part = _membership(session, organisation_id, user.id)
    if link.purpose != "invite" or part is None or part.state != Standing.INVITED:
        raise NotFound
    if not user.password_hash:
        if not (name and new_hash):
            raise NotFound
        user.name, user.password_hash = name, new_hash
    part.state = Standing.ACTIVE
    _note(session, part, "joined", now=now, actor=f"user:{user.id}", role=part.role)


def change_role(
    session: Session,
    member_id: int,
    role: str,
    mandate_note: str,
    *,
    now: datetime,
    actor: str,
) -> None:
    """LastAdministrator when nobody would be left to look after the organisation."""
    part, _ = _lock(session, member_id)
    if part.state == Standing.DEACTIVATED:
        raise NotAllowedNow
    if role != Role.ADMIN:
        _spare_last_administrator(session, part)
    if (part.role, part.mandate_note) == (role, mandate_note):
        return
    was, part.role, part.mandate_note = part.role, role, mandate_note
    _note(session, part, "role_changed", now=now, actor=actor, before=was, role=role)


def deactivate(session: Session, member_id: int, *, now: datetime, actor: str) -> None:
    """End somebody's part at once, in every browser. An invitation not yet used is withdrawn."""
    part, _ = _lock(session, member_id)
    if part.state == Standing.DEACTIVATED:
        return
    _spare_last_administrator(session, part)
    _use_up_links(session, part, now=now)
    if part.state == Standing.INVITED:
        _note(session, part, "invitation_withdrawn", now=now, actor=actor)
        _forget_invited(session, part)
        return
    part.state = Standing.DEACTIVATED
    session.flush()
    elsewhere = session.scalar(
        sa.select(sa.func.count()).where(
            Membership.user_id == part.user_id, Membership.state == Standing.ACTIVE
        )
    )
    revoke_for_staff(session, part.user_id, part.organisation_id, now=now)
    here = part.organisation_id if elsewhere else None
    end_sessions(session, part.user_id, now=now, organisation_id=here)
    _note(session, part, "deactivated", now=now, actor=actor)


def reactivate(session: Session, member_id: int, *, now: datetime, actor: str) -> None:
    part, _ = _lock(session, member_id)
    if part.state != Standing.DEACTIVATED:
        raise NotAllowedNow
    part.state = Standing.ACTIVE
    _note(session, part, "reactivated", now=now, actor=actor)


def _account(session: Session, invitation: Invitation, *, now: datetime) -> User:
    """The account of the address, made when there is none; two organisations may ask at once."""
    known = sa.select(User).where(User.email == invitation.email)
    if (user := session.scalar(known)) is not None:
        return user
    user = User(email=invitation.email, name="", language=invitation.language, created_at=now)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        return session.scalars(known).one()
    return user


def _lock(session: Session, member_id: int) -> tuple[Membership, Organisation]:
    """The membership as it stands once its organisation is ours to change."""
    found = session.get(Membership, member_id)
    if found is None:
        raise NotFound
    organisation = lock_organisation(session, found.organisation_id)
    return session.get_one(Membership, member_id, populate_existing=True), organisation


def _membership(session: Session, organisation_id: int, user_id: int) -> Membership | None:
    return session.scalar(
        sa.select(Membership).where(
            Membership.organisation_id == organisation_id, Membership.user_id == user_id
        )
    )


def _spare_last_administrator(session: Session, part: Membership) -> None:
    if part.role != Role.ADMIN or part.state != Standing.ACTIVE:
        return
    others = session.scalar(
        sa.select(sa.func.count())
        .select_from(Membership)
        .join(Membership.user)
        .where(
            Membership.organisation_id == part.organisation_id,
            Membership.id != part.id,
            Membership.role == Role.ADMIN,
            Membership.state == Standing.ACTIVE,
            User.is_active,
        )
    )
    if not others:
        raise LastAdministrator


def _new_link(session: Session, part: Membership, *, now: datetime) -> OneTimeLink:
    _use_up_links(session, part, now=now)
    link = OneTimeLink(
        purpose="invite",
        user=part.user,
        organisation_id=part.organisation_id,
        created_at=now,
        expires_at=now + INVITED_FOR,
    )
    session.add(link)
    session.flush()
    return link


def _use_up_links(session: Session, part: Membership, *, now: datetime) -> None:
    session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.user_id == part.user_id,
            OneTimeLink.organisation_id == part.organisation_id,
            OneTimeLink.purpose == "invite",
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _forget_invited(session: Session, part: Membership) -> None:
    """Who never came in leaves no account behind, unless another organisation has them too."""
    user_id, is_new = part.user_id, not part.user.password_hash
    session.delete(part)
    session.flush()
    if is_new and not session.scalar(
        sa.select(sa.func.count()).where(Membership.user_id == user_id)
    ):
        session.execute(sa.delete(OneTimeLink).where(OneTimeLink.user_id == user_id))
        session.execute(sa.delete(User).where(User.id == user_id))


def _note(
    session: Session, part: Membership, verb: str, *, now: datetime, actor: str, **facts: str
) -> None:
    session.flush()
    audit.record(
        session,
        part.organisation_id,
        actor,
        f"staff.{verb}",
        f"user:{part.user_id}",
        now=now,
        facts=facts,
    )
