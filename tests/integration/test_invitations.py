"""Signing up by a personal invitation; events that are unlisted or for the invited only."""

import re
import threading
from contextlib import suppress

import pytest

from dialognav.actions import invitations, registrations
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.db import unit_of_work
from dialognav.domain.errors import InvitationNeeded, InvitationUsed
from dialognav.domain.parties import make_party
from dialognav.domain.terms import Mode
from dialognav.mail.post import Post
from dialognav.models import Event, EventInvitation, Registration
from dialognav.tokens import INVITATION, REGISTRATION, make_link
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
KEY = "not-a-secret-" * 4


@pytest.fixture
def invited(work):
    """`invited(limit_per_party=1)`: an event "e" for the invited, and the path of an invitation."""

    def make(party="Nordsensor AB", **given):
        given = {"visibility": "invited", "slug": "e"} | given
        with work() as session:
            organisation = make_organisation(session, slug="o", country="SE")
            invitation = EventInvitation(
                event=make_event(session, organisation, **given),
                party_name=party,
                party_identifier="559401-2345",
                party_country="SE",
                name="Malin Ekdahl",
                email="malin@nordsensor.example",
                language="en",
                created_at=NOW,
            )
            session.add(invitation)
            session.flush()
            return "/en/i/" + make_link(KEY, INVITATION, invitation.public_id, 0)

    return make


def test_the_link_fills_in_the_form_and_one_registration_comes_by_it(client, invited, look):
    path = invited()
    form = open_form(client, path, "party_name")
    assert form["party_name"] == "Nordsensor AB"
    assert form["identifier"] == "559401-2345"
    assert form["contact-name"] == "Malin Ekdahl"
    assert form["contact-email"] == "malin@nordsensor.example"
    answer = form.send("send")
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        [made] = session.query(Registration).all()
        assert made.invitation_id == session.query(EventInvitation).one().id
        assert made.party_key == "SE:5594012345"
    again = client.get(path)
    assert again.status_code == 200
    assert "has been used" in again.text
    assert "party_name" not in again.text


def test_opening_the_link_changes_nothing(client, invited, look):
    path = invited()
    with look() as session:
        before = session.query(Event).one().write_count
    for _n in range(3):
        assert client.get(path).status_code == 200
        client.head(path)
    with look() as session:
        assert session.query(Event).one().write_count == before
        assert session.query(EventInvitation).one().sent_at is None


def test_a_second_form_of_the_same_link_is_refused_and_loses_nothing(client, invited, look):
    path = invited()
    first, second = (open_form(client, path, "party_name") for _n in range(2))
    first.send("send")
    second["contact-email"], second["message"] = "annan@nordsensor.example", "Vi vill också"
    page = second.send("send")
    assert page.status_code == 409
    assert "already registered by this invitation" in problems_of(page)[0]
    assert form_of(client, page, "party_name")["message"] == "Vi vill också"
    with look() as session:
        assert session.query(Registration).count() == 1


def test_who_has_withdrawn_may_come_again(client, invited, work):
    path = invited()
    open_form(client, path, "party_name").send("send")
    with work() as session:
        session.query(Registration).one().withdrawn_at = NOW
    assert open_form(client, path, "party_name").send("send").status_code == 303


def test_the_limit_of_an_organisation_holds_for_the_invited_too(client, invited, work, look):
    path = invited(limit_per_party=1)
    with work() as session:
        there = make_registration(session, session.query(Event).one(), party_key="SE:5594012345")
        make_participant(session, there)
    page = open_form(client, path, "party_name").send("send")
    assert page.status_code in (409, 422)
    with look() as session:
        assert session.query(Registration).count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/sv/i/" + make_link(KEY, INVITATION, "aaaaaaaaaaaa", 0),
        "/sv/i/" + make_link("another key", INVITATION, "aaaaaaaaaaaa", 0),
        "/sv/i/" + make_link(KEY, REGISTRATION, "aaaaaaaaaaaa", 0),
        "/sv/i/x",
        "/sv/i/" + "i" * 5000,
        "/sv/i/%C3%A5%22%3E",
    ],
)
def test_a_wrong_link_is_met_kindly(client, path):
    page = client.get(path)
    assert page.status_code == 404
    assert "Inbjudan fungerar inte" in page.text or "The invitation does not work" in page.text
    assert client.post(path).status_code == 404


def test_an_invitation_does_not_open_by_a_forged_secret(client, invited, look):
    path = invited()
    forged = path[:-1] + ("a" if path[-1] != "a" else "b")
    assert client.get(forged).status_code == 404
    with look() as session:
        public_id = session.query(EventInvitation).one().public_id
    for forgery in (
        make_link(KEY, INVITATION, public_id, 1),
        make_link("x" * 40, INVITATION, public_id, 0),
    ):
        assert client.get(f"/en/i/{forgery}").status_code == 404


def test_a_revoked_link_says_whom_to_ask(client, invited, work, look):
    path = invited(contact_email="karin@tallvik.example")
    form = open_form(client, path, "party_name")
    with work() as session:
        one = session.query(EventInvitation).one()
        invitations.revoke(session, one.id, now=NOW, actor="user:1")
    page = client.get(path)
    assert page.status_code == 404
    assert "karin@tallvik.example" in page.text
    assert form.send("send").status_code == 404
    with look() as session:
        assert session.query(Registration).count() == 0


def test_a_link_that_is_revoked_between_form_and_lock_is_refused(invited, work):
    invited()
    with work() as session:
        one = session.query(EventInvitation).one()
        one.revoked_at = NOW
        session.flush()
        event = session.query(Event).one()
        with pytest.raises(InvitationNeeded):
            invitations.check_invitation(session, event, one.id, by_staff=False)
        with pytest.raises(InvitationNeeded):
            invitations.check_invitation(session, event, None, by_staff=False)
        with pytest.raises(InvitationNeeded):
            invitations.check_invitation(session, event, 4711, by_staff=False)
        invitations.check_invitation(session, event, None, by_staff=True)


def test_a_link_to_another_event_opens_nothing_here(invited, work):
    invited()
    with work() as session:
        other = make_event(session, visibility="invited")
        one = session.query(EventInvitation).one()
        with pytest.raises(InvitationNeeded):
            invitations.check_invitation(session, other, one.id, by_staff=False)


def test_an_event_for_the_invited_is_seen_by_its_address_and_in_no_list(client, invited):
    invited(title={"en": "Invited dialogue"}, primary_language="en")
    page = client.get("/en/events/e")
    assert page.status_code == 200
    assert '<meta name="robots" content="noindex">' in page.text
    assert "application/ld+json" not in page.text
    assert "Use the link in your invitation" in page.text
    assert "/en/events/e/register" not in page.text
    assert client.get("/events/e.ics").status_code == 200
    lists = ("/en/", "/en/?q=invited", "/en/?view=month&month=2027-02", "/en/past")
    for path in (*lists, "/feed.atom", "/calendar.ics", "/en/organisations/o"):
        assert "Invited dialogue" not in client.get(path).text, path


def test_an_unlisted_event_takes_everybody_who_has_the_address(client, invited):
    invited(visibility="unlisted", title={"en": "Unlisted dialogue"}, primary_language="en")
    page = client.get("/en/events/e")
    assert '<meta name="robots" content="noindex">' in page.text
    assert "application/ld+json" not in page.text
    assert "/en/events/e/register" in page.text
    for path in ("/en/", "/feed.atom", "/calendar.ics", "/en/organisations/o"):
        assert "Unlisted dialogue" not in client.get(path).text, path


def test_the_ordinary_form_says_what_to_do_instead(client, invited, look, work):
    invited(contact_email="karin@tallvik.example", visibility="public")
    form = open_form(client, "/en/events/e/register", "party_name")
    with work() as session:
        session.query(Event).one().visibility = "invited"
    page = client.get("/en/events/e/register")
    assert page.status_code == 200
    assert "Only those who are invited can register" in page.text
    assert "karin@tallvik.example" in page.text
    assert "party_name" not in page.text
    form["party_name"], form["contact-name"] = "Objuden AB", "Bo Ek"
    form["contact-email"], form["contact-takes_part"] = "bo@objuden.example", "y"
    sent = form.send("send")  # it was open when the visitor began to write
    assert sent.status_code == 409
    assert "Only those who are invited" in problems_of(sent)[0]
    assert form_of(client, sent, "party_name")["party_name"] == "Objuden AB"
    with look() as session:
        assert session.query(Registration).count() == 0


def test_the_page_is_private_and_tells_nobody_its_address(client, invited):
    page = client.get(invited())
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_an_invitation_to_what_has_closed_says_so(client, invited):
    page = client.get(invited(registration_closes_at=NOW))
    assert page.status_code == 200
    assert "Registration is closed" in page.text


def test_an_invited_name_cannot_carry_markup(client, invited):
    page = client.get(invited(party='<img src=x onerror="alert(1)">'))
    assert "<img src=x" not in page.text
    assert re.search(r"&lt;img src=x", page.text)


# --- two at once ---------------------------------------------------------------------------------


def twice_at_once(app, monkeypatch, work):
    """Two sign-ups by one invitation, both of which have looked before either has written."""
    with work() as session:
        one = session.query(EventInvitation).one()
        event_id, invitation_id = one.event_id, one.id
    both_looked = threading.Barrier(2)
    look_at = registrations.check_invitation

    def look_together(*args, **options):
        look_at(*args, **options)
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_looked.wait(timeout=0.7)

    monkeypatch.setattr(registrations, "check_invitation", look_together)
    refused = []

    def sign_up_as(n):
        email = f"person{n}@nordsensor.example"
        party = make_party("Nordsensor AB", "company", None, email=email, secret="s" * 32)
        person = NewPerson(f"Person {n}", email, Wish(Mode.ON_SITE))
        who = Register(
            party, Contact(person.name, email), (person,), "sv", invitation_id=invitation_id
        )
        try:
            with app.app_context(), unit_of_work() as session:
                registrations.register(session, event_id, who, now=NOW, post=POST)
        except InvitationUsed as broken:
            refused.append(broken)

    threads = [threading.Thread(target=sign_up_as, args=[n]) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(refused)


def test_one_invitation_lets_one_of_two_in(app, invited, work, look, monkeypatch):
    invited()
    assert twice_at_once(app, monkeypatch, work) == 1
    with look() as session:
        assert session.query(Registration).count() == 1


def test_that_race_is_real_without_the_lock(app, invited, work, look, monkeypatch):
    """PostgreSQL lets both in. SQLite has a second lock, BEGIN IMMEDIATE."""
    invited()
    with look() as session:
        let_in = 1 if session.get_bind().dialect.name == "sqlite" else 2
    monkeypatch.setattr(
        registrations, "lock_event", lambda session, event_id: session.get_one(Event, event_id)
    )
    assert twice_at_once(app, monkeypatch, work) == 2 - let_in
    with look() as session:
        assert session.query(Registration).count() == let_in
