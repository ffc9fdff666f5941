"""Which dates a letter about a person's seats shows, and which it says are gone."""

from collections.abc import Iterable
from datetime import datetime

from dialognav.mail.appointments import Facts
from dialognav.mail.audience import Standing
from dialognav.mail.letters import Writer
from dialognav.models import Attendance, Occasion

Shown = list[tuple[Occasion, str, int | None]]
"""Occasion, how it is attended, and the place in its queue."""


def date_facts(
    writer: Writer, standing: Standing, *, method: str = "", is_part: bool = False
) -> Facts:
    """`when` and `place` of the first, and `dates` where a letter is about more than one.

    `is_part`: of a series some dates go and the others stay: these are `gone`.
    """
    language, link = standing.language, method == "REQUEST"
    about = [(one.occasion, one.mode, one.position) for one in standing.all]
    shown = _held(writer, standing) or about if is_part or method == "REQUEST" else about
    gone = about if is_part else []
    dates = [_date(writer, *one, language, link=link) for one in shown]
    off = [_date(writer, *one, language, link=False) for one in gone]
    first, number = (off or dates)[0], standing.number
    facts = {"when": first["when"], "place": first["place"]}
    if len(dates) > 1 or off:
        facts |= {"dates": dates, "gone": off}
    elif standing.occasion.title:
        facts["title"] = writer.full_title(standing.occasion, language)
    if len(writer.event.occasions) > 1 and not writer.is_of_series(standing.occasion):
        facts["occasion"] = standing.occasion.id
    if number[1] > 1:
        facts["number"] = {"this": number[0], "of": number[1]}
    if standing.in_feed:
        facts["in_feed"] = True
    return facts


def last_end(writer: Writer, standing: Standing) -> datetime:
    """After it nobody needs a letter about these seats."""
    return max(one.ends_at for one in _occasions(writer, standing))


def _occasions(writer: Writer, standing: Standing) -> Iterable[Occasion]:
    yield from (one.occasion for one in standing.all)
    yield from (occasion for occasion, _mode, _position in _held(writer, standing))


def _held(writer: Writer, standing: Standing) -> Shown:
    if not writer.is_of_series(standing.occasion):
        return []
    seats: list[Attendance] = writer.dates_of(standing.participant)
    return [(seat.occasion, seat.mode, None) for seat in seats]


def _date(
    writer: Writer,
    occasion: Occasion,
    mode: str,
    position: int | None,
    language: str,
    *,
    link: bool,
) -> Facts:
    return {
        "when": writer.when_facts(occasion),
        "place": writer.place_facts(occasion, mode, language, link=link),
        "name": writer.said(occasion.title, language) if occasion.title else None,
        "position": position,
    }
