"""Registrations as the one who approves them reads them: who, what was answered, what changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from blueprints.manage.people import SeatLine, seat_lines, seats_to_show
from dialognav import words
from dialognav.domain.form_fields import Question
from dialognav.domain.reviews import CHANGED, LIMIT, Difference, Facts, differences, fingerprint
from dialognav.domain.terms import Review, Seat
from dialognav.i18n import current_language, lazy, moment_text, pick
from dialognav.i18n import gettext as _
from dialognav.models import Event, Participant, Registration
from dialognav.models.approvals import facts_of, is_declined, under_review
from dialognav.queries.form_fields import all_questions, value_text
from dialognav.queries.registrations import places_in_queue

REASONS: dict[str, Any] = {
    LIMIT: lazy("May be more people than one organisation can bring: compare with its others."),
    CHANGED: lazy("Changed after it was approved."),
}
_NAMES: dict[str, Any] = {
    "party.name": lazy("Organisation"),
    "party.identifier": lazy("Organisation number"),
    "party.country": lazy("Country"),
    "party.kind": lazy("Kind of organisation"),
    "person.name": lazy("Name"),
    "person.title": lazy("Role"),
    "person.email": lazy("E-mail"),
    "person.mandate": lazy("Mandate"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A question and the answer."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ReviewedPerson:
    id: str  # public
    name: str
    title: str
    email: str
    mandate: str
    seats: tuple[SeatLine, ...]
    keeps: bool  # a seat or a number, until it is decided
    may_be_named: bool  # by itself, apart from the others
    answers: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """`whose` is the person's name, "" for what is the registration's own."""

    whose: str
    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    id: str  # public
    party: str
    identifier: str
    country: str
    kind: str
    contact: tuple[str, str, str]  # name, address, phone
    message: str
    since: str
    reasons: tuple[str, ...]
    people: tuple[ReviewedPerson, ...]
    answers: tuple[Said, ...]
    changes: tuple[Changed, ...]
    seen: str
    decided: str
    decided_by: str
    refusal: str
    refusal_text: str


@dataclass(frozen=True, slots=True)
class _Page:
    """What all lines of a page need."""

    event: Event
    questions: dict[int, Question]
    queue: dict[int, int]


def review_lines(session: Session, event: Event, found: Sequence[Registration]) -> list[ReviewLine]:
    """Ready words; three statements for all of them."""
    facts = facts_of(session, found)
    seats = [seat for row in found for one in row.participants for seat in one.attendances]
    page = _Page(
        event,
        {question.id: question for question in all_questions(session, event.id)},
        places_in_queue(session, [seat for seat in seats if seat.state == Seat.WAITING]),
    )
    return [_line(row, facts[row.id], page) for row in found]


def _line(row: Registration, facts: Facts, page: _Page) -> ReviewLine:
    zone, people = page.event.zone, under_review(row)
    is_open = row.review in (Review.PENDING, Review.CHANGED)
    changes = differences(row.approved, facts) if is_open and row.approved else []
    text = pick(row.decision_text, current_language(), page.event.primary_language)[0]
    return ReviewLine(
        id=row.public_id,
        party=row.party_name,
        identifier=row.party_identifier,
        country=row.party_country,
        kind=str(words.PARTY_KINDS[row.party_kind]),
        contact=(row.contact_name, row.contact_email, row.contact_phone),
        message=row.message,
        since=moment_text(row.review_since, zone, "medium") if row.review_since else "",
        reasons=tuple(str(REASONS[each]) for each in row.review_reasons if each in REASONS),
        people=tuple(_person(one, facts, page, len(people)) for one in people),
        answers=_answers(facts, None, page),
        changes=tuple(_changes(changes, row, page)),
        seen=fingerprint(facts, row.review),
        decided=moment_text(row.decided_at, zone, "medium") if row.decided_at else "",
        decided_by=row.decided_by.name if row.decided_by else "",
        refusal=str(words.DECLINE_REASONS.get(row.decision_reason, "")),
        refusal_text=text,
    )


def _person(one: Participant, facts: Facts, page: _Page, number: int) -> ReviewedPerson:
    pending = [seat for seat in one.attendances if seat.state == Seat.PENDING]
    return ReviewedPerson(
        id=one.public_id,
        name=one.name,
        title=one.title,
        email=one.email,
        mandate=one.mandate,
        seats=tuple(seat_lines(one.registration.event, seats_to_show(one), page.queue)),
        keeps=any(seat.keeps_seat or seat.queue_number is not None for seat in pending),
        may_be_named=number > 1 and bool(pending or is_declined(one)),
        answers=_answers(facts, one.id, page),
    )


def _answers(facts: Facts, person: int | None, page: _Page) -> tuple[Said, ...]:
    """In the order of the form."""
    given = {one["field"]: one["value"] for one in facts["answers"] if one["person"] == person}
    return tuple(
        Said(_label(question, page), value_text(question, given[key], page.event.primary_language))
        for key, question in page.questions.items()
        if key in given
    )


def _changes(found: Iterable[Difference], row: Registration, page: _Page) -> Iterable[Changed]:
    """Old and new beside each other; of a swap, both people in one line."""
    names = {one.id: one.name for one in row.participants}
    former = {one.replaced_by_id: one for one in row.participants if one.replaced_by_id}
    swapped = {former[one.person].id for one in found if one.person in former}
    for one in found:
        if one.what == "gone" and one.person in swapped:
            continue
        whose = "" if one.what in ("added", "gone") else names.get(one.person or 0, "")
        if one.what == "added":
            before = former[one.person].name if one.person in former else ""
            yield Changed(
                "", _("Person instead of another") if before else _("New person"), before, one.now
            )
        elif one.what == "gone":
            yield Changed("", _("Person who left"), one.before, "")
        elif one.what == "answer":
            question = page.questions[one.field or 0]
            primary = page.event.primary_language
            before, now = (value_text(question, each, primary) for each in (one.before, one.now))
            yield Changed(whose, _label(question, page), before, now)
        else:
            before, now = (_party_word(one, each) for each in (one.before, one.now))
            yield Changed(whose, str(_NAMES[f"{one.what}.{one.name}"]), before, now)


def _party_word(one: Difference, value: str) -> str:
    return str(words.PARTY_KINDS[value]) if one.name == "kind" else value


def _label(question: Question, page: _Page) -> str:
    return pick(question.label, current_language(), page.event.primary_language)[0]
