"""Lists in pages of fifty: where one is, and the addresses of the neighbours."""

from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from dialognav.i18n import gettext as _
from dialognav.queries.manage import PAGE, Page

_FARTHEST = 1_000_000


def offset_of(args: MultiDict[str, str]) -> int:
    """Where the page begins; anything that is not a sensible number is the beginning."""
    typed = args.get("from", "")
    return (
        min(int(typed), _FARTHEST) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0
    )


def pager_of(page: Page[Any], *, endpoint: str = "", **query: str) -> dict[str, str]:
    """Arguments of the pager macro: "1–50 of 71" and the addresses of the neighbours.

    `endpoint`: where the list is shown, for a page that also answers a post.
    """
    first, last = page.offset + 1, page.offset + len(page.rows)
    shown = _("%(first)s–%(last)s of %(total)s", first=first, last=last, total=page.total)

    def address(offset: int) -> str:
        values = {name: value for name, value in query.items() if value}
        if offset:
            values["from"] = str(offset)
        return url_for(
            endpoint or request.endpoint or "", **{**(request.view_args or {}), **values}
        )

    return {
        "shown": shown if page.rows else _("Nothing here"),
        "newer": address(max(page.offset - PAGE, 0)) if page.offset else "",
        "older": address(page.offset + PAGE) if page.has_more else "",
    }
