"""A mailing as one of its readers gets it, and what about it would surprise: before it is sent."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from blueprints.context import post, settings
from blueprints.manage.message_reach import names_text
from dialognav.db import db
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.placeholders import PLACEHOLDERS, empty, fill, spelling, used
from dialognav.i18n import NAMES, current_language, speaking
from dialognav.mail.letters import sender_facts
from dialognav.mail.message_letters import message_letters, values_of
from dialognav.mail.message_text import page_html
from dialognav.mail.messages import said_in
from dialognav.mail.recipients import Recipient
from dialognav.mail.stationery import Stationery
from dialognav.models import Message, Organisation

OFFERED = 500  # readers in the list to preview as


@dataclass(frozen=True, slots=True)
class Preview:
    """`reader` is None when it reaches nobody: then placeholders stand as they are written."""

    reader: Recipient | None
    number: int  # of the reader among all, from 1
    sender: str
    subject: str
    html: Markup
    language: str


@dataclass(frozen=True, slots=True)
class Tongue:
    """How many readers wish a language, and in which they get it."""

    code: str
    name: str
    number: int
    said_in: str

    @property
    def is_missing(self) -> bool:
        return self.code != self.said_in


@dataclass(frozen=True, slots=True)
class Gap:
    """A placeholder that stands for nothing in some of the letters."""

    written: str
    number: int
    names: str


def chosen_reader(readers: Sequence[Recipient], wanted: str) -> tuple[int, Recipient | None]:
    """(index, reader) of whom to preview as: the one asked for, else the first."""
    for at, one in enumerate(readers):
        if str(one.number) == wanted:
            return at, one
    return 0, readers[0] if readers else None


def preview(
    organisation: Organisation,
    draft: MessageDraft,
    primary: str,
    readers: Sequence[Recipient],
    wanted: str,
) -> Preview:
    at, reader = chosen_reader(readers, wanted)
    language = reader.language if reader else primary
    said = said_in(draft.subject, draft.body, language, primary)
    values = _values(organisation, draft, primary, [reader])[0] if reader else _as_written()
    sender = sender_facts(organisation, language, post())
    with speaking(said.language):
        html = page_html(said.body, values)
    return Preview(
        reader=reader,
        number=at + 1,
        sender=f"{sender['from_name']} <{sender['sender']}>",
        subject=fill(said.subject, values),
        html=html,
        language=said.language,
    )


def _values(
    organisation: Organisation, draft: MessageDraft, primary: str, readers: Sequence[Recipient]
) -> list[Mapping[str, str]]:
    """What the placeholders stand for, for each of these readers.

    Nobody but its owner is shown an own link, staff neither: the page that mails it stands there.
    """
    message = Message(  # of no session: it is not to be stored
        organisation_id=organisation.id,
        primary_language=primary,
        subject=draft.subject,
        body=draft.body,
        purpose=draft.purpose,
        is_urgent=draft.is_urgent,
    )
    stationery = Stationery.of(settings())
    found: list[Mapping[str, str]] = []
    for letter in message_letters(db.session(), message, readers, post=post()):
        language = said_in(draft.subject, draft.body, letter.language, primary).language
        values = values_of(letter.facts, language, letter.recipient_name, stationery)
        found.append({**values, "my_page": stationery.url(f"/{language}/my")})
    return found


def _as_written() -> Mapping[str, str]:
    return {name: spelling(name, current_language()) for name in PLACEHOLDERS}


def tongues(draft: MessageDraft, primary: str, readers: Iterable[Recipient]) -> list[Tongue]:
    """Which languages the readers have, most of them first."""
    numbers = Counter(one.language for one in readers)
    return [
        Tongue(
            code, NAMES[code][0], number, said_in(draft.subject, draft.body, code, primary).language
        )
        for code, number in numbers.most_common()
    ]


def gaps(
    organisation: Organisation, draft: MessageDraft, primary: str, readers: Sequence[Recipient]
) -> list[Gap]:
    """Placeholders that are empty for somebody.

    Readers who differ in nothing that could make one empty are looked at as one.
    """
    texts = [*draft.subject.values(), *draft.body.values()]
    names = set().union(*map(used, texts)) if texts else set()
    if not names or not readers:
        return []
    alike: dict[tuple[object, ...], list[Recipient]] = {}
    for one in readers:
        seat = (one.event_id, one.occasion_id, one.state, one.mode, one.language)
        alike.setdefault((*seat, bool(one.party), bool(one.name)), []).append(one)
    without: dict[str, list[Recipient]] = {}
    heads = [group[0] for group in alike.values()]
    values = _values(organisation, draft, primary, heads)
    for group, known in zip(alike.values(), values, strict=True):
        said = said_in(draft.subject, draft.body, group[0].language, primary)
        for name in empty(f"{said.subject}\n{said.body}", known):
            without.setdefault(name, []).extend(group)
    language = current_language()
    return [
        Gap(spelling(name, language), len(people), names_text(people))
        for name, people in without.items()
    ]
