"""The staff page: who may change whom, and that one administrator is always left."""

import threading
from contextlib import suppress

import pytest

from dialognav.actions import staff as actions
from dialognav.db import unit_of_work
from dialognav.domain.errors import LastAdministrator
from dialognav.models import (
    AuditEntry,
    Letter,
    Membership,
    OneTimeLink,
    Organisation,
    StaffSession,
    User,
)
from tests.conftest import NOW
from tests.factories import make_organisation, make_user


@pytest.fixture
def member(work, staff):
    """Id of a planner's membership in the organisation of `staff`."""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        user = make_user(session, here, "planner", name="Petra Plan")
        return session.query(Membership).filter_by(user_id=user.id).one().id


def own(look, staff):
    with look() as session:
        return session.query(Membership).filter_by(user_id=staff.user_id).one().id


def state_of(look, member_id):
    with look() as session:
        part = session.get(Membership, member_id)
        return (part.role, part.state) if part else None


def test_the_list_shows_its_own_people_only(staff, sign_in, member):
    stranger = sign_in(name="Främmande Person")
    page = staff.client.get("/manage/staff").text
    assert "Petra Plan" in page
    assert stranger.email not in page
    assert "Främmande" not in page


def test_inviting_promises_a_letter_without_the_link_in_it(staff, look):
    data = {"email": "Ny@Tallvik.example", "role": "host", "language": "nb"}
    assert staff.post("/manage/staff", data).location == "/manage/staff?done=invited"
    with look() as session:
        letter = session.query(Letter).one()
        assert (letter.recipient, letter.language) == ("ny@tallvik.example", "nb")
        assert letter.organisation_id == staff.organisation_id
        assert session.query(OneTimeLink).one().purpose == "invite"
    assert "ny@tallvik.example" in staff.client.get("/manage/staff").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": ""},
        {"email": "inte en adress"},
        {"email": "a@b.example\r\nBcc: c@d.example"},
        {"role": "owner"},
        {"language": "de"},
        {"mandate_note": "x" * 501},
    ],
)
def test_a_wrong_invitation_is_said_at_the_field(staff, look, wrong):
    data = {"email": "ny@tallvik.example", "role": "host", "language": "sv", **wrong}
    answer = staff.post("/manage/staff", data)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    with look() as session:
        assert session.query(Letter).count() == 0


def test_who_works_here_already_is_not_invited(staff, look):
    data = {"email": staff.email, "role": "reader", "language": "sv"}
    assert staff.post("/manage/staff", data).status_code == 422
    assert state_of(look, own(look, staff)) == ("admin", "active")


def test_inviting_does_not_tell_who_has_an_account_elsewhere(staff, sign_in):
    stranger = sign_in(name="Främmande Person")
    answers = []
    for email in (stranger.email, "okand@tallvik.example"):
        data = {"email": email, "role": "reader", "language": "sv"}
        answers.append(staff.post("/manage/staff", data).location)
    assert len(set(answers)) == 1
    page = staff.client.get("/manage/staff").text
    assert "Främmande Person" not in page


def test_invitations_have_a_limit(staff, monkeypatch):
    from blueprints.manage import staff as view

    monkeypatch.setattr(view, "INVITATIONS_A_DAY", 1)
    data = {"role": "reader", "language": "sv"}
    codes = [
        staff.post("/manage/staff", data | {"email": f"n{n}@tallvik.example"}).status_code
        for n in range(2)
    ]
    assert codes == [303, 429]


def test_a_new_role_counts_at_once(staff, sign_in, look):
    other = sign_in("planner", organisation_id=staff.organisation_id)
    with look() as session:
        number = session.query(Membership).filter_by(user_id=other.user_id).one().id
    assert other.client.get("/manage/staff").status_code == 404
    data = {"role": "admin", "mandate_note": "Delegation 12"}
    assert staff.post(f"/manage/staff/{number}", data).status_code == 303
    assert other.client.get("/manage/staff").status_code == 200
    with look() as session:
        facts = session.query(AuditEntry).one().facts
        assert facts == {"before": "planner", "role": "admin"}


def test_deactivating_ends_every_session_at_once(staff, sign_in, look):
    other = sign_in("planner", organisation_id=staff.organisation_id)
    with look() as session:
        number = session.query(Membership).filter_by(user_id=other.user_id).one().id
    assert staff.post(f"/manage/staff/{number}/deactivate").status_code == 303
    assert other.client.get("/account/profile").status_code == 303
    with look() as session:
        ended = session.query(StaffSession).filter_by(user_id=other.user_id).one()
        assert ended.expires_at == NOW
        assert session.query(AuditEntry).one().verb == "staff.deactivated"


def test_deactivating_here_does_not_end_work_elsewhere(staff, sign_in, work, look):
    """Two organisations: what one does never reaches the other's staff."""
    other = sign_in()
    with work() as session:
        user = session.get_one(User, other.user_id)
        part = Membership(
            user=user, organisation_id=staff.organisation_id, role="reader", created_at=NOW
        )
        session.add(part)
        session.flush()
        number = part.id
    staff.post(f"/manage/staff/{number}/deactivate")
    assert other.client.get("/manage/staff").status_code == 200
    with look() as session:
        assert session.get_one(User, other.user_id).is_active


def test_the_deactivated_come_back(staff, member, look):
    staff.post(f"/manage/staff/{member}/deactivate")
    assert state_of(look, member) == ("planner", "deactivated")
    staff.post(f"/manage/staff/{member}/reactivate")
    assert state_of(look, member) == ("planner", "active")


def test_a_withdrawn_invitation_leaves_nothing_behind(staff, look):
    data = {"email": "ny@tallvik.example", "role": "host", "language": "sv"}
    staff.post("/manage/staff", data)
    with look() as session:
        number = session.query(Membership).filter_by(state="invited").one().id
    assert staff.post(f"/manage/staff/{number}/deactivate").location.endswith("withdrawn")
    with look() as session:
        assert session.query(User).filter_by(email="ny@tallvik.example").count() == 0
        assert session.query(OneTimeLink).count() == 0
        assert session.get(Membership, number) is None


def test_an_invitation_is_sent_again(staff, look):
    data = {"email": "ny@tallvik.example", "role": "host", "language": "sv"}
    staff.post("/manage/staff", data)
    with look() as session:
        number = session.query(Membership).filter_by(state="invited").one().id
    assert staff.post(f"/manage/staff/{number}/invite-again").status_code == 303
    with look() as session:
        links = session.query(OneTimeLink).order_by(OneTimeLink.id).all()
        assert [link.used_at is None for link in links] == [False, True]


def test_who_has_come_in_is_not_invited_again(staff, member):
    assert staff.post(f"/manage/staff/{member}/invite-again").status_code == 409


def test_the_last_administrator_stays(staff, look):
    number = own(look, staff)
    data = {"role": "reader", "mandate_note": ""}
    assert staff.post(f"/manage/staff/{number}", data).status_code == 422
    assert staff.post(f"/manage/staff/{number}/deactivate").status_code == 422
    assert state_of(look, number) == ("admin", "active")


@pytest.mark.parametrize("other", ["invited", "deactivated", "gone"])
def test_only_an_administrator_who_can_act_counts_as_another(staff, member, work, look, other):
    with work() as session:
        part = session.get_one(Membership, member)
        part.role = "admin"
        part.state = "active" if other == "gone" else other
        part.user.is_active = other != "gone"
    with work() as session, pytest.raises(LastAdministrator):
        actions.deactivate(session, own_id(session, staff), now=NOW, actor="cli")
    assert state_of(look, own(look, staff)) == ("admin", "active")


def own_id(session, staff):
    return session.query(Membership).filter_by(user_id=staff.user_id).one().id


def test_one_of_two_administrators_may_go(staff, member, work, look):
    with work() as session:
        session.get_one(Membership, member).role = "admin"
    assert staff.post(f"/manage/staff/{member}/deactivate").status_code == 303
    assert state_of(look, member) == ("admin", "deactivated")


ACTIONS = ["", "/deactivate", "/reactivate", "/invite-again"]


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_of_another_organisation_is_reached(staff, work, look, action):
    with work() as session:
        user = make_user(session, make_organisation(session), "planner")
        number = session.query(Membership).filter_by(user_id=user.id).one().id
    assert staff.client.get(f"/manage/staff/{number}").status_code == 404
    data = {"role": "reader", "mandate_note": ""}
    assert staff.post(f"/manage/staff/{number}{action}", data).status_code == 404
    assert state_of(look, number) == ("planner", "active")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["planner", "host", "approver", "registrar", "reader"])
def test_only_administrators_see_and_change_staff(sign_in, staff, member, look, role, action):
    other = sign_in(role, organisation_id=staff.organisation_id)
    assert other.client.get("/manage/staff").status_code == 404
    assert other.client.get(f"/manage/staff/{member}").status_code == 404
    data = {"role": "admin", "mandate_note": ""}
    assert other.post(f"/manage/staff/{member}{action}", data).status_code == 404
    assert state_of(look, member) == ("planner", "active")


@pytest.mark.parametrize(
    ("action", "status"),
    [("", 422), ("/deactivate", 400), ("/reactivate", 400), ("/invite-again", 400)],
)
def test_every_post_needs_a_token(staff, member, look, action, status):
    data = {"role": "reader", "mandate_note": ""}
    assert staff.client.post(f"/manage/staff/{member}{action}", data=data).status_code == status
    assert state_of(look, member) == ("planner", "active")


def test_inviting_needs_a_token(staff, look):
    data = {"email": "ny@tallvik.example", "role": "host", "language": "sv"}
    assert staff.client.post("/manage/staff", data=data).status_code == 422
    with look() as session:
        assert session.query(Letter).count() == 0


@pytest.mark.parametrize("number", ["0", "999999", "2147483648", "-1", "9" * 40, "x"])
def test_a_made_up_number_is_not_found(staff, number):
    assert staff.client.get(f"/manage/staff/{number}").status_code == 404


@pytest.fixture
def race(app, staff, member, work, monkeypatch):
    """Two administrators deactivate each other; both have looked before either writes, if able."""
    with work() as session:
        session.get_one(Membership, member).role = "admin"
        ids = [own_id(session, staff), member]
    both_looked = threading.Barrier(2)
    spare = actions._spare_last_administrator

    def look_together(session, part):
        spare(session, part)
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_looked.wait(timeout=0.7)

    monkeypatch.setattr(actions, "_spare_last_administrator", look_together)

    def run():
        refused = []

        def one(number):
            try:
                with app.app_context(), unit_of_work() as session:
                    actions.deactivate(session, number, now=NOW, actor="cli")
            except LastAdministrator:
                refused.append(number)

        threads = [threading.Thread(target=one, args=[number]) for number in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(refused)

    return run


def administrators(look):
    with look() as session:
        return session.query(Membership).filter_by(role="admin", state="active").count()


def test_two_administrators_cannot_throw_each_other_out(race, look):
    assert race() == 1
    assert administrators(look) == 1


def test_without_the_lock_they_can(race, look, monkeypatch, database_url):
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(
        actions, "lock_organisation", lambda session, number: session.get_one(Organisation, number)
    )
    assert race() == 0
    assert administrators(look) == 0
