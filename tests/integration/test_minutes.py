"""A meeting that was held: notes, who came, and minutes until they are a record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import minutes as actions
from dialognav.actions import minutes_checks
from dialognav.actions.meeting_erasure import erase_meetings
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady, SecondPerson
from dialognav.domain.meeting_notes import key_of
from dialognav.mail.post import Post
from dialognav.models import (
    AuditEntry,
    Booking,
    Event,
    Letter,
    MarketQuestion,
    MeetingNote,
    Minutes,
    Organisation,
)
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.integration.forms import form_of, open_form, problems_of
from tests.integration.staff import token_of
from tests.meeting_factories import make_booking, make_rules, make_slots

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
HELD = NOW - timedelta(hours=1)
FIRST, SECOND = "Vad tar längst tid?", "Vilket krav fördyrar?"


@dataclass(frozen=True)
class Held:
    """A meeting that has begun; `page` is the hosts'. Ids of rows, and secrets of own links."""

    event: int
    booking: int
    page: str
    contact: str
    second: str  # a colleague who is in the meeting
    third: str  # one of the same registration who is not
    people: tuple[str, ...]  # public ids of those in the meeting
    names: tuple[str, ...]

    @property
    def minutes(self) -> str:
        return f"{self.page}/minutes"


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en", name="Petra Vik")


@pytest.fixture
def held(staff, work, app):
    key = app.config["SECRET_KEY"]
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here)
        event.questions = [
            MarketQuestion(position=0, text={"sv": FIRST}),
            MarketQuestion(position=1, text={"sv": SECOND, "en": "Which requirement costs?"}),
        ]
        make_rules(session, event)
        [slot] = make_slots(session, event, number=1, starts_at=HELD)
        ours = make_registration(session, event, party_name="Hjärtsund AB")
        people = [make_participant(session, ours, name=f"{n} Ek") for n in ("Ada", "Bo", "Cia")]
        booking = make_booking(session, slot, ours, topics="Vår radiomodul")
        booking.people = [one for one in booking.people if one.participant_id != people[2].id]
        page = f"/manage/events/{event.public_id}/meetings/{booking.public_id}"
        return Held(
            event.id,
            booking.id,
            page,
            make_link(key, REGISTRATION, ours.public_id, 0),
            make_link(key, PARTICIPANT, people[1].public_id, 0),
            make_link(key, PARTICIPANT, people[2].public_id, 0),
            tuple(one.public_id for one in people[:2]),
            tuple(one.name for one in people[:2]),
        )


def verbs(look, prefix):
    with look() as session:
        rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
        return [row.verb for row in rows if row.verb.startswith(prefix)]


def kinds(look):
    with look() as session:
        return [row.kind for row in session.scalars(sa.select(Letter).order_by(Letter.id))]


def press(staff, path, **data):
    """A button of the minutes' page, with what it showed."""
    page = staff.client.get(path.rpartition("/")[0])
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    return staff.client.post(path, data={"csrf_token": token_of(page), "seen": seen, **data})


def write(staff, held, text="# 1. Tid\n\nInstallationen tar längst tid.", answer=None):
    form = open_form(staff.client, f"{held.minutes}/edit", "text")
    form["text"] = text
    if answer is not None:
        form["answer"] = answer
    return form.send()


# --- notes ---------------------------------------------------------------------------------------


def test_the_page_has_the_facts_and_a_field_for_each_question(staff, held):
    page = staff.client.get(held.page).text
    for said in ("Hjärtsund AB", "Sal Unden", "Vår radiomodul", FIRST, SECOND, "Ada Ek", "Bo Ek"):
        assert said in page
    assert "Cia Ek" not in page
    form = open_form(staff.client, held.page, "text")
    form["text"] = "å" * 10_001
    answer = form.send()
    assert answer.status_code == 422
    assert problems_of(answer) == ["Write at most 10000 characters. This is 10001."]
    assert "å" * 10_001 in answer.text


def test_notes_are_saved_for_their_writer_alone(staff, held, look, sign_in):
    form = open_form(staff.client, held.page, "text")
    form[key_of(FIRST)], form["text"] = "Installationen", "De vill visa mer"
    answer = form.send()
    assert answer.status_code == 303
    assert "Your notes are saved" in staff.client.get(answer.location).text
    with look() as session:
        note = session.scalars(sa.select(MeetingNote)).one()
        assert note.answers == [[FIRST, "Installationen"]]
        assert (note.text, note.writer_id) == ("De vill visa mer", staff.user_id)
    colleague = sign_in(role="host", organisation_id=staff.organisation_id)
    assert "De vill visa mer" not in colleague.client.get(held.page).text
    assert "De vill visa mer" in staff.client.get(held.page).text


def test_notes_from_two_devices_meet_and_none_is_lost(staff, held, look):
    phone = open_form(staff.client, held.page, "text")
    laptop = open_form(staff.client, held.page, "text")
    phone[key_of(FIRST)], phone["text"] = "från telefonen", "kort"
    laptop[key_of(SECOND)], laptop["text"] = "från datorn", "långt"
    assert phone.send().status_code == 303
    both = laptop.send()
    assert both.status_code == 409
    assert "You, in another window, saved while you were writing" in both.text
    again = form_of(staff.client, both, "text")
    again.path = f"{held.page}/notes"
    assert again[key_of(FIRST)] == "från telefonen"
    assert (again[key_of(SECOND)], again["text"]) == ("från datorn", "långt")
    assert again.send().status_code == 303
    with look() as session:
        note = session.scalars(sa.select(MeetingNote)).one()
        assert note.answers == [[FIRST, "från telefonen"], [SECOND, "från datorn"]]


def test_a_note_survives_that_the_question_is_worded_anew_meanwhile(staff, held, look, work):
    form = open_form(staff.client, held.page, "text")
    form[key_of(FIRST)] = "svar på det gamla"
    with work() as session:
        session.get_one(Event, held.event).questions = [
            MarketQuestion(position=0, text={"sv": "Ny fråga?"})
        ]
    assert form.send().status_code == 303
    with look() as session:
        assert session.scalars(sa.select(MeetingNote)).one().answers == [
            [FIRST, "svar på det gamla"]
        ]
    page = staff.client.get(held.page).text
    assert "Ny fråga?" in page
    assert "svar på det gamla" in page


# --- presence ------------------------------------------------------------------------------------


def mark(staff, held, said, *people):
    token = token_of(staff.client.get(held.page))
    data = {"csrf_token": token, "mark": said, "person": list(people)}
    return staff.client.post(f"{held.page}/presence", data=data)


def came(look, held):
    with look() as session:
        booking = session.get_one(Booking, held.booking)
        people = sorted(booking.people, key=lambda one: one.participant.position)
        return booking.state, [one.came for one in people]


def test_who_came_is_noted_person_by_person_and_can_be_taken_back(staff, held, look):
    refused = mark(staff, held, "came", "nobodyknown1")
    assert refused.status_code == 422
    assert problems_of(refused) == ["Tick who came, or choose that nobody did."]
    assert came(look, held) == ("booked", [None, None])
    assert mark(staff, held, "came", held.people[0]).status_code == 303
    assert came(look, held) == ("attended", [True, False])
    mark(staff, held, "nobody")
    assert came(look, held) == ("no_show", [False, False])
    mark(staff, held, "undone")
    assert came(look, held) == ("booked", [None, None])
    mark(staff, held, "undone")  # twice is once
    found = verbs(look, "meeting.")
    assert found == ["meeting.attended", "meeting.no_show", "meeting.presence_undone"]


def test_nobody_is_missed_before_the_meeting_begins(staff, held, look, clock):
    clock.move_to(HELD - timedelta(minutes=20))
    mark(staff, held, "nobody")
    assert came(look, held)[0] == "booked"
    mark(staff, held, "came", held.people[0])
    assert came(look, held)[0] == "attended"


def test_who_came_stays_as_the_approved_minutes_say(staff, held, sent, look, work):
    with work() as session:
        answer(session)
        approve(session, held, staff.user_id)
    page = staff.client.get(held.page)
    assert "Nobody came" not in page.text
    data = {"csrf_token": token_of(page), "mark": "nobody"}
    refused = staff.client.post(f"{held.page}/presence", data=data)
    assert refused.location.endswith("done=changed")
    with look() as session:
        assert session.get_one(Booking, held.booking).state == "booked"


def test_a_meeting_that_is_off_is_not_marked_or_minuted(staff, held, look, work):
    with work() as session:
        session.get_one(Booking, held.booking).state = "cancelled"
    page = staff.client.get(held.page).text
    assert "Cancelled by the organiser" in page
    assert "Those ticked came" not in page
    mark(staff, held, "came", held.people[0])
    assert came(look, held)[0] == "cancelled"
    assert staff.client.get(f"{held.minutes}/edit").status_code == 409


# --- minutes -------------------------------------------------------------------------------------


def test_minutes_begin_with_who_met_the_questions_and_ones_own_notes(staff, held, sign_in):
    mark(staff, held, "came", held.people[0])
    form = open_form(staff.client, held.page, "text")
    form[key_of(FIRST)], form["text"] = "Installationen", "De vill visa mer"
    form.send()
    text = open_form(staff.client, f"{held.minutes}/edit", "text")["text"]
    assert f"# 1. {FIRST}\n\nInstallationen" in text.replace("\r\n", "\n")
    assert f"# 2. {SECOND}" in text
    assert "Ada Ek" in text
    assert "Bo Ek" not in text  # did not come
    colleague = sign_in(role="host", organisation_id=staff.organisation_id)
    other = open_form(colleague.client, f"{held.minutes}/edit", "text")["text"]
    assert "Installationen" not in other


def test_minutes_are_written_in_the_language_that_was_spoken(staff, held, sent, client, work):
    with work() as session:
        session.get_one(Booking, held.booking).language = "en"
        session.delete(session.scalars(sa.select(Minutes)).one())
    notes = staff.client.get(held.page).text
    assert '<span lang="en">Which requirement costs?</span>' in notes
    assert f'<span lang="sv">{FIRST}</span>' in notes  # is asked in no other
    form = open_form(staff.client, f"{held.minutes}/edit", "text")
    assert "# 2. Which requirement costs?" in form["text"]
    assert "**When:** Tuesday 12 January 2027" in form["text"]
    assert 'id="text" lang="en"' in staff.client.get(form.path).text
    form.send()
    press(staff, f"{held.minutes}/send")
    assert 'lang="en" aria-labelledby="text-h"' in staff.client.get(held.minutes).text
    with work() as session:
        public_id = session.scalars(sa.select(Minutes.public_id)).one()
    page = client.get(f"/sv/r/{held.contact}/minutes/{public_id}").text
    assert 'lang="en" aria-labelledby="text-h"' in page


@pytest.fixture
def papers(monkeypatch):
    """What is set on paper, without setting it."""
    made = []
    monkeypatch.setattr(
        "blueprints.minutes_paper.make_pdf", lambda _kind, data: made.append(data) or b"%PDF"
    )
    return made


def test_the_paper_of_a_record_has_all_of_it_and_hides_nothing(
    staff, held, sent, client, work, papers, sign_in
):
    address = f"/sv/r/{held.contact}/minutes/{sent}.pdf"
    with work() as session:
        mark_passage(session, sent)
        booking = session.scalars(sa.select(Minutes)).one().booking
        booking.secret_marks, booking.secret_reason = "Räckvidden", "Patent"
        answer(session, "Priset var 45 kr.")
    assert client.get(address).status_code == 404  # not approved
    write(staff, held, "Priset är 45 kr.", "Ändrat.")
    registrar = sign_in(role="registrar", organisation_id=staff.organisation_id, language="en")
    registrar.client.get(f"{held.minutes}.pdf")
    assert "not approved" in papers[-1]["remark"] or "inte justerad" in papers[-1]["remark"]
    assert "40 kr" in str(papers[-1]["blocks"])  # what was sent, not what is being written
    assert papers[-1]["checks"][0]["answer"] == ""  # nor what is going to be answered
    with work() as session:
        approve(session, held, staff.user_id)
    for reader, path in ((registrar.client, f"{held.minutes}.pdf"), (client, address)):
        assert reader.get(path).content_type == "application/pdf"
        paper = papers[-1]
        assert paper["lang"] == "sv"
        assert paper["heading"] == "Hjärtsund AB"
        assert "Petra Vik" in paper["remark"]
        assert "Ada Ek" in str(paper["facts"])
        assert paper["blocks"][0]["runs"] == [{"text": "Priset är 45 kr."}]
        assert [one["correction"] for one in paper["checks"]] == ["Priset var 45 kr.", ""]
        assert paper["checks"][0]["answer"] == "Ändrat."
        assert paper["marks"] == [["40 kr", "Konkurrenter"]]
        assert paper["asked"] == [["Räckvidden", "Patent"]]
        assert f"{path.rpartition('/')[2]}" in reader.get(path.removesuffix(".pdf")).text
    with work() as session:
        reopen(session, held)
    write(staff, held, "Helt annat.")
    staff.client.get(f"{held.minutes}.pdf")
    assert "45 kr" in str(papers[-1]["blocks"])
    staff.client.get(f"{held.minutes}.pdf?version=1")
    assert "40 kr" in str(papers[-1]["blocks"])
    assert staff.client.get(f"{held.minutes}.pdf?version=3").status_code == 404
    assert client.get(address).status_code == 200


def mark_passage(session, public_id):
    found = session.scalars(sa.select(Minutes).filter_by(public_id=public_id)).one()
    how = {"number": 1, "now": NOW, "actor": "participant:x"}
    minutes_checks.mark_passage(session, found.id, "40 kr", "Konkurrenter", **how)


def reopen(session, held):
    found = session.scalars(sa.select(Minutes)).one()
    by = {"now": NOW, "actor": "user:1"}
    actions.reopen(session, held.booking, "Fel pris", seen=found.revision, **by)


def test_a_draft_on_paper_says_that_it_is_one(staff, held, papers):
    write(staff, held)
    staff.client.get(f"{held.minutes}.pdf")
    assert "Draft" in papers[-1]["remark"] or "Utkast" in papers[-1]["remark"]
    assert papers[-1]["checks"] == []
    assert staff.client.get(f"{held.minutes}.pdf?version=1").status_code == 404


def test_from_draft_to_record(staff, held, look, client, clock):
    assert write(staff, held).status_code == 303
    with look() as session:
        public_id = session.scalars(sa.select(Minutes)).one().public_id
    assert client.get(f"/en/r/{held.contact}/minutes/{public_id}").status_code == 404  # a draft
    assert press(staff, f"{held.minutes}/send").status_code == 303
    assert kinds(look).count("minutes_check") == 3  # both of them, and the contact
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert found.state == "fact_check"
        assert found.check_until == datetime.fromisoformat("2027-01-19T22:59+00:00")
        address = f"/en/r/{held.contact}/minutes/{found.public_id}"
    page = client.get(address).text
    assert "Installationen tar längst tid." in page
    assert "Tue 19 Jan 2027, 23:59" in page
    form = open_form(client, address, "correction")
    form["verdict"] = "right"
    answer = form.send()
    assert answer.status_code == 303
    assert "Thank you, the minutes are confirmed" in client.get(answer.location).text
    open_form(staff.client, held.page, "text").send()
    assert press(staff, f"{held.minutes}/approve").location.endswith("done=approved")
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert (found.state, found.approved_by_id) == ("approved", staff.user_id)
        assert [one.is_approved for one in found.versions] == [False, True]
        assert session.scalar(sa.select(sa.func.count(MeetingNote.id))) == 0
    assert kinds(look).count("minutes_approved") == 3
    page = client.get(address).text
    assert "They are a public record now." in page
    assert "The text was changed after" not in page
    assert write_is_refused(staff, held)
    assert verbs(look, "minutes.") == [
        "minutes.drafted",
        "minutes.sent",
        "minutes.confirmed",
        "minutes.approved",
    ]


def write_is_refused(staff, held):
    return staff.client.get(f"{held.minutes}/edit").status_code == 409


@pytest.fixture
def sent(held, work, staff):
    """The public id of minutes that are with the supplier."""
    by = {"now": NOW, "actor": f"user:{staff.user_id}"}
    with work() as session:
        found = actions.save_minutes(
            session,
            held.booking,
            "Priset är **40 kr** per dygn.",
            expected_revision=0,
            writer_id=staff.user_id,
            **by,
        )
        actions.send_for_check(session, held.booking, seen=found.revision, post=POST, **by)
        return found.public_id


def approve(session, held, user_id):
    found = session.scalars(sa.select(Minutes)).one()
    by = {"user_id": user_id, "actor": f"user:{user_id}", "now": NOW, "post": POST}
    return actions.approve(session, held.booking, seen=found.revision, **by)


def answer(session, correction="", number=1):
    found = session.scalars(sa.select(Minutes)).one()
    how = {"number": number, "now": NOW, "actor": "participant:x"}
    return minutes_checks.answer_check(session, found.id, correction, **how)


def test_what_is_wrong_is_added_to_answered_and_kept(staff, held, sent, look, client):
    address = f"/en/r/{held.contact}/minutes/{sent}"
    form = open_form(client, address, "correction")
    form["verdict"] = "wrong"
    assert problems_of(form.send()) == ["Write what is wrong, and how it was"]
    form["correction"] = "Priset var 45 kr."
    assert form.send().status_code == 303
    more = open_form(client, address, "correction")
    more["correction"] = "Och utan moms."
    more.send()
    assert "The supplier waits for an answer" in staff.client.get(held.minutes).text
    assert press(staff, f"{held.minutes}/approve").location.endswith("lacks_answer")
    write(staff, held, "Priset är 45 kr.", "Ändrat.")
    page = staff.client.get(held.minutes).text
    assert "The supplier does not read the change before it is a public record." in page
    assert "<del>Priset är **40 kr** per dygn.</del><br><ins>Priset är 45 kr.</ins>" in page
    assert press(staff, f"{held.minutes}/approve").location.endswith("approved")
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert found.correction == "Priset var 45 kr.\n\nOch utan moms."
        assert [one.text for one in found.versions][-1] == "Priset är 45 kr."
    page = client.get(address).text
    assert "Ändrat." in page
    assert "The text was changed after you had said what is wrong" in page


def test_what_is_added_after_an_answer_waits_for_one_of_its_own(staff, held, sent, work, look):
    with work() as session:
        answer(session, "Fel ett")
    write(staff, held, "Ett.", "Svar på ett")
    with work() as session:
        answer(session, "Fel två")
    assert "The supplier waits for an answer" in staff.client.get(held.minutes).text
    assert press(staff, f"{held.minutes}/approve").location.endswith("lacks_answer")
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert found.correction == "Fel ett\n\n> Svar på ett\n\nFel två"
        assert found.correction_answer == ""


def test_what_nobody_asked_for_is_read_once_more(staff, held, sent, work, look):
    with work() as session:
        answer(session)
    write(staff, held, "Något helt annat.")
    assert press(staff, f"{held.minutes}/approve").location.endswith("lacks_resend")
    press(staff, f"{held.minutes}/send")
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert (found.state, found.checked_at) == ("fact_check", None)
        assert [(one.text, one.checked_by) for one in found.versions] == [
            ("Priset är **40 kr** per dygn.", "participant:x"),
            ("Något helt annat.", ""),
        ]


def test_the_supplier_reads_what_was_sent_not_what_is_being_written(staff, held, sent, client):
    write(staff, held, "Ofärdigt utkast")
    page = client.get(f"/sv/r/{held.contact}/minutes/{sent}").text
    assert "40 kr" in page
    assert "Ofärdigt" not in page


def test_an_answer_to_an_earlier_version_is_said_and_kept_in_the_form(staff, held, sent, client):
    form = open_form(client, f"/en/r/{held.contact}/minutes/{sent}", "correction")
    form["verdict"], form["correction"] = "wrong", "Nej, 45."
    write(staff, held, "Ny text")
    press(staff, f"{held.minutes}/send")
    refused = form.send()
    assert refused.status_code == 409
    assert problems_of(refused) == [
        "A newer version has been sent to you since. Read it and answer once more."
    ]
    assert "Nej, 45." in refused.text
    assert "Ny text" in refused.text


def test_silence_is_told_as_such(app, staff, held, sent, work, look, clock):
    until = NOW + timedelta(days=8)
    clock.move_to(until)
    with work() as session:
        assert minutes_checks.events_with_ended_checks(session, now=NOW) == []
        assert minutes_checks.events_with_ended_checks(session, now=until) == [held.event]
        assert minutes_checks.end_checks(session, held.event, now=until) == 1
        assert minutes_checks.end_checks(session, held.event, now=until) == 0
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert (found.state, found.checked_at) == ("checked", None)
    page = app.test_client().get(f"/en/r/{held.contact}/minutes/{sent}").text
    assert "silence counts as no objection" in page
    with work() as session:
        approve(session, held, staff.user_id)
    clock.move_to(NOW)  # while the host is signed in
    assert "The supplier did not answer in time." in staff.client.get(held.minutes).text
    page = app.test_client().get(f"/en/r/{held.contact}/minutes/{sent}").text
    assert "It is noted that you did not answer by Tue 19 Jan 2027, 23:59." in page


def test_a_late_word_still_counts(held, sent, work):
    with work() as session:
        minutes_checks.end_checks(session, held.event, now=NOW + timedelta(days=8))
        assert answer(session, "Sent, men fel.").correction == "Sent, men fel."
        assert answer(session).correction == "Sent, men fel."


def test_only_those_who_were_in_the_meeting_and_the_contact_read_them(held, sent, client, look):
    for secret, status in ((held.contact, 200), (held.second, 200), (held.third, 404)):
        assert client.get(f"/sv/r/{secret}/minutes/{sent}").status_code == status
    assert client.get(f"/sv/r/{held.contact}/minutes/aaaaaaaaaaaa").status_code == 404


def test_another_suppliers_link_opens_nothing_of_it(held, sent, work, client, app):
    with work() as session:
        other = make_registration(session, session.get_one(Event, held.event))
        make_participant(session, other)
        secret = make_link(app.config["SECRET_KEY"], REGISTRATION, other.public_id, 0)
    address = f"/sv/r/{secret}/minutes/{sent}"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert client.post(f"{address}/marks").status_code == 404


def test_passages_are_marked_with_a_reason_and_kept(held, sent, client, look, work, staff):
    address = f"/en/r/{held.second}/minutes/{sent}"
    form = open_form(client, address, "passage")
    form["passage"], form["reason"] = "Priset är 99 kr", "Konkurrenter"
    assert problems_of(form.send()) == [
        "These words do not stand in the minutes. Copy them from it."
    ]
    form["passage"] = "40 kr per dygn"
    assert form.send().status_code == 303
    assert "40 kr per dygn" in staff.client.get(held.minutes).text
    token = token_of(client.get(address))
    with look() as session:
        [mark] = session.scalars(sa.select(Minutes)).one().marks
        remove = f"{address}/marks/{mark.id}/remove"
    assert (
        client.post(f"{address}/marks/9999/remove", data={"csrf_token": token}).status_code == 404
    )
    assert client.post(remove, data={"csrf_token": token}).status_code == 303
    form.send()
    with work() as session:
        answer(session)
        approve(session, held, staff.user_id)
    with look() as session:
        [mark] = session.scalars(sa.select(Minutes)).one().marks
        assert (mark.reason, mark.marked_by[:12]) == ("Konkurrenter", "participant:")
    assert "40 kr per dygn" in client.get(address).text


def test_approved_ones_are_opened_again_with_a_reason_and_the_record_stays(
    staff, held, sent, work, look, client
):
    with work() as session:
        answer(session)
        approve(session, held, staff.user_id)
    refused = press(staff, f"{held.minutes}/reopen", reason=" ")
    assert problems_of(refused) == ["Write what is wrong in the approved minutes"]
    assert press(staff, f"{held.minutes}/reopen", reason="Fel pris").status_code == 303
    page = client.get(f"/en/r/{held.contact}/minutes/{sent}").text
    assert "40 kr" in page
    assert "The organiser is changing something in them." in page
    write(staff, held, "Priset är 45 kr.")
    press(staff, f"{held.minutes}/send")
    with work() as session:
        answer(session, number=3)
        approve(session, held, staff.user_id)
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert [(v.number, v.is_approved, v.reason) for v in found.versions] == [
            (1, False, ""),
            (2, True, ""),
            (3, False, ""),
            (4, True, "Fel pris"),
        ]
        assert found.versions[1].text == "Priset är **40 kr** per dygn."


def test_disposal_leaves_what_somebody_was_shown_and_not_what_was_begun(staff, held, sent, work):
    with work() as session:
        answer(session)
        approve(session, held, staff.user_id)
    press(staff, f"{held.minutes}/reopen", reason="Ett fel.")
    write(staff, held, "Ett utkast som ingen såg.")
    with work() as session:
        event = session.get_one(Event, held.event)
        assert erase_meetings(session, event) > 0
        found = session.scalars(sa.select(Minutes)).one()
        assert found.text == "Priset är **40 kr** per dygn."


def test_what_was_said_of_them_is_in_ones_own_data_also_when_they_are_open_again(
    staff, held, sent, client
):
    form = open_form(client, f"/en/r/{held.second}/minutes/{sent}", "correction")
    form["verdict"] = "wrong"
    form["correction"] = "Det var 45."
    assert form.send().status_code == 303
    write(staff, held, "Priset är 45 kr.", "Ändrat.")
    assert press(staff, f"{held.minutes}/approve").location.endswith("approved")
    press(staff, f"{held.minutes}/reopen", reason="Ett fel.")
    of_contact, own, others = (
        client.get(f"/en/r/{secret}/data.json").json["meetings"]["booked"]
        for secret in (held.contact, held.second, held.third)
    )
    assert [one["correction"] for one in of_contact[0]["minutes"]["earlier"]] == ["Det var 45."]
    assert own[0]["minutes"] == {"corrections": ["Det var 45."], "marks": []}
    assert others == []


def test_where_two_are_wanted_nobody_approves_what_they_wrote(held, sent, work, staff):
    with work() as session:
        answer(session)
        session.get_one(Organisation, staff.organisation_id).minutes_need_two = True
        with pytest.raises(SecondPerson):
            approve(session, held, staff.user_id)
        here = session.get_one(Organisation, staff.organisation_id)
        assert approve(session, held, make_user(session, here).id).state == "approved"


def test_two_who_write_the_minutes_meet(staff, held, sign_in, look):
    write(staff, held, "Ett")
    mine = open_form(staff.client, f"{held.minutes}/edit", "text")
    colleague = sign_in(organisation_id=staff.organisation_id, name="Sofia Ny")
    write(colleague, held, "Två")
    mine["text"] = "Tre"
    both = mine.send()
    assert both.status_code == 409
    assert "Två" in both.text
    again = form_of(staff.client, both, "text")
    assert again["text"] == "Tre"
    assert again.send().status_code == 303
    with look() as session:
        found = session.scalars(sa.select(Minutes)).one()
        assert (found.text, len(found.writer_ids)) == ("Tre", 2)


def test_what_the_state_does_not_allow_is_refused(held, work, staff):
    by = {"now": NOW, "actor": "user:1"}
    with work() as session:
        with pytest.raises(NotAllowedNow):
            actions.send_for_check(session, held.booking, seen=0, post=POST, **by)
        save = {"expected_revision": 0, "writer_id": 1, **by}
        actions.save_minutes(session, held.booking, " ", **save)
        with pytest.raises(NotReady):
            actions.send_for_check(session, held.booking, seen=1, post=POST, **by)
        with pytest.raises(EditedMeanwhile):
            actions.save_minutes(session, held.booking, "y", **save)
        with pytest.raises(NotAllowedNow):
            actions.approve(session, held.booking, seen=1, user_id=1, post=POST, **by)
        with pytest.raises(NotAllowedNow):
            actions.reopen(session, held.booking, "x", seen=1, **by)


def test_an_approver_reads_and_approves_but_sees_no_notes(held, sent, work, sign_in, staff):
    with work() as session:
        answer(session)
    approver = sign_in(role="approver", organisation_id=staff.organisation_id, language="en")
    page = approver.client.get(held.page).text
    assert "Save the notes" not in page
    assert press(approver, f"{held.minutes}/approve").location.endswith("approved")
    reader = sign_in(role="reader", organisation_id=staff.organisation_id)
    assert reader.client.get(held.page).status_code == 404
    assert reader.client.get(held.minutes).status_code == 404


def test_what_no_form_of_ours_sends_is_answered_calmly(staff, held, sent, client):
    odd, shared = "a\0bcdefghijk", held.page.rpartition("/meetings")[0] + "/shared"
    for path in (f"{shared}/new?booking={odd}", f"{shared}/{odd}/edit", f"{held.page}x\0"):
        assert staff.client.get(path.replace("\0", "%00")).status_code == 404
    for path, typed in (
        (f"{held.page}/notes", {"question": [odd, "x" * 9_000], "text": odd, "version": odd}),
        (f"{held.page}/presence", {"person": odd, "mark": odd}),
        (f"{held.minutes}/edit", {"text": odd, "version": "1 text:\0"}),
        (f"{held.minutes}/send", {"seen": odd}),
        (f"{held.minutes}/approve", {"seen": "\N{ARABIC-INDIC DIGIT THREE}"}),
        (f"{shared}/new", {"text_sv": odd, "booking": odd}),
        (f"{shared}/publish", {"item": odd, "seen": f"{odd}:0", "telling": "none"}),
        (f"{shared}/publish", {"item": "b", "seen": "b:\N{SUPERSCRIPT TWO}", "telling": odd}),
    ):
        assert staff.post(path, typed).status_code in (303, 404, 409, 422), path
    own = f"/sv/r/{held.contact}/minutes/{sent}"
    token = token_of(client.get(own))
    for path, typed in (
        (own, {"number": odd, "verdict": odd}),
        (own, {"number": "1", "verdict": "wrong", "correction": "\0"}),
        (f"{own}/marks", {"number": "\N{SUPERSCRIPT TWO}", "passage": "40\0 kr", "reason": "x"}),
        (f"{own}/marks/2147483647/remove", {}),
    ):
        answered = client.post(path, data={"csrf_token": token} | typed)
        assert answered.status_code in (404, 409, 422), path


def test_a_draft_is_no_record(staff, held, sign_in):
    write(staff, held)
    registrar = sign_in(role="registrar", organisation_id=staff.organisation_id)
    assert registrar.client.get(held.minutes).status_code == 404
    path = f"{held.page.rpartition('/meetings')[0]}/minutes"
    assert "Hjärtsund AB" not in registrar.client.get(path).text


def test_who_approves_and_who_hands_records_out_find_them_in_a_list(
    staff, held, sent, sign_in, work
):
    path = f"{held.page.rpartition('/meetings')[0]}/minutes"
    approver = sign_in(role="approver", organisation_id=staff.organisation_id, language="en")
    registrar = sign_in(role="registrar", organisation_id=staff.organisation_id, language="en")
    page = approver.client.get(path).text
    assert "Hjärtsund AB" in page
    assert "With the supplier for a fact check" in page
    write(staff, held, "Ett utkast.")
    assert "40 kr" in registrar.client.get(held.minutes).text  # what is sent is a record
    with work() as session:
        answer(session)
        session.scalars(sa.select(Minutes)).one().text = "Priset är **40 kr** per dygn."
        approve(session, held, staff.user_id)
    assert "Hjärtsund AB" in registrar.client.get(path).text
    page = registrar.client.get(held.minutes).text
    assert "40 kr" in page
    assert "Share something with all" not in page
    press(staff, f"{held.minutes}/reopen", reason="Ett fel.")
    write(staff, held, "Ett nytt utkast.")
    assert "Hjärtsund AB" in registrar.client.get(path).text
    page = registrar.client.get(held.minutes).text
    assert "40 kr" in page  # the record stays one
    assert "utkast" not in page
    reader = sign_in(role="reader", organisation_id=staff.organisation_id)
    assert reader.client.get(path).status_code == 404
