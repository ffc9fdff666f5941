"""Feeds and invitations beside the plain `to_ical()` of the same objects, in one process.

Processor time, so that a busy machine changes little; the least of some runs.
"""

import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from blueprints import block_cache, page_cache
from dialognav.db import db, unit_of_work
from dialognav.domain.calendar import entry_from_json
from dialognav.mail.invitations import calendar_bytes
from dialognav.mail.render import render
from dialognav.models import CalendarObject, Event, Occasion, Organisation, lock_event
from tests.letter_samples import STATIONERY, World, seat_sample

COMING, OVER = 1_000, 9_000
_WARM_GOAL = 50
_FEED = "/calendar.ics"
_LETTERS = 200


def measure(app: Flask, rounds: int) -> list[str]:
    """Lines to print; the app's database is empty and migrated."""
    lines = [invitations(rounds)]
    fill(app, 0, COMING)
    small = peak_of(app)
    fill(app, COMING, COMING + OVER)
    return [*lines, *feeds(app, rounds), _memory(small, peak_of(app))]


def fill(app: Flask, first: int, last: int) -> None:
    """Events as a thousand organisers' pages have them; all after the first thousand are over."""
    now = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    with app.app_context(), unit_of_work() as session:
        if not first:
            name = {"sv": "Region Tallvik"}
            email = "upphandling@tallvik.example"
            owner = Organisation(id=1, slug="tallvik", name=name, email=email, created_at=now)
            session.add(owner)
            session.flush()
        rows = [_row(n, now) for n in range(first, last)]
        session.execute(sa.insert(Event), [event for event, _, _ in rows])
        session.execute(sa.insert(Occasion), [occasion for _, occasion, _ in rows])
        session.execute(sa.insert(CalendarObject), [kept for _, _, kept in rows])


def _row(n: int, now: datetime) -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
    """An event, its day, and its public calendar entry."""
    day = timedelta(days=20 + n // 2) if n < COMING else -timedelta(days=70 + n // 5)
    times = {"starts_at": now + day, "ends_at": now + day + timedelta(hours=6)}
    event = {
        "id": n + 1,
        "slug": f"dialog-{n}",
        "organisation_id": 1,
        "state": "published",
        "title": {"sv": f"Marknadsdialog om egenmonitorering i hemmet, del {n}"},
        "summary": {"sv": "Innan vi skriver några krav vill vi höra vad som går att göra. " * 4},
        "contact_name": "Elin Exempel",
        "contact_phone": "0900-10 00 01",
        "published_at": now,
        "changed_at": now,
        "created_at": now,
        **times,
    }
    venue = {"sv": "Sal Unden, Tallviks folkets hus"}
    occasion = {"id": n + 1, "event_id": n + 1, "venue": venue, "address": "Gatan 3", **times}
    kept = {
        "uid": f"e{n:012}@inv.tallvik.example",
        "occasion_id": n + 1,
        "organizer_address": "dialog@tallvik.example",
        "sequence": 0,
        "dtstamp": now,
        "created_at": now,
    }
    return event, occasion, kept


def feeds(app: Flask, rounds: int) -> list[str]:
    client = app.test_client()
    ics = client.get(_FEED).data
    plain = _plain(ics, rounds)
    tag = client.get(_FEED).headers["ETag"]
    cold = _least(rounds, lambda: client.get(_FEED), before=lambda: _forget(app))
    changed = _least(rounds, lambda: client.get(_FEED), before=lambda: _sign_up(app))
    warm = _least(rounds, lambda: _ask(client, {}, 100)) / 100
    unchanged = _least(rounds, lambda: _ask(client, {"If-None-Match": tag}, 100)) / 100
    goal = "" if cold / warm >= _WARM_GOAL else "!"
    count, size = ics.count(b"BEGIN:VEVENT"), len(ics) / 1000
    said = (
        f"feed of {count} events ({size:.0f} kB) with {COMING + OVER} in the database, CPU:",
        f"plain to_ical() {plain * 1000:.0f} ms;",
        f"cold {cold * 1000:.0f} ms ({cold / plain:.2f} of it);",
        f"after a sign-up {changed * 1000:.0f} ms ({changed / plain:.2f});",
        f"warm {warm * 1000:.2f} ms ({warm / plain:.4f}), 304 {unchanged * 1000:.2f} ms;",
        f"warm {cold / warm:.0f} times faster than cold (goal {_WARM_GOAL}){goal}",
    )
    return [" ".join(said)]


def _ask(client: FlaskClient, headers: dict[str, str], times: int) -> None:
    for _ in range(times):
        client.get(_FEED, headers=headers)


def _forget(app: Flask) -> None:
    page_cache.register(app)
    block_cache.register(app)


def _sign_up(app: Flask) -> None:
    """What a sign-up does to the feed: the event has another version."""
    with app.app_context(), unit_of_work() as session:
        lock_event(session, COMING // 2)


def invitations(rounds: int) -> str:
    """Facts to MIME, the calendar part written twice into it."""
    letter = seat_sample("place_confirmed", World("sv"), method="REQUEST")
    ics = calendar_bytes(entry_from_json(dict(letter.facts["entry"])), "REQUEST")

    def whole() -> None:
        for _ in range(_LETTERS):
            entry = entry_from_json(dict(letter.facts["entry"]))
            render(letter, STATIONERY, calendar_bytes(entry, "REQUEST"))

    made = _least(rounds, whole, before=whole) / _LETTERS
    plain = _plain(ics, rounds, _LETTERS) / _LETTERS
    return (
        f"invitations: {1 / made:.0f} a second, facts to MIME, {made / plain:.1f} times the plain"
        f" to_ical() of their calendar part ({1 / plain:.0f} a second)"
    )


def _plain(ics: bytes, rounds: int, times: int = 1) -> float:
    """Seconds for icalendar to write the same objects, read from the file beforehand."""
    calendar = Calendar.from_ical(ics)

    def write() -> None:
        for _ in range(times):
            calendar.to_ical(sorted=False)

    return _least(rounds, write)


def _least(
    rounds: int, work: Callable[[], object], *, before: Callable[[], None] | None = None
) -> float:
    """Seconds of processor time, of this thread and no other."""
    took = []
    for _ in range(max(rounds, 3)):
        if before is not None:
            before()
        began = time.thread_time()
        work()
        took.append(time.thread_time() - began)
    return min(took)


def peak_of(app: Flask) -> float:
    """MB that a cold feed takes at most while it is made."""
    _forget(app)
    client = app.test_client()
    client.get("/")  # what is loaded once
    tracemalloc.start()
    client.get(_FEED)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with app.app_context():
        db.session.remove()
    return peak / 1e6


def _memory(small: float, large: float) -> str:
    return (
        f"feed of {COMING}, cold, at its peak: {small:.1f} MB with as many in the database,"
        f" {large:.1f} MB with {COMING + OVER}"
    )
