"""Approve and decline without JavaScript; the page that asks why is reached by a form only."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.checks import PAGE, PHONE, axe_faults, too_wide
from tests.browser.conftest import visitor
from tests.browser.pages import STAFF
from tests.browser.site import Site


@pytest.fixture(params=[False, True], ids=["without JavaScript", "with it"])
def context(
    request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext], own_site: Site
) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address, java_script_enabled=request.param)
    yield made
    made.close()


def test_some_are_approved_and_one_is_told_why_not(
    request: pytest.FixtureRequest, page: Page, own_site: Site
) -> None:
    page.context.add_cookies([own_site.staff_cookie("en")])
    page.goto(own_site.path(STAFF["approval"]))
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Approve those chosen").click()
    expect(page.get_by_role("status")).to_contain_text("The registrations are approved")

    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Decline those chosen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why do you decline?")
    page.locator("textarea").first.fill("Vi återkommer i höst.")
    page.get_by_role("button", name="Decline and tell them").click()
    expect(page.locator(".errsum")).to_be_focused()
    expect(page.locator("textarea").first).to_have_value("Vi återkommer i höst.")
    if "with it" in request.node.name:
        assert axe_faults(page, PAGE) == []
    page.set_viewport_size(PHONE)
    assert too_wide(page) == []

    page.get_by_label("There are fewer places than registrations").check()
    page.get_by_role("button", name="Decline and tell them").click()
    expect(page.get_by_role("status")).to_contain_text("The registrations are declined")
