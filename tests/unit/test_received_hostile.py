"""No mail makes the reader fail, or work longer than its size asks for."""

import time
import unicodedata
from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialognav.domain.replies import Received, read_mail
from tests.received_mails import FOLDER, received

FIVE_MB = 5 * 1024 * 1024
SAMPLES = [received(file.stem) for file in sorted(FOLDER.iterdir())]
HEAD = b"From: a@b.example\r\nSubject: x\r\n"
SYSTEM = b"From: mailer-daemon@b.example\r\nReturn-Path: <>\r\n"
REPLY = HEAD + b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\n"
REPORT = (
    SYSTEM + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
)
UTF_8 = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
LONGEST = {
    "message_id": 300,
    "recipient": 254,
    "sender": 254,
    "reply_to": 254,
    "sender_name": 120,
    "subject": 300,
    "text": 20_000,
    "uid": 300,
    "attendee": 254,
    "partstat": 20,
    "comment": 500,
    "letter_token": 60,
    "original_message_id": 300,
    "problem": 40,
}


def bomb(head: bytes, again: bytes, size: int = FIVE_MB) -> bytes:
    return head + again * (size // len(again))


BOMBS = {
    "nothing": bomb(b"", b"\0"),
    "empty lines": bomb(b"", b"\r\n"),
    "a line": bomb(b"From: ", b"a"),
    "fields": bomb(HEAD, b"A: b\r\n"),
    "folds": bomb(b"From: a\r\n", b" b\r\n"),
    "quotes": bomb(b"From: ", b'"\\'),
    "many quotes": bomb(HEAD, b'To: "' + b'\\"' * 1900 + b"\r\n"),
    "comments": bomb(b"From: ", b"("),
    "parameters": bomb(HEAD + b"Content-Type: text/plain", b";a=b"),
    "open parameters": bomb(HEAD + b"Content-Type: multipart/mixed", b';a="\\'),
    "words": bomb(b"From: a@b.example\r\nSubject: ", b"=?a?q?"),
    "a nest": bomb(HEAD, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
    "nests": HEAD
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(80_000)
    ),
    "parts": bomb(MIXED, b"--b\r\n\r\n"),
    "delimiters": bomb(MIXED, b"\n--b" + b" " * 1000),
    "heavy parts": bomb(MIXED, b"--b\r\nContent-Type: a/b" + b';a="\\' * 800 + b"\r\n\r\nx\r\n"),
    "tags": bomb(HEAD + b"Content-Type: text/html\r\n\r\n", b"<"),
    "styles": bomb(HEAD + b"Content-Type: text/html\r\n\r\n", b"<style>"),
    "breaks": bomb(HEAD + b"Content-Type: text/html\r\n\r\n", b"<br "),
    "entities": bomb(HEAD + b"Content-Type: text/html\r\n\r\n", b"&"),
    "punycode": bomb(HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\n", b"a-"),
    "base64": bomb(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"="),
    "a calendar": bomb(REPLY, b"UID:x\r\n"),
    "components": bomb(REPLY, b"BEGIN:A\r\n", 250_000),
    "attendees": bomb(REPLY, b"ATTENDEE;" + b"A=b;" * 3000 + b"C=d:mailto:x\r\n", 250_000),
    "open quotes": bomb(REPLY, b'ATTENDEE;A="' + b'";"' * 3000 + b"\r\n", 250_000),
    "escapes": bomb(REPLY, b"COMMENT:" + b"\\n" * 7000 + b"\r\n", 250_000),
    "many values": bomb(REPLY, b"COMMENT;A=" + b"a," * 7000 + b":x\r\n", 250_000),
    "zones": bomb(
        REPLY + b"BEGIN:VTIMEZONE\r\nTZID:x\r\n",
        b"BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n",
        250_000,
    ),
    "a zone for each event": REPLY
    + bomb(
        b"BEGIN:VTIMEZONE\r\nTZID:x\r\n",
        b"BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n",
        120_000,
    )
    + bomb(
        b"END:VTIMEZONE\r\n",
        b"BEGIN:VEVENT\r\nRECURRENCE-ID;TZID=x:20270101T000000\r\nEND:VEVENT\r\n",
        120_000,
    )
    + b"END:VCALENDAR\r\n",
    "marks on a UID": REPLY
    + bomb(b"BEGIN:VEVENT\r\nUID:", "\u0301\u0323".encode(), 200_000)
    + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "marks": bomb(HEAD + UTF_8, "\u0301\u0323".encode()),
    "hidden marks": bomb(HEAD + UTF_8 + b"a", "\u0f73".encode()),
    "a report": bomb(REPORT, b"Action: failed\r\nFinal-Recipient: rfc822; a@b\r\n\r\n"),
    "an address": bomb(REPORT + b"Action: failed\r\nFinal-Recipient: ", b"a@"),
    "addresses": bomb(SYSTEM + b"\r\n", b"<a@b.example>:\n"),
    "at signs": bomb(SYSTEM + b"\r\n", b"a@"),
    "reasons": bomb(SYSTEM + b"\r\n<a@b.example>:", b"user is does not no such "),
    "numbers": bomb(SYSTEM + b"\r\n", b"5.1."),
}


@pytest.mark.parametrize("name", BOMBS)
def test_five_megabytes_are_read_in_a_moment(name: str) -> None:
    begun = time.process_time()
    check(read_mail(BOMBS[name], domain="dialog.example"))
    assert time.process_time() - begun < 2  # 0.2 at most where this was written


def check(mail: Received) -> None:
    """Fits its columns, and holds nothing that a page or a database chokes on."""
    for name, most in LONGEST.items():
        assert len(getattr(mail, name)) <= most, name
    assert len(mail.fingerprint) == 64
    assert 0 <= mail.sequence < 2**31
    assert len(mail.failures) <= 10
    texts = [getattr(mail, one.name) for one in fields(mail) if isinstance(one.default, str)]
    texts += [text for one in mail.failures for text in (one.address, one.diagnostic)]
    for text in texts:
        assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text)
    for instant in (mail.dtstamp, mail.recurs_at, mail.proposed_starts_at, mail.proposed_ends_at):
        assert instant is None or str(instant.tzinfo) == "UTC"


def test_an_address_that_grows_in_small_letters_is_none() -> None:
    long = "\u0130" * 60 + "@" + "\u0130" * 150
    mail = read_mail(f"From: {long}\nSubject: x\n\nHej".encode(), recipient=long)
    check(mail)
    assert (mail.sender, mail.recipient) == ("", "")
    attendee = f"BEGIN:VEVENT\r\nATTENDEE:mailto:{long}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    check(read_mail(REPLY + attendee.encode()))


@given(st.binary(max_size=3000))
@example(b"From: a\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n")
def test_any_bytes(raw: bytes) -> None:
    check(read_mail(raw))


PIECES = [
    b"\r\n",
    b"\r\n\r\n",
    b"--",
    b'"',
    b"\\",
    b";",
    b":",
    b"=",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"=?utf-16?b?2AA=?=",
    b"charset=idna",
    b"charset=utf-16",
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
    b"END:VCALENDAR\r\n",
    b"METHOD:COUNTER\r\n",
    b"SEQUENCE:99999999999999999999\r\n",
    b"SEQUENCE:\xd9\xa3\r\n",
    b"DTSTAMP:00010101T000000Z\r\n",
    b"DTSTART;TZID=x:99991231T235959\r\n",
    b"RECURRENCE-ID;TZID=/a/../../etc/passwd:20270101T000000\r\n",
    b"DURATION:P9999W\r\n",
    b"TZOFFSETTO:+9999\r\n",
    b"RRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=5MO\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample with pieces taken out, doubled, put elsewhere, overwritten and put in."""
    raw = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        at, end = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
        other = draw(st.sampled_from(SAMPLES))
        put = draw(
            st.one_of(
                st.just(b""),
                st.sampled_from(PIECES),
                st.binary(max_size=8),
                st.just(raw[at:end] * 2),
                st.just(other[at:end]),
            )
        )
        raw = raw[:at] + put + raw[min(end, at + draw(st.integers(0, 60))) :]
    return raw


@given(mutated())
def test_mutations_of_real_mails(raw: bytes) -> None:
    check(read_mail(raw, domain="dialog.example"))


def lines_of_an_event() -> st.SearchStrategy[bytes]:
    names = ["UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "ATTENDEE"]
    names += ["COMMENT", "SEQUENCE", "BEGIN", "END", "TZID", "TZOFFSETTO", "RRULE", "METHOD"]
    values = [
        "VEVENT",
        "VTIMEZONE",
        "STANDARD",
        "x",
        "20270101T000000",
        "20270101",
        "20270101T000000Z",
    ]
    values += ["+0100", "-9999", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "P1D", "mailto:a@b.example"]
    parameters = [
        "",
        ";TZID=x",
        ";TZID=Europe/Stockholm",
        ";PARTSTAT=ACCEPTED",
        ';A="b',
        ";VALUE=DATE",
    ]
    line = st.builds(
        lambda name, parameter, value: f"{name}{parameter}:{value}\r\n".encode(),
        st.sampled_from(names),
        st.sampled_from(parameters),
        st.sampled_from(values) | st.text(max_size=20),
    )
    return st.lists(line, max_size=25).map(b"".join)


@given(lines_of_an_event(), lines_of_an_event())
def test_any_content_lines(zone: bytes, event: bytes) -> None:
    body = b"BEGIN:VTIMEZONE\r\n%sEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n%sEND:VEVENT\r\n" % (zone, event)
    check(read_mail(REPLY + body + b"END:VCALENDAR\r\n"))


def test_a_bomb_in_a_recurrence_rule_is_not_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        pytest.fail("a received recurrence was expanded")

    monkeypatch.setattr("dateutil.rrule.rrule._iter", refuse)
    zone = b"BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    zone += b"TZOFFSETTO:+0100\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    event = b"BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20270101T000000Z\r\nRRULE:FREQ=SECONDLY\r\n"
    event += b"RECURRENCE-ID;TZID=x:20270101T120000\r\n"
    event += b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\nEND:VEVENT\r\n"
    mail = read_mail(REPLY + zone + event + b"END:VCALENDAR\r\n")
    assert (mail.uid, mail.partstat) == ("u", "ACCEPTED")
