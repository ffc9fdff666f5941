"""js/keep.js: what was typed and not sent comes back, and never when it should not."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

SCRIPT = (Path(__file__).parents[2] / "static/js/keep.js").read_text("utf-8")
HEAD = "<!doctype html><title>x</title><script src='/keep.js' defer></script>"
FORM = """<form method="post" action="/form" data-keep="event-1"><p data-note hidden>back again</p>
<p data-more hidden><button name="action" value="restore">More</button></p>
<input type="hidden" name="csrf_token" value="{token}">
<input type="hidden" name="version" value="{version}">
<input name="title" value="{title}"><textarea name="need"></textarea>
<input name="secret" type="password">
<label><input type="checkbox" name="open" value="1">Open</label>
<label><input type="radio" name="mode" value="a" checked>A</label>
<label><input type="radio" name="mode" value="b">B</label>
<select name="kind"><option>x</option><option>y</option></select><button>Save</button></form>"""


class Site:
    """Pages of one origin; `answer` is what a POST gives, "" sends on to /saved as ours do."""

    def __init__(self) -> None:
        self.form = {"token": "t1", "version": "1", "title": "Saved"}
        self.answer = ""
        self.arrived = ""

    def page(self, path: str) -> str:
        if path == "/form":
            return HEAD + FORM.format(**self.form)
        if path == "/arrived":
            return HEAD + self.arrived
        return HEAD + f"<h1>{'Saved' if path == '/saved' else 'Elsewhere'}</h1>"


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The site on a server of its own: an intercepted request is never sent on elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/keep.js"
            kind = "text/javascript" if is_script else "text/html"
            self._say(SCRIPT if is_script else site.page(self.path), kind)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if site.answer:
                self._say(site.answer, "text/html")
            else:
                self.send_response(303)
                self.send_header("Location", "/saved")
                self.end_headers()

        def _say(self, text: str, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], address: str) -> Iterator[Page]:
    context = new_context(base_url=address)
    page = context.new_page()
    page.goto("/form")
    yield page
    context.close()


def save(page: Page) -> None:
    """Wait for the answer and its script: what is typed before belongs to the page that leaves."""
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()


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
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    page.wait_for_function("sessionStorage.length === 0")  # the script is deferred
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Saved")


def test_text_survives_a_sign_in_page_and_a_broken_answer(page, site):
    """Neither loads the script, so neither counts as an answer."""
    site.answer = "<!doctype html><title>x</title><h1>Sign in</h1>"
    page.fill("[name=title]", "Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Mine")


def test_the_servers_copy_wins_when_a_post_is_answered_with_the_form(page, site):
    """Problems are one reason; a row that moved, and so has another name now, is another."""
    page.fill("[name=title]", "Mine")
    returned = {**site.form, "title": "Mine, cleaned"}
    site.answer = HEAD + "<body data-answer>" + FORM.format(**returned)
    save(page)
    expect(page.locator("[name=title]")).to_have_value("Mine, cleaned")
    expect(page.locator("[data-note]")).to_be_hidden()


def test_the_form_itself_may_say_that_it_arrived(page, site):
    """The editor stays open after saving."""
    page.fill("[name=title]", "Mine")
    save(page)
    site.form.update(title="Mine", version="2")
    site.arrived = FORM.format(**site.form).replace("<form ", "<form data-arrived ", 1)
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


def test_a_cut_line_loses_nothing(page):
    """What was sent did not arrive, whatever page one looks at then."""
    page.fill("[name=title]", "Mine")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("chrome-error://chromewebdata/")
    page.context.set_offline(False)
    page.goto("/elsewhere")
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Mine")
    expect(page.get_by_text("back again")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    page.wait_for_function("sessionStorage.length === 0")


CARD = """<input name="people-0-name"><input type="checkbox" name="people-0-answer" value="a1">
<input type="checkbox" name="people-0-answer" value="a2"><button>Save</button></form>"""


def test_cards_added_later_come_back_when_the_form_is_sent(page, site):
    """The fresh page has one card; what stood in the second goes along, and a button shows it."""
    with_card = FORM.format(**site.form).replace("<button>Save</button></form>", CARD)
    site.answer = HEAD + "<body data-answer>" + with_card
    save(page)
    page.fill("[name=people-0-name]", "Bo Ek")
    page.check("[value=a2]")
    page.goto("/elsewhere")
    page.goto("/form")
    expect(page.locator("[data-more]")).to_be_visible()
    page.fill("[name=title]", "Mine")  # and is kept on, when more is typed
    page.goto("/elsewhere")
    page.goto("/form")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("[data-more] button").click()
    assert "people-0-name=Bo+Ek" in (sent.value.post_data or "")
    assert "people-0-answer=a2" in (sent.value.post_data or "")
    assert "people-0-answer=a1" not in (sent.value.post_data or "")


def test_a_page_with_all_its_fields_offers_nothing_more(page):
    page.fill("[name=title]", "Mine")
    page.check("[value=b]")
    page.goto("/form")
    expect(page.get_by_text("back again")).to_be_visible()
    expect(page.locator("[data-more]")).to_be_hidden()


def test_what_the_server_gave_back_is_kept_too(page, site):
    """On the answer to a post it stands as the page's own, and still is unsaved."""
    page.fill("[name=title]", "Mine")
    site.answer = HEAD + "<body data-answer>" + FORM.format(**(site.form | {"title": "Mine"}))
    save(page)
    page.fill("[name=need]", "More")
    site.form.update(version="2", title="Saved by a colleague")
    page.goto("/form")
    expect(page.locator("[name=title]")).to_have_value("Mine")
    expect(page.locator("[name=need]")).to_have_value("More")
    expect(page.locator("[name=version]")).to_have_value("1")
