"""The audit trail's words about meetings that were held, their minutes, and what was shared."""

from typing import Any

from dialognav.i18n import lazy

MINUTES_VERBS: dict[str, tuple[str, Any]] = {
    "meeting.attended": ("check", lazy("Who came to a meeting was noted")),
    "meeting.no_show": ("people", lazy("It was noted that nobody came to a meeting")),
    "meeting.presence_undone": ("x", lazy("What was said of who came to a meeting was taken back")),
    "minutes.drafted": ("edit", lazy("Minutes of a meeting were begun")),
    "minutes.saved": ("edit", lazy("Minutes of a meeting were written")),
    "minutes.sent": ("mail", lazy("Minutes were sent to the supplier for a fact check")),
    "minutes.confirmed": ("check", lazy("The supplier confirmed the minutes")),
    "minutes.corrected": ("warn", lazy("The supplier said that something is wrong in the minutes")),
    "minutes.marked": ("lock", lazy("The supplier marked a possible trade secret in minutes")),
    "minutes.mark_removed": ("x", lazy("The supplier took a mark in minutes back")),
    "minutes.silent": ("clock", lazy("The supplier did not answer the fact check in time")),
    "minutes.approved": ("okc", lazy("Minutes of a meeting were approved")),
    "minutes.reopened": ("edit", lazy("Approved minutes were opened again")),
    "shared.written": ("edit", lazy("Something that all are to know was written")),
    "shared.saved": ("edit", lazy("Something that all are to know was changed as a draft")),
    "shared.deleted": ("x", lazy("A draft of something that all are to know was thrown away")),
    "shared.published": ("scale", lazy("Something said in a meeting was published for all")),
}
"""{verb: (icon, what happened)}"""
