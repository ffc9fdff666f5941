"""Whom a message reaches right now: one letter per address, in the strongest standing it has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.domain.audience import Audience
from dialognav.domain.terms import MessagePurpose


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of the audience. `state` and `mode` are those of the seat it is written to for,
    "" for a person without any; `occasion_id` is that seat's.

    `party` is "" where it is a person who may not be the reader. `is_contact`: the address is the
    registration's contact's, whose link opens all of it; `public_id` and `generation` are those
    that the own link is made of. `is_dead`: nothing could be delivered there.
    """

    participant_id: int
    registration_id: int
    event_id: int
    email: str
    name: str
    party: str
    language: str
    state: str
    mode: str
    is_contact: bool
    is_dead: bool
    occasion_id: int | None
    public_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a message reaches, and who of its audience is left out: `dead` addresses, those that
    have `refused` news. `doubles`: people who share the address of one who gets it."""

    recipients: list[Recipient]
    dead: list[Recipient]
    refused: list[Recipient]
    doubles: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Addresses by criterion, each on its own. All but `states` are of those with a live seat.

    `answers` are by field and choice.
    """

    states: Mapping[str, int]
    modes: Mapping[str, int]
    occasions: Mapping[int, int]
    party_kinds: Mapping[str, int]
    answers: Mapping[tuple[int, str], int]


def recipients(
    session: Session,
    organisation_id: int,
    audience: Audience,
    *,
    purpose: str = MessagePurpose.REGISTRATION,
    now: datetime | None = None,
) -> list[Recipient]:
    """Those who get it, in the order of their names. `now`: of several dates the next counts."""
    return reach(session, organisation_id, audience, purpose=purpose, now=now).recipients


def reach(
    session: Session,
    organisation_id: int,
    audience: Audience,
    *,
    purpose: str = MessagePurpose.REGISTRATION,
    now: datetime | None = None,
) -> Reach:
    """The same with those who are left out. Two statements at most."""
    return Reach([], [], [], 0)


def counts(session: Session, event_ids: Collection[int]) -> Counts:
    """For the form that chooses an audience; five statements. The caller has the right to them."""
    return Counts({}, {}, {}, {}, {})
