"""Everything works without JavaScript: sign-up, own page, a meeting, the editor's rows, language,
theme."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.pages import OPEN, STAFF
from tests.browser.site import Site


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address, java_script_enabled=False)
    yield made
    made.close()


def test_sign_up_with_a_colleague_and_withdraw(page: Page) -> None:
    page.goto(f"/sv/events/{OPEN}/register")
    page.get_by_label("Organisation", exact=True).fill("Skriptlösa AB")
    page.get_by_label("Namn", exact=True).fill("Åsa Öberg")
    page.get_by_label("E-post", exact=True).fill("asa@skriptlosa")
    page.get_by_role("button", name="Lägg till en kollega").click()
    expect(page.get_by_label("Namn", exact=True)).to_have_value("Åsa Öberg")

    page.get_by_label("Namn, person 2").fill("Bo Ek")
    page.get_by_label("E-post, person 2").fill("bo@skriptlosa.example")
    page.get_by_role("button", name="Skicka anmälan").click()
    expect(page.locator(".errsum")).to_be_focused()
    expect(page.locator(".errsum li")).to_have_count(1)
    expect(page.get_by_label("Organisation", exact=True)).to_have_value("Skriptlösa AB")
    expect(page.get_by_label("Namn, person 2")).to_have_value("Bo Ek")

    page.get_by_label("E-post", exact=True).fill("asa@skriptlosa.example")
    page.get_by_role("button", name="Skicka anmälan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack, ni är anmälda")
    page.get_by_role("link", name="Ändra eller avboka").click()
    expect(page.get_by_text("bo@skriptlosa.example")).to_be_visible()

    page.get_by_role("link", name="Avboka hela anmälan").click()
    page.get_by_role("main").get_by_role("button", name="Avboka").click()
    expect(page.locator("main .pill").first).to_contain_text("Avanmäld")


def test_a_meeting_is_booked(page: Page, own_site: Site) -> None:
    """With more time asked for by a button, which loses nothing that was typed."""
    page.goto(own_site.path("/{lang}/r/{books}/meetings", "en"))
    page.locator("input[name=slot]:enabled").first.check(force=True)
    page.get_by_role("button", name="Go on with the chosen time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Book your one-to-one meeting")
    topics = page.get_by_label("What do you want to show or discuss?")
    topics.fill("How birds sound at night.")
    page.get_by_role("button", name="I need more time").click()
    expect(topics).to_have_value("How birds sound at night.")
    page.get_by_label("Ida Mänty").check()
    page.get_by_role("button", name="Book the meeting").click()
    expect(page.get_by_role("status").first).to_contain_text("The meeting is booked")
    expect(page.get_by_text("How birds sound at night.")).to_be_visible()


def test_language_and_theme(page: Page) -> None:
    page.goto(f"/sv/events/{OPEN}")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{page.url.split('/en/')[0]}/en/events/{OPEN}")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_label("Dark").check(force=True)
    page.get_by_role("button", name="Save the choice").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith(f"/en/events/{OPEN}")


def test_rows_of_the_editor(page: Page, own_site: Site) -> None:
    page.context.add_cookies([own_site.staff_cookie("en")])
    page.goto(own_site.path(STAFF["edit draft"]))
    page.locator("[name=title_sv]").fill("Ett annat namn")
    before = page.locator("#questions .row-card").count()
    page.get_by_role("button", name="Add a question").click()
    expect(page.locator("[name=title_sv]")).to_have_value("Ett annat namn")
    rows = page.locator("#questions .row-card")
    expect(rows).to_have_count(before + 1)
    rows.last.locator("textarea").first.fill("Hur gör andra?")
    page.get_by_role("button", name="Save and close").click()
    page.goto(own_site.path(STAFF["edit draft"]))
    expect(page.locator("[name=title_sv]")).to_have_value("Ett annat namn")
    expect(rows.last.locator("summary").first).to_contain_text("Hur gör andra?")
    rows.last.locator("summary").first.click()
    rows.last.get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(before)


def test_menu_of_the_workspace_opens_on_a_phone(page: Page, own_site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.context.add_cookies([own_site.staff_cookie("en")])
    page.goto("/manage/")
    page.locator(".side-nav summary").click()
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
