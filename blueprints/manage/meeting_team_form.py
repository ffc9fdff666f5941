"""The forms of the team in one-to-one meetings: who joins it, and what is known of each."""

from datetime import time
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField

from blueprints.forms import AddressField, AtMost, BaseForm, LineField, Required, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG, Row
from blueprints.manage.meeting_both import mark_of
from dialognav.actions.meeting_team import MemberDraft, NewMember
from dialognav.domain.slots import Span
from dialognav.domain.timing import to_wall
from dialognav.i18n import NAMES as LANGUAGE_NAMES
from dialognav.i18n import date_text, gettext, lazy, time_range

MOST_AWAY = 40
NAMES: dict[str, Any] = {
    "name": lazy("Name"),
    "title": lazy("Role"),
    "language": lazy("Language of letters"),
    "is_cleared": lazy("Has declared to have no conflict of interest"),
    "away": lazy("Away"),
}
_TONGUES = options((code, own) for code, (own, _short) in LANGUAGE_NAMES.items())


class NewMemberForm(BaseForm):
    user = SelectField(lazy("Who"), **WRONG)
    name = LineField(NAMES["name"], [AtMost(120)])
    email = AddressField(lazy("E-mail"), [AtMost(254)])
    title = LineField(NAMES["title"], [AtMost(120)])
    language = SelectField(NAMES["language"], choices=_TONGUES, **WRONG)
    is_cleared = BooleanField(NAMES["is_cleared"])

    def read(self) -> NewMember | None:
        """None when a field got a sentence. Call it on a validated form."""
        is_outside = not self.user.data
        if is_outside and not self.name.data:
            typed.complain(self.name, gettext("Write the name"))
        if is_outside and not self.email.data and not self.email.errors:
            typed.complain(self.email, gettext("Enter the address that calendar entries go to"))
        if any(field.errors for field in self):
            return None
        return NewMember(
            user_id=None if is_outside else int(self.user.data),
            name=self.name.data or "",
            email=self.email.data or "",
            title=self.title.data or "",
            language=self.language.data,
            is_cleared=bool(self.is_cleared.data),
        )


class AwayRow(Row):
    day = LineField(lazy("Date"), [AtMost(20)])
    from_time = LineField(lazy("From"), [AtMost(10)])
    to_time = LineField(lazy("To"), [AtMost(10)])

    def read(self, zone: str) -> Span | None:
        """None for an empty row, and for one that got a sentence. Without times: the whole day."""
        day = typed.read_date(self.day)
        begins, ends = typed.read_time(self.from_time), typed.read_time(self.to_time)
        if day is None:
            if (begins or ends) and not self.day.errors:
                typed.complain(self.day, gettext("Enter the date too"))
            return None
        starts_at = typed.read_instant(day, begins or time(0), zone, self.from_time)
        ends_at = typed.read_instant(day, ends or typed.LAST_MINUTE, zone, self.to_time)
        if starts_at is None or ends_at is None:
            return None
        if ends_at <= starts_at:
            typed.complain(self.to_time, gettext("It has to end after it begins"))
            return None
        return Span(starts_at, ends_at)


class MemberForm(BaseForm):
    version = HiddenField()
    name = LineField(NAMES["name"], [Required(lazy("Write the name")), AtMost(120)])
    title = LineField(NAMES["title"], [AtMost(120)])
    language = SelectField(NAMES["language"], choices=_TONGUES, **WRONG)
    is_cleared = BooleanField(NAMES["is_cleared"])
    away = FieldList(FormField(AwayRow), max_entries=MOST_AWAY)

    def read(self, zone: str) -> MemberDraft | None:
        """None when a field got a sentence. Call it on a validated form."""
        spans = [row.form.read(zone) for row in self.away]
        wrong = [field for row in self.away for field in row.form if field.errors]
        if wrong or any(field.errors for field in self):
            return None
        return MemberDraft(
            name=self.name.data or "",
            title=self.title.data or "",
            language=self.language.data,
            is_cleared=bool(self.is_cleared.data),
            away=tuple(sorted(span for span in spans if span)),
        )


class ConflictForm(BaseForm):
    registration = SelectField(lazy("Supplier"), **WRONG)
    why = LineField(
        lazy("What the conflict is"),
        [Required(lazy("Say what the conflict of interest is")), AtMost(500)],
    )


def fresh_form(member: MemberDraft, zone: str, base: MemberDraft | None = None) -> MemberForm:
    """A form that shows a member, with two rows to spare, and remembers what it began with."""
    rows = [_typed_span(span, zone) for span in member.away]
    spare: list[dict[str, str]] = [{}, {}]
    data = {
        "version": mark_of(base or member),
        "name": member.name,
        "title": member.title,
        "language": member.language,
        "is_cleared": member.is_cleared,
        "away": (rows + spare)[:MOST_AWAY],
    }
    return MemberForm(formdata=None, data=data)


def _typed_span(span: Span, zone: str) -> dict[str, str]:
    begins, ends = (to_wall(at, zone) for at in span)
    return {
        "day": begins.date().isoformat(),
        "from_time": f"{begins:%H:%M}",
        "to_time": f"{ends:%H:%M}",
    }


def said_part(name: str, value: Any, zone: str) -> str:
    """A part of a draft for a colleague to read."""
    if name == "away":
        return "\n".join(said_span(span, zone) for span in value)
    if name == "language":
        return LANGUAGE_NAMES[value][0]
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value)


def said_span(span: Span, zone: str) -> str:
    return f"{date_text(span.starts_at, zone)}, {time_range(*span, zone)}"
