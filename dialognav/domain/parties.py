"""The registering party: which organisation, known by which number (decisions.md 1, domain.md 5).

Numbers are checked offline by python-stdnum. A Swedish sole trader's number is a personal identity
number (lag 2018:218, 3 kap. 10 §): it is masked at once, and only a keyed hash tells it again.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from types import ModuleType

from stdnum.dk import cvr
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus
from stdnum.no import orgnr as no_orgnr
from stdnum.se import orgnr as se_orgnr

from dialognav.domain.terms import PartyKind

NORDIC = ("SE", "NO", "FI", "DK")
EU = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
    *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
)
COUNTRIES = (*NORDIC, "IS", *(code for code in EU if code not in NORDIC), "LI", "CH", "GB", "US")
ELSEWHERE = "ZZ"  # ISO 3166: a code its users may give a meaning

PUBLIC_BUYERS = (PartyKind.MUNICIPALITY, PartyKind.REGION, PartyKind.STATE_AGENCY)
SELLERS = (PartyKind.COMPANY, PartyKind.SOLE_TRADER)

_CHECKS: dict[str, ModuleType] = {"SE": se_orgnr, "NO": no_orgnr, "FI": ytunnus, "DK": cvr}
_LONGEST = 40
_SEPARATORS = re.compile(r"[\s.\-‐‑–/]+")
_FORM_OF_COMPANY = re.compile(
    r"\b(ab|aktiebolag|hb|kb|as|asa|ans|da|a/s|aps|oy|oyj|ltd|limited|gmbh|inc|bv|sa|se|publ)\b"
)


class BadIdentifier(ValueError):
    """The number fails its country's own check (length, characters or check digit)."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A checked number: `number` as compared, `shown` as people write it.

    `personal` says that the number is a natural person's.
    """

    country: str
    number: str
    shown: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """What a registration stores about its organisation; `identifier` is masked when personal."""

    name: str
    kind: str
    identifier: str
    country: str
    key: str
    name_key: str


def read_identifier(text: str, country: str) -> Identifier | None:
    """The number behind what somebody typed, or None for nothing typed: having none is fine.

    A VAT number is accepted where it contains the number. BadIdentifier when the check fails.
    Countries without a check take up to 40 letters and digits as they are.
    """
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not compact:
        return None
    if country == "SE":
        return _swedish(compact)
    if country in _CHECKS:
        return _nordic(compact, country)
    if country in EU:
        return _vat(compact, country)
    if len(compact) > _LONGEST or not re.fullmatch(r"[A-Z0-9]+", compact):
        raise BadIdentifier(country)
    return Identifier(country, compact, compact)


def _swedish(compact: str) -> Identifier:
    """Ten digits. Also with the tax authority's prefix 16, a century, or as SE..01 for VAT.

    The third and fourth digits of a legal person are 20 or more; below that they are the month of
    a personal identity number.
    """
    if re.fullmatch(r"SE\d{10}01", compact):
        compact = compact[2:12]
    elif re.fullmatch(r"(16|18|19|20)\d{10}", compact):
        compact = compact[2:]
    compact = compact.replace("+", "")
    if not compact.isascii() or not se_orgnr.is_valid(compact):
        raise BadIdentifier("SE")
    personal = int(compact[2:4]) < 20
    return Identifier("SE", compact, f"{compact[:6]}-{compact[6:]}", personal)


def _nordic(compact: str, country: str) -> Identifier:
    compact = compact.removeprefix(country)
    if country == "NO":
        compact = compact.removesuffix("MVA")
    check = _CHECKS[country]
    if not compact.isascii() or not check.is_valid(compact):
        raise BadIdentifier(country)
    number = str(check.compact(compact))
    shown = {
        "NO": f"{number[:3]} {number[3:6]} {number[6:]}",
        "FI": f"{number[:7]}-{number[7:]}",
        "DK": number,
    }[country]
    return Identifier(country, number, shown)


def _vat(compact: str, country: str) -> Identifier:
    """A VAT number of the European Union, with or without its prefix (Greece writes EL)."""
    prefix = "EL" if country == "GR" else country
    number = prefix + compact.removeprefix(prefix).removeprefix(country)
    try:
        eu_vat.validate(number)
    except ValidationError as error:
        raise BadIdentifier(country) from error
    return Identifier(country, number, number)


def make_party(
    name: str, kind: str, identifier: Identifier | None, *, email: str, secret: str
) -> Party:
    """The columns of a registration. `secret` keys the hash of a natural person's number.

    Without a number, the name and the mail domain tell parties apart.
    """
    domain = email.rpartition("@")[2].lower()
    name_key = f"name:{fold_name(name)}@{domain}"[:300]
    if identifier is None:
        return Party(name, kind, "", "", name_key, name_key)
    if identifier.personal:
        digest = hmac.new(secret.encode(), f"party:{identifier.number}".encode(), "sha256")
        key = f"{identifier.country}:#{digest.hexdigest()[:40]}"
        return Party(
            name, PartyKind.SOLE_TRADER, mask(identifier), identifier.country, key, name_key
        )
    key = f"{identifier.country}:{identifier.number}"
    return Party(name, kind, identifier.shown, identifier.country, key, name_key)


def mask(identifier: Identifier) -> str:
    """'******-**45': enough for the owner to see which number it is, nothing for anyone else."""
    return f"******-**{identifier.number[-2:]}"


def fold_name(name: str) -> str:
    """A name to compare by: "Trygghem Teknik AB (publ)" and "TRYGGHEM  TEKNIK" are the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = re.sub(r"[^\w/&+]+", " ", _FORM_OF_COMPANY.sub(" ", folded))
    return " ".join(bare.split()) or " ".join(folded.split())


def may_attend(kind: str, audience: str) -> bool:
    """Whether the event is meant for that kind of party: sellers do not join buyers' meetings."""
    return not (audience == "buyers" and kind in SELLERS)
