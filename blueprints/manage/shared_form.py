"""The form of something that all are to know, once per language; and the message about it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from wtforms import RadioField

from blueprints.forms import AtMost, BaseForm, TextField, options
from blueprints.manage.typed import complain
from blueprints.manage.written_form import WrittenForm
from dialognav.db import Text
from dialognav.domain.audience import Audience
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.placeholders import spelling
from dialognav.i18n import NAMES, lazy, pick, speaking
from dialognav.i18n import gettext as _
from dialognav.models import Event, SharedItem

LONGEST_ITEM = 4_000
STATES = frozenset({"confirmed", "offered", "waiting", "pending", "without"})

NOW, DRAFT, NONE = "now", "draft", "none"
TELLING: dict[str, Any] = {
    NOW: lazy("A message to all who are registered, at once"),
    DRAFT: lazy("A draft of a message, to look through before it is sent"),
    NONE: lazy("No message: the public page says it"),
}


class ItemFormBase(WrittenForm):
    languages: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, Any]]:
        return [(code, NAMES[code][0], self[f"text_{code}"]) for code in self.languages]

    @property
    def words(self) -> Text:
        return {code: field.data for code, _own, field in self.texts if field.data}

    def check(self) -> bool:
        is_fine = bool(self.validate())
        first = self[f"text_{self.languages[0]}"]
        if not first.data:
            complain(first, _("Write what everybody is to know"))
            return False
        return is_fine

    def show(self, text: Text, revision: int) -> None:
        self.begin(as_values(text), revision)


def as_values(text: Text) -> dict[str, str]:
    return {f"text_{code}": said for code, said in text.items()}


@lru_cache(maxsize=16)
def item_form(languages: tuple[str, ...]) -> type[ItemFormBase]:
    fields: dict[str, Any] = {
        f"text_{code}": TextField(NAMES[code][0], [AtMost(LONGEST_ITEM)]) for code in languages
    }
    given = {**fields, "languages": languages, "keys": tuple(fields)}
    return type("ItemForm", (ItemFormBase,), given)


class PublishForm(BaseForm):
    """Which drafts, by ticks that the page names, and how people are told."""

    telling = RadioField(
        lazy("How the registered are told"),
        choices=options(TELLING.items()),
        validate_choice=False,
    )
    offered: tuple[str, ...] = ()

    def offer(self, *, at_once: bool) -> None:
        """`at_once`: the organisation's rules and the role allow it."""
        self.offered = tuple(key for key in TELLING if at_once or key != NOW)
        self.telling.choices = options((key, TELLING[key]) for key in self.offered)
        if self.telling.data is None:
            self.telling.data = self.offered[0]

    def check(self) -> bool:
        is_fine = bool(self.validate())
        if self.telling.data not in self.offered:
            complain(self.telling, _("Choose how the registered are told"))
            return False
        return is_fine


def message_about(event: Event, items: Sequence[SharedItem]) -> MessageDraft:
    """The same words for all who are registered, in every language that one of the items has."""
    primary = event.primary_language
    codes = dict.fromkeys([primary, *(code for item in items for code in item.text)])
    subject, body = {}, {}
    for code in codes:
        with speaking(code if code in NAMES else primary):
            subject[code] = _("Said in a meeting, and now to all: %(event)s", event=_event(code))
            body[code] = "\n\n".join(
                [
                    _("In a one-to-one meeting something was said that everybody is to know:"),
                    *(_quoted(pick(item.text, code, primary)[0]) for item in items),
                    _("All that has been shared: %(page)s", page=spelling("event_page", code)),
                ]
            )
    audience = Audience(events=(event.id,), states=STATES, includes_contacts=True)
    return MessageDraft(subject=subject, body=body, audience=audience)


def _event(code: str) -> str:
    return spelling("event", code)


def _quoted(words: str) -> str:
    """As it is on the page: a brace in it stands for itself."""
    return words.replace("{", "\\{").replace("}", "\\}")
