"""What was answered to an event's extra questions: written with a sign-up, and changed later."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.contacts import note_registration
from dialognav.actions.registration_rules import live_people, locked_registration
from dialognav.actions.second_looks import look_again
from dialognav.domain.errors import NotAllowedNow, TooLate, TooMany
from dialognav.domain.form_fields import Given, Question, Value, may_answer, still_asked
from dialognav.domain.terms import EventState, FieldScope
from dialognav.domain.uploads import Upload
from dialognav.mail.post import Post
from dialognav.models import Answer, AnswerFile, Event, Participant, Registration, StagedFile
from dialognav.models.questions import fields_of, question_of

STAGED_FOR = timedelta(hours=2)
MOST_STAGED = 100  # files that wait at one time in the whole installation: at most 500 MB


def write_answers(
    session: Session,
    registration: Registration,
    given: Iterable[tuple[Participant | None, Given]],
    *,
    now: datetime,
) -> None:
    """Those of a newcomer: (None for the registration's own, what was read). All have ids."""
    for person, read in given:
        for field_id, value in read.values.items():
            answer = Answer(
                field_id=field_id,
                registration_id=registration.id,
                participant_id=person.id if person else None,
                value=value,
                changed_at=now,
            )
            if upload := read.files.get(field_id):
                answer.file = _file(upload)
            session.add(answer)


def change_answers(
    session: Session,
    registration_id: int,
    given: Given,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> bool:
    """The registration's own answers, as the contact leaves them; whether anything differs.

    What had been approved is looked at again; what is no longer asked of its people, because of
    the new answers, goes. TooLate after the time until which answers may be changed; NotAllowedNow
    for a registration that is withdrawn.
    """
    event, registration = locked_registration(session, registration_id)
    _check(event, registration.withdrawn_at, now=now, actor=actor)
    questions = [question_of(field) for field in fields_of(session, event.id)]
    own = [question for question in questions if question.scope == FieldScope.REGISTRATION]
    changed = _replace(session, registration, None, own, given, now=now)
    if changed:
        _drop_unasked(session, registration, questions, given.values)
        session.flush()
        note_registration(session, event, actor, "registration.answers", registration, now=now)
        look_again(session, event, registration, now=now, actor=actor, post=post)
    return bool(changed)


def change_person_answers(
    session: Session,
    event: Event,
    participant: Participant,
    given: Given,
    *,
    now: datetime,
    actor: str,
) -> bool:
    """One person's, under the event's lock; whether anything differs. TooLate, NotAllowedNow."""
    _check(event, participant.withdrawn_at, now=now, actor=actor)
    questions = [question_of(field) for field in fields_of(session, event.id)]
    own = [question for question in questions if question.scope == FieldScope.PERSON]
    changed = _replace(session, participant.registration, participant, own, given, now=now)
    if changed:
        session.flush()
    return bool(changed)


def stage_file(session: Session, event_id: int, upload: Upload, *, now: datetime) -> str:
    """Keep a visitor's file while the form goes back; the public id under which it waits.

    TooMany when as many wait as may.
    """
    session.execute(
        sa.delete(StagedFile)
        .where(StagedFile.purpose == "answer", StagedFile.created_at < now - STAGED_FOR)
        .execution_options(synchronize_session=False)
    )
    waiting = session.scalar(sa.select(sa.func.count()).where(StagedFile.purpose == "answer"))
    if (waiting or 0) >= MOST_STAGED:
        raise TooMany(int(STAGED_FOR.total_seconds()))
    staged = StagedFile(
        event_id=event_id,
        purpose="answer",
        filename=upload.filename,
        content=upload.content,
        created_at=now,
    )
    session.add(staged)
    session.flush()
    return staged.public_id


def forget_staged(session: Session, event_id: int, public_ids: Collection[str]) -> None:
    """They have become answers."""
    if public_ids:
        session.execute(
            sa.delete(StagedFile)
            .where(
                StagedFile.public_id.in_(public_ids),
                StagedFile.event_id == event_id,
                StagedFile.purpose == "answer",
            )
            .execution_options(synchronize_session=False)
        )


def _check(event: Event, withdrawn_at: datetime | None, *, now: datetime, actor: str) -> None:
    if withdrawn_at is not None or event.state == EventState.CANCELLED:
        raise NotAllowedNow
    if not may_answer(event.answers_until, event.starts_at, now):
        raise TooLate


def _replace(
    session: Session,
    registration: Registration,
    person: Participant | None,
    questions: Collection[Question],
    given: Given,
    *,
    now: datetime,
) -> set[int]:
    """Make the answers to these questions what was given; ids of those that differ.

    Answers to questions that are asked no more are not among them, and stay.
    """
    old = {
        answer.field_id: answer
        for answer in session.scalars(
            sa.select(Answer).where(
                Answer.registration_id == registration.id,
                Answer.participant_id == (person.id if person else None),
                Answer.field_id.in_([question.id for question in questions]),
            )
        )
    }
    changed = set()
    for question in questions:
        answer, value = old.get(question.id), given.values.get(question.id)
        upload = given.files.get(question.id)
        if upload is None and (answer.value if answer else None) == value:
            continue
        changed.add(question.id)
        if answer is not None:
            session.delete(answer)
    session.flush()  # the old ones are gone before the new ones come
    values = {field_id: v for field_id, v in given.values.items() if field_id in changed}
    fresh = Given(values, {n: file for n, file in given.files.items() if n in changed}, {})
    write_answers(session, registration, [(person, fresh)], now=now)
    return changed


def _drop_unasked(
    session: Session,
    registration: Registration,
    questions: Collection[Question],
    own: dict[int, Value],
) -> None:
    """What people answered to questions that the registration's new answers close."""
    of_people = [question for question in questions if question.scope == FieldScope.PERSON]
    if not any(question.condition for question in of_people):
        return
    ids = {question.id for question in of_people}
    for person in live_people(registration):
        there = session.scalars(
            sa.select(Answer).where(Answer.participant_id == person.id, Answer.field_id.in_(ids))
        ).all()
        said = {answer.field_id: answer.value for answer in there}
        asked = still_asked(of_people, {**own, **said})
        for answer in there:
            if answer.field_id not in asked:
                session.delete(answer)


def _file(upload: Upload) -> AnswerFile:
    return AnswerFile(
        filename=upload.filename,
        media_type=upload.media_type,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
    )
