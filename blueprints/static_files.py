"""Static text files packed with gzip: the embedded server has no proxy in front that would."""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def register(app: Flask) -> None:
    app.view_functions["static"] = serve


def serve(filename: str) -> ResponseReturnValue:
    """Flask's own answer, or the packed text for browsers that take it."""
    media_type = _TYPES.get(Path(filename).suffix)
    if media_type is None:
        return current_app.send_static_file(filename)
    if request.accept_encodings["gzip"] > 0 and "Range" not in request.headers:
        path = safe_join(current_app.static_folder or "static", filename)
        file = Path(path) if path else None
        if file is not None and file.is_file():
            state = file.stat()
            packed = _packed(str(file), state.st_mtime_ns)
            answer = Response(packed, content_type=media_type)
            answer.headers["Content-Encoding"] = "gzip"
            answer.headers["Vary"] = "Accept-Encoding"
            answer.set_etag(f"{state.st_mtime_ns:x}-gzip")
            return answer.make_conditional(request.environ)
    plain = current_app.send_static_file(filename)
    plain.headers["Vary"] = "Accept-Encoding"
    return plain


@lru_cache(maxsize=32)
def _packed(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
