"""The filter form's choices and the chips of what is chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from blueprints.public.dates import month_name
from blueprints.public.filters import Asked
from dialognav import words
from dialognav.cpv import division_name
from dialognav.domain.terms import Format, Kind, Phase
from dialognav.i18n import local
from dialognav.queries.events import Facet
from dialognav.regions import region_name

Choice = tuple[str, str, bool]
"""Value, words, chosen."""


@dataclass(frozen=True, slots=True)
class Choices:
    kinds: list[Choice]
    phases: list[Choice]
    formats: list[Choice]
    regions: list[Choice]
    divisions: list[Choice]
    months: list[Choice]


def choices_of(asked: Asked, offered: Sequence[Facet]) -> Choices:
    """All kinds, phases and formats; of regions, CPV and months those that some event has."""
    chosen = asked.chosen
    month = month_value(*chosen.month) if chosen.month else ""
    months = {f"{local(facet.starts_at, facet.zone):%Y-%m}" for facet in offered}
    regions = {facet.region for facet in offered}
    divisions = {code[:2] for facet in offered for code in facet.cpv}
    return Choices(
        kinds=[(k, str(words.KINDS[k]), k in chosen.kinds) for k in Kind],
        phases=[(p, str(words.PHASES[p]), p in chosen.phases) for p in Phase],
        formats=[(f, str(words.FORMATS[f]), f in chosen.formats) for f in Format],
        regions=[(r, region_name(r), r == chosen.region) for r in _with(regions, chosen.region)],
        divisions=[(d, cpv_text(d), d == chosen.cpv) for d in _with(divisions, chosen.cpv)],
        months=[(m, month_text(m), m == month) for m in _with(months, month)],
    )


def _with(offered: Iterable[str], chosen: str) -> list[str]:
    """What is chosen stays a choice even when nothing has it."""
    return sorted({*offered, chosen} - {""})


def month_value(year: int, month: int) -> str:
    return f"{year:04}-{month:02}"


def month_text(value: str) -> str:
    return month_name(date.fromisoformat(value + "-01"))


def cpv_text(code: str) -> str:
    """'33 Medicinteknik'; a longer code is shown as it is."""
    return f"{code} {division_name(code)}".strip()


def chips_of(asked: Asked, base: str) -> list[tuple[str, str]]:
    """[(address without this filter, its words)]"""
    chosen = asked.chosen
    pairs = [("kind", kind, str(words.KINDS[kind])) for kind in chosen.kinds]
    pairs += [("phase", phase, str(words.PHASES[phase])) for phase in chosen.phases]
    pairs += [("format", form, str(words.FORMATS[form])) for form in chosen.formats]
    if chosen.region:
        pairs.append(("region", "", region_name(chosen.region)))
    if chosen.cpv:
        pairs.append(("cpv", "", cpv_text(chosen.cpv)))
    if chosen.month and not asked.view:
        pairs.append(("month", "", month_text(month_value(*chosen.month))))
    if asked.search:
        pairs.append(("q", "", f"”{asked.search}”"))
    if chosen.organisation:
        pairs.append(("organisation", "", chosen.organisation))
    return [(base + asked.without(name, value), text) for name, value, text in pairs]
