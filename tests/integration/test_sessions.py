"""An event of several occasions: chosen one by one, or all together."""

import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import tokens
from dialognav.actions import event_moves, occasions, offers, queue_ends, registrations, review
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.domain.errors import (
    EventFull,
    LimitReached,
    NotAllowedNow,
    RegistrationClosed,
)
from dialognav.domain.parties import make_party
from dialognav.domain.reviews import fingerprint
from dialognav.domain.terms import Attending, Format, Mode, Promotion
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    Diet,
    Event,
    Letter,
    Occasion,
    Organisation,
    Participant,
    Registration,
)
from dialognav.models.approvals import facts_of
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_occasion
from tests.integration.forms import PageForm, form_of, open_form, problems_of
from tests.integration.test_own_page import KEY

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
DO = {"now": NOW, "actor": "", "post": POST}
TITLES = ("Security", "Integration", "Prices")


def make_sessions(session, *, places=(None, None, None), **given) -> Event:
    """Three sessions, a week apart, of which each person chooses."""
    standard = {"attending": Attending.CHOOSE, "title": {"sv": "Tre", "en": "Three"}}
    event = make_event(session, capacity_on_site=places[0], **standard | given)
    for number in (1, 2):
        make_occasion(session, event, days=7 * number, capacity_on_site=places[number])
    session.refresh(event)
    for occasion, title in zip(event.occasions, TITLES, strict=True):
        occasion.title = {"en": title, "sv": f"{title} på svenska"}
    session.flush()
    return event


@pytest.fixture
def three(work):
    """Makes the event; its id, its slug and the ids of its sessions."""

    def make(**given) -> tuple[int, str, list[int]]:
        with work() as session:
            event = make_sessions(session, **given)
            return event.id, event.slug, [each.id for each in event.occasions]

    return make


def command(*names: str, wishes, mode=Mode.ON_SITE, **more) -> Register:
    people = tuple(
        NewPerson(name, f"{name.split()[0].lower()}@firm.example", Wish(mode, wish))
        for name, wish in zip(names, wishes, strict=True)
    )
    party = make_party(f"{names[0]} AB", "company", None, email=people[0].email, secret="s" * 32)
    return Register(party, Contact(people[0].name, people[0].email), people, "sv", **more)


def sign_up(session, event_id, *names, wishes) -> Registration:
    return registrations.register(session, event_id, command(*names, wishes=wishes), **DO)


def seats(session) -> list[tuple[str, int, str]]:
    """[(name, the session's place in the order, state)] of what is live or was once."""
    rows = session.execute(
        sa.select(Participant.name, Occasion.position, Attendance.state)
        .join(Attendance.participant)
        .join(Attendance.occasion)
        .order_by(Attendance.id)
    )
    return [tuple(row) for row in rows]


def link_of(registration: Registration) -> str:
    return tokens.make_link(
        KEY, tokens.REGISTRATION, registration.public_id, registration.generation
    )


def fill(client, slug, name="Karin Falk", lang="en") -> PageForm:
    form = open_form(client, f"/{lang}/events/{slug}/register", "party_name")
    form["party_name"] = f"{name} AB"
    form["contact-name"] = name
    form["contact-email"] = f"{name.split()[0].lower()}@falk.example"
    return form


def choose(form: PageForm, prefix: str, ids: list[int]) -> None:
    name = f"{prefix}occasions" if prefix == "" else f"{prefix}-occasions"
    form.fields.setlist(name, [str(each) for each in ids])


# --- the sign-up form -----------------------------------------------------------------------------


def test_each_person_chooses_and_is_seated_there_only(client, three, look):
    _event, slug, (first, second, third) = three()
    form = fill(client, slug)
    choose(form, "contact", [first, third])
    form = form_of(client, form.send("add"), "party_name")
    assert form.fields.getlist("people-0-occasions") == [str(first), str(third)]  # until changed
    form["people-0-name"], form["people-0-email"] = "Bo Berg", "bo@falk.example"
    choose(form, "people-0", [second])
    assert form.send("send").status_code == 303
    with look() as session:
        assert sorted(seats(session)) == [
            ("Bo Berg", 1, "confirmed"),
            ("Karin Falk", 0, "confirmed"),
            ("Karin Falk", 2, "confirmed"),
        ]


def test_the_form_says_what_is_left_at_each(client, three, work):
    event, slug, (first, *_rest) = three(places=(1, 40, None))
    with work() as session:
        sign_up(session, event, "Ada A", wishes=[[first]])
    page = client.get(f"/en/events/{slug}/register").text
    assert "Security" in page
    assert "Full, waiting list" in page
    assert "40 of 40 places left" in page


def test_a_full_session_without_a_queue_cannot_be_ticked(client, three, work, look):
    event, slug, (first, second, _third) = three(places=(1, None, None), waiting_list=False)
    early = fill(client, slug)
    choose(early, "contact", [first, second])
    with work() as session:
        sign_up(session, event, "Ada A", wishes=[[first]])
    page = client.get(f"/en/events/{slug}/register").text
    [box] = re.findall(rf'<input[^>]*value="{first}"[^>]*>', page)
    assert "disabled" in box
    answer = early.send("send")  # the page was open when the last place went
    assert answer.status_code == 409
    [problem] = re.findall(r"Not enough places are left[^<]*", answer.text)
    assert "Security" in problem
    assert "Integration" not in problem
    again = form_of(client, answer, "party_name")
    assert again.fields.getlist("contact-occasions") == [str(first), str(second)]
    with look() as session:
        assert seats(session) == [("Ada A", 0, "confirmed")]


@pytest.mark.parametrize("asked", [0, 3])
def test_at_least_one_and_no_more_than_the_most(client, three, look, asked):
    _event, slug, ids = three(sessions_most=2)
    form = fill(client, slug)
    choose(form, "contact", ids[:asked])
    problem = "Choose at most 2 sessions" if asked else "Choose at least one session"
    answer = form.send("send")
    assert answer.status_code == 422
    assert problems_of(answer) == [problem]
    with look() as session:
        assert seats(session) == []


def test_a_session_called_off_while_one_writes_is_not_dropped_in_silence(client, three, work):
    _event, slug, (first, second, _third) = three()
    form = fill(client, slug)
    choose(form, "contact", [first, second])
    with work() as session:
        session.get_one(Occasion, second).cancelled_at = NOW
    answer = form.send("send")
    assert answer.status_code == 422
    assert problems_of(answer) == [
        "A session that you chose can no longer be chosen. Look at the others."
    ]


def test_sign_up_goes_on_after_the_first_session(client, three, clock, look):
    _event, slug, (first, second, third) = three(registration_closes_at=STARTS + timedelta(days=13))
    clock.move_to(STARTS + timedelta(days=1))
    form = fill(client, slug)
    page = client.get(f"/en/events/{slug}/register").text
    assert f'value="{first}"' not in page
    choose(form, "contact", [second, third])
    assert form.send("send").status_code == 303
    with look() as session:
        assert [(n, s) for _name, n, s in seats(session)] == [(1, "confirmed"), (2, "confirmed")]


@pytest.mark.parametrize("attending", [Attending.ALL, Attending.SERIES])
def test_days_that_belong_together_are_not_asked_about(client, three, look, attending):
    _event, slug, ids = three(attending=attending)
    form = fill(client, slug)
    assert "contact-occasions" not in form.fields
    assert "all 3 sessions" in client.get(f"/en/events/{slug}/register").text
    choose(form, "contact", ids[:1])  # a forgery changes nothing
    assert form.send("send").status_code == 303
    with look() as session:
        assert [n for _name, n, _state in seats(session)] == [0, 1, 2]


# --- on the own page ------------------------------------------------------------------------------


@pytest.fixture
def ada(three, work):
    """Ada at the first and the second of three; (path of her page, ids, event id)."""

    def make(**given):
        event_id, _slug, ids = three(**given)
        with work() as session:
            made = sign_up(session, event_id, "Ada A", wishes=[ids[:2]])
            return f"/en/r/{link_of(made)}", made.participants[0].public_id, ids, event_id

    return make


def test_the_own_page_names_each_session_with_its_state(client, ada, work):
    path, _person, ids, event_id = ada(places=(None, 1, None))
    with work() as session:
        sign_up(session, event_id, "Bo B", wishes=[ids[1:2]])
        session.get_one(Occasion, ids[0]).cancelled_at = None
    page = client.get(path).text
    assert "Security" in page
    assert "Integration" in page
    assert "Prices, " not in page


def test_a_digital_link_that_sessions_share_stands_once_with_all_of_them(client, three, work):
    shared, own = "https://meet.example/all", "https://meet.example/third"
    event_id, _slug, ids = three(format=Format.ONLINE, attending=Attending.ALL, online_url=shared)
    with work() as session:
        session.get_one(Occasion, ids[1]).online_url = shared
        session.get_one(Occasion, ids[2]).online_url = own
        who = command("Ada A", wishes=[()], mode=Mode.ONLINE)
        made = registrations.register(session, event_id, who, **DO)
        path = f"/en/r/{link_of(made)}"
    page = client.get(path).text
    assert page.count(f'href="{shared}"') == page.count(f'href="{own}"') == 1
    both = page[page.index(shared) : page.index(own)]
    assert "Security" in both
    assert "Integration" in both
    assert "Prices" not in both


def test_a_session_is_given_back_and_another_taken(client, ada, work, look):
    path, person, (first, second, third), event_id = ada(places=(None, 1, None))
    with work() as session:
        sign_up(session, event_id, "Bo B", wishes=[[second]])
    form = open_form(client, f"{path}/{person}/edit", "name")
    assert form.fields.getlist("occasions") == [str(first), str(second)]
    page = client.get(f"{path}/{person}/edit").text
    assert "Full" not in page  # for whom it is full, are others
    assert page.count("<small>Confirmed</small>") == 2
    choose(form, "", [first, third])
    assert form.send("save").status_code == 303
    with look() as session:
        assert seats(session) == [
            ("Ada A", 0, "confirmed"),
            ("Ada A", 1, "withdrawn"),
            ("Bo B", 1, "confirmed"),  # the freed place went on at once
            ("Ada A", 2, "confirmed"),
        ]
        kinds = set(session.scalars(sa.select(Letter.kind).where(Letter.recipient.like("ada%"))))
        assert {"withdrawn", "place_changed"} & kinds


def test_the_most_counts_what_has_begun(client, ada, clock, look):
    path, person, (_first, second, third), _event = ada(
        sessions_most=2, registration_closes_at=STARTS + timedelta(days=13)
    )
    clock.move_to(STARTS + timedelta(days=1))
    form = open_form(client, f"{path}/{person}/edit", "name")
    assert form.fields.getlist("occasions") == [str(second)]
    choose(form, "", [second, third])
    assert problems_of(form.send("save")) == ["Choose at most 2 sessions"]
    choose(form, "", [third])
    assert form.send("save").status_code == 303
    with look() as session:
        assert [(n, s) for _name, n, s in seats(session)] == [
            (0, "confirmed"),
            (1, "withdrawn"),
            (2, "confirmed"),
        ]


def test_nothing_ticked_is_no_withdrawal(client, ada, look):
    path, person, _ids, _event = ada()
    form = open_form(client, f"{path}/{person}/edit", "name")
    form["occasions"] = None
    assert problems_of(form.send("save")) == ["Choose at least one session"]


def test_a_name_is_corrected_without_touching_the_sessions(client, ada, look):
    path, person, _ids, _event = ada(places=(1, 1, 1))
    form = open_form(client, f"{path}/{person}/edit", "name")
    form["name"] = "Ada Alm"
    assert form.send("save").status_code == 303
    with look() as session:
        assert seats(session) == [("Ada Alm", 0, "confirmed"), ("Ada Alm", 1, "confirmed")]


@pytest.mark.parametrize("attending", [Attending.ALL, Attending.SERIES])
def test_a_single_day_of_a_whole_is_given_back(client, three, work, look, attending):
    event_id, _slug, ids = three(attending=attending)
    with work() as session:
        made = sign_up(session, event_id, "Ada A", wishes=[[]])
        path, person = f"/en/r/{link_of(made)}", made.participants[0].public_id
    form = open_form(client, f"{path}/{person}/edit", "name")
    choose(form, "", ids[:2])
    assert form.send("save").status_code == 303
    form = open_form(client, f"{path}/{person}/edit", "name")
    form["name"] = "Ada Alm"
    assert form.send("save").status_code == 303  # and it does not come back by itself
    with look() as session:
        assert [(n, s) for _name, n, s in seats(session)] == [
            (0, "confirmed"),
            (1, "confirmed"),
            (2, "withdrawn"),
        ]


def test_whose_session_is_called_off_may_go_to_another(client, three, work, look):
    event_id, _slug, (first, _second, third) = three()
    with work() as session:
        made = sign_up(session, event_id, "Ada A", wishes=[[first]])
        session.get_one(Occasion, first).cancelled_at = NOW
        [seat] = made.participants[0].attendances
        seat.state, seat.state_at = "withdrawn", NOW
        path, person = f"/en/r/{link_of(made)}", made.participants[0].public_id
    page = client.get(path).text
    assert "Cancelled" in page
    form = open_form(client, f"{path}/{person}/edit", "name")
    choose(form, "", [third])
    assert form.send("save").status_code == 303
    with look() as session:
        assert seats(session)[-1] == ("Ada A", 2, "confirmed")


def test_a_colleague_is_added_to_some_and_swapped_in_at_all_of_anothers(client, ada, look):
    path, person, (_first, _second, third), _event = ada()
    form = open_form(client, f"{path}/add", "name")
    form["name"], form["email"] = "Bo B", "bo@firm.example"
    assert problems_of(form.send("save")) == ["Choose at least one session"]
    choose(form, "", [third])
    assert form.send("save").status_code == 303
    form = open_form(client, f"{path}/{person}/swap", "name")
    form["name"], form["email"] = "Cia C", "cia@firm.example"
    assert form.send("save").status_code == 303
    with look() as session:
        assert [each for each in seats(session) if each[2] == "confirmed"] == [
            ("Bo B", 2, "confirmed"),
            ("Cia C", 0, "confirmed"),
            ("Cia C", 1, "confirmed"),
        ]


def test_an_offer_is_answered_for_one_session(client, three, work, look):
    event_id, _slug, (first, second, _third) = three(places=(1, 1, None), promotion=Promotion.OFFER)
    with work() as session:
        ada = sign_up(session, event_id, "Ada A", wishes=[[first, second]])
        made = sign_up(session, event_id, "Bo B", wishes=[[first, second]])
        registrations.withdraw_all(session, ada.id, **DO)
        path, person = f"/en/r/{link_of(made)}", made.participants[0].public_id
    page = client.get(path)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    answer = client.post(
        f"{path}/{person}/accept", data={"csrf_token": token, "occasion": str(second)}
    )
    assert answer.status_code == 303
    with look() as session:
        assert [each for each in seats(session) if each[0] == "Bo B"] == [
            ("Bo B", 0, "offered"),
            ("Bo B", 1, "confirmed"),
        ]


def test_who_did_without_an_offer_was_refused_by_nobody(client, three, work, look):
    event_id, _slug, (first, second, _third) = three(places=(1, 1, None), promotion=Promotion.OFFER)
    late = {"now": NOW + timedelta(hours=25), "post": POST}
    with work() as session:
        ada = sign_up(session, event_id, "Ada A", wishes=[[first, second]])
        made = sign_up(session, event_id, "Bo B", wishes=[[first, second]])
        registrations.withdraw_all(session, ada.id, **DO)
        offers.decline_offers(session, made.id, None, first, **DO)
        offers.lapse_offers(session, event_id, **late)
        path, made_id = f"/en/r/{link_of(made)}", made.id
    page = client.get(path).text
    assert "Not approved" not in page
    assert "not approved" not in page
    assert "Offer ran out" in page
    with work() as session:
        registrations.send_again(session, made_id, actor="", **late)
    with look() as session:
        assert "declined" not in session.scalars(sa.select(Letter.kind)).all()
        assert ("Bo B", 0, "withdrawn") in seats(session)
    with work() as session:
        [seat] = offers.join_again(session, made_id, actor="", **late)
        assert seat.occasion_id == second


def test_a_second_chance_is_for_what_was_refused(three, work, look):
    event_id, _slug, (first, second, third) = three(
        places=(1, 1, 1), promotion=Promotion.OFFER, registration_review=True
    )
    by = {"actor": "user:1", "decided_by_id": None, "now": NOW, "post": POST}

    def looked(session, made):
        facts = facts_of(session, [made])[made.id]
        return [review.Look(made.id, fingerprint(facts, made.review))]

    with work() as session:
        ada = sign_up(session, event_id, "Ada A", wishes=[[first]])
        review.approve(session, event_id, looked(session, ada), **by)
        bo = sign_up(session, event_id, "Bo B", wishes=[[first, second]])
        review.approve(session, event_id, looked(session, bo), **by)
        registrations.withdraw_all(session, ada.id, **DO)
        offers.decline_offers(session, bo.id, **DO)
        person = bo.participants[0]
        registrations.change_mode(session, person.id, Wish(Mode.ON_SITE, [second, third]), **DO)
        registrations.change_details(
            session, person.id, registrations.Details("Bo Berg", "VD"), **DO
        )
        review.decline(session, event_id, looked(session, bo), review.Refusal("places", {}), **by)
        review.approve(session, event_id, looked(session, bo), **by)
    with look() as session:
        live = [each[1:] for each in seats(session) if each[2] in ("confirmed", "waiting")]
        assert live == [(1, "confirmed"), (2, "confirmed")]


def test_when_sign_up_is_over_one_gives_back_but_adds_nothing(client, ada, clock, look, work):
    path, person, (first, second, third), _event = ada()
    clock.move_to(STARTS - timedelta(days=2))  # the deadline was a week before
    form = open_form(client, f"{path}/{person}/edit", "name")
    assert f'value="{third}"' not in client.get(f"{path}/{person}/edit").text
    choose(form, "", [first, third])
    assert form.send("save").status_code == 422
    choose(form, "", [second])
    assert form.send("save").status_code == 303
    with look() as session:
        assert seats(session) == [("Ada A", 0, "withdrawn"), ("Ada A", 1, "confirmed")]
        ada_id = session.scalars(sa.select(Participant.id)).one()
    late = {"now": STARTS - timedelta(days=2), "actor": "", "post": POST}
    with pytest.raises(RegistrationClosed), work() as session:
        registrations.change_mode(session, ada_id, Wish(Mode.ON_SITE, [second, third]), **late)


@pytest.fixture
def called_off(three, work):
    """Ada is at the first of three only, which is called off; then what `also` does to her
    registration. (path of her page, her id, event id, ids)"""

    def make(also=lambda made: None, **given) -> tuple[str, int, int, list[int]]:
        event_id, _slug, ids = three(**given)
        with work() as session:
            made = sign_up(session, event_id, "Ada A", wishes=[ids[:1]])
            session.flush()
            occasions.cancel_occasion(session, event_id, ids[0], {"en": "Ill"}, **DO)
            also(made)
            return f"/en/r/{link_of(made)}", made.participants[0].id, event_id, ids

    return make


def test_who_is_looked_at_still_waits_for_it_at_another_session(called_off, work, look):
    _path, ada, _event, ids = called_off(registration_review=True)
    with work() as session:
        registrations.change_mode(session, ada, Wish(Mode.ON_SITE, ids[2:]), **DO)
    with look() as session:
        assert seats(session)[-1] == ("Ada A", 2, "pending")


def test_who_was_declined_has_no_other_session(called_off, work, look):
    def decline(made: Registration) -> None:
        made.review = "declined"

    _path, ada, _event, ids = called_off(decline)
    with pytest.raises(NotAllowedNow), work() as session:
        registrations.change_mode(session, ada, Wish(Mode.ON_SITE, ids[2:]), **DO)
    with look() as session:
        assert len(seats(session)) == 1


@pytest.fixture
def mate_came(called_off, work):
    """Ada's session was called off, then Bo of the same firm came, of which one may come:
    (Ada's id, event id, ids)"""

    def make(number: str) -> tuple[int, int, list[int]]:
        def numbered(made: Registration) -> None:
            made.party_identifier = number

        _path, ada, event_id, ids = called_off(numbered, limit_per_party=1)
        people = (NewPerson("Bo B", "bo@firm.example", Wish(Mode.ON_SITE, ids[1:2])),)
        who = command("Ada A", wishes=[[]])
        who = replace(who, contact=Contact("Bo B", "bo@firm.example"), people=people)
        with work() as session:
            registrations.register(session, event_id, who, **DO)
        return ada, event_id, ids

    return make


def test_whose_session_is_called_off_counts_when_coming_to_another(mate_came, work):
    ada, _event, ids = mate_came("5560360793")
    with pytest.raises(LimitReached), work() as session:
        registrations.change_mode(session, ada, Wish(Mode.ON_SITE, ids[2:]), **DO)


def test_somebody_looks_when_it_may_be_one_too_many(mate_came, work, look):
    ada, event_id, ids = mate_came("")
    with work() as session:
        registrations.change_mode(session, ada, Wish(Mode.ON_SITE, ids[2:]), **DO)
    with look() as session:
        row = session.get_one(Participant, ada).registration
        assert seats(session)[-1] == ("Ada A", 2, "pending")
        assert (row.review, row.review_reasons) == ("changed", ["limit"])
        seen = fingerprint(facts_of(session, [row])[row.id], row.review)
        looked = review.Look(row.id, seen)
    with work() as session:
        by = DO | {"actor": "user:1", "decided_by_id": None}
        review.approve(session, event_id, [looked], **by)
    with look() as session:
        assert seats(session)[-1] == ("Ada A", 2, "confirmed")
        assert session.get_one(Participant, ada).registration.review == "approved"


def test_one_other_session_for_each_that_was_called_off(called_off, work, look):
    _path, ada, _event, (_first, second, third) = called_off()
    late = DO | {"now": STARTS - timedelta(days=2)}  # the deadline was a week before
    for wish in ([second, third], [third], [second, third]):
        closed = nullcontext() if wish == [third] else pytest.raises(RegistrationClosed)
        with closed, work() as session:
            registrations.change_mode(session, ada, Wish(Mode.ON_SITE, wish), **late)
    with look() as session:
        assert seats(session) == [("Ada A", 0, "withdrawn"), ("Ada A", 2, "confirmed")]


def test_no_other_session_once_the_procurement_has_begun(called_off, work):
    _path, ada, event_id, ids = called_off()
    with work() as session:
        event_moves.switch_to_procurement(session, event_id, **DO)
    with pytest.raises(RegistrationClosed), work() as session:
        registrations.change_mode(session, ada, Wish(Mode.ON_SITE, ids[2:]), **DO)


def test_who_leaves_in_the_middle_is_still_there_on_the_first_day(three, work, look):
    event_id, _slug, _ids = three(attending=Attending.ALL, serves_food=True)
    with work() as session:
        made = sign_up(session, event_id, "Ada A", wishes=[[]])
        made.participants[0].diet = Diet(need="No nuts")
        ada = made.participants[0].id
    bo = NewPerson("Bo B", "bo@firm.example", Wish(Mode.ON_SITE))
    with work() as session:
        now = STARTS + timedelta(hours=1)
        registrations.swap_person(session, ada, bo, **DO | {"now": now})
    with look() as session:
        old = session.get_one(Participant, ada)
        assert old.diet.need == "No nuts"
        assert old.withdrawn_at is None
        assert [each for each in seats(session) if each[2] == "confirmed"] == [
            ("Ada A", 0, "confirmed"),
            ("Bo B", 1, "confirmed"),
            ("Bo B", 2, "confirmed"),
        ]


# --- the rules, in words --------------------------------------------------------------------------


def rules_of(client, slug) -> str:
    page = client.get(f"/en/events/{slug}/register").text
    return page[page.index("Registration rules") : page.index('id="sign-up"')]


def test_the_rules_say_what_one_chooses_among(client, three):
    _event, slug, _ids = three(sessions_most=2, places=(40, 40, 40))
    said = rules_of(client, slug)
    assert "Each person chooses at most 2 of 3 sessions." in said
    assert "In each session: There are 40 places." in said
    assert "Each session has a waiting list of its own." in said
    assert "You can give single sessions back." in said


def test_the_rules_name_the_places_of_each_when_they_differ(client, three):
    _event, slug, _ids = three(attending=Attending.ALL, places=(40, 20, None))
    said = rules_of(client, slug)
    assert "Each person takes part in all 3 sessions." in said
    assert re.search(r"Security: [^<]*: There are 40 places\.", said)
    assert re.search(r"Integration: [^<]*: There are 20 places\.", said)
    assert re.search(r"Prices: [^<]*: There is no limit", said)


def test_the_fullest_day_is_what_is_left_of_a_whole(client, three, work):
    event, slug, _ids = three(attending=Attending.ALL, places=(40, 3, None))
    with work() as session:
        sign_up(session, event, "Ada A", wishes=[[]])
    page = client.get(f"/en/events/{slug}/register").text
    assert "40 places left" not in page
    assert "2 of 3 places left" in page
    with work() as session:
        sign_up(session, event, "Bo B", wishes=[[]])
        sign_up(session, event, "Cia C", wishes=[[]])
    assert "All places are taken" in client.get(f"/en/events/{slug}/register").text


# --- the workspace --------------------------------------------------------------------------------


@pytest.fixture
def crowd(staff, work):
    """Ada at the first two of three, Bo at the last; (event's public id, ids, Ada's public id)."""
    with work() as session:
        owner = session.get_one(Organisation, staff.organisation_id)
        event = make_sessions(session, organisation=owner, places=(1, 1, None))
        ids = [each.id for each in event.occasions]
        made = sign_up(session, event.id, "Ada A", wishes=[ids[:2]])
        sign_up(session, event.id, "Bo B", wishes=[[ids[1], ids[2]]])
        return event.public_id, ids, made.participants[0].public_id


def test_the_list_is_of_one_session_or_of_all(staff, crowd):
    event, (first, second, third), _ada = crowd
    path = f"/manage/events/{event}/registrations"
    whole = staff.client.get(path).text
    assert "Ada A" in whole
    assert "Bo B" in whole
    assert "Security" in whole
    only = staff.client.get(f"{path}?session={third}").text
    assert "Bo B" in only
    assert "Ada A" not in only
    waiting = staff.client.get(f"{path}?session={second}&view=waiting").text
    assert "Bo B" in waiting
    assert "Ada A" not in waiting
    confirmed = staff.client.get(f"{path}?session={first}&view=confirmed").text
    assert "Bo B" not in confirmed
    nonsense = staff.client.get(f"{path}?session=999999").text
    assert "Ada A" in nonsense


def test_staff_change_the_sessions_of_somebody(staff, crowd, look):
    _event, (first, _second, third), ada = crowd
    form = open_form(staff.client, f"/manage/people/{ada}/sessions", "occasions")
    choose(form, "", [first, third])
    assert form.send("save").status_code == 303
    with look() as session:
        assert sorted(each for each in seats(session) if each[2] == "confirmed") == [
            ("Ada A", 0, "confirmed"),
            ("Ada A", 2, "confirmed"),
            ("Bo B", 1, "confirmed"),
            ("Bo B", 2, "confirmed"),
        ]
        told = session.execute(sa.select(Letter.recipient, Letter.kind)).all()
        assert ("ada@firm.example", "withdrawn_plain") in [tuple(each) for each in told]


def test_staff_register_somebody_to_some(staff, crowd, look):
    event, (first, _second, third), _ada = crowd
    path = f"/manage/events/{event}/registrations/new"
    form = open_form(staff.client, path, "party_name")
    form["party_name"], form["contact-name"] = "Cia AB", "Cia C"
    form["contact-email"] = "cia@cia.example"
    choose(form, "contact", [first, third])
    assert form.send("send").status_code == 303
    with look() as session:
        assert sorted(each for each in seats(session) if each[0] == "Cia C") == [
            ("Cia C", 0, "waiting"),
            ("Cia C", 2, "confirmed"),
        ]


# --- the actions ----------------------------------------------------------------------------------


def test_a_wish_is_all_there_is_or_what_it_names(work):
    with work() as session:
        event = make_sessions(session, sessions_most=2)
        ids = [each.id for each in event.occasions]
        other = make_sessions(session)
        for wish in ([], ids, [other.occasions[0].id], [ids[0], other.occasions[0].id]):
            with pytest.raises(NotAllowedNow):
                sign_up(session, event.id, "Ada A", wishes=[wish])


def test_all_of_a_registration_or_none_when_one_session_is_full(work, look):
    with work() as session:
        event = make_sessions(session, places=(5, 1, 5), waiting_list=False)
        event_id, ids = event.id, [each.id for each in event.occasions]
    with pytest.raises(EventFull) as full, work() as session:
        sign_up(session, event_id, "Ada A", "Bo B", wishes=[ids, ids])
    assert full.value.args == (ids[1],)
    with look() as session:
        assert seats(session) == []


def test_the_queue_of_each_session_ends_with_its_own(work, look):
    with work() as session:
        event = make_sessions(
            session, places=(1, 1, 1), registration_closes_at=STARTS + timedelta(days=13)
        )
        ids = [each.id for each in event.occasions]
        sign_up(session, event.id, "Ada A", wishes=[ids])
        sign_up(session, event.id, "Bo B", wishes=[ids])
        event_id = event.id
    soon = STARTS - timedelta(hours=1)
    with work() as session:
        assert queue_ends.events_to_close(session, now=soon) == [event_id]
        told = queue_ends.close_when_due(session, event_id, now=soon, post=POST)
        assert [seat.occasion_id for seat in told] == ids[:1]
        assert queue_ends.events_to_close(session, now=soon) == []
        assert session.get_one(Event, event_id).queue_closed_at is None
    with work() as session:  # the later ones still move
        [seat] = session.scalars(
            sa.select(Attendance)
            .join(Attendance.participant)
            .where(Attendance.occasion_id == ids[1], Participant.name == "Ada A")
        )
        change = {"now": soon, "actor": "", "post": POST}
        registrations.change_mode(
            session, seat.participant_id, Wish(Mode.ON_SITE, [ids[0], ids[2]]), **change
        )
    with look() as session:
        assert ("Bo B", 1, "confirmed") in seats(session)
        assert ("Bo B", 0, "waiting") in seats(session)
    with work() as session:
        last = STARTS + timedelta(days=14, hours=-1)
        told = queue_ends.close_when_due(session, event_id, now=last, post=POST)
        assert [seat.occasion_id for seat in told] == ids[2:]
        assert session.get_one(Event, event_id).queue_closed_at == last


def test_joining_again_is_for_what_has_not_begun(work, look):
    with work() as session:
        event = make_sessions(session, registration_closes_at=STARTS + timedelta(days=13))
        made = sign_up(session, event.id, "Ada A", wishes=[[each.id for each in event.occasions]])
        for seat in made.participants[0].attendances:
            seat.state = "lapsed"
        session.flush()
        again = {"now": STARTS + timedelta(days=1), "actor": "", "post": POST}
        taken = offers.join_again(session, made.id, **again)
        assert [seat.occasion.position for seat in taken] == [1, 2]


def test_joining_again_gives_no_more_than_the_most(work):
    with work() as session:
        event = make_sessions(session, sessions_most=2)
        ids = [each.id for each in event.occasions]
        made = sign_up(session, event.id, "Ada A", wishes=[ids[:2]])
        made.participants[0].attendances[0].state = "lapsed"
        session.flush()
        registrations.change_mode(
            session, made.participants[0].id, Wish(Mode.ON_SITE, ids[1:]), **DO
        )
        with pytest.raises(NotAllowedNow):
            offers.join_again(session, made.id, **DO)


def test_another_mode_is_at_the_sessions_one_has(work, look):
    with work() as session:
        event = make_sessions(session, format=Format.HYBRID)
        ids = [each.id for each in event.occasions]
        made = sign_up(session, event.id, "Ada A", wishes=[ids[:2]])
        registrations.change_mode(session, made.participants[0].id, Wish(Mode.ONLINE), **DO)
    with look() as session:
        rows = session.execute(
            sa.select(Occasion.position, Attendance.mode)
            .join(Attendance.occasion)
            .where(Attendance.state == "confirmed")
            .order_by(Occasion.position)
        ).all()
        assert [tuple(row) for row in rows] == [(0, "online"), (1, "online")]
