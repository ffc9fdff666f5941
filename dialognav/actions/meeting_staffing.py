"""Who of the team is in which one-to-one meeting: nobody in two at once, whoever asks for it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.meeting_claims import claim, engagements_of
from dialognav.actions.meeting_offers import lapse_due, offer_on
from dialognav.actions.meeting_record import record_plan
from dialognav.domain.bookings import what_stops
from dialognav.domain.errors import NotFound, TwoPlaces
from dialognav.domain.meeting_teams import twice_at_once
from dialognav.domain.slots import Span
from dialognav.mail.meeting_notices import Staffed, tell_staffed
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingRules, Slot, SlotStaff, TeamMember, lock_event
from dialognav.models.meeting_elsewhere import clashes_elsewhere
from dialognav.models.meeting_facts import rules_facts, slot_facts
from dialognav.models.meeting_plan import standing_slots

People = Mapping[int, str]
"""{member id: role}"""


def locked_slot(session: Session, slot_id: int) -> tuple[Event, Slot]:
    """The slot as it stands under its event's lock. NotFound when there is none."""
    event_id = session.scalar(sa.select(Slot.event_id).where(Slot.id == slot_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    return event, session.get_one(Slot, slot_id, populate_existing=True)


def staff_slot(
    session: Session, slot_id: int, people: People, *, now: datetime, actor: str, post: Post
) -> bool:
    """These are in the meeting, and no others; whether that is a change. Raises put_people()'s."""
    event, slot = locked_slot(session, slot_id)
    stood = open_to_all(session, event, [slot], now=now)
    if not put_people(session, event, {slot.id: people}, now=now, post=post):
        return False
    record_plan(session, event, "slots.staffed", now=now, actor=actor, slots=[slot.id])
    offer_what_is_free(session, event, [slot], but=stood, now=now, post=post)
    return True


def open_to_all(
    session: Session, event: Event, slots: Iterable[Slot], *, now: datetime
) -> frozenset[int]:
    """Those of these that whoever comes first may choose, as things stand; ids."""
    session.flush()
    rules = rules_facts(session, event, now=now)
    facts = slot_facts(session, event.id, rules, now=now, only=[slot.id for slot in slots])
    return frozenset(one.id for one in facts.values() if not what_stops(one, None, rules, now))


def offer_what_is_free(
    session: Session,
    event: Event,
    slots: Iterable[Slot],
    *,
    but: Collection[int] = (),
    now: datetime,
    post: Post,
) -> None:
    """Slots that can be had since this moment go to who waits, once they are open to all; `but`
    these, which were open_to_all() before and stay so."""
    session.flush()
    lapse_due(session, event, now=now, post=post)
    rules = session.get_one(MeetingRules, event.id)
    ids = [
        slot.id
        for slot in slots
        if slot.id not in but
        and slot.published_at is not None
        and all(at is not None and at <= now for at in (rules.opens_at, slot.opens_at or now))
    ]
    if ids:
        offer_on(session, event, ids, now=now, post=post)


def put_people(
    session: Session,
    event: Event,
    wanted: Mapping[int, People],
    *,
    now: datetime,
    post: Post,
    moved: Collection[int] = (),
) -> list[int]:
    """Fill slots of a locked event with these people; the ids of the slots that changed.

    TwoPlaces names who would be in two meetings at once, EngagedElsewhere who is in another
    event's then: who is new there, or everybody of slots that have `moved`. NotFound means that
    somebody is not of the team. Both sides' calendars follow where a meeting is booked and to come.
    """
    slots = {slot.id: slot for slot in standing_slots(session, event.id)}
    team = team_in_force(session, event.id)
    asked = {member for people in wanted.values() for member in people}
    if not (asked <= team.keys() and wanted.keys() <= slots.keys()):
        raise NotFound
    changed = [slot_id for slot_id in wanted if people_of(slots[slot_id]) != wanted[slot_id]]
    teams = {slot.id: wanted.get(slot.id, people_of(slot)) for slot in slots.values()}
    spans = {slot.id: (slot.starts_at, slot.ends_at) for slot in slots.values()}
    if twice := twice_at_once(teams, spans) & asked:
        raise TwoPlaces(*sorted(twice))
    new = [
        (Span(*spans[one]), wanted[one].keys() - (() if one in moved else people_of(slots[one])))
        for one in {*changed, *moved}
    ]
    claim(session, event, new, now=now)
    told = [_put(slots[slot_id], wanted[slot_id], team) for slot_id in changed]
    session.flush()
    if told := [each for each in told if each[0].starts_at > now]:
        tell_staffed(session, told, now=now, post=post)
    return changed


def _put(slot: Slot, people: People, team: Mapping[int, TeamMember]) -> Staffed:
    before = {one.member_id: one for one in slot.staff}
    gone = [one.member for member_id, one in before.items() if member_id not in people]
    new = [team[member_id] for member_id in people if member_id not in before]
    for member_id, role in people.items():
        if member_id in before:
            before[member_id].role = role
    added = [SlotStaff(member=member, role=people[member.id]) for member in new]
    slot.staff = [one for one in slot.staff if one.member_id in people] + added
    return slot, gone, new


def leave_to_others(
    session: Session, event: Event, slots: Collection[Slot], *, now: datetime, actor: str
) -> None:
    """Out of these slots of a locked event, which nobody has, who became another event's while
    this one claimed nobody."""
    everybody = {member for slot in slots for member in people_of(slot)}
    engagements = engagements_of(session, event, everybody, now=now)
    left = []
    for slot in slots:
        span = Span(slot.starts_at, slot.ends_at)
        gone = {who for who, _event in clashes_elsewhere(engagements, [(span, people_of(slot))])}
        if gone:
            slot.staff = [one for one in slot.staff if one.member_id not in gone]
            left.append(slot.id)
    if left:
        record_plan(session, event, "slots.staffed", now=now, actor=actor, slots=left)


def people_of(slot: Slot) -> dict[int, str]:
    return {one.member_id: one.role for one in slot.staff}


def team_in_force(session: Session, event_id: int) -> dict[int, TeamMember]:
    """By id, those who have not left."""
    rows = session.scalars(
        sa.select(TeamMember).where(
            TeamMember.event_id == event_id, TeamMember.removed_at.is_(None)
        )
    )
    return {member.id: member for member in rows}
