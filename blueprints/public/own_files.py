"""What was attached to messages, behind the link of somebody whom they were mailed to."""

from flask import Response
from flask.typing import ResponseReturnValue

from blueprints.public.documents import SEALED, named
from blueprints.public.own import OWN
from blueprints.public.own_links import open_link
from blueprints.public.own_messages import readers
from blueprints.public.registrations import bp
from dialognav.db import db
from dialognav.queries.message_log import received_file


@bp.get(OWN + "/files/<file_id>")
def message_file(lang: str, secret: str, file_id: str) -> ResponseReturnValue:
    """Always a download. NotFound for what the holder of the link has not got."""
    file = received_file(db.session(), *readers(open_link(secret)), file_id)
    answer = Response(file.content, mimetype=file.media_type)
    answer.headers.set("Content-Disposition", "attachment", **named(file.filename))
    answer.headers["Content-Security-Policy"] = SEALED
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
