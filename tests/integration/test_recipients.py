"""Whom a message reaches: by default nobody, and nobody twice."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from dialognav.domain.audience import Audience
from dialognav.domain.terms import FieldKind, MessagePurpose, Mode, PartyKind, Seat
from dialognav.mail.recipients import counts, reach, recipients
from dialognav.models import (
    Answer,
    Attendance,
    DeadAddress,
    Event,
    FormField,
    MailRefusal,
    Participant,
    Registration,
)
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_occasion,
    make_organisation,
    make_participant,
    make_registration,
)
from tests.fixtures import Work

EVERYBODY = frozenset(
    {"confirmed", "attended", "no_show", "offered", "waiting", "pending", "declined", "withdrawn"}
)


def person(session: Session, event: Event, name: str, **given: object) -> Participant:
    """One who signed up alone, with an address made of the name."""
    given.setdefault("email", f"{name.lower()}@leverantor.example")
    of_registration = {
        key: given.pop(key) for key in ("language", "party_kind", "party_name") if key in given
    }
    registration = make_registration(
        session, event, contact_name=name, contact_email=given["email"], **of_registration
    )
    return make_participant(session, registration, name=name, **given)


def names(session: Session, event: Event, **criteria: object) -> list[str]:
    criteria.setdefault("events", (event.id,))
    purpose = criteria.pop("purpose", MessagePurpose.REGISTRATION)
    now = criteria.pop("now", None)
    audience = Audience(**criteria)
    found = recipients(session, event.organisation_id, audience, purpose=purpose, now=now)
    return [one.name for one in found]


def test_nobody_by_default(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna")
        assert names(session, event) == []
        assert names(session, event, modes=frozenset({Mode.ON_SITE})) == []
        assert names(session, event, states=frozenset({"confirmed"}), events=()) == []
        assert names(session, event, states=frozenset({"confirmed"})) == ["Anna"]


def test_by_state(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        for name, state in [
            ("Bo", Seat.CONFIRMED),
            ("Cia", Seat.ATTENDED),
            ("Dan", Seat.NO_SHOW),
            ("Eva", Seat.WAITING),
            ("Fia", Seat.PENDING),
            ("Gun", Seat.DECLINED),
            ("Ia", Seat.LAPSED),
            ("Jan", Seat.WITHDRAWN),
        ]:
            person(session, event, name, state=state)
        states = (*EVERYBODY, "without")
        by_state = {state: names(session, event, states=frozenset({state})) for state in states}
        counted = counts(session, [event.id])
    assert by_state == {
        "confirmed": ["Bo", "Cia", "Dan"],
        "attended": ["Cia"],
        "no_show": ["Dan"],
        "offered": [],
        "waiting": ["Eva"],
        "pending": ["Fia"],
        "declined": ["Gun"],
        "withdrawn": ["Ia", "Jan"],
        "without": ["Jan"],  # who is registered still, and may have a meeting
    }
    assert counted.states == {state: len(people) for state, people in by_state.items()}


def test_one_address_gets_one_in_its_strongest_standing(work: Work) -> None:
    with work() as session:
        organisation = make_organisation(session)
        event, other = (make_event(session, organisation) for _ in range(2))
        person(session, event, "Anna", email="info@leverantor.example", state=Seat.WAITING)
        person(session, other, "Åke", email="info@leverantor.example")
        registration = make_registration(session, event, contact_email="x@leverantor.example")
        make_participant(session, registration, name="Bo", email="INFO@leverantor.example")
        found = reach(
            session,
            organisation.id,
            Audience((event.id, other.id), frozenset({"confirmed", "waiting"})),
        )
    assert [(one.name, one.state) for one in found.recipients] == [("Åke", "confirmed")]
    assert found.doubles == 2


def test_who_left_is_gone_only_when_no_place_is_left(work: Work) -> None:
    gone = frozenset({"withdrawn", "declined"})
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna", state=Seat.WITHDRAWN)
        changed_mode = person(session, event, "Bo", state=Seat.WITHDRAWN)
        add_seat(session, changed_mode, event, mode=Mode.ONLINE)
        again = person(session, event, "Cia", state=Seat.DECLINED)
        registration = make_registration(session, event)
        make_participant(session, registration, name="Cia", email=again.email)
        assert names(session, event, states=gone) == ["Anna"]
        assert names(session, event, states=gone | {"confirmed"}) == ["Anna", "Bo", "Cia"]
        assert counts(session, [event.id]).states["withdrawn"] == 1
        assert counts(session, [event.id]).states["declined"] == 0


def test_who_left_one_of_several_dates(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        second = make_occasion(session, event)
        anna = person(session, event, "Anna")
        add_seat(session, anna, event, occasion_id=second.id, state=Seat.WITHDRAWN)
        states = frozenset({"withdrawn"})
        assert names(session, event, states=states) == []
        assert names(session, event, states=states, occasions=frozenset({second.id})) == ["Anna"]


def test_waiting_for_the_other_mode_is_not_waiting(work: Work) -> None:
    """Nobody with a seat is told that there was none."""
    with work() as session:
        event = make_event(session)
        anna = person(session, event, "Anna")
        add_seat(session, anna, event, mode=Mode.ONLINE, state=Seat.WAITING, queue_number=7)
        assert names(session, event, states=frozenset({"waiting"})) == []


def test_a_seat_kept_during_a_second_review_is_confirmed(work: Work) -> None:
    """But not to an address that nobody has approved."""
    with work() as session:
        event = make_event(session)
        for name, approved in (("Anna", "anna"), ("Bo", "bosse")):
            one = person(session, event, name, state=Seat.PENDING)
            one.attendances[0].keeps_seat = True
            email = f"{approved}@leverantor.example"
            one.registration.approved = {"people": [{"id": one.id, "email": email}]}
        session.flush()
        assert names(session, event, states=frozenset({"confirmed"})) == ["Anna"]
        assert names(session, event, states=frozenset({"pending"})) == ["Anna", "Bo"]


def test_criteria_hold_together(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        second = make_occasion(session, event)
        person(session, event, "Anna", mode=Mode.ONLINE)
        person(session, event, "Bo", party_kind=PartyKind.REGION)
        cia = person(session, event, "Cia", party_kind=PartyKind.REGION, mode=Mode.ONLINE)
        add_seat(session, cia, event, occasion_id=second.id)
        confirmed = frozenset({"confirmed"})
        online = frozenset({Mode.ONLINE})
        assert names(session, event, states=confirmed, modes=online) == ["Anna", "Cia"]
        regions = frozenset({PartyKind.REGION})
        assert names(session, event, states=confirmed, modes=online, party_kinds=regions) == ["Cia"]
        late = frozenset({second.id})
        assert names(session, event, states=confirmed, occasions=late) == ["Cia"]
        assert names(session, event, states=confirmed, occasions=late, modes=online) == []
        counted = counts(session, [event.id])
        assert counted.modes == {"on_site": 2, "online": 2}
        assert counted.occasions == {event.occasions[0].id: 3, second.id: 1}
        assert counted.party_kinds["region"] == 2


def test_by_answer_of_the_person_or_the_registration(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        anna, bo, cia = (person(session, event, name) for name in ("Anna", "Bo", "Cia"))
        lots = add_field(session, event, FieldKind.CHOICES)
        meal = add_field(session, event, FieldKind.YES_NO)
        answer(session, lots, anna.registration, ["a1", "a2"])
        answer(session, lots, bo.registration, ["a2"])
        answer(session, meal, bo.registration, value=True, participant_id=bo.id)
        answer(session, meal, cia.registration, value=False, participant_id=cia.id)
        states = frozenset({"confirmed"})

        def who(*answers: tuple[int, tuple[str, ...]]) -> list[str]:
            return names(session, event, states=states, answers=answers)

        assert who((lots.id, ("a1",))) == ["Anna"]
        assert who((lots.id, ("a1", "a2"))) == ["Anna", "Bo"]
        assert who((lots.id, ("a2",)), (meal.id, ("yes",))) == ["Bo"]
        assert who((meal.id, ("no",))) == ["Cia"]
        assert who((meal.id, ())) == []
        assert counts(session, [event.id]).answers == {
            (lots.id, "a1"): 1,
            (lots.id, "a2"): 2,
            (meal.id, "yes"): 1,
            (meal.id, "no"): 1,
        }


def test_chosen_people_stay_within_the_events(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        stranger = person(session, make_event(session), "Xerxes")
        person(session, event, "Cia")
        anna = person(session, event, "Anna")
        left = person(session, event, "Bo", state=Seat.WITHDRAWN)
        chosen = frozenset({anna.id, left.id, stranger.id})
        assert names(session, event, people=chosen) == ["Anna", "Bo"]
        assert names(session, event, people=chosen, states=frozenset({"waiting"})) == ["Anna", "Bo"]
        many = chosen | frozenset(range(10_000, 16_000))
        assert names(session, event, people=many) == ["Anna", "Bo"]


def test_no_other_organisations_people(work: Work) -> None:
    with work() as session:
        event, foreign = make_event(session), make_event(session)
        person(session, foreign, "Anna")
        both = (event.id, foreign.id)
        assert names(session, event, events=both, states=frozenset({"confirmed"})) == []


def test_dead_addresses_and_refusals(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        for name in ("Anna", "Bo", "Cia"):
            person(session, event, name)
        session.add(DeadAddress(address="bo@leverantor.example", since=NOW))
        session.add(
            MailRefusal(
                organisation_id=event.organisation_id, address="cia@leverantor.example", at=NOW
            )
        )
        session.flush()
        all_of = {"states": frozenset({"confirmed"})}
        assert names(session, event, **all_of) == ["Anna", "Cia"]
        assert names(session, event, **all_of, includes_dead=True) == ["Anna", "Bo", "Cia"]
        assert names(session, event, **all_of, purpose=MessagePurpose.NEWS) == ["Anna"]
        found = reach(
            session,
            event.organisation_id,
            Audience((event.id,), frozenset({"confirmed"})),
            purpose=MessagePurpose.NEWS,
        )
    assert [one.name for one in found.dead] == ["Bo"]
    assert [one.name for one in found.refused] == ["Cia"]


def test_the_erased_are_nobody(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        anna = person(session, event, "Anna")
        anna.erased_at = NOW
        session.flush()
        assert names(session, event, states=EVERYBODY) == []
        assert names(session, event, people=frozenset({anna.id})) == []


def test_of_several_dates_the_next_counts(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        first, second = event.occasions[0], make_occasion(session, event)
        anna = person(session, event, "Anna")
        add_seat(session, anna, event, occasion_id=second.id)
        audience = Audience((event.id,), frozenset({"confirmed"}))

        def which(days: int) -> int | None:
            now = first.starts_at + timedelta(days=days)
            return recipients(session, event.organisation_id, audience, now=now)[0].occasion_id

        assert [which(-1), which(1), which(9)] == [first.id, second.id, first.id]


def test_the_contact_gets_the_link_to_the_whole(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        anna = person(session, event, "Anna", party_kind=PartyKind.SOLE_TRADER)
        bo = make_participant(session, anna.registration, name="Bo")
        audience = Audience((event.id,), frozenset({"confirmed"}))
        first, second = recipients(session, event.organisation_id, audience)
        assert (first.is_contact, first.public_id) == (True, anna.registration.public_id)
        assert (second.is_contact, second.public_id) == (False, bo.public_id)
        assert (first.party, second.party) == (anna.registration.party_name, "")


@pytest.mark.parametrize("number", [40])
def test_statements_do_not_grow_with_people(
    number: int, work: Work, look: Work, statements
) -> None:
    with work() as session:
        event = make_event(session)
        for n in range(number):
            person(session, event, f"Anna{n}")
        ids = event.organisation_id, event.id
    with look() as session, statements() as ran:
        found = recipients(session, ids[0], Audience((ids[1],), frozenset({"confirmed"})))
        session.rollback()
    assert len(found) == number
    assert len(ran) == 1


def add_seat(session: Session, one: Participant, event: Event, **given: object) -> None:
    standard = {
        "participant": one,
        "occasion_id": event.occasions[0].id,
        "mode": Mode.ON_SITE,
        "state": Seat.CONFIRMED,
        "created_at": NOW,
        "state_at": NOW,
    }
    session.add(Attendance(**standard | given))
    session.flush()


def add_field(session: Session, event: Event, kind: str) -> FormField:
    options = [{"key": key, "text": {"sv": key}} for key in ("a1", "a2")]
    field = FormField(
        organisation_id=event.organisation_id,
        event_id=event.id,
        kind=kind,
        label={"sv": "Delar"},
        options=options,
    )
    session.add(field)
    session.flush()
    return field


def answer(
    session: Session, field: FormField, registration: Registration, value: object, **given: object
) -> None:
    session.add(
        Answer(
            field_id=field.id,
            registration_id=registration.id,
            value=value,
            changed_at=NOW,
            **given,
        )
    )
    session.flush()
