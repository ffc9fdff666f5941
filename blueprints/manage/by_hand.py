"""Meetings handed out by hand: who asked, and a time given with the reason on record.

Where that is the rule the answers are proposed first, looked through, and published all at once.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, BaseForm, Required, TextField
from blueprints.guard import actor
from blueprints.manage.board_words import done_words, refusal_words, stops_text
from blueprints.manage.by_hand_lines import line_of
from blueprints.manage.free_times import FreeTimeForm
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import bookings as actions
from dialognav.actions.by_hand import is_answering, propose, stamp
from dialognav.actions.by_hand import publish as publish_all
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.bookings import Way
from dialognav.domain.errors import DrawOutdated, ReasonNeeded, RuleBroken
from dialognav.domain.meeting_terms import RequestState
from dialognav.domain.permissions import MEETINGS
from dialognav.draw_words import ordinal
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, list_text, moment_text, pick
from dialognav.models import Event, MeetingRequest, Slot
from dialognav.queries import bookings as queries
from dialognav.queries import by_hand
from dialognav.queries.access import access_request, access_slot
from dialognav.queries.meeting_plans import rules_of
from dialognav.words import MODES

bp = Blueprint("by_hand", __name__)

LIST = "/events/<public_id>/meetings/by-hand"
ONE = LIST + "/<meeting_request_id>"
NONE = "none"


class GiveForm(FreeTimeForm):
    """Which time, and what the choice rests on."""

    slot = SelectField(lazy("Time"), validate_choice=False)
    reason = TextField(
        lazy("Reason"),
        [Required(lazy("Write what the choice rests on")), AtMost(500)],
        description=lazy("Stays in the record, and the supplier reads it. Name nobody else."),
    )


class PublishForm(BaseForm):
    """All answers at once: why there is no time for those without a reason of their own, and
    whether they wait on."""

    reason = TextField(
        lazy("Why the others get no time"),
        [AtMost(500)],
        description=lazy("For those to whom you have written no reason of their own."),
    )
    ends = BooleanField(
        lazy("No more times are handed out"),
        description=lazy("Whoever gets no time is told that the list ends. Else they wait on."),
    )


@bp.get(LIST)
def index(public_id: str) -> ResponseReturnValue:
    return _list(own_event(public_id, MEETINGS), PublishForm(formdata=None))


@bp.get(ONE)
def edit(public_id: str, meeting_request_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    asked = access_request(db.session(), event, meeting_request_id)
    slot = asked.proposed_slot
    standing = {"slot": slot.public_id if slot else NONE, "reason": asked.proposed_reason}
    data = standing if asked.proposed_reason else None
    return _page(event, asked, GiveForm(formdata=None, data=data))


@bp.post(ONE)
def give(public_id: str, meeting_request_id: str) -> ResponseReturnValue:
    """The time, or the answer that is to be public with all others."""
    event = own_event(public_id, MEETINGS)
    asked = access_request(db.session(), event, meeting_request_id)
    form = GiveForm().choose_among(_choices(event, asked))
    if not form.validate():
        return _page(event, asked, form), 422
    slot_id = None
    if form.slot.data != NONE:
        slot_id = access_slot(db.session(), event, str(form.slot.data)).id
    try:
        done = _do(event, asked, slot_id, str(form.reason.data))
    except RuleBroken as broken:
        form.form_errors.append(refusal_words(broken, words_of(broken)))
        event = own_event(public_id, MEETINGS)
        return _page(event, access_request(db.session(), event, meeting_request_id), form), 409
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


def _do(event: Event, asked: MeetingRequest, slot_id: int | None, reason: str) -> str:
    """What was done."""
    how: dict[str, Any] = {"now": utcnow(), "actor": actor()}
    is_proposal, letters = is_answering(rules_of(db.session(), event.id)), post()
    request_id, of = asked.id, asked.registration_id
    with unit_of_work() as session:
        if is_proposal or slot_id is None:
            propose(session, request_id, slot_id, reason, **how)
            return "proposed"
        actions.assign(session, of, slot_id, reason=reason, post=letters, **how)
        return "assigned"


@bp.post(LIST + "/publish")
def publish(public_id: str) -> ResponseReturnValue:
    event_id, form = own_event(public_id, MEETINGS).id, PublishForm()
    if not form.validate():
        return _list(own_event(public_id, MEETINGS), form), 422
    how: dict[str, Any] = {"now": utcnow(), "actor": actor(), "post": post()}
    how |= {"reason": str(form.reason.data or ""), "ends": bool(form.ends.data)}
    looked_at = request.form.get("looked_at", "")
    try:
        with unit_of_work() as session:
            publish_all(session, event_id, looked_at, **how)
    except ReasonNeeded:
        complain(form.reason, _("Write why the others get no time"))
        return _list(own_event(public_id, MEETINGS), form), 422
    except RuleBroken as broken:
        form.form_errors.append(_why_not_all(broken))
        return _list(own_event(public_id, MEETINGS), form), 409
    return redirect(url_for(".index", public_id=public_id, done="answered"), 303)


def _why_not_all(broken: RuleBroken) -> str:
    if not isinstance(broken, DrawOutdated):
        return words_of(broken)
    names = by_hand.names_of(db.session(), broken.args)
    return _(
        "Nothing was published: %(names)s cannot have the time proposed. Change it.",
        names=list_text(names),
    )


def _list(event: Event, form: PublishForm) -> str:
    session, now = db.session(), utcnow()
    rules = rules_of(session, event.id)
    answers = is_answering(rules)
    asking = by_hand.all_asking(session, event.id, with_proposed=answers)
    has = by_hand.live_bookings(session, event.id)
    stops = by_hand.stops_of_proposed(session, event, asking, now=now) if answers else {}
    closes_at = rules.closes_at if rules is not None else None
    answered_at = rules.answered_at if rules is not None else None
    waiting = [each for each in asking if each.state == RequestState.WAITING]
    return render_template(
        "manage/by_hand/index.html",
        rules=rules,
        form=form,
        answers=answers,
        closes="" if closes_at is None else moment_text(closes_at, event.zone, "medium"),
        is_closed=closes_at is None or closes_at <= now,
        answered="" if answered_at is None else moment_text(answered_at, event.zone, "medium"),
        stamp=stamp(waiting),
        given=sum(each.proposed_slot_id is not None for each in waiting),
        waiting=len(waiting),
        lines=[
            line_of(event, each, has.get(each.registration_id, []), stops.get(each.id, ((), ())))
            for each in asking
        ],
        **event_page(event, "meetings", done=done_words(request.args.get("done", ""))),
    )


def _page(event: Event, asked: MeetingRequest, form: GiveForm) -> str:
    has = by_hand.live_bookings(db.session(), event.id).get(asked.registration_id, [])
    return render_template(
        "manage/by_hand/edit.html",
        form=form.choose_among(_choices(event, asked)),
        line=line_of(event, asked, has),
        answers=is_answering(rules_of(db.session(), event.id)),
        **event_page(event, "meetings"),
    )


def _choices(event: Event, asked: MeetingRequest) -> list[tuple[str, str]]:
    """What staff may give: wishes first, then what suits, then the rest and why it does not; last
    none, while answers are proposed."""
    session, now = db.session(), utcnow()
    of = asked.registration_id
    staff = queries.stops_of(session, event, of, now=now, way=Way.STAFF)
    suits = queries.stops_of(session, event, of, now=now, way=Way.AUTO)
    ranks = {wish.slot_id: wish.rank for wish in asked.wishes}
    answers = is_answering(rules_of(session, event.id))
    promised = by_hand.proposed_to_others(session, asked) if answers else set()
    free = [slot_id for slot_id, stops in staff.items() if not stops and slot_id not in promised]
    slots = by_hand.slots_with_tables(session, event, free)
    slots.sort(key=lambda slot: (ranks.get(slot.id, 99), bool(suits[slot.id])))
    none = [(NONE, _("No time"))] if answers else []
    return [
        *(
            (slot.public_id, _label(event, slot, ranks.get(slot.id), stops_text(suits[slot.id])))
            for slot in slots
        ),
        *none,
    ]


def _label(event: Event, slot: Slot, rank: int | None, stops: str) -> str:
    said = [
        moment_text(slot.starts_at, event.zone),
        pick(slot.table.name, event.primary_language, "en")[0],
        str(MODES[slot.table.mode]).lower(),
        _("their %(ordinal)s wish", ordinal=ordinal(rank)) if rank else "",
        _("but %(reasons)s", reasons=stops) if stops else "",
    ]
    return ", ".join(filter(None, said))
