"""What mime.py writes by hand, read by the standard library's parser, which forgives nothing."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import strict
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialognav.domain.calendar_text import clean_line
from dialognav.mail.mime import address_field, binary_part, multipart, text_field, text_part

LINES = st.text(st.characters(blacklist_categories=("Cs", "Cc"))).map(clean_line)


def read(*fields, parts=(), subtype="mixed"):
    mail = multipart([*fields, "MIME-Version: 1.0"], subtype, "=_b", parts or [b"\r\n"])
    for line in mail.split(b"\r\n"):
        assert len(line) <= 998
        assert line.isascii()
    return message_from_bytes(mail, policy=strict)


def name_in(field):
    """By the older of the two parsers: the newer one puts a space between two encoded words."""
    name, _ = parseaddr(field.removeprefix("To: ").replace("\r\n", ""))
    return str(make_header(decode_header(name))) if "=?" in name else name


@given(LINES)
def test_any_line_is_a_subject(text):
    field = text_field("Subject", text)
    assert max(map(len, field.split("\r\n"))) <= 78
    assert read(field)["Subject"] == text


@given(LINES)
def test_any_line_is_a_name(text):
    field = address_field("To", text, "a@b.example")
    assert read(field)["To"].addresses[0].addr_spec == "a@b.example"
    assert name_in(field) == text


@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r")))
def test_any_text_is_a_body(text):
    [part] = read(parts=[text_part(text, "plain").lines()]).iter_parts()
    assert part.get_content().replace("\r\n", "\n") == text


@settings(max_examples=50)
@given(st.binary(max_size=400), LINES.filter(lambda name: name.strip(" .") != ""))
def test_any_file_arrives_under_its_name(content, name):
    [part] = read(parts=[binary_part("application/pdf", content, name).lines()]).iter_parts()
    assert part.get_content() == content
    assert part.get_filename() == name
    assert part.get_content_disposition() == "attachment"


@pytest.mark.parametrize("text", ["=?utf-8?q?Bcc?=", "a" * 400, "Åsa " * 90, "x " * 40])
def test_what_folds_badly(text):
    line = text.strip()
    assert read(text_field("Subject", line))["Subject"] == line
    assert name_in(address_field("To", line, "a@b.example")) == line


def test_half_a_letter_is_left_out():
    assert read(text_field("Subject", "a\ud800b"))["Subject"] == "ab"
    [part] = read(parts=[text_part("a\ud800b", "plain").lines()]).iter_parts()
    assert part.get_content() == "ab"


def test_a_carriage_return_on_its_own_is_a_line_end():
    """Servers refuse one: it may smuggle a second mail past them."""
    body = text_part("a\r\nb\rc\n", "plain").body
    assert body == b"a\r\nb\r\nc\r\n"
