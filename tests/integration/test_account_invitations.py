"""Coming in by an invitation."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from dialognav import passwords, tokens
from dialognav.models import AuditEntry, KeptMail, Membership, OneTimeLink, User
from tests.integration.staff import PASSWORD, token_of

NEW = "havregryn med lingon"
KEY = "not-a-secret-" * 4


def invite(staff, email, role="planner"):
    return staff.post("/manage/staff", {"email": email, "role": role, "language": "sv"})


def path_of(look):
    with look() as session:
        link = session.query(OneTimeLink).order_by(OneTimeLink.id.desc()).first()
        return f"/account/invitations/{tokens.make_link(KEY, 'o', link.public_id, 0)}"


def accept(client, path, name="Nils Ny", password=NEW):
    data = {"csrf_token": token_of(client.get(path)), "name": name, "password": password}
    return client.post(path, data=data)


@pytest.fixture
def path(staff, look):
    """A fresh invitation of somebody new."""
    assert invite(staff, "ny@tallvik.example").status_code == 303
    return path_of(look)


def test_a_newcomer_chooses_name_and_password_and_signs_in(client, path, look):
    answer = accept(client, path)
    assert (answer.status_code, answer.location) == (303, "/account/sign-in?joined=1")
    token = token_of(client.get("/account/sign-in"))
    data = {"csrf_token": token, "email": "ny@tallvik.example", "password": NEW}
    assert client.post("/account/sign-in", data=data).status_code == 303
    assert "Nils Ny" in client.get("/account/profile").text
    with look() as session:
        part = session.query(Membership).join(User).filter_by(name="Nils Ny").one()
        assert (part.role, part.state) == ("planner", "active")


def test_nobody_is_a_member_before_accepting(client, path, look):
    with look() as session:
        user = session.query(User).filter_by(email="ny@tallvik.example").one()
        assert user.password_hash == ""
        assert session.query(Membership).filter_by(user_id=user.id).one().state == "invited"


def test_it_works_once(client, path):
    accept(client, path)
    assert client.get(path).status_code == 404


def test_it_works_for_seven_days(client, path, clock):
    clock.shift(timedelta(days=7, seconds=-1))
    assert client.get(path).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert client.get(path).status_code == 404


def test_opening_it_changes_nothing(client, path, statements):
    for method in ("get", "head", "get"):
        with statements() as ran:
            assert getattr(client, method)(path).status_code == 200
        assert not [sql for sql in ran if not sql.startswith("SELECT")]


def test_asking_again_sends_a_new_link_and_the_old_one_dies(client, staff, path, look):
    invite(staff, "ny@tallvik.example", role="reader")
    assert client.get(path).status_code == 404
    accept(client, path_of(look))
    with look() as session:
        assert session.query(Membership).filter_by(role="reader").one().state == "active"


@pytest.mark.parametrize(
    ("name", "password"),
    [("", NEW), ("Nils Ny", "kort"), ("x" * 121, NEW), ("Nils", "nils2027nils")],
)
def test_what_is_missing_is_said_and_the_link_lives(client, path, name, password):
    answer = accept(client, path, name, password)
    assert answer.status_code == 422
    assert accept(client, path).status_code == 303


def test_a_forged_post_does_not_accept(client, path, look):
    assert client.post(path, data={"name": "X", "password": NEW}).status_code == 422
    with look() as session:
        assert session.query(User).filter_by(email="ny@tallvik.example").one().password_hash == ""


def test_who_has_an_account_keeps_name_and_password(sign_in, client, look):
    """Else an invitation would be a way to set somebody's password."""
    ours, theirs = sign_in(), sign_in(name="Tove Trogen")
    invite(ours, theirs.email, role="reader")
    path = path_of(look)
    assert 'name="password"' not in client.get(path).text
    assert accept(client, path, "Någon Annan", NEW).status_code == 303
    with look() as session:
        user = session.get_one(User, theirs.user_id)
        assert user.name == "Tove Trogen"
        assert passwords.is_password(user.password_hash, PASSWORD)
        assert session.query(Membership).filter_by(user_id=user.id, state="active").count() == 2


def test_the_trail_says_who_came_in_with_which_role_and_no_address(client, path, look, staff):
    accept(client, path)
    with look() as session:
        entries = session.query(AuditEntry).order_by(AuditEntry.id).all()
        assert [(e.verb, e.facts) for e in entries] == [
            ("staff.invited", {"role": "planner"}),
            ("staff.joined", {"role": "planner"}),
        ]
        assert entries[0].actor == f"user:{staff.user_id}"
        assert "tallvik" not in str([(e.subject, e.actor, e.facts) for e in entries])


@pytest.mark.parametrize("kind", ["invite", "reset"])
def test_the_link_in_the_letter_is_the_one_that_works(client, staff, cli, look, kind):
    """From the button to the mail to the form: what the worker wrote opens the page."""
    if kind == "invite":
        invite(staff, "ny@tallvik.example")
    else:
        page = client.get("/account/passwords/forgotten")
        data = {"csrf_token": token_of(page), "email": staff.email}
        client.post("/account/passwords/forgotten", data=data)
    assert cli.invoke(args=["worker", "--once"]).exit_code == 0
    with look() as session:
        mail = message_from_bytes(session.query(KeptMail).one().raw, policy=default)
    text = mail.get_body(("plain",)).get_content()
    [link] = re.findall(r"http://localhost(/account/\S+)", text)
    page = client.get(link)
    assert page.status_code == 200
    assert 'name="password"' in page.text
    assert "Dialognav" in page.text
