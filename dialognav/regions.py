"""Names of NUTS regions (Regulation (EC) 1059/2003, version 2021) in the Nordic countries.

Names of places, so the same in every language of the interface; of countries in the reader's own.
"""

from babel import Locale

from dialognav.i18n import current_language

_NAMES = {
    "SE1": "Östra Sverige",
    "SE11": "Stockholm",
    "SE110": "Stockholms län",
    "SE12": "Östra Mellansverige",
    "SE121": "Uppsala län",
    "SE122": "Södermanlands län",
    "SE123": "Östergötlands län",
    "SE124": "Örebro län",
    "SE125": "Västmanlands län",
    "SE2": "Södra Sverige",
    "SE21": "Småland med öarna",
    "SE211": "Jönköpings län",
    "SE212": "Kronobergs län",
    "SE213": "Kalmar län",
    "SE214": "Gotlands län",
    "SE22": "Sydsverige",
    "SE221": "Blekinge län",
    "SE224": "Skåne län",
    "SE23": "Västsverige",
    "SE231": "Hallands län",
    "SE232": "Västra Götalands län",
    "SE3": "Norra Sverige",
    "SE31": "Norra Mellansverige",
    "SE311": "Värmlands län",
    "SE312": "Dalarnas län",
    "SE313": "Gävleborgs län",
    "SE32": "Mellersta Norrland",
    "SE321": "Västernorrlands län",
    "SE322": "Jämtlands län",
    "SE33": "Övre Norrland",
    "SE331": "Västerbottens län",
    "SE332": "Norrbottens län",
    "NO02": "Innlandet",
    "NO020": "Innlandet",
    "NO06": "Trøndelag",
    "NO060": "Trøndelag",
    "NO07": "Nord-Norge",
    "NO071": "Nordland",
    "NO074": "Troms og Finnmark",
    "NO08": "Oslo og Viken",
    "NO081": "Oslo",
    "NO082": "Viken",
    "NO09": "Agder og Sør-Østlandet",
    "NO091": "Vestfold og Telemark",
    "NO092": "Agder",
    "NO0A": "Vestlandet",
    "NO0A1": "Rogaland",
    "NO0A2": "Vestland",
    "NO0A3": "Møre og Romsdal",
    "DK01": "Hovedstaden",
    "DK02": "Sjælland",
    "DK03": "Syddanmark",
    "DK04": "Midtjylland",
    "DK05": "Nordjylland",
    "FI19": "Länsi-Suomi",
    "FI1B": "Helsinki-Uusimaa",
    "FI1C": "Etelä-Suomi",
    "FI1D": "Pohjois- ja Itä-Suomi",
    "FI20": "Åland",
}


def region_name(code: str) -> str:
    """'Västra Götalands län' for SE232, 'Sverige' for SE; an unknown code is its own name."""
    if len(code) == 2:
        return str(Locale.parse(current_language()).territories.get(code, code))
    return _NAMES.get(code, code)


def region_choices() -> list[str]:
    """Codes to choose among: each country, then its smallest regions that we have a name for."""
    smallest = [
        code
        for code in _NAMES
        if not any(other != code and other.startswith(code) for other in _NAMES)
    ]
    countries = dict.fromkeys(code[:2] for code in smallest)
    return [
        each
        for country in countries
        for each in (country, *(code for code in smallest if code.startswith(country)))
    ]
