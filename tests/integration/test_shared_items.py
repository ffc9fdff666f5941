"""What was said to one supplier: drafts, published for all at once, and the registered told."""

import pytest
import sqlalchemy as sa

from dialognav.actions import shared_items as actions
from dialognav.domain.audience import audience_from_json
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound, NotReady
from dialognav.mail.audience_rows import counts
from dialognav.mail.post import Post
from dialognav.mail.recipients import recipients
from dialognav.models import AuditEntry, Event, Message, Organisation, SharedItem
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of
from tests.meeting_factories import make_booking, make_rules, make_slots

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
BY = {"now": NOW, "actor": "user:1"}


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def event(staff, work):
    """(id, slug, manage path, public id of a booking with Hjärtsund AB)"""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here)
        make_rules(session, event)
        [slot] = make_slots(session, event, number=1)
        ours = make_registration(session, event, party_name="Hjärtsund AB")
        make_participant(session, ours)
        booking = make_booking(session, slot, ours)
        path = f"/manage/events/{event.public_id}/shared"
        return event.id, event.slug, path, booking.public_id


def write(staff, event, text="Avtalet är tänkt att gälla i fyra år.", booking=""):
    form = open_form(staff.client, f"{event[2]}/new?booking={booking}", "text_sv")
    form["text_sv"] = text
    return form.send()


def publish(staff, event, **typed):
    form = open_form(staff.client, event[2], "seen")
    for name, value in typed.items():
        form[name] = value
    return form.send()


def items(look):
    with look() as session:
        return [
            (one.number, one.text, one.published_at is not None, one.booking_id is not None)
            for one in session.scalars(sa.select(SharedItem).order_by(SharedItem.id))
        ]


def test_from_a_meeting_to_everybody_without_a_word_of_which(staff, event, client, look):
    assert write(staff, event, "Fyra år, **inte** sex.", booking=event[3]).status_code == 303
    assert items(look) == [(None, {"sv": "Fyra år, **inte** sex."}, False, True)]
    public = f"/sv/events/{event[1]}"
    assert "Fyra år" not in client.get(public).text
    assert publish(staff, event, telling="none").location.endswith("done=published")
    assert items(look) == [(1, {"sv": "Fyra år, **inte** sex."}, True, True)]
    page = client.get(public).text
    assert "Fyra år, <strong>inte</strong> sex." in page
    assert 'id="shared-1"' in page
    assert "Hjärtsund" not in page
    assert '<div class="stack" lang="sv">' in client.get(f"/en/events/{event[1]}").text
    with look() as session:
        assert session.get_one(Event, event[0]).changed_at == NOW
        verbs = [row.verb for row in session.scalars(sa.select(AuditEntry))]
        assert verbs.count("shared.published") == 1


def test_all_who_are_registered_are_told_at_once_in_the_same_words(staff, event, look, work):
    with work() as session:  # they may come to a meeting, and have no place at the event
        for name in ("none", "left", "gone", "declined"):
            review = "declined" if name == "declined" else ""
            firm = make_registration(
                session, session.get_one(Event, event[0]), contact_email=f"{name}@utan.example"
            )
            firm.review = review
            person = make_participant(session, firm, email=f"{name}@firm.example")
            for seat in list(person.attendances):
                if name == "left":
                    seat.state = "withdrawn"
                else:
                    session.delete(seat)
            person.withdrawn_at = firm.withdrawn_at = NOW if name == "gone" else None
    write(staff, event, "Vi tänker {fyra} år.")
    assert publish(staff, event, telling="now").location.endswith("done=sending")
    with look() as session:
        message = session.scalars(sa.select(Message)).one()
        audience = audience_from_json(message.audience)
        found = recipients(session, staff.organisation_id, audience)
        ours = ("firm.example", "utan.example")
        assert {one.email: one.state for one in found if one.email.endswith(ours)} == {
            "none@firm.example": "without",
            "none@utan.example": "contact",
            "left@firm.example": "without",
            "left@utan.example": "contact",
        }
        assert counts(session, [event[0]]).states["without"] == 2
        assert message.state == "sending"
        assert "Vi tänker \\{fyra\\} år." in message.body["sv"]
        assert message.audience["includes_contacts"] is True


def test_the_letter_can_be_looked_through_first(staff, event, look):
    write(staff, event)
    answer = publish(staff, event, telling="draft")
    with look() as session:
        message = session.scalars(sa.select(Message)).one()
        assert message.state == "draft"
        assert message.public_id in answer.location
    assert items(look)[0][0] == 1


def test_where_messages_are_approved_none_leaves_by_itself(staff, event, look, work):
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).message_approval = True
    write(staff, event)
    refused = publish(staff, event, telling="now")
    assert refused.status_code == 422
    assert problems_of(refused) == ["Choose how the registered are told"]
    assert items(look)[0][0] is None
    draft = actions.News(actions.MessageDraft({"sv": "x"}, {"sv": "y"}), at_once=True)
    with work() as session:
        [item] = session.scalars(sa.select(SharedItem))
        seen = {item.public_id: item.revision}
        message = actions.publish_items(
            session, event[0], seen, draft, user_id=staff.user_id, post=POST, **BY
        )
        assert message.state == "draft"


def test_what_nobody_is_registered_to_hear_is_published_all_the_same(staff, work, look):
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        lonely = make_event(session, here)
        path = f"/manage/events/{lonely.public_id}/shared"
    write(staff, ("", "", path))
    assert publish(staff, ("", "", path), telling="now").location.endswith("done=published")
    assert items(look)[0][0] == 1


def test_the_numbers_have_no_gaps_and_follow_the_order_of_publishing(staff, event, look):
    for text in ("ett", "två", "tre"):
        write(staff, event, text)
    with look() as session:
        ids = [one.public_id for one in session.scalars(sa.select(SharedItem).order_by("id"))]
    publish(staff, event, item=ids[2], telling="none")
    publish(staff, event, telling="none")
    assert [number for number, *_ in items(look)] == [2, 3, 1]


def test_a_published_one_is_never_changed(staff, event, look):
    write(staff, event)
    with look() as session:
        item_id = session.scalars(sa.select(SharedItem)).one().public_id
    form = open_form(staff.client, f"{event[2]}/{item_id}/edit", "text_sv")
    publish(staff, event, telling="none")
    form["text_sv"] = "Något annat"
    refused = form.send()
    assert refused.status_code == 409
    assert problems_of(refused) == [
        "It has been published, and stays as it is. Your text is still here."
    ]
    assert "Något annat" in refused.text
    delete = staff.post(f"{event[2]}/{item_id}/delete")
    assert delete.location.endswith("done=changed")
    assert items(look)[0][1] == {"sv": "Avtalet är tänkt att gälla i fyra år."}


def test_two_who_write_one_draft_meet_and_it_can_be_thrown_away(staff, event, look):
    write(staff, event)
    with look() as session:
        item_id = session.scalars(sa.select(SharedItem)).one().public_id
    path = f"{event[2]}/{item_id}/edit"
    mine, other = (open_form(staff.client, path, "text_sv") for _ in range(2))
    other["text_en"] = "Four years."
    mine["text_sv"] = "Fem år."
    assert other.send().status_code == 303
    both = mine.send()
    assert both.status_code == 409
    again = form_of(staff.client, both, "text_sv")
    assert (again["text_sv"], again["text_en"]) == ("Fem år.", "Four years.")
    assert again.send().status_code == 303
    assert items(look)[0][1] == {"sv": "Fem år.", "en": "Four years."}
    assert staff.post(f"{event[2]}/{item_id}/delete").location.endswith("done=deleted")
    assert items(look) == []


def test_what_cannot_be_published_is_not(staff, event, work):
    def publishing(session, seen, event_id=event[0]):
        return actions.publish_items(
            session, event_id, seen, None, user_id=staff.user_id, post=POST, **BY
        )

    with work() as session:
        source = actions.Source()
        item = actions.write_item(
            session, event[0], {"en": "Only English"}, source, user_id=staff.user_id, **BY
        )
        for seen, refused in (
            ({}, NotReady),
            ({"unknown": 0}, NotReady),
            ({item.public_id: 4}, EditedMeanwhile),
            ({item.public_id: 0, "unknown": 0}, EditedMeanwhile),
            ({item.public_id: 0}, NotReady),  # nothing in the event's first language
        ):
            with pytest.raises(refused):
                publishing(session, seen)
        session.get_one(Event, event[0]).state = "draft"
        with pytest.raises(NotAllowedNow):
            publishing(session, {item.public_id: 0})
        other = make_event(session)
        with pytest.raises(NotFound):
            actions.write_item(
                session, other.id, {"sv": "x"}, actions.Source(1), user_id=staff.user_id, **BY
            )


def test_a_host_writes_and_who_approves_publishes(staff, event, sign_in, look):
    host = sign_in(role="host", organisation_id=staff.organisation_id, language="en")
    assert write(host, event).status_code == 303
    page = host.client.get(event[2]).text
    assert "Somebody who approves minutes publishes it." in page
    assert host.post(f"{event[2]}/publish").status_code == 404
    approver = sign_in(role="approver", organisation_id=staff.organisation_id, language="en")
    assert publish(approver, event, telling="none").status_code == 303
    assert items(look)[0][0] == 1


def test_hostile_words_stay_words(staff, event, client):
    evil = '<script>alert(1)</script> [x](javascript:alert(1)) {{ 7*7 }} "><img src=x>'
    write(staff, event, evil)
    publish(staff, event, telling="none")
    for page in (client.get(f"/sv/events/{event[1]}").text, staff.client.get(event[2]).text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
