"""Templates: words kept for messages to come, of one event or of all."""

import re

import pytest

from dialognav.models import AuditEntry, Message, MessageTemplate, Organisation
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.staff import token_of

NEW = "/manage/message-templates/new"
WORDS = {"name": "Tack", "subject_sv": "Tack för i dag", "body_sv": "Hej {namn}!"}


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def event(staff, work):
    with work() as session:
        made = make_event(session, session.get_one(Organisation, staff.organisation_id))
        return {"id": made.id, "public_id": made.public_id}


@pytest.fixture
def of_event(event):
    return f"/manage/events/{event['public_id']}/message-templates/new"


@pytest.fixture
def write(staff):
    """Post a template's form as its page shows it, with other texts in it."""

    def post(path=NEW, *, page=None, **texts):
        page = page or staff.client.get(path)
        version = re.search(r'name="version"[^>]*value="([^"]*)"', page.get_data(as_text=True))[1]
        data = {"csrf_token": token_of(page), "version": version, "purpose": "registration"}
        return staff.client.post(path, data={**data, **texts})

    return post


def stored(look):
    with look() as session:
        found = session.query(MessageTemplate).one()
        session.expunge_all()
        return found


def page_of(look):
    return f"/manage/message-templates/{stored(look).public_id}"


def test_a_template_of_all_events_is_where_messages_begin(staff, write, look, event, of_event):
    assert write(**WORDS).location == "/manage/messages?view=templates&done=template_saved"
    write(of_event, name="Karta", body_sv="Så hittar ni")
    here = f"/manage/events/{event['public_id']}/messages"
    page = staff.client.get(f"{here}?view=templates").get_data(as_text=True)
    assert page.index("Karta") < page.index("Tack")
    [begin] = re.findall(r'href="([^"]*template=[^"]*)"[^>]*>(?:(?!</a>).)*?Tack', page, re.S)
    assert "Hej {namn}!" in staff.client.get(begin).get_data(as_text=True)
    common = staff.client.get("/manage/messages?view=templates").get_data(as_text=True)
    assert "Tack" in common
    assert "Karta" not in common


def test_it_is_changed_and_deleted_and_the_trail_says_so(staff, write, look):
    write(**WORDS)
    assert write(page_of(look), **WORDS | {"name": "Tack igen"}).status_code == 303
    assert stored(look).name == "Tack igen"
    assert staff.post(f"{page_of(look)}/delete", {}).status_code == 303
    with look() as session:
        assert session.query(MessageTemplate).count() == 0
        verbs = [entry.verb for entry in session.query(AuditEntry).order_by(AuditEntry.number)]
    assert verbs[-3:] == ["template.created", "template.changed", "template.deleted"]


def test_saving_what_is_there_changes_nothing(write, look):
    write(**WORDS)
    write(page_of(look), **WORDS)
    assert stored(look).revision == 0


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Enter a name to find it by"),
        ({"name": "x" * 121}, "Write at most 120 characters"),
        ({"body_sv": "Hej {nmn}"}, "stands for nothing"),
        ({"subject_sv": "{länk}"}, "cannot stand in a subject"),
        ({"body_sv": "x" * 20_001}, "Write at most 20000 characters"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_all_that_was_typed(write, look, typed, says):
    answer = write(**WORDS | {"body_nb": "Hei!"} | typed)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert says in page
    assert "Hei!</textarea>" in page
    with look() as session:
        assert session.query(MessageTemplate).count() == 0


def test_two_who_write_see_both(staff, write, look):
    write(**WORDS)
    mine = staff.client.get(page_of(look))
    write(page_of(look), **WORDS | {"body_sv": "Deras ord"})
    answer = write(page_of(look), page=mine, **WORDS | {"body_sv": "Mina ord"})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Deras ord" in page
    assert "Mina ord</textarea>" in page
    assert write(page_of(look), page=answer, **WORDS | {"body_sv": "Mina ord"}).status_code == 303
    assert stored(look).body == {"sv": "Mina ord"}


def test_the_preview_saves_nothing(write, look):
    answer = write(**WORDS, then="update", look_in="sv")
    assert answer.status_code == 200
    assert "<p>Hej " in answer.get_data(as_text=True)
    with look() as session:
        assert session.query(MessageTemplate).count() == 0


def test_the_words_of_a_message_are_kept(staff, work, look, event):
    with work() as session:
        message = Message(
            organisation_id=staff.organisation_id,
            event_id=event["id"],
            subject={"sv": "Inför dagen"},
            body={"sv": "Hej {namn}!"},
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(message)
        session.flush()
        path = f"/manage/messages/{message.public_id}"
    assert "Keep the words as a template" in staff.client.get(path).get_data(as_text=True)
    answer = staff.post(f"{path}/template", {})
    assert "The words are a template now" in staff.client.get(answer.location).get_data(True)
    kept = stored(look)
    assert (kept.name, kept.event_id, kept.body) == (
        "Inför dagen",
        event["id"],
        {"sv": "Hej {namn}!"},
    )


def test_there_are_only_so_many(staff, work, write, monkeypatch):
    monkeypatch.setattr("dialognav.actions.message_templates.MOST_TEMPLATES", 1)
    write(**WORDS)
    answer = write(**WORDS)
    assert answer.status_code == 422
    assert "There are too many templates" in answer.get_data(as_text=True)
