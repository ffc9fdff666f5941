"""Which jobs run, and how often: the one place that knows mail, housekeeping and actions."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from config import Settings
from dialognav import automatic, calendar_reading, mailings
from dialognav.actions import (
    answering,
    disposal,
    draws,
    events,
    follower_news,
    meeting_list_ends,
    meeting_offers,
    meeting_openings,
    meeting_reminders,
    minutes_checks,
    offers,
    queue_ends,
)
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import EventState
from dialognav.intake import Intake
from dialognav.jobs import heartbeat, housekeeping
from dialognav.jobs.delivery import Courier
from dialognav.jobs.each import for_each
from dialognav.jobs.inbox import Inbox
from dialognav.jobs.lmtp import Listener
from dialognav.jobs.runner import Job
from dialognav.mail.post import Post
from dialognav.models import Event


def jobs(settings: Settings) -> tuple[Job, ...]:
    """What `flask worker`, and the thread beside the pages, run."""
    courier, urgent = Courier(settings), Courier(settings, urgent_only=True)
    post = Post.of(settings)

    def publish(_stopping: threading.Event) -> bool:
        now = utcnow()
        due = sa.select(Event.id).where(
            Event.state == EventState.SCHEDULED, Event.publish_at <= now
        )
        if db.session().scalar(due.limit(1)) is not None:
            with unit_of_work() as session:
                events.publish_due(session, now=now, post=post)
        return False

    def tidy(_stopping: threading.Event) -> bool:
        with unit_of_work() as session:
            housekeeping.tidy(
                session, now=utcnow(), sent_retention_days=settings.sent_retention_days
            )
        return False

    return (
        Job("publish", timedelta(seconds=5), publish),
        Job("offers", timedelta(seconds=5), partial(_lapse_offers, post)),
        Job("answers", timedelta(seconds=30), partial(_pass_on_declined, post)),
        Job("queues", timedelta(seconds=30), partial(_close_queues, post)),
        Job("meetings", timedelta(seconds=5), partial(_lapse_meetings, post)),
        Job("openings", timedelta(minutes=1), partial(_open_added, post)),
        Job("reminders", timedelta(minutes=1), partial(_remind_of_meetings, post)),
        Job("draws", timedelta(seconds=30), _draw),
        Job("minutes", timedelta(minutes=1), _end_checks),
        Job("needs", timedelta(minutes=1), _forget_needs),
        Job("disposal", timedelta(seconds=5), _dispose),
        Job("tidy", timedelta(hours=1), tidy),
        *_inbox(settings),
        Job(
            "calendars",
            timedelta(seconds=30),
            partial(_read_calendars, settings.base_url),
            abroad=True,
        ),
        Job("followers", timedelta(seconds=10), partial(_tell_followers, post)),
        Job("digests", timedelta(minutes=1), lambda _stopping: automatic.send_digests(post)),
        Job("plans", timedelta(seconds=30), lambda _stopping: automatic.run_plans(post)),
        Job("messages", timedelta(), lambda _stopping: mailings.take_step(post)),
        Job("heartbeat", heartbeat.EVERY, heartbeat.beat),
        # Last: what the others promise goes along.
        Job("urgent", timedelta(), urgent.deliver, abroad=True, together=True),
        Job("letters", timedelta(), courier.deliver, abroad=True, together=True),
    )


def _inbox(settings: Settings) -> Iterator[Job]:
    """What takes mail in, where a mailbox is read or a port listened on."""
    intake = Intake(settings)
    if settings.mail_in.scheme == "lmtp":
        listener = Listener(settings.mail_in.url, settings.mail_domain, intake)
        yield Job("inbox", timedelta(seconds=10), listener.listen)
    elif settings.mail_in.scheme.startswith("imap"):
        yield Job("inbox", timedelta(minutes=1), Inbox(settings.mail_in, intake).poll, abroad=True)


def _lapse_offers(post: Post, _stopping: threading.Event) -> bool:
    """Offers that ran out pass on to the next; each event in a unit of work of its own."""

    def lapse(event_id: int) -> None:
        with unit_of_work() as session:
            offers.lapse_offers(session, event_id, now=utcnow(), post=post)

    for_each(offers.events_with_ended_offers(db.session(), now=utcnow()), lapse)
    return False


def _pass_on_declined(post: Post, _stopping: threading.Event) -> bool:
    """Places of those who said no in the calendar and have not answered in time."""

    def pass_on(event_id: int) -> None:
        with unit_of_work() as session:
            answering.give_up_unanswered(session, event_id, now=utcnow(), post=post)

    for_each(answering.events_with_unanswered(db.session(), now=utcnow()), pass_on)
    return False


def _close_queues(post: Post, _stopping: threading.Event) -> bool:
    """At the cut-off, everybody who still waits is told."""

    def close(event_id: int) -> None:
        with unit_of_work() as session:
            queue_ends.close_when_due(session, event_id, now=utcnow(), post=post)

    for_each(queue_ends.events_to_close(db.session(), now=utcnow()), close)
    return False


def _remind_of_meetings(post: Post, _stopping: threading.Event) -> bool:
    """The working day before a meeting, and two before it is too late to choose one."""

    def remind(event_id: int) -> None:
        with unit_of_work() as session:
            meeting_reminders.remind(session, event_id, now=utcnow(), post=post)

    for_each(meeting_reminders.events_to_remind(db.session(), now=utcnow()), remind)
    return False


def _lapse_meetings(post: Post, _stopping: threading.Event) -> bool:
    """Slots whose hold or offer ran out pass on to the next; when there are no more times, whoever
    still waits is told."""

    def lapse(event_id: int) -> None:
        with unit_of_work() as session:
            meeting_offers.lapse(session, event_id, now=utcnow(), post=post)

    def end(event_id: int) -> None:
        with unit_of_work() as session:
            meeting_list_ends.end_when_due(session, event_id, now=utcnow(), post=post)

    for_each(meeting_offers.events_to_lapse(db.session(), now=utcnow()), lapse)
    for_each(meeting_list_ends.events_to_end(db.session(), now=utcnow()), end)
    return False


def _open_added(post: Post, _stopping: threading.Event) -> bool:
    """Meeting times added after a draw, once they open."""

    def offer(event_id: int) -> None:
        with unit_of_work() as session:
            meeting_openings.open_added(session, event_id, now=utcnow(), post=post)

    for_each(meeting_openings.events_to_open(db.session(), now=utcnow()), offer)
    return False


def _draw(_stopping: threading.Event) -> bool:
    """One-to-one meetings whose wishing has closed are drawn, for staff to look at."""

    def draw(event_id: int) -> None:
        with unit_of_work() as session:
            draws.draw_when_due(session, event_id, now=utcnow())

    for_each(draws.events_to_draw(db.session(), now=utcnow()), draw)
    return False


def _end_checks(_stopping: threading.Event) -> bool:
    """Minutes that a supplier has had its time to check the facts of."""

    def end(event_id: int) -> None:
        with unit_of_work() as session:
            minutes_checks.end_checks(session, event_id, now=utcnow())

    for_each(minutes_checks.events_with_ended_checks(db.session(), now=utcnow()), end)
    return False


def _tell_followers(post: Post, _stopping: threading.Event) -> bool:
    """Who is to be told of what was published; then one step of telling them."""

    def find(event_id: int) -> None:
        with unit_of_work() as session:
            follower_news.find_followers(session, event_id, now=utcnow())

    try:
        for_each(follower_news.events_to_find_for(db.session(), now=utcnow()), find)
    finally:
        is_busy = _tell_some(post)
    return is_busy


def _tell_some(post: Post) -> bool:
    if not follower_news.has_news(db.session(), now=utcnow()):
        return False
    with unit_of_work() as session:
        return follower_news.tell_followers(session, now=utcnow(), post=post) > 0


def _forget_needs(_stopping: threading.Event) -> bool:
    """Dietary and access needs, within a minute of the end of the event."""
    now = utcnow()
    if housekeeping.has_needs_to_forget(db.session(), now=now):
        with unit_of_work() as session:
            housekeeping.forget_needs(session, now=now)
    return False


def _dispose(_stopping: threading.Event) -> bool:
    """One step of an approved disposal, so that the letters between two steps do not wait."""
    run_id = disposal.next_run(db.session())
    if run_id is None:
        return False
    with unit_of_work() as session:
        disposal.take_step(session, run_id, now=utcnow())
    return True


def _read_calendars(base_url: str, _stopping: threading.Event) -> bool:
    """One of other authorities' calendars at a time."""
    return calendar_reading.read_due(base_url)
