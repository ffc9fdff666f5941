"""`flask worker` with JOBS=procrastinate: the same jobs, shared out among any number of machines.

Procrastinate says who runs what, and when; what there is to do stands in our own tables. A worker
that is killed therefore loses nothing: its letters' leases run out, and its jobs begin anew.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import procrastinate
import psycopg
import sqlalchemy as sa
from flask import Flask
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.tasks import Task
from psycopg.conninfo import make_conninfo

from dialognav.db import db
from dialognav.jobs import wake_ups
from dialognav.jobs.lanes import Lane, cron, lanes
from dialognav.jobs.procrastinate_tables import NewerTables, make_tables
from dialognav.jobs.runner import Job, run_job

log = logging.getLogger(__name__)
__all__ = ["NewerTables", "run"]

CLOCK = "clock"
SWEEP = "* * * * * */5"
"""Letters that are due by now, or were not called for: looked for so often."""

_STALLED = "* * * * * */10"
_SILENCE = 30
"""Seconds without a heartbeat, of one in ten, after which a worker is taken to be dead."""

_POLL = 1.0
_PAUSE = 5.0  # seconds before another try when the database has gone away
_LATE = 2 * 60 * 60  # seconds; the hourly job of the last full hour is done at the start


def run(app: Flask, jobs: Sequence[Job]) -> None:
    """Until told to stop; jobs in hand are finished. Raises as make_tables() does."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    with app.app_context():
        engine = db.engine
    stopping = threading.Event()
    while not stopping.is_set():
        try:
            make_tables(engine)
            asyncio.run(_Team(app, lanes(jobs), engine, stopping).work())
            if not stopping.is_set():
                log.warning("a part of the worker has ended, and all of it begins anew")
        except (ConnectorException, psycopg.OperationalError, sa.exc.OperationalError) as error:
            log.warning("the database does not answer: %s", error.__cause__ or error)
        stopping.wait(_PAUSE)


class _Team:
    """A Procrastinate worker for each lane, so that no lane waits for another, and one that does
    no jobs but has them begin by the clock. They end together."""

    def __init__(
        self, app: Flask, given: Sequence[Lane], engine: sa.Engine, stopping: threading.Event
    ) -> None:
        self._app = app
        self._lanes = given
        self._connector = procrastinate.PsycopgConnector(
            conninfo=_conninfo(engine), min_size=1, max_size=4
        )
        self._stopping = stopping
        self._ending = threading.Event()
        self._running: list[asyncio.Task[None]] = []

    async def work(self) -> None:
        """Until told to stop, or until one of them fails."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(len(self._lanes) + 1))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        await self._connector.open_async()
        try:
            workers = [self._clock(), *map(self._worker, self._lanes)]
            self._running = [asyncio.create_task(worker) for worker in workers]
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            self._end()
            for ended in await asyncio.gather(*self._running, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
        finally:
            await self._connector.close_async()

    def _stop(self) -> None:
        self._stopping.set()
        self._end()

    def _end(self) -> None:
        """Each finishes what it has in hand; a second cancel() would not let it."""
        if not self._ending.is_set():
            self._ending.set()
            for worker in self._running:
                worker.cancel()

    def _worker(self, lane: Lane) -> Coroutine[None, None, None]:
        app = procrastinate.App(connector=self._connector)
        for job in lane.jobs:
            self._add(app, lane, job)
        return self._on_queue(app, lane.name, hears=lane.is_woken)

    def _on_queue(
        self, app: procrastinate.App, queue: str, *, hears: bool
    ) -> Coroutine[None, None, None]:
        return app.run_worker_async(
            queues=[queue],
            name=queue,
            fetch_job_polling_interval=_POLL,
            listen_notify=hears,
            delete_jobs="always",
            install_signal_handlers=False,
            stalled_worker_timeout=_SILENCE,
        )

    def _add(self, app: procrastinate.App, lane: Lane, job: Job) -> Task[..., None, ...]:
        """The job as a task. With more to do it goes on where it may, or lines up again."""
        more = [Lane(lane.name, (job,))]

        def task(timestamp: int = 0) -> None:
            has_more = run_job(self._app, job, self._ending)
            while has_more:
                with self._app.app_context():
                    wake_ups.call(more)
                if not job.together or self._ending.is_set():
                    return
                has_more = run_job(self._app, job, self._ending)

        # No lock: what another worker does at the same time does no harm (Job), and a lock would
        # outlive a worker that dies.
        return app.task(name=job.name, queue=lane.name, queueing_lock=job.name)(task)

    def _clock(self) -> Coroutine[None, None, None]:
        """Has jobs begin when it is time, and clears up after workers that died."""
        app = procrastinate.App(connector=self._connector, periodic_defaults={"max_delay": _LATE})
        woken = [job.name for lane in self._lanes for job in lane.jobs if job.together]
        for lane in self._lanes:
            for job in lane.jobs:
                if not job.together:
                    app.periodic(cron=cron(job.every))(self._add(app, lane, job))

        @app.periodic(cron=SWEEP)
        @app.task(name="sweep", queue=CLOCK, queueing_lock="sweep")
        def sweep(timestamp: int) -> None:
            self._call(woken)

        @app.periodic(cron=_STALLED)
        @app.task(name="stalled", queue=CLOCK, queueing_lock="stalled")
        async def stalled(timestamp: int) -> None:
            await self._begin_anew(app)

        return self._on_queue(app, CLOCK, hears=False)

    async def _begin_anew(self, app: procrastinate.App) -> None:
        """What a worker had in hand when it died."""
        manager = app.job_manager
        left = list(await manager.get_stalled_jobs(seconds_since_heartbeat=_SILENCE))
        for one in left:
            log.warning("job %s was left by a worker that died", one.task_name)
            with suppress(ConnectorException):  # another worker was quicker
                await manager.finish_job(one, Status.ABORTED, delete_job=True)
        names = {one.task_name for one in left}
        await asyncio.to_thread(self._call, names)

    def _call(self, names: Collection[str]) -> None:
        wanted = [
            Lane(lane.name, tuple(job for job in lane.jobs if job.name in names))
            for lane in self._lanes
        ]
        with self._app.app_context():
            wake_ups.call(wanted)


def _conninfo(engine: sa.Engine) -> str:
    """What the app connects with, but to Procrastinate's tables."""
    _, given = engine.dialect.create_connect_args(engine.url)
    given.pop("context", None)  # SQLAlchemy's own
    options = f"{given.pop('options', '')} -c search_path={wake_ups.SCHEMA}"
    return make_conninfo(**given, options=options.strip())
