"""Runs jobs again and again, in a thread beside the pages or in a process of its own."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask

from dialognav.clock import utcnow

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two looks for work: a letter leaves so soon after its commit."""

_AFTER_FAILURE = timedelta(seconds=30)

_GRACE_ABROAD = 4.0
"""Seconds for which those that wait for other servers are waited for at the end."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often. `run` says whether there may be more to do at once, and
    ends soon after the event it is handed is set.

    It runs inside an app context of its own, opens its own units of work, and does no harm when
    another process runs it too. `abroad`: it waits for somebody else's server, so it has a thread
    of its own, and no letter waits for it. `together`: there may be so much of it that all workers
    should do it side by side; with JOBS=procrastinate a letter that is due calls for it at once.
    """

    name: str
    every: timedelta
    run: Callable[[threading.Event], bool]
    abroad: bool = False
    together: bool = False


def run_job(app: Flask, job: Job, stopping: threading.Event) -> bool:
    """Run it once; whether there may be more to do at once."""
    with app.app_context():
        return job.run(stopping)


class Runner:
    """Runs the jobs of an app, which schedule.py put together."""

    def __init__(self, app: Flask, jobs: Sequence[Job]) -> None:
        self._app = app
        self._jobs = jobs
        self._next: dict[str, datetime] = {}
        self.stopping = threading.Event()

    def tick(self) -> bool:
        """Run every job whose time has come. True when one of them wants to go on at once."""
        return self._tick(self._jobs)

    def run_forever(self) -> None:
        """Until `stopping` is set; a job in hand is finished first, at home and with letters: one
        that has been handed over and not settled would leave twice."""
        abroad = {
            threading.Thread(target=self._loop, args=([job],), name=job.name, daemon=True): job
            for job in self._jobs
            if job.abroad
        }
        for thread in abroad:
            thread.start()
        self._loop([job for job in self._jobs if not job.abroad])
        for thread, job in abroad.items():
            thread.join(None if job.together else _GRACE_ABROAD / len(abroad))

    def _loop(self, jobs: Sequence[Job]) -> None:
        while not self.stopping.is_set():
            if not self._tick(jobs):
                self.stopping.wait(POLL)

    def _tick(self, jobs: Sequence[Job]) -> bool:
        is_busy = False
        for job in jobs:
            if self.stopping.is_set():
                return False
            now = utcnow()
            if self._next.get(job.name, now) > now:
                continue
            has_more = self._run(job)
            is_busy = is_busy or has_more
        return is_busy

    def _run(self, job: Job) -> bool:
        """A job that fails is tried again later; the others do not notice."""
        try:
            has_more = run_job(self._app, job, self.stopping)
        except Exception:
            log.exception("job %s failed", job.name)
            self._next[job.name] = utcnow() + _AFTER_FAILURE
            return False
        self._next[job.name] = utcnow() + (timedelta() if has_more else job.every)
        return has_more
