"""Whom an audience reaches, in words."""

from collections.abc import Collection
from dataclasses import dataclass

from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.audience import WITHOUT, Audience
from dialognav.i18n import gettext as _
from dialognav.i18n import list_text
from dialognav.mail.recipients import Reach, Recipient, reach
from dialognav.words import MODES, SEATS

SHOWN = 100  # readers in the list beside the text


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom an audience reaches, in words. `parties`: how many organisations they are from."""

    all: Reach
    parties: int
    lines: list[tuple[str, str]]

    @property
    def people(self) -> list[Recipient]:
        return self.all.recipients

    @property
    def number(self) -> int:
        return len(self.all.recipients)

    @property
    def contacts(self) -> int:
        """How many of them do not take part themselves."""
        return sum(one.participant_id is None for one in self.people)

    @property
    def more(self) -> int:
        return max(0, self.number - len(self.lines))


def reached(organisation_id: int, audience: Audience, purpose: str) -> Reached:
    found = reach(db.session(), organisation_id, audience, purpose=purpose, now=utcnow())
    parties = {one.party.casefold() for one in found.recipients if one.party}
    return Reached(found, len(parties), [line_of(one) for one in found.recipients[:SHOWN]])


def line_of(one: Recipient) -> tuple[str, str]:
    """(name, the rest) of a reader in the list."""
    return one.name or one.email, ", ".join(filter(None, (one.party, standing_of(one))))


def standing_of(one: Recipient) -> str:
    """The state of a reader's seat, and how it is attended."""
    if one.participant_id is None:
        return _("contact, does not take part")
    if one.state == WITHOUT:
        return _("without a place")
    state = str(SEATS[one.state]) if one.state else ""
    return ", ".join(filter(None, (state, str(MODES[one.mode]) if one.mode else "")))


def names_text(people: Collection[Recipient]) -> str:
    """'Malin Ekdahl, Oskar Thelin and 10 more'"""
    names = [one.name or one.email for one in list(people)[:3]]
    more = len(people) - len(names)
    return list_text([*names, _("%(number)s more", number=more)] if more else names)
