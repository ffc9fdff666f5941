"""The dates of our series as programs show them that share no code with the writer."""

import pytest

from tests.interop.judges import DATE_JUDGES, without_known_zones
from tests.interop.samples import refuses
from tests.interop.series import BROKEN, RIGHT, SERIES, WHOLE

DATES = [
    pytest.param(judge, name, id=f"{judge}-{name}")
    for judge in DATE_JUDGES
    for name in SERIES
    # ical compares RECURRENCE-ID without its Z, and so shows a moved date twice
    if (judge, name[:3], name[-5:]) != ("ical", "UTC", "timed")
]


@pytest.mark.parametrize(("judge", "name"), DATES)
def test_a_series_shows_its_dates_by_the_files_own_zone(judge, name):
    data, dates = SERIES[name]
    assert DATE_JUDGES[judge](data) == dates
    assert DATE_JUDGES[judge](without_known_zones(data)) == dates


@pytest.mark.parametrize("judge", DATE_JUDGES.values(), ids=DATE_JUDGES.keys())
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_series_shows_other_dates(judge, fault):
    assert judge(WHOLE) == RIGHT
    assert refuses(judge, BROKEN[fault], RIGHT)
