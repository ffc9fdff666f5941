"""Messages beside the rest of a person's data: in the own file, erased, disposed of; and beside the
rest of an event: copied, deleted."""

import sqlalchemy as sa

from dialognav.actions import disposal
from dialognav.actions.event_words import copy_words, delete_words
from dialognav.db import unit_of_work
from dialognav.domain.audience import Audience, audience_from_json, audience_to_json
from dialognav.domain.terms import LetterStatus, MessageState
from dialognav.mail import claims, outbox
from dialognav.mail.forgetting import drop_unsent, erase_letters, to_people
from dialognav.mail.message_letters import message_letters
from dialognav.mail.recipients import recipients
from dialognav.models import (
    Event,
    Letter,
    LetterText,
    Message,
    MessageAttachment,
    MessageTemplate,
    Organisation,
    Participant,
    Registration,
)
from dialognav.models.labels import NOBODY
from dialognav.queries.own_letters import letters_data
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_participant, make_registration
from tests.integration.personal import PERSONAL, found_in, make_personal
from tests.integration.test_message_letters import make_message, person
from tests.letter_samples import POST

ALL = frozenset({"confirmed", "attended"})


def write(session, message, audience):
    message.audience = audience_to_json(audience)
    some = recipients(session, message.organisation_id, audience)
    letters = message_letters(session, message, some, post=POST)
    outbox.promise(session, letters, now=NOW, are_new=True)
    return some


def test_what_was_said_is_in_the_own_file(work):
    with work() as session:
        event = make_event(session)
        person(session, event, "Anna Ek")
        message = make_message(session, event, subject={"sv": "Ämne"}, body={"sv": "Hej {namn}"})
        write(session, message, Audience((event.id,), ALL))
        letters = session.scalars(sa.select(Letter)).all()
        (data,) = letters_data(session, letters)
    assert (data["kind"], data["subject"], data["text"]) == ("message", "Ämne", "Hej {namn}")


def test_the_erased_lose_their_letters_and_others_keep_them(work):
    with work() as session:
        event = make_event(session)
        for name in ("Anna Ek", "Bo Ek", "Cia Ek"):
            person(session, event, name)
        message = make_message(session, event)
        anna, bo, cia = write(session, message, Audience((event.id,), ALL))
        (first, *_rest) = claims.claim(session, now=NOW, limit=1)
        claims.settle_sent(session, first, now=NOW)
        gone = to_people([anna.participant_id, bo.participant_id], [])
        drop_unsent(session, gone)
        erase_letters(session, gone)
        rows = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        assert [one.recipient for one in rows] == [NOBODY, NOBODY, cia.email]
        assert [one.domain for one in rows] == ["", "", "leverantor.example"]
        assert [one.status for one in rows] == ["sent", "superseded", "pending"]
        assert [bool(one.facts) for one in rows] == [False, False, True]
        assert {one.message_id for one in rows} == {message.id}


def test_whom_a_message_was_meant_for_goes_with_the_names(app, work, look):
    with work() as session:
        here = make_organisation(session, disposal_authority="RS 1", retention_months=24)
        old = make_personal(session, here)
        event = session.get_one(Event, old.event)
        chosen = Audience((event.id,), people=frozenset({old.person, old.colleague}))
        sent, draft = make_message(session, event), make_message(session, event)
        sent.approved_recipients = [old.person]
        write(session, sent, chosen)
        session.execute(sa.update(Letter).values(status=LetterStatus.SENT, sent_at=NOW))
        sent.state, draft.state = MessageState.SENT, MessageState.SCHEDULED
        draft.send_at = NOW
        draft.audience = audience_to_json(chosen) | {"states": ["attended"]}
        ids = sent.id, draft.id
        run = disposal.propose(session, old.organisation, now=NOW, user_id=old.user)
        disposal.approve(session, run.id, now=NOW, user_id=old.user)
        run_id = run.id
    for _step in range(20):
        with app.app_context(), unit_of_work() as session:
            if not disposal.take_step(session, run_id, now=NOW):
                break
    with look() as session:
        assert found_in(session, [*PERSONAL, "ingegerd"]) == []
        for message_id in ids:
            message = session.get_one(Message, message_id)
            assert message.approved_recipients is None
            assert audience_from_json(message.audience).is_nobody
            assert message.subject  # what was said is no person's
        sent_to = session.scalars(sa.select(Letter.recipient).where(Letter.message_id == ids[0]))
        assert set(sent_to) == {NOBODY}


def test_a_copied_event_has_its_words(work):
    with work() as session:
        source = make_event(session)
        target = make_event(session, session.get_one(Organisation, source.organisation_id))
        make_words(session, source)
        make_message(session, source)
        copy_words(session, source, target, now=NOW)
        session.flush()
        (template,) = session.scalars(
            sa.select(MessageTemplate).where(MessageTemplate.event_id == target.id)
        )
        (text,) = session.scalars(sa.select(LetterText).where(LetterText.event_id == target.id))
        assert (template.name, template.body) == ("Påminnelse", {"sv": "Hej {namn}"})
        assert (text.kind, text.opening) == ("place_confirmed", {"sv": "Välkommen!"})
        messages = sa.select(sa.func.count()).select_from(Message)
        assert session.scalar(messages.where(Message.event_id == target.id)) == 0


def test_a_draft_is_deleted_with_its_words(work):
    with work() as session:
        event, other = make_event(session), make_event(session)
        for one in (event, other):
            make_words(session, one)
            message = make_message(session, one, state=MessageState.DRAFT)
            message.attachments.append(
                MessageAttachment(
                    filename="a.txt",
                    media_type="text/plain",
                    size=1,
                    sha256="0" * 64,
                    content=b"a",
                    created_at=NOW,
                )
            )
        registration = make_registration(session, event)
        make_participant(session, registration)
        write(session, message, Audience((other.id, event.id), ALL))
        session.flush()
        delete_words(session, event.id)
        for table in (Message, MessageTemplate, LetterText):
            assert session.scalars(sa.select(table.event_id)).all() == [other.id]
        assert session.scalars(sa.select(MessageAttachment.message_id)).all() == [message.id]
        session.execute(sa.delete(Letter))
        assert session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Registration)) == 1


def make_words(session, event):
    given = {"organisation_id": event.organisation_id, "event_id": event.id, "changed_at": NOW}
    session.add_all(
        [
            MessageTemplate(
                name="Påminnelse",
                subject={"sv": "Snart"},
                body={"sv": "Hej {namn}"},
                created_at=NOW,
                **given,
            ),
            LetterText(kind="place_confirmed", opening={"sv": "Välkommen!"}, **given),
        ]
    )
    session.flush()
