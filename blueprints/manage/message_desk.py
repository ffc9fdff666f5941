"""The page on which a mailing is written: the form, who gets it, and how it looks to them."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import current_membership
from blueprints.manage.message_audience import (
    Typed,
    chooser,
    chosen_events,
    read_audience,
)
from blueprints.manage.message_form import MessageFormBase, languages_from
from blueprints.manage.message_preview import OFFERED, chosen_reader, gaps, preview, tongues
from blueprints.manage.message_reach import reached
from blueprints.manage.message_words import PLACES, done_words
from blueprints.manage.messages import list_of
from blueprints.manage.workspace import event_page
from blueprints.public.event_page import size_text
from dialognav.actions.message_states import needs_approval
from dialognav.actions.messages import draft_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.audience import Audience
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.placeholders import spelling
from dialognav.domain.terms import MessageState
from dialognav.domain.uploads import MEDIA_TYPES
from dialognav.i18n import current_language, moment_text
from dialognav.i18n import gettext as _
from dialognav.mail.recipients import Recipient
from dialognav.models import Event, Message, Organisation
from dialognav.queries import messages


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a mailing is written: of one event or (None) across several, new (None) or begun."""

    event: Event | None
    message: Message | None

    @property
    def organisation(self) -> Organisation:
        return current_membership().organisation

    @property
    def primary(self) -> str:
        if self.message:
            return self.message.primary_language
        return (self.event or self.organisation).primary_language

    @property
    def languages(self) -> tuple[str, ...]:
        return languages_from(self.primary)

    @property
    def stored(self) -> MessageDraft:
        return draft_of(self.message) if self.message else MessageDraft()

    @property
    def revision(self) -> int:
        return self.message.revision if self.message else 0

    @property
    def address(self) -> str:
        """Where the form is posted."""
        if self.message:
            return url_for("manage.messages.update", message_id=self.message.public_id)
        if self.event:
            return url_for("manage.messages.create", public_id=self.event.public_id)
        return url_for("manage.messages.create_across")

    @property
    def back(self) -> str:
        if self.message:
            return list_of(self.message)
        if self.event:
            return url_for("manage.messages.of_event", public_id=self.event.public_id)
        return url_for("manage.messages.index")

    @property
    def planned_at(self) -> str:
        """When it leaves by itself; "" where nobody has planned it."""
        message = self.message
        if message is None or message.state != MessageState.SCHEDULED or not message.send_at:
            return ""
        zone = (self.event or self.organisation).zone
        return moment_text(message.send_at, zone, "medium")

    @property
    def needs_approval(self) -> bool:
        return self.message is not None and needs_approval(self.message)

    @property
    def kept_as(self) -> str:
        """Under which name the browser keeps what is not sent."""
        if self.message:
            return f"message-{self.message.public_id}"
        return f"new-message-{self.event.public_id if self.event else 'across'}"

    def offered(self) -> list[Event]:
        """The events that a message across several may be about."""
        if self.event:
            return []
        also, now = self.stored.audience.events, utcnow()
        return messages.events_to_choose(db.session(), self.organisation.id, now=now, also=also)

    def audience(self, typed: Typed) -> Audience:
        """What was ticked; never other events than may be chosen."""
        ids = [self.event.id] if self.event else chosen_events(typed, self.offered())
        return read_audience(typed, ids, self.stored.audience)


def show_editor(
    desk: Desk,
    form: MessageFormBase,
    typed: Typed,
    status: int = 200,
    *,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """The editor with a form as it stands; `typed` is what is ticked in it."""
    draft = form.draft(desk.audience(typed))
    reach = reached(desk.organisation.id, draft.audience, draft.purpose)
    wanted = _wanted(reach.people)
    about = (desk.organisation, draft, desk.primary, reach.people)
    page = render_template(
        "manage/messages/edit.html",
        desk=desk,
        form=form,
        both=both,
        chooser=chooser(typed, desk.event, desk.offered(), len(desk.stored.audience.people)),
        reach=reach,
        readers=reach.people[:OFFERED],
        look=preview(*about, wanted),
        tongues=tongues(*about[1:]),
        gaps=gaps(*about),
        templates=_templates(desk) if request.method == "GET" else [],
        placeholders=[
            (spelling(name, current_language()), str(words)) for name, words in PLACES.items()
        ],
        files=[
            (file.public_id, file.filename, size_text(file.size))
            for file in (desk.message.attachments if desk.message else [])
        ],
        gone=set(typed.getlist("remove")),
        accept=",".join(f".{ending}" for ending in MEDIA_TYPES),
        endings=", ".join(MEDIA_TYPES),
        **_frame(desk),
    )
    return page, status


def _templates(desk: Desk) -> list[tuple[str, str, str]]:
    """Items of the menu of templates, for a message that is not begun yet."""
    if desk.message:
        return []
    event_id = desk.event.id if desk.event else None
    found = messages.templates_of(db.session(), desk.organisation.id, event_id)
    where: dict[str, Any] = {"public_id": desk.event.public_id} if desk.event else {}
    return [
        (url_for(request.endpoint or "", template=one.public_id, **where), one.name, "")
        for one in found
    ]


def _wanted(readers: list[Recipient]) -> str:
    """As whom to preview: the one asked for, or the one after."""
    asked = request.values.get("as", "")
    if request.form.get("then") == "next" and readers:
        at, _reader = chosen_reader(readers, asked)
        return str(readers[(at + 1) % len(readers)].number)
    return asked


def _frame(desk: Desk) -> dict[str, Any]:
    done = done_words(request.args.get("done", ""))
    if desk.event:
        return event_page(desk.event, "messages", done=done)
    return {"rail": "messages", "done": done, "page": None, "trail": [(desk.back, _("Messages"))]}
