"""The rules of admission in plain sentences, in the language spoken: from settings, never typed.

They say the same at every instant, so that a page may be kept: what depends on now is the register
box's to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import dates

from dialognav.actions.rules import rules_of
from dialognav.domain import timezones
from dialognav.domain.offers import QueueRule
from dialognav.domain.rules import AdmissionRules
from dialognav.domain.terms import MODES_OF, Attending, Audience, Mode, Promotion, Visibility
from dialognav.domain.working_hours import WorkingHours
from dialognav.i18n import current_language, moment_text, ngettext, pick
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.occasion_names import occasion_name


@dataclass(frozen=True, slots=True)
class Part:
    """What the rules say about one thing."""

    term: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadRules:
    """`changed` is the sentence about the last change, or "" while nothing has changed."""

    parts: tuple[Part, ...]
    changed: str


def read_rules(event: Event, rules: AdmissionRules | None = None) -> ReadRules:
    """The sentences for an event. `rules` stand in for its own: a preview of what was typed."""
    rules = rules or rules_of(event)
    said = {
        _("Who"): _who(rules),
        _("When"): _when(event, rules),
        _("Places"): _places(event, rules),
        _("Waiting list"): _queue(event, rules),
        _("Changes"): _changes(event, rules),
    }
    parts = ((term, tuple(sentences)) for term, sentences in said.items())
    changed = ""
    if event.rules_changed_at is not None:
        when = moment_text(event.rules_changed_at, event.zone, "medium")
        changed = _("The rules were last changed %(when)s.", when=when)
    return ReadRules(tuple(Part(term, each) for term, each in parts if each), changed)


def sentences_of(event: Event, rules: AdmissionRules) -> list[str]:
    """All of them in one row, for a test or a log."""
    return [sentence for part in read_rules(event, rules).parts for sentence in part.sentences]


def _who(rules: AdmissionRules) -> Iterator[str]:
    if rules.visibility == Visibility.INVITED:
        yield _("By personal invitation only: the link in the invitation opens the form.")
    if rules.audience == Audience.BUYERS:
        yield _(
            "For public buyers only: municipalities, regions, state agencies and others that buy"
            " for the public. Suppliers cannot register."
        )
    elif rules.visibility != Visibility.INVITED:
        yield {
            Audience.SUPPLIERS: _(
                "For suppliers, large and small. A public body is welcome as a supplier."
            ),
            Audience.EVERYONE: _("For everyone who wants to come."),
        }[Audience(rules.audience)]
    if rules.asks_mandate:
        yield _("Each person says what mandate they have from their organisation.")


def _when(event: Event, rules: AdmissionRules) -> Iterator[str]:
    if rules.opens_at and rules.closes_at:
        yield _(
            "Registration is open from %(opens)s until %(closes)s.",
            opens=_moment(rules.opens_at, event),
            closes=_moment(rules.closes_at, event),
        )
    elif rules.closes_at:
        yield _("Registration is open until %(closes)s.", closes=_moment(rules.closes_at, event))
    elif rules.opens_at:
        yield _(
            "Registration is open from %(opens)s until the event begins.",
            opens=_moment(rules.opens_at, event),
        )
    else:
        yield _("Registration is open until the event begins.")
    yield _("All times are local time in %(place)s.", place=_city(event.zone))


def _moment(instant: datetime, event: Event) -> str:
    return moment_text(instant, event.zone, "medium")


def _city(zone: str) -> str:
    """'Stockholm', 'Köpenhamn': the zone's city, in the language spoken."""
    name = dates.get_timezone_location(
        timezones.zone(zone), locale=current_language(), return_city=True
    )
    return zone if zone == "UTC" else name


# --- places ----------------------------------------------------------------------------------


def _places(event: Event, rules: AdmissionRules) -> Iterator[str]:
    yield from _sessions(event)
    modes = MODES_OF[event.format]
    for mode in modes:
        yield from _numbers(event, rules.capacities(mode), mode if len(modes) > 1 else "")
    if rules.limit_per_party is not None:
        yield ngettext(
            "At most %(num)s person from one organisation.",
            "At most %(num)s people from one organisation.",
            rules.limit_per_party,
        )
        yield _(
            "We know an organisation by its number. Where there is none, we compare name and"
            " e-mail domain; the organiser then looks at what goes beyond the limit."
        )
    if rules.registration_review:
        yield from _review(event, rules)
    elif _may_fill(event, rules):
        yield _("Places are given in the order in which registrations come in.")


def _sessions(event: Event) -> Iterator[str]:
    """What one registers to, where there are several."""
    number, most = len(event.live_occasions), event.sessions_most
    if number < 2:
        return
    if event.attending != Attending.CHOOSE:
        yield _("Each person takes part in all %(num)s sessions.", num=number)
    elif most is None or most >= number:
        yield _("Each person chooses among %(num)s sessions.", num=number)
    else:
        yield ngettext(
            "Each person chooses %(num)s of %(sessions)s sessions.",
            "Each person chooses at most %(num)s of %(sessions)s sessions.",
            most,
            sessions=number,
        )


def _numbers(event: Event, capacities: Sequence[int | None], mode: str) -> Iterator[str]:
    """Once where it is the same for all of the event's sessions, else for each by name."""
    if len(set(capacities)) == 1:
        if len(capacities) > 1 and capacities[0] is not None:
            yield _("In each session:")
        yield _number(capacities[0], mode)
        return
    for occasion, capacity in zip(event.live_occasions, capacities, strict=True):
        yield f"{occasion_name(event, occasion)}: {_number(capacity, mode)}"


def _number(capacity: int | None, mode: str) -> str:
    """How many places there are; `mode` is named when there is more than one."""
    if capacity is None:
        return {
            Mode.ON_SITE: _("No limit on site."),
            Mode.ONLINE: _("No limit online."),
            "": _("There is no limit to the number of places."),
        }[mode]
    if mode == Mode.ON_SITE:
        return ngettext("%(num)s place on site.", "%(num)s places on site.", capacity)
    if mode == Mode.ONLINE:
        return ngettext("%(num)s place online.", "%(num)s places online.", capacity)
    return ngettext("There is %(num)s place.", "There are %(num)s places.", capacity)


def _may_fill(event: Event, rules: AdmissionRules) -> bool:
    modes = MODES_OF[event.format]
    return any(places is not None for mode in modes for places in rules.capacities(mode))


def _review(event: Event, rules: AdmissionRules) -> Iterator[str]:
    owner = event.organisation
    name, _language = pick(owner.name, current_language(), owner.primary_language)
    yield _(
        "%(organiser)s looks at each registration in the order they came, and answers by e-mail."
        " Until then nobody in it has a place.",
        organiser=name,
    )
    if rules.waiting_list and _may_fill(event, rules):
        yield _("Whoever is approved when all places are taken joins the end of the waiting list.")


# --- the queue -------------------------------------------------------------------------------


def _queue(event: Event, rules: AdmissionRules) -> Iterator[str]:
    if not _may_fill(event, rules):
        return
    if not rules.waiting_list:
        yield _("There is none: when all places are taken, nobody more can register.")
        return
    if event.queue_closed_at is not None:
        yield _("The waiting list ended %(when)s.", when=_moment(event.queue_closed_at, event))
        return
    yield _("When all places are taken, those who come later wait, in the order they came.")
    if rules.promotion == Promotion.OFFER:
        yield ngettext(
            "A place that becomes free is offered to the first in line, by e-mail, for"
            " %(num)s hour.",
            "A place that becomes free is offered to the first in line, by e-mail, for"
            " %(num)s hours.",
            rules.offer_hours,
        )
        yield _(
            "An offer ends only between 8 and 20 on a working day. Near the end of the waiting list"
            " it holds for half of the time that is left, but an hour at least. Then it goes to the"
            " next in line."
        )
    else:
        yield _("A place that becomes free goes at once to the first in line, who gets an e-mail.")
    yield _together(rules)
    yield _("Nobody is let past, unless the organiser has a reason, which is put on record.")
    yield _end(event, rules)


def _together(rules: AdmissionRules) -> str:
    if rules.offer_together:
        return _("People who registered together get places together, when there are enough.")
    return _("People who registered together get places one by one, as they become free.")


def _end(event: Event, rules: AdmissionRules) -> str:
    if len(event.live_occasions) > 1:
        return ngettext(
            "Each session has a waiting list of its own. It ends %(num)s hour before the session"
            " begins, or at the end of the working day before that. Those who still wait are then"
            " told, and where the material will be.",
            "Each session has a waiting list of its own. It ends %(num)s hours before the session"
            " begins, or at the end of the working day before that. Those who still wait are then"
            " told, and where the material will be.",
            rules.queue_ends_hours,
        )
    assert event.starts_at is not None
    hours = WorkingHours(event.organisation.zone, event.organisation.country)
    queue = QueueRule(event.starts_at, rules.offer_hours, rules.queue_ends_hours, hours)
    if queue.closes_at == event.starts_at:
        return _(
            "The waiting list ends when the event begins. Those who still wait are told, and where"
            " the material will be."
        )
    return _(
        "The waiting list ends %(when)s. Those who still wait are then told, and where the material"
        " will be.",
        when=_moment(queue.closes_at, event),
    )


def _changes(event: Event, rules: AdmissionRules) -> Iterator[str]:
    if len(event.live_occasions) > 1:
        yield _("You can give single sessions back. What you add is given like to a newcomer.")
    if rules.answers_until is None:
        yield _("You can change your answers, send a colleague or withdraw until the event begins.")
    else:
        yield _(
            "You can change your answers until %(when)s, and send a colleague or withdraw until the"
            " event begins.",
            when=_moment(rules.answers_until, event),
        )
    if rules.registration_review:
        yield _("A change of what was approved is looked at again.")
