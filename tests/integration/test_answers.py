"""Extra questions answered: in the sign-up, on the own page, on behalf; and who reads them."""

import html
import io
from datetime import timedelta

import pytest

from blueprints.public import staging
from dialognav import tokens
from dialognav.actions import answers, form_fields
from dialognav.actions.form_fields import FieldDraft
from dialognav.domain.errors import TooLate
from dialognav.domain.form_fields import NOTHING
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.mail.post import Post
from dialognav.models import (
    Answer,
    AnswerFile,
    Event,
    Organisation,
    Participant,
    Registration,
    StagedFile,
)
from dialognav.models.approvals import facts_of
from dialognav.models.questions import fields_of
from tests.conftest import NOW
from tests.factories import STARTS, make_event
from tests.integration.forms import form_of, open_form, problems_of

PDF = b"%PDF-1.7\nen offert"
POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
OPTIONS = (("", {"sv": "Finns", "en": "Exists"}), ("", {"sv": "Planerad", "en": "Planned"}))


@pytest.fixture
def event(staff, work):
    """(public id, slug) of an event that asks nothing yet."""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        made = make_event(session, here, title={"sv": "Dialog", "en": "Dialogue"})
        return made.public_id, made.slug


@pytest.fixture
def ask(work, event):
    """`ask(kind, label, scope=.., required=.., condition=..)`: the key of the question's field."""

    def add(kind, label="Vad?", scope="registration", **given):
        if kind in ("choice", "choices"):
            given.setdefault("options", OPTIONS)
        draft = FieldDraft({"sv": label, "en": label}, **given)
        with work() as session:
            event_id = session.query(Event.id).filter_by(public_id=event[0]).scalar()
            made = form_fields.add_field(
                session,
                event_id,
                FieldKind(kind),
                FieldScope(scope),
                draft,
                now=NOW,
                actor="user:1",
            )
            return made.public_id

    return add


def open_sign_up(client, event, **typed):
    form = open_form(client, f"/en/events/{event[1]}/register", "party_name")
    filled = {
        "party_name": "Exempel AB",
        "contact-name": "Åsa Öberg",
        "contact-email": "asa@exempel.example",
        **typed,
    }
    for name, value in filled.items():
        form[name] = value
    return form


def answered(look):
    """{(label, person's name or ""): value}"""
    with look() as session:
        return {
            (one.field.label["sv"], name_of(session, one)): one.value
            for one in session.query(Answer)
        }


def name_of(session, answer):
    if answer.participant_id is None:
        return ""
    return session.get_one(Participant, answer.participant_id).name


# --- sign-up ----------------------------------------------------------------------------------


def test_every_kind_is_answered_for_the_organisation_and_each_person(client, event, ask, look):
    own = {kind: ask(kind, kind) for kind in ("text", "long_text", "number", "choice", "yes_no")}
    mine = ask("choices", "choices", scope="person")
    form = open_sign_up(client, event)
    page = form_of(client, form.send("add"), "party_name")
    page["people-0-name"], page["people-0-email"] = "Bo Ek", "bo@exempel.example"
    page[f"answer-{own['text']}"] = "  En rad "
    page[f"answer-{own['long_text']}"] = "Flera\r\nrader"
    page[f"answer-{own['number']}"] = "1 234,5"
    page[f"answer-{own['choice']}"] = "a2"
    page[f"answer-{own['yes_no']}"] = "no"
    page[f"contact-answer-{mine}"] = "a1"
    page.fields.setlist(f"people-0-answer-{mine}", ["a2", "a1"])
    assert page.send("send").status_code == 303
    assert answered(look) == {
        ("text", ""): "En rad",
        ("long_text", ""): "Flera\nrader",
        ("number", ""): 1234.5,
        ("choice", ""): "a2",
        ("yes_no", ""): False,
        ("choices", "Åsa Öberg"): ["a1"],
        ("choices", "Bo Ek"): ["a1", "a2"],
    }


def test_a_required_question_is_said_at_the_field_and_nothing_typed_is_lost(
    client, event, ask, look
):
    number = ask("number", "Hur många?", required=True)
    person = ask("text", "Er roll?", scope="person", required=True)
    form = open_sign_up(client, event, **{f"answer-{number}": "många"})
    answer = form.send("send")
    assert answer.status_code == 422
    assert problems_of(answer) == [
        "Answer the question “Er roll?”",
        "Write a number, like 12 or 1,5",
    ]
    again = form_of(client, answer, "party_name")
    assert again[f"answer-{number}"] == "många"
    assert again["party_name"] == "Exempel AB"
    again[f"answer-{number}"], again[f"contact-answer-{person}"] = "12", "Chef"
    assert again.send("send").status_code == 303
    assert answered(look) == {("Hur många?", ""): 12, ("Er roll?", "Åsa Öberg"): "Chef"}


def test_the_contact_who_stays_at_home_is_asked_nothing_as_a_person(client, event, ask, look):
    ask("text", "Er roll?", scope="person", required=True)
    form = open_sign_up(client, event, **{"contact-takes_part": None})
    answer = form.send("send", **{"people-0-name": "Bo Ek", "people-0-email": "bo@exempel.example"})
    assert problems_of(answer) == ["Answer the question “Er roll?”"]


def test_what_is_not_called_for_is_neither_required_nor_stored(client, event, ask, look):
    maturity = ask("choice", "Läge", required=True)
    when = ask("text", "När?", required=True, condition=(maturity, "a2"))
    person = ask("text", "Vem?", scope="person", required=True, condition=(maturity, "a2"))
    typed = {f"answer-{maturity}": "a1", f"answer-{when}": "typed before the mind changed"}
    assert open_sign_up(client, event, **typed).send("send").status_code == 303
    assert answered(look) == {("Läge", ""): "a1"}
    typed = {f"answer-{maturity}": "a2", "contact-email": "bo@annat.example"}
    answer = open_sign_up(client, event, **typed).send("send")
    assert problems_of(answer) == ["Answer the question “När?”", "Answer the question “Vem?”"]
    assert "Only if you answered “Planned” above." in answer.text
    again = form_of(client, answer, "party_name")
    again[f"answer-{when}"], again[f"contact-answer-{person}"] = "I höst", "Jag"
    assert again.send("send").status_code == 303


def test_the_question_that_others_hang_on_stands_before_them(client, event, ask):
    first = ask("yes_no", "Först")
    page = client.get(f"/en/events/{event[1]}/register").text
    assert page.index("Person 1") < page.index("Questions from the organiser")
    ask("text", "Sedan", scope="person", condition=(first, "yes"))
    page = client.get(f"/en/events/{event[1]}/register").text
    assert page.index("Questions from the organiser") < page.index("Person 1")
    assert 'class="sw-1"' in page
    assert '<div class="on-1">' in page


@pytest.mark.parametrize(
    ("kind", "forged"),
    [
        ("choice", "a9"),
        ("yes_no", "maybe"),
        ("number", "NaN"),
        ("text", "x" * 5000),
        ("long_text", "\x00" * 3 + "x" * 4001),
    ],
)
def test_a_forged_answer_is_told_not_stored(client, event, ask, look, kind, forged):
    key = ask(kind)
    answer = open_sign_up(client, event, **{f"answer-{key}": forged}).send("send")
    assert answer.status_code == 422
    assert len(problems_of(answer)) == 1
    assert answered(look) == {}


def test_cards_that_move_take_their_answers_along(client, event, ask):
    key = ask("yes_no", "Lunch?", scope="person")
    form = open_sign_up(client, event)
    for number, (name, lunch) in enumerate([("Bo Ek", "yes"), ("Cia Alm", "no")]):
        form[f"people-{number}-name"] = name
        form[f"people-{number}-answer-{key}"] = lunch
    page = form_of(client, form.send("remove-2"), "party_name")
    assert page["people-0-name"] == "Cia Alm"
    assert page[f"people-0-answer-{key}"] == "no"
    assert f"people-1-answer-{key}" not in page.fields


def test_sign_up_to_an_event_without_questions_reads_none(client, event, statements):
    with statements() as ran:
        client.get(f"/en/events/{event[1]}/register")
    assert not [each for each in ran if "form_field" in each]


def test_an_event_with_questions_costs_one_statement_more(client, event, ask, statements):
    path = f"/en/events/{event[1]}/register"
    client.get(path)
    with statements() as without:
        client.get(path)
    ask("choice")
    ask("text", scope="person")
    with statements() as ran:
        client.get(path)
    assert len(ran) == len(without) + 1


# --- files ------------------------------------------------------------------------------------


def upload(form, action="send", **files):
    """The form as a browser sends it, with files: {field's name: (content, filename)}"""
    data = form.fields.to_dict(flat=False) | {"action": action}
    for name, (content, filename) in files.items():
        data[name] = (io.BytesIO(content), filename)
    return form.client.post(form.path, data=data, content_type="multipart/form-data")


def test_a_file_is_stored_and_given_to_the_organiser_only(client, staff, event, ask, look):
    key = ask("file", "Bilaga", required=True)
    form = open_sign_up(client, event)
    answer = upload(form, **{f"answer-{key}": (PDF, "../Vår offert.pdf")})
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        file = session.query(AnswerFile).one()
        assert (file.filename, file.size, file.content) == ("Vår offert.pdf", len(PDF), PDF)
        public_id = file.public_id
        registration = session.query(Registration).one().public_id
    got = staff.client.get(f"/manage/answers/{public_id}")
    assert got.data == PDF
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/manage/answers/{public_id}").status_code == 303  # to sign in
    assert public_id in staff.client.get(f"/manage/registrations/{registration}").text


@pytest.mark.parametrize(
    ("content", "filename", "sentence"),
    [
        (b"<script>alert(1)</script>", "x.html", "This kind of file is not accepted"),
        (b"MZ\x90\x00", "x.pdf", "The content is not what the file's name says"),
        (b"", "x.pdf", "The file is empty"),
    ],
)
def test_a_file_that_is_not_let_in_waits_nowhere(
    client, event, ask, look, content, filename, sentence
):
    key = ask("file")
    answer = upload(open_sign_up(client, event), **{f"answer-{key}": (content, filename)})
    assert [html.unescape(each) for each in problems_of(answer)] == [sentence]
    with look() as session:
        assert session.query(StagedFile).count() == 0


def test_a_file_too_large_is_told_and_the_rest_is_kept(client, event, ask):
    key = ask("file")
    big = PDF + bytes(5 * 1024 * 1024)
    answer = upload(open_sign_up(client, event), **{f"answer-{key}": (big, "x.pdf")})
    assert problems_of(answer) == ["The file is larger than 5 MB"]
    assert form_of(client, answer, "party_name")["party_name"] == "Exempel AB"


def test_a_large_post_is_refused_where_no_file_is_asked_for(client, event):
    form = open_sign_up(client, event, message="x" * 600_000)
    assert form.send("send").status_code == 413


@pytest.mark.parametrize("action", ["send", "add"])
def test_a_file_waits_while_the_form_goes_back(client, event, ask, look, action):
    key = ask("file", "Bilaga", required=True)
    form = open_sign_up(client, event, party_name="" if action == "send" else "Exempel AB")
    answer = upload(form, action, **{f"answer-{key}": (PDF, "offert.pdf")})
    assert "offert.pdf is here. Choose a file only to replace it." in answer.text
    again = form_of(client, answer, "party_name")
    again["party_name"] = "Exempel AB"
    assert again.send("send").status_code == 303
    with look() as session:
        assert session.query(AnswerFile).one().content == PDF
        assert session.query(StagedFile).count() == 0  # it has become an answer


def test_a_waiting_file_can_be_taken_away_or_replaced(client, event, ask, look):
    key = ask("file", "Bilaga")
    form = open_sign_up(client, event, party_name="")
    answer = upload(form, **{f"answer-{key}": (PDF, "offert.pdf")})
    again = form_of(client, answer, "party_name")
    again[f"answer-{key}-gone"] = "1"
    assert "offert.pdf" not in again.send("send").text
    del again.fields[f"answer-{key}-gone"]
    again["party_name"] = "Exempel AB"
    assert upload(again, **{f"answer-{key}": (b"ny text", "ny.txt")}).status_code == 303
    with look() as session:
        assert session.query(AnswerFile).one().filename == "ny.txt"


def test_a_waiting_file_is_gone_after_two_hours(client, event, ask, clock):
    key = ask("file", "Bilaga")
    form = open_sign_up(client, event, party_name="")
    again = form_of(client, upload(form, **{f"answer-{key}": (PDF, "offert.pdf")}), "party_name")
    clock.move_to(NOW + timedelta(hours=2, minutes=1))
    assert "offert.pdf" not in again.send("send").text


def test_nobody_fills_the_disk_with_waiting_files(client, event, ask, look, monkeypatch):
    monkeypatch.setattr(answers, "MOST_STAGED", 1)
    monkeypatch.setattr(staging, "MOST_FILES", 100)
    key = ask("file", "Bilaga")
    form = open_sign_up(client, event, party_name="")
    for _ in range(2):
        answer = upload(form, **{f"answer-{key}": (PDF, "offert.pdf")})
    assert "Choose the file again: it could not be kept" in problems_of(answer)
    with look() as session:
        assert session.query(StagedFile).count() == 1


def test_a_waiting_file_of_another_event_is_not_to_be_had(client, event, ask, work, look):
    key = ask("file", "Bilaga")
    with work() as session:
        other = make_event(session)
        session.add(
            StagedFile(
                public_id="fremmande123",
                event_id=other.id,
                purpose="answer",
                filename="x.pdf",
                content=PDF,
                created_at=NOW,
            )
        )
    form = open_sign_up(client, event, **{f"answer-{key}-kept": "fremmande123"})
    assert form.send("send").status_code == 303
    assert answered(look) == {}


# --- the own page -----------------------------------------------------------------------------


@pytest.fixture
def registered(client, event, ask):
    """(own page, keys): one who has answered a choice, and a text as a person."""
    keys = {"own": ask("choice", "Läge"), "person": ask("text", "Er roll?", scope="person")}
    typed = {f"answer-{keys['own']}": "a1", f"contact-answer-{keys['person']}": "Chef"}
    answer = open_sign_up(client, event, **typed).send("send")
    return answer.location.split("?")[0], keys


def test_answers_are_shown_and_changed_on_the_own_page(client, registered, look):
    own, keys = registered
    page = client.get(own).text
    assert "Exists" in page
    assert "Chef" in page
    assert "Answers can be changed until the event begins." in page
    form = open_form(client, f"{own}/answers", f"answer-{keys['own']}")
    assert form[f"answer-{keys['own']}"] == "a1"
    form[f"answer-{keys['own']}"] = "a2"
    assert form.send().status_code == 303
    person = person_id(look)
    edit = open_form(client, f"{own}/{person}/edit", "name")
    assert edit[f"answer-{keys['person']}"] == "Chef"
    edit[f"answer-{keys['person']}"] = "Arkitekt"
    assert edit.send().status_code == 303
    assert answered(look) == {("Läge", ""): "a2", ("Er roll?", "Åsa Öberg"): "Arkitekt"}


def person_id(look):
    with look() as session:
        return session.query(Registration).one().participants[0].public_id


def test_after_the_time_answers_are_shown_and_not_changed(client, registered, work, look, clock):
    own, keys = registered
    with work() as session:
        session.query(Event).one().answers_until = NOW + timedelta(days=1)
    person = person_id(look)
    before = open_form(client, f"{own}/answers", f"answer-{keys['own']}")
    edit = open_form(client, f"{own}/{person}/edit", "name")
    clock.move_to(NOW + timedelta(days=1))
    page = client.get(own).text
    assert "Answers could be changed until Wed 13 Jan 2027, 10:00" in page
    assert "Chef" in page
    assert client.get(f"{own}/answers").status_code == 409
    before[f"answer-{keys['own']}"] = "a2"
    assert before.send().status_code == 409
    edit[f"answer-{keys['person']}"] = "Arkitekt"
    edit["title"] = "Ny titel"
    edit.send()
    assert answered(look) == {("Läge", ""): "a1", ("Er roll?", "Åsa Öberg"): "Chef"}
    again = open_form(client, f"{own}/{person}/edit", "name")
    assert f"answer-{keys['person']}" not in again.fields


@pytest.mark.parametrize("whose", ["own", "person"])
def test_the_action_keeps_the_time_by_itself(registered, work, whose):
    """A page that was open before the time passed may post after it."""
    with work() as session:
        session.query(Event).one().answers_until = NOW
    with work() as session:
        event, row = session.query(Event).one(), session.query(Registration).one()
        own = (answers.change_answers, (row.id, NOTHING), {"post": POST})
        person = (answers.change_person_answers, (event, row.participants[0], NOTHING), {})
        change, what, more = own if whose == "own" else person
        with pytest.raises(TooLate):
            change(session, *what, now=NOW, actor="", **more)


def test_a_changed_answer_takes_away_what_hung_on_it(client, event, ask, look):
    first = ask("yes_no", "Demo?")
    person = ask("text", "Vem visar?", scope="person", condition=(first, "yes"))
    typed = {f"answer-{first}": "yes", f"contact-answer-{person}": "Jag"}
    own = open_sign_up(client, event, **typed).send("send").location.split("?")[0]
    assert len(answered(look)) == 2
    form = open_form(client, f"{own}/answers", f"answer-{first}")
    form[f"answer-{first}"] = "no"
    assert form.send().status_code == 303
    assert answered(look) == {("Demo?", ""): False}


def test_a_colleague_changes_the_own_answers_only(client, registered, look):
    with look() as session:
        person = session.query(Registration).one().participants[0]
        key = client.application.config["SECRET_KEY"]
        person_id = person.public_id
    link = tokens.make_link(key, tokens.PARTICIPANT, person_id, 0)
    page = client.get(f"/en/r/{link}").text
    assert "Chef" in page
    assert "Exists" not in page
    assert client.get(f"/en/r/{link}/answers").status_code == 404
    assert client.get(f"/en/r/{link}/{person_id}/edit").status_code == 200


def test_an_approved_registration_is_looked_at_again_when_answers_change(
    client, registered, work, look
):
    own, keys = registered
    with work() as session:
        event = session.query(Event).one()
        event.registration_review = True
        row = session.query(Registration).one()
        row.review = "approved"
        row.approved = facts_of(session, [row])[row.id]
    same = open_form(client, f"{own}/answers", f"answer-{keys['own']}")
    assert same.send().status_code == 303
    with look() as session:
        assert session.query(Registration).one().review == "approved"
    same[f"answer-{keys['own']}"] = "a2"
    assert same.send().status_code == 303
    with look() as session:
        row = session.query(Registration).one()
        assert (row.review, row.review_reasons) == ("changed", ["changed"])


def test_a_newcomer_and_a_substitute_are_asked_too(client, registered, look):
    own, keys = registered
    add = open_form(client, f"{own}/add", "name")
    add["name"], add["email"] = "Bo Ek", "bo@exempel.example"
    add[f"answer-{keys['person']}"] = "Säljare"
    assert add.send().status_code == 303
    swap = open_form(client, f"{own}/{person_id(look)}/swap", "name")
    swap["name"], swap["email"] = "Cia Alm", "cia@exempel.example"
    swap[f"answer-{keys['person']}"] = "Jurist"
    assert swap.send().status_code == 303
    assert answered(look) == {
        ("Läge", ""): "a1",
        ("Er roll?", "Åsa Öberg"): "Chef",
        ("Er roll?", "Bo Ek"): "Säljare",
        ("Er roll?", "Cia Alm"): "Jurist",
    }


def test_answers_to_a_removed_question_stay_readable(client, staff, registered, work, look):
    own, _keys = registered
    with work() as session:
        for field in fields_of(session, session.query(Event.id).scalar()):
            form_fields.remove_field(session, field.id, now=NOW, actor="user:1")
    assert "Chef" in client.get(own).text
    with look() as session:
        registration = session.query(Registration).one().public_id
    page = staff.client.get(f"/manage/registrations/{registration}").text
    assert "Finns" in page
    assert "Chef" in page


# --- mandate ----------------------------------------------------------------------------------


def test_a_mandate_is_asked_for_shown_and_kept(client, staff, event, work, look):
    with work() as session:
        session.query(Event).one().asks_mandate = True
    answer = open_sign_up(client, event).send("send")
    assert problems_of(answer) == ["Write what this person may decide, or that they listen only"]
    form = form_of(client, answer, "party_name")
    form["contact-mandate"] = "Får binda kommunen"
    own = form.send("send").location.split("?")[0]
    assert "Får binda kommunen" in client.get(own).text
    edit = open_form(client, f"{own}/{person_id(look)}/edit", "name")
    assert edit["mandate"] == "Får binda kommunen"
    with work() as session:
        session.query(Event).one().answers_until = NOW - timedelta(hours=1)
        registration = session.query(Registration).one().public_id
    edit = open_form(client, f"{own}/{person_id(look)}/edit", "name")
    assert "mandate" not in edit.fields
    edit["title"] = "Ny titel"
    assert edit.send().status_code == 303
    assert "Får binda kommunen" in staff.client.get(f"/manage/registrations/{registration}").text


# --- on behalf --------------------------------------------------------------------------------


def test_staff_answer_for_those_they_register(staff, event, ask, look):
    key, person = ask("choice", "Läge", required=True), ask("number", "År", scope="person")
    path = f"/manage/events/{event[0]}/registrations/new"
    form = open_form(staff.client, path, "party_name")
    form["party_name"], form["contact-name"] = "Exempel AB", "Åsa Öberg"
    form["contact-email"] = "asa@exempel.example"
    answer = form.send("send")
    assert answer.status_code == 422
    form = form_of(staff.client, answer, "party_name")
    form[f"answer-{key}"], form[f"contact-answer-{person}"] = "a1", "7"
    assert form.send("send").status_code == 303
    assert answered(look) == {("Läge", ""): "a1", ("År", "Åsa Öberg"): 7}


def test_the_event_starts_and_answers_stand(client, registered, clock):
    own, keys = registered
    form = open_form(client, f"{own}/answers", f"answer-{keys['own']}")
    clock.move_to(STARTS)
    assert form.send().status_code == 409
