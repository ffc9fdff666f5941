""" "Your data": what a link shows and exports, what one may ask, and what becomes of it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import audit, tokens
from dialognav.domain.following import Followed
from dialognav.domain.terms import LetterStatus
from dialognav.jobs import housekeeping
from dialognav.models import (
    AccessNeed,
    AuditEntry,
    Diet,
    DisposalHold,
    DisposalRun,
    Event,
    KeptMail,
    Letter,
    MailRefusal,
    Organisation,
    Participant,
    PrivacyRequest,
    Registration,
    StagedFile,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.personal import (
    ADDRESS,
    COLLEAGUE,
    COLLEAGUES_ADDRESS,
    INVITED,
    NAME,
    found_in,
    make_personal,
)
from tests.integration.staff import token_of
from tests.integration.test_following import make_follower

DAY = timedelta(days=1)
AUTHORITY = "RS 2025-00017"


@pytest.fixture
def old(staff, work):
    """A held event of the organisation of `staff`, two years and more ago."""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        here.disposal_authority = AUTHORITY
        ids = make_personal(session, here)
        session.delete(session.get_one(PrivacyRequest, ids.request))
        return ids


@pytest.fixture
def link(app, look):
    """The address of "your data": of a registration's contact, or of one person."""

    def make(ids, person=0):
        with look() as session:
            row = session.get_one(Participant, person) if person else None
            row = row or session.get_one(Registration, ids.registration)
            purpose = tokens.PARTICIPANT if person else tokens.REGISTRATION
            secret = tokens.make_link(
                app.config["SECRET_KEY"], purpose, row.public_id, row.generation
            )
            return f"/en/r/{secret}/data"

    return make


def ask(client, path, wish="erase", text="Please", **more):
    token = token_of(client.get(path))
    return client.post(path, data={"csrf_token": token, "wish": wish, "text": text, **more})


# --- what is shown and exported -----------------------------------------------------------------


def test_the_page_says_what_why_and_how_long(client, old, link):
    page = client.get(link(old)).text
    for said in (NAME, ADDRESS, "070-174 06 05", "article 6.1 e", AUTHORITY, "public record"):
        assert said in page
    before_the_form = page.index("What cannot be erased") < page.index('name="wish"')
    assert before_the_form  # said before one asks


def test_looking_and_fetching_write_nothing(client, old, link, statements):
    for path in (link(old), link(old) + ".json", link(old, old.colleague) + ".json"):
        with statements() as ran:
            answer = client.get(path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert not [one for one in ran if not one.lstrip().upper().startswith("SELECT")]
        assert len(ran) < 20


def test_the_contacts_file_holds_the_registration(client, old, link):
    answer = client.get(link(old) + ".json")
    assert answer.content_type == "application/json; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    data = answer.get_json()
    assert data["schema"] == "dialognav/own-data/1"
    assert data["registration"]["contact"]["phone"] == "070-174 06 05"
    assert data["registration"]["message"] == "Ett meddelande om Ingegerd"
    me, colleague = data["people"]
    assert (me["name"], me["is_holder"]) == (NAME, True)
    assert me["diet"] == "nötallergi"
    assert me["access_need"]["need"] == "teckentolk"
    assert me["presence"][0]["state"] == "attended"
    assert me["attendance"][0]["state"] == "attended"
    assert {"text", "choice"} == {each["kind"] for each in me["answers"]}
    assert {"place_confirmed", "receipt"} <= {each["kind"] for each in data["letters"]}
    assert (colleague["name"], colleague["is_holder"]) == (COLLEAGUE, False)
    assert "title" in colleague  # the contact wrote it


def test_of_who_changed_something_alone_the_contact_gets_the_address_only(client, old, link, work):
    with work() as session:
        colleague = session.get_one(Participant, old.colleague)
        audit.record(
            session,
            old.organisation,
            f"participant:{colleague.public_id}",
            "participant.change",
            "participant:1",
            now=NOW,
            event_id=old.event,
        )
    _me, colleague = client.get(link(old) + ".json").get_json()["people"]
    assert colleague == {"name": COLLEAGUE, "email": COLLEAGUES_ADDRESS, "is_holder": False}


def test_a_colleagues_file_holds_nobody_else(client, old, link):
    answer = client.get(link(old, old.colleague) + ".json")
    for other in (NAME, ADDRESS, "070-174", "nötallergi", "Ett meddelande", INVITED, "Egen mening"):
        assert other not in answer.text
    [person] = answer.get_json()["people"]
    assert (person["name"], person["is_holder"]) == (COLLEAGUE, True)
    page = client.get(link(old, old.colleague)).text
    for other in (NAME, ADDRESS, "070-174", "nötallergi"):
        assert other not in page


def test_a_wrong_link_opens_neither(client, old, link):
    path = link(old)
    secret = path.split("/")[3]
    wrong = path.replace(secret, secret[:-1] + ("a" if secret[-1] != "a" else "b"))
    for each in (wrong, wrong + ".json"):
        assert client.get(each).status_code == 404
    assert client.post(wrong, data={"wish": "erase"}).status_code == 404


# --- at once ------------------------------------------------------------------------------------


def test_needs_go_at_once(client, old, link, look):
    path = link(old, old.person)
    with look() as session:
        public_id = session.get_one(Participant, old.person).public_id
    data = {"csrf_token": token_of(client.get(path))}
    assert client.post(f"{path}/{public_id}/forget-needs", data=data).status_code == 303
    with look() as session:
        assert session.scalars(sa.select(Diet.need)).all() == []
        assert session.scalars(sa.select(AccessNeed.need)).all() == []


def test_a_colleague_removes_nobody_elses_needs(client, old, link, look):
    path = link(old, old.colleague)
    with look() as session:
        public_id = session.get_one(Participant, old.person).public_id
    data = {"csrf_token": token_of(client.get(path))}
    assert client.post(f"{path}/{public_id}/forget-needs", data=data).status_code == 404
    assert client.post(f"{path}/stop-invitations", data=data).status_code == 404
    with look() as session:
        assert session.scalars(sa.select(Diet.need)).all() == ["nötallergi"]


def test_mail_about_later_events_is_stopped_at_once(client, old, link, look):
    path = link(old)
    data = {"csrf_token": token_of(client.get(path))}
    assert client.post(f"{path}/stop-invitations", data=data).status_code == 303
    with look() as session:
        assert not session.get_one(Registration, old.registration).later_invitations


# --- asking -------------------------------------------------------------------------------------


def test_a_wish_is_written_down_and_confirmed(client, old, link, look):
    assert ask(client, link(old, old.colleague), text="Ta bort mig").status_code == 303
    with look() as session:
        [asked] = session.scalars(sa.select(PrivacyRequest)).all()
        assert (asked.participant_id, asked.wish, asked.text) == (
            old.colleague,
            "erase",
            "Ta bort mig",
        )
        letter = session.scalars(sa.select(Letter).filter_by(kind="privacy_received")).one()
        assert letter.recipient == COLLEAGUES_ADDRESS


def test_one_open_wish_of_each_kind_and_person(client, old, link, look):
    path = link(old)
    assert ask(client, path).status_code == 303
    again = ask(client, path, text="Typed again")
    assert again.status_code == 409
    assert "Typed again" in again.text  # nothing typed is lost
    assert ask(client, path, wish="rectify").status_code == 303
    assert ask(client, link(old, old.colleague)).status_code == 303
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PrivacyRequest)) == 3


@pytest.mark.parametrize("given", [{}, {"wish": "destroy"}, {"wish": "erase", "text": "x" * 3000}])
def test_a_wish_that_cannot_be_comes_back(client, old, link, given):
    path = link(old)
    answer = client.post(path, data={"csrf_token": token_of(client.get(path)), **given})
    assert answer.status_code == 422


# --- the organiser answers ----------------------------------------------------------------------


@pytest.fixture
def asked(client, old, link, look):
    """Address of the page that answers a wish of the person, by that person's own link."""

    def make(person=0, **how):
        assert ask(client, link(old, person), **how).status_code == 303
        with look() as session:
            public_id = session.scalar(sa.select(PrivacyRequest.public_id))
            return f"/manage/disposal/requests/{public_id}"

    return make


def reply(staff, path, outcome="done", text="Klart.", **more):
    return staff.post(path, {"outcome": outcome, "text": text, **more})


def erase(staff, path, **more):
    return reply(staff, path, erase="y", authority=AUTHORITY, **more)


def test_the_list_says_when_the_answer_is_due(staff, asked, clock):
    asked()
    page = staff.client.get("/manage/disposal").text
    assert NAME in page
    assert "12 feb 2027" in page  # a month after NOW
    clock.shift(40 * DAY.total_seconds())
    staff.client.get("/account/profile")
    page = staff.client.get("/manage/disposal")
    assert page.status_code in (200, 303)


def test_an_answer_goes_out_as_it_was_written(staff, asked, old, look):
    path = asked(wish="rectify")
    assert reply(staff, path, "refused", "Så skrev ni själva.").status_code == 303
    with look() as session:
        letter = session.scalars(sa.select(Letter).filter_by(kind="privacy_answered")).one()
        assert letter.recipient == ADDRESS
        assert letter.facts["privacy"]["answer"] == "Så skrev ni själva."
        [row] = session.scalars(sa.select(PrivacyRequest)).all()
        assert (row.outcome, row.handled_by_id) == ("refused", staff.user_id)
        assert audit.broken_link(session, old.organisation) is None
        trail = sa.select(sa.cast(AuditEntry.facts, sa.String))
        assert not [each for each in session.scalars(trail) if "Ekdahl" in each or "själva" in each]
    assert reply(staff, path).status_code == 409  # answered once


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": ""},
        {"text": ""},
        {"erase": "y", "authority": ""},
        {"erase": "y", "authority": AUTHORITY, "outcome": "refused"},
    ],
)
def test_an_answer_that_lacks_something_comes_back(staff, asked, look, given):
    path = asked()
    typed = {"outcome": "done", "text": "Klart.", **given}
    assert staff.post(path, typed).status_code == 422
    with look() as session:
        assert session.scalars(sa.select(PrivacyRequest.handled_at)).all() == [None]


def work_once(app):
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exception is None, result.output


ONE = [COLLEAGUE, COLLEAGUES_ADDRESS, "torvald"]


def test_one_person_is_erased_and_nobody_else(app, staff, asked, old, look, work):
    path = asked(old.colleague, text="Jag heter Torvald Egensson")
    with work() as session:
        make_follower(session, Followed(old.organisation), COLLEAGUES_ADDRESS)
        session.add(
            MailRefusal(organisation_id=old.organisation, address=COLLEAGUES_ADDRESS, at=NOW)
        )
    work_once(app)  # the confirmation has left
    assert erase(staff, path, text="Hej Torvald, klart.").status_code == 303
    work_once(app)  # and the answer, the last letter
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        left = [line for line in found_in(session, ONE) if not line.startswith("kept_mail")]
        assert left == []
        assert found_in(session, [NAME])
        assert session.get_one(Registration, old.registration).erased_at is None
        approved = session.get_one(Registration, old.registration).approved
        assert [each["id"] for each in approved["people"]] == [old.person]
        kinds = session.scalars(
            sa.select(Letter.kind).where(Letter.participant_id == old.colleague)
        ).all()
        assert sorted(kinds) == ["privacy_answered", "privacy_received"]
        [run] = session.scalars(sa.select(DisposalRun)).all()
        assert (run.authority, run.approved_by_id) == (AUTHORITY, staff.user_id)
        assert run.done_at
        assert audit.broken_link(session, old.organisation) is None


def test_the_last_letter_reaches_who_is_erased(app, staff, asked, old, look):
    path = asked(old.colleague)
    erase(staff, path)
    work_once(app)
    with look() as session:
        mails = sa.select(KeptMail.subject).where(KeptMail.recipient == COLLEAGUES_ADDRESS)
        assert len(session.scalars(mails).all()) == 1


def test_the_contact_is_erased_with_all_that_the_contact_wrote(app, staff, asked, old, look, work):
    path = asked()
    erase(staff, path)
    work_once(app)
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        gone = [NAME, ADDRESS, "ingegerd.sarskild", "070-174", "Chefsvisionär", "Fullmakt"]
        left = [line for line in found_in(session, gone) if not line.startswith("kept_mail")]
        assert left == []
        assert found_in(session, [COLLEAGUE])
        assert session.get_one(Registration, old.registration).party_name == "Kvarnliden Teknik AB"
        assert session.scalars(sa.select(StagedFile.id)).all() == []


def test_an_erased_persons_link_opens_nothing(staff, asked, old, link, client):
    path, own = asked(old.colleague), link(old, old.colleague)
    assert client.get(own).status_code == 200
    erase(staff, path)
    assert client.get(own).status_code == 404


def test_a_hold_keeps_one_person_too(staff, asked, old, look, work):
    path = asked(old.colleague)
    with work() as session:
        session.add(
            DisposalHold(
                organisation_id=old.organisation, diary_number="RS 2024/123", created_at=NOW
            )
        )
    assert erase(staff, path).status_code == 409
    with look() as session:
        assert session.get_one(Participant, old.colleague).name == COLLEAGUE
        assert session.scalars(sa.select(PrivacyRequest.handled_at)).all() == [None]
    assert reply(staff, path, "refused", "Någon har begärt ut handlingarna.").status_code == 303


def test_who_has_a_place_is_withdrawn_first(staff, asked, old, look, work):
    with work() as session:
        event = session.get_one(Event, old.event)
        event.ends_at = event.occasions[0].ends_at = NOW + DAY
        event.starts_at = event.occasions[0].starts_at = NOW + DAY / 2
    path = asked(old.colleague)
    assert erase(staff, path).status_code == 409
    with work() as session:
        person = session.get_one(Participant, old.colleague)
        person.withdrawn_at = NOW
        person.attendances[0].state = "withdrawn"
    assert erase(staff, path).status_code == 303


def test_a_shared_address_stays_for_the_other(app, staff, client, work, look, link, asked, old):
    """Two people at one address: the letters of the other are none of our business."""
    with work() as session:
        registration = session.get_one(Registration, old.registration)
        other = make_participant(
            session, registration, name="Anselm Delad", email=COLLEAGUES_ADDRESS
        )
        for person in (other, session.get_one(Participant, old.colleague)):
            session.add(
                Letter(
                    public_id=f"{person.id:032x}",
                    organisation_id=old.organisation,
                    event_id=old.event,
                    participant_id=person.id,
                    kind="place_confirmed",
                    stream=f"place:{person.id}:1",
                    recipient=COLLEAGUES_ADDRESS,
                    recipient_name=person.name,
                    language="sv",
                    facts={"name": person.name},
                    status=LetterStatus.SENT,
                    created_at=NOW,
                    due_at=NOW,
                )
            )
    erase(staff, asked(old.colleague))
    with look() as session:
        names = sa.select(Letter.recipient_name).where(Letter.recipient == COLLEAGUES_ADDRESS)
        assert set(session.scalars(names.where(Letter.status == "sent"))) == {"Anselm Delad"}
        assert (
            session.scalar(sa.select(Participant.email).where(Participant.name == "Anselm Delad"))
            == COLLEAGUES_ADDRESS
        )


# --- the pages ----------------------------------------------------------------------------------


def test_from_a_proposal_to_the_log(app, staff, old, look):
    answer = staff.post("/manage/disposal/runs")
    page = staff.client.get(answer.location)
    assert "RS 2024-00123" in page.text
    with look() as session:
        public_id = session.get_one(Event, old.event).public_id
    record = f"/manage/events/{public_id}/meetings/fairness"
    before = page.text.partition(f'href="{record}"')[2].partition("</li>")[0]
    assert staff.post(f"{record}/record", {"format": "json"}).status_code == 200
    taken = staff.client.get(answer.location).text.partition(f'href="{record}"')[2]
    assert ("2027" in before, "2027" in taken.partition("</li>")[0]) == (False, True)
    listed = staff.client.get(answer.location + "/list.csv")
    assert listed.content_type.startswith("text/csv")
    for name in (NAME, "Ingegerd", ADDRESS):
        assert name not in page.text
        assert name not in listed.text
    assert staff.post(answer.location + "/approve").status_code == 303
    work_once(app)
    log = staff.client.get("/manage/disposal").text
    assert AUTHORITY in log
    assert answer.location in log
    with look() as session:
        assert found_in(session, ["Ingegerd"]) == []


def test_two_persons_on_the_page(staff, sign_in, old, work):
    with work() as session:
        session.get_one(Organisation, old.organisation).disposal_needs_two = True
    path = staff.post("/manage/disposal/runs").location
    assert staff.post(path + "/approve").status_code == 409
    other = sign_in("registrar", organisation_id=staff.organisation_id)
    assert other.post(path + "/approve").status_code == 303


def test_no_decision_no_proposal(staff, old, work):
    with work() as session:
        session.get_one(Organisation, old.organisation).disposal_authority = ""
    page = staff.client.get("/manage/disposal").text
    assert 'action="/manage/disposal/runs"' not in page
    assert staff.post("/manage/disposal/runs").location.endswith("done=not-now")


def test_a_hold_is_set_and_released(staff, old, look):
    form = {"diary_number": "RS 2024-123", "reason": "Begäran om handlingar"}
    assert staff.post("/manage/disposal/holds", form).status_code == 303
    page = staff.client.get("/manage/disposal").text
    found = re.search(r'action="(/manage/disposal/holds/[^"]+/release)"', page)
    assert staff.post("/manage/disposal/runs").location.endswith("done=nothing")
    assert staff.post(found[1]).status_code == 303
    assert staff.post(found[1]).status_code == 409
    assert "/disposal/runs/" in staff.post("/manage/disposal/runs").location
    with look() as session:
        verbs = session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
        assert {"disposal.held", "disposal.released"} <= set(verbs)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"diary_number": "RS 1", "reason": ""},
        {"diary_number": "--- /", "reason": "x"},
        {"diary_number": "1" * 61, "reason": "x"},
    ],
)
def test_a_hold_on_nothing_is_refused(staff, form, look):
    assert staff.post("/manage/disposal/holds", form).status_code == 422
    with look() as session:
        assert session.scalars(sa.select(DisposalHold.id)).all() == []


@pytest.mark.parametrize(
    ("typed", "status", "months"),
    [
        ("36", 303, 36),
        ("", 303, None),
        ("0", 422, 7),
        ("-1", 422, 7),
        ("601", 422, 7),
        ("x", 422, 7),
    ],
)
def test_an_event_can_have_a_time_of_its_own(staff, work, look, typed, status, months):
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here, retention_months=7)
        event_id, path = event.id, f"/manage/events/{event.public_id}/retention"
    assert staff.post(path, {"months": typed}).status_code == status
    with look() as session:
        assert session.get_one(Event, event_id).retention_months == months


def test_nobody_can_name_another_organisations_event(app, staff, sign_in, old, work):
    with work() as session:
        other = make_registration(session, make_event(session))
        other.event.starts_at -= 900 * DAY
        other.event.ends_at -= 900 * DAY
        other.event.organisation.disposal_authority = "X"
        title = other.event.organisation.name["sv"]
    run = staff.post("/manage/disposal/runs").location
    assert staff.client.get(run).text.count("<tr role=") == 2  # the head and the one event
    assert title


# --- one-to-one meetings -------------------------------------------------------------------------


def test_the_contact_has_what_was_written_for_meetings_and_a_colleague_the_times(
    app, old, link, client
):
    whole = client.get(f"{link(old)}.json").json["meetings"]
    assert [one["topics"] for one in whole["booked"]] == ["den svarta lådan", ""]
    assert whole["asked"]["topics"] == "den röda tråden"
    mine = client.get(f"{link(old, old.colleague)}.json").json["meetings"]["booked"][0]
    assert mine.keys() == {"starts_at", "ends_at", "state", "booked_at", "ended_at"}


def test_the_team_and_its_notes_are_not_the_suppliers(app, old, link, client):
    text = client.get(f"{link(old)}.json").get_data(as_text=True)
    for said in ("Konny", "klottrat", "utkast om", "svåger", "grannens", "svaras kanske"):
        assert said not in text
