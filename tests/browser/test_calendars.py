"""The one page that shows the address of a private calendar: a supplier's, and one of staff."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.pages import PUBLIC, STAFF
from tests.browser.site import Site
from tests.browser.test_every_page import closely


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address, locale="en")
    yield made
    made.close()


def shown_once(page: Page) -> None:
    address = page.locator("#feed-url").input_value()
    assert "/k/" in address
    bare = address.partition("://")[2]
    expect(page.locator(f"a[href='webcal://{bare}']")).to_be_visible()
    assert closely(page) == []


def test_a_supplier_renews_the_calendar(page: Page, own_site: Site) -> None:
    path = own_site.path(PUBLIC["my calendar, by the link"], "en")
    page.goto(path)
    page.get_by_role("button", name="Renew the calendar address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your calendar address")
    shown_once(page)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404


def test_a_member_of_staff_makes_a_calendar(page: Page, own_site: Site) -> None:
    page.context.add_cookies([own_site.staff_cookie("en")])
    page.goto(own_site.path(STAFF["events in one's own calendar"]))
    page.get_by_role("button", name="Make my calendar address").click()
    shown_once(page)
