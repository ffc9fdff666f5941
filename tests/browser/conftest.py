"""Chromium against the app in a thread, on SQLite, with the clock running from NOW.

`page.goto("/sv/")` works: the address of `live_server` is the base. Under our CSP
`page.wait_for_function("..")` fails; use `expect(locator)`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from tests.browser.site import own_site, site, site_files
from tests.conftest import NOW
from tests.databases import SqliteDatabase, sqlite_database
from tests.fixtures import app, client, look, make_app, work
from tests.servers import serving

__all__ = [
    "app",
    "client",
    "look",
    "make_app",
    "own_site",
    "site",
    "site_files",
    "sqlite_database",
    "work",
]

_NAMES = (
    "chromium-headless-shell",  # the same engine, a third less time
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
)
_QUIET = (
    "--no-sandbox",  # CI runs as root, where the sandbox refuses
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=en-US",  # how a date is typed depends on it
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], playwright: Any
) -> dict[str, Any]:
    """Debian's Chromium, or Playwright's own when it is installed."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    path = path or playwright.chromium.executable_path
    if not Path(path).exists():
        why = "no Chromium: install the package chromium, or set CHROMIUM to its path"
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    return {**browser_type_launch_args, "executable_path": path, "args": list(_QUIET)}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test has a server of its own; `context` knows its address."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time runs from NOW: pages and the server measure how long something took."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def database_url(sqlite_database: SqliteDatabase, tmp_path: Path) -> str:
    """SQLite only: what a browser sees does not depend on the database."""
    return sqlite_database.copy_to(tmp_path / "test.sqlite")


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the running app."""
    with serving(app) as address:
        yield address


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext], live_server: str
) -> Iterator[BrowserContext]:
    """A Swedish visitor with a wide window and no animations; JavaScript is on."""
    made = visitor(new_context, live_server)
    yield made
    made.close()


def visitor(
    new_context: Callable[..., BrowserContext], live_server: str, **given: Any
) -> BrowserContext:
    """A browser of its own: `visitor(.., java_script_enabled=False, color_scheme="dark")`."""
    standard = {
        "base_url": live_server,
        "locale": "sv-SE",
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }
    return new_context(**standard | given)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which an error of a script, or what our CSP blocks, fails the test at its end."""
    with watched(context.new_page()) as page:
        yield page


@contextmanager
def watched(page: Page) -> Iterator[Page]:
    """Closed at the end; AssertionError for an error of a script, or what our CSP blocked."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if _is_blocked(said.text) else None)
    yield page
    page.close()
    assert problems == []


def _is_blocked(said: str) -> bool:
    return "Content Security Policy" in said or "Content-Security-Policy" in said
