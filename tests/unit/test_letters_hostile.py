"""Names, titles and addresses as an attacker types them."""

import json
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from dialognav.mail.refusals import plain_reason
from dialognav.mail.render import BadAddress, envelope_address, render
from dialognav.mail.smtp_replies import short
from tests.letter_samples import STATIONERY, World, seat_sample
from tests.unit.test_letters import posted, raw

LRO, RLO, PDI = "\u202d", "\u202e", "\u2069"
NAMES = [
    "Eva\r\nBcc: alla@foretag.example",
    "Eva\nSubject: Vunnit\n\n<h1>hej",
    "Eva\x0bX-Mal: 1\x85\u2028Bcc: x@y.example",
    '"; Bcc: x@y.example, "',
    "Eva <chef@myndighet.example>",
    f"{RLO}elpmaxe.tehgidnym@fehc{PDI}",
    "Åsa 😀 Öberg, VD; \\ (chef)",
    "=?utf-8?q?Bcc=3A_x?=",
    "A" * 5000,
    "\ud800 ensam",
    "   ",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_a_name(name):
    mail = raw(seat_sample("place_confirmed", World(name=name), method="REQUEST"))
    read = message_from_bytes(mail, policy=default)
    assert [one.addr_spec for one in read["To"].addresses] == ["oskar.thelin@nordsensor.example"]
    assert read["Bcc"] is None
    assert (
        sum(line.startswith(b"Subject:") for line in mail.split(b"\r\n\r\n")[0].splitlines()) == 1
    )
    head = mail.split(b"\r\n\r\n", 1)[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    shown = read["To"].addresses[0].display_name
    assert not any(mark in shown for mark in (LRO, RLO, PDI, "\n", "\r"))


@pytest.mark.parametrize("title", NAMES[:8])
def test_a_title_stays_a_title(title):
    world = World()
    world.event.title = {"sv": title}
    world.event.reason = {"sv": "<script>alert(1)</script>"}
    read = message_from_bytes(
        raw(seat_sample("cancelled", world, 1, method="CANCEL")), policy=default
    )
    assert str(read["Subject"]).startswith("Inställt: ")
    assert (read["Bcc"], read["X-Mal"], len(read.get_all("Subject"))) == (None, None, 1)
    html = read.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<h1>hej" not in html


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ingen",
        "@foretag.example",
        "eva@",
        "eva@foretag.example\r\nBcc: x@y.example",
        "eva@foretag.example, x@y.example",
        "eva foo@foretag.example",
        "<eva@foretag.example>",
        "eva@foretag .example",
        "eva@" + "a" * 70 + ".example",
        "eva@..example",
    ],
)
def test_what_is_no_address_gets_no_mail(address):
    letter = replace(seat_sample("promoted", World(), method="REQUEST"), recipient=address)
    with pytest.raises(BadAddress):
        render(letter, STATIONERY)


def test_a_domain_in_other_letters_is_written_in_ascii():
    assert envelope_address("asa@företag.example") == "asa@xn--fretag-wxa.example"


def test_a_link_that_is_no_web_address_does_not_reach_the_calendar():
    world = World(mode="online")
    world.occasion.online_url = "javascript:alert(1)\r\nATTENDEE:mailto:x@y.example"
    letter = seat_sample("place_confirmed", world, method="REQUEST")
    entry = letter.facts["entry"]
    assert "javascript" in json.dumps(entry)  # the fact is kept as it was typed
    assert 'href="javascript' not in posted(letter).get_body(("html",)).get_content()
    calendar = next(p for p in posted(letter).walk() if p.get_content_type() == "text/calendar")
    assert b"CONFERENCE" not in calendar.get_payload(decode=True)
    assert b"\r\nATTENDEE:mailto:x@y" not in calendar.get_payload(decode=True)


def test_what_a_server_answers_is_kept_without_the_address():
    said = short("550 5.1.1 <eva@foretag.example>: no such eva@foretag.example here")
    assert said == "550 5.1.1 … no such … here"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("550 5.1.1 no such user", "The address does not exist. Correct it and send again."),
        ("552 5.2.2 over quota", "The mailbox is full, or the e-mail is too large for it."),
        ("554 5.7.1 spam", "The recipient's mail server refuses e-mail from us."),
        ("451 4.3.0 later", "The recipient's mail server asks us to wait. We try again."),
        (
            "SMTPServerDisconnected: gone",
            "The e-mail could not be handed over. Our own mail server may be out of order.",
        ),
        (
            "size: our own mail server takes no letter as large (13.7 MB; at most 10.2 MB)",
            "With its attachments the e-mail is larger than our own mail server allows.",
        ),
        ("", ""),
    ],
)
def test_an_organiser_reads_reasons_not_codes(error, reason):
    assert plain_reason(error) == reason
