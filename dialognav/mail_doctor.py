"""`flask doctor mail`: tries relay, sender and inbox, and says in plain words what is wrong."""

from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from config import Settings
from dialognav.addresses import proper_address
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.doctor import doctor
from dialognav.mail.health import mail_health
from dialognav.mail.instance import is_held
from dialognav.mail.smtp_replies import NotAccepted, Refused, ServerDown
from dialognav.mail.transport import open_transport
from dialognav.mail_checks import (
    Finding,
    Grade,
    inbox_findings,
    outbox_findings,
    own_address_findings,
    relay_findings,
    sender_findings,
)
from dialognav.models import Organisation


def register() -> None:
    doctor.add_command(mail)


@click.command("mail")
@click.option("--to", "recipient", help="Send a letter of two lines to this address as well.")
@with_appcontext
def mail(*, recipient: str | None) -> None:
    """Try the mail server, look up the sender's domain, open the inbox.

    Ends with status 1 when something is wrong. Nothing is fetched or changed, and nothing sent
    without --to.
    """
    settings: Settings = current_app.config["SETTINGS"]
    address = _address(recipient) if recipient else settings.mail_sender
    health = mail_health(db.session(), utcnow())
    held = is_held(db.session(), settings)
    grades = [
        *_tell("Letters out", [*relay_findings(settings, address)]),
        *_tell("Outbox", [*outbox_findings(health, is_held=held)]),
        *_tell("Sender", [*sender_findings(settings), *own_address_findings(_own(), settings)]),
        *_tell("Mail in", inbox_findings(settings)),
    ]
    db.session.remove()
    if recipient:
        grades += _tell("A letter", [_sent(settings, address)])
    if Grade.WRONG in grades:
        raise click.exceptions.Exit(1)


def _tell(about: str, findings: Iterable[Finding]) -> list[Grade]:
    told = list(findings) or [Finding(Grade.FINE, "nothing to say.")]
    click.echo(f"{about}:")
    for one in told:
        click.echo(f"  {one.grade:5}  {one.text}")
    return [one.grade for one in told]


def _address(given: str) -> str:
    address = proper_address(given)
    if address is None:
        raise click.BadParameter(f"{given!r} is not an e-mail address", param_hint="--to")
    return address


def _own() -> list[str]:
    """The addresses that organisations want their letters to come from."""
    query = sa.select(Organisation.mail_sender).where(Organisation.mail_sender != "")
    return sorted(set(db.session().scalars(query)))


def _sent(settings: Settings, recipient: str) -> Finding:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_sender, recipient
    message["Subject"] = "Dialognav can send mail"
    message["Message-ID"] = make_msgid(domain=settings.mail_domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"This letter was sent by `flask doctor mail` at {settings.base_url}.\n"
        "Look in its source whether SPF, DKIM and DMARC pass (Authentication-Results).\n"
    )
    transport = open_transport(settings.mail_url)
    try:
        transport.send(message.as_bytes(policy=SMTP), settings.mail_sender, recipient)
    except (ServerDown, NotAccepted, Refused) as error:
        return Finding(Grade.WRONG, f"not sent: {error}")
    finally:
        transport.close()
    return Finding(Grade.FINE, f"handed over for {recipient}. Does it arrive, and not as spam?")
