"""Passwords: argon2id at OWASP's minimum, and what may be chosen.

Hashing takes tens of milliseconds on purpose: never inside a unit of work.
"""

import unicodedata
from functools import lru_cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 200  # characters; NIST SP 800-63B 3.1.1.2 wants 64 to be possible
_ONE_OF_ITS_KIND = 5  # different characters, at the least

_turn = BoundedSemaphore(2)  # 19 MiB each: a rush of sign-ins must not fill the memory


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The PHC string to store, about 100 characters."""
    with _turn:
        return _hasher().hash(_normal(password))


def is_password(stored: str, password: str) -> bool:
    """Whether the password is the stored one; as slow when nothing is stored ("")."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _turn:
        try:
            _hasher().verify(stored or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def weakness(password: str, *personal: str) -> str:
    """'' for a password that will do, else "short", "long", "simple" or "personal".

    `personal` is what a guesser knows: address, name, organisation.
    """
    plain = _normal(password).casefold()
    if len(plain) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if len(set(plain)) < _ONE_OF_ITS_KIND or plain in _run(len(plain)):
        return "simple"
    rest = plain
    for word in _words(*personal, "dialognav", "password", "lösenord", "passord"):
        rest = rest.replace(word, "")
    return "personal" if len(rest) < SHORTEST // 2 else ""


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """What an unknown account is compared with, so that it takes as long as a known one."""
    return _hasher().hash("nobody's password")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _run(length: int) -> str:
    """Rows of the keyboard and the alphabet, there and back, long enough to find runs in."""
    rows = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopå", "asdfghjklöä", "zxcvbnm")
    return " ".join(r * (length // len(r) + 2) for row in rows for r in (row, row[::-1]))


def _words(*texts: str) -> list[str]:
    parts = {part for text in texts for part in _split(text.casefold()) if len(part) >= 3}
    return sorted(parts, key=len, reverse=True)


def _split(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()
