"""The letter of the morning to staff: what waits for whom, when, and who stands in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dialognav.domain import permissions
from dialognav.domain.permissions import may
from dialognav.domain.timing import to_wall
from dialognav.domain.working_hours import WorkingHours

UNTIL = time(12)
"""From eight, and no later than this: what is missed in the morning comes the next one."""

CLOSING_DAYS = 2
"""A deadline is told of so many working days ahead."""

VERBS: dict[str, str] = {
    "reviews": permissions.REVIEW,
    "needs": permissions.REGISTRATIONS,
    "approvals": permissions.MESSAGE_APPROVAL,
    "minutes": permissions.MINUTES_APPROVAL,
    "corrections": permissions.MEETING_NOTES,
    "shares": permissions.MINUTES_APPROVAL,
    "draws": permissions.MEETINGS,
    "unstaffed": permissions.MEETINGS,
    "unoffered": permissions.MEETINGS,
    "missed": permissions.MESSAGES,
    "failed": permissions.LETTERS,
    "stuck": permissions.LETTERS,
    "dead": permissions.LETTERS,
    "inbox": permissions.LETTERS,
    "privacy": permissions.DISPOSAL,
    "deadlines": permissions.EDIT,
}
"""What may wait, in the order of the letter, and what one has to be allowed in order to do it."""


@dataclass(frozen=True, slots=True)
class Waits:
    """`number` of a kind wait, at the page `path`. `title` names an event or message, in `lang`.

    `not_for`: users who may not decide it, because they wrote it. `at`: when a deadline is.
    """

    kind: str
    number: int
    path: str
    title: str = ""
    lang: str = ""
    not_for: frozenset[int] = frozenset()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's part in an organisation. Away from the first day to the last, both included."""

    id: int
    user_id: int
    role: str
    wants_digest: bool = True
    stand_in_id: int | None = None
    away_from: date | None = None
    away_until: date | None = None

    def is_away(self, day: date) -> bool:
        return (
            self.away_from is not None
            and self.away_from <= day
            and (self.away_until is None or day <= self.away_until)
        )


def morning(hours: WorkingHours, now: datetime) -> date | None:
    """The working day whose letter leaves now; None at other times."""
    wall = to_wall(now, hours.zone)
    return wall.date() if hours.is_working(now) and wall.time() < UNTIL else None


def closing_until(hours: WorkingHours, now: datetime) -> datetime:
    """When the last of the working days ahead closes whose deadlines are told of now."""
    instant = now
    for _day in range(CLOSING_DAYS):
        instant = hours.next(_midnight_after(instant, hours.zone))
    return hours.last(_midnight_after(instant, hours.zone))


def _midnight_after(instant: datetime, zone: str) -> datetime:
    """About that: one clock change is an hour, and working hours begin at eight."""
    wall = to_wall(instant, zone)
    gone = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)
    return instant - gone + timedelta(days=1, hours=2)


def readers(members: Iterable[Member], day: date) -> dict[int, list[int]]:
    """{member who gets the letter: members whose decisions are in it}, the reader's own first.

    Whoever is away has a stand-in, who may be away and have one too. Where that ends with nobody
    who is there, they get it themselves: they had wanted somebody to see it. Whoever has chosen
    nobody sees to it when they are back.
    """
    by_id = {member.id: member for member in members}
    found: dict[int, list[int]] = {}
    for member in by_id.values():
        if not member.wants_digest:
            continue
        reader = _present(member, by_id, day)
        if reader is None:
            if member.stand_in_id is None:
                continue
            reader = member
        at = 0 if reader.id == member.id else len(found.get(reader.id, []))
        found.setdefault(reader.id, []).insert(at, member.id)
    return found


def _present(member: Member, by_id: Mapping[int, Member], day: date) -> Member | None:
    """Who reads in somebody's place that day."""
    seen: set[int] = set()
    reader: Member | None = member
    while reader is not None and reader.is_away(day):
        if reader.id in seen or reader.stand_in_id is None:
            return None
        seen.add(reader.id)
        reader = by_id.get(reader.stand_in_id)
    return reader


def may_stand_in(role: str, absent: str) -> bool:
    """Whether one role may decide all that another may, of what the letter tells of."""
    wanted = [verb for verb in VERBS.values() if may(absent, verb)]
    return all(may(role, verb) for verb in wanted)


def waits_for(reader: Member, of: Collection[Member], waiting: Iterable[Waits]) -> list[Waits]:
    """What the reader has to decide, for themselves or for those they stand in for.

    Each once, and nothing that the reader may not.
    """
    roles = [member.role for member in of]
    return [
        one
        for one in waiting
        if may(reader.role, VERBS[one.kind])
        and any(may(role, VERBS[one.kind]) for role in roles)
        and reader.user_id not in one.not_for
    ]
