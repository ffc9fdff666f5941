"""The columns of a list of participants, and the many names that people give them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialognav.domain.tables import Row, Table

HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "party_name": {
        "sv": ("Organisation", "Företag", "Bolag", "Leverantör", "Organisationens namn", "Firma"),
        "en": ("Organisation", "Organization", "Company", "Supplier", "Organisation name"),
        "nb": ("Organisasjon", "Virksomhet", "Firma", "Bedrift", "Selskap", "Leverandør"),
    },
    "party_identifier": {
        "sv": ("Organisationsnummer", "Org.nr", "Orgnr", "Org nr"),
        "en": ("Organisation number", "Company number", "Registration number", "VAT number"),
        "nb": ("Organisasjonsnummer", "Org.nr", "Orgnr", "Org.nummer"),
    },
    "party_country": {
        "sv": ("Land", "Registreringsland"),
        "en": ("Country", "Country of registration"),
        "nb": ("Land", "Registreringsland"),
    },
    "party_kind": {
        "sv": ("Typ av organisation", "Slag av organisation", "Organisationstyp"),
        "en": ("Kind of organisation", "Type of organisation", "Organisation type"),
        "nb": ("Type organisasjon", "Type virksomhet", "Organisasjonstype"),
    },
    "name": {
        "sv": ("Namn", "Deltagare", "Deltagarens namn", "För- och efternamn", "Person"),
        "en": ("Name", "Participant", "Full name", "Participant's name", "Person"),
        "nb": ("Navn", "Deltaker", "Deltakerens navn", "For- og etternavn", "Person"),
    },
    "email": {
        "sv": ("E-post", "Epost", "E-postadress", "Mejl", "Mail", "Mailadress"),
        "en": ("E-mail", "Email", "E-mail address", "Email address", "Mail"),
        "nb": ("E-post", "Epost", "E-postadresse", "Mail"),
    },
    "title": {
        "sv": ("Roll", "Titel", "Befattning"),
        "en": ("Role", "Title", "Job title", "Position"),
        "nb": ("Rolle", "Tittel", "Stilling"),
    },
    "mode": {
        "sv": ("Deltar", "Deltagande", "Form", "På plats eller digitalt"),
        "en": ("Takes part", "Attendance", "Mode", "On site or online"),
        "nb": ("Deltar", "Deltakelse", "Form", "Fysisk eller digitalt"),
    },
    "sessions": {
        "sv": ("Tillfällen", "Tillfälle", "Pass", "Dagar", "Dag", "Datum"),
        "en": ("Sessions", "Session", "Days", "Day", "Dates", "Date"),
        "nb": ("Samlinger", "Samling", "Økter", "Økt", "Dager", "Dag", "Datoer", "Dato"),
    },
    "access_need": {
        "sv": ("Tillgänglighet vi ska ordna", "Tillgänglighetsbehov", "Tillgänglighet"),
        "en": ("Accessibility needs", "Accessibility"),
        "nb": ("Tilgjengelighet vi skal ordne", "Tilrettelegging", "Tilretteleggingsbehov"),
    },
    "diet": {
        "sv": ("Specialkost", "Kost", "Allergier", "Matpreferenser"),
        "en": ("Dietary needs", "Diet", "Allergies", "Food"),
        "nb": ("Spesialkost", "Kosthold", "Allergier", "Mat"),
    },
    "contact_name": {
        "sv": ("Kontakt", "Kontaktperson", "Kontaktens namn"),
        "en": ("Contact", "Contact person", "Contact name"),
        "nb": ("Kontakt", "Kontaktperson", "Kontaktens navn"),
    },
    "contact_email": {
        "sv": ("Kontaktens e-post", "Kontaktpersonens e-post", "E-post kontakt"),
        "en": ("Contact's e-mail", "Contact e-mail", "Contact email"),
        "nb": ("Kontaktens e-post", "Kontaktpersonens e-post", "E-post kontakt"),
    },
    "contact_phone": {
        "sv": ("Kontaktens telefon", "Telefon", "Telefonnummer", "Mobil"),
        "en": ("Contact's phone", "Phone", "Telephone", "Mobile"),
        "nb": ("Kontaktens telefon", "Telefon", "Telefonnummer", "Mobil"),
    },
    "language": {
        "sv": ("Språk i mejlen", "Språk", "Språk i breven"),
        "en": ("Language of the letters", "Language"),
        "nb": ("Språk i e-posten", "Språk", "Språk i brevene"),
    },
}
"""{column: {language: its name in our template, and what else it is called}}"""

COLUMNS = tuple(HEADINGS)
NEEDED = ("party_name", "name", "email")
_APART = re.compile(r"[\W_]+")
_LOOKED_AT = 10  # rows in which the head may stand, below a title


@dataclass(frozen=True, slots=True)
class Head:
    """Which row names the columns, and which column of ours each of the file's is.

    `columns` are {index in the row: column}. `unknown` are the names nobody recognised, `twice`
    the columns that two headings claim: the first one has it. `lacking` are needed and not there.
    """

    row: Row
    columns: Mapping[int, str]
    unknown: tuple[str, ...]
    twice: tuple[str, ...]
    lacking: tuple[str, ...]


def fold(words: str) -> str:
    """A heading or a word to compare by: without case, punctuation, accents of typing, spaces."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return _APART.sub("", plain)


_KNOWN = {
    fold(name): column
    for column, names in HEADINGS.items()
    for name in (column, *(one for said in names.values() for one in said))
}


def recognise(heading: str) -> str:
    """The column a heading means, "" for none; "E-post *" and "Namn (obligatoriskt)" are known."""
    bare = re.sub(r"[(\[].*?[)\]]|[*:]", " ", heading)
    return _KNOWN.get(fold(bare)) or _KNOWN.get(fold(heading), "")


def find_head(table: Table, chosen: Mapping[int, str] | None = None) -> Head:
    """The row that names most columns among the first ones; the first row when none does.

    `chosen` is what somebody said the columns are, {index: column or ""}; it wins.
    """
    rows = table.rows[:_LOOKED_AT]
    known = [len({recognise(cell) for cell in row.cells} - {""}) for row in rows]
    head = rows[known.index(max(known))] if max(known) > 1 else rows[0]
    columns: dict[int, str] = {}
    unknown, twice = [], []
    for index, heading in enumerate(head.cells):
        column = (chosen or {}).get(index, recognise(heading))
        if column and column in columns.values():
            twice.append(column)
        elif column in COLUMNS:
            columns[index] = column
        elif heading.strip() and index not in (chosen or {}):
            unknown.append(heading.strip())
    lacking = tuple(one for one in NEEDED if one not in columns.values())
    return Head(head, columns, tuple(unknown), tuple(twice), lacking)


def people_rows(table: Table, head: Head) -> Sequence[Row]:
    """The rows below the head."""
    return [row for row in table.rows if row.number > head.row.number]


def is_head_again(row: Row, head: Head) -> bool:
    """Whether a row repeats the head, as lists do that were put together from several."""
    again = sum(
        recognise(cell) == head.columns.get(index)
        for index, cell in enumerate(row.cells)
        if index in head.columns
    )
    return again > 1 and again >= len(head.columns) - 1
