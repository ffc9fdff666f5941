"""Markdown with placeholders -> the rows of a mail, and the same in plain text.

A value is put in where the text has been read already: it can be neither Markdown nor HTML.
"""

from collections.abc import Mapping

from markupsafe import Markup


def mail_html(markdown: str, values: Mapping[str, str]) -> Markup:
    """Table rows with inline styles, like those of templates/mail/_parts.html.

    `values` are by canonical name (domain/placeholders.py); unknown placeholders stay as written.
    """
    return Markup("")


def mail_text(markdown: str, values: Mapping[str, str]) -> str:
    """The same in plain text; a link's address stands after its words."""
    return ""
