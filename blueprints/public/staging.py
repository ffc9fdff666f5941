"""Files of a form that goes back to its writer: they wait here, as no page can hold them.

A visitor's file waits two hours, under an id that only the returned form has, is shown to nobody,
and counts against the address it came from.
"""

from collections.abc import Sequence

from flask import request

from blueprints.context import settings
from blueprints.public.answer_fields import AnswerForm, Staged
from dialognav.actions import answers
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import TooMany
from dialognav.domain.form_fields import File
from dialognav.domain.uploads import UploadRefused, recognise
from dialognav.queries.form_fields import staged_files
from dialognav.rates import count_use, rate_key

LARGEST = 25 * 1024 * 1024  # bytes of all files in one post
MOST_FILES = 40  # from one address in WINDOW
WINDOW = 600  # seconds


def bring_back(event_id: int, forms: Sequence[AnswerForm]) -> None:
    """Put files of an earlier post back where they were chosen."""
    wanted = {staged.id for form in forms for staged in form.staged.values() if staged.id}
    if not wanted:
        return
    found = staged_files(db.session(), event_id, wanted, since=utcnow() - answers.STAGED_FOR)
    for form in forms:
        form.put_back(found)


def stage(event_id: int, forms: Sequence[AnswerForm]) -> None:
    """Keep the files that came with a post whose form goes back; says so where that fails."""
    for form in forms:
        for field_id, file in form.to_stage.items():
            if (staged := _stage(event_id, file)) is not None:
                form.staged[field_id] = staged
            else:
                form.lose_file(field_id)


def _stage(event_id: int, file: File) -> Staged | None:
    try:
        upload = recognise(file.filename, file.content)
        now, given = utcnow(), settings()
        with unit_of_work() as session:
            key = rate_key("file", given.secret_key, request.remote_addr or "")
            count_use(session, key, limit=MOST_FILES, window_seconds=WINDOW, now=now)
            staged_id = answers.stage_file(session, event_id, upload, now=now)
    except (UploadRefused, TooMany):
        return None
    return Staged(staged_id, upload.filename)


def staged_in(forms: Sequence[AnswerForm]) -> list[str]:
    """Ids of the files that have become answers, to be forgotten with that."""
    return [staged.id for form in forms for staged in form.staged.values() if staged.id]
