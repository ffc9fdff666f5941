"""A staff member's own account: signing in and out, name, language, password.

No function here sees a password, only hashes of it: hashing takes too long for a unit of work.
A second step will stand between queries.accounts.credentials() and begin_session().
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.errors import NotAllowedNow, NotFound
from dialognav.domain.terms import Standing
from dialognav.models import Membership, OneTimeLink, Organisation, SavedForm, StaffSession, User
from dialognav.tokens import fingerprint

IDLE = timedelta(hours=12)  # from signing in, or the last thing done; reading changes nothing
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
RESET_WITHIN = timedelta(hours=1)


def begin_session(
    session: Session,
    user_id: int,
    proven_hash: str,
    secret: str,
    *,
    browser: str,
    instead_of: str,
    now: datetime,
    new_hash: str = "",
) -> None:
    """Sign a browser in under a secret it has never had before.

    `proven_hash` is what the password was compared with; changed meanwhile it raises NotFound.
    `instead_of` is the browser's earlier secret, whose session ends. `new_hash` replaces an
    outdated hash of the same password.
    """
    user = session.get(User, user_id)
    if user is None or not user.is_active or user.password_hash != proven_hash:
        raise NotFound
    earlier = session.scalar(
        sa.select(StaffSession).where(StaffSession.token_hash == fingerprint(instead_of))
    )
    if earlier is not None and earlier.expires_at > now:
        earlier.expires_at = now
    same_person = earlier is not None and earlier.user_id == user.id
    session.add(
        StaffSession(
            token_hash=fingerprint(secret),
            user_id=user.id,
            organisation_id=earlier.organisation_id if earlier and same_person else None,
            browser=browser[:120],
            created_at=now,
            seen_at=now,
            expires_at=now + IDLE,
        )
    )
    user.signed_in_at = now
    user.password_hash = new_hash or user.password_hash


def stay_signed_in(session: Session, browser_id: int, *, now: datetime) -> None:
    """Something was done: twelve more hours, seven days from signing in at the most."""
    browser = session.get(StaffSession, browser_id)
    if browser is not None and browser.expires_at > now:
        browser.seen_at = now
        browser.expires_at = min(now + IDLE, browser.created_at + LONGEST)


def end_session(session: Session, user_id: int, browser_id: int, *, now: datetime) -> None:
    """Sign one of the person's browsers out. NotFound for anybody else's."""
    browser = session.get(StaffSession, browser_id)
    if browser is None or browser.user_id != user_id:
        raise NotFound
    browser.expires_at = min(browser.expires_at, now)


def end_sessions(
    session: Session,
    user_id: int,
    *,
    now: datetime,
    but: int | None = None,
    organisation_id: int | None = None,
) -> None:
    """Sign the person out everywhere, or in one organisation; `but` names a browser to spare."""
    ending = sa.update(StaffSession).where(
        StaffSession.user_id == user_id, StaffSession.expires_at > now
    )
    if but is not None:
        ending = ending.where(StaffSession.id != but)
    if organisation_id is not None:
        ending = ending.where(StaffSession.organisation_id == organisation_id)
    session.execute(
        ending.values(expires_at=now), execution_options={"synchronize_session": "fetch"}
    )


def work_for(session: Session, user_id: int, browser_id: int, organisation: str) -> None:
    """Switch this browser to another of the person's organisations (public id), or NotFound."""
    part = session.scalar(
        sa.select(Membership)
        .join(Membership.organisation)
        .where(
            Membership.user_id == user_id,
            Organisation.public_id == organisation,
            Membership.state == Standing.ACTIVE,
        )
    )
    browser = session.get(StaffSession, browser_id)
    if part is None or browser is None or browser.user_id != user_id:
        raise NotFound
    browser.organisation_id = part.organisation_id


def change_profile(session: Session, user_id: int, *, name: str, language: str) -> None:
    user = session.get_one(User, user_id)
    user.name, user.language = name, language


def change_password(
    session: Session,
    user_id: int,
    proven_hash: str,
    new_hash: str,
    *,
    browser_id: int,
    now: datetime,
) -> None:
    """A new password, by somebody who knew the old one; every other browser is signed out."""
    user = session.get_one(User, user_id)
    if user.password_hash != proven_hash:
        raise NotAllowedNow
    _set_password(session, user, new_hash, now=now)
    end_sessions(session, user.id, now=now, but=browser_id)
    _tell_all(session, user, "password_changed", now=now)


def make_reset(session: Session, email: str, *, now: datetime) -> OneTimeLink | None:
    """A link to choose a new password, or None: the asker is told the same either way.

    Nothing for an invited person who has not chosen one yet: their invitation does that.
    """
    user = session.scalar(sa.select(User).where(User.email == email, User.is_active))
    if user is None or not user.password_hash:
        return None
    link = OneTimeLink(purpose="reset", user=user, created_at=now, expires_at=now + RESET_WITHIN)
    session.add(link)
    session.flush()
    return link


def use_reset(session: Session, link_id: int, new_hash: str, *, now: datetime) -> None:
    """Choose a new password by link: it works once, and everybody signed in is signed out."""
    link = take_link(session, link_id, now=now)
    _set_password(session, link.user, new_hash, now=now)
    end_sessions(session, link.user_id, now=now)
    _tell_all(session, link.user, "password_reset", now=now)


def take_link(session: Session, link_id: int, *, now: datetime) -> OneTimeLink:
    """Use a link up, or NotFound when somebody was quicker: one UPDATE decides."""
    taken = session.scalar(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.id == link_id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise NotFound
    link = session.get_one(OneTimeLink, link_id, populate_existing=True)
    if not link.user.is_active:
        raise NotFound
    return link


def keep_form(
    session: Session,
    user_id: int,
    secret: str,
    *,
    path: str,
    fields: list[list[str]],
    now: datetime,
) -> None:
    """Put aside what was sent when nobody was signed in any more, for a day."""
    session.add(
        SavedForm(
            token_hash=fingerprint(secret),
            user_id=user_id,
            path=path,
            fields=fields,
            created_at=now,
        )
    )


def discard_form(session: Session, user_id: int, secret: str) -> None:
    session.execute(
        sa.delete(SavedForm).where(
            SavedForm.user_id == user_id, SavedForm.token_hash == fingerprint(secret)
        )
    )


def _set_password(session: Session, user: User, new_hash: str, *, now: datetime) -> None:
    """Links to choose a password die with the old one."""
    user.password_hash = new_hash
    session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.user_id == user.id,
            OneTimeLink.purpose == "reset",
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _tell_all(session: Session, user: User, verb: str, *, now: datetime) -> None:
    """In the trail of each organisation the person works for, in the order of their locks."""
    ids = session.scalars(
        sa.select(Membership.organisation_id)
        .where(Membership.user_id == user.id, Membership.state == Standing.ACTIVE)
        .order_by(Membership.organisation_id)
    )
    for organisation_id in list(ids):
        audit.record(
            session,
            organisation_id,
            f"user:{user.id}",
            f"account.{verb}",
            f"user:{user.id}",
            now=now,
        )
