"""Messages to contacts who have registered others and do not take part themselves."""

from dataclasses import replace

import sqlalchemy as sa

from dialognav.actions import message_log, message_progress
from dialognav.actions.message_approval import approve
from dialognav.actions.message_sending import start, write_letters
from dialognav.domain.audience import Audience, audience_from_json, audience_to_json
from dialognav.domain.terms import LetterStatus, MessagePurpose, MessageState, Mode, Review, Seat
from dialognav.jobs.housekeeping import erase_sent_letters
from dialognav.mail.forgetting import drop_unsent, erase_letters, to_people
from dialognav.mail.message_letters import message_letters, values_of
from dialognav.mail.message_wording import message_words
from dialognav.mail.recipients import counts, reach, recipients
from dialognav.models import (
    Attendance,
    DeadAddress,
    Event,
    Letter,
    MailRefusal,
    Message,
    Organisation,
    Participant,
    Registration,
)
from dialognav.models.labels import NOBODY
from dialognav.queries.own_letters import letters_of
from dialognav.queries.registrations import Own
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_occasion,
    make_organisation,
    make_participant,
    make_registration,
    make_user,
)
from tests.fixtures import Work
from tests.integration.test_message_editor import WORDS, edit_page, text_of, the_message
from tests.integration.test_message_editor import place as place
from tests.integration.test_message_editor import staff as staff
from tests.integration.test_message_editor import write as write
from tests.integration.test_message_sending import BY, DO, POST, leave, make_message
from tests.letter_samples import STATIONERY

CONFIRMED = frozenset({"confirmed"})


def led(session, event: Event, contact: str, *people: str, state: str = Seat.CONFIRMED, **given):
    """A registration of these people by somebody who is none of them."""
    given = {"contact_name": contact, "contact_email": mail(contact)} | given
    row = make_registration(session, event, **given)
    for name in people:
        make_participant(session, row, state, name=name, email=mail(name))
    return row


def mail(name: str) -> str:
    return f"{name.lower()}@leverantor.example"


def who(session, event: Event, states=CONFIRMED, **criteria) -> list[str]:
    audience = Audience((event.id,), frozenset(states), includes_contacts=True, **criteria)
    return [one.name for one in recipients(session, event.organisation_id, audience)]


def with_contacts(event: Event) -> dict[str, object]:
    return audience_to_json(Audience((event.id,), CONFIRMED, includes_contacts=True))


def test_only_those_of_whom_somebody_is_meant(work: Work) -> None:
    with work() as session:
        event, other = make_event(session), make_event(session)
        led(session, event, "Kim", "Anna", "Bo")
        led(session, event, "Cia", "Cia", "Dan")  # takes part
        led(session, event, "Eva", "Fia", state=Seat.WAITING)
        led(session, other, "Gun", "Ia")
        assert who(session, event) == ["Anna", "Bo", "Cia", "Dan", "Kim"]
        assert who(session, event, {"waiting"}) == ["Eva", "Fia"]
        assert who(session, event, ()) == []
        plain = Audience((event.id,), CONFIRMED)
        found = recipients(session, event.organisation_id, plain)
        assert [one.name for one in found] == ["Anna", "Bo", "Cia", "Dan"]
        assert counts(session, [event.id]).contacts == 2
        assert counts(session, []).contacts == 0
        foreign = Audience((event.id, other.id), CONFIRMED, includes_contacts=True)
        found = recipients(session, other.organisation_id, foreign)
        assert [one.name for one in found] == ["Gun", "Ia"]


def test_the_criteria_hold_for_those_whom_they_have_registered(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        late = make_occasion(session, event)
        led(session, event, "Kim", "Anna")
        row = led(session, event, "Eva")
        fia = make_participant(session, row, mode=Mode.ONLINE, name="Fia", email=mail("Fia"))
        seat = session.scalars(sa.select(Attendance).where(Attendance.participant == fia)).one()
        seat.occasion_id = late.id
        session.flush()
        assert who(session, event, modes=frozenset({Mode.ONLINE})) == ["Eva", "Fia"]
        assert who(session, event, occasions=frozenset({late.id})) == ["Eva", "Fia"]
        audience = Audience((event.id,), CONFIRMED, includes_contacts=True)
        found = recipients(session, event.organisation_id, audience)
        dates = {one.name: one.occasion_id for one in found}
        assert dates["Eva"] == dates["Fia"] == late.id
        assert dates["Kim"] == dates["Anna"]
        make_participant(session, row, name="Gun", email=mail("Gun"))  # on the first date
        audience = Audience((event.id,), CONFIRMED, occasions=frozenset({late.id}))
        chosen = replace(audience, includes_contacts=True)
        found = recipients(session, event.organisation_id, chosen)
        assert {one.name: one.occasion_id for one in found} == {"Eva": late.id, "Fia": late.id}


def test_one_letter_for_an_address_as_one_who_takes_part(work: Work) -> None:
    with work() as session:
        organisation = make_organisation(session)
        event, other = (make_event(session, organisation) for _ in range(2))
        led(session, event, "Kim", "Anna")
        led(session, other, "Kim", "Bo")
        led(session, event, "Anna", "Cia")
        audience = Audience((event.id, other.id), CONFIRMED, includes_contacts=True)
        found = reach(session, organisation.id, audience)
        standing = [(one.name, one.state, one.participant_id is None) for one in found.recipients]
    assert standing == [
        ("Anna", "confirmed", False),
        ("Bo", "confirmed", False),
        ("Cia", "confirmed", False),
        ("Kim", "contact", True),
    ]
    assert found.doubles == 0


def test_the_dead_the_refused_and_the_erased(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        for contact, person in (("Kim", "Anna"), ("Eva", "Bo"), ("Gun", "Cia")):
            led(session, event, contact, person)
        session.add(DeadAddress(address=mail("Kim"), since=NOW))
        refused = {"organisation_id": event.organisation_id, "address": mail("Eva"), "at": NOW}
        session.add(MailRefusal(**refused))
        gun = session.scalars(
            sa.select(Registration).where(Registration.contact_name == "Gun")
        ).one()
        gun.erased_at = NOW
        session.flush()
        audience = Audience((event.id,), CONFIRMED, includes_contacts=True)
        found = reach(session, event.organisation_id, audience, purpose=MessagePurpose.NEWS)
        assert [one.name for one in found.recipients] == ["Anna", "Bo", "Cia"]
        assert [one.name for one in found.dead] == ["Kim"]
        assert [one.name for one in found.refused] == ["Eva"]
        assert who(session, event, includes_dead=True) == ["Anna", "Bo", "Cia", "Eva", "Kim"]


def test_because_of_those_who_left_only_where_nothing_stands(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        gone = {"withdrawn_at": NOW}
        led(session, event, "Kim", "Anna", state=Seat.WITHDRAWN, **gone)
        led(session, event, "Eva", "Bo", state=Seat.WITHDRAWN, **gone)
        led(session, event, "Eva", "Cia")  # came back, with somebody else
        led(session, event, "Gun", "Dan", state=Seat.DECLINED, review=Review.DECLINED)
        half = led(session, event, "Ia", "Fia")
        make_participant(session, half, Seat.WITHDRAWN, name="Jan", email=mail("Jan"))
        left = {"withdrawn", "declined"}
        assert who(session, event, left) == ["Anna", "Bo", "Dan", "Gun", "Jan", "Kim"]
        everybody = who(session, event, left | {"confirmed"})
        assert {"Eva", "Ia"} < set(everybody)
        assert len(everybody) == len(set(everybody))


def test_chosen_by_name(work: Work) -> None:
    with work() as session:
        event, other = make_event(session), make_event(session)
        kim, eva = led(session, event, "Kim", "Anna"), led(session, other, "Eva", "Bo")
        attends = led(session, event, "Cia", "Cia")
        people = frozenset({-kim.id, -eva.id, -attends.id, kim.participants[0].id})
        assert who(session, event, (), people=people) == ["Anna", "Kim"]
        assert who(session, event, (), people=frozenset({-kim.id})) == ["Kim"]
        foreign = Audience((event.id, other.id), people=people)
        found = recipients(session, event.organisation_id, foreign)
        assert [one.name for one in found] == ["Anna", "Kim"]
        many = frozenset({-kim.id, *range(-9_000_000, -8_994_000)})
        assert who(session, event, (), people=many) == ["Kim"]


def test_the_letter_leads_to_the_registration_and_has_no_meeting_link(work: Work) -> None:
    with work() as session:
        url = "https://mote.example/1"
        event = make_event(session, format="online", online_url=url)
        kim = led(session, event, "Kim", "Anna", party_kind="sole_trader")
        message = make_message(session, event, body={"sv": "Hej {namn}! {länk}"})
        audience = Audience((event.id,), CONFIRMED, includes_contacts=True)
        found = recipients(session, event.organisation_id, audience)
        (letter,) = [
            one
            for one in message_letters(session, message, found, post=POST)
            if one.recipient == mail("Kim")
        ]
        assert (letter.participant_id, letter.recipient_name) == (None, "Kim")
        assert letter.facts["link"]["purpose"] == REGISTRATION
        assert letter.facts["link"]["public_id"] == kim.public_id
        values = values_of(letter.facts, "sv", "Kim", STATIONERY)
        assert (values["link"], values["organisation"]) == ("", kim.party_name)
        said = {"subject": "Hej", "body": "Hej", "language": "sv"}
        words = message_words({**letter.facts, "words": said}, "sv", "Kim", STATIONERY)
    assert words["whole"]
    assert words["own_url"] == values["my_page"]


def test_statements_do_not_grow(work: Work, look: Work, statements) -> None:
    with work() as session:
        event = make_event(session)
        for n in range(30):
            led(session, event, f"Kim{n}", f"Anna{n}")
        ids = event.organisation_id, event.id
    with look() as session, statements() as ran:
        audience = Audience((ids[1],), CONFIRMED, includes_contacts=True)
        assert len(recipients(session, ids[0], audience)) == 60
        session.rollback()
    assert len(ran) == 2


# --- sending -----------------------------------------------------------------------------------


def prepare(session) -> tuple[Event, Registration, Message]:
    event = make_event(session)
    kim = led(session, event, "Kim", "Anna")
    return event, kim, make_message(session, event, audience=with_contacts(event))


def letters(session, message_id: int) -> dict[str, str]:
    rows = session.execute(
        sa.select(Letter.recipient, Letter.status).where(Letter.message_id == message_id)
    )
    return dict(rows.all())


def test_approval_and_what_differs_since(work: Work, look: Work, staff) -> None:
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        organisation.message_approval = True
        event = make_event(session, organisation)
        kim = led(session, event, "Kim", "Anna")
        state = {"state": MessageState.SUBMITTED, "audience": with_contacts(event)}
        message = make_message(session, event, author_id=make_user(session).id, **state)
        approve(session, message.id, seen=0, user_id=staff.user_id, **BY)
        assert message.approved_recipients == [-kim.id, kim.participants[0].id]
        led(session, event, "Eva", "Bo", party_name="Nya AB")
        make_participant(session, kim, name="Kim", email=mail("Kim"))
        public_id = message.public_id
    page = text_of(staff.client.get(f"/manage/messages/{public_id}"))
    assert "2 people more:" in page  # the contact who takes part by now is the same reader
    assert "<li>Eva, Nya AB, contact, does not take part</li>" in page
    assert "person less" not in page


def test_mail_the_others_remembers_contacts(work: Work) -> None:
    with work() as session:
        event, kim, message = prepare(session)
        leave(session, message.id)
        assert letters(session, message.id) == {mail("Kim"): "sent", mail("Anna"): "sent"}
        eva = led(session, event, "Eva", "Bo")
        author_id = make_user(session).id
        public_id = message_log.mail_others(session, message.id, author_id=author_id, **BY)
        draft = session.scalars(sa.select(Message).where(Message.public_id == public_id)).one()
        assert audience_from_json(draft.audience).people == {-eva.id, eva.participants[0].id}
        leave(session, draft.id)
        assert letters(session, draft.id) == {mail("Eva"): "sent", mail("Bo"): "sent"}
        assert kim.withdrawn_at is None


def test_what_waits_is_dropped_once_the_contact_is_none(work: Work) -> None:
    with work() as session:
        event, kim, message = prepare(session)
        for contact, person in (("Eva", "Bo"), ("Gun", "Cia"), ("Ia", "Dan")):
            led(session, event, contact, person)
        start(session, message.id, **DO)
        write_letters(session, message.id, now=NOW, post=POST)
        session.flush()
        assert not message_progress.drop_withdrawn(session, message, now=NOW)
        rows = {row.contact_name: row for row in session.scalars(sa.select(Registration))}
        kim.withdrawn_at = NOW
        rows["Eva"].contact_email = mail("Ny")  # handed over
        rows["Gun"].withdrawn_at = NOW  # but registers again
        led(session, event, "Gun")
        session.flush()
        assert message_progress.needs_a_look(session, message.id)
        assert message_progress.drop_withdrawn(session, message, now=NOW) == 2
        found = letters(session, message.id)
    waiting = {address for address, status in found.items() if status == LetterStatus.PENDING}
    assert waiting == {mail(name) for name in ("Anna", "Bo", "Cia", "Dan", "Gun", "Ia")}


# --- afterwards --------------------------------------------------------------------------------


def test_the_contact_reads_it_again_on_the_own_page(app, client, work: Work) -> None:
    with work() as session:
        event, kim, message = prepare(session)
        message.body = {"sv": "Hej {namn}!"}
        leave(session, message.id)
        only = {"subject": {"sv": "Enbart till er kontakt"}, "body": {"sv": "Läs bilagan."}}
        alone = make_message(session, event, **only)
        people = frozenset({-kim.id})
        alone.audience = audience_to_json(Audience((event.id,), people=people))
        leave(session, alone.id)
        other = led(session, event, "Eva", "Bo")
        key = app.config["SETTINGS"].secret_key
        pages = {
            whose: client_path(key, purpose, row)
            for whose, purpose, row in (
                ("contact", REGISTRATION, kim),
                ("person", PARTICIPANT, kim.participants[0]),
                ("other", REGISTRATION, other),
            )
        }
    page = client.get(pages["contact"]).text
    assert "Hej Kim!" in page  # not the colleague's
    assert "Enbart till er kontakt" in page
    page = client.get(pages["person"]).text
    assert "Hej Anna!" in page
    assert "Enbart till er kontakt" not in page
    assert "Hej " not in client.get(pages["other"]).text


def client_path(key: str, purpose: str, row: Registration | Participant) -> str:
    return f"/sv/r/{make_link(key, purpose, row.public_id, row.generation)}"


def test_own_data_and_erasure(work: Work) -> None:
    with work() as session:
        event, kim, message = prepare(session)
        eva = led(session, event, "Eva", "Bo")
        start(session, message.id, **DO)
        write_letters(session, message.id, now=NOW, post=POST)
        (own,) = letters_of(session, Own(kim, None), None)
        assert own.recipient == mail("Kim")
        (own,) = letters_of(session, Own(kim, kim.participants[0]), kim.participants[0])
        assert own.recipient == mail("Anna")
        gone = to_people([], [kim.id])
        drop_unsent(session, gone)
        assert erase_letters(session, gone) == 1
        rest = {mail(name) for name in ("Anna", "Bo", "Eva")}
        assert set(letters(session, message.id)) == {NOBODY} | rest
        eva.erased_at = NOW  # and the letter leaves a moment later
        session.execute(sa.update(Letter).values(status=LetterStatus.SENT, sent_at=NOW))
        erase_sent_letters(session)
        assert set(letters(session, message.id)) == {NOBODY, mail("Anna"), mail("Bo")}


# --- the editor --------------------------------------------------------------------------------


def test_the_box_its_number_and_what_it_does(write, look, work: Work, place) -> None:
    with work() as session:
        event = session.get_one(Event, place["event_id"])
        led(session, event, "Kim", "Anna", party_name="Ena AB")
    page = text_of(write(WORDS, then="update", states="confirmed"))
    assert "3 people get it" in page
    box = '<input type="checkbox" name="includes_contacts" value="y"'
    label = '><span>Their contacts who do not take part themselves <span class="muted num">4'
    assert box + label in page
    fields = {**WORDS, "states": "confirmed", "includes_contacts": "y"}
    page = text_of(write(fields, then="update"))
    assert "6 people get it" in page  # not the contact of the one who waits
    assert "3 of them are contacts who do not take part." in page
    assert 'Kim <span class="muted sm">Ena AB, contact, does not take part</span>' in page
    write(fields)
    assert the_message(look).audience["includes_contacts"] is True
    page = text_of(write(fields, address=edit_page(look), who="people", then="update"))
    assert '<input type="hidden" name="includes_contacts" value="y">' in page


def test_a_contact_is_chosen_by_name(write, look, work: Work, place) -> None:
    with work() as session:
        event = session.get_one(Event, place["event_id"])
        kim = led(session, event, "Kim", "Anna", party_name="Ena AB").id
    page = text_of(write(WORDS, then="update", who="people", find="kim"))
    assert f'name="people" value="{-kim}"><span>Kim, Ena AB, contact, does not take part' in page
    write(WORDS, who="people", people=[str(-kim)], **{"as": str(-kim)})
    assert the_message(look).audience["people"] == [-kim]
    page = text_of(write(WORDS, then="update", who="people", people=[str(-kim), "--1", "-", "-0"]))
    assert "1 person gets it" in page
    assert "Hej Kim!" in page


def test_a_test_may_look_as_to_a_contact(write, look, work: Work, place) -> None:
    with work() as session:
        event = session.get_one(Event, place["event_id"])
        kim = led(session, event, "Kim", "Anna").id
    people = [str(-kim), str(place["Malin"])]
    answer = write(WORDS, who="people", people=people, then="test", **{"as": str(-kim)})
    assert answer.status_code == 303
    with look() as session:
        letter = session.scalars(sa.select(Letter)).one()
        assert letter.participant_id is None
        assert letter.facts["party"] == session.get_one(Registration, kim).party_name
        assert letter.facts["link"]["public_id"] != session.get_one(Registration, kim).public_id
