"""What was answered to an event's extra questions, as the organiser reads it."""

from flask import url_for

from dialognav.db import db
from dialognav.i18n import pick
from dialognav.models import Registration
from dialognav.queries.form_fields import Said, said_in, value_text

Line = tuple[str, str, str]
"""(question, answer, address of the file or "")"""


def said_words(registration: Registration) -> dict[str, list[Line]]:
    """{public id of a person, or of the registration: lines}; one statement, or none."""
    event = registration.event
    if not event.has_fields:
        return {}
    public_ids: dict[int | None, str] = {None: registration.public_id}
    public_ids |= {person.id: person.public_id for person in registration.participants}
    return {
        public_ids[key]: [_line(each, event.primary_language) for each in said]
        for key, said in said_in(db.session(), registration).items()
    }


def _line(each: Said, primary: str) -> Line:
    url = url_for("manage.form_fields.download", file_id=each.file_id) if each.file_id else ""
    label = pick(each.question.label, primary, primary)[0]
    return label, value_text(each.question, each.value, primary), url
