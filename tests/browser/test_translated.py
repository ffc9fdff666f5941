"""No English is left on Swedish and Norwegian pages, and what is in another language says so."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from babel.messages.pofile import read_po
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import pages
from tests.browser.checks import PHONE, open_everything, too_wide
from tests.browser.conftest import visitor
from tests.browser.pages import OPEN
from tests.browser.site import Site

TRANSLATIONS = Path(__file__).parents[2] / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]+>")
ENGLISH = re.compile(r"\b(?:the|with|your|this|you|when|which|are)\b", re.IGNORECASE)
"""Words that stand in no Swedish and no Norwegian sentence: finds what was never marked."""

OWN_LANGUAGE = {"new password", "invitation", "preview of a draft"}
"""Pages in the language of the person invited, or of the event."""

# What a reader of the page's own language reads or hears; parts with another lang are not it.
_TEXTS = """() => {
  const own = document.documentElement.lang, texts = [document.title];
  const reads = (e) => e.closest("[lang]").lang === own && !e.closest("textarea, script, style");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (reads(e) && (e.closest("option") || e.checkVisibility())) texts.push(walk.currentNode.data);
  }
  for (const e of document.querySelectorAll("[aria-label], [title], [alt], [placeholder]")) {
    if (!reads(e)) continue;
    for (const name of ["aria-label", "title", "alt", "placeholder"])
      if (e.getAttribute(name)) texts.push(e.getAttribute(name));
  }
  return texts;
}"""


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext], site: Site, clock: time_machine.Traveller
) -> Iterator[BrowserContext]:
    made = visitor(new_context, site.address)
    yield made
    made.close()


class Catalogue:
    """Sentences of the source that have another wording in a language."""

    def __init__(self, language: str) -> None:
        with (TRANSLATIONS / language / "LC_MESSAGES/messages.po").open("rb") as file:
            entries = [entry for entry in read_po(file, locale=language) if entry.id]
        pairs = [
            (str(english), str(own))
            for entry in entries
            for english, own in zip(_all(entry.id), _all(entry.string), strict=False)
        ]
        owns = {_plain(own) for _, own in pairs}
        self.whole = {_plain(english) for english, own in pairs if english != own} - owns
        parts = [(max(PLACEHOLDER.split(english), key=len), own) for english, own in pairs]
        self.parts = [
            _plain(part)
            for part, own in parts
            if len(part.split()) > 3 and _plain(part) not in _plain(own)
        ]

    def english_in(self, texts: list[str]) -> list[str]:
        plain = [_plain(text) for text in texts]
        page = " ".join(plain)
        found = [text for text in plain if text in self.whole]
        found += [part for part in self.parts if part in page]
        return found + [text for text in plain if ENGLISH.search(text)]


def _all(text: object) -> list[object]:
    return list(text) if isinstance(text, tuple | list) else [text]


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["sv", "nb"])
@pytest.mark.parametrize("group", ["PUBLIC", "ACCOUNT", "STAFF"])
def test_no_english_is_left(page: Page, site: Site, group: str, language: str) -> None:
    if group == "STAFF":
        page.context.add_cookies([site.staff_cookie(language)])
    if group == "ACCOUNT":
        cookie = {"name": "lang", "value": language, "url": site.address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
    catalogue = Catalogue(language)
    faults = []
    page.set_viewport_size(PHONE)
    for name, path in getattr(pages, group).items():
        page.goto(site.path(path, language))
        open_everything(page)
        spoken = page.locator("html").get_attribute("lang")
        if spoken != language:
            faults += [f"{name} speaks {spoken}"] if name not in OWN_LANGUAGE else []
            continue
        english = sorted(set(catalogue.english_in(page.evaluate(_TEXTS))))
        faults += [f"{name}: {text[:100]}" for text in english + too_wide(page)]
    assert faults == []


def test_text_in_another_language_says_so(page: Page) -> None:
    """The need is written in Swedish and English; the title in Norwegian too."""
    page.goto(f"/nb/events/{OPEN}")
    expect(page.locator("html")).to_have_attribute("lang", "nb")
    language = "(e) => e.closest('[lang]').lang"
    assert page.get_by_role("heading", level=1).evaluate(language) == "nb"
    assert page.get_by_text("åker nattpatrullen").evaluate(language) == "sv"
    assert page.get_by_text("En natt med nattpatrullen").evaluate(language) == "sv"
    page.goto(f"/en/events/{OPEN}")
    assert page.get_by_text("the night patrol drives").evaluate(language) == "en"
