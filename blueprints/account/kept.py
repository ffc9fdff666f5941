"""What was typed before a session ended, brought back to be sent again."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from blueprints import guard
from blueprints.forms import ActionForm, demand_token
from dialognav.actions import accounts
from dialognav.db import db, unit_of_work
from dialognav.queries.accounts import kept_form
from dialognav.tokens import fingerprint

bp = Blueprint("kept", __name__, url_prefix="/kept")
bp.before_request(guard.admit)
bp.context_processor(guard.staff_context)


@bp.get("/<secret>")
def show(secret: str) -> ResponseReturnValue:
    """A form that sends everything to where it was going. To its writer only."""
    found = kept_form(db.session(), fingerprint(secret), guard.current_user().id)
    if found is None:
        return redirect(guard.start_page(), 303)
    return render_template(
        "account/kept.html", kept=found, secret=secret, form=ActionForm(formdata=None)
    )


@bp.post("/<secret>/discard")
def destroy(secret: str) -> ResponseReturnValue:
    demand_token()
    user_id = guard.current_user().id
    with unit_of_work() as session:
        accounts.discard_form(session, user_id, secret)
    return redirect(guard.start_page(), 303)
