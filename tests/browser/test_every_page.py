"""Every page: no fault that axe finds, nothing sticks out or is cut off, nothing is refused."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page

from tests.browser import pages
from tests.browser.checks import (
    COLOURS,
    DESK,
    PAGE,
    PHONE,
    axe_faults,
    cut_off,
    enlarged,
    open_everything,
    spaced,
    too_wide,
)
from tests.browser.conftest import visitor
from tests.browser.site import Site

VISITORS = pages.PUBLIC | pages.ACCOUNT | pages.MAILBOX
IN_TWO_MORE = ["list", "month", "event open", "sign-up", "own page"]
STAFF_IN_TWO_MORE = ["dashboard", "registrations", "new event"]
GONE = (
    "nothing here",
    "dead link",
    "invitation that does not work",
    "my calendar, by a link that is used",
    "follower's link that does not work",
)
NOT_SERVED = "ERR_CONNECTION_REFUSED"  # a mail's picture is at BASE_URL, without our port


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext], site: Site, clock: time_machine.Traveller
) -> Iterator[BrowserContext]:
    made = visitor(new_context, site.address)
    yield made
    made.close()


@pytest.mark.parametrize("name", VISITORS)
def test_visitors_page(name: str, page: Page, site: Site) -> None:
    look_closely(page, site.path(VISITORS[name]), name)


@pytest.mark.parametrize("name", pages.STAFF)
def test_page_of_the_workspace(name: str, page: Page, site: Site) -> None:
    page.context.add_cookies([site.staff_cookie()])
    look_closely(page, site.path(pages.STAFF[name]), name)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_other_languages(language: str, page: Page, site: Site) -> None:
    page.context.add_cookies([site.staff_cookie(language)])
    some = {name: pages.PUBLIC[name] for name in IN_TWO_MORE}
    some |= {name: pages.STAFF[name] for name in STAFF_IN_TWO_MORE}
    faults = []
    for name, path in some.items():
        page.set_viewport_size(DESK)
        page.goto(site.path(path, language))
        open_everything(page)
        faults += [f"{name}: {fault}" for fault in axe_faults(page, PAGE)]
        page.set_viewport_size(PHONE)
        faults += [f"{name}: too wide: {fault}" for fault in too_wide(page)]
    assert faults == []


@pytest.mark.parametrize(
    "name", ["sign-up", "my links", "follow", "add a person", "hand over", "sign in"]
)
def test_form_with_problems(name: str, page: Page, site: Site) -> None:
    page.goto(site.path(VISITORS[name]))
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.locator("main form:not(.menu form) button.btn--pri").last.click()
    assert answer.value.status == 422
    faults = closely(page)
    assert faults == []


def look_closely(page: Page, path: str, name: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    answer = page.goto(path)
    assert answer is not None
    expected = 404 if name in GONE else 200
    assert answer.status == expected
    assert page.locator("[style]").count() == 0, "our CSP refuses style attributes"
    assert closely(page) == []
    if expected == 200:
        assert [one for one in said if NOT_SERVED not in one] == []


def closely(page: Page) -> list[str]:
    """Wide and light, wide and dark, as on a phone and dark: colours do not follow the width."""
    open_everything(page)
    faults = _of("wide", axe_faults(page, PAGE))
    page.emulate_media(color_scheme="dark")
    faults += _of("wide, dark", axe_faults(page, COLOURS))
    with enlarged(page):
        faults += _of("wide, twice the size", too_wide(page) + cut_off(page))
    with spaced(page):
        faults += _of("wide, spaced", too_wide(page) + cut_off(page))
    page.set_viewport_size(PHONE)
    faults += _of("320 px", too_wide(page) + cut_off(page))
    with spaced(page):
        faults += _of("320 px, spaced", too_wide(page) + cut_off(page))
    return faults + _of("320 px, dark", axe_faults(page, PAGE))


def _of(setting: str, faults: list[str]) -> list[str]:
    return [f"{setting}: {fault}" for fault in faults]


def test_pages_that_say_no(page: Page, site: Site) -> None:
    """Not this method, not any more, and not so often."""
    page.context.add_cookies([site.staff_cookie()])
    page.goto(site.path("/manage/events/{open_id}"))
    wrong = site.path("/manage/events/{called_off_id}/to-procurement")
    assert answer_to(page, "to-procurement", wrong) == 409
    faults = closely(page)
    page.set_viewport_size(DESK)
    answer = page.goto("/theme")
    assert answer is not None
    assert answer.status == 405
    faults += closely(page)
    assert faults == []


def answer_to(page: Page, action: str, address: str) -> int:
    """The status when the form of an action is sent somewhere else."""
    with page.expect_navigation() as answer:
        page.locator(f"form[action$='{action}']").evaluate(
            "(form, address) => { form.action = address; form.submit() }", address
        )
    return answer.value.status
