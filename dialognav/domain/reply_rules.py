"""What an answer from a calendar does to a seat (RFC 5546 section 3.2.3, RFC 6047).

Whoever can write a mail can write an answer. One counts only when all of this fits: the UID, whose
128 random bits only the invited have seen; the invited address as attendee and as sender, or one
of the same organisation, with DMARC not failing; the SEQUENCE of the revision that left last; and a
DTSTAMP later than that of the answer before, so that a copy sent once more changes nothing. What
does not fit is left to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialognav.domain.replies import Received
from dialognav.domain.terms import Declining, InboundKind, InboundState

UNDO = timedelta(hours=48)
"""How long a no may be taken back before the seat goes to somebody else."""

REFRESH_EVERY = timedelta(hours=1)
"""Who asks for the invitation again and again gets it once in this time."""

CLOCKS_DIFFER = timedelta(days=1)
"""As far as a computer's clock may be off before its stamps are taken for made up."""

ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")

_FREE = frozenset(
    (
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "live.se"),
        *("msn.com", "hotmail.se", "outlook.dk", "live.no", "yahoo.com", "yahoo.se", "yahoo.no"),
        *("icloud.com", "me.com", "mac.com", "aol.com", "gmx.com", "gmx.net", "gmx.de", "web.de"),
        *("proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.com", "fastmail.com"),
        *("telia.com", "comhem.se", "bredband.net", "spray.se", "passagen.se", "tele2.se"),
        *("online.no", "getmail.no", "broadpark.no", "zoho.com", "mail.com", "yandex.com"),
        *("hotmail.dk", "hotmail.no", "hotmail.fi", "hotmail.co.uk", "live.dk", "live.fi"),
        *("outlook.fr", "outlook.es", "yahoo.co.uk", "yahoo.dk", "ymail.com", "telenor.no"),
        *("bahnhof.se", "home.se", "luukku.com", "kolumbus.fi", "simnet.is", "t-online.de"),
        *("orange.fr", "hey.com"),
    )
)
"""Where anybody gets a mailbox: that two addresses share such a domain says nothing."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat an answer may be about, with the answer it has: SEQUENCE and DTSTAMP, and whether
    it is a no, which may be taken back until `undo_until`.

    `is_moving`: another time has been set, and the letter that tells it has not left.
    """

    id: int
    starts_at: datetime
    ends_at: datetime
    sequence: int | None = None
    stamp: datetime | None = None
    is_no: bool = False
    undo_until: datetime | None = None
    is_moving: bool = False


@dataclass(frozen=True, slots=True)
class Invited:
    """The invitation that bears the UID: to whom, and which revision of it may have been seen.

    `seats` are the confirmed ones that the answer means: of a series all, or the one occasion that
    RECURRENCE-ID names. `made_at` is the DTSTAMP of the revision. `same_as`: a later number with
    the same facts, which a download shows after one in between was taken back.
    """

    uid: str
    address: str
    sequence: int
    made_at: datetime
    is_cancelled: bool
    seats: tuple[Seat, ...]
    same_as: int | None = None


class Effect(StrEnum):
    """What is to be done beside writing the mail down."""

    NOTHING = "nothing"
    NOTE = "note"  # store the answer with the seats
    ASK = "ask"  # store it, and ask for a confirmation of the no
    GIVE_UP = "give_up"  # store it, and give the seats up
    QUESTION = "question"  # another time is proposed
    REFRESH = "refresh"  # send the invitation again
    WARN = "warn"  # somebody else answers: tell the one who is invited


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is a code (blueprints/manage/inbox_words.py); `seats` are the ids it is about."""

    state: InboundState
    reason: str = ""
    effect: Effect = Effect.NOTHING
    seats: tuple[int, ...] = ()


def decide(
    received: Received, invited: Invited | None, declining: str, *, now: datetime
) -> Decision:
    """What a REPLY, COUNTER or REFRESH does. `invited` None: no invitation has that UID."""
    if received.problem:
        return Decision(InboundState.OPEN, received.problem)
    if invited is None:
        return Decision(InboundState.OPEN, "unknown_uid")
    if wrong := _does_not_fit(received, invited):
        effect = Effect.WARN if wrong == "other_person" else Effect.NOTHING
        return Decision(InboundState.OPEN, wrong, effect)
    if invited.is_cancelled:
        return Decision(InboundState.IGNORED, "cancelled")
    if not invited.seats:
        return Decision(InboundState.IGNORED, "no_seat")
    if all(seat.ends_at <= now for seat in invited.seats):
        return Decision(InboundState.IGNORED, "over")
    if received.kind == InboundKind.REFRESH:
        return Decision(InboundState.APPLIED, "refreshed", Effect.REFRESH)
    return _by_revision(received, invited, declining, now)


def _does_not_fit(received: Received, invited: Invited) -> str:
    """A code, "" when the mail comes from whom the invitation was made for."""
    if not received.is_trusted:
        return "untrusted"
    if not fits_uid(received.recipient, invited.uid):
        return "address"
    if received.kind == InboundKind.REFRESH:
        return "" if received.sender == invited.address else "sender"
    if received.attendee_count > 1 and received.kind == InboundKind.REPLY:
        return "several_attendees"
    if not received.attendee:
        return "no_attendee"
    if not _is_sent_by_attendee(received):
        return "sender"
    if received.attendee != invited.address and not is_alias(received.attendee, invited.address):
        return "other_person"
    return ""


def _is_sent_by_attendee(received: Received) -> bool:
    """By themselves, or by a server of their own organisation that names them in Reply-To:
    Nextcloud sends everybody's answers from one address."""
    if received.sender == received.attendee:
        return True
    sender, attendee = (one.partition("@")[2] for one in (received.sender, received.attendee))
    is_theirs = sender == attendee or sender.endswith(f".{attendee}")
    is_named = received.reply_to == received.attendee
    return bool(attendee) and is_named and is_theirs and attendee not in _FREE


def fits_uid(recipient: str, uid: str) -> bool:
    """Whether an address <name>+<tag>@.. names this invitation; without a tag it names none."""
    tag = recipient.partition("@")[0].partition("+")[2]
    return not tag or tag == uid.partition("@")[0].lower()


def is_alias(one: str, other: str) -> bool:
    """Whether two addresses are in one organisation's domain: Outlook answers from the primary
    address of a mailbox, whichever of them was invited."""
    here, there = one.partition("@")[2], other.partition("@")[2]
    return bool(here) and here == there and here not in _FREE


def _by_revision(received: Received, invited: Invited, declining: str, now: datetime) -> Decision:
    stamp = received.dtstamp
    if received.sequence < invited.sequence:
        return Decision(InboundState.STALE, "older_revision")
    if received.sequence > invited.sequence and received.sequence != invited.same_as:
        return Decision(InboundState.OPEN, "later_revision")
    if stamp is None:
        return Decision(InboundState.OPEN, "no_stamp")
    if not invited.made_at - CLOCKS_DIFFER <= stamp <= now + CLOCKS_DIFFER:
        return Decision(InboundState.OPEN, "stamp")
    live = [seat for seat in invited.seats if now < seat.ends_at and not seat.is_moving]
    newer = [seat for seat in live if _is_newer(received.sequence, stamp, seat)]
    if not newer:
        return Decision(InboundState.STALE, "older_answer" if live else "older_revision")
    if declining == Declining.AT_ONCE and not _is_surely_theirs(received, invited):
        declining = Declining.ASK  # somebody else can have written it: the one invited confirms
    return _by_answer(received, newer, declining, now)


def _is_surely_theirs(received: Received, invited: Invited) -> bool:
    """Not a colleague's, and not told by the field From alone, which anybody can write."""
    return received.is_proved and received.sender == invited.address


def _is_newer(sequence: int, stamp: datetime, seat: Seat) -> bool:
    if seat.sequence is None or seat.stamp is None:
        return True
    return (sequence, stamp) > (seat.sequence, seat.stamp)


def _by_answer(
    received: Received, seats: Sequence[Seat], declining: str, now: datetime
) -> Decision:
    ids = tuple(seat.id for seat in seats)
    if received.kind == InboundKind.COUNTER:
        return Decision(InboundState.OPEN, "proposed", Effect.QUESTION, ids)
    if received.partstat == "NEEDS-ACTION":
        return Decision(InboundState.IGNORED, "no_answer")
    if received.partstat not in ANSWERS:
        code = "delegated" if received.partstat == "DELEGATED" else "bad_answer"
        return Decision(InboundState.OPEN, code)
    if received.partstat != "DECLINED":
        return Decision(InboundState.APPLIED, received.partstat.lower(), Effect.NOTE, ids)
    if all(seat.starts_at <= now for seat in seats):  # nothing is left to give up
        return Decision(InboundState.APPLIED, "declined", Effect.NOTE, ids)
    if declining == Declining.AT_ONCE:
        return Decision(InboundState.APPLIED, "declined", Effect.GIVE_UP, ids)
    is_asked = all(_is_asked(seat, declining) for seat in seats)
    return Decision(InboundState.APPLIED, "declined", Effect.NOTE if is_asked else Effect.ASK, ids)


def _is_asked(seat: Seat, declining: str) -> bool:
    """Whether a no has been said already, and the question whether it holds stands. A program that
    repeats it makes no further letters, and does not lengthen the time."""
    return seat.is_no and (seat.undo_until is not None or declining == Declining.KEEP)


def undo_until(declining: str, starts_at: datetime, now: datetime) -> datetime | None:
    """Until when a no can be taken back before the seat passes on; None when it does not.

    Near the start it is half of the time that is left, as with offers (domain/offers.py): a seat
    that comes free when the event begins is of use to nobody.
    """
    if declining != Declining.ASK or starts_at <= now:
        return None
    return now + min(UNDO, (starts_at - now) / 2)
