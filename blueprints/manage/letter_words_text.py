"""The standard letters in plain words: what each is called, and when it is sent."""

from typing import Any

from blueprints.manage.meeting_letter_names import MEETING_LETTERS_WHEN
from dialognav.i18n import lazy

GROUPS: dict[str, Any] = {
    "registered": lazy("To those who register"),
    "review": lazy("Where you approve registrations"),
    "queue": lazy("The waiting list"),
    "event": lazy("When the event changes"),
    "meetings": lazy("One-to-one meetings"),
    "more": lazy("Other letters"),
}
"""Headings of standard_letters.KINDS."""

LETTERS: dict[str, tuple[Any, Any]] = {
    **MEETING_LETTERS_WHEN,
    "place_confirmed": (
        lazy("Confirmation"),
        lazy("To each person who gets a place at once, with the calendar invitation."),
    ),
    "receipt": (
        lazy("Receipt to the contact"),
        lazy("To a contact who has registered others and does not attend."),
    ),
    "place_changed": (
        lazy("Changed place"),
        lazy("When somebody's sessions or way of attending are changed."),
    ),
    "withdrawn": (
        lazy("Withdrawal"),
        lazy("To whoever has withdrawn, or was withdrawn by you, a colleague or the calendar."),
    ),
    "place_pending": (
        lazy("Awaits approval"),
        lazy("To each person whose registration you look at before it holds."),
    ),
    "declined": (
        lazy("Not approved"),
        lazy("When you decline a registration. Your reason stands before your own words."),
    ),
    "change_pending": (
        lazy("Change awaits approval"),
        lazy("When somebody changes what you had approved."),
    ),
    "change_approved": (lazy("Change approved"), lazy("When you approve such a change.")),
    "place_waiting": (lazy("Waiting list"), lazy("To whoever comes to an event that is full.")),
    "promoted": (
        lazy("Place from the waiting list"),
        lazy("When a place opens and goes straight to the first in the queue."),
    ),
    "offered": (
        lazy("Offer of a place"),
        lazy("When a place opens and is held for the first in the queue until an answer."),
    ),
    "lapsed": (lazy("Offer ran out"), lazy("When nobody has answered the offer in time.")),
    "no_place": (
        lazy("No place this time"),
        lazy("To all who still wait when the waiting list closes."),
    ),
    "changed": (
        lazy("The event has changed"),
        lazy("To those with a place, when time, place, link or title change."),
    ),
    "changed_waiting": (
        lazy("The event has changed, to those without a place"),
        lazy("The same to those who wait, await approval or only are the contact."),
    ),
    "occasion_cancelled": (
        lazy("One of the dates is cancelled"),
        lazy("To all who were to come that day."),
    ),
    "postponed": (
        lazy("The event is postponed"),
        lazy("To everybody, when the date no longer applies and there is no new one."),
    ),
    "new_date": (lazy("New date"), lazy("To everybody, when a postponed event gets a date.")),
    "cancelled": (lazy("The event is cancelled"), lazy("To everybody. Your reason comes first.")),
    "event_invitation": (
        lazy("Invitation to the event"),
        lazy("To those you invite by e-mail, with a personal link to register."),
    ),
    "access_answer": (
        lazy("Request for help answered"),
        lazy("When you have answered what somebody needs. The answer stands on the own page."),
    ),
}
"""{kind: (name, when it is sent)}"""
