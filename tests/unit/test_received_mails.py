"""The mails of each client (tests/mails), and what they are taken for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialognav.domain.mime import Part
from dialognav.domain.replies import LARGEST, Failure, Received, read_mail
from dialognav.domain.terms import InboundKind
from tests.received_mails import FOLDER, received

UID = "r6hq2v9d3x8mfa0tkc4n7bw51z@dialog.example"
TOKEN = "babcdefghijklmnopqrstuvwxyz234567abcdef"


def read(name: str) -> Received:
    return read_mail(received(name), domain="dialog.example")


@pytest.mark.parametrize(
    ("name", "partstat", "sender", "sequence", "stamp", "comment"),
    [
        ("exchange_accepted", "ACCEPTED", "asa.oberg@kund.example", 0, "12 09:02:08", ""),
        (
            "outlook_classic_declined",
            "DECLINED",
            "asa.oberg@kund.example",
            1,
            "13 07:15:37",
            "Krockar med en intern dag, tyvärr.",
        ),
        (
            "gmail_tentative",
            "TENTATIVE",
            "asa.oberg@gmail.example",
            0,
            "12 12:00:01",
            "Jag vet på fredag",
        ),
        ("apple_mail_accepted", "ACCEPTED", "asa.oberg@icloud.example", 0, "12 12:30:00", ""),
        (
            "outlook_new_tentative",
            "TENTATIVE",
            "asa.oberg@kund.example",
            0,
            "13 10:00:01",
            "Återkommer så snart jag vet.",
        ),
        ("thunderbird_declined", "DECLINED", "asa.oberg@kund.example", 2, "12 13:00:00", ""),
        ("delegated", "DELEGATED", "asa.oberg@kund.example", 0, "14 10:30:00", ""),
    ],
)
def test_an_answer(
    name: str, partstat: str, sender: str, sequence: int, stamp: str, comment: str
) -> None:
    mail = read(name)
    assert (mail.kind, mail.problem, mail.uid) == (InboundKind.REPLY, "", UID)
    assert (mail.sender, mail.attendee, mail.partstat) == (sender, sender, partstat)
    assert (mail.sequence, mail.comment) == (sequence, comment)
    assert mail.dtstamp == datetime.fromisoformat(f"2027-01-{stamp}").replace(tzinfo=UTC)
    assert mail.recipient == "vast@dialog.example"
    assert mail.is_trusted


def test_nextcloud_writes_from_the_servers_own_address() -> None:
    mail = read("nextcloud_accepted")
    assert (mail.sender, mail.attendee) == ("molnet@kund.example", "asa.oberg@kund.example")
    assert mail.reply_to == mail.attendee
    assert (mail.kind, mail.partstat) == (InboundKind.REPLY, "ACCEPTED")


def test_names_and_subjects_are_read_through_their_encodings() -> None:
    mail = read("gmail_tentative")
    assert mail.sender_name == "Åsa Öberg"
    assert mail.subject.startswith("Preliminärt godkänd: Branschdag Väst 2027 @ lör 27 mars")


def test_a_proposed_time_in_a_zone_of_windows() -> None:
    mail = read("exchange_counter")
    assert (mail.kind, mail.problem) == (InboundKind.COUNTER, "")
    # 10:00 in Stockholm the day after the change to summer time: two hours from UTC
    assert mail.proposed_starts_at == datetime(2027, 3, 29, 8, 0, tzinfo=UTC)
    assert mail.proposed_ends_at == datetime(2027, 3, 29, 15, 30, tzinfo=UTC)
    assert mail.comment == "Kan vi ta det en timme senare?"


def test_a_proposed_time_of_gmail() -> None:
    mail = read("gmail_counter")
    assert (mail.kind, mail.problem, mail.partstat) == (InboundKind.COUNTER, "", "DECLINED")
    assert mail.proposed_starts_at == datetime(2027, 3, 28, 8, 0, tzinfo=UTC)


def test_one_date_of_a_series_in_a_zone_that_only_the_mail_defines() -> None:
    mail = read("series_one_date_declined")
    assert mail.recurs_at == datetime(2027, 4, 6, 15, 0, tzinfo=UTC)
    assert (mail.partstat, mail.problem) == ("DECLINED", "")


def test_a_wish_to_see_the_invitation_again() -> None:
    mail = read("refresh")
    assert (mail.kind, mail.uid, mail.problem) == (InboundKind.REFRESH, UID, "")


@pytest.mark.parametrize(
    "name", ["out_of_office_exchange", "vacation_sieve", "read_receipt", "report_delivered"]
)
def test_what_no_person_wrote(name: str) -> None:
    assert read(name).kind == InboundKind.AUTOMATIC


@pytest.mark.parametrize(
    ("name", "address", "status", "is_permanent", "is_dead"),
    [
        ("bounce_postfix", "asa.oberg@kund.example", "5.1.1", True, True),
        ("bounce_exchange_online", "asa.oberg@kund.example", "5.1.10", True, True),
        ("bounce_qmail", "asa.oberg@kund.example", "5.1.1", True, True),
        ("bounce_exim", "asa.oberg@kund.example", "", True, True),
        ("bounce_mailbox_full", "asa.oberg@gmail.example", "5.2.2", True, False),
        ("bounce_delayed", "asa.oberg@kund.example", "4.4.1", False, False),
    ],
)
def test_a_mail_that_could_not_be_delivered(
    name: str, address: str, status: str, is_permanent: bool, is_dead: bool
) -> None:
    mail = read(name)
    assert mail.kind == InboundKind.BOUNCE
    (failure,) = mail.failures
    assert (failure.address, failure.status) == (address, status)
    assert (failure.is_permanent, failure.is_about_the_address) == (is_permanent, is_dead)
    assert mail.letter_token == TOKEN
    assert mail.original_message_id in ("abcdefghijkl@dialog.example", "")
    assert not mail.uid, "the invitation that a report quotes is no answer"


AWAY = "Return-Path: <>\nFrom: asa@kund.example\nSubject: Away\n\n"


def test_an_automatic_reply_by_the_null_sender_is_no_bounce() -> None:
    words = "Ring 08-508 27 000, eller skriv till eva@kund.example. Kontot is no longer in use."
    mail = read_mail((AWAY + words).encode())
    assert (mail.kind, mail.failures) == (InboundKind.AUTOMATIC, ())


def test_a_telephone_number_is_no_answer_of_a_server() -> None:
    head = AWAY.replace("asa@", "postmaster@")
    mail = read_mail(f"{head}nils@kund.example: waiting. Call 08-508 27 000.".encode())
    assert [one.is_permanent for one in mail.failures] == [False]


@pytest.mark.parametrize(
    ("status", "diagnostic", "is_dead"),
    [
        ("5.1.1", "", True),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("5.4.310", "DNS domain x does not exist", True),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", True),
        ("5.4.1", "no answer from host", False),
        ("5.0.0", "550 no such user here", True),
        ("5.0.0", "554 message refused", False),
        ("", "550 Requested action not taken: mailbox unavailable", True),
        ("5.2.1", "", True),
        ("5.2.2", "552 mailbox full", False),
        ("5.7.1", "550 5.7.1 user unknown or blocked", False),
        ("5.3.4", "message too big", False),
    ],
)
def test_which_failures_are_about_the_address(status: str, diagnostic: str, is_dead: bool) -> None:
    failure = Failure("a@b.example", status, diagnostic, is_permanent=True)
    assert failure.is_about_the_address == is_dead
    assert not replace(failure, is_permanent=False).is_about_the_address


def test_a_report_quotes_the_mail_it_is_about() -> None:
    quoting = ("bounce_postfix", "bounce_exchange_online", "bounce_qmail", "bounce_exim")
    assert {read(name).original_message_id for name in quoting} == {"abcdefghijkl@dialog.example"}


def test_a_person_in_plain_text() -> None:
    mail = read("person_plain")
    assert mail.kind == InboundKind.PERSON
    assert mail.text == (
        "Hej!\nJag kan tyvärr inte komma på lördag. Kan Nils ta min plats?\n\n/Åsa"
    )
    assert mail.sender_name == "Öberg, Åsa (Vägar)"


def test_our_own_server_found_that_dmarc_fails() -> None:
    assert not read("person_plain").is_trusted


def test_a_person_in_html_is_read_without_it() -> None:
    mail = read("person_html_only")
    assert mail.text == "Hej & välkomna,\nfinns det parkering\nvid Mässan?"


def test_a_forwarded_answer_and_an_invitation_are_no_answers() -> None:
    assert read("person_forwards_invitation").kind == InboundKind.PERSON


def test_every_sample_is_named_in_a_test() -> None:
    words = FOLDER.parent.joinpath("unit", "test_received_mails.py").read_text()
    assert [file.stem for file in FOLDER.iterdir() if f'"{file.stem}"' not in words] == []


@pytest.mark.parametrize("letter", ["å", "€", "🙂"])
@pytest.mark.parametrize("before", range(4))
def test_a_text_that_is_cut_in_a_letter_is_still_in_its_charset(letter: str, before: int) -> None:
    words = "x" * before + letter * 200_000
    head = b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    assert read_mail(head + words.encode()).text == words[:20_000]


@pytest.mark.parametrize("charset", ["iso-8859-1", "cp1252", "utf-8"])
def test_another_charset_is_not_cut_short(charset: str) -> None:
    part = Part((("content-type", f"text/plain; charset={charset}"),), "café".encode("latin-1"))
    assert part.text(4) == part.text(5) == "café"


@pytest.mark.parametrize("before", range(4))
def test_a_field_and_a_mail_that_are_cut_in_a_letter_are_still_in_their_charset(
    before: int,
) -> None:
    field = ("x" * before + "€" * 10_000).encode()
    assert set(read_mail(b"From: a@b.example\r\nSubject: %s\r\n\r\n" % field).subject) <= {*"x€"}
    file = b"--b\r\nContent-Type: x/y\r\n\r\n" + b"x" * (LARGEST - 30_000 - before) + b"\r\n"
    text = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "€".encode() * 20_000
    mail = read_mail(
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + file + text
    )
    assert set(mail.text) == {"€"}


CUSTOM_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""
HEAD = "From: Asa <asa@kund.example>\nTo: vast@dialog.example\nSubject: x\n"


def calendar(*lines: str, method: str = "REPLY", head: str = HEAD) -> Received:
    body = "\n".join(("BEGIN:VCALENDAR", f"METHOD:{method}", *lines, "END:VCALENDAR"))
    raw = f"{head}Content-Type: text/calendar; charset=utf-8; method={method}\n\n{body}\n"
    return read_mail(raw.encode(), domain="dialog.example")


def event(**replaced: str | None) -> list[str]:
    lines: dict[str, str | None] = {
        "uid": "UID:u1@dialog.example",
        "stamp": "DTSTAMP:20270112T090000Z",
        "attendee": "ATTENDEE;PARTSTAT=ACCEPTED:mailto:asa@kund.example",
    }
    kept = [line for line in (lines | replaced).values() if line]
    return ["BEGIN:VEVENT", *kept, "END:VEVENT"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (event(), ""),
        ([], "no_event"),
        (["BEGIN:VEVENT"], "bad_calendar"),  # cut off
        ([*event(), *event(uid="UID:u2@dialog.example")], "several_uids"),
        (event(uid=None), "no_uid"),
        (event(stamp=None), "no_stamp"),
        (event(stamp="DTSTAMP:20271312T090000Z"), "no_stamp"),
        (event(attendee=None), "no_attendee"),
        (event(more="ATTENDEE;PARTSTAT=DECLINED:mailto:nils@kund.example"), "several_attendees"),
        (event(attendee="ATTENDEE;PARTSTAT=PERHAPS:mailto:asa@kund.example"), "bad_answer"),
        (event(attendee="ATTENDEE:mailto:asa@kund.example"), "bad_answer"),
        (event(recurs="RECURRENCE-ID:20270406T170000"), "no_time"),  # floating
        (event(recurs="RECURRENCE-ID;TZID=Nowhere/Land:20270406T170000"), "no_time"),
        (
            [
                *event(recurs="RECURRENCE-ID:20270406T150000Z"),
                *event(recurs="RECURRENCE-ID:20270413T150000Z"),
            ],
            "several_answers",
        ),
        (
            [
                *event(),
                *event(
                    recurs="RECURRENCE-ID:20270413T150000Z",
                    attendee="ATTENDEE;PARTSTAT=DECLINED:mailto:asa@kund.example",
                ),
            ],
            "several_answers",
        ),
        ([*event(recurs="RECURRENCE-ID:20270413T150000Z"), *event()], ""),  # all alike
        (event() * 100, ""),
        (event() * 101, "several_answers"),
    ],
)
def test_what_keeps_an_answer_from_counting(lines: list[str], problem: str) -> None:
    mail = calendar(*lines)
    assert (mail.kind, mail.problem) == (InboundKind.REPLY, problem)


def test_the_series_counts_where_all_of_it_is_answered_alike() -> None:
    mail = calendar(*event(recurs="RECURRENCE-ID:20270413T150000Z"), *event())
    assert mail.recurs_at is None


def test_a_counter_without_a_time_is_told() -> None:
    assert calendar(*event(), method="COUNTER").problem == "no_time"


def test_a_counter_for_whole_days() -> None:
    days = event(start="DTSTART;VALUE=DATE:20270406", duration="DURATION:P2D")
    mail = calendar(*days, method="COUNTER")
    assert mail.is_all_day
    assert mail.proposed_starts_at == datetime(2027, 4, 6, tzinfo=UTC)
    assert mail.proposed_ends_at == datetime(2027, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "ADD", "DECLINECOUNTER"])
def test_other_methods_are_no_answers(method: str) -> None:
    assert calendar(*event(), method=method).kind == InboundKind.PERSON


def test_an_attendee_whose_address_stands_in_a_parameter() -> None:
    line = "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=Asa@Kund.Example:urn:uuid:0f1e"
    assert calendar(*event(attendee=line)).attendee == "asa@kund.example"


@pytest.mark.parametrize(
    "line",
    [
        'ATTENDEE;CN="Åsa "Bossan" Öberg";PARTSTAT=ACCEPTED:MAILTO:Asa@kund.example',
        "ATTENDEE;PARTSTAT=ACCEPTED;=;CN=Åsa:mailto:asa@kund.example",
        "attendee;partstat=accepted:mailto: asa@kund.example ",
        'ATTENDEE;PARTSTAT="ACCEPTED";CN=Öberg, Åsa:mailto:asa%40kund.example',
    ],
)
def test_an_attendee_written_badly(line: str) -> None:
    mail = calendar(*event(attendee=line))
    assert (mail.attendee, mail.partstat, mail.problem) == ("asa@kund.example", "ACCEPTED", "")


def test_a_calendar_that_says_it_is_in_ascii_and_is_not() -> None:
    head = HEAD + "Content-Type: text/calendar; charset=us-ascii; method=REPLY\n\n"
    lines = event(comment="COMMENT:Åsa ångrar sig")
    raw = "\n".join(("BEGIN:VCALENDAR", "METHOD:REPLY", *lines, "END:VCALENDAR"))
    assert read_mail((head + raw).encode()).comment == "Åsa ångrar sig"


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Autosvar: Inbjudan", InboundKind.AUTOMATIC),
        ("Automatiskt svar: Inbjudan", InboundKind.AUTOMATIC),
        ("Automatisk svar: Invitasjon", InboundKind.AUTOMATIC),
        ("Automatic reply: Invitation", InboundKind.AUTOMATIC),
        ("Out of Office AutoReply: Invitation", InboundKind.AUTOMATIC),
        ("Out of office on Monday", InboundKind.PERSON),
        ("Sv: Autosvar: Inbjudan", InboundKind.PERSON),
    ],
)
def test_a_subject_may_say_that_nobody_wrote(subject: str, kind: InboundKind) -> None:
    assert read_mail(f"From: a@b.example\nSubject: {subject}\n\nHej".encode()).kind == kind


@pytest.mark.parametrize(
    ("tzid", "hour"),
    [
        ("Europe/Stockholm", 15),
        ("W. Europe Standard Time", 15),
        ("/mozilla.org/20050126_1/Europe/Stockholm", 15),
        ("America/New_York", 21),
        ("Eastern Standard Time", 21),
        ("GMT Standard Time", 16),
        ("Greenwich Standard Time", 17),
        ("tzone://Microsoft/Utc", 17),
        ("UTC", 17),
    ],
)
def test_names_of_zones(tzid: str, hour: int) -> None:
    mail = calendar(*event(recurs=f"RECURRENCE-ID;TZID={tzid.join(chr(34) * 2)}:20270406T170000"))
    assert mail.recurs_at == datetime(2027, 4, 6, hour, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour"),
    [("20270327", 16), ("20270328", 15), ("20271030", 15), ("20271031", 16), ("20270101", 16)],
)
def test_a_zone_that_the_mail_defines_changes_when_it_says(day: str, hour: int) -> None:
    recurs = f"RECURRENCE-ID;TZID=Customized Time Zone:{day}T170000"
    mail = calendar(CUSTOM_ZONE, *event(recurs=recurs))
    assert mail.recurs_at is not None
    assert mail.recurs_at.hour == hour


@pytest.mark.parametrize(
    ("sent", "sender"),
    [
        ("asa@kund.example", "asa@kund.example"),
        ("<ASA@Kund.Example>", "asa@kund.example"),
        ("asa@kund.example (Asa)", "asa@kund.example"),
        ('"asa@kund.example" <eva@ond.example>', "eva@ond.example"),
        ("asa@kund.example <eva@ond.example>", "eva@ond.example"),
        ('"<asa@kund.example>" <eva@ond.example>', "eva@ond.example"),
        ("(<asa@kund.example>) eva@ond.example", "eva@ond.example"),
        ("asa@kund.example, eva@ond.example", ""),
        ("<asa@kund.example> <eva@ond.example>", ""),
        ("Asa", ""),
        ("asa@kund.example\nFrom: eva@ond.example", ""),
    ],
)
def test_whose_mail_it_is_can_be_read_in_one_way_only(sent: str, sender: str) -> None:
    raw = f"From: {sent}\nSubject: x\n\nHej".encode()
    assert read_mail(raw).sender == sender


@pytest.mark.parametrize(
    ("found", "is_trusted"),
    [
        ("mx.dialog.example; dmarc=pass", True),
        ("mx.dialog.example; spf=fail; dmarc=none", True),
        ("mx.dialog.example; DMARC=FAIL (p=none)", False),
        ("spf=none; dkim=none; dmarc=none action=none; compauth=fail reason=001", False),
    ],
)
def test_what_our_mail_server_found(found: str, is_trusted: bool) -> None:
    raw = f"From: a@b.example\nAuthentication-Results: {found}\n\nHej".encode()
    assert read_mail(raw).is_trusted == is_trusted


def test_the_recipient_is_ours_and_as_the_server_tells() -> None:
    head = "From: a@b.example\nTo: x@other.example, Vast@Dialog.Example\n"
    raw = f"{head}\nHej".encode()
    assert read_mail(raw, domain="dialog.example").recipient == "vast@dialog.example"
    assert read_mail(raw, domain="third.example").recipient == ""
    assert read_mail(raw).recipient == "x@other.example"
    told = read_mail(raw, recipient="<Norr@dialog.example>", domain="dialog.example")
    assert told.recipient == "norr@dialog.example"


def test_the_same_mail_has_the_same_fingerprint() -> None:
    first = read_mail(b"Message-ID: <1@a.example>\n\nfirst")
    again = read_mail(b"Received: x\nMessage-ID: <1@a.example>\n\nagain")
    assert first.fingerprint == again.fingerprint
    assert len(first.fingerprint) == 64
    without = [
        read_mail(raw).fingerprint for raw in (b"From: a\n\n1", b"From: a\n\n1", b"From: a\n\n2")
    ]
    assert without[0] == without[1] != without[2]


def test_one_mail_to_two_organisations_is_two() -> None:
    raw = b"Message-ID: <1@a.example>\n\nfirst"
    told = ("vast@dialog.example", "norr@dialog.example", "Vast@dialog.example")
    vast, norr, again = (read_mail(raw, recipient=one).fingerprint for one in told)
    assert vast == again != norr


def test_a_mail_that_is_too_large_is_read_from_the_beginning() -> None:
    mail = read_mail(b"From: a@b.example\n\nHej!\n" + b"x" * LARGEST)
    assert (mail.kind, mail.problem) == (InboundKind.PERSON, "too_large")
    assert mail.text.startswith("Hej!")
    assert len(mail.text) <= 20_000


def test_a_calendar_part_that_is_too_large_is_not_read() -> None:
    mail = calendar(*event(comment="COMMENT:" + "x" * 300_000))
    assert (mail.kind, mail.problem, mail.uid) == (InboundKind.REPLY, "too_large", "")


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00" * 100, b"hello", b"x: y\n\nz"])
def test_what_is_no_mail(raw: bytes) -> None:
    mail = read_mail(raw)
    assert (mail.kind, mail.problem) == (InboundKind.UNREADABLE, "not_a_mail")


def test_letters_cut_in_two_by_encoded_words() -> None:
    raw = b"From: a@b.example\nSubject: =?utf-8?B?w4U=?= =?utf-8?Q?s=C3?=\n =?utf-8?Q?=A4?= x\n\n"
    assert read_mail(raw).subject == "Åsä x"


def test_where_mail_came_to_before_it_reached_the_mailbox_for_all() -> None:
    raw = (
        b"Delivered-To: inbox@dialog.example\r\nX-Original-To: vast@dialog.example\r\n"
        b"From: asa@kund.example\r\nTo: norr@dialog.example\r\n\r\nHej"
    )
    assert read_mail(raw, domain="dialog.example").recipient == "vast@dialog.example"
    told = read_mail(raw, recipient="inbox@dialog.example", domain="dialog.example")
    assert told.recipient == "inbox@dialog.example"
    assert told.addressed[:2] == ("vast@dialog.example", "inbox@dialog.example")


@pytest.mark.parametrize(
    ("results", "is_proved"),
    [
        ("mx.dialog.example; spf=pass; dmarc=pass (p=NONE) header.from=kund.example", True),
        ("mx.dialog.example; dkim=none;dmarc=pass action=none;compauth=pass", True),
        ("mx.dialog.example; dmarc=none; spf=pass", False),
        ("mx.dialog.example; dmarc=bestguesspass", False),
        ("mx.dialog.example; spf=pass smtp.mailfrom=dmarc=pass@evil.example", False),
        ('mx.dialog.example; spf=pass smtp.mailfrom="x;dmarc=pass "@evil.example', False),
        ("mx.dialog.example; spf=pass (; dmarc=pass )", False),
    ],
)
def test_only_our_server_proves_who_wrote(results: str, is_proved: bool) -> None:
    raw = f"Authentication-Results: {results}\r\nFrom: asa@kund.example\r\n\r\nHej".encode()
    assert read_mail(raw).is_proved is is_proved
