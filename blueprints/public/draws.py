"""How meetings were drawn, for anybody to check: a hash before, afterwards all that is needed.

Suppliers stand as ids that each of them finds on its own page (domain.md 2.7), and no name does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import external_url
from blueprints.public.meta import alternates_of, organiser_of
from blueprints.public.said import say
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.draw_files import document
from dialognav.domain.errors import NotFound
from dialognav.draw_words import ordinal, read_run
from dialognav.i18n import moment_text, when_text
from dialognav.models import Draw, Event, MeetingRules
from dialognav.queries import draws
from dialognav.queries.events import public_event

bp = Blueprint("draws", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One supplier in the order of the lot. `time` is "" for who waits, at `place`; `wish` the
    number in words of the one that was met. No table: with it a line is found out sooner."""

    id: str
    time: str
    wish: str
    place: int | None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A draw that came to nothing before its result was public. `was_seen`: by the organiser."""

    commitment: str
    seed: str
    committed: str
    ended: str
    reason: str
    was_seen: bool


@bp.get("/<any(sv,en,nb):lang>/events/<slug>/draws/<draw>")
def show(lang: str, slug: str, draw: str) -> ResponseReturnValue:
    event, found = _found(slug, draw)
    rules = db.session().get_one(MeetingRules, event.id)
    public = found.published_at is not None
    is_over = public or found.ended_at is not None
    return render_template(
        "public/draws/show.html",
        event=event,
        title=say(event.title, event.primary_language),
        organiser=organiser_of(event.organisation),
        draw=found,
        is_lot=found.hand_out == "lot",
        committed=moment_text(found.committed_at, event.zone, "medium"),
        closes=moment_text(rules.closes_at, event.zone, "medium") if rules.closes_at else "",
        shown=moment_text(_shown_at(event, rules, found), event.zone, "medium"),
        runs=[read_run(event, run) for run in found.runs] if is_over else [],
        published=_moment(found.published_at, event),
        lines=_lines(event, found) if public else [],
        given_up=[_given_up(event, each) for each in draws.given_up_before(db.session(), found)],
        ended=_given_up(event, found) if found.ended_at else None,
        alternates=alternates_of("public.draws.show", slug=slug, draw=draw),
    )


@bp.get("/events/<slug>/draws/<draw>.json")
def record(slug: str, draw: str) -> ResponseReturnValue:
    """The document that `flask draw verify` reads; NotFound before the result is public."""
    event, found = _found(slug, draw)
    if found.published_at is None:
        raise NotFound
    page = url_for("public.draws.show", lang=event.primary_language, slug=slug, draw=draw)
    written = document(_head(found, external_url(page)), found.given or {}, found.result or {})
    body = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True)
    answer = Response(body + "\n", mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"draw-{draw}.json")
    return answer


def _found(slug: str, public_id: str) -> tuple[Event, Draw]:
    """A draw of an event whose rules for meetings are public. NotFound."""
    event = public_event(db.session(), slug)
    rules = db.session().get(MeetingRules, event.id) if event is not None else None
    if event is None or rules is None or rules.published_at is None:
        raise NotFound
    draw = draws.draw_of(db.session(), event.id, public_id)
    if draw is None or utcnow() < rules.published_at:
        raise NotFound
    return event, draw


def _head(draw: Draw, page: str) -> dict[str, Any]:
    moments = ("committed_at", "drawn_at", "published_at")
    return {
        "page": page,
        "method": draw.method,
        "hand_out": str(draw.hand_out),
        "commitment": draw.commitment,
        "seed": draw.seed,
        "runs": draw.runs,
        **{name: at.isoformat() for name in moments if (at := getattr(draw, name))},
    }


def _lines(event: Event, draw: Draw) -> list[Line]:
    given, result = draw.given or {}, draw.result or {}
    times = {each["id"]: each for each in given["slots"]}
    return [
        Line(
            id=each["id"],
            time=_time(event, times[each["slot"]]) if each["slot"] else "",
            wish=ordinal(each["wish"]) if each["wish"] else "",
            place=each["place"],
        )
        for each in result["outcomes"]
    ]


def _time(event: Event, slot: Mapping[str, str]) -> str:
    """When it was when it was drawn: a move afterwards changes nothing here."""
    starts_at, ends_at = (datetime.fromisoformat(slot[name]) for name in ("starts_at", "ends_at"))
    return when_text(starts_at, ends_at, event.zone)


def _shown_at(event: Event, rules: MeetingRules, draw: Draw) -> datetime:
    """From when anybody could read the hash: rules may be settled before the event is public."""
    return max(at for at in (draw.committed_at, event.published_at, rules.published_at) if at)


def _given_up(event: Event, draw: Draw) -> GivenUp:
    return GivenUp(
        commitment=draw.commitment,
        seed=draw.seed,
        committed=moment_text(draw.committed_at, event.zone, "medium"),
        ended=_moment(draw.ended_at, event),
        reason=draw.end_reason,
        was_seen=draw.drawn_at is not None,
    )


def _moment(at: datetime | None, event: Event) -> str:
    return moment_text(at, event.zone, "medium") if at is not None else ""
