"""A draw that waits to be looked through, and one whose result is public."""

from sqlalchemy.orm import Session

from dialognav.actions import draws
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingRequest
from dialognav.queries.draws import current_draw
from tests.browser.pages import OPEN
from tests.conftest import NOW
from tests.draw_factories import make_wishes

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


def make_draws(session: Session) -> dict[str, str]:
    """{name in pages.py: public id}."""
    here = session.query(Event).filter_by(slug=OPEN).one().organisation_id
    made = [make_wishes(session, here, slug=slug) for slug in ("to-draw", "drawn")]
    for event in made:
        event.visibility = "unlisted"
        draws.draw(session, event.id, now=NOW, actor="job")
    drawn = made[1]
    result = current_draw(session, drawn.id)
    assert result is not None
    draws.publish(session, drawn.id, draws.stamp(result), now=NOW, actor="user:1", post=POST)
    asks = session.query(MeetingRequest).filter_by(event_id=made[0].id).first()
    assert asks is not None
    return {
        "to_draw_id": made[0].public_id,
        "asks_id": asks.public_id,
        "drawn_slug": drawn.slug,
        "drawn_id": result.public_id,
    }
