"""The list's query string -> EventFilter and back, in one normal form.

Whatever is not on a list or of the right shape is left out: an address typed by hand or by a robot
gets the page without it, never an error. The normal form is the name of a kept page.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from dialognav.domain.terms import Format, Kind, Phase
from dialognav.queries.event_sets import ALL, EventFilter

_REGION = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_CPV = re.compile(r"[0-9]{2,8}")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_PAGE = re.compile(r"[1-9][0-9]{0,3}")
_LONGEST_SEARCH = 100
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as somebody asked for it. `search` is the search as it is shown in its field."""

    chosen: EventFilter = ALL
    search: str = ""
    view: str = ""  # "month" or ""
    page: int = 1

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values in the normal order, defaults left out."""
        chosen = self.chosen
        pairs = [("kind", kind) for kind in chosen.kinds]
        pairs += [("phase", phase) for phase in chosen.phases]
        pairs += [("format", form) for form in chosen.formats]
        month = "{:04}-{:02}".format(*chosen.month) if chosen.month else ""
        singles = {
            "region": chosen.region,
            "cpv": chosen.cpv,
            "month": month,
            "q": self.search,
            "organisation": chosen.organisation,
            "view": self.view,
            "page": str(self.page) if self.page > 1 else "",
        }
        return pairs + [(name, value) for name, value in singles.items() if value]

    def query(self, **instead: object) -> str:
        """The normal query string with its "?", or ""; `instead` as for dataclasses.replace."""
        pairs = replace(self, **instead).pairs()  # type: ignore[arg-type]
        return "?" + urlencode(pairs) if pairs else ""

    def without(self, name: str, value: str = "") -> str:
        """The query string of the same list with one filter less, from its first page."""
        pairs = [
            (each, its)
            for each, its in replace(self, page=1).pairs()
            if each != name or (value and its != value)
        ]
        return "?" + urlencode(pairs) if pairs else ""

    def feed_query(self, lang: str) -> str:
        """The address to subscribe to; not to one month, which would soon be an empty feed."""
        lasting = replace(self.as_feed(), chosen=replace(self.chosen, month=None))
        return lasting.address(lang)

    def address(self, lang: str) -> str:
        """The normal query string with a language, "" for each event's own."""
        pairs = [*self.pairs(), *([("lang", lang)] if lang else [])]
        return "?" + urlencode(pairs) if pairs else ""

    def as_feed(self) -> "Asked":
        """Without what only a page knows."""
        return replace(self, view="", page=1)

    def as_whole_list(self) -> "Asked":
        """What the switch from a month's table leads to: the list goes on past that month."""
        if not self.view:
            return self
        return replace(self, view="", chosen=replace(self.chosen, month=None))

    def as_list(self) -> "Asked":
        return replace(self, view="")

    def in_month(self, year: int, month: int) -> "Asked":
        return replace(self, chosen=replace(self.chosen, month=(year, month)))

    @property
    def is_filtered(self) -> bool:
        return self.chosen != ALL


def read(args: "MultiDict[str, str]") -> Asked:
    """The query string of a list page or a feed."""
    search = _search(args.get("q", ""))
    view = "month" if args.get("view") == "month" else ""
    return Asked(
        chosen=EventFilter(
            kinds=_some(Kind, args.getlist("kind")),
            phases=_some(Phase, args.getlist("phase")),
            formats=_some(Format, args.getlist("format")),
            region=_shaped(_REGION, args.get("region", "").upper()),
            cpv=_shaped(_CPV, args.get("cpv", "")),
            month=_month(args.get("month", "")),
            words=tuple(search.casefold().split()[:_MOST_WORDS]),
            organisation=_shaped(_SLUG, args.get("organisation", "")),
        ),
        search=search,
        view=view,
        page=1 if view else int(_shaped(_PAGE, args.get("page", "")) or 1),
    )


def _some(allowed: type[StrEnum], given: Iterable[str]) -> tuple[str, ...]:
    """Those that are on the list, in the list's order, each once."""
    asked = set(given)
    return tuple(str(value) for value in allowed if value in asked)


def _shaped(shape: re.Pattern[str], value: str) -> str:
    return value if shape.fullmatch(value) else ""


def _month(value: str) -> tuple[int, int] | None:
    match = _MONTH.fullmatch(value)
    return (int(match[1]), int(match[2])) if match else None


def _search(text: str) -> str:
    """As search_text is written (decisions.md 7): NFC, no control characters."""
    shown = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text[:_LONGEST_SEARCH])
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())
