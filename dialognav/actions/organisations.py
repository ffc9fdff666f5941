"""The organisation that arranges: founded by a command, settled by its administrator."""

from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.db import Text
from dialognav.domain.errors import EditedMeanwhile
from dialognav.domain.terms import LANGUAGES, PartyKind
from dialognav.models import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an organisation says about itself. Texts by language; `mail_sender` "" = the
    installation's own."""

    name: Text
    about: Text
    kind: str
    identifier: str
    country: str
    region: str
    zone: str
    languages: list[str]
    primary_language: str
    address: str
    email: str
    phone: str
    phone_hours: Text
    registrar_email: str
    data_protection_contact: str
    accessibility_contact: str
    privacy_text: Text
    mail_from_name: str
    mail_sender: str
    message_approval: bool
    minutes_need_two: bool
    retention_months: int
    disposal_authority: str
    disposal_needs_two: bool


NAMES = tuple(field.name for field in fields(Settings))


def found(
    session: Session, *, name: str, slug: str, language: str, kind: str, now: datetime
) -> Organisation:
    """A new organisation that speaks `language` first. Nobody works for it yet."""
    languages = [code for code in LANGUAGES if code in (language, "en")]
    organisation = Organisation(
        name={language: name},
        slug=slug,
        kind=PartyKind(kind),
        primary_language=language,
        languages=languages,
        created_at=now,
    )
    session.add(organisation)
    session.flush()
    audit.record(
        session,
        organisation.id,
        "cli",
        "organisation.founded",
        f"organisation:{organisation.id}",
        now=now,
    )
    return organisation


def lock_organisation(session: Session, organisation_id: int) -> Organisation:
    """Make those who change one organisation or its staff queue up until commit.

    An UPDATE, not SELECT FOR UPDATE: SQLite ignores the latter.
    """
    session.execute(
        sa.update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(audit_number=Organisation.audit_number)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(Organisation, organisation_id, populate_existing=True)


def changed_settings(organisation: Organisation, wanted: Settings) -> list[str]:
    """Names of the settings that differ."""
    return [name for name in NAMES if getattr(organisation, name) != getattr(wanted, name)]


def change_settings(
    session: Session,
    organisation_id: int,
    wanted: Settings,
    *,
    version: int,
    now: datetime,
    actor: str,
) -> list[str]:
    """Save, and return the names of what changed. The trail holds these names, no values.

    `version` is the one the editor began with: EditedMeanwhile when somebody saved since.
    """
    organisation = lock_organisation(session, organisation_id)
    if organisation.version != version:
        raise EditedMeanwhile
    changed = changed_settings(organisation, wanted)
    if not changed:
        return []
    for name in changed:
        setattr(organisation, name, getattr(wanted, name))
    organisation.version += 1
    session.flush()
    audit.record(
        session,
        organisation_id,
        actor,
        "organisation.changed",
        f"organisation:{organisation_id}",
        now=now,
        facts={"changed": changed},
    )
    return changed
