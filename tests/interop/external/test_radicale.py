"""Our entries kept by a CalDAV server: stored, moved, found at their time, given back whole."""

import base64
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path

import pytest

from tests.calendar_samples import CALLED_OFF, ELSEWHERE, GOLDEN, INVITED, MOVED
from tests.interop.external.judges import CACHE, missing
from tests.interop.judges import Reading, lint, lint_dates
from tests.interop.series import SERIES

pytestmark = pytest.mark.external


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PORT = int(os.environ.get("RADICALE_PORT", "0")) or _free_port()
USER = {"Authorization": "Basic " + base64.b64encode(b"asa:asa").decode()}
HREF = "/asa/calendar/invitation.ics"
ONE_UID = [name for name, data in GOLDEN.items() if len(set(re.findall(rb"\nUID:.+", data))) == 1]
"""What may be one resource of a calendar (RFC 4791 section 4.1)."""


def ask(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=20)
    connection.request(method, path, body or None, USER | headers)
    answer = connection.getresponse()
    read = answer.status, answer.read()
    connection.close()
    return read


@pytest.fixture
def server(tmp_path: Path) -> Iterator[None]:
    """An empty Radicale with one calendar."""
    if reason := missing("radicale"):
        pytest.skip(reason)
    options = [
        *("--server-hosts", f"127.0.0.1:{PORT}", "--auth-type", "none"),
        *("--storage-filesystem-folder", str(tmp_path), "--config", ""),
    ]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            [CACHE / "venv" / "bin" / "radicale", *options], stdout=log, stderr=log
        )
    try:
        _wait(running, tmp_path / "log")
        assert ask("MKCALENDAR", "/asa/calendar/")[0] == 201
        yield
    finally:
        running.terminate()
        running.wait(20)


def _wait(running: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        try:
            ask("GET", "/.web/")
        except OSError:
            assert running.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    pytest.fail(log.read_text())


def as_stored(name: str) -> bytes:
    """What a client keeps of a message: without METHOD (RFC 4791 section 4.1)."""
    return re.sub(rb"METHOD:\w+\r\n", b"", GOLDEN[name])


def put(name: str, path: str = HREF) -> None:
    status, body = ask("PUT", path, as_stored(name), **{"Content-Type": "text/calendar"})
    assert status in (201, 204), body


def kept() -> bytes:
    status, body = ask("GET", HREF)
    assert status == 200
    return body


def found_between(start: datetime, end: datetime) -> bool:
    """Whether the server, by the file's own zone, sees the entry in that time."""
    query = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        "<D:prop><D:getetag/></D:prop><C:filter>"
        '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f'<C:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>'
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    )
    status, body = ask("REPORT", "/asa/calendar/", query.encode(), Depth="1")
    assert status == 207
    return b"invitation.ics" in body


def line_of(data: bytes, name: str) -> str:
    unfolded = data.decode().replace("\r\n ", "")
    return re.search(rf"^{name}[^\r]*", unfolded, re.MULTILINE).group()


def test_an_invitation_is_kept_moved_and_cancelled(server):
    for name, entry, status in [
        ("invitation", INVITED, "CONFIRMED"),
        ("update_moved", MOVED, "CONFIRMED"),
        ("update_place", ELSEWHERE, "CONFIRMED"),
        ("cancelled_by_organiser", CALLED_OFF, "CANCELLED"),
    ]:
        put(name)
        stored = kept()
        assert line_of(stored, "SEQUENCE") == f"SEQUENCE:{entry.sequence}"
        assert line_of(stored, "STATUS") == f"STATUS:{status}"
        assert line_of(stored, "SUMMARY") == f"SUMMARY:{entry.summary}"
        assert line_of(stored, "UID") == f"UID:{entry.uid}"


@pytest.mark.parametrize("name", ["invitation", "update_moved"])
def test_the_server_finds_the_entry_at_its_time_and_not_an_hour_off(server, name):
    entry = {"invitation": INVITED, "update_moved": MOVED}[name]
    put(name)
    minute = timedelta(minutes=1)
    assert found_between(entry.starts_at, entry.starts_at + minute)
    assert found_between(entry.ends_at - minute, entry.ends_at)
    assert not found_between(entry.starts_at - minute, entry.starts_at)
    assert not found_between(entry.ends_at, entry.ends_at + minute)


def as_message(stored: bytes, name: str) -> bytes:
    """The stored file with the METHOD of the message it came in, for the strict reader."""
    [method] = re.findall(rb"METHOD:\w+\r\n", GOLDEN[name])
    return stored.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\n" + method, 1)


def in_order(readings: list[Reading]) -> list[Reading]:
    return sorted(readings, key=lambda one: (str(one.starts_at), one.summary))


@pytest.mark.parametrize("name", ONE_UID)
def test_what_comes_back_says_the_same_as_what_went_in(server, name):
    put(name)
    returned = as_message(kept(), name)
    assert in_order(lint(returned)) == in_order(lint(GOLDEN[name]))
    assert lint_dates(returned) == lint_dates(GOLDEN[name])


@pytest.mark.parametrize("name", ["golden", "Europe/Stockholm autumn timed", "UTC spring days"])
def test_the_server_finds_a_series_at_its_dates_and_no_others(server, name):
    data, dates = SERIES[name]
    stored = re.sub(rb"METHOD:\w+\r\n", b"", data)
    assert ask("PUT", HREF, stored, **{"Content-Type": "text/calendar"})[0] == 201
    spans = [tuple(map(as_instant, times)) for *times, _title in dates]
    assert all(found_between(start, end) for start, end in spans)
    # Of a moved day it keeps the old place as well, so there only the gap of EXDATE is looked at.
    gaps = list(pairwise(spans))[: 1 if name.endswith("days") else None]
    for (_start, end), (start, _end) in gaps:
        assert not found_between(end + timedelta(hours=3), start - timedelta(hours=3))


def as_instant(at: date) -> datetime:
    """Of a day, its first minute in UTC."""
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)


def test_a_whole_feed_can_be_imported_as_a_calendar(server):
    feed = as_stored("feed")
    status, _ = ask("PUT", "/asa/imported/", feed, **{"Content-Type": "text/calendar"})
    assert status == 201
    status, body = ask("GET", "/asa/imported/")
    assert status == 200
    assert body.count(b"BEGIN:VEVENT") == GOLDEN["feed"].count(b"BEGIN:VEVENT") == 5


def test_a_broken_entry_is_refused(server):
    broken = as_stored("invitation").replace(b"END:VEVENT\r\n", b"")
    assert ask("PUT", HREF, broken, **{"Content-Type": "text/calendar"})[0] == 400
