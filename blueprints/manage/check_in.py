"""Check-in at the door: a list for a phone, with or without a script, with or without a line."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from wtforms import HiddenField

from blueprints.forms import BaseForm, LineField, Required, clean_line, demand_token
from blueprints.guard import actor, require
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import presence as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound
from dialognav.domain.presence import MARKED, Mark, clean_code, is_uid, seen_at
from dialognav.domain.terms import EventState, Mode, Seat
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Attendance, Event, Occasion
from dialognav.occasion_names import occasion_name
from dialognav.queries import presence
from dialognav.words import MODES, SEATS

bp = Blueprint("check_in", __name__)
_PERSON = re.compile(r"[a-z2-7]{12}")  # a public id
MOST_MARKS = 500  # in one parcel; a phone with more sends the rest in the next


class CodeForm(BaseForm):
    """The code of an own page, typed; case, spaces and the hyphen do not matter."""

    code = LineField(lazy("Code on the own page"), [Required(lazy("Type the code"))])
    occasion = HiddenField()


@dataclass(frozen=True, slots=True)
class DoorLine:
    """A row of the list. `find` is what the search on the phone looks in."""

    id: str  # the person's public id
    name: str
    about: str
    party: str
    state: str
    word: str
    code: str
    find: str


@dataclass(frozen=True, slots=True)
class Door:
    """Which list: the occasion, and the filter as an address has it."""

    event: Event
    occasion: Occasion
    search: str
    mode: str

    @property
    def query(self) -> dict[str, str]:
        values = {"occasion": str(self.occasion.id), "q": self.search, "mode": self.mode}
        return {name: value for name, value in values.items() if value}

    def address(self, **more: str) -> str:
        values: dict[str, Any] = {"public_id": self.event.public_id} | self.query | more
        return url_for("manage.check_in.index", **values)


def door_of(public_id: str) -> Door:
    """The list that the request asks for, in its address or in its form."""
    event = own_event(public_id, "check_in")
    mode = request.values.get("mode", "")
    return Door(
        event=event,
        occasion=presence.occasion_of(event, request.values.get("occasion", ""), utcnow()),
        search=clean_line(request.values.get("q"))[:100],
        mode=mode if mode in tuple(Mode) and event.format == "hybrid" else "",
    )


@bp.get("/events/<public_id>/check-in")
def index(public_id: str) -> ResponseReturnValue:
    door = door_of(public_id)
    return show_door(door, CodeForm(formdata=None, occasion=str(door.occasion.id)))


def show_door(door: Door, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    session, event = db.session(), door.event
    is_open = event.state == EventState.PUBLISHED
    found = (
        presence.seats_at(
            session,
            door.occasion.id,
            mode=door.mode,
            search=door.search,
            limit=presence.MOST_ROWS + 1,
        )
        if is_open
        else []
    )
    lines = [_line(event, seat) for seat in _one_each(found)]
    page = render_template(
        "manage/check_in/index.html",
        door=door,
        form=form,
        is_open=is_open,
        lines=lines[: presence.MOST_ROWS],
        is_cut=len(lines) > presence.MOST_ROWS,
        tally=presence.counts(session, door.occasion.id, door.mode),
        days=_days(event),
        when=occasion_name(event, door.occasion, "medium"),
        said=next((one for one in lines if one.id == request.args.get("said")), None),
        is_over=door.occasion.ends_at <= utcnow(),
        undoable=presence.marked_after(session, door.occasion.id),
        **event_page(event, "check-in"),
    )
    answer = Response(page, status)
    # This page alone may ask for the camera, to read a code.
    answer.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    return answer


def _one_each(seats: list[Attendance]) -> list[Attendance]:
    """Who waits for another way of attending has a place already: that one counts."""
    best: dict[int, Attendance] = {}
    for seat in seats:
        if seat.participant_id not in best or seat.state in MARKED:
            best[seat.participant_id] = seat
    return list(best.values())


def _line(event: Event, seat: Attendance) -> DoorLine:
    person = seat.participant
    mode = str(MODES[seat.mode]) if event.format == "hybrid" else ""
    party = person.registration.party_name
    return DoorLine(
        id=person.public_id,
        name=person.name,
        about=", ".join(filter(None, (person.title, mode))),
        party=party,
        state=seat.state,
        word=str(SEATS[seat.state]),
        code=person.check_in_code if seat.state in MARKED else "",
        find=f"{person.name} {party}".casefold(),
    )


def _days(event: Event) -> list[tuple[str, str]]:
    """[(occasion id, its day and time)] when there are several."""
    if len(event.live_occasions) < 2:
        return []
    return [(str(each.id), occasion_name(event, each)) for each in event.live_occasions]


@bp.post("/events/<public_id>/check-in")
def tick(public_id: str) -> ResponseReturnValue:
    """One button of the list, without a script."""
    door = door_of(public_id)
    demand_token()
    person_id, _colon, state = request.form.get("mark", "").partition(":")
    if state not in MARKED or not _PERSON.fullmatch(person_id):
        abort(400)
    told = _mark(door, person_id, state, "door")
    if told.refused == actions.UNKNOWN:
        raise NotFound
    return redirect(door.address(said=person_id) + f"#p-{person_id}", 303)


@bp.post("/events/<public_id>/check-in/code")
def tick_code(public_id: str) -> ResponseReturnValue:
    """A code typed by hand, or scanned."""
    door, form = door_of(public_id), CodeForm()
    if not form.validate():
        return show_door(door, form, 422)
    code = clean_code(str(form.code.data))
    person = presence.person_with_code(db.session(), door.event.id, code)
    if person is None:
        complain(form.code, _("Nobody registered to this event has that code"))
        return show_door(door, form, 422)
    person_id = person.public_id
    told = _mark(door, person_id, Seat.ATTENDED, "code")
    if told.refused == actions.UNKNOWN:
        complain(form.code, _("%(name)s is registered to another day", name=person.name))
        return show_door(door_of(public_id), form, 422)
    if told.refused:
        day = door.occasion.id
        return redirect(url_for("manage.door.admit", participant_id=person_id, occasion=day), 303)
    return redirect(door.address(said=person_id) + f"#p-{person_id}", 303)


def _mark(door: Door, person_id: str, state: str, source: str) -> actions.Told:
    now, who, event_id = utcnow(), actor(), door.event.id
    seen = Mark(str(uuid.uuid4()), person_id, door.occasion.id, state, now, source)
    with unit_of_work() as session:
        [told] = actions.mark(session, event_id, [seen], now=now, actor=who)
    return told


# --- for static/js/check-in.js ----------------------------------------------------------------


@bp.get("/events/<public_id>/check-in/states")
def states(public_id: str) -> ResponseReturnValue:
    """How everybody stands now, and a fresh token: what other phones have done shows here."""
    door = door_of(public_id)
    return jsonify(_standing(door))


def _standing(door: Door) -> dict[str, Any]:
    session = db.session()
    counted = presence.counts(session, door.occasion.id, door.mode)
    return {
        "token": generate_csrf(),
        "states": presence.states_at(session, door.occasion.id),
        "here": counted.here,
        "places": counted.places,
    }


@bp.post("/events/<public_id>/check-in/marks")
def marks(public_id: str) -> ResponseReturnValue:
    """What a phone has kept while it had no line: {clock, marks: [..]}, times in milliseconds."""
    require("check_in")
    event = own_event(public_id, "check_in")
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    demand_token()
    now, who, event_id = utcnow(), actor(), event.id
    seen = _read_marks(sent, now)
    with unit_of_work() as session:
        told = actions.mark(session, event_id, seen, now=now, actor=who)
    return jsonify({"told": [_told(one) for one in told]})


def _told(told: actions.Told) -> dict[str, str]:
    why = str(SEATS.get(told.refused, ""))
    if told.refused == actions.UNKNOWN:
        why = _("Not registered to this day")
    return {"uid": told.uid, "person": told.person_id, "state": told.state, "why": why}


def _read_marks(sent: dict[str, Any], now: datetime) -> list[Mark]:
    """Answers 400 for anything our script would not have sent."""
    clock, rows = _instant(sent.get("clock")), sent.get("marks")
    if clock is None or not isinstance(rows, list) or len(rows) > MOST_MARKS:
        abort(400)
    found = [_read_mark(row, clock, now) for row in rows]
    if None in found:
        abort(400)
    return [one for one in found if one is not None]


def _read_mark(row: Any, clock: datetime, now: datetime) -> Mark | None:
    if not isinstance(row, dict):
        return None
    uid, person, state = (row.get(name) for name in ("uid", "person", "state"))
    said, occasion, source = _instant(row.get("at")), row.get("occasion"), row.get("source")
    is_text = all(isinstance(one, str) for one in (uid, person, state))
    if not is_text or said is None or not isinstance(occasion, int) or state not in MARKED:
        return None
    if not is_uid(str(uid)) or not _PERSON.fullmatch(str(person)) or not 0 < occasion < 2**31:
        return None
    kind = "code" if source == "code" else "door"
    at = seen_at(said, clock, now)
    return Mark(str(uid), str(person), occasion, str(state), at, kind)


def _instant(milliseconds: Any) -> datetime | None:
    is_number = isinstance(milliseconds, int) and not isinstance(milliseconds, bool)
    if not is_number or not 0 <= milliseconds < 2**42:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
