"""Who may do what in an organisation: one table. What it does not grant looks as if missing."""

from dialognav.domain.terms import Role

READ = "read"  # dashboard, events, drafts included
EDIT = "edit"  # events and their documents
PUBLISH = "publish"  # publish, schedule, move, postpone, cancel, switch phase
REGISTRATIONS = "registrations"  # see who is registered, add, withdraw
REVIEW = "review"  # approve and decline registrations, let somebody pass in the queue
CHECK_IN = "check_in"  # tick off who is there, add walk-ins
EXPORT = "export"  # take the list of the registered out of the system
LETTERS = "letters"  # see what was mailed, send again
MESSAGES = "messages"  # write to the registered, plan, send
MESSAGE_APPROVAL = "message_approval"  # of what somebody else wrote
MEETINGS = "meetings"  # plan one-to-one meetings, hand them out, move them
MEETING_NOTES = "meeting_notes"  # see the day, tick off, write notes and draft minutes
MINUTES_APPROVAL = "minutes_approval"  # and publish what was said for all
AUDIT = "audit"  # read the audit trail
SETTINGS = "settings"  # the organisation's own
DISPOSAL = "disposal"  # holds, requests for erasure, dry runs and their approval
STAFF = "staff"  # invite, change roles, deactivate

VERBS = (
    *(READ, EDIT, PUBLISH, REGISTRATIONS, REVIEW, CHECK_IN),
    *(EXPORT, LETTERS, MESSAGES, MESSAGE_APPROVAL, MEETINGS, MEETING_NOTES, MINUTES_APPROVAL),
    *(AUDIT, SETTINGS, DISPOSAL, STAFF),
)

_GRANTS: dict[str, frozenset[str]] = {
    Role.ADMIN: frozenset(VERBS),
    Role.PLANNER: frozenset(
        {
            *(READ, EDIT, PUBLISH, REGISTRATIONS, REVIEW, CHECK_IN),
            *(EXPORT, LETTERS, MESSAGES, MESSAGE_APPROVAL),
            *(MEETINGS, MEETING_NOTES, MINUTES_APPROVAL),
        }
    ),
    Role.HOST: frozenset({READ, REGISTRATIONS, CHECK_IN, MEETING_NOTES}),
    Role.APPROVER: frozenset(
        {READ, PUBLISH, REGISTRATIONS, REVIEW, MESSAGE_APPROVAL, MINUTES_APPROVAL, AUDIT}
    ),
    Role.REGISTRAR: frozenset({READ, EXPORT, LETTERS, AUDIT, DISPOSAL}),
    Role.READER: frozenset({READ}),
}


def may(role: str, verb: str) -> bool:
    """Whether the role grants the verb. An unknown verb is a bug: KeyError."""
    if verb not in VERBS:
        raise KeyError(verb)
    return verb in _GRANTS.get(role, frozenset())
