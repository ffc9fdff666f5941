"""Valid things; a test names only what matters to it: `make_event(session, capacity_on_site=1)`.

Each takes the session of a unit of work (`with work() as session:`), adds rows, flushes, and
returns the row. What belongs to several tables is told apart by name: fields of Occasion given to
make_event() go to its one occasion.
"""

import itertools
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import EventState, Mode, PartyKind, Role, Seat
from dialognav.models import (
    Attendance,
    Event,
    Membership,
    Occasion,
    Organisation,
    Participant,
    Registration,
    User,
)
from tests.conftest import NOW

STARTS = NOW.replace(month=2, day=10, hour=8)  # 9.00 in Stockholm, four weeks after NOW
Row = TypeVar("Row")
_number = itertools.count(1)
_OF_OCCASION = frozenset(sa.inspect(Occasion).columns.keys()) - {
    *("id", "event_id", "position"),
    *(
        "title",
        "reason",
        "queue_closed_at",
    ),  # the event's too; make_occasion() takes the occasion's
}


def make_organisation(session: Session, **given: Any) -> Organisation:
    """Region Tallvik, complete enough to publish and to send mail."""
    n = next(_number)
    standard = {
        "slug": f"region-tallvik-{n}",
        "name": {"sv": "Region Tallvik", "en": "Region Tallvik"},
        "email": "upphandling@tallvik.example",
        "phone": "0900-10 00 00",
        "data_protection_contact": "dataskydd@tallvik.example",
        "accessibility_contact": "tillganglighet@tallvik.example",
        "mail_from_name": "Region Tallvik",
        "created_at": NOW,
    }
    return _added(session, Organisation(**standard | given))


def make_user(
    session: Session, organisation: Organisation | None = None, role: str = Role.ADMIN, **given: Any
) -> User:
    """A staff member without a password; with an organisation also a membership in it."""
    n = next(_number)
    standard = {"email": f"staff{n}@tallvik.example", "name": "Eva Exempel", "created_at": NOW}
    user = _added(session, User(**standard | given))
    if organisation is not None:
        member = Membership(user=user, organisation=organisation, role=role, created_at=NOW)
        _added(session, member)
    return user


def make_event(session: Session, organisation: Organisation | None = None, **given: Any) -> Event:
    """A published event four weeks ahead, open for registration, without a limit of places."""
    n = next(_number)
    organisation = organisation or make_organisation(session)
    starts_at = given.setdefault("starts_at", STARTS)
    ends_at = given.setdefault("ends_at", starts_at + timedelta(hours=3))
    of_occasion = {name: given.pop(name) for name in _OF_OCCASION & given.keys()}
    standard = {
        "organisation": organisation,
        "slug": f"marknadsdialog-{n}",
        "state": EventState.PUBLISHED,
        "title": {"sv": "Marknadsdialog om hemmonitorering"},
        "summary": {"sv": "Vi vill höra hur marknaden ser på hemmonitorering."},
        "need": {"sv": "Patienter ska kunna följas hemma i stället för på sjukhus."},
        "starts_at": starts_at,
        "ends_at": ends_at,
        "registration_closes_at": starts_at - timedelta(days=7),
        "contact_name": "Karin Lund",
        "contact_email": "upphandling@tallvik.example",
        "published_at": NOW,
        "changed_at": NOW,
        "created_at": NOW,
    }
    event = _added(session, Event(**standard | given))
    place = {"venue": {"sv": "Stadshuset, Sal A"}, "address": "Storgatan 1, Tallvik"}
    _added(session, Occasion(event=event, **place | of_occasion))
    return event


def make_occasion(session: Session, event: Event, *, days: int = 7, **given: Any) -> Occasion:
    """One more occasion, `days` after the event's first and as long; the event's envelope follows.

    With `starts_at` or `ends_at` given, days say nothing.
    """
    first = event.occasions[0]
    standard: dict[str, Any] = {
        "event": event,
        "position": len(event.occasions),
        "starts_at": first.starts_at + timedelta(days=days),
        "venue": dict(first.venue),
        "address": first.address,
    }
    given.setdefault("ends_at", (standard | given)["starts_at"] + (first.ends_at - first.starts_at))
    occasion = _added(session, Occasion(**standard | given))
    live = event.live_occasions
    event.starts_at = min(each.starts_at for each in live)
    event.ends_at = max(each.ends_at for each in live)
    session.flush()
    return occasion


def make_registration(session: Session, event: Event, **given: Any) -> Registration:
    """A company with no participant yet; see make_participant()."""
    n = next(_number)
    name = given.setdefault("party_name", f"Exempelbolaget {n} AB")
    standard = {
        "event": event,
        "party_kind": PartyKind.COMPANY,
        "party_key": name.casefold(),
        "contact_name": "Nils Kontakt",
        "contact_email": f"nils{n}@leverantor.example",
        "language": "sv",
        "created_at": NOW,
    }
    return _added(session, Registration(**standard | given))


def make_participant(
    session: Session,
    registration: Registration,
    state: str = Seat.CONFIRMED,
    mode: str = Mode.ON_SITE,
    queue_number: int | None = None,
    **given: Any,
) -> Participant:
    """A person with a seat, or a place in the queue, at the event's first occasion."""
    n = next(_number)
    standard = {
        "registration": registration,
        "position": len(registration.participants),
        "name": f"Petra Deltagare {n}",
        "email": f"petra{n}@leverantor.example",
        "created_at": NOW,
    }
    participant = _added(session, Participant(**standard | given))
    if state == Seat.WAITING and queue_number is None:
        queue_number = n
    seat = Attendance(
        participant=participant,
        occasion=registration.event.occasions[0],
        mode=mode,
        state=state,
        queue_number=queue_number,
        created_at=NOW,
        state_at=NOW,
    )
    _added(session, seat)
    return participant


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
