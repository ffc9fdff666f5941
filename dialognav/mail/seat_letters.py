"""Letters to the people of one event: who has a seat, who waits, and the contact who stays home."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from dialognav.domain.offers import rule_of
from dialognav.domain.terms import Seat
from dialognav.mail.appointments import WHOLE
from dialognav.mail.audience import Standing, is_approved_reader
from dialognav.mail.letter_dates import date_facts, last_end
from dialognav.mail.letters import (
    BULK,
    ORDINARY,
    URGENT,
    Facts,
    Letter,
    Writer,
    contact_stream,
    own_link,
    place_stream,
    queue_stream,
    review_stream,
)
from dialognav.mail.superseding import CHANGING
from dialognav.models import Attendance, Event, Occasion, Registration


def seat_letter(
    writer: Writer,
    standing: Standing,
    kind: str,
    *,
    method: str,
    more: Facts | None = None,
    priority: int = ORDINARY,
    delay: int = 0,
    moved: bool = False,
    declined: bool = False,
) -> Letter:
    """The letter that keeps a person's calendar entry right: `method` REQUEST or CANCEL."""
    made = [
        writer.appointment(one.attendance, method, asks_again=moved, declined=declined)
        for one in standing.all
    ]
    appointment, is_part = made[0], made[0].instance is not None
    if is_part and standing.others:
        appointment = appointment.in_full()
    is_whole = appointment.is_series or standing.in_feed
    about = _series_ids(writer) if appointment.is_series else _ids(standing)
    seat = Seat.CONFIRMED if method == "REQUEST" else standing.seat
    facts = _standing_facts(writer, standing, seat, method=method, is_part=is_part)
    return Letter(
        kind=kind,
        stream=place_stream(standing.participant.id, WHOLE if is_whole else standing.occasion.id),
        replaces=_replaced(kind, standing, is_series=appointment.is_series),
        facts=facts | {"about": about} | (more or {}),
        priority=BULK if delay else priority,
        delay=delay,
        appointment=None if standing.in_feed else appointment,
        silent=tuple(replace(one, in_feed=True) for one in made) if standing.in_feed else (),
        **_to_person(standing),
    )


def _replaced(kind: str, standing: Standing, *, is_series: bool) -> tuple[str, ...]:
    """What was said of the queue and of a review, of these seats; of a series' queues in one letter
    only when the person waits for nothing else."""
    person = standing.participant
    occasions = [one.occasion.id for one in standing.all]
    waits = is_series and any(seat.state == Seat.WAITING for seat in person.attendances)
    together = () if waits else (queue_stream(person.id, WHOLE),)
    queues = (*(queue_stream(person.id, each) for each in occasions), *together)
    if kind in CHANGING:  # it is about the event, and replaces nothing said of a review
        return queues
    return (*queues, *(review_stream(person.id, each) for each in occasions))


def queue_letter(
    writer: Writer,
    standing: Standing,
    kind: str,
    *,
    more: Facts | None = None,
    priority: int = ORDINARY,
    delay: int = 0,
) -> Letter:
    """To someone who waits, for a place, an answer or approval: no calendar part, no link."""
    person, occasion = standing.participant.id, standing.occasion.id
    facts = _standing_facts(writer, standing, standing.seat)
    facts |= queue_facts(writer.event, standing.attendance) | {"about": _ids(standing)}
    return Letter(
        kind=kind,
        stream=queue_stream(person, WHOLE if standing.others else occasion),
        replaces=_said_before(kind, standing),
        facts=facts | {"position": standing.position} | (more or {}),
        priority=BULK if delay else priority,
        delay=delay,
        **_to_person(standing),
    )


def queue_facts(event: Event, seat: Attendance) -> Facts:
    """By when one knows: the cut-off, and the end of an offer where there is one."""
    rule, offer_ends_at = rule_of(event, seat.occasion), seat.offer_ends_at
    assert rule is not None
    return {
        "queue": {
            "closes_at": rule.closes_at.isoformat(),
            "offer_hours": rule.offer_hours,
            "offer_ends_at": offer_ends_at.isoformat() if offer_ends_at else "",
        }
    }


def offered_letter(writer: Writer, standing: Standing, *, more: Facts | None = None) -> Letter:
    """A place is held until the offer ends; afterwards nobody needs the letter."""
    ends_at = standing.attendance.offer_ends_at
    assert ends_at is not None
    facts = {"void_after": ends_at.isoformat()} | (more or {})
    return queue_letter(writer, standing, "offered", more=facts, priority=URGENT)


def pending_letter(writer: Writer, standing: Standing, *, more: Facts | None = None) -> Letter:
    """That somebody looks at it: at a newcomer, or at an edit of what was approved."""
    seat = standing.attendance
    is_kept = seat.keeps_seat or seat.queue_number is not None
    approved = (standing.registration.approved or {}).get("people", ())
    if is_kept and standing.participant.id in {one["id"] for one in approved}:
        letter = review_letter(writer, standing, "change_pending", more=more)
        if is_approved_reader(standing.participant):
            return letter
        # The address is new: an invitation that has not left must not go to the old one.
        streams = standing.participant.id, standing.occasion.id
        return replace(letter, replaces=(place_stream(*streams), queue_stream(*streams)))
    facts = {"keeps_seat": is_kept} | (more or {})
    return queue_letter(writer, standing, "place_pending", more=facts)


def review_letter(
    writer: Writer, standing: Standing, kind: str, *, more: Facts | None = None
) -> Letter:
    """To someone whose edit is or was looked at; the calendar stays as it is."""
    facts = _standing_facts(writer, standing, standing.seat)
    return Letter(
        kind=kind,
        stream=review_stream(standing.participant.id, standing.occasion.id),
        facts=facts | (more or {}),
        **_to_person(standing),
    )


def contact_letter(
    writer: Writer,
    registration: Registration,
    kind: str,
    *,
    more: Facts | None = None,
    priority: int = ORDINARY,
    delay: int = 0,
) -> Letter:
    """To a contact who is not among the participants; names none of them."""
    event = writer.event
    language = registration.language
    facts = writer.event_facts(language) | {
        "seat": "contact",
        "when": envelope(event),
        "place": writer.shared_place_facts(_stands(event)[0], language),
        "party": registration.party_name,
        **_of_registration(registration, whole=True, void_after=writer.needed_until()),
        "link": own_link(registration),
    }
    return Letter(
        kind=kind,
        stream=contact_stream(registration.id),
        recipient=registration.contact_email,
        recipient_name=registration.contact_name,
        language=language,
        facts=facts | (more or {}),
        organisation_id=event.organisation_id,
        event_id=event.id,
        priority=BULK if delay else priority,
        delay=delay,
    )


def envelope(event: Event) -> Facts:
    """From the first occasion's start to the last one's end."""
    stands = _stands(event)
    return {
        "starts_at": min(one.starts_at for one in stands).isoformat(),
        "ends_at": _last_end(event).isoformat(),
        "all_day": all(one.all_day for one in stands),
        "zone": event.zone,
    }


def _stands(event: Event) -> list[Occasion]:
    return event.live_occasions or event.occasions


def _last_end(event: Event) -> datetime:
    return max(one.ends_at for one in _stands(event))


def _said_before(kind: str, standing: Standing) -> tuple[str, ...]:
    """A letter about places in the queue replaces what was said of them, in a letter about more of
    them or fewer, and of a review; one about the event does not."""
    if kind in CHANGING:
        return ()
    person, own = standing.participant.id, _ids(standing)
    others = own if standing.others else [WHOLE]
    return (
        *(queue_stream(person, each) for each in others),
        *(review_stream(person, each) for each in own),
    )


def _ids(standing: Standing) -> list[int]:
    return [one.occasion.id for one in standing.all]


def _series_ids(writer: Writer) -> list[int]:
    """A letter about any date of a series is about all: it carries their one entry."""
    return [each.id for each in writer.event.occasions if writer.is_of_series(each)]


def _to_person(standing: Standing) -> dict[str, Any]:
    event = standing.registration.event
    return {
        "recipient": standing.participant.email,
        "recipient_name": standing.participant.name,
        "language": standing.language,
        "organisation_id": event.organisation_id,
        "event_id": event.id,
        "participant_id": standing.participant.id,
    }


def _standing_facts(
    writer: Writer, standing: Standing, seat: str, *, method: str = "", is_part: bool = False
) -> Facts:
    registration, ends_at = standing.registration, last_end(writer, standing)
    return {
        **writer.event_facts(standing.language),
        "seat": str(seat),
        **date_facts(writer, standing, method=method, is_part=is_part),
        "party": standing.party,
        **_of_registration(registration, whole=standing.is_contact, void_after=ends_at),
        "link": own_link(registration if standing.is_contact else standing.participant),
        "participant": standing.participant.public_id,
    }


def _of_registration(registration: Registration, *, whole: bool, void_after: Any) -> Facts:
    """`whole`: the link opens all of it. After `void_after` nobody needs the letter."""
    return {
        "whole": whole,
        "registered_at": registration.created_at.isoformat(),
        "registered_by": registration.created_by.name if registration.created_by else "",
        "void_after": void_after.isoformat(),
    }
