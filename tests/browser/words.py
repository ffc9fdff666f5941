"""Whether English is left on a Swedish or Norwegian page."""

import re
from pathlib import Path

from babel.messages.pofile import read_po
from playwright.sync_api import Page

TRANSLATIONS = Path(__file__).parents[2] / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]+>")
ENGLISH = re.compile(r"\b(?:the|with|your|this|you|when|which|are)\b", re.IGNORECASE)
"""Words that stand in no Swedish and no Norwegian sentence: finds what was never marked."""

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


OWN_LANGUAGE = {"new password", "invitation", "preview of a draft"}
"""Pages in the language of the person invited, or of the event."""


class Catalogue:
    """Sentences of the source that have another wording in a language."""

    def __init__(self, language: str) -> None:
        self.language = language
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


def english_left(page: Page, name: str, catalogue: Catalogue) -> list[str]:
    """What one reads or hears on the page, in its own language, and is English."""
    spoken = page.locator("html").get_attribute("lang")
    if spoken != catalogue.language:
        return [f"speaks {spoken}"] if name not in OWN_LANGUAGE else []
    return sorted(set(catalogue.english_in(page.evaluate(_TEXTS))))
