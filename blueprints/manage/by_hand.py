"""Meetings handed out by hand: who asked, and a time given with the reason on record."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, Required, TextField
from blueprints.guard import actor
from blueprints.manage.board_words import done_words, refusal_words, stops_text
from blueprints.manage.free_times import FreeTimeForm
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import bookings as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.bookings import Way
from dialognav.domain.errors import RuleBroken
from dialognav.domain.permissions import MEETINGS
from dialognav.draw_words import ordinal
from dialognav.i18n import gettext as _
from dialognav.i18n import language_name, lazy, list_text, moment_text, pick, when_text
from dialognav.meeting_words import BOOKINGS
from dialognav.models import Booking, Event, MeetingRequest, Slot
from dialognav.models.meeting_facts import spans_of
from dialognav.queries import bookings as queries
from dialognav.queries import by_hand
from dialognav.queries.access import access_request, access_slot
from dialognav.queries.meeting_plans import rules_of
from dialognav.words import MODES

bp = Blueprint("by_hand", __name__)

LIST = "/events/<public_id>/meetings/by-hand"
ONE = LIST + "/<meeting_request_id>"


class GiveForm(FreeTimeForm):
    """Which time, and what the choice rests on."""

    slot = SelectField(lazy("Time"), validate_choice=False)
    reason = TextField(
        lazy("Reason"),
        [Required(lazy("Write what the choice rests on")), AtMost(500)],
        description=lazy("Stays in the record, and the supplier reads it. Name nobody else."),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One who asked. `has` are its meetings in words; `reasons` those given for them."""

    id: str
    party: str
    registration_id: str
    asked: str
    suits: tuple[str, ...]
    has: tuple[str, ...]
    reasons: tuple[str, ...]
    may_get: bool


@bp.get(LIST)
def index(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    asking = by_hand.all_asking(db.session(), event.id)
    has = by_hand.live_bookings(db.session(), event.id)
    rules = rules_of(db.session(), event.id)
    return render_template(
        "manage/by_hand/index.html",
        rules=rules,
        lines=[_line(event, each, has.get(each.registration_id, [])) for each in asking],
        **event_page(event, "meetings", done=done_words(request.args.get("done", ""))),
    )


@bp.get(ONE)
def edit(public_id: str, meeting_request_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    asked = access_request(db.session(), event, meeting_request_id)
    return _page(event, asked, GiveForm(formdata=None))


@bp.post(ONE)
def give(public_id: str, meeting_request_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    asked = access_request(db.session(), event, meeting_request_id)
    form = GiveForm().choose_among(_choices(event, asked))
    if not form.validate():
        return _page(event, asked, form), 422
    of, reason, who = asked.registration_id, str(form.reason.data), actor()
    slot_id = access_slot(db.session(), event, str(form.slot.data)).id
    try:
        with unit_of_work() as session:
            actions.assign(
                session, of, slot_id, reason=reason, now=utcnow(), actor=who, post=post()
            )
    except RuleBroken as broken:
        form.form_errors.append(refusal_words(broken, words_of(broken)))
        event = own_event(public_id, MEETINGS)
        return _page(event, access_request(db.session(), event, meeting_request_id), form), 409
    return redirect(url_for(".index", public_id=public_id, done="assigned"), 303)


def _page(event: Event, asked: MeetingRequest, form: GiveForm) -> str:
    has = by_hand.live_bookings(db.session(), event.id).get(asked.registration_id, [])
    return render_template(
        "manage/by_hand/edit.html",
        form=form.choose_among(_choices(event, asked)),
        line=_line(event, asked, has),
        **event_page(event, "meetings"),
    )


def _choices(event: Event, asked: MeetingRequest) -> list[tuple[str, str]]:
    """What staff may give: wishes first, then what suits, then the rest and why it does not."""
    session, now = db.session(), utcnow()
    of = asked.registration_id
    staff = queries.stops_of(session, event, of, now=now, way=Way.STAFF)
    suits = queries.stops_of(session, event, of, now=now, way=Way.AUTO)
    ranks = {wish.slot_id: wish.rank for wish in asked.wishes}
    free = [slot_id for slot_id, stops in staff.items() if not stops]
    slots = by_hand.slots_with_tables(session, event, free)
    slots.sort(key=lambda slot: (ranks.get(slot.id, 99), bool(suits[slot.id])))
    return [
        (slot.public_id, _label(event, slot, ranks.get(slot.id), stops_text(suits[slot.id])))
        for slot in slots
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


def _line(event: Event, asked: MeetingRequest, has: Sequence[Booking]) -> Line:
    return Line(
        id=asked.public_id,
        party=asked.registration.party_name,
        registration_id=asked.registration.public_id,
        asked=moment_text(asked.asked_at, event.zone),
        suits=tuple(filter(None, _suits(event, asked))),
        has=tuple(_meeting(event, each) for each in has),
        reasons=tuple(each.reason for each in has if each.reason),
        may_get=asked.state == "waiting",
    )


def _suits(event: Event, asked: MeetingRequest) -> tuple[str, ...]:
    """What the supplier said of itself."""
    away = [when_text(begun, ended, event.zone) for begun, ended in spans_of(asked.away)]
    wishes = [moment_text(wish.slot.starts_at, event.zone) for wish in asked.wishes]
    languages = [language_name(code) for code in asked.languages]
    modes = [str(MODES[mode]).lower() for mode in asked.modes]
    return (
        _("Wishes: %(times)s", times="; ".join(wishes)) if wishes else "",
        _("Takes part: %(modes)s", modes=list_text(modes)) if modes else "",
        _("Speaks: %(languages)s", languages=list_text(languages)) if languages else "",
        _("Cannot: %(times)s", times="; ".join(away)) if away else "",
    )


def _meeting(event: Event, booking: Booking) -> str:
    when = when_text(booking.slot.starts_at, booking.slot.ends_at, event.zone)
    return f"{when} ({str(BOOKINGS[booking.state]).lower()})"
