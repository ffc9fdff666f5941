"""Faults that a checker has to find: each takes one thing away that a promise stands on.

`let_in()` has to come before the modules that import what it replaces, or in a test by a
`monkeypatch.setattr` that reaches them as well.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

Set = Callable[[Any, str, Any], None]
PAUSE = 0.1  # seconds between reading and writing, which a lock would make harmless


def let_in(name: str, set_: Set) -> None:
    """Put the named fault in; "" for none."""
    if name:
        _FAULTS[name](set_)


def _everywhere(set_: Set, home: ModuleType, name: str, fault: Any) -> None:
    """Replace something where it lives, and wherever it was imported by name."""
    real = getattr(home, name)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("dialognav") and (
            getattr(module, name, None) is real
        ):
            set_(module, name, fault)


def _unlocked(set_: Set) -> None:
    """Read the event instead of locking it; what was counted is old when it is written."""
    import dialognav.models.event as home

    def read_event(session: Session, event_id: int) -> Any:
        event = session.get_one(home.Event, event_id)
        session.refresh(event)
        return event

    _everywhere(set_, home, "lock_event", read_event)
    _slow_count(set_)


def _slow_count(set_: Set) -> None:
    import dialognav.models.occupancy as home

    count = home.count_held

    def count_slowly(session: Session, event_ids: Any) -> Any:
        held = count(session, event_ids)
        time.sleep(PAUSE)
        return held

    _everywhere(set_, home, "count_held", count_slowly)


def _early(set_: Set) -> None:
    """The people of an organisation are counted before the lock, not under it."""
    import dialognav.actions.party_limits as counting
    import dialognav.models.event as home

    lock, count = home.lock_event, counting.count_people

    def count_and_lock(session: Session, event_id: int) -> Any:
        event = session.get_one(home.Event, event_id)
        counted = session.execute(
            sa.text("SELECT count(*) FROM registration WHERE event_id = :id"), {"id": event.id}
        ).scalar_one()
        session.info["counted"] = counted
        time.sleep(PAUSE)
        return lock(session, event_id)

    def counted_before(session: Session, *given: Any) -> tuple[int, int]:
        own, alike = count(session, *given)
        return (0, 0) if session.info["counted"] == 0 else (own, alike)

    _everywhere(set_, home, "lock_event", count_and_lock)
    _everywhere(set_, counting, "count_people", counted_before)


def _unordered(set_: Set) -> None:
    """The last of the queue moves up."""
    import dialognav.actions.queues as home

    waiting_at = home.waiting_at

    def backwards(session: Session, key: Any) -> Sequence[Any]:
        return list(reversed(waiting_at(session, key)))

    _everywhere(set_, home, "waiting_at", backwards)


def _kept(set_: Set) -> None:
    """A place that comes free is handed on to nobody."""
    import dialognav.actions.queues as home

    def keep(*_given: Any, **_options: Any) -> list[Any]:
        return []

    _everywhere(set_, home, "fill_free_places", keep)


def _unleased(set_: Set) -> None:
    """A worker takes what another has in hand."""
    import dialognav.jobs.delivery as sending
    import dialognav.mail.claims as home

    claim, renew, send_all = home.claim, home.renew, sending.Courier._send_all
    # Two threads begin to send together, however late one of them is. Processes do not meet here.
    meeting = threading.Barrier(2, timeout=20 * PAUSE)

    def claim_again(session: Session, **given: Any) -> Any:
        letters = claim(session, **given)
        if not letters:
            time.sleep(PAUSE)  # PostgreSQL passes by what the other is just taking
        session.execute(sa.update(home.Row).values(leased_until=None))
        return letters

    def renew_anyway(session: Session, letter: Any, **given: Any) -> bool:
        renew(session, letter, **given)
        return True

    def send_together(*given: Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait()
        send_all(*given)

    set_(home, "claim", claim_again)
    set_(home, "renew", renew_anyway)
    set_(sending.Courier, "_send_all", send_together)


def _silent(set_: Set) -> None:
    """Whoever moves up is not told."""
    from dialognav.mail import notices as home

    tell = home.tell_places

    def tell_some(*given: Any, why: str, **options: Any) -> None:
        if why != "promoted":
            tell(*given, why=why, **options)

    _everywhere(set_, home, "tell_places", tell_some)
    set_(home, "tell_places", tell_some)


def _meetings_unlocked(set_: Set) -> None:
    """Read the event instead of locking it; who has which meeting is old when it is written."""
    import dialognav.models.meeting_facts as home

    _unlocked(set_)
    facts = home.supplier_facts

    def read_slowly(*given: Any, **options: Any) -> Any:
        found = facts(*given, **options)
        time.sleep(PAUSE)
        return found

    _everywhere(set_, home, "supplier_facts", read_slowly)


def _meetings_unordered(set_: Set) -> None:
    """The last who waits for a meeting is offered it."""
    import dialognav.domain.bookings as home

    choose = home.next_in_turn

    def backwards(slot: Any, queue: Any, *given: Any, **options: Any) -> Any:
        return choose(slot, list(reversed(queue)), *given, **options)

    _everywhere(set_, home, "next_in_turn", backwards)


def _meetings_kept(set_: Set) -> None:
    """A meeting that somebody gives up is offered to nobody."""
    import dialognav.actions.meeting_offers as home

    set_(home, "offer_on", lambda *_given, **_options: [])


def _meetings_anyhow(set_: Set) -> None:
    """Nothing stops a meeting."""
    import dialognav.domain.bookings as home

    _everywhere(set_, home, "what_stops", lambda *_given, **_options: ())


def _team_anywhere(set_: Set) -> None:
    """Nobody looks whether one of the team is somewhere else."""
    import dialognav.domain.meeting_teams as home

    _everywhere(set_, home, "twice_at_once", lambda *_given: set())


def _swaps_anyhow(set_: Set) -> None:
    """Who comes instead of somebody may be in another meeting then."""
    import dialognav.actions.booking_ends as home

    set_(home, "_refuse_busy", lambda *_given, **_options: None)


def _merges_forget(set_: Set) -> None:
    """Who becomes part of another registration leaves its meetings behind."""
    import dialognav.actions.booking_ends as home

    _everywhere(set_, home, "join_registrations", lambda *_given, **_options: None)


def _meetings_untold(set_: Set) -> None:
    """Who has got a meeting is not told, and has no entry."""
    import dialognav.mail.meeting_notices as home

    set_(home, "tell_booked", lambda *_given, **_options: None)


_FAULTS: dict[str, Callable[[Set], None]] = {
    "unlocked": _unlocked,
    "early": _early,
    "unordered": _unordered,
    "kept": _kept,
    "unleased": _unleased,
    "silent": _silent,
    "meetings-unlocked": _meetings_unlocked,
    "meetings-unordered": _meetings_unordered,
    "meetings-kept": _meetings_kept,
    "meetings-anyhow": _meetings_anyhow,
    "meetings-untold": _meetings_untold,
    "team-anywhere": _team_anywhere,
    "swaps-anyhow": _swaps_anyhow,
    "merges-forget": _merges_forget,
}
