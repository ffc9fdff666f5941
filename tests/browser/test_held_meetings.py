"""A host who sees nothing takes notes, ticks people off, writes minutes; a supplier reads them."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.keys import Keys
from tests.browser.pages import PUBLIC, STAFF
from tests.browser.site import Site


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address)
    made.add_cookies([own_site.staff_cookie("en")])
    yield made
    made.close()


def test_a_host_notes_and_minutes_by_keys_and_accessibility_tree(
    page: Page, own_site: Site
) -> None:
    keys = Keys(page)
    page.goto(own_site.path(STAFF["meeting that was held"]))
    said = page.get_by_role("main").aria_snapshot()
    for heard in (
        '- heading "Your notes" [level=2]',
        '- textbox "1. Vad bör patienten ha hemma, och vad kan vänta?"',
        '- heading "They mark this as a possible trade secret" [level=3]',
        '- group "From',
        '- button "Those ticked came"',
    ):
        assert heard in said

    # What is typed stays in the tab until it is saved, also when the page is opened anew.
    question = page.get_by_role("textbox", name="1. Vad bör patienten")
    keys.type(question, "Sensorn kan vänta.")
    page.reload()
    expect(question).to_have_value("Sensorn kan vänta.")
    expect(page.locator("[data-note]")).to_be_visible()
    keys.type(page.get_by_role("textbox", name="Anything else"), "De bad om mer tid.")
    keys.enter(page.get_by_role("button", name="Save the notes"))
    expect(page.get_by_role("status").filter(has_text="Your notes are saved")).to_be_visible()
    expect(page.locator("[data-note]")).to_be_hidden()

    keys.enter(page.get_by_role("button", name="Those ticked came"))
    expect(page.get_by_role("status").filter(has_text="Who came is noted")).to_be_visible()
    keys.enter(page.get_by_role("link", name="Write the minutes"))
    text = page.get_by_role("textbox", name="Minutes")
    assert "Sensorn kan vänta." in text.input_value()
    keys.to(text)
    page.keyboard.press("Control+End")
    page.keyboard.type("\nVi återkommer.")
    keys.enter(page.get_by_role("button", name="Save the minutes"))
    expect(page.get_by_role("article")).to_contain_text("Vi återkommer.")
    keys.enter(page.get_by_role("button", name="Send for a fact check"))
    expect(page.get_by_role("status").filter(has_text="with the supplier")).to_be_visible()

    # What concerned the procurement is written for all, and published.
    keys.enter(page.get_by_role("link", name="Share something with all"))
    keys.enter(page.get_by_role("button", name="Save the draft"))
    expect(page.locator(".errsum")).to_be_focused()
    keys.type(page.get_by_role("textbox", name="Svenska").first, "Testet varar i sex veckor.")
    keys.enter(page.get_by_role("button", name="Save the draft"))
    expect(page.get_by_role("status").filter(has_text="The draft is saved")).to_be_visible()
    tree = page.get_by_role("main").aria_snapshot()
    assert '- checkbox "Publish draft 1"' in tree
    keys.to(page.locator("[name=telling]:checked"))
    while not page.get_by_role("radio", name="No message").is_checked():
        page.keyboard.press("ArrowDown")
    keys.enter(page.get_by_role("button", name="Publish for everybody"))
    expect(page.get_by_role("status").filter(has_text="It is published")).to_be_visible()
    published = page.get_by_role("region", name="What everybody has been told")
    expect(published).to_contain_text("Testet varar i sex veckor.")


def test_what_the_supplier_says_is_answered_and_approved_by_keys(
    page: Page, own_site: Site
) -> None:
    keys = Keys(page)
    page.goto(own_site.path(PUBLIC["minutes of one's own meeting"], "en"))
    tree = page.get_by_role("main").aria_snapshot()
    assert '- textbox "What is wrong, and how it was"' in tree
    assert "A mark is no promise" in tree
    keys.enter(page.get_by_role("button", name="Send the answer"))
    expect(page.locator(".errsum")).to_be_focused()
    keys.type(page.get_by_role("textbox", name="What is wrong"), "Och per månad.")
    keys.enter(page.get_by_role("button", name="Send the answer"))
    expect(page.get_by_role("status").filter(has_text="come in")).to_be_visible()
    expect(page.locator("[data-note]").first).to_be_hidden()

    page.goto(own_site.path(STAFF["minutes"]))
    keys.enter(page.get_by_role("link", name="Write and answer"))
    keys.type(page.get_by_role("textbox", name="Your answer"), "Rättat.")
    keys.enter(page.get_by_role("button", name="Save the minutes"))
    keys.enter(page.get_by_role("button", name="Approve the minutes"))
    expect(page.get_by_role("status").filter(has_text="are approved")).to_be_visible()
    page.goto(own_site.path(PUBLIC["minutes of one's own meeting"], "en"))
    expect(page.get_by_role("main")).to_contain_text("They are a public record now.")
    expect(page.get_by_role("main")).to_contain_text("Rättat.")
