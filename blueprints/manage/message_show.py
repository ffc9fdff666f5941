"""A mailing's own page, and how far it has come."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from blueprints.manage.message_log import progress_parts
from blueprints.manage.message_page import SEES, own_message, show_page
from dialognav.db import db
from dialognav.queries import message_log

bp = Blueprint("message_show", __name__)


@bp.get("/messages/<message_id>")
def show(message_id: str) -> ResponseReturnValue:
    return show_page(own_message(message_id, *SEES))


@bp.get("/messages/<message_id>/progress")
def progress(message_id: str) -> ResponseReturnValue:
    """The part of the page that moves, for the script that looks again."""
    message = own_message(message_id, *SEES)
    values = progress_parts(message, message_log.progress_of(db.session(), message.id))
    return render_template("manage/messages/_progress.html", message=message, **values)
