"""The dates of our series as other calendars show them: Thunderbird's, Nextcloud's, Evolution's."""

import pytest

from tests.interop.external.dates import DATE_JUDGES
from tests.interop.external.judges import missing
from tests.interop.external.test_readers import sent_to
from tests.interop.samples import refuses
from tests.interop.series import BROKEN, RIGHT, SERIES, WHOLE

pytestmark = pytest.mark.external


@pytest.fixture(params=DATE_JUDGES)
def judge(request):
    if reason := missing(request.param):
        pytest.skip(reason)
    return request.param


@pytest.mark.parametrize("name", SERIES)
def test_a_series_shows_its_dates_by_the_files_own_zone(judge, name):
    data, dates = SERIES[name]
    assert DATE_JUDGES[judge](sent_to(judge, data)) == dates


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_series_shows_other_dates(judge, fault):
    assert refuses(DATE_JUDGES[judge], sent_to(judge, BROKEN[fault]), RIGHT)
    assert not refuses(DATE_JUDGES[judge], sent_to(judge, WHOLE), RIGHT)
