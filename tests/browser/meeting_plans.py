"""A plan of one-to-one meetings that nobody outside has seen, in the demo's draft."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import Event
from tests.browser.pages import HIDDEN
from tests.meeting_factories import make_member, make_rules, make_slots, make_table


def make_plan(session: Session) -> dict[str, str]:
    """{name in an address: id}. Online, without links, and nobody takes notes."""
    event = session.scalars(sa.select(Event).filter_by(slug=HIDDEN["draft"])).one()
    make_rules(session, event, published_at=None)
    member = make_member(session, event, name="Omar", title="Tekniker", cleared_at=None)
    table = make_table(session, event, {member: "asks"}, mode="online", name={"sv": "Bord A"})
    slot, *_more = make_slots(session, event, table, published_at=None)
    return {
        "plan_member": member.public_id,
        "plan_table": table.public_id,
        "plan_slot": slot.public_id,
    }
