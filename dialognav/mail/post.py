"""What the installation's mail is. Handed to actions by the edges, like the clock."""

from dataclasses import dataclass

from config import Settings


@dataclass(frozen=True, slots=True)
class Post:
    """`quiet_window` in seconds (decisions.md 15); `domain` is the right side of calendar UIDs.

    `takes_mail`: what is sent to an organisation's own address at `domain` comes in.
    """

    base_url: str
    sender: str
    domain: str
    quiet_window: int
    takes_mail: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Post":
        return cls(
            settings.base_url,
            settings.mail_sender,
            settings.mail_domain,
            settings.quiet_window,
            settings.mail_in.is_on,
        )

    def address(self, slug: str, own: str) -> str:
        """The address an organisation writes from, and the ORGANIZER of its calendar entries.

        Always the same one, at our own domain where mail comes in (calendar.md 2.0(3)). Else its
        `own` address or the installation's.
        """
        if self.takes_mail:
            return f"{slug}@{self.domain}"
        return own or self.sender
