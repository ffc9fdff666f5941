"""The editor of a mailing: whom it is for, what it says, two who write at once, files, a test."""

import io
import re
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from dialognav.models import (
    Event,
    FormField,
    Letter,
    Message,
    MessageAttachment,
    MessageTemplate,
    Organisation,
    Participant,
    SavedForm,
    StaffSession,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.mailed import post_mail as post_mail
from tests.integration.staff import token_of
from tests.integration.test_recipients import add_field
from tests.integration.test_recipients import answer as give


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def place(staff, work):
    """{name: id}: an event with a confirmed Swede, a confirmed Norwegian online, one who waits."""
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, organisation, format="hybrid", title={"sv": "Dialog om natten"})
        made = {"event": event.public_id, "event_id": event.id}
        for name, language, state, mode in (
            ("Malin Ekdahl", "sv", "confirmed", "on_site"),
            ("Nils Nordmann", "nb", "confirmed", "online"),
            ("Vera Väntar", "sv", "waiting", "on_site"),
        ):
            registration = make_registration(session, event, language=language)
            person = make_participant(
                session,
                registration,
                name=name,
                email=f"{name.split()[0].lower()}@leverantor.example",
                state=state,
                mode=mode,
                **({"queue_number": 1} if state == "waiting" else {}),
            )
            made[name.split()[0]] = person.id
    return made


@pytest.fixture
def write(staff, place):
    """Post the editor: to a new message, or (address) to one that is there."""

    def post(fields=(), address=None, files=(), **more):
        path = address or f"/manage/events/{place['event']}/messages/new"
        page = staff.client.get(path).get_data(as_text=True)
        found = re.search(r'name="version"[^>]*value="([^"]*)"', page)
        data = MultiDict({"csrf_token": token_of(staff.client.get("/account/profile"))})
        typed = {"who": "some", "purpose": "registration", "version": found[1] if found else ""}
        for name, value in {**typed, **dict(fields), **more}.items():
            for one in value if isinstance(value, list) else [value]:
                data.add(name, one)
        for name, content in files:
            data.add("files", (io.BytesIO(content), name))
        return staff.client.post(path, data=data, content_type="multipart/form-data")

    return post


WORDS = {"subject_sv": "Inför {händelse}", "body_sv": "Hej {namn}!\n\n- Läs\n- Svara"}


def the_message(look):
    with look() as session:
        message = session.query(Message).one()
        session.expunge_all()
        return message


def edit_page(look):
    return f"/manage/messages/{the_message(look).public_id}/edit"


def text_of(answer):
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_nobody_is_ticked_to_begin_with(staff, place):
    page = text_of(staff.client.get(f"/manage/events/{place['event']}/messages/new"))
    assert "Nobody gets it yet" in page
    assert "checked" in page  # which of the ways to choose
    assert not re.search(r'name="states"[^>]*checked', page)


def test_a_draft_is_saved_with_its_readers(write, look, place):
    answer = write(WORDS, states="confirmed", subject_nb="Før {arrangement}", body_nb="Hei {navn}!")
    assert answer.status_code == 303
    message = the_message(look)
    assert (message.state, message.revision) == ("draft", 0)
    assert message.subject == {"sv": "Inför {händelse}", "nb": "Før {arrangement}"}
    assert message.audience["states"] == ["confirmed"]
    assert message.audience["events"] == [place["event_id"]]
    assert answer.location.endswith(f"/manage/messages/{message.public_id}/edit?done=saved")


def test_what_stands_beside_the_text_follows_without_saving(write, look, place):
    page = text_of(write(WORDS, then="update", states=["confirmed", "waiting"]))
    assert "3 people get it" in page
    assert "Inför Dialog om natten" in page
    assert "Hej Malin Ekdahl!" in page
    assert "gets it in Swedish" in page  # the Norwegian, for want of a translation
    with look() as session:
        assert session.query(Message).count() == 0


def test_preview_as_any_of_them_and_the_next(write, place):
    page = text_of(write(WORDS, then="update", states="confirmed", **{"as": str(place["Nils"])}))
    assert "Hej Nils Nordmann!" in page
    page = text_of(write(WORDS, then="next", states="confirmed", **{"as": str(place["Nils"])}))
    assert "Hej Malin Ekdahl!" in page  # after the last comes the first


def test_a_placeholder_that_is_empty_for_some_is_named_with_them(write):
    page = text_of(write(body_sv="Anslut: {länk}", then="update", states="confirmed"))
    assert "{link} is empty for some" in page
    assert "Malin Ekdahl" in page


def test_an_unknown_placeholder_comes_back_with_what_was_meant(write, look):
    answer = write(subject_sv="Hej", body_sv="Hej {nammn}!", states="confirmed")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "{nammn} stands for nothing. Did you mean {name}?" in page
    assert "Hej {nammn}!" in page
    with look() as session:
        assert session.query(Message).count() == 0


def test_nobody_sees_anothers_own_link(write, place):
    page = text_of(write(body_sv="Din sida: {min_sida}", then="update", states="confirmed"))
    assert 'href="http://localhost/sv/my"' in page
    assert not re.search(r"/sv/r/[a-z2-7]{39}", page)


def test_chosen_people_and_those_found_by_name(write, look, place):
    page = text_of(write(WORDS, then="update", who="people", find="väntar"))
    assert "Vera Väntar" in page
    assert "Malin Ekdahl" not in page
    write(WORDS, who="people", people=[str(place["Vera"]), str(place["Malin"])])
    assert the_message(look).audience["people"] == sorted((place["Vera"], place["Malin"]))


def test_what_was_ticked_the_other_way_is_kept(write, place):
    page = text_of(write(WORDS, then="update", who="people", states="confirmed"))
    assert '<input type="hidden" name="states" value="confirmed">' in page
    page = text_of(write(WORDS, then="update", who="some", people=str(place["Vera"])))
    assert f'<input type="hidden" name="people" value="{place["Vera"]}">' in page


def test_an_answer_that_can_be_given_no_longer_still_restricts(staff, write, look, work, place):
    """Otherwise the draft would go to all confirmed once somebody opens it and saves."""
    with work() as session:
        event = session.get_one(Event, place["event_id"])
        field = add_field(session, event, "choice")
        malin = session.get_one(Participant, place["Malin"])
        give(session, field, malin.registration, "a1")
        chosen = f"{field.id}:a1"
    write(WORDS, states="confirmed", answers=chosen)
    with work() as session:
        field = session.query(FormField).one()
        field.options = field.options[1:]
    page = text_of(staff.client.get(edit_page(look)))
    assert "1 person gets it" in page
    assert "No longer to choose" in page
    boxes = re.findall(r'name="(\w+)" value="([^"]*)" checked', page)
    assert boxes == [("who", "some"), ("states", "confirmed"), ("answers", chosen)]
    assert "1 person gets it" in text_of(write(WORDS, then="update", **dict(boxes)))
    for nonsense in ({"answers": "x:a1"}, {"modes": "by_train"}, {"occasions": "x"}):
        page = text_of(write(WORDS, then="update", states="confirmed", **nonsense))
        assert "Nobody gets it yet" in page
        assert "No longer to choose" in page


def test_people_of_other_events_are_out_of_reach(write, work, place):
    with work() as session:
        stranger = make_participant(session, make_registration(session, make_event(session)))
        chosen = str(stranger.id)
    assert "Nobody gets it yet" in text_of(write(WORDS, then="update", who="people", people=chosen))


def test_two_editors_both_texts_and_nothing_overwritten(staff, write, look):
    write(WORDS, states="confirmed")
    address = edit_page(look)
    version = re.search(r'name="version"[^>]*value="([^"]*)"', text_of(staff.client.get(address)))[
        1
    ]
    write({**WORDS, "subject_sv": "Hennes", "body_sv": "Hennes text"}, address, states="confirmed")
    mine = {"subject_sv": "Inför {händelse}", "body_sv": "Min text", "version": version}
    answer = write(mine, address, states="confirmed")
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Hennes text" in page
    assert "Min text" in page
    assert 'value="Hennes"' in page  # only she changed the subject: hers is in the form now
    assert the_message(look).body == {"sv": "Hennes text"}
    again = re.search(r'name="version"[^>]*value="([^"]*)"', page)[1]
    assert write({**mine, "version": again}, address, states="confirmed").status_code == 303
    assert the_message(look).body == {"sv": "Min text"}


def test_a_change_takes_back_an_approval(write, look, work):
    write(WORDS, states="confirmed")
    with work() as session:
        message = session.query(Message).one()
        message.organisation.message_approval = True
        message.state, message.approved_at = "approved", NOW
        message.approved_recipients = [1]
    write({**WORDS, "body_sv": "Annat"}, edit_page(look), states="confirmed")
    message = the_message(look)
    assert (message.state, message.approved_at, message.approved_recipients) == (
        "draft",
        None,
        None,
    )


def test_what_goes_by_itself_says_so_while_it_is_edited(staff, write, look, work):
    write(WORDS, states="confirmed")
    address = edit_page(look)
    with work() as session:
        message = session.query(Message).one()
        message.state, message.send_at = "scheduled", NOW + timedelta(days=2)
    page = text_of(staff.client.get(address))
    assert "It goes by itself" in page
    assert "What you save goes then, without another question." in page
    answer = write({**WORDS, "body_sv": "Annat"}, address, states="confirmed")
    assert the_message(look).state == "scheduled"
    assert "It still goes by itself at its time" in text_of(staff.client.get(answer.location))
    with work() as session:
        session.query(Message).one().organisation.message_approval = True
    assert "takes back both the approval and the time" in text_of(staff.client.get(address))
    answer = write(WORDS, address, states="confirmed")
    assert "Nothing is sent until you say so." in text_of(staff.client.get(answer.location))


def test_what_is_sent_is_not_edited_and_the_text_comes_back(staff, write, look, work):
    write(WORDS, states="confirmed")
    address = edit_page(look)
    with work() as session:
        session.query(Message).one().state = "sending"
    assert staff.client.get(address).status_code == 303
    answer = write({**WORDS, "body_sv": "För sent"}, address, states="confirmed")
    assert answer.status_code == 422
    assert "För sent" in text_of(answer)
    assert the_message(look).body == {"sv": WORDS["body_sv"]}


def test_files_are_added_and_taken_away(write, look):
    write(WORDS, files=[("plan.txt", b"Plan"), ("bild.png", b"\x89PNG\r\n\x1a\nx")])
    with look() as session:
        files = session.query(MessageAttachment).order_by("position").all()
        assert [(f.filename, f.size) for f in files] == [("plan.txt", 4), ("bild.png", 9)]
        gone = files[0].public_id
    write(WORDS, edit_page(look), remove=gone)
    with look() as session:
        assert [f.filename for f in session.query(MessageAttachment)] == ["bild.png"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("virus.exe", b"MZ\x00", "virus.exe: This kind of file is not accepted"),
        ("stor.txt", b"x" * (10 * 1024 * 1024 + 1), "At most 10 files, and 10 MB together"),
    ],
)
def test_a_file_that_cannot_go_is_said_with_everything_kept(write, look, name, content, sentence):
    answer = write(WORDS, files=[(name, content)])
    assert answer.status_code == 422
    page = text_of(answer)
    assert sentence in page
    assert "Hej {namn}!" in page


def test_the_eleventh_file_stays_out(write, look):
    write(WORDS, files=[(f"{n}.txt", b"x") for n in range(10)])
    answer = write(WORDS, edit_page(look), files=[("elva.txt", b"x")])
    assert answer.status_code == 422
    with look() as session:
        assert session.query(MessageAttachment).count() == 10


def test_a_test_goes_to_oneself_and_counts_as_nothing(staff, write, look):
    answer = write(WORDS, states="confirmed", then="test", files=[("plan.txt", b"Plan")])
    assert "done=tested" in answer.location
    with look() as session:
        letter = session.query(Letter).one()
        assert (letter.recipient, letter.message_id, letter.participant_id) == (
            staff.email,
            None,
            None,
        )
        assert letter.facts["words"]["subject"] == "Test: Inför {händelse}"
        own = letter.facts["link"]["public_id"]
        assert own not in {one.public_id for one in session.query(Message)}


def test_a_test_arrives_as_it_will_with_its_files(staff, write, post_mail):
    write(WORDS, states="confirmed", then="test", files=[("plan.txt", b"Plan")])
    [mail] = post_mail()
    assert staff.email in mail["To"]
    assert mail["Subject"] == "Test: Inför Dialog om natten"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["plan.txt"]


def test_a_test_without_readers_is_refused_with_everything_kept(write, look):
    answer = write(WORDS, then="test")
    assert answer.status_code == 422
    assert "Choose somebody who gets it first" in text_of(answer)
    with look() as session:
        assert (session.query(Letter).count(), session.query(Message).count()) == (0, 0)


def test_words_of_word_become_markdown(write, look):
    write(subject_sv="x", body_sv="Tre saker:\r\n·\tLäs\r\n·\tBoka")
    assert the_message(look).body == {"sv": "Tre saker:\n\n- Läs\n- Boka"}


def test_copy_and_delete(staff, write, look):
    write(WORDS, states="confirmed", files=[("plan.txt", b"Plan")])
    first = the_message(look).public_id
    assert "done=copied" in staff.post(f"/manage/messages/{first}/copy").location
    assert "done=deleted" in staff.post(f"/manage/messages/{first}/delete").location
    message = the_message(look)
    assert message.public_id != first
    assert message.subject == {"sv": WORDS["subject_sv"]}
    with look() as session:
        assert [f.filename for f in session.query(MessageAttachment)] == ["plan.txt"]


def test_begin_with_a_template(staff, work, place):
    with work() as session:
        template = MessageTemplate(
            organisation_id=staff.organisation_id,
            name="Påminnelse",
            subject={"sv": "Snart dags"},
            body={"sv": "Vi ses."},
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(template)
        session.flush()
        chosen = template.public_id
    path = f"/manage/events/{place['event']}/messages"
    assert "Påminnelse" in text_of(staff.client.get(f"{path}?view=templates"))
    assert f"{path}/new?template={chosen}" in text_of(staff.client.get(f"{path}/new"))
    assert "Snart dags" in text_of(staff.client.get(f"{path}/new?template={chosen}"))


def test_across_several_events(staff, write, look, work, place):
    with work() as session:
        other = make_event(session, session.get_one(Organisation, staff.organisation_id))
        make_participant(session, make_registration(session, other), name="Anna Annan")
        ids = [str(place["event_id"]), str(other.id)]
    page = text_of(
        write(WORDS, "/manage/messages/new", then="update", events=ids, states="confirmed")
    )
    assert "3 people get it" in page
    write(WORDS, "/manage/messages/new", events=ids, states="confirmed")
    message = the_message(look)
    assert message.event_id is None
    assert [str(one) for one in sorted(message.audience["events"])] == sorted(ids)
    assert "Inför" in text_of(staff.client.get("/manage/messages"))


def test_another_organisations_event_cannot_be_chosen(write, look, work, place):
    with work() as session:
        strange = make_event(session)
        make_participant(session, make_registration(session, strange), name="Hemliga Hedda")
        chosen = {"events": str(strange.id), "states": "confirmed"}
    for who in ("some", "people"):
        page = text_of(write(WORDS, "/manage/messages/new", then="update", who=who, **chosen))
        assert "Nobody gets it yet" in page
        assert "Hemliga Hedda" not in page
        assert 'Confirmed <span class="muted num">1' not in page
    write(WORDS, "/manage/messages/new", **chosen)
    assert the_message(look).audience["events"] == []


def test_the_lists_and_how_they_arrived(staff, write, look, work, place):
    write(WORDS, states="confirmed")
    path = f"/manage/events/{place['event']}/messages"
    assert "Inför {händelse}" in text_of(staff.client.get(path))
    with work() as session:
        message = session.query(Message).one()
        message.state, message.started_at = "sent", NOW
        for n, status in enumerate(("sent", "given_up")):
            letter = Letter(
                public_id=f"l{n}",
                message_id=message.id,
                event_id=place["event_id"],
                kind="message",
                stream=f"s{n}",
                recipient=f"{n}@x.example",
                language="sv",
                status=status,
                facts={},
                created_at=NOW,
                due_at=NOW,
            )
            session.add(letter)
    page = text_of(staff.client.get(f"{path}?view=sent"))
    assert "1 did not arrive" in page
    assert "Inför {händelse}" not in text_of(staff.client.get(f"{path}?view=drafts"))


@pytest.mark.parametrize("role", ["host", "registrar", "reader"])
def test_who_neither_writes_nor_approves_sees_nothing(sign_in, staff, place, role):
    other = sign_in(role=role, language="en", organisation_id=staff.organisation_id)
    for path in (f"/manage/events/{place['event']}/messages", "/manage/messages"):
        assert other.client.get(path).status_code == 404


def test_who_approves_reads_and_does_not_write(sign_in, staff, place):
    other = sign_in(role="approver", language="en", organisation_id=staff.organisation_id)
    path = f"/manage/events/{place['event']}/messages"
    page = other.client.get(path)
    assert page.status_code == 200
    assert "Write a message" not in text_of(page)
    assert other.client.get(f"{path}/new").status_code == 404


def test_a_lost_session_brings_everything_back(staff, look, work, place):
    with work() as session:
        for browser in session.query(StaffSession):
            browser.expires_at = NOW
    path = f"/manage/events/{place['event']}/messages/new"
    data = {**WORDS, "who": "some", "states": ["confirmed", "waiting"]}
    answer = staff.client.post(path, data=data, content_type="multipart/form-data")
    assert "kept=" in answer.location
    with look() as session:
        kept = session.query(SavedForm).one()
        assert kept.path == path
        assert ["body_sv", WORDS["body_sv"]] in kept.fields
        assert ["states", "waiting"] in kept.fields


def test_statements_do_not_grow_with_the_readers(staff, write, statements, work, place):
    fields = {**WORDS, "body_sv": "{namn} {länk}", "then": "update", "states": "confirmed"}
    write(fields)
    with statements() as few:
        write(fields)
    with work() as session:
        event = session.get_one(Event, place["event_id"])
        for _ in range(5):
            make_participant(session, make_registration(session, event))
    with statements() as many:
        assert "7 people get it" in text_of(write(fields))
    assert len(many) == len(few) <= 26  # of three pages: two are looked at before


@pytest.mark.parametrize(
    "fields",
    [
        {"events": "x", "states": "no such state", "occasions": "-1", "answers": ":::"},
        {"who": "nobody", "people": ["9" * 30, "1e9", "²"], "as": "<script>"},
        {"version": "x" * 5000, "purpose": "spam", "remove": "../../etc", "find": "\u202e%_" * 200},
        {"subject_sv": "\r\nBcc: all@x.example", "body_sv": "\x00{{7*7}}\u202e" + "[" * 3000},
    ],
)
@pytest.mark.parametrize("then", ["update", ""])
def test_hostile_forms_are_only_forms(write, look, fields, then):
    assert write({**WORDS, **fields, "then": then}).status_code in (200, 303, 422)
    with look() as session:
        for message in session.query(Message):
            assert message.audience["states"] == []
            assert "\n" not in message.subject.get("sv", "")


def test_what_waits_for_approval_stands_on_the_tab_of_who_may(write, sign_in, staff, work, place):
    write(WORDS, states="confirmed")
    with work() as session:
        session.query(Message).one().state = "submitted"
    for role, number in (("approver", 1), ("registrar", 0)):
        other = sign_in(role=role, language="en", organisation_id=staff.organisation_id)
        page = text_of(other.client.get(f"/manage/events/{place['event']}"))
        assert len(re.findall(r'Messages <span class="n hot">1', page)) == number
