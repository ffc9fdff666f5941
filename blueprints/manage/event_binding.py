"""Between an EventDraft and the editor's form: typed text one way, read and checked the other."""

from datetime import date, datetime
from typing import Any

from blueprints.manage import typed
from blueprints.manage.event_form import TEXTS, EventBase
from blueprints.manage.occasion_binding import read_attending, read_occasions, typed_occasions
from dialognav.domain.drafts import (
    EventDraft,
    MilestoneLine,
    ProgrammeLine,
    QuestionLine,
    SpeakerLine,
    Text,
)
from dialognav.domain.timing import to_wall
from dialognav.i18n import gettext as _

_AS_THEY_ARE = (
    "kind",
    "format",
    "zone",
    "serves_food",
    "contact_name",
    "contact_title",
    "contact_email",
    "contact_phone",
    "diary_number",
)

# --- draft to form ---------------------------------------------------------------------------


def typed_of(draft: EventDraft, languages: tuple[str, ...]) -> dict[str, Any]:
    """The form's data: what somebody would have typed to get this draft."""
    data = {name: getattr(draft, name) for name in _AS_THEY_ARE}
    data |= _texts_of(draft, tuple(TEXTS), languages)
    data |= typed_occasions(draft, languages)
    return data | {
        "phase": draft.phase or "",
        "cpv": "\n".join(draft.cpv),
        "region": draft.region,
        "programme": [_programme_of(line, draft, languages) for line in draft.programme],
        "questions": [_texts_of(row, ("text", "help"), languages) for row in draft.questions],
        "milestones": [
            {"phase": row.phase, **_texts_of(row, ("when", "text"), languages)}
            for row in draft.milestones
        ],
    }


def _texts_of(holder: Any, names: tuple[str, ...], languages: tuple[str, ...]) -> dict[str, str]:
    return {
        f"{name}_{code}": getattr(holder, name).get(code, "")
        for name in names
        for code in languages
    }


def _programme_of(
    line: ProgrammeLine, draft: EventDraft, languages: tuple[str, ...]
) -> dict[str, Any]:
    starts = to_wall(line.starts_at, draft.zone)
    first_day = to_wall(draft.starts_at, draft.zone).date()
    is_only_day = starts.date() == first_day and not draft.has_several
    return {
        "day": "" if is_only_day else starts.date().isoformat(),
        "from_time": f"{starts:%H:%M}",
        "to_time": f"{to_wall(line.ends_at, draft.zone):%H:%M}" if line.ends_at else "",
        "is_break": line.is_break,
        "speakers": [
            {"name": s.name, "title": s.title, "organisation": s.organisation}
            for s in line.speakers
        ],
        **_texts_of(line, ("title", "text"), languages),
    }


# --- form to draft ---------------------------------------------------------------------------


def read_draft(form: EventBase, stored: EventDraft) -> EventDraft | None:
    """What the form says, or None when a field got a sentence. Call it on a validated form.

    Languages that the form does not show keep what is stored.
    """
    if form.zone.errors:
        return None  # no time can be read
    zone = form.zone.data
    occasions = read_occasions(form, stored, zone)
    starts_at = min((line.starts_at for line in occasions), default=None)
    first_day = None if form.date.errors else typed.read_date(form.date)
    _check_opening(form, starts_at, stored)
    read: dict[str, Any] = {name: getattr(form, name).data for name in _AS_THEY_ARE}
    read |= {name: _read_text(form, name, getattr(stored, name)) for name in TEXTS}
    read |= {
        "phase": form.phase.data or None,
        "cpv": typed.read_codes(form.cpv),
        "region": typed.read_region(form.region),
        "programme": tuple(_read_programme(form, zone, first_day)),
        "questions": tuple(_read_questions(form)),
        "milestones": tuple(_read_milestones(form)),
    }
    if not read["title"].get(stored.primary_language):
        typed.complain(form[f"title_{stored.primary_language}"], _("Write a title"))
    read |= read_attending(form, stored, len(occasions))
    if has_problems(form) or not occasions:
        return None
    return EventDraft(
        primary_language=stored.primary_language,
        occasions=occasions,
        recurrence=stored.recurrence,
        registration_opens_at=stored.registration_opens_at,
        registration_closes_at=stored.registration_closes_at,
        **read,
    )


def has_problems(form: EventBase) -> bool:
    return any(_errors_in(field) for field in form)


def _errors_in(field: Any) -> bool:
    entries = getattr(field, "entries", None)
    if entries is not None:
        return bool(field.errors) or any(_errors_in(entry) for entry in entries)
    if hasattr(field, "form"):
        return any(_errors_in(inner) for inner in field.form)
    return bool(field.errors)


def _check_opening(form: EventBase, starts_at: datetime | None, stored: EventDraft) -> None:
    opens = stored.registration_opens_at
    if opens and starts_at and opens >= starts_at:
        typed.complain(form.date, _("Registration opens after that. Change its rules first."))


def _read_text(form: Any, name: str, kept: Text) -> Text:
    there = {field.short_name.rpartition("_")[2]: field.data for field in _fields_of(form, name)}
    return {code: said for code, said in (kept | there).items() if said}


def _fields_of(form: Any, name: str) -> list[Any]:
    return [field for field in form if field.short_name.rpartition("_")[0] == name]


def _read_programme(form: Any, zone: str, first_day: date | None) -> Any:
    for entry in form.programme:
        row = entry.form
        if is_blank(entry):
            continue
        title = _read_text(row, "title", {})
        day = typed.read_date(row.day) or first_day
        clock, until = typed.read_time(row.from_time), typed.read_time(row.to_time)
        if not row.from_time.data:
            typed.complain(row.from_time, _("Enter when the item begins"))
        if not title:
            typed.complain(form_title(row), _("Write what the item is called"))
        starts_at = typed.read_instant(day, clock, zone, row.from_time)
        ends_at = typed.read_instant(day, until, zone, row.to_time)
        if starts_at and ends_at and ends_at <= starts_at:
            typed.complain(row.to_time, _("It has to end after it begins"))
        if starts_at is not None:
            yield ProgrammeLine(
                starts_at,
                ends_at,
                title,
                _read_text(row, "text", {}),
                bool(row.is_break.data),
                tuple(_read_speakers(row)),
            )


def form_title(row: Any) -> Any:
    """The title field of the primary language: the first of a row's titles."""
    return _fields_of(row, "title")[0]


def _read_speakers(row: Any) -> Any:
    for entry in row.speakers:
        speaker = entry.form
        if is_blank(entry):
            continue
        if not speaker.name.data:
            typed.complain(speaker.name, _("Write the speaker's name"))
            row.speakers.errors = [*row.speakers.errors, speaker.errors]
        yield SpeakerLine(speaker.name.data, speaker.title.data, speaker.organisation.data)


def _read_questions(form: Any) -> Any:
    for entry in form.questions:
        if is_blank(entry):
            continue
        text = _read_text(entry.form, "text", {})
        if not text:
            typed.complain(_fields_of(entry.form, "text")[0], _("Write the question"))
        yield QuestionLine(text, _read_text(entry.form, "help", {}))


def _read_milestones(form: Any) -> Any:
    for entry in form.milestones:
        row = entry.form
        when, text = _read_text(row, "when", {}), _read_text(row, "text", {})
        if not when and not text:
            continue
        if not text:
            typed.complain(_fields_of(row, "text")[0], _("Write what happens then"))
        yield MilestoneLine(row.phase.data, when, text)


def is_blank(entry: Any) -> bool:
    """Whether nothing was written in a row; such a row is left out."""
    return not any(_is_written(value) for value in entry.data.values())


def _is_written(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_written(inner) for row in value for inner in row.values())
    return bool(value)
