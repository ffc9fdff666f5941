"""Commands of whoever runs the installation."""

import re

import pytest

from dialognav import passwords
from dialognav.models import AuditEntry, Letter, Membership, Organisation, User
from tests.integration.staff import token_of

OWNER = ["create-owner", "--organisation", "Region Björkvik", "--email", "Chef@Bjorkvik.example"]
NEW = "havregryn med lingon"


def test_the_first_organisation_and_its_owner(cli, client, look):
    made = cli.invoke(args=[*OWNER, "--name", "Karin Chef", "--language", "nb"])
    assert made.exit_code == 0, made.output
    [path] = re.findall(r"http://localhost(/account/invitations/o[a-z2-7]{38})\n", made.output)
    page = client.get(path)
    assert "Karin Chef" in page.text
    assert '<html lang="nb"' in page.text
    data = {"csrf_token": token_of(page), "name": "Karin Chef", "password": NEW}
    assert client.post(path, data=data).status_code == 303
    token = token_of(client.get("/account/sign-in"))
    data = {"csrf_token": token, "email": "chef@bjorkvik.example", "password": NEW}
    assert client.post("/account/sign-in", data=data).status_code == 303
    assert client.get("/manage/settings").status_code == 200
    with look() as session:
        organisation = session.query(Organisation).one()
        assert (organisation.slug, organisation.name) == (
            "region-bjorkvik",
            {"nb": "Region Björkvik"},
        )
        assert (organisation.primary_language, organisation.languages) == ("nb", ["en", "nb"])
        assert session.query(Membership).one().role == "admin"
        verbs = [e.verb for e in session.query(AuditEntry).order_by(AuditEntry.number)]
        assert verbs == ["organisation.founded", "staff.invited", "staff.joined"]
        assert session.query(Letter).count() == 0  # the link was handed over


def test_what_is_not_given_is_asked_for(cli, look):
    made = cli.invoke(args=["create-owner"], input="Region Björkvik\nchef@bjorkvik.example\n")
    assert made.exit_code == 0, made.output
    with look() as session:
        assert session.query(User).one().email == "chef@bjorkvik.example"


def test_the_password_may_be_chosen_at_the_prompt(cli, look):
    made = cli.invoke(args=[*OWNER, "--ask-password"], input=f"{NEW}\n{NEW}\n")
    assert made.exit_code == 0, made.output
    assert NEW not in made.output
    with look() as session:
        user = session.query(User).one()
        assert passwords.is_password(user.password_hash, NEW)
        assert session.query(Membership).one().state == "active"


def test_a_weak_password_makes_nothing(cli, look):
    made = cli.invoke(args=[*OWNER, "--ask-password"], input="kort\nkort\n")
    assert made.exit_code == 1
    with look() as session:
        assert session.query(Organisation).count() == 0


@pytest.mark.parametrize(
    "wrong",
    [["--email", "nobody"], ["--organisation", " "], ["--language", "de"], ["--name", "x" * 121]],
)
def test_wrong_options_make_nothing(cli, look, wrong):
    assert cli.invoke(args=[*OWNER, *wrong]).exit_code == 2
    with look() as session:
        assert session.query(Organisation).count() == 0


def test_an_organisation_is_not_made_twice_but_takes_one_more_administrator(cli, look):
    cli.invoke(args=OWNER)
    again = cli.invoke(args=[*OWNER, "--email", "ny@bjorkvik.example"])
    assert again.exit_code == 1
    assert "--organisation region-bjorkvik" in again.output
    args = ["create-owner", "--organisation", "region-bjorkvik", "--email", "ny@bjorkvik.example"]
    assert cli.invoke(args=args).exit_code == 0
    with look() as session:
        assert session.query(Organisation).count() == 1
        assert session.query(Membership).count() == 2


def test_who_administers_already_is_told(cli):
    cli.invoke(args=[*OWNER, "--ask-password"], input=f"{NEW}\n{NEW}\n")
    args = ["create-owner", "--organisation", "region-bjorkvik", "--email", "chef@bjorkvik.example"]
    made = cli.invoke(args=args)
    assert made.exit_code == 1
    assert "already" in made.output


def test_a_whole_trail_verifies(cli, staff):
    staff.post("/manage/staff", {"email": "a@b.example", "role": "host", "language": "sv"})
    checked = cli.invoke(args=["audit", "verify"])
    assert checked.exit_code == 0
    assert "1 entries, holds" in checked.output


@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_a_touched_trail_is_found(cli, staff, work, how):
    for n in range(3):
        data = {"email": f"n{n}@b.example", "role": "host", "language": "sv"}
        staff.post("/manage/staff", data)
    with work() as session:
        entry = session.query(AuditEntry).filter_by(number=2).one()
        if how == "changed":
            entry.facts = {"role": "admin"}
        else:
            session.delete(entry)
    checked = cli.invoke(args=["audit", "verify"])
    assert checked.exit_code == 1
    assert "BROKEN from entry 2" in checked.output


def test_a_trail_cut_short_is_found(cli, staff, work):
    """The last entries gone leave a chain that fits; the organisation remembers its head."""
    for n in range(2):
        data = {"email": f"n{n}@b.example", "role": "host", "language": "sv"}
        staff.post("/manage/staff", data)
    with work() as session:
        session.delete(session.query(AuditEntry).filter_by(number=2).one())
    assert cli.invoke(args=["audit", "verify"]).exit_code == 1
