"""What a browser can find wrong with a page, as lines to read; no line, nothing wrong."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGE = {"type": "tag", "values": [*_TAGS, "best-practice"]}
MAIL = {"type": "tag", "values": _TAGS}
"""A mail is shown inside a page of somebody else's: landmarks are not for it to have."""
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

# SC 1.4.12; paragraphs too, though ours are spaced by their containers.
_SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-block-end: 2em !important }"""
_ENLARGED = "html { font-size: 200% !important }"

_TOO_WIDE = """() => {
  const root = document.documentElement, room = root.clientWidth;
  if (root.scrollWidth <= room) return [];
  const scrolls = (e) => e && e !== document.body &&
    (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  const far = [...document.body.querySelectorAll("*")].filter((e) =>
    e.getBoundingClientRect().right > room + 1 && !scrolls(e.parentElement));
  const seen = far.slice(-3).map((e) => e.outerHTML.slice(0, 90));
  return [`${root.scrollWidth} px: ` + seen.join(" | ")];
}"""
_CUT_OFF = """() => {
  const hides = (way) => way === "hidden" || way === "clip";
  const unseen = (e) => {  // read aloud, not shown
    const box = e.getBoundingClientRect();
    return box.width <= 1 || box.height <= 1 || getComputedStyle(e).clipPath !== "none"
      || (e.parentElement && unseen(e.parentElement));
  };
  const found = [];
  for (const e of document.querySelectorAll("main *, header *, footer *")) {
    const style = getComputedStyle(e);
    if (!hides(style.overflowX) && !hides(style.overflowY)) continue;
    if (!e.checkVisibility() || e.closest("svg, .trap") || unseen(e)) continue;
    const box = e.getBoundingClientRect();
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode, range = document.createRange();
      if (!text.data.trim() || text.parentElement.closest("svg")) continue;
      range.selectNodeContents(text);
      const at = range.getBoundingClientRect();
      if (!at.width || unseen(text.parentElement)) continue;
      if ((hides(style.overflowX) && (at.right > box.right + 1 || at.left < box.left - 1))
        || (hides(style.overflowY) && (at.bottom > box.bottom + 1 || at.top < box.top - 1)))
        found.push(`${text.data.trim().slice(0, 60)} in ${e.outerHTML.slice(0, 80)}`);
    }
  }
  return found;
}"""


def axe_faults(page: Page, rules: dict[str, Any], but_for: Collection[str] = ()) -> list[str]:
    """Violations as 'rule: element: what'; a frame is a document of its own and is left out."""
    off = {rule: {"enabled": False} for rule in but_for}
    how = {"runOnly": rules, "rules": off, "resultTypes": ["violations"], "iframes": False}
    if not page.evaluate("() => 'axe' in window"):  # half a megabyte: once for each document
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async (how) => (await axe.run(document, how)).violations", how)
    return [
        f"{fault['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


def open_everything(page: Page) -> None:
    """All that unfolds; of the menus, which lie over each other, the first. At the end of a page a
    bar that keeps to the foot of the window lies over nothing."""
    page.evaluate(
        """() => { [...document.querySelectorAll("details:not(.menu)"),
        ...[...document.querySelectorAll("details.menu")].slice(0, 1)]
        .forEach((e) => { e.open = true });
        scrollTo(0, document.documentElement.scrollHeight) }"""
    )


def too_wide(page: Page) -> list[str]:
    """Whether one has to scroll sideways, and what sticks out."""
    return list(page.evaluate(_TOO_WIDE))


def cut_off(page: Page) -> list[str]:
    """Elements that hide a part of their text."""
    return list(page.evaluate(_CUT_OFF))


@contextmanager
def spaced(page: Page) -> Iterator[None]:
    """A reader's own spacing of text (WCAG 1.4.12)."""
    with _styled(page, _SPACED):
        yield


@contextmanager
def enlarged(page: Page) -> Iterator[None]:
    """A browser set to letters of twice the size (WCAG 1.4.4)."""
    with _styled(page, _ENLARGED):
        yield


@contextmanager
def _styled(page: Page, css: str) -> Iterator[None]:
    """Through the object model: a style element would rightly be refused by our CSP."""
    page.evaluate(
        """(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
        document.adoptedStyleSheets = [sheet]; }""",
        css,
    )
    yield
    page.evaluate("() => { document.adoptedStyleSheets = [] }")
