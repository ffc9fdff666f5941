"""The rules of admission of an event: read from its row, and changed as one thing."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.event_moves import finish
from dialognav.actions.queues import resume_queue
from dialognav.domain.errors import EditedMeanwhile, RulesCannotBe
from dialognav.domain.rules import (
    COLUMNS,
    OF_OCCASION,
    RULES,
    AdmissionRules,
    adds_places,
    changed_rules,
    marks,
    what_cannot_be,
)
from dialognav.domain.terms import EventState
from dialognav.mail.post import Post
from dialognav.models import Event, lock_event

_UNSEEN = (EventState.DRAFT, EventState.SCHEDULED)


def rules_of(event: Event) -> AdmissionRules:
    """The event's rules as they stand; its places are those of its first occasion."""
    values = {
        name: getattr(event.occasions[0] if name in OF_OCCASION else event, COLUMNS.get(name, name))
        for name in RULES
    }
    return AdmissionRules(**values)


def write_rules(event: Event, rules: AdmissionRules) -> None:
    """Put the rules into the event's rows, whatever they say."""
    for name in RULES:
        row = event.occasions[0] if name in OF_OCCASION else event
        setattr(row, COLUMNS.get(name, name), getattr(rules, name))


def save_rules(
    session: Session,
    event_id: int,
    rules: AdmissionRules,
    *,
    expected: Mapping[str, str],
    now: datetime,
    actor: str,
    post: Post,
) -> tuple[str, ...]:
    """Change the rules; returns the names of those that differ now.

    `expected` are the marks of the rules the editor began with: EditedMeanwhile when others hold.
    RulesCannotBe names what contradicts. Places that are added go to those who wait. Nobody who has
    a place loses it: what now is fewer than those who came is for the page to say.
    """
    event = lock_event(session, event_id)
    old = rules_of(event)
    if marks(old) != expected:
        raise EditedMeanwhile
    assert event.starts_at is not None
    is_seen = event.state not in _UNSEEN
    if wrong := tuple(what_cannot_be(rules, event.format, event.starts_at, is_seen=is_seen)):
        raise RulesCannotBe(wrong)
    changed = changed_rules(old, rules)
    if not changed:
        return ()
    write_rules(event, rules)
    if is_seen:
        event.rules_changed_at = event.changed_at = now
    session.flush()
    resume_queue(session, event, added=adds_places(old, rules), now=now, post=post)
    finish(
        session,
        event,
        "event.rules_changed",
        now=now,
        actor=actor,
        post=post,
        changed=list(changed),
        rules={name: [_said(old, name), _said(rules, name)] for name in changed},
    )
    return changed


def _said(rules: AdmissionRules, name: str) -> object:
    value = getattr(rules, name)
    return value.isoformat() if isinstance(value, datetime) else value
