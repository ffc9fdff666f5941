"""Private calendars to subscribe to: an address's own, and a member of staff's (calendar.md 2.7).

The secret in the path is all that is asked for; what it opens is read only.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, Response, current_app, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from blueprints import page_cache
from blueprints.block_cache import Block, block_cache, block_of
from blueprints.context import external_url, post
from blueprints.meters import Meter
from blueprints.page_cache import Made
from blueprints.public.feeds import CALENDAR, joined
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.calendar import feed_ics
from dialognav.domain.terms import EventState
from dialognav.i18n import gettext as _
from dialognav.i18n import pick, speaking
from dialognav.mail.feed_entries import booked_entry, staff_entry
from dialognav.mail.feed_meetings import FeedMeeting, meeting_entry
from dialognav.models import Event
from dialognav.queries import event_sets, meeting_feeds, private_feeds
from dialognav.queries.accounts import organisation_of
from dialognav.queries.private_feeds import Feed

bp = Blueprint("private_feeds", __name__)

POLL = timedelta(hours=1)
READS, WINDOW = 60, 600
"""How often one calendar is given out, in seconds: several devices, and a person who tries."""


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["feed_meter"] = Meter(READS, WINDOW)


@bp.after_request
def keep_secret(response: Response) -> Response:
    """Out of search engines, and out of the addresses that other sites are told."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


@bp.get("/k/<secret>/calendar.ics")
def calendar(secret: str) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    feed = private_feeds.open_feed(session, secret)
    cast(Meter, current_app.extensions["feed_meter"]).count(feed.id, now)
    if feed.organisation_id is None:
        version = private_feeds.personal_version(session, feed.address, now=now)
        meetings = meeting_feeds.version_of_address(session, feed.address, now=now)
        make = _personal
    else:
        staff = feed.user_id or 0, feed.organisation_id
        version = private_feeds.staff_version(session, feed.organisation_id, now=now)
        meetings = meeting_feeds.version_of_staff(session, *staff, now=now)
        make = _of_staff
    return page_cache.answer(
        ("private calendar", feed.id),
        (feed.language, *version, *meetings),
        now,
        lambda: make(feed, now, has_meetings=bool(meetings)),
        media_type=CALENDAR,
        cache_control="private, no-cache",
        vary="Accept-Encoding",
    )


def feed_address(secret: str) -> str:
    """What is subscribed to."""
    return external_url(url_for("public.private_feeds.calendar", secret=secret))


def _personal(feed: Feed, now: datetime, *, has_meetings: bool) -> Made:
    given = post()
    blocks = [
        block_of(
            booked_entry(one.seat, one.numbered, post=given),
            one.numbered.cancelled_at and one.numbered.cancelled_at + event_sets.BEHIND,
        )
        for one in private_feeds.bookings(db.session(), feed.address, now=now)
    ]
    if has_meetings:
        blocks += _meetings(meeting_feeds.meetings_of_address(db.session(), feed.address, now=now))
    with speaking(feed.language):
        name = _("My dialogues")
    made = _made(blocks, name, event_sets.LIST_ZONE, now)
    return replace(made, stamp=max((block.dtstamp for block in blocks), default=None))


def _of_staff(feed: Feed, now: datetime, *, has_meetings: bool) -> Made:
    """Without Last-Modified: more is told than what an event's own time of change stands for."""
    session, kept = db.session(), block_cache()
    assert feed.organisation_id is not None
    organisation = organisation_of(session, feed.organisation_id)
    events = private_feeds.staff_events(session, organisation.id, now=now)
    hosts = private_feeds.hosts_of(session, [event.id for event in events])
    names = {
        event.id: (
            *("staff", event.id, event.write_count, organisation.version, feed.language),
            *hosts.get(event.id, ()),
        )
        for event in events
    }
    found = kept.find(names.values())
    blocks: list[Block] = []
    for event in events:
        name = names[event.id]
        if name not in found:
            found[name] = _staff_blocks(event, hosts.get(event.id, ()), feed.language)
            kept.keep(name, found[name])
        blocks += found[name]
    if has_meetings:
        staff = feed.user_id or 0, organisation.id
        blocks += _meetings(meeting_feeds.meetings_of_staff(session, *staff, now=now))
    with speaking(feed.language):
        whose = pick(organisation.name, feed.language, organisation.primary_language)[0]
        title = _("%(organisation)s: all events", organisation=whose)
    return _made(blocks, title, organisation.zone, now)


def _meetings(found: Sequence[FeedMeeting]) -> list[Block]:
    given = post()
    return [
        block_of(
            meeting_entry(one, post=given),
            one.numbered.cancelled_at and one.numbered.cancelled_at + event_sets.BEHIND,
        )
        for one in found
    ]


def _staff_blocks(event: Event, hosts: Sequence[str], language: str) -> tuple[Block, ...]:
    until = event.changed_at + event_sets.BEHIND if event.state == EventState.CANCELLED else None
    return tuple(
        block_of(staff_entry(event, each, hosts, language=language, post=post()), until)
        for each in event.occasions
    )


def _made(blocks: list[Block], name: str, zone: str, now: datetime) -> Made:
    chosen, changes = joined(blocks, now)
    ics = feed_ics(
        [block.lines for block in chosen],
        name=name,
        zone=zone,
        zones={block.zone for block in chosen},
        poll=POLL,
    )
    return Made(ics.decode(), changes)
