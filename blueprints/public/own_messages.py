"""What was mailed to the holder of an own link, to be read again: all are to know the same."""

from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from blueprints.context import settings
from blueprints.public.event_page import size_text
from blueprints.public.said import Said
from dialognav.db import db
from dialognav.domain.calendar_text import clean_uri
from dialognav.domain.placeholders import fill
from dialognav.domain.terms import Mode, Seat
from dialognav.i18n import current_language, moment_text
from dialognav.mail.message_letters import values_of
from dialognav.mail.message_text import page_html
from dialognav.mail.messages import said_in
from dialognav.mail.stationery import Stationery
from dialognav.models import Letter, Registration
from dialognav.queries.message_log import Received, received_by
from dialognav.queries.registrations import Own

_JOINS = (Seat.CONFIRMED, Seat.ATTENDED)


@dataclass(frozen=True, slots=True)
class FileView:
    id: str
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class MessageView:
    """`number` of those on the page, for ids."""

    number: int
    subject: Said
    html: Markup
    lang: str
    at: str
    files: tuple[FileView, ...]


def readers(own: Own) -> tuple[list[int], Registration | None]:
    """Whose letters the holder of the link may read: the people's, and the contact's own."""
    return [one.id for one in own.people], own.registration if own.is_contact else None


def own_messages(own: Own, secret: str) -> list[MessageView]:
    """The newest first, in the words they were mailed in. Where the letter's facts are gone by now,
    what stood for the reader is left out; a meeting link is that of today."""
    received = received_by(db.session(), *readers(own))
    return [_view(number, one, own, secret) for number, one in enumerate(received, 1)]


def _link_now(mailed: str, letter: Letter, own: Own) -> str:
    """The meeting link is the confirmed's alone, and may be another one since it was mailed."""
    links = [
        clean_uri(seat.occasion.online_url)
        for person in own.people
        for seat in person.attendances
        if person.id == letter.participant_id and seat.state in _JOINS and seat.mode == Mode.ONLINE
    ]
    return mailed if not mailed or mailed in links else next(iter(links), "")


def _view(number: int, one: Received, own: Own, secret: str) -> MessageView:
    message, letter, wanted = one.message, one.letter, current_language()
    said = said_in(message.subject, message.body, letter.language, message.primary_language)
    values = {"name": letter.recipient_name}
    if letter.facts:
        stationery = Stationery.of(settings())
        values = values_of(letter.facts, said.language, letter.recipient_name, stationery)
        values["link"] = _link_now(values["link"], letter, own)
    values |= {"my_page": url_for("public.registrations.show", lang=wanted, secret=secret)}
    lang = "" if said.language == wanted else said.language
    return MessageView(
        number=number,
        subject=Said(fill(said.subject, values), lang),
        html=page_html(said.body, values),
        lang=lang,
        at=moment_text(letter.sent_at, own.event.zone, "medium") if letter.sent_at else "",
        files=tuple(
            FileView(file.public_id, file.filename, size_text(file.size))
            for file in message.attachments
        ),
    )
