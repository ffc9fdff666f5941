"""A rush: many people at once against the running app, and a verdict over what became of it.

`make rush ARGS="--people 2000 --places 300 --database postgresql"`, or run_rush() from a test.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from flask import Flask

import config
from app import create_app
from dialognav import passwords
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus, Promotion, Role
from dialognav.models import Attendance, KeptMail, Letter
from tests.databases import migrate, new_database
from tests.factories import make_event, make_organisation, make_user
from tests.history.clients import Share
from tests.history.judge import judge
from tests.history.ledger import ledger, name_transactions, read_ledger, snapshot
from tests.history.letters import Mail, read_mail
from tests.history.organiser import Organiser
from tests.history.rules import Violation, worst
from tests.history.served import CLOCK, FAULT, set_clock
from tests.history.told import Recorder, read_told
from tests.postgres import running_postgres
from tests.servers import ROOT, gunicorn

KEY = "not-a-secret-" * 4
PASSWORD = "kanelbulle i snön"
SERVED = "tests.history.served:create_app()"
Plan = TypeVar("Plan")
DRAIN = 180  # seconds within which every letter has left, once nobody does anything any more


@dataclass(frozen=True, slots=True)
class Size:
    """How big a rush is. `limit` people of one organisation; `days` the clock is moved, a step at
    a time, so that offers run out."""

    people: int = 2000
    places: int = 300
    organisations: int = 20
    rivals: int = 10
    limit: int = 3
    processes: int = 3
    servers: int = 3
    workers: int = 1
    days: int = 6
    seconds: float = 60.0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was done, and which promises were broken."""

    violations: list[Violation]
    counts: Counter[str]
    seconds: float

    def __str__(self) -> str:
        said = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return f"{said} in {self.seconds:.0f} s\n{worst(self.violations) or 'every promise kept'}"


@dataclass(frozen=True, slots=True)
class Meeting:
    event_id: int
    public_id: str
    slug: str
    account: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a rush takes place; what is started `until_over` ends with it."""

    app: Flask
    address: str
    folder: Path
    clock: Path
    size: Size
    recorder: Recorder
    until_over: ExitStack


def run_rush(database_url: str, folder: Path, size: Size) -> Verdict:
    """For places at an event."""
    return play(database_url, folder, size, _publish, _let_them_in, _seats)


def play(
    database_url: str,
    folder: Path,
    size: Size,
    put_up: Callable[[Flask, Size], Plan],
    let_in: Callable[[Scene, Plan], None],
    states: Callable[[], dict[str, int]],
) -> Verdict:
    """On an empty, migrated database: what there is (`put_up`), who comes (`let_in`), and a verdict
    over it. Everything that is started has ended when it returns."""
    began = time.monotonic()
    clock = folder / "clock"
    set_clock(clock, timedelta())
    settings = settings_of(database_url, folder, clock, size.fault)
    app = create_app(config.load(settings))
    plan = put_up(app, size)
    with app.app_context():
        engine = db.engine
        engine.dispose()  # connections from now on know what the ledger wants of them
        name_transactions(engine)
        with engine.connect() as connection:
            before = snapshot(connection)
        with ledger(engine):
            with (
                gunicorn(settings, workers=size.servers, app=SERVED) as server,
                ExitStack() as own,
            ):
                for _ in range(size.workers):
                    own.enter_context(worker({**settings, "BASE_URL": server.address}))
                recorder = Recorder(folder / "organiser.jsonl")
                let_in(Scene(app, server.address, folder, clock, size, recorder, own), plan)
                recorder.close()
            with engine.connect() as connection:
                transactions = read_ledger(connection, before)
            mails = list(mails_of(app))
    told = read_told(folder)
    counts = Counter({"transactions": len(transactions), "mails": len(mails)})
    counts.update(f"{one.what} {one.outcome or one.status}" for one in told)
    with app.app_context():
        counts.update(states())
        db.session.rollback()
        engine.dispose()
    return Verdict(judge(transactions, told, mails, before), counts, time.monotonic() - began)


def settings_of(database_url: str, folder: Path, clock: Path, fault: str) -> dict[str, str]:
    """Of every process that serves."""
    return {
        "SECRET_KEY": KEY,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "MAIL_URL": "sink://",
        "MAIL_DOMAIN": "dialog.example",
        "JOBS": "external",
        "QUIET_WINDOW": "0",
        "SIGNUP_LIMIT": "0",
        "SIGNUP_MINIMUM_SECONDS": "0",
        CLOCK: str(clock),
        FAULT: fault,
    }


def _publish(app: Flask, size: Size) -> Meeting:
    """Two thirds of the places at first; offers, a limit, a queue."""
    starts_at = datetime.now(UTC).replace(hour=9) + timedelta(days=120)
    with app.app_context(), unit_of_work() as session:
        organisation = make_organisation(session)
        user = make_user(
            session, organisation, Role.ADMIN, password_hash=passwords.hash_password(PASSWORD)
        )
        event = make_event(
            session,
            organisation,
            starts_at=starts_at,
            registration_closes_at=starts_at - timedelta(days=5),
            capacity_on_site=max(1, size.places * 2 // 3),
            limit_per_party=size.limit,
            promotion=Promotion.OFFER,
            offer_hours=24,
        )
        return Meeting(event.id, event.public_id, event.slug, (user.email, PASSWORD))


def _let_them_in(scene: Scene, meeting: Meeting) -> None:
    size = scene.size
    organiser = Organiser(scene.address, meeting.public_id, meeting.account, scene.recorder)
    share = Share(
        address=scene.address,
        slug=meeting.slug,
        folder=str(scene.folder),
        part=0,
        processes=size.processes,
        people=size.people,
        organisations=size.organisations,
        rivals=size.rivals,
        pause=size.seconds / 10,
    )
    clients = [
        scene.until_over.enter_context(started(_client(replace(share, part=part))))
        for part in range(size.processes)
    ]
    meddling = threading.Thread(target=_meddle, args=[organiser, size, scene.clock, clients])
    meddling.start()
    for client in clients:
        client.wait()
    meddling.join()
    drain(scene.app)
    set_clock(scene.clock, timedelta(days=size.days + 4))  # what is still offered runs out
    drain(scene.app)
    organiser.visitor.__exit__()


def _meddle(
    organiser: Organiser, size: Size, clock: Path, clients: list["subprocess.Popen[bytes]"]
) -> None:
    """Raise the capacity in steps, lower it once, and move the clock, while people come."""
    step = max(0.2, size.seconds / 12)
    first = max(1, size.places * 2 // 3)
    organiser.sign_in()
    for n in range(1, 1000):
        time.sleep(step)
        done = all(client.poll() is not None for client in clients)
        share = min(1.0, n / 8)
        places = round(first + (size.places - first) * share)
        organiser.set_places(size.places if done else places - (n == 3) * 2)
        if n % 2 == 0 and n // 2 <= size.days:
            set_clock(clock, timedelta(days=n // 2))
        if done:
            return


def drain(app: Flask) -> None:
    """Wait until every offer is answered or over, and every letter has left."""
    deadline = time.monotonic() + DRAIN
    quiet = 0
    while time.monotonic() < deadline and quiet < 3:
        time.sleep(0.7)
        with app.app_context():
            waiting = db.session.scalar(
                sa.select(sa.func.count())
                .select_from(Letter)
                .where(Letter.status == LetterStatus.PENDING)
            )
            db.session.rollback()
        quiet = 0 if waiting else quiet + 1


def _seats() -> dict[str, int]:
    rows = db.session.execute(
        sa.select(Attendance.state, sa.func.count()).group_by(Attendance.state)
    )
    return {f"seats {state}": count for state, count in rows}


def mails_of(app: Flask) -> Iterator[Mail]:
    with app.app_context():
        for row in db.session.scalars(sa.select(KeptMail).order_by(KeptMail.id)):
            yield read_mail(bytes(row.raw), row.recipient)
        db.session.rollback()


def _client(share: Share) -> list[str]:
    return [sys.executable, "-m", "tests.history.clients", share.as_json()]


@contextmanager
def worker(settings: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "flask", "--app", SERVED, "worker"]
    with started(command, {"PATH": os.environ["PATH"], **settings}):
        yield


@contextmanager
def started(
    command: list[str], environment: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process from the project's root that ends with the block; what it said is shown then."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)
            log.seek(0)
            said = [
                line
                for line in log.read().decode(errors="replace").splitlines()
                if " INFO " not in line
            ]
            if said:
                print("\n".join(said[-40:]))


@contextmanager
def _database(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder}/rush.sqlite"
        return
    with running_postgres() as server, new_database(server, "dialognav_rush") as url:
        yield url


def main() -> None:
    from tests.history.meeting_rush import run_meetings  # which stands on this module

    reader = argparse.ArgumentParser(prog="make rush", description=__doc__)
    reader.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    for name in ("people", "places", "organisations", "rivals", "processes", "servers", "workers"):
        reader.add_argument(f"--{name}", type=int, default=getattr(Size(), name))
    reader.add_argument("--seconds", type=float, default=Size().seconds)
    reader.add_argument("--fault", default="", help="one of tests/history/faults.py")
    meetings = reader.add_argument_group("one-to-one meetings instead of places")
    meetings.add_argument("--suppliers", type=int, default=0)
    meetings.add_argument("--slots", type=int, default=120)
    asked = vars(reader.parse_args())
    databases = asked.pop("database")
    suppliers, slots = asked.pop("suppliers"), asked.pop("slots")
    logging.disable(logging.INFO)
    broken = 0
    for name in ("sqlite", "postgresql") if databases == "both" else (databases,):
        with (
            tempfile.TemporaryDirectory(prefix="dn-rush-") as place,
            _database(name, Path(place)) as url,
        ):
            migrate(url)
            size = Size(**asked)
            if suppliers:
                verdict = run_meetings(url, Path(place), size, suppliers, slots)
            else:
                verdict = run_rush(url, Path(place), size)
        print(f"{name}: {verdict}")
        broken += len(verdict.violations)
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
