"""What staff give to be read: a file, or the same pasted as text."""

from typing import Any, NamedTuple

from werkzeug.datastructures import FileStorage

from blueprints.forms import BaseForm
from blueprints.manage.typed import complain
from dialognav.domain.uploads import safe_filename

MOST_PASTED = 500_000  # characters


class Given(NamedTuple):
    """`name` is "" for what was pasted; a sentence about the content belongs at `field`."""

    name: str
    content: bytes
    field: Any


class GivenForm(BaseForm):
    """A form with the fields `file` and `pasted`."""

    file: Any
    pasted: Any

    def given(self, most: int, *, missing: str) -> Given | None:
        """The file if one was chosen, else the text; neither: None, and `missing` at the file.

        A byte more than `most` is read at the utmost, so that its reader sees it is too large.
        """
        chosen = self.file.data
        if isinstance(chosen, FileStorage) and chosen.filename:
            name = safe_filename(chosen.filename)
            return Given(name, chosen.stream.read(most + 1), self.file)
        if not self.pasted.data:
            complain(self.file, missing)
            return None
        return Given("", self.pasted.data.encode(), self.pasted)
