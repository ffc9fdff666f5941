"""Inviting: one or a list, every wrong line told, send again, revoke, what waits for the page."""

from datetime import timedelta

import pytest

from dialognav.actions import invitations
from dialognav.domain.errors import AlreadyInvited
from dialognav.domain.invitation_lines import Invited
from dialognav.mail.post import Post
from dialognav.models import AuditEntry, Event, EventInvitation, Letter, Organisation
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.forms import form_of, open_form, problems_of

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@pytest.fixture
def planner(sign_in):
    return sign_in("planner", language="en")


@pytest.fixture
def own(work, planner):
    """`own()`: an event for the invited, its public id."""

    def make(**given):
        given = {"visibility": "invited"} | given
        with work() as session:
            organisation = session.get_one(Organisation, planner.organisation_id)
            return make_event(session, organisation, **given).public_id

    return make


def page_of(planner, public_id):
    return planner.client.get(f"/manage/events/{public_id}/invitations").text


def paste(planner, public_id, text):
    path = f"/manage/events/{public_id}/invitations"
    form = open_form(planner.client, path, "many-lines")
    form["many-lines"] = text
    return form.send()


def invite(planner, public_id, **typed):
    form = open_form(planner.client, f"/manage/events/{public_id}/invitations", "one-party_name")
    typed = {"party_name": "Nordsensor AB", "email": "malin@nordsensor.example"} | typed
    for name, value in typed.items():
        form[f"one-{name}"] = value
    return form.send()


def test_one_is_invited_and_gets_a_letter_with_a_link(planner, own, look, client):
    public_id = own(slug="e")
    answer = invite(planner, public_id, name="Malin Ekdahl", identifier="5594012345", language="en")
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        [made] = session.query(EventInvitation).all()
        assert made.party_identifier == "559401-2345"
        assert (made.sent_at, made.created_by_id) == (NOW, planner.user_id)
        [letter] = session.query(Letter).all()
        assert (letter.kind, letter.recipient) == ("event_invitation", "malin@nordsensor.example")
        assert letter.language == "en"
        [entry] = session.query(AuditEntry).all()
        assert "malin" not in str(entry.facts)
    page = page_of(planner, public_id)
    assert "Nordsensor AB" in page
    assert "Sent" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"party_name": ""}, "organisation&#39;s name"),
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"email": ""}, "Enter an e-mail address"),
        ({"language": "fi"}, "Choose one of these"),
        ({"identifier": "123"}, "Check the digits"),
        ({"identifier": "811218-9876"}, "Leave out a personal number"),
    ],
)
def test_a_sentence_at_the_field(planner, own, look, typed, sentence):
    answer = invite(planner, own(), **typed)
    assert answer.status_code == 422
    assert sentence in " ".join(problems_of(answer)) or sentence in answer.text
    with look() as session:
        assert session.query(EventInvitation).count() == 0


def test_a_pasted_list_invites_all(planner, own, look):
    public_id = own()
    answer = paste(
        planner,
        public_id,
        "Nordsensor AB; Malin Ekdahl; Malin@Nordsensor.example; no\n\n"
        "Fjellvakt AS\tIngrid Haugen\tingrid@fjellvakt.example\n",
    )
    assert answer.status_code == 303, answer.text
    with look() as session:
        made = session.query(EventInvitation).order_by(EventInvitation.id).all()
        assert [(each.email, each.language) for each in made] == [
            ("malin@nordsensor.example", "nb"),
            ("ingrid@fjellvakt.example", "sv"),
        ]
        assert session.query(Letter).count() == 2
        [entry] = session.query(AuditEntry).all()
        assert entry.facts["rows"] == 2


def test_every_wrong_line_is_told_and_nobody_is_invited(planner, own, look):
    public_id = own()
    invite(planner, public_id)
    typed = "\n".join(
        [
            "Good AB; Bo Ek; bo@good.example; sv",
            "only a name",
            "; Bo Ek; bo2@good.example; sv",
            "Bad AB; Bo Ek; no address; sv",
            "Bad AB; Bo Ek; bo3@good.example; klingon",
            "Bad AB; Bo Ek; bo@good.example; sv",
            "Bad AB; Bo Ek; MALIN@nordsensor.example; sv",
            f"{'x' * 201}; Bo Ek; bo4@good.example; sv",
            "<script>alert(1)</script>",
        ]
    )
    answer = paste(planner, public_id, typed)
    assert answer.status_code == 422
    for sentence in (
        "Line 2: write organisation",
        "Line 3: the organisation",
        "Line 4: “no address” is no e-mail address",
        "Line 5: “klingon” is none of",
        "Line 6: bo@good.example stands in the list twice",
        "Line 7: malin@nordsensor.example is invited already",
        "Line 8: the name is too long",
        "Line 9: write organisation",
    ):
        assert sentence in answer.text, sentence
    assert "Line 1:" not in answer.text
    assert "<script>alert" not in answer.text
    assert form_of(planner.client, answer, "many-lines")["many-lines"].splitlines() == (
        typed.splitlines()
    )
    with look() as session:
        assert session.query(EventInvitation).count() == 1


def test_a_list_without_end_is_refused(planner, own, look):
    answer = paste(planner, own(), "Bolaget AB; Bo; bo@x.example; sv\n" * 501)
    assert answer.status_code == 422
    assert "at most 500 at a time" in answer.text


def test_letters_of_a_draft_wait_until_the_event_is_published(planner, own, look):
    public_id = own(state="draft", published_at=None)
    invite(planner, public_id)
    assert "Not sent yet" in page_of(planner, public_id)
    with look() as session:
        assert session.query(Letter).count() == 0
    assert planner.post(f"/manage/events/{public_id}/publish").status_code == 303
    with look() as session:
        assert [letter.kind for letter in session.query(Letter)] == ["event_invitation"]
        assert session.query(EventInvitation).one().sent_at == NOW


def test_a_draft_is_deleted_with_its_invitations(planner, own, look):
    public_id = own(state="draft", published_at=None)
    invite(planner, public_id)
    assert planner.post(f"/manage/events/{public_id}/delete").status_code == 303
    with look() as session:
        assert session.query(Event).count() == session.query(EventInvitation).count() == 0


def verb(planner, look, public_id, name):
    with look() as session:
        invitation = session.query(EventInvitation).one().public_id
    return planner.post(f"/manage/events/{public_id}/invitations/{invitation}/{name}")


def test_send_again_replaces_the_unsent_letter(planner, own, look):
    public_id = own()
    invite(planner, public_id)
    assert verb(planner, look, public_id, "send").status_code == 303
    with look() as session:
        assert sorted(letter.status for letter in session.query(Letter)) == [
            "pending",
            "superseded",
        ]


def test_a_revoked_one_leaves_with_its_unsent_letter_and_may_be_invited_anew(planner, own, look):
    public_id = own()
    invite(planner, public_id)
    assert verb(planner, look, public_id, "revoke").status_code == 303
    with look() as session:
        assert [letter.status for letter in session.query(Letter)] == ["superseded"]
    for name in ("revoke", "send"):
        assert verb(planner, look, public_id, name).status_code == 409
    assert "Revoked" in page_of(planner, public_id)
    assert invite(planner, public_id).status_code == 303


@pytest.mark.parametrize(
    "over",
    [
        {"state": "cancelled"},
        {"starts_at": NOW - timedelta(hours=3), "ends_at": NOW},
    ],
)
def test_nobody_is_invited_to_what_is_over(planner, own, work, over, look):
    public_id = own()
    form = open_form(planner.client, f"/manage/events/{public_id}/invitations", "one-email")
    form["one-party_name"], form["one-email"] = "Nordsensor AB", "malin@nordsensor.example"
    with work() as session:
        event = session.query(Event).one()
        for name, value in over.items():
            setattr(event, name, value)
    assert form.send().status_code == 409
    assert "one-email" not in page_of(planner, public_id)
    with look() as session:
        assert session.query(EventInvitation).count() == 0


def test_two_who_invite_the_same_address_at_once(own, work, look):
    public_id = own()
    one = [Invited("Nordsensor AB", "malin@nordsensor.example", "sv")]
    how = {"created_by_id": None, "now": NOW, "actor": "user:1", "post": POST}

    def the_event(session):
        return session.query(Event).filter_by(public_id=public_id).one().id

    with work() as session:
        invitations.invite(session, the_event(session), one, **how)
    with pytest.raises(AlreadyInvited), work() as session:
        invitations.invite(session, the_event(session), one, **how)
    with look() as session:
        assert session.query(EventInvitation).count() == 1


def test_only_an_event_for_the_invited_has_the_tab(planner, own):
    address = "/invitations"
    hidden, shown = own(visibility="public"), own()
    for public_id, there in ((hidden, False), (shown, True)):
        overview = planner.client.get(f"/manage/events/{public_id}").text
        assert (f"/manage/events/{public_id}{address}" in overview) is there


def test_anothers_invitation_is_not_reached_through_ones_own_event(planner, own, work, look):
    mine = own()
    with work() as session:
        theirs = make_event(session)
        session.add(
            EventInvitation(
                event=theirs, party_name="X", email="x@x.example", language="sv", created_at=NOW
            )
        )
    assert verb(planner, look, mine, "revoke").status_code == 404
    with look() as session:
        assert session.query(EventInvitation).one().revoked_at is None
