"""Who of the team cannot come, and when; and the reason that everybody is told."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, Form, SelectField, StringField

from blueprints.forms import AtMost, BaseForm, Required, TextField, options
from blueprints.manage.typed import complain, read_time
from dialognav.domain.bookings import Span
from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timing import to_instant, to_wall
from dialognav.i18n import date_text, lazy
from dialognav.i18n import gettext as _
from dialognav.models import TeamMember
from dialognav.queries.meeting_board import Board

_EVER = timedelta(days=400)
Choices = list[tuple[str, str]]


class AbsenceForm(Form):
    """Asked by GET: it changes nothing. With `later` also on all later days."""

    member = SelectField(lazy("Who cannot come"), validate_choice=False)
    day = SelectField(lazy("Which day"), validate_choice=False)
    since = StringField(lazy("From what time"))
    later = BooleanField(lazy("And all later days"))
    at: time | None = None
    codes: tuple[set[str], set[str]]

    def choose_among(self, members: Choices, days: Choices) -> "AbsenceForm":
        self.member.choices, self.day.choices = options(members), options(days)
        self.codes = {code for code, _words in members}, {code for code, _words in days}
        return self

    def validate(self, extra_validators: object = None) -> bool:
        super().validate()
        if self.member.data not in self.codes[0]:
            complain(self.member, _("Choose somebody of the team"))
        if self.day.data not in self.codes[1]:
            complain(self.day, _("Choose a day"))
        self.at = read_time(self.since)
        return not self.errors and not any(field.errors for field in self)


class ReplanForm(BaseForm):
    reason = TextField(
        lazy("Reason"),
        [Required(lazy("Write why: those whose meeting changes read it")), AtMost(500)],
    )


def absence_choices(
    team: Iterable[TeamMember], board: Board, now: datetime
) -> tuple[Choices, Choices]:
    """Those who are in a meeting to come, and the days that have one."""
    ahead = [slot for slot in board.slots if now < slot.ends_at]
    needed = {one.member_id for slot in ahead for one in slot.staff}
    members = [(one.public_id, one.name) for one in team if one.id in needed]
    dates = sorted({to_wall(slot.starts_at, board.event.zone).date() for slot in ahead})
    return members, [(day.isoformat(), date_text(day)) for day in dates]


def read_span(form: Any, zone: str) -> Span:
    """From the day's beginning, or the time said, to its end or for ever."""
    day = date.fromisoformat(str(form.day.data))
    since = _instant(datetime.combine(day, form.at or time()), zone)
    until = _instant(datetime.combine(day + timedelta(days=1), time()), zone)
    return since, until + _EVER if form.later.data else until


def _instant(wall: datetime, zone: str) -> datetime:
    """Where the clock skips that time: the hour after."""
    try:
        return to_instant(wall, zone)
    except NoSuchTime:
        return to_instant(wall + timedelta(hours=1), zone)
