"""Short forms of the event workspace: a first date, a new date, a publication time, a reason."""

from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Any, Self

from wtforms import BooleanField, HiddenField, RadioField

from blueprints.forms import AtMost, BaseForm, LineField, Required, TextField, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG
from blueprints.manage.occasion_binding import read_span, typed_line
from dialognav import words
from dialognav.domain.drafts import Text
from dialognav.domain.errors import NoSuchTime, NotASeries
from dialognav.domain.occasions import OccasionLine
from dialognav.domain.publishing import WORKING_DAYS_BEFORE, working_days_before
from dialognav.domain.timing import to_instant, to_wall
from dialognav.domain.working_hours import holidays_of
from dialognav.i18n import NAMES, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Event

MOST_REASON = 1000
HOUR_REFUSED = (NoSuchTime, NotASeries)
"""What a verb that takes a TimesForm raises over a change of clocks; then refuse_hour()."""


@dataclass(frozen=True, slots=True)
class Times:
    """Of several occasions only the first one's start counts: `ends_at` is None."""

    starts_at: datetime
    ends_at: datetime | None
    all_day: bool | None
    closes_at: datetime | None

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.starts_at, self.ends_at or self.starts_at


class TimesForm(BaseForm):
    """When an event is held and the last day to register."""

    date = LineField(lazy("Date"), [Required(lazy("Enter the date"))])
    all_day = BooleanField(lazy("All day"))
    from_time = LineField(lazy("From"))
    to_time = LineField(lazy("To"))
    end_date = LineField(lazy("Last day, if there are several"))
    closes_date = LineField(lazy("Last day to register"))
    closes_time = LineField(lazy("Time"))

    def fit(self, event: Event) -> Self:
        """Ask of several occasions only when the first begins: the others follow."""
        if len(live := event.live_occasions) > 1:
            del self.to_time, self.end_date, self.all_day
            if live[0].all_day:
                del self.from_time
        return self

    @property
    def of_several(self) -> bool:
        return "to_time" not in self

    def times(self, zone: str, *, after: datetime | None = None) -> Times | None:
        """The instants, or None when a field got a sentence. `after`: it has to begin later."""
        starts_at, ends_at = self._span(zone)
        closes_at = typed.read_moment(self.closes_date, self.closes_time, zone, typed.LAST_MINUTE)
        if starts_at and after and starts_at <= after:
            typed.complain(self.date, _("Choose a time that has not passed"))
        if starts_at and closes_at and closes_at > starts_at:
            typed.complain(
                self.closes_date,
                _("The last day to register cannot be after the event has begun"),
            )
        if any(field.errors for field in self) or starts_at is None:
            return None
        all_day = None if self.of_several else bool(self.all_day.data)
        return Times(starts_at, ends_at, all_day, closes_at)

    def refuse_hour(self) -> None:
        """Say at the time, or at the day when it is of whole days, that the clocks stand in the
        way of something that moves along: another session, or a point of the programme."""
        typed.complain(
            self.from_time if "from_time" in self else self.date,
            _(
                "One of the times would be in an hour that the clocks skip or show twice."
                " Choose another."
            ),
        )

    def _span(self, zone: str) -> tuple[datetime | None, datetime | None]:
        if not self.of_several:
            return read_span(self, zone)
        day = typed.read_date(self.date)
        if "from_time" not in self:
            return typed.read_instant(day, time(0), zone, self.date), None
        if not self.from_time.data:
            typed.complain(self.from_time, _("Enter when it begins"))
        return typed.read_instant(day, typed.read_time(self.from_time), zone, self.from_time), None


def typed_times(first: OccasionLine, closes_at: datetime | None, zone: str) -> dict[str, Any]:
    """The data of a TimesForm that shows when an event's first occasion is."""
    data = typed_line(first, zone, ())
    if closes_at is not None:
        closes = to_wall(closes_at, zone)
        data |= {"closes_date": closes.date().isoformat(), "closes_time": f"{closes:%H:%M}"}
    return data


class NewEventForm(TimesForm):
    """What an event cannot be without; everything else is written in the editor."""

    kind = RadioField(
        lazy("Kind"),
        choices=options(words.KINDS.items()),
        **WRONG,
    )
    title = LineField(lazy("Title"), [Required(lazy("Write a title")), AtMost(160)])
    primary_language = RadioField(
        lazy("Written first in"),
        choices=options((code, name) for code, (name, _s) in NAMES.items()),
        **WRONG,
    )


class CopyForm(TimesForm):
    title = LineField(lazy("Title"), [Required(lazy("Write a title")), AtMost(160)])


def suggested_deadline(starts_at: datetime, zone: str, country: str, now: datetime) -> datetime:
    """The end of the day five working days before, or the start when that has passed."""
    day = to_wall(starts_at, zone).date()
    days_off = holidays_of(country, day.year) | holidays_of(country, day.year - 1)
    last = working_days_before(day, WORKING_DAYS_BEFORE, days_off.__contains__)
    closes_at = to_instant(datetime.combine(last, typed.LAST_MINUTE), zone)
    return closes_at if closes_at > now else starts_at


def deadline_for(event: Event, starts_at: datetime, now: datetime) -> datetime:
    """The suggested deadline of an event that begins at another time."""
    return suggested_deadline(starts_at, event.zone, event.organisation.country, now)


class PublishAtForm(BaseForm):
    publish_date = LineField(lazy("Date"), [Required(lazy("Enter the date"))])
    publish_time = LineField(lazy("Time"), [Required(lazy("Enter a time of day, like 09:00"))])

    def instant(self, zone: str, now: datetime) -> datetime | None:
        """When to publish, ahead of now; None when a field got a sentence."""
        at = typed.read_moment(self.publish_date, self.publish_time, zone, time(8))
        if at is not None and at <= now:
            typed.complain(self.publish_date, _("Choose a time that has not passed"))
        return None if any(field.errors for field in self) else at


class ReasonBase(BaseForm):
    languages: tuple[str, ...] = ()  # the primary first
    verb = HiddenField()

    @property
    def texts(self) -> list[tuple[str, str, Any]]:
        return [(code, NAMES[code][0], self[f"reason_{code}"]) for code in self.languages]

    def reason(self) -> Text:
        """{language: words}"""
        return {code: field.data for code, _name, field in self.texts if field.data}


@lru_cache(maxsize=16)
def reason_form(languages: tuple[str, ...]) -> type[ReasonBase]:
    """A reason in each language, the primary one required."""
    fields: dict[str, Any] = {}
    for code in languages:
        needed = [Required(lazy("Write the reason"))] if code == languages[0] else []
        fields[f"reason_{code}"] = TextField(lazy("Reason"), [*needed, AtMost(MOST_REASON)])
    return type("ReasonForm", (ReasonBase,), {**fields, "languages": languages})
