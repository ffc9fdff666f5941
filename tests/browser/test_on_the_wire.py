"""What a first visit fetches, and what a printer gets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.pages import OPEN
from tests.browser.site import Site

MOST_BYTES = 45_000  # with headers, as the prototype was measured: 33 to 38 kB
MOST_REQUESTS = 4  # the page, its style sheet, the typeface, the icon
EVENT = f"/sv/events/{OPEN}"


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext], site: Site, clock: time_machine.Traveller
) -> Iterator[BrowserContext]:
    made = visitor(new_context, site.address)
    yield made
    made.close()


@pytest.mark.parametrize("path", [EVENT, "/sv/"])
def test_first_visit_is_light(page: Page, path: str) -> None:
    wire = page.context.new_cdp_session(page)
    sizes: dict[str, float] = {}

    def arrived(finished: dict[str, Any]) -> None:
        sizes[finished["requestId"]] = finished["encodedDataLength"]

    wire.on("Network.loadingFinished", arrived)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(path, wait_until="networkidle")
    assert 2 <= len(sizes) <= MOST_REQUESTS
    assert sum(sizes.values()) <= MOST_BYTES


def test_paper_has_the_event_and_not_the_service(page: Page) -> None:
    page.goto(EVENT)
    page.emulate_media(media="print")
    for gone in (".head nav", ".lang", ".foot .cols", ".toc", ".stickybar", ".reg .btn", ".skip"):
        for one in page.locator(gone).all():
            expect(one).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#need, [aria-labelledby=need]").first).to_be_visible()
