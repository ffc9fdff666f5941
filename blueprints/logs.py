"""What operators read: one line per request, ids instead of people, and never a secret.

Own links and one-time links stand in addresses. No query is logged, and every record of every
library passes a formatter that blots them out, tracebacks included.
"""

import logging
import re
import secrets
from time import perf_counter
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request

from blueprints.context import settings
from dialognav.tokens import PURPOSES

log = logging.getLogger("dialognav.access")
_SECRET = re.compile(rf"\b([{PURPOSES}])[a-z2-7]{{38}}\b|(/account/kept/|\bkept=|/k/)[\w-]+")
_GIVEN_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
_SAFE = "/:@!$&'()*+,;=~"  # no line end, no escape sequence of a terminal
_PROBES = ("/healthz", "/readyz")


class Blotting(logging.Formatter):
    """Another formatter's text without secrets."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self.inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        return blot(self.inner.format(record))


def blot(text: str) -> str:
    """'/sv/r/r…' for '/sv/r/rk2x…'."""
    return _SECRET.sub(lambda found: f"{found[1] or found[2]}…", text)


def register(app: Flask) -> None:
    names = (None, "werkzeug", "gunicorn.access", "gunicorn.error", "flask.app", app.name)
    for handler in [h for name in names for h in logging.getLogger(name).handlers]:
        if not isinstance(handler.formatter, Blotting):
            handler.setFormatter(Blotting(handler.formatter))
    app.before_request(begin)
    app.after_request(note)
    given = app.config["SETTINGS"]
    if given.is_https and not given.trusted_proxies and not given.testing:
        app.logger.warning(
            "BASE_URL is https, but TRUSTED_PROXIES is 0: if a proxy takes the visitors' calls,"
            " all of them seem to come from its address. Set TRUSTED_PROXIES to the number of"
            " proxies in front."
        )


def begin() -> None:
    """Name the request. A proxy we trust may have named it already."""
    g.began = perf_counter()
    given = request.headers.get("X-Request-ID", "")
    trusted = settings().trusted_proxies and _GIVEN_ID.fullmatch(given)
    g.request_id = given if trusted else secrets.token_hex(6)
    look_at_proxies()


def look_at_proxies() -> None:
    """Say once when TRUSTED_PROXIES does not fit what arrives (decisions.md 21)."""
    forwarded = "X-Forwarded-For" in request.headers
    trusted = settings().trusted_proxies
    if forwarded == bool(trusted) or request.path in _PROBES:
        return
    if current_app.extensions.setdefault("dialognav.proxies_said", False):
        return
    current_app.extensions["dialognav.proxies_said"] = True
    current_app.logger.warning(
        "TRUSTED_PROXIES is %s, but a request came %s X-Forwarded-For. Limits per address are"
        " wrong until it is the number of proxies in front.",
        trusted,
        "with" if forwarded else "without",
    )


def note(response: Response) -> Response:
    if request.endpoint == "static" or request.path in _PROBES:
        return response
    response.headers["X-Request-ID"] = g.request_id
    staff = g.get("staff_id")
    log.info(
        "%s %s %s %s %.0f ms%s",
        g.request_id,
        request.method,
        quote(request.path, safe=_SAFE),
        response.status_code,
        (perf_counter() - g.began) * 1000,
        f" user:{staff}" if staff else "",
    )
    return response
