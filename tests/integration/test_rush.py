"""Two hundred suppliers at once for fifty places, against gunicorn's processes and threads."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.signups import answers
from bench.visitor import Fields, Visitor, form_with
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import Seat
from dialognav.models import Attendance
from tests.factories import make_event
from tests.fixtures import MakeApp, environment_of_tests
from tests.servers import gunicorn

PLACES = 50
PARTIES = 200


class _Rush:
    """Everybody opens the form, waits for the others, and sends it at the same moment."""

    def __init__(self, address: str, slug: str) -> None:
        self.address = address
        self.path = f"/sv/events/{slug}/register"
        self.together = threading.Barrier(PARTIES)
        self.statuses: list[int] = []

    def party(self, n: int) -> None:
        with Visitor(self.address) as visitor:
            try:
                fields = self.opened(visitor, n)
                self.together.wait(120)
            except LookupError:
                self.together.abort()
                raise
            self.statuses.append(visitor.post(self.path, fields).status)

    def opened(self, visitor: Visitor, n: int) -> Fields:
        _, fields = form_with(visitor.get(self.path).body, "party_name")
        return answers(fields, n)

    def run(self) -> None:
        parties = [threading.Thread(target=self.party, args=[n]) for n in range(PARTIES)]
        for party in parties:
            party.start()
        for party in parties:
            party.join()


@pytest.mark.slow
def test_fifty_places_go_to_fifty_of_two_hundred(
    database_url: str, make_app: MakeApp, tmp_path: Path
) -> None:
    starts_at = datetime.now(UTC) + timedelta(days=30)  # gunicorn's clock is the real one
    app = make_app()
    with app.app_context(), unit_of_work() as session:
        slug = make_event(session, starts_at=starts_at, capacity_on_site=PLACES).slug

    with gunicorn(environment_of_tests(database_url, tmp_path), workers=2) as running:
        rush = _Rush(running.address, slug)
        rush.run()

    assert rush.statuses == [303] * PARTIES
    with app.app_context():
        seats = db.session.execute(
            sa.select(Attendance.state, Attendance.queue_number).order_by(Attendance.queue_number)
        ).all()
    waiting = [number for state, number in seats if state == Seat.WAITING]
    assert sum(state == Seat.CONFIRMED for state, _ in seats) == PLACES
    assert waiting == list(range(waiting[0], waiting[0] + PARTIES - PLACES))
