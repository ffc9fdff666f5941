"""A blind supplier books, moves and gives up a meeting, by keyboard and what is heard (P10)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.listener import Listener
from tests.browser.site import Site


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address)
    yield made
    made.close()


@pytest.fixture
def own_page(own_site: Site) -> str:
    return own_site.path("/{lang}/r/{books}", "en")


def test_a_blind_supplier_books_moves_and_gives_up(page: Page, own_page: str) -> None:
    page.clock.install()
    page.goto(own_page)
    ear = Listener(page)
    ear.enter("link: Book a one-to-one meeting")
    assert ear.heard("heading")[0] == "Choose a time for your one-to-one meeting"
    assert "Wednesday 24 February 2027" in ear.heard("group")
    _choose_a_time(ear)
    ear.enter("button: Go on with the chosen time")

    assert ear.heard("heading")[0] == "Book your one-to-one meeting"
    _take_longer(page, ear)
    ear.tab_to("checkbox: Ida Mänty")
    ear.press("Space")
    ear.tab_to("radio: Swedish")
    assert ear.press("ArrowDown").startswith("radio: English, checked")
    ear.enter("button: Book the meeting")
    assert ear.heard("status")[0].startswith("The meeting is booked")

    _move_and_give_up(ear)


def _choose_a_time(ear: Listener) -> None:
    """The arrows walk the free times alone; each says day, time, table, way and that it is free."""
    ear.tab_to("radio: ")
    first = ear.here()
    assert first == (
        "radio: Wednesday 24 February 2027 09:00–09:30, Table B, online, "
        "10:00–10:30 (Helsinki, EET): Free"
    )
    names = [ear.press("ArrowDown") for _ in range(5)]
    assert all(name.endswith("Chosen, checked") for name in names), names
    assert not any("Booked" in name for name in names)
    assert "Wednesday 24 February 2027 13:00–13:30, Table A, on site" in names[0]
    assert names[4].startswith("radio: Wednesday 24 February 2027 09:00–09:30, Table B")
    assert len({name.partition(":")[2] for name in names}) == 5


def _take_longer(page: Page, ear: Listener) -> None:
    """The warning is heard where the focus is, and the time is held longer without moving it."""
    ear.tab_to("textbox: What do you want to show or discuss?")
    page.keyboard.type("How birds sound at night.")
    assert ear.heard("status") == [""]
    page.clock.run_for((8 * 60 + 5) * 1000)
    assert ear.heard("status")[0].startswith("Less than two minutes are left to book the time.")
    assert ear.here().startswith("textbox: What do you want")
    ear.tab_to("button: I need more time", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("#hold-said")).to_contain_text("The time is held until")
    assert ear.here() == "button: I need more time"
    assert page.locator("[name=topics]").input_value() == "How birds sound at night."


def _move_and_give_up(ear: Listener) -> None:
    ear.enter("link: Move Wednesday 24 February 2027, 09:00–09:30")
    assert ear.heard("heading")[0] == "Choose a new time for your meeting"
    ear.tab_to("radio: ")
    assert "Thursday 25 February 2027" in ear.press("ArrowUp")
    ear.enter("button: Move to the chosen time")
    assert ear.heard("status")[0].startswith("The meeting is moved")
    assert any(name.startswith("Thursday 25 February 2027") for name in ear.heard("heading"))

    ear.enter("link: Give up the meeting")
    assert ear.heard("heading")[0] == "Give up the meeting?"
    ear.enter("button: Give up the meeting")
    assert ear.heard("status")[0].startswith("You have given up the meeting")
