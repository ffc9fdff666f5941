"""Letters about one-to-one meetings to suppliers: the people who come, and the contact."""

from datetime import datetime
from typing import Any

from dialognav.domain.terms import Mode, PartyKind
from dialognav.mail.letters import BULK, ORDINARY, Facts, Letter, own_link
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_people import Meeting, is_contact
from dialognav.mail.seat_letters import envelope
from dialognav.models import Participant, Registration
from dialognav.models.own_zones import own_zone_of


def guest_stream(booking_id: int, participant_id: int) -> str:
    """What one of the supplier's people is told of one meeting."""
    return f"meeting:{booking_id}:{participant_id}"


def contact_stream(booking_id: int) -> str:
    """The same for a contact who does not come."""
    return f"meeting:{booking_id}:contact"


def asking_stream(registration_id: int) -> str:
    """What a supplier is told before it has a meeting: offers, the waiting list, wishes."""
    return f"meetings:{registration_id}"


def reminder_stream(booking_id: int, reader: int | str) -> str:
    """Apart from what is told of the meeting, which a reminder does not replace."""
    return f"meeting_reminder:{booking_id}:{reader}"


def guest_letter(
    writer: MeetingWriter,
    meeting: Meeting,
    person: Participant,
    kind: str,
    *,
    method: str = "",
    link: bool = False,
    more: Facts | None = None,
    moved: bool = False,
    declined: bool = False,
    delay: int = 0,
    priority: int = ORDINARY,
) -> Letter:
    """To one of the supplier's people; with a `method`, REQUEST or CANCEL, their entry. The digital
    `link` is in it where it stands in their calendar, too."""
    registration, booking = meeting.registration, meeting.booking
    facts = supplier_facts(writer, registration, person)
    facts |= meeting_facts(writer, meeting, link=link or method == "REQUEST")
    asking = (asking_stream(registration.id),) if facts["whole"] else ()
    entry = (
        writer.guest_entry(meeting, person, method, moved=moved, declined=declined)
        if method
        else None
    )
    return Letter(
        kind=kind,
        stream=guest_stream(booking.id, person.id),
        replaces=(reminder_stream(booking.id, person.id), *asking),
        recipient=person.email,
        recipient_name=person.name,
        language=registration.language,
        facts=facts | {"participant": person.public_id} | (more or {}),
        organisation_id=writer.event.organisation_id,
        event_id=writer.event.id,
        participant_id=person.id,
        priority=BULK if delay else priority,
        delay=delay,
        appointment=entry,
    )


def away_letter(
    writer: MeetingWriter,
    meeting: Meeting,
    kind: str,
    *,
    link: bool = False,
    more: Facts | None = None,
    delay: int = 0,
    priority: int = ORDINARY,
) -> Letter:
    """About one meeting, to a contact who does not come: no entry, and nobody is named."""
    registration, booking = meeting.registration, meeting.booking
    facts = meeting_facts(writer, meeting, link=link) | {"coming": len(meeting.people)}
    return contact_letter(
        writer,
        registration,
        kind,
        stream=contact_stream(booking.id),
        more=facts | (more or {}),
        replaces=(reminder_stream(booking.id, "contact"), asking_stream(registration.id)),
        priority=BULK if delay else priority,
        delay=delay,
    )


def contact_letter(
    writer: MeetingWriter,
    registration: Registration,
    kind: str,
    *,
    stream: str,
    more: Facts,
    **how: Any,
) -> Letter:
    """To the contact, for all of the registration. Without a slot it is about the event."""
    event, language = writer.event, registration.language
    about = {
        "when": envelope(event),
        "place": writer.shared_place_facts(event.occasions[0], language),
    }
    return Letter(
        kind=kind,
        stream=stream,
        recipient=registration.contact_email,
        recipient_name=registration.contact_name,
        language=language,
        facts=supplier_facts(writer, registration, None) | about | more,
        organisation_id=event.organisation_id,
        event_id=event.id,
        **how,
    )


def supplier_facts(
    writer: MeetingWriter, registration: Registration, person: Participant | None
) -> Facts:
    """To one of its people, or (None) to the contact: the event, and the reader's own link."""
    whole = person is None or is_contact(person, registration)
    is_somebody_else = registration.party_kind == PartyKind.SOLE_TRADER and not whole
    by = registration.created_by
    return writer.event_facts(registration.language) | {
        "seat": "meeting",
        "party": "" if is_somebody_else else registration.party_name,
        "whole": whole,
        "registered_at": registration.created_at.isoformat(),
        "registered_by": by.name if by else "",
        "link": own_link(registration if person is None or whole else person),
        "meetings": {},
    }


def meeting_facts(writer: MeetingWriter, meeting: Meeting, *, link: bool) -> Facts:
    booking, slot = meeting.booking, meeting.slot
    return writer.slot_facts(slot, meeting.registration.language, link=link) | {
        "booking": booking.public_id,
        "spoken": booking.language,
        "deviates": bool(slot.deviation),
        "own_zone": own_zone_of(meeting.registration) if slot.table.mode == Mode.ONLINE else "",
        "may_move_until": told_at(writer.moves_until(slot)),
        "void_after": slot.ends_at.isoformat(),
    }


def told_at(at: datetime | None) -> str:
    """An instant as a fact; "" for none."""
    return at.isoformat() if at else ""
