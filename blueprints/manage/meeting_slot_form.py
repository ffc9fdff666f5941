"""The form of one time for a one-to-one meeting."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from wtforms import HiddenField

from blueprints.forms import AtMost, BaseForm, LineField, Required
from blueprints.manage import typed
from blueprints.manage.meeting_both import mark_of
from blueprints.manage.meeting_people import PeopleFields, people_fields, typed_people
from blueprints.manage.meeting_team_form import said_span
from blueprints.manage.meeting_windows_form import read_span
from dialognav.actions.meeting_slot_changes import SlotDraft
from dialognav.domain.timing import to_wall
from dialognav.i18n import lazy, list_text
from dialognav.meeting_words import TABLE_ROLES
from dialognav.models import TeamMember

NAMES: dict[str, Any] = {
    "span": lazy("When"),
    "people": lazy("Who is there"),
    "online_url": lazy("Link of this meeting alone"),
    "deviation": lazy("Why it differs from the others"),
}


class SlotFormBase(PeopleFields, BaseForm):
    version = HiddenField()
    day = LineField(lazy("Date"), [Required(lazy("Enter a date")), AtMost(20)])
    from_time = LineField(lazy("From"), [AtMost(10)])
    to_time = LineField(lazy("To"), [AtMost(10)])
    deviation = LineField(NAMES["deviation"], [AtMost(500)])
    online_url = LineField(NAMES["online_url"], [AtMost(1000)])

    def read(self, zone: str) -> SlotDraft | None:
        """None when a field got a sentence. Call it on a validated form."""
        typed.check_web_address(self.online_url)
        span = read_span(typed.read_date(self.day), self.from_time, self.to_time, zone)
        if span is None or any(field.errors for field in self):
            return None
        return SlotDraft(span, self.people, self.online_url.data or "", self.deviation.data or "")


@lru_cache(maxsize=64)
def _form_class(team: tuple[int, ...]) -> type[SlotFormBase]:
    return type("SlotForm", (SlotFormBase,), people_fields(team))


def slot_form(team: Sequence[TeamMember]) -> type[SlotFormBase]:
    return _form_class(tuple(member.id for member in team))


def fresh_form(
    team: Sequence[TeamMember], slot: SlotDraft, zone: str, base: SlotDraft | None = None
) -> SlotFormBase:
    """A form that shows a time and remembers what it began with: `base`, or the same."""
    begins, ends = (to_wall(at, zone) for at in slot.span)
    data = {
        "version": mark_of(base or slot),
        "day": begins.date().isoformat(),
        "from_time": f"{begins:%H:%M}",
        "to_time": f"{ends:%H:%M}",
        "deviation": slot.deviation,
        "online_url": slot.online_url,
        **typed_people(slot.people),
    }
    return slot_form(team)(formdata=None, data=data)


def said_part(name: str, value: Any, zone: str, team: Sequence[TeamMember]) -> str:
    """A part of a draft for a colleague to read."""
    if name == "span":
        return said_span(value, zone)
    if name == "people":
        names = {member.id: member.name for member in team}
        return list_text([f"{names[who]}: {TABLE_ROLES[role]}" for who, role in value.items()])
    return str(value)
