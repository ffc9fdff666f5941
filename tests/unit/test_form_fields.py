"""What is asked, and what of the typed counts as an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.form_fields import (
    LARGEST_FILE,
    Condition,
    File,
    Option,
    Question,
    dependents,
    may_depend_on,
    may_swap,
    read_answers,
    still_asked,
    with_options,
)
from dialognav.domain.terms import FieldKind

CHOICES = (
    Option("a1", {"sv": "Finns"}),
    Option("a2", {"sv": "Planerad"}),
    Option("a3", {"sv": "Skrotad"}, removed=True),
)
PDF = b"%PDF-1.7\n..."


def ask(kind, number=1, **given):
    options = CHOICES if kind in ("choice", "choices") else ()
    standard = {"id": number, "key": f"q{number}", "scope": "registration", "label": {"sv": "Vad?"}}
    return Question(**{**standard, "kind": kind, "options": options, **given})


def read_one(question, *raw):
    return read_answers([question], {question.id: raw})


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", "  Åsa\t\x00 Öberg ", "Åsa Öberg"),
        ("text", "A\u030asa", "Åsa"),  # one letter, one form
        ("long_text", "ett\r\ntvå\x07 ", "ett\ntvå"),
        ("number", "1 234,5", 1234.5),
        ("number", "1\N{NO-BREAK SPACE}000", 1000),
        ("number", "\N{MINUS SIGN}3", -3),
        ("number", "007", 7),
        ("number", "0.125", 0.125),
        ("number", "2,00004", 2),
        ("choice", "a2", "a2"),
        ("yes_no", "yes", True),
        ("yes_no", "no", False),
    ],
)
def test_what_was_typed_becomes_a_value(kind, typed, value):
    given = read_one(ask(kind), typed)
    assert given.values == {1: value}
    assert type(given.values[1]) is type(value)


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        ("text", "x" * 301, "too_long"),
        ("long_text", "x" * 4001, "too_long"),
        ("number", "NaN", "not_a_number"),
        ("number", "Infinity", "not_a_number"),
        ("number", "1e9", "not_a_number"),
        ("number", "٣", "not_a_number"),  # a digit to int(), to nobody who reads the list
        ("number", "1.000", "ambiguous"),
        ("number", "12,345,678", "ambiguous"),
        ("number", "9" * 20, "too_large"),
        ("number", "9" * 400, "not_a_number"),
        ("choice", "a9", "not_offered"),
        ("choice", "a3", "not_offered"),  # taken away since
        ("yes_no", "maybe", "not_offered"),
    ],
)
def test_what_is_no_answer_is_told(kind, typed, code):
    given = read_one(ask(kind), typed)
    assert given.problems[1].code == code
    assert not given.values


def test_several_choices_stand_in_the_order_of_the_form_and_once():
    assert read_one(ask("choices"), "a2", "a1", "a2", "<script>").values == {1: ["a1", "a2"]}


@pytest.mark.parametrize("kind", list(FieldKind))
@pytest.mark.parametrize("raw", [(), ("",), ("  \n",)])
def test_nothing_is_an_answer_only_where_nothing_is_required(kind, raw):
    if kind in ("choice", "yes_no") and raw == ("  \n",):
        return  # no browser sends it: a forged choice
    assert read_one(ask(kind), *raw).values == {}
    assert read_one(ask(kind, required=True), *raw).problems[1].code == "missing"


def test_what_is_not_asked_is_neither_required_nor_stored():
    first = ask("choice", 1)
    then = ask("text", 2, required=True, condition=Condition(1, "a2"))
    assert read_answers([first, then], {1: ["a1"], 2: ["typed before"]}).values == {1: "a1"}
    assert read_answers([first, then], {1: ["a2"]}).problems[2].code == "missing"
    assert read_answers([first, then], {1: ["a2"], 2: ["x"]}).values == {1: "a2", 2: "x"}


def test_a_hidden_question_hides_what_depends_on_it():
    chain = [
        ask("yes_no", 1),
        ask("yes_no", 2, condition=Condition(1, "yes")),
        ask("text", 3, required=True, condition=Condition(2, "no")),
    ]
    assert read_answers(chain, {1: ["no"], 2: ["no"], 3: ["x"]}).values == {1: False}
    assert still_asked(chain, {1: False, 2: False, 3: "x"}) == {1}


def test_a_persons_question_may_hang_on_the_registrations_answer():
    person = ask("text", 5, scope="person", condition=Condition(1, "a2"))
    assert read_answers([person], {5: ["x"]}, above={1: ["a1", "a2"]}).values == {5: "x"}
    assert read_answers([person], {5: ["x"]}, above={1: ["a1"]}).values == {}
    assert read_answers([person], {5: ["x"]}).values == {}


def test_a_removed_question_is_not_asked():
    assert read_one(ask("text", removed=True, required=True), "x").values == {}


def test_a_file_is_known_by_its_content():
    given = read_one(ask("file"), File("../../Offert\u202efdp.pdf", PDF))
    assert given.values == {1: {"filename": "Offertfdp.pdf", "size": len(PDF)}}
    assert given.files[1].media_type == "application/pdf"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (File("x.pdf", b""), "file_empty"),
        (File("x.html", b"<script>"), "file_unknown_type"),
        (File("x.pdf", b"MZ\x00"), "file_wrong_name"),
        (File("x.pdf", PDF + bytes(LARGEST_FILE)), "file_large"),
    ],
)
def test_a_file_that_is_not_let_in(file, code):
    assert read_one(ask("file"), file).problems[1].code == code


def test_a_file_that_is_there_stays_until_another_is_chosen():
    there = {1: {"filename": "gammal.pdf", "size": 9}}
    assert read_answers([ask("file", required=True)], {}, kept=there).values == there
    new = read_answers([ask("file")], {1: [File("ny.pdf", PDF)]}, kept=there)
    assert new.values[1]["filename"] == "ny.pdf"


RAW = st.lists(
    st.one_of(
        st.text(),
        st.text(alphabet="0123456789.,- \u00a0eENaIinfy"),
        st.sampled_from(["a1", "a2", "yes", "no", "\ud800"]),
        st.builds(File, st.text(), st.one_of(st.binary(), st.just(PDF), st.just(b"PK\x03\x04"))),
    ),
    max_size=4,
)
QUESTION = st.builds(
    ask,
    st.sampled_from(list(FieldKind)),
    st.integers(1, 6),
    required=st.booleans(),
    condition=st.none() | st.builds(Condition, st.integers(1, 6), st.sampled_from(["a1", "yes"])),
    removed=st.booleans(),
)


@given(
    st.lists(QUESTION, max_size=6, unique_by=lambda question: question.id),
    st.dictionaries(st.integers(0, 7), RAW),
)
def test_whatever_comes_in_each_question_has_one_fate(questions, raw):
    given = read_answers(questions, raw)
    assert not given.values.keys() & given.problems.keys()
    assert given.files.keys() <= given.values.keys()
    for question in questions:
        value = given.values.get(question.id)
        if isinstance(value, str):
            value.encode()  # storable: no lone surrogates
            assert "\x00" not in value
        if isinstance(value, float):
            assert abs(value) < 10**12  # which NaN is not
    live = [question for question in questions if not question.removed]
    assert given.values.keys() <= still_asked(live, given.values)


# --- the editor's rules ----------------------------------------------------------------------


def test_an_option_that_was_taken_away_keeps_its_words_and_its_key_is_not_used_again():
    options = with_options(CHOICES, [("a2", {"sv": "I planen"}), ("", {"sv": "Ny"})])
    assert [(o.key, o.text["sv"], o.removed) for o in options] == [
        ("a2", "I planen", False),
        ("a4", "Ny", False),
        ("a1", "Finns", True),
        ("a3", "Skrotad", True),
    ]


def test_a_forged_or_repeated_key_becomes_a_new_option():
    options = with_options((), [("a1", {"sv": "x"}), ("zz", {"sv": "y"})])
    assert [option.key for option in options] == ["a1", "a2"]
    twice = with_options(CHOICES[:1], [("a1", {"sv": "x"}), ("a1", {"sv": "y"})])
    assert [option.key for option in twice] == ["a1", "a2"]


def test_what_a_question_may_hang_on():
    assert may_depend_on(ask("choice"), "registration")
    assert may_depend_on(ask("yes_no"), "person")
    assert not may_depend_on(ask("yes_no", scope="person"), "registration")
    assert not may_depend_on(ask("text"), "registration")


def test_a_question_stays_below_what_it_depends_on():
    upper, lower = ask("choice", 1), ask("text", 2, condition=Condition(1, "a1"))
    assert not may_swap(upper, lower)
    assert may_swap(upper, ask("text", 3))
    assert dependents(upper, [upper, lower]) == [lower]
