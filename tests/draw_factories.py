"""An event whose one-to-one meetings are handed out by wishes or lot, ready to be drawn."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from dialognav.actions import draws
from dialognav.domain.meeting_terms import HandOut
from dialognav.models import Event
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import make_request, make_rules, make_slots

CLOSED = NOW - timedelta(minutes=1)
FIRMS = ("Trygghem Teknik AB", "Kärnpuls AB", "Fjellvakt Omsorg AS")


def make_wishes(
    session: Session,
    organisation_id: int | None = None,
    *,
    slug: str = "natt",
    hand_out: str = HandOut.WISHES,
    firms: Sequence[str] = FIRMS,
    **rules: Any,
) -> Event:
    """Three suppliers (`firms`) that all want the first of two slots; wishing has just closed."""
    event = make_event(session, slug=slug)
    if organisation_id is not None:
        event.organisation_id = organisation_id
        session.flush()
        session.expire(event)
    opened = {"opens_at": NOW - timedelta(days=1), "closes_at": CLOSED}
    make_rules(session, event, hand_out=hand_out, **opened | rules)
    draws.commit_seed(session, event, now=NOW - timedelta(days=2), actor="user:1")
    slots = make_slots(session, event, number=2)
    for name in firms:
        firm = make_registration(session, event, party_name=name)
        make_participant(session, firm)
        session.refresh(firm)
        make_request(session, firm, slots, people=[one.id for one in firm.participants])
    return event
