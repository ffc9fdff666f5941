"""What stands where a name stood, once the name is gone (domain.md 2.4)."""

import re

import sqlalchemy as sa

from dialognav.i18n import gettext as _

GONE_DOMAIN = "removed.invalid"
"""Of the addresses that take the place of real ones: nothing under .invalid resolves (RFC 2606)."""

NOBODY = f"erased@{GONE_DOMAIN}"
"""Whom a letter went to, once that is gone."""

_MARK = re.compile(r"erased:(participant|contact|sole_trader|invited|member):(\d{1,9})")


def mark(kind: str, number: int) -> str:
    """What is stored instead of the name of the `number`th participant, contact .. of an event."""
    return f"erased:{kind}:{number}"


def gone_address(public_id: str) -> str:
    """As unique as the row it stands in, so that no index minds; mail to it goes nowhere."""
    return f"erased-{public_id}@{GONE_DOMAIN}"


def said_name(stored: str) -> str:
    """The name, or what the reader sees where it was: "Participant 3" in the language spoken."""
    found = _MARK.fullmatch(stored)
    if found is None:
        return stored
    words = {
        "participant": _("Participant %(number)s", number=found[2]),
        "contact": _("Contact %(number)s", number=found[2]),
        "sole_trader": _("Sole trader %(number)s", number=found[2]),
        "invited": _("Invited %(number)s", number=found[2]),
        "member": _("Team member %(number)s", number=found[2]),
    }
    return words[found[1]]


class Name(sa.types.TypeDecorator[str]):
    """A person's name, read as its neutral label when it has been erased.

    In the column itself, because names are shown, exported and printed in too many places for each
    to remember.
    """

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value if value is None else said_name(value)
