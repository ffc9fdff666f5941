"""One letter in a worker's hand: render it, hand it over, say what became of it.

Nothing here writes to the database: an Outcome is written by whoever has the letter.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from config import Settings
from dialognav.clock import utcnow
from dialognav.mail import claims, pace
from dialognav.mail.bounce_addresses import bounce_address
from dialognav.mail.claims import Claimed
from dialognav.mail.render import BadAddress, envelope_address, render
from dialognav.mail.signing import signed
from dialognav.mail.smtp_replies import NotAccepted, Refused, TooFast
from dialognav.mail.stationery import Stationery
from dialognav.mail.transport import Transport

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter; `write` does nothing, and says so, once the letter is not ours."""

    letter: Claimed
    write: Callable[[Session], bool]
    said: str
    is_sent: bool = False
    is_answered: bool = False  # by a mail server, for good
    refusal: NotAccepted | None = None

    def tell(self, *, is_written: bool) -> None:
        """For the log of whoever runs the installation: ids, no addresses."""
        letter = self.letter
        if self.is_sent and not is_written:
            log.warning("letter %s was settled elsewhere already, or is gone", letter.id)
            return
        level = logging.INFO if self.is_sent else logging.WARNING
        log.log(level, "letter %s (%s) %s", letter.id, letter.kind, self.said)


class Sender:
    """Knows how this installation's letters look, and the line that they leave by."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stationery = Stationery.of(settings)

    def send(self, transport: Transport, letter: Claimed, ics: bytes | None) -> Outcome:
        """Raises ServerDown, and then nothing became of it."""
        if vain := in_vain(letter, utcnow()):
            return vain
        try:
            recipient = envelope_address(letter.recipient)
            sender = self._envelope_sender(letter)
            mail = render(letter, self._stationery, ics, letter.attachments)
            if self._settings.dkim.is_on:
                author = self._stationery.from_address(letter.facts)
                mail = signed(mail, author, self._settings.dkim)
        except BadAddress as error:
            return given_up(letter, str(error))
        except Exception as error:  # a template or facts we broke: a fix may reach a later try
            return not_rendered(letter, error)
        try:
            transport.send(mail, sender, recipient)
        except NotAccepted as error:
            return _put_off(letter, error)
        except Refused as error:
            return replace(given_up(letter, str(error)), is_answered=True)
        write = partial(claims.settle_sent, letter=letter, now=utcnow())
        return Outcome(letter, write, "sent", is_sent=True, is_answered=True)

    def _envelope_sender(self, letter: Claimed) -> str:
        """To whom a server reports that the letter failed: to us, where mail comes in."""
        try:
            sender = envelope_address(self._stationery.from_address(letter.facts))
        except BadAddress as error:  # ours to mend, and then the letter can leave
            raise ValueError("the sender is no mail address") from error
        if not self._settings.mail_in.is_on:
            return sender
        return bounce_address(
            self._settings.secret_key, letter.public_id, self._settings.mail_domain
        )


def in_vain(letter: Claimed, now: datetime) -> Outcome | None:
    """Nobody needs it any more, or nobody is there to read it: then it is done with."""
    void_after = letter.facts.get("void_after") or letter.facts.get("expires_at")
    if void_after and datetime.fromisoformat(void_after) < now:
        reason = "the event is over, or the link has expired"
        return Outcome(letter, partial(claims.drop, letter=letter, reason=reason), "dropped")
    return given_up(letter, "address: dead") if letter.is_dead else None


def given_up(letter: Claimed, error: str) -> Outcome:
    write = partial(claims.give_up, letter=letter, error=error)
    return Outcome(letter, write, f"given up: {error}")


def not_rendered(letter: Claimed, error: Exception) -> Outcome:
    """In an exception handler: its traceback is logged."""
    log.exception("letter %s (%s) cannot be rendered", letter.id, letter.kind)
    said = f"rendering: {type(error).__name__}"
    write = partial(
        claims.settle_failed, letter=letter, error=said, perhaps_sent=False, now=utcnow()
    )
    return Outcome(letter, write, f"put off: {said}")


def _put_off(letter: Claimed, refusal: NotAccepted) -> Outcome:
    now = utcnow()

    def write(session: Session) -> bool:
        if isinstance(refusal, TooFast):
            domain = pace.EVERYWHERE if refusal.is_ours else letter.domain
            pace.slow_down(session, domain, now=now)
        return claims.settle_failed(
            session,
            letter,
            str(refusal),
            perhaps_sent=refusal.perhaps_sent,
            is_ours=refusal.is_ours or isinstance(refusal, TooFast),
            now=now,
        )

    return Outcome(letter, write, f"put off: {refusal}", refusal=refusal)
