"""Where the demo's registrations are approved: some are, one is not, one has changed since."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import registrations, review
from dialognav.actions.registrations import Details
from dialognav.actions.review import Look, Refusal
from dialognav.domain.reviews import fingerprint
from dialognav.mail.post import Post
from dialognav.models import Event, Registration
from dialognav.models.approvals import facts_of


def review_some(
    session: Session, event: Event, given: dict[str, Any], *, actor: str, now: datetime, post: Post
) -> None:
    """The oldest `approved` of them are, the next is declined; then the first edits a title."""
    count = given.get("approved", 0)
    if not count:
        return
    rows = session.scalars(
        sa.select(Registration).filter_by(event_id=event.id).order_by(Registration.id)
    ).all()
    by: dict[str, Any] = {
        "actor": actor,
        "decided_by_id": int(actor.removeprefix("user:")),
        "post": post,
    }
    at = now - timedelta(hours=26)
    looks = _looks(session, rows[: count + 1])
    review.approve(session, event.id, looks[:count], now=at, **by)
    why = Refusal("organisation", {"sv": "Skriv för vem ni kommer, så ser vi på anmälan igen."})
    review.decline(session, event.id, looks[count:], why, now=at, **by)
    person = rows[0].participants[0]
    details = Details(
        person.name,
        given["new_title"],
        accessibility_need=person.access_need.need if person.access_need else "",
        diet=person.diet.need if person.diet else "",
        mandate=person.mandate,
    )
    registrations.change_details(
        session,
        person.id,
        details,
        now=now - timedelta(hours=5),
        actor=f"registration:{rows[0].public_id}",
        post=post,
    )


def _looks(session: Session, rows: Sequence[Registration]) -> list[Look]:
    facts = facts_of(session, rows)
    return [Look(row.id, fingerprint(facts[row.id], row.review)) for row in rows]
