"""An organiser's mailing from the first word to the last letter: once by mouse, once without."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Locator, Page, expect

import config
from app import create_app
from dialognav.db import db, unit_of_work
from dialognav.jobs.runner import Runner
from dialognav.mail import instance
from tests.browser.conftest import visitor
from tests.browser.keys import Keys
from tests.browser.site import Site
from tests.fixtures import environment_of_tests

AT = {"date": "2027-01-12", "time": "10:30"}  # half an hour after NOW, by the clock of the event


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address)
    made.add_cookies([own_site.staff_cookie("en")])
    yield made
    made.close()


@pytest.fixture
def colleague(
    new_context: Callable[..., BrowserContext], own_site: Site
) -> Iterator[BrowserContext]:
    """Another administrator, who reads Swedish."""
    made = visitor(new_context, own_site.address)
    made.add_cookies([own_site.staff_cookie("sv")])
    yield made
    made.close()


@pytest.fixture
def worker(own_site: Site, tmp_path: Path) -> Iterator[Callable[[], bool]]:
    """Does once what is due on the site's database; whether there is more."""
    given = environment_of_tests(f"sqlite:///{tmp_path}/own.sqlite", tmp_path)
    app = create_app(config.load(given))
    with app.app_context(), unit_of_work() as session:  # it is a copy: else it holds its mail
        instance.release(session, app.config["SETTINGS"])
    runner = Runner(app, app.extensions["dialognav.jobs"])
    yield runner.tick
    with app.app_context():
        db.engine.dispose()


class Hand(Protocol):
    """How somebody uses a page."""

    def press(self, wanted: Locator) -> None: ...
    def tick(self, wanted: Locator) -> None: ...
    def write(self, wanted: Locator, text: str) -> None: ...
    def date(self, wanted: Locator) -> None: ...
    def time(self, wanted: Locator) -> None: ...
    def choose_next(self, wanted: Locator) -> None: ...


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, wanted: Locator) -> None:
        wanted.click()

    def tick(self, wanted: Locator) -> None:
        wanted.check()

    def write(self, wanted: Locator, text: str) -> None:
        wanted.click()
        self.page.keyboard.type(text)

    def date(self, wanted: Locator) -> None:
        wanted.fill(AT["date"])

    def time(self, wanted: Locator) -> None:
        wanted.fill(AT["time"])

    def choose_next(self, wanted: Locator) -> None:
        count = wanted.evaluate("e => e.selectedIndex + 1")
        wanted.select_option(index=count)


class Keyboard(Keys):
    def press(self, wanted: Locator) -> None:
        self.enter(wanted)

    def tick(self, wanted: Locator) -> None:
        self.to(wanted)
        self.page.keyboard.press("Space")

    def write(self, wanted: Locator, text: str) -> None:
        self.type(wanted, text)

    def date(self, wanted: Locator) -> None:
        self.type(wanted, "01122027")

    def time(self, wanted: Locator) -> None:
        self.type(wanted, "1030AM")

    def choose_next(self, wanted: Locator) -> None:
        self.to(wanted)
        self.page.keyboard.press("ArrowDown")


@pytest.mark.parametrize("by", [Mouse, Keyboard], ids=["mouse", "keyboard"])
def test_written_approved_planned_sent_and_sent_again(
    by: type[Mouse] | type[Keyboard],
    page: Page,
    colleague: BrowserContext,
    own_site: Site,
    worker: Callable[[], bool],
    clock: time_machine.Traveller,
) -> None:
    hand: Hand = by(page)
    page.goto(own_site.path("/manage/events/{open_id}/messages/new"))
    _write(page, hand)
    _look_as_three(page, hand)
    hand.press(page.get_by_role("button", name="Save, and send a test to me"))
    _is_said(page, "A test is on its way to you")
    hand.press(page.get_by_role("button", name="Save, then send or plan"))

    expect(page.get_by_role("heading", name="Dagordningen", exact=True)).to_be_visible()
    hand.press(page.get_by_role("button", name="Hand it in for approval"))
    _is_said(page, "Handed in")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    _approve(colleague, page.url)

    page.reload()
    hand.press(page.locator("summary").filter(has_text="Send at a time"))
    form = page.locator("details[open] form")
    hand.date(form.get_by_label("Date"))
    hand.time(form.get_by_label("Time"))
    hand.press(form.get_by_role("button", name="Set the time"))
    _is_said(page, "Planned")
    expect(page.get_by_text("Written by")).to_contain_text("10:30")

    clock.shift(timedelta(minutes=31))
    worker()
    page.goto(page.url.partition("?")[0])
    expect(page.locator("h2 + p .pill").first).to_have_text("Is being sent")
    while worker():
        pass
    # It looks again by itself, and by then all have left.
    expect(page.locator("h2 + p .pill").first).to_have_text("Sent", timeout=15_000)
    _is_said(page, "All have left.")

    row = page.get_by_role("row").filter(has_text="Karin Falk")
    expect(row).to_contain_text("karin.falk@trygghem.example")
    hand.press(row.get_by_role("button", name="Send again to karin.falk@trygghem.example"))
    _is_said(page, "It is sent once more")
    expect(page.get_by_role("row").filter(has_text="Karin Falk")).to_contain_text("On its way")


def _is_said(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)


def _write(page: Page, hand: Hand) -> None:
    hand.tick(page.get_by_role("checkbox", name="Confirmed"))
    expect(page.get_by_role("heading", name="people get it")).to_be_visible()
    hand.write(page.locator("[name=subject_sv]"), "Dagordningen")
    hand.write(page.locator("[name=body_sv]"), "Hej {namn}! Vi börjar i tid.")


def _look_as_three(page: Page, hand: Hand) -> None:
    names = set()
    for _n in range(3):
        reader = page.locator("#as")
        hand.choose_next(reader)
        name = reader.evaluate("e => e.selectedOptions[0].text").partition(",")[0]
        expect(page.locator(".mailprev .sheet")).to_contain_text(f"Hej {name}!")
        names.add(name)
    assert len(names) == 3


def _approve(colleague: BrowserContext, address: str) -> None:
    page = colleague.new_page()
    page.goto(address)
    page.locator("form[action$='/approve'] button").click()
    expect(page.locator("form[action$='/schedule'] button")).to_have_count(1)
