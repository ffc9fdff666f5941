"""Forms of texts that two may write at once: what they began with, and both versions afterwards."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField

from blueprints.forms import BaseForm
from dialognav.domain.two_writers import merge, read_version, version_text


class WrittenForm(BaseForm):
    """`keys` are the fields that hold the parts of the text. In a page, {{ form.version() }}."""

    version = HiddenField()
    keys: tuple[str, ...] = ()

    @property
    def revision(self) -> int:
        """The revision the form began with; -1, which nothing has, when it cannot be read."""
        return read_version(self.version.data or "")[0]

    @property
    def values(self) -> dict[str, str]:
        return {key: self[key].data or "" for key in self.keys}

    def begin(self, values: Mapping[str, str], revision: int) -> None:
        """Show what is stored, and remember it."""
        for key in self.keys:
            self[key].data = values.get(key, "")
        self.version.data = version_text(revision, {key: values.get(key, "") for key in self.keys})

    def take_over(self, theirs: Mapping[str, str], revision: int, who: str) -> dict[str, Any]:
        """Somebody saved meanwhile: what only they changed is taken, mine stays, and the next save
        is a knowing one. Returns what manage/events/_both.html says."""
        base = read_version(self.version.data or "")[1]
        mine = self.values
        merged = merge(mine, {key: theirs.get(key, "") for key in self.keys}, base)
        self.begin(theirs, revision)
        for key in self.keys:
            self[key].data = merged.values[key]
        return {
            "who": who,
            "conflicts": [(self._label(k), theirs.get(k, ""), mine[k]) for k in merged.conflicts],
            "taken": [self._label(key) for key in merged.taken],
        }

    def _label(self, key: str) -> str:
        return str(self[key].label.text)
