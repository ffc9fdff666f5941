"""All minutes of an event: what is to be written, answered and approved, and the records."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import allows
from blueprints.manage.minutes_lines import TONES
from blueprints.manage.workspace import event_page, own_event
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.domain.meeting_terms import BookingState, MinutesState
from dialognav.domain.permissions import EXPORT, MEETING_NOTES, MINUTES_APPROVAL
from dialognav.i18n import current_language, moment_text, pick, when_text
from dialognav.i18n import gettext as _
from dialognav.meeting_words import BOOKINGS, MINUTES
from dialognav.models import Booking, Event, Minutes
from dialognav.queries.minutes import held_at

bp = Blueprint("minutes_list", __name__)


@dataclass(frozen=True, slots=True)
class MinutesLine:
    """`url` is where one goes on; "" where there is nothing to do or see."""

    party: str
    when: str
    table: str
    word: str
    tone: str
    said: str
    url: str


@bp.get("/events/<public_id>/minutes")
def index(public_id: str) -> ResponseReturnValue:
    sees_all = allows(MEETING_NOTES) or allows(MINUTES_APPROVAL)
    if not (sees_all or allows(EXPORT)):
        raise NotFound
    event = own_event(public_id)
    rows = held_at(db.session(), event.id, now=utcnow(), only_sent=not sees_all)
    lines = [_line(event, booking, minutes) for booking, minutes in rows]
    return render_template(
        "manage/minutes/index.html",
        lines=lines,
        **event_page(event, "meetings"),
    )


def _line(event: Event, booking: Booking, minutes: Minutes | None) -> MinutesLine:
    slot = booking.slot
    where: dict[str, Any] = {"public_id": event.public_id, "booking_id": booking.public_id}
    if minutes is not None:
        word, tone = str(MINUTES[minutes.state]), TONES[MinutesState(minutes.state)]
        url = url_for("manage.minutes.show", **where)
    elif booking.state == BookingState.NO_SHOW:
        word, tone, url = str(BOOKINGS[booking.state]), "warn", ""
    else:
        word, tone = _("Not written"), ""
        url = url_for("manage.meeting_page.show", **where) if allows(MEETING_NOTES) else ""
    return MinutesLine(
        party=booking.registration.party_name,
        when=when_text(slot.starts_at, slot.ends_at, event.zone),
        table=pick(slot.table.name, current_language(), event.primary_language)[0],
        word=word,
        tone=tone,
        said=_said(event, minutes) if minutes else "",
        url=url,
    )


def _said(event: Event, minutes: Minutes) -> str:
    """What is worth knowing beside the state."""
    zone = event.organisation.zone
    if minutes.state == MinutesState.FACT_CHECK and minutes.check_until:
        return _("until %(moment)s", moment=moment_text(minutes.check_until, zone))
    if minutes.state == MinutesState.APPROVED and minutes.approved_at:
        return moment_text(minutes.approved_at, zone, "medium")
    if minutes.correction and not minutes.correction_answer:
        return _("The supplier waits for an answer")
    return ""
