"""Which mailing an entry of the trail is about: the words stand with it, not in the trail."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from blueprints.manage.message_page import subject_of
from dialognav.i18n import ngettext
from dialognav.models import AuditEntry
from dialognav.queries.message_log import messages_by_id

_KIND = "message:"


def about_messages(
    session: Session, organisation_id: int, entries: Iterable[AuditEntry]
) -> dict[int, str]:
    """{id of the entry: subject, and how many letters}; one statement where there is one."""
    concerned = {
        entry.id: (int(entry.subject.removeprefix(_KIND)), entry.facts)
        for entry in entries
        if entry.subject.startswith(_KIND)
    }
    found = messages_by_id(session, organisation_id, {each for each, _facts in concerned.values()})
    return {
        entry_id: _said(subject_of(found[message_id]), facts.get("number"))
        for entry_id, (message_id, facts) in concerned.items()
        if message_id in found
    }


def _said(subject: str, number: object) -> str:
    if not isinstance(number, int):
        return subject
    return f"{subject} ({ngettext('%(num)s letter', '%(num)s letters', number)})"
