"""What the installation's mail is. Handed to actions by the edges, like the clock."""

from dataclasses import dataclass

from config import Settings


@dataclass(frozen=True, slots=True)
class Post:
    """`quiet_window` in seconds (decisions.md 15); `domain` is the right side of calendar UIDs.

    `takes_mail`: what is sent to an organisation's own address at `domain` comes in.
    `sender_domains` are those that let this installation send for them (SPF, DKIM).
    """

    base_url: str
    sender: str
    domain: str
    quiet_window: int
    takes_mail: bool = False
    sender_domains: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Post":
        return cls(
            settings.base_url,
            settings.mail_sender,
            settings.mail_domain,
            settings.quiet_window,
            settings.mail_in.is_on,
            sender_domains(settings),
        )

    def address(self, slug: str, own: str) -> str:
        """The address an organisation writes from, and the ORGANIZER of its calendar entries.

        Always the same one, at our own domain where mail comes in (calendar.md 2.0(3)). Else its
        `own` address, or the installation's when nothing lets us send in the name of its domain:
        under DMARC such a letter would be refused (RFC 7489 section 6.3).
        """
        if self.takes_mail:
            return f"{slug}@{self.domain}"
        return own if self.may_send_as(own) else self.sender

    def may_send_as(self, address: str) -> bool:
        """A subdomain has DNS records of its own, and so has to be named itself."""
        name = address.rpartition("@")[2].lower()
        return name == self.domain or name in self.sender_domains


def sender_domains(settings: Settings) -> tuple[str, ...]:
    """Every domain that letters may come from, ours first."""
    own = settings.mail_sender.rpartition("@")[2].lower()
    return tuple(dict.fromkeys((settings.mail_domain, own, *settings.mail_sender_domains)))
