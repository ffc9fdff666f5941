"""Meetings that were held at the event that is over: one with notes, one with minutes checked."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import tokens
from dialognav.actions import minutes, minutes_checks, shared_items
from dialognav.actions.shared_items import Source
from dialognav.domain.meeting_terms import BookingState
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MarketQuestion, Registration
from tests.browser.pages import STATES
from tests.conftest import NOW
from tests.meeting_factories import make_booking, make_slots

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
TEXT = """**Från leverantören:** Malin Ek

# 1. Vad bör patienten ha hemma?

- Priset är 40 kr per dygn.
- Installationen tar en timme.
"""


def make_held_meetings(session: Session, key: str) -> dict[str, str]:
    """{name in an address: id}. Also a question asked of all, and two items for everybody."""
    event = session.scalars(sa.select(Event).filter_by(slug=STATES["held"])).one()
    if not event.questions:
        question = {"sv": "Vad bör patienten ha hemma, och vad kan vänta?"}
        event.questions = [MarketQuestion(position=0, text=question)]
    first, second = make_slots(
        session, event, number=2, starts_at=NOW - timedelta(days=1), deviation="Tolk"
    )
    guests = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.withdrawn_at.is_(None))
        .order_by(Registration.id)
    ).all()
    marks = {"topics": "Vår radiomodul.\nOch priset.", "secret_marks": "Radiomodulen"}
    held = make_booking(session, first, guests[0], language="sv", **marks)
    minuted = make_booking(session, second, guests[1], state=BookingState.ATTENDED)
    session.flush()
    _share(session, event, held)
    return {
        "held_meeting": held.public_id,
        "minuted_meeting": minuted.public_id,
        "minutes_id": _minutes(session, minuted),
        "minutes_link": tokens.make_link(key, tokens.REGISTRATION, guests[1].public_id, 0),
    }


def _minutes(session: Session, booking: Booking) -> str:
    """With the supplier, who has said what is wrong and marked a passage."""
    by = {"now": NOW, "actor": "user:1"}
    theirs = {"number": 1, "now": NOW, "actor": f"registration:{booking.registration.public_id}"}
    made = minutes.save_minutes(session, booking.id, TEXT, expected_revision=0, writer_id=1, **by)
    minutes.send_for_check(session, booking.id, seen=made.revision, post=POST, **by)
    minutes_checks.answer_check(session, made.id, "Priset var 45 kr.\n\nUtan moms.", **theirs)
    minutes_checks.mark_passage(
        session, made.id, "Priset är 40 kr per dygn.", "Konkurrenter ser vår prissättning", **theirs
    )
    return made.public_id


def _share(session: Session, event: Event, booking: Booking) -> None:
    """One that is published, and one that waits."""
    by = {"user_id": 1, "now": NOW, "actor": "user:1"}
    source = Source(booking.id, booking.slot.starts_at)
    words = {"sv": "Avtalet är tänkt att gälla i **fyra** år.", "en": "Four years."}
    public = shared_items.write_item(session, event.id, words, source, **by)
    seen = {public.public_id: public.revision}
    shared_items.publish_items(session, event.id, seen, None, post=POST, **by)
    words = {"sv": "Länken till testmiljön finns kvar till mars."}
    shared_items.write_item(session, event.id, words, source, **by)
