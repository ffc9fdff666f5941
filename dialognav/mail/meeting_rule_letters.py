"""That the rules of one-to-one meetings have changed, to all whom they concern. Never commits."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.domain.meeting_rules import MeetingRulesDraft, meeting_rules_changed
from dialognav.domain.meeting_terms import BookingState, HandOut, RequestState
from dialognav.mail import outbox
from dialognav.mail.changes import Said
from dialognav.mail.forgetting import drop_unsent
from dialognav.mail.letters import BULK, ORDINARY, Facts, Letter
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import asking_stream
from dialognav.mail.meeting_readers import registrations_concerned
from dialognav.mail.meeting_request_letters import AskingLetters, positions, rule_facts
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingRequest, Registration
from dialognav.models import Letter as Row

KIND = "meeting_rules_changed"

_OF_TIMES_TO_COME = (KIND, "meeting_wish_gone", "meeting_choose", "meetings_added")


def rules_stream(registration_id: int) -> str:
    """Apart from what is told of meetings and wishes: neither replaces the other."""
    return f"meeting_rules:{registration_id}"


def tell_rules_changed(
    session: Session,
    event: Event,
    old: MeetingRulesDraft,
    new: MeetingRulesDraft,
    *,
    reason: str,
    now: datetime,
    post: Post,
) -> None:
    """Published rules have changed, and `reason` says why: to everybody who may have a meeting, has
    one or has asked for one, the same, after the quiet time. Two changes within it are one letter.
    """
    changes = said_rules(old, new, event.zone)
    readers = registrations_concerned(session, event) if changes else ()
    if not readers:
        return
    to = AskingLetters(MeetingWriter(event, post), rule_facts(session, event))
    standing = _standing(session, event.id, new, now)
    letters = [
        rules_letter(to, one, changes, reason, standing.get(one.id, {}), delay=post.quiet_window)
        for one in readers
    ]
    outbox.promise(session, letters, now=now)


def drop_news(session: Session, event: Event) -> None:
    """Nobody gets a meeting any more: how and which is news to nobody, and does not leave after the
    letter that says so."""
    drop_unsent(session, sa.and_(Row.event_id == event.id, Row.kind.in_(_OF_TIMES_TO_COME)))


def drop_news_to(session: Session, registration_id: int) -> None:
    """The same for one supplier, with all else that it is told before it has a meeting."""
    streams = (rules_stream(registration_id), asking_stream(registration_id))
    drop_unsent(session, Row.stream.in_(streams))


def rules_letter(
    to: AskingLetters,
    registration: Registration,
    changes: list[Said],
    reason: str,
    stands: Facts,
    *,
    delay: int = 0,
) -> Letter:
    """`stands`: what of the reader's own the change leaves as it was (_standing())."""
    told = {**to.rule, "reasons": [reason] if reason else [], "stands": stands}
    letter = to.letter(
        registration,
        KIND,
        {"changes": changes, "meetings": told},
        stream=rules_stream(registration.id),
    )
    return replace(letter, delay=delay, priority=BULK if delay else ORDINARY)


def said_rules(old: MeetingRulesDraft, new: MeetingRulesDraft, zone: str) -> list[Said]:
    """What of the rules differs, as a letter keeps it; of the long text, only that it does.

    The gap between meetings is the team's own, and of wishes only those read who rank them.
    """
    ranks = HandOut.WISHES in (old.hand_out, new.hand_out)
    return [
        {
            "what": name,
            "before": _plain(getattr(old, name)),
            "now": _plain(getattr(new, name)),
            "zone": zone,
        }
        for name in meeting_rules_changed(old, new)
        if name != "gap_minutes" and (ranks or name != "most_wishes")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sha256(repr(sorted(value.items())).encode()).hexdigest()
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _standing(
    session: Session, event_id: int, rules: MeetingRulesDraft, now: datetime
) -> Mapping[int, Facts]:
    """{registration: what it keeps}: "meeting"; "position" in the queue; "asked" for a draw or the
    organiser's hand, with how many "wishes" are ranked and how many of them count."""
    found: dict[int, Facts] = {}
    has_one = sa.select(Booking.registration_id).where(
        Booking.event_id == event_id, Booking.state == BookingState.BOOKED
    )
    for registration_id in session.scalars(has_one):
        found[registration_id] = {"meeting": True}
    may_change = rules.closes_at is not None and now < rules.closes_at
    places = positions(session, event_id)
    waiting = sa.select(MeetingRequest).where(
        MeetingRequest.event_id == event_id, MeetingRequest.state == RequestState.WAITING
    )
    for request in session.scalars(waiting.options(selectinload(MeetingRequest.wishes))):
        facts = found.setdefault(request.registration_id, {})
        facts["position"] = places.get(request.registration_id)
        if request.queue_number is None:
            number = len(request.wishes)
            facts |= {"asked": True, "may_change": may_change}
            facts |= {"wishes": number, "counted": min(number, rules.most_wishes)}
    return found
