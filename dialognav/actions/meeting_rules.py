"""The rules of an event's one-to-one meetings, and the instant at which they become public."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav.actions.draws import commit_seed
from dialognav.actions.event_moves import finish
from dialognav.actions.meeting_claims import claim
from dialognav.actions.meeting_record import record_plan
from dialognav.actions.meeting_slots import span_of
from dialognav.actions.meeting_staffing import people_of
from dialognav.domain.errors import (
    EditedMeanwhile,
    NotAllowedNow,
    NotReady,
    ReasonNeeded,
    RulesCannotBe,
)
from dialognav.domain.meeting_rules import (
    MEETING_RULES,
    MeetingRulesDraft,
    Standing,
    lacking_instants,
    meeting_rules_changed,
    what_meeting_rules_cannot_be,
)
from dialognav.domain.meeting_terms import HandOut
from dialognav.domain.slots import NOTICE
from dialognav.domain.terms import EventState, Phase
from dialognav.mail.meeting_notices import tell_added, tell_rules_changed
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingRules, Slot, lock_event
from dialognav.models.meeting_plan import standing_of, standing_slots

_PLANNABLE = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)


def meeting_rules_of(rules: MeetingRules) -> MeetingRulesDraft:
    """The rules as their editor sees them."""
    values: dict[str, Any] = {name: getattr(rules, name) for name in MEETING_RULES}
    return MeetingRulesDraft(**values | {"languages": tuple(rules.languages)})


def save_meeting_rules(
    session: Session,
    event_id: int,
    draft: MeetingRulesDraft,
    *,
    expected_revision: int,
    reason: str = "",
    now: datetime,
    actor: str,
    post: Post,
) -> tuple[str, ...]:
    """Write the rules, the first time with revision 0; names of what differs now.

    RulesCannotBe names what contradicts, EditedMeanwhile when another revision holds. What visitors
    have read changes for a reason alone (ReasonNeeded): the record keeps it, the page says when,
    and those it concerns are told.
    """
    event = lock_event(session, event_id)
    rules = session.get(MeetingRules, event.id, populate_existing=True)
    if (rules.revision if rules else 0) != expected_revision:
        raise EditedMeanwhile
    old = meeting_rules_of(rules) if rules else None
    standing = standing_of(session, rules) if rules else Standing()
    if wrong := tuple(what_meeting_rules_cannot_be(draft, old, standing)):
        raise RulesCannotBe(wrong)
    changed = meeting_rules_changed(old, draft) if old else MEETING_RULES
    if not changed:
        return ()
    if standing.is_public and not reason:
        raise ReasonNeeded
    rules = rules or MeetingRules(event_id=event.id, revision=0)
    session.add(rules)
    for name in MEETING_RULES:
        setattr(rules, name, getattr(draft, name))
    rules.languages = list(draft.languages)
    rules.revision += 1
    session.flush()
    facts: dict[str, Any] = {"rules_of_meetings": dict(_said(old, draft, changed))}
    if not standing.is_public:
        record_plan(session, event, "meeting_rules.saved", now=now, actor=actor, **facts)
        return changed
    event.rules_changed_at = event.changed_at = now
    commit_seed(session, event, now=now, actor=actor, reason=reason)
    if old and event.state == EventState.PUBLISHED and event.phase != Phase.PROCUREMENT:
        tell_rules_changed(session, event, old, draft, reason=reason, now=now, post=post)
    facts["text"] = reason
    finish(session, event, "meeting_rules.changed", now=now, actor=actor, post=post, **facts)
    return changed


def _said(
    old: MeetingRulesDraft | None, new: MeetingRulesDraft, changed: tuple[str, ...]
) -> Iterator[tuple[str, list[object]]]:
    """(rule, [before, now]) as the record keeps them."""
    for name in changed:
        yield name, [_plain(getattr(each, name)) if each else None for each in (old, new)]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def publish_meetings(
    session: Session,
    event_id: int,
    *,
    opens_at: datetime | None = None,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Slot]:
    """Show the rules and all times that nobody has seen, at this one instant, to all alike.

    The first time the rules say when they can be booked; later ones open at `opens_at`, at least
    an hour ahead, so that nobody has them by having looked just then. Who may take one is told.
    NotReady names "rules", "opens_at", "opens_late", "closes_at" or "slots"; NotAllowedNow for an
    event that is called off, put off or in procurement; EngagedElsewhere.
    """
    event = lock_event(session, event_id)
    if event.state not in _PLANNABLE or event.phase == Phase.PROCUREMENT:
        raise NotAllowedNow
    rules = session.get(MeetingRules, event.id, populate_existing=True)
    new = [slot for slot in standing_slots(session, event.id) if slot.published_at is None]
    if rules is None:
        raise NotReady("rules")
    is_first = rules.published_at is None
    if is_first:
        _publish_rules(session, event, rules, new, now=now, actor=actor)
    else:
        _refuse_opening(rules, opens_at, now)
    new = [slot for slot in new if slot.starts_at > (now if is_first else opens_at or now)]
    if not new:
        raise NotReady("slots")
    claim(session, event, [(span_of(slot), people_of(slot).keys()) for slot in new], now=now)
    for slot in new:
        slot.published_at, slot.opens_at = now, None if is_first else opens_at
    event.changed_at = now
    session.flush()
    if event.state == EventState.PUBLISHED:
        tell_added(session, event, new, now=now, post=post)
    verb = "meetings.published" if is_first else "meetings.added"
    at = opens_at or rules.opens_at
    facts = {"slots": [slot.id for slot in new], "at": at.isoformat() if at else None}
    finish(session, event, verb, now=now, actor=actor, post=post, **facts)
    return new


def _refuse_opening(rules: MeetingRules, opens_at: datetime | None, now: datetime) -> None:
    """Of later times: too soon for all to have read of it, or when nobody can choose any more.
    Where times are not chosen, they go to who waits."""
    if opens_at is None or opens_at < now + NOTICE:
        raise NotReady("opens_at")
    is_choice = rules.hand_out == HandOut.FIRST_COME
    if is_choice and rules.closes_at is not None and rules.closes_at <= opens_at:
        raise NotReady("opens_late")


def _publish_rules(
    session: Session,
    event: Event,
    rules: MeetingRules,
    new: list[Slot],
    *,
    now: datetime,
    actor: str,
) -> None:
    """NotReady for what one has to know before any of it is public."""
    draft = meeting_rules_of(rules)
    lacks = [each.rule for each in lacking_instants(draft)]
    if rules.closes_at is not None and rules.closes_at <= now:
        lacks.append("closes_at")
    if lacks or not new:
        raise NotReady(*(lacks or ["slots"]))
    rules.published_at = now
    commit_seed(session, event, now=now, actor=actor)
    if event.published_at is not None:
        event.rules_changed_at = now
