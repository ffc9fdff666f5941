"""How a finished mail leaves: by SMTP, or into the demo mailbox."""

from email.parser import BytesHeaderParser
from email.policy import default
from typing import Protocol

from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.mail.smtp import SmtpTransport
from dialognav.models import KeptMail


class Transport(Protocol):
    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        """Hand over one mail (lines end in CRLF). ServerDown, NotAccepted or Refused."""

    def close(self) -> None:
        """Nothing is due for now. The next mail opens it again."""


def open_transport(mail_url: str) -> Transport:
    """`smtp://[user:password@]host[:587]`, `smtps://…[:465]` or `sink://`. Connects when needed."""
    return KeepingTransport() if mail_url.startswith("sink:") else SmtpTransport(mail_url)


class KeepingTransport:
    """Keeps every mail in the database for /dev/mail; nothing leaves."""

    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        kept = KeptMail(
            at=utcnow(),
            recipient=recipient,
            subject=str(BytesHeaderParser(policy=default).parsebytes(mail)["Subject"])[:500],
            raw=mail,
        )
        with unit_of_work() as session:
            session.add(kept)

    def close(self) -> None:
        """Nothing is open."""
