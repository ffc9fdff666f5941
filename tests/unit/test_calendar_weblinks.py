from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from dialognav.domain.weblinks import google_link, outlook_link
from tests.calendar_samples import ONLINE, TWO_DAYS, public


def query(link):
    """The query as a strict reader decodes it: `+` stays a plus."""
    assert "+" not in urlsplit(link).query
    return {name: value for name, [value] in parse_qs(urlsplit(link).query).items()}


def test_google_gets_utc_times_and_the_whole_text():
    link = google_link(public())
    assert link.startswith("https://calendar.google.com/calendar/render?action=TEMPLATE&")
    assert query(link) == {
        "action": "TEMPLATE",
        "text": "Marknadsdialog: digital vårdplanering",
        "dates": "20270327T080000Z/20270327T153000Z",
        "details": public().description,
        "location": "Svenska Mässan, Mässans gata 24, 412 94 Göteborg",
    }


def test_outlook_gets_utc_times_and_html():
    link = outlook_link(public(description="Å & B\n<vad>?", url=""))
    assert link.startswith("https://outlook.office.com/calendar/deeplink/compose?")
    assert query(link) == {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": "Marknadsdialog: digital vårdplanering",
        "startdt": "2027-03-27T08:00:00Z",
        "enddt": "2027-03-27T15:30:00Z",
        "body": "Å &amp; B<br>&lt;vad&gt;?",
        "location": "Svenska Mässan, Mässans gata 24, 412 94 Göteborg",
    }


def test_whole_days_have_dates():
    assert query(google_link(TWO_DAYS))["dates"] == "20270511/20270513"
    outlook = query(outlook_link(TWO_DAYS))
    assert (outlook["startdt"], outlook["enddt"], outlook["allday"]) == (
        "2027-05-11",
        "2027-05-13",
        "true",
    )


@pytest.mark.parametrize("link", [google_link, outlook_link])
@pytest.mark.parametrize("letter", ["a", "å", "😀", "<", "\n", "&"])
def test_a_long_text_is_cut_and_ends_with_the_page(link, letter):
    long = public(description=letter * 10_000 + ".")
    made = link(long)
    assert len(made) < 8_000
    text = query(made).get("details") or query(made)["body"]
    assert text.endswith(long.url)


@pytest.mark.parametrize("link", [google_link, outlook_link])
def test_hostile_text_adds_no_parameter(link):
    evil = public(
        summary="a&dates=1\r\nX: 1#top", location="x&add=evil@x", description="\ud83d\x00 +1 \"'<b>"
    )
    assert query(link(evil)).keys() == query(link(public())).keys()
    assert link(evil).isascii()
    assert link(evil).isprintable()


@pytest.mark.parametrize("link", [google_link, outlook_link])
def test_the_digital_link_is_not_given_to_anybody_else(link):
    assert "mote.example" not in link(ONLINE)


@pytest.mark.parametrize("link", [google_link, outlook_link])
def test_an_event_without_words_still_has_a_link(link):
    bare = public(description="", location="", url="", summary="")
    assert "2027" in link(bare)
    assert datetime(2027, 3, 27, 8, tzinfo=UTC) == bare.starts_at
