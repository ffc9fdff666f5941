"""Markdown with placeholders -> HTML for a mail or a page, and the same in plain text.

A value is put in where the text has been read already: it can be neither Markdown nor HTML. What
a text is made of is kept for the next reader.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup, escape

from dialognav.domain.placeholders import ADDRESSES
from dialognav.i18n import gettext as _
from dialognav.mail import prose_html, prose_text
from dialognav.mail.prose import Piece, Slot, one_line, read

_BLANK_LINES = re.compile(r"\n{3,}")  # where there was nothing to say
_LEADS_SOMEWHERE = ("https://", "http://", "/")
_KEPT = 64
"""Texts; three languages of some twenty messages that leave at the same time."""


def mail_html(markdown: str, values: Mapping[str, str]) -> Markup:
    """What stands in a row of templates/mail/_parts.html, with inline styles as there.

    `values` are by canonical name (domain/placeholders.py); unknown placeholders stay as written.
    An address among words is a link, named in the language that is being spoken.
    """
    return _html(_for_mail(markdown), values, prose_html.MAIL)


def page_html(markdown: str, values: Mapping[str, str]) -> Markup:
    """The same for a page of ours: headings begin at h3, and nothing has a style."""
    return _html(_for_page(markdown), values, prose_html.PAGE)


def mail_text(markdown: str, values: Mapping[str, str]) -> str:
    """The same in plain text; a link's address stands after its words."""
    said = "".join(
        piece if isinstance(piece, str) else _plain(piece, one_line(values.get(piece.name, "")))
        for piece in _for_text(markdown)
    )
    return _BLANK_LINES.sub("\n\n", said).strip("\n")


def _html(pieces: tuple[Piece, ...], values: Mapping[str, str], look: prose_html.Look) -> Markup:
    return Markup("").join(
        Markup(piece)  # noqa: S704 (mail/prose_html.py has escaped every word)
        if isinstance(piece, str)
        else _marked(piece, one_line(values.get(piece.name, "")), look)
        for piece in pieces
    )


def _marked(slot: Slot, value: str, look: prose_html.Look) -> Markup:
    if slot.name in ADDRESSES and value.startswith(_LEADS_SOMEWHERE):
        return _link(slot, value, look)
    if not value or slot.part in ("open", "close"):
        return Markup("")
    if slot.part != "button":
        return escape(value)
    return Markup(f"<p{look.get('p', '')}>{{}}</p>").format(value)  # noqa: S704 (our own)


def _link(slot: Slot, url: str, look: prose_html.Look) -> Markup:
    label = escape(_label(slot.name))
    begin = Markup(f'<a href="{{}}"{look["a"]}>').format(url)  # noqa: S704 (our own)
    parts = {
        "open": begin,
        "close": Markup("</a>"),
        "label": label,
        "words": begin + label + Markup("</a>"),
        "button": Markup(look["button"]).format(url, label),  # noqa: S704 (our own)
    }
    return parts[slot.part]


def _plain(slot: Slot, value: str) -> str:
    if not value or slot.name not in ADDRESSES:
        return value
    if slot.part == "address":
        return f" <{value}>"
    return _label(slot.name) if slot.part == "label" else f"{_label(slot.name)} <{value}>"


def _label(name: str) -> str:
    labels = {
        "link": _("Take part online"),
        "my_page": _("Your registration"),
        "event_page": _("The event page"),
    }
    return labels[name]


@lru_cache(maxsize=_KEPT)
def _for_mail(markdown: str) -> tuple[Piece, ...]:
    return prose_html.compiled(read(markdown), prose_html.MAIL)


@lru_cache(maxsize=_KEPT)
def _for_page(markdown: str) -> tuple[Piece, ...]:
    return prose_html.compiled(read(markdown), prose_html.PAGE)


@lru_cache(maxsize=_KEPT)
def _for_text(markdown: str) -> tuple[Piece, ...]:
    return prose_text.compiled(read(markdown))
