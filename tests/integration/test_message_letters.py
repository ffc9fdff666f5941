"""What the letters of a message hold, and what their readers see."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dialognav.domain.audience import Audience, audience_to_json
from dialognav.domain.terms import MessagePurpose, MessageState, Mode, Seat
from dialognav.mail import claims, outbox
from dialognav.mail.claims import Claimed
from dialognav.mail.message_letters import message_letters
from dialognav.mail.messages import fill
from dialognav.mail.recipients import Recipient, recipients
from dialognav.mail.render import render, said
from dialognav.models import DeadAddress, Event, Message, MessageAttachment, MessagePlan
from dialognav.models import Letter as Row
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_participant, make_registration
from tests.fixtures import Work
from tests.letter_samples import POST, STATIONERY

BODY = {
    "sv": "Hej {förnamn}!\n\nVi ses **{datum}** kl. {tid} på {plats}. {länk}\n\nAllt: {min sida}",
    "en": "Hello {first name}!\n\nSee you **{date}**, {time}, at {place}. {link}",
}
SUBJECT = {"sv": "Inför {händelse}", "en": "Before {event}"}
Statements = Callable[[], AbstractContextManager[list[str]]]


def make_message(session: Session, event: Event, **given: Any) -> Message:
    standard = {
        "organisation_id": event.organisation_id,
        "event_id": event.id,
        "state": MessageState.SENDING,
        "subject": SUBJECT,
        "body": BODY,
        "audience": audience_to_json(Audience((event.id,), frozenset({"confirmed", "waiting"}))),
        "created_at": NOW,
        "changed_at": NOW,
    }
    message = Message(**standard | given)
    session.add(message)
    session.flush()
    return message


def person(session: Session, event: Event, name: str, **given: Any) -> None:
    email = f"{name.split()[0].lower()}@leverantor.example"
    language = given.pop("language", "sv")
    registration = make_registration(
        session, event, contact_email=email, contact_name=name, language=language
    )
    make_participant(session, registration, name=name, email=email, **given)


def readers(session: Session, event: Event) -> list[Recipient]:
    audience = Audience((event.id,), frozenset({"confirmed", "waiting"}), includes_dead=True)
    return recipients(session, event.organisation_id, audience)


def promised(session: Session, message: Message, event: Event) -> list[Claimed]:
    letters = message_letters(session, message, readers(session, event), post=POST)
    outbox.promise(session, letters, now=NOW, are_new=True)
    return fill(session, claims.claim(session, now=NOW))


def plain(letter: Claimed) -> str:
    return said(letter, STATIONERY).text


def test_each_in_the_own_language_with_the_own_values(work: Work) -> None:
    with work() as session:
        event = make_event(session, title={"sv": "Dialogdag", "en": "Dialogue day"})
        person(session, event, "Malin Ekdahl")
        person(session, event, "Oskar Lind", language="en")
        person(session, event, "Ragnhild Moe", language="nb")
        letters = promised(session, make_message(session, event), event)
    first, second, third = (said(one, STATIONERY) for one in letters)
    assert first.subject == "Inför Dialogdag"
    assert "Hej Malin!\n\nVi ses onsdag 10 februari 2027 kl. 9.00–12.00 på Stadshuset" in first.text
    assert second.subject == "Before Dialogue day"
    assert "See you Wednesday 10 February 2027, 09:00–12:00, at" in second.text
    # There is no Norwegian: the words are Swedish and say so, what is around them is Norwegian.
    assert "Vi ses onsdag 10 februari 2027" in third.text
    assert '<html lang="nb"' in third.html
    assert "/nb/r/" in third.text
    assert "/sv/" not in third.text
    assert 'lang="sv"><p class="ink"' in third.html
    assert 'lang="sv"><p class="ink"' not in first.html
    assert first.html.count("Dialogdag<") == 2  # title and heading: the subject says it


def test_own_page_is_linked_once(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Malin Ekdahl")
        person(session, event, "Oskar Lind", language="en")
        letters = promised(session, make_message(session, event), event)
    assert [plain(one).count("/r/") for one in letters] == [1, 1]


def test_nothing_is_left_to_change_once_it_has_begun(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Oskar Lind", language="en")
        message = make_message(session, event, started_at=event.starts_at)
        (letter,) = promised(session, message, event)
    assert "/r/" not in plain(letter)


@pytest.mark.parametrize(("kind", "is_void"), [("reminder", True), ("thanks", False)])
def test_a_reminder_that_comes_too_late_is_none(kind: str, is_void: bool, work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek")
        plan = MessagePlan(event=event, kind=kind, days=-1, created_at=NOW)
        session.add(plan)
        session.flush()
        (letter,) = promised(session, make_message(session, event, plan_id=plan.id), event)
    assert letter.facts.get("void_after") == (STARTS.isoformat() if is_void else None)


def test_the_digital_link_is_the_confirmeds_alone(work: Work) -> None:
    with work() as session:
        event = make_event(session, online_url="https://meet.example/hemlig", format="hybrid")
        person(session, event, "Anna Ek", mode=Mode.ONLINE)
        person(session, event, "Bo Ek", mode=Mode.ONLINE, state=Seat.WAITING)
        person(session, event, "Cia Ek")
        letters = promised(session, make_message(session, event), event)
        stored = [str(one.facts) for one in letters]
    assert ["meet.example" in facts for facts in stored] == [True, False, False]
    assert ["meet.example" in plain(one) for one in letters] == [True, False, False]


def test_facts_hold_neither_secrets_nor_the_text(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek")
        message = make_message(session, event)
        (letter,) = promised(session, message, event)
        stored = session.get_one(Row, letter.id).facts
    assert "Vi ses" not in str(stored)
    assert "words" not in stored
    assert "/r/" not in str(stored)


def test_attachments_go_along(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek")
        message = make_message(session, event)
        message.attachments = [
            MessageAttachment(
                position=place,
                filename=f"bilaga-{place}.txt",
                media_type="text/plain",
                size=3,
                sha256="0" * 64,
                content=b"abc",
                created_at=NOW,
            )
            for place in (1, 0)
        ]
        session.flush()
        (letter,) = promised(session, message, event)
    assert [one.filename for one in letter.attachments] == ["bilaga-0.txt", "bilaga-1.txt"]
    mail = render(letter, STATIONERY, attachments=letter.attachments)
    assert mail.count(b"YWJj") == 2


def test_news_can_be_left(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek", language="en")
        message = make_message(session, event, purpose=MessagePurpose.NEWS)
        (letter,) = promised(session, message, event)
    mail = render(letter, STATIONERY)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail
    assert "No more news from Region Tallvik: https://dialog.example/en/leave/u" in plain(letter)
    assert "/r/" not in plain(letter)


def test_a_dead_address_is_tried_when_chosen(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek")
        session.add(DeadAddress(address="anna@leverantor.example", since=NOW))
        session.flush()
        (letter,) = promised(session, make_message(session, event), event)
    assert not letter.is_dead


def test_one_letter_per_message_and_address(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek")
        first, second = make_message(session, event), make_message(session, event)
        assert [one.message_id for one in promised(session, first, event)] == [first.id]
        assert [one.message_id for one in promised(session, second, event)] == [second.id]


def test_three_statements_for_any_number(work: Work, look: Work, statements: Statements) -> None:
    with work() as session:
        event = make_event(session)
        for n in range(30):
            person(session, event, f"Anna{n} Ek")
        ids = make_message(session, event).id, event.id, event.organisation_id
    audience = Audience((ids[1],), frozenset({"confirmed"}))
    with work() as session:
        message = session.get_one(Message, ids[0])
        with statements() as ran:
            some = recipients(session, ids[2], audience)
            letters = message_letters(session, message, some, post=POST)
            outbox.promise(session, letters, now=NOW, are_new=True)
    assert len(letters) == 30
    assert len(ran) == 3, ran
    with work() as session:
        some = claims.claim(session, now=NOW, limit=30)
        with statements() as ran:
            filled = fill(session, some)
    assert all(one.facts["words"]["subject"] == SUBJECT["sv"] for one in filled)
    assert (len(filled), len(ran)) == (30, 2)
