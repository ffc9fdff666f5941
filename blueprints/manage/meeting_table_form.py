"""The form of a table of one-to-one meetings."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import AtMost, BaseForm, LineField, options
from blueprints.manage import typed
from blueprints.manage.event_form import WRONG
from blueprints.manage.meeting_both import mark_of
from blueprints.manage.meeting_people import PeopleFields, people_fields, typed_people
from dialognav import words
from dialognav.actions.meeting_tables import TableDraft
from dialognav.domain.meeting_rules import SPOKEN
from dialognav.domain.terms import Mode
from dialognav.i18n import NAMES as LANGUAGE_NAMES
from dialognav.i18n import gettext as _
from dialognav.i18n import language_name, lazy, list_text
from dialognav.meeting_words import TABLE_ROLES
from dialognav.models import TeamMember

NAMES: dict[str, Any] = {
    "name": lazy("Name of the table"),
    "topic": lazy("Topic"),
    "mode": lazy("Form of meeting"),
    "room": lazy("Room"),
    "address": lazy("Street address"),
    "online_service": lazy("Service"),
    "online_url": lazy("Meeting link for all of its times"),
    "has_lobby": lazy("There is a lobby: we let each supplier in, one at a time"),
    "languages": lazy("Languages spoken here"),
    "people": lazy("Who is there"),
}
_TEXTS = {"name": 80, "topic": 160, "room": 160}  # most characters
_PLAIN = ("mode", "address", "online_service", "online_url", "has_lobby")


def _languages() -> list[Any]:
    return options((code, language_name(code)) for code in SPOKEN)


class TableFormBase(PeopleFields, BaseForm):
    version = HiddenField()
    mode = RadioField(NAMES["mode"], choices=options(words.MODES.items()), **WRONG)
    address = LineField(NAMES["address"], [AtMost(300)])
    online_service = LineField(NAMES["online_service"], [AtMost(60)])
    online_url = LineField(NAMES["online_url"], [AtMost(1000)])
    has_lobby = BooleanField(NAMES["has_lobby"])
    languages = SelectMultipleField(
        NAMES["languages"],
        choices=_languages,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        **WRONG,
    )
    restaff = BooleanField(lazy("The same people take the times that are there already"))
    tongues: tuple[str, ...] = ()

    def texts(self, name: str) -> list[tuple[str, str, Any]]:
        return [(code, LANGUAGE_NAMES[code][0], self[f"{name}_{code}"]) for code in self.tongues]

    def read(self, stored: TableDraft) -> TableDraft | None:
        """What was typed, or None when a field got a sentence. Languages that the form does not
        show keep what is stored. Call it on a validated form."""
        if self.mode.data == Mode.ONLINE:
            self._check_link()
        said: dict[str, Any] = {name: self._text(name, getattr(stored, name)) for name in _TEXTS}
        first = self[f"name_{self.tongues[0]}"]
        if not first.data and not first.errors:
            typed.complain(first, _("Name the table, like Table A"))
        if any(field.errors for field in self):
            return None
        plain: dict[str, Any] = {name: self[name].data for name in _PLAIN}
        if self.mode.data != Mode.ONLINE:
            plain |= {"online_service": "", "online_url": "", "has_lobby": False}
        languages = tuple(self.languages.data or ())
        return TableDraft(**said, **plain, languages=languages, people=self.people)

    def _check_link(self) -> None:
        """Of a table on site its fields are out of sight, and nothing of them is kept."""
        typed.check_web_address(self.online_url)
        if self.has_lobby.data and not self.online_url.data:
            typed.complain(self.has_lobby, _("Enter the link that has the lobby"))

    def _text(self, name: str, kept: dict[str, str]) -> dict[str, str]:
        said = {code: field.data or "" for code, _own, field in self.texts(name)}
        return {code: text for code, text in {**kept, **said}.items() if text}


@lru_cache(maxsize=64)
def _form_class(tongues: tuple[str, ...], team: tuple[int, ...]) -> type[TableFormBase]:
    fields: dict[str, Any] = {
        f"{name}_{code}": LineField(NAMES[name], [AtMost(most)])
        for name, most in _TEXTS.items()
        for code in tongues
    }
    return type(
        "TableForm", (TableFormBase,), {**fields, **people_fields(team), "tongues": tongues}
    )


def table_form(tongues: tuple[str, ...], team: Sequence[TeamMember]) -> type[TableFormBase]:
    """The form's class for an event's languages, the primary first, and its team."""
    return _form_class(tongues, tuple(member.id for member in team))


def fresh_form(
    tongues: tuple[str, ...],
    team: Sequence[TeamMember],
    table: TableDraft,
    base: TableDraft | None = None,
) -> TableFormBase:
    """A form that shows a table and remembers what it began with: `base`, or the same."""
    data: dict[str, Any] = {name: getattr(table, name) for name in _PLAIN}
    data |= {
        f"{name}_{code}": getattr(table, name).get(code, "") for name in _TEXTS for code in tongues
    }
    data |= typed_people(table.people)
    data |= {"languages": list(table.languages), "version": mark_of(base or table)}
    return table_form(tongues, team)(formdata=None, data=data | {"restaff": True})


def said_part(name: str, value: Any, team: Sequence[TeamMember]) -> str:
    """A part of a draft for a colleague to read."""
    if name == "people":
        names = {member.id: member.name for member in team}
        return list_text([f"{names[who]}: {TABLE_ROLES[role]}" for who, role in value.items()])
    if name == "mode":
        return str(words.MODES[value])
    if name == "languages":
        return list_text([language_name(code) for code in value])
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "\n".join(value.values()) if isinstance(value, dict) else str(value)
