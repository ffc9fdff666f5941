"""Letters as a mail program shows them: readable in light and dark, wide and narrow."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.checks import DESK, MAIL, PHONE, axe_faults, too_wide
from tests.browser.conftest import visitor
from tests.browser.site import Site


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext], site: Site, clock: time_machine.Traveller
) -> Iterator[BrowserContext]:
    made = visitor(new_context, site.address)
    yield made
    made.close()


def test_each_kind_of_letter(page: Page) -> None:
    page.goto("/dev/mail")
    letters: dict[str, str] = {}
    for link in page.locator("tbody th a").all():
        subject = link.inner_text().split(":")[0]
        letters.setdefault(subject, link.get_attribute("href") or "")
    assert len(letters) >= 4
    faults = []
    for subject, address in letters.items():
        html = page.request.get(f"{address}/html").text()
        reader = page.context.new_page()  # an empty one: the frame's own policy stops axe too
        reader.set_viewport_size(DESK)
        reader.set_content(html, wait_until="domcontentloaded")
        for scheme in ("light", "dark"):
            reader.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            faults += [f"{subject}, {scheme}: {fault}" for fault in axe_faults(reader, MAIL)]
        reader.set_viewport_size(PHONE)
        faults += [f"{subject}: {fault}" for fault in too_wide(reader)]
        reader.close()
    assert faults == []


def test_the_frame_runs_nothing_and_hides_nothing(page: Page, site: Site) -> None:
    page.goto(site.path("/dev/mail/{mail_id}"))
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_be_visible()
    assert page.locator("iframe").get_attribute("sandbox") is not None
