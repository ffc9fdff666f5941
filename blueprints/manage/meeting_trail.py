"""The audit trail's words about one-to-one meetings: their plan, and who got which time."""

from typing import Any

from blueprints.manage.minutes_trail import MINUTES_VERBS
from dialognav.i18n import lazy

MEETING_VERBS: dict[str, tuple[str, Any]] = {
    **MINUTES_VERBS,
    "meeting_rules.saved": ("gear", lazy("The rules of the meetings were written")),
    "meeting_rules.changed": ("gear", lazy("The published rules of the meetings were changed")),
    "meetings.published": ("globe", lazy("The rules and times of the meetings were published")),
    "meetings.added": ("plus", lazy("More times for meetings were published")),
    "table.added": ("plus", lazy("A table was added")),
    "table.saved": ("table", lazy("A table was changed")),
    "table.removed": ("x", lazy("A table was taken away")),
    "team.added": ("user", lazy("Somebody joined the team of the meetings")),
    "team.saved": ("user", lazy("Somebody in the team of the meetings was changed")),
    "team.removed": ("x", lazy("Somebody left the team of the meetings")),
    "slots.added": ("clock", lazy("Times for meetings were laid out")),
    "slots.removed": ("x", lazy("Times for meetings were taken away")),
    "slots.staffed": ("people", lazy("Who of us is at which meetings was changed")),
    "slots.links": ("screen", lazy("Meetings got links of their own")),
    "slot.saved": ("clock", lazy("A time for a meeting was changed")),
    "slot.blocked": ("ban", lazy("A time for a meeting was blocked")),
    "slot.unblocked": ("clock", lazy("A blocked time for a meeting was opened")),
    "meeting.held": ("clock", lazy("A supplier held a time while filling in the form")),
    "meeting.hold_extended": ("clock", lazy("A supplier held a time for longer")),
    "meeting.hold_released": ("x", lazy("A supplier let a held time go")),
    "meeting.booked": ("okc", lazy("A supplier booked a meeting")),
    "meeting.changed": ("edit", lazy("Who comes to a meeting, or what about, was changed")),
    "meeting.people": ("swap", lazy("Other people come to a meeting")),
    "meeting.moved": ("cal", lazy("A meeting was moved to another time")),
    "meeting.withdrawn": ("ban", lazy("A supplier withdrew from a meeting")),
    "meeting.cancelled": ("ban", lazy("A meeting was cancelled by the organiser")),
    "meeting.ended": ("ban", lazy("Meetings ended with the registration or the event")),
    "meeting.assigned": ("flag", lazy("A supplier was given a meeting by hand")),
    "meeting.drawn": ("scale", lazy("Meetings were handed out by a draw")),
    "meeting.replanned": ("swap", lazy("Meetings were planned anew in one step")),
    "meeting.team_away": ("clock", lazy("Somebody in the team was noted as away")),
    "meeting.offered": ("mail", lazy("A time was offered to the next in turn")),
    "meeting.accepted": ("okc", lazy("An offered time was accepted")),
    "meeting.declined": ("x", lazy("An offered time was turned down")),
    "meeting.lapsed": ("clock", lazy("A held or offered time ran out")),
    "meeting.asked": ("chat", lazy("A supplier asked for a meeting")),
    "meeting.left": ("x", lazy("A supplier took back the wish for a meeting")),
    "meeting.joined": ("link", lazy("Meetings of registrations that were put together")),
    "draw.committed": ("lock", lazy("The seed of the draw was fixed and its hash published")),
    "draw.drawn": ("scale", lazy("The draw was made, for us to look at")),
    "draw.given_up": ("x", lazy("A draw was given up before it was published")),
    "draw.published": ("globe", lazy("The result of the draw was published")),
}
"""{verb: (icon, what happened)}"""
