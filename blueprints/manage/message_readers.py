"""The whole list of those a mailing reaches, and of those it leaves out."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from blueprints.manage.message_reach import standing_of
from blueprints.manage.paging import offset_of, pager_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.audience import audience_from_json
from dialognav.i18n import NAMES
from dialognav.i18n import gettext as _
from dialognav.mail.recipients import Reach, Recipient, reach
from dialognav.models import Message
from dialognav.queries.manage import PAGE, Page

LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """`why`: the reason to be left out."""

    number: int
    name: str
    party: str
    email: str
    standing: str
    language: str
    why: str


def readers_parts(message: Message) -> dict[str, Any]:
    """Template values of the page: those who would get it now, or are left out, in pages."""
    audience = audience_from_json(message.audience)
    found = reach(
        db.session(), message.organisation_id, audience, purpose=message.purpose, now=utcnow()
    )
    is_left_out = request.args.get("view", "") == LEFT_OUT
    gone, offset = _left_out(found), offset_of(request.args)
    every = gone if is_left_out else [(one, "") for one in found.recipients]
    page = Page(every[offset : offset + PAGE], len(every), offset)
    return {
        "is_left_out": is_left_out,
        "views": _views(message, found, len(gone), is_left_out=is_left_out),
        "doubles": found.doubles,
        "lines": [_line(one, why) for one, why in page.rows],
        "pages": pager_of(page, view=LEFT_OUT if is_left_out else ""),
    }


def _left_out(found: Reach) -> list[tuple[Recipient, str]]:
    dead, refused = _("E-mail to the address did not arrive"), _("Wants no news from you")
    return [(one, dead) for one in found.dead] + [(one, refused) for one in found.refused]


def _views(
    message: Message, found: Reach, gone: int, *, is_left_out: bool
) -> list[tuple[str, str, int, bool]]:
    here: dict[str, Any] = {
        "endpoint": "manage.message_show.readers",
        "message_id": message.public_id,
    }
    return [
        (url_for(**here), _("Get it"), len(found.recipients), not is_left_out),
        (url_for(**here, view=LEFT_OUT), _("Left out"), gone, is_left_out),
    ]


def _line(one: Recipient, why: str) -> ReaderLine:
    return ReaderLine(
        number=one.number,
        name=one.name or one.email,
        party=one.party,
        email=one.email,
        standing=standing_of(one),
        language=NAMES[one.language][0],
        why=why,
    )
