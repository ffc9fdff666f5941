"""What a visitor without an account can do."""

from flask import Blueprint

from blueprints.public import (
    documents,
    draws,
    events,
    feeds,
    following,
    invitations,  # noqa: F401  (its views join those of registrations)
    leaving,
    links,
    organisations,
    own_answering,  # noqa: F401  (its views join those of registrations)
    own_calendar,
    own_contact,  # noqa: F401  (its views join those of registrations)
    own_data,  # noqa: F401
    own_files,  # noqa: F401
    own_meeting,  # noqa: F401
    own_meeting_requests,  # noqa: F401
    own_meetings,  # noqa: F401
    own_merging,  # noqa: F401
    own_minutes,  # noqa: F401
    own_offers,  # noqa: F401
    pages,
    private_feeds,
    registrations,
)

bp = Blueprint("public", __name__)
bp.register_blueprint(events.bp)
bp.register_blueprint(organisations.bp)
bp.register_blueprint(registrations.bp)
bp.register_blueprint(links.bp)
bp.register_blueprint(feeds.bp)
bp.register_blueprint(private_feeds.bp)
bp.register_blueprint(own_calendar.bp)
bp.register_blueprint(following.bp)
bp.register_blueprint(leaving.bp)
bp.register_blueprint(documents.bp)
bp.register_blueprint(draws.bp)
bp.register_blueprint(pages.bp)
