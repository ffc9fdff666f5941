"""How far own words in a standard letter go: never before what has changed, why, and by when."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dialognav.domain.standard_letters import KINDS, WITH_SUBJECT, OwnWords, of_no_use
from dialognav.domain.terms import LANGUAGES, Mode
from dialognav.mail.own_words import FACT, own_facts
from dialognav.mail.render import said
from dialognav.mail.sample_letters import sample_letter
from tests.conftest import NOW
from tests.letter_samples import POST, STATIONERY, World, every_kind

MAIL = Path(__file__).parents[2] / "templates/mail"
ALL = [kind for kinds in KINDS.values() for kind in kinds]
SAMPLES = {language: every_kind(language, Mode.ONLINE) for language in LANGUAGES}
OWN = OwnWords({"sv": "EGET ÄMNE"}, {"sv": "INLEDNING {namn}"}, {"sv": "AVSLUT {min_sida}"})


def with_own(sample, language="sv"):
    return replace(sample, facts={**sample.facts, FACT: own_facts(OWN, "sv", language)})


def samples(kind, language="sv"):
    return [with_own(one, language) for one in SAMPLES[language][kind]]


def test_each_letter_that_may_have_own_words_is_there_and_says_where():
    saying = {
        path.parent.name for path in MAIL.glob("*/body.html") if "_opening" in path.read_text()
    }
    assert saying == set(ALL)
    assert {
        path.parent.name for path in MAIL.glob("*/subject.txt") if "own_subject" in path.read_text()
    } == WITH_SUBJECT


@pytest.mark.parametrize("kind", ALL)
def test_own_words_stand_once_in_both_forms_and_all_else_stays(kind):
    for plain, own in zip(SAMPLES["sv"][kind], samples(kind), strict=True):
        before, after = said(plain, STATIONERY), said(own, STATIONERY)
        for words in ("INLEDNING", "AVSLUT"):
            assert after.text.count(words) == after.html.count(words) == 1
            assert words not in before.text
        kept = [
            line
            for line in after.text.splitlines()
            if "INLEDNING" not in line and "AVSLUT" not in line
        ]
        assert [line for line in kept if line] == [
            line for line in before.text.splitlines() if line
        ]
        assert (after.subject == before.subject) == (kind not in WITH_SUBJECT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ALL)
def test_what_has_changed_why_and_by_when_stands_before_them(kind, language):
    for own in samples(kind, language):
        text = said(own, STATIONERY).text
        first = text.partition("INLEDNING")[0]
        for fact in firsts(own.facts, text):
            assert fact in first, (kind, fact)


def firsts(facts, text):
    """What of a letter nobody's words may push down."""
    found = [change["now"] for change in facts.get("changes", ()) if isinstance(change["now"], str)]
    found += [line for line in text.splitlines() if re.match(r"(Nu|Now|Nå): ", line)]
    if facts.get("reason", ("",))[0] in text:
        found += [facts["reason"][0]]
    if facts.get("decision", {}).get("text", ("",))[0]:
        found += [facts["decision"]["text"][0]]
    return found


def test_the_time_to_answer_stands_before_them():
    for own in samples("offered"):
        subject_and_text = said(own, STATIONERY)
        [until] = re.findall(r"svara senast (.+):", subject_and_text.subject)
        assert until in subject_and_text.text.partition("INLEDNING")[0]


def test_a_number_among_several_letters_stays_in_the_subject():
    numbered = [one for one in samples("place_confirmed") if "number" in one.facts]
    assert [said(one, STATIONERY).subject for one in numbered] == ["EGET ÄMNE (2 av 3)"]


def test_a_subject_of_nothing_is_the_standard_one():
    [first, *_rest] = SAMPLES["sv"]["place_confirmed"]
    empty = replace(
        first,
        facts={
            **first.facts,
            "party": "",
            FACT: own_facts(OwnWords({"sv": " {organisation} "}), "sv", "sv"),
        },
    )
    assert said(empty, STATIONERY).subject.startswith("Ni är anmälda")


def test_whoever_is_invited_has_no_page_of_their_own_yet():
    for own in samples("event_invitation"):
        assert "/r/" not in said(own, STATIONERY).text
    assert "my_page" in of_no_use("event_invitation")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_looks_like_the_letter_and_holds_no_style(language):
    world = World()
    world.organisation.languages = ["sv", "en"]
    for kind in ALL:
        for event in (None, world.event):
            letter = sample_letter(
                kind, language, world.organisation, event, OWN, now=NOW, post=POST
            )
            page = said(letter, STATIONERY, "page").html
            assert "style=" not in page
            assert "INLEDNING" in page
            assert "AVSLUT" in page
            lines = [line for line in said(letter, STATIONERY).text.splitlines() if line.strip()]
            assert re.sub(r"\W", "", lines[0]) in re.sub(r"<[^>]+>|\W", "", page)
