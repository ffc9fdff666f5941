"""Notes, presence and minutes of a meeting, as rules."""

import io
from datetime import UTC, datetime, timedelta

import pypdf
import pytest

from dialognav.domain import meeting_presence, minutes, two_writers
from dialognav.domain.meeting_notes import answers_of, key_of, note_lines, values_of
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import Checked
from dialognav.domain.working_hours import WorkingHours
from dialognav.markup import blocks_from_markdown
from dialognav.pdf import make_pdf

AT = datetime(2027, 2, 24, 9, 20, tzinfo=UTC)
SWEDEN = WorkingHours("Europe/Stockholm", "SE")


@pytest.mark.parametrize(
    ("sent", "days", "until"),
    [
        (datetime(2027, 2, 24, 15, tzinfo=UTC), 5, "2027-03-03T22:59"),  # a week of work
        (datetime(2027, 2, 27, 15, tzinfo=UTC), 1, "2027-03-01T22:59"),  # Saturday counts from Mon
        (datetime(2027, 3, 24, 15, tzinfo=UTC), 5, "2027-04-02T21:59"),  # Easter, and summer time
        (datetime(2027, 2, 24, 23, 30, tzinfo=UTC), 1, "2027-02-26T22:59"),  # the 25th by then
    ],
)
def test_the_supplier_has_whole_working_days(sent, days, until):
    assert minutes.check_until(SWEDEN, sent, days).isoformat().startswith(until)


@pytest.mark.parametrize(
    ("checked", "lacks"),
    [
        (Checked("a", "a", "", ""), ()),
        (Checked("b", "a", "", ""), ("resend",)),  # nobody asked for the change, nobody has read it
        (Checked("a", "a", "fel", ""), ("answer",)),
        (Checked("b", "a", "fel", ""), ("answer",)),
        (Checked("b", "a", "fel", "ändrat"), ()),  # they asked for it, and are told
        (Checked("a", "a", "fel", "det sades så"), ()),
    ],
)
def test_what_stands_in_the_way_of_approval(checked, lacks):
    assert minutes.lacking(checked) == lacks


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (MinutesState.DRAFT, {"edit", "send"}),
        (MinutesState.FACT_CHECK, {"edit", "send", "check"}),
        (MinutesState.CHECKED, {"edit", "send", "check", "approve"}),  # a late word counts
        (MinutesState.APPROVED, {"reopen"}),
    ],
)
def test_what_may_be_done_when(state, may):
    verbs = ("edit", "send", "check", "approve", "reopen")
    assert {verb for verb in verbs if minutes.may_now(verb, state)} == may


def test_who_wrote_any_of_it_does_not_approve_where_two_are_wanted():
    assert minutes.may_approve(7, [7, 8], needs_two=False)
    assert not minutes.may_approve(8, [7, 8], needs_two=True)
    assert minutes.may_approve(9, [7, 8], needs_two=True)


@pytest.mark.parametrize(
    ("passage", "is_in"),
    [
        ("Priset är 40 kr", True),
        ("priset  är\n40 KR", True),
        ("**Priset** är 40 kr", True),
        ("Priset är 41 kr", False),
        ("  ** ", False),
    ],
)
def test_a_marked_passage_stands_in_the_text(passage, is_in):
    assert minutes.stands_in(passage, "# 1. Pris\n\n*Priset* är 40 kr per dygn.") is is_in


def test_a_draft_begins_with_facts_questions_and_notes():
    text = minutes.draft_text(
        ["**Möte:** A", "**När:** B"], [("Vad?", "x"), ("Hur?", "")], "y", "Z"
    )
    assert text == "**Möte:** A  \n**När:** B\n\n# 1. Vad?\n\nx\n\n# 2. Hur?\n\n# Z\n\ny"


@pytest.mark.parametrize(
    ("came", "state"), [(None, "booked"), ([], "no_show"), ([3], "attended"), ([3, 4], "attended")]
)
def test_a_meeting_was_held_when_anybody_came(came, state):
    assert meeting_presence.state_of(came) == state


def test_somebody_may_come_early_but_is_not_missed_before_the_time():
    early = AT - timedelta(minutes=20)
    assert meeting_presence.may_come(AT, early)
    assert not meeting_presence.may_be_missed(AT, early)
    assert not meeting_presence.may_come(AT, AT - timedelta(minutes=31))
    assert meeting_presence.may_be_missed(AT, AT)


def test_notes_stand_beside_the_questions_and_none_is_lost_when_they_are_worded_anew():
    lines = note_lines(
        {"Vad nu?": "sv", "Hur?": "sv"}, [["Vad?", "gammalt"], ["Hur?", "så"], ["Nej?", ""]]
    )
    assert [(line.question, line.note, line.is_asked) for line in lines] == [
        ("Vad nu?", "", True),
        ("Hur?", "så", True),
        ("Vad?", "gammalt", False),
    ]
    on_the_page = note_lines({"Vad nu?": "sv"}, [], typed=["Vad?", "Vad nu?", ""])
    assert [line.question for line in on_the_page] == ["Vad nu?", "Vad?"]
    typed = values_of(lines, "annat") | {key_of("Vad nu?"): "nytt"}
    kept = [["Vad nu?", "nytt"], ["Hur?", "så"], ["Vad?", "gammalt"]]
    assert answers_of(lines, typed) == kept


def test_two_who_write_in_different_parts_both_keep_what_they_wrote():
    began = {"a": "1", "b": "2", "c": "3"}
    _revision, marks = two_writers.read_version(two_writers.version_text(4, began))
    merged = two_writers.merge(began | {"a": "mitt"}, began | {"b": "ditt"}, marks)
    assert merged.values == {"a": "mitt", "b": "ditt", "c": "3"}
    assert (merged.conflicts, merged.taken) == ((), ("b",))


def test_two_who_write_in_one_part_see_both():
    began = {"a": "1"}
    _revision, marks = two_writers.read_version(two_writers.version_text(4, began))
    merged = two_writers.merge({"a": "mitt"}, {"a": "ditt"}, marks)
    assert (merged.values, merged.conflicts) == ({"a": "mitt"}, ("a",))
    unknown = two_writers.merge({"x": "mitt"}, {"x": "ditt"}, {})
    assert unknown.conflicts == ("x",)


@pytest.mark.parametrize(
    "carried", ["", "x", "-1 a:0", "9999999999", "1.5", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_version_that_cannot_be_read_is_none(carried):
    assert two_writers.read_version(carried)[0] == -1


def test_every_part_of_a_text_is_set_on_paper_and_none_of_it_is_run():
    text = """**När:** nu  \n**Var:** här

### Först djupt

- ett
  - *inre*

3. tre

> # citat
> med ~~strukna~~ ord

| Krav | Kostar |
|---|---|
| A | 40 |

    kod

---

# #let x = [kod]

Läs [sidan](https://a.example/x) och <https://b.example>. $x^2$ @nobody `tecken`
"""
    blocks = blocks_from_markdown(text)
    kinds = ["para", "heading", "list", "list", "quote", "table", "code", "rule", "heading", "para"]
    assert [one["kind"] for one in blocks] == kinds
    assert [one["level"] for one in blocks if one["kind"] == "heading"] == [3, 3]
    assert blocks[3]["start"] == 3
    assert {"text": "sidan"} in blocks[-1]["runs"]
    assert {"text": " (https://a.example/x)"} in blocks[-1]["runs"]
    words = dict.fromkeys(
        ("text", "checks", "answer", "marks", "asked", "number", "law", "passage", "why"), "#x"
    )
    check = {"title": "Version 1.", "outcome": "Bra.", "correction": "a\nb", "answer": "c"}
    made = make_pdf(
        "minutes",
        {
            **dict.fromkeys(("title", "organiser", "kind", "heading", "remark", "footer"), "[#x]"),
            "lang": "sv",
            "lines": [],
            "facts": [["Vem", "Ada"]],
            "blocks": blocks,
            "checks": [check],
            "marks": [["Priset", "Skälet\nräcker"]],
            "asked": [["Ritningen", "Ny"]],
            "words": words,
        },
    )
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert "pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data().decode()
    first, last = (" ".join(page.extract_text().split()) for page in reader.pages)
    for said in ("När: nu", "inre", "strukna", "40", "kod", "#let x = [kod]", "$x^2$ @nobody"):
        assert said in first
    assert "Skälet räcker" in last
    assert "Ritningen" in last
    assert "Priset" not in first
