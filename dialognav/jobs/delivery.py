"""Keeps the promises: claim, render, send, settle. Runs in a worker, inside an app context.

At least once: a worker that dies in between leaves a lease that runs out. Each step that changes
rows is its own unit of work, and nothing is rendered or sent inside one.
"""

import logging
from datetime import datetime, timedelta
from threading import Event

from config import Settings
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.calendar import Entry, entry_from_json
from dialognav.mail import claims, instance
from dialognav.mail.bounce_addresses import bounce_address
from dialognav.mail.claims import Claimed
from dialognav.mail.invitations import calendar_bytes, kept_bytes
from dialognav.mail.render import BadAddress, envelope_address, render
from dialognav.mail.stationery import Stationery
from dialognav.mail.transport import (
    NotAccepted,
    Refused,
    ServerDown,
    Transport,
    open_transport,
)

log = logging.getLogger(__name__)

PAUSE = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""How long to leave a mail server alone that cannot be reached, the last one again and again."""

_BAD_LINES = 3
"""So many letters in a row that fail for the moment, and the server is taken to be in trouble."""


class Courier:
    """Sends what is due, a batch at a time; remembers between batches when a server is down."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stationery = Stationery.of(settings)
        self._outages = 0
        self._not_before: datetime | None = None
        self._was_held = False
        self._has_started = False

    def _start(self) -> None:
        """At the first start of an installation, write down which one it is; tell if mail waits."""
        with unit_of_work() as session:
            instance.introduce(session, self._settings)
            is_held = instance.is_held(session, self._settings)
        self._note_held(is_held=is_held)
        self._has_started = True

    def deliver(self, stopping: Event) -> bool:
        """Send one batch. True when there may be more to do at once.

        Once `stopping` is set, the letter in hand is the last; the rest goes back.
        The session of the app context is used up: it is removed by whoever opened the context.
        """
        if not self._has_started:
            self._start()
        now = utcnow()
        if self._not_before and now < self._not_before:
            return False
        if not self._may_send(now):
            return False
        letters = self._claim(now)
        if not letters:
            return False
        transport = open_transport(self._settings.mail_url)
        try:
            self._send_all(transport, letters, stopping)
        except ServerDown as error:
            self._wait(str(error))
            return False
        finally:
            transport.close()
        self._outages, self._not_before = 0, None
        return True

    def _may_send(self, now: datetime) -> bool:
        session = db.session()
        is_due = claims.is_something_due(session, now=now)
        is_held = is_due and instance.is_held(session, self._settings)
        session.rollback()
        if is_due:
            self._note_held(is_held=is_held)
        return is_due and not is_held

    def _note_held(self, *, is_held: bool) -> None:
        if is_held and not self._was_held:
            log.warning("mail is held: this database is a copy; see `flask mail release`")
        self._was_held = is_held

    def _claim(self, now: datetime) -> list[Claimed]:
        with unit_of_work() as session:
            letters = claims.claim(session, now=now)
            number = instance.count_batch(session) if letters else None
        if number is not None:
            instance.remember_batch(self._settings, number)
        return letters

    def _send_all(self, transport: Transport, letters: list[Claimed], stopping: Event) -> None:
        failures = 0
        for place, letter in enumerate(letters):
            if stopping.is_set():
                self._put_back(letters[place:])
                return
            try:
                accepted = self._send_one(transport, letter)
            except ServerDown:
                self._put_back(letters[place:])
                raise
            failures = 0 if accepted else failures + 1
            if failures == _BAD_LINES:
                self._put_back(letters[place + 1 :])
                raise ServerDown("one letter after the other was put off")

    def _send_one(self, transport: Transport, letter: Claimed) -> bool:
        """False when the server put it off. Raises ServerDown and leaves the letter as it is."""
        now = utcnow()
        if self._is_in_vain(letter, now):
            return True
        try:
            mail, sender, recipient = self._prepare(letter, now)
        except _LostError:
            return True
        except BadAddress as error:
            return self._give_up(letter, str(error))
        except Exception as error:  # a template or facts we broke: a fix may reach a later try
            log.exception("letter %s (%s) cannot be rendered", letter.id, letter.kind)
            self._put_off(letter, f"rendering: {type(error).__name__}")
            return True
        try:
            transport.send(mail, sender, recipient)
        except NotAccepted as error:
            return self._put_off(letter, str(error), perhaps_sent=error.perhaps_sent)
        except Refused as error:
            return self._give_up(letter, str(error))
        with unit_of_work() as session:
            is_settled = claims.settle_sent(session, letter, now=utcnow())
        if is_settled:
            log.info("letter %s (%s) sent", letter.id, letter.kind)
        else:
            log.warning("letter %s was sent after its lease ran out", letter.id)
        return True

    def _is_in_vain(self, letter: Claimed, now: datetime) -> bool:
        """Nobody needs it any more, or nobody is there to read it: then it is done with."""
        void_after = letter.facts.get("void_after") or letter.facts.get("expires_at")
        if void_after and datetime.fromisoformat(void_after) < now:
            with unit_of_work() as session:
                claims.drop(session, letter, "the event is over, or the link has expired")
            return True
        return letter.is_dead and self._give_up(letter, "address: dead")

    def _prepare(self, letter: Claimed, now: datetime) -> tuple[bytes, str, str]:
        """Renew the lease and finish the mail; the calendar's bytes are kept from now on."""
        entry, method = _entry_of(letter)
        fresh = calendar_bytes(entry, method) if entry else None
        recipient = envelope_address(letter.recipient)
        sender = self._envelope_sender(letter)
        with unit_of_work() as session:
            if not claims.renew(session, letter, now=now):
                log.info("letter %s is no longer ours", letter.id)
                raise _LostError
            ics = kept_bytes(session, entry, method, fresh) if entry and fresh else None
        return render(letter, self._stationery, ics), sender, recipient

    def _envelope_sender(self, letter: Claimed) -> str:
        """To whom a server reports that the letter failed: to us, where mail comes in."""
        try:
            sender = envelope_address(letter.facts["sender"])
        except BadAddress as error:  # ours to mend, and then the letter can leave
            raise ValueError("the sender is no mail address") from error
        if not self._settings.mail_in.is_on:
            return sender
        return bounce_address(
            self._settings.secret_key, letter.public_id, self._settings.mail_domain
        )

    def _put_off(self, letter: Claimed, error: str, *, perhaps_sent: bool = False) -> bool:
        with unit_of_work() as session:
            claims.settle_failed(session, letter, error, perhaps_sent=perhaps_sent, now=utcnow())
        log.warning("letter %s (%s) put off: %s", letter.id, letter.kind, error)
        return False

    def _give_up(self, letter: Claimed, error: str) -> bool:
        with unit_of_work() as session:
            claims.give_up(session, letter, error)
        log.warning("letter %s (%s) given up: %s", letter.id, letter.kind, error)
        return True

    def _put_back(self, letters: list[Claimed]) -> None:
        with unit_of_work() as session:
            for letter in letters:
                claims.put_back(session, letter)

    def _wait(self, error: str) -> None:
        pause = PAUSE[min(self._outages, len(PAUSE) - 1)]
        self._outages += 1
        self._not_before = utcnow() + pause
        log.warning("mail server: %s; next try in %s", error, pause)


class _LostError(Exception):
    """Another worker has the letter, or it was superseded."""


def _entry_of(letter: Claimed) -> tuple[Entry | None, str]:
    if "entry" not in letter.facts:
        return None, ""
    return entry_from_json(letter.facts["entry"]), letter.facts["method"]
