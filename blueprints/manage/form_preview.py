"""The sign-up form as a supplier meets it, before anybody does."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from blueprints.manage.form_fields import bp
from blueprints.manage.workspace import own_event
from blueprints.public.registrations import preview_form
from dialognav import i18n
from dialognav.domain.terms import LANGUAGES


@bp.get("/events/<public_id>/form/preview")
def preview(public_id: str) -> ResponseReturnValue:
    """In the reader's language, or another of the public pages'."""
    event = own_event(public_id)
    wanted = request.args.get("lang", "")
    others = {code: url_for(".preview", public_id=public_id, lang=code) for code in LANGUAGES}
    with i18n.speaking(wanted if wanted in LANGUAGES else i18n.current_language()):
        return preview_form(event, url_for(".index", public_id=public_id), others)
