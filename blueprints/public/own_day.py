"""On one's own page: the code for the door, and what became of a request for help."""

from dataclasses import dataclass

from markupsafe import Markup

from dialognav.actions.registration_rules import contact_person
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.presence import shown_code
from dialognav.domain.terms import EventState, Mode, NeedState, Seat
from dialognav.i18n import date_text, local
from dialognav.i18n import gettext as _
from dialognav.models import Event, Participant
from dialognav.queries.access_needs import answer_days
from dialognav.queries.registrations import Own


@dataclass(frozen=True, slots=True)
class DoorCode:
    """`code` as it is read aloud; `picture` is an SVG of it, and of nothing else."""

    name: str
    code: str
    picture: Markup


def door_codes(own: Own) -> list[DoorCode]:
    """Of those who have a place in the room, until the day is over: the reader's own first.

    The picture is the reader's only; a colleague has it on a page of their own.
    """
    event, now = own.event, utcnow()
    if event.state != EventState.PUBLISHED or event.ends_at is None or event.ends_at <= now:
        return []
    reader = own.participant or contact_person(own.registration)
    people = sorted(own.people, key=lambda one: one is not reader)
    return [
        DoorCode(
            one.name,
            shown_code(one.check_in_code),
            qr_code(one.check_in_code) if one is reader else Markup(),
        )
        for one in people
        if any(_is_for_the_room(seat.state, seat.mode) for seat in one.attendances)
    ]


def _is_for_the_room(state: str, mode: str) -> bool:
    return mode == Mode.ON_SITE and state in (Seat.CONFIRMED, Seat.ATTENDED)


def qr_code(code: str) -> Markup:
    """ISO/IEC 18004, at the version that holds eight letters with the most room for dirt.

    The code stands beside it in type, so the picture is not read aloud.
    """
    import segno

    made = segno.make(code, error="h", micro=False, boost_error=False)
    svg = made.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=3)
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704


def help_words(event: Event, person: Participant) -> str:
    """Where a request for an interpreter or other help stands; '' without one."""
    need = person.access_need
    if need is None:
        return ""
    if need.state == NeedState.ARRANGED:
        return _said(_("Arranged"), need.answer)
    if need.state == NeedState.NOT_POSSIBLE:
        return _said(_("Not possible"), need.answer)
    now = utcnow()
    day = answer_days(db.session(), event, [person], now=now).get(person.id)
    if day is None:
        return _("The organiser has not answered yet")
    if day < local(now, event.zone).date():
        return _("The organiser has not answered yet. Ask the contact of the event.")
    return _("The organiser answers by %(day)s", day=date_text(day))


def _said(state: str, answer: str) -> str:
    return f"{state}. {answer}" if answer else state
