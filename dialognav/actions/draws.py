"""Handing out meetings by wishes or lot: commit to a seed, draw, publish; or give a draw up.

The seed is chosen when the rules are published, before anybody has asked for anything, and only its
hash is shown. Drawing is calculation alone (domain/allocation.py): done again before the result is
public it gives the same, unless what it is given has changed. Then it wants a reason, and every run
is published with the result (domain/draw_runs.py).
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.booking_draws import book_drawn
from dialognav.domain.allocation import METHOD, Given, calculate
from dialognav.domain.draw_files import explanations, given_json, result_json
from dialognav.domain.draw_runs import one_run
from dialognav.domain.errors import DrawOutdated, NotAllowedNow, ReasonNeeded
from dialognav.domain.lots import commitment
from dialognav.domain.meeting_terms import HandOut
from dialognav.domain.terms import EventState, Phase
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Booking, Draw, Event, MeetingRequest, MeetingRules, lock_event
from dialognav.models.draw_facts import DrawFacts, draw_facts

DRAWN = (HandOut.WISHES, HandOut.LOT)


def commit_seed(
    session: Session, event: Event, *, now: datetime, actor: str, reason: str = ""
) -> Draw | None:
    """The draw in force, with a new seed if there is none; None for rules without a draw.

    Call it whenever rules are published, under lock_event(). Rules of another kind give up the draw
    of the old ones, which wants the reason of the change (ReasonNeeded). NotAllowedNow once a
    result is public.
    """
    rules = session.get_one(MeetingRules, event.id)
    current = _in_force(session, event.id)
    if current is not None and current.hand_out == rules.hand_out:
        return current
    if current is not None:
        _give_up(session, event, current, reason, now=now, actor=actor)
    if rules.hand_out not in DRAWN:
        return None
    return _commit(session, event, rules.hand_out, now=now, actor=actor)


def draw(session: Session, event_id: int, *, reason: str = "", now: datetime, actor: str) -> Draw:
    """Calculate who gets what, for staff alone to see; again when something has changed since.

    NotAllowedNow before wishing has closed, without a draw in force, once a result is public, and
    where meetings are no longer handed out. ReasonNeeded when it is given something else than the
    last time: somebody has seen what came of that.
    """
    event = lock_event(session, event_id)
    current = _to_draw(session, event, now=now)
    found = draw_facts(session, event, now=now)
    given, outcomes = calculate(current.seed, found.given)
    written, before = given_json(given), current.given
    if before not in (None, written) and not reason.strip():
        raise ReasonNeeded
    run = one_run(now.isoformat(), before, written, reason.strip())
    current.runs = [*current.runs, run]
    current.method, current.given = METHOD, written
    current.result = {"outcomes": result_json(outcomes), "asked": _asked(found.given)}
    current.drawn_at = now
    _note(session, event, current, "draw.drawn", now=now, actor=actor)
    return current


def publish(
    session: Session, event_id: int, looked_at: str, *, now: datetime, actor: str, post: Post
) -> list[Booking]:
    """Book all that was drawn, put the others in the queue in the order of the lot, show the seed,
    and tell everybody, at the same moment.

    `looked_at` is the stamp() of the preview. DrawOutdated when it was drawn again meanwhile, or
    should be: somebody withdrew, or a slot went. NotAllowedNow as for draw(), and before it.
    """
    event = lock_event(session, event_id)
    current = _to_draw(session, event, now=now)
    if current.result is None:
        raise NotAllowedNow
    found = draw_facts(session, event, now=now)
    if stamp(current) != looked_at or current.result.get("asked") != _asked(found.given):
        raise DrawOutdated
    outcomes = current.result["outcomes"]
    current.published_at = now
    booked = book_drawn(
        session, current.id, _handed(outcomes, found), _left(outcomes, found), now=now, actor=actor
    )
    _note(session, event, current, "draw.published", now=now, actor=actor)
    _tell(session, current, booked, found.requests, now=now, post=post)
    return booked


def stamp(current: Draw) -> str:
    """Names one preview: of which draw, and what came of it."""
    return f"{current.public_id}-{_hash(current.result)}"


def reset(session: Session, event_id: int, reason: str, *, now: datetime, actor: str) -> Draw:
    """Give the draw up before its result is public, for another seed.

    The one given up stays on the public page, with its seed and the reason. NotAllowedNow without
    a draw in force, or once its result is public; ReasonNeeded.
    """
    event = lock_event(session, event_id)
    current = _in_force(session, event.id)
    if current is None:
        raise NotAllowedNow
    hand_out = current.hand_out
    _give_up(session, event, current, reason, now=now, actor=actor)
    return _commit(session, event, hand_out, now=now, actor=actor)


def events_to_draw(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of the events whose wishing has closed and that nobody has drawn; one statement."""
    return session.scalars(
        sa.select(Draw.event_id)
        .join(MeetingRules, MeetingRules.event_id == Draw.event_id)
        .join(Event, Event.id == Draw.event_id)
        .where(
            Draw.ended_at.is_(None),
            Draw.drawn_at.is_(None),
            MeetingRules.closes_at <= now,
            MeetingRules.hand_out == Draw.hand_out,
            Event.state == EventState.PUBLISHED,
            sa.or_(Event.phase.is_(None), Event.phase != Phase.PROCUREMENT),
        )
        .order_by(Draw.event_id)
    ).all()


def draw_when_due(session: Session, event_id: int, *, now: datetime) -> Draw | None:
    """Draw at the deadline, for staff to look at. Safe to run twice, late, and beside another
    worker: None when it is done already, or there is nothing to draw any more."""
    if event_id not in events_to_draw(session, now=now):
        return None
    return draw(session, event_id, now=now, actor="job")


def _in_force(session: Session, event_id: int) -> Draw | None:
    return session.scalars(
        sa.select(Draw)
        .where(Draw.event_id == event_id, Draw.ended_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _to_draw(session: Session, event: Event, *, now: datetime) -> Draw:
    current = _in_force(session, event.id)
    rules = session.get(MeetingRules, event.id, populate_existing=True)
    is_on = event.state == EventState.PUBLISHED and event.phase != Phase.PROCUREMENT
    if current is None or rules is None or not is_on:
        raise NotAllowedNow
    is_closed = rules.closes_at is not None and rules.closes_at <= now
    if current.published_at is not None or not is_closed or rules.hand_out != current.hand_out:
        raise NotAllowedNow
    return current


def _commit(session: Session, event: Event, hand_out: str, *, now: datetime, actor: str) -> Draw:
    seed = secrets.token_hex(32)
    made = Draw(
        event_id=event.id,
        hand_out=hand_out,
        commitment=commitment(seed),
        seed=seed,
        committed_at=now,
        after_asking=session.scalar(
            sa.select(sa.exists().where(MeetingRequest.event_id == event.id))
        ),
    )
    session.add(made)
    session.flush()
    _note(session, event, made, "draw.committed", now=now, actor=actor)
    return made


def _give_up(
    session: Session, event: Event, current: Draw, reason: str, *, now: datetime, actor: str
) -> None:
    if current.published_at is not None:
        raise NotAllowedNow
    if not reason.strip():
        raise ReasonNeeded
    current.ended_at, current.end_reason = now, reason.strip()
    session.flush()
    _note(session, event, current, "draw.given_up", now=now, actor=actor)


def _handed(outcomes: Sequence[Mapping[str, Any]], found: DrawFacts) -> list[tuple[int, int]]:
    return [
        (found.requests[one["id"]].id, found.slot_ids[one["slot"]])
        for one in outcomes
        if one["slot"] is not None
    ]


def _left(outcomes: Sequence[Mapping[str, Any]], found: DrawFacts) -> list[int]:
    """Ids of the requests that wait, first in turn first."""
    left = sorted((one for one in outcomes if one["slot"] is None), key=lambda one: one["place"])
    return [found.requests[one["id"]].id for one in left]


def _tell(
    session: Session,
    current: Draw,
    booked: Sequence[Booking],
    requests: Mapping[str, MeetingRequest],
    *,
    now: datetime,
    post: Post,
) -> None:
    got = {booking.registration_id: booking for booking in booked}
    explained = explanations(current.hand_out, current.given or {}, current.result or {})
    results = [
        (request, got.get(request.registration_id), explained[public_id])
        for public_id, request in requests.items()
    ]
    meeting_notices.tell_result(session, current, results, now=now, post=post)


def _note(
    session: Session, event: Event, current: Draw, verb: str, *, now: datetime, actor: str
) -> None:
    """What was calculated is in the row; the trail holds hashes, so that nobody changes it."""
    facts = {"commitment": current.commitment, "hand_out": str(current.hand_out)}
    if current.given is not None:
        facts |= {"given": _hash(current.given), "result": _hash(current.result)}
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"draw:{current.id}",
        now=now,
        event_id=event.id,
        facts=facts,
    )


def _asked(given: Given) -> str:
    """Of all that the calculation reads, so that publish() sees a change without calculating."""
    together = {"shares": [[sorted(one.suppliers), one.most] for one in given.shares]}
    together["same_people"] = [list(pair) for pair in given.same_people]
    return _hash(given_json(given) | together)


def _hash(document: dict[str, Any] | None) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
