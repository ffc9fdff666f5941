"""What the ways in hand a mail to; intake.py has it, which knows the actions."""

from typing import Protocol


class Taker(Protocol):
    def take(self, raw: bytes, recipient: str) -> None:
        """Take in one mail, in an app context; `recipient` is "" where only the mail tells.

        Raises what the database raises, and then nothing has been taken in.
        """

    def is_open(self) -> bool:
        """Not in a copy of an installation: it would take the mail of the original."""
