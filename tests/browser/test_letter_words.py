"""The editor of a letter's own words with its script; the mailings' editor has the rest."""

from playwright.sync_api import Page, expect

from tests.browser.site import Site


def test_the_letter_follows_while_one_writes(page: Page, site: Site) -> None:
    page.context.add_cookies([site.staff_cookie("en")])
    page.goto(site.address + "/manage/words/letter?kind=promoted")
    sheet = page.locator(".mailprev .sheet")
    page.fill("[name=opening_sv]", "Roligt, ")
    page.click("#own-words summary")
    page.focus("[name=opening_sv]")
    page.keyboard.press("Control+End")
    page.click("[data-insert='{first_name}']")
    expect(sheet.locator(".letter-own")).to_have_text("Roligt, Kim")
    expect(sheet).to_contain_text("Ni har fått plats")
    page.select_option("#look_in", "en")
    expect(sheet).to_contain_text("You have a place")
    expect(sheet.locator(".letter-own")).to_have_attribute("lang", "sv")
