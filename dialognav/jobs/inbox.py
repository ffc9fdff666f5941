"""Fetches mail from a mailbox by IMAP (RFC 9051), with a password or OAuth 2 (XOAUTH2).

What has been taken in is marked as read, and what is marked so is never looked at: the folder has
to be Dialognav's alone. A crash between the two means a mail is seen twice, and counts once.
"""

import imaplib
import logging
import re
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from config import MailIn
from dialognav.clock import utcnow
from dialognav.domain.replies import LARGEST
from dialognav.jobs.oauth import TokenRefused, Tokens
from dialognav.jobs.taker import Taker

log = logging.getLogger(__name__)

TIMEOUT = 15
"""Seconds for each answer of the server: letters wait as long."""

BATCH = 50
PAUSE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long to leave a server alone that cannot be reached, the last one again and again."""

TRY_AGAIN = timedelta(hours=1)
"""A mail that could not be taken in is left where it is for so long; the others pass it by."""

_NOT_TO_BE_WRITTEN = "MAIL_IN holds a character that cannot be sent to the server"


class InboxDown(Exception):
    """No mail can be fetched now: not reached, not signed in, no such folder."""


class Mailbox:
    """One connection. Raises InboxDown for whatever goes wrong with it."""

    def __init__(self, inbox: MailIn, tokens: Tokens) -> None:
        self._parts = urlsplit(inbox.url)
        self._is_oauth = inbox.scheme == "imap+oauth"
        self._tokens = tokens

    def __enter__(self) -> "Mailbox":
        try:
            self._server = _connect(self._parts)
        except UnicodeError:
            raise InboxDown(_NOT_TO_BE_WRITTEN) from None
        except (imaplib.IMAP4.error, OSError) as error:
            raise InboxDown(_said(error)) from error
        try:
            self._sign_in()
            self._open()
        except InboxDown:
            self._leave()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._leave()

    def unread(self) -> list[str]:
        """UIDs, oldest first."""
        [found] = self._ask(lambda: self._server.uid("SEARCH", "UNSEEN"))
        return found.decode("ascii", "replace").split() if isinstance(found, bytes) else []

    def fetch(self, uid: str) -> bytes:
        """The mail, or its first LARGEST bytes and one more; b"" when it is gone."""
        what = f"(BODY.PEEK[]<0.{LARGEST + 1}>)"
        answer = self._ask(lambda: self._server.uid("FETCH", uid, what))
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")

    def mark(self, uid: str) -> None:
        """As read."""
        self._ask(lambda: self._server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))

    def _sign_in(self) -> None:
        user = unquote(self._parts.username or "")
        if self._is_oauth:
            self._sign_in_by_token(user)
            return
        password = unquote(self._parts.password or "")
        if (user + password).isascii():
            self._ask(lambda: self._server.login(_quoted(user), password))
        else:  # LOGIN has no encoding for it; PLAIN is in UTF-8 (RFC 4616)
            self._authenticate("PLAIN", f"\0{user}\0{password}")

    def _sign_in_by_token(self, user: str) -> None:
        try:
            token = self._tokens.current()
        except TokenRefused as error:
            raise InboxDown(str(error)) from error
        try:
            self._authenticate("XOAUTH2", f"user={user}\x01auth=Bearer {token}\x01\x01")
        except InboxDown:
            self._tokens.forget()
            raise

    def _authenticate(self, mechanism: str, said: str) -> None:
        """A refusal may come as a challenge, to be answered by an empty line."""
        self._ask(
            lambda: self._server.authenticate(
                mechanism, lambda asked: b"" if asked else said.encode()
            )
        )

    def _open(self) -> None:
        folder = unquote(self._parts.path.strip("/")) or "INBOX"
        self._ask(lambda: self._server.select(_quoted(_in_utf7(folder))))

    def _ask(self, command: Callable[[], tuple[str, Any]]) -> Any:
        try:
            status, answer = command()
        except UnicodeError:  # it holds what was to be sent, a password perhaps
            raise InboxDown(_NOT_TO_BE_WRITTEN) from None
        except (imaplib.IMAP4.error, OSError) as error:
            raise InboxDown(_said(error)) from error
        if status != "OK":
            raise InboxDown(_said(Exception(*answer)))
        return answer

    def _leave(self) -> None:
        try:
            self._server.logout()
        except (imaplib.IMAP4.error, OSError):
            self._server.shutdown()


class Inbox:
    """Takes in what is new, a batch at a time; remembers between batches when a server is down."""

    def __init__(self, inbox: MailIn, taker: Taker) -> None:
        self._inbox = inbox
        self._taker = taker
        self._tokens = Tokens(inbox)
        self._outages = 0
        self._not_before: datetime | None = None
        self._put_aside: dict[str, datetime] = {}

    def poll(self, stopping: Event) -> bool:
        """True when there may be more to take in at once."""
        now = utcnow()
        if (self._not_before and now < self._not_before) or not self._taker.is_open():
            return False
        try:
            with Mailbox(self._inbox, self._tokens) as mailbox:
                return self._take_batch(mailbox, stopping, now)
        except InboxDown as error:
            self._wait(str(error), now)
            return False

    def _take_batch(self, mailbox: Mailbox, stopping: Event, now: datetime) -> bool:
        self._put_aside = {uid: at for uid, at in self._put_aside.items() if at > now}
        waiting = [uid for uid in mailbox.unread() if uid not in self._put_aside]
        for uid in waiting[:BATCH]:
            if stopping.is_set():
                return False
            raw = mailbox.fetch(uid)  # empty: somebody removed it in the meantime
            if raw and self._is_taken(uid, raw):
                mailbox.mark(uid)
            else:
                self._put_aside[uid] = now + TRY_AGAIN
        self._outages, self._not_before = 0, None
        return len(waiting) > BATCH

    def _is_taken(self, uid: str, raw: bytes) -> bool:
        try:
            self._taker.take(raw, "")
        except Exception:  # one mail that we cannot cope with must not keep the others away
            log.exception("inbox: mail %s could not be taken in", uid)
            return False
        return True

    def _wait(self, error: str, now: datetime) -> None:
        pause = PAUSE[min(self._outages, len(PAUSE) - 1)]
        self._outages += 1
        self._not_before = now + pause
        log.warning("inbox: %s; next try in %s", error, pause)


def _connect(parts: SplitResult) -> imaplib.IMAP4:
    """By TLS, verified; the settings allow plain IMAP on this machine only."""
    host = parts.hostname or ""
    if parts.scheme == "imap":
        return imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=TIMEOUT)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_utf7(folder: str) -> str:
    """As IMAP writes the names of folders (RFC 3501 section 5.1.3): `Møter` -> `M&APg-ter`."""

    def shifted(found: re.Match[str]) -> str:
        packed = b64encode(found[0].encode("utf-16-be")).decode()
        return f"&{packed.rstrip('=').replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))


def _said(error: Exception) -> str:
    """One short line. Servers answer in bytes, which imaplib passes on as they are."""
    words = (
        one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in error.args
    )
    return " ".join(" ".join(words).split())[:300] or type(error).__name__
