"""The mails around our invitations as a program in another language reads them."""

import pytest

from tests.interop.external.judges import missing
from tests.interop.external.mails import by_postal_mime
from tests.interop.mails import BROKEN, GOLDEN, WHOLE, by_python
from tests.interop.samples import refuses

pytestmark = pytest.mark.external


@pytest.fixture(autouse=True)
def _postal_mime():
    if reason := missing("postal-mime"):
        pytest.skip(reason)


def test_golden_mails_are_read_as_python_reads_them():
    mails = [path.read_bytes() for path in sorted(GOLDEN.glob("*.eml"))]
    assert by_postal_mime(mails) == [by_python(raw) for raw in mails]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_mail_is_refused(fault):
    assert refuses(lambda raw: by_postal_mime([raw]), BROKEN[fault], [by_python(WHOLE)])
