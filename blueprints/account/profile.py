from flask import Blueprint

from blueprints import guard

bp = Blueprint("profile", __name__, url_prefix="/profile")
bp.before_request(guard.admit)
bp.context_processor(guard.staff_context)
