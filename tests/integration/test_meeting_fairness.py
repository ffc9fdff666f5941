"""Fairness at a glance, and the record of it."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import booking_sets, bookings, meeting_slot_changes
from dialognav.actions.meeting_erasure import erase_meetings
from dialognav.actions.meeting_rules import meeting_rules_of, save_meeting_rules
from dialognav.models import (
    AuditEntry,
    AuditReason,
    Booking,
    Draw,
    Event,
    InterestConflict,
    MarketQuestion,
    MeetingRules,
    Participant,
    SharedItem,
    Slot,
)
from dialognav.pdf import make_pdf
from dialognav.queries.fairness import balance_of, rule_changes
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.integration.staff import token_of
from tests.letter_samples import POST
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_request,
    make_rules,
    make_slots,
    make_table,
)


@pytest.fixture
def meetings(staff, work):
    """Two booked, one of them shorter; one offered by the queue and turned down, out of turn."""
    with work() as session:
        event = make_event(session, slug="natt", diary_number="RS 2027-1")
        event.organisation_id = staff.organisation_id
        session.flush()
        session.expire(event)
        event.questions = [MarketQuestion(position=0, text={"sv": "Vad?"})]
        make_rules(session, event)
        slots = make_slots(session, event, make_table(session, event), number=3)
        slots[1].ends_at -= timedelta(minutes=10)
        firms = []
        for name in ("Trygghem Teknik AB", "Kärnpuls AB", "Holm =Partner"):
            firms.append(make_registration(session, event, party_name=name))
            make_participant(session, firms[-1])
        session.refresh(firms[0])
        make_booking(session, slots[0], firms[0], topics="Hemlig radiomodul")
        make_booking(session, slots[1], firms[1], reason="Ett fel hos oss", assigned_by_id=1)
        make_booking(
            session,
            slots[2],
            firms[2],
            state="declined",
            offered_at=NOW,
            until=NOW + timedelta(hours=24),
            created_at=NOW,
            booked_at=None,
            ended_at=NOW + timedelta(hours=3),
        )
        late = make_registration(session, event, party_name="Vinterviken Data AB")
        make_request(session, late, queue_number=1, asked_at=NOW - timedelta(hours=2))
        make_request(session, firms[2], queue_number=2, asked_at=NOW - timedelta(hours=1))
        return f"/manage/events/{event.public_id}/meetings/fairness"


def test_the_page_weighs_and_lists(staff, sign_in, meetings):
    reader = sign_in(role="registrar", organisation_id=staff.organisation_id, language="en")
    page = reader.client.get(meetings).text
    assert "1 time is longer or shorter than the others" in page
    assert "The reason is missing for 1 of them." in page
    assert "1 supplier was passed over in the waiting list" in page
    assert "The same 1 question in every meeting" in page
    assert "Ett fel hos oss" in page
    assert "after 3 hours" in page
    assert "Hemlig" not in page


def test_the_page_takes_few_statements(staff_client, meetings, statements):
    staff_client.get(meetings)
    with statements() as ran:
        staff_client.get(meetings)
    assert len(ran) <= 24


def record(staff, path, kind):
    token = token_of(staff.client.get(path))
    return staff.client.post(f"{path}/record", data={"csrf_token": token, "format": kind})


def test_the_record_as_a_list(staff, meetings, look):
    rows = record(staff, meetings, "csv").get_data().decode("utf-8-sig").splitlines()
    assert len(rows) == 4
    assert "Trygghem Teknik AB" in rows[1]
    assert "Hemlig" not in "".join(rows)
    assert record(staff, meetings, "xlsx").data.startswith(b"PK")
    with look() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.number.desc()).first()
        assert entry.verb == "registrations.exported"
        assert entry.facts == {"rows": 3, "list": "meetings"}


def test_the_record_as_data(staff, meetings, work):
    with work() as session:
        event_id = session.query(MarketQuestion).one().event_id
        at = {"committed_at": NOW, "commitment": "c" * 64, "hand_out": "lot", "event_id": event_id}
        session.add(Draw(seed="gammalt frö", ended_at=NOW, end_reason="Fel frågor", **at))
        session.add(Draw(seed="hemligt frö", **at))
        session.add(SharedItem(event_id=event_id, number=1, text={"sv": "A"}, created_at=NOW))
    text = record(staff, meetings, "json").get_data(as_text=True)
    data = json.loads(text)
    assert data["meetings"][0]["supplier"]["name"] == "Trygghem Teknik AB"
    assert [each["how"] for each in data["meetings"]] == ["chosen", "by_hand", "offered"]
    assert [each["seed"] for each in data["draws"]] == ["gammalt frö", None]
    assert [each["reason"] for each in data["draws"]] == ["Fel frågor", ""]
    assert data["shared"] == []  # not public yet
    assert "hemligt" not in text.lower()
    assert "Hemlig" not in text
    with work() as session:
        session.scalars(sa.select(Draw).order_by(Draw.id.desc())).first().published_at = NOW
    data = json.loads(record(staff, meetings, "json").get_data(as_text=True))
    assert data["draws"][1]["seed"] == "hemligt frö"


def test_the_record_on_paper_tells_a_stranger_all_of_it(
    staff, meetings, work, monkeypatch, sign_in
):
    made = []
    monkeypatch.setattr(
        "blueprints.manage.meeting_fairness.make_pdf",
        lambda kind, data: made.append(data) or make_pdf(kind, data),
    )
    with work() as session:
        event = session.query(Event).one()
        draw = {"committed_at": NOW, "commitment": "c" * 64, "hand_out": "lot"}
        session.add(Draw(seed="frö", event_id=event.id, **draw))
        told = {"number": 1, "text": {"sv": "Fyra år."}, "created_at": NOW, "published_at": NOW}
        session.add(SharedItem(event_id=event.id, **told))
        rules = session.get_one(MeetingRules, event.id)
        until, text = NOW + timedelta(days=9), {"sv": "Vi frågar."}
        new = replace(meeting_rules_of(rules), most_people=2, closes_at=until, text=text)
        by = {"now": NOW, "actor": "user:1", "post": POST}
        save_meeting_rules(
            session, event.id, new, expected_revision=rules.revision, reason="Salen är liten", **by
        )
    planner = sign_in(role="planner", organisation_id=staff.organisation_id, language="en")
    answer = record(planner, meetings, "pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].endswith('.pdf"')
    said = {part["title"]: str(part["rows"]) for part in made[0]["sections"]}
    changes = said["What was published and changed, and why"]
    assert "People of a supplier in one meeting: 3 → 2" in changes
    assert "Thu 21 Jan 2027" in changes
    assert "How a meeting goes: – → Vi frågar." in changes
    assert "Reason: Salen är liten" in changes
    assert "Vad?" in said["The questions, the same in every meeting"]
    assert "Declared to have no conflict of interest Tue 12 Jan 2027" in said["Our team"]
    assert "Ett fel hos oss" in said["Who was offered what, and when"]
    assert "c" * 64 in said["The draw, and how to check it"]
    assert "http://localhost/sv/events/natt/draws/" in said["The draw, and how to check it"]
    assert "Fyra år." in said["Shared with all"]
    assert "Salen är liten" in said["The draw, and how to check it"]  # given up with the rules
    for secret in ("Hemlig", "@"):
        assert secret not in str(made[0]["sections"])
    data = json.loads(record(staff, meetings, "json").get_data(as_text=True))
    [change] = data["rule_changes"]
    assert change["changed"]["most_people"] == [3, 2]
    assert change["changed"]["text"] == [{}, {"sv": "Vi frågar."}]
    assert change["reason"] == "Salen är liten"


WHYS = ("Ende leverantör", "Salen behövs", "Nils har förhinder", "Sofia är sjuk")
"""Of a time given by hand, moved, planned anew, and called off."""


@pytest.fixture
def moved(work, meetings):
    """A meeting given by hand at 14.00, moved to 14.40, replanned to 15.20 and cancelled; another
    slot, which was public, was taken away."""
    with work() as session:
        event = session.query(Event).one()
        table = session.query(Slot).first().table
        free = make_slots(session, event, table, number=5, starts_at=DAY + timedelta(hours=5))
        firm = make_registration(session, event, party_name="Flyttad AB")
        make_participant(session, firm)
        user = make_user(session, event.organisation, name="Petra Vik")

        def by(hours):
            when = NOW + timedelta(hours=hours)
            return {"now": when, "actor": f"user:{user.id}", "post": POST}

        first, second, third, fourth, fifth = (slot.id for slot in free)
        one = bookings.assign(session, firm.id, first, reason=WHYS[0], **by(0)).id
        bookings.move(session, one, second, reason=WHYS[1], **by(1))
        move = booking_sets.Move(one, third)
        booking_sets.replan(session, event.id, [move], {}, reason=WHYS[2], **by(2))
        bookings.cancel(session, one, WHYS[3], **by(3))
        meeting_slot_changes.remove_slots(session, event.id, [fourth], reason="Kortare", **by(4))
        meeting_slot_changes.block(session, fifth, "Städas", **by(5))
    return one


def test_every_step_of_a_meeting_is_kept_with_its_reason(
    staff, meetings, moved, work, sign_in, monkeypatch
):
    made = []
    monkeypatch.setattr(
        "blueprints.manage.meeting_fairness.make_pdf",
        lambda kind, data: made.append(data) or b"%PDF",
    )
    reader = sign_in(role="registrar", organisation_id=staff.organisation_id, language="en")
    page = reader.client.get(meetings).text
    for why in WHYS:
        assert f"Petra Vik. Reason: {why}" in page
    assert re.search(r"14:00–14:30, Bord \S+ → [^<]*14:40–15:10", page)
    data = json.loads(record(reader, meetings, "json").get_data(as_text=True))
    slots = {one["id"]: one["starts_at"][11:16] for one in data["slots"]}
    [meeting] = [one for one in data["meetings"] if one["supplier"]["name"] == "Flyttad AB"]
    assert (meeting["how"], meeting["reason"]) == ("by_hand", WHYS[0])
    assert [
        (one["verb"], slots.get(one["left"]), slots[one["slot"]], one["by"], one["reason"])
        for one in meeting["trail"]
    ] == [
        ("meeting.assigned", None, "13:00", "staff", WHYS[0]),
        ("meeting.moved", "13:00", "13:40", "staff", WHYS[1]),
        ("meeting.replanned", "13:40", "14:20", "staff", WHYS[2]),
        ("meeting.cancelled", None, "14:20", "staff", WHYS[3]),
    ]
    assert {one["name"] for one in meeting["trail"]} == {"Petra Vik"}
    assert [(one["verb"], one["reason"]) for one in data["rule_changes"]] == [
        ("slots.removed", "Kortare"),
        ("slot.blocked", "Städas"),
    ]
    rows = record(reader, meetings, "csv").get_data().decode("utf-8-sig").splitlines()
    [row] = [row for row in rows if "Flyttad AB" in row]
    record(reader, meetings, "pdf")
    steps = {part["title"]: part["rows"] for part in made[0]["sections"]}["Step by step"]
    for number, why in enumerate(WHYS):
        assert why in row
        assert steps[number][3:] == ["Petra Vik", why]
    with work() as session:
        erase_meetings(session, session.query(Event).one())
        assert [one.text for one in session.query(AuditReason)] == ["Kortare"]
        assert session.get_one(Booking, moved).reason == ""
    page = reader.client.get(meetings).text
    assert re.search(r"14:00–14:30, Bord \S+ → [^<]*14:40–15:10", page)
    assert not [why for why in WHYS if why in page]


def test_what_nobody_had_read_of_is_no_change(staff, meetings, work):
    with work() as session:
        event = session.query(Event).one()
        [slot] = make_slots(session, event, number=1, published_at=None)
        by = {"now": NOW, "actor": "user:1", "post": POST}
        meeting_slot_changes.remove_slots(session, event.id, [slot.id], **by)
        assert rule_changes(session, event) == []


def test_no_record_names_anybody_of_a_supplier(staff, meetings, look):
    with look() as session:
        names = [one.name for one in session.query(Participant)]
    for kind in ("csv", "json"):
        text = record(staff, meetings, kind).get_data(as_text=True)
        assert not [name for name in names if name in text]
    assert json.loads(text)["meetings"][0]["people"] == 1


def test_an_event_without_meetings_has_no_such_page(staff, work):
    with work() as session:
        event = make_event(session)
        event.organisation_id = staff.organisation_id
        path = f"/manage/events/{event.public_id}/meetings/fairness"
    assert staff.client.get(path).status_code == 404


def test_a_host_reads_it_nowhere_and_a_planner_without_export_takes_nothing(
    staff, meetings, sign_in
):
    host = sign_in(role="host", organisation_id=staff.organisation_id)
    assert host.client.get(meetings).status_code == 404
    approver = sign_in(role="approver", organisation_id=staff.organisation_id)
    assert approver.client.get(meetings).status_code == 200
    assert approver.post(f"{meetings}/record", {"format": "pdf"}).status_code == 404


def test_meetings_are_counted_without_persons(staff, meetings):
    path = meetings.replace("meetings/fairness", "exports")
    page = staff.client.get(path)
    assert f'href="{meetings}"' in page.text
    data = {"csrf_token": token_of(page), "format": "csv"}
    text = staff.client.post(f"{path}/statistics?lang=en", data=data).get_data(as_text=True)
    assert text.splitlines()[-1].endswith(";2")
    assert "Trygghem" not in text


def test_a_conflict_is_with_the_party_whichever_registration_it_was_noted_on(work, look):
    with work() as session:
        event = make_event(session)
        make_rules(session, event)
        [slot] = make_slots(session, event, make_table(session, event), number=1)
        both = [make_registration(session, event, party_key="same") for _ in range(2)]
        make_participant(session, both[1])
        session.refresh(both[1])
        make_booking(session, slot, both[1])
        member = slot.staff[0].member_id
        session.add(
            InterestConflict(
                member_id=member, registration_id=both[0].id, reason="jäv", noted_at=NOW
            )
        )
        event_id = event.id
    with look() as session:
        found = balance_of(session, session.get_one(Event, event_id), now=NOW)
        assert found.given.conflicts == 1
