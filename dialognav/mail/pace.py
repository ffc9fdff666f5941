"""How fast letters leave, of all workers together: so many a minute, and so many to one domain.

For each of the two one row keeps the instant from which the next letter may leave (GCRA, ITU-T
I.371): no more than the limit in any minute. A server that asks for fewer letters moves it on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Settings
from dialognav.models import MailPace

EVERYWHERE = "*"
"""Stands for all domains."""

SLOW = timedelta(minutes=1)
"""For how long nothing goes where a server has asked for fewer letters."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a minute; 0 is as many as there are."""

    per_minute: int

    @property
    def burst(self) -> int:
        """How many may go at one instant."""
        return max(1, self.per_minute // 10)

    @property
    def gap(self) -> timedelta:
        """Between the others, so that with the burst they are no more than the limit."""
        return _MINUTE / (self.per_minute - self.burst + 1)

    def allows(self, free_at: datetime, now: datetime, *, is_urgent: bool = False) -> int | None:
        """How many may leave at once; None is any number. Urgent ones draw on the next minute, and
        where only a server has asked for fewer, they are the few."""
        waits = max(free_at - now, timedelta())
        if self.per_minute == 0:
            return 0 if waits and not is_urgent else None
        ahead = self.per_minute if is_urgent else 0
        return max(0, int(((self.burst + ahead) * self.gap - waits) / self.gap))

    def after(self, free_at: datetime, now: datetime, count: int) -> datetime:
        """From when the next may leave, once so many have."""
        return max(free_at, now) + count * self.gap


_NONE = Limit(0)


@dataclass(frozen=True, slots=True)
class Pace:
    """What may leave now. Urgent letters may use up the next minute too; the others wait for it."""

    now: datetime
    overall_limit: Limit = _NONE
    domain_limit: Limit = _NONE
    free_at: Mapping[str, datetime] = field(default_factory=dict)
    is_urgent: bool = False

    @property
    def closed_domains(self) -> list[str]:
        """To which nothing may leave."""
        return sorted(name for name in self.free_at if self.allowed(name) == 0)

    def allowed(self, name: str) -> int | None:
        """How many letters may leave for a domain, or EVERYWHERE; None is any number."""
        free_at = self.free_at.get(name, self.now)
        return self._limit(name).allows(free_at, self.now, is_urgent=self.is_urgent)

    def choose(self, due: Sequence[tuple[int, str]], most: int) -> dict[int, str]:
        """Of letters (id, domain) in turn, those that may leave, by id; `most` at the most."""
        overall = self.allowed(EVERYWHERE)
        most = most if overall is None else min(most, overall)
        taken: Counter[str] = Counter()
        chosen: dict[int, str] = {}
        for letter, domain in due:
            room = self.allowed(domain)
            if len(chosen) < most and (room is None or taken[domain] < room):
                taken[domain] += 1
                chosen[letter] = domain
        return chosen

    def spent(self, domains: Counter[str]) -> dict[str, datetime]:
        """The instants that change when so many letters leave for each of the domains."""
        counts = {EVERYWHERE: domains.total(), **domains}
        return {
            name: self._limit(name).after(self.free_at.get(name, self.now), self.now, count)
            for name, count in counts.items()
            if self._limit(name).per_minute and count
        }

    def _limit(self, name: str) -> Limit:
        return self.overall_limit if name == EVERYWHERE else self.domain_limit


def look(session: Session, settings: Settings, *, now: datetime, is_urgent: bool) -> Pace:
    """What may leave now. With limits, workers take turns here until commit."""
    limits = Limit(settings.mail_per_minute), Limit(settings.mail_per_domain_minute)
    if any(limit.per_minute for limit in limits):
        _take_turns(session, now)
    rows = session.execute(
        sa.select(MailPace.domain, MailPace.free_at).where(MailPace.free_at > now)
    )
    return Pace(now, *limits, dict(rows.all()), is_urgent)


def _take_turns(session: Session, now: datetime) -> None:
    """An upsert that changes nothing locks the row, also when it is new."""
    insert = _insert(session).values(domain=EVERYWHERE, free_at=now)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[MailPace.domain], set_={"domain": insert.excluded.domain}
        )
    )


def spend(session: Session, pace: Pace, domains: Counter[str]) -> None:
    """So many letters leave for each of the domains."""
    _write(session, pace.spent(domains))


def give_back(session: Session, settings: Settings, domains: Counter[str]) -> None:
    """So many letters for each of the domains were not tried after all."""
    overall, each = Limit(settings.mail_per_minute), Limit(settings.mail_per_domain_minute)
    counts = [(EVERYWHERE, overall, domains.total())]
    counts += [(name, each, count) for name, count in sorted(domains.items())]
    for name, limit, count in counts:
        if limit.per_minute and count:
            row = session.get(MailPace, name, with_for_update=True, populate_existing=True)
            if row is not None:
                row.free_at -= count * limit.gap


def slow_down(session: Session, domain: str, *, now: datetime) -> None:
    """A server has asked for fewer letters to this domain, or EVERYWHERE."""
    _write(session, {domain: now + SLOW})


def _write(session: Session, free_at: dict[str, datetime]) -> None:
    if not free_at:
        return
    insert = _insert(session)
    later = sa.case(
        (MailPace.free_at > insert.excluded.free_at, MailPace.free_at),
        else_=insert.excluded.free_at,
    )
    session.execute(
        insert.on_conflict_do_update(index_elements=[MailPace.domain], set_={"free_at": later}),
        [{"domain": name, "free_at": at} for name, at in sorted(free_at.items())],
    )


def _insert(session: Session) -> Any:
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if is_postgresql else sqlite.insert)(MailPace)
