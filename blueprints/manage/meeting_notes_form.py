"""One's own notes of a meeting as a form: a field for each question that all are asked."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from blueprints.forms import AtMost, TextField, clean_text
from blueprints.manage.written_form import WrittenForm
from dialognav.domain.meeting_notes import ELSE, LONGEST_NOTE, NoteLine, note_lines, values_of
from dialognav.i18n import lazy, pick
from dialognav.minutes_words import language_of
from dialognav.models import Booking, Event, MeetingNote
from dialognav.queries.minutes import questions_of

MOST_TYPED = 100
"""Questions of a page that was sent which are read."""


class NotesForm(WrittenForm):
    """`lines` are the questions, in the order of asking."""

    lines: tuple[NoteLine, ...] = ()

    @property
    def asked(self) -> list[tuple[NoteLine, Any]]:
        return [(line, self[line.key]) for line in self.lines]


def lines_of(
    session: Session,
    event: Event,
    booking: Booking,
    note: MeetingNote | None,
    typed: Sequence[str] = (),
) -> list[NoteLine]:
    """The questions as they are asked in the meeting, so that all of the team note beside the same.

    `typed` are those of the page that was sent: what was noted beside one that is worded anew
    meanwhile is not lost.
    """
    spoken, primary = language_of(event, booking), event.primary_language
    asked = dict(pick(text, spoken, primary) for text in questions_of(session, event.id))
    former = [clean_text(one) for one in typed[:MOST_TYPED]]
    return note_lines(asked, note.answers if note else (), former)


def notes_form(lines: list[NoteLine], note: MeetingNote | None, **given: Any) -> NotesForm:
    """With `formdata=None` it shows what is stored, else what was typed."""
    keys = (*(line.key for line in lines), ELSE)
    fields: dict[str, Any] = {
        line.key: TextField(line.question, [AtMost(LONGEST_NOTE)]) for line in lines
    }
    fields[ELSE] = TextField(lazy("Anything else that was said"), [AtMost(LONGEST_NOTE)])
    form: NotesForm = type("NotesForm", (NotesForm,), {**fields, "keys": keys})(**given)
    form.lines = tuple(lines)
    if "formdata" in given:
        text = note.text if note else ""
        form.begin(values_of(lines, text), note.revision if note else 0)
    return form
