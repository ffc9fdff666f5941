"""The verbs of planning one-to-one meetings: staffing, times, tables, team, rules, publishing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialognav.actions import (
    meeting_rules,
    meeting_slot_changes,
    meeting_slots,
    meeting_staffing,
    meeting_tables,
    meeting_team,
)
from dialognav.actions.events import copy_event
from dialognav.actions.meeting_slots import NewBreak, NewSlot
from dialognav.domain.errors import (
    AlreadyInTeam,
    EditedMeanwhile,
    LinkInUse,
    ModeInUse,
    NotAllowedNow,
    NotFound,
    NotReady,
    ReasonNeeded,
    RulesCannotBe,
    SlotInUse,
    TimesOverlap,
    TwoPlaces,
)
from dialognav.domain.meeting_rules import MeetingRulesDraft
from dialognav.domain.slots import Span
from dialognav.domain.timing import to_wall
from dialognav.mail.post import Post
from dialognav.models import (
    AuditEntry,
    Booking,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    Slot,
    SlotStaff,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

BY = {"now": NOW, "actor": "user:1"}
TOLD = {**BY, "post": Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)}
HALF = timedelta(minutes=30)


@pytest.fixture
def planned(work):
    """`with planned() as (session, event)`: an event with rules that nobody has seen."""
    from contextlib import contextmanager

    @contextmanager
    def begin(**given):
        with work() as session:
            event = make_event(session)
            make_rules(session, event, **{"published_at": None, **given})
            yield session, event

    return begin


def span(hours=0.0, length=HALF):
    return Span(DAY + timedelta(hours=hours), DAY + timedelta(hours=hours) + length)


def supplier(session, event):
    registration = make_registration(session, event)
    make_participant(session, registration)
    return registration


def people(slot):
    return meeting_staffing.people_of(slot)


def verbs(session):
    return [entry.verb for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_new_times_begin_with_their_tables_people(planned):
    with planned() as (session, event):
        table = make_table(session, event)
        made = meeting_slots.add_slots(
            session,
            event.id,
            [NewSlot(table.id, span(n)) for n in range(3)],
            [NewBreak(None, span(0.5), {"sv": "Paus"})] * 2,
            **BY,
        )
        assert [people(slot) for slot in made] == [
            {one.member_id: one.role for one in table.staff}
        ] * 3
        assert {slot.published_at for slot in made} == {None}
        assert session.query(MeetingBreak).count() == 1
        assert verbs(session)[-1] == "slots.added"


def test_who_is_at_another_table_then_is_left_out(planned):
    with planned() as (session, event):
        one, two, three = (make_member(session, event) for _ in range(3))
        first = make_table(session, event, {one: "asks", two: "notes"})
        second = make_table(session, event, {three: "asks", two: "notes"})
        new = [NewSlot(table.id, span(n)) for table in (second, first) for n in (0, 1)]
        made = meeting_slots.add_slots(session, event.id, new, **BY)
        at_first, at_second = (
            [people(slot) for slot in made if slot.table_id == table.id]
            for table in (first, second)
        )
        assert at_first == [{one.id: "asks", two.id: "notes"}] * 2
        assert at_second == [{three.id: "asks"}] * 2


def test_times_do_not_overlap_at_a_table_or_lie_behind_us(planned):
    with planned() as (session, event):
        table = make_table(session, event)
        meeting_slots.add_slots(session, event.id, [NewSlot(table.id, span(0))], **BY)
        for bad, error in (
            ([NewSlot(table.id, span(0.25))], TimesOverlap),
            ([NewSlot(table.id, span(2)), NewSlot(table.id, span(2.4))], TimesOverlap),
            ([NewSlot(table.id, Span(NOW, NOW + HALF))], NotReady),
            ([NewSlot(table.id, span(n)) for n in range(1000)], NotReady),
            ([NewSlot(-1, span(5))], NotFound),
        ):
            with pytest.raises(error):
                meeting_slots.add_slots(session, event.id, bad, **BY)
        meeting_slots.add_slots(session, event.id, [NewSlot(table.id, span(0.5))], **BY)
        assert session.query(Slot).filter_by(event_id=event.id).count() == 2


def test_nobody_is_in_two_meetings_at_once(planned):
    with planned() as (session, event):
        here, there = make_table(session, event), make_table(session, event)
        [first, later] = make_slots(session, event, here, number=2)
        [other] = make_slots(session, event, there, number=1)
        [asks, notes] = [one.member_id for one in first.staff]
        with pytest.raises(TwoPlaces) as refused:
            meeting_staffing.staff_slot(session, other.id, {asks: "asks"}, **TOLD)
        assert refused.value.args == (asks,)
        assert meeting_staffing.staff_slot(session, later.id, {notes: "asks"}, **TOLD)
        assert not meeting_staffing.staff_slot(session, later.id, {notes: "asks"}, **TOLD)
        assert people(later) == {notes: "asks"}
        meeting_staffing.staff_slot(session, first.id, {}, **TOLD)
        assert meeting_staffing.staff_slot(session, other.id, {asks: "observes"}, **TOLD)
        assert people(other) == {asks: "observes"}


def test_a_time_is_not_put_where_its_people_are_in_another_meeting(planned):
    with planned() as (session, event):
        [slot] = make_slots(session, event, number=1)
        [later] = make_slots(session, event, number=1, starts_at=DAY + timedelta(hours=5))
        later.staff = [SlotStaff(member_id=one.member_id, role=one.role) for one in slot.staff]
        session.flush()
        old = meeting_slot_changes.slot_draft_of(later)
        given = {**TOLD, "expected": old}
        same = meeting_slot_changes.SlotDraft(span(0), old.people, deviation="Byte")
        with pytest.raises(TwoPlaces) as refused:
            meeting_slot_changes.save_slot(session, later.id, same, **given)
        assert refused.value.args == tuple(sorted(old.people))


def test_staff_come_from_the_events_own_team(planned):
    with planned() as (session, event):
        [slot] = make_slots(session, event, number=1)
        stranger = make_member(session, make_event(session))
        gone = make_member(session, event, removed_at=NOW)
        for member in (stranger, gone):
            with pytest.raises(NotFound):
                meeting_staffing.staff_slot(session, slot.id, {member.id: "asks"}, **TOLD)


def test_another_length_or_published_time_needs_a_reason(planned):
    with planned() as (session, event):
        [slot] = make_slots(session, event, number=1, published_at=None)

        def save(new_span, reason=""):
            now_is = meeting_slot_changes.slot_draft_of(slot)
            draft = meeting_slot_changes.SlotDraft(new_span, now_is.people, deviation=reason)
            return meeting_slot_changes.save_slot(session, slot.id, draft, expected=now_is, **TOLD)

        with pytest.raises(ReasonNeeded):
            save(span(0, timedelta(minutes=45)))
        assert save(span(0, timedelta(minutes=45)), "Tolkas") == ("time", "reason")
        assert save(span(1)) == ("time", "reason")  # as long as the others, and nobody has seen it
        slot.published_at = NOW
        with pytest.raises(ReasonNeeded):
            save(span(2))
        assert save(span(2), "Rummet är upptaget") == ("time", "reason")
        assert slot.deviation == "Rummet är upptaget"


def test_the_time_of_a_meeting_that_somebody_has_stays(planned):
    with planned() as (session, event):
        [slot, other] = make_slots(session, event, number=2)
        make_booking(session, slot, supplier(session, event))
        old = meeting_slot_changes.slot_draft_of(slot)
        draft = meeting_slot_changes.SlotDraft(span(5), old.people, deviation="Sjukdom")
        for verb in (
            lambda: meeting_slot_changes.save_slot(session, slot.id, draft, expected=old, **TOLD),
            lambda: meeting_slot_changes.block(session, slot.id, "", **TOLD),
            lambda: meeting_slot_changes.remove_slots(
                session, event.id, [slot.id, other.id], reason="x", **TOLD
            ),
            lambda: meeting_tables.remove_table(session, slot.table_id, reason="x", **TOLD),
        ):
            with pytest.raises(SlotInUse):
                verb()
        assert {slot.state, other.state} == {"open"}


def test_blocked_unblocked_and_taken_away(planned):
    with planned() as (session, event):
        [slot, other] = make_slots(session, event, number=2)
        meeting_slot_changes.block(session, slot.id, "Brandövning", **TOLD)
        assert (slot.state, slot.block_reason) == ("blocked", "Brandövning")
        with pytest.raises(NotAllowedNow):
            meeting_slot_changes.block(session, slot.id, "", **TOLD)
        meeting_slot_changes.unblock(session, slot.id, **TOLD)
        assert (slot.state, slot.block_reason) == ("open", "")
        with pytest.raises(ReasonNeeded):
            meeting_slot_changes.remove_slots(session, event.id, [slot.id], **TOLD)
        removed = meeting_slot_changes.remove_slots(
            session, event.id, [slot.id, other.id, -1], reason="Färre kom", **TOLD
        )
        assert removed == 2
        assert {slot.state, other.state} == {"removed"}
        assert verbs(session)[-3:] == ["slot.blocked", "slot.unblocked", "slots.removed"]


def test_a_link_belongs_to_one_meeting(planned):
    with planned() as (session, event):
        table = make_table(session, event, mode="online", online_url="https://m.example/t")
        [slot, other] = make_slots(session, event, table, number=2)

        def link(which, url):
            old = meeting_slot_changes.slot_draft_of(which)
            draft = meeting_slot_changes.SlotDraft(old.span, old.people, url)
            return meeting_slot_changes.save_slot(session, which.id, draft, expected=old, **TOLD)

        assert link(slot, "https://m.example/1") == ("link",)
        for taken in ("https://m.example/1", "https://m.example/1/", "https://m.example/t"):
            with pytest.raises(LinkInUse):
                link(other, taken)
        draft = meeting_tables.TableDraft(
            {"sv": "C"}, mode="online", online_url="https://m.example/1"
        )
        with pytest.raises(LinkInUse):
            meeting_tables.add_table(session, event.id, draft, user_id=None, **BY)


def test_a_link_is_not_another_events_at_the_same_time(planned):
    with planned() as (session, event):
        afternoon = DAY + timedelta(hours=2)
        elsewhere = make_event(session, event.organisation)
        there = make_table(session, elsewhere, mode="online", online_url="https://m.example/t")
        own = make_slots(session, elsewhere, there, number=1, online_url="https://m.example/1")
        make_slots(session, elsewhere, there, number=1, starts_at=afternoon)
        table = make_table(session, event, mode="online")
        now, later = (
            make_slots(session, event, table, number=1, starts_at=at)[0] for at in (DAY, afternoon)
        )

        def save(slot, url):
            return meeting_slot_changes.save_links(session, table.id, {slot.id: url}, **TOLD)

        for slot, url in ((now, "https://m.example/1/"), (later, "https://m.example/t")):
            with pytest.raises(LinkInUse):
                save(slot, url)
        assert save(later, "https://m.example/1") == 1
        old = meeting_slot_changes.slot_draft_of(later)
        at = Span(DAY + timedelta(minutes=10), DAY + timedelta(minutes=40))
        now.state = "removed"
        draft = meeting_slot_changes.SlotDraft(at, old.people, old.online_url, "Byte")
        with pytest.raises(LinkInUse):
            meeting_slot_changes.save_slot(session, later.id, draft, expected=old, **TOLD)
        told = meeting_tables.table_draft_of(table)
        later.online_url, own[0].state = "", "blocked"
        assert save(later, "https://m.example/1") == 1
        later.online_url = ""
        with pytest.raises(LinkInUse):
            meeting_tables.save_table(
                session,
                table.id,
                replace(told, online_url="https://m.example/t"),
                expected=told,
                user_id=None,
                **TOLD,
            )


def test_links_of_many_times_at_once(planned):
    with planned() as (session, event):
        table = make_table(session, event, mode="online")
        one, two, three = make_slots(session, event, table, number=3)
        first, second = "https://m.example/1", "https://m.example/2"

        def save(links):
            return meeting_slot_changes.save_links(session, table.id, links, **TOLD)

        assert save({one.id: first, two.id: second, three.id: ""}) == 2
        assert save({one.id: second, two.id: first, -1: "https://m.example/3"}) == 2
        assert (one.online_url, two.online_url) == (second, first)
        with pytest.raises(LinkInUse):
            save({three.id: first})


def test_a_table_is_changed_with_its_times(planned):
    with planned() as (session, event):
        user = make_user(session, event.organisation)
        table = make_table(session, event)
        [slot, other] = make_slots(session, event, table, number=2)
        old = meeting_tables.table_draft_of(table)
        new = make_member(session, event)
        draft = meeting_tables.TableDraft(
            {"sv": "Bord A"},
            mode="online",
            online_url="https://m.example/a",
            has_lobby=True,
            people={new.id: "asks"},
        )

        def save(draft, expected, **given):
            return meeting_tables.save_table(
                session, table.id, draft, expected=expected, user_id=user.id, **given, **TOLD
            )

        with pytest.raises(EditedMeanwhile):
            save(draft, draft)
        assert save(draft, old, restaff=True)
        assert meeting_tables.table_draft_of(table) == draft
        assert (table.lobby_at, table.lobby_by_id) == (NOW, user.id)
        assert [people(each) for each in (slot, other)] == [{new.id: "asks"}] * 2
        assert not save(draft, draft, restaff=True)
        make_booking(session, slot, supplier(session, event))
        with pytest.raises(ModeInUse):
            save(old, draft)


def test_a_tables_people_may_be_busy_at_another(planned):
    with planned() as (session, event):
        here, there = make_table(session, event), make_table(session, event)
        make_slots(session, event, here)
        make_slots(session, event, there)
        old = meeting_tables.table_draft_of(here)
        [busy] = [one.member_id for one in there.staff if one.role == "notes"]
        people = {**old.people, busy: "observes"}
        draft = meeting_tables.TableDraft(old.name, room=old.room, people=people)
        given = {"expected": old, "user_id": None, **TOLD}
        with pytest.raises(TwoPlaces):
            meeting_tables.save_table(session, here.id, draft, restaff=True, **given)


def test_a_table_goes_with_its_times(planned):
    with planned() as (session, event):
        [slot, *_more] = make_slots(session, event)
        with pytest.raises(ReasonNeeded):
            meeting_tables.remove_table(session, slot.table_id, **TOLD)
        meeting_tables.remove_table(session, slot.table_id, reason="Salen är stängd", **TOLD)
        assert (slot.state, slot.deviation) == ("removed", "Salen är stängd")
        with pytest.raises(NotFound):
            meeting_tables.remove_table(session, slot.table_id, **TOLD)


def test_breaks_are_between_the_meetings(planned):
    with planned() as (session, event):
        [slot] = make_slots(session, event, number=1)
        elsewhere = make_table(session, event)
        with pytest.raises(TimesOverlap):
            meeting_tables.add_break(session, event.id, NewBreak(None, span(0.25)), **BY)
        meeting_tables.add_break(session, event.id, NewBreak(elsewhere.id, span(0)), **BY)
        meeting_tables.add_break(session, event.id, NewBreak(slot.table_id, span(0.5)), **BY)
        first, second = session.query(MeetingBreak).order_by(MeetingBreak.starts_at)
        meeting_tables.remove_break(session, event.id, first.id, **BY)
        with pytest.raises(NotFound):
            meeting_tables.remove_break(session, make_event(session).id, second.id, **BY)


def test_the_team(planned):
    with planned() as (session, event):
        user = make_user(session, event.organisation, name="Omar Haddad", language="en")
        stranger = make_user(session, make_event(session).organisation)
        member = meeting_team.add_member(
            session, event.id, meeting_team.NewMember(user.id, is_cleared=True), **BY
        )
        assert (member.name, member.email, member.language) == (user.name, user.email, "en")
        assert member.cleared_at == NOW
        for new, error in (
            (meeting_team.NewMember(name="X", email=user.email.upper()), AlreadyInTeam),
            (meeting_team.NewMember(stranger.id), NotFound),
        ):
            with pytest.raises(error):
                meeting_team.add_member(session, event.id, new, **BY)
        old = meeting_team.member_draft_of(member)
        draft = meeting_team.MemberDraft("Omar H", "Tekniker", "sv", False, (span(0),))
        assert meeting_team.save_member(session, member.id, draft, expected=old, **BY)
        assert meeting_team.member_draft_of(member) == draft
        with pytest.raises(EditedMeanwhile):
            meeting_team.save_member(session, member.id, old, expected=old, **BY)


def test_who_leaves_the_team_leaves_its_meetings(planned):
    with planned() as (session, event):
        [slot, *_more] = make_slots(session, event)
        [asks, notes] = [one.member_id for one in slot.staff]
        assert len(meeting_team.remove_member(session, notes, **TOLD)) == 3
        session.expire_all()
        assert people(slot) == {asks: "asks"}
        assert [one.member_id for one in slot.table.staff] == [asks]
        member = make_member(session, event, name="Ny")
        assert member.removed_at is None


def test_a_conflict_of_interest(planned):
    with planned() as (session, event):
        member, other = make_member(session, event), make_member(session, make_event(session))
        registration = supplier(session, event)
        given = {"user_id": None, **BY}
        for _twice in range(2):
            meeting_team.note_conflict(session, member.id, registration.id, "Syskon", **given)
        with pytest.raises(NotFound):
            meeting_team.note_conflict(session, other.id, registration.id, "Syskon", **given)
        meeting_team.drop_conflict(session, member.id, registration.id, **BY)
        with pytest.raises(NotFound):
            meeting_team.drop_conflict(session, member.id, registration.id, **BY)
        told = [entry.facts for entry in session.query(AuditEntry)]
        assert "Syskon" not in str(told)


def test_rules_are_written_once_and_change_for_a_reason_when_public(work):
    with work() as session:
        event = make_event(session)
        draft = MeetingRulesDraft(opens_at=NOW + timedelta(days=1), languages=("sv",))

        def save(draft, revision, **given):
            return meeting_rules.save_meeting_rules(
                session, event.id, draft, expected_revision=revision, **given, **TOLD
            )

        assert "hand_out" in save(draft, 0)
        assert save(draft, 1) == ()
        with pytest.raises(EditedMeanwhile):
            save(draft, 0)
        with pytest.raises(RulesCannotBe):
            save(MeetingRulesDraft(), 1)
        make_slots(session, event, published_at=None)
        meeting_rules.publish_meetings(session, event.id, **TOLD)
        other = MeetingRulesDraft(
            opens_at=draft.opens_at, languages=("sv", "en"), most_people=4, gap_minutes=20
        )
        with pytest.raises(ReasonNeeded):
            save(other, 1)
        assert save(other, 1, reason="Fler vill komma") == (
            "gap_minutes",
            "most_people",
            "languages",
        )
        assert event.rules_changed_at == NOW
        assert verbs(session)[-1] == "meeting_rules.changed"


def test_all_times_become_public_at_one_instant(planned):
    with planned(opens_at=NOW + timedelta(days=1)) as (session, event):
        slots = make_slots(session, event, published_at=None)
        slots += make_slots(session, event, published_at=None)
        published = meeting_rules.publish_meetings(session, event.id, **TOLD)
        assert {slot.id for slot in published} == {slot.id for slot in slots}
        assert {(slot.published_at, slot.opens_at) for slot in slots} == {(NOW, None)}
        [late, *_more] = more = make_slots(session, event, published_at=None)
        opens_at = NOW + timedelta(days=1)
        for soon in (None, NOW + timedelta(minutes=59)):
            with pytest.raises(NotReady):
                meeting_rules.publish_meetings(session, event.id, opens_at=soon, **TOLD)
        meeting_rules.publish_meetings(session, event.id, opens_at=opens_at, **TOLD)
        assert {(slot.published_at, slot.opens_at) for slot in more} == {(NOW, opens_at)}
        with pytest.raises(NotReady) as refused:
            meeting_rules.publish_meetings(session, event.id, opens_at=opens_at, **TOLD)
        assert refused.value.fields == ("slots",)
        assert late.opens_at == opens_at


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({"opens_at": None}, ("opens_at",)),
        ({"opens_at": None, "closes_at": None, "hand_out": "wishes"}, ("opens_at", "closes_at")),
        ({"opens_at": NOW - timedelta(days=3), "closes_at": NOW}, ("closes_at",)),
        ({}, ("slots",)),
    ],
)
def test_what_lacks_before_it_can_be_public(planned, given, lacks):
    with planned(**given) as (session, event):
        with pytest.raises(NotReady) as refused:
            meeting_rules.publish_meetings(session, event.id, **TOLD)
        assert refused.value.fields == lacks


@pytest.mark.parametrize(
    "given", [{"state": "cancelled"}, {"state": "postponed"}, {"phase": "procurement"}]
)
def test_nothing_is_published_of_an_event_that_is_not_held_so(work, given):
    with work() as session:
        event = make_event(session, **given)
        make_rules(session, event, published_at=None)
        make_slots(session, event, published_at=None)
        with pytest.raises(NotAllowedNow):
            meeting_rules.publish_meetings(session, event.id, **TOLD)


def test_times_that_would_open_when_booking_has_closed_are_not_published(planned):
    given = {"published_at": NOW, "closes_at": NOW + timedelta(days=1)}
    with planned(**given) as (session, event):
        make_slots(session, event, published_at=None)
        with pytest.raises(NotReady) as refused:
            meeting_rules.publish_meetings(
                session, event.id, opens_at=NOW + timedelta(days=1), **TOLD
            )
        assert refused.value.fields == ("opens_late",)


def test_a_copy_has_rules_team_tables_and_breaks_but_no_times(planned):
    with planned(closes_at=NOW + timedelta(days=9), text={"sv": "Så går det till"}) as (
        session,
        event,
    ):
        table = make_table(session, event, mode="online", online_url="https://m.example/a")
        make_slots(session, event, table)
        make_table(session, event, removed_at=NOW)
        starts, ends = DAY + timedelta(hours=2), DAY + timedelta(hours=3)
        meeting_tables.add_break(
            session, event.id, NewBreak(table.id, Span(starts, ends), {"sv": "Lunch"}), **BY
        )
        # from winter to summer: as far from the start by the clock, not by the sun
        later = event.starts_at + timedelta(days=60)
        copy = copy_event(
            session,
            event.id,
            title="Nästa",
            starts_at=later,
            ends_at=later + timedelta(hours=3),
            closes_at=None,
            **BY,
        )
        rules = session.get_one(MeetingRules, copy.id)
        assert (rules.opens_at, rules.closes_at, rules.published_at) == (None, None, None)
        assert rules.text == {"sv": "Så går det till"}
        [made] = session.query(MeetingTable).filter_by(event_id=copy.id)
        assert (made.name, made.online_url) == (table.name, "")
        assert {one.member.email for one in made.staff} == {one.member.email for one in table.staff}
        assert {one.member.event_id for one in made.staff} == {copy.id}
        assert {one.member.cleared_at for one in made.staff} == {None}
        [pause] = session.query(MeetingBreak).filter_by(event_id=copy.id)
        assert pause.table_id == made.id
        walls = [to_wall(each.starts_at, event.zone) for each in (copy, pause)]
        olds = [to_wall(each, event.zone) for each in (event.starts_at, starts)]
        assert walls[1] - olds[1] == timedelta(days=(walls[0].date() - olds[0].date()).days)
        assert session.query(Slot).filter_by(event_id=copy.id).count() == 0


@pytest.mark.parametrize(("opens", "offered"), [(timedelta(0), 1), (timedelta(hours=2), 0)])
def test_a_time_that_is_free_again_goes_to_who_waits_once_it_is_open(planned, opens, offered):
    given = {"opens_at": NOW + opens, "published_at": NOW - timedelta(days=2)}
    with planned(**given) as (session, event):
        [slot, other] = make_slots(session, event, number=2, state="blocked")
        make_request(session, supplier(session, event))
        meeting_slot_changes.unblock(session, slot.id, **TOLD)
        assert session.query(Booking).filter_by(slot_id=slot.id).count() == offered
        assert session.query(Booking).filter_by(slot_id=other.id).count() == 0


def test_a_time_that_gets_a_note_taker_goes_to_who_waits(planned):
    with planned(published_at=NOW - timedelta(days=2)) as (session, event):
        asks, notes = make_member(session, event), make_member(session, event)
        table = make_table(session, event, {asks: "asks"})
        [slot] = make_slots(session, event, table, number=1)
        make_request(session, supplier(session, event))
        meeting_staffing.staff_slot(session, slot.id, {asks.id: "asks", notes.id: "notes"}, **TOLD)
        assert [each.state for each in session.query(Booking)] == ["offered"]
