"""A supplier signs up and an organiser publishes and moves an event, without a mouse."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dialognav import demo
from tests.browser.conftest import visitor
from tests.browser.keys import Keys
from tests.browser.site import Site


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address)
    yield made
    made.close()


@pytest.mark.parametrize("size", [(1280, 900), (390, 700)], ids=["desk", "phone"])
def test_supplier_signs_up(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    keys = Keys(page)
    page.goto("/sv/")
    keys.enter(page.get_by_role("link", name="Tryggare nätter i hemtjänsten"))
    page.wait_for_url("**/tryggare-natter-i-hemtjansten")
    keys.enter(page.locator(".reg").get_by_role("link", name="Anmäl er"))
    page.wait_for_url("**/register")

    keys.enter(page.get_by_role("button", name="Skicka anmälan"))
    summary = page.locator(".errsum")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Fel: "))
    keys.enter(summary.get_by_role("link").first)
    name = page.get_by_label("Organisation", exact=True)
    expect(name).to_be_focused()

    page.keyboard.type("Tangentbolaget AB")
    keys.type(page.get_by_label("Namn", exact=True), "Tina Tangent")
    keys.type(page.get_by_label("E-post", exact=True), "tina@tangent.example")
    keys.to(page.get_by_role("radio", name="På plats", exact=True))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Digitalt", exact=True)).to_be_checked()
    keys.to(page.get_by_role("checkbox", name="arrangörens kommande händelser"))
    page.keyboard.press("Space")
    keys.enter(page.get_by_role("button", name="Skicka anmälan"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack, ni är anmälda")


def test_skip_link_goes_past_the_menu(page: Page) -> None:
    page.goto("/sv/events/tryggare-natter-i-hemtjansten")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Till innehållet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1


def test_organiser_publishes_and_moves(page: Page) -> None:
    keys = Keys(page)
    page.goto("/account/sign-in")
    keys.type(page.get_by_label("E-post"), demo.accounts()[0][0])
    keys.type(page.get_by_label("Lösenord", exact=True), demo.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/manage/")
    keys.enter(page.get_by_role("link", name="Ny händelse").first)
    page.wait_for_url("**/new")
    _write_draft(page, keys)
    keys.enter(page.get_by_role("button", name="Publicera nu"))
    expect(page.locator(".ws .line")).to_contain_text("Publicerad")

    keys.enter(page.locator("summary").filter(has_text="Flytta"))
    moving = page.locator("details[open] form")
    keys.type(moving.locator("[name$=date]").first, "03182027")
    keys.enter(moving.get_by_role("button"))
    expect(page.locator(".ws .line")).to_contain_text("tors 18 mars 2027")


def _write_draft(page: Page, keys: Keys) -> None:
    keys.type(page.locator("[name=title]"), "Ljud i skolan")
    keys.type(page.locator("[name=date]"), "03172027")
    keys.type(page.locator("[name=from_time]"), "0900AM")
    keys.type(page.locator("[name=to_time]"), "1130AM")
    keys.enter(page.get_by_role("button", name="Skapa utkastet"))
    page.wait_for_url("**/edit*")
    keys.type(page.locator("[name=summary_sv]"), "Vi vill höra om ljud.")
    keys.type(page.locator("[name=venue_sv]"), "Sal Älgen")
    keys.type(page.locator("[name=need_sv]"), "Alla ska höra vad som sägs.")
    keys.type(page.locator("[name=contact_name]"), "Maja Ekdahl")
    keys.enter(page.get_by_role("button", name="Spara och stäng"))
    page.wait_for_url("**/manage/events/*?done=saved")
