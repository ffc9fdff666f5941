"""What a caterer is told: how many of each, and never who (domain.md 2.5)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_ENDS = " .,;!"


def fold_need(text: str) -> str:
    """What two ways of writing one need have in common."""
    said = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", said).strip(_ENDS)


def group_needs(needs: Iterable[str]) -> list[tuple[str, int]]:
    """[(need, how many)], the most wanted first; said as it was most often written."""
    written: dict[str, Counter[str]] = {}
    for need in needs:
        written.setdefault(fold_need(need), Counter())[" ".join(need.split()).strip(_ENDS)] += 1
    groups = [(forms.most_common(1)[0][0], forms.total()) for key, forms in written.items() if key]
    return sorted(groups, key=lambda group: (-group[1], fold_need(group[0])))
