"""`flask doctor zones`: what newer zone data would do to the events to come."""

import struct
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.timezones import is_known_zone
from dialognav.domain.zone_shifts import Offset, offset_at, written_wall
from dialognav.i18n import pick
from dialognav.queries.zones import Shifted, shifted

doctor = AppGroup("doctor", help="What may be wrong with this installation, in plain words.")


def register(app: Flask) -> None:
    app.cli.add_command(doctor)


@doctor.command("zones")
@click.option(
    "--zoneinfo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Judge by the compiled zone files in this directory (/usr/share/zoneinfo, or newer ones"
    " not yet installed) instead of the data in use.",
)
@with_appcontext
def zones(*, zoneinfo: Path | None) -> None:
    """List events and meetings to come that are at another wall time than when written.

    Ends with status 1 when there are any by the zone data. The organiser decides on the event's
    overview whether the wall time or the instant holds.
    """
    offset = offset_by(zoneinfo) if zoneinfo else offset_at
    edition = f"the files in {zoneinfo}" if zoneinfo else f"tzdata {version('tzdata')}"
    try:
        found = list(shifted(db.session(), now=utcnow(), offset=offset))
    except ValueError as unknown:
        raise click.ClickException(f"{edition}: {unknown}") from unknown
    for one in found:
        click.echo(_line(one, offset))
    if found:
        click.echo(f"{sum(one.number for one in found)} to come at another wall time by {edition}.")
        click.echo("Decide on each event's overview: keep the wall time, or the instant.")
        raise click.exceptions.Exit(1)
    click.echo(f"Every event to come keeps its wall time by {edition}.")


def offset_by(directory: Path) -> Offset:
    """Offsets by the TZif files (RFC 9636) of a directory; ValueError for one it does not have."""
    kept: dict[str, ZoneInfo] = {}

    def offset(instant: datetime, name: str) -> int:
        if name not in kept:
            kept[name] = _read(directory, name)
        found = instant.astimezone(kept[name]).utcoffset()
        assert found is not None
        return int(found.total_seconds())

    return offset


def _read(directory: Path, name: str) -> ZoneInfo:
    if not is_known_zone(name):  # also what keeps the name from being any path
        raise ValueError(f"no such time zone: {name!r}")
    try:
        with directory.joinpath(*name.split("/")).open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except OSError:
        raise ValueError(f"has no zone {name}") from None
    except (ValueError, IndexError, struct.error) as broken:
        raise ValueError(f"{name}: {broken}") from broken


def _line(one: Shifted, offset: Offset) -> str:
    """`tallvik/event: 2027-06-10 09:00 becomes 10:00 in Europe/Stockholm: Title`; of one-to-one
    meetings the first, and how many."""
    at, was = one.written.starts_at, one.written.start_offset
    if was is None or was == offset(at, one.zone):
        at, was = one.written.ends_at, one.written.end_offset
    assert was is not None
    before, after = written_wall(at, was), written_wall(at, offset(at, one.zone))
    shown = f"{after:%H:%M}" if before.date() == after.date() else f"{after:%Y-%m-%d %H:%M}"
    title = pick(one.title, one.primary_language, one.primary_language)[0]
    meetings = f"{one.meetings} one-to-one meetings, the first " if one.meetings else ""
    return (
        f"{one.organisation}/{one.event}: {meetings}{before:%Y-%m-%d %H:%M} becomes {shown}"
        f" in {one.zone}: {title}"
    )
