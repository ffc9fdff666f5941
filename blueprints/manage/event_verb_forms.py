"""Short forms of the event workspace: a first date, a new date, a publication time, a reason."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from holidays import country_holidays
from wtforms import HiddenField, RadioField

from blueprints.forms import AtMost, BaseForm, LineField, Required, TextField, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG
from dialognav import words
from dialognav.domain.drafts import Text
from dialognav.domain.publishing import WORKING_DAYS_BEFORE, working_days_before
from dialognav.domain.timing import to_instant, to_wall
from dialognav.i18n import NAMES, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Event

MOST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Times:
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime | None


class TimesForm(BaseForm):
    """When an event is held and the last day to register."""

    date = LineField(lazy("Date"), [Required(lazy("Enter the date"))])
    from_time = LineField(lazy("From"), [Required(lazy("Enter when it begins"))])
    to_time = LineField(lazy("To"), [Required(lazy("Enter when it ends"))])
    end_date = LineField(lazy("Last day, if there are several"))
    closes_date = LineField(lazy("Last day to register"))
    closes_time = LineField(lazy("Time"))

    def times(self, zone: str, *, after: datetime | None = None) -> Times | None:
        """The instants, or None when a field got a sentence. `after`: it has to begin later."""
        day, last_day = typed.read_date(self.date), typed.read_date(self.end_date)
        clock, until = typed.read_time(self.from_time), typed.read_time(self.to_time)
        starts_at = typed.read_instant(day, clock, zone, self.from_time)
        ends_at = typed.read_instant(last_day or day, until, zone, self.to_time)
        closes_at = typed.read_moment(self.closes_date, self.closes_time, zone, typed.LAST_MINUTE)
        if starts_at and ends_at and ends_at <= starts_at:
            typed.complain(self.to_time, _("It has to end after it begins"))
        if starts_at and after and starts_at <= after:
            typed.complain(self.date, _("Choose a time that has not passed"))
        if starts_at and closes_at and closes_at > starts_at:
            typed.complain(
                self.closes_date,
                _("The last day to register cannot be after the event has begun"),
            )
        if any(field.errors for field in self) or starts_at is None or ends_at is None:
            return None
        return Times(starts_at, ends_at, closes_at)


def typed_times(
    starts_at: datetime, ends_at: datetime, closes_at: datetime | None, zone: str
) -> dict[str, str]:
    """The data of a TimesForm that shows these instants."""
    starts, ends = to_wall(starts_at, zone), to_wall(ends_at, zone)
    data = {
        "date": starts.date().isoformat(),
        "from_time": f"{starts:%H:%M}",
        "to_time": f"{ends:%H:%M}",
        "end_date": ends.date().isoformat() if ends.date() != starts.date() else "",
    }
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
    days_off = _days_off(country, day.year) | _days_off(country, day.year - 1)
    last = working_days_before(day, WORKING_DAYS_BEFORE, days_off.__contains__)
    closes_at = to_instant(datetime.combine(last, typed.LAST_MINUTE), zone)
    return closes_at if closes_at > now else starts_at


def deadline_for(event: Event, starts_at: datetime, now: datetime) -> datetime:
    """The suggested deadline of an event that begins at another time."""
    return suggested_deadline(starts_at, event.zone, event.organisation.country, now)


@lru_cache(maxsize=64)
def _days_off(country: str, year: int) -> frozenset[date]:
    """Public holidays; a country that is not known has none."""
    try:
        return frozenset(country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


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
