"""The form that a standard letter's own words are written in."""

from functools import lru_cache
from typing import Any

from wtforms import HiddenField

from blueprints.forms import AtMost, BaseForm, LineField
from blueprints.manage.message_form import PastedField, knows_all
from blueprints.manage.typed import complain
from dialognav.domain.placeholders import find, spelling
from dialognav.domain.standard_letters import (
    LONGEST_CLOSING,
    LONGEST_OPENING,
    LONGEST_SUBJECT,
    PARTS,
    WITH_SUBJECT,
    OwnWords,
    of_no_use,
)
from dialognav.i18n import NAMES, current_language, lazy
from dialognav.i18n import gettext as _

LABELS: dict[str, Any] = {
    "subject": lazy("Subject"),
    "opening": lazy("Opening"),
    "closing": lazy("Closing"),
}
_LIMITS = {"subject": LONGEST_SUBJECT, "opening": LONGEST_OPENING, "closing": LONGEST_CLOSING}


class WordsFormBase(BaseForm):
    version = HiddenField()
    kind = ""
    languages: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, list[Any]]]:
        """(language, its own name, the fields of its texts); of a fixed subject there is none."""
        parts = parts_of(self.kind)
        return [
            (code, NAMES[code][0], [self[f"{part}_{code}"] for part in parts])
            for code in self.languages
        ]

    @property
    def revision(self) -> int:
        """The one the form began with; -1, which none has, when that cannot be read."""
        typed = self.version.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else -1

    def words(self) -> OwnWords:
        parts: dict[str, dict[str, str]] = {part: {} for part in PARTS}
        for code, _own_name, fields in self.texts:
            for part, field in zip(parts_of(self.kind), fields, strict=True):
                if field.data:
                    parts[part][code] = field.data
        return OwnWords(**parts)

    def check(self) -> bool:
        """Length, and placeholders that stand for something in this letter."""
        is_fine = bool(self.validate())
        for _code, _own_name, fields in self.texts:
            for field in fields:
                is_fine &= knows_all(field, in_subject=field.name.startswith("subject"))
                is_fine &= not self._has_empty(field)
        return is_fine

    def _has_empty(self, field: Any) -> bool:
        empty = [one for one in find(field.data or "") if one.name in of_no_use(self.kind)]
        if empty and empty[0].name:
            said = spelling(empty[0].name, current_language())
            complain(field, _("%(written)s stands for nothing in this letter", written=said))
        return bool(empty)


def parts_of(kind: str) -> tuple[str, ...]:
    return PARTS if kind in WITH_SUBJECT else PARTS[1:]


@lru_cache(maxsize=64)
def words_form(kind: str, languages: tuple[str, ...]) -> type[WordsFormBase]:
    """A field for each text that may be another, in each language."""
    fields: dict[str, Any] = {"kind": kind, "languages": languages}
    for code in languages:
        for part in parts_of(kind):
            of = LineField if part == "subject" else PastedField
            fields[f"{part}_{code}"] = of(LABELS[part], [AtMost(_LIMITS[part])])
    return type("WordsForm", (WordsFormBase,), fields)


def fresh_words_form(
    kind: str, languages: tuple[str, ...], words: OwnWords, revision: int
) -> WordsFormBase:
    """A form that shows these words, and saves over that revision."""
    data = {
        f"{part}_{code}": getattr(words, part).get(code, "")
        for part in parts_of(kind)
        for code in languages
    }
    return words_form(kind, languages)(formdata=None, data={**data, "version": str(revision)})
