"""Signing in, and what a staff member settles alone."""

from flask import Blueprint, g, request, url_for

from blueprints import guard
from blueprints.account import invitations, kept, passwords, profile, sessions
from dialognav import i18n
from dialognav.domain.terms import LANGUAGES

bp = Blueprint("account", __name__, url_prefix="/account")
bp.register_blueprint(sessions.bp)
bp.register_blueprint(passwords.bp)
bp.register_blueprint(invitations.bp)
bp.register_blueprint(profile.bp)
bp.register_blueprint(kept.bp)

bp.after_request(guard.keep_private)


@bp.before_request
def choose_language() -> None:
    """Before anybody is signed in, the address says which language: `?lang=nb`."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        i18n.speak(str(asked))
        g.lang = asked


@bp.context_processor
def languages() -> dict[str, object]:
    """The same page in each language, for the switch in the head."""
    if request.endpoint is None or "membership" in g:
        return {}
    query = {name: value for name, value in request.args.items() if name != "lang"}
    given = (request.view_args or {}) | query
    return {
        "alternates": {code: url_for(request.endpoint, **given, lang=code) for code in LANGUAGES}
    }
