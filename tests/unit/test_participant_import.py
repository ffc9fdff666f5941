"""A list of people as registrations: each problem at its row and column, who belongs together."""

import pytest

from dialognav.addresses import proper_address
from dialognav.domain.admission import Occupancy
from dialognav.domain.import_columns import COLUMNS, HEADINGS, find_head, recognise
from dialognav.domain.import_rows import Terms, Vocabulary
from dialognav.domain.participant_import import (
    MOST_PEOPLE,
    Registered,
    decide_import,
    read_people,
)
from dialognav.domain.tables import read_csv
from tests.sheets import HEAD, ROW, SECOND, csv_of

WORDS = Vocabulary(
    kinds={"företag": "company", "kommun": "municipality", "enskildnäringsidkare": "sole_trader"},
    modes={"påplats": "on_site", "digitalt": "online"},
    countries={"sverige": "SE", "norge": "NO"},
    languages={"svenska": "sv", "norsk": "nb"},
)
FULL = (*HEAD, "Roll", "Deltar", "Land", "Slag av organisation", "Språk")


def terms(**given):
    usual = {
        "format": "on_site",
        "audience": "suppliers",
        "serves_food": False,
        "people_per_registration": 20,
        "limit_per_party": None,
        "country": "SE",
        "mode": "on_site",
        "language": "sv",
        "secret": "key",
        "address": proper_address,
    }
    return Terms(**usual | given)


def read(*rows, head=HEAD, registered=None, **given):
    table = read_csv(csv_of(head, *rows))
    return read_people(table, find_head(table), terms(**given), WORDS, registered or Registered())


def told(*rows, **given):
    """[(row, column, code)]"""
    return [(one.row, one.column, one.code) for one in read(*rows, **given).problems]


# --- the head ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en", "nb"])
@pytest.mark.parametrize("column", COLUMNS)
def test_every_name_of_a_column_is_recognised(column, language):
    for name in HEADINGS[column][language]:
        assert recognise(name) == column
        assert recognise(f"  {name.upper()} *") == column
    assert recognise(column) == column


def test_columns_in_any_order_with_a_title_above_and_a_stranger_between():
    table = read_csv(
        "Anmälda 2027\n\nE-post;Skonummer;Namn (för- och efternamn);Företag\n".encode()
    )
    head = find_head(table)
    assert (head.row.number, dict(head.columns)) == (3, {0: "email", 2: "name", 3: "party_name"})
    assert (head.unknown, head.lacking) == (("Skonummer",), ())


def test_no_head_at_all():
    head = find_head(read_csv(csv_of(ROW, SECOND)))
    assert head.lacking == ("party_name", "name", "email")


def test_two_columns_of_one_name():
    head = find_head(read_csv(b"Namn;Namn;E-post;Organisation\nA;B;c;d\n"))
    assert head.twice == ("name",)
    assert head.columns[0] == "name"


def test_what_somebody_says_the_columns_are_wins():
    table = read_csv(b"Vem;Var;Namn\nKarin;k@x.example;Firman\n")
    head = find_head(table, {0: "name", 1: "email", 2: "party_name"})
    assert dict(head.columns) == {0: "name", 1: "email", 2: "party_name"}
    assert head.lacking == ()


def test_a_head_that_comes_again_is_no_person():
    found = read(ROW, HEAD, SECOND)
    assert (found.rows, found.problems) == (2, ())


# --- cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        (("", "", "Karin Falk", "k@x.example"), "party_name", "missing"),
        (("A AB", "", "", "k@x.example"), "name", "missing"),
        (("A AB", "", "Karin Falk", ""), "email", "missing"),
        (("A AB", "", "-", "k@x.example"), "name", "missing"),
        (("A AB", "", "Karin Falk", "karin(at)x"), "email", "bad_address"),
        (("A AB", "", "Karin Falk", "a@x.example; b@x.example"), "email", "bad_address"),
        (
            ("A AB", "559401-2346", "Karin Falk", "k@x.example"),
            "party_identifier",
            "bad_identifier",
        ),
        (
            ("A AB", "5594012345.5", "Karin Falk", "k@x.example"),
            "party_identifier",
            "bad_identifier",
        ),
        (("A AB", "", "5594012345", "k@x.example"), "name", "no_name"),
        (("A AB", "", "=cmd|'/C calc'!A0", "k@x.example"), "name", "formula"),
        (("@SUM(A1)", "", "Karin Falk", "k@x.example"), "party_name", "formula"),
        (("A AB", "", "-1+1", "k@x.example"), "name", "formula"),
        (("A" * 201, "", "Karin Falk", "k@x.example"), "party_name", "too_long"),
        (("A AB", "", "K" * 1_000, "k@x.example"), "name", "too_long"),
        (("A AB", "", "Karin Falk", f"{'k' * 250}@x.example"), "email", "too_long"),
    ],
)
def test_a_cell_that_cannot_be(cells, column, code):
    assert (3, column, code) in told(ROW, cells)


@pytest.mark.parametrize(
    "number", ["5594012345", "559401-2345", "SE559401234501", " 16 5594012345"]
)
def test_a_number_however_it_is_written(number):
    found = read(("A AB", number, "Karin Falk", "k@x.example"))
    assert found.problems == ()
    assert found.groups[0].party.identifier == "559401-2345"


def test_words_that_a_column_does_not_take():
    row = (*ROW, "", "kanske", "Atlantis", "klubb", "klingonska")
    found = told(row, head=FULL)
    assert found == [
        (2, column, "unknown_word")
        for column in ("language", "mode", "party_country", "party_kind")
    ]


def test_ways_of_attending_that_the_event_has():
    row = (*ROW, "", "Digitalt", "", "", "")
    assert told(row, head=FULL) == [(2, "mode", "other_mode")]
    assert read(row, head=FULL, format="hybrid").groups[0].people[0].mode == "online"


def test_buyers_only():
    for kind, code in (("Företag", "not_for"), ("", "missing"), ("Kommun", None)):
        row = (*ROW, "", "", "", kind, "")
        expected = [(2, "party_kind", code)] if code else []
        assert told(row, head=FULL, audience="buyers") == expected


def test_invisible_marks_go_and_are_told():
    found = read(("A AB", "", "\u202eKarin\u200b Falk\u200f", "\u200fk@x.example"))
    assert found.problems == ()
    assert found.groups[0].people[0].name == "Karin Falk"
    assert {one.code for one in found.remarks} == {"direction_marks"}


def test_a_sole_traders_number_is_masked_at_once():
    found = read(("Anna Ek Konsult", "850101-1236", "Anna Ek", "anna@ek.example"))
    if found.problems:  # the number has to pass Luhn to reach this far
        pytest.fail(str(found.problems))
    party = found.groups[0].party
    assert party.identifier == "******-**36"
    assert "850101" not in party.key


# --- between rows -----------------------------------------------------------------------------


def test_one_registration_for_an_organisation_and_its_contact():
    found = read(
        ROW,
        SECOND,
        ("TRYGGHEM TEKNIK", "5594012345", "Jonas Berg", "jonas@trygghem.example"),
        ("Fjällvakt", "", "Ola Lie", "ola@fjellvakt.example"),
        ("Fjällvakt", "", "Per Lie", "per@annan.example"),
    )
    assert [[one.row for one in group.people] for group in found.groups] == [[2, 4], [3, 5], [6]]
    first = found.groups[0]
    assert (first.contact_name, first.contact_email) == ("Karin Falk", "karin@trygghem.example")
    assert {one.code for one in found.remarks} == {"several_names"}


def test_a_contact_of_its_own():
    head = (*HEAD, "Kontaktperson", "Kontaktens e-post", "Telefon")
    contact = ("Eva Ek", "eva@trygghem.example", "+46 70 123 45 67")
    found = read(
        (*ROW, *contact), ("X AB", "559401-2345", "Bo", "bo@x.example", *contact), head=head
    )
    assert found.problems == ()
    [group] = found.groups
    assert (group.contact_name, group.contact_phone) == ("Eva Ek", "+46 70 123 45 67")
    assert told((*ROW, "Eva Ek", "", ""), head=head) == [
        (2, "contact_email", "missing_contact_address")
    ]
    assert told((*ROW, "", "eva@x.example", ""), head=head) == [
        (2, "contact_name", "missing_contact_name")
    ]


def test_a_person_twice_in_the_file():
    assert told(ROW, SECOND, ROW) == [(4, "name", "twice")]
    [problem] = read(ROW, SECOND, ROW).problems
    assert problem.facts == {"row": 2}


def test_an_address_that_several_share_is_no_person_twice():
    shared = [("A AB", "", name, "info@a.example") for name in ("Bo Ek", "Cia Ek")]
    assert told(*shared) == []


def test_somebody_registered_already():
    there = Registered(
        contacts=frozenset({"karin@trygghem.example"}),
        people=frozenset({("ingrid@fjellvakt.example", "ingrid haugen")}),
        emails=frozenset({"ingrid@fjellvakt.example"}),
    )
    assert told(ROW, SECOND, registered=there) == [
        (2, "email", "contact_registered"),
        (3, "name", "registered"),
    ]


def test_one_address_as_the_contact_of_two_organisations():
    rows = [(name, "", who, "info@samma.example") for name, who in (("A AB", "Bo"), ("B AB", "Ea"))]
    assert told(*rows) == [(3, "email", "contact_twice")]


def test_the_limit_counts_those_registered():
    rows = [("A AB", "559401-2345", f"Person {n}", f"p{n}@a.example") for n in "abc"]
    assert told(*rows, limit_per_party=3, people_per_registration=3) == []
    there = Registered(parties={"SE:5594012345": 2})
    assert told(*rows, limit_per_party=3, people_per_registration=3, registered=there) == [
        (3, "party_name", "over_limit"),
        (4, "party_name", "over_limit"),
    ]
    assert told(*rows, people_per_registration=2) == [(4, "party_name", "too_many_in_one")]


def test_an_organisation_that_may_be_there_under_another_number_is_pointed_out():
    there = Registered(names={"name:fjällvakt@fjellvakt.example": 1})
    found = read(SECOND, registered=there)
    assert found.problems == ()
    assert [one.code for one in found.remarks] == ["party_maybe_registered"]


def test_more_people_than_one_file_may_hold():
    rows = [("A AB", "", f"Person {n}", f"p{n}@b{n}.example") for n in range(MOST_PEOPLE + 1)]
    assert told(*rows) == [(MOST_PEOPLE + 2, "", "too_many_people")]
    assert told() == [(1, "", "nobody")]


def test_places_in_the_order_of_the_file():
    found = read(ROW, SECOND, ("C AB", "", "Cia", "cia@c.example"))
    held = {(1, "on_site"): Occupancy(10, 8, 0)}
    places = decide_import(found.groups, held, [1], queues={1})
    assert (places.confirmed, places.waiting) == ({"on_site": 2}, {"on_site": 1})
    places = decide_import(found.groups, held, [1], queues=())
    assert places.refused == (4,)
