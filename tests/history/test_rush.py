"""The small sister of `make rush`: real processes, both databases, every promise kept."""

from pathlib import Path

import pytest

from tests.databases import migrate, new_database
from tests.history.meeting_rush import run_meetings
from tests.history.rush import Size, run_rush

SMALL = Size(
    people=70,
    places=15,
    organisations=4,
    rivals=4,
    processes=1,
    servers=2,
    days=3,
    seconds=3,
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def rush_database(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str):
    """A database of its own: processes outlive no test, but a schema that is shared might."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database").copy_to(tmp_path / "rush.sqlite")
        return
    server = request.getfixturevalue("postgres_server")
    with new_database(server, f"dialognav_rush_{worker_id}") as url:
        migrate(url)
        yield url


@pytest.mark.slow
def test_a_rush_keeps_every_promise(rush_database: str, tmp_path: Path) -> None:
    verdict = run_rush(rush_database, tmp_path, SMALL)
    print(verdict)
    assert verdict.violations == []
    assert verdict.counts["sign-up registered"] > SMALL.people * 0.8
    assert verdict.counts["seats confirmed"] <= SMALL.places


@pytest.mark.slow  # on SQLite, where nobody writes beside another, by `make rush`
@pytest.mark.parametrize(
    "rush_database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_a_rush_for_meetings_keeps_every_promise(rush_database: str, tmp_path: Path) -> None:
    size = Size(processes=2, servers=2, days=2, seconds=2)
    verdict = run_meetings(rush_database, tmp_path, size, suppliers=20, slots=7)
    print(verdict)
    assert verdict.violations == []
    assert 0 < verdict.counts["bookings booked"] <= 7
    assert verdict.counts["hold lost"] > 0  # somebody else was faster
