"""Wishes for a one-to-one meeting: for a draw, for the organiser's hand, or the waiting list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail.post import Post
from dialognav.models import MeetingRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """What a supplier asks for. `modes` and `languages` it can take part in ((): any); `away` are
    spans of instants when it cannot; `people` ids of participants; `wishes` ids of slots, the
    dearest first."""

    people: tuple[int, ...]
    modes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    away: tuple[tuple[datetime, datetime], ...] = ()
    topics: str = ""
    secret_marks: str = ""
    secret_reason: str = ""
    wishes: tuple[int, ...] = ()


def ask(
    session: Session,
    registration_id: int,
    asked: Asked,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> MeetingRequest:
    """Ask, or change what was asked for: the place in the queue stays.

    Wishes and lots: between opens_at and closes_at for the draw; after a published draw at the end
    of its queue. First come: the waiting list. Whoever left comes last. CannotMeet (NOT_ADMITTED,
    NOT_OPEN, CLOSED, LIMIT, NO_MEETINGS, EVENT_STOPPED), WrongPeople, WishesCannotBe.
    """
    raise NotImplementedError


def leave(
    session: Session, request_id: int, *, now: datetime, actor: str, post: Post
) -> MeetingRequest:
    """No longer wait. An offer that is open is declined with it. NotAllowedNow for one who does
    not wait."""
    raise NotImplementedError
