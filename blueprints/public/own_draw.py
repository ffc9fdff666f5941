"""A draw as one supplier sees it on its own page: its code, where to check, and what came of it."""

from dataclasses import dataclass

from flask import url_for

from dialognav.db import db
from dialognav.domain.meeting_terms import HandOut
from dialognav.draw_words import explanation
from dialognav.i18n import current_language
from dialognav.models import Event, MeetingRequest, MeetingRules
from dialognav.queries import draws


@dataclass(frozen=True, slots=True)
class OwnDraw:
    """`why` is () before the result is public, and for who took no part in it."""

    url: str
    code: str
    why: tuple[str, ...]


def own_draw(event: Event, rules: MeetingRules, asked: MeetingRequest | None) -> OwnDraw | None:
    """None where nothing is drawn, or nothing was asked for."""
    if asked is None or rules.hand_out not in (HandOut.WISHES, HandOut.LOT):
        return None
    draw = draws.current_draw(db.session(), event.id)
    if draw is None:
        return None
    found = draws.explanation_of(draw, asked)
    return OwnDraw(
        url=url_for(
            "public.draws.show", lang=current_language(), slug=event.slug, draw=draw.public_id
        ),
        code=asked.public_id,
        why=tuple(explanation(found)) if found else (),
    )
