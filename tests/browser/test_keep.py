"""js/keep.js: what was typed and not sent comes back, and never when it should not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

SCRIPT = (Path(__file__).parents[2] / "static/js/keep.js").read_text("utf-8")
HEAD = "<!doctype html><title>x</title><script src='/keep.js' defer></script>"
FORM = """<form method="post" action="/form" data-keep="event-1"><p data-note hidden>back again</p>
<input type="hidden" name="csrf_token" value="{token}">
<input type="hidden" name="version" value="{version}">
<input name="title" value="{title}"><textarea name="need"></textarea>
<input name="secret" type="password">
<label><input type="checkbox" name="open" value="1">Open</label>
<label><input type="radio" name="mode" value="a" checked>A</label>
<label><input type="radio" name="mode" value="b">B</label>
<select name="kind"><option>x</option><option>y</option></select><button>Save</button></form>"""


class Site:
    """Pages of one origin; `answer` is what a POST gives."""

    def __init__(self) -> None:
        self.form = {"token": "t1", "version": "1", "title": "Saved"}
        self.answer = HEAD + "<h1>Saved</h1>"

    def serve(self, route: Route) -> None:
        path = route.request.url.removeprefix("http://127.0.0.1:9")
        if path == "/keep.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif route.request.method == "POST":
            route.fulfill(body=self.answer, content_type="text/html")
        elif path == "/form":
            route.fulfill(body=HEAD + FORM.format(**self.form), content_type="text/html")
        else:
            route.fulfill(body=HEAD + "<h1>Elsewhere</h1>", content_type="text/html")


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], site: Site) -> Page:
    page = new_context(base_url="http://127.0.0.1:9").new_page()
    page.route("**/*", site.serve)
    page.goto("/form")
    return page


def test_unsent_text_comes_back_and_says_so(page):
    page.fill("[name=need]", "Åäö <b>\n'\"")
    page.check("[name=open]")
    page.check("[value=b]")
    page.select_option("[name=kind]", "y")
    page.goto("/elsewhere")
    page.goto("/form")
    expect(page.locator("[name=need]")).to_have_value("Åäö <b>\n'\"")
    expect(page.locator("[name=open]")).to_be_checked()
    expect(page.locator("[value=b]")).to_be_checked()
    expect(page.locator("[name=kind]")).to_have_value("y")
    expect(page.get_by_text("back again")).to_be_visible()


def test_an_untouched_form_shows_what_is_saved_now(page, site):
    page.goto("/elsewhere")
    site.form["title"] = "Saved by a colleague"
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Saved by a colleague")
    expect(page.get_by_text("back again")).to_be_hidden()


def test_what_was_saved_does_not_come_back(page):
    page.fill("[name=title]", "Mine")
    page.click("button")
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    page.wait_for_function("sessionStorage.length === 0")  # the script is deferred
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Saved")


def test_text_survives_a_sign_in_page_and_a_broken_answer(page, site):
    """Neither loads the script, so neither counts as an answer."""
    site.answer = "<!doctype html><title>x</title><h1>Sign in</h1>"
    page.fill("[name=title]", "Mine")
    page.click("button")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Mine")


def test_the_servers_copy_wins_when_a_post_is_answered_with_the_form(page, site):
    """Problems are one reason; a row that moved, and so has another name now, is another."""
    page.fill("[name=title]", "Mine")
    returned = {**site.form, "title": "Mine, cleaned"}
    site.answer = HEAD + "<body data-answer>" + FORM.format(**returned)
    page.click("button")
    expect(page.locator("[name=title]")).to_have_value("Mine, cleaned")
    expect(page.locator("[data-note]")).to_be_hidden()


def test_the_form_itself_may_say_that_it_arrived(page, site):
    """The editor stays open after saving."""
    page.fill("[name=title]", "Mine")
    page.click("button")
    site.form.update(title="Mine", version="2")
    arrived = FORM.format(**site.form).replace("<form ", "<form data-arrived ", 1)
    page.route(
        "**/arrived", lambda route: route.fulfill(body=HEAD + arrived, content_type="text/html")
    )
    page.goto("/arrived")
    expect(page.locator("[name=version]")).to_have_value("2")
    expect(page.locator("[data-note]")).to_be_hidden()


def test_old_text_meets_the_version_it_was_written_over(page, site):
    """Otherwise it would silently overwrite what a colleague saved in between."""
    page.fill("[name=title]", "Mine")
    page.goto("/elsewhere")
    site.form.update(version="2", token="t2", title="Saved by a colleague")
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Mine")
    expect(page.locator("[name=version]")).to_have_value("1")
    expect(page.locator("[name=csrf_token]")).to_have_value("t2")


def test_passwords_and_tokens_are_never_kept(page):
    page.fill("[name=secret]", "hunter2")
    page.fill("[name=title]", "Mine")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "Mine" in kept
    assert "hunter2" not in kept
    assert "t1" not in kept
