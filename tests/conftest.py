"""What every test stands on: one clock, no way out of the machine. fixtures.py has the app."""

import gc
import os
import smtplib
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
import time_machine
import werkzeug.test
from hypothesis import HealthCheck, settings

from dialognav import i18n

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
"""The instant at which each test with `app` or `clock` begins: a Tuesday, 10:00 in Stockholm."""

# The client would put a large body into a temporary file that nobody closes (test_uploads.py).
werkzeug.test.stream_encode_multipart = partial(
    werkzeug.test.stream_encode_multipart, use_tempfile=False
)

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def pytest_configure() -> None:
    """A zone that is nobody's, and no failure because a machine was busy."""
    os.environ["TZ"] = "America/New_York"  # whoever reads the machine's by mistake fails
    time.tzset()
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("patient", patient)
    settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """What is here now stays. Each test makes an app, and the collector would walk through all the
    modules and tests again and again: a quarter of the time of a run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time stands at NOW until the test says `clock.move_to(..)` or `clock.shift(..)`."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_smtp(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail leaves a test only under `@pytest.mark.smtp`, and then only to this machine."""
    if request.node.get_closest_marker("smtp") is None:

        def refuse(*_args: object, **_options: object) -> None:
            pytest.fail("a test tried to send real mail")

        monkeypatch.setattr(smtplib.SMTP, "connect", refuse)


@pytest.fixture(autouse=True)
def no_language_of_another_test() -> None:
    """A request sets the language of its thread; a test begins as a new thread does."""
    i18n.speak("en")


@pytest.fixture(autouse=True)
def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to another machine."""
    connect = socket.socket.connect

    def guarded(sock: socket.socket, address: object) -> None:
        is_network = sock.family in (socket.AF_INET, socket.AF_INET6)
        if is_network and isinstance(address, tuple) and address[0] not in _LOOPBACK:
            pytest.fail(f"a test tried to reach {address[0]}")
        connect(sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
