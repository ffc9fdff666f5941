"""Rows of the exports in the reader's words: each audience with just what it may see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import meeting_words, words
from dialognav.countries import country_name
from dialognav.domain.form_fields import Question, Value, keys_of
from dialognav.domain.namelessness import without_names
from dialognav.domain.terms import FieldKind, FieldScope, NeedState
from dialognav.exports import Cell
from dialognav.i18n import date_text, local, ngettext, pick
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.occasion_names import occasion_name
from dialognav.queries import exports as people
from dialognav.queries.attendees import Filter
from dialognav.queries.exports import PersonRow, Repeated
from dialognav.queries.form_fields import Key, all_questions, value_text
from dialognav.queries.presence import diet_numbers, eaters
from dialognav.queries.statistics import Number, chosen_answers, numbers_of, seats_by_session

Row = list[Cell]
Names = Mapping[int, str]
"""{occasion id: what it is called} of an event that has several; empty where it has one."""


# --- the registrar: everything that is a public record -----------------------------------------


def session_names(event: Event) -> Names:
    several = len(event.occasions) > 1
    return {each.id: occasion_name(event, each) for each in event.occasions if several}


def record_head(
    questions: Sequence[Question], primary: str, *, with_sessions: bool = False
) -> list[str]:
    """No telephone, diet or accessibility needs: they do not travel in lists (domain.md 2.5)."""
    return [
        _("Reference"),
        _("Organisation"),
        _("Organisation number"),
        _("Country"),
        _("Kind of organisation"),
        _("Name"),
        _("Role"),
        _("E-mail"),
        _("Mandate"),
        _("Day"),
        *([_("Session")] if with_sessions else []),
        _("Takes part"),
        _("State"),
        _("Since"),
        _("Place in the queue"),
        _("Registered on"),
        _("How it came"),
        _("Registered by"),
        _("Approval"),
        _("Decided on"),
        _("Decided by"),
        _("Reason"),
        _("Contact"),
        _("Contact's e-mail"),
        _("Withdrawn on"),
        _("Remark"),
        *(pick(question.label, "", primary)[0] for question in questions),
    ]


def record_rows(
    session: Session, event_id: int, chosen: Filter, zone: str, primary: str, names: Names
) -> Iterator[Row]:
    """A row for each person and session."""
    questions = all_questions(session, event_id)
    repeated, queues = people.repeated_at(session, event_id), people.Queues(session, event_id)
    for batch, answers in people.registered_people(session, event_id, chosen):
        for row in batch:
            place = queues.place(row) or ""
            yield [
                *_record(row, zone, place, repeated, names),
                *_answers(row, questions, answers, primary),
            ]


def _record(row: PersonRow, zone: str, place: Cell, repeated: Repeated, names: Names) -> Row:
    return [
        row.reference[:8].upper(),
        row.party_name,
        row.party_identifier,
        row.party_country,
        str(words.PARTY_KINDS[row.party_kind]),
        row.name,
        row.title,
        row.email,
        row.mandate,
        moment(row.starts_at, zone)[:10],
        *_session(row.occasion_id, names),
        str(words.MODES[row.mode]) if row.mode else "",
        str(words.SEATS[row.state]) if row.state else "",
        moment(row.state_at, zone),
        place,
        moment(row.created_at, zone),
        str(ORIGINS[row.origin]()),
        row.created_by or "",
        REVIEWS[row.review]() if row.review else "",
        moment(row.decided_at, zone),
        row.decided_by or "",
        str(words.DECLINE_REASONS.get(row.decision_reason, "")),
        row.contact_name,
        row.contact_email,
        moment(row.withdrawn_at, zone),
        ". ".join(_remarks(row, repeated)),
    ]


def _session(occasion_id: int | None, names: Names) -> list[str]:
    return [names.get(occasion_id or 0, "")] if names else []


def _remarks(row: PersonRow, repeated: Repeated) -> Iterator[str]:
    if row.withdrawn_at is not None:
        return
    if row.email in repeated.emails:
        yield _("The address is in another registration too")
    if number := repeated.parties.get(row.party_key):
        yield ngettext(
            "The organisation has %(num)s registration",
            "The organisation has %(num)s registrations",
            number,
        )


def _answers(
    row: PersonRow,
    questions: Sequence[Question],
    answers: Mapping[Key, Mapping[int, Value]],
    primary: str,
) -> Iterator[str]:
    whole = answers.get((row.registration_id, None), {})
    own = answers.get((row.registration_id, row.participant_id), {})
    for question in questions:
        said = own if question.scope == FieldScope.PERSON else whole
        yield value_text(question, said.get(question.id), primary)


def moment(instant: datetime | None, zone: str) -> str:
    """'2027-02-10 09:00': sorts in a spreadsheet."""
    return f"{local(instant, zone):%Y-%m-%d %H:%M}" if instant else ""


ORIGINS = {
    "own": lambda: _("Signed up"),
    "staff": lambda: _("Registered by staff"),
    "import": lambda: _("From a file"),
    "walk_in": lambda: _("Came without having registered"),
}
REVIEWS = {
    "pending": lambda: _("Awaiting approval"),
    "approved": lambda: _("Approved"),
    "declined": lambda: _("Not approved"),
    "changed": lambda: _("Changed after approval"),
}


# --- the door ---------------------------------------------------------------------------------


def door_head(*, with_needs: bool, with_sessions: bool = False) -> list[str]:
    session = [_("Session")] if with_sessions else []
    who = [_("Name"), _("Organisation"), _("Role"), _("Takes part"), _("State")]
    head = [_("Day"), *session, *who]
    return [*head, _("To arrange")] if with_needs else head


def door_rows(
    session: Session, event_id: int, zone: str, names: Names, *, with_needs: bool
) -> Iterator[Row]:
    """A row for each person and session; help that is not possible has been answered, and stays
    out."""
    for row in people.people_at_the_door(session, event_id):
        cells: Row = [
            date_text(row.starts_at, zone),
            *_session(row.occasion_id, names),
            row.name,
            row.party_name,
            row.title,
            str(words.MODES[row.mode]),
            str(words.SEATS[row.state]),
        ]
        is_to_do = row.need is not None and row.need_state != NeedState.NOT_POSSIBLE
        yield [*cells, (row.need or "") if is_to_do else ""] if with_needs else cells


# --- the caterer ------------------------------------------------------------------------------


def caterer_head() -> list[str]:
    return [_("Need"), _("How many")]


def caterer_rows(session: Session, event_id: int) -> Iterator[Row]:
    """How many eat, and how many of each need; the words without names."""
    needs = diet_numbers(session, event_id)
    names = people.names_of_eaters(session, event_id)
    everybody = eaters(session, event_id)
    yield [_("Everybody on site"), everybody]
    yield [_("No need told"), everybody - sum(number for _need, number in needs)]
    for need, number in needs:
        yield [without_names(need, names), number]


# --- numbers ----------------------------------------------------------------------------------


def numbers_head() -> list[str]:
    return [_("What"), _("Group"), _("Part"), _("How many")]


def number_rows(session: Session, event_id: int, primary: str, names: Names) -> Iterator[Row]:
    """Counts, no persons; answers where an organisation chose among given ones."""
    for occasion_id, mode, state, number in seats_by_session(session, event_id) if names else ():
        part = f"{words.SEATS[state]}, {words.MODES[mode]}"
        yield [_("Places by session"), names.get(occasion_id, ""), part, number]
    for counted in numbers_of(session, event_id):
        yield [*_number(counted), counted.number]
    questions = {question.id: question for question in all_questions(session, event_id)}
    yield from _choices(questions, chosen_answers(session, event_id), primary)


def _number(counted: Number) -> tuple[str, str, str]:
    said = {
        "seats": (_("Places"), words.SEATS, words.MODES),
        "people_by_kind": (_("People by kind of organisation"), words.PARTY_KINDS, {}),
        "parties_by_kind": (_("Organisations by kind"), words.PARTY_KINDS, {}),
        "people_by_country": (_("People by country"), {}, {}),
        "parties_by_country": (_("Organisations by country"), {}, {}),
        "registrations_by_origin": (_("Registrations by how they came"), {}, {}),
        "meetings": (_("One-to-one meetings"), meeting_words.BOOKINGS, words.MODES),
        "came_by_kind": (_("Attendance by kind of organisation"), words.PARTY_KINDS, words.SEATS),
    }
    what, groups, parts = said[counted.what]
    group = str(groups.get(counted.group, counted.group))
    if counted.what.endswith("by_country"):
        group = country_name(counted.group) if counted.group else _("Not told")
    elif counted.what == "registrations_by_origin":
        group = ORIGINS[counted.group]()
    return what, group, str(parts.get(counted.part, counted.part))


def _choices(
    questions: Mapping[int, Question], answers: Iterable[tuple[int, Value]], primary: str
) -> Iterator[Row]:
    numbers: dict[tuple[int, str], int] = {}
    for field_id, value in answers:
        for key in keys_of(value):
            numbers[field_id, key] = numbers.get((field_id, key), 0) + 1
    for (field_id, key), number in sorted(numbers.items()):
        question = questions[field_id]
        value = key == "yes" if question.kind == FieldKind.YES_NO else key
        label = pick(question.label, "", primary)[0]
        yield [label, value_text(question, value, primary), "", number]
