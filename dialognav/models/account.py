from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.terms import Role, Standing
from dialognav.models.organisation import Organisation
from dialognav.tokens import new_public_id


class User(Base):
    """A staff member. Suppliers never have an account."""

    __tablename__ = "staff_user"  # USER is a reserved word of SQL
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")  # "" = none chosen yet
    language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Membership(Base):
    """A person's part in one organisation; it begins when the invitation is accepted.

    Deactivating ends the part, not the person: another organisation's is not ours to end.
    From `away_from` to `away_until`, both included, the digest goes to the stand-in.
    """

    __tablename__ = "membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(one_of("role", Role))
    state: Mapped[str] = mapped_column(one_of("state", Standing), default=Standing.ACTIVE)
    mandate_note: Mapped[str] = mapped_column(sa.String(500), default="")
    wants_digest: Mapped[bool] = mapped_column(default=True)
    digested_on: Mapped[date | None] = mapped_column(sa.Date)  # last looked at, sent or not
    stand_in_id: Mapped[int | None] = mapped_column(sa.ForeignKey("membership.id"))
    away_from: Mapped[date | None] = mapped_column(sa.Date)
    away_until: Mapped[date | None] = mapped_column(sa.Date)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (sa.UniqueConstraint("user_id", "organisation_id"),)


class StaffSession(Base):
    """A signed-in browser, until `expires_at`; moving that instant to now signs it out at once.

    Expired rows stay for some days: whoever loses a session while writing is known by them
    (decisions.md 23).
    """

    __tablename__ = "staff_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"), index=True)
    user: Mapped[User] = relationship()
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    browser: Mapped[str] = mapped_column(sa.String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class OneTimeLink(Base):
    """An invitation to staff, or a reset of a forgotten password. Works once, until it expires.

    Its secret is made from `public_id` by tokens.make_link(), never stored.
    """

    __tablename__ = "one_time_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    purpose: Mapped[str] = mapped_column(one_of("purpose", ("invite", "reset")))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"), index=True)
    user: Mapped[User] = relationship()
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SavedForm(Base):
    """What was typed when a session had run out; brought back after signing in (decisions.md 23).

    Kept for a day under the hash of a random secret that travels with the sign-in, and shown to
    nobody but the person whose session ran out.
    """

    __tablename__ = "saved_form"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"), index=True)
    path: Mapped[str] = mapped_column(sa.String(500))
    fields: Mapped[list[list[str]]]  # [[name, value], ...] in order
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RateCount(Base):
    """How often a key was used in one window of time; one upsert counts (stack.md)."""

    __tablename__ = "rate_count"
    key: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    window: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]
