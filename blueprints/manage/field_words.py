"""Words about extra questions: their kinds, who answers them, and what was done to them."""

from typing import Any

from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.i18n import lazy

KINDS: dict[str, Any] = {
    FieldKind.TEXT: lazy("Short text"),
    FieldKind.LONG_TEXT: lazy("Long text"),
    FieldKind.NUMBER: lazy("Number"),
    FieldKind.CHOICE: lazy("One of several choices"),
    FieldKind.CHOICES: lazy("Several choices"),
    FieldKind.YES_NO: lazy("Yes or no"),
    FieldKind.FILE: lazy("File"),
}
SCOPES: dict[str, Any] = {
    FieldScope.REGISTRATION: lazy("The organisation, once"),
    FieldScope.PERSON: lazy("Each person"),
}

_DONE: dict[str, tuple[Any, Any]] = {
    "question_added": (
        lazy("The question is in the form"),
        lazy("Those who register from now on answer it."),
    ),
    "question_saved": (lazy("The question is saved"), ""),
    "question_removed": (
        lazy("The question is asked no more"),
        lazy("Answers already given stay with their registrations."),
    ),
    "question_kept": (
        lazy("The question is in the library"),
        lazy("Take it into any event from that event's form."),
    ),
    "question_needed": (
        lazy("Nothing was changed"),
        lazy("Another question hangs on this one and has to stand below it."),
    ),
    "form_full": (lazy("Nothing was changed"), lazy("The form has as many questions as it can.")),
    "too_old": (lazy("Nothing was changed"), lazy("The page was too old. Try again.")),
}


def done_words(code: str) -> tuple[str, str] | None:
    """(title, sentence) of what the previous page did, for `?done=`; None for anything else."""
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else None
