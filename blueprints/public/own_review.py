"""What the own page says while somebody looks at the registration, and after."""

from dataclasses import dataclass

from blueprints.public.said import Said, say
from dialognav.domain.terms import Seat
from dialognav.i18n import list_text
from dialognav.models import Participant
from dialognav.models.approvals import is_declined
from dialognav.queries.registrations import Own
from dialognav.words import DECLINE_REASONS


@dataclass(frozen=True, slots=True)
class ReviewView:
    """`is_new`: of whom nobody has decided anything; `is_kept`: an edit waits, the seat is kept.

    `declined` are public ids, `names` the same people in words, "" when it is everybody.
    """

    is_new: bool
    is_kept: bool
    declined: frozenset[str]
    is_all_declined: bool
    names: str
    reason: str
    text: Said

    @property
    def is_open(self) -> bool:
        return self.is_new or self.is_kept


def review_view(own: Own) -> ReviewView:
    """Of those whom the holder of this link may see."""
    people = own.people
    declined = [one for one in people if is_declined(one)]
    is_all = bool(people) and len(declined) == len(people)
    registration = own.registration
    code = registration.decision_reason
    text = say(registration.decision_text, own.event.primary_language)
    is_said = code in DECLINE_REASONS and not (code == "other" and text)
    return ReviewView(
        is_new=any(_is_new(one) for one in people),
        is_kept=any(_is_kept(one) for one in people),
        declined=frozenset(one.public_id for one in declined),
        is_all_declined=is_all,
        names="" if is_all else list_text([one.name for one in declined]),
        reason=str(DECLINE_REASONS[code]) if is_said else "",
        text=text,
    )


def _is_new(person: Participant) -> bool:
    return any(
        seat.state == Seat.PENDING and not seat.keeps_seat and seat.queue_number is None
        for seat in person.attendances
    )


def _is_kept(person: Participant) -> bool:
    return any(
        seat.state == Seat.PENDING and (seat.keeps_seat or seat.queue_number is not None)
        for seat in person.attendances
    )
