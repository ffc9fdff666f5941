"""Every letter there is, read by two programs that know nothing of ours, and by the letter."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import strict

import pytest
from fast_mail_parser import DecodeError, parse_email

from dialognav.domain.calendar import entry_from_json
from dialognav.domain.terms import LANGUAGES, Mode
from dialognav.mail.attachments import Attachment
from dialognav.mail.invitations import calendar_bytes
from dialognav.mail.render import render
from tests.interop.heads import faults
from tests.interop.mails import Mail, Part, by_python, same_ends
from tests.letter_samples import STATIONERY, every_kind

MODES = {"sv": Mode.ON_SITE, "en": Mode.ONLINE, "nb": Mode.ON_SITE}
FILES = (
    Attachment(
        "Behovsbeskrivning – hemtjänst på natten (utkast 2).pdf", "application/pdf", b"%PDF-1\n"
    ),
    Attachment('a"b;c\\d.txt', "text/plain", "Frågor\r\n--=_x\r\n".encode()),
    Attachment("ä" * 120 + ".csv", "text/csv", bytes(range(256)) * 40),
    Attachment("tom.txt", "text/plain", b""),
)


def raw(letter, attachments=()):
    entry = letter.facts.get("entry")
    ics = calendar_bytes(entry_from_json(entry), letter.facts["method"]) if entry else None
    return render(letter, STATIONERY, ics, attachments)


@pytest.fixture(scope="module", params=LANGUAGES)
def mails(request):
    """[(kind, bytes)] of every letter in a language."""
    every = every_kind(request.param, MODES[request.param])
    return [(kind, raw(letter)) for kind, letters in every.items() for letter in letters]


def by_rust(data):
    """As the crate `mailparse` reads it."""
    mail = parse_email(data)
    if mail.warnings:
        raise ValueError(mail.warnings)
    [text], [html] = mail.text_plain, mail.text_html
    return Mail(
        sender=mail.from_.address,
        recipients=tuple(one.address for one in mail.to),
        subject=mail.subject,
        text=same_ends(text),
        html=same_ends(html),
        parts=tuple(Part(one.mimetype, "", one.filename, one.content) for one in mail.attachments),
    )


def without_methods(mail):
    """The other parser shows no parameters of a part."""
    return replace(mail, parts=tuple(replace(part, method="") for part in mail.parts))


def test_a_mail_is_by_the_letter(mails):
    assert {kind: found for kind, data in mails if (found := faults(data))} == {}


def test_two_parsers_read_the_same(mails):
    for kind, data in mails:
        assert by_rust(data) == without_methods(by_python(data)), kind


def test_attached_files_arrive_byte_by_byte_under_their_names():
    [letter, *_rest] = every_kind("sv")["message"]
    data = raw(letter, FILES)
    assert faults(data) == []
    sent = [(file.filename, file.media_type, file.content) for file in FILES]
    seen = parse_email(data).attachments
    assert [(one.filename, one.mimetype, one.content) for one in seen] == sent
    parts = list(message_from_bytes(data, policy=strict).iter_attachments())
    read = [(one.get_filename(), one.get_content_type()) for one in parts]
    assert read == [(name, kind) for name, kind, _content in sent]
    assert [one.get_payload(decode=True) for one in parts] == [file.content for file in FILES]


def test_an_invitation_and_files_go_together():
    [letter, *_rest] = every_kind("sv")["place_confirmed"]
    data = raw(letter, FILES[:1])
    assert faults(data) == []
    kinds = [one.mimetype for one in parse_email(data).attachments]
    assert kinds == ["text/calendar", "application/ics", "application/pdf"]


WHOLE = raw(every_kind("sv")["place_confirmed"][0])
BROKEN = {
    "a bare line feed": WHOLE.replace(b"\r\n", b"\n", 1),
    "eight bits in the head": WHOLE.replace(b"Subject: ", "Subject: ä".encode(), 1),
    "two subjects": WHOLE.replace(b"Subject: ", b"Subject: x\r\nSubject: ", 1),
    "no date": WHOLE.replace(b"Date: ", b"X-Date: ", 1),
    "a field's line that is too long": WHOLE.replace(
        b"Date: ", b"X-Long: " + b"x" * 90 + b"\r\nDate: ", 1
    ),
    "a copy to somebody": WHOLE.replace(b"Date: ", b"Bcc: x@y.example\r\nDate: ", 1),
    "a Message-ID of nobody": WHOLE.replace(b"Message-ID: <", b"Message-ID: <x y", 1),
    "half of one click": WHOLE.replace(
        b"Date: ", b"List-Unsubscribe: <https://x.example>\r\nDate: ", 1
    ),
    "cut off": WHOLE[: len(WHOLE) // 2],
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_mail_is_found_out(fault):
    assert BROKEN[fault] != WHOLE
    assert faults(BROKEN[fault])


def test_the_other_parser_looks_too():
    with pytest.raises(DecodeError):
        parse_email(WHOLE.replace(b"QkVHSU4", b"QkV*SU4", 1))
