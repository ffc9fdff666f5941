"""`make bench`: what README promises about speed, measured on this machine.

All figures of one run are taken in turn, warm, uncompressed, both sides under the same gunicorn.
ARGS="--seconds 5 --rounds 5" measures longer.
"""

import argparse
import logging
import os
import platform
import tempfile
import time
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from flask import Flask

import bench.floor
import config
from app import create_app
from bench import calendars, data, mail, pages, processes, signups, weight
from bench.data import FULL_EVENT
from dialognav.db import db
from tests.databases import new_database
from tests.postgres import running_postgres

_WEIGHT_GOAL = 45_000  # bytes over the wire
_REQUEST_GOAL = 4
_MEMORY_GOAL = 200  # MB
_PEER_CPU = 440  # ms of web and database for one sign-up at Indico; at pretix 1,000 (November 2026)


def main() -> None:
    reader = argparse.ArgumentParser(prog="make bench")
    reader.add_argument("--seconds", type=float, default=3, help="length of one run")
    reader.add_argument("--rounds", type=int, default=3, help="runs of each target")
    reader.add_argument("--sign-ups", action="store_true", help="measure nothing else")
    reader.add_argument("--calendars", action="store_true", help="measure nothing else")
    reader.add_argument("--mail", action="store_true", help="measure nothing else")
    reader.add_argument("--letters", type=int, default=2000, help="to deliver in each run")
    asked = reader.parse_args()
    cores = os.cpu_count()
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()};", end=" ")
    print("gunicorn with 2 sync workers on both sides, 8 connections, nothing compressed")
    with tempfile.TemporaryDirectory(prefix="dn-bench-") as place:
        if asked.mail:
            mail_speed(Path(place), asked)
            return
        if not asked.sign_ups:
            calendar_speed(Path(place), asked.rounds)
        if asked.calendars:
            return
        settings = installation(Path(place), f"sqlite:///{place}/bench.sqlite")
        if not asked.sign_ups:
            compare_pages(settings, Path(place), asked)
        sign_up_on("SQLite", settings, asked)
        with running_postgres() as server, new_database(server, "dialognav_bench") as url:
            settings_there = installation(Path(place) / "pg", url)
            sign_up_on("PostgreSQL", settings_there, asked, database=server_process(server))
        if not asked.sign_ups:
            mail_speed(Path(place), asked)
            embedded(settings)


def calendar_speed(place: Path, rounds: int) -> None:
    """In this process, on a database of its own."""
    app = migrated(_settings(place / "calendars", f"sqlite:///{place}/calendars.sqlite"))
    print("\n".join(calendars.measure(app, rounds)))
    with app.app_context():
        db.engine.dispose()


def mail_speed(place: Path, asked: argparse.Namespace) -> None:
    """On both databases, by both kinds of worker; each run on a new database."""
    print(calendars.invitations(asked.rounds))
    print(f"letters with invitation to a mail server, {asked.letters} in each run:")
    deliver_on("SQLite", f"sqlite:///{place}/mail.sqlite", place / "mail", "external", 1, asked)
    with running_postgres() as server:
        for jobs, workers in (*(("external", n) for n in (1, 2, 4)), ("procrastinate", 4)):
            with new_database(server, "dialognav_mail") as url:
                name = "PostgreSQL" if jobs == "external" else "PostgreSQL by Procrastinate"
                deliver_on(name, url, place / f"{jobs}-{workers}", jobs, workers, asked)


def deliver_on(
    name: str, url: str, place: Path, jobs: str, workers: int, asked: argparse.Namespace
) -> None:
    settings = {**_settings(place, url), "JOBS": jobs}
    app = migrated(settings)
    statements, seconds = mail.promise(app, asked.letters)
    if workers == 1:
        print(f"  {name}: promised in {seconds:.1f} s and {statements} statements")
    seen = mail.deliver(app, settings, asked.letters, workers)
    print(mail.line(name, workers, seen), flush=True)


def installation(place: Path, url: str) -> dict[str, str]:
    """Settings of a new installation whose database holds the bench's events."""
    settings = _settings(place, url)
    app = migrated(settings)
    data.fill(app)
    with app.app_context():
        db.engine.dispose()
    return settings


def migrated(settings: dict[str, str]) -> Flask:
    """Its app, and an empty database."""
    app = create_app(config.load(settings))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("dialognav.access").setLevel(logging.WARNING)
    logging.getLogger("dialognav.jobs").setLevel(logging.ERROR)  # no worker to be called yet
    with app.app_context():
        flask_migrate.upgrade()
    return app


def _settings(place: Path, url: str) -> dict[str, str]:
    return {
        "SECRET_KEY": "of-the-bench-" * 4,
        "DATABASE_URL": url,
        "DATA_DIR": str(place),
        "JOBS": "external",
        "SIGNUP_LIMIT": "0",
        "SIGNUP_MINIMUM_SECONDS": "0",
    }


def compare_pages(settings: dict[str, str], place: Path, asked: argparse.Namespace) -> None:
    floor_file = place / "floor.sqlite"
    bench.floor.fill(str(floor_file))
    with (
        processes.serving(
            "bench.floor:create_app()", processes.SYNC, {"FLOOR_DATABASE": str(floor_file)}
        ) as floor,
        processes.serving("app:create_app()", processes.SYNC, settings) as ours,
    ):
        measured = pages.measure(floor, ours, seconds=asked.seconds, rounds=asked.rounds)
    print("\n".join(pages.table(measured)))


def sign_up_on(
    name: str, settings: dict[str, str], asked: argparse.Namespace, *, database: int = 0
) -> None:
    """Event, form, POST and own page, with limit, queue and questions on; the letters are written,
    and sent by nobody meanwhile. `database` is the process of its server, 0 where it has none."""
    with processes.serving("app:create_app()", processes.SYNC, settings) as server:
        signups.measure(server.address, FULL_EVENT, 1)
        runs = [_run(server, database, asked.seconds) for _ in range(asked.rounds)]
    web, stored, seen = min(runs, key=lambda run: run[0] + run[1])
    tails = " ".join(f"{seen.p99:.0f}" for _, _, seen in runs)
    print(
        f"complete sign-ups on {name}: {seen.done / seen.seconds:.1f} a second with"
        f" {signups.CLIENTS} clients; p50 {seen.p50:.0f} ms, p99 {seen.p99:.0f} ms (of each round:"
        f" {tails}); CPU {web + stored:.1f} ms (web {web:.1f}, database {stored:.1f}),"
        f" 1/{_PEER_CPU / (web + stored):.0f} of the better peer's {_PEER_CPU} ms;"
        f" failed {sum(seen.failed for _, _, seen in runs)}"
    )


def _run(
    server: processes.Server, database: int, seconds: float
) -> tuple[float, float, signups.SignUps]:
    """CPU per sign-up of web and database in milliseconds, and what the clients saw."""
    web, stored = server.cpu(), processes.cpu_of(database) if database else 0.0
    seen = signups.measure(server.address, FULL_EVENT, seconds)
    stored = (processes.cpu_of(database) if database else 0.0) - stored
    return (server.cpu() - web) * 1000 / seen.done, stored * 1000 / seen.done, seen


def server_process(url: str) -> int:
    """The first process of the tests' own PostgreSQL."""
    home = sa.make_url(url).query["host"]
    return int(Path(str(home), "data", "postmaster.pid").read_text().split()[0])


def embedded(settings: dict[str, str]) -> None:
    """The installation of `make run`: its memory at rest, and what a first visit weighs."""
    settings = {**settings, "JOBS": "embedded"}
    with processes.serving("app:create_app()", processes.EMBEDDED, settings) as server:
        parts = weight.parts_of(f"{server.address}/sv/events/{FULL_EVENT}")
        for path in ("/sv/", "/calendar.ics", f"/sv/events/{FULL_EVENT}/register"):
            weight.parts_of(server.address + path)
        time.sleep(3)
        memory = server.memory()
        count = len(server.processes())
    sent = sum(part.sent for part in parts)
    for part in parts:
        print(f"  {part.sent:7} bytes  {part.encoding:9} {part.address.partition('?')[0]}")
    print(
        f"event page, first visit: {sent / 1000:.1f} kB in {len(parts)} requests"
        f" (goal {_WEIGHT_GOAL / 1000:.0f} kB in {_REQUEST_GOAL})"
    )
    print(f"embedded, at rest: {memory:.0f} MB in {count} processes (goal under {_MEMORY_GOAL} MB)")


if __name__ == "__main__":
    main()
