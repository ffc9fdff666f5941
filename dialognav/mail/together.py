"""Which of a person's seats at one event share a letter (calendar.md 2.1 f, f').

Dates of a series are one entry and one letter. Other occasions are entries of their own, and a mail
carries one entry; of more than five, one letter tells all, and the person's own feed has them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.domain.terms import Seat
from dialognav.mail.audience import Standing
from dialognav.mail.letters import Writer
from dialognav.models import Attendance, CalendarObject, Participant

MOST_LETTERS = 5
_WITHOUT_ENTRY = (Seat.PENDING, Seat.WAITING, Seat.OFFERED, Seat.LAPSED)


def together(session: Session, writer: Writer, standings: Iterable[Standing]) -> list[Standing]:
    """The same people, each as often as there are letters to write.

    What happens to several seats in one letter has to be the same: they are put together by state.
    """
    told = list(standings)
    if len(writer.event.occasions) == 1 or not told:
        return told
    if writer.series():
        _load_dates(session, told)
    groups: dict[tuple[int, str, bool, bool], list[Standing]] = {}
    for one in told:
        is_of_series = writer.is_of_series(one.occasion)
        key = (one.participant.id, one.seat, one.is_invited, is_of_series)
        groups.setdefault(key, []).append(one)
    kept = _kept(session, writer, told)
    letters: list[Standing] = []
    for (participant_id, _seat, _invited, is_of_series), group in groups.items():
        if is_of_series:
            letters.append(_one_letter(group, in_feed=False))
        else:
            letters += _by_themselves(group, kept.get(participant_id, {}))
    return letters


def _by_themselves(group: list[Standing], kept: dict[int, bool]) -> list[Standing]:
    """A letter for each, unless they are too many. `kept`: occasion -> whether only in the feed."""
    if group[0].seat in _WITHOUT_ENTRY and not group[0].is_invited:
        return [_one_letter(group, in_feed=False)]
    mailed = [one for one in group if kept.get(one.occasion.id) is False]
    others = [one for one in group if kept.get(one.occasion.id) is not False]
    in_feed = any(kept.get(one.occasion.id) for one in others)
    if in_feed or len(others) > MOST_LETTERS:
        return [*mailed, _one_letter(others, in_feed=True)]
    ordered = _in_order(group)
    return [replace(one, number=(n, len(group))) for n, one in enumerate(ordered, start=1)]


def _one_letter(group: list[Standing], *, in_feed: bool) -> Standing:
    first, *others = _in_order(group)
    return replace(first, others=tuple(others), in_feed=in_feed)


def _in_order(group: Sequence[Standing]) -> list[Standing]:
    """As they begin; what has to be answered, as the offers end."""

    def key(one: Standing) -> tuple[datetime, int]:
        ends_at = one.attendance.offer_ends_at if one.seat == Seat.OFFERED else None
        return ends_at or one.occasion.starts_at, one.occasion.id

    return sorted(group, key=key)


def _kept(session: Session, writer: Writer, told: Sequence[Standing]) -> dict[int, dict[int, bool]]:
    """Participant -> occasion -> whether its entry, which stands, is in the feed alone."""
    if len(writer.event.occasions) <= MOST_LETTERS:
        return {}
    rows = session.execute(
        sa.select(
            CalendarObject.participant_id, CalendarObject.occasion_id, CalendarObject.in_feed
        ).where(
            CalendarObject.participant_id.in_({one.participant.id for one in told}),
            CalendarObject.occasion_id.is_not(None),
            CalendarObject.cancelled_at.is_(None),
            CalendarObject.is_series.is_(False),
        )
    )
    kept: dict[int, dict[int, bool]] = {}
    for participant_id, occasion_id, in_feed in rows:
        kept.setdefault(participant_id or 0, {})[occasion_id or 0] = in_feed
    return kept


def _load_dates(session: Session, told: Sequence[Standing]) -> None:
    """What each person has of the series, in two statements for all of them."""
    people = {one.participant.id for one in told}
    session.scalars(
        sa.select(Participant)
        .where(Participant.id.in_(people))
        .options(selectinload(Participant.attendances).joinedload(Attendance.occasion))
    ).all()
