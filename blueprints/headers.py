"""Security headers on every answer, and how much a form may send."""

from flask import Flask, Response, request

from blueprints.context import settings

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


LARGEST_TEXT = 2 * 1024 * 1024
"""Bytes of a form without files: more than the longest event, less than what stalls a thread."""


def register(app: Flask) -> None:
    app.before_request(limit_text)
    app.after_request(protect)


def limit_text() -> None:
    """Only uploads get the whole of MAX_CONTENT_LENGTH."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_TEXT


def protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings().is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
