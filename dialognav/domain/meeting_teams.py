"""Who of the team is at which table: enough of them at each, and nobody at two at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from dialognav.domain.meeting_terms import TableRole

Span = tuple[datetime, datetime]


def twice_at_once(teams: Mapping[int, Iterable[int]], spans: Mapping[int, Span]) -> set[int]:
    """Those of the team ({slot id: their ids}) who would be in two slots at one time."""
    seats = sorted(
        (member, *spans[slot_id]) for slot_id, team in teams.items() for member in set(team)
    )
    return {
        earlier[0]
        for earlier, later in pairwise(seats)
        if earlier[0] == later[0] and later[1] < earlier[2]
    }


def is_staffed(roles: Iterable[tuple[int, str]]) -> bool:
    """Whether somebody asks and somebody else takes notes: (member id, role) of each."""
    team = list(roles)
    asks = {member for member, role in team if role == TableRole.ASKS}
    notes = {member for member, role in team if role == TableRole.NOTES}
    return bool(asks) and bool(notes) and len(asks | notes) > 1
