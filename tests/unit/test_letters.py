"""Every letter in every language: complete, the same in both forms, and about nobody else."""

import json
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import strict
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dialognav.domain.calendar import entry_from_json
from dialognav.domain.terms import LANGUAGES, Mode, PartyKind, Seat
from dialognav.mail.invitations import calendar_bytes
from dialognav.mail.letters import Writer
from dialognav.mail.render import render
from dialognav.mail.seat_letters import queue_letter
from tests.letter_samples import (
    MEETING,
    POST,
    STATIONERY,
    Sample,
    World,
    every_kind,
    sample,
    seat_sample,
)

KINDS = sorted(
    path.name for path in (Path(__file__).parents[2] / "templates/mail").iterdir() if path.is_dir()
)


_MAILED: dict[int, EmailMessage] = {}


def mailed(letter: Sample) -> EmailMessage:
    """The finished mail; made once for each sample of SAMPLES."""
    if id(letter) not in _IDS:
        return posted(letter)
    if id(letter) not in _MAILED:
        _MAILED[id(letter)] = posted(letter)
    return _MAILED[id(letter)]


def posted(letter: Sample) -> EmailMessage:
    """Read by a parser that forgives nothing."""
    return message_from_bytes(raw(letter), policy=strict)


def raw(letter: Sample) -> bytes:
    entry = letter.facts.get("entry")
    ics = calendar_bytes(entry_from_json(entry), letter.facts["method"]) if entry else None
    return render(letter, STATIONERY, ics)


def part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body(preferencelist=(subtype,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def calendar(message: EmailMessage) -> str:
    """The unfolded lines of the calendar part."""
    [found] = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    return found.get_payload(decode=True).decode().replace("\r\n ", "")


class _Seen(HTMLParser):
    """What a reader of the HTML sees, piece by piece, without the hidden preview."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: list[str] = []
        self._quiet = 0
        self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_body = self._in_body or tag == "body"
        if "display:none" in (given.get("style") or ""):
            self._quiet = 1
        elif self._quiet and tag == "div":
            self._quiet += 1
        if tag == "a":
            self.links.append(given["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        if self._quiet and tag == "div":
            self._quiet -= 1

    def handle_data(self, data: str) -> None:
        if self._in_body and not self._quiet and data.strip(" \xa0\n"):
            self.pieces.append(" ".join(data.split()))


def seen(html: str) -> _Seen:
    parser = _Seen()
    parser.feed(html)
    return parser


SAMPLES: dict[str, list[Sample]] = {kind: [] for kind in KINDS}
for _language in LANGUAGES:
    for _mode in Mode:
        for _kind, _letters in every_kind(_language, _mode).items():
            SAMPLES[_kind] += _letters
_IDS = {id(letter) for letters in SAMPLES.values() for letter in letters}

GONE = (
    *("cancelled", "withdrawn", "withdrawn_plain", "declined", "privacy_answered"),
    *("mail_forwarded", "time_proposed", "staff_digest"),
    *("meeting_host_booked", "meeting_host_changed", "meeting_host_cancelled"),
    *("meeting_host_schedule", "meeting_cancelled", "meeting_host_time_declined"),
)
"""To somebody who has nothing left to change, or need not have; or to the organiser."""
every_kind_of_letter = pytest.mark.parametrize("kind", KINDS)


def test_every_kind_has_a_sample_here() -> None:
    assert [kind for kind, letters in SAMPLES.items() if not letters] == []


def words(text: str) -> set[str]:
    return {word.strip(".,:()<>|") for word in re.split(r"[\s–]+", text)} - {""}


LABELS = {
    "sv": words("När Var kl gäller inte längre --"),
    "en": words("When Where no longer --"),
    "nb": words("Når Hvor kl gjelder ikke lenger --"),
}
"""What plain text says by a word, and HTML by its looks."""
MARKS = words("1. 2. 3. -")  # of lists


@every_kind_of_letter
def test_html_and_text_say_the_same(kind: str) -> None:
    for letter in SAMPLES[kind]:
        message = mailed(letter)
        text = " ".join(part(message, "plain").split())
        html = seen(part(message, "html"))
        shown = words(" ".join(html.pieces + html.links))
        assert shown - words(text) == set()
        assert [link for link in html.links if link not in text] == []
        assert words(text) - shown <= LABELS[letter.language] | MARKS


@every_kind_of_letter
def test_head_of_a_letter(kind: str) -> None:
    for letter in SAMPLES[kind]:
        message = mailed(letter)
        assert message["From"].addresses[0].addr_spec == "dialog@dialog.example"
        assert [one.addr_spec for one in message["To"].addresses] == [letter.recipient]
        assert message["Message-ID"] == f"<{letter.public_id}@dialog.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Content-Language"] == letter.language
        assert message["Date"].datetime == letter.created_at
        assert (message["Cc"], message["Bcc"], message["Sender"]) == (None, None, None)


@every_kind_of_letter
def test_the_same_letter_gives_the_same_bytes(kind: str) -> None:
    for letter in SAMPLES[kind]:
        assert raw(letter) == raw(letter)


@every_kind_of_letter
def test_calendar_part_is_the_last_alternative_and_attached_once_more(kind: str) -> None:
    for letter in SAMPLES[kind]:
        message = mailed(letter)
        kinds = [one.get_content_type() for one in message.walk()]
        if "entry" not in letter.facts:
            assert kinds == ["multipart/alternative", "text/plain", "text/html"]
            continue
        assert kinds == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        inline, attached = list(message.walk())[4:]
        assert inline.get_param("method") == letter.facts["method"]
        assert f"\r\nMETHOD:{letter.facts['method']}\r\n" in calendar(message)
        assert inline["Content-Disposition"] is None
        assert inline["Content-Transfer-Encoding"] == "base64"
        assert attached.get_payload(decode=True) == inline.get_payload(decode=True)
        assert attached.get_filename() == "invite.ics"
        assert f"mailto:{message['From'].addresses[0].addr_spec}\r\n" in calendar(message)


@pytest.mark.parametrize(
    ("kind", "has_calendar"),
    [("place_waiting", False), ("receipt", False), ("withdrawn_plain", False)]
    + [(kind, True) for kind in ("place_confirmed", "promoted", "changed", "withdrawn")],
)
def test_who_gets_a_calendar_part(kind: str, has_calendar: bool) -> None:
    letters = [one for one in every_kind("sv")[kind] if not one.facts.get("in_feed")]
    assert {"entry" in one.facts for one in letters} == {has_calendar}


def test_too_many_for_a_letter_each_have_no_calendar_part() -> None:
    [letter] = [one for one in every_kind("sv")["place_confirmed"] if one.facts.get("in_feed")]
    assert "entry" not in letter.facts
    assert len(letter.facts["dates"]) == 6


@every_kind_of_letter
def test_nobody_else_is_named(kind: str) -> None:
    """Oskar's letters say nothing of Malin, who registered him, and the other way round."""
    for letter in SAMPLES[kind]:
        raw = mailed(letter)
        everything = part(raw, "plain") + part(raw, "html") + str(raw["To"])
        everything += calendar(raw) if "entry" in letter.facts else ""
        everything += json.dumps(letter.facts)
        people = {
            "Malin Ekdahl": "malin.ekdahl@nordsensor.example",
            "Oskar Thelin": "oskar.thelin@nordsensor.example",
        }
        people.pop(letter.recipient_name, None)
        if letter.kind.startswith("meeting_host"):
            assert people.popitem()[1] not in everything
            people.popitem()  # whom the team meets: by name alone
        if letter.kind in ("links", "already_registered", "handed_over", "merged"):
            people.pop("Oskar Thelin")  # whose link it is, at an address that two people share
        for name, address in people.items():
            assert name not in everything
            assert address not in everything


@every_kind_of_letter
def test_no_fact_and_no_calendar_holds_a_link_that_acts(kind: str) -> None:
    for letter in SAMPLES[kind]:
        message = mailed(letter)
        secrets = re.findall(
            r"/(?:r|i|my/calendar|follow|leave|invitations|passwords)/([a-z0-9]{39})",
            part(message, "plain"),
        )
        assert secrets or letter.kind in GONE
        kept = json.dumps(letter.facts) + (calendar(message) if "entry" in letter.facts else "")
        assert [secret for secret in secrets if secret in kept] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_digital_link_reaches_the_confirmed_who_use_it_and_nobody_else(language: str) -> None:
    shown = {
        (letter.kind, mode)
        for mode in Mode
        for letters in every_kind(language, mode).values()
        for letter in letters
        if MEETING in str(mailed(letter)) + json.dumps(_without_entry(letter))
    }
    confirmed = (
        *("place_confirmed", "place_changed", "promoted", "changed", "new_date", "message"),
        *("meeting_booked", "meeting_changed", "meeting_result", "meeting_reminder"),
        *("meeting_host_booked", "meeting_host_changed", "meeting_host_time_declined"),
    )
    assert shown == {(kind, Mode.ONLINE) for kind in confirmed}


def _without_entry(letter: Sample) -> dict[str, object]:
    return {key: value for key, value in letter.facts.items() if key != "entry"}


def test_of_one_hybrid_event_each_has_an_own_place_in_the_calendar() -> None:
    on_site, online = (
        calendar(mailed(seat_sample("place_confirmed", World("sv", mode), method="REQUEST")))
        for mode in (Mode.ON_SITE, Mode.ONLINE)
    )
    assert "\r\nLOCATION:Sal Unden\\, Tallviks folkets hus\\, Järnvägsgatan 3\r\n" in on_site
    assert "\r\nGEO:" in on_site
    assert "CONFERENCE" not in on_site
    assert "\r\nLOCATION:Digitalt\\, Teams\r\n" in online
    assert f"\r\nCONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{MEETING}\r\n" in online
    assert "GEO" not in online


def test_a_cancellation_holds_no_digital_link() -> None:
    letter = seat_sample("cancelled", World("sv", Mode.ONLINE), 1, method="CANCEL")
    assert MEETING not in calendar(mailed(letter))
    assert "\r\nSUMMARY:Inställt: Egenmonitorering i hemmet\r\n" in calendar(mailed(letter))


def test_withdrawing_says_so_in_the_calendar() -> None:
    letter = seat_sample(
        "withdrawn", World(), 1, method="CANCEL", declined=True, more={"by": "self"}
    )
    assert "\r\nSUMMARY:Avbokad: Egenmonitorering i hemmet\r\n" in calendar(mailed(letter))
    assert "PARTSTAT=DECLINED" in calendar(mailed(letter))


@pytest.mark.parametrize(
    ("language", "subject", "said"),
    [
        ("sv", "Ni är anmälda: Egenmonitorering i hemmet", "ons 10 feb 2027, kl. 9.00–15.30"),
        ("en", "You are registered: Home monitoring", "Wed 10 Feb 2027, 09:00–15:30"),
        ("nb", "Dere er påmeldt: Egenmonitorering i hemmet", "10. feb. 2027 kl. 09.00–15.30"),
    ],
)
def test_recipients_read_their_own_language(language: str, subject: str, said: str) -> None:
    message = mailed(seat_sample("place_confirmed", World(language), method="REQUEST"))
    assert message["Subject"] == subject
    assert said in part(message, "plain")
    assert f"https://dialog.example/{language}/events/hemmonitorering" in calendar(message)


def test_words_of_an_event_that_are_not_translated_carry_their_own_language() -> None:
    html = part(mailed(seat_sample("cancelled", World("nb"), 1, method="CANCEL")), "html")
    assert '<html lang="nb"' in html
    assert '<span lang="sv">För få anmälda.' in html


def test_what_changed_comes_first_with_old_and_new() -> None:
    letter = every_kind("sv")["changed"][-1]
    text = part(mailed(letter), "plain")
    assert text.startswith("Det här har ändrats\n\nTid\nNu: ons 10 feb 2027, kl. 10.00–16.30")
    assert "Tidigare: ons 10 feb 2027, kl. 9.00–15.30" in text
    assert text.index("Nu: Rådhuset, Järnvägsgatan 3") < text.index("Hej Oskar Thelin!")


@pytest.mark.parametrize(
    ("what", "subject"),
    [
        (["time"], "Ny tid: Egenmonitorering i hemmet"),
        (["place"], "Ny lokal: Egenmonitorering i hemmet"),
        (["time", "place"], "Ny tid med mera: Egenmonitorering i hemmet"),
        (["place", "title"], "Ändrat: Egenmonitorering i hemmet"),
    ],
)
def test_the_subject_says_what_changed(what: list[str], subject: str) -> None:
    when = Writer(World().event, POST).when_facts(World().occasion)
    values = {"time": when, "place": "Rådhuset", "title": "Nytt"}
    changes = [{"what": one, "before": values[one], "now": values[one]} for one in what]
    letter = seat_sample("changed", World(), 1, method="REQUEST", more={"changes": changes})
    assert mailed(letter)["Subject"] == subject


def test_the_contact_gets_the_link_to_the_whole_registration() -> None:
    alone, contact = (
        seat_sample("place_confirmed", World(is_contact=yes), method="REQUEST")
        for yes in (False, True)
    )
    assert "/sv/r/pparticipants" in part(mailed(alone), "plain")
    assert "/sv/r/rregistration" in part(mailed(contact), "plain")
    assert "/sv/r/rregistration" not in part(mailed(alone), "plain")
    # and to an own invitation.ics, whoever else is registered with them (decisions.md 10)
    assert re.search(
        r"/r/rregistration\w+/participants/invite\.ics", part(mailed(contact), "plain")
    )


@pytest.mark.parametrize(
    ("party_kind", "is_named"), [(PartyKind.COMPANY, True), (PartyKind.SOLE_TRADER, False)]
)
def test_a_sole_traders_name_is_a_persons_name(party_kind: str, is_named: bool) -> None:
    letter = seat_sample("place_confirmed", World(party_kind=party_kind), method="REQUEST")
    assert ("Nordsensor AB" in part(mailed(letter), "plain")) is is_named


def test_the_waiting_learn_place_and_rule() -> None:
    world = World(state=Seat.WAITING)
    letter = sample(queue_letter(Writer(world.event, POST), world.standing, "place_waiting"))
    text = part(mailed(letter), "plain")
    assert "Plats 3 i kön" in text
    assert "går den direkt till den som står först i kön" in text


@pytest.mark.parametrize("keeps", [True, False])
def test_who_waits_for_another_way_to_attend_is_told_that_the_place_stays(keeps: bool) -> None:
    world = World(state=Seat.WAITING)
    more = {"keeps_seat": keeps}
    letter = queue_letter(Writer(world.event, POST), world.standing, "place_waiting", more=more)
    text = part(mailed(sample(letter)), "plain")
    assert ("Ni behåller" in text) is keeps
    assert ("Ni har ingen plats än" in text) is not keeps
