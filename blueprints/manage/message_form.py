"""The form that a mailing is written in: its words in each language, its files, its settings."""

import difflib
import re
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField

from blueprints.forms import AtMost, BaseForm, LineField, TextField, options
from blueprints.manage.documents import REFUSED
from blueprints.manage.typed import complain
from dialognav.domain.audience import Audience
from dialognav.domain.message_drafts import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    MOST_BYTES,
    MOST_FILES,
    TEXTS,
    MessageDraft,
    fingerprints,
)
from dialognav.domain.pasted_text import tidy
from dialognav.domain.placeholders import PLACEHOLDERS, spelling, unknown
from dialognav.domain.terms import LANGUAGES, MessagePurpose
from dialognav.domain.uploads import Upload, UploadRefused, recognise
from dialognav.i18n import NAMES, current_language, lazy
from dialognav.i18n import gettext as _

PURPOSES: dict[str, Any] = {
    MessagePurpose.REGISTRATION: lazy("What they have registered for"),
    MessagePurpose.NEWS: lazy("Something else, such as an invitation to another event"),
}
_MARK = re.compile(r"([a-z_]{1,20}(?:\.[a-z]{2})?):([0-9a-f]{10})")


class PastedField(TextField):
    """Markdown, also when it was pasted from a word processor."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = [tidy(str(valuelist[0]).replace("\r\n", "\n"))] if valuelist else []
        super().process_formdata(typed)


class MessageFormBase(BaseForm):
    purpose = RadioField(
        lazy("It is about"),
        choices=options(PURPOSES.items()),
        default=MessagePurpose.REGISTRATION,
    )
    is_urgent = BooleanField(lazy("Urgent: overtakes all other e-mail"))
    files = MultipleFileField(lazy("Add files"))
    version = HiddenField()
    languages: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, Any, Any]]:
        """(language, its own name, field of the subject, field of the body)"""
        return [
            (code, NAMES[code][0], self[f"subject_{code}"], self[f"body_{code}"])
            for code in self.languages
        ]

    def draft(self, audience: Audience) -> MessageDraft:
        return MessageDraft(
            subject={code: subject.data for code, _own, subject, _b in self.texts if subject.data},
            body={code: body.data for code, _own, _s, body in self.texts if body.data},
            audience=audience,
            purpose=self.purpose.data or MessagePurpose.REGISTRATION,
            is_urgent=bool(self.is_urgent.data),
        )

    def check(self) -> bool:
        """Shape, and placeholders that nobody could fill in; a sentence at each field."""
        is_fine = bool(self.validate())
        for _code, _own, subject, body in self.texts:
            is_fine &= knows_all(subject, in_subject=True) & knows_all(body)
        return is_fine

    def read_files(self) -> list[Upload] | None:
        """The chosen files, or None with a sentence at the field."""
        found: list[Upload] = []
        size = 0
        for chosen in self.files.data or []:
            if not isinstance(chosen, FileStorage) or not chosen.filename:
                continue
            content = chosen.stream.read(MOST_BYTES + 1 - size)
            size += len(content)
            if size > MOST_BYTES or len(found) == MOST_FILES:
                complain(self.files, too_much_words())
                return None
            try:
                found.append(recognise(chosen.filename, content))
            except UploadRefused as refused:
                complain(self.files, f"{chosen.filename[:80]}: {REFUSED[refused.reason]}")
                return None
        return found

    @property
    def revision(self) -> int:
        """The revision the form began with; -1, which none has, when that cannot be read."""
        typed = (self.version.data or "").partition(" ")[0]
        return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else -1

    @property
    def marks(self) -> dict[str, str]:
        """Fingerprints of what the form began with."""
        return dict(_MARK.findall((self.version.data or "")[:2000]))


def too_much_words() -> str:
    return _(
        "At most %(number)s files, and %(size)s MB together",
        number=MOST_FILES,
        size=MOST_BYTES // 1024 // 1024,
    )


def knows_all(field: Any, *, in_subject: bool = False) -> bool:
    """Whether every placeholder of a text stands for something; else a sentence is at the field."""
    strange = unknown(field.data or "", in_subject=in_subject)
    if strange:
        complain(field, _unknown_words(strange[0], in_subject=in_subject))
    return not strange


def _unknown_words(written: str, *, in_subject: bool) -> str:
    """What is wrong with a pair of braces, and what was probably meant."""
    if in_subject and not unknown(f"{{{written}}}"):
        return _(
            "{%(written)s} cannot stand in a subject: an address is too long.", written=written
        )
    offered = [said for spellings in PLACEHOLDERS.values() for said in spellings.values()]
    near = difflib.get_close_matches(written.casefold(), offered, n=1)
    if near:
        meant = next(name for name, said in PLACEHOLDERS.items() if near[0] in said.values())
        return _(
            "{%(written)s} stands for nothing. Did you mean %(near)s?",
            written=written,
            near=spelling(meant, current_language()),
        )
    return _(
        "{%(written)s} stands for nothing. Choose from the list, or write \\{ for a brace.",
        written=written,
    )


@lru_cache(maxsize=16)
def message_form(languages: tuple[str, ...]) -> type[MessageFormBase]:
    """Subject and body in each language."""
    fields: dict[str, Any] = {}
    for code in languages:
        fields[f"subject_{code}"] = LineField(lazy("Subject"), [AtMost(LONGEST_SUBJECT)])
        fields[f"body_{code}"] = PastedField(lazy("Text"), [AtMost(LONGEST_BODY)])
    return type("MessageForm", (MessageFormBase,), {**fields, "languages": languages})


def languages_from(primary: str) -> tuple[str, ...]:
    """All of ours: somebody may have registered in any of them."""
    return primary, *(code for code in LANGUAGES if code != primary)


def fresh_form(languages: tuple[str, ...], draft: MessageDraft, revision: int) -> MessageFormBase:
    """A form that shows the draft and remembers what it began with."""
    return filled_form(languages, draft, draft, revision)


def filled_form(
    languages: tuple[str, ...], draft: MessageDraft, base: MessageDraft, revision: int
) -> MessageFormBase:
    marks = " ".join(f"{key}:{mark}" for key, mark in fingerprints(base).items())
    texts = {
        f"{name}_{code}": getattr(draft, name).get(code, "") for name in TEXTS for code in languages
    }
    return message_form(languages)(
        formdata=None,
        data={
            **texts,
            "purpose": draft.purpose,
            "is_urgent": draft.is_urgent,
            "version": f"{revision} {marks}",
        },
    )
