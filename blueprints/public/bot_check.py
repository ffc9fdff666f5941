"""A signed note in the form of when it was opened: robots answer before anyone could have read it.

No puzzle: a suspect gets the form back, filled, and sends it again (decisions.md 21).
"""

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField

from dialognav.clock import utcnow

_SALT = "sign-up opened"
_ASKED = "asked"


class OpenedField(HiddenField):
    """Holds the signed instant (seconds since 1970, with fractions) or the mark that we asked."""

    def _value(self) -> str:
        return self.data if isinstance(self.data, str) and self.data else _signed(_now())

    def mark_asked(self) -> None:
        self.data = _signed(_ASKED)

    def is_suspect(self, minimum: float, trapped: bool) -> bool:
        """Too fast (`minimum` in seconds), caught in the trap, or without a note of ours."""
        said = _read(self.data)
        if said == _ASKED:
            return False
        if not minimum and not trapped:
            return False
        return trapped or not isinstance(said, float) or _now() - said < minimum


def _now() -> float:
    return utcnow().timestamp()


def _signer() -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=_SALT)


def _signed(said: float | str) -> str:
    return str(_signer().dumps(said))


def _read(text: Any) -> object:
    try:
        return _signer().loads(text or "")
    except BadSignature:
        return None
