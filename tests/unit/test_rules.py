"""Rules of admission: what cannot be, what two editors changed, and what the public reads."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blueprints.public.rules import read_rules, sentences_of
from dialognav.domain.rules import (
    AdmissionRules,
    adds_places,
    changed_rules,
    marks,
    merge_rules,
    what_cannot_be,
)
from dialognav.domain.terms import LANGUAGES, Audience, Format, Promotion, Visibility
from dialognav.i18n import speaking
from dialognav.models import Event, Occasion, Organisation

STARTS = datetime(2027, 2, 10, 8, tzinfo=UTC)  # Wednesday 9.00 in Stockholm
RULES = AdmissionRules(closes_at=STARTS - timedelta(days=7))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"closes_at": STARTS}, []),
        ({"closes_at": STARTS + timedelta(minutes=1)}, ["closes_at after_start"]),
        ({"closes_at": None}, ["closes_at missing"]),
        ({"opens_at": STARTS - timedelta(days=7)}, ["opens_at after_closing"]),
        ({"opens_at": STARTS - timedelta(days=8)}, []),
        ({"answers_until": STARTS + timedelta(hours=1)}, ["answers_until after_start"]),
        ({"limit_per_party": 0}, ["limit_per_party nobody"]),
        ({"capacity_on_site": 0}, []),  # everyone waits
        ({"capacity_on_site": 0, "waiting_list": False}, ["capacity_on_site nobody"]),
        ({"offer_hours": 0}, ["offer_hours range"]),
        ({"offer_hours": 15 * 24}, ["offer_hours range"]),
        ({"queue_ends_hours": -1}, ["queue_ends_hours range"]),
        ({"queue_ends_hours": 0}, []),
    ],
)
def test_what_cannot_be(change, wrong):
    rules = replace(RULES, **change)
    found = what_cannot_be(rules, Format.ON_SITE, STARTS, is_seen=True)
    assert [f"{each.rule} {each.code}" for each in found] == wrong


def test_a_draft_may_lack_its_last_day():
    rules = AdmissionRules()
    assert list(what_cannot_be(rules, Format.ON_SITE, STARTS, is_seen=False)) == []


@pytest.mark.parametrize(
    ("before", "after", "adds"),
    [(10, 11, True), (10, 9, False), (10, None, True), (None, 5, False), (5, 5, False)],
)
def test_places_are_added(before, after, adds):
    old, new = (replace(RULES, capacity_online=n) for n in (before, after))
    assert adds_places(old, new) is adds


def test_only_the_rules_both_changed_are_a_conflict():
    base = replace(RULES, capacity_on_site=10)
    mine = replace(base, capacity_on_site=30, waiting_list=False)
    theirs = replace(base, capacity_on_site=20, limit_per_party=3)
    merged = merge_rules(mine, theirs, marks(base))
    assert merged.conflicts == ("capacity_on_site",)
    assert merged.taken == ("limit_per_party",)
    assert merged.rules == replace(mine, limit_per_party=3)
    assert changed_rules(base, merged.rules) == (
        "capacity_on_site",
        "limit_per_party",
        "waiting_list",
    )


def test_without_marks_everything_that_differs_is_a_conflict():
    theirs = replace(RULES, limit_per_party=3)
    merged = merge_rules(RULES, theirs, {})
    assert (merged.conflicts, merged.taken) == (("limit_per_party",), ())


# --- what the public reads ----------------------------------------------------------------------


def event(form=Format.HYBRID, **given):
    organisation = Organisation(
        name={"sv": "Region Tallvik", "en": "Tallvik Region"},
        primary_language="sv",
        zone="Europe/Stockholm",
        country="SE",
    )
    return Event(
        organisation=organisation,
        format=form,
        zone="Europe/Stockholm",
        starts_at=STARTS,
        occasions=[Occasion()],
        **given,
    )


def said(rules, language="en", **given):
    with speaking(language):
        return sentences_of(event(**given), rules)


def test_the_shortest_rules():
    assert said(AdmissionRules(closes_at=RULES.closes_at), form=Format.ON_SITE) == [
        "For suppliers, large and small. A public body is welcome as a supplier.",
        "Registration is open until Wed 3 Feb 2027, 09:00.",
        "All times are local time in Stockholm.",
        "There is no limit to the number of places.",
        "You can change your answers, send a colleague or withdraw until the event begins.",
    ]


def test_the_longest_rules():
    rules = AdmissionRules(
        audience=Audience.BUYERS,
        opens_at=STARTS - timedelta(days=30),
        closes_at=STARTS - timedelta(days=7),
        capacity_on_site=60,
        capacity_online=1,
        limit_per_party=3,
        registration_review=True,
        asks_mandate=True,
        answers_until=STARTS - timedelta(days=2),
        promotion=Promotion.OFFER,
        offer_together=True,
    )
    # 12 hours before 9.00 is 21.00 the evening before: the last working hour ends at 20.
    expected = """
        For public buyers only: municipalities, regions, state agencies and others that buy for the
        public. Suppliers cannot register. Each person says what mandate they have from their
        organisation.
        Registration is open from Mon 11 Jan 2027, 09:00 until Wed 3 Feb 2027, 09:00. All times are
        local time in Stockholm.
        60 places on site. 1 place online. At most 3 people from one organisation. We know an
        organisation by its number. Where there is none, we compare name and e-mail domain; the
        organiser then looks at what goes beyond the limit. Tallvik Region looks at each
        registration in the order they came, and answers by e-mail. Until then nobody in it has a
        place. Whoever is approved when all places are taken joins the end of the waiting list.
        When all places are taken, those who come later wait, in the order they came. A place that
        becomes free is offered to the first in line, by e-mail, for 24 hours. An offer ends only
        between 8 and 20 on a working day. Near the end of the waiting list it holds for half of the
        time that is left, but an hour at least. Then it goes to the next in line. People who
        registered together get places together, when there are enough. Nobody is let past, unless
        the organiser has a reason, which is put on record. The waiting list ends Tue 9 Feb 2027,
        20:00. Those who still wait are then told, and where the material will be.
        You can change your answers until Mon 8 Feb 2027, 09:00, and send a colleague or withdraw
        until the event begins. A change of what was approved is looked at again.
    """
    assert " ".join(said(rules)) == " ".join(expected.split())


def test_without_a_limit_of_places_nothing_is_said_of_a_queue():
    assert not any("wait" in sentence for sentence in said(AdmissionRules()))


def test_a_queue_that_has_ended_promises_nothing_more():
    """At the cut-off, or when the procurement began (decisions.md 6)."""
    ended = datetime(2027, 1, 20, 9, tzinfo=UTC)
    rules = replace(RULES, capacity_on_site=60)
    sentences = said(rules, form=Format.ON_SITE, queue_closed_at=ended)
    assert "The waiting list ended Wed 20 Jan 2027, 10:00." in sentences
    assert not any("first in line" in sentence for sentence in sentences)


def test_invited_only_comes_first():
    rules = replace(RULES, visibility=Visibility.INVITED)
    assert said(rules)[0].startswith("By personal invitation only")
    assert not any("suppliers, large" in sentence for sentence in said(rules))


def test_the_last_change_is_said_in_the_events_zone():
    with speaking("en"):
        read = read_rules(event(rules_changed_at=datetime(2027, 1, 12, 9, tzinfo=UTC)), RULES)
    assert read.changed == "The rules were last changed Tue 12 Jan 2027, 10:00."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_combination_is_whole_sentences(language):
    """A capital first, a full stop last, nothing left of a placeholder, nothing said twice."""
    choices = {
        "audience": list(Audience),
        "visibility": [Visibility.PUBLIC, Visibility.INVITED],
        "opens_at": [None, STARTS - timedelta(days=30)],
        "closes_at": [None, STARTS - timedelta(days=7)],
        "capacity_on_site": [None, 1, 60],
        "limit_per_party": [None, 1, 3],
        "registration_review": [False, True],
        "waiting_list": [False, True],
        "promotion": list(Promotion),
    }
    for n, values in enumerate(itertools.product(*choices.values())):
        rules = AdmissionRules(
            **dict(zip(choices, values, strict=True)),
            offer_hours=(1, 24)[n % 2],
            offer_together=bool(n % 3),
            queue_ends_hours=(0, 12)[n % 2],
            answers_until=(None, STARTS)[n % 2],
            capacity_online=(None, 0, 40)[n % 3],
        )
        sentences = said(rules, language, form=list(Format)[n % 3])
        assert len(set(sentences)) == len(sentences)
        for sentence in sentences:
            assert re.fullmatch(r"[A-ZÅÄÖØÆ0-9][^%]*[.]", sentence), sentence
            assert "None" not in sentence, sentence
