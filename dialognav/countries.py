"""Countries by name in the reader's language."""

from functools import lru_cache

from babel import Locale

from dialognav.i18n import current_language


def country_name(code: str) -> str:
    """'Sverige' for "SE" in Swedish; the code itself for one that CLDR does not know."""
    return _names(current_language()).get(code, code)


@lru_cache(maxsize=4)
def _names(language: str) -> dict[str, str]:
    return dict(Locale.parse(language).territories)
