"""Minutes of a meeting as the organiser makes them: written, sent for a check, approved, reopened.

What the supplier does with them stands in minutes_checks.py.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.actions.held_meetings import locked_meeting, record
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady, SecondPerson
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import (
    APPROVE,
    EDIT,
    REOPEN,
    SEND,
    Checked,
    check_until,
    is_minuted,
    lacking,
    may_approve,
    may_now,
)
from dialognav.domain.working_hours import WorkingHours
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingNote, MeetingRules, Minutes, MinutesVersion

_DAYS = 5
"""Working days to check the facts where the rules of the meetings are gone."""


def checked_of(minutes: Minutes) -> Checked:
    """What the rules of approval look at."""
    sent = [version.text for version in minutes.versions if not version.is_approved]
    return Checked(
        text=minutes.text,
        sent=sent[-1] if sent else "",
        correction=minutes.correction,
        answer=minutes.correction_answer,
    )


def end_of_check(session: Session, event: Event, *, now: datetime) -> datetime:
    """Until when the supplier can answer what is sent now."""
    rules = session.get(MeetingRules, event.id)
    organisation = event.organisation
    hours = WorkingHours(organisation.zone, organisation.country)
    return check_until(hours, now, rules.fact_check_days if rules else _DAYS)


def save_minutes(
    session: Session,
    booking_id: int,
    text: str,
    answer: str = "",
    *,
    expected_revision: int,
    writer_id: int,
    now: datetime,
    actor: str,
) -> Minutes:
    """Write them; the first time they begin as a draft. `answer`: to what the supplier says is
    wrong; it has to have said so.

    EditedMeanwhile when somebody saved, or the supplier answered, since `expected_revision` (0:
    there were none). NotAllowedNow once they are approved, or where there is no meeting to minute.
    """
    event, booking = locked_meeting(session, booking_id)
    minutes = _minutes(session, booking_id)
    if (minutes.revision if minutes else 0) != expected_revision:
        raise EditedMeanwhile
    if minutes is None:
        if not is_minuted(booking.state, booking.slot.starts_at, now):
            raise NotAllowedNow
        minutes = Minutes(booking_id=booking_id, created_at=now, revision=0, writer_ids=[])
        session.add(minutes)
    elif not may_now(EDIT, minutes.state):
        raise NotAllowedNow
    if minutes.revision and (text, answer) == (minutes.text, minutes.correction_answer):
        return minutes
    verb = "minutes.saved" if minutes.revision else "minutes.drafted"
    minutes.text = text
    minutes.correction_answer = answer if minutes.correction else ""
    if writer_id not in minutes.writer_ids:
        minutes.writer_ids = [*minutes.writer_ids, writer_id]
    _touch(session, event, minutes, verb, now=now, actor=actor)
    return minutes


def send_for_check(
    session: Session, booking_id: int, *, seen: int, now: datetime, actor: str, post: Post
) -> Minutes:
    """The supplier reads them as they stand, and has so many working days to say what is wrong.

    Sent again, they take the place of what was sent before, and the time begins anew; what had been
    answered is kept with the earlier version. EditedMeanwhile when the page showed another
    revision, NotReady without a text, NotAllowedNow once they are approved.
    """
    event, minutes = _seen(session, booking_id, seen, SEND)
    if not minutes.text.strip():
        raise NotReady("text")
    _close_round(minutes)
    minutes.state, minutes.sent_at = MinutesState.FACT_CHECK, now
    minutes.check_until = end_of_check(session, event, now=now)
    _add_version(minutes, now=now, actor=actor)
    _touch(session, event, minutes, "minutes.sent", now=now, actor=actor)
    meeting_notices.tell_check(session, [minutes], now=now, post=post)
    return minutes


def approve(
    session: Session,
    booking_id: int,
    *,
    seen: int,
    user_id: int,
    now: datetime,
    actor: str,
    post: Post,
) -> Minutes:
    """A public record from now on (TF 2 kap. 10 §); everybody's private notes of the meeting go.

    NotReady with domain.minutes.lacking(); SecondPerson for who wrote any of it where the
    organisation wants two; EditedMeanwhile, NotAllowedNow.
    """
    event, minutes = _seen(session, booking_id, seen, APPROVE)
    if missing := lacking(checked_of(minutes)):
        raise NotReady(*missing)
    needs_two = event.organisation.minutes_need_two
    if not may_approve(user_id, minutes.writer_ids, needs_two=needs_two):
        raise SecondPerson
    minutes.state, minutes.approved_at = MinutesState.APPROVED, now
    minutes.approved_by_id = user_id
    version = _add_version(minutes, now=now, actor=actor)
    version.is_approved, version.reason = True, minutes.reason
    minutes.reason = ""
    session.execute(sa.delete(MeetingNote).where(MeetingNote.booking_id == booking_id))
    _touch(session, event, minutes, "minutes.approved", now=now, actor=actor)
    meeting_notices.tell_approved(session, [minutes], now=now, post=post)
    return minutes


def reopen(
    session: Session, booking_id: int, reason: str, *, seen: int, now: datetime, actor: str
) -> Minutes:
    """Something in approved minutes is wrong: a new version is begun, the approved one stays.

    NotReady without a reason; EditedMeanwhile; NotAllowedNow for what is not approved.
    """
    event, minutes = _seen(session, booking_id, seen, REOPEN)
    if not reason.strip():
        raise NotReady("reason")
    _close_round(minutes)
    minutes.state, minutes.reason = MinutesState.DRAFT, reason
    minutes.sent_at = minutes.check_until = minutes.approved_at = minutes.approved_by_id = None
    _touch(session, event, minutes, "minutes.reopened", now=now, actor=actor)
    return minutes


def _minutes(session: Session, booking_id: int) -> Minutes | None:
    return session.scalars(
        sa.select(Minutes)
        .where(Minutes.booking_id == booking_id)
        .options(selectinload(Minutes.versions))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _seen(session: Session, booking_id: int, seen: int, verb: str) -> tuple[Event, Minutes]:
    event, _booking = locked_meeting(session, booking_id)
    minutes = _minutes(session, booking_id)
    if minutes is None or not may_now(verb, minutes.state):
        raise NotAllowedNow
    if minutes.revision != seen:
        raise EditedMeanwhile
    return event, minutes


def _close_round(minutes: Minutes) -> None:
    """What was answered to the version sent last is kept with it, and a new check begins empty."""
    names = ("checked_at", "checked_by", "correction", "correction_answer")
    sent = [version for version in minutes.versions if not version.is_approved]
    if sent and minutes.checked_at is not None:
        for name in names:
            setattr(sent[-1], name, getattr(minutes, name))
    minutes.checked_at = None
    minutes.checked_by = minutes.correction = minutes.correction_answer = ""


def _add_version(minutes: Minutes, *, now: datetime, actor: str) -> MinutesVersion:
    kind, _, number = actor.partition(":")
    version = MinutesVersion(
        number=len(minutes.versions) + 1,
        text=minutes.text,
        at=now,
        by_id=int(number) if kind == "user" else None,
    )
    minutes.versions.append(version)
    return version


def _touch(
    session: Session, event: Event, minutes: Minutes, verb: str, *, now: datetime, actor: str
) -> None:
    minutes.revision += 1
    minutes.changed_at = now
    session.flush()
    version = minutes.versions[-1].number if minutes.versions else 0
    subject = f"minutes:{minutes.id}"
    record(session, event, verb, subject, now=now, actor=actor, version=version)
