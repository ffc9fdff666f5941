"""Own links are made, not stored: public id + HMAC over purpose, id, generation (decisions.md 10).

Raising a row's `generation` revokes every earlier link. No link stands in facts, logs or .ics.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence

REGISTRATION = "r"  # the contact's link: the whole registration
PARTICIPANT = "p"  # one person's link: that person only
ONE_TIME = "o"  # staff: an invitation or a reset of the password
INVITATION = "i"  # an organisation is invited to sign up for one event
BOUNCE = "b"  # the envelope sender of one letter, to which its failure is reported
CALENDAR = "c"  # once: makes a private calendar of a mail address, or revokes it
SUBSCRIPTION = "f"  # confirms, changes and ends what an address follows
WEEKLY = "w"  # ends all that one address is told of in the weekly letter
REFUSAL = "u"  # no more news from an organiser to the address that one letter went to

PURPOSES = "rpoibcfwu"
"""What a link may begin with; blueprints/logs.py blots all of them out."""

_ID_LENGTH = 12  # 60 random bits
_MAC_LENGTH = 26  # 128 of the 256 bits
_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0 O 1 I
_SHAPE = re.compile(rf"([{PURPOSES}])([a-z2-7]{{{_ID_LENGTH}}})([a-z2-7]{{{_MAC_LENGTH}}})")


def new_public_id() -> str:
    """12 random base32 characters: an id that may be seen, not guessed one after the other."""
    return base64.b32encode(secrets.token_bytes(8)).decode().lower()[:_ID_LENGTH]


def new_check_in_code() -> str:
    """8 characters that are easy to type and to read aloud (40 random bits); opens nothing."""
    return "".join(secrets.choice(_READABLE) for _ in range(8))


def new_secret() -> str:
    """256 random bits for one-time links and sessions, of which only `fingerprint()` is stored."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """SHA-256 in hex: enough for a random secret, nothing to steal from a backup."""
    return hmac.new(b"dialognav", secret.encode(), "sha256").hexdigest()


def make_link(key: str, purpose: str, public_id: str, generation: int) -> str:
    """The secret of an own page, 39 characters of [a-z2-7]."""
    return purpose + public_id + _mac(key, purpose, public_id, generation)


def read_link(secret: str) -> tuple[str, str] | None:
    """(purpose, public id) the secret claims, or None if it has not our shape. Not yet proven."""
    shape = _SHAPE.fullmatch(secret)
    return (shape[1], shape[2]) if shape else None


def proves(keys: Sequence[str], secret: str, public_id: str, generation: int) -> bool:
    """Whether one of the keys (SECRET_KEY and its fallbacks) made this secret; constant time."""
    shape = _SHAPE.fullmatch(secret)
    if shape is None:
        return False
    answers = [
        hmac.compare_digest(_mac(key, shape[1], public_id, generation), shape[3]) for key in keys
    ]
    return any(answers)


def _mac(key: str, purpose: str, public_id: str, generation: int) -> str:
    message = f"dialognav:{purpose}:{public_id}:{generation}".encode()
    digest = hmac.new(key.encode(), message, "sha256").digest()
    return base64.b32encode(digest).decode().lower()[:_MAC_LENGTH]
