"""When one may expect people to answer: Monday to Friday, 8 to 20, but not on public holidays.

The days are those of the organiser's country (by the `holidays` package, which follows the laws:
lag 1989:253 in Sweden), the hours those of the organiser's zone. Sweden's Midsummer Eve, Christmas
Eve and New Year's Eve count as holidays, as for every period a law sets (lag 1930:173, 2 §).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timing import to_instant, to_wall

OPENS, CLOSES = time(8), time(20)
SATURDAY = 5
_CATEGORIES = {"SE": ("public", "de_facto")}


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Of one organiser. A country that `holidays` does not know has its weekends only."""

    zone: str
    country: str

    def is_working(self, instant: datetime) -> bool:
        """Both ends belong to the working day: 8.00 and 20.00 sharp are working instants."""
        opens, closes = self._bounds(to_wall(instant, self.zone).date())
        return opens is not None and closes is not None and opens <= instant <= closes

    def next(self, instant: datetime) -> datetime:
        """The instant itself when it is a working one, else the next opening."""
        day = to_wall(instant, self.zone).date()
        while True:
            opens, closes = self._bounds(day)
            if opens is not None and closes is not None and instant <= closes:
                return max(instant, opens)
            day += timedelta(days=1)

    def last(self, instant: datetime) -> datetime:
        """The instant itself when it is a working one, else the last closing before it."""
        day = to_wall(instant, self.zone).date()
        while True:
            opens, closes = self._bounds(day)
            if opens is not None and closes is not None and instant >= opens:
                return min(instant, closes)
            day -= timedelta(days=1)

    def _bounds(self, day: date) -> tuple[datetime, datetime] | tuple[None, None]:
        """When the day opens and closes; nothing for a day off."""
        if day.weekday() >= SATURDAY or day in holidays_of(self.country, day.year):
            return None, None
        try:
            return (
                to_instant(datetime.combine(day, OPENS), self.zone),
                to_instant(datetime.combine(day, CLOSES), self.zone),
            )
        except NoSuchTime:  # a zone that skipped the day
            return None, None


@lru_cache(maxsize=256)
def holidays_of(country: str, year: int) -> frozenset[date]:
    """The days off beside weekends, by ISO 3166 code; none for a country that is not known."""
    import holidays

    categories = _CATEGORIES.get(country, ("public",))
    try:
        return frozenset(holidays.country_holidays(country, years=year, categories=categories))
    except NotImplementedError:  # what the package raises for one
        return frozenset()
