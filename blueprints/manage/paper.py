"""What stands on paper, as data: the same for the page one prints and for the PDF.

No address, no telephone number, no need of food or help: paper is left lying (domain.md 2.5).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from blueprints.manage.workspace import title_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.names import alphabetical, by_last_word, split_name
from dialognav.domain.terms import Mode
from dialognav.i18n import current_language, date_text, moment_text, ngettext, pick, when_text
from dialognav.i18n import gettext as _
from dialognav.models import Attendance, Event, Occasion
from dialognav.queries import presence
from dialognav.words import MODES

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    given: str
    family: str
    title: str
    party: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Choice:
    """`kind` is attendance (with boxes to tick) or participants; `order` name or party."""

    occasion: Occasion
    kind: str = "attendance"
    order: str = "name"
    mode: str = ""


def rows_of(choice: Choice) -> list[Row]:
    """Those with a place, in the order of the reader's alphabet."""
    seats = presence.seats_at(
        db.session(), choice.occasion.id, states=presence.COMES, mode=choice.mode
    )
    language = current_language()

    def key(seat: Attendance) -> Any:
        name = by_last_word(seat.participant.name, language)
        party = alphabetical(seat.participant.registration.party_name, language)
        return (party, name) if choice.order == "party" else (name, party)

    return [_row(seat) for seat in sorted(seats, key=key)]


def _row(seat: Attendance) -> Row:
    person = seat.participant
    given, family = split_name(person.name)
    return Row(given, family, person.title, person.registration.party_name)


def groups_of(choice: Choice, rows: Sequence[Row]) -> list[Group]:
    """One list, or one for each organisation."""
    if choice.order != "party":
        return [Group("", list(rows))]
    return [Group(party, list(of)) for party, of in groupby(rows, key=lambda row: row.party)]


def sheet_of(event: Event, choice: Choice, number: int) -> dict[str, Any]:
    """The head and the foot of a sheet."""
    occasion, title = choice.occasion, title_of(event)
    kinds = {
        "attendance": _("Attendance list"),
        "participants": _("Participants"),
        "badges": _("Name badges"),
        "catering": _("For the caterer"),
    }
    kind = kinds[choice.kind]
    mode = f" ({MODES[choice.mode]})" if choice.mode else ""
    primary = event.primary_language
    venue = pick(occasion.venue, current_language(), primary)[0]
    where = ", ".join(filter(None, (venue, occasion.address)))
    when = when_text(
        occasion.starts_at, occasion.ends_at, event.zone, "long", all_day=occasion.all_day
    )
    printed = _("Printed %(when)s", when=moment_text(utcnow(), event.zone, "medium"))
    people = ngettext("%(num)s person", "%(num)s people", number)
    return {
        "lang": current_language(),
        "title": f"{kind}: {title}",
        "organiser": pick(event.organisation.name, current_language(), primary)[0],
        "kind": kind + mode,
        "heading": title,
        "lines": [when, *([where] if where and choice.mode != Mode.ONLINE else [])],
        "remark": ". ".join(filter(None, (event.diary_number, people, printed))) + ".",
        "footer": _footer(event, choice),
    }


def _footer(event: Event, choice: Choice) -> str:
    if choice.kind == "catering":
        return _("Numbers only: who needs what is nobody's business but theirs.")
    day = date_text(choice.occasion.ends_at + KEPT_FOR, event.zone)
    return _("Personal data. Destroy it after the event, by %(day)s at the latest.", day=day)


def people_data(event: Event, choice: Choice) -> dict[str, Any]:
    rows = rows_of(choice)
    return sheet_of(event, choice, len(rows)) | {
        "ticks": choice.kind == "attendance",
        "heads": {"box": _("Here"), "name": _("Name"), "party": _("Organisation")},
        "groups": [asdict(group) for group in groups_of(choice, rows)],
    }


def badge_data(event: Event, choice: Choice) -> dict[str, Any]:
    rows = rows_of(choice)
    day = date_text(choice.occasion.starts_at, event.zone, "short")
    return sheet_of(event, choice, len(rows)) | {
        "short": title_of(event),
        "day": day,
        "rows": [{"name": row.name, "party": row.party, "title": row.title} for row in rows],
    }


def catering_data(event: Event, choice: Choice) -> dict[str, Any]:
    """How many eat, and how many of them need what."""
    session = db.session()
    needs = presence.diet_numbers(session, event.id)
    number = presence.eaters(session, event.id)
    others = max(number - sum(count for _need, count in needs), 0)
    rows = [*needs, (_("No need said"), others)]
    return sheet_of(event, choice, number) | {
        "heads": [_("Need"), _("How many")],
        "rows": [list(row) for row in rows],
    }
