"""`flask --app app demo`: fill an empty database and say who can sign in."""

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from dialognav import demo
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.mail.post import Post
from dialognav.models import Organisation
from dialognav.passwords import hash_password


@click.command("demo")
@with_appcontext
def demo_command() -> None:
    """Fill an empty database with demo data relative to today."""
    settings = current_app.config["SETTINGS"]
    if db.session.scalar(sa.select(sa.func.count(Organisation.id))):
        raise click.ClickException("The database is not empty: demo data goes only into a new one.")
    post = Post.of(settings)
    password_hash = hash_password(demo.PASSWORD)
    with unit_of_work() as session:
        demo.fill(session, password_hash, now=utcnow(), post=post)
    click.echo(f"Sign in at {settings.base_url}/account/sign-in, password {demo.PASSWORD}:")
    for address, role in demo.accounts():
        click.echo(f"  {address} ({role})")
