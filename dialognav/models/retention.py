"""What is left of persons at events, and what must not go: asked by actions and by pages alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.retention import Kept, Rule, same_diary, why_kept
from dialognav.domain.terms import EventState, FieldKind
from dialognav.models.booking import Booking, MeetingRequest
from dialognav.models.event import Event
from dialognav.models.form import Answer, AnswerFile, FormField
from dialognav.models.inbound import InboundMail
from dialognav.models.labels import GONE_DOMAIN, NOBODY
from dialognav.models.letter import CalendarObject, CalendarRevision, Letter
from dialognav.models.meeting_ends import meeting_ends, over_at
from dialognav.models.meetings import TeamMember
from dialognav.models.minutes import MeetingNote, Minutes, MinutesVersion, SharedItem
from dialognav.models.organisation import Organisation
from dialognav.models.privacy import DisposalHold
from dialognav.models.registration import EventInvitation, Participant, Registration

TYPED = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.NUMBER, FieldKind.FILE)
"""Fields whose answers somebody wrote: they go. What was chosen from given answers is a number."""


@dataclass(frozen=True, slots=True)
class Left:
    """How much of an event still says who somebody is."""

    registrations: int = 0
    people: int = 0
    answers: int = 0
    files: int = 0
    letters: int = 0
    calendar: int = 0
    invitations: int = 0
    mails: int = 0
    meetings: int = 0

    def as_dict(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def is_nothing(self) -> bool:
        return not any(self.as_dict().values())


def rule_of(event: Event, organisation: Organisation) -> Rule:
    months = organisation.retention_months
    if event.retention_months is not None:
        months = event.retention_months
    return Rule(organisation.disposal_authority, months)


def held_numbers(session: Session, organisation_id: int) -> frozenset[str]:
    """Diary numbers that somebody's open request freezes, as same_diary() says them."""
    found = session.scalars(
        sa.select(DisposalHold.diary_number).where(
            DisposalHold.organisation_id == organisation_id, DisposalHold.released_at.is_(None)
        )
    )
    return frozenset(map(same_diary, found))


def event_kept(
    event: Event,
    organisation: Organisation,
    held: frozenset[str],
    meetings: Mapping[int, datetime],
    *,
    now: datetime,
) -> Kept | None:
    """Why the names of this event stay for now, or None when they may go. `meetings` are those
    of meeting_ends()."""
    return why_kept(
        rule_of(event, organisation),
        state=event.state,
        ends_at=over_at(event, meetings),
        diary_number=event.diary_number,
        held=held,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose names may go today."""

    event: Event
    ended_at: datetime
    months: int
    left: Left


def due_events(session: Session, organisation: Organisation, *, now: datetime) -> list[Due]:
    """Events whose time is over and that still name somebody, the oldest first."""
    held = held_numbers(session, organisation.id)
    over = session.scalars(
        sa.select(Event)
        .where(
            Event.organisation_id == organisation.id,
            Event.ends_at <= now,
            Event.state.in_((EventState.PUBLISHED, EventState.CANCELLED)),
        )
        .order_by(Event.ends_at, Event.id)
    ).all()
    ends = meeting_ends(session, [each.id for each in over])
    free = [each for each in over if event_kept(each, organisation, held, ends, now=now) is None]
    left = what_is_left(session, [each.id for each in free])
    dated = [(each, over_at(each, ends)) for each in free if each.id in left]
    return [
        Due(each, at, rule_of(each, organisation).months, left[each.id]) for each, at in dated if at
    ]


def what_is_left(session: Session, event_ids: Iterable[int]) -> dict[int, Left]:
    """{event id: numbers} of those events that still hold something; nine statements."""
    wanted = list(event_ids)
    of_event: dict[str, sa.Select[Any, int]] = {
        "registrations": _registrations(),
        "people": _people(),
        "answers": _answers(),
        "files": _answers().join(AnswerFile, AnswerFile.answer_id == Answer.id),
        "letters": sa.select(Letter.event_id, sa.func.count())
        .where(Letter.recipient != NOBODY)
        .group_by(Letter.event_id),
        "calendar": _calendar(),
        "invitations": sa.select(EventInvitation.event_id, sa.func.count())
        .where(EventInvitation.erased_at.is_(None))
        .group_by(EventInvitation.event_id),
        "mails": sa.select(InboundMail.event_id, sa.func.count()).group_by(InboundMail.event_id),
        "meetings": _meetings(),
    }
    found: dict[int, dict[str, int]] = {}
    for name, query in of_event.items():
        first = query.selected_columns[0]
        for event_id, number in session.execute(query.where(first.in_(wanted))):
            found.setdefault(event_id, {})[name] = number
    return {event_id: Left(**numbers) for event_id, numbers in found.items()}


def _registrations() -> sa.Select[int, int]:
    return (
        sa.select(Registration.event_id, sa.func.count())
        .where(Registration.erased_at.is_(None))
        .group_by(Registration.event_id)
    )


def _people() -> sa.Select[int, int]:
    return (
        sa.select(Registration.event_id, sa.func.count(Participant.id))
        .join(Participant, Participant.registration_id == Registration.id)
        .where(Participant.erased_at.is_(None))
        .group_by(Registration.event_id)
    )


def _answers() -> sa.Select[int, int]:
    return (
        sa.select(Registration.event_id, sa.func.count())
        .join(Answer, Answer.registration_id == Registration.id)
        .join(FormField, FormField.id == Answer.field_id)
        .where(FormField.kind.in_(TYPED))
        .group_by(Registration.event_id)
    )


def _calendar() -> sa.Select[int, int]:
    return (
        sa.select(Registration.event_id, sa.func.count())
        .join(Participant, Participant.registration_id == Registration.id)
        .join(CalendarObject, CalendarObject.participant_id == Participant.id)
        .join(CalendarRevision, CalendarRevision.uid == CalendarObject.uid)
        .group_by(Registration.event_id)
    )


def is_begun_anew() -> sa.ColumnElement[bool]:
    """Of Minutes in a query: something is written in them that nobody outside was shown, beside a
    version that somebody was."""
    last = (
        sa.select(MinutesVersion.text)
        .where(MinutesVersion.minutes_id == Minutes.id)
        .order_by(MinutesVersion.number.desc())
        .limit(1)
        .correlate(Minutes)
        .scalar_subquery()
    )
    is_open = Minutes.state != MinutesState.APPROVED
    said = sa.or_(Minutes.reason != "", Minutes.correction_answer != "")
    return sa.or_(Minutes.text != last, sa.and_(is_open, Minutes.versions.any(), said))


def _meetings() -> sa.Select[int, int]:
    """What was written for one-to-one meetings and is no record, and who came from outside."""
    asked = [
        sa.select(table.event_id).where(
            sa.or_(table.topics != "", table.secret_marks != "", table.secret_reason != "")
        )
        for table in (Booking, MeetingRequest)
    ]
    note = sa.select(Booking.event_id).join(MeetingNote, MeetingNote.booking_id == Booking.id)
    draft = (
        sa.select(Booking.event_id)
        .join(Minutes, Minutes.booking_id == Booking.id)
        .where(Minutes.state == MinutesState.DRAFT, ~Minutes.versions.any())
    )
    outsider = sa.select(TeamMember.event_id).where(
        TeamMember.user_id.is_(None), ~TeamMember.email.endswith(GONE_DOMAIN)
    )
    unshared = sa.select(SharedItem.event_id).where(SharedItem.published_at.is_(None))
    begun = (
        sa.select(Booking.event_id)
        .join(Minutes, Minutes.booking_id == Booking.id)
        .where(is_begun_anew())
    )
    rows = sa.union_all(*asked, note, draft, begun, unshared, outsider).subquery()
    return sa.select(rows.c.event_id, sa.func.count()).group_by(rows.c.event_id)
