"""A rush in miniature: sign-ups, withdrawals, answers, offers that run out and more places, mixed.

After each step nothing is sold twice, nobody has passed anybody, no limit is broken; and in the end
everybody was told each thing that happened to them, once.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import offers, registrations
from dialognav.domain.errors import LimitReached, OfferOver
from dialognav.domain.terms import HOLDING, Seat
from dialognav.models import Attendance, Event, Letter, Participant, Registration
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.test_party_limits import of
from tests.integration.test_register_actions import POST

LIMIT = 3
STEPS = 60


class Rush:
    def __init__(self, session, seed: int, **given) -> None:
        self.session, self.dice = session, random.Random(seed)
        event = make_event(session, capacity_on_site=3, limit_per_party=LIMIT, **given)
        self.event_id, self.now, self.count = event.id, NOW, 0
        self.before: dict[int, tuple[str, int | None]] = {}
        self.expected: Counter[tuple[str, str]] = Counter()

    def how(self) -> dict:
        return {"now": self.now, "actor": "", "post": POST}

    def step(self, verb: Callable[[], None] | None = None) -> None:
        verbs = [*[self.sign_up, self.withdraw, self.answer, self.time] * 4, self.more]
        verb = verb or self.dice.choice(verbs)
        if verb == self.time:
            self.time()
        else:
            try:
                with self.session.begin_nested():
                    verb()
            except (LimitReached, OfferOver):
                pass
        self.session.flush()
        self.check()

    def sign_up(self) -> None:
        self.count += 1
        firm = self.dice.choice(["556016-0680", "556036-0793", "202100-5448"])
        names = [f"P{self.count}x{n}" for n in range(self.dice.randint(1, 2))]
        registrations.register(
            self.session, self.event_id, of(f"F{firm[-4:]}", *names, number=firm), **self.how()
        )

    def _some(self, *states: str) -> Attendance | None:
        query = sa.select(Attendance).where(Attendance.state.in_(states)).order_by(Attendance.id)
        found = self.session.scalars(query).all()
        return self.dice.choice(found) if found else None

    def withdraw(self) -> None:
        seat = self._some(Seat.CONFIRMED, Seat.WAITING, Seat.OFFERED)
        if seat is not None:
            registrations.withdraw_person(self.session, seat.participant_id, **self.how())

    def answer(self) -> None:
        seat = self._some(Seat.OFFERED)
        if seat is None:
            return
        verb = self.dice.choice([offers.accept_offers, offers.accept_offers, offers.decline_offers])
        registration = seat.participant.registration
        whom = self.dice.choice([seat.participant_id, None])
        verb(self.session, registration.id, whom, **self.how())

    def time(self) -> None:
        self.now += timedelta(hours=self.dice.choice([1, 9, 30]))
        if self.dice.random() < 0.7:  # the job is late now and then
            offers.lapse_offers(self.session, self.event_id, now=self.now, post=POST)

    def more(self) -> None:
        event = registrations.lock_event(self.session, self.event_id)
        event.occasions[0].capacity_on_site += 1
        registrations.fill_free_places(self.session, event, now=self.now, post=POST, added=True)

    def check(self) -> None:
        rows = self.session.scalars(sa.select(Attendance)).all()
        [capacity] = self.session.scalars(sa.select(Event)).one().occasions
        assert sum(row.state in HOLDING for row in rows) <= capacity.capacity_on_site
        still = [row.queue_number for row in rows if row.state == Seat.WAITING]
        for row in rows:
            state, _ = self.before.get(row.id, ("", None))
            if state == row.state:
                continue
            if row.state in (Seat.OFFERED, Seat.LAPSED) or state == Seat.OFFERED:
                self.expected[row.participant.email, str(row.state)] += 1
            if row.state == Seat.CONFIRMED and state == "":
                assert not self._waited_before(), "passed the queue"
            if row.state == Seat.OFFERED or (row.state == Seat.CONFIRMED and state == Seat.WAITING):
                assert all(row.queue_number < number for number in still), "passed somebody"
        self._check_limit()
        self.before = {row.id: (row.state, row.queue_number) for row in rows}

    def _waited_before(self) -> bool:
        return any(state == Seat.WAITING for state, _ in self.before.values())

    def _check_limit(self) -> None:
        live = (Seat.CONFIRMED, Seat.WAITING, Seat.OFFERED)
        counted = self.session.scalars(
            sa.select(sa.func.count())
            .select_from(Attendance)
            .join(Attendance.participant)
            .join(Participant.registration)
            .where(Attendance.state.in_(live))
            .group_by(Registration.party_key)
        )
        assert all(number <= LIMIT for number in counted)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("together", [False, True])
def test_nothing_breaks_in_a_rush(work, seed, together):
    with work() as session:
        rush = Rush(session, seed, promotion="offer", offer_together=together)
        for n in range(STEPS):
            rush.step(rush.sign_up if n < 8 else None)
        told = Counter(
            tuple(row)
            for row in session.execute(
                sa.select(Letter.recipient, Letter.kind).where(
                    Letter.kind.in_(("offered", "lapsed"))
                )
            )
        )
        for kind in ("offered", "lapsed"):
            wanted = {who: n for (who, what), n in rush.expected.items() if what == kind}
            got = {who: n for (who, what), n in told.items() if what == kind}
            # A contact is told of colleagues' offers too.
            assert all(got.get(who, 0) >= n for who, n in wanted.items())
        assert rush.expected
