"""The rules of admission of an event: read from its row, and changed as one thing."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.event_moves import finish
from dialognav.actions.queues import resume_queue
from dialognav.domain.errors import EditedMeanwhile, RulesCannotBe
from dialognav.domain.rules import (
    COLUMNS,
    MORE,
    OF_OCCASION,
    RULES,
    AdmissionRules,
    Places,
    adds_places,
    changed_rules,
    flatten,
    marks,
    what_cannot_be,
)
from dialognav.domain.terms import EventState
from dialognav.mail.post import Post
from dialognav.models import Event, lock_event

_UNSEEN = (EventState.DRAFT, EventState.SCHEDULED)


def rules_of(event: Event) -> AdmissionRules:
    """The event's rules as they stand, with the places of its live occasions."""
    first, *others = event.live_occasions
    values = {
        name: getattr(first if name in OF_OCCASION else event, COLUMNS.get(name, name))
        for name in RULES
        if name != MORE
    }
    more = (Places(each.id, each.capacity_on_site, each.capacity_online) for each in others)
    return AdmissionRules(**values, more_places=tuple(more))


def write_rules(event: Event, rules: AdmissionRules) -> None:
    """Put the rules into the event's rows, whatever they say."""
    first, *others = event.live_occasions
    for name in RULES:
        if name != MORE:
            row = first if name in OF_OCCASION else event
            setattr(row, COLUMNS.get(name, name), getattr(rules, name))
    for places, occasion in zip(rules.more_places, others, strict=True):
        occasion.capacity_on_site, occasion.capacity_online = places.on_site, places.online


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
    """Change the rules; returns the keys (rules.flatten()) that differ now.

    `expected` are the marks of the rules the editor began with: EditedMeanwhile when others hold.
    RulesCannotBe names what contradicts. Places that are added go to those who wait. Nobody who has
    a place loses it: what now is fewer than those who came is for the page to say.
    """
    event = lock_event(session, event_id)
    old = rules_of(event)
    if marks(old) != expected:
        raise EditedMeanwhile
    assert event.last_start is not None
    is_seen = event.state not in _UNSEEN
    if wrong := tuple(what_cannot_be(rules, event.format, event.last_start, is_seen=is_seen)):
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
        rules={key: [_said(old, key), _said(rules, key)] for key in changed},
        occasions={str(each.id): each.starts_at.isoformat() for each in event.live_occasions[1:]},
    )
    return changed


def _said(rules: AdmissionRules, key: str) -> object:
    value = flatten(rules)[key]
    return value.isoformat() if isinstance(value, datetime) else value
