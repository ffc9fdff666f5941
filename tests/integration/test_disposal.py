"""Disposal: the dry run, the yes, the steps of the job, and the hold that wins over all of them."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import audit
from dialognav.actions import disposal, holds
from dialognav.db import Base, db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, SecondPerson
from dialognav.models import (
    Answer,
    DisposalHold,
    DisposalRun,
    Event,
    Letter,
    Minutes,
    Organisation,
    Participant,
    PrivacyRequest,
    Registration,
)
from dialognav.models.labels import Name
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_organisation,
    make_participant,
    make_registration,
    make_user,
)
from tests.integration.forms import open_form
from tests.integration.personal import PERSONAL, found_in, make_personal, seat_states

DAY = timedelta(days=1)
AUTHORITY = "RS 2025-00017"


@pytest.fixture
def old(work):
    """Ids of an event that is due, with a person in every table."""
    with work() as session:
        here = make_organisation(session, disposal_authority=AUTHORITY, retention_months=24)
        return make_personal(session, here)


@pytest.fixture
def run_id(old, work):
    """A dry run over it, approved."""
    with work() as session:
        run = disposal.propose(session, old.organisation, now=NOW, user_id=old.user)
        disposal.approve(session, run.id, now=NOW, user_id=old.user)
        return run.id


def finish(app, run_id, limit=100):
    """All steps, as the job takes them; returns how many."""
    for number in range(1, limit):
        with app.app_context(), unit_of_work() as session:
            goes_on = disposal.take_step(session, run_id, now=NOW)
        if not goes_on:
            return number
    raise AssertionError("a run without an end")


def propose(work, old):
    with work() as session:
        run = disposal.propose(session, old.organisation, now=NOW, user_id=old.user)
        return run and run.id


# --- what goes and what stays -------------------------------------------------------------------


def test_the_look_through_all_tables_finds_a_person(old, look):
    with look() as session:
        for value in PERSONAL:
            assert found_in(session, [value]), value


def test_nothing_personal_is_left_in_any_table(app, old, run_id, look):
    finish(app, run_id)
    with look() as session:
        assert found_in(session, [*PERSONAL, "ingegerd", "sigbritt", "torvald"]) == []


def test_the_record_stays(app, old, run_id, look):
    with look() as session:
        before = seat_states(session)
    finish(app, run_id)
    with look() as session:
        assert seat_states(session) == before
        registration = session.get_one(Registration, old.registration)
        assert registration.party_name == "Kvarnliden Teknik AB"
        assert registration.party_identifier == "556036-0793"
        assert registration.created_at == NOW
        assert session.get_one(Registration, old.trader).party_kind == "sole_trader"
        assert session.scalars(sa.select(Answer.value)).all() == ["a1"]  # chosen, not written
        letters = session.execute(sa.select(Letter.kind, Letter.sent_at)).all()
        assert len(letters) == 5
        assert all(sent for _kind, sent in letters)
        assert session.get_one(PrivacyRequest, old.request).created_at == NOW
        [minutes] = session.scalars(sa.select(Minutes))  # the draft that nobody had seen went
        assert [one.text for one in minutes.versions] == ["Priset är 40 kr"] * 2
        assert (minutes.text, minutes.correction) == ("Priset är 40 kr", "Fel pris")
        assert [one.reason for one in minutes.marks] == ["Konkurrens"]
        event = session.get_one(Event, old.event)
        assert event.diary_number == "RS 2024-00123"
        assert event.disposed_at == NOW
        assert audit.broken_link(session, old.organisation) is None


def test_labels_are_said_in_the_readers_language(app, old, run_id, look):
    from dialognav.i18n import speaking

    finish(app, run_id)
    said = {}
    for language in ("sv", "nb", "en"):
        with look() as session, speaking(language):
            said[language] = session.get_one(Participant, old.colleague).name
    assert said["en"] == "Participant 2"
    assert said["sv"] == "Deltagare 2"
    assert said["nb"] == "Deltaker 2"


def test_two_contacts_without_address_do_not_collide(app, old, run_id, work, look):
    finish(app, run_id)  # the live-unique index on event and address would say so
    with look() as session:
        addresses = session.scalars(sa.select(Registration.contact_email)).all()
        assert len(set(addresses)) == len(addresses) == 2
        assert all(address.endswith("@removed.invalid") for address in addresses)


def test_who_is_at_another_event_too_keeps_the_letters_of_both(app, work, old, run_id, look):
    with work() as session:
        other = make_event(session, session.get_one(Organisation, old.organisation))
        make_registration(session, other, contact_email="ingegerd.sarskild@kvarnliden.example")
    finish(app, run_id)
    with look() as session:
        links = sa.select(Letter.recipient).where(Letter.kind == "links")
        assert session.scalar(links) == "ingegerd.sarskild@kvarnliden.example"


GOES_OR_STAYS = {
    "registration": "public_id party_name party_identifier party_country party_key party_name_key "
    "contact_name contact_email contact_phone language own_zone message review_reasons approved "
    "decision_reason decision_text",
    "participant": "public_id name email title mandate check_in_code",
    "access_need": "need answer",
    "diet": "need",
    "attendance": "partstat partstat_comment",
    "presence_mark": "uid",
    "event_invitation": "public_id party_name party_identifier party_country name email language",
    "answer": "value",
    "answer_file": "public_id filename media_type sha256 content",
    "letter": "public_id kind stream recipient recipient_name language facts lease last_error "
    "domain",
    "message": "public_id primary_language subject body audience writer_ids approval_note "
    "approved_recipients",
    "calendar_object": "uid organizer_address content_hash partstat",
    "calendar_revision": "uid method ics",
    "inbound_mail": "public_id fingerprint recipient sender sender_name subject text reason "
    "partstat raw",
    "dead_address": "address status diagnostic",
    "kept_mail": "recipient subject raw",
    "privacy_request": "public_id text answer",
    "staged_file": "public_id filename content options",
    "saved_form": "token_hash path fields",
}
"""Columns that can hold words, of the tables that hold persons: erasure knows these."""


@pytest.mark.parametrize("table", GOES_OR_STAYS)
def test_no_column_is_new_to_erasure(table):
    """A new column with words in it? Decide in actions/erasure.py whether it goes, then name it."""
    words = (sa.String, sa.JSON, sa.LargeBinary)
    columns = Base.metadata.tables[table].columns
    found = [c for c in columns if isinstance(c.type, words) and not isinstance(c.type, sa.Enum)]
    found += [c for c in columns if isinstance(c.type, Name)]
    assert {c.name for c in found} == set(GOES_OR_STAYS[table].split())


def test_nothing_is_left_of_people_who_signed_up_themselves(app, client, work, look, clock):
    """Through the pages: sign up, a colleague, letters, links by mail, an address corrected."""
    with work() as session:
        here = make_organisation(session, disposal_authority=AUTHORITY)
        user = make_user(session, here)
        event = make_event(session, here, slug="dialog", serves_food=True)
        organisation_id, user_id, public_id = here.id, user.id, event.public_id
    form = open_form(client, "/sv/events/dialog/register", "party_name")
    answers = {
        "party_name": "Enligsten AB",
        "contact-name": "Gudmar Enligsten",
        "contact-email": "gudmar@enligsten.example",
        "contact-phone": "0980-319 777",
        "contact-diet": "enligstens nötter",
        "contact-accessibility_need": "enligstens tolk",
        "message": "Gudmar här",
    }
    for name, value in answers.items():
        form[name] = value
    own = form.send("send").location.split("?")[0]
    run_worker(app)
    added = open_form(client, f"{own}/add", "name")
    added["name"], added["email"] = "Rosita Medföljarsson", "rosita@medfoljarsson.example"
    assert added.send().status_code == 303
    mine = open_form(client, "/sv/my", "email")
    mine["email"] = "gudmar@enligsten.example"
    assert mine.send().status_code == 303
    run_worker(app)
    corrected = open_form(client, f"{own}/address", "email")
    corrected["email"] = "gudmar.ny@enligsten.example"
    assert corrected.send().status_code == 303
    run_worker(app)
    gone = ["gudmar", "rosita", "medföljar", "medfoljar", "319 777", "enligstens", "@enligsten"]
    with look() as session:
        tables = {line.split(":")[0] for line in found_in(session, gone)}
        assert {"letter", "kept_mail", "calendar_revision", "participant"} <= tables
        assert session.scalars(sa.select(Event.public_id)).all() == [public_id]
    clock.shift(1000 * DAY.total_seconds())
    later = NOW + 1000 * DAY
    with work() as session:
        run = disposal.propose(session, organisation_id, now=later, user_id=user_id)
        disposal.approve(session, run.id, now=later, user_id=user_id)
    run_worker(app)
    with look() as session:
        assert found_in(session, gone) == []
        assert session.scalars(sa.select(Registration.party_name)).all() == ["Enligsten AB"]
        assert audit.broken_link(session, organisation_id) is None


def run_worker(app):
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exception is None, result.output


# --- what is proposed ---------------------------------------------------------------------------


def test_without_a_decision_nothing_is_proposed(old, work):
    with work() as session:
        session.get_one(Organisation, old.organisation).disposal_authority = ""
    with pytest.raises(NotAllowedNow):
        propose(work, old)


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ({}, True),
        ({"retention_months": 60}, False),  # of the event, longer than the organisation's
        ({"state": "cancelled"}, True),
        ({"state": "postponed"}, False),  # still to be held
        ({"state": "draft"}, False),
    ],
)
def test_which_events_are_due(old, work, given, due):
    with work() as session:
        for name, value in given.items():
            setattr(session.get_one(Event, old.event), name, value)
    assert bool(propose(work, old)) is due


def test_the_month_counts_from_the_end_of_the_event(old, work):
    with work() as session:
        event = session.get_one(Event, old.event)
        event.ends_at = NOW.replace(year=2025) + timedelta(minutes=1)  # 24 months and a minute
        event.starts_at = event.ends_at - DAY
    assert propose(work, old) is None
    with work() as session:
        session.get_one(Event, old.event).ends_at -= timedelta(minutes=1)
    assert propose(work, old)


def test_the_dry_run_counts_and_changes_nothing(old, work, look):
    run_id = propose(work, old)
    with look() as session:
        [said] = session.get_one(DisposalRun, run_id).proposal["events"]
        assert said["numbers"] == {
            "registrations": 2,
            "people": 2,
            "answers": 2,
            "files": 1,
            "letters": 4,
            "calendar": 1,
            "invitations": 1,
            "mails": 2,
            # a booking, a request, a note, two drafts, one opened again, somebody from outside
            "meetings": 7,
        }
        assert found_in(session, PERSONAL)


def test_the_run_does_what_the_dry_run_said(app, old, run_id, look):
    finish(app, run_id)
    with look() as session:
        run = session.get_one(DisposalRun, run_id)
        done = run.result["events"][str(old.event)]
        assert done["state"] == "done"
        assert done["numbers"] == run.proposal["events"][0]["numbers"]
        assert run.done_at == NOW


def test_what_has_gone_is_not_proposed_again(app, old, run_id, work):
    finish(app, run_id)
    assert propose(work, old) is None


# --- the yes ------------------------------------------------------------------------------------


def test_a_dry_run_that_no_longer_holds_cannot_be_approved(old, work):
    run_id = propose(work, old)
    with work() as session:
        make_registration(session, session.get_one(Event, old.event))
    with pytest.raises(EditedMeanwhile), work() as session:
        disposal.approve(session, run_id, now=NOW, user_id=old.user)


def test_two_persons_where_the_organisation_wants_two(old, work, look):
    with work() as session:
        here = session.get_one(Organisation, old.organisation)
        here.disposal_needs_two = True
        other = make_user(session, here).id
    run_id = propose(work, old)
    with pytest.raises(SecondPerson), work() as session:
        disposal.approve(session, run_id, now=NOW, user_id=old.user)
    with work() as session:
        disposal.approve(session, run_id, now=NOW, user_id=other)
    with look() as session:
        run = session.get_one(DisposalRun, run_id)
        assert (run.proposed_by_id, run.approved_by_id) == (old.user, other)


def test_nobody_approves_twice_or_what_was_dropped(old, work):
    run_id = propose(work, old)
    with work() as session:
        disposal.discard(session, run_id, now=NOW, user_id=old.user)
    with pytest.raises(NotAllowedNow), work() as session:
        disposal.approve(session, run_id, now=NOW, user_id=old.user)


def test_a_new_dry_run_takes_the_place_of_the_old_one(old, work, look):
    first, second = propose(work, old), propose(work, old)
    with look() as session:
        assert session.get_one(DisposalRun, first).cancelled_at
        assert session.get_one(DisposalRun, second).cancelled_at is None


def test_nothing_happens_before_the_yes(app, old, work, look):
    propose(work, old)
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exception is None
    with look() as session:
        assert found_in(session, ["Ingegerd"])


def test_the_worker_does_it(app, old, run_id, look):
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exception is None, result.output
    with look() as session:
        assert found_in(session, [*PERSONAL, "Ingegerd"]) == []


# --- steps --------------------------------------------------------------------------------------


@pytest.fixture
def many(work, monkeypatch):
    """An event of seven registrations, taken three at a time, and the approved run over it."""
    monkeypatch.setattr(disposal, "BATCH", 3)
    with work() as session:
        here = make_organisation(session, disposal_authority=AUTHORITY)
        user = make_user(session, here)
        event = make_event(session, here, starts_at=NOW - 800 * DAY)
        for _ in range(7):
            make_participant(session, make_registration(session, event))
        run = disposal.propose(session, here.id, now=NOW, user_id=user.id)
        disposal.approve(session, run.id, now=NOW, user_id=user.id)
        return run.id


def people_left(look):
    with look() as session:
        query = sa.select(sa.func.count()).where(Participant.erased_at.is_(None))
        return session.scalar(query)


def numbers_of(look, run_id):
    with look() as session:
        [each] = session.get_one(DisposalRun, run_id).result["events"].values()
        return each["numbers"]


def test_a_worker_that_dies_between_two_steps_loses_nothing(app, many, look):
    with app.app_context(), unit_of_work() as session:
        disposal.take_step(session, many, now=NOW)
    assert people_left(look) == 4
    assert numbers_of(look, many)["people"] == 3
    finish(app, many)  # another worker
    assert people_left(look) == 0
    assert numbers_of(look, many)["people"] == 7


def test_a_worker_that_dies_within_a_step_has_done_nothing_of_it(app, many, look):
    def die() -> None:
        with app.app_context(), unit_of_work() as session:
            disposal.take_step(session, many, now=NOW)
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert people_left(look) == 7
    finish(app, many)
    assert numbers_of(look, many)["people"] == 7


def test_two_workers_at_once_do_it_once(app, many, look):
    failed = []

    def work_on() -> None:
        try:
            finish(app, many)
        except BaseException as error:
            failed.append(error)
        finally:
            with app.app_context():
                db.session.remove()

    workers = [threading.Thread(target=work_on) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert failed == []
    assert people_left(look) == 0
    assert numbers_of(look, many)["people"] == 7
    with look() as session:
        organisation_id = session.scalar(sa.select(DisposalRun.organisation_id))
        verbs = sa.text("SELECT verb, count(*) FROM audit_entry GROUP BY verb")
        counted = dict(session.execute(verbs).all())
        assert counted["disposal.event"] == counted["disposal.done"] == 1
        assert audit.broken_link(session, organisation_id) is None


def test_a_run_can_be_stopped_half_way(app, many, work, look):
    with work() as session:
        disposal.take_step(session, many, now=NOW)
    with work() as session:
        disposal.discard(session, many, now=NOW, user_id=1)
    assert finish(app, many) == 1
    assert people_left(look) == 4


# --- holds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["RS 2024-00123", "rs2024-123", "RS  2024/00123"])
def test_a_hold_freezes_the_number_however_it_is_written(old, work, written):
    with work() as session:
        hold = holds.set_hold(
            session, old.organisation, written, "Begäran", now=NOW, user_id=old.user
        )
        hold_id = hold.id
    assert propose(work, old) is None
    with work() as session:
        holds.release_hold(session, hold_id, now=NOW, user_id=old.user)
    assert propose(work, old)


def test_another_number_or_organisation_holds_nothing(old, work):
    with work() as session:
        other = make_organisation(session)
        for organisation_id, number in (
            (old.organisation, "RS 2024-124"),
            (other.id, "RS 2024-123"),
        ):
            holds.set_hold(session, organisation_id, number, "", now=NOW, user_id=old.user)
    assert propose(work, old)


def test_each_request_for_the_documents_is_released_on_its_own(old, work):
    with work() as session:
        ids = [
            holds.set_hold(
                session, old.organisation, "RS 2024-123", "", now=NOW, user_id=old.user
            ).id
            for _ in range(2)
        ]
        session.flush()
        holds.release_hold(session, ids[0], now=NOW, user_id=old.user)
    assert propose(work, old) is None


def test_a_hold_set_after_the_yes_wins(app, old, run_id, work, look):
    with work() as session:
        holds.set_hold(session, old.organisation, "RS 2024-123", "", now=NOW, user_id=old.user)
    finish(app, run_id)
    with look() as session:
        run = session.get_one(DisposalRun, run_id)
        assert run.result["events"][str(old.event)] == {"state": "held", "numbers": {}}
        assert run.done_at
        assert found_in(session, ["Ingegerd"])


def test_a_hold_set_half_way_stops_the_rest(app, many, work, look):
    with work() as session:
        disposal.take_step(session, many, now=NOW)
        organisation_id = session.scalar(sa.select(DisposalRun.organisation_id))
        session.scalars(sa.select(Event)).one().diary_number = "X 1"
        holds.set_hold(session, organisation_id, "X 1", "", now=NOW, user_id=1)
    finish(app, many)
    assert people_left(look) == 4


@pytest.mark.parametrize("changed", ["months", "authority"])
def test_a_rule_that_changed_after_the_yes_wins(app, old, run_id, work, look, changed):
    with work() as session:
        here = session.get_one(Organisation, old.organisation)
        if changed == "months":
            here.retention_months = 600
        else:
            here.disposal_authority = "RS 2026-00400"
    finish(app, run_id)
    with look() as session:
        assert found_in(session, ["Ingegerd"])


def hold_during_a_step(app, old, run_id):
    """Sets a hold at the moment a step has read the holds; returns whether it had to wait."""
    holding = threading.Event()
    done = threading.Event()

    def hold() -> None:
        holding.wait(10)
        with app.app_context():
            with unit_of_work() as session:
                holds.set_hold(
                    session, old.organisation, "RS 2024-123", "", now=NOW, user_id=old.user
                )
            db.session.remove()
        done.set()

    thread = threading.Thread(target=hold)
    thread.start()
    real = disposal.held_numbers

    def slow(session, organisation_id):
        found = real(session, organisation_id)
        holding.set()
        slow.waited = not done.wait(0.7)
        return found

    disposal.held_numbers = slow
    try:
        with app.app_context():
            with unit_of_work() as session:
                disposal.take_step(session, run_id, now=NOW)
            db.session.remove()
    finally:
        disposal.held_numbers = real
        thread.join()
    return slow.waited


def test_nothing_goes_after_a_hold_has_been_set(app, old, run_id, look):
    assert hold_during_a_step(app, old, run_id)
    with look() as session:  # the hold came after the step, whose work stands
        assert session.scalar(sa.select(sa.func.count()).select_from(DisposalHold)) == 1
        assert session.get_one(Registration, old.registration).erased_at


def test_the_race_is_real_without_the_lock(app, old, run_id, monkeypatch, look):
    if db_is_sqlite(app):
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(
        holds, "lock_organisation", lambda session, id_: session.get_one(Organisation, id_)
    )
    monkeypatch.setattr(holds, "_note", lambda *args, **more: None)  # takes the lock too
    assert not hold_during_a_step(app, old, run_id)


def db_is_sqlite(app) -> bool:
    with app.app_context():
        return db.engine.dialect.name == "sqlite"
