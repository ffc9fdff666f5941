"""Paper: tagged PDF/UA made by typst from a template here and data that never becomes source.

Each document is made in a process of its own: typst is 80 MB that a web process need not keep, and
what takes too long or too much there harms nobody else.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_MARK = _HERE.parents[1] / "static" / "img" / "mark.svg"
TEMPLATES = (
    *("people", "badges", "catering", "fairness"),
    *("meeting_day", "meeting_doors", "meeting_hosts", "minutes"),
)
TIMEOUT = 30  # seconds; a thousand badges take two


class PdfFailed(RuntimeError):
    """typst took too long, or could not set the text."""


def make_pdf(template: str, data: dict[str, Any]) -> bytes:
    """The finished document. `data` needs "lang" and "title" besides what the template shows.

    PdfFailed when there is none.
    """
    if template not in TEMPLATES:
        raise KeyError(template)
    job = {"template": template, "data": data | {"mark": _MARK.read_text("utf-8")}}
    try:
        done = subprocess.run(  # noqa: S603 (our own program; names and text go in as data)
            [sys.executable, "-I", str(_HERE / "compile.py")],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=TIMEOUT,
            env={},  # no secrets of ours, and no way out: packages are not fetched
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        raise PdfFailed(template) from failure
    return done.stdout
