"""Text in the reader's language, or marked with the language it is in (WCAG 3.1.2)."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from dialognav.i18n import current_language, pick
from dialognav.markup import html_from_markdown


class Said:
    """Words of an event. `lang` is "" when they are in the page's own language.

    In a template `{{ said }}` writes them, in a <span lang> where needed; `said.words` is for
    attributes and headings that set `lang` themselves. Nothing said is false.
    """

    __slots__ = ("lang", "words")

    def __init__(self, words: str, lang: str = "") -> None:
        self.words = words
        self.lang = lang

    def __bool__(self) -> bool:
        return bool(self.words)

    def __str__(self) -> str:
        return self.words

    def __html__(self) -> Markup:
        if not self.lang:
            return escape(self.words)
        return Markup('<span lang="{}">{}</span>').format(self.lang, self.words)

    @property
    def markdown(self) -> Markup:
        """The words as Markdown, ready to show."""
        lang = Markup(' lang="{}"').format(self.lang) if self.lang else ""
        return Markup('<div class="stack"{}>{}</div>').format(lang, html_from_markdown(self.words))


def say(text: Mapping[str, str] | None, primary: str) -> Said:
    """The wanted language, else the event's own, else whatever there is."""
    wanted = current_language()
    words, spoken = pick(text, wanted, primary)
    return Said(words, "" if spoken == wanted or not words else spoken)
