"""The board of one-to-one meetings for a host who sees nothing, for one who drags, and live."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor
from tests.browser.keys import Keys
from tests.browser.site import Site


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], own_site: Site) -> Iterator[BrowserContext]:
    made = visitor(new_context, own_site.address)
    made.add_cookies([own_site.staff_cookie("en")])
    yield made
    made.close()


@pytest.fixture
def party(own_site: Site) -> str:
    return own_site.files.ids["board_party"]


@pytest.fixture
def board(own_site: Site, page: Page) -> Page:
    page.goto(own_site.path("/manage/events/{full_id}/meetings"))
    return page


def heard(page: Page) -> list[str]:
    """The board as a screen reader goes through it, row by row, from the accessibility tree."""
    said = page.get_by_role("table", name="Meetings on").aria_snapshot()
    return ["row " + row.replace(" ,", ",") for row in said.split("- row ")[1:]]


def test_a_host_moves_and_plans_anew_by_keys_and_accessibility_tree(
    board: Page, own_site: Site, party: str
) -> None:
    keys, page = Keys(board), board
    rows = heard(page)
    assert rows[0].startswith('row "Bord A')
    assert rows[1].startswith(f'row "09:00 {party}, 09:00, Bord A')
    assert "Offered until" in rows[1]
    assert "group: Assign 10:20, Bord A" in rows[3]
    expect(page.get_by_role("columnheader", name="Bord B")).to_contain_text("Note-taker missing")

    waits = own_site.files.ids["board_waits"]
    time = page.get_by_role("combobox", name=f"Time for {waits}")
    assert time.locator("option:checked").inner_text().endswith("10:20, Bord A")
    keys.to(time)
    keys.enter(page.get_by_role("button", name=f"Offer {waits}"))
    expect(page.get_by_role("status").filter(has_text="The time is offered")).to_be_visible()

    keys.enter(page.locator("summary").filter(has_text=f"Move or cancel {party}"))
    keys.enter(page.get_by_role("link", name=f"Move to a free time {party}"))
    page.wait_for_url("**/moves/*")
    keys.to(page.get_by_label("New time"))
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_label("New time").locator("option:checked").inner_text()
    keys.enter(page.get_by_role("button", name="Move and tell them"))
    expect(page.locator(".errsum")).to_be_focused()
    keys.type(page.get_by_label("Reason"), "The room is needed.")
    keys.enter(page.get_by_role("button", name="Move and tell them"))
    expect(page.get_by_role("status").filter(has_text="The meeting is moved")).to_be_visible()
    when = chosen.split(", ")[1]
    [row] = [row for row in heard(page) if row.startswith(f'row "{when}')]
    assert party in row

    given = assign(keys, page, "09:00")
    keys.enter(page.get_by_role("link", name="Somebody cannot come"))
    page.wait_for_url("**/replan**")
    keys.to(page.get_by_label("Who cannot come"))
    page.keyboard.type("Jonas")
    keys.enter(page.get_by_role("button", name="Look at the meetings"))
    expect(page.get_by_role("heading", name="Jonas cannot come")).to_be_visible()
    ways = page.get_by_role("combobox", name=re.compile("What happens with"))
    assert ways.count() == 4
    for n in range(4):
        assert "Nils stands in" in ways.nth(n).locator("option:checked").inner_text()
    keys.type(page.get_by_label("Reason"), "Somebody is prevented.")
    keys.enter(page.get_by_role("button", name="Plan anew and tell everybody"))
    expect(page.get_by_role("status").filter(has_text="planned anew")).to_be_visible()
    expect(page.get_by_role("table", name="Meetings on")).to_contain_text("Nils takes notes")

    keys.enter(page.locator("summary").filter(has_text=f"Move or cancel {given}"))
    keys.enter(page.get_by_role("link", name=f"Cancel the meeting {given}"))
    page.wait_for_url("**/end")
    keys.enter(page.get_by_role("button", name="Cancel and tell them"))
    expect(page.locator(".errsum")).to_be_focused()
    keys.type(page.get_by_label("Reason"), "The question is answered.")
    keys.enter(page.get_by_role("button", name="Cancel and tell them"))
    expect(page.get_by_role("status").filter(has_text="is cancelled")).to_be_visible()
    assert given not in "".join(heard(page))


def assign(keys: Keys, page: Page, when: str) -> str:
    """Give a free time to somebody who does not wait for one; who it is."""
    menu = page.locator("summary").filter(has_text=f"Assign {when}, Bord A")
    keys.enter(menu)
    keys.enter(page.get_by_role("link", name=re.compile(f"^Choose .* {when}, Bord A")))
    page.wait_for_url("**/times/*")
    supplier = page.get_by_label("Supplier")
    keys.to(supplier)
    chosen = supplier.locator("option:checked").inner_text()
    keys.enter(page.get_by_role("button", name="Give them the time"))
    expect(page.locator(".errsum")).to_be_focused()
    keys.type(page.get_by_label("Reason"), "They bring the device.")
    keys.enter(page.get_by_role("button", name="Give them the time"))
    expect(page.get_by_role("status").filter(has_text="has the time")).to_be_visible()
    [row] = [row for row in heard(page) if row.startswith(f'row "{when}')]
    assert chosen in row
    return chosen


def test_counts_change_and_the_focus_stays(
    own_site: Site, page: Page, tmp_path: Path, party: str
) -> None:
    page.clock.install()
    page.goto(own_site.path("/manage/events/{full_id}/meetings"))
    summary = page.locator("[data-live=summary]")
    expect(summary).to_have_text("3 of 8 times are taken. 1 supplier waits.")
    menu = page.locator("summary").filter(has_text=f"Move or cancel {party}")
    menu.focus()
    with sqlite3.connect(tmp_path / "own.sqlite") as database:
        database.execute("update booking set state = 'withdrawn' where state = 'booked'")
        database.execute("update booking set state = 'withdrawn' where state = 'offered'")
    page.clock.fast_forward(30_000)
    expect(summary).to_have_text("0 of 8 times are taken. 1 supplier waits.")
    expect(page.locator("[data-said]")).to_have_text(re.compile("^0 of 8"))
    expect(page.locator(".bslot--free")).to_have_count(7)  # all but the one in hand
    expect(menu).to_be_focused()
    menu.blur()  # as whoever reads with a screen reader
    page.evaluate("window.isHere = true")
    with sqlite3.connect(tmp_path / "own.sqlite") as database:
        last = "(select starts_at from slot where public_id = ?)"
        removed = f"update slot set state = 'removed' where starts_at = {last}"
        database.execute(removed, (own_site.files.ids["board_last"],))
    page.clock.fast_forward(30_000)
    expect(page.get_by_role("status").filter(has_text="Times were added or")).to_be_visible()
    assert page.evaluate("window.isHere")


def test_a_meeting_is_dragged_to_a_free_time_and_confirmed(
    board: Page, own_site: Site, party: str
) -> None:
    ids = own_site.files.ids
    board.set_viewport_size({"width": 1280, "height": 1400})
    free = board.locator(f"[data-free][data-slot='{ids['board_last']}']")
    board.locator("[data-move]", has_text=party).hover(position={"x": 20, "y": 50})
    board.mouse.down()
    free.hover()
    free.hover()  # Chromium says where a drag is from the second move on
    expect(free).to_have_class(re.compile("is-over"))
    board.mouse.up()
    board.wait_for_url(re.compile(rf"/moves/{ids['board_booking']}\?to={ids['board_last']}$"))
    expect(board.get_by_label("New time")).to_have_value(ids["board_last"])
