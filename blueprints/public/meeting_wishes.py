"""What a wish for a one-to-one meeting can say at an event, what it says, and what was meant."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from blueprints.public.meeting_details import choosable
from blueprints.public.meeting_form import Askable, DayPart, RequestForm
from blueprints.public.meeting_grid import Plan, cell_of
from blueprints.public.meeting_page import is_shown
from blueprints.public.meeting_views import Seen
from dialognav.actions.meeting_requests import Asked
from dialognav.db import db
from dialognav.domain.meeting_terms import HandOut, SlotState
from dialognav.domain.terms import Mode
from dialognav.domain.timing import to_instant
from dialognav.i18n import date_text
from dialognav.i18n import gettext as _
from dialognav.models import MeetingRequest, MeetingRules, Slot
from dialognav.queries import meeting_plans
from dialognav.words import MODES

_HALF = timedelta(hours=12)  # not from midnight, which some clocks skip


def slots_to_wish(seen: Seen) -> list[Slot]:
    """What can be wished for: all that is public and ahead, whoever might get it."""
    slots = meeting_plans.slots_of(db.session(), seen.event.id, published_only=True)
    return [
        slot
        for slot in slots
        if slot.state == SlotState.OPEN and is_shown(slot, seen) and seen.now < slot.starts_at
    ]


def askable_of(seen: Seen, rules: MeetingRules) -> Askable:
    slots = slots_to_wish(seen)
    plan = Plan(seen.event, slots, (), {}, seen.own_zone)
    ranks = rules.hand_out == HandOut.WISHES
    present = {slot.table.mode for slot in slots}
    return Askable(
        choosable=choosable(seen.own, rules),
        most_wishes=min(rules.most_wishes, len(slots)) if ranks else 0,
        slots=[
            (date_text(day, style="long"), [_choice(plan, slot) for slot in group])
            for day, group in groupby(slots, lambda slot: plan.day_of(slot.starts_at))
        ],
        modes=[(mode, str(MODES[mode])) for mode in Mode if mode in present],
        parts=list(_parts(plan)),
    )


def _choice(plan: Plan, slot: Slot) -> tuple[str, str]:
    """A time by its whole name: an option of a select is read without its group's."""
    cell = cell_of(plan, slot)
    day = date_text(slot.starts_at, plan.event.zone, "short")
    words = _("%(day)s %(time)s, %(place)s", day=day, time=cell.time, place=cell.place)
    return cell.id, f"{words}, {cell.elsewhere}" if cell.elsewhere else words


def _parts(plan: Plan) -> Iterator[DayPart]:
    """Before and after noon, of the days with times then."""
    for day in sorted({plan.day_of(slot.starts_at) for slot in plan.slots}):
        name = date_text(day, style="short")
        noon = to_instant(datetime.combine(day, time(12)), plan.event.zone)
        before = DayPart(f"{day:%Y%m%d}a", _("%(day)s, before 12", day=name), noon - _HALF, noon)
        after = DayPart(f"{day:%Y%m%d}p", _("%(day)s, after 12", day=name), noon, noon + _HALF)
        for part in (before, after):
            if any(
                slot.starts_at < part.ends_at and part.starts_at < slot.ends_at
                for slot in plan.slots
            ):
                yield part


def standing(askable: Askable, asked: MeetingRequest | None) -> dict[str, Any]:
    """What was said before; of a first one everybody who has room, any way and any language."""
    people = askable.choosable.people
    named = set(asked.people) if asked else {one.id for one in people[: askable.choosable.most]}
    given: dict[str, Any] = {
        "people": [one.public_id for one in people if one.id in named],
        "modes": [code for code, _name in askable.modes],
        "languages": [code for code, _name in askable.choosable.languages],
    }
    if asked is None:
        return given
    wishes = {f"wish_{wish.rank}": wish.slot.public_id for wish in asked.wishes}
    return (
        given
        | wishes
        | {
            "modes": asked.modes or given["modes"],
            "languages": asked.languages or given["languages"],
            "away": [part.value for part in askable.parts if _is_away(part, asked.away)],
            "topics": asked.topics,
            "secret_marks": asked.secret_marks,
            "secret_reason": asked.secret_reason,
        }
    )


def _is_away(part: DayPart, spans: Sequence[Sequence[str]]) -> bool:
    return any(
        datetime.fromisoformat(begins) <= part.starts_at
        and part.ends_at <= datetime.fromisoformat(ends)
        for begins, ends in spans
    )


def asked_of(form: RequestForm, seen: Seen) -> Asked:
    """All the ways or languages there are is the same as any: nothing is left out later."""
    ids = {slot.public_id: slot.id for slot in slots_to_wish(seen)}
    return Asked(
        people=form.person_ids,
        modes=_some(form, "modes"),
        languages=_some(form, "languages"),
        away=tuple((part.starts_at, part.ends_at) for part in form.away_spans),
        topics=str(form.topics.data or ""),
        secret_marks=str(form.secret_marks.data or ""),
        secret_reason=str(form.secret_reason.data or ""),
        wishes=tuple(ids[public_id] for public_id in form.ranked if public_id in ids),
    )


def _some(form: RequestForm, name: str) -> tuple[str, ...]:
    """() for all of them, and for none ticked."""
    if name not in form:
        return ()
    field = form[name]
    chosen = tuple(field.data or ())
    return () if len(chosen) == len(field.choices or ()) else chosen
