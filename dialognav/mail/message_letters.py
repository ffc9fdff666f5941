"""The letters of a message: each reader's own facts, not the text, which the message keeps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.terms import MessagePurpose, PlanKind, Seat
from dialognav.mail.letters import BULK, URGENT, Facts, Letter, Writer
from dialognav.mail.message_streams import message_stream
from dialognav.mail.message_wording import values_of as values_of  # for those who show it
from dialognav.mail.messages import said_in
from dialognav.mail.post import Post
from dialognav.mail.recipients import Recipient
from dialognav.models import Event, Message, MessagePlan, Occasion
from dialognav.models.planned import slot_of
from dialognav.tokens import PARTICIPANT, REFUSAL, REGISTRATION

KIND = "message"
_JOINS = (Seat.CONFIRMED, Seat.ATTENDED)
_OF_NO_USE_LATE = (PlanKind.REMINDER, PlanKind.LINK)


def message_letters(
    session: Session, message: Message, recipients: Sequence[Recipient], *, post: Post
) -> list[Letter]:
    """One for each of these recipients, in their order; at most two statements.

    `message` need not be stored: its texts and languages, purpose and urgency are read.
    """
    plan = session.get(MessagePlan, message.plan_id) if message.plan_id else None
    events = _events(session, {one.event_id for one in recipients})
    writer = MessageWriter(message, plan, post, events)
    return [writer.letter(one) for one in recipients]


def _events(session: Session, ids: Collection[int]) -> dict[int, Event]:
    if not ids:
        return {}
    rows = session.scalars(
        sa.select(Event)
        .where(Event.id.in_(ids))
        .options(joinedload(Event.organisation, innerjoin=True), joinedload(Event.occasions))
    )
    return {event.id: event for event in rows.unique()}


@dataclass(slots=True)
class MessageWriter:
    """Writes one message's letters; what many readers share is made once."""

    message: Message
    plan: MessagePlan | None
    post: Post
    events: dict[int, Event]
    _writers: dict[int, Writer] = field(default_factory=dict)
    _shared: dict[tuple[object, ...], Facts] = field(default_factory=dict)

    def letter(self, one: Recipient) -> Letter:
        message = self.message
        key = one.event_id, one.language, one.occasion_id, one.mode, one.state, one.also
        if key not in self._shared:
            self._shared[key] = self._facts(one)
        purpose = REGISTRATION if one.is_contact else PARTICIPANT
        link = {"purpose": purpose, "public_id": one.public_id, "generation": one.generation}
        facts = {**self._shared[key], "party": one.party, "link": link}
        if one.is_dead:  # somebody has chosen to try once more
            facts["tries_dead"] = True
        return Letter(
            kind=KIND,
            stream=message_stream(message.id, one.number),
            recipient=one.email,
            recipient_name=one.name,
            language=one.language,
            facts=facts,
            organisation_id=message.organisation_id,
            event_id=one.event_id,
            participant_id=one.participant_id,
            priority=URGENT if message.is_urgent else BULK,
            message_id=message.id,
        )

    def _facts(self, one: Recipient) -> Facts:
        """In the reader's language what is around the words, in theirs what goes into them."""
        message, writer = self.message, self._writer(one.event_id)
        event, around = writer.event, writer.event_facts(one.language)
        said = said_in(message.subject, message.body, one.language, message.primary_language)
        within = writer.event_facts(said.language)
        occasion = _occasion(event, one)
        begun_at = slot_of(occasion).begun_at
        facts = {
            name: around[name]
            for name in (
                *("sender", "from_name", "reply_to", "phone", "organiser", "title"),
                "event_path",
            )
        }
        facts["message"] = {
            "state": one.state,
            "purpose": str(message.purpose),
            "is_over": message.started_at is not None and begun_at <= message.started_at,
            "title": within["title"],
            "organiser": within["organiser"],
        }
        facts["when"] = writer.when_facts(occasion)
        facts["place"] = (
            writer.place_facts(occasion, one.mode, said.language, link=one.state in _JOINS)
            if one.mode
            else writer.shared_place_facts(occasion, said.language)
        )
        if message.purpose == MessagePurpose.NEWS:
            facts["leave"] = {"purpose": REFUSAL}
        if self.plan is not None and self.plan.kind in _OF_NO_USE_LATE:
            facts["void_after"] = begun_at.isoformat()
            if more := self._more(writer, one, occasion, said.language):
                facts["more"] = more
        return facts

    def _more(
        self, writer: Writer, one: Recipient, occasion: Occasion, language: str
    ) -> list[Facts]:
        """The reader's other dates that it is about; for a link, those that have the same."""
        by_id = {each.id: each for each in writer.event.occasions}
        dates = [(by_id[id_], mode) for id_, mode in one.also if id_ in by_id]
        is_link = self.plan is not None and self.plan.kind == PlanKind.LINK
        return [
            {
                "when": writer.when_facts(each),
                "place": writer.place_facts(each, mode, language, link=one.state in _JOINS),
            }
            for each, mode in dates
            if not is_link or each.online_url == occasion.online_url
        ]

    def _writer(self, event_id: int) -> Writer:
        if event_id not in self._writers:
            self._writers[event_id] = Writer(self.events[event_id], self.post)
        return self._writers[event_id]


def _occasion(event: Event, one: Recipient) -> Occasion:
    """The reader's own; without a seat the event's first that still holds."""
    own = [each for each in event.occasions if each.id == one.occasion_id]
    return (own or event.live_occasions or event.occasions)[0]
