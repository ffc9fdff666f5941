"""A mailing's own page, as staff use it: approve, send, watch, read the log, send again."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.domain.terms import LetterStatus, MessageState
from dialognav.models import (
    DeadAddress,
    Event,
    Letter,
    Message,
    Organisation,
    Participant,
    Registration,
    User,
)
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.staff import token_of
from tests.integration.test_message_sending import leave, make_message, people_at


@pytest.fixture
def made(work, staff):
    """(event's, message's public id) in the organisation of the signed-in administrator."""
    with work() as session:
        session.get_one(User, staff.user_id).language = "en"
        event = make_event(session, session.get_one(Organisation, staff.organisation_id))
        people_at(session, event, 3)
        message = make_message(session, event, author_id=staff.user_id, writer_ids=[staff.user_id])
        return event.public_id, message.public_id


def path(made, verb: str = "") -> str:
    return f"/manage/messages/{made[1]}" + (f"/{verb}" if verb else "")


def state(look, made) -> str:
    with look() as session:
        return session.scalars(sa.select(Message.state).where(Message.public_id == made[1])).one()


def seen(page: str, nth: int = 0) -> str:
    return re.findall(r'name="seen"[^>]*value="([^"]*)"', page)[nth]


def send(staff, made) -> None:
    page = staff.client.get(path(made)).text
    answer = staff.post(path(made, "send"), {"seen": seen(page)})
    assert answer.status_code == 303, answer.text


def test_sent_now_it_is_on_its_way_and_then_sent(staff, made, look, cli):
    page = staff.client.get(path(made)).text
    assert "Send now to 3 people" in page
    assert "p 0, Exempelbolaget" in page
    send(staff, made)
    page = staff.client.get(path(made)).text
    assert "Is being sent" in page
    assert "The letters are being written." in page
    assert "js/message-progress" in page
    cli.invoke(args=["worker", "--once"])
    page = staff.client.get(path(made)).text
    assert "All have left." in page
    assert "js/message-progress" not in page
    assert "p2@firm2.example" in page
    assert state(look, made) == MessageState.SENT


def test_those_who_came_since_the_page_was_opened_are_shown_first(staff, made, work, look):
    before = staff.client.get(path(made)).text
    with work() as session:
        people_at(session, session.scalars(sa.select(Event)).one(), 1, stem="new")
    answer = staff.post(path(made, "send"), {"seen": seen(before)})
    assert answer.status_code == 422
    assert "are not what they were when you opened the page" in answer.text
    assert "Send now to 4 people" in answer.text
    assert state(look, made) == MessageState.DRAFT
    assert staff.post(path(made, "send"), {"seen": seen(answer.text)}).status_code == 303


def test_another_approves_it_and_who_wrote_it_cannot(staff, sign_in, made, work, look):
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).message_approval = True
    page = staff.client.get(path(made)).text
    assert "Send now" not in page
    assert staff.post(path(made, "submit"), {"seen": "0"}).status_code == 303
    page = staff.client.get(path(made)).text
    assert ">Approve<" not in page
    refused = staff.post(path(made, "approve"), {"seen": "0"})
    assert refused.status_code == 422
    assert "Somebody who has not written any of it" in refused.text
    other = sign_in("approver", organisation_id=staff.organisation_id, language="en")
    assert "A message waits for approval" in other.client.get("/manage/").text
    assert "A message waits for approval" not in staff.client.get("/manage/").text
    page = other.client.get(path(made)).text
    assert "/edit" not in page
    assert other.post(path(made, "send"), {"seen": "x"}).status_code == 404
    assert other.post(path(made, "approve"), {"seen": seen(page)}).status_code == 303
    assert state(look, made) == MessageState.APPROVED
    send(staff, made)


def test_who_came_and_went_since_approval_is_named(staff, sign_in, made, work):
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).message_approval = True
    staff.post(path(made, "submit"), {"seen": "0"})
    other = sign_in("approver", organisation_id=staff.organisation_id, language="en")
    other.post(path(made, "approve"), {"seen": "0"})
    assert "than when it was approved" not in staff.client.get(path(made)).text
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        people_at(session, event, 1, stem="Ny")
        gone = session.scalars(sa.select(Participant).where(Participant.name == "p 1")).one()
        gone.withdrawn_at = NOW
        for seat in gone.attendances:
            seat.state = "withdrawn"
    page = staff.client.get(path(made)).text
    assert "It reaches others than when it was approved" in page
    note = page[page.index("It reaches others") : page.index("What happens next")]
    assert "1 person more:" in note
    assert "Ny 0" in note
    assert "1 person less:" in note
    assert "p 1" in note
    assert "p 0" not in note


def test_sent_back_with_a_reason(staff, sign_in, made, work, look):
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).message_approval = True
    staff.post(path(made, "submit"), {"seen": "0"})
    other = sign_in("approver", organisation_id=staff.organisation_id, language="en")
    empty = other.post(path(made, "return"), {"seen": "0", "why": " "})
    assert empty.status_code == 422
    assert "Write the reason" in empty.text
    assert (
        other.post(path(made, "return"), {"seen": "0", "why": "Fel <b>dag</b>"}).status_code == 303
    )
    page = staff.client.get(path(made)).text
    assert "Fel &lt;b&gt;dag&lt;/b&gt;" in page
    assert state(look, made) == MessageState.DRAFT


@pytest.mark.parametrize("revision", ["1", "9" * 30, "²"])
def test_approved_is_what_was_on_the_page(staff, sign_in, made, work, look, revision):
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).message_approval = True
    staff.post(path(made, "submit"), {"seen": "0"})
    other = sign_in("approver", organisation_id=staff.organisation_id, language="en")
    assert other.post(path(made, "approve"), {"seen": revision}).status_code == 422
    assert state(look, made) == MessageState.SUBMITTED


def test_planned_by_the_wall_clock_of_the_event(staff, made, look):
    when = {"date": "2027-02-01", "time": "09:00"}
    unseen = staff.post(path(made, "schedule"), when)
    assert unseen.status_code == 422
    assert "are not what they were when you opened the page" in unseen.text
    when["seen"] = seen(unseen.text, 1)
    assert staff.post(path(made, "schedule"), when).status_code == 303
    with look() as session:
        message = session.scalars(sa.select(Message)).one()
        assert message.send_at.isoformat() == "2027-02-01T08:00:00+00:00"
    page = staff.client.get(path(made)).text
    assert 'value="2027-02-01"' in page
    assert staff.post(path(made, "unschedule")).status_code == 303
    assert state(look, made) == MessageState.DRAFT


def test_what_could_not_go_at_its_time_is_told(staff, made, work):
    with work() as session:
        message = session.scalars(sa.select(Message)).one()
        message.send_at = NOW - timedelta(hours=1)
        event_id = message.event.public_id
    page = staff.client.get(path(made)).text
    assert "It did not leave at its time" in page
    assert "Goes by itself" not in page
    assert "Did not leave at its time" in staff.client.get("/manage/messages").text
    assert (
        "Did not leave at its time" in staff.client.get(f"/manage/events/{event_id}/messages").text
    )


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ({"date": "2027-01-11", "time": "09:00"}, "Choose a time that has not passed"),
        ({"date": "2029-01-11", "time": "09:00"}, "Choose a time that has not passed"),
        ({"date": "2027-03-28", "time": "02:30"}, "the clocks go forward"),
        ({"date": "31 februari", "time": "25:00"}, "Enter a date that exists"),
        ({}, "Enter the date"),
    ],
)
def test_a_time_that_cannot_be_comes_back_as_typed(staff, made, look, when, sentence):
    answer = staff.post(path(made, "schedule"), when)
    assert answer.status_code == 422
    assert sentence in answer.text
    for typed in when.values():
        assert f'value="{typed}"' in answer.text
    assert state(look, made) == MessageState.DRAFT


def test_paused_let_go_on_and_stopped(staff, made, look):
    send(staff, made)
    assert staff.post(path(made, "pause")).status_code == 303
    assert "Paused" in staff.client.get(path(made)).text
    assert staff.post(path(made, "resume")).status_code == 303
    assert staff.post(path(made, "stop")).status_code == 303
    assert state(look, made) == MessageState.STOPPED
    again = staff.post(path(made, "resume"))
    assert again.status_code == 422
    assert "A colleague was faster" in again.text


def test_what_lacks_is_said_and_nothing_goes(staff, made, work, look):
    with work() as session:
        message = session.scalars(sa.select(Message)).one()
        message.audience, message.subject = {}, {}
    page = staff.client.get(path(made)).text
    assert "It reaches nobody" in page
    answer = staff.post(path(made, "send"), {"seen": seen(page)})
    assert answer.status_code == 422
    assert "Write a subject." in answer.text
    assert state(look, made) == MessageState.DRAFT


@pytest.fixture
def gone(work, made):
    """One arrived, one came back from an address that is dead, one was given up."""
    with work() as session:
        message = session.scalars(sa.select(Message)).one()
        leave(session, message.id)
        arrived, back, lost = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        back.bounced_at, back.last_error = NOW, "5.1.1 no such user"
        session.add(DeadAddress(address=back.recipient, since=NOW))
        lost.status, lost.last_error = LetterStatus.GIVEN_UP, "552 mailbox full"
        return [arrived.public_id, back.public_id, lost.public_id]


def test_the_log_says_why_and_the_views_part_it(staff, made, gone, work):
    page = staff.client.get(path(made)).text
    assert "Came back" in page
    assert "The address does not exist." in page
    assert "The mailbox is full" in page
    assert f"letters/{gone[2]}/resend" in page
    failed = staff.client.get(path(made) + "?view=failed").text
    assert "p0@firm0.example" not in failed
    assert "p1@firm1.example" in failed
    assert staff.client.get(path(made) + "?view=nonsense&from=-3").status_code == 200
    with work() as session:
        letter = session.scalars(sa.select(Letter).where(Letter.public_id == gone[2])).one()
        session.get_one(Participant, letter.participant_id).email = "right@firm.example"
    page = staff.client.get(path(made)).text
    assert "The reader has another address by now." in page
    assert f"letters/{gone[2]}/resend" not in page


def test_one_is_sent_again_and_all_that_failed(staff, made, gone, look):
    assert staff.post(path(made, f"letters/{gone[2]}/resend")).status_code == 303
    with look() as session:
        status = dict(session.execute(sa.select(Letter.public_id, Letter.status)).all())
    assert status == {
        gone[0]: LetterStatus.SENT,
        gone[1]: LetterStatus.SENT,
        gone[2]: LetterStatus.PENDING,
    }
    assert staff.post(path(made, "resend")).status_code == 303
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Letter.status == "pending")) == 2


def test_a_letter_of_another_message_is_not_found_here(staff, made, gone, work):
    with work() as session:
        message = make_message(session, session.scalars(sa.select(Event)).one())
        message.state = MessageState.SENT
        other = message.public_id
    assert staff.post(f"/manage/messages/{other}/letters/{gone[2]}/resend").status_code == 404


def test_a_draft_to_those_without_it(staff, made, gone, work, look):
    with work() as session:
        people_at(session, session.scalars(sa.select(Event)).one(), 2, stem="late")
    page = staff.client.get(path(made)).text
    assert "who do not have it" in page
    answer = staff.post(path(made, "others"))
    assert answer.status_code == 303
    assert "/edit" in answer.location
    assert staff.client.get(answer.location).status_code == 200
    with look() as session:
        draft = session.scalars(sa.select(Message).order_by(Message.id.desc())).first()
        assert len(draft.audience["people"]) == 3  # and the one that was given up, not the dead


def test_the_whole_list_names_everybody_and_who_is_left_out(staff, made, work, look):
    with work() as session:
        event, message = (
            session.scalars(sa.select(Event)).one(),
            session.scalars(sa.select(Message)).one(),
        )
        people_at(session, event, 60, stem="q")
        message.body = {**message.body, "nb": "Hei!"}
        for registration in session.scalars(sa.select(Registration).limit(2)):
            registration.language = "nb"
        session.add(DeadAddress(address="p2@firm2.example", since=NOW))
    page = staff.client.get(path(made)).text
    assert f"{path(made)}/readers" in page
    assert "gets it in Swedish" in page  # a text without a subject is no translation
    first = staff.client.get(path(made, "readers")).text
    assert 'Get it <span class="num">62</span>' in first
    assert "p1@firm1.example" in first
    second = staff.client.get(path(made, "readers") + "?from=50").text
    assert "q59@firm59.example" in first + second
    assert "p2@firm2.example" not in first + second
    left = staff.client.get(path(made, "readers") + "?view=left_out").text
    assert "p2@firm2.example" in left
    assert "E-mail to the address did not arrive" in left
    with work() as session:
        leave(session, session.scalars(sa.select(Message.id)).one())
    assert staff.client.get(path(made, "readers")).status_code == 303


def test_the_sentence_does_not_say_that_all_left_when_some_did_not(staff, made, gone, work):
    assert "All have left." not in staff.client.get(path(made)).text
    assert "Sent. 2 did not arrive." in staff.client.get(path(made)).text
    with work() as session:
        session.execute(sa.update(Letter).values(status="superseded", bounced_at=None))
        session.execute(sa.update(Letter).where(Letter.public_id == gone[0]).values(status="sent"))
    assert "1 of 3 have left." in staff.client.get(path(made)).text
    assert "1 of 3 have left" in staff.client.get("/manage/messages?view=sent").text


def test_progress_is_a_part_of_the_page(staff, made):
    send(staff, made)
    part = staff.client.get(path(made, "progress"))
    assert part.status_code == 200
    assert "data-moving" in part.text
    assert "<html" not in part.text
    assert part.headers["Cache-Control"] == "private, no-store"


def test_the_trail_says_what_was_done_with_which(staff, made, gone):
    page = staff.client.get(f"/manage/events/{made[0]}/log").text
    assert "A message has left" in page
    assert "Inför dialogen (3 letters)" in page


def test_a_page_with_thousands_asks_no_more_of_the_database(staff, made, work, statements):
    with work() as session:
        people_at(session, session.scalars(sa.select(Event)).one(), 40, stem="x")
        leave(session, session.scalars(sa.select(Message.id)).one())
    with statements() as ran:
        assert staff.client.get(path(made)).status_code == 200
    assert len(ran) <= 16, "\n".join(ran)


def test_a_reader_whose_data_was_erased_has_no_name_there(staff, made, gone, work):
    with work() as session:
        session.execute(
            sa.update(Letter).values(
                recipient="erased@removed.invalid", recipient_name="", facts=None
            )
        )
    page = staff.client.get(path(made))
    assert page.status_code == 200
    assert "erased@" not in page.text
    assert "A reader whose data was erased" in page.text


def test_an_old_token_does_nothing(staff, made, look):
    answer = staff.client.post(path(made, "send"), data={"seen": "x", "csrf_token": "old"})
    assert answer.status_code == 422
    assert token_of(answer)
    assert state(look, made) == MessageState.DRAFT
