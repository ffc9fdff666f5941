"""Files that organisers publish: always a download, never shown inside this site."""

from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.queries.event_pages import content_of, public_file

bp = Blueprint("documents", __name__)

SEALED = "default-src 'none'; sandbox"


@bp.get("/documents/<public_id>/<filename>")
def show(public_id: str, filename: str) -> ResponseReturnValue:
    """The newest version, whatever name an older link carries."""
    session = db.session()
    file = public_file(session, public_id)
    if file is None:
        raise NotFound
    if filename != file.filename:
        address = url_for(".show", public_id=public_id, filename=file.filename)
        return redirect(address, 302)
    tag = file.sha256[:32]
    answer = Response(mimetype=file.media_type)
    answer.headers.set("Content-Disposition", "attachment", **named(file.filename))
    answer.headers["Content-Security-Policy"] = SEALED
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-cache"
    answer.last_modified = file.created_at
    answer.set_etag(tag)
    if request.if_none_match.contains_weak(tag):
        answer.status_code = 304
        return answer
    answer.set_data(content_of(session, file.version_id))
    return answer


def named(filename: str) -> dict[str, str]:
    """The name for every browser: plain ASCII, and beside it the real one (RFC 6266)."""
    plain = filename.encode("ascii", "ignore").decode().replace('"', "").strip() or "document"
    if plain == filename:
        return {"filename": filename}
    return {"filename": plain, "filename*": f"UTF-8''{quote(filename, safe='')}"}
