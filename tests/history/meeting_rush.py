"""A rush for one-to-one meetings: many suppliers at once, by pages, and the organiser between them.

`make rush ARGS="--suppliers 300 --slots 120"`, or run_meetings() from a test.
"""

import json
import random
import sys
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from dialognav import tokens
from dialognav.actions import booking_sets, meeting_staffing, merging, participants
from dialognav.actions.booking_sets import Move
from dialognav.actions.meeting_slot_changes import save_slot, slot_draft_of
from dialognav.actions.participants import NewPerson
from dialognav.actions.seats import Wish
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import RuleBroken
from dialognav.domain.meeting_terms import BookingState, TableRole
from dialognav.domain.slots import Span
from dialognav.domain.terms import Mode
from dialognav.mail.post import Post
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    Participant,
    Registration,
    Slot,
    SlotStaff,
)
from tests.factories import make_event, make_registration, make_user
from tests.history.meeting_visitors import Share
from tests.history.rush import DRAIN, KEY, Scene, Size, Verdict, drain, play, started
from tests.history.served import set_clock
from tests.history.told import Recorder
from tests.meeting_factories import make_member, make_rules, make_slots, make_table

TIMES = 20  # slots of one table
PER_FIRM = 5  # every tenth firm has registered so often, and has one meeting all the same


@dataclass(slots=True)
class Plan:
    """What the organiser has put up."""

    event_id: int
    own: list[str] = field(default_factory=list)  # the suppliers' pages
    slots: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    actor: str = ""
    ends: datetime = datetime.max  # after the last time


def run_meetings(
    database_url: str, folder: Path, size: Size, suppliers: int, slots: int
) -> Verdict:
    """The same for one-to-one meetings."""
    return play(
        *(database_url, folder, size),
        lambda app, _size: _put_up(app, suppliers, slots),
        _let_them_in,
        _states,
    )


def _put_up(app: Flask, suppliers: int, slots: int) -> Plan:
    begins = datetime.now(UTC).replace(hour=7, minute=0) + timedelta(days=120)
    with app.app_context(), unit_of_work() as session:
        event = make_event(session, starts_at=begins, registration_closes_at=begins)
        earlier = datetime.now(UTC) - timedelta(days=1)
        hours = {"opens_at": earlier, "closes_at": begins, "published_at": earlier}
        make_rules(session, event, languages=["sv"], **hours)
        plan = Plan(event.id, actor=f"user:{make_user(session, event.organisation).id}")
        plan.ends = begins + timedelta(minutes=TIMES * 40)
        while len(plan.slots) < slots:
            number = min(TIMES, slots - len(plan.slots))
            given: dict[str, Any] = {"starts_at": begins, "published_at": earlier}
            made = make_slots(session, event, make_table(session, event), number=number, **given)
            plan.slots += [slot.id for slot in made]
        plan.members = sorted(
            {
                *session.scalars(sa.select(SlotStaff.member_id)),
                *(make_member(session, event).id for _ in range(3)),
            }
        )
        plan.own = [_supplier(session, event, n) for n in range(suppliers)]
        return plan


def _supplier(session: Session, event: Event, n: int) -> str:
    """Two people, of whom every fourth registration shares one with the next: a consultant. Each
    six go by the same name, by numbers of their own: the organiser merges them. None
    has asked for a place at the plenary, so all may have a meeting (decisions.md 2)."""
    firm = n // PER_FIRM if n // PER_FIRM % 10 == 0 else f"own {n}"
    one = make_registration(
        *(session, event),
        party_key=f"firm {firm}",
        party_name_key=f"name {n // 6}",
        contact_email=f"contact{n}@firm.example",
    )
    consultant = n - n % 2 if n % 4 < 2 else n
    for position, who in enumerate((f"person{n}", f"consultant{consultant}")):
        session.add(
            Participant(
                registration=one,
                position=position,
                name=who.capitalize(),
                email=f"{who}@firm.example",
                created_at=one.created_at,
            )
        )
    session.flush()
    return "/en/r/" + tokens.make_link(KEY, tokens.REGISTRATION, one.public_id, one.generation)


def _let_them_in(scene: Scene, plan: Plan) -> None:
    size, over = scene.size, threading.Event()
    clients = []
    for part in range(size.processes):
        own = tuple(plan.own[part :: size.processes])
        share = scene.folder / f"share-{part}.json"
        share.write_text(
            json.dumps(asdict(Share(scene.address, str(scene.folder), part, own, size.seconds)))
        )
        command = [sys.executable, "-m", "tests.history.meeting_visitors", str(share)]
        clients.append(scene.until_over.enter_context(started(command)))
    staff = [
        threading.Thread(target=_plan_anew, args=[scene.app, plan, over, scene.recorder, seed])
        for seed in range(2)
    ]
    for each in staff:
        each.start()
    _pass_time(scene.clock, size, clients)
    over.set()
    for each in staff:
        each.join()
    ahead = timedelta(days=size.days + 4)  # what is still held or offered runs out
    set_clock(scene.clock, ahead)
    _settle(scene.app, ahead)
    drain(scene.app)


def _settle(app: Flask, ahead: timedelta) -> None:
    """Wait until nothing is held or offered for longer than it may."""
    due = sa.select(sa.func.count()).where(
        Booking.state.in_((BookingState.HELD, BookingState.OFFERED)),
        Booking.until <= datetime.now(UTC) + ahead,
    )
    deadline = time.monotonic() + DRAIN
    while time.monotonic() < deadline:
        with app.app_context():
            left = db.session.scalar(due)
            db.session.rollback()
        if not left:
            return
        time.sleep(0.5)


def _pass_time(clock: Path, size: Size, clients: list[Any]) -> None:
    """A day at a time, so that holds and offers run out."""
    days = 0
    while any(client.poll() is None for client in clients):
        time.sleep(max(0.5, size.seconds / (size.days + 2)))
        days = min(days + 1, size.days)
        set_clock(clock, timedelta(days=days, hours=2 * days))


def _plan_anew(
    app: Flask, plan: Plan, over: threading.Event, recorder: Recorder, seed: int
) -> None:
    """Two of the organiser's people at once put others at the tables, change times, swap who comes,
    and let suppliers change places: whoever cannot be there is refused."""
    chance = random.Random(seed)
    post = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
    while not over.wait(chance.uniform(0.05, 0.3)):
        told = recorder.begin("organiser", "plan", str(plan.event_id))
        given = {"now": datetime.now(UTC), "actor": plan.actor, "post": post}
        try:
            with app.app_context(), unit_of_work() as session:
                _act(session, plan, chance, given)
        except RuleBroken as refused:
            recorder.end(told, 409, refused.code)
        except sa.exc.OperationalError as error:  # others wrote for 30 seconds without a pause
            recorder.end(told, 500, str(error.orig))
        else:
            recorder.end(told, 303, "planned")


def _act(session: Session, plan: Plan, chance: random.Random, given: dict[str, Any]) -> None:
    if chance.random() < 0.6:
        asks, notes = chance.sample(plan.members, 2)
        team: dict[int, str] = {asks: TableRole.ASKS, notes: TableRole.NOTES}
        meeting_staffing.staff_slot(session, chance.choice(plan.slots), team, **given)
        return
    if chance.random() < 0.5:
        chance.choice([_put_off, _swap, _merge])(session, plan, chance, given)
        return
    booked = session.scalars(
        sa.select(Booking)
        .where(Booking.event_id == plan.event_id, Booking.state == BookingState.BOOKED)
        .order_by(Booking.id)
    ).all()
    if len(booked) > 1:
        one, other = chance.sample(booked, 2)
        moves = [Move(one.id, other.slot_id), Move(other.id, one.slot_id)]
        booking_sets.replan(session, plan.event_id, moves, {}, reason="Byte", **given)


def _put_off(session: Session, plan: Plan, chance: random.Random, given: dict[str, Any]) -> None:
    """A time that nobody has, to one of three after all the others: its people may be there."""
    slot = session.get_one(Slot, chance.choice(plan.slots))
    old, length = slot_draft_of(slot), slot.ends_at - slot.starts_at
    begins = plan.ends + chance.randrange(3) * 2 * length
    draft = replace(old, span=Span(begins, begins + length), deviation="Byte")
    save_slot(session, slot.id, draft, expected=old, **given)


def _swap(session: Session, plan: Plan, chance: random.Random, given: dict[str, Any]) -> None:
    """Somebody who comes to a meeting, for somebody who may come for another supplier then."""
    booked = session.scalars(
        sa.select(BookingPerson)
        .join(Booking, Booking.id == BookingPerson.booking_id)
        .where(Booking.event_id == plan.event_id, Booking.state == BookingState.BOOKED)
        .order_by(BookingPerson.booking_id, BookingPerson.participant_id)
    ).all()
    if len(booked) > 1:
        goes, comes = (one.participant for one in chance.sample(booked, 2))
        new = NewPerson(comes.name, comes.email, Wish(Mode.ON_SITE))
        participants.swap_person(session, goes.id, new, **given)


def _merge(session: Session, plan: Plan, chance: random.Random, given: dict[str, Any]) -> None:
    """Two registrations of one firm that both have a meeting become one, which has two then."""
    rows = session.scalars(
        sa.select(Registration)
        .join(Booking, Booking.registration_id == Registration.id)
        .where(Booking.event_id == plan.event_id, Booking.state == BookingState.BOOKED)
        .order_by(Registration.id)
    ).all()
    pairs = [
        (one, other)
        for one, other in combinations(rows, 2)
        if one is not other and one.party_name_key == other.party_name_key
    ]
    if pairs:
        kept, gone = chance.choice(pairs)
        seen = merging.plan([kept, gone])
        merging.merge(session, kept.id, [gone.id], seen.mark, **given)


def _states() -> dict[str, int]:
    states = sa.select(Booking.state, sa.func.count()).group_by(Booking.state)
    booked = sa.exists().where(Booking.slot_id == Slot.id, Booking.state == BookingState.BOOKED)
    number = sa.select(sa.func.count())
    merged = number.where(Registration.merged_into_id.is_not(None))
    return {
        **{f"bookings {state}": count for state, count in db.session.execute(states)},
        "slots free": db.session.scalar(number.select_from(Slot).where(~booked)) or 0,
        "registrations merged": db.session.scalar(merged) or 0,
    }
