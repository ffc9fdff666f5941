"""Minutes to begin with: who met when, and one's own notes under the questions."""

from sqlalchemy.orm import Session

from blueprints.manage.meeting_notes_form import lines_of
from dialognav.domain.minutes import draft_text
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.minutes_words import facts_of, language_of
from dialognav.models import Booking, Event
from dialognav.queries.minutes import note_of


def first_draft(session: Session, event: Event, booking: Booking, writer_id: int) -> str:
    """Markdown in the language that was spoken. Nobody else's notes are in it."""
    note = note_of(session, booking.id, writer_id)
    lines, language = lines_of(session, event, booking, note), language_of(event, booking)
    with speaking(language):
        return draft_text(
            [f"**{term}:** {said}" for term, said in facts_of(event, booking)],
            [(line.question, line.note) for line in lines],
            note.text if note else "",
            _("Anything else that was said"),
        )
