"""Answers to invitations to one-to-one meetings that came by mail (calendar.md 2.8).

They are noted with the entry, where the board shows them. A meeting is the supplier's: a no in one
person's calendar asks, and gives nothing up by itself. Another proposed time waits in the inbox.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.forwarding import tell_of_proposal
from dialognav.domain import reply_rules
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.replies import Received
from dialognav.domain.reply_rules import REFRESH_EVERY, Decision, Effect, Invited, decide
from dialognav.domain.terms import (
    Declining,
    EventState,
    InboundKind,
    InboundState,
    LetterStatus,
)
from dialognav.mail import meeting_replies
from dialognav.mail.meeting_people import STANDS
from dialognav.mail.post import Post
from dialognav.mail.superseding import Unsent, known_revision, last_mailed
from dialognav.models import (
    Booking,
    CalendarObject,
    Event,
    InboundMail,
    Letter,
    Participant,
    TeamMember,
    lock_event,
)


@dataclass(frozen=True, slots=True)
class _Answered:
    """What was answered, by whom, as things stand under the event's lock."""

    event: Event
    booking: Booking
    numbered: CalendarObject
    person: Participant | None
    member: TeamMember | None
    received: Received
    mail: InboundMail
    is_latest: bool

    @property
    def whose(self) -> Participant | TeamMember:
        found = self.person or self.member
        assert found is not None  # an entry is somebody's
        return found

    @property
    def actor(self) -> str:
        """Whoever of the team is none of the staff has no name in the record but their number."""
        if self.person is not None:
            return f"participant:{self.person.public_id}"
        assert self.member is not None
        user_id = self.member.user_id
        return f"member:{self.member.public_id}" if user_id is None else f"user:{user_id}"


def take_meeting_answer(
    session: Session,
    received: Received,
    mail: InboundMail,
    numbered: CalendarObject,
    *,
    now: datetime,
    post: Post,
) -> Decision:
    """Note it, and do what follows."""
    assert numbered.booking_id is not None
    event_id = session.get_one(Booking, numbered.booking_id).event_id
    event = lock_event(session, event_id)
    session.refresh(numbered)
    booking = session.get_one(Booking, numbered.booking_id, populate_existing=True)
    person = session.get(Participant, numbered.participant_id) if numbered.participant_id else None
    member = session.get(TeamMember, numbered.member_id) if numbered.member_id else None
    mail.organisation_id, mail.event, mail.participant = event.organisation_id, event, person
    mail.booking = booking
    unsent = _unsent(session, event_id, numbered)
    seen = known_revision(unsent, last_mailed(numbered))
    is_latest = seen is not None and seen.sequence == last_mailed(numbered).sequence
    answered = _Answered(
        event, booking, numbered, person, member, received, mail, is_latest=is_latest
    )
    invited = Invited(
        uid=numbered.uid,
        address=answered.whose.email.lower(),
        sequence=seen.sequence if seen else -1,
        made_at=seen.dtstamp if seen else numbered.dtstamp,
        is_cancelled=numbered.cancelled_at is not None,
        same_as=numbered.sequence if is_latest else None,
        seats=(_seat(booking, numbered, unsent),) if booking.state in STANDS else (),
    )
    decision = decide(received, invited, Declining.KEEP, now=now)
    mail.state, mail.reason = decision.state, decision.reason
    _follow(session, decision.effect, answered, now=now, post=post)
    return decision


def _seat(booking: Booking, numbered: CalendarObject, unsent: Unsent | None) -> reply_rules.Seat:
    changes = unsent.facts.get("changes", ()) if unsent else ()
    return reply_rules.Seat(
        id=booking.id,
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        sequence=numbered.answer_sequence,
        stamp=numbered.answer_stamp,
        is_no=numbered.partstat == "DECLINED",
        is_moving=any(change["what"] == "time" for change in changes),
    )


def _unsent(session: Session, event_id: int, numbered: CalendarObject) -> Unsent | None:
    """The newest letter with the entry that waits to be sent."""
    waiting = session.execute(
        sa.select(Letter.kind, Letter.facts, Letter.due_at, Letter.priority)
        .where(
            Letter.event_id == event_id,
            Letter.status == LetterStatus.PENDING,
            Letter.lease.is_(None),
            Letter.kind.like("meeting%"),
        )
        .order_by(Letter.id.desc())
    )
    for kind, facts, due_at, priority in waiting:
        entry = (facts or {}).get("entry")
        if entry and entry["uid"] == numbered.uid:
            return Unsent(kind, facts, due_at, priority)
    return None


def _follow(
    session: Session, effect: Effect, answered: _Answered, *, now: datetime, post: Post
) -> None:
    if effect in (Effect.NOTE, Effect.ASK, Effect.QUESTION):
        _note(session, answered, now=now)
    person, booking = answered.person, answered.booking
    if effect is Effect.ASK and person is not None:
        session.flush()
        meeting_replies.tell_no(session, booking, person, now=now, post=post)
    elif effect is Effect.QUESTION:
        tell_of_proposal(session, answered.event, answered.mail, now=now, post=post)
    elif effect is Effect.REFRESH:
        _refresh(session, answered, now=now, post=post)
    elif effect is Effect.WARN and person is not None and _is_first(session, answered):
        session.flush()
        meeting_replies.tell_passed_on(session, booking, person, answered.mail, now=now, post=post)


def _note(session: Session, answered: _Answered, *, now: datetime) -> None:
    """A yes takes back the question after a no."""
    received, numbered = answered.received, answered.numbered
    is_proposal = received.kind == InboundKind.COUNTER
    numbered.partstat = "TENTATIVE" if is_proposal else received.partstat
    numbered.partstat_at = now
    numbered.answer_sequence, numbered.answer_stamp = received.sequence, received.dtstamp
    if answered.person is not None and numbered.partstat != "DECLINED":
        meeting_replies.drop_no(session, answered.booking.id, answered.person.id)
    audit.record(
        session,
        answered.event.organisation_id,
        answered.actor,
        f"answer.{numbered.partstat.lower()}",
        f"booking:{answered.booking.id}",
        now=now,
        event_id=answered.event.id,
    )


def decline_meeting_time(
    session: Session, mail: InboundMail, text: str, *, now: datetime, post: Post
) -> None:
    """Tell one of the supplier's people, or of the team, that the meeting stays where it is
    (DECLINECOUNTER). NotAllowedNow when it is over, or they are not in it."""
    assert mail.booking_id is not None
    event = lock_event(session, session.get_one(Booking, mail.booking_id).event_id)
    booking = session.get_one(Booking, mail.booking_id, populate_existing=True)
    numbered = meeting_replies.proposed_for(session, mail)
    is_over = event.state != EventState.PUBLISHED or now >= booking.slot.ends_at
    if is_over or numbered is None or booking.state not in STANDS:
        raise NotAllowedNow
    meeting_replies.tell_time_declined(session, booking, numbered, text, now=now, post=post)


def _refresh(session: Session, answered: _Answered, *, now: datetime, post: Post) -> None:
    """Once an hour, the same bytes; an update that waits will say it all."""
    numbered, mail = answered.numbered, answered.mail
    is_lately = numbered.refreshed_at and now - numbered.refreshed_at < REFRESH_EVERY
    if is_lately or not answered.is_latest:
        mail.state, mail.reason = InboundState.IGNORED, "refreshed_lately"
        return
    numbered.refreshed_at = now
    session.flush()
    meeting_replies.tell_again(session, answered.booking, numbered, now=now, post=post)


def _is_first(session: Session, answered: _Answered) -> bool:
    """Who is invited is told once that somebody else answers."""
    mail = answered.mail
    before = sa.select(InboundMail.id).where(
        InboundMail.participant_id == answered.numbered.participant_id,
        InboundMail.reason == mail.reason,
        InboundMail.id != mail.id,
    )
    return session.scalar(before.limit(1)) is None
