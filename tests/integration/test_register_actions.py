"""Seats, the queue and the verbs of a registration, straight on the actions."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import registrations
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.domain.errors import (
    AlreadyRegistered,
    EventFull,
    LimitReached,
    NotAllowedNow,
    RegistrationClosed,
    TooLate,
)
from dialognav.domain.parties import make_party
from dialognav.domain.terms import Attending, EventState, Format, Mode
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    AuditEntry,
    CalendarObject,
    Diet,
    Event,
    Letter,
    Occasion,
    Participant,
    Registration,
)
from tests.conftest import NOW
from tests.factories import STARTS, make_event

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
DO = {"now": NOW, "actor": "", "post": POST}


def person(name: str, mode: str = Mode.ON_SITE, **more) -> NewPerson:
    return NewPerson(name, f"{name.split()[0].lower()}@firm.example", Wish(mode), **more)


def command(*people: NewPerson, contact: Contact | None = None, **more) -> Register:
    contact = contact or Contact(people[0].name, people[0].email)
    party = make_party(f"{contact.name} AB", "company", None, email=contact.email, secret="s" * 32)
    return Register(party, contact, people, "sv", **more)


def sign_up(session, event, *people, **more) -> Registration:
    return registrations.register(session, event.id, command(*people, **more), **DO)


def seats(session, *columns) -> list:
    columns = columns or (Participant.name, Attendance.mode, Attendance.state)
    rows = session.execute(
        sa.select(*columns)
        .select_from(Participant)
        .join(Attendance, Attendance.participant_id == Participant.id)
        .order_by(Attendance.id)
    )
    return [tuple(row) for row in rows]


def test_three_people_for_two_places_are_placed_in_the_order_given(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=2)
        sign_up(session, event, person("Ada A"), person("Bo B"), person("Cia C"))
    with look() as session:
        assert seats(session) == [
            ("Ada A", "on_site", "confirmed"),
            ("Bo B", "on_site", "confirmed"),
            ("Cia C", "on_site", "waiting"),
        ]
        kinds = sorted(session.scalars(sa.select(Letter.kind)))
        assert kinds == ["place_confirmed", "place_confirmed", "place_waiting"]


def test_a_newcomer_does_not_pass_those_who_wait(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=1)
        sign_up(session, event, person("Ada A"))
        sign_up(session, event, person("Bo B"))
        event.occasions[0].capacity_on_site = 2  # raised, but the queue was not asked yet
        sign_up(session, event, person("Cia C"))
        assert [state for *_, state in seats(session)] == ["confirmed", "waiting", "waiting"]
        registrations.fill_free_places(session, event, now=NOW, post=POST)
    with look() as session:
        assert [state for *_, state in seats(session)] == ["confirmed", "confirmed", "waiting"]


def test_a_freed_place_goes_to_the_first_in_the_queue_at_once(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=1)
        first = sign_up(session, event, person("Ada A"))
        sign_up(session, event, person("Bo B"))
        sign_up(session, event, person("Cia C"))
        registrations.withdraw_all(session, first.id, **DO)
    with look() as session:
        assert seats(session, Participant.name, Attendance.state, Attendance.queue_number) == [
            ("Ada A", "withdrawn", None),
            ("Bo B", "confirmed", 1),
            ("Cia C", "waiting", 2),
        ]
        told = session.scalars(sa.select(Letter.kind).where(Letter.recipient == "bo@firm.example"))
        assert "promoted" in told.all()
        assert session.get_one(Registration, 1).withdrawn_at == NOW


def test_without_a_waiting_list_all_or_nobody(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=1, waiting_list=False)
        with pytest.raises(EventFull):
            sign_up(session, event, person("Ada A"), person("Bo B"))
        session.rollback()
    with look() as session:
        assert seats(session) == []


@pytest.mark.parametrize(
    "given",
    [
        {"registration_opens_at": NOW + timedelta(seconds=1)},
        {"registration_closes_at": NOW},
        {"starts_at": NOW - timedelta(minutes=1), "registration_closes_at": None},
        {"state": EventState.CANCELLED},
        {"state": EventState.POSTPONED},
        {"state": EventState.DRAFT},
    ],
)
def test_outside_its_window_an_event_takes_nobody(work, given):
    with work() as session:
        event = make_event(session, **given)
        with pytest.raises(RegistrationClosed):
            sign_up(session, event, person("Ada A"))
        session.rollback()


def test_staff_may_add_someone_after_the_deadline(work, look):
    from tests.factories import make_user

    with work() as session:
        event = make_event(session, registration_closes_at=NOW)
        user = make_user(session, event.organisation)
        sign_up(session, event, person("Ada A"), created_by_id=user.id)
    with look() as session:
        assert seats(session) == [("Ada A", "on_site", "confirmed")]
        assert session.scalars(sa.select(AuditEntry.verb)).all() == ["registration.create"]


def test_one_live_registration_per_address_and_event(work, look):
    with work() as session:
        event = make_event(session)
        event_id = event.id
        first = sign_up(session, event, person("Ada A")).id
    with pytest.raises(AlreadyRegistered), work() as session:
        registrations.register(session, event_id, command(person("Ada A")), **DO)
    with work() as session:
        registrations.withdraw_all(session, first, **DO)
        registrations.register(session, event_id, command(person("Ada A")), **DO)
    with look() as session:
        assert [state for *_, state in seats(session)] == ["withdrawn", "confirmed"]


def test_more_people_than_the_event_allows_are_refused(work):
    with work() as session:
        event = make_event(session, limit_per_party=2)
        with pytest.raises(LimitReached):
            sign_up(session, event, person("Ada A"), person("Bo B"), person("Cia C"))


def test_a_contact_who_does_not_come_gets_the_receipt(work, look):
    with work() as session:
        event = make_event(session)
        sign_up(session, event, person("Ada A"), contact=Contact("Ed Kon", "ed@firm.example"))
    with look() as session:
        sent = session.execute(sa.select(Letter.recipient, Letter.kind)).all()
        assert sorted(map(tuple, sent)) == [
            ("ada@firm.example", "place_confirmed"),
            ("ed@firm.example", "receipt"),
        ]


@pytest.mark.parametrize(("capacity", "state"), [(5, "confirmed"), (1, "waiting")])
def test_a_swapped_in_colleague_takes_over_seat_and_number(work, look, capacity, state):
    with work() as session:
        event = make_event(session, capacity_on_site=capacity, serves_food=True)
        sign_up(session, event, person("Ada A"))
        made = sign_up(session, event, person("Bo B", diet="nuts"))
        sign_up(session, event, person("Cia C"))
        bo = made.participants[0]
        bo_id, number = bo.id, bo.attendances[0].queue_number
        registrations.swap_person(session, bo.id, person("Emil E", Mode.ONLINE), **DO)
    with look() as session:
        rows = seats(session, Participant.name, Attendance.state, Attendance.queue_number)
        assert rows[1] == ("Bo B", "withdrawn", None)
        assert rows[-1] == ("Emil E", state, number)
        emil = session.scalars(sa.select(Participant).filter_by(name="Emil E")).one()
        assert emil.attendances[0].mode == "on_site"  # the seat, not another wish
        assert session.get_one(Participant, bo_id).replaced_by_id == emil.id
        assert session.scalars(sa.select(Diet)).all() == []
        uids = session.scalars(sa.select(CalendarObject.uid)).all()
        assert len(uids) == len(set(uids))


def test_withdrawing_the_last_person_ends_the_registration(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"), person("Bo B"))
        ada, bo = made.participants
        registrations.withdraw_person(session, bo.id, **DO)
        assert made.withdrawn_at is None
        registrations.withdraw_person(session, ada.id, **DO)
        assert made.withdrawn_at == NOW
        with pytest.raises(NotAllowedNow):
            registrations.withdraw_person(session, ada.id, **DO)


def test_withdrawal_works_until_the_start_and_not_after(work):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"), person("Bo B"))
        ada, bo = made.participants
        late = {**DO, "now": STARTS - timedelta(seconds=1)}
        registrations.withdraw_person(session, bo.id, **late)
        begun = {**DO, "now": STARTS}
        for verb in (registrations.withdraw_all, registrations.withdraw_person):
            with pytest.raises(TooLate):
                verb(session, ada.id if verb is registrations.withdraw_person else made.id, **begun)


def hybrid(session, **given) -> Event:
    return make_event(session, format=Format.HYBRID, online_url="https://meet.example/1", **given)


def test_changing_mode_keeps_the_old_seat_until_the_new_one_is_confirmed(work, look):
    with work() as session:
        event = hybrid(session, capacity_on_site=1, capacity_online=5)
        sitting = sign_up(session, event, person("Ada A"))
        moving = sign_up(session, event, person("Bo B", Mode.ONLINE))
        bo_id = moving.participants[0].id
        registrations.change_mode(session, bo_id, Wish(Mode.ON_SITE), **DO)
        assert sorted(seats(session)[1:]) == [
            ("Bo B", "on_site", "waiting"),
            ("Bo B", "online", "confirmed"),
        ]
        told = session.scalars(sa.select(Letter).where(Letter.kind == "place_waiting")).one()
        assert told.facts["keeps_seat"], "who still has a place is not told to have none"
        registrations.withdraw_all(session, sitting.id, **DO)
    with look() as session:
        assert sorted(seats(session)[1:]) == [
            ("Bo B", "on_site", "confirmed"),
            ("Bo B", "online", "withdrawn"),
        ]
        live = session.scalars(
            sa.select(CalendarObject).where(CalendarObject.participant_id == bo_id)
        ).all()
        assert len(live) == 1, "one entry in the calendar, whichever way one attends"


def test_whoever_finds_a_place_in_the_other_way_lets_the_first_one_go(work, look):
    with work() as session:
        event = hybrid(session, capacity_on_site=1, capacity_online=5)
        bo = sign_up(session, event, person("Bo B")).participants[0].id
        registrations.change_mode(session, bo, Wish(Mode.ONLINE), **DO)
    with look() as session:
        assert sorted(seats(session)) == [
            ("Bo B", "on_site", "withdrawn"),
            ("Bo B", "online", "confirmed"),
        ]


def test_two_who_want_each_others_way_both_get_it(work, look):
    """One leaves online for on site; that frees the online place another one waits for."""
    with work() as session:
        event = hybrid(session, capacity_on_site=1, capacity_online=1)
        ada = sign_up(session, event, person("Ada A")).participants[0].id
        bo = sign_up(session, event, person("Bo B", Mode.ONLINE)).participants[0].id
        cia = sign_up(session, event, person("Cia C", Mode.ONLINE)).participants[0].id
        registrations.change_mode(session, bo, Wish(Mode.ON_SITE), **DO)
        registrations.withdraw_person(session, ada, **DO)
    with look() as session:
        state = {
            (row.participant_id, row.mode): row.state
            for row in session.scalars(sa.select(Attendance))
        }
        assert state == {
            (ada, "on_site"): "withdrawn",
            (bo, "online"): "withdrawn",
            (bo, "on_site"): "confirmed",
            (cia, "online"): "confirmed",
        }


def test_going_back_to_the_old_way_leaves_the_queue(work, look):
    with work() as session:
        event = hybrid(session, capacity_on_site=1)
        sign_up(session, event, person("Ada A"))
        bo = sign_up(session, event, person("Bo B", Mode.ONLINE)).participants[0]
        registrations.change_mode(session, bo.id, Wish(Mode.ON_SITE), **DO)
        registrations.change_mode(session, bo.id, Wish(Mode.ONLINE), **DO)
        assert sorted(seats(session)[1:]) == [
            ("Bo B", "on_site", "withdrawn"),
            ("Bo B", "online", "confirmed"),
        ]


def test_a_mode_the_event_does_not_have_is_refused(work):
    with work() as session:
        event = make_event(session)
        with pytest.raises(NotAllowedNow):
            sign_up(session, event, person("Ada A", Mode.ONLINE))


def test_one_may_come_to_one_of_several_days(work, look):
    with work() as session:
        event = make_event(session, attending=Attending.CHOOSE)
        second = Occasion(
            event=event,
            position=1,
            starts_at=STARTS + timedelta(days=1),
            ends_at=STARTS + timedelta(days=1, hours=3),
        )
        session.add(second)
        session.flush()
        first_id, second_id = [occasion.id for occasion in event.occasions]
        wish = Wish(Mode.ON_SITE, [second_id])
        made = sign_up(session, event, NewPerson("Ada A", "ada@firm.example", wish))
        ada = made.participants[0]
        assert seats(session, Attendance.occasion_id, Attendance.state) == [
            (second_id, "confirmed")
        ]
        registrations.change_mode(session, ada.id, Wish(Mode.ON_SITE, [first_id]), **DO)
        assert seats(session, Attendance.occasion_id, Attendance.state) == [
            (second_id, "withdrawn"),
            (first_id, "confirmed"),
        ]


def test_details_change_without_a_mail_and_food_only_where_it_is_served(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"))
        before = session.scalar(sa.select(sa.func.count(Letter.id)))
        registrations.change_details(
            session,
            made.participants[0].id,
            registrations.Details("Ada Alm", "CTO", "hearing loop", "vegan"),
            now=NOW,
            actor="",
            post=POST,
        )
        assert made.contact_name == "Ada Alm"
        assert session.scalar(sa.select(sa.func.count(Letter.id))) == before
        assert session.scalars(sa.select(Diet)).all() == []


def test_handing_over_renews_the_link_and_mails_both(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"))
        former = registrations.hand_over(
            session, made.id, Contact("Ny Kontakt", "ny@firm.example"), **DO
        )
        assert former is made.participants[0]
        assert made.generation == 1
        to = dict(session.execute(sa.select(Letter.recipient, Letter.facts)).all())
        assert set(to) == {"ada@firm.example", "ny@firm.example"}
        assert to["ny@firm.example"]["links"][0]["link"]["generation"] == 1
        kind = session.scalar(sa.select(Letter.kind).where(Letter.recipient == "ny@firm.example"))
        assert kind == "handed_over"


def test_a_corrected_address_kills_the_old_link_and_sends_again(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"))
        registrations.correct_address(session, made.id, "ada.alm@firm.example", **DO)
        ada = made.participants[0]
        assert (made.generation, ada.generation) == (1, 1)
        pending = session.scalars(sa.select(Letter.recipient).filter_by(status="pending")).all()
        assert pending == ["ada.alm@firm.example"], "the unsent one to the wrong address is dropped"


def test_queue_numbers_are_never_given_twice(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=0)
        for name in ("Ada A", "Bo B"):
            made = sign_up(session, event, person(name))
        registrations.withdraw_all(session, made.id, **DO)
        sign_up(session, event, person("Cia C"))
        assert seats(session, Participant.name, Attendance.state, Attendance.queue_number) == [
            ("Ada A", "waiting", 1),
            ("Bo B", "withdrawn", 2),
            ("Cia C", "waiting", 3),
        ]


def test_nobody_moves_up_while_the_event_is_postponed(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=1)
        first = sign_up(session, event, person("Ada A"))
        sign_up(session, event, person("Bo B"))
        event.state = EventState.POSTPONED
        session.flush()
        registrations.withdraw_all(session, first.id, **DO)
        assert [state for *_, state in seats(session)] == ["withdrawn", "waiting"]


def test_what_is_recorded_names_no_person(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A", diet="nuts"))
        registrations.swap_person(session, made.participants[0].id, person("Emil E"), **DO)
    with look() as session:
        said = " ".join(
            f"{row.actor} {row.verb} {row.subject} {row.facts}"
            for row in session.scalars(sa.select(AuditEntry))
        )
        assert "participant.swap" in said
        for word in ("Ada", "Emil", "firm.example", "nuts"):
            assert word not in said


def test_an_address_that_takes_part_elsewhere_is_told_so_in_its_own_letter(work, look):
    with work() as session:
        event = make_event(session)
        sign_up(session, event, person("Karin Falk"), person("Jonas Berg"))
        second = Contact("Rut Malm", "rut@other.example")
        sign_up(session, event, person("Jonas Berg"), person("Leila Nouri"), contact=second)
    with look() as session:
        letters = session.execute(
            sa.select(Letter.recipient, Letter.facts)
            .where(Letter.kind == "place_confirmed")
            .order_by(Letter.id)
        )
        assert [(recipient, facts["elsewhere"]) for recipient, facts in letters] == [
            ("karin@firm.example", False),
            ("jonas@firm.example", False),
            ("jonas@firm.example", True),
            ("leila@firm.example", False),
        ]
