"""The list of the registered, its exports, and what staff do on behalf."""

import pytest

from dialognav.models import AccessNeed, AuditEntry, Diet, Letter, Organisation, Registration
from dialognav.tokens import make_link
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of
from tests.integration.staff import SignIn, Staff


@pytest.fixture
def planner(sign_in: SignIn) -> Staff:
    return sign_in(role="planner", language="en")


@pytest.fixture
def event_id(planner, work):
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        return make_event(
            session, organisation, format="hybrid", capacity_on_site=1, serves_food=True
        ).public_id


def add(
    work,
    event_public_id,
    party="Trygghem Teknik AB",
    people=(("Karin Falk", "confirmed"),),
    **given,
):
    """A registration; its public id."""
    from dialognav.models import Event

    with work() as session:
        event = session.query(Event).filter_by(public_id=event_public_id).one()
        registration = make_registration(session, event, party_name=party, **given)
        for name, state in people:
            make_participant(session, registration, state=state, name=name)
        return registration.public_id


def listed(staff, event_id, query=""):
    page = staff.client.get(f"/manage/events/{event_id}/registrations{query}")
    assert page.status_code == 200
    return page.text


def test_views_search_and_order(planner, work, event_id):
    add(work, event_id, "Trygghem Teknik AB", [("Åsa Örn", "confirmed"), ("Bo Ek", "waiting")])
    add(work, event_id, "Fjällvakt AS", [("Cai Lie", "withdrawn")])
    assert "Cai Lie" not in listed(planner, event_id)
    waiting = listed(planner, event_id, "?view=waiting")
    assert "Bo Ek" in waiting
    assert "Waiting list 1" in waiting
    assert "Åsa Örn" not in waiting
    assert "Cai Lie" in listed(planner, event_id, "?view=withdrawn")
    for words in ("åsa", "ÅSA", "örn trygghem", "petra"):
        assert "Åsa Örn" in listed(planner, event_id, f"?q={words}"), words
    assert "Nobody fits that" in listed(planner, event_id, "?q=100%25_")
    by_name = listed(planner, event_id, "?sort=name&order=down")
    assert by_name.index("Åsa Örn") < by_name.index("Bo Ek")
    assert "Nobody fits that" in listed(planner, event_id, "?mode=online")
    listed(
        planner, event_id, "?view=x&sort=;drop&from=-1&mode=%00&order=%F0%9F%8E%89&q=" + "a" * 999
    )


def test_fifty_on_a_page(planner, work, event_id):
    add(work, event_id, people=[(f"Person {n:03}", "confirmed") for n in range(51)])
    first = listed(planner, event_id, "?sort=name")
    assert "1–50 of 51" in first
    assert "Person 050" not in first
    second = listed(planner, event_id, "?sort=name&from=50")
    assert "51–51 of 51" in second
    assert "Person 050" in second


def test_flags(planner, work, event_id):
    add(work, event_id, people=[("Anna", "confirmed")])
    add(work, event_id, people=[("Bert", "confirmed")])
    with work() as session:
        from dialognav.models import Participant

        for person in session.query(Participant):
            person.email = "samma@leverantor.example"
    page = listed(planner, event_id)
    assert page.count("The address is in another registration too") == 2
    assert page.count("The organisation has 2 registrations") == 2


def test_needs_are_shown_and_diets_only_counted(planner, work, event_id):
    add(work, event_id, people=[("Anna", "confirmed"), ("Bo", "confirmed")])
    with work() as session:
        from dialognav.models import Participant

        for person in session.query(Participant):
            person.access_need = AccessNeed(need="Hörslinga")
            session.add(Diet(participant_id=person.id, need="Vegan"))
    page = listed(planner, event_id)
    assert page.count("Hörslinga") == 2
    assert page.count("Vegan") == 1


# --- on behalf ---------------------------------------------------------------------------------


def test_register_somebody_who_called(planner, look, event_id):
    path = f"/manage/events/{event_id}/registrations/new"
    form = open_form(planner.client, path, "party_name")
    form["action"] = "add"
    form = form_of(planner.client, form.send(), "party_name")
    for name, value in {
        "party_name": "Fjällvakt AS",
        "contact-name": "Ingrid Haugen",
        "contact-email": "ingrid@fjellvakt.example",
        "people-0-name": "Leila Nouri",
        "people-0-email": "leila@fjellvakt.example",
        "letters": "nb",
    }.items():
        form[name] = value
    form["action"] = "send"
    answer = form.send()
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        registration = session.query(Registration).one()
        assert registration.created_by_id == planner.user_id
        assert registration.language == "nb"
        assert registration.origin == "staff"
        link = make_link("not-a-secret-" * 4, "r", registration.public_id, 0)
        assert [person.name for person in registration.participants] == [
            "Ingrid Haugen",
            "Leila Nouri",
        ]
        assert {letter.language for letter in session.query(Letter)} == {"nb"}
        assert {letter.facts["registered_by"] for letter in session.query(Letter)} == {
            "Eva Exempel"
        }
    assert "Registered by" in listed(planner, event_id)
    own = planner.client.get(f"/en/r/{link}").text
    assert "Eva Exempel, Region Tallvik, made this registration on" in own
    again = form.send()
    assert again.status_code == 409
    assert "There is already a registration with this e-mail address." in problems_of(again)


def test_withdraw_one_and_then_all_with_a_reason(planner, work, look, event_id):
    public_id = add(work, event_id, people=[("Karin", "confirmed"), ("Jonas", "confirmed")])
    add(work, event_id, "Nästa AB", [("Väntar", "waiting")])
    page = f"/manage/registrations/{public_id}"
    with look() as session:
        registration = session.query(Registration).filter_by(public_id=public_id).one()
        jonas = registration.participants[1].public_id
    path = f"/manage/people/{jonas}/withdraw"
    forms = open_form(planner.client, page, f"{jonas}-csrf_token")
    forms.path = path
    refused = forms.send()
    assert (refused.status_code, problems_of(refused)) == (422, ["Choose a reason"])
    assert forms.send(**{f"{jonas}-reason": "asked"}).status_code == 303

    form = open_form(planner.client, page, "all-csrf_token")
    form.path = f"{page}/withdraw"
    assert form.send(**{"all-reason": "duplicate"}).status_code == 303
    with look() as session:
        registration = session.query(Registration).filter_by(public_id=public_id).one()
        assert registration.withdrawn_at is not None
        noted = [
            (entry.verb, entry.facts.get("reason"), entry.actor)
            for entry in session.query(AuditEntry).order_by(AuditEntry.number)
            if entry.verb.endswith("withdrawn_for")
        ]
        who = f"user:{planner.user_id}"
        assert noted == [
            ("participant.withdrawn_for", "asked", who),
            ("registration.withdrawn_for", "duplicate", who),
        ]
    assert "They asked for it by phone or e-mail" not in listed(planner, event_id)
    assert form.send(**{"all-reason": "duplicate"}).status_code == 409


def test_correct_a_mistyped_address(planner, work, look, event_id):
    public_id = add(work, event_id, contact_email="fel@leverantor.example")
    add(work, event_id, "Annan AB", contact_email="upptagen@leverantor.example")
    page = f"/manage/registrations/{public_id}"
    form = open_form(planner.client, page, "all-email")
    for typed, status, sentence in (
        ("inte en adress", 422, "Enter an e-mail address, like name@company.com"),
        (
            "upptagen@leverantor.example",
            409,
            "There is already a registration with this e-mail address.",
        ),
    ):
        form["all-email"] = typed
        answer = form.send()
        assert (answer.status_code, problems_of(answer)) == (status, [sentence])
    form["all-email"] = "Ratt@leverantor.example"
    assert form.send().status_code == 303
    with look() as session:
        registration = session.query(Registration).filter_by(public_id=public_id).one()
        assert registration.contact_email == "ratt@leverantor.example"
        assert registration.generation == 1  # the old link is dead
        assert session.query(AuditEntry).filter_by(verb="registration.correct_address").count() == 1


# --- letters -----------------------------------------------------------------------------------


def test_a_letter_given_up_is_seen_and_sent_again(planner, work, look, event_id):
    from dialognav.models import Event
    from tests.conftest import NOW

    with work() as session:
        event = session.query(Event).filter_by(public_id=event_id).one()
        session.add(
            Letter(
                public_id="brev",
                organisation_id=event.organisation_id,
                event_id=event.id,
                kind="confirmed",
                stream="x",
                recipient="finns.inte@leverantor.example",
                language="sv",
                facts={},
                status="given_up",
                attempts=1,
                last_error="550 5.1.1 no such user",
                created_at=NOW,
                due_at=NOW,
            )
        )
    assert "1 letter did not arrive" in planner.client.get("/manage/").text
    page = planner.client.get(f"/manage/events/{event_id}/letters?status=given_up").text
    assert "The address does not exist. Correct it and send again." in page
    assert planner.post("/manage/letters/brev/resend").status_code == 303
    with look() as session:
        letter = session.query(Letter).filter_by(public_id="brev").one()
        assert (letter.status, letter.attempts) == ("pending", 0)
        assert session.query(AuditEntry).filter_by(verb="letter.resent").count() == 1
    assert planner.post("/manage/letters/brev/resend").status_code == 409


def test_an_overtaken_letter_is_not_sent_again(planner, work, look, event_id):
    from dialognav.models import Event
    from tests.conftest import NOW

    with work() as session:
        event = session.query(Event).filter_by(public_id=event_id).one()
        for public_id, status in (("gammalt", "given_up"), ("nytt", "sent")):
            session.add(
                Letter(
                    public_id=public_id,
                    organisation_id=event.organisation_id,
                    event_id=event.id,
                    kind="place_confirmed",
                    stream="place:1:1",
                    recipient="a@leverantor.example",
                    language="sv",
                    facts={},
                    status=status,
                    created_at=NOW,
                    due_at=NOW,
                )
            )
            session.flush()
    answer = planner.post("/manage/letters/gammalt/resend")
    assert answer.location.endswith("done=outdated")
    with look() as session:
        assert session.query(Letter).filter_by(public_id="gammalt").one().status == "superseded"
