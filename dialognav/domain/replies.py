"""What came in by mail: an answer from a calendar, a bounce, an automatic reply, or a person.

Everything in a `Received` was written by somebody else. It is cleaned (NFC, no control characters)
and cut to what the columns of `InboundMail` hold, and it has been compared with nothing yet.
"""

from dataclasses import dataclass
from datetime import datetime

from dialognav.domain.terms import InboundKind


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that a server could not deliver to (RFC 3464 section 2.3).

    `address` is in lower case; `status` is an enhanced code such as "5.1.1" (RFC 3463), "" when
    none was given. `is_permanent`: a further mail would fail too.
    """

    address: str
    status: str
    diagnostic: str
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class Received:
    """One mail. Which fields hold anything follows from `kind`; the rest are empty.

    `fingerprint` is the SHA-256, in hex, of the Message-ID, or of the mail when it has none.
    Addresses (`recipient`, `sender`, `attendee`) are bare and in lower case; "" when there is none.
    `is_trusted` is False when our own mail server found that DMARC fails (RFC 8601).
    `problem` is a code, "" when there is none: `too_large`, `too_deep`, `not_a_mail`, `timed_out`,
    `no_event`, `several_uids`, `no_uid`, `several_attendees`, `no_attendee`, `bad_answer`,
    `no_stamp`, `no_time`, `bad_calendar`.

    Of REPLY, COUNTER and REFRESH (RFC 5546 section 3.2): `sequence` is 0 when the mail has none;
    `dtstamp`, `recurs_at` (RECURRENCE-ID), `proposed_starts_at` and `proposed_ends_at` (COUNTER)
    are instants in UTC; `partstat` is upper case ("ACCEPTED", "DELEGATED" ..); `comment` has at
    most 500 characters; `attendee_count` is how many attendees it names.

    Of a bounce: `failures`; `letter_token` from the address bounce+<token>@..; the Message-ID,
    without angle brackets, of the mail that failed, as the report quotes it.
    """

    kind: InboundKind
    fingerprint: str
    message_id: str = ""
    recipient: str = ""
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    is_trusted: bool = True
    uid: str = ""
    sequence: int = 0
    dtstamp: datetime | None = None
    recurs_at: datetime | None = None
    attendee: str = ""
    attendee_count: int = 0
    partstat: str = ""
    comment: str = ""
    proposed_starts_at: datetime | None = None
    proposed_ends_at: datetime | None = None
    failures: tuple[Failure, ...] = ()
    letter_token: str = ""
    original_message_id: str = ""
    problem: str = ""
