"""`flask worker` and `flask mail`: for whoever runs the installation."""

import signal
from types import FrameType

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from config import Settings
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus
from dialognav.jobs.runner import Runner
from dialognav.mail import flow, instance
from dialognav.mail.health import mail_health
from dialognav.models import Letter

mail = AppGroup("mail", help="The outbox of this installation.")


def register(app: Flask) -> None:
    app.cli.add_command(worker)
    app.cli.add_command(mail)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@with_appcontext
def worker(*, once: bool) -> None:
    """Send mail and do what else runs without a click, until told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    db.session.remove()
    if _settings().jobs == "procrastinate" and not once:
        _share_out(app)
        return
    runner = Runner(app, app.extensions["dialognav.jobs"])
    if once:
        while runner.tick():
            pass
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        runner.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runner.run_forever()


def _share_out(app: Flask) -> None:
    try:
        from dialognav.jobs import procrastinate_worker
    except ModuleNotFoundError as error:
        raise click.ClickException(
            "JOBS=procrastinate needs `pip install -r requirements-postgres.txt`."
        ) from error
    try:
        procrastinate_worker.run(app, app.extensions["dialognav.jobs"])
    except procrastinate_worker.NewerTables as error:
        raise click.ClickException(
            f"Workers with Procrastinate {error} run on this database: update this machine too."
        ) from error
    except sa.exc.ProgrammingError as error:
        raise click.ClickException(
            "The user of DATABASE_URL may not make the schema `procrastinate`: grant it CREATE on"
            f" the database ({error.orig})."
        ) from error


@mail.command("status")
@with_appcontext
def status() -> None:
    """What waits, what was given up, and whether mail is held."""
    health = mail_health(db.session(), utcnow())
    click.echo(f"{health.pending} waiting, the longest overdue for {health.oldest_due:.0f} s")
    click.echo(f"{health.given_up} given up")
    now = utcnow()
    seen = flow.look(db.session(), _settings(), now=now)
    if seen.seen_at:
        click.echo(f"A worker was last heard of {(now - seen.seen_at).total_seconds():.0f} s ago")
    if seen.outage_since:
        click.echo(f"No letter can leave since {seen.outage_since:%F %T} UTC: {seen.outage_reason}")
    if instance.is_held(db.session(), _settings()):
        click.echo("Held: this database is a copy. `flask --app app mail release` lets mail leave.")


@mail.command("release")
@click.option(
    "--discard", is_flag=True, help="Drop the letters that wait: the original sends them, or did."
)
@with_appcontext
def release(*, discard: bool) -> None:
    """From now on this database is the installation, and its mail leaves."""
    with unit_of_work() as session:
        if discard:
            dropped = session.execute(
                sa.update(Letter)
                .where(Letter.status == LetterStatus.PENDING)
                .values(status=LetterStatus.SUPERSEDED, last_error="discarded by mail release")
                .returning(Letter.id)
                .execution_options(synchronize_session=False)
            )
            click.echo(f"{len(dropped.all())} letters discarded")
        instance.release(session, _settings())
    health = mail_health(db.session(), utcnow())
    click.echo(f"Released. {health.pending} letters wait to be sent.")
    click.echo(
        f"Other machines of this installation hold their mail until they have the new"
        f" {instance.key_file(_settings())}: copy it there."
    )


def _settings() -> Settings:
    given: Settings = current_app.config["SETTINGS"]
    return given
