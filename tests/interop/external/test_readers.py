"""Our files as programs in other languages read them. `make interop` installs them."""

from pathlib import Path

import pytest

from dialognav.domain.calendar import invitation_ics
from tests.calendar_samples import GOLDEN as WRITTEN
from tests.calendar_samples import INVITED
from tests.interop.external.judges import JUDGES, Libical, missing
from tests.interop.judges import without_known_zones
from tests.interop.samples import BROKEN, CHANGES, EXPECTED, SUMMER, ZONES, around, facts, refuses

pytestmark = pytest.mark.external
GOLDEN = Path(__file__).parent.parent.parent / "golden"

BY_NAME_ONLY = {"sabre"}
"""Readers that look zones up by name and never read a VTIMEZONE."""

LENIENT = {
    "ical.js": {"ends twice", "sequence is no number"},
    "libical": {"ends twice", "sequence is no number"},
    "sabre": {
        *("sequence is no number", "no zone for TZID", "summer offset wrong"),
        *("summer begins in July",),
    },
}
"""What a reader knowingly lets pass."""


@pytest.fixture(params=JUDGES)
def judge(request):
    if reason := missing(request.param):
        pytest.skip(reason)
    return request.param


def sent_to(judge, data):
    return data if judge in BY_NAME_ONLY else without_known_zones(data)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_golden_file_says_what_it_should(judge, name):
    data = (GOLDEN / f"{name}.ics").read_bytes()
    assert JUDGES[judge](data) == EXPECTED[name]
    assert JUDGES[judge](sent_to(judge, data)) == EXPECTED[name]


@pytest.mark.parametrize("zone", ZONES)
def test_times_are_right_around_the_changes(judge, zone):
    if judge in BY_NAME_ONLY and zone == "Africa/Casablanca":
        pytest.skip("asks the system's tables, which may be older than Morocco's change of 2026")
    for change in CHANGES:
        for invited in around(zone, change)[::2]:
            data = sent_to(judge, invitation_ics(invited))
            assert JUDGES[judge](data) == [facts(invited, "REQUEST")]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_refused(judge, fault):
    data = sent_to(judge, BROKEN[fault])
    is_refused = refuses(JUDGES[judge], data, [facts(SUMMER, "REQUEST")])
    assert is_refused is (fault not in LENIENT[judge])


@pytest.mark.parametrize(
    ("message", "stored", "meaning"),
    [
        ("invitation", None, "REQUEST-NEW"),
        ("update_moved", "invitation", "REQUEST-RESCHEDULE"),
        ("update_place", "update_moved", "REQUEST-UPDATE"),
        ("invitation", "update_moved", "OBSOLETE"),  # mail came in the wrong order
        ("cancelled_by_organiser", "update_place", "CANCEL-EVENT"),
        ("cancelled_by_registrant", "invitation", "CANCEL-EVENT"),
    ],
)
def test_an_itip_client_takes_each_message_for_what_it_is(message, stored, meaning):
    if reason := missing("libical"):
        pytest.skip(reason)
    kept = WRITTEN[stored] if stored else None
    user = INVITED.attendee.address
    assert Libical().classify(WRITTEN[message], kept, user) == meaning
