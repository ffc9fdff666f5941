"""`flask draw verify`: run a published draw again, from its file alone, on any computer."""

import json
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from dialognav.domain.draw_files import NotADraw, check

draw = AppGroup("draw", help="Draws of one-to-one meetings.")
MOST_BYTES = 20_000_000
HELD = {
    "commitment": "The seed is the one whose hash was published before.",
    "method": "This version knows the method.",
    "runs": "What it was given leads back to the first time that it was calculated.",
    "result": "The same result comes out again.",
}
BROKEN = {
    "commitment": "The seed is NOT the one whose hash was published before.",
    "method": "The method is another one: use the version of the program that made the file.",
    "runs": "What it was given does NOT lead back to the first time that it was calculated.",
    "result": "The result does NOT come out again.",
}
UNTOLD = "Whether the same result comes out, this version cannot tell: it is no sign of a fault."


@draw.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Run the draw in FILE again, as it stands on the public page. No database is asked.

    By hand: the SHA-256 of the seed is the hash, and that of SEED:supplier:CODE, SEED:slot:CODE and
    SEED:share:CODE the lots; the lowest is drawn first. What follows from the lots is told on the
    page of the draw.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise NotADraw("too long")
        written = json.loads(file.read_text(encoding="utf-8"))
        found = check(written if isinstance(written, dict) else {})
    except (NotADraw, ValueError, RecursionError) as wrong:
        raise click.ClickException(f"{file} is no draw that can be run again: {wrong}") from wrong
    broken = BROKEN if found["method"] else BROKEN | {"result": UNTOLD}
    for name, holds in found.items():
        click.echo(HELD[name] if holds else broken[name])
    if not all(found.values()):
        raise SystemExit(1)


def register(app: Flask) -> None:
    app.cli.add_command(draw)
