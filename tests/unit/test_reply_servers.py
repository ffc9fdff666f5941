"""An answer that a server sends for one of its people (Nextcloud), and who may not."""

from datetime import UTC, datetime

import pytest

from dialognav.domain.replies import read_mail
from dialognav.domain.reply_rules import Invited, Seat, decide
from dialognav.domain.terms import Declining
from tests.received_mails import received

ASA = "asa.oberg@kund.example"
UID = "r6hq2v9d3x8mfa0tkc4n7bw51z@dialog.example"
MADE = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
NOW = datetime(2027, 1, 14, 12, 0, tzinfo=UTC)
STARTS, ENDS = (datetime(2027, 3, 27, hour, tzinfo=UTC) for hour in (8, 15))


def decided(address: str, old: bytes, new: bytes) -> str:
    """The reason of the decision about Nextcloud's mail with something else in it."""
    mail = received("nextcloud_accepted", attendee=address).replace(old, new)
    invited = Invited(UID, address, 0, MADE, is_cancelled=False, seats=(Seat(1, STARTS, ENDS),))
    return decide(read_mail(mail), invited, Declining.ASK, now=NOW).reason


@pytest.mark.parametrize(
    ("address", "server", "reason"),
    [
        (ASA, b"molnet@kund.example", "accepted"),
        (ASA, b"noreply@moln.kund.example", "accepted"),
        (ASA, b"noreply@evilkund.example", "sender"),
        (ASA, b"noreply@kund.example.evil.example", "sender"),
        (ASA, b"noreply@example", "sender"),
        ("asa@gmail.com", b"noreply@gmail.com", "sender"),
    ],
)
def test_a_server_answers_for_the_people_of_its_own_organisation(
    address: str, server: bytes, reason: str
) -> None:
    assert decided(address, b"<molnet@kund.example>", b"<%s>" % server) == reason


def test_a_server_that_names_nobody_answers_for_nobody() -> None:
    assert decided(ASA, b"Reply-To:", b"X-Reply-To:") == "sender"
