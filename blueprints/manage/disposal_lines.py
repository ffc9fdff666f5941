"""Disposal in words: what goes, what stays and why, and what a run has done."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from blueprints.manage.workspace import title_of
from dialognav.domain.retention import Kept
from dialognav.i18n import date_text, lazy
from dialognav.models import DisposalRun, Event, Organisation
from dialognav.queries import privacy

NUMBERS = {
    "registrations": lazy("Registrations"),
    "people": lazy("People"),
    "answers": lazy("Written answers"),
    "files": lazy("Files"),
    "letters": lazy("Letters"),
    "calendar": lazy("Invitations in calendars"),
    "invitations": lazy("Personal invitations"),
    "mails": lazy("Mail that came in"),
    "meetings": lazy("Written for meetings"),
}
"""{number: what it counts}, in the order of the table."""

KEPT = {
    Kept.NO_AUTHORITY: lazy("No decision allows it"),
    Kept.NOT_OVER: lazy("Not over"),
    Kept.TOO_EARLY: lazy("The time is not out"),
    Kept.HELD: lazy("Held: somebody has asked for the documents"),
}
STATES = {
    "waiting": lazy("Waits"),
    "begun": lazy("At work"),
    "done": lazy("Done"),
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event of a run: the proposal's numbers, and the result's when there are some."""

    id: str  # public
    title: str
    diary_number: str
    ended: str
    numbers: list[int]
    done: list[int]
    state: str
    state_word: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """`state` is proposed, running, stopped, dropped or done."""

    run: DisposalRun
    state: str
    events: int
    people: int
    on_request: bool


def event_lines(session: Session, organisation: Organisation, run: DisposalRun) -> list[EventLine]:
    """What a run is about, in the order it is taken."""
    proposed: list[dict[str, Any]] = run.proposal["events"]
    results: dict[str, Any] = run.result.get("events", {})
    ids = [each["id"] for each in proposed] or [int(each) for each in results]
    events = privacy.events_by_id(session, organisation.id, ids)
    said = {each["id"]: each["numbers"] for each in proposed}
    return [
        _event_line(
            events[event_id],
            said.get(event_id, {}),
            results.get(str(event_id), {"state": "waiting", "numbers": {}}),
        )
        for event_id in ids
        if event_id in events
    ]


def record_lines(
    session: Session, organisation: Organisation, run: DisposalRun
) -> list[tuple[str, str, str]]:
    """[(public id, title, day)] of the proposed events that had meetings: when the record of them
    was last taken out, or ""."""
    ids = [each["id"] for each in run.proposal["events"]]
    events = privacy.events_by_id(session, organisation.id, ids)
    return [
        (event.public_id, title_of(event), date_text(at, event.zone) if at else "")
        for event_id, at in privacy.meeting_records(session, events).items()
        if (event := events.get(event_id)) is not None
    ]


def _event_line(event: Event, proposed: dict[str, int], result: dict[str, Any]) -> EventLine:
    state = result["state"]
    words = STATES.get(state) or KEPT[Kept(state)]
    return EventLine(
        id=event.public_id,
        title=title_of(event),
        diary_number=event.diary_number,
        ended=date_text(event.ends_at, event.zone) if event.ends_at else "",
        numbers=[proposed.get(name, 0) for name in NUMBERS],
        done=[result["numbers"].get(name, 0) for name in NUMBERS],
        state=state,
        state_word=str(words),
    )


def run_line(run: DisposalRun) -> RunLine:
    results = run.result.get("events", {}).values()
    gone = [each for each in results if each["state"] in ("begun", "done")]
    return RunLine(
        run=run,
        state=state_of(run),
        events=len(gone),
        people=sum(each["numbers"].get("people", 0) for each in gone),
        on_request="request" in run.proposal,
    )


def state_of(run: DisposalRun) -> str:
    if run.cancelled_at is not None:
        return "dropped" if run.approved_at is None else "stopped"
    if run.done_at is not None:
        return "done"
    return "proposed" if run.approved_at is None else "running"
