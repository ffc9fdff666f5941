"""A mailing's own page, and how far it has come."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from blueprints.manage.message_log import progress_parts
from blueprints.manage.message_page import (
    SEES,
    address_of,
    own_message,
    show_page,
    subject_of,
)
from blueprints.manage.message_readers import readers_parts
from blueprints.manage.workspace import event_page
from dialognav.db import db
from dialognav.domain.message_rules import LEFT
from dialognav.queries import message_log

bp = Blueprint("message_show", __name__)


@bp.get("/messages/<message_id>")
def show(message_id: str) -> ResponseReturnValue:
    return show_page(own_message(message_id, *SEES))


@bp.get("/messages/<message_id>/readers")
def readers(message_id: str) -> ResponseReturnValue:
    """All of those it reaches; once it leaves its page names each of them."""
    message = own_message(message_id, *SEES)
    if message.state in LEFT:
        return redirect(address_of(message_id), 303)
    head = event_page(message.event, "messages") if message.event else {"rail": "messages"}
    values = {"message": message, "subject": subject_of(message), **readers_parts(message)}
    return render_template("manage/messages/readers.html", **{**head, **values})


@bp.get("/messages/<message_id>/progress")
def progress(message_id: str) -> ResponseReturnValue:
    """The part of the page that moves, for the script that looks again."""
    message = own_message(message_id, *SEES)
    values = progress_parts(message, message_log.progress_of(db.session(), message.id))
    return render_template("manage/messages/_progress.html", message=message, **values)
