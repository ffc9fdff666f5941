"""At most so many people from one organisation, over all its registrations (product.md 3, P2)."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import offers, party_limits, registrations
from dialognav.actions.registrations import Contact, Register
from dialognav.db import db, unit_of_work
from dialognav.domain.admission import Share, decide_share
from dialognav.domain.errors import LimitReached
from dialognav.domain.parties import make_party, read_identifier
from dialognav.models import AuditEntry, Event, Organisation, Participant, Registration
from tests.conftest import NOW
from tests.factories import make_event, make_user
from tests.integration.forms import PageForm, open_form
from tests.integration.test_register_actions import DO, POST, person, seats

NUMBER = "556016-0680"


def of(
    firm: str, *names: str, number: str = NUMBER, mail: str = "firm.example", **more
) -> Register:
    """People of one firm; each registration has its own contact, the first of them."""
    people = tuple(person(f"{name} {firm}") for name in names)
    contact = Contact(people[0].name, f"{names[0].lower()}@{mail}")
    identifier = read_identifier(number, "SE")
    party = make_party(firm, "company", identifier, email=contact.email, secret="s" * 32)
    return Register(party, contact, people, "sv", **more)


def register(session, event_id: int, command: Register, **how) -> Registration:
    return registrations.register(session, event_id, command, **{**DO, **how})


def reviewed(session) -> dict[str, list[str]]:
    """{contact: why somebody has to look} of those who wait for it."""
    rows = session.scalars(sa.select(Registration).where(Registration.review == "pending"))
    return {row.contact_name.split()[0]: row.review_reasons for row in rows}


@pytest.mark.parametrize(
    ("limit", "newcomers", "already", "alike", "has_number", "share"),
    [
        (3, 3, 0, 0, True, Share.FITS),
        (3, 4, 0, 0, True, Share.REFUSED),
        (3, 4, 0, 0, False, Share.REFUSED),  # nobody has to guess who they are
        (3, 2, 1, 0, True, Share.FITS),
        (3, 2, 2, 0, True, Share.REFUSED),
        (3, 2, 2, 0, False, Share.ASK),  # the same name may be another organisation
        (3, 2, 0, 2, True, Share.ASK),
        (3, 2, 0, 1, True, Share.FITS),
        (3, 1, 5, 0, True, Share.REFUSED),  # staff had let in more
    ],
)
def test_what_becomes_of_newcomers(limit, newcomers, already, alike, has_number, share):
    given = {"already": already, "alike": alike, "has_number": has_number}
    assert decide_share(limit, newcomers, **given) is share


def test_the_same_number_counts_over_all_its_registrations(work, look):
    with work() as session:
        event = make_event(session, limit_per_party=3)
        register(session, event.id, of("Alfa AB", "Ada", "Bo"))
        register(session, event.id, of("ALFA Aktiebolag", "Cia", number="5560160680"))
        with pytest.raises(LimitReached) as refused:
            register(session, event.id, of("Alfa i Norr", "Dan", number="SE556016068001"))
        assert (refused.value.allowed, refused.value.already) == (3, 3)
        register(session, event.id, of("Beta AB", "Eva", number="556036-0793"))
    with look() as session:
        assert len(seats(session)) == 4


def test_who_waits_or_is_looked_at_counts_and_who_left_does_not(work, look):
    with work() as session:
        event = make_event(session, limit_per_party=2, capacity_on_site=1)
        first = register(session, event.id, of("Alfa AB", "Ada", "Bo"))  # Bo waits
        with pytest.raises(LimitReached):
            register(session, event.id, of("Alfa AB", "Cia"))
        ada, _ = first.participants
        registrations.withdraw_person(session, ada.id, **DO)
        register(session, event.id, of("Alfa AB", "Cia"))
        with pytest.raises(LimitReached):
            register(session, event.id, of("Alfa AB", "Dan"))


def test_who_let_an_offer_run_out_makes_room_and_joins_again_only_if_there_is_any(work):
    with work() as session:
        event = make_event(session, limit_per_party=1, capacity_on_site=1, promotion="offer")
        other = register(session, event.id, of("Beta AB", "Eva", number="556036-0793"))
        first = register(session, event.id, of("Alfa AB", "Ada"))
        registrations.withdraw_all(session, other.id, **DO)
        late = NOW + timedelta(days=1)
        offers.lapse_offers(session, event.id, now=late, post=POST)
        register(session, event.id, of("Alfa AB", "Bo"), now=late)
        with pytest.raises(LimitReached):
            offers.join_again(session, first.id, now=late, actor="", post=POST)


def test_without_a_number_the_name_asks_somebody_to_look(work, look):
    with work() as session:
        event = make_event(session, limit_per_party=2)
        register(session, event.id, of("Alfa AB", "Ada", "Bo", number=""))
        register(session, event.id, of("ALFA", "Cia", number=""))
        register(session, event.id, of("Alfa AB", "Dan", number="", mail="other.example"))
    with look() as session:
        assert reviewed(session) == {"Cia": ["limit"]}
        assert [state for *_, state in seats(session)] == [
            "confirmed",
            "confirmed",
            "pending",
            "confirmed",
        ]


def test_a_number_beside_the_same_name_without_one_asks_too(work, look):
    with work() as session:
        event = make_event(session, limit_per_party=2, registration_review=True)
        register(session, event.id, of("Alfa AB", "Ada", "Bo", number=""))
        register(session, event.id, of("Alfa AB", "Cia"))
    with look() as session:
        assert reviewed(session) == {"Ada": ["review"], "Cia": ["review", "limit"]}


def test_a_colleague_over_the_limit_is_refused_by_number_and_looked_at_by_name(work, look):
    with work() as session:
        event = make_event(session, limit_per_party=2)
        first = register(session, event.id, of("Alfa AB", "Ada"))
        registrations.add_person(session, first.id, person("Bo B"), **DO)
        with pytest.raises(LimitReached):
            registrations.add_person(session, first.id, person("Cia C"), **DO)
        register(session, event.id, of("Beta", "Eva", number=""))
        other = register(session, event.id, of("Beta", "Fia", number=""))
        gus = registrations.add_person(session, other.id, person("Gus G"), **DO)
        assert [seat.state for seat in gus.attendances] == ["pending"]
        assert other.review_reasons[0] == "limit"
        assert [seat.state for seat in other.participants[0].attendances] == ["confirmed"]


def test_staff_go_beyond_it_with_a_reason_on_record(work, look):
    with work() as session:
        assert make_user(session).id == 1
        event = make_event(session, limit_per_party=1)
        register(session, event.id, of("Alfa AB", "Ada"))
        by = {"created_by_id": 1}
        with pytest.raises(LimitReached):
            register(session, event.id, of("Alfa AB", "Bo", **by), actor="user:1")
        command = of("Alfa AB", "Bo", over_limit="roles", **by)
        register(session, event.id, command, actor="user:1")
        fits = of("Beta AB", "Eva", number="556036-0793", over_limit="roles", **by)
        register(session, event.id, fits, actor="user:1")
    with look() as session:
        [row] = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.verb == "registration.over_limit")
        )
        assert row.facts == {"reason": "roles", "limit": 1, "people": 2}


def test_the_limit_costs_one_statement_and_none_where_there_is_no_limit(work, statements):
    with work() as session:
        free = make_event(session).id
        limited = make_event(session, limit_per_party=3).id

    def cost(event_id: int) -> int:
        with statements() as ran, work() as session:
            register(session, event_id, of("Alfa AB", "Ada"))
        return len(ran)

    assert cost(limited) == cost(free) + 1


def test_staff_meet_the_question_why_and_go_on(sign_in, work, look):
    staff = sign_in(language="en")
    with work() as session:
        event = make_event(
            session, session.get_one(Organisation, staff.organisation_id), limit_per_party=1
        )
        register(session, event.id, of("Alfa AB", "Ada"))
        path = f"/manage/events/{event.public_id}/registrations/new"
    form = open_form(staff.client, path, "party_name")
    form["party_name"], form["identifier"] = "Alfa AB", NUMBER
    form["contact-name"], form["contact-email"] = "Bo B", "bo@alfa.example"
    answer = form.send("send")
    assert answer.status_code == 409
    assert "At most 1 person per organisation" in answer.text
    form = PageForm(staff.client, path, answer.text, "party_name")
    assert form.send("send", over_limit="nonsense").status_code == 409
    assert form.send("send", over_limit="roles").status_code == 303
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 2


@pytest.fixture
def race(app, work, monkeypatch):
    """Two registrations of one firm for its last place, both counted before either is written."""
    with work() as session:
        event_id = make_event(session, limit_per_party=1).id
    counted = threading.Barrier(2)
    count = party_limits.count_people

    def count_together(*args):
        found = count(*args)
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            counted.wait(timeout=0.7)
        return found

    monkeypatch.setattr(party_limits, "count_people", count_together)
    refused: list[BaseException] = []

    def one(name: str) -> None:
        try:
            with app.app_context(), unit_of_work() as session:
                register(session, event_id, of("Alfa AB", name))
        except LimitReached as failure:
            refused.append(failure)

    def run() -> int:
        threads = [threading.Thread(target=one, args=[name]) for name in ("Ada", "Bo")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 2 - len(refused)

    return run


def test_the_last_place_of_a_firm_goes_to_one(race):
    assert race() == 1


def test_the_race_for_it_is_real_without_the_lock(race, app, monkeypatch):
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return  # one writer at a time, whatever we do
    monkeypatch.setattr(registrations, "lock_event", lambda s, event_id: s.get_one(Event, event_id))
    assert race() == 2
