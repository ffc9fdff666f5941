"""The envelope sender of one letter, to which servers report that it failed (RFC 5321 4.5.5).

bounce+<token>@<domain>. The token is a link's secret (tokens.py) whose id is the beginning of the
letter's, so that nobody can report the failure of a letter that was not sent to them.
"""

import base64
from collections.abc import Sequence

from dialognav.tokens import BOUNCE, make_link, proves, read_link

_HEX = 15  # digits of a letter's public id, 60 bits: 12 characters of base32


def bounce_address(key: str, letter_id: str, domain: str) -> str:
    """The envelope sender of the letter with this public id (32 hexadecimal digits)."""
    return f"bounce+{make_link(key, BOUNCE, _short(letter_id), 0)}@{domain}"


def letter_of_token(keys: Sequence[str], token: str) -> str | None:
    """The first 15 digits of the letter's public id; None for a token that we did not make."""
    claimed = read_link(token)
    if claimed is None or claimed[0] != BOUNCE or not proves(keys, token, claimed[1], 0):
        return None
    return base64.b32decode(claimed[1].upper() + "A===").hex()[:_HEX]


def _short(letter_id: str) -> str:
    return base64.b32encode(bytes.fromhex(letter_id[:_HEX] + "0")).decode().lower()[:12]
