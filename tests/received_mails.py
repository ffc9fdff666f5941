"""The mails of tests/mails as they come over the wire, in the shape each client gives them.

In the files, lines end in LF, and what stands between @@ is shown without its transfer encoding.
"""

import base64
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "mails"
_OPEN = re.compile(rb"@@(.*?)@@", re.DOTALL)


def received(name: str, **replaced: str) -> bytes:
    """One of the mails; `UID="..", TO=".."` put something else in the place of those two."""
    raw = (FOLDER / f"{name}.eml").read_bytes()
    for wanted, given in replaced.items():
        raw = raw.replace(_STANDS_FOR[wanted], given.encode())
    raw = raw.replace(b"\n", b"\r\n")
    return _OPEN.sub(lambda found: base64.encodebytes(found[1] + b"\r\n"), raw)


_STANDS_FOR = {
    "uid": b"r6hq2v9d3x8mfa0tkc4n7bw51z@dialog.example",
    "organiser": b"vast@dialog.example",
    "attendee": b"asa.oberg@kund.example",
    "token": b"babcdefghijklmnopqrstuvwxyz234567abcdef",
    "message_id": b"abcdefghijkl@dialog.example",
}
