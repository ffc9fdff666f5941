"""The letter with the one-time link to a private calendar. Never commits."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail import outbox
from dialognav.mail.letters import URGENT, Letter, sender_facts
from dialognav.mail.post import Post
from dialognav.models import CalendarFeed, Organisation
from dialognav.tokens import CALENDAR, fingerprint


def tell_feed_link(
    session: Session,
    feed: CalendarFeed,
    organisation: Organisation | None,
    *,
    now: datetime,
    post: Post,
) -> None:
    """From the organisation, if the address takes part at the events of just one."""
    outbox.promise(session, [feed_link_letter(feed, organisation, post=post)], now=now)


def feed_link_letter(
    feed: CalendarFeed, organisation: Organisation | None, *, post: Post
) -> Letter:
    assert feed.expires_at is not None
    facts = sender_facts(organisation, feed.language, post) | {
        "calendar_link": {"purpose": CALENDAR, "public_id": feed.public_id, "generation": 0},
        "expires_at": feed.expires_at.isoformat(),
        "zone": organisation.zone if organisation else "Europe/Stockholm",
    }
    return Letter(
        kind="calendar_link",
        stream=f"calendar_link:{fingerprint(feed.address)}",
        recipient=feed.address,
        recipient_name="",
        language=feed.language,
        facts=facts,
        organisation_id=organisation.id if organisation else None,
        priority=URGENT,
    )
