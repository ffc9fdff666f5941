"""What is said about one letter by whoever has it: that it failed, or that no more shall come.

A failure is reported to its envelope sender, bounce+<token>@<domain> (RFC 5321 4.5.5). The token is
a link's secret (tokens.py) whose id is the beginning of the letter's, so that nobody can report on
a letter that was not sent to them.
"""

import base64
import secrets
from collections.abc import Sequence

from dialognav.tokens import BOUNCE, make_link, proves, read_link

DIGITS = 15
"""Of a letter's public id, the same for all its copies: 60 bits, 12 characters of base32."""


def bounce_address(key: str, letter_id: str, domain: str) -> str:
    """The envelope sender of the letter with this public id (32 hexadecimal digits)."""
    return f"bounce+{letter_link(key, BOUNCE, letter_id)}@{domain}"


def letter_link(key: str, purpose: str, letter_id: str) -> str:
    """The secret by which this letter is named for one purpose (tokens.py)."""
    return make_link(key, purpose, _short(letter_id), 0)


def of_another_copy(letter_id: str) -> str:
    """A public id for the same letter once more: its tokens stay, its Message-ID is another."""
    return letter_id[:DIGITS] + secrets.token_hex(16)[DIGITS:]


def letter_of_token(keys: Sequence[str], token: str, purpose: str = BOUNCE) -> str | None:
    """The first 15 digits of the letter's public id; None for a token that we did not make."""
    claimed = read_link(token)
    if claimed is None or claimed[0] != purpose or not proves(keys, token, claimed[1], 0):
        return None
    return base64.b32decode(claimed[1].upper() + "A===").hex()[:DIGITS]


def _short(letter_id: str) -> str:
    return base64.b32encode(bytes.fromhex(letter_id[:DIGITS] + "0")).decode().lower()[:12]
