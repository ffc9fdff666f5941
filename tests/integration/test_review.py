"""Approval, straight on the actions: from the first look to the second."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import event_moves, registrations, review
from dialognav.actions.registrations import Contact, Details, NewPerson, Register, Wish
from dialognav.actions.review import Look, Refusal
from dialognav.db import unit_of_work
from dialognav.domain.errors import (
    EditedMeanwhile,
    EventFull,
    NotAllowedNow,
    NotFound,
    RuleBroken,
    TooLate,
)
from dialognav.domain.parties import make_party
from dialognav.domain.reviews import fingerprint
from dialognav.domain.terms import Mode
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    AuditEntry,
    CalendarObject,
    Event,
    Letter,
    Participant,
    Registration,
)
from dialognav.models.approvals import facts_of
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_user

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
DO = {"now": NOW, "actor": "", "post": POST}
BY = {"now": NOW, "actor": "user:7", "decided_by_id": None, "post": POST}
NOT_NEW = Refusal("newcomers", {})


def person(name: str, mode: str = Mode.ON_SITE, **more) -> NewPerson:
    return NewPerson(name, f"{name.split()[0].lower()}@firm.example", Wish(mode), **more)


def sign_up(session, event, *people, at=NOW, contact=None, **more) -> Registration:
    contact = contact or Contact(people[0].name, people[0].email)
    party = make_party(f"{contact.name} AB", "company", None, email=contact.email, secret="s" * 32)
    command = Register(party, contact, people, "sv", **more)
    return registrations.register(session, event.id, command, **DO | {"now": at})


def reviewed(session, **given) -> Event:
    return make_event(session, registration_review=True, **given)


def looks(session, *rows, people=()) -> list[Look]:
    """What the page would send along for these registrations as they stand."""
    session.flush()
    for row in rows:
        session.refresh(row)
    facts = facts_of(session, rows)
    named = frozenset(one.id for one in people)
    return [Look(row.id, fingerprint(facts[row.id], row.review), named) for row in rows]


def approve(session, event, *rows, people=(), **more):
    return review.approve(session, event.id, looks(session, *rows, people=people), **BY | more)


def decline(session, event, *rows, people=(), why=NOT_NEW, **more):
    return review.decline(session, event.id, looks(session, *rows, people=people), why, **BY | more)


def states(session) -> dict[str, str]:
    """{name: state of the latest seat}; "kept" and "kept 3" where a seat or a number is kept."""
    rows = session.execute(
        sa.select(Participant.name, Attendance).join(Attendance.participant).order_by(Attendance.id)
    )
    return {name: _said(seat) for name, seat in rows}


def _said(seat: Attendance) -> str:
    if seat.state == "pending" and seat.keeps_seat:
        return "kept"
    if seat.state == "pending" and seat.queue_number:
        return f"kept {seat.queue_number}"
    return f"waiting {seat.queue_number}" if seat.state == "waiting" else seat.state


def mailed(session, name: str) -> list[str]:
    """Kinds of the letters that leave, to one person."""
    wanted = sa.select(Letter.kind).where(
        Letter.recipient == f"{name}@firm.example", Letter.status != "superseded"
    )
    return list(session.scalars(wanted.order_by(Letter.id)))


def sent(session) -> None:
    """Everything promised so far leaves."""
    session.flush()
    session.execute(
        sa.update(Letter).where(Letter.status == "pending").values(status="sent", sent_at=NOW)
    )


def entries(session) -> list[tuple[str, int, bool]]:
    """(name, SEQUENCE, whether it was cancelled) of every calendar entry."""
    rows = session.execute(
        sa.select(Participant.name, CalendarObject.sequence, CalendarObject.cancelled_at)
        .join(CalendarObject, CalendarObject.participant_id == Participant.id)
        .order_by(CalendarObject.id)
    )
    return [(name, sequence, at is not None) for name, sequence, at in rows]


# --- the first look -------------------------------------------------------------------------------


def test_a_newcomer_waits_for_approval_and_is_told_so_without_an_invitation(work, look):
    with work() as session:
        made = sign_up(session, reviewed(session, capacity_on_site=1), person("Ada A"))
        assert (made.review, made.review_reasons, made.review_since) == ("pending", ["review"], NOW)
    with look() as session:
        assert states(session) == {"Ada A": "pending"}
        assert mailed(session, "ada") == ["place_pending"]
        assert entries(session) == []


def test_pending_holds_no_seat(work, look):
    with work() as session:
        event = reviewed(session, capacity_on_site=1)
        sign_up(session, event, person("Ada A"))
        second = sign_up(session, event, person("Bo B"))
        approve(session, event, second)
    with look() as session:
        assert states(session) == {"Ada A": "pending", "Bo B": "confirmed"}


def test_approval_invites_and_remembers_what_was_approved(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A", title="CEO"))
        sent(session)
        approve(session, event, made, now=NOW + timedelta(hours=1))
    with look() as session:
        made = session.scalars(sa.select(Registration)).one()
        assert (made.review, made.decided_at) == ("approved", NOW + timedelta(hours=1))
        assert made.approved["people"][0]["title"] == "CEO"
        assert mailed(session, "ada") == ["place_pending", "place_confirmed"]
        assert entries(session) == [("Ada A", 0, False)]
        letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
        assert letter.facts["approved"] is True


def test_an_unsent_receipt_is_replaced_by_the_answer(work, look):
    with work() as session:
        event = reviewed(session)
        approve(session, event, sign_up(session, event, person("Ada A")))
    with look() as session:
        assert mailed(session, "ada") == ["place_confirmed"]


def test_several_are_seated_in_the_order_in_which_they_waited(work, look):
    with work() as session:
        event = reviewed(session, capacity_on_site=1)
        first = sign_up(session, event, person("Ada A"))
        second = sign_up(session, event, person("Bo B"), at=NOW + timedelta(minutes=1))
        approve(session, event, second, first)  # in whatever order they were ticked
    with look() as session:
        assert states(session) == {"Ada A": "confirmed", "Bo B": "waiting 1"}
        assert mailed(session, "bo") == ["place_waiting"]
        reason = session.scalars(sa.select(Attendance.queue_reason).filter_by(state="waiting"))
        assert reason.all() == ["approved"]


def test_the_whole_life_of_one_approved_into_a_full_event(work, look):
    with work() as session:
        event = reviewed(session, capacity_on_site=1)
        first = sign_up(session, event, person("Ada A"))
        second = sign_up(session, event, person("Bo B"))
        approve(session, event, first, second)
        sent(session)
        registrations.withdraw_all(session, first.id, **DO)
    with look() as session:
        assert states(session) == {"Ada A": "withdrawn", "Bo B": "confirmed"}
        assert mailed(session, "bo") == ["place_waiting", "promoted"]
        assert entries(session)[-1] == ("Bo B", 0, False)


def test_without_a_waiting_list_all_are_approved_or_nobody(work, look):
    with work() as session:
        event = reviewed(session, capacity_on_site=1, waiting_list=False)
        first = sign_up(session, event, person("Ada A"))
        second = sign_up(session, event, person("Bo B"))
        ids = event.id, looks(session, first, second)
    with pytest.raises(EventFull), work() as session:
        review.approve(session, *ids, **BY)
    with look() as session:
        assert states(session) == {"Ada A": "pending", "Bo B": "pending"}
        assert set(session.scalars(sa.select(Registration.review))) == {"pending"}


def test_staff_who_sign_somebody_up_have_looked_already(work, look):
    with work() as session:
        event = reviewed(session)
        party = make_party("Ada AB", "company", None, email="ada@firm.example", secret="s" * 32)
        user = make_user(session, event.organisation)
        command = Register(
            party,
            Contact("Ada A", "ada@firm.example"),
            (person("Ada A"),),
            "sv",
            created_by_id=user.id,
        )
        made = registrations.register(session, event.id, command, **DO)
        assert made.review == ""
    with look() as session:
        assert states(session) == {"Ada A": "confirmed"}


# --- declined -------------------------------------------------------------------------------------


def test_many_are_declined_at_once_each_with_the_reason_in_their_language(work, look):
    with work() as session:
        event = reviewed(session)
        first = sign_up(session, event, person("Ada A"))
        second = sign_up(session, event, person("Bo B"))
        second.language = "nb"
        why = Refusal(
            "mandate", {"sv": "Skriv för vem ni talar.", "nb": "Skriv hvem dere taler for."}
        )
        decline(session, event, first, second, why=why)
    with look() as session:
        assert states(session) == {"Ada A": "declined", "Bo B": "declined"}
        letters = session.scalars(sa.select(Letter).filter_by(kind="declined").order_by("id")).all()
        said = [(one.language, one.facts["decision"]) for one in letters]
        assert said == [
            ("sv", {"reason": "mandate", "text": ["Skriv för vem ni talar.", "sv"]}),
            ("nb", {"reason": "mandate", "text": ["Skriv hvem dere taler for.", "nb"]}),
        ]
        assert set(session.scalars(sa.select(Registration.review))) == {"declined"}
        assert "method" not in letters[0].facts  # nothing to take out of a calendar


def test_the_trail_has_ids_and_codes_and_no_personal_words(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        decline(session, event, made, why=Refusal("other", {"sv": "Hemliga ord om Ada"}))
    with look() as session:
        entry = session.scalars(sa.select(AuditEntry).filter_by(verb="registration.decline")).one()
        assert entry.actor == "user:7"
        assert entry.facts == {"participants": [1], "reason": "other"}


def test_one_of_three_is_declined_and_the_others_go_on(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"), person("Bo B"), person("Cia C"))
        decline(session, event, made, people=[made.participants[1]])
        assert made.review == "pending"
        approve(session, event, made)
    with look() as session:
        made = session.scalars(sa.select(Registration)).one()
        assert states(session) == {"Ada A": "confirmed", "Bo B": "declined", "Cia C": "confirmed"}
        assert made.review == "approved"
        assert [one["name"] for one in made.approved["people"]] == ["Ada A", "Cia C"]


def test_two_of_three_are_approved_and_the_third_still_waits(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"), person("Bo B"), person("Cia C"))
        approve(session, event, made, people=made.participants[:2])
        assert made.review == "pending"
        decline(session, event, made)
    with look() as session:
        assert states(session) == {"Ada A": "confirmed", "Bo B": "confirmed", "Cia C": "declined"}
        assert session.scalars(sa.select(Registration.review)).one() == "approved"


def test_when_the_last_who_waits_leaves_nothing_is_left_to_decide(work):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"), person("Bo B"))
        approve(session, event, made, people=made.participants[:1])
        registrations.withdraw_person(session, made.participants[1].id, **DO)
        assert made.review == "approved"


def test_who_was_declined_can_be_approved_after_all_at_the_end_of_the_queue(work, look):
    with work() as session:
        event = reviewed(session, capacity_on_site=1)
        first = sign_up(session, event, person("Ada A"))
        decline(session, event, first)
        second = sign_up(session, event, person("Bo B"))
        third = sign_up(session, event, person("Cia C"))
        approve(session, event, second, third)
        sent(session)
        approve(session, event, first)
    with look() as session:
        assert states(session) == {"Ada A": "waiting 2", "Bo B": "confirmed", "Cia C": "waiting 1"}
        assert mailed(session, "ada") == ["declined", "place_waiting"]


def test_a_declined_contact_gets_no_more_news_of_the_event(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(
            session, event, person("Ada A"), contact=Contact("Eva E", "eva@firm.example")
        )
        decline(session, event, made)
        sent(session)
        event_moves.cancel(
            session, event.id, {"sv": "Inställt."}, now=NOW, actor="user:7", post=POST
        )
    with look() as session:
        assert mailed(session, "eva") == ["declined"]
        assert mailed(session, "ada") == ["declined"]


def test_a_contact_who_stays_home_hears_of_both_decisions(work, look):
    with work() as session:
        event = reviewed(session)
        home = Contact("Eva E", "eva@firm.example")
        made = sign_up(session, event, person("Ada A"), person("Bo B"), contact=home)
        sent(session)
        decline(session, event, made, people=made.participants[:1])
        sent(session)
        approve(session, event, made)
    with look() as session:
        assert mailed(session, "eva") == ["receipt", "declined", "receipt"]
        letters = session.scalars(sa.select(Letter).filter_by(recipient="eva@firm.example"))
        counts = [one.facts["people"] for one in sorted(letters, key=lambda one: one.id)]
        said = [(people["confirmed"], people["pending"]) for people in counts]
        assert said == [(0, 2), (0, 1), (1, 0)]


def test_who_waits_for_approval_hears_when_the_event_is_called_off(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        sent(session)
        event_moves.cancel(
            session, event.id, {"sv": "Inställt."}, now=NOW, actor="user:7", post=POST
        )
        assert made.review == "pending"
    with look() as session:
        assert mailed(session, "ada") == ["place_pending", "cancelled"]


# --- who may decide, and on what ------------------------------------------------------------------


@pytest.mark.parametrize("decide", [approve, decline])
def test_what_has_changed_since_it_was_seen_is_not_decided_on(work, look, decide):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        other = sign_up(session, event, person("Bo B"))
        seen = looks(session, made, other)
        details = Details("Ada A", "Another role")
        registrations.change_details(session, made.participants[0].id, details, **DO)
        event_id = event.id
    verb = review.approve if decide is approve else review.decline
    more = () if decide is approve else (NOT_NEW,)
    with pytest.raises(EditedMeanwhile), work() as session:
        verb(session, event_id, seen, *more, **BY)
    with look() as session:
        assert states(session) == {"Ada A": "pending", "Bo B": "pending"}


def test_another_events_registration_is_not_found(work):
    with work() as session:
        event, other = reviewed(session), reviewed(session)
        foreign = sign_up(session, other, person("Ada A"))
        ids = event.id, looks(session, foreign)
    with pytest.raises(NotFound), work() as session:
        review.approve(session, *ids, **BY)
    with pytest.raises(NotFound), work() as session:
        review.decline(session, *ids, NOT_NEW, **BY)


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"state": "postponed"}, NotAllowedNow),
        ({"state": "cancelled"}, NotAllowedNow),
    ],
)
def test_nobody_is_given_a_place_on_a_day_that_is_not(work, given, broken):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        event.state = given["state"]
        ids = event.id, looks(session, made)
    with pytest.raises(broken), work() as session:
        review.approve(session, *ids, **BY)


def test_nobody_is_approved_once_it_has_begun(work):
    with work() as session:
        event = reviewed(session)
        ids = event.id, looks(session, sign_up(session, event, person("Ada A")))
    with pytest.raises(TooLate), work() as session:
        review.approve(session, *ids, **BY | {"now": STARTS})


def test_two_who_decide_at_the_same_time_decide_once(app, work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        event_id, seen = event.id, looks(session, made)
    said: list[str] = []
    both = threading.Barrier(2)

    def one(verb, *more) -> None:
        both.wait(timeout=5)
        try:
            with app.app_context(), unit_of_work() as session:
                verb(session, event_id, seen, *more, **BY)
            said.append("done")
        except RuleBroken as broken:
            said.append(broken.code)

    threads = [
        threading.Thread(target=one, args=(review.approve,)),
        threading.Thread(target=one, args=(review.decline, NOT_NEW)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with look() as session:
        decided = session.scalars(sa.select(Registration.review)).one()
        assert sorted(said) == ["done", "edited_meanwhile"]
        assert (
            states(session)["Ada A"] == {"approved": "confirmed", "declined": "declined"}[decided]
        )


# --- the second look ------------------------------------------------------------------------------


@pytest.fixture
def approved(work):
    """`approved("Ada A", "Bo B", capacity_on_site=1)`: one registration each, approved and told."""

    def make(*names, together=False, **given):
        with work() as session:
            event = reviewed(session, **given)
            groups = [names] if together else [(name,) for name in names]
            rows = [sign_up(session, event, *map(person, group)) for group in groups]
            approve(session, event, *rows)
            sent(session)
            return event.id

    return make


def find(session, name: str) -> Participant:
    return session.scalars(sa.select(Participant).filter_by(name=name)).one()


def test_capitals_need_no_second_look(work, look, approved):
    approved("Ada Alm")
    with work() as session:
        registrations.change_details(session, 1, Details("ada  ALM"), **DO)
    with look() as session:
        assert states(session) == {"ada  ALM": "confirmed"}
        assert mailed(session, "ada") == ["place_confirmed"]


def test_an_edit_goes_back_to_pending_and_keeps_seat_and_invitation(work, look, approved):
    event_id = approved("Ada A", capacity_on_site=1)
    with work() as session:
        registrations.change_details(session, 1, Details("Ada Alm", "CTO"), **DO)
        newcomer = sign_up(session, session.get_one(Event, event_id), person("Bo B"))
        approve(session, session.get_one(Event, event_id), newcomer)
    with look() as session:
        made = find(session, "Ada Alm").registration
        assert (made.review, made.review_reasons) == ("changed", ["review", "changed"])
        assert states(session) == {"Ada Alm": "kept", "Bo B": "waiting 1"}
        assert mailed(session, "ada") == ["place_confirmed", "change_pending"]
        assert entries(session) == [("Ada Alm", 0, False)]


def test_an_approved_edit_leaves_the_invitation_as_it_is(work, look, approved):
    event_id = approved("Ada A")
    with work() as session:
        registrations.change_details(session, 1, Details("Ada A", "CTO"), **DO)
        event = session.get_one(Event, event_id)
        approve(session, event, find(session, "Ada A").registration)
    with look() as session:
        made = find(session, "Ada A").registration
        assert (made.review, made.review_reasons) == ("approved", ["review"])
        assert made.approved["people"][0]["title"] == "CTO"
        assert states(session) == {"Ada A": "confirmed"}
        assert mailed(session, "ada") == ["place_confirmed", "change_approved"]
        assert entries(session) == [("Ada A", 0, False)]


def test_a_declined_edit_frees_the_seat_and_takes_the_entry_out(work, look, approved):
    event_id = approved("Ada A", "Bo B", capacity_on_site=1)
    with work() as session:
        registrations.change_details(session, 1, Details("Somebody Else"), **DO)
        event = session.get_one(Event, event_id)
        decline(session, event, find(session, "Somebody Else").registration)
    with look() as session:
        assert states(session) == {"Somebody Else": "declined", "Bo B": "confirmed"}
        assert entries(session) == [("Somebody Else", 1, True), ("Bo B", 0, False)]
        assert mailed(session, "ada") == ["place_confirmed", "declined"]
        assert mailed(session, "bo") == ["place_waiting", "promoted"]


def test_who_undoes_the_edit_has_the_seat_back(work, look, approved):
    approved("Ada A")
    with work() as session:
        registrations.change_details(session, 1, Details("Ada A", "CTO"), **DO)
        registrations.change_details(session, 1, Details("Ada A"), **DO)
    with look() as session:
        assert find(session, "Ada A").registration.review == "approved"
        assert states(session) == {"Ada A": "confirmed"}


def test_a_number_in_the_queue_is_kept_and_may_be_next_in_turn(work, look, approved):
    event_id = approved("Ada A", "Bo B", "Cia C", capacity_on_site=1)
    with work() as session:
        bo = find(session, "Bo B")
        registrations.change_details(session, bo.id, Details("Bo B", "Nurse"), **DO)
        assert states(session) == {"Ada A": "confirmed", "Bo B": "kept 1", "Cia C": "waiting 2"}
        event = session.get_one(Event, event_id)
        approve(session, event, bo.registration)
    with look() as session:
        assert states(session)["Bo B"] == "waiting 1"
        assert mailed(session, "bo")[-1] == "place_waiting"


def test_only_the_one_whom_it_concerns_is_looked_at_again(work, look, approved):
    approved("Ada A", "Bo B", together=True)
    with work() as session:
        registrations.change_details(session, find(session, "Bo B").id, Details("Bo B", "X"), **DO)
    with look() as session:
        assert states(session) == {"Ada A": "confirmed", "Bo B": "kept"}
        assert mailed(session, "ada") == ["place_confirmed"]


def test_an_added_person_is_plainly_pending(work, look, approved):
    approved("Ada A")
    with work() as session:
        registrations.add_person(session, 1, person("Bo B"), **DO)
    with look() as session:
        assert session.get_one(Registration, 1).review == "changed"
        assert states(session) == {"Ada A": "confirmed", "Bo B": "pending"}
        assert mailed(session, "bo") == ["place_pending"]


def test_an_added_person_who_leaves_again_needs_no_decision(work, look, approved):
    approved("Ada A")
    with work() as session:
        made = registrations.add_person(session, 1, person("Bo B"), **DO)
        registrations.withdraw_person(session, made.id, **DO)
    with look() as session:
        assert session.get_one(Registration, 1).review == "approved"
        assert states(session) == {"Ada A": "confirmed", "Bo B": "withdrawn"}


def test_a_swap_cancels_the_old_entry_at_once_and_invites_after_approval(work, look, approved):
    event_id = approved("Ada A", capacity_on_site=1)
    with work() as session:
        registrations.swap_person(session, 1, person("Bo B"), **DO)
    with look() as session:
        assert states(session) == {"Ada A": "withdrawn", "Bo B": "kept"}
        assert entries(session) == [("Ada A", 1, True)]
        assert mailed(session, "ada") == ["place_confirmed", "withdrawn"]
        assert mailed(session, "bo") == ["place_pending"]
    with work() as session:
        event = session.get_one(Event, event_id)
        approve(session, event, session.get_one(Registration, 1))
    with look() as session:
        assert states(session)["Bo B"] == "confirmed"
        assert entries(session) == [("Ada A", 1, True), ("Bo B", 0, False)]
        assert mailed(session, "bo") == ["place_confirmed"]
        uids = set(session.scalars(sa.select(CalendarObject.uid)))
        assert len(uids) == 2


def test_a_corrected_address_gets_the_invitation_once_it_is_approved(work, look, approved):
    event_id = approved("Ada A")
    with work() as session:
        registrations.correct_address(session, 1, "new@firm.example", **DO)
    with look() as session:
        assert states(session) == {"Ada A": "kept"}
        assert mailed(session, "new") == ["change_pending"]
    with work() as session:
        sent(session)
        event = session.get_one(Event, event_id)
        approve(session, event, session.get_one(Registration, 1))
    with look() as session:
        assert mailed(session, "new") == ["change_pending", "place_confirmed"]
        assert entries(session) == [("Ada A", 1, False)]


def test_what_staff_change_is_approved_with_that(work, look, approved):
    approved("Ada A")
    with work() as session:
        do = DO | {"actor": "user:7"}
        registrations.change_details(session, 1, Details("Ada A", "CTO"), **do)
        registrations.change_details(session, 1, Details("Ada A", "CTO "), **DO)
    with look() as session:
        made = session.get_one(Registration, 1)
        assert (made.review, states(session)) == ("approved", {"Ada A": "confirmed"})
        assert made.approved["people"][0]["title"].strip() == "CTO"


def test_news_of_the_event_reach_who_keeps_an_invitation(work, look, approved):
    event_id = approved("Ada A")
    with work() as session:
        registrations.change_details(session, 1, Details("Ada A", "CTO"), **DO)
        sent(session)
        event_moves.cancel(session, event_id, {"sv": "Nej."}, now=NOW, actor="user:7", post=POST)
    with look() as session:
        assert mailed(session, "ada") == ["place_confirmed", "change_pending", "cancelled"]
        assert entries(session) == [("Ada A", 1, True)]


def test_another_way_of_attending_waits_with_the_rest(work, look):
    with work() as session:
        event = reviewed(session, format="hybrid")
        made = sign_up(session, event, person("Ada A"))
        registrations.change_mode(session, made.participants[0].id, Wish(Mode.ONLINE), **DO)
        approve(session, event, made)
    with look() as session:
        rows = session.execute(sa.select(Attendance.mode, Attendance.state).order_by("id")).all()
        assert [tuple(row) for row in rows] == [("on_site", "withdrawn"), ("online", "confirmed")]
        assert mailed(session, "ada") == ["place_confirmed"]


def test_whoever_was_in_before_approval_was_asked_for_stays_and_adds_to_it(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"))
        event.registration_review = True
        registrations.add_person(session, made.id, person("Bo B"), **DO)
        assert made.review == "changed"
    with look() as session:
        assert states(session) == {"Ada A": "confirmed", "Bo B": "pending"}


def test_an_event_without_approval_asks_for_none(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"))
        registrations.change_details(session, made.participants[0].id, Details("Ada B"), **DO)
        registrations.swap_person(session, made.participants[0].id, person("Bo B"), **DO)
        assert made.review == ""
    with look() as session:
        assert states(session) == {"Ada B": "withdrawn", "Bo B": "confirmed"}


def test_a_colleague_takes_over_after_sign_up_has_closed_until_the_start(work, look):
    with work() as session:
        event = make_event(session)
        made = sign_up(session, event, person("Ada A"))
        sent(session)
        late = DO | {"now": STARTS - timedelta(minutes=1)}
        new = registrations.swap_person(session, made.participants[0].id, person("Bo B"), **late)
        assert entries(session) == [("Ada A", 1, True), ("Bo B", 0, False)]
        new_id = new.id
    with pytest.raises(TooLate), work() as session:
        registrations.swap_person(session, new_id, person("Cia C"), **DO | {"now": STARTS})


def test_an_offer_stands_still_while_an_edit_is_looked_at(work, look, approved):
    event_id = approved("Ada A", "Bo B", capacity_on_site=1, promotion="offer")
    later = NOW + timedelta(hours=10)
    with work() as session:
        registrations.withdraw_all(session, 1, **DO)
        bo = find(session, "Bo B")
        [offer] = bo.attendances
        held = offer.offer_ends_at - NOW
        assert offer.state == "offered"
        registrations.change_details(session, bo.id, Details("Bo B", "Nurse"), **DO)
        assert states(session)["Bo B"] == "kept"
        sent(session)
        approve(session, session.get_one(Event, event_id), bo.registration, now=later)
        assert offer.state == "offered"
        assert offer.offer_ends_at >= later + held - timedelta(hours=1)
    with look() as session:
        assert mailed(session, "bo")[-1] == "offered"


def test_a_mistyped_address_gets_nothing_that_had_not_left(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        approve(session, event, made)  # the invitation is not sent yet
        registrations.correct_address(session, made.id, "new@firm.example", **DO)
    with look() as session:
        assert mailed(session, "ada") == []
        assert mailed(session, "new") == ["change_pending"]


def test_a_new_address_hears_of_a_cancellation_without_an_entry_it_never_had(work, look, approved):
    event_id = approved("Ada A")
    with work() as session:
        registrations.correct_address(session, 1, "new@firm.example", **DO)
        sent(session)
        event_moves.cancel(session, event_id, {"sv": "Nej."}, now=NOW, actor="user:7", post=POST)
    with look() as session:
        assert mailed(session, "new") == ["change_pending", "cancelled"]
        letter = session.scalars(sa.select(Letter).filter_by(kind="cancelled")).one()
        assert "method" not in letter.facts


def test_after_a_new_date_an_approved_edit_brings_a_new_invitation(work, look, approved):
    event_id = approved("Ada A")
    with work() as session:
        registrations.change_details(session, 1, Details("Ada A", "CTO"), **DO)
        sent(session)
        by = {"now": NOW, "actor": "user:7", "post": POST}
        event_moves.postpone(session, event_id, {"sv": "Senare."}, **by)
        sent(session)
        starts_at = STARTS + timedelta(days=7)
        ends_at = starts_at + timedelta(hours=3)
        event_moves.set_new_date(session, event_id, starts_at, ends_at, closes_at=None, **by)
        sent(session)
        event = session.get_one(Event, event_id)
        approve(session, event, session.get_one(Registration, 1))
    with look() as session:
        kinds = mailed(session, "ada")
        assert kinds[1:4] == ["change_pending", "postponed", "new_date"]
        assert kinds[4] == "place_confirmed"
        assert entries(session)[-1] == ("Ada A", 0, False)


def test_a_declined_persons_letter_follows_to_a_corrected_address(work, look):
    with work() as session:
        event = reviewed(session)
        made = sign_up(session, event, person("Ada A"))
        decline(session, event, made)
        sent(session)
        registrations.correct_address(session, made.id, "new@firm.example", **DO)
    with look() as session:
        assert mailed(session, "new") == ["declined"]


def test_more_than_the_limit_may_allow_is_looked_at_and_can_be_let_in(work, look):
    with work() as session:
        event = make_event(session, limit_per_party=1)
        sign_up(session, event, person("Ada A"))
        same = Contact("Ada A", "ada.too@firm.example")  # the same name and mail domain, no number
        second = sign_up(session, event, person("Bo B"), contact=same)
        assert (second.review, second.review_reasons) == ("pending", ["limit"])
        assert states(session) == {"Ada A": "confirmed", "Bo B": "pending"}
        approve(session, event, second)
    with look() as session:
        assert states(session) == {"Ada A": "confirmed", "Bo B": "confirmed"}


def test_a_move_of_the_event_reaches_all_in_the_way_that_fits(work, look, approved):
    event_id = approved("Ada A")
    with work() as session:
        event = session.get_one(Event, event_id)
        sign_up(session, event, person("Bo B"))
        sent(session)
        registrations.change_details(session, 1, Details("Ada A", "CTO"), **DO)
        starts_at = STARTS + timedelta(hours=1)
        by = {"now": NOW, "actor": "user:7", "post": POST}
        event_moves.move(session, event_id, starts_at, starts_at + timedelta(hours=3), **by)
    with look() as session:
        # The entry in her calendar moves; that her edit waits is told beside it.
        assert sorted(mailed(session, "ada")) == ["change_pending", "changed", "place_confirmed"]
        assert mailed(session, "bo") == ["place_pending", "changed_waiting"]
        assert entries(session) == [("Ada A", 1, False)]


@pytest.mark.parametrize(("online", "now"), [(None, "online"), (0, "on_site")])
def test_another_way_of_attending_beside_an_edit_is_told_in_the_calendar(work, look, online, now):
    with work() as session:
        event = reviewed(session, format="hybrid", capacity_online=online)
        made = sign_up(session, event, person("Ada A"))
        approve(session, event, made)
        sent(session)
        one = made.participants[0]
        registrations.change_details(session, one.id, Details("Ada A", "CTO"), **DO)
        registrations.change_mode(session, one.id, Wish(Mode.ONLINE), **DO)
        sent(session)
        approve(session, event, made)
    with look() as session:
        seats = session.execute(sa.select(Attendance.mode, Attendance.state)).all()
        assert ("online", "confirmed" if now == "online" else "waiting") in seats
        assert ("on_site", "withdrawn" if now == "online" else "confirmed") in seats
        assert entries(session) == [("Ada A", int(now == "online"), False)]
        told = session.scalars(sa.select(Letter).filter_by(kind="place_waiting")).all()
        assert [letter.facts["keeps_seat"] for letter in told] == [True] * (now == "on_site")
