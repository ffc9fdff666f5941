"""Why a letter did not arrive, in words for an organiser instead of a mail server's."""

import re
from typing import Any

from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.mail.smtp_replies import TOO_LARGE
from dialognav.mail.stale_news import STALE

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_OURS: dict[str, Any] = {
    "address: dead": lazy("Earlier e-mail to this address came back, so this one was not sent."),
    TOO_LARGE: lazy("With its attachments the e-mail is larger than our own mail server allows."),
    STALE: lazy(
        "One can no longer sign up for what it tells of, or its reader no longer follows it."
    ),
}


def plain_reason(error: str) -> str:
    """From `Letter.last_error` (a reply code of RFC 5321, or our own words) to one sentence."""
    if not error:
        return ""
    ours = _OURS.get(error.partition(" (")[0])
    if ours is not None:
        return str(ours)
    found = _ENHANCED.search(error)
    status = found[1][1:] if found else ""
    code = error[:3] if error[:3].isdigit() else ""
    if status in (".1.1", ".1.2", ".1.3", ".1.6", ".1.10") or error.startswith("address:"):
        return _("The address does not exist. Correct it and send again.")
    if status in (".2.2", ".3.4") or code in ("452", "552"):
        return _("The mailbox is full, or the e-mail is too large for it.")
    if status.startswith(".7") or code in ("554", "571"):
        return _("The recipient's mail server refuses e-mail from us.")
    if code in ("550", "551", "553"):
        return _(
            "The recipient's mail server does not know the address. Correct it and send again."
        )
    if code.startswith("4"):
        return _("The recipient's mail server asks us to wait. We try again.")
    return _("The e-mail could not be handed over. Our own mail server may be out of order.")
