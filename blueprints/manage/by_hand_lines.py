"""Who asked for a meeting, what suits, and what each has or is to be answered, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.manage.board_words import stops_text
from dialognav.domain.bookings import Stop
from dialognav.domain.meeting_terms import RequestState
from dialognav.i18n import gettext as _
from dialognav.i18n import language_name, list_text, moment_text, pick, when_text
from dialognav.meeting_words import BOOKINGS
from dialognav.models import Booking, Event, MeetingRequest
from dialognav.models.meeting_facts import spans_of
from dialognav.words import MODES

Stops = tuple[tuple[Stop, ...], tuple[Stop, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One who asked. `has` are its meetings in words; `reasons` those given for them. `proposed` is
    the time that it is to be given and `why` what it will read; `wrong` why it cannot have that
    time any more, `unsuited` what it said against it."""

    id: str
    party: str
    registration_id: str
    asked: str
    suits: tuple[str, ...]
    has: tuple[str, ...]
    reasons: tuple[str, ...]
    may_get: bool
    proposed: str = ""
    why: str = ""
    wrong: str = ""
    unsuited: str = ""


def line_of(
    event: Event, asked: MeetingRequest, has: Sequence[Booking], stops: Stops = ((), ())
) -> Line:
    return Line(
        id=asked.public_id,
        party=asked.registration.party_name,
        registration_id=asked.registration.public_id,
        asked=moment_text(asked.asked_at, event.zone),
        suits=tuple(filter(None, _suits(event, asked))),
        has=tuple(_meeting(event, each) for each in has),
        reasons=tuple(each.reason for each in has if each.reason),
        may_get=asked.state == RequestState.WAITING,
        proposed=_proposed(event, asked),
        why=asked.proposed_reason,
        wrong=_wrong(asked, stops[0]),
        unsuited=_("But %(reasons)s.", reasons=stops_text(stops[1])) if stops[1] else "",
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


def _proposed(event: Event, asked: MeetingRequest) -> str:
    slot = asked.proposed_slot
    if slot is None:
        return _("No time") if asked.proposed_reason else ""
    table = pick(slot.table.name, event.primary_language, "en")[0]
    return f"{when_text(slot.starts_at, slot.ends_at, event.zone)}, {table}"


def _wrong(asked: MeetingRequest, stops: Sequence[Stop]) -> str:
    if asked.proposed_slot_id is None:
        return ""
    if asked.state != RequestState.WAITING:
        return _("The supplier does not wait any more: the time is free for another.")
    return _("This cannot be: %(reasons)s.", reasons=stops_text(stops)) if stops else ""
