"""Whether those whom a link opens are coming, in words for the own page."""

from dataclasses import dataclass

from dialognav.actions import answering
from dialognav.clock import utcnow
from dialognav.domain.terms import EventState
from dialognav.i18n import date_text, list_text, moment_text
from dialognav.models import Attendance, Participant
from dialognav.queries.registrations import Own


@dataclass(frozen=True, slots=True)
class ComingView:
    """One person with a place that has not begun. `answer` is "", yes, perhaps or no; `until` when
    a no can be taken back; `days` which occasions it is about, where there are several.

    `is_asked`: the event has a new date, and there is no answer to it.
    """

    id: str
    name: str
    answer: str
    until: str
    days: str
    is_asked: bool

    @property
    def is_urgent(self) -> bool:
        """Whether the page asks before it says anything else."""
        return self.answer == "no" or self.is_asked


_ANSWERS = {"": "", "ACCEPTED": "yes", "TENTATIVE": "perhaps", "DECLINED": "no"}


def coming_views(own: Own) -> list[ComingView]:
    """Those whom the holder of the link can answer for; nobody while the event has no day."""
    if own.event.state != EventState.PUBLISHED:
        return []
    found = ((person, _ahead(person)) for person in own.people)
    return [_view(own, person, seats) for person, seats in found if seats]


def _ahead(person: Participant) -> list[Attendance]:
    if person.withdrawn_at is not None:
        return []
    return [s for s in answering.held_seats(person) if utcnow() < s.occasion.starts_at]


def _view(own: Own, person: Participant, seats: list[Attendance]) -> ComingView:
    """A no is shown before anything else: it has a time limit."""
    declined = [seat for seat in seats if answering.is_no(seat)]
    said = {seat.partstat for seat in seats}
    answer = "DECLINED" if declined else said.pop() if len(said) == 1 else ""
    ends = min((seat.declined_until for seat in declined if seat.declined_until), default=None)
    zone = own.event.zone
    days = [date_text(seat.occasion.starts_at, zone, "short") for seat in declined or seats]
    return ComingView(
        id=person.public_id,
        name=person.name,
        answer=_ANSWERS.get(answer, ""),
        until=moment_text(ends, zone, "medium") if ends else "",
        days=list_text(days) if len(own.event.live_occasions) > 1 else "",
        is_asked=own.event.redated_at is not None and answer == "",
    )
