"""What an event needs, what its changes mean, and what two editors get back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dialognav.domain import publishing
from dialognav.domain.drafts import (
    EventDraft,
    ProgrammeLine,
    QuestionLine,
    fingerprints,
    merge,
)
from dialognav.domain.occasions import OccasionLine
from dialognav.domain.terms import EventState

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
STARTS = datetime(2027, 2, 10, 8, tzinfo=UTC)
DRAFT = EventDraft(
    primary_language="sv",
    title={"sv": "Marknadsdialog", "en": "Market dialogue"},
    occasions=(
        OccasionLine(STARTS, STARTS + timedelta(hours=3), venue={"sv": "Stadshuset"}, id=1),
    ),
    summary={"sv": "Kort"},
    need={"sv": "Behov", "en": "Need"},
    registration_closes_at=STARTS - timedelta(days=7),
    contact_name="Karin Lund",
    contact_email="karin@tallvik.example",
)


LATER = OccasionLine(STARTS + timedelta(days=7), STARTS + timedelta(days=7, hours=3), id=2)
TWO = replace(DRAFT, occasions=(*DRAFT.occasions, LATER))


def with_line(**change):
    return replace(DRAFT, occasions=(replace(DRAFT.occasions[0], **change),))


def test_a_complete_draft_lacks_nothing():
    assert publishing.lacking(DRAFT, NOW) == ()


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"need": {"en": "Only a translation"}}, "need"),
        ({"summary": {}}, "summary"),
        ({"occasions": (replace(DRAFT.occasions[0], venue={}),)}, "venue"),
        ({"contact_email": ""}, "contact_email"),
        ({"contact_name": ""}, "contact_name"),
        ({"registration_closes_at": None}, "closes_date"),
        ({"registration_closes_at": NOW}, "closes_date"),
        ({"occasions": (replace(DRAFT.occasions[0], starts_at=NOW),)}, "date"),
    ],
)
def test_what_lacks_is_named(change, missing):
    assert publishing.lacking(replace(DRAFT, **change), NOW) == (missing,)


def test_an_online_event_needs_no_venue_and_its_link_may_come_later():
    assert publishing.lacking(replace(with_line(venue={}), format="online"), NOW) == ()


def test_an_event_already_seen_may_be_edited_after_its_deadline():
    later = DRAFT.ends_at + timedelta(days=1)
    assert publishing.lacking(DRAFT, later, is_new=False) == ()
    assert set(publishing.lacking(DRAFT, later)) == {"date", "closes_date"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (replace(DRAFT, need={"sv": "Annat"}), ()),
        (replace(DRAFT, summary={"sv": "Annat"}), ()),
        (with_line(starts_at=STARTS + timedelta(hours=1)), ("starts_at",)),
        (replace(DRAFT, title={"sv": "Ny"}), ("title",)),
        (with_line(online_url="https://x.example"), ("online_url",)),
        (with_line(venue={"sv": "Biblioteket"}), ("venue",)),
        (replace(DRAFT, occasions=(*DRAFT.occasions, replace(LATER, id=None))), ("occasions",)),
    ],
)
def test_what_is_worth_telling(change, told):
    assert publishing.worth_telling(DRAFT, change) == told


# --- translations ------------------------------------------------------------------------------


def test_a_changed_original_makes_its_translation_stale():
    new = replace(DRAFT, title={**DRAFT.title, "sv": "Dialog"})
    assert publishing.stale_texts(DRAFT, new, []) == ["en:title"]


def test_a_language_without_that_text_is_not_stale():
    new = replace(DRAFT, summary={"sv": "Längre"})
    assert publishing.stale_texts(DRAFT, new, []) == []


def test_writing_the_translation_clears_it_and_only_it():
    stale = ["en:title", "en:need"]
    new = replace(DRAFT, title={**DRAFT.title, "en": "Dialogue"})
    assert publishing.stale_texts(DRAFT, new, stale) == ["en:need"]


def test_both_changed_in_one_save_are_in_step():
    new = replace(DRAFT, title={"sv": "Dialog", "en": "Dialogue"})
    assert publishing.stale_texts(DRAFT, new, []) == []


def test_taking_the_translation_away_clears_it():
    new = replace(DRAFT, title={"sv": "Dialog"})
    assert publishing.stale_texts(DRAFT, new, ["en:title"]) == []


def test_rows_are_translated_as_one():
    old = replace(DRAFT, questions=(QuestionLine({"sv": "Vad?", "en": "What?"}),))
    new = replace(DRAFT, questions=(QuestionLine({"sv": "Vad kostar det?", "en": "What?"}),))
    assert publishing.stale_texts(old, new, []) == ["en:questions"]


def test_counts_what_a_language_lacks():
    assert publishing.untranslated(DRAFT, "en") == 2  # summary and venue
    assert publishing.untranslated(DRAFT, "nb") == 4


# --- two editors -------------------------------------------------------------------------------


def test_what_only_they_changed_is_taken_over():
    theirs = replace(DRAFT, need={"sv": "Deras", "en": "Need"})
    mine = replace(DRAFT, summary={"sv": "Min"})
    merged = merge(mine, theirs, fingerprints(DRAFT))
    assert merged.conflicts == ()
    assert merged.taken == ("need.sv",)
    assert merged.draft == replace(theirs, summary={"sv": "Min"})


def test_what_both_changed_is_a_conflict_and_stays_mine_in_the_form():
    theirs = replace(DRAFT, title={"sv": "Deras", "en": "Theirs"})
    mine = replace(DRAFT, title={"sv": "Min", "en": "Market dialogue"})
    merged = merge(mine, theirs, fingerprints(DRAFT))
    assert merged.conflicts == ("title.sv",)
    assert merged.taken == ("title.en",)
    assert merged.draft.title == {"sv": "Min", "en": "Theirs"}


def test_both_wrote_the_same():
    both = with_line(address="Storgatan 1")
    assert merge(both, both, fingerprints(DRAFT)).conflicts == ()


def test_a_deleted_text_of_theirs_is_taken_over():
    theirs = replace(DRAFT, title={"sv": "Marknadsdialog"})
    assert merge(DRAFT, theirs, fingerprints(DRAFT)).draft.title == {"sv": "Marknadsdialog"}


def test_without_fingerprints_every_difference_is_a_conflict():
    theirs = replace(with_line(address="Storgatan 1"), zone="Europe/Oslo")
    merged = merge(DRAFT, theirs, {})
    assert set(merged.conflicts) == {"occasions.1.address", "zone"}
    assert merged.draft == DRAFT


def test_rows_conflict_as_a_whole():
    line = ProgrammeLine(STARTS, None, {"sv": "Välkomna"})
    theirs = replace(DRAFT, programme=(line,))
    mine = replace(DRAFT, programme=(replace(line, title={"sv": "Hej"}),))
    assert merge(mine, theirs, fingerprints(DRAFT)).conflicts == ("programme",)


def test_two_editors_of_one_occasion_lose_no_field_of_it():
    theirs = with_line(venue={"sv": "Biblioteket", "en": "Library"}, address="Deras gata 1")
    mine = with_line(venue={"sv": "Sal A"}, online_service="Teams")
    merged = merge(mine, theirs, fingerprints(DRAFT))
    assert merged.conflicts == ("occasions.1.venue.sv",)
    assert merged.taken == ("occasions.1.venue.en", "occasions.1.address")
    [line] = merged.draft.occasions
    assert line.venue == {"sv": "Sal A", "en": "Library"}
    assert (line.address, line.online_service) == ("Deras gata 1", "Teams")


def test_what_they_added_stays_and_what_i_took_away_is_away():
    added = replace(LATER, id=3, starts_at=STARTS - timedelta(days=1))
    theirs = replace(TWO, occasions=(*TWO.occasions, added))
    merged = merge(DRAFT, theirs, fingerprints(TWO))
    assert [line.id for line in merged.draft.occasions] == [3, 1]
    assert (merged.conflicts, merged.taken) == ((), ("occasions.3",))


def test_what_one_took_away_and_the_other_rewrote_is_a_conflict():
    rewritten = replace(TWO, occasions=(DRAFT.occasions[0], replace(LATER, address="Ny gata")))
    merged = merge(DRAFT, rewritten, fingerprints(TWO))  # I took it away
    assert merged.conflicts == ("occasions.2",)
    assert [line.id for line in merged.draft.occasions] == [1]
    merged = merge(rewritten, DRAFT, fingerprints(TWO))  # they did
    assert merged.conflicts == ("occasions.2",)
    assert [line.id for line in merged.draft.occasions] == [1, None]


def test_what_they_took_away_and_i_left_alone_goes():
    merged = merge(TWO, DRAFT, fingerprints(TWO))
    assert (merged.draft.occasions, merged.taken) == (DRAFT.occasions, ("occasions.2",))


def test_two_who_took_away_different_ones_are_left_with_one():
    last = replace(TWO, occasions=(LATER,))
    assert merge(DRAFT, last, fingerprints(TWO)).draft.occasions == (LATER,)


def test_occasions_stand_in_the_order_of_their_start():
    draft = replace(DRAFT, occasions=(LATER, DRAFT.occasions[0]))
    assert (draft.starts_at, draft.ends_at) == (STARTS, LATER.ends_at)
    assert draft.occasions == TWO.occasions


def test_every_place_of_several_has_to_be_written():
    assert publishing.lacking(TWO, NOW) == ("venue",)


# --- state, days, names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "state", "allowed"),
    [
        ("cancel", EventState.DRAFT, False),  # a draft is deleted
        ("delete", EventState.DRAFT, True),
        ("delete", EventState.PUBLISHED, False),
        ("cancel", EventState.SCHEDULED, True),
        ("cancel", EventState.POSTPONED, True),
        ("cancel", EventState.CANCELLED, False),
        ("postpone", EventState.SCHEDULED, False),
        ("set_new_date", EventState.POSTPONED, True),
        ("set_new_date", EventState.PUBLISHED, False),
        ("publish", EventState.CANCELLED, False),
        ("to_procurement", EventState.DRAFT, False),
    ],
)
def test_verbs_by_state(verb, state, allowed):
    assert publishing.may_now(verb, state, DRAFT.ends_at, "pre_study", NOW) is allowed


@pytest.mark.parametrize("verb", ["move", "postpone", "cancel"])
def test_what_is_over_is_not_changed(verb):
    assert not publishing.may_now(verb, EventState.PUBLISHED, NOW, None, NOW)
    assert publishing.may_now(verb, EventState.PUBLISHED, NOW + timedelta(seconds=1), None, NOW)


def test_the_phase_is_switched_once():
    assert not publishing.may_now("to_procurement", "published", DRAFT.ends_at, "procurement", NOW)


def test_consequences_name_what_stays_to_decide():
    found = publishing.procurement_consequences("published", STARTS, STARTS, 4, 30, 2, 9, NOW)
    assert [(each.code, each.n) for each in found] == [
        ("closes", 0),
        ("waiting", 4),
        ("messages", 2),
        ("meetings", 9),
        ("still_held", 30),
    ]


def test_five_working_days_skip_weekends_and_holidays():
    day = date(2027, 1, 13)  # a Wednesday
    epiphany = {date(2027, 1, 6)}
    assert publishing.working_days_before(day, 5, epiphany.__contains__) == date(2027, 1, 5)
    assert publishing.working_days_before(day, 5, lambda _day: False) == date(2027, 1, 6)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hemmets möten på Åre", "hemmets-moten-pa-are"),
        ("Blåbær & øl", "blabaer-ol"),
        ("  <script>alert(1)</script> ", "script-alert-1-script"),
        ("🎉🎉", "event"),
        ("日本", "event"),
        ("x" * 200, "x" * 70),
        ("../../etc", "etc"),
    ],
)
def test_slug(title, slug):
    assert publishing.slug_of(title) == slug


def test_a_slug_ends_between_words():
    slug = publishing.slug_of("ord " * 40)
    assert len(slug) <= publishing.SLUG_LENGTH
    assert slug.endswith("ord")


def test_search_text_folds_case_and_composes_letters():
    found = publishing.search_text(replace(DRAFT, title={"sv": "A\u030arets DIALOG"}))
    assert "årets dialog" in found
