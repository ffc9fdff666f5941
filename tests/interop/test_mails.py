"""The mails around our invitations, by the letter, and proof that the judge looks."""

import pytest

from tests.interop.mails import BROKEN, GOLDEN, WHOLE, by_python
from tests.interop.samples import refuses


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.eml")), ids=lambda path: path.stem)
def test_a_golden_mail_is_an_invitation_to_everybody(path):
    mail = by_python(path.read_bytes())
    assert [part.kind for part in mail.parts] == ["text/calendar", "application/ics"]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_mail_is_refused(fault):
    assert refuses(by_python, BROKEN[fault], by_python(WHOLE))
