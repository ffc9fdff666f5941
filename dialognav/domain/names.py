"""Names of people and organisations in the order in which a Nordic reader looks for them."""

import unicodedata

_LAST = {
    "sv": {"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"},
    "nb": {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"},
}
"""The letters after z; the signs stand after z in the table of characters."""


def alphabetical(name: str, language: str) -> str:
    """A sort key: å, ä and ö after z where they are letters, other accents as if not there."""
    last = _LAST.get(language, {})
    kept = "".join(last.get(c, c) for c in unicodedata.normalize("NFC", name).casefold())
    bare = unicodedata.normalize("NFD", kept)
    return "".join(c for c in bare if not unicodedata.combining(c)).replace("-", " ").strip()


def split_name(name: str) -> tuple[str, str]:
    """(what stands before, the last word): the word one looks somebody up by in a list.

    Not a claim about which is the surname: the order in which the name was written is kept.
    """
    before, _, last = name.strip().rpartition(" ")
    return before, last


def by_last_word(name: str, language: str) -> tuple[str, str]:
    """A sort key for people."""
    before, last = split_name(name)
    return alphabetical(last, language), alphabetical(before, language)


def first_name(name: str) -> str:
    """What to say after Hello: the first word, or in "Ek, Malin" the one after the comma."""
    before, comma, after = name.partition(",")
    words = (after if comma and after.strip() else before).split()
    return words[0] if words else ""
