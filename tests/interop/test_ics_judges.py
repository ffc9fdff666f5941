"""Our files as programs read them that share no code with the writer, and proof that they look."""

from pathlib import Path

import pytest

from dialognav.domain.calendar import invitation_ics
from tests.interop.judges import JUDGES, without_known_zones
from tests.interop.samples import (
    BROKEN,
    BROKEN_BY_THE_LETTER,
    CHANGES,
    EXPECTED,
    SUMMER,
    WHOLE,
    ZONES,
    around,
    facts,
    refuses,
)

GOLDEN = Path(__file__).parent.parent / "golden"
every_judge = pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES.keys())


@every_judge
@pytest.mark.parametrize("name", EXPECTED)
def test_a_golden_file_says_what_it_should(judge, name):
    data = (GOLDEN / f"{name}.ics").read_bytes()
    assert judge(data) == EXPECTED[name]
    assert judge(without_known_zones(data)) == EXPECTED[name]


@every_judge
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", CHANGES, ids=["spring", "autumn"])
def test_times_are_right_around_the_changes_by_the_files_own_zone(judge, zone, change):
    for invited in around(zone, change):
        data = without_known_zones(invitation_ics(invited))
        assert judge(data) == [facts(invited, "REQUEST")]


@every_judge
def test_the_whole_twin_is_accepted(judge):
    assert judge(WHOLE) == [facts(SUMMER, "REQUEST")]


@every_judge
@pytest.mark.parametrize("fault", BROKEN)
def test_every_judge_refuses_a_broken_file(judge, fault):
    data = without_known_zones(BROKEN[fault])
    assert refuses(judge, data, [facts(SUMMER, "REQUEST")])


@pytest.mark.parametrize("fault", BROKEN_BY_THE_LETTER)
def test_the_strict_reader_refuses_what_others_let_pass(fault):
    assert refuses(JUDGES["lint"], BROKEN_BY_THE_LETTER[fault], [facts(SUMMER, "REQUEST")])
