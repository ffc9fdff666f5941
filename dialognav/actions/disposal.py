"""Disposal: a dry run, somebody's yes to it, and then small steps that a job takes (domain.md 2.4).

Locks: the event, then the organisation. A hold is set under the organisation's lock, so a step sees
it or comes before it; nothing goes after a hold has been set.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav import audit
from dialognav.actions.erasure import Numbers, erase_registrations
from dialognav.actions.letter_erasure import erase_rest, forget_addresses
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound, SecondPerson
from dialognav.domain.retention import Kept
from dialognav.mail.forgetting import erase_letters, to_people
from dialognav.models import (
    DisposalRun,
    Event,
    Organisation,
    Participant,
    Registration,
    lock_event,
)
from dialognav.models.meeting_ends import meeting_ends
from dialognav.models.retention import due_events, event_kept, held_numbers

BATCH = 50
"""Registrations in one transaction: short enough for those who wait to write."""


def propose(
    session: Session, organisation_id: int, *, now: datetime, user_id: int
) -> DisposalRun | None:
    """A dry run over everything that may go today, or None when nothing may.

    Takes the place of an earlier one that nobody has approved. NotAllowedNow without a decision to
    rest on, or while a run is at work.
    """
    organisation = lock_organisation(session, organisation_id)
    if not organisation.disposal_authority:
        raise NotAllowedNow
    for earlier in _open_runs(session, organisation_id):
        if earlier.approved_at is not None:
            raise NotAllowedNow
        earlier.cancelled_at = now
    events = _dry_run(session, organisation, now=now)
    if not events:
        return None
    run = DisposalRun(
        organisation_id=organisation_id,
        proposed_at=now,
        proposed_by_id=user_id,
        authority=organisation.disposal_authority,
        proposal={"events": events},
    )
    session.add(run)
    session.flush()
    _note(session, run, "disposal.proposed", f"user:{user_id}", now=now, events=len(events))
    return run


def approve(session: Session, run_id: int, *, now: datetime, user_id: int) -> None:
    """The yes of a named person; the job begins at once.

    SecondPerson where the organisation wants another than who proposed it. EditedMeanwhile when it
    no longer says what would go: propose anew and look again.
    """
    run, organisation = _locked_run(session, run_id)
    if run.approved_at is not None or run.cancelled_at is not None:
        raise NotAllowedNow
    if organisation.disposal_needs_two and run.proposed_by_id == user_id:
        raise SecondPerson
    present = _dry_run(session, organisation, now=now)
    if run.proposal["events"] != present or run.authority != organisation.disposal_authority:
        raise EditedMeanwhile
    run.approved_at, run.approved_by_id = now, user_id
    _note(session, run, "disposal.approved", f"user:{user_id}", now=now)


def discard(session: Session, run_id: int, *, now: datetime, user_id: int) -> None:
    """Drop a dry run, or stop a run at work: what has gone is gone. NotAllowedNow once it ended."""
    run, _organisation = _locked_run(session, run_id)
    if run.cancelled_at is not None or run.done_at is not None:
        raise NotAllowedNow
    run.cancelled_at = now
    _note(session, run, "disposal.stopped", f"user:{user_id}", now=now)


def next_run(session: Session) -> int | None:
    """The run that waits for the job, the oldest yes first."""
    return session.scalar(
        sa.select(DisposalRun.id)
        .where(
            DisposalRun.approved_at.is_not(None),
            DisposalRun.done_at.is_(None),
            DisposalRun.cancelled_at.is_(None),
        )
        .order_by(DisposalRun.approved_at, DisposalRun.id)
        .limit(1)
    )


def take_step(session: Session, run_id: int, *, now: datetime) -> bool:
    """One transaction's worth of an approved run; False when it has ended.

    What has been done is written in the same transaction, so a worker that dies loses nothing, and
    two workers take turns.
    """
    run = session.get_one(DisposalRun, run_id)
    event_id = _next_event(run)
    event = lock_event(session, event_id) if event_id is not None else None
    run, organisation = _locked_run(session, run_id)
    if run.cancelled_at is not None or run.done_at is not None:
        return False
    if event is None:
        _finish(session, run, now=now)
        return False
    if event.id != _next_event(run):
        return True  # another worker has just ended this one
    _dispose(session, run, organisation, event, now=now)
    return True


def _dispose(
    session: Session, run: DisposalRun, organisation: Organisation, event: Event, *, now: datetime
) -> None:
    """Ask again whether this event may go, and take its next batch or what is left at the end."""
    held = held_numbers(session, organisation.id)
    ends = meeting_ends(session, [event.id])
    kept = event_kept(event, organisation, held, ends, now=now)
    if kept is None and run.authority != organisation.disposal_authority:
        kept = Kept.NO_AUTHORITY  # not the decision that was looked at
    if kept is not None:
        _write(run, event, str(kept), {})
        _note(session, run, "disposal.skipped", "job", now=now, event=event, reason=str(kept))
        return
    batch = _batch(session, event)
    if batch:
        people = [person for one in batch for person in one.participants]
        addresses = {one.contact_email for one in batch} | {one.email for one in people}
        theirs = to_people([one.id for one in people], [one.id for one in batch])
        numbers = erase_registrations(session, batch, now=now)
        numbers["letters"] = erase_letters(session, theirs)
        forget_addresses(session, addresses)
        _write(run, event, "begun", numbers)
        return
    numbers = erase_rest(session, event, now=now)
    event.disposed_at = now
    _write(run, event, "done", numbers)
    said = run.result["events"][str(event.id)]["numbers"]
    _note(session, run, "disposal.event", "job", now=now, event=event, **said)


def _batch(session: Session, event: Event) -> list[Registration]:
    somebody = sa.exists().where(
        Participant.registration_id == Registration.id, Participant.erased_at.is_(None)
    )
    return list(
        session.scalars(
            sa.select(Registration)
            .where(Registration.event_id == event.id)
            .where(Registration.erased_at.is_(None) | somebody)
            .options(selectinload(Registration.participants))
            .order_by(Registration.id)
            .limit(BATCH)
            .execution_options(populate_existing=True)
        )
    )


def _finish(session: Session, run: DisposalRun, *, now: datetime) -> None:
    run.done_at = now
    states = [each["state"] for each in run.result.get("events", {}).values()]
    gone = states.count("done")
    _note(session, run, "disposal.done", "job", now=now, events=gone, kept=len(states) - gone)


def _next_event(run: DisposalRun) -> int | None:
    """The first event of the proposal that has not come to an end."""
    result = run.result.get("events", {})
    for each in run.proposal["events"]:
        if result.get(str(each["id"]), {}).get("state", "begun") == "begun":
            return int(each["id"])
    return None


def _write(run: DisposalRun, event: Event, state: str, numbers: Numbers) -> None:
    """Add to what the run has done; a new dict, so that the column is seen to change."""
    events: dict[str, Any] = dict(run.result.get("events", {}))
    before = events.get(str(event.id), {}).get("numbers", {})
    names = [*before, *(name for name in numbers if name not in before)]
    total = {name: before.get(name, 0) + numbers.get(name, 0) for name in names}
    events[str(event.id)] = {"state": state, "numbers": total}
    run.result = {"events": events}


def _dry_run(
    session: Session, organisation: Organisation, *, now: datetime
) -> list[dict[str, Any]]:
    """Ids and numbers, no names: this is kept for ever."""
    return [
        {
            "id": due.event.id,
            "diary_number": due.event.diary_number,
            "ended_at": due.ended_at.isoformat(),
            "months": due.months,
            "numbers": due.left.as_dict(),
        }
        for due in due_events(session, organisation, now=now)
    ]


def _open_runs(session: Session, organisation_id: int) -> list[DisposalRun]:
    return list(
        session.scalars(
            sa.select(DisposalRun)
            .where(
                DisposalRun.organisation_id == organisation_id,
                DisposalRun.done_at.is_(None),
                DisposalRun.cancelled_at.is_(None),
            )
            .execution_options(populate_existing=True)
        )
    )


def _locked_run(session: Session, run_id: int) -> tuple[DisposalRun, Organisation]:
    """The run as it stands under its organisation's lock."""
    run = session.get(DisposalRun, run_id)
    if run is None:
        raise NotFound
    organisation = lock_organisation(session, run.organisation_id)
    session.refresh(run)
    return run, organisation


def _note(
    session: Session,
    run: DisposalRun,
    verb: str,
    actor: str,
    *,
    now: datetime,
    event: Event | None = None,
    **facts: object,
) -> None:
    audit.record(
        session,
        run.organisation_id,
        actor,
        verb,
        f"disposal:{run.id}",
        now=now,
        event_id=event.id if event else None,
        facts={"run": run.public_id, **facts},
    )
