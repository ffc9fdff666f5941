"""Keeps the promises: claim, render, send, settle. Runs in a worker, inside an app context.

At least once: a worker that dies in between leaves a lease that runs out. Each step that changes
rows is its own unit of work, and nothing is rendered or sent inside one. What became of a letter is
written together with the next one's turn, before anything of that is sent.
"""

import logging
from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from threading import Event
from time import monotonic

from sqlalchemy.orm import Session

from config import Settings
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.jobs.sending import Outcome, Sender, in_vain, not_rendered
from dialognav.mail import claims, instance, messages, outages, pace, stale_news
from dialognav.mail.claims import Claimed
from dialognav.mail.invitations import Revision, kept_bytes, revision_of
from dialognav.mail.smtp_replies import ServerDown, TooFast
from dialognav.mail.transport import Transport, open_transport
from dialognav.models import Instance

log = logging.getLogger(__name__)

TURN = 5.0
"""Seconds after which a batch is handed back, so that what has become due since gets its turn."""

_BAD_LINES = 3
"""So many letters in a row that fail for the moment, and the server is taken to be in trouble."""

_OURS = ""
"""Stands for a letter's domain where not its recipient is the trouble."""


class Courier:
    """Sends what is due, a batch at a time, by a line that it keeps. `urgent_only`: beside one that
    sends everything, so that an urgent letter waits for no other."""

    def __init__(self, settings: Settings, *, urgent_only: bool = False) -> None:
        self._settings = settings
        self._urgent_only = urgent_only
        self._sender = Sender(settings)
        self._transport: Transport | None = None
        self._troubles = Troubles()
        self._is_outage = False
        self._was_held = False
        self._has_started = False

    def deliver(self, stopping: Event) -> bool:
        """Send one batch. True when there may be more to do at once.

        Once `stopping` is set, the letter in hand is the last; the rest goes back.
        The session of the app context is used up: it is removed by whoever opened the context.
        """
        if not self._has_started:
            self._start()
        now = utcnow()
        if not self._may_send(now):
            self.close()
            return False
        letters = self._claim(now)
        if letters is None:
            return False
        line = self._transport = self._transport or open_transport(self._settings.mail_url)
        try:
            self._send_all(line, letters, stopping)
        except ServerDown as error:
            self._begin_outage(str(error))
            return False
        finally:
            if stopping.is_set():
                self.close()
        return True

    def close(self) -> None:
        """Hang up, until the next letter."""
        if self._transport is not None:
            self._transport.close()

    def _start(self) -> None:
        """At the first start of an installation, write down which one it is; tell if mail waits."""
        with unit_of_work() as session:
            instance.introduce(session, self._settings)
            is_held = instance.is_held(session, self._settings)
        self._note_held(is_held=is_held)
        self._has_started = True

    def _may_send(self, now: datetime) -> bool:
        session = db.session()
        is_due = claims.is_something_due(session, now=now, urgent_only=self._urgent_only)
        is_held = is_waiting = False
        if is_due:
            row = session.get(Instance, 1)
            is_held = instance.is_copy(row, self._settings)
            is_waiting = outages.is_waiting(row, now)
            self._is_outage = row is not None and row.outage_since is not None
        session.rollback()
        if is_due:
            self._note_held(is_held=is_held)
        return is_due and not is_held and not is_waiting

    def _note_held(self, *, is_held: bool) -> None:
        if is_held and not self._was_held:
            log.warning("mail is held: this database is a copy; see `flask mail release`")
        self._was_held = is_held

    def _claim(self, now: datetime) -> list[Claimed] | None:
        """None where nothing is due; none where nobody wants any of a batch by now."""
        with unit_of_work() as session:
            speed = pace.look(session, self._settings, now=now, is_urgent=self._urgent_only)
            letters = claims.claim(session, now=now, speed=speed, urgent_only=self._urgent_only)
            pace.spend(session, speed, Counter(letter.domain for letter in letters))
            number = instance.count_batch(session) if letters else None
        if number is None:
            return None
        instance.remember_batch(self._settings, number)
        if stale_news.has_any(letters):
            with unit_of_work() as session:
                letters = stale_news.without_stale(session, letters, now=now)
        session = db.session()
        try:
            return messages.fill(session, letters)
        finally:
            session.rollback()

    def _send_all(self, line: Transport, letters: Sequence[Claimed], stopping: Event) -> None:
        calendars = _calendars(letters)
        waiting, until = deque(letters), monotonic() + TURN
        last: Outcome | None = None
        try:
            while waiting and not stopping.is_set() and monotonic() < until:
                is_ours = self._write(last, waiting[0])
                last = None
                if is_ours:
                    last = self._one(line, waiting[0], calendars)
                waiting.popleft()
                if last is not None and self._troubles.note(last):
                    break
        finally:
            self._finish(last, waiting)

    def _one(
        self, line: Transport, letter: Claimed, calendars: Mapping[int, bytes | Outcome]
    ) -> Outcome:
        ics = calendars.get(letter.id)
        return ics if isinstance(ics, Outcome) else self._sender.send(line, letter, ics)

    def _write(self, last: Outcome | None, following: Claimed) -> bool:
        """What became of the last letter, and whether the following one is still ours to send."""
        with unit_of_work() as session:
            is_written = self._write_outcome(session, last)
            is_ours = claims.renew(session, following, now=utcnow())
        if last:
            last.tell(is_written=is_written)
        if not is_ours:
            log.info("letter %s is no longer ours", following.id)
        return is_ours

    def _finish(self, last: Outcome | None, waiting: Collection[Claimed]) -> None:
        """What became of the last, and back with what was not tried."""
        if last is None and not waiting:
            return
        with unit_of_work() as session:
            # First: it must not shorten the pause that the last one's answer asks for.
            pace.give_back(session, self._settings, Counter(one.domain for one in waiting))
            is_written = self._write_outcome(session, last)
            claims.put_back(session, waiting)
        if last:
            last.tell(is_written=is_written)

    def _write_outcome(self, session: Session, last: Outcome | None) -> bool:
        if last is None:
            return False
        if last.is_answered and self._is_outage:
            outages.end(session)
            self._is_outage = False
        return last.write(session)

    def _begin_outage(self, reason: str) -> None:
        self._troubles.forget()
        with unit_of_work() as session:
            pause = outages.begin(session, reason, now=utcnow())
        if pause:
            log.warning("mail server: %s; next try in %s", reason, pause)


class Troubles:
    """Letters in a row that were put off: when it is not about them, no other should be tried."""

    def __init__(self) -> None:
        self._places: list[str] = []

    def note(self, last: Outcome) -> bool:
        """Whether to leave the rest of the batch for later. ServerDown when the server is in
        trouble: three in a row that are about the line or about us, or to three domains."""
        refusal = last.refusal
        if refusal is None:
            if last.is_answered:
                self.forget()
            return False
        if isinstance(refusal, TooFast):
            return refusal.is_ours
        self._places.append(_OURS if refusal.is_ours else last.letter.domain)
        if max(self._places.count(_OURS), len(set(self._places))) >= _BAD_LINES:
            raise ServerDown(str(refusal))
        return False

    def forget(self) -> None:
        self._places.clear()


def _calendars(letters: Sequence[Claimed]) -> dict[int, bytes | Outcome]:
    """The calendar part of each letter that has one, kept from now on; or what is wrong with it."""
    made: dict[int, bytes | Outcome] = {}
    revisions: dict[int, Revision] = {}
    for letter in letters:
        if "entry" in letter.facts and not in_vain(letter, utcnow()):
            try:
                revisions[letter.id] = revision_of(letter.facts)
            except Exception as error:  # facts we broke: a fix may reach a later try
                made[letter.id] = not_rendered(letter, error)
    if revisions:
        with unit_of_work() as session:
            kept = kept_bytes(session, list(revisions.values()))
        made |= zip(revisions, kept, strict=True)
    return made
