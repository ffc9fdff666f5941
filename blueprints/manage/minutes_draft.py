"""Minutes to begin with: who met when, and one's own notes under the questions."""

from sqlalchemy.orm import Session

from blueprints.manage.meeting_lines import in_order, team_of
from blueprints.manage.meeting_notes_form import lines_of
from dialognav.domain.minutes import draft_text
from dialognav.i18n import gettext as _
from dialognav.i18n import list_text, pick, speaking, when_text
from dialognav.models import Booking, Event
from dialognav.queries.minutes import note_of


def first_draft(session: Session, event: Event, booking: Booking, writer_id: int) -> str:
    """Markdown in the event's first language. Nobody else's notes are in it."""
    note = note_of(session, booking.id, writer_id)
    lines = lines_of(session, event, note)
    with speaking(event.primary_language):
        return draft_text(
            _facts(event, booking),
            [(line.question, line.note) for line in lines],
            note.text if note else "",
            _("Anything else that was said"),
        )


def _facts(event: Event, booking: Booking) -> list[str]:
    slot, primary = booking.slot, event.primary_language
    came = [one.participant.name for one in in_order(booking) if one.came is not False]
    organiser = pick(event.organisation.name, primary, primary)[0]
    facts = [
        (_("Meeting"), pick(event.title, primary, primary)[0]),
        (_("When"), when_text(slot.starts_at, slot.ends_at, event.zone, "long")),
        (_("From %(party)s", party=booking.registration.party_name), list_text(came)),
        *(
            (_("From %(party)s", party=organiser), f"{names} ({role.lower()})")
            for role, names in team_of(slot)
        ),
    ]
    return [f"**{term}:** {said}" for term, said in facts if said]
