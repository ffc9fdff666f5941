"""How the jobs are dealt out to Procrastinate: by lane, and by the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from croniter import croniter

import config
from dialognav import schedule
from dialognav.jobs.lanes import HOME, Lane, cron, lanes
from dialognav.jobs.runner import Job

TICK = timedelta(seconds=5)


def job(name: str, **how: bool) -> Job:
    return Job(name, TICK, lambda _stopping: False, **how)


def test_who_waits_for_other_servers_and_who_sends_letters_is_waited_for_by_nobody():
    publish, tidy = job("publish"), job("tidy")
    calendars, letters = job("calendars", abroad=True), job("letters", together=True)
    home, *apart = lanes([publish, calendars, tidy, letters])
    assert home == Lane(HOME, (publish, tidy))
    assert apart == [Lane("calendars", (calendars,)), Lane("letters", (letters,))]
    assert [lane.is_woken for lane in (home, *apart)] == [False, False, True]


@pytest.mark.parametrize(
    ("every", "seconds"),
    [
        (timedelta(), 5),
        (timedelta(seconds=5), 5),
        (timedelta(seconds=10), 10),
        (timedelta(seconds=25), 20),  # the same in every minute, and never rarer than asked
        (timedelta(seconds=30), 30),
        (timedelta(minutes=1), 60),
        (timedelta(seconds=90), 60),
        (timedelta(minutes=15), 900),
        (timedelta(minutes=59), 1800),
        (timedelta(hours=1), 3600),
        (timedelta(hours=5), 4 * 3600),
        (timedelta(days=1), 24 * 3600),
        (timedelta(days=7), 24 * 3600),
    ],
)
def test_a_period_as_procrastinate_wants_it(every, seconds):
    times = croniter(cron(every), datetime(2027, 1, 12, tzinfo=UTC))
    seen = [times.get_next(float) for _ in range(60)]
    assert {round(b - a) for a, b in pairwise(seen)} == {seconds}


def test_every_job_of_ours_has_a_lane(tmp_path):
    settings = config.load({"SECRET_KEY": "k" * 32, "DATA_DIR": str(tmp_path)})
    jobs = schedule.jobs(settings)
    dealt = [one for lane in lanes(jobs) for one in lane.jobs]
    assert sorted(one.name for one in dealt) == sorted(one.name for one in jobs)
    assert len({one.name for one in jobs}) == len(jobs)
    assert "letters" in {lane.name for lane in lanes(jobs) if lane.is_woken}
