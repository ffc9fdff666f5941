"""Mail that a mail server or provider posts to us, signed: POST /mail/in (MAIL_IN=webhook://)."""

import hashlib
import hmac
from datetime import timedelta

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue

from blueprints.context import settings
from dialognav.clock import utcnow
from dialognav.intake import Intake

bp = Blueprint("mail_in", __name__)

TOLERANCE = timedelta(minutes=5).total_seconds()
"""Seconds that the signer's clock may differ; the same mail within them counts once."""


def register(app: Flask) -> None:
    """Only where mail is taken in this way."""
    if app.config["SETTINGS"].mail_in.scheme == "webhook":
        app.register_blueprint(bp)


@bp.post("/mail/in")
def take() -> ResponseReturnValue:
    """The body is the mail as it came (message/rfc822). 204 when it is in the database; 403 for
    what we did not expect; 503 asks for another try."""
    request.max_content_length = settings().upload_limit
    stamp = request.headers.get("Dialognav-Timestamp", "")
    recipient = request.headers.get("Dialognav-Recipient", "")
    given = request.headers.get("Dialognav-Signature", "")
    if not _is_recent(stamp):
        return "the timestamp does not fit\n", 403
    raw = request.get_data(cache=False)
    expected = signature(settings().mail_in.secret, stamp, recipient, raw)
    if not hmac.compare_digest(expected.encode(), given.lower().encode()):
        return "the signature does not fit\n", 403
    intake = Intake(settings())
    if not intake.is_open():
        return "this installation is a copy\n", 503
    intake.take(raw, recipient)
    return "", 204


def signature(secret: str, timestamp: str, recipient: str, raw: bytes) -> str:
    """HMAC-SHA256 in hex over `<timestamp>\\n<recipient>\\n<mail>`."""
    head = f"{timestamp}\n{recipient}\n".encode("utf-8", "replace")
    return hmac.new(secret.encode(), head + raw, hashlib.sha256).hexdigest()


def _is_recent(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    return abs(utcnow().timestamp() - int(timestamp)) <= TOLERANCE
