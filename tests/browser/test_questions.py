"""Extra questions in a browser: one shows when it is called for, and nothing typed is lost."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.pages import OPEN
from tests.browser.site import Site

SIGN_UP = f"/en/events/{OPEN}/register"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(
    new_context: Callable[..., BrowserContext], own_site: Site, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address, java_script_enabled=request.param)
    yield made
    made.close()


def fill(page: Page) -> None:
    page.goto(SIGN_UP)
    page.get_by_label("Organisation", exact=True).fill("Prov AB")
    page.get_by_label("Name", exact=True).fill("Åsa Öberg")
    page.get_by_label("E-mail", exact=True).fill("asa@prov.example")


def test_a_question_shows_when_it_is_called_for(page: Page) -> None:
    """With and without script: the style sheet shows it, the server decides."""
    fill(page)
    where = page.get_by_label("Where is it used today?")
    expect(where).to_be_hidden()
    page.get_by_label("In use at a customer").check()
    expect(where).to_be_visible()
    expect(page.get_by_text("Only if you answered “In use at a customer” above.")).to_be_visible()
    where.fill("Two municipalities")
    page.get_by_label("Under development").check()
    expect(where).to_be_hidden()
    page.get_by_role("button", name="Send registration").click()
    page.get_by_role("link", name="Change or withdraw").click()
    expect(page.get_by_text("Under development")).to_be_visible()
    expect(page.get_by_text("Two municipalities")).to_have_count(0)


def test_answers_come_along_with_a_card(page: Page) -> None:
    fill(page)
    page.get_by_role("button", name="Add a colleague").click()
    second = page.get_by_role("group", name="Person 2")
    second.get_by_label("Name").fill("Bo Ek")
    second.get_by_label("E-mail").fill("bo@prov.example")
    second.get_by_label("Norwegian").check()
    page.get_by_label("Planned").check()
    page.get_by_role("button", name="Send registration").click()
    page.get_by_role("link", name="Change or withdraw").click()
    expect(page.get_by_text("Norwegian")).to_be_visible()


def test_a_cut_line_loses_neither_cards_nor_answers(
    new_context: Callable[..., BrowserContext], own_site: Site
) -> None:
    """A tunnel, the browser's own error page, and the form again from a fresh address."""
    context = visitor(new_context, own_site.address)
    page = context.new_page()
    fill(page)
    page.get_by_role("button", name="Add a colleague").click()
    second = page.get_by_role("group", name="Person 2")
    second.get_by_label("Name").fill("Bo Ek")
    second.get_by_label("E-mail").fill("bo@prov.example")
    second.get_by_label("Norwegian").check()
    page.get_by_label("In use at a customer").check()
    page.get_by_label("Where is it used today?").fill("Two municipalities")
    page.get_by_label("Alarm when something differs").check()
    context.set_offline(True)
    page.get_by_role("button", name="Send registration").click()
    page.wait_for_url("chrome-error://chromewebdata/")
    context.set_offline(False)
    page.goto("/en/my")
    page.goto(SIGN_UP)
    expect(page.get_by_text("What you wrote earlier and did not send is back")).to_be_visible()
    expect(page.get_by_label("Where is it used today?")).to_have_value("Two municipalities")
    page.get_by_role("button", name="Show the other people too").click()
    expect(second.get_by_label("Name")).to_have_value("Bo Ek")
    expect(second.get_by_label("Norwegian")).to_be_checked()
    expect(page.get_by_label("Alarm when something differs")).to_be_checked()
    expect(page.get_by_label("Organisation", exact=True)).to_have_value("Prov AB")
    page.get_by_role("button", name="Send registration").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, you are registered")
    context.close()
