"""The draw of one-to-one meetings: look at what would come of it, publish it, or give it up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, AtMost, BaseForm, Required, TextField, demand_token
from blueprints.guard import actor
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import draws as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.draw_files import explanations
from dialognav.domain.errors import DrawOutdated, NotAllowedNow, ReasonNeeded
from dialognav.domain.permissions import MEETINGS
from dialognav.draw_words import explanation, read_run
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, moment_text, pick, when_text
from dialognav.models import Draw, Event, MeetingRequest, Slot
from dialognav.queries import draws
from dialognav.queries.meeting_plans import rules_of

bp = Blueprint("draws", __name__)

DRAW = "/events/<public_id>/meetings/draw"
_DONE: dict[str, tuple[Any, Any]] = {
    "drawn": (
        lazy("The draw is made"),
        lazy("Look it through. Nobody outside the organisation has seen it."),
    ),
    "published": (
        lazy("The result is public"),
        lazy("Everybody who asked for a meeting gets an e-mail now."),
    ),
    "given_up": (
        lazy("The draw is given up"),
        lazy("A new seed is chosen. Its hash stands on the page of the draw."),
    ),
    "outdated": (
        lazy("Something has changed since the draw was made"),
        lazy("Somebody withdrew, a time went, or the like. Draw again and look once more."),
    ),
}


class ReasonForm(BaseForm):
    """Why a draw is given up."""

    reason = TextField(
        lazy("Reason"),
        [Required(lazy("Write why the draw is given up")), AtMost(500)],
        description=lazy("Stands on the public page, with the seed of the draw. Name nobody."),
    )


class AgainForm(BaseForm):
    """Why a draw is made again that somebody has looked at."""

    changed = TextField(
        lazy("What has changed"),
        [Required(lazy("Write what has changed since the draw was made")), AtMost(500)],
        description=lazy("Stands on the public page, with what differs. Name nobody."),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One supplier, in the order of the lot. `why` is what the supplier is told; `out`: how many of
    the times it has ruled out, or something else stops."""

    party: str
    registration_id: str
    time: str
    table: str
    place: int | None
    out: int
    why: tuple[str, ...]


@bp.get(DRAW)
def show(public_id: str) -> ResponseReturnValue:
    return _page(own_event(public_id, MEETINGS), ReasonForm(formdata=None))


@bp.post(DRAW)
def create(public_id: str) -> ResponseReturnValue:
    """Draw; again() once there is something to look at."""
    event_id, who = own_event(public_id, MEETINGS).id, actor()
    demand_token()
    try:
        with unit_of_work() as session:
            actions.draw(session, event_id, now=utcnow(), actor=who)
    except ReasonNeeded:  # the job was faster, and something has changed since
        return _back(public_id, "outdated")
    return _back(public_id, "drawn")


@bp.post(DRAW + "/again")
def again(public_id: str) -> ResponseReturnValue:
    event, who = own_event(public_id, MEETINGS), actor()
    form = AgainForm()
    if not form.validate():
        return _page(event, ReasonForm(formdata=None), form), 422
    event_id, reason = event.id, str(form.changed.data)
    with unit_of_work() as session:
        actions.draw(session, event_id, reason=reason, now=utcnow(), actor=who)
    return _back(public_id, "drawn")


@bp.post(DRAW + "/publish")
def publish(public_id: str) -> ResponseReturnValue:
    event_id, who = own_event(public_id, MEETINGS).id, actor()
    demand_token()
    looked_at = request.form.get("looked_at", "")
    try:
        with unit_of_work() as session:
            actions.publish(session, event_id, looked_at, now=utcnow(), actor=who, post=post())
    except DrawOutdated:
        return _back(public_id, "outdated")
    return _back(public_id, "published")


@bp.post(DRAW + "/give-up")
def give_up(public_id: str) -> ResponseReturnValue:
    event, who = own_event(public_id, MEETINGS), actor()
    form = ReasonForm()
    if not form.validate():
        return _page(event, form), 422
    event_id, reason = event.id, str(form.reason.data)
    try:
        with unit_of_work() as session:
            actions.reset(session, event_id, reason, now=utcnow(), actor=who)
    except NotAllowedNow as broken:
        form.form_errors.append(words_of(broken))
        return _page(own_event(public_id, MEETINGS), form), 409
    return _back(public_id, "given_up")


def _back(public_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", public_id=public_id, done=done), 303)


def _page(event: Event, form: ReasonForm, redo: AgainForm | None = None) -> str:
    session, now = db.session(), utcnow()
    rules, draw = rules_of(session, event.id), draws.current_draw(session, event.id)
    closes_at = rules.closes_at if rules is not None else None
    drawn = draw is not None and draw.result is not None
    requests = draws.requests_of(session, event.id) if draw is not None else {}
    said = _DONE.get(request.args.get("done", ""))
    return render_template(
        "manage/draws/show.html",
        form=form,
        redo=redo or AgainForm(formdata=None),
        plain=ActionForm(formdata=None),
        rules=rules,
        draw=draw,
        closes=moment_text(closes_at, event.zone, "medium") if closes_at else "",
        is_closed=closes_at is not None and closes_at <= now,
        asked=sum(each.state == "waiting" for each in requests.values()),
        moments=_moments(event, draw),
        lines=_lines(event, draw, requests) if draw is not None and drawn else [],
        tally=_tally(draw) if draw is not None and drawn else [],
        stamp=actions.stamp(draw) if draw is not None and drawn else "",
        runs=[read_run(event, run) for run in draw.runs] if draw is not None else [],
        given_up=draws.given_up_before(session, draw) if draw is not None else [],
        outdated=request.args.get("done") == "outdated",
        **event_page(event, "meetings", done=said),
    )


def _moments(event: Event, draw: Draw | None) -> dict[str, str]:
    """When each step was taken; "" for one that is ahead."""
    ats = {name: getattr(draw, name, None) for name in ("committed_at", "drawn_at", "published_at")}
    return {name: moment_text(at, event.zone, "medium") if at else "" for name, at in ats.items()}


def _lines(event: Event, draw: Draw, requests: Mapping[str, MeetingRequest]) -> list[Line]:
    given, result = draw.given or {}, draw.result or {}
    explained = explanations(draw.hand_out, given, result)
    slots = draws.slots_named(db.session(), event.id, [each["id"] for each in given["slots"]])
    out = {each["id"]: len(each["cannot"]) for each in given["suppliers"]}
    return [
        _line(event, facts, requests.get(request_id), slots.get(facts["slot"] or ""), out)
        for request_id, facts in explained.items()
    ]


def _line(
    event: Event,
    facts: Mapping[str, Any],
    asked: MeetingRequest | None,
    slot: Slot | None,
    out: Mapping[str, int],
) -> Line:
    return Line(
        party=asked.registration.party_name if asked else _("No longer registered"),
        registration_id=asked.registration.public_id if asked else "",
        time=when_text(slot.starts_at, slot.ends_at, event.zone) if slot else "",
        table=pick(slot.table.name, event.primary_language, "en")[0] if slot else "",
        place=facts["place"],
        out=out[facts["id"]],
        why=tuple(explanation(facts)),
    )


def _tally(draw: Draw) -> list[tuple[str, int, str]]:
    """How many got which of their wishes, for kpis()."""
    outcomes = (draw.result or {})["outcomes"]
    met = Counter(each["wish"] for each in outcomes if each["slot"])
    wishes = [
        (_("Wish %(number)s", number=wish), number, "")
        for wish, number in sorted((wish, n) for wish, n in met.items() if wish)
    ]
    others = met[None]
    rest = sum(each["slot"] is None for each in outcomes)
    got = [(_("Not wished for"), others, "")] if wishes and others else []
    all_ = [(_("Meetings"), sum(met.values()), "")]
    return [*all_, *wishes, *got, (_("Wait"), rest, "")]
