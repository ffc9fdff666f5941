"""A person is never at two tables, over events too: in every verb, and when two come at once."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import (
    booking_sets,
    bookings,
    event_moves,
    meeting_claims,
    meeting_rules,
    meeting_slot_changes,
    meeting_slots,
    meeting_staffing,
    meeting_tables,
)
from dialognav.actions.meeting_slots import NewSlot
from dialognav.db import unit_of_work
from dialognav.domain.bookings import Stop
from dialognav.domain.errors import CannotMeet, EngagedElsewhere
from dialognav.domain.slots import Span
from dialognav.mail.post import Post
from dialognav.models import SlotStaff
from dialognav.models.meeting_losses import absence_of
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_organisation,
    make_participant,
    make_registration,
    make_user,
)
from tests.meeting_factories import make_booking, make_member, make_rules, make_slots

BY = {"now": NOW, "actor": "job"}
TOLD = {**BY, "post": Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)}
ELIN = {"name": "Elin Ek", "email": "elin@tallvik.example"}


class Two:
    """Two events of one organisation with slots at the same times; Elin asks at the other one."""

    def __init__(self, session):
        home = make_organisation(session)
        self.here, self.other = make_event(session, home), make_event(session, home)
        self.slots = make_slots(session, self._with_rules(session, self.here))
        self.others = make_slots(session, self._with_rules(session, self.other), number=2)
        self.elin = make_member(session, self.here, **ELIN)
        self.there = make_member(session, self.other, **ELIN)
        self.others[1].staff[0].member = self.there
        session.flush()

    def _with_rules(self, session, event):
        make_rules(session, event)
        return event

    def refused(self, act, *given, **how):
        """The second time of day is Elin's at the other event; what act() is to be refused for."""
        with pytest.raises(EngagedElsewhere) as refused:
            act(*given, **TOLD | how)
        assert refused.value.args == ((self.elin.id, self.other.id),)


def with_elin(two, slot):
    return {one.member_id: one.role for one in slot.staff} | {two.elin.id: "observes"}


def test_nobody_is_staffed_who_is_at_another_events_table(app, work):
    with work() as session:
        two = Two(session)
        first, second, third = two.slots
        two.refused(meeting_staffing.staff_slot, session, second.id, with_elin(two, second))
        for slot in (first, third):
            assert meeting_staffing.staff_slot(session, slot.id, with_elin(two, slot), **TOLD)
        old = meeting_slot_changes.slot_draft_of(third)
        span = Span(second.ends_at, second.ends_at + timedelta(minutes=10))  # beside, not then
        draft = meeting_slot_changes.SlotDraft(span, old.people, deviation="Byte")
        save = meeting_slot_changes.save_slot
        assert save(session, third.id, draft, expected=old, **TOLD)
        late = Span(second.ends_at - timedelta(minutes=1), span.ends_at)
        second.state = "removed"
        two.refused(
            save,
            session,
            third.id,
            meeting_slot_changes.SlotDraft(late, old.people, deviation="Byte"),
            expected=draft,
        )
        third.starts_at, third.ends_at = span  # what was refused is not written
        table = two.slots[0].table
        told = meeting_tables.table_draft_of(table)
        assert meeting_slots.add_slots(
            session, two.here.id, [NewSlot(table.id, span_of(second))], **BY
        )
        wanted = meeting_tables.TableDraft(
            **{name: getattr(told, name) for name in told.__slots__}
            | {"people": told.people | {two.elin.id: "observes"}}
        )
        two.refused(
            meeting_tables.save_table,
            session,
            table.id,
            wanted,
            expected=told,
            restaff=True,
            user_id=None,
        )


def span_of(slot):
    return Span(slot.starts_at, slot.ends_at)


def test_new_times_are_without_who_is_at_another_events_table(app, work):
    with work() as session:
        two = Two(session)
        table, times = two.slots[0].table, [span_of(slot) for slot in two.slots]
        table.staff[0].member = two.elin
        for slot in two.slots:
            slot.state = "removed"
        session.flush()
        session.expire_all()
        made = meeting_slots.add_slots(
            session, two.here.id, [NewSlot(table.id, span) for span in times], **BY
        )
        assert [two.elin.id in {one.member_id for one in slot.staff} for slot in made] == [
            True,
            False,
            True,
        ]


def test_what_clashes_already_is_neither_published_nor_opened_nor_handed_out(app, work):
    with work() as session:
        two = Two(session)
        slot = two.slots[1]
        slot.staff.append(SlotStaff(member=two.elin, role="observes"))
        supplier = make_registration(session, two.here)
        make_participant(session, supplier)
        with pytest.raises(CannotMeet) as refused:
            bookings.assign(session, supplier.id, slot.id, reason="Ja", **TOLD)
        assert refused.value.stops == (Stop.TEAM_ELSEWHERE,)
        with pytest.raises(CannotMeet):
            bookings.hold(session, supplier.id, slot.id, **TOLD)
        slot.published_at = None
        opens_at = NOW + timedelta(days=1)
        two.refused(meeting_rules.publish_meetings, session, two.here.id, opens_at=opens_at)
        slot.state, slot.published_at = "blocked", NOW
        two.refused(meeting_slot_changes.unblock, session, slot.id)
        two.others[1].state = "blocked"
        meeting_slot_changes.unblock(session, slot.id, **TOLD)
        assert (
            bookings.assign(session, supplier.id, slot.id, reason="Ja", **TOLD).slot_id == slot.id
        )


def test_a_day_is_not_planned_anew_with_who_is_elsewhere(app, work):
    with work() as session:
        two = Two(session)
        slot = two.slots[1]
        supplier = make_registration(session, two.here)
        make_participant(session, supplier)
        make_booking(session, slot, supplier)
        ill, notes = [one.member for one in slot.staff]
        free = make_member(session, two.here)
        span = (slot.starts_at, slot.ends_at)
        [loss] = absence_of(session, two.here, ill, span, now=NOW).losses
        assert free.id in loss.stand_ins
        assert two.elin.id not in loss.stand_ins
        team = {slot.id: [(two.elin.id, "asks"), (notes.id, "notes")]}
        two.refused(booking_sets.replan, session, two.here.id, [], team, reason="Ill")


def test_what_does_not_take_place_claims_nobody(app, work):
    with work() as session:
        for number in range(6):
            two = Two(session)
            slot, other = two.slots[1], two.other
            ways = (
                (other, {"state": "cancelled"}),
                (other, {"state": "postponed"}),
                (other, {"phase": "procurement"}),
                (other, {"organisation": make_organisation(session)}),
                (two.there, {"removed_at": NOW}),
                (two.others[1], {"ends_at": NOW, "starts_at": NOW - timedelta(hours=1)}),
            )
            row, values = ways[number]
            two.refused(meeting_staffing.staff_slot, session, slot.id, with_elin(two, slot))
            for name, value in values.items():
                setattr(row, name, value)
            assert meeting_staffing.staff_slot(session, slot.id, with_elin(two, slot), **TOLD)


def test_an_event_with_a_new_date_leaves_who_has_become_anothers_meanwhile(app, work):
    with work() as session:
        two = Two(session)
        slot, [first, second] = two.slots[1], two.others
        stays = [one.member_id for one in second.staff if one.member_id != two.there.id]
        usual = [one.member_id for one in first.staff]
        two.other.state = "postponed"
        assert meeting_staffing.staff_slot(session, slot.id, with_elin(two, slot), **TOLD)
        starts_at = second.starts_at + timedelta(days=30)
        ends_at = starts_at + timedelta(hours=2)
        event_moves.set_new_date(session, two.other.id, starts_at, ends_at, closes_at=None, **TOLD)
        assert [one.member_id for one in second.staff] == stays
        assert [one.member_id for one in first.staff] == usual
        supplier = make_registration(session, two.here)
        make_participant(session, supplier)
        assert bookings.hold(session, supplier.id, slot.id, **TOLD).slot_id == slot.id


def test_the_same_user_is_the_same_person_whatever_the_address(app, work):
    with work() as session:
        two = Two(session)
        user = make_user(session, two.here.organisation, "planner")
        two.there.user_id = two.elin.user_id = user.id
        two.there.email = "elin.before@tallvik.example"
        slot = two.slots[1]
        two.refused(meeting_staffing.staff_slot, session, slot.id, with_elin(two, slot))


@pytest.fixture
def race(app, work, monkeypatch):
    """Elin is put at two events' tables at once; both have looked before either writes, if they
    can."""
    with work() as session:
        two = Two(session)
        two.others[1].staff = []
        mine = [(two.slots[1].id, two.elin.id), (two.others[1].id, two.there.id)]
    both_looked, outcomes = threading.Barrier(2), []
    looked = meeting_claims.engaged_elsewhere

    def look_together(*args, **given):
        found = looked(*args, **given)
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_looked.wait(timeout=0.7)
        return found

    monkeypatch.setattr(meeting_claims, "engaged_elsewhere", look_together)

    def one(slot_id, member_id):
        try:
            with app.app_context(), unit_of_work() as session:
                meeting_staffing.staff_slot(session, slot_id, {member_id: "asks"}, **TOLD)
                outcomes.append("staffed")
        except EngagedElsewhere:
            outcomes.append("refused")

    def run():
        threads = [threading.Thread(target=one, args=each) for each in mine]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(outcomes)

    return run


def test_of_two_events_at_once_one_gets_the_person(race):
    assert race() == ["refused", "staffed"]


def test_the_race_is_real_without_the_lock(race, app, monkeypatch):
    """On PostgreSQL; SQLite has one writer at a time, BEGIN IMMEDIATE."""
    plain = sa.Select.with_for_update

    def unlocked(self, **given):
        return self if given.get("key_share") else plain(self, **given)

    monkeypatch.setattr(sa.Select, "with_for_update", unlocked)
    is_sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    assert race() == (["refused", "staffed"] if is_sqlite else ["staffed", "staffed"])
