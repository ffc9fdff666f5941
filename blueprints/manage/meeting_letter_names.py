"""Letters about one-to-one meetings in plain words: what each is called, and when it is sent."""

from typing import Any

from dialognav.i18n import lazy

MEETING_LETTERS: dict[str, Any] = {
    "meeting_booked": lazy("One-to-one meeting booked"),
    "meeting_changed": lazy("One-to-one meeting changed"),
    "meeting_cancelled": lazy("One-to-one meeting cancelled or withdrawn"),
    "meeting_offered": lazy("Offer of a time for a meeting"),
    "meeting_lapsed": lazy("Offer of a time ran out"),
    "meeting_stopped": lazy("No more meetings, to who waits"),
    "meeting_waiting": lazy("Waiting list for a meeting"),
    "meeting_wish_received": lazy("Wish for a meeting has come in"),
    "meeting_result": lazy("Result of the draw"),
    "meeting_choose": lazy("Reminder to choose a meeting"),
    "meeting_reminder": lazy("Reminder of a meeting"),
    "meetings_added": lazy("New times for meetings"),
    "meeting_wish_gone": lazy("A time wished for is gone"),
    "meeting_rules_changed": lazy("Rules of the meetings changed"),
    "meeting_confirm_no": lazy("Question after a no to a meeting"),
    "minutes_check": lazy("Minutes to check"),
    "minutes_approved": lazy("Minutes approved"),
    "meeting_host_booked": lazy("Meeting, to the team"),
    "meeting_host_changed": lazy("Meeting changed, to the team"),
    "meeting_host_cancelled": lazy("Meeting off, to the team"),
    "meeting_host_time_declined": lazy("Proposed time declined, to the team"),
    "meeting_host_schedule": lazy("List of meetings, to the team"),
}

_WHEN: dict[str, Any] = {
    "meeting_booked": lazy("To each person who comes to a meeting, with the calendar invitation."),
    "meeting_changed": lazy("When a meeting is moved, or gets another place or digital link."),
    "meeting_cancelled": lazy("When a meeting is withdrawn or cancelled, or somebody leaves it."),
    "meeting_reminder": lazy("The working day before the meeting."),
    "meetings_added": lazy("To all who may have a meeting, when times are published."),
    "meeting_choose": lazy(
        "Two working days before it is too late, to those who may have a meeting and have not"
        " asked for one."
    ),
    "meeting_wish_received": lazy("When somebody wishes for a meeting, or changes the wish."),
    "meeting_waiting": lazy("To whoever joins the waiting list for a meeting."),
    "meeting_offered": lazy("When a time comes free and is held for the first on the list."),
    "meeting_lapsed": lazy("When nobody has answered the offer of a time."),
    "meeting_result": lazy("To all who took part in the draw, at the same moment."),
    "minutes_check": lazy("When you send minutes to the supplier to check the facts."),
    "minutes_approved": lazy("When the minutes are approved."),
}

MEETING_LETTERS_WHEN: dict[str, tuple[Any, Any]] = {
    kind: (MEETING_LETTERS[kind], when) for kind, when in _WHEN.items()
}
"""Those that may have own words."""
