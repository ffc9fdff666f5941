"""Mailings while they are written: begun, saved, copied, given files, thrown away."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.message_states import needs_approval, note, require
from dialognav.domain.audience import audience_from_json, audience_to_json
from dialognav.domain.errors import EditedMeanwhile, RuleBroken
from dialognav.domain.message_drafts import MOST_BYTES, MOST_FILES, MessageDraft, changed_keys
from dialognav.domain.message_rules import DELETE, EDIT, state_after_edit
from dialognav.domain.terms import MessageState
from dialognav.domain.uploads import Upload
from dialognav.models import Message, MessageAttachment, lock_message


class TooMuchAttached(RuleBroken):
    """`reason`: number or size."""

    code = "too_much_attached"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def draft_of(message: Message) -> MessageDraft:
    return MessageDraft(
        subject=dict(message.subject),
        body=dict(message.body),
        audience=audience_from_json(message.audience),
        purpose=message.purpose,
        is_urgent=message.is_urgent,
    )


def create_message(
    session: Session,
    organisation_id: int,
    event_id: int | None,
    draft: MessageDraft,
    *,
    primary_language: str,
    author_id: int | None,
    now: datetime,
    actor: str,
) -> Message:
    """A new draft: of one event, or (None) across several. The caller saw to whose event it is."""
    message = Message(
        organisation_id=organisation_id,
        event_id=event_id,
        author_id=author_id,
        primary_language=primary_language,
        writer_ids=[author_id] if author_id else [],
        created_at=now,
        changed_at=now,
    )
    _write(message, draft)
    session.add(message)
    session.flush()
    note(session, message, "message.created", now=now, actor=actor)
    return message


def save_message(
    session: Session,
    message_id: int,
    draft: MessageDraft,
    *,
    expected_revision: int,
    writer_id: int,
    now: datetime,
    actor: str,
) -> Message:
    """Write a draft over what is stored; what differs in nothing leaves the revision alone.

    EditedMeanwhile when somebody saved since `expected_revision`; NotAllowedNow once it is sent. A
    change voids what somebody approved, and with it the time that was planned.
    """
    message = lock_message(session, message_id)
    require(EDIT, message)
    if message.revision != expected_revision:
        raise EditedMeanwhile
    if not (changed := changed_keys(draft_of(message), draft)):
        return message
    _write(message, draft)
    _touch(message, writer_id, now)
    note(session, message, "message.saved", now=now, actor=actor, fields=list(changed))
    return message


def _write(message: Message, draft: MessageDraft) -> None:
    message.subject = {code: said for code, said in draft.subject.items() if said}
    message.body = {code: said for code, said in draft.body.items() if said}
    message.audience = audience_to_json(draft.audience)
    message.purpose = draft.purpose
    message.is_urgent = draft.is_urgent


def _touch(message: Message, writer_id: int, now: datetime) -> None:
    """It says something else now than what was approved, and its writer approves it no more."""
    message.revision += 1
    if writer_id not in message.writer_ids:
        message.writer_ids = [*message.writer_ids, writer_id]
    message.changed_at = now
    message.state = state_after_edit(message.state, needs_approval=needs_approval(message))
    message.submitted_at = message.submitted_by_id = None
    message.approved_at = message.approved_by_id = None
    message.approved_recipients = None
    if message.state == MessageState.DRAFT:
        message.send_at = None


def copy_message(
    session: Session, message_id: int, *, author_id: int, now: datetime, actor: str
) -> str:
    """A new draft with the same words, readers and files, whatever became of the first."""
    source = session.get_one(Message, message_id)
    message = create_message(
        session,
        source.organisation_id,
        source.event_id,
        draft_of(source),
        primary_language=source.primary_language,
        author_id=author_id,
        now=now,
        actor=actor,
    )
    columns = ("position", "filename", "media_type", "size", "sha256", "content")
    rows = session.execute(
        sa.select(*(getattr(MessageAttachment, name) for name in columns)).where(
            MessageAttachment.message_id == source.id
        )
    )
    message.attachments.extend(
        MessageAttachment(**dict(zip(columns, row, strict=True)), created_at=now) for row in rows
    )
    session.flush()
    return message.public_id


def delete_message(session: Session, message_id: int, *, now: datetime, actor: str) -> None:
    """Throw away what never was sent. NotAllowedNow when it was, or is about to be."""
    message = lock_message(session, message_id)
    require(DELETE, message)
    note(session, message, "message.deleted", now=now, actor=actor)
    session.flush()
    session.delete(message)


def attach(
    session: Session,
    message_id: int,
    uploads: Sequence[Upload],
    *,
    writer_id: int,
    now: datetime,
    actor: str,
) -> None:
    """Add files after those that are there. TooMuchAttached leaves all as it was."""
    if not uploads:
        return
    message = lock_message(session, message_id)
    require(EDIT, message)
    there = message.attachments
    if len(there) + len(uploads) > MOST_FILES:
        raise TooMuchAttached("number")
    if sum(file.size for file in there) + sum(len(one.content) for one in uploads) > MOST_BYTES:
        raise TooMuchAttached("size")
    first = max((file.position for file in there), default=-1) + 1
    for position, upload in enumerate(uploads, first):
        there.append(_attachment(upload, position, now))
    _touch(message, writer_id, now)
    note(session, message, "message.attached", now=now, actor=actor, number=len(uploads))


def _attachment(upload: Upload, position: int, now: datetime) -> MessageAttachment:
    return MessageAttachment(
        position=position,
        filename=upload.filename,
        media_type=upload.media_type,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
        created_at=now,
    )


def detach(
    session: Session,
    message_id: int,
    file_ids: Sequence[str],
    *,
    writer_id: int,
    now: datetime,
    actor: str,
) -> None:
    """Take files away; public ids of other messages' files are passed over."""
    message = lock_message(session, message_id)
    require(EDIT, message)
    gone = [file for file in message.attachments if file.public_id in file_ids]
    if not gone:
        return
    for file in gone:
        message.attachments.remove(file)
    _touch(message, writer_id, now)
    note(session, message, "message.detached", now=now, actor=actor, number=len(gone))
