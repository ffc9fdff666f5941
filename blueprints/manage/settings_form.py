"""The form of an organisation's settings: each text once per language."""

from typing import Any

from babel import Locale
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import AddressField, AtMost, BaseForm, LineField, Required, TextField, options
from blueprints.manage.typed import complain, read_months, read_region
from dialognav import words
from dialognav.actions.organisations import NAMES as SETTINGS
from dialognav.actions.organisations import Settings
from dialognav.domain.parties import COUNTRIES, BadIdentifier, read_identifier
from dialognav.domain.terms import LANGUAGES, PartyKind
from dialognav.domain.timezones import ZONES, is_known_zone
from dialognav.i18n import NAMES, current_language, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Organisation

# name: (label, most characters, lines in the form; 0 is one line)
TEXTS: dict[str, tuple[Any, int, int]] = {
    "name": (lazy("Name"), 160, 0),
    "about": (lazy("About the organisation"), 2000, 4),
    "phone_hours": (lazy("Phone hours"), 120, 0),
    "privacy_text": (lazy("More about personal data"), 10_000, 8),
}
_KINDS = options((c, name) for c, name in words.PARTY_KINDS.items() if c != "sole_trader")


class SettingsBase(BaseForm):
    version = HiddenField()
    kind = SelectField(lazy("Kind of organisation"), choices=_KINDS)
    country = SelectField(lazy("Country"))
    identifier = LineField(lazy("Organisation number"), [AtMost(40)])
    region = LineField(lazy("Region (NUTS)"), [AtMost(10)])
    address = LineField(lazy("Postal address"), [AtMost(300)])
    email = AddressField(
        lazy("E-mail address"), [Required(lazy("Enter the address where questions are answered"))]
    )
    phone = LineField(lazy("Phone"), [AtMost(60)])
    zone = SelectField(lazy("Time zone"))
    languages = SelectMultipleField(
        lazy("Languages you write in"),
        choices=options((code, NAMES[code][0]) for code in LANGUAGES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    primary_language = RadioField(
        lazy("First language"), choices=options((code, NAMES[code][0]) for code in LANGUAGES)
    )
    registrar_email = AddressField(lazy("The registrar's mailbox"))
    data_protection_contact = LineField(
        lazy("Data protection contact"),
        [
            Required(lazy("Enter whom to ask about personal data, with an address or a number")),
            AtMost(300),
        ],
    )
    accessibility_contact = AddressField(lazy("Address for reports about accessibility"))
    retention_months = LineField(
        lazy("Months after the event"),
        [Required(lazy("Enter for how many months names are kept after the event"))],
    )
    disposal_authority = LineField(lazy("The decision that allows disposal"), [AtMost(300)])
    disposal_needs_two = BooleanField(lazy("Somebody else than who proposes has to approve"))
    mail_from_name = LineField(lazy("Name of the sender"), [AtMost(120)])
    mail_sender = AddressField(lazy("Address of the sender"))
    message_approval = BooleanField(lazy("Messages are approved by somebody else than the writer"))
    minutes_need_two = BooleanField(lazy("Minutes are approved by somebody else than the writer"))

    months: int | None = None

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        names = Locale.parse(current_language()).territories
        self.country.choices = options((code, str(names.get(code, code))) for code in COUNTRIES)
        known = [*ZONES]
        if self.zone.data and self.zone.data not in known and is_known_zone(self.zone.data):
            known.append(self.zone.data)  # an older name of a zone stays as it is
        self.zone.choices = options((name, name.replace("_", " ")) for name in known)

    def texts(self, name: str) -> list[tuple[str, str, Any]]:
        """[(code, the language's own name, field)], the first language first."""
        first = self.primary_language.data
        codes = sorted(LANGUAGES, key=lambda code: code != first)
        return [(code, NAMES[code][0], self[f"{name}_{code}"]) for code in codes]

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        self._read_languages()
        self._read_identifier()
        self.region.data = read_region(self.region)
        self.months = read_months(self.retention_months)
        return fine and not self.errors

    def command(self) -> Settings:
        """What to save, of a form that validated."""
        given: dict[str, Any] = {
            name: self[name].data or "" for name in SETTINGS if name not in TEXTS
        }
        given |= {
            name: {code: field.data for code, _own, field in self.texts(name) if field.data}
            for name in TEXTS
        }
        given["retention_months"] = self.months or 0
        given["disposal_needs_two"] = bool(self.disposal_needs_two.data)
        given["message_approval"] = bool(self.message_approval.data)
        given["minutes_need_two"] = bool(self.minutes_need_two.data)
        given["languages"] = [code for code in LANGUAGES if code in (self.languages.data or [])]
        return Settings(**given)

    def _read_languages(self) -> None:
        """The first language is one of those written in, and the name is said in it."""
        first = self.primary_language.data
        if first not in LANGUAGES:
            return  # the field has said so
        if first not in (self.languages.data or []):
            complain(self.languages, _("The first language has to be among these"))
        if not self[f"name_{first}"].data:
            complain(self[f"name_{first}"], _("Enter the name in the first language"))

    def _read_identifier(self) -> None:
        if not self.identifier.data or self.identifier.errors or self.country.errors:
            return
        try:
            found = read_identifier(self.identifier.data, self.country.data)
        except BadIdentifier:
            found = None
        if found is None or found.personal:
            complain(
                self.identifier,
                _("Check the number: no organisation in this country can have it"),
            )
        else:
            self.identifier.data = found.shown


SettingsForm: type[SettingsBase] = type(
    "SettingsForm",
    (SettingsBase,),
    {
        f"{name}_{code}": (TextField if lines else LineField)(label, [AtMost(limit)])
        for name, (label, limit, lines) in TEXTS.items()
        for code in LANGUAGES
    },
)


def form_of(organisation: Organisation) -> SettingsBase:
    """The form with what is saved in it."""
    saved = settings_of(organisation)
    given: dict[str, Any] = {name: getattr(saved, name) for name in SETTINGS if name not in TEXTS}
    given["retention_months"] = str(saved.retention_months)
    for name in TEXTS:
        for code in LANGUAGES:
            given[f"{name}_{code}"] = getattr(saved, name).get(code, "")
    return SettingsForm(formdata=None, data={**given, "version": str(organisation.version)})


def settings_of(organisation: Organisation) -> Settings:
    return Settings(**{name: getattr(organisation, name) for name in SETTINGS})


def label_of(name: str) -> str:
    """What the form calls a setting."""
    if name in TEXTS:
        return str(TEXTS[name][0])
    return str(getattr(SettingsBase, name).args[0])


def words_of(name: str, value: Any) -> str:
    """A saved value as the page can show it beside what was typed."""
    if name in TEXTS:
        return " / ".join(f"{NAMES[code][0]}: {said}" for code, said in value.items())
    if name == "kind":
        return str(words.PARTY_KINDS[PartyKind(value)])
    if name == "languages":
        return ", ".join(NAMES[code][0] for code in value)
    if name in ("disposal_needs_two", "message_approval"):
        return _("Yes") if value else _("No")
    return NAMES[value][0] if name == "primary_language" else str(value)
