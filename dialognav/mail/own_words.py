"""Own words in standard letters: put into the facts when a letter is promised, said at rendering.

So that each letter keeps what it said, and a try that is repeated says the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.domain.placeholders import ADDRESSES, fill
from dialognav.domain.standard_letters import standard_kind
from dialognav.i18n import pick, speaking
from dialognav.mail.message_text import mail_html, mail_text, page_html
from dialognav.mail.message_wording import values_of
from dialognav.mail.stationery import Stationery
from dialognav.models import Event, LetterText, Organisation

FACT = "own_words"

Facts = dict[str, Any]
_Said = tuple[LetterText, str]
"""Own words, and the language that stands in for another."""


@dataclass(frozen=True, slots=True)
class OwnProse:
    """Own words in the form that is asked for; `lang` is theirs, which need not be the letter's."""

    markdown: str
    values: Mapping[str, str]
    lang: str

    @property
    def html(self) -> Markup:
        with speaking(self.lang):
            return mail_html(self.markdown, self.values)

    @property
    def page(self) -> Markup:
        with speaking(self.lang):
            return page_html(self.markdown, self.values)

    @property
    def text(self) -> str:
        with speaking(self.lang):
            return mail_text(self.markdown, self.values)


def add_own_words(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Put the words of their event, or of their organisation, into the facts of letters that are
    about to be stored. One statement for any number; none where no letter can have own words.
    """
    standard = [row for row in rows if row["event_id"] and standard_kind(row["kind"])]
    if not standard:
        return
    found = _stored(session, standard)
    made: dict[tuple[int, str, str], Facts] = {}
    for row in standard if found else ():
        kind, language = standard_kind(row["kind"]), row["language"]
        own = found.get(("event", row["event_id"], kind))
        own = own or found.get(("organisation", row["organisation_id"], kind))
        if own is None:
            continue
        key = own[0].id, kind or "", language
        if key not in made:
            made[key] = own_facts(*own, language)
        row["facts"] = row["facts"] | {FACT: made[key]}


def _stored(
    session: Session, rows: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, int, str | None], _Said]:
    wanted = [(row["kind"], row["event_id"], row["organisation_id"]) for row in rows]
    kinds, events, organisations = (set(each) for each in zip(*wanted, strict=True))
    primary = sa.func.coalesce(Event.primary_language, Organisation.primary_language)
    query = (
        sa.select(LetterText, primary)
        .join(Organisation, Organisation.id == LetterText.organisation_id)
        .outerjoin(Event, Event.id == LetterText.event_id)
        .where(
            LetterText.organisation_id.in_(organisations),
            LetterText.kind.in_({standard_kind(kind) for kind in kinds}),
            sa.or_(LetterText.event_id.is_(None), LetterText.event_id.in_(events)),
        )
    )
    found: dict[tuple[str, int, str | None], _Said] = {}
    for row, language in session.execute(query):
        level = ("event", row.event_id) if row.event_id else ("organisation", row.organisation_id)
        found[*level, row.kind] = row, language
    return found


def own_facts(text: Any, primary: str, language: str) -> Facts:
    """The fact that a letter to a reader of `language` holds; `text` has LetterText's three texts.

    A subject is the standard one in the reader's language sooner than an own one in another;
    an opening or closing is said in `primary` where it is not translated.
    """
    facts: Facts = {"subject": text.subject.get(language, "")}
    for part in ("opening", "closing"):
        said: Text = getattr(text, part)
        facts[part] = list(pick(said, language, primary)) if any(said.values()) else None
    return facts


def said_words(
    facts: Mapping[str, Any], language: str, name: str, stationery: Stationery
) -> dict[str, Any]:
    """What the templates see of them: an own subject or "", and prose or None."""
    own = facts.get(FACT)
    if own is None:
        return {}
    values = _values(facts, language, name, stationery)
    short = {key: value for key, value in values.items() if key not in ADDRESSES}
    return {
        "own_subject": fill(own["subject"], short).strip(),
        "opening": _prose(own["opening"], facts, name, stationery),
        "closing": _prose(own["closing"], facts, name, stationery),
    }


def _prose(
    said: Sequence[str] | None, facts: Mapping[str, Any], name: str, stationery: Stationery
) -> OwnProse | None:
    if said is None:
        return None
    words, language = said
    return OwnProse(words, _values(facts, language, name, stationery), language)


def _values(
    facts: Mapping[str, Any], language: str, name: str, stationery: Stationery
) -> dict[str, str]:
    """Whoever is invited is somebody, but has no page of their own yet."""
    values = values_of(facts, language, name, stationery)
    if "invited" in facts:
        return values | {"organisation": facts["invited"], "my_page": ""}
    return values
