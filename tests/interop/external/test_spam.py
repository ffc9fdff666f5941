"""What a spam filter of Debian's says of every letter, by the mail alone.

No list in the net is asked. `make interop` installs it.
"""

import re
import shutil
import subprocess
from email.utils import format_datetime

import pytest

from dialognav.domain.terms import LANGUAGES
from tests.conftest import NOW
from tests.interop.test_letters import FILES, MODES, raw
from tests.letter_samples import every_kind

pytestmark = pytest.mark.external

MOST = 1.0
"""Points that one rule may give; five in all are spam."""

_RULE = re.compile(r"^ *(-?\d+(?:\.\d)?) ([A-Z][A-Z0-9_]+) ", re.MULTILINE)
_GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""The filter's own trial: with this in it a mail is spam."""


def judged(mails):
    """[{rule: points}] of each mail, in one run of the filter."""
    if shutil.which("spamassassin") is None:
        pytest.skip("spamassassin is not installed")
    box = b"".join(
        b"From x Tue Jan 12 09:00:00 2027\n" + on_its_way(mail) + b"\n" for mail in mails
    )
    ran = subprocess.run(
        ["spamassassin", "--local", "--test-mode", "--mbox"],
        input=box,
        capture_output=True,
        check=True,
    )
    reports = re.split(r"(?m)^From x ", ran.stdout.decode("utf-8", "replace"))[1:]
    assert len(reports) == len(mails)
    return [{rule: float(points) for points, rule in _RULE.findall(one)} for one in reports]


def on_its_way(mail):
    """As a mailbox has it: with a trace of the way, which is no filter's business here."""
    trace = (
        "Received: from mail.dialog.example (mail.dialog.example [10.0.0.9])\r\n"
        "\tby mx.leverantor.example with ESMTPS id 4711;\r\n"
        f"\t{format_datetime(NOW)}\r\n"
    )
    return re.sub(rb"(?m)^(>*From )", rb">\1", (trace.encode() + mail).replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_rule_gives_a_letter_more_than_a_point(language):
    every = every_kind(language, MODES[language])
    mails = [(kind, raw(letter)) for kind, letters in every.items() for letter in letters]
    [message, *_rest] = every["message"]
    mails.append(("message with files", raw(message, FILES[:2])))
    found = zip(mails, judged([mail for _kind, mail in mails]), strict=True)
    blamed = {
        (kind, rule): points
        for (kind, _mail), rules in found
        for rule, points in rules.items()
        if points > MOST
    }
    assert blamed == {}


def test_the_filter_looks():
    [message, *_rest] = every_kind("en")["message"]
    facts = {
        **message.facts,
        "words": {**message.facts["words"], "body": _GTUBE.replace("*", "\\*")},
    }
    spam = type(message)(message.kind, "en", facts, message.recipient, message.recipient_name)
    [rules] = judged([raw(spam)])
    assert max(rules.values()) > MOST
