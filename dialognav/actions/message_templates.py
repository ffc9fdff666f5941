"""Words to begin a mailing with: the organisation's, or one event's."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.drafts import Text
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound
from dialognav.domain.message_drafts import TEXTS
from dialognav.domain.terms import MessagePurpose
from dialognav.models import Message, MessageTemplate

LONGEST_NAME = 120
MOST_TEMPLATES = 200  # of an organisation, its events' included


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """Texts are {language: words}; `body` is Markdown."""

    name: str
    subject: Text = field(default_factory=dict)
    body: Text = field(default_factory=dict)
    purpose: str = MessagePurpose.REGISTRATION


def draft_of_template(template: MessageTemplate) -> TemplateDraft:
    return TemplateDraft(
        template.name, dict(template.subject), dict(template.body), template.purpose
    )


def create_template(
    session: Session,
    organisation_id: int,
    event_id: int | None,
    draft: TemplateDraft,
    *,
    now: datetime,
    actor: str,
) -> MessageTemplate:
    """For one event, or (None) for all. NotAllowedNow when there are as many as there may be."""
    lock_organisation(session, organisation_id)
    number = sa.select(sa.func.count()).where(MessageTemplate.organisation_id == organisation_id)
    if (session.scalar(number.select_from(MessageTemplate)) or 0) >= MOST_TEMPLATES:
        raise NotAllowedNow
    template = MessageTemplate(
        organisation_id=organisation_id, event_id=event_id, created_at=now, revision=0
    )
    session.add(template)
    _write(template, draft, now)
    session.flush()
    _note(session, template, "template.created", now=now, actor=actor)
    return template


def template_from(
    session: Session, message_id: int, name: str, *, now: datetime, actor: str
) -> MessageTemplate:
    """The words of a mailing, kept for the event it is of, or for all where it is of several."""
    message = session.get_one(Message, message_id)
    draft = TemplateDraft(
        name[:LONGEST_NAME], dict(message.subject), dict(message.body), message.purpose
    )
    return create_template(
        session, message.organisation_id, message.event_id, draft, now=now, actor=actor
    )


def save_template(
    session: Session,
    template_id: int,
    draft: TemplateDraft,
    *,
    expected_revision: int,
    now: datetime,
    actor: str,
) -> None:
    """EditedMeanwhile when somebody saved since; what differs in nothing is left alone."""
    template = _locked(session, template_id)
    if template.revision != expected_revision:
        raise EditedMeanwhile
    if draft == draft_of_template(template):
        return
    _write(template, draft, now)
    template.revision += 1
    session.flush()
    _note(session, template, "template.changed", now=now, actor=actor)


def delete_template(session: Session, template_id: int, *, now: datetime, actor: str) -> None:
    """Messages that began with it keep their words."""
    template = _locked(session, template_id)
    _note(session, template, "template.deleted", now=now, actor=actor)
    session.delete(template)


def _locked(session: Session, template_id: int) -> MessageTemplate:
    """NotFound when somebody deleted it meanwhile."""
    same = (
        sa.update(MessageTemplate)
        .where(MessageTemplate.id == template_id)
        .values(revision=MessageTemplate.revision)
        .execution_options(synchronize_session=False)
    )
    session.execute(same)
    found = session.get(MessageTemplate, template_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _write(template: MessageTemplate, draft: TemplateDraft, now: datetime) -> None:
    template.name, template.purpose, template.changed_at = draft.name, draft.purpose, now
    for part in TEXTS:
        said = {code: words for code, words in getattr(draft, part).items() if words}
        setattr(template, part, said)


def _note(
    session: Session, template: MessageTemplate, verb: str, *, now: datetime, actor: str
) -> None:
    audit.record(
        session,
        template.organisation_id,
        actor,
        verb,
        f"message_template:{template.id}",
        now=now,
        event_id=template.event_id,
    )
