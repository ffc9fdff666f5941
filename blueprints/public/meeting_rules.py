"""How one-to-one meetings are handed out, in plain sentences: from settings, never typed.

They say the same at every instant, so that a page may be kept. What the organiser adds in own words
comes after them (domain.md 3.3: the rule is said before, and kept to).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from blueprints.public.rules import Part
from blueprints.public.said import Said, say
from dialognav.db import db
from dialognav.domain.meeting_rules import DRAWN
from dialognav.domain.meeting_terms import HandOut
from dialognav.domain.terms import Mode, Phase
from dialognav.i18n import (
    current_language,
    date_text,
    language_name,
    list_text,
    local,
    moment_text,
    ngettext,
)
from dialognav.i18n import gettext as _
from dialognav.models import Event, MeetingRules
from dialognav.queries import draws
from dialognav.queries.own_meetings import Times, times_of
from dialognav.words import MODES


@dataclass(frozen=True, slots=True)
class ReadMeetings:
    """`is_ahead`: there are times yet to come, or none are public. `changes` are the instants at
    which a kept page would say something else."""

    parts: tuple[Part, ...]
    text: Said
    later: tuple[str, ...]
    draw_url: str
    is_first_come: bool
    is_ahead: bool
    changes: tuple[datetime, ...]


def read_meetings(event: Event, now: datetime) -> ReadMeetings | None:
    """None while the rules are not public, and from the procurement on."""
    rules = db.session().get(MeetingRules, event.id)
    if rules is None or rules.published_at is None or event.phase == Phase.PROCUREMENT:
        return None
    times = times_of(db.session(), event.id)
    shown = [each for each in times if each.published_at <= now]
    draw = draws.current_draw(db.session(), event.id) if rules.hand_out in DRAWN else None
    return ReadMeetings(
        parts=tuple(meeting_parts(event, rules, shown)),
        text=say(rules.text, event.primary_language),
        later=tuple(_later(event, shown, now)),
        draw_url=url_for(
            "public.draws.show", lang=current_language(), slug=event.slug, draw=draw.public_id
        )
        if draw
        else "",
        is_first_come=rules.hand_out == HandOut.FIRST_COME,
        is_ahead=not shown or now < shown[-1].starts_at,
        changes=tuple(at for each in times for at in each[:4] if isinstance(at, datetime)),
    )


def meeting_parts(event: Event, rules: MeetingRules, times: Sequence[Times]) -> Iterator[Part]:
    said = {
        _("Meeting times"): _times(event, rules, times),
        _("Handed out"): _handed_out(rules),
        _("When"): _when(event, rules),
        _("Who"): _who(rules),
        _("Changes"): _changes(event, rules),
    }
    for term, sentences in said.items():
        if found := tuple(sentences):
            yield Part(term, found)


def _times(event: Event, rules: MeetingRules, times: Sequence[Times]) -> Iterator[str]:
    if times:
        days = dict.fromkeys(local(each.starts_at, event.zone).date() for each in times)
        number = sum(each.number for each in times)
        said = {
            "minutes": rules.slot_minutes,
            "days": list_text([date_text(day) for day in sorted(days)]),
        }
        if any(each.deviates for each in times):
            yield ngettext(
                "%(num)s meeting, as a rule of %(minutes)s minutes, on %(days)s.",
                "%(num)s meetings, as a rule of %(minutes)s minutes, on %(days)s.",
                number,
                **said,
            )
        else:
            yield ngettext(
                "%(num)s meeting of %(minutes)s minutes, on %(days)s.",
                "%(num)s meetings of %(minutes)s minutes each, on %(days)s.",
                number,
                **said,
            )
        modes = [str(MODES[mode]) for mode in Mode if any(mode == each.mode for each in times)]
        yield _("%(modes)s.", modes=list_text([modes[0], *(mode.lower() for mode in modes[1:])]))
    else:
        yield ngettext(
            "Each meeting is %(num)s minute long. The times are not published yet.",
            "Each meeting is %(num)s minutes long. The times are not published yet.",
            rules.slot_minutes,
        )
    if rules.languages:
        spoken = list_text([language_name(code) for code in rules.languages])
        yield _("Languages: %(languages)s.", languages=spoken)


def _handed_out(rules: MeetingRules) -> Iterator[str]:
    yield from {
        HandOut.FIRST_COME: _first_come,
        HandOut.WISHES: _wishes,
        HandOut.LOT: _lot,
        HandOut.BY_HAND: _by_hand,
    }[HandOut(rules.hand_out)](rules)


def _first_come(_rules: MeetingRules) -> Iterator[str]:
    yield _("First come, first served: whoever books a time first has it.")
    yield _(
        "When all are booked there is a waiting list. A time that becomes free is offered to the"
        " first in it."
    )


def _wishes(rules: MeetingRules) -> Iterator[str]:
    yield ngettext(
        "Each supplier says which time it wants most.",
        "Each supplier ranks up to %(num)s times. When does not matter.",
        rules.most_wishes,
    )
    yield _(
        "As many as possible get a meeting, and the wishes are met as well as can be for all. Where"
        " several want the same, a lot decides. It can be checked afterwards by anybody."
    )
    yield _(
        "Where the times are too few, the lot alone decides who gets one, whatever each has wished"
        " for. A time can be given that was not wished for, unless the supplier has said that it"
        " cannot then."
    )
    yield _("Whoever got no time waits, in the order of the lot.")


def _lot(_rules: MeetingRules) -> Iterator[str]:
    yield _(
        "By lot among all who ask in time. When one asks does not matter. The lot can be checked"
        " afterwards by anybody."
    )
    yield _("Whoever got no time waits, in the order of the lot.")


def _by_hand(_rules: MeetingRules) -> Iterator[str]:
    yield _("The organiser hands out the times, and puts the reason for each on record.")
    yield _("All who have asked get the result by e-mail at the same moment.")


def _when(event: Event, rules: MeetingRules) -> Iterator[str]:
    books = rules.hand_out == HandOut.FIRST_COME
    opens, closes = (
        moment_text(at, event.zone, "medium") if at else ""
        for at in (rules.opens_at, rules.closes_at)
    )
    if opens and closes:
        words = (
            _("Booking is open from %(opens)s until %(closes)s.", opens=opens, closes=closes)
            if books
            else _("Ask for a meeting from %(opens)s until %(closes)s.", opens=opens, closes=closes)
        )
        yield words
    elif opens:
        yield (
            _("Booking is open from %(opens)s.", opens=opens)
            if books
            else _("Ask for a meeting from %(opens)s.", opens=opens)
        )


def _who(rules: MeetingRules) -> Iterator[str]:
    yield _("Suppliers who are registered and confirmed, by the link in their mail.")
    yield ngettext(
        "At most %(num)s meeting per organisation.",
        "At most %(num)s meetings per organisation.",
        rules.most_per_party,
    )
    yield ngettext(
        "At most %(num)s person of a supplier in a meeting.",
        "At most %(num)s people of a supplier in a meeting.",
        rules.most_people,
    )


def _changes(event: Event, rules: MeetingRules) -> Iterator[str]:
    if rules.hand_out != HandOut.FIRST_COME:
        yield _("No supplier moves a meeting by itself.")
        asked = event.contact_name, event.contact_email or event.organisation.email
        contact = ", ".join(filter(None, asked)) or event.organisation.name
        yield _("Whoever needs another time asks the organiser: %(contact)s.", contact=contact)
    elif rules.closes_at is not None:
        yield _(
            "A meeting can be moved to another free time until %(closes)s.",
            closes=moment_text(rules.closes_at, event.zone, "medium"),
        )
    else:
        yield _("A meeting can be moved to another free time until it begins.")
    yield _("It can be given up, and other people can come, until it begins.")
    yield from _added(rules)


def _added(rules: MeetingRules) -> Iterator[str]:
    """Where times are chosen, who waits chooses with all others; after a draw they are in line."""
    yield _("Times that are added later are published to all at the same moment.")
    if rules.hand_out == HandOut.FIRST_COME:
        yield _(
            "Those open to all at one instant, which is told before. They are not offered to the"
            " waiting list first."
        )
    elif rules.hand_out in DRAWN:
        yield _("After the result they go to those who wait, in their order.")


def _later(event: Event, times: Sequence[Times], now: datetime) -> Iterator[str]:
    """What was added and can be booked from a time of its own that is ahead."""
    opening: dict[datetime, int] = {}
    for each in times:
        if each.opens_at is not None and now < each.opens_at:
            opening[each.opens_at] = opening.get(each.opens_at, 0) + each.number
    for at, number in sorted(opening.items()):
        yield ngettext(
            "%(num)s time is added. It can be booked from %(opens)s.",
            "%(num)s times are added. They can be booked from %(opens)s.",
            number,
            opens=moment_text(at, event.zone, "medium"),
        )
