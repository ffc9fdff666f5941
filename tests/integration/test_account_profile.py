"""What a staff member settles alone."""

import pytest

from dialognav import passwords
from dialognav.models import AuditEntry, Membership, StaffSession, User
from tests.conftest import NOW
from tests.factories import make_organisation, make_user
from tests.integration.staff import PASSWORD, token_of

NEW = "havregryn med lingon"


def other_browser(staff, secret="another-browser"):
    """The same person somewhere else."""
    from dialognav.actions import accounts
    from dialognav.db import unit_of_work

    app = staff.client.application
    with app.app_context(), unit_of_work() as session:
        user = session.get_one(User, staff.user_id)
        accounts.begin_session(
            session, user.id, user.password_hash, secret, browser="", instead_of="", now=NOW
        )
    client = app.test_client()
    client.set_cookie("staff", secret)
    return client


def test_name_and_language(staff, look):
    answer = staff.post("/account/profile", {"name": "  Eva\x00 Ek ", "language": "nb"})
    assert answer.status_code == 303
    with look() as session:
        user = session.get_one(User, staff.user_id)
        assert (user.name, user.language) == ("Eva Ek", "nb")
    assert '<html lang="nb"' in staff.client.get("/account/profile").text


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 121}, {"language": "de"}, {"language": ""}]
)
def test_a_wrong_answer_is_said_at_the_field(staff, wrong, look):
    answer = staff.post("/account/profile", {"name": "Eva", "language": "sv", **wrong})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    with look() as session:
        assert session.get_one(User, staff.user_id).name == "Eva Exempel"


def test_a_new_password_signs_every_other_browser_out(staff, look):
    elsewhere = other_browser(staff)
    data = {"present": PASSWORD, "password": NEW}
    assert staff.post("/account/profile/password", data).status_code == 303
    assert elsewhere.get("/account/profile").status_code == 303
    assert staff.client.get("/account/profile").status_code == 200
    with look() as session:
        assert passwords.is_password(session.get_one(User, staff.user_id).password_hash, NEW)
        assert session.query(AuditEntry).one().verb == "account.password_changed"


@pytest.mark.parametrize(
    ("present", "new"), [("fel lösenord helt", NEW), (PASSWORD, "kort"), ("", NEW), (PASSWORD, "")]
)
def test_the_password_stays_unless_all_is_right(staff, look, present, new):
    answer = staff.post("/account/profile/password", {"present": present, "password": new})
    assert answer.status_code == 422
    with look() as session:
        assert passwords.is_password(session.get_one(User, staff.user_id).password_hash, PASSWORD)


def test_guessing_the_present_password_ends(staff):
    for _ in range(10):
        staff.post("/account/profile/password", {"present": "gissning igen", "password": NEW})
    data = {"present": PASSWORD, "password": NEW}
    assert staff.post("/account/profile/password", data).status_code == 422


def test_one_browser_is_signed_out_from_another(staff, look):
    elsewhere = other_browser(staff)
    with look() as session:
        ids = [row.id for row in session.query(StaffSession).order_by(StaffSession.id)]
    staff.post(f"/account/profile/browsers/{ids[1]}/sign-out")
    assert elsewhere.get("/account/profile").status_code == 303
    assert staff.client.get("/account/profile").status_code == 200


def test_nobody_elses_browser_is_signed_out(sign_in, look):
    ours, theirs = sign_in(), sign_in()
    with look() as session:
        number = session.query(StaffSession).filter_by(user_id=theirs.user_id).one().id
    assert ours.post(f"/account/profile/browsers/{number}/sign-out").status_code == 404
    assert ours.post(f"/account/profile/browsers/{10**30}/sign-out").status_code == 404
    assert theirs.client.get("/account/profile").status_code == 200


def test_signing_out_everywhere(staff):
    elsewhere = other_browser(staff)
    assert staff.post("/account/profile/browsers/sign-out").status_code == 303
    assert elsewhere.get("/account/profile").status_code == 303
    assert staff.client.get("/account/profile").status_code == 303


def test_switching_organisation(staff, work, look):
    with work() as session:
        other = make_organisation(session, name={"sv": "Region Björkvik"})
        user = session.get_one(User, staff.user_id)
        session.add(Membership(user=user, organisation=other, role="reader", created_at=NOW))
        wanted = other.public_id
    assert "Region Björkvik" in staff.client.get("/account/profile").text
    data = {"organisation": wanted}
    assert staff.post("/account/profile/organisation", data).location == "/manage/"
    assert staff.client.get("/manage/settings").status_code == 404  # only a reader there
    with look() as session:
        assert session.query(StaffSession).one().organisation_id != staff.organisation_id


@pytest.mark.parametrize("state", [None, "invited", "deactivated"])
def test_no_switching_to_an_organisation_one_does_not_work_for(staff, work, look, state):
    with work() as session:
        other = make_organisation(session)
        if state:
            user = session.get_one(User, staff.user_id)
            part = Membership(user=user, organisation=other, role="admin", created_at=NOW)
            part.state = state
            session.add(part)
        else:
            make_user(session, other)
        wanted = other.public_id
    assert staff.post("/account/profile/organisation", {"organisation": wanted}).status_code == 404
    assert staff.post("/account/profile/organisation", {"organisation": ""}).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/account/profile", 422),
        ("/account/profile/password", 422),
        ("/account/profile/browsers/1/sign-out", 400),
        ("/account/profile/browsers/sign-out", 400),
        ("/account/profile/organisation", 400),
    ],
)
def test_every_post_needs_a_token(staff, path, status):
    data = {"name": "X", "language": "sv", "present": PASSWORD, "password": NEW}
    assert staff.client.post(path, data=data).status_code == status
    assert staff.client.get("/account/profile").status_code == 200


def test_the_page_shows_no_secret(staff):
    page = staff.client.get("/account/profile").text
    assert staff.client.get_cookie("staff").value not in page
    assert token_of(staff.client.get("/account/profile"))
    assert "argon2" not in page
