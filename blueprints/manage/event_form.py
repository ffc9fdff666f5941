"""The editor's form: one long page, with each text once per language.

Every field holds what was typed, as text, so that nothing is lost on the way back; validate()
reads it into one EventDraft.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import (
    AddressField,
    AtMost,
    BaseForm,
    LineField,
    TextField,
    options,
)
from dialognav import words
from dialognav.domain.timezones import ZONES
from dialognav.i18n import NAMES, date_text
from dialognav.i18n import lazy as _

MOST_ROWS = 60
WRONG: dict[str, Any] = {"invalid_choice_message": _("Choose one of these")}


def _zones() -> list[Any]:
    return options((name, name.replace("_", " ")) for name in ZONES)


# name: (label, most characters, lines in the form; 0 is one line)
TEXTS: dict[str, tuple[Any, int, int]] = {
    "title": (_("Title"), 160, 0),
    "summary": (_("Summary"), 500, 3),
    "need": (_("The need"), 10_000, 10),
    "effect": (_("Effect for citizens and users"), 3000, 4),
    "accessibility_note": (_("Accessibility"), 2000, 3),
    "language_note": (_("Languages spoken"), 500, 2),
    "cost_note": (_("Cost"), 300, 0),
    "contact_hours": (_("Phone hours"), 120, 0),
    "after_text": (_("What we heard"), 10_000, 8),
}
OF_OCCASION: dict[str, tuple[Any, int, int]] = {
    "session": (_("Name of the session"), 160, 0),
    "venue": (_("Venue"), 200, 0),
    "directions": (_("Directions"), 1000, 3),
}
_ROW_TEXTS: dict[str, dict[str, tuple[Any, int, int]]] = {
    "programme": {"title": (_("Item"), 200, 0), "text": (_("Description"), 2000, 2)},
    "questions": {"text": (_("Question"), 1000, 2), "help": (_("Explanation"), 1000, 2)},
    "milestones": {"when": (_("When"), 60, 0), "text": (_("What happens"), 300, 0)},
    "occasions": OF_OCCASION,
}


EVERY: dict[str, Any] = {
    "week": _("every week"),
    "2weeks": _("every second week"),
    "month": _("every month, the same weekday"),
}
"""How far from each other the dates are that the editor adds by itself."""


class Row(Form):
    """A line of a list in the form; the token is the whole form's."""

    class Meta(Form.Meta):
        locales = False


class SpeakerRow(Row):
    name = LineField(_("Name"), [AtMost(120)])
    title = LineField(_("Role"), [AtMost(160)])
    organisation = LineField(_("Organisation"), [AtMost(160)])


class ProgrammeRow(Row):
    day = LineField(_("Date"), [AtMost(20)])
    from_time = LineField(_("From"), [AtMost(10)])
    to_time = LineField(_("To"), [AtMost(10)])
    is_break = BooleanField(_("Break"))
    speakers = FieldList(FormField(SpeakerRow), max_entries=20)


class OccasionFields:
    """When and where: once for the event's first occasion, and for each further one."""

    occasion = HiddenField()  # the id of its row, empty before it has one
    all_day = BooleanField(_("All day"))
    date = LineField(_("Date"), [AtMost(20)])
    from_time = LineField(_("From"), [AtMost(10)])
    end_date = LineField(_("Last day, if there are several"), [AtMost(20)])
    to_time = LineField(_("To"), [AtMost(10)])
    address = LineField(_("Street address"), [AtMost(300)])
    online_url = LineField(_("Meeting link"), [AtMost(1000)])
    online_service = LineField(_("Service"), [AtMost(60)])

    def says(self, name: str) -> str:
        """A row's name and when it is, while it is folded; what cannot be read, as it was typed."""
        typed = self.date.data or ""
        try:
            day = date_text(date.fromisoformat(typed)) if typed else ""
        except ValueError:
            day = typed
        hours = [] if self.all_day.data else [self.from_time.data, self.to_time.data]
        when = ", ".join(filter(None, (day, "–".join(filter(None, hours)))))
        return ": ".join(filter(None, (name, when)))


class OccasionRow(OccasionFields, Row):
    pass


class QuestionRow(Row):
    pass


class MilestoneRow(Row):
    phase = SelectField(_("Phase"), choices=options(words.PHASES.items()), **WRONG)


class EventBase(OccasionFields, BaseForm):
    # Revision, and fingerprints of what the form began with (drafts.merge). In one field of this
    # name, because static/js/keep.js brings it back together with unsent text.
    version = HiddenField()
    kind = RadioField(_("Kind"), choices=options(words.KINDS.items()), **WRONG)
    phase = SelectField(
        _("Phase"), choices=options([("", _("None")), *words.PHASES.items()]), **WRONG
    )
    diary_number = LineField(_("Diary number"), [AtMost(60)])
    cpv = TextField(_("CPV codes"), [AtMost(1500)])
    region = LineField(_("Region (NUTS)"), [AtMost(10)])

    format = RadioField(_("Form of meeting"), choices=options(words.FORMATS.items()), **WRONG)
    zone = SelectField(_("Time zone"), choices=_zones, **WRONG)
    attending = RadioField(
        _("Who comes to which sessions"), choices=options(words.ATTENDINGS.items()), **WRONG
    )
    sessions_most = LineField(_("At most so many sessions per person"), [AtMost(10)])
    repeat_every = SelectField(_("Again"), choices=options(EVERY.items()), **WRONG)
    repeat_times = LineField(_("Times"), [AtMost(10)])

    serves_food = BooleanField(_("Food is served"))

    contact_name = LineField(_("Name"), [AtMost(120)])
    contact_title = LineField(_("Role"), [AtMost(120)])
    contact_email = AddressField(_("E-mail"), [AtMost(254)])
    contact_phone = LineField(_("Phone"), [AtMost(60)])

    fresh = SelectMultipleField(
        _("These translations are right as they stand"),
        choices=options((code, name) for code, (name, _short) in NAMES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    languages: tuple[str, ...] = ()  # the primary first

    def texts(self, name: str, row: Any = None) -> list[tuple[str, str, Any]]:
        """[(code, the language's own name, field)], the primary language first."""
        holder = self if row is None else row.form
        return [(code, NAMES[code][0], holder[f"{name}_{code}"]) for code in self.languages]


def _text_fields(
    texts: dict[str, tuple[Any, int, int]], languages: tuple[str, ...]
) -> dict[str, Any]:
    """One field per text and language, as class attributes."""
    made: dict[str, Any] = {}
    for name, (label, limit, lines) in texts.items():
        for code in languages:
            kind = TextField if lines else LineField
            made[f"{name}_{code}"] = kind(label, [AtMost(limit)])
    return made


@lru_cache(maxsize=16)
def event_form(languages: tuple[str, ...]) -> type[EventBase]:
    """The form's class for an event written in these languages, the primary first."""
    rows = {
        "occasions": OccasionRow,
        "programme": ProgrammeRow,
        "questions": QuestionRow,
        "milestones": MilestoneRow,
    }
    lists: dict[str, Any] = {}
    for name, base in rows.items():
        row = type(base.__name__, (base,), _text_fields(_ROW_TEXTS[name], languages))
        lists[name] = FieldList(FormField(row), max_entries=MOST_ROWS)
    fields = _text_fields(TEXTS | OF_OCCASION, languages)
    return type("EventForm", (EventBase,), {**fields, **lists, "languages": languages})
