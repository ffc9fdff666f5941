"""A list of people in words: what its columns are called, what its cells mean, what is wrong."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from blueprints.public.registration_form import identifier_sentence
from dialognav.countries import country_name
from dialognav.domain.import_columns import COLUMNS, HEADINGS, fold
from dialognav.domain.import_rows import Problem, Vocabulary
from dialognav.domain.parties import COUNTRIES
from dialognav.domain.tables import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, TableRefused
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import (
    NAMES,
    current_language,
    date_text,
    lazy,
    local,
    ngettext,
    number_text,
    speaking,
)
from dialognav.i18n import gettext as _
from dialognav.models import Event, Occasion
from dialognav.occasion_names import occasion_name, occasion_when
from dialognav.words import MODES, PARTY_KINDS

_MORE_MODES = {
    "on_site": ("fysiskt", "fysisk", "fysisk närvaro", "in person", "oppmøte", "plats"),
    "online": ("online", "digitalt", "digital", "distans", "på distans", "teams", "zoom", "remote"),
}
_MORE_LANGUAGES = {
    "sv": ("swedish", "svensk", "se"),
    "en": ("engelska", "engelsk", "gb"),
    "nb": ("norska", "norwegian", "bokmål", "no"),
}


def column_name(column: str) -> str:
    """As our template calls it in the reader's language."""
    return HEADINGS[column][current_language()][0]


def column_names() -> dict[str, str]:
    return {column: column_name(column) for column in COLUMNS}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The words of closed sets in every language of ours, folded; codes too."""
    kinds: dict[str, str] = {}
    modes: dict[str, str] = {}
    countries: dict[str, str] = {}
    languages: dict[str, str] = {}
    for language in LANGUAGES:
        with speaking(language):
            kinds |= {fold(str(word)): code for code, word in PARTY_KINDS.items()}
            modes |= {fold(str(word)): code for code, word in MODES.items()}
            countries |= {fold(country_name(code)): code for code in COUNTRIES}
        languages |= {fold(NAMES[language][0]): language, language: language}
        languages |= dict.fromkeys(map(fold, _MORE_LANGUAGES[language]), language)
    for mode, more in _MORE_MODES.items():
        modes |= dict.fromkeys(map(fold, (mode, *more)), mode)
    return Vocabulary(
        kinds | {fold(code): code for code in PARTY_KINDS},
        modes,
        countries | {fold(code): code for code in COUNTRIES},
        languages,
    )


def names_of(event: Event, occasion: Occasion, number: int) -> Iterator[str]:
    """What a row may call one of several sessions: by title, by day, by both, or by its number."""
    start = local(occasion.starts_at, event.zone)
    yield str(number)
    yield from occasion.title.values()
    yield f"{start:%Y-%m-%d}"
    yield f"{start:%Y-%m-%d %H:%M}"
    for language in LANGUAGES:
        with speaking(language):
            yield occasion_name(event, occasion)
            yield occasion_when(event, occasion)
            yield date_text(occasion.starts_at, event.zone)
            yield date_text(occasion.starts_at, event.zone, "short")


def refusal(refused: TableRefused) -> str:
    """Why a file cannot be read, and what to do about it."""
    said: dict[str, Any] = {
        "empty": lazy("There is nothing in the file"),
        "not_text": lazy("The file is not text and not a workbook. Save it as Excel or CSV UTF-8."),
        "html": lazy("This is a web page, not a workbook. Open it in Excel and save it as .xlsx."),
        "password": lazy("The workbook has a password. Save it without one and choose it again."),
        "damaged": lazy("The file is damaged or cut off. Save it anew and choose it again."),
        "unknown": lazy("This is not a workbook. Choose an Excel, LibreOffice or CSV file."),
        "no_such_sheet": lazy("The workbook has no such sheet that can be seen"),
    }
    if refused.reason in said:
        return str(said[refused.reason])
    if refused.reason == "binary":
        return _("Row %(row)s holds characters that are not text", row=refused.row)
    if refused.reason == "quote":
        return _("A quotation mark in row %(row)s is wrong or never closed", row=refused.row)
    if refused.reason == "too_many_rows":
        return _("The file has more than %(limit)s rows. Divide it.", limit=number_text(MOST_ROWS))
    if refused.reason == "too_many_columns":
        return _("The file has more than %(limit)s columns. Take away some.", limit=MOST_COLUMNS)
    megabytes = MOST_BYTES // 1024 // 1024
    return _("The file is too large to read. %(limit)s MB is the most.", limit=megabytes)


def sentence(problem: Problem) -> str:
    """What is wrong with a cell, or worth a look."""
    facts = dict(problem.facts)
    if problem.code == "bad_identifier":
        return identifier_sentence(str(facts["country"]))
    if problem.code == "over_limit":
        return _over_limit(facts)
    if problem.code == "several_names":
        names = ", ".join(f"“{name}”" for name in facts["names"])  # type: ignore[attr-defined]
        return _("One organisation number, but several names: %(names)s", names=names)
    return str(_SENTENCES[problem.code]) % facts if facts else str(_SENTENCES[problem.code])


def _over_limit(facts: dict[str, Any]) -> str:
    most = _("At most %(count)s people from one organisation", count=facts["limit"])
    if not facts["registered"]:
        return most
    there = ngettext(
        "%(num)s is registered already", "%(num)s are registered already", facts["registered"]
    )
    return f"{most}. {there}"


_SENTENCES: dict[str, Any] = {
    "nobody": lazy("There is nobody below the row with the names of the columns"),
    "too_many_people": lazy("At most %(limit)s people in one file. Divide it here."),
    "missing": lazy("This is empty"),
    "too_long": lazy("Longer than %(limit)s characters"),
    "formula": lazy("This begins like a formula. Write it as plain text."),
    "no_name": lazy("A name has letters in it"),
    "bad_address": lazy("Enter an e-mail address, like name@company.com"),
    "missing_contact_address": lazy("A contact needs an e-mail address"),
    "missing_contact_name": lazy("A contact needs a name"),
    "unknown_word": lazy("“%(word)s” is none of the words this column takes"),
    "other_mode": lazy("One cannot take part in this event that way"),
    "which_sessions": lazy("Write which sessions: their titles, dates or numbers"),
    "unknown_session": lazy("“%(word)s” is none of the sessions that can be chosen"),
    "too_many_sessions": lazy("At most %(limit)s sessions for one person"),
    "not_for": lazy("This event is for public buyers"),
    "personal_number": lazy("This is a person's number, not a public body's"),
    "twice": lazy("This person stands in row %(row)s too"),
    "registered": lazy("This person is registered already"),
    "contact_registered": lazy("This address is the contact of a registration already"),
    "contact_twice": lazy("This address is the contact of another organisation in row %(row)s"),
    "too_many_in_one": lazy(
        "At most %(limit)s people in one registration. Give the others another contact."
    ),
    "no_place": lazy("There is no place left, and the event keeps no waiting list"),
    "direction_marks": lazy("Invisible marks were taken away"),
    "merged": lazy("Merged cells: only the first row of them has the text"),
    "party_registered": lazy("The organisation has a registration already"),
    "party_maybe_registered": lazy(
        "The organisation seems to have a registration already, with another number or none"
    ),
    "address_elsewhere": lazy("The address takes part in another registration, by another name"),
}
