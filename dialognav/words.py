"""The words of closed sets, in the reader's language (domain.md 6)."""

from typing import Any

from dialognav.i18n import lazy as _

KINDS: dict[str, Any] = {
    "market_dialogue": _("Market dialogue"),
    "information_meeting": _("Information meeting"),
    "seminar": _("Seminar"),
    "workshop": _("Workshop"),
    "experience_exchange": _("Experience exchange"),
    "study_visit": _("Study visit"),
}
PHASES: dict[str, Any] = {
    "pre_study": _("Pre-study"),
    "procurement": _("Procurement"),
    "contract_management": _("Contract management"),
}
AUDIENCES: dict[str, Any] = {
    "suppliers": _("Suppliers"),
    "buyers": _("Public buyers"),
    "everyone": _("Everyone"),
}
FORMATS: dict[str, Any] = {
    "on_site": _("On site"),
    "online": _("Online"),
    "hybrid": _("On site and online"),
}
MODES: dict[str, Any] = {"on_site": _("On site"), "online": _("Online")}
ATTENDINGS: dict[str, Any] = {
    "all": _("Everyone comes to all of them"),
    "choose": _("Each person chooses which"),
    "series": _("A series: everyone comes to all, and it is one repeating entry in the calendar"),
}
SEATS: dict[str, Any] = {
    "pending": _("Awaiting approval"),
    "confirmed": _("Confirmed"),
    "waiting": _("On the waiting list"),
    "offered": _("Offered a place"),
    "lapsed": _("Offer ran out"),
    "declined": _("Not approved"),
    "withdrawn": _("Withdrawn"),
    "attended": _("Attended"),
    "no_show": _("Did not come"),
}
QUEUE_REASONS: dict[str, Any] = {
    "": "",
    "full": _("The event was full"),
    "behind": _("Others had waited longer"),
    "approved": _("No place was left when it was approved"),
    "mode": _("Asked to take part in another way"),
    "moved": _("Moved up by the organiser"),
}
NEED_STATES: dict[str, Any] = {
    "asked": _("Not answered yet"),
    "arranged": _("Arranged"),
    "not_possible": _("Not possible"),
}
STATES: dict[str, Any] = {
    "draft": _("Draft"),
    "scheduled": _("Scheduled"),
    "published": _("Published"),
    "postponed": _("Postponed"),
    "cancelled": _("Cancelled"),
    "held": _("Held"),
}
ANNOUNCED_AT: dict[str, Any] = {
    "own_page": _("The public page"),
    "followers": _("Mail to followers"),
    "ted": _("TED, the EU's notices"),
    "mercell": _("Mercell"),
    "other": _("Elsewhere"),
}
DECLINE_REASONS: dict[str, Any] = {
    "audience": _("The event is for another audience than the organisation that you represent."),
    "limit": _("The organisation already has as many places as the event's rules allow."),
    "newcomers": _("The places are for organisations that are new to us."),
    "places": _("There are fewer places than registrations, and they were given by the rules."),
    "mandate": _("The registration does not show what mandate or role you have in the matter."),
    "organisation": _("We could not make out which organisation you represent."),
    "duplicate": _("The person is registered already, by another registration."),
    "other": _("See what the organiser writes."),
}
"""Why a registration is declined, as its people are told (domain/reviews.py)."""
MOVE_REASONS: dict[str, Any] = {
    "mistake": _("A mistake of ours is put right"),
    "balance": _("A kind of organisation would otherwise be missing"),
    "programme": _("Has a part in the programme"),
    "fault": _("Lost the place through a technical fault"),
    "other": _("Another reason"),
}
"""Why somebody is let past those who have waited longer."""
LIMIT_REASONS: dict[str, Any] = {
    "roles": _("They come in different roles or for different units"),
    "programme": _("Has a part in the programme"),
    "support": _("Accompanies somebody who needs help"),
    "room": _("There is room, and nobody waits"),
    "other": _("Another reason"),
}
"""Why more people of one organisation are let in than its limit."""
PARTY_KINDS: dict[str, Any] = {
    "company": _("Company"),
    "sole_trader": _("Sole trader"),
    "municipality": _("Municipality"),
    "region": _("Region"),
    "state_agency": _("State agency"),
    "association": _("Association"),
    "academia": _("University or research"),
    "other": _("Other"),
}
ROLES: dict[str, Any] = {
    "admin": _("Administrator"),
    "planner": _("Planner"),
    "host": _("Host"),
    "approver": _("Approver"),
    "registrar": _("Registrar"),
    "reader": _("Reader"),
}


def kind_name(kind: str) -> str:
    return str(KINDS[kind])


def phase_name(phase: str) -> str:
    return str(PHASES[phase])
