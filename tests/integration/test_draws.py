"""Draws of one-to-one meetings: the seed promised, drawn at the deadline, public and run again."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import process_time

import pytest

from dialognav import tokens
from dialognav.actions import draws
from dialognav.actions.meeting_rules import meeting_rules_of
from dialognav.domain.draw_files import check
from dialognav.domain.errors import DrawOutdated, NotAllowedNow, ReasonNeeded
from dialognav.domain.lots import commitment, drawn
from dialognav.domain.meeting_rules import what_meeting_rules_cannot_be
from dialognav.domain.rules import Impossible
from dialognav.draw_commands import HELD, UNTOLD
from dialognav.i18n import moment_text, speaking
from dialognav.mail.post import Post
from dialognav.models import (
    AuditEntry,
    Booking,
    Draw,
    Event,
    InterestConflict,
    MeetingRequest,
    MeetingRules,
)
from dialognav.models.meeting_plan import standing_of
from tests.conftest import NOW
from tests.draw_factories import FIRMS, make_wishes
from tests.factories import make_participant, make_registration
from tests.integration.test_own_page import KEY
from tests.meeting_factories import DAY, make_booking, make_request, make_slots, make_table

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
ROOT = Path(__file__).parents[2]
HOUR = timedelta(hours=1)


@pytest.fixture
def event_id(work):
    with work() as session:
        return make_wishes(session).id


def in_force(session):
    return session.query(Draw).filter_by(ended_at=None).one()


def draw_now(work, event_id, now=NOW, reason=""):
    with work() as session:
        draws.draw(session, event_id, reason=reason, now=now, actor="user:1")


def test_a_seed_is_promised_once_and_its_hash_is_all_that_is_told(work, look, event_id):
    with work() as session:
        event = session.get_one(Event, event_id)
        again = draws.commit_seed(session, event, now=NOW, actor="user:1")
        assert session.query(Draw).one() is again
    with look() as session:
        made = session.query(Draw).one()
        assert made.commitment == commitment(made.seed)
        entry = session.query(AuditEntry).one()
        assert entry.verb == "draw.committed"
        assert entry.facts["commitment"] == made.commitment
        assert made.seed not in json.dumps(entry.facts)


def test_rules_without_a_draw_promise_nothing_and_give_up_what_was_promised(work, look, event_id):
    with work() as session:
        event = session.get_one(Event, event_id)
        session.get_one(MeetingRules, event_id).hand_out = "first_come"
        with pytest.raises(ReasonNeeded):
            draws.commit_seed(session, event, now=NOW, actor="user:1", reason=" ")
        assert draws.commit_seed(session, event, now=NOW, actor="user:1", reason="Fel") is None
    with look() as session:
        [ended] = session.query(Draw).all()
        assert (ended.ended_at, ended.end_reason) == (NOW, "Fel")


def test_drawing_waits_for_the_deadline_and_is_done_by_the_job(work, look):
    with work() as session:
        event_id = make_wishes(session, closes_at=NOW + timedelta(hours=1)).id
    with work() as session, pytest.raises(NotAllowedNow):
        draws.draw(session, event_id, now=NOW, actor="user:1")
    due = NOW + timedelta(hours=1)
    with work() as session:
        assert draws.events_to_draw(session, now=NOW) == []
        assert draws.draw_when_due(session, event_id, now=NOW) is None
        assert draws.events_to_draw(session, now=due) == [event_id]
        assert draws.draw_when_due(session, event_id, now=due).drawn_at == due
    with work() as session:
        assert draws.draw_when_due(session, event_id, now=due) is None, "once is enough"
    with look() as session:
        assert in_force(session).published_at is None
        assert session.query(Booking).count() == 0


def test_what_stops_a_meeting_stops_it_in_the_draw_too(work, look, event_id):
    """Conflict of interest, another language, a slot taken by hand, a supplier that withdrew."""
    with work() as session:
        requests = session.query(MeetingRequest).order_by(MeetingRequest.id).all()
        event = session.get_one(Event, event_id)
        [third] = make_slots(session, event, number=1, starts_at=DAY + timedelta(days=1))
        member = third.staff[0].member_id
        common = {"reason": "Bisyssla", "noted_at": NOW}
        session.add(
            InterestConflict(
                member_id=member, registration_id=requests[0].registration_id, **common
            )
        )
        requests[1].languages = ["nb"]
        requests[2].registration.withdrawn_at = NOW
        other = make_registration(session, event, party_name="Vinterviken Data AB")
        make_participant(session, other)
        session.refresh(other)
        first = requests[0].wishes[0].slot
        make_booking(session, first, other)
        make_request(session, other, [first])
        names = [requests[0].public_id, requests[1].public_id, first.public_id, third.public_id]
    draw_now(work, event_id)
    with look() as session:
        given = in_force(session).given
    mine, theirs, taken, away = names
    assert taken not in [each["id"] for each in given["slots"]]
    cannot = {each["id"]: each["cannot"] for each in given["suppliers"]}
    assert set(cannot) == {mine, theirs}, "who has a meeting, or withdrew, takes no part"
    assert cannot[mine] == [away]
    assert len(cannot[theirs]) == len(given["slots"]) == 2


def test_two_registrations_of_one_organisation_share_what_it_may_have(work, look, event_id):
    with work() as session:
        one, other, _ = session.query(MeetingRequest).order_by(MeetingRequest.id)
        other.registration.party_key = one.registration.party_key
        names = sorted([one.public_id, other.public_id])
    draw_now(work, event_id)
    with look() as session:
        given, result = in_force(session).given, in_force(session).result
    left = [each["id"] for each in result["outcomes"] if each["left"] == "share"]
    behind = [each["id"] for each in given["suppliers"] if each["behind"]]
    assert left == behind == [drawn_of(look, names)]
    assert given.keys() == {"slots", "suppliers"}, "nobody reads who belongs together"


def drawn_of(look, names):
    """Who comes last of these, by the lots among the registrations of one organisation."""
    with look() as session:
        return drawn(in_force(session).seed, "share", names)[-1]


def test_one_person_for_two_suppliers_is_in_one_meeting_at_a_time(work, look, event_id):
    """A consultant who is named by two, and is in a third one's meeting at the time of a slot."""
    with work() as session:
        one, other, third = session.query(MeetingRequest).order_by(MeetingRequest.id)
        event = session.get_one(Event, event_id)
        for each in (one, other, third):
            consultant = make_participant(
                session, each.registration, name="Kim Konsult", email="kim@konsult.example"
            )
            each.people = [consultant.id]
        begins = one.wishes[0].slot.starts_at
        [beside] = make_slots(session, event, number=1, starts_at=begins)
        session.refresh(third.registration)
        make_booking(session, beside, third.registration)
        names = sorted([one.public_id, other.public_id])
        taken = one.wishes[0].slot.public_id
    draw_now(work, event_id)
    with look() as session:
        given = in_force(session).given
    assert "same_people" not in given, "nobody reads whose person it is"
    cannot = {each["id"]: each["cannot"] for each in given["suppliers"]}
    assert set(cannot) == set(names)
    assert all(taken in each for each in cannot.values())


def test_drawing_again_gives_the_same_and_another_seed_another_order(work, look, event_id):
    draw_now(work, event_id)
    with look() as session:
        first = in_force(session).result
    draw_now(work, event_id, NOW + timedelta(hours=1))
    with look() as session:
        assert in_force(session).result == first
    with work() as session:
        with pytest.raises(ReasonNeeded):
            draws.reset(session, event_id, "  ", now=NOW, actor="user:1")
        draws.reset(session, event_id, "Ett fel i lottningen", now=NOW, actor="user:1")
    with look() as session:
        old, new = session.query(Draw).order_by(Draw.id)
        assert (old.end_reason, old.ended_at, new.ended_at) == ("Ett fel i lottningen", NOW, None)
        assert old.seed != new.seed
        assert new.result is None


def publish(work, event_id, **stamp):
    with work() as session:
        looked_at = stamp.get("stamp") or draws.stamp(in_force(session))
        draws.publish(session, event_id, looked_at, now=NOW, actor="user:1", post=POST)


def test_publishing_books_all_at_once_and_queues_the_rest_in_the_order_of_the_lot(
    work, look, event_id
):
    draw_now(work, event_id)
    publish(work, event_id)
    with look() as session:
        made = in_force(session)
        bookings = session.query(Booking).all()
        got = {each["id"]: each["slot"] for each in made.result["outcomes"]}
        assert {one.slot.public_id for one in bookings} == {slot for slot in got.values() if slot}
        assert {(one.state, one.draw_id, len(one.people)) for one in bookings} == {
            ("booked", made.id, 1)
        }
        states = {each.public_id: each for each in session.query(MeetingRequest)}
        [left] = [each["id"] for each in made.result["outcomes"] if each["slot"] is None]
        assert states[left].state == "waiting"
        assert {one.state for name, one in states.items() if name != left} == {"served"}
    with work() as session, pytest.raises(NotAllowedNow):
        draws.draw(session, event_id, now=NOW, actor="user:1")


def test_200_suppliers_and_240_times_are_drawn_and_published_in_seconds(work, look):
    """By this process's own time, under the lock. Sixty suppliers bring 30 consultants."""
    choose = random.Random(7)
    with work() as session:
        event = make_wishes(session, firms=())
        days = [DAY + timedelta(days=n) for n in range(1, 5)]
        tables = [make_table(session, event) for _ in range(3)]
        slots = [
            slot
            for table in tables
            for day in days
            for slot in make_slots(session, event, table, number=20, starts_at=day)
        ]
        for n in range(200):
            firm = make_registration(session, event)
            email = f"k{n // 2}@konsult.example" if n < 60 else f"p{n}@l.example"
            one = make_participant(session, firm, name="Kim", email=email)
            make_request(session, firm, choose.sample(slots[:40], 3), people=[one.id])
        event_id = event.id
    begun = process_time()
    draw_now(work, event_id)
    drawn_after = process_time()
    publish(work, event_id)
    assert drawn_after - begun < 2
    assert process_time() - drawn_after < 3, "with the letters"
    with look() as session:
        assert len(slots) == 240
        assert session.query(Booking).filter_by(state="booked").count() == 200


def test_who_withdraws_after_the_preview_makes_it_outdated(work, look, event_id):
    draw_now(work, event_id)
    with work() as session:
        session.query(MeetingRequest).first().state = "withdrawn"
    with pytest.raises(DrawOutdated):
        publish(work, event_id)
    with look() as session:
        assert in_force(session).published_at is None
    with pytest.raises(ReasonNeeded):
        draw_now(work, event_id)
    draw_now(work, event_id, reason="Avanmäld")
    publish(work, event_id)


def test_who_changes_what_is_drawn_after_looking_is_seen_to_have_done_so(
    client, work, look, event_id
):
    """A conflict of interest that is remembered when the result does not suit."""
    draw_now(work, event_id)
    with work() as session:
        asked = session.query(MeetingRequest).order_by(MeetingRequest.id).first()
        member, code = asked.wishes[0].slot.staff[0].member_id, asked.public_id
        conflict = {"registration_id": asked.registration_id, "reason": "Bisyssla"}
        session.add(InterestConflict(member_id=member, noted_at=NOW, **conflict))
    draw_now(work, event_id, NOW + HOUR, reason="Jäv som kom fram")
    draw_now(work, event_id, NOW + 2 * HOUR)
    publish(work, event_id)
    public_id, page = public_page(client, look)
    assert "Calculated 3 times" in page.text
    assert "Jäv som kom fram" in page.text
    assert "For 1 supplier other wishes, other times that it cannot have," in page.text
    file = client.get(f"/events/natt/draws/{public_id}.json").json
    assert check(file) == dict.fromkeys(("commitment", "method", "runs", "result"), True)
    first, second, third = file["runs"]
    assert [each["id"] for each in second["gone"]["suppliers"]] == [code]
    assert second["gone"]["suppliers"][0]["cannot"] == []
    assert third["given_sha256"] == second["given_sha256"] != first["given_sha256"]
    assert "Bisyssla" not in json.dumps(file)


def test_wishing_does_not_begin_again_when_somebody_has_seen_the_result(work, event_id):
    def later(session):
        rules = session.get_one(MeetingRules, event_id)
        draft = replace(meeting_rules_of(rules), closes_at=NOW + HOUR)
        standing = standing_of(session, rules)
        return [*what_meeting_rules_cannot_be(draft, meeting_rules_of(rules), standing)]

    with work() as session:
        assert later(session) == []
    draw_now(work, event_id)
    with work() as session:
        assert later(session) == [Impossible("closes_at", "drawn")]


def test_nobody_asked_and_that_is_public_too(client, look, work, event_id):
    with work() as session:
        for request in session.query(MeetingRequest):
            request.state = "withdrawn"
    draw_now(work, event_id)
    publish(work, event_id)
    assert public_page(client, look)[1].status_code == 200


def test_only_what_was_looked_at_is_published(work, event_id):
    draw_now(work, event_id)
    with pytest.raises(DrawOutdated):
        publish(work, event_id, stamp="another one")


# --- what anybody can check ---------------------------------------------------------------------


def public_page(client, look):
    with look() as session:
        public_id = in_force(session).public_id
    return public_id, client.get(f"/en/events/natt/draws/{public_id}")


def test_before_the_result_the_public_page_has_the_hash_and_nothing_else(client, look, work):
    with work() as session:
        event_id = make_wishes(session).id
    draw_now(work, event_id)
    public_id, page = public_page(client, look)
    with look() as session:
        made = in_force(session)
        assert page.status_code == 200
        assert made.commitment in page.text
        assert made.seed not in page.text
        assert not any(one.public_id in page.text for one in session.query(MeetingRequest))
    assert client.get(f"/events/natt/draws/{public_id}.json").status_code == 404


def test_afterwards_it_has_all_that_is_needed_and_names_nobody(client, look, work, event_id):
    draw_now(work, event_id)
    publish(work, event_id)
    public_id, page = public_page(client, look)
    file = client.get(f"/events/natt/draws/{public_id}.json")
    assert file.headers["Content-Disposition"].startswith("attachment")
    with look() as session:
        made = in_force(session)
        assert made.seed in page.text
        for request in session.query(MeetingRequest):
            assert request.public_id in page.text
            assert request.public_id in file.text
            said = [request.registration.party_name, request.registration.contact_email]
            said += [one.name for one in request.registration.participants]
            assert not any(each in page.text or each in file.text for each in said)


@pytest.mark.parametrize("path", ["/en/events/natt/draws/x", "/events/natt/draws/x.json"])
def test_what_is_no_draw_of_the_event_is_missing(client, event_id, path):
    assert client.get(path).status_code == 404


def test_a_draw_of_rules_that_are_not_public_is_missing(client, look, work, event_id):
    with work() as session:
        session.get_one(MeetingRules, event_id).published_at = None
    assert public_page(client, look)[1].status_code == 404


def test_a_draw_that_was_given_up_stays_with_its_seed_and_the_reason(client, look, work, event_id):
    with work() as session:
        old = in_force(session).seed
        draws.reset(session, event_id, "Fel rum i planen", now=NOW, actor="user:1")
    _, page = public_page(client, look)
    assert "Fel rum i planen" in page.text
    assert old in page.text
    assert "Nothing had been calculated yet." in page.text
    assert "before anybody had asked" not in page.text
    assert "By then suppliers had asked for meetings already. The draw before" in page.text


def test_what_is_promised_of_the_seed_is_so(client, look, work, event_id):
    """Rules may be settled before the event is public: nobody reads the hash before."""
    with work() as session:
        session.get_one(Event, event_id).published_at = NOW - timedelta(days=1, hours=5)
        made = in_force(session).committed_at
    _, page = public_page(client, look)
    assert "That was before anybody had asked for a meeting." in page.text
    with speaking("en"):
        chosen = moment_text(made, "Europe/Stockholm", "medium")
        since = moment_text(NOW - timedelta(days=1, hours=5), "Europe/Stockholm", "medium")
    assert f"chosen on {chosen}, and its hash has stood here since {since}." in page.text


def test_another_process_gets_the_same_from_the_public_file_alone_and_finds_out_a_false_one(
    client, look, work, event_id, tmp_path, cli
):
    """On another day, too: the test's clock does not reach it. It opens no database."""
    draw_now(work, event_id)
    publish(work, event_id)
    public_id, _ = public_page(client, look)
    path = tmp_path / "draw.json"
    path.write_bytes(client.get(f"/events/natt/draws/{public_id}.json").data)
    right = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "draw", "verify", str(path)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "SECRET_KEY": "x" * 40, "DATA_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert right.returncode == 0, right.stderr
    assert right.stdout.splitlines() == list(HELD.values())
    written = json.loads(path.read_text())
    written["result"].reverse()
    path.write_text(json.dumps(written))
    wrong = cli.invoke(args=["draw", "verify", str(path)])
    assert wrong.exit_code == 1
    assert "does NOT come out again" in wrong.output
    path.write_text(json.dumps(written | {"method": "dialognav-1"}))
    older = cli.invoke(args=["draw", "verify", str(path)])
    assert older.exit_code == 1
    assert UNTOLD in older.output
    assert "does NOT come out again" not in older.output
    path.write_text("[" * 100_000)
    broken = cli.invoke(args=["draw", "verify", str(path)])
    assert broken.exit_code == 1
    assert "no draw that can be run again" in broken.output


# --- the organiser's page -----------------------------------------------------------------------


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def mine(staff, work):
    with work() as session:
        return f"/manage/events/{make_wishes(session, staff.organisation_id).public_id}"


def test_staff_draw_look_and_publish(staff, look, mine):
    page = staff.client.get(mine + "/meetings/draw").text
    assert "Draw now" in page
    assert "Publish the result" not in page
    assert staff.post(mine + "/meetings/draw", {}).status_code == 303
    page = staff.client.get(mine + "/meetings/draw").text
    assert all(name in page for name in FIRMS)
    assert "The first went to another supplier by lot." in page
    again = mine + "/meetings/draw/again"
    assert staff.post(again, {"changed": " "}).status_code == 422
    assert staff.post(again, {"changed": "En tid till"}).status_code == 303
    assert "En tid till" in staff.client.get(mine + "/meetings/draw").text
    stamp = page.split('name="looked_at" value="')[1].split('"')[0]
    answer = staff.post(mine + "/meetings/draw/publish", {"looked_at": stamp})
    assert answer.location.endswith("done=published")
    page = staff.client.get(mine + "/meetings/draw").text
    assert "Publish the result" not in page
    with look() as session:
        assert session.query(Booking).count() == 2
        verbs = [entry.verb for entry in session.query(AuditEntry)]
        assert [verb for verb in verbs if verb.startswith("draw.")] == [
            "draw.committed",
            "draw.drawn",
            "draw.drawn",
            "draw.published",
        ]


def test_what_was_not_looked_at_is_not_published(staff, look, mine):
    staff.post(mine + "/meetings/draw", {})
    answer = staff.post(mine + "/meetings/draw/publish", {"looked_at": "x"})
    assert answer.location.endswith("done=outdated")
    assert "Draw again and look once more" in staff.client.get(answer.location).text
    with look() as session:
        assert session.query(Booking).count() == 0


def test_giving_up_wants_a_reason_and_keeps_what_was_typed(staff, look, mine):
    way = mine + "/meetings/draw/give-up"
    answer = staff.post(way, {"reason": " "})
    assert answer.status_code == 422
    assert staff.post(way, {"reason": "x" * 501}).status_code == 422
    assert staff.post(way, {"reason": "Fel rum"}).status_code == 303
    with look() as session:
        assert session.query(Draw).filter_by(end_reason="Fel rum").count() == 1


def test_the_page_takes_few_statements(staff, work, mine, statements):
    staff.post(mine + "/meetings/draw", {})
    with statements() as ran:
        assert staff.client.get(mine + "/meetings/draw").status_code == 200
    assert len(ran) <= 10, ran


def test_each_supplier_reads_its_own_code_and_what_came_of_it(client, look, work, event_id):
    draw_now(work, event_id)
    with look() as session:
        request = session.query(MeetingRequest).first()
        of, code = request.registration, request.public_id
        secret = tokens.make_link(KEY, tokens.REGISTRATION, of.public_id, 0)
    path = f"/en/r/{secret}/meetings"
    before = client.get(path).text
    assert code in before
    assert "wish." not in before
    publish(work, event_id)
    after = client.get(path).text
    assert code in after
    assert "wish." in after or "You are number" in after


def test_who_wishes_reads_beforehand_what_will_be_public(client, work):
    with work() as session:
        make_wishes(session, closes_at=NOW + HOUR)
        of = session.query(MeetingRequest).first().registration
        secret = tokens.make_link(KEY, tokens.REGISTRATION, of.public_id, 0)
    path = f"/en/r/{secret}/meetings/request"
    told = "Whoever knows when you have your meeting can find out which code is yours."
    assert told in client.get(path).text
    with work() as session:
        in_force(session).published_at = NOW
    assert told not in client.get(path).text, "who asks now comes last on the list"
