"""js/check-in.js: no tick is lost with the line, the session, the tab or an answer."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import visitor
from tests.browser.site import Site

UNSENT = "Saved on this phone, not yet sent"
NewContext = Callable[..., BrowserContext]


@pytest.fixture
def context(
    new_context: NewContext, own_site: Site, clock: time_machine.Traveller
) -> Iterator[BrowserContext]:
    made = phone(new_context, own_site)
    yield made
    made.close()


def phone(new_context: NewContext, site: Site, **given: object) -> BrowserContext:
    made = visitor(new_context, site.address, viewport={"width": 390, "height": 800}, **given)
    made.add_cookies([site.staff_cookie("en")])
    return made


@pytest.fixture
def door(own_site: Site) -> str:
    return own_site.path("/manage/events/{open_id}/check-in")


@pytest.fixture
def marks(tmp_path: Path) -> Callable[[], list[tuple[str, str]]]:
    """[(person's public id, state)] as the server has taken them down, in order of arrival."""

    def read() -> list[tuple[str, str]]:
        with sqlite3.connect(f"file:{tmp_path / 'own.sqlite'}?mode=ro", uri=True) as database:
            return database.execute(
                "select participant.public_id, presence_mark.state from presence_mark"
                " join attendance on attendance.id = attendance_id"
                " join participant on participant.id = participant_id order by presence_mark.id"
            ).fetchall()

    return read


def row(page: Page, number: int = 0) -> str:
    """The public id of somebody in the list who is expected."""
    rows = page.locator("li[data-state=confirmed]")
    return str(rows.nth(number).get_attribute("data-person"))


def tick(page: Page, person: str, label: str = "Here") -> None:
    page.locator(f"#p-{person} button", has_text=label).click()


def state(page: Page, person: str, wanted: str) -> None:
    expect(page.locator(f"#p-{person}")).to_have_attribute("data-state", wanted)


def unsent(page: Page, number: int) -> None:
    expect(page.locator(".unsent", has_text=UNSENT)).to_have_count(number)


def test_a_tick_is_sent_at_once_and_counted(page, door, marks):
    page.goto(door)
    before = int(page.locator("[data-here]").inner_text())
    one = row(page)
    tick(page, one)
    state(page, one, "attended")
    unsent(page, 0)
    expect(page.locator("[data-here]")).to_have_text(str(before + 1))
    assert marks() == [(one, "attended")]
    expect(page.locator("#door-said")).to_contain_text("is here")
    assert page.evaluate("document.activeElement.textContent").startswith("Undo")
    tick(page, one, "Undo")
    unsent(page, 0)
    assert marks()[-1] == (one, "confirmed")


def test_ticks_without_a_line_are_kept_and_sent_when_it_is_back(page, door, marks):
    page.goto(door)
    first, second = row(page), row(page, 1)
    page.context.set_offline(True)
    tick(page, first)
    tick(page, second)
    state(page, first, "attended")
    unsent(page, 2)
    expect(page.locator("#door-net")).to_contain_text("Saved on this phone: 2.")
    assert marks() == []
    page.context.set_offline(False)
    unsent(page, 0)
    expect(page.locator("#door-net")).to_be_hidden()
    assert marks() == [(first, "attended"), (second, "attended")]


def test_ticks_survive_a_closed_tab(page, door, marks):
    page.goto(door)
    one = row(page)
    page.context.set_offline(True)
    tick(page, one)
    unsent(page, 1)
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(door)
    unsent(again, 0)
    state(again, one, "attended")
    assert marks() == [(one, "attended")]


def test_an_answer_that_is_lost_counts_once(page, door, marks):
    """The server has taken it down, but the phone never heard so."""
    lost = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route("**/marks", lose)
    page.goto(door)
    one = row(page)
    tick(page, one)
    unsent(page, 0)  # after the second try
    assert len(lost) == 1
    assert marks() == [(one, "attended")]


def test_a_server_that_stumbles_is_tried_again(page, door, marks):
    tried = []

    def stumble(route: Route) -> None:
        tried.append(route)
        if len(tried) < 3:
            route.fulfill(status=503, body="busy")
        else:
            route.continue_()

    page.route("**/marks", stumble)
    page.goto(door)
    one = row(page)
    tick(page, one)
    expect(page.locator("#p-" + one + " .unsent")).to_have_count(0, timeout=15000)
    assert marks() == [(one, "attended")]


def test_ticks_survive_the_end_of_the_session(page, door, marks, own_site):
    page.goto(door)
    one = row(page)
    page.context.clear_cookies()
    tick(page, one)
    unsent(page, 1)
    note = page.locator("#door-net")
    expect(note).to_contain_text("You are signed out. Saved on this phone: 1.")
    note.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/account/sign-in\?next=.*check-in"))
    assert marks() == []
    page.context.add_cookies([own_site.staff_cookie("en")])  # has signed in
    page.goto(door)
    unsent(page, 0)
    assert marks() == [(one, "attended")]


def test_an_old_token_is_renewed_without_a_word(page, door, marks):
    page.goto(door)
    page.locator("#door input[name=csrf_token]").evaluate("e => { e.value = 'old' }")
    page.reload()
    page.context.clear_cookies(name="dialognav")  # the session of tokens is another one now
    one = row(page)
    tick(page, one)
    unsent(page, 0)
    assert marks() == [(one, "attended")]


def test_two_tabs_lose_nothing_of_each_other(page, door, marks):
    page.goto(door)
    other = page.context.new_page()
    other.goto(door)
    first, second = row(page), row(page, 1)
    page.context.set_offline(True)
    tick(page, first)
    tick(other, second)
    unsent(page, 2)
    unsent(other, 2)
    tick(other, first, "Undo")
    state(page, first, "confirmed")
    page.context.set_offline(False)
    unsent(page, 0)
    unsent(other, 0)
    got = marks()
    assert sorted(got) == sorted([(first, "attended"), (second, "attended"), (first, "confirmed")])
    page.reload()
    state(page, first, "confirmed")
    state(page, second, "attended")


def test_two_phones_agree_on_the_later_mark(page, door, new_context, own_site):
    """The first has no line while the second takes the mark back: the later word holds on both."""
    page.goto(door)
    one = row(page)
    page.context.set_offline(True)
    tick(page, one)
    second = phone(new_context, own_site)
    other = second.new_page()
    other.goto(door)
    tick(other, one)
    unsent(other, 0)
    tick(other, one, "Undo")
    unsent(other, 0)
    page.context.set_offline(False)
    unsent(page, 0)
    state(page, one, "confirmed")
    other.reload()
    state(other, one, "confirmed")
    second.close()


def test_what_another_phone_did_shows_here(page, door, new_context, own_site):
    page.goto(door)
    one = row(page)
    second = phone(new_context, own_site)
    other = second.new_page()
    other.goto(door)
    tick(other, one)
    unsent(other, 0)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    state(page, one, "attended")
    second.close()


def test_who_gave_the_place_back_meanwhile_is_said(page, door, marks, tmp_path):
    page.goto(door)
    one = row(page)
    with sqlite3.connect(tmp_path / "own.sqlite") as database:
        database.execute(
            "update attendance set state = 'withdrawn' where participant_id ="
            " (select id from participant where public_id = ?)",
            [one],
        )
    tick(page, one)
    expect(page.locator("#door-net")).to_contain_text("could not be marked: Withdrawn")
    unsent(page, 0)
    assert marks() == []


def test_a_code_is_typed_without_a_line(page, door, marks):
    page.goto(door)
    one = row(page, 2)
    code = str(page.locator(f"#p-{one}").get_attribute("data-code"))
    page.context.set_offline(True)
    page.get_by_label("Code on the own page").fill(f" {code[:4].lower()}-{code[4:].lower()}")
    page.get_by_role("button", name="Check in with the code").click()
    state(page, one, "attended")
    unsent(page, 1)
    page.context.set_offline(False)
    unsent(page, 0)
    assert marks() == [(one, "attended")]


def test_an_unknown_code_is_asked_of_the_server(page, door):
    page.goto(door)
    page.get_by_label("Code on the own page").fill("AAAA-AAAA")
    page.get_by_role("button", name="Check in with the code").click()
    expect(page.locator("#problems")).to_contain_text("Nobody registered to this event")


CAMERA = """
window.seen = [];
window.BarcodeDetector = class {
  async detect() { return window.seen.map((rawValue) => ({ rawValue })); }
};
const canvas = () => Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
navigator.mediaDevices.getUserMedia = async () => {
  const c = canvas(); c.getContext("2d").fillRect(0, 0, 64, 64); return c.captureStream(10);
};
"""


def test_a_code_is_scanned_where_the_browser_can(page, door, marks):
    page.add_init_script(CAMERA)
    page.goto(door)
    one = row(page, 1)
    code = page.locator(f"#p-{one}").get_attribute("data-code")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("#door-camera video")).to_be_visible()
    page.evaluate("code => { window.seen = [code] }", code)
    state(page, one, "attended")
    page.evaluate("() => { window.seen = ['ZZZZZZZZ'] }")
    expect(page.locator("#door-said")).to_have_text("Nobody in this list has that code")
    page.get_by_role("button", name="Close the camera").click()
    expect(page.locator("#door-camera")).to_be_hidden()
    unsent(page, 0)
    assert marks() == [(one, "attended")]


def test_a_refused_camera_is_said(page, door):
    page.add_init_script(
        CAMERA + "navigator.mediaDevices.getUserMedia = async () => { throw new Error('no') }"
    )
    page.goto(door)
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("#door-said")).to_contain_text("Type the code")


def test_the_search_filters_as_one_types_and_needs_no_line(page, door):
    page.goto(door)
    one = row(page)
    name = page.locator(f"#p-{one} b").inner_text()
    page.context.set_offline(True)
    page.get_by_label("Find a name or an organisation").fill(name.upper())
    expect(page.locator(f"#p-{one}")).to_be_visible()
    expect(page.locator(".doors li:visible")).to_have_count(1)
    page.get_by_label("Find a name or an organisation").fill("xyzzy")
    expect(page.get_by_text("Nobody in the list fits that.")).to_be_visible()


def test_everything_works_without_a_script(new_context, own_site, clock, door, marks):
    context = phone(new_context, own_site, java_script_enabled=False)
    page = context.new_page()
    page.goto(door)
    one = row(page)
    tick(page, one)
    state(page, one, "attended")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    state(page, one, "confirmed")
    code = str(page.locator(f"#p-{one}").get_attribute("data-code"))
    page.get_by_label("Code on the own page").fill(code)
    page.get_by_role("button", name="Check in with the code").click()
    state(page, one, "attended")
    assert [mark for _person, mark in marks()] == ["attended", "confirmed", "attended"]
    context.close()
