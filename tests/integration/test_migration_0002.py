"""The second migration on a database in use: nothing of it is lost, and the way back works."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

import config
from app import create_app
from dialognav.db import Base, db
from tests.databases import new_database
from tests.fixtures import environment_of_tests

AT = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite'}"
        return
    with new_database(request.getfixturevalue("postgres_server"), "dialognav_old") as made:
        yield made


@pytest.fixture
def old(url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app on a populated database of the first release."""
    app = create_app(config.load(environment_of_tests(url, tmp_path)))
    with app.app_context():
        flask_migrate.upgrade(revision="0001")
        with begin() as connection:
            populate(connection)
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@contextmanager
def begin() -> Iterator[sa.Connection]:
    with db.engine.connect().execution_options(writes=True) as connection:
        yield connection
        connection.commit()


def put(connection: sa.Connection, table: str, **values: Any) -> None:
    """A row of a table as it is in the database, whatever the models say by now. Columns that have
    to be filled and are not named get something of their type."""
    found = sa.Table(table, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    row = {}
    for column in found.columns:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.server_default is None and column.name != "id":
            row[column.name] = _something(column)
    connection.execute(found.insert(), row)


def _something(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.JSON):
        return {}
    if isinstance(column.type, sa.DateTime):
        return AT
    if isinstance(column.type, sa.Boolean):
        return False
    return 0 if isinstance(column.type, sa.Integer) else ""


def populate(connection: sa.Connection) -> None:
    """An event with a queue, four people and everything that refers to them."""
    put(connection, "organisation", id=1, public_id="o1", slug="region", kind="region")
    put(connection, "staff_user", id=1, email="eva@tallvik.example", name="Eva")
    put(
        connection,
        "event",
        id=1,
        public_id="e1",
        slug="dialog",
        organisation_id=1,
        kind="market_dialogue",
        audience="suppliers",
        format="hybrid",
        state="published",
        visibility="public",
        promotion="confirm",
        starts_at=AT,
        ends_at=AT.replace(hour=12),
        zone="Europe/Stockholm",
        limit_per_party=3,
    )
    put(connection, "occasion", id=1, event_id=1, starts_at=AT, ends_at=AT.replace(hour=12))
    for number, (key, staff) in enumerate(
        [("SE:5560360793", None), ("name:bolaget@b.example", 1)], 1
    ):
        put(
            connection,
            "registration",
            id=number,
            public_id=f"r{number}",
            event_id=1,
            party_kind="company",
            party_name="Bolaget",
            party_key=key,
            contact_email=f"c{number}@b.example",
            created_by_id=staff,
        )
    needs = ["teckentolk", "", "Å, \"hörslinga\"; 'nära'", ""]
    states = [("confirmed", None), ("waiting", 1), ("attended", None), ("withdrawn", None)]
    for number, (need, (state, queue)) in enumerate(zip(needs, states, strict=True), 1):
        put(
            connection,
            "participant",
            id=number,
            public_id=f"p{number}",
            registration_id=1 + number % 2,
            name=f"Person {number}",
            email=f"p{number}@b.example",
            accessibility_need=need,
            replaced_by_id=3 if number == 4 else None,
        )
        put(
            connection,
            "attendance",
            id=number,
            participant_id=number,
            occasion_id=1,
            mode="on_site",
            state=state,
            queue_number=queue,
        )
    put(connection, "diet", participant_id=1, need="nötter")
    put(connection, "calendar_object", id=1, uid="u1", participant_id=1, occasion_id=1)
    put(connection, "calendar_revision", uid="u1", sequence=0, method="REQUEST", ics=b"BEGIN")
    put(
        connection,
        "letter",
        id=1,
        public_id="l1",
        event_id=1,
        organisation_id=1,
        participant_id=1,
        status="sent",
        facts={"a": 1},
    )
    put(connection, "audit_entry", id=1, organisation_id=1, number=1, event_id=1)


def rows(connection: sa.Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(sa.text(sql))]


def snapshot(connection: sa.Connection) -> dict[str, list[Any]]:
    """Every row of every table, by the columns of the first release."""
    inspector = sa.inspect(connection)
    return {
        name: sorted(
            repr(sorted(row.items()))
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
        )
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


def test_everything_is_there_afterwards(old):
    flask_migrate.upgrade(revision="0002")
    with begin() as connection:
        assert rows(connection, "SELECT id, origin FROM registration ORDER BY id") == [
            (1, "own"),
            (2, "staff"),
        ]
        keys = "SELECT party_key, party_name_key FROM registration ORDER BY id"
        assert rows(connection, keys) == [
            ("SE:5560360793", ""),
            ("name:bolaget@b.example", "name:bolaget@b.example"),
        ]
        needs = "SELECT participant_id, need, state FROM access_need ORDER BY participant_id"
        assert rows(connection, needs) == [
            (1, "teckentolk", "asked"),
            (3, "Å, \"hörslinga\"; 'nära'", "asked"),
        ]
        people = "SELECT name, email, replaced_by_id, erased_at FROM participant ORDER BY id"
        assert rows(connection, people)[3] == ("Person 4", "p4@b.example", 3, None)
        codes = [row[0] for row in rows(connection, "SELECT check_in_code FROM participant")]
        assert len(set(codes)) == 4
        assert all(len(code) == 8 for code in codes)
        seats = "SELECT state, queue_number, queue_reason FROM attendance ORDER BY id"
        assert rows(connection, seats) == [
            ("confirmed", None, ""),
            ("waiting", 1, "full"),
            ("attended", None, ""),
            ("withdrawn", None, ""),
        ]
        event = "SELECT offer_hours, queue_ends_hours, retention_months FROM event"
        assert rows(connection, event) == [(24, 12, None)]
        rule = "SELECT retention_months, disposal_authority FROM organisation"
        assert rows(connection, rule) == [(24, "")]
        assert rows(connection, "SELECT need FROM diet") == [("nötter",)]
        assert rows(connection, "SELECT uid, ics FROM calendar_revision")[0][0] == "u1"


def test_the_models_read_what_was_there(old):
    from dialognav.models import Participant, Registration

    flask_migrate.upgrade()
    with db.session() as session:
        need = session.get_one(Participant, 1).access_need
        assert need is not None
        assert need.need == "teckentolk"
        registration = session.get_one(Registration, 2)
        assert registration.review == ""
        assert registration.review_reasons == []
        assert registration.approved is None
        assert registration.decision_text == {}


WRONG = [
    "UPDATE attendance SET queue_reason = 'because'",
    "UPDATE attendance SET keeps_seat = true WHERE state = 'confirmed'",
    "UPDATE attendance SET state = 'offered' WHERE id = 1",  # without an end
    "UPDATE attendance SET queue_number = NULL WHERE state = 'waiting'",
    "UPDATE attendance SET state = 'gone'",
    "UPDATE attendance SET occasion_id = 99",
    "UPDATE event SET offer_hours = 0",
    "UPDATE event SET queue_ends_hours = -1",
    "UPDATE event SET limit_per_party = 0",
    "UPDATE event SET state = 'lost'",
    "UPDATE registration SET origin = 'stork'",
    "UPDATE registration SET review = 'maybe'",
    "UPDATE registration SET merged_into_id = 99",
    "UPDATE registration SET contact_email = 'c1@b.example'",  # live-unique
    "UPDATE participant SET registration_id = 99",
    "UPDATE participant SET check_in_code = 'AAAAAAAA'",  # unique
    "DELETE FROM participant WHERE id = 1",  # referred to
]


def test_the_database_still_has_the_last_word(old):
    flask_migrate.upgrade(revision="0002")
    refuses(WRONG)


def refuses(statements: list[str]) -> None:
    for statement in statements:
        with begin() as connection, pytest.raises(IntegrityError):
            connection.execute(sa.text(statement))


def test_no_row_refers_to_nothing(old):
    flask_migrate.upgrade(revision="0002")
    with begin() as connection:
        if connection.dialect.name == "sqlite":
            assert rows(connection, "PRAGMA foreign_key_check") == []
            assert rows(connection, "PRAGMA foreign_keys") == [(1,)]
            assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
        inspector = sa.inspect(connection)
        for name in ("registration", "attendance", "participant", "event"):
            said = {key["constrained_columns"][0] for key in inspector.get_foreign_keys(name)}
            meant = {c.name for c in Base.metadata.tables[name].columns if c.foreign_keys}
            assert said == meant, name


def test_letters_that_wait_at_the_fourth_know_where_they_go(old):
    """Else they share one pace, and what puts off three of them looks like our own trouble."""
    sent = sa.text("SELECT domain FROM letter WHERE id = :id")
    with begin() as connection:
        given = {"public_id": "l2", "stream": "s2", "recipient": "Eva@Bolaget.Example"}
        put(connection, "letter", id=2, status="pending", **given)
    flask_migrate.upgrade(revision="0004")
    with begin() as connection:
        assert connection.scalar(sent, {"id": 2}) == "bolaget.example"
        assert connection.scalar(sent, {"id": 1}) == ""


def test_times_of_meetings_at_the_fifth_get_the_offset_of_their_zone(old):
    """By summer and winter time; a slot across the change has one of each. Back, all are there."""
    half, hour = timedelta(minutes=30), 3600
    winter, summer = datetime(2027, 1, 20, 9, tzinfo=UTC), datetime(2027, 7, 1, 9, tzinfo=UTC)
    change = datetime(2027, 3, 28, 0, 45, tzinfo=UTC)
    flask_migrate.upgrade(revision="0005")
    with begin() as connection:
        put(connection, "meeting_table", id=1, public_id="t1", event_id=1, mode="on_site")
        common = {"event_id": 1, "state": "open"}
        for number, at in enumerate((winter, summer, change), 1):
            span = {"starts_at": at, "ends_at": at + half}
            put(connection, "slot", id=number, public_id=f"s{number}", table_id=1, **common, **span)
        pause = {"starts_at": summer, "ends_at": summer + half}
        put(connection, "meeting_break", id=1, event_id=1, **pause)
        before = snapshot(connection)
    flask_migrate.upgrade(revision="0006")
    noted = "SELECT start_offset, end_offset FROM"
    with begin() as connection:
        assert rows(connection, f"{noted} slot ORDER BY id") == [
            (hour, hour),
            (2 * hour, 2 * hour),
            (hour, 2 * hour),
        ]
        assert rows(connection, f"{noted} meeting_break") == [(2 * hour, 2 * hour)]
    flask_migrate.downgrade(revision="0005")
    with begin() as connection:
        assert snapshot(connection) == before


def test_the_way_back_keeps_the_rows(old):
    with begin() as connection:
        before = snapshot(connection)
    flask_migrate.upgrade(revision="0002")
    flask_migrate.downgrade(revision="0001")
    with begin() as connection:
        assert snapshot(connection) == before
        if connection.dialect.name == "sqlite":
            assert rows(connection, "PRAGMA foreign_key_check") == []
            assert rows(connection, "PRAGMA foreign_keys") == [(1,)]


def test_the_way_back_from_a_database_that_has_been_used(old):
    """What the first release has no words for goes; the rest stays, and one can go on again."""
    flask_migrate.upgrade(revision="0002")
    with begin() as connection:
        put(
            connection,
            "form_field",
            id=1,
            public_id="f1",
            organisation_id=1,
            event_id=1,
            kind="text",
            scope="person",
        )
        put(connection, "answer", id=1, field_id=1, registration_id=1, participant_id=1, value="x")
        put(
            connection,
            "event_invitation",
            id=1,
            public_id="i1",
            event_id=1,
            party_name="B",
            email="i@b.example",
            language="sv",
        )
        put(
            connection,
            "presence_mark",
            id=1,
            uid="m",
            attendance_id=1,
            state="attended",
            source="door",
        )
        put(connection, "privacy_request", id=1, public_id="q1", registration_id=1, wish="erase")
        connection.execute(
            sa.text(
                "UPDATE registration SET invitation_id = 1, merged_into_id = 2, decided_by_id = 1, "
                "review = 'approved' WHERE id = 1"
            )
        )
    flask_migrate.downgrade(revision="0001")
    with begin() as connection:
        assert len(rows(connection, "SELECT id FROM registration")) == 2
        need = "SELECT accessibility_need FROM participant WHERE id = 1"
        assert rows(connection, need) == [("teckentolk",)]
        assert "answer" not in sa.inspect(connection).get_table_names()
    flask_migrate.upgrade(revision="0002")
    with begin() as connection:
        assert len(rows(connection, "SELECT participant_id FROM access_need")) == 2


WRONG_BEFORE = [
    "UPDATE registration SET contact_email = 'c1@b.example'",
    "UPDATE attendance SET occasion_id = 99",
    "UPDATE registration SET event_id = 99",
    "UPDATE registration SET party_kind = 'x'",
]


def test_after_the_way_back_the_database_still_has_the_last_word(old):
    flask_migrate.upgrade(revision="0002")
    flask_migrate.downgrade(revision="0001")
    refuses(WRONG_BEFORE)
