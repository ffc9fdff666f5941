"""Reads somebody else's calendar where it stands: at a person's word, and by the job."""

from datetime import datetime

from dialognav import fetch
from dialognav.actions import external_calendars as calendars
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.ics_import import CalendarRead, CalendarRefused, read_calendar
from dialognav.fetch import Fetched, FetchFailed


def read_from(
    url: str, *, zone: str, now: datetime, base_url: str, etag: str = "", last_modified: str = ""
) -> tuple[Fetched, CalendarRead | None]:
    """What stands there now; no CalendarRead when it is still what `etag` named.

    FetchFailed or CalendarRefused say why it cannot be read. Never call it in a unit of work.
    """
    fetched = fetch.fetch(
        url, agent=f"Dialognav (+{base_url})", etag=etag, last_modified=last_modified
    )
    if fetched.content is None:
        return fetched, None
    return fetched, read_calendar(fetched.content, zone_name=zone, window=calendars.window(now))


def read_due(base_url: str) -> bool:
    """Read one calendar whose time has come; whether there may be another.

    One at a time, so that the letters between two do not wait for a server that is slow.
    """
    if not calendars.has_due(db.session(), now=utcnow()):
        return False
    with unit_of_work() as session:
        due = calendars.claim_due(session, now=utcnow())
    if due is None:
        return False
    try:
        fetched, read = read_from(
            due.url,
            zone=due.zone,
            now=utcnow(),
            base_url=base_url,
            etag=due.etag,
            last_modified=due.last_modified,
        )
    except (FetchFailed, CalendarRefused) as failed:
        code = failed.code if isinstance(failed, FetchFailed) else failed.reason
        with unit_of_work() as session:
            calendars.note_failure(session, due.calendar_id, code, now=utcnow())
        return True
    with unit_of_work() as session:
        if read is None:
            calendars.note_unchanged(session, due.calendar_id, now=utcnow())
        else:
            calendars.note_read(
                session,
                due.calendar_id,
                read,
                fetched.etag,
                fetched.last_modified,
                now=utcnow(),
            )
    return True
