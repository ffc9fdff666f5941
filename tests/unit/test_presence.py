"""Codes, clocks, the order of marks; and what stands on paper in which order."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.access_needs import default_answer_by
from dialognav.domain.diets import group_needs
from dialognav.domain.names import alphabetical, by_last_word, split_name
from dialognav.domain.presence import clean_code, latest, seen_at, shown_code
from dialognav.domain.working_hours import WorkingHours
from dialognav.tokens import new_check_in_code

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
SWEDEN = WorkingHours("Europe/Stockholm", "SE")


@dataclass(frozen=True)
class Row:
    uid: str
    at: datetime
    state: str = "attended"


def test_every_code_is_read_back_from_how_it_is_shown() -> None:
    for _ in range(200):
        code = new_check_in_code()
        shown = shown_code(code)
        assert clean_code(shown) == code
        assert clean_code(f" {shown.lower().replace('-', ' ')} ") == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("K7PL-2QXD", "K7PL2QXD"),
        ("k7p1 2qxd", "K7PL2QXD"),
        ("K7PI–2QXD", "K7PL2QXD"),
        ("", ""),
        ("–", ""),
        ("åäö", ""),
        ("A" * 1000, "A" * 9),  # one too many stays one too many
    ],
)
def test_what_people_type(typed: str, code: str) -> None:
    assert clean_code(typed) == code


@pytest.mark.parametrize(
    ("ago", "clock_off", "line", "expected_ago"),
    [
        (0, 0, 0, 0),
        (120, 0, 0, 120),
        (120, 0, 50, 170),  # a slow line is no wrong clock: the phone keeps its word
        (120, 3600, 0, 120),
        (120, -86400 * 400, 0, 120),
        (-300, 0, 0, 0),  # from the future, by a clock that was set back since
        (86400 * 30, 0, 0, 86400 * 7),
    ],
)
def test_when_a_mark_was_made(ago: int, clock_off: int, line: int, expected_ago: int) -> None:
    sent = NOW - timedelta(seconds=line)
    clock = sent + timedelta(seconds=clock_off)
    said = clock - timedelta(seconds=ago)
    assert seen_at(said, clock, NOW) == NOW - timedelta(seconds=expected_ago)


MARKS = st.lists(
    st.builds(
        Row,
        uid=st.text("abc", min_size=1, max_size=3),
        at=st.integers(0, 3).map(lambda n: NOW + timedelta(seconds=n)),
        state=st.sampled_from(["attended", "no_show", "confirmed"]),
    ),
    unique_by=lambda row: row.uid,
)


@given(MARKS, st.randoms())
def test_no_order_of_arrival_changes_what_counts(marks: list[Row], chance: object) -> None:
    shuffled = list(marks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert latest(shuffled) == latest(marks)


def test_the_alphabet_ends_differently() -> None:
    words = ["Ö", "Å", "Ä", "Z", "Ø", "Æ", "é", "E", "f"]
    in_swedish = sorted(words, key=lambda word: alphabetical(word, "sv"))
    in_norwegian = sorted(words, key=lambda word: alphabetical(word, "nb"))
    assert in_swedish == ["é", "E", "f", "Z", "Å", "Ä", "Æ", "Ö", "Ø"]
    assert in_norwegian == ["é", "E", "f", "Z", "Ä", "Æ", "Ö", "Ø", "Å"]
    assert sorted(["Åa", "Ab"], key=lambda word: alphabetical(word, "en")) == ["Åa", "Ab"]


def test_a_name_keeps_the_order_in_which_it_was_written() -> None:
    assert split_name("Lo von Ähr") == ("Lo von", "Ähr")
    assert split_name("Madonna") == ("", "Madonna")
    assert split_name("") == ("", "")
    assert by_last_word("Bo Ek", "sv") < by_last_word("Anna Öst", "sv")


def test_like_needs_are_one_and_said_as_most_wrote_them() -> None:
    needs = ["Vegan", "vegan ", "Vegan.", "Laktos-  fritt", " ", "laktos- fritt", "Nötter!"]
    assert group_needs(needs) == [("Vegan", 3), ("Laktos- fritt", 2), ("Nötter", 1)]


@pytest.mark.parametrize(
    ("asked", "starts", "day"),
    [
        ("2027-01-12", "2027-02-10", date(2027, 2, 3)),
        ("2027-03-01", "2027-04-01", date(2027, 3, 23)),  # over Easter: Friday and Monday are off
        ("2027-02-08", "2027-02-10", date(2027, 2, 9)),  # two days on would be the day itself
        ("2027-02-04", "2027-02-10", date(2027, 2, 8)),
        ("2027-02-10", "2027-02-10", date(2027, 2, 10)),
    ],
)
def test_by_when_one_is_answered(asked: str, starts: str, day: date) -> None:
    asked_at = datetime.fromisoformat(f"{asked}T10:00+00:00")
    starts_at = datetime.fromisoformat(f"{starts}T12:00+00:00")
    assert default_answer_by(asked_at, starts_at, SWEDEN) == day
