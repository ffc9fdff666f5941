"""The demo's requests: for the documents of a matter, and for one's own data to be put right."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import holds, privacy
from dialognav.domain.terms import PrivacyWish
from dialognav.mail.post import Post
from dialognav.models import Event, Organisation, Registration

HELD = "egenmonitorering-i-hemmet"


def ask_for_things(
    session: Session, organiser: tuple[Organisation, str], *, now: datetime, post: Post
) -> None:
    """A hold on the matter of a held event, and a contact of it who was misspelt."""
    organisation, actor = organiser
    event = session.scalars(sa.select(Event).filter_by(slug=HELD)).one()
    holds.set_hold(
        session,
        organisation.id,
        event.diary_number,
        "Begäran om deltagarlista och presentationer",
        now=now - timedelta(days=1),
        user_id=int(actor.removeprefix("user:")),
    )
    contact = session.scalars(
        sa.select(Registration).filter_by(event_id=event.id).order_by(Registration.id)
    ).first()
    assert contact is not None
    privacy.ask(
        session,
        contact.id,
        None,
        PrivacyWish.RECTIFY,
        "Min titel har ändrats sedan dialogen. Det ska stå produktchef.",
        now=now - timedelta(days=2),
        actor=f"registration:{contact.public_id}",
        post=post,
    )
