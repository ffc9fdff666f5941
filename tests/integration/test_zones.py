"""Zone data that changes under events already told: found, shown, and decided by the organiser."""

import struct
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.models import Event, Occasion, lock_event
from tests.conftest import NOW
from tests.factories import make_event, make_occasion

HOUR = 3600
MORNING = datetime(2027, 6, 10, 7, tzinfo=UTC)  # 09:00 in Stockholm, 10:00 in Helsinki


def offsets(session):
    rows = session.query(Occasion).order_by(Occasion.id)
    return [(row.start_offset, row.end_offset) for row in rows]


def winter_all_year(session, event):
    """As if the times had been written when summer time was thought to be abolished."""
    for occasion in event.occasions:
        occasion.start_offset = occasion.end_offset = HOUR


def test_the_offset_is_noted_with_each_time_that_is_written(work, look):
    with work() as session:
        event = make_event(session, starts_at=MORNING, ends_at=MORNING + timedelta(hours=3))
        make_occasion(session, event, starts_at=datetime(2027, 10, 30, 23, tzinfo=UTC))
        row = Occasion(event_id=event.id, position=2, starts_at=NOW, ends_at=MORNING)
        session.add(row)
        event_id = event.id
    with look() as session:
        assert offsets(session) == [(2 * HOUR, 2 * HOUR), (2 * HOUR, HOUR), (HOUR, 2 * HOUR)]
    with work() as session:
        occasion = lock_event(session, event_id).occasions[0]
        occasion.starts_at, occasion.ends_at = NOW, NOW + timedelta(hours=1)
    with look() as session:
        assert offsets(session)[0] == (HOUR, HOUR)


def test_another_edit_does_not_hide_that_the_clock_was_moved(work, look):
    with work() as session:
        event = make_event(session, starts_at=MORNING)
        session.flush()
        winter_all_year(session, event)
        event_id = event.id
    with work() as session:
        event = lock_event(session, event_id)
        event.title, event.zone = {"sv": "Annat namn"}, event.zone
        occasion = event.occasions[0]
        occasion.venue, occasion.starts_at = {"sv": "Annan sal"}, MORNING
    with look() as session:
        assert offsets(session) == [(HOUR, HOUR)]
        session.expire_all()


def test_a_new_zone_is_a_new_time_even_at_the_same_instant(work, look):
    with work() as session:
        event = make_event(session, starts_at=MORNING)
        event_id = event.id
    with work() as session:
        session.get_one(Event, event_id).zone = "Europe/Helsinki"
    with look() as session:
        assert offsets(session) == [(3 * HOUR, 3 * HOUR)]


# --- flask doctor zones ----------------------------------------------------------------------


def zones(cli, *more):
    return cli.invoke(args=["doctor", "zones", *more])


def test_the_doctor_finds_nothing_in_a_sound_database(cli, work):
    with work() as session:
        make_event(session, starts_at=MORNING)
    told = zones(cli)
    assert told.exit_code == 0, told.output
    assert "Every event to come keeps its wall time by tzdata 20" in told.output


def test_the_doctor_lists_events_to_come_at_another_wall_time(cli, work):
    with work() as session:
        event = make_event(session, slug="hemmets-moten", starts_at=MORNING)
        late = make_event(
            session, slug="nattpass", starts_at=datetime(2027, 6, 10, 21, 30, tzinfo=UTC)
        )
        for each in (event, late):
            winter_all_year(session, each)
        for state in ("cancelled", "postponed"):
            winter_all_year(session, make_event(session, starts_at=MORNING, state=state))
        over = make_event(session, starts_at=NOW - timedelta(days=200))
        over.occasions[0].start_offset = 2 * HOUR
        off = make_occasion(session, event, days=14)
        off.cancelled_at, off.start_offset = NOW, 0
    told = zones(cli)
    assert told.exit_code == 1
    first, second, count, advice = told.output.splitlines()
    assert "/hemmets-moten: 2027-06-10 08:00 becomes 09:00 in Europe/Stockholm: Mark" in first
    assert "/nattpass: 2027-06-10 22:30 becomes 23:30 in Europe/Stockholm: Mark" in second
    assert count.startswith("2 to come at another wall time by tzdata 20")
    assert "overview" in advice


def test_the_doctor_names_the_end_when_only_that_moved(cli, work):
    with work() as session:
        event = make_event(session, starts_at=MORNING, ends_at=MORNING + timedelta(hours=15))
        event.occasions[0].end_offset = HOUR
    assert "2027-06-10 23:00 becomes 2027-06-11 00:00" in zones(cli).output


def tzif(footer):
    """A zone without past whose future is one POSIX rule (RFC 9636 section 3.3)."""
    head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lbb", 0, 0, 0) + b"LMT\0"
    return head + body + head + body + b"\n" + footer + b"\n"


@pytest.mark.parametrize(
    ("footer", "becomes"),
    [
        (b"CET-1CEST,M3.5.0,M10.5.0/3", None),  # as it is
        (b"CET-1", "2027-06-10 09:00 becomes 08:00"),
        (b"EET-2EEST,M3.5.0/3,M10.5.0/4", "2027-06-10 09:00 becomes 10:00"),
    ],
)
def test_the_doctor_looks_ahead_to_data_that_is_not_installed(cli, work, tmp_path, footer, becomes):
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Stockholm").write_bytes(tzif(footer))
    with work() as session:
        make_event(session, starts_at=MORNING)
    told = zones(cli, "--zoneinfo", str(tmp_path))
    assert told.exit_code == (becomes is not None), told.output
    assert (becomes or "keeps its wall time") in told.output
    assert str(tmp_path) in told.output


def test_the_doctor_says_which_zone_is_missing_or_broken(cli, work, tmp_path):
    with work() as session:
        make_event(session, starts_at=MORNING)
    told = zones(cli, "--zoneinfo", str(tmp_path))
    assert told.exit_code == 1
    assert "has no zone Europe/Stockholm" in told.output
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Stockholm").write_bytes(b"no zone file")
    told = zones(cli, "--zoneinfo", str(tmp_path))
    assert told.exit_code == 1
    assert "Europe/Stockholm" in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)
