"""`flask create-owner`, `audit verify` and `mail strays`: for whoever runs the installation."""

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from config import Settings
from dialognav import passwords, tokens
from dialognav.actions import inbox as inbox_actions
from dialognav.actions import organisations, staff
from dialognav.addresses import proper_address
from dialognav.audit import broken_link
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyStaff
from dialognav.domain.publishing import slug_of
from dialognav.domain.terms import LANGUAGES, PartyKind, Role
from dialognav.jobs.commands import mail
from dialognav.models import Organisation, User
from dialognav.queries import inbox

KINDS = [kind.value for kind in PartyKind if kind != PartyKind.SOLE_TRADER]
audit = AppGroup("audit", help="The trail of who did what.")


@mail.command("strays")
@click.option("--done", is_flag=True, help="They have been dealt with: show them no more.")
@with_appcontext
def strays(*, done: bool) -> None:
    """Mail that came in and could be for any of several organisations: read it here."""
    session = db.session()
    for one in inbox.strays(session):
        click.echo(f"{one.received_at:%Y-%m-%d %H:%M} {one.sender}: {one.subject}")
        click.echo("".join(f"    {line}\n" for line in one.text.splitlines()))
    session.rollback()
    if done:
        with unit_of_work() as working:
            number = inbox_actions.set_strays_aside(working, now=utcnow())
        click.echo(f"{number} set aside")


def register(app: Flask) -> None:
    app.cli.add_command(create_owner)
    app.cli.add_command(audit)


@click.command("create-owner")
@click.option("--organisation", prompt=True, help="Its name, or the slug of one that exists.")
@click.option("--email", prompt=True, help="What the owner signs in with.")
@click.option("--name", default="", help="The owner's name.")
@click.option("--language", type=click.Choice(LANGUAGES), default="sv", show_default=True)
@click.option("--kind", type=click.Choice(KINDS), default="region", show_default=True)
@click.option("--ask-password", is_flag=True, help="Choose the password here, not by a link.")
@with_appcontext
def create_owner(
    *, organisation: str, email: str, name: str, language: str, kind: str, ask_password: bool
) -> None:
    """Make an organisation and its first administrator; print a link to choose the password.

    With the slug of an organisation that exists it gets one more administrator: the way back in
    when nobody can sign in.
    """
    address = proper_address(email)
    if address is None:
        raise click.BadParameter(f"{email!r} is not an e-mail address", param_hint="--email")
    if not organisation.strip() or len(organisation) > 160 or len(name) > 120:
        raise click.UsageError("A name is too long, or there is none.")
    new_hash = _ask_password(address, name, organisation) if ask_password else ""
    now = utcnow()
    with unit_of_work() as session:
        host = _host(session, organisation.strip(), language, kind)
        invitation = staff.Invitation(email=address, role=Role.ADMIN, language=language)
        try:
            link = staff.ask_in(session, host.id, invitation, now=now, actor="cli")
        except AlreadyStaff:
            raise click.ClickException(f"{address} works for {host.slug} already.") from None
        _name(link.user, name)
        if new_hash:
            staff.accept(session, link.id, name=name or address, new_hash=new_hash, now=now)
        slug, secret = host.slug, tokens.make_link(_key(), tokens.ONE_TIME, link.public_id, 0)
    click.echo(f"{address} administers {slug}.")
    if new_hash:
        click.echo(f"Sign in: {_settings().base_url}/account/sign-in")
    else:
        click.echo("This link chooses the password. It works once, for seven days:")
        click.echo(f"{_settings().base_url}/account/invitations/{secret}")


@audit.command("verify")
@with_appcontext
def verify() -> None:
    """Check every organisation's hash chain; ends with status 1 when one is broken."""
    session = db.session()
    rows = session.execute(
        sa.select(Organisation.id, Organisation.slug, Organisation.audit_number).order_by(
            Organisation.slug
        )
    ).all()
    broken = 0
    for organisation_id, slug, entries in rows:
        number = broken_link(session, organisation_id)
        broken += number is not None
        said = "holds" if number is None else f"BROKEN from entry {number}"
        click.echo(f"{slug}: {entries} entries, {said}")
    if broken:
        raise click.exceptions.Exit(1)


def _host(session: Session, wanted: str, language: str, kind: str) -> Organisation:
    """The organisation with that slug, or a new one with that name. A name taken is refused."""
    known = session.scalar(sa.select(Organisation).where(Organisation.slug == wanted))
    if known is not None:
        return known
    slug = slug_of(wanted)[:64].strip("-")  # it is the local part of a mail address, too
    if session.scalar(sa.select(Organisation.id).where(Organisation.slug == slug)):
        raise click.ClickException(
            f"{slug} exists. To give it one more administrator: --organisation {slug}"
        )
    return organisations.found(
        session, name=wanted, slug=slug, language=language, kind=kind, now=utcnow()
    )


def _name(user: User, name: str) -> None:
    if name and not user.password_hash:
        user.name = name


def _ask_password(*personal: str) -> str:
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if weakness := passwords.weakness(password, *personal):
        raise click.ClickException(
            f"That password is too {weakness}. Choose at least {passwords.SHORTEST} characters"
            " that nobody guesses."
        )
    return passwords.hash_password(password)


def _settings() -> Settings:
    given: Settings = current_app.config["SETTINGS"]
    return given


def _key() -> str:
    return _settings().secret_key
