"""Signing in, and what a staff member settles alone."""

from flask import Blueprint

from blueprints.account import invitations, passwords, profile, sessions

bp = Blueprint("account", __name__, url_prefix="/account")
bp.register_blueprint(sessions.bp)
bp.register_blueprint(passwords.bp)
bp.register_blueprint(invitations.bp)
bp.register_blueprint(profile.bp)
