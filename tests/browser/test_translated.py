"""No English is left on Norwegian pages, and what is in another language says so."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import pages
from tests.browser.checks import PHONE, open_everything, too_wide
from tests.browser.conftest import visitor
from tests.browser.pages import OPEN
from tests.browser.site import Site
from tests.browser.words import Catalogue, english_left


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext], site: Site, clock: time_machine.Traveller
) -> Iterator[BrowserContext]:
    made = visitor(new_context, site.address)
    yield made
    made.close()


@pytest.mark.parametrize("group", ["PUBLIC", "ACCOUNT", "STAFF"])
def test_no_english_is_left_in_norwegian(page: Page, site: Site, group: str) -> None:
    """On a phone, and nothing sticks out; test_every_page.py reads the Swedish."""
    if group == "STAFF":
        page.context.add_cookies([site.staff_cookie("nb")])
    if group == "ACCOUNT":
        cookie = {"name": "lang", "value": "nb", "url": site.address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
    catalogue = Catalogue("nb")
    faults = []
    page.set_viewport_size(PHONE)
    for name, path in getattr(pages, group).items():
        page.goto(site.path(path, "nb"))
        open_everything(page)
        said = english_left(page, name, catalogue) + too_wide(page)
        faults += [f"{name}: {text[:100]}" for text in said]
    assert faults == []


def test_text_in_another_language_says_so(page: Page) -> None:
    """The need is written in Swedish and English; the title in Norwegian too."""
    page.goto(f"/nb/events/{OPEN}")
    expect(page.locator("html")).to_have_attribute("lang", "nb")
    language = "(e) => e.closest('[lang]').lang"
    assert page.get_by_role("heading", level=1).evaluate(language) == "nb"
    assert page.get_by_text("åker nattpatrullen").evaluate(language) == "sv"
    assert page.get_by_text("En natt med nattpatrullen").evaluate(language) == "sv"
    page.goto(f"/en/events/{OPEN}")
    assert page.get_by_text("the night patrol drives").evaluate(language) == "en"
