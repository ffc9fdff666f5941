"""Whether somebody with a place says to come, in words for the organiser."""

from dialognav.domain.terms import Seat
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text
from dialognav.models import Attendance


def answer_text(seat: Attendance) -> str:
    """Of a seat that is held; "" where nothing was answered and nothing is asked."""
    if seat.state != Seat.CONFIRMED and not seat.keeps_seat:
        return ""
    said = _said(seat)
    if not seat.partstat_comment:
        return said
    return _("%(answer)s: “%(comment)s”", answer=said, comment=seat.partstat_comment)


def _said(seat: Attendance) -> str:
    if seat.partstat == "DECLINED" and seat.declined_until is not None:
        until = moment_text(seat.declined_until, seat.occasion.event.zone)
        return _("says no in the calendar, has until %(moment)s to confirm", moment=until)
    if not seat.partstat:
        asked = seat.state == Seat.CONFIRMED and seat.occasion.event.redated_at is not None
        return _("has not answered to the new date") if asked else ""
    return {
        "ACCEPTED": _("says yes"),
        "TENTATIVE": _("says perhaps"),
        "DECLINED": _("says no in the calendar"),
    }.get(seat.partstat, "")
