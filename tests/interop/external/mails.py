"""Mails as postal-mime reads them, which shares nothing with Python's package that wrote them."""

import base64
import json
import subprocess
from collections.abc import Sequence

from tests.interop.external.judges import CACHE, HERE
from tests.interop.mails import Mail, Part, judged, same_ends


def by_postal_mime(mails: Sequence[bytes]) -> list[Mail]:
    """What it reads of each; ValueError when one is none, or no client's invitation."""
    answer = subprocess.run(
        ["node", str(HERE / "read_mail.mjs"), f"{CACHE}/"],
        input=json.dumps([base64.b64encode(raw).decode() for raw in mails]).encode(),
        capture_output=True,
        timeout=120,
    )
    if answer.returncode:
        raise ValueError(answer.stderr.decode("utf-8", "replace")[-500:])
    return [judged(_mail(**one)) for one in json.loads(answer.stdout)]


def _mail(
    *,
    sender: str,
    recipients: list[str],
    subject: str,
    text: str,
    html: str,
    parts: list[dict[str, str]],
) -> Mail:
    return Mail(
        sender=sender,
        recipients=tuple(recipients),
        subject=subject,
        text=same_ends(text),
        html=same_ends(html),
        parts=tuple(map(_part, parts)),
    )


def _part(one: dict[str, str]) -> Part:
    content = base64.b64decode(one["content"]).replace(b"\n", b"\r\n")  # it makes CRLF LF
    return Part(one["kind"], one["method"], one["filename"], content)
