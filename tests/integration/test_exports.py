"""Lists that leave the system: each audience has its fields, and memory grows with no row."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from dialognav.models import (
    AccessNeed,
    Answer,
    AuditEntry,
    Diet,
    Event,
    FormField,
    Organisation,
    Participant,
    Registration,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="en")


@pytest.fixture
def event_id(work, planner):
    """A dialogue with food and two ways of attending; its public id."""
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        return make_event(
            session, organisation, format="hybrid", capacity_on_site=2, serves_food=True
        ).public_id


@pytest.fixture
def full(work, event_id):
    """Two organisations, three people, one who waits; food, help and answers."""
    with work() as session:
        event = session.query(Event).one()
        hostile = make_registration(
            session,
            event,
            party_name='=HYPERLINK("http://x")',
            party_kind="sole_trader",
            party_identifier="******-**45",
            party_country="SE",
            contact_phone="+46 70 123 45 67",
        )
        asa = make_participant(session, hostile, name="Åsa Örn", title="@SUM(A1)")
        other = make_registration(session, event, party_name="Fjällvakt AS", party_kind="company")
        bo = make_participant(session, other, name="Bo Ek")
        make_participant(session, other, name="Cia Ek", state="waiting")
        session.add(Diet(participant_id=asa.id, need="Vegan, sa Åsa Örn (070-123 45 67)"))
        session.add(Diet(participant_id=bo.id, need="Nötter"))
        bo.access_need = AccessNeed(need="Hörslinga")
        field = FormField(
            organisation_id=event.organisation_id,
            event_id=event.id,
            kind="choice",
            scope="registration",
            label={"sv": "Storlek"},
            options=[{"key": "a1", "text": {"sv": "Under 50 anställda"}}],
        )
        session.add(field)
        session.flush()
        session.add(Answer(field_id=field.id, registration_id=other.id, value="a1", changed_at=NOW))


def export(staff, event_id, audience, kind="csv", **query):
    answer = staff.post(f"/manage/events/{event_id}/exports/{audience}", {"format": kind, **query})
    assert answer.status_code == 200, answer.status_code
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if kind == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        return book.get_sheet_by_index(0).to_python()
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def as_dicts(table):
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


SECRET = ("Vegan", "Nötter", "Hörslinga", "+46 70")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_record_is_the_public_record_and_runs_nothing(planner, full, event_id, kind):
    table = export(planner, event_id, "record", kind)
    assert not [word for word in SECRET if word in str(table)]
    first, second, third = as_dicts(table)
    formula = '=HYPERLINK("http://x")'
    assert first["Organisation"] == (f"'{formula}" if kind == "csv" else formula)
    assert first["Role"] == ("'@SUM(A1)" if kind == "csv" else "@SUM(A1)")
    assert (first["Name"], first["Organisation number"]) == ("Åsa Örn", "******-**45")
    assert (second["State"], third["State"]) == ("Confirmed", "On the waiting list")
    assert int(third["Place in the queue"]) == 1
    assert second["Day"] == "2027-02-10"
    assert [row["Storlek"] for row in (first, second)] == ["", "Under 50 anställda"]


def test_the_record_keeps_the_lists_filter(planner, full, event_id, look):
    table = export(planner, event_id, "record", view="waiting")
    assert [row["Name"] for row in as_dicts(table)] == ["Cia Ek"]
    assert len(export(planner, event_id, "record", q="fjällvakt")) == 3
    with look() as session:
        noted = session.query(AuditEntry).filter_by(verb="registrations.exported")
        assert [entry.facts for entry in noted.order_by(AuditEntry.number)] == [
            {"rows": 1, "list": "record"},
            {"rows": 2, "list": "record"},
        ]


def test_who_was_left_out_stands_in_the_record_of_those_withdrawn(planner, work, full, event_id):
    with work() as session:
        gone = session.query(Registration).filter_by(party_name="Fjällvakt AS").one()
        gone.withdrawn_at = NOW
        for person in gone.participants:
            person.withdrawn_at = NOW
            person.attendances[0].state = "withdrawn"
    rows = as_dicts(export(planner, event_id, "record", view="withdrawn"))
    assert {(row["Name"], row["State"]) for row in rows} == {
        ("Bo Ek", "Withdrawn"),
        ("Cia Ek", "Withdrawn"),
    }


def test_somebody_who_waits_for_the_other_way_stands_there_twice(planner, work, event_id):
    from dialognav.models import Attendance

    with work() as session:
        event = session.query(Event).one()
        person = make_participant(session, make_registration(session, event), mode="online")
        for state, number in (("waiting", 7), ("withdrawn", None)):
            session.add(
                Attendance(
                    participant=person,
                    occasion=event.occasions[0],
                    mode="on_site",
                    state=state,
                    queue_number=number,
                    created_at=NOW,
                    state_at=NOW,
                )
            )
    rows = as_dicts(export(planner, event_id, "record"))
    assert [(row["Takes part"], row["State"]) for row in rows] == [
        ("Online", "Confirmed"),
        ("On site", "On the waiting list"),
    ]


def test_the_host_has_names_and_what_to_arrange_but_no_addresses(planner, full, event_id):
    rows = as_dicts(export(planner, event_id, "door"))
    assert [row["Name"] for row in rows] == ["Bo Ek", "Åsa Örn"]
    assert rows[0]["To arrange"] == "Hörslinga"
    assert not [word for word in ("@leverantor", "Vegan", "Nötter", "******") if word in str(rows)]


def test_the_caterer_has_numbers_and_never_a_name(planner, full, event_id):
    rows = export(planner, event_id, "caterer", "xlsx")
    assert rows[1:3] == [["Everybody on site", 2], ["No need told", 0]]
    assert sorted(rows[3:]) == [["Nötter", 1], ["Vegan, sa … (…)", 1]]


def test_numbers_hold_no_person(planner, full, event_id):
    table = export(planner, event_id, "statistics")
    rows = {tuple(row[:3]): row[3] for row in table[1:]}
    assert rows["Places", "Confirmed", "On site"] == "2"
    assert rows["Places", "On the waiting list", "On site"] == "1"
    assert rows["Organisations by kind", "Company", ""] == "1"
    assert rows["People by kind of organisation", "Company", ""] == "2"
    assert rows["People by country", "Sweden", ""] == "1"
    assert rows["Storlek", "Under 50 anställda", ""] == "1"
    assert not [word for word in ("Ek", "Örn", "@", "Fjäll") if word in str(table)]


@pytest.mark.parametrize(
    ("role", "lists"),
    [
        ("admin", {"record", "door", "caterer", "statistics"}),
        ("planner", {"record", "door", "caterer", "statistics"}),
        ("registrar", {"record", "caterer", "statistics"}),
        ("host", {"door", "caterer"}),
        ("approver", set()),
        ("reader", set()),
    ],
)
def test_who_may_take_which(sign_in, planner, full, event_id, role, lists):
    someone = sign_in(role=role, organisation_id=planner.organisation_id, language="en")
    page = someone.client.get(f"/manage/events/{event_id}/exports")
    assert page.status_code == (200 if lists else 404)
    for audience in ("record", "door", "caterer", "statistics"):
        path = f"/manage/events/{event_id}/exports/{audience}"
        assert (path in page.text) == (audience in lists)
        answer = someone.post(path, {"format": "csv"})
        assert answer.status_code == (200 if audience in lists else 404), audience


def test_an_empty_list_is_a_head(planner, event_id):
    for audience in ("record", "door"):
        assert len(export(planner, event_id, audience)) == 1
        assert len(export(planner, event_id, audience, "xlsx")) == 1


def test_a_list_is_said_in_the_language_of_whoever_asks(planner, sign_in, full, event_id):
    swede = sign_in(role="planner", organisation_id=planner.organisation_id, language="sv")
    table = export(swede, event_id, "record")
    assert table[0][5] == "Namn"
    assert as_dicts(table)[1]["Typ av organisation"] == "Företag"
    assert as_dicts(export(planner, event_id, "record"))[1]["Kind of organisation"] == "Company"


@pytest.mark.parametrize("path", ["record", "door", "caterer", "statistics"])
def test_nothing_leaves_without_a_token(planner, full, event_id, path, look):
    answer = planner.client.post(f"/manage/events/{event_id}/exports/{path}", data={})
    assert answer.status_code == 400
    with look() as session:
        assert session.query(AuditEntry).count() == 0


def test_as_many_statements_for_a_thousand_as_for_three(planner, work, event_id, statements):
    """One more for each batch of five hundred: its answers."""
    with work() as session:
        event = session.query(Event).one()
        many(session, event, 1_200)
    with statements() as ran:
        assert len(export(planner, event_id, "record")) == 1_201
    assert len(ran) <= 22, ran


def many(session, event, number, first=0):
    """So many people in as many organisations, in few statements."""
    session.execute(
        Registration.__table__.insert(),
        [
            {
                "public_id": f"r{n:011}",
                "generation": 0,
                "event_id": event.id,
                "party_name": f"Bolag {n} AB",
                "party_identifier": "",
                "party_country": "",
                "party_kind": "company",
                "party_key": f"name:bolag {n}",
                "party_name_key": f"name:bolag {n}",
                "contact_name": f"Kontakt {n}",
                "contact_email": f"kontakt{n}@bolag{n}.example",
                "contact_phone": "",
                "language": "sv",
                "later_invitations": False,
                "message": "",
                "created_at": NOW,
                "origin": "own",
                "review": "",
                "review_reasons": [],
                "decision_reason": "",
                "decision_text": {},
            }
            for n in range(first, first + number)
        ],
    )
    ids = [row.id for row in session.query(Registration.id).order_by(Registration.id)][-number:]
    session.execute(
        Participant.__table__.insert(),
        [
            {
                "public_id": f"p{n:011}",
                "generation": 0,
                "registration_id": id_,
                "position": 0,
                "name": f"Person {n}",
                "email": f"person{n}@bolag{n}.example",
                "title": "",
                "mandate": "",
                "check_in_code": f"{n:08}",
                "created_at": NOW,
            }
            for n, id_ in enumerate(ids, first)
        ],
    )
    people = [row.id for row in session.query(Participant.id).order_by(Participant.id)][-number:]
    from dialognav.models import Attendance

    session.execute(
        Attendance.__table__.insert(),
        [
            {
                "participant_id": id_,
                "occasion_id": event.occasions[0].id,
                "mode": "on_site",
                "state": "confirmed",
                "queue_reason": "",
                "keeps_seat": False,
                "created_at": NOW,
                "state_at": NOW,
            }
            for id_ in people
        ],
    )


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "few", "more"), [("csv", 2_000, 10_000), ("xlsx", 500, 4_000)])
def test_thousands_of_rows_leave_without_growing_memory(planner, work, event_id, kind, few, more):
    """The peak of what Python holds does not grow with the rows, and CSV begins at once."""
    import tracemalloc

    peaks = []
    for number in (few, more):
        with work() as session:
            many(session, session.query(Event).one(), number, first=number)
        path, size, first = f"/manage/events/{event_id}/exports/record", 0, 0
        tracemalloc.start()
        answer = planner.post(path, {"format": kind}, buffered=False)
        for piece in answer.response:
            first = first or len(piece)
            size += len(piece)
        answer.close()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert first < 70_000  # the head of a CSV; a piece of a workbook
    assert size > (few + more) * (100 if kind == "csv" else 30)
    assert peaks[1] < peaks[0] + 1_500_000, peaks
