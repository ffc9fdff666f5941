"""Every page: no fault that axe finds, nothing sticks out or is cut off, nothing is refused."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

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
from tests.browser.conftest import visitor, watched
from tests.browser.site import Site
from tests.browser.words import Catalogue, english_left

VISITORS = pages.PUBLIC | pages.ACCOUNT | pages.MAILBOX
IN_TWO_MORE = [
    *("list", "month", "event open", "sign-up", "own page"),
    *("own meetings", "wishes for a meeting"),
]
STAFF_IN_TWO_MORE = [
    *("dashboard", "registrations", "new event"),
    *("board of meetings", "equal treatment in the meetings"),
]
GONE = (
    "nothing here",
    "dead link",
    "invitation that does not work",
    "my calendar, by a link that is used",
    "follower's link that does not work",
)
NOT_SERVED = "ERR_CONNECTION_REFUSED"  # a mail's picture is at BASE_URL, without our port


pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(scope="module")
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """One visitor for all that only look: a new one would load styles and letters each time."""
    made = visitor(browser.new_context, site.address)
    yield made
    made.close()


@pytest.fixture(scope="module")
def colleague(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """The same, signed in."""
    made = visitor(browser.new_context, site.address)
    made.add_cookies([site.staff_cookie()])
    yield made
    made.close()


@pytest.fixture
def staff_page(colleague: BrowserContext) -> Iterator[Page]:
    with watched(colleague.new_page()) as page:
        yield page


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue("sv")


@pytest.mark.parametrize("name", VISITORS)
def test_visitors_page(name: str, page: Page, site: Site, catalogue: Catalogue) -> None:
    look_closely(page, site.path(VISITORS[name]), name, catalogue)


@pytest.mark.parametrize("name", pages.STAFF)
def test_page_of_the_workspace(
    name: str, staff_page: Page, site: Site, catalogue: Catalogue
) -> None:
    look_closely(staff_page, site.path(pages.STAFF[name]), name, catalogue)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_other_languages(
    language: str, new_context: Callable[..., BrowserContext], site: Site
) -> None:
    reader = visitor(new_context, site.address)
    reader.add_cookies([site.staff_cookie(language)])
    page = reader.new_page()
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
    with page.expect_navigation() as answer:
        page.locator("main form:not(.menu form) button.btn--pri").last.click()
    assert answer.value.status == 422
    faults = closely(page)
    assert faults == []


def look_closely(page: Page, path: str, name: str, catalogue: Catalogue) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    answer = page.goto(path)
    assert answer is not None
    expected = 404 if name in GONE else 200
    assert answer.status == expected
    assert page.locator("[style]").count() == 0, "our CSP refuses style attributes"
    assert closely(page) == []
    if name not in pages.MAILBOX:
        assert english_left(page, name, catalogue) == []
    if expected == 200:
        assert [one for one in said if NOT_SERVED not in one] == []


def closely(page: Page) -> list[str]:
    """Wide in both themes, and as on a phone: colours do not follow the width, and looking at them
    is most of the time."""
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
    return faults + _of("320 px", axe_faults(page, PAGE, but_for=COLOURS["values"]))


def _of(setting: str, faults: list[str]) -> list[str]:
    return [f"{setting}: {fault}" for fault in faults]


def test_pages_that_say_no(staff_page: Page, site: Site) -> None:
    """Not this method, not any more, and not so often."""
    page = staff_page
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
