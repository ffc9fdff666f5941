"""A small trial on each database, and that it convicts. `make trial` is the big one."""

import copy
from pathlib import Path

import pytest

from tests.delivery.trial import Report, Size, run

SMALL = Size(letters=120, workers=2, worker_kills=2, server_kills=1, unknown=20, seed=7)


@pytest.fixture
def good() -> Report:
    """What a trial without any accident would tell of three people, one of whom is not there."""
    report = Report(Size(letters=3))
    report.expected = {"a@b.example", "c@d.example"}
    for name in report.expected:
        report.copies[name] = [(f"<{name}>", "same")]
    report.states = {"sent": 2, "given_up": 1}
    return report


@pytest.mark.slow
@pytest.mark.smtp
def test_everybody_has_one_copy_or_the_same_again(database_url: str, tmp_path: Path) -> None:
    report = run(database_url, tmp_path, SMALL)
    print(report)
    assert report.broken() == []
    assert report.killed.total() == 3


def test_the_judge_acquits(good: Report) -> None:
    assert good.broken() == []


def test_the_judge_convicts(good: Report) -> None:
    lost, twice, other, stranger = (copy.deepcopy(good) for _ in range(4))
    lost.copies.pop("a@b.example")
    assert "1 recipients got nothing" in lost.broken()
    twice.copies["a@b.example"] *= 2
    assert "1 doubles, 0 crashes and silences" in twice.broken()
    twice.words["silent"] = 1
    assert twice.broken() == []
    other.words["silent"] = 1
    other.copies["a@b.example"].append(("<a@b.example>", "other"))
    assert "a second copy differs from the first" in other.broken()
    stranger.copies["x@y.example"] = [("<x>", "same")]
    assert "1 got what was not for them" in stranger.broken()
    good.states = {"sent": 2, "pending": 1}
    assert good.broken() != []
