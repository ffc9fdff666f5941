"""Why a one-to-one meeting cannot be had, to a supplier: what the organiser's own affairs are, or
another supplier's, is not for it to know."""

from datetime import datetime

from dialognav.domain.bookings import Stop
from dialognav.domain.errors import CannotMeet, RuleBroken, WrongPeople
from dialognav.domain.meeting_terms import HandOut
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, moment_text, ngettext
from dialognav.models import Event, MeetingRules

_STOPS = {
    Stop.NO_MEETINGS: lazy("There are no one-to-one meetings to book."),
    Stop.EVENT_STOPPED: lazy("No more meetings are handed out at this event."),
    Stop.NOT_ADMITTED: lazy(
        "Meetings are for those who are registered and confirmed. When you have a place, you can"
        " book here."
    ),
    Stop.TAKEN: lazy("Someone booked it first. Choose another time."),
    Stop.BEGUN: lazy("This time has begun. Choose another."),
    Stop.NOT_BY_CHOICE: lazy("Times are not chosen here: they are handed out by the rule below."),
    Stop.NOT_OPEN: lazy("Booking is not open yet."),
    Stop.CLOSED: lazy("Booking is closed. Write to the organiser if you need another time."),
}
"""The rest are all the same to a supplier: the time is not to be had. Also that somebody is in
another meeting then: it can be another supplier's, whose hour nobody is to find out."""

_NOT_TO_BE_HAD = lazy("This time is no longer to be had. Choose another.")


def meeting_refusal(broken: RuleBroken, words: str, *, has_old: bool = False) -> str:
    """`words`: what is said of any other broken rule. `has_old`: they wanted to move."""
    if isinstance(broken, CannotMeet):
        if has_old and broken.stops[:1] == (Stop.TAKEN,):
            return _("Someone booked it first. You keep your old time.")
        return stop_words(broken.stops[0] if broken.stops else "", broken.allowed)
    if isinstance(broken, WrongPeople):
        return people_words(broken)
    return words


def stop_words(stop: str, allowed: int = 1) -> str:
    if stop == Stop.LIMIT:
        return limit_words(allowed)
    return str(_STOPS.get(Stop(stop), _NOT_TO_BE_HAD) if stop else _NOT_TO_BE_HAD)


def limit_words(allowed: int) -> str:
    return ngettext(
        "Your organisation has its meeting: there is %(num)s for each, so that others get one too.",
        "Your organisation has its meetings: there are %(num)s for each, so that others get some"
        " too.",
        allowed,
    )


def people_words(broken: WrongPeople) -> str:
    if broken.allowed is None:
        return _("Not all of these can come to this time. Choose others.")
    if broken.allowed == 0:
        return _("Choose at least one person who comes")
    return ngettext(
        "At most %(num)s person of yours can come to a meeting",
        "At most %(num)s people of yours can come to a meeting",
        broken.allowed,
    )


def why_not(stop: Stop, event: Event, rules: MeetingRules, now: datetime) -> str:
    """As stop_words(), with the instant where there is one."""
    at = {Stop.NOT_OPEN: rules.opens_at, Stop.CLOSED: rules.closes_at}.get(stop)
    if at is None or (now < at) != (stop is Stop.NOT_OPEN):
        return stop_words(stop, rules.most_per_party)
    moment, books = moment_text(at, event.zone, "medium"), rules.hand_out == HandOut.FIRST_COME
    if stop is Stop.NOT_OPEN:
        if books:
            return _("Booking opens %(moment)s.", moment=moment)
        return _("You can ask for a meeting from %(moment)s.", moment=moment)
    if books:
        return _(
            "Booking closed %(moment)s. Write to the organiser if you need another time.",
            moment=moment,
        )
    return _("One could ask for a meeting until %(moment)s.", moment=moment)
