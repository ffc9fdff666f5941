"""The letter of the morning to staff: only when something waits, once, and to the stand-in."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from dialognav.actions import digests as actions
from dialognav.actions.digests import Absence, set_absence
from dialognav.automatic import send_digests
from dialognav.domain.errors import NotReady
from dialognav.domain.terms import (
    InboundKind,
    InboundState,
    LetterStatus,
    MessageState,
    Review,
    Role,
)
from dialognav.mail.letters import BULK
from dialognav.mail.post import Post
from dialognav.models import (
    AccessNeed,
    AuditEntry,
    DeadAddress,
    InboundMail,
    Letter,
    Membership,
    Message,
    MessagePlan,
    Organisation,
    PrivacyRequest,
)
from dialognav.queries.digests import waiting_in
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_organisation,
    make_participant,
    make_registration,
    make_user,
)
from tests.integration.mailed import post_mail as post_mail

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
KIND = "staff_digest"


@pytest.fixture
def digests(app, look):
    """Let the job run; {address: facts of the letter} of what it promised since."""
    seen = set()

    def running():
        with app.app_context():
            send_digests(POST)
        with look() as session:
            rows = session.scalars(sa.select(Letter).where(Letter.kind == KIND)).all()
            new = {row.recipient: row.facts for row in rows if row.id not in seen}
            seen.update(row.id for row in rows)
            return new

    return running


def part_of(session, organisation: Organisation, role: str = Role.ADMIN, **given) -> Membership:
    user = make_user(session, organisation, role, **given)
    return session.scalars(sa.select(Membership).where(Membership.user_id == user.id)).one()


def to_review(session, organisation: Organisation):
    event = make_event(session, organisation, registration_review=True)
    registration = make_registration(session, event, review=Review.PENDING)
    make_participant(session, registration, state="pending")
    return event


def kinds(facts) -> list[str]:
    return [one["kind"] for one in facts["digest"]]


def test_nothing_waits_and_nobody_is_written_to(work, digests, clock):
    with work() as session:
        part_of(session, make_organisation(session), email="a@tallvik.example")
    assert digests() == {}
    with work() as session:
        to_review(session, session.scalars(sa.select(Organisation)).one())
    assert digests() == {}  # what comes later in the day waits for the next morning
    clock.shift(timedelta(days=1))
    assert list(digests()) == ["a@tallvik.example"]
    clock.shift(timedelta(minutes=5))
    assert digests() == {}  # once a day


def test_not_on_a_day_off_nor_in_the_afternoon(work, digests, clock):
    with work() as session:
        organisation = make_organisation(session)
        part_of(session, organisation, email="a@tallvik.example")
        to_review(session, organisation)
    clock.move_to(NOW.replace(day=16))  # a Saturday
    assert digests() == {}
    clock.move_to(NOW.replace(day=18, hour=13))
    assert digests() == {}
    clock.move_to(NOW.replace(day=19, hour=7))
    assert list(digests()) == ["a@tallvik.example"]


def test_each_gets_what_their_role_decides(work, digests):
    with work() as session:
        organisation = make_organisation(session)
        writer = part_of(session, organisation, email="admin@tallvik.example")
        for role in (Role.PLANNER, Role.REGISTRAR, Role.READER, Role.APPROVER):
            part_of(session, organisation, role, email=f"{role}@tallvik.example")
        event = to_review(session, organisation)
        event.registration_closes_at = NOW + timedelta(days=1)
        registration = make_registration(session, event)
        person = make_participant(session, registration, email="gone@firm.example")
        session.add_all(
            [
                AccessNeed(participant_id=person.id, need="Tolk"),
                DeadAddress(address="gone@firm.example", since=NOW),
                Message(
                    organisation=organisation,
                    event=event,
                    state=MessageState.SUBMITTED,
                    subject={"sv": "Inför dialogen"},
                    author_id=writer.user_id,
                    writer_ids=[writer.user_id],
                    submitted_at=NOW,
                    created_at=NOW,
                    changed_at=NOW,
                ),
                PrivacyRequest(registration=registration, wish="erase", created_at=NOW),
                InboundMail(
                    fingerprint="d" * 64,
                    kind=InboundKind.PERSON,
                    state=InboundState.OPEN,
                    organisation_id=organisation.id,
                    received_at=NOW,
                    raw=b"",
                ),
                letter(organisation, LetterStatus.GIVEN_UP, NOW - timedelta(hours=3)),
                letter(organisation, LetterStatus.PENDING, NOW - timedelta(hours=3)),
            ]
        )
    found = {address.partition("@")[0]: kinds(facts) for address, facts in digests().items()}
    assert found == {
        "admin": [
            *("reviews", "needs", "failed", "stuck", "dead"),
            "inbox",
            "privacy",
            "deadlines",
        ],
        "planner": [
            *("reviews", "needs", "approvals", "failed"),
            "stuck",
            "dead",
            "inbox",
            "deadlines",
        ],
        "registrar": ["failed", "stuck", "dead", "inbox", "privacy"],
        "approver": ["reviews", "needs", "approvals"],
    }


def test_words_that_nobody_else_has_seen_wait_for_another(work, look):
    with work() as session:
        organisation = make_organisation(session, message_approval=True)
        event = make_event(session, organisation)
        for kind, writers in (("link", [7]), ("next", [])):
            plan = {"kind": kind, "days": 0, "is_on": False, "writer_ids": writers}
            session.add(MessagePlan(event=event, created_at=NOW, **plan))
        organisation_id, path = organisation.id, f"/manage/events/{event.public_id}/plans"
    with look() as session:
        [one] = waiting_in(session, session.get_one(Organisation, organisation_id), now=NOW)
        assert (one.kind, one.path, one.not_for) == ("approvals", path, frozenset({7}))


def test_what_nobody_can_do_anything_about_is_not_told(work, look):
    late = NOW - timedelta(hours=3)
    with work() as session:
        organisation = make_organisation(session)
        times = {"created_at": NOW, "changed_at": NOW}
        paused, stopped = (
            Message(organisation=organisation, state=state, **times)
            for state in (MessageState.PAUSED, MessageState.STOPPED)
        )
        session.add_all([paused, stopped])
        session.flush()
        waiting = [letter(organisation, LetterStatus.PENDING, late) for _each in range(3)]
        waiting[0].message_id, waiting[1].priority = paused.id, BULK
        waiting[2].due_at = NOW
        failed = [letter(organisation, LetterStatus.GIVEN_UP, late) for _each in range(2)]
        failed[0].message_id = stopped.id
        session.add_all([*waiting, *failed])
        session.flush()
        since = letter(organisation, LetterStatus.SENT, late)
        since.stream = failed[1].stream
        session.add(since)
        organisation_id = organisation.id
    with look() as session:
        assert waiting_in(session, session.get_one(Organisation, organisation_id), now=NOW) == []


def letter(organisation: Organisation, status: str, at) -> Letter:
    public_id = uuid4().hex
    return Letter(
        public_id=public_id,
        kind="links",
        stream=f"x:{public_id}",
        recipient="x@firm.example",
        recipient_name="",
        language="sv",
        facts={},
        organisation_id=organisation.id,
        status=status,
        due_at=at,
        created_at=at,
    )


def test_of_another_organisation_nothing_is_told(work, digests):
    with work() as session:
        to_review(session, make_organisation(session))
        part_of(session, make_organisation(session))
    assert digests() == {}


def test_the_stand_in_gets_it_during_leave(work, digests, clock, post_mail):
    with work() as session:
        organisation = make_organisation(session)
        away = part_of(session, organisation, email="away@tallvik.example", name="Maja Borta")
        here = part_of(session, organisation, email="here@tallvik.example", language="en")
        here.wants_digest = False
        to_review(session, organisation)
        absence = Absence(stand_in_id=here.id, away_from=NOW.date(), away_until=date(2027, 1, 13))
        set_absence(session, away.id, absence, now=NOW, actor="user:1")
    [(address, facts)] = digests().items()
    assert address == "here@tallvik.example"
    assert facts["away"] == [["Maja Borta", "2027-01-13"]]
    [mail] = post_mail()
    text = mail.get_body(("plain",)).get_content()
    assert "You stand in for Maja Borta until Wed 13 Jan 2027." in text
    assert "http://localhost/manage/events/" in text
    clock.move_to(NOW + timedelta(days=2))  # the 14th: back again
    assert list(digests()) == ["away@tallvik.example"]


def test_whoever_has_left_gets_nothing(work, digests):
    with work() as session:
        organisation = make_organisation(session)
        part = part_of(session, organisation, email="left@tallvik.example")
        part.user.is_active = False
        part_of(session, organisation, email="here@tallvik.example")
        to_review(session, organisation)
    assert list(digests()) == ["here@tallvik.example"]


def test_two_workers_write_one(work, digests, look):
    with work() as session:
        organisation = make_organisation(session)
        part_of(session, organisation)
        to_review(session, organisation)
        organisation_id = organisation.id
    assert len(digests()) == 1
    with work() as session:  # another worker, that had looked before the first was done
        waiting = waiting_in(session, session.get_one(Organisation, organisation_id), now=NOW)
        again = {"now": NOW, "post": POST}
        assert waiting
        assert actions.send_digests(session, organisation_id, NOW.date(), waiting, **again) == 0


def test_a_newcomer_brings_nobody_a_second_one(work, digests, look):
    with work() as session:
        organisation = make_organisation(session)
        part_of(session, organisation)
        to_review(session, organisation)
        organisation_id = organisation.id
    assert len(digests()) == 1
    with work() as session:
        part_of(session, session.get_one(Organisation, organisation_id), email="n@tallvik.example")
    assert list(digests()) == ["n@tallvik.example"]


def test_a_morning_without_anything_costs_one_statement(work, app, look, statements, digests):
    with work() as session:
        for _n in range(5):
            part_of(session, make_organisation(session))
    digests()
    with app.app_context(), statements() as ran:
        send_digests(POST)
    assert len(ran) == 1


# --- the account's page --------------------------------------------------------------------------


def own_part(look, staff):
    with look() as session:
        part = session.scalars(
            sa.select(Membership).where(Membership.user_id == staff.user_id)
        ).one()
        session.expunge(part)
        return part


def test_leave_and_stand_in_are_set_on_ones_own_page(staff, sign_in, look):
    other = sign_in(Role.ADMIN, organisation_id=staff.organisation_id)
    lesser = sign_in(Role.READER, organisation_id=staff.organisation_id)
    stand_in = own_part(look, other).id
    page = staff.client.get("/account/profile").get_data(as_text=True)
    assert f'value="{stand_in}"' in page
    assert f'value="{own_part(look, lesser).id}"' not in page
    typed = {"away_from": "2027-02-01", "away_until": "2027-02-12", "stand_in_id": str(stand_in)}
    answer = staff.post("/account/profile/absence", typed)
    assert answer.status_code == 303
    part = own_part(look, staff)
    assert (part.wants_digest, part.stand_in_id) == (False, stand_in)
    assert (part.away_from, part.away_until) == (date(2027, 2, 1), date(2027, 2, 12))
    with look() as session:
        assert "staff.absence_set" in session.scalars(sa.select(AuditEntry.verb)).all()


WRONG = [
    {"away_until": "2027-02-12"},
    {"away_from": "2027-02-12", "away_until": "2027-02-01"},
    {"away_from": "12/2"},
    {"stand_in_id": "999999"},
    {"stand_in_id": "x"},
]


def test_what_cannot_be_is_said_at_its_field(staff, look):
    for typed in WRONG:
        answer = staff.post("/account/profile/absence", {"wants_digest": "1", **typed})
        assert answer.status_code == 422, typed
        assert 'aria-invalid="true"' in answer.get_data(as_text=True)
    assert own_part(look, staff).away_until is None


def test_a_stand_in_of_another_organisation_is_refused(work, staff, look):
    with work() as session:
        stranger = part_of(session, make_organisation(session))
        part = session.scalars(
            sa.select(Membership).where(Membership.user_id == staff.user_id)
        ).one()
        absence = Absence(stand_in_id=stranger.id)
        with pytest.raises(NotReady):
            set_absence(session, part.id, absence, now=NOW, actor="user:1")
