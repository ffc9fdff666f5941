"""What organisers do. Guarded as a whole."""

from flask import Blueprint

from blueprints import guard
from blueprints.manage import (
    announcements,
    audit,
    calendars,
    check_in,
    dashboard,
    disposal,
    documents,
    door,
    draws,
    event_clock,
    event_edit,
    event_import,
    event_verbs,
    events,
    exports,
    form_fields,
    form_preview,
    hosts,
    imports,
    inbox,
    invitations,
    letter_words,
    letters,
    mail_flow,
    meeting_fairness,
    meeting_page,
    merging,
    message_edit,
    message_sending,
    message_show,
    message_templates,
    messages,
    minutes,
    needs,
    on_behalf,
    person_sessions,
    plans,
    presence,
    prints,
    privacy_requests,
    queue,
    registrations,
    review,
    rules,
    settings,
    shared_items,
    staff,
    subscription,
    substitutes,
    unsent,
)

# Importing these adds their views to events.bp and registrations.bp.
_MORE_VIEWS = (
    event_clock,
    event_edit,
    event_verbs,
    form_preview,
    message_edit,
    on_behalf,
    person_sessions,
    substitutes,
    unsent,
)

bp = Blueprint("manage", __name__, url_prefix="/manage")
bp.context_processor(mail_flow.in_context)
bp.register_blueprint(dashboard.bp)
bp.register_blueprint(events.bp)
bp.register_blueprint(announcements.bp)
bp.register_blueprint(registrations.bp)
bp.register_blueprint(review.bp)
bp.register_blueprint(queue.bp)
bp.register_blueprint(rules.bp)
bp.register_blueprint(invitations.bp)
bp.register_blueprint(check_in.bp)
bp.register_blueprint(door.bp)
bp.register_blueprint(prints.bp)
bp.register_blueprint(plans.bp)
bp.register_blueprint(presence.bp)
bp.register_blueprint(needs.bp)
bp.register_blueprint(documents.bp)
bp.register_blueprint(draws.bp)
bp.register_blueprint(form_fields.bp)
bp.register_blueprint(exports.bp)
bp.register_blueprint(meeting_fairness.bp)
bp.register_blueprint(meeting_page.bp)
bp.register_blueprint(minutes.bp)
bp.register_blueprint(shared_items.bp)
bp.register_blueprint(imports.bp)
bp.register_blueprint(merging.bp)
bp.register_blueprint(disposal.bp)
bp.register_blueprint(privacy_requests.bp)
bp.register_blueprint(settings.bp)
bp.register_blueprint(staff.bp)
bp.register_blueprint(hosts.bp)
bp.register_blueprint(subscription.bp)
bp.register_blueprint(letters.bp)
bp.register_blueprint(letter_words.bp)
bp.register_blueprint(messages.bp)
bp.register_blueprint(message_show.bp)
bp.register_blueprint(message_templates.bp)
bp.register_blueprint(message_sending.bp)
bp.register_blueprint(calendars.bp)
bp.register_blueprint(event_import.bp)
bp.register_blueprint(inbox.bp)
bp.register_blueprint(audit.bp)

bp.before_request(guard.admit)
bp.context_processor(guard.staff_context)
bp.after_request(guard.keep_private)
