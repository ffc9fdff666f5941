"""Who is signed in, and what belongs to an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from dialognav.domain.terms import Standing
from dialognav.models import Membership, OneTimeLink, Organisation, SavedForm, StaffSession, User


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser and the person behind it. Without a membership there is nothing to work on."""

    browser: StaffSession
    user: User
    memberships: tuple[Membership, ...]

    @property
    def membership(self) -> Membership | None:
        """The part the person has in the organisation they work for in this browser."""
        wanted = self.browser.organisation_id
        here = [part for part in self.memberships if part.organisation_id == wanted]
        return next(iter([*here, *self.memberships]), None)


def signed_in(session: Session, token_hash: str, *, now: datetime) -> SignedIn | None:
    """One statement, whatever the number of organisations."""
    rows = session.execute(
        sa.select(StaffSession, Membership)
        .join(StaffSession.user)
        .outerjoin(
            Membership,
            sa.and_(Membership.user_id == User.id, Membership.state == Standing.ACTIVE),
        )
        .outerjoin(Membership.organisation)
        .options(contains_eager(StaffSession.user), contains_eager(Membership.organisation))
        .where(
            StaffSession.token_hash == token_hash,
            StaffSession.expires_at > now,
            User.is_active,
        )
        .order_by(Membership.id)
    ).all()
    if not rows:
        return None
    browser = rows[0][0]
    found: list[Membership | None] = [part for _, part in rows]  # of an outer join
    parts = tuple(part for part in found if part is not None)
    return SignedIn(browser, browser.user, parts)


def lost_session(session: Session, token_hash: str) -> StaffSession | None:
    """The browser this secret was given to, signed in still or no longer."""
    return session.scalar(
        sa.select(StaffSession)
        .join(StaffSession.user)
        .where(StaffSession.token_hash == token_hash, User.is_active)
    )


def browsers(session: Session, user_id: int, *, now: datetime) -> Sequence[StaffSession]:
    """Where the person is signed in, last used first."""
    return session.scalars(
        sa.select(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.expires_at > now)
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    ).all()


@dataclass(frozen=True, slots=True)
class Credentials:
    user_id: int
    password_hash: str


NOBODY = Credentials(0, "")


def credentials(session: Session, email: str) -> Credentials:
    """What a password is compared with; of NOBODY when there is no such active account."""
    row = session.execute(
        sa.select(User.id, User.password_hash).where(User.email == email, User.is_active)
    ).one_or_none()
    return Credentials(*row) if row else NOBODY


def one_time_link(
    session: Session, public_id: str, purpose: str, *, now: datetime
) -> OneTimeLink | None:
    """A link that still works; whether its secret is genuine is the caller's to prove."""
    return session.scalar(
        sa.select(OneTimeLink)
        .join(OneTimeLink.user)
        .options(contains_eager(OneTimeLink.user))
        .where(
            OneTimeLink.public_id == public_id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            User.is_active,
        )
    )


def kept_form(session: Session, token_hash: str, user_id: int) -> SavedForm | None:
    """What this person typed when the session had run out."""
    return session.scalar(
        sa.select(SavedForm).where(SavedForm.token_hash == token_hash, SavedForm.user_id == user_id)
    )


@dataclass(frozen=True, slots=True)
class Member:
    membership: Membership
    user: User
    invited_until: datetime | None  # of the newest invitation not yet used


def staff(session: Session, organisation_id: int) -> list[Member]:
    """Everybody who works for the organisation, is asked to, or did."""
    until = (
        sa.select(sa.func.max(OneTimeLink.expires_at))
        .where(
            OneTimeLink.user_id == Membership.user_id,
            OneTimeLink.organisation_id == Membership.organisation_id,
            OneTimeLink.purpose == "invite",
            OneTimeLink.used_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Membership, User, until)
        .join(Membership.user)
        .where(Membership.organisation_id == organisation_id)
        .order_by(User.email)
    )
    return [Member(part, user, last) for part, user, last in rows]


def organisation_of(session: Session, organisation_id: int) -> Organisation:
    return session.get_one(Organisation, organisation_id)
