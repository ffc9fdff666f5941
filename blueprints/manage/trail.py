"""The audit trail in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from blueprints.guard import current_membership
from blueprints.manage.draft_words import FIELDS
from blueprints.manage.meeting_trail import MEETING_VERBS
from blueprints.manage.message_trail import about_messages
from blueprints.manage.rules_words import rule_name, said_rule
from blueprints.manage.workspace import title_of
from dialognav.i18n import clock_text, date_text, lazy, local, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import AuditEntry
from dialognav.queries import manage
from dialognav.words import DECLINE_REASONS, LIMIT_REASONS, MOVE_REASONS

VERBS: dict[str, tuple[str, Any]] = {
    "event.created": ("edit", lazy("The event was created as a draft")),
    "event.copied": ("copy", lazy("The event was created as a copy")),
    "event.saved": ("edit", lazy("The event was edited")),
    "event.rules_changed": ("gear", lazy("The rules of registration were changed")),
    "invitation.created": ("mail", lazy("Organisations were invited")),
    "invitation.sent_again": ("mail", lazy("An invitation was sent again")),
    "invitation.revoked": ("ban", lazy("An invitation was revoked")),
    "event.deleted": ("x", lazy("A draft was deleted")),
    "event.published": ("globe", lazy("The event was published")),
    "event.scheduled": ("cal", lazy("Publication was planned")),
    "event.unscheduled": ("edit", lazy("The planned publication was withdrawn")),
    "event.moved": ("cal", lazy("The event was moved to another time")),
    "event.new_date": ("cal", lazy("The event got a new date")),
    "event.change_sent": ("mail", lazy("A change was told at once")),
    "event.change_discarded": ("x", lazy("A change was discarded before anybody was told")),
    "event.wall_time_kept": ("clock", lazy("The time on the clock was kept under new rules")),
    "event.instant_kept": ("clock", lazy("The new time under new rules for the clock was kept")),
    "event.postponed": ("clock", lazy("The event was postponed")),
    "event.occasion_cancelled": ("ban", lazy("One of the dates was cancelled")),
    "event.cancelled": ("ban", lazy("The event was cancelled")),
    "event.to_procurement": ("flag", lazy("The procurement phase began and registration closed")),
    "announcement.added": ("flag", lazy("An announcement was noted")),
    "announcement.changed": ("edit", lazy("The note of an announcement was changed")),
    "announcement.removed": ("x", lazy("The note of an announcement was removed")),
    "document.added": ("doc", lazy("A document was added")),
    "document.replaced": ("doc", lazy("A document got a new version")),
    "document.renamed": ("doc", lazy("A document was renamed")),
    "document.removed": ("doc", lazy("A document was removed")),
    "document.reordered": ("doc", lazy("The documents were put in another order")),
    "form.added": ("plus", lazy("A question was added to the form")),
    "form.changed": ("edit", lazy("A question of the form was changed")),
    "form.reordered": ("list", lazy("The questions of the form were put in another order")),
    "form.removed": ("x", lazy("A question was taken out of the form")),
    "library.added": ("plus", lazy("A question was put into the library")),
    "library.changed": ("edit", lazy("A question of the library was changed")),
    "library.removed": ("x", lazy("A question was taken out of the library")),
    "registration.answers": ("edit", lazy("The answers of a registration were changed")),
    "registration.create": ("user", lazy("A registration came in")),
    "registration.withdraw": ("ban", lazy("A registration was withdrawn")),
    "registration.hand_over": ("swap", lazy("A registration got another contact")),
    "registration.correct_address": ("mail", lazy("A contact's address was corrected")),
    "registration.send_again": ("mail", lazy("A registration's letters were sent again")),
    "registration.renew_link": ("link", lazy("A registration got a new link")),
    "registration.withdrawn_for": ("ban", lazy("A registration was withdrawn on behalf")),
    "registration.approve": ("okc", lazy("A registration was approved")),
    "registration.decline": ("ban", lazy("A registration was declined")),
    "registration.changed": ("eye", lazy("A registration was changed after it was approved")),
    "participant.add": ("plus", lazy("A person was added to a registration")),
    "participant.swap": ("swap", lazy("A person took over another's place")),
    "participant.change": ("edit", lazy("A person's details were changed")),
    "participant.mode": ("hybrid", lazy("A person's sessions or way of attending were changed")),
    "participant.withdraw": ("ban", lazy("A person was withdrawn")),
    "participant.withdrawn_for": ("ban", lazy("A person was withdrawn on behalf")),
    "participant.correct_address": ("mail", lazy("A person's address was corrected")),
    "offer": ("clock", lazy("Places were offered to the waiting list")),
    "offer.accept": ("check", lazy("The offer of a place was accepted")),
    "offer.decline": ("ban", lazy("The offer of a place was declined")),
    "offer.lapse": ("clock", lazy("The offer of a place ran out")),
    "answer.accepted": ("check", lazy("Somebody said yes in the calendar")),
    "answer.tentative": ("check", lazy("Somebody said perhaps in the calendar")),
    "answer.declined": ("ban", lazy("Somebody said no in the calendar")),
    "answer.yes": ("check", lazy("Somebody said on the own page that they come")),
    "answer.no": ("ban", lazy("A no from the calendar was confirmed")),
    "answer.passed_on": ("wait", lazy("A no from the calendar was not taken back in time")),
    "inbox.done": ("eye", lazy("A mail that came in was looked at")),
    "inbox.time_declined": ("cal", lazy("A proposed time was declined")),
    "letter.address_cleared": ("mail", lazy("Mail goes to an address again that was dead")),
    "queue.join_again": ("wait", lazy("Somebody joined the waiting list again")),
    "queue.close": ("clock", lazy("The waiting list closed, and those in it were told")),
    "queue.move_up": ("swap", lazy("Somebody was moved up past others on the waiting list")),
    "registration.over_limit": (
        "people",
        lazy("More people of one organisation were let in than the limit allows"),
    ),
    "promote": ("check", lazy("Places went to the waiting list")),
    "participant.admitted": ("check", lazy("Somebody without a place was let in")),
    "registration.walk_in": ("plus", lazy("Somebody came without having registered")),
    "presence.absent": ("people", lazy("Those who were not seen were marked as absent")),
    "presence.absent_undone": ("people", lazy("The marking of absent people was taken back")),
    "presence.report": ("screen", lazy("An attendance report was read")),
    "access.answered": ("info", lazy("A request for help was answered")),
    "letter.resent": ("mail", lazy("A letter was sent again")),
    "letter.words_changed": ("edit", lazy("Own words in a standard letter were changed")),
    "letter.words_reset": ("edit", lazy("Own words in a standard letter were taken away")),
    "plan.created": ("clock", lazy("A message that is sent by itself was added")),
    "plan.saved": ("clock", lazy("A message that is sent by itself was changed")),
    "plan.switched_on": ("clock", lazy("A message that is sent by itself was switched on")),
    "plan.switched_off": ("clock", lazy("A message that is sent by itself was switched off")),
    "plan.removed": ("clock", lazy("A message that is sent by itself was taken away")),
    "template.created": ("copy", lazy("A template for messages was made")),
    "template.changed": ("copy", lazy("A template for messages was changed")),
    "template.deleted": ("x", lazy("A template for messages was deleted")),
    "message.created": ("edit", lazy("A message was begun")),
    "message.saved": ("edit", lazy("A message was written")),
    "message.attached": ("doc", lazy("Files were added to a message")),
    "message.detached": ("doc", lazy("Files were taken out of a message")),
    "message.tested": ("mail", lazy("Somebody had a message sent to themselves as a test")),
    "message.deleted": ("x", lazy("A draft of a message was deleted")),
    "message.submitted": ("mail", lazy("A message was handed in for approval")),
    "message.approved": ("check", lazy("A message was approved")),
    "message.taken_back": ("edit", lazy("A message was taken back by those who wrote it")),
    "message.returned": ("edit", lazy("A message was sent back to those who wrote it")),
    "message.scheduled": ("clock", lazy("A message was planned")),
    "message.unscheduled": ("clock", lazy("A message is not planned any more")),
    "message.not_sent": ("warn", lazy("A planned message was not sent: it waits for somebody")),
    "message.sending": ("mail", lazy("A message began to leave")),
    "message.paused": ("clock", lazy("A message was paused")),
    "message.resumed": ("mail", lazy("A message went on")),
    "message.stopped": ("ban", lazy("A message was stopped")),
    "message.event_left_out": ("ban", lazy("A message across several events leaves one out")),
    "message.sent": ("okc", lazy("A message has left")),
    "message.resent": ("mail", lazy("Letters of a message were sent again")),
    "registration.merged": ("link", lazy("Registrations of one organisation were put together")),
    "registration.merge_asked": ("link", lazy("A contact asked to put registrations together")),
    "participants.imported": ("people", lazy("Participants were registered from a file")),
    "registrations.exported": ("down", lazy("The list of the registered was exported")),
    "organisation.founded": ("home", lazy("The organisation was set up")),
    "staff.invited": ("people", lazy("A colleague was invited")),
    "staff.invited_again": ("people", lazy("A colleague was invited again")),
    "staff.invitation_withdrawn": ("people", lazy("An invitation to a colleague was withdrawn")),
    "staff.joined": ("people", lazy("A colleague accepted the invitation")),
    "staff.role_changed": ("people", lazy("A colleague got another role")),
    "staff.deactivated": ("ban", lazy("A colleague was deactivated")),
    "staff.absence_set": ("clock", lazy("A colleague set the morning's e-mail and stand-in")),
    "staff.reactivated": ("people", lazy("A colleague was let in again")),
    "calendar.made": ("cal", lazy("A colleague made a calendar address to subscribe to")),
    "calendar.revoked": ("cal", lazy("A colleague's calendar address was revoked")),
    "event.hosts": ("people", lazy("Those who host the event were chosen")),
    "account.password_changed": ("lock", lazy("A colleague chose a new password")),
    "account.password_reset": ("lock", lazy("A colleague reset a forgotten password")),
    "disposal.proposed": ("list", lazy("A disposal was proposed")),
    "disposal.approved": ("check", lazy("A disposal was approved")),
    "disposal.stopped": ("ban", lazy("A disposal was stopped or dropped")),
    "disposal.event": ("done", lazy("The names of an event were taken out")),
    "disposal.skipped": ("lock", lazy("An event was left as it is: it may not go now")),
    "disposal.done": ("done", lazy("A disposal came to its end")),
    "disposal.held": ("lock", lazy("A diary number was held")),
    "disposal.released": ("lock", lazy("A hold was released")),
    "event.retention": ("clock", lazy("The event got another time for its names")),
    "privacy.asked": ("user", lazy("Somebody asked about own data")),
    "privacy.answered": ("mail", lazy("A request about own data was answered")),
    "participant.forget_needs": ("x", lazy("A person had dietary and access needs removed")),
    "registration.no_invitations": ("x", lazy("A contact took back the wish for later mail")),
    "calendar.added": ("cal", lazy("Another calendar was listed")),
    "calendar.renamed": ("edit", lazy("Another calendar was given a new name here")),
    "calendar.paused": (
        "ban",
        lazy("Another calendar could not be read, and is not listed any more"),
    ),
    "calendar.resumed": ("cal", lazy("Another calendar was listed again")),
    "calendar.removed": ("x", lazy("Another calendar was taken away")),
    "events.imported": ("plus", lazy("Events of a calendar file became drafts")),
    "organisation.changed": ("gear", lazy("The organisation's settings were changed")),
    **MEETING_VERBS,
}
"""{verb: (icon, what happened)}"""


@dataclass(frozen=True, slots=True)
class TrailLine:
    iso: str
    time: str
    day: date
    icon: str
    text: str
    who: str
    details: str
    event_title: str
    event_id: str  # public


def trail_lines(
    session: Session, entries: Sequence[AuditEntry], *, with_events: bool = False
) -> list[TrailLine]:
    """Entries as lines; names of staff and titles of events in one statement each."""
    names = manage.names_of_actors(session, [entry.actor for entry in entries])
    organisation = current_membership().organisation
    ids = [entry.event_id for entry in entries] if with_events else []
    found = manage.event_titles(session, organisation.id, ids)
    messages = about_messages(session, organisation.id, entries)
    lines = []
    for entry in entries:
        icon, said = VERBS.get(entry.verb, ("ring", entry.verb))
        event = found.get(entry.event_id or 0)
        lines.append(
            TrailLine(
                iso=entry.at.isoformat(),
                time=clock_text(entry.at, organisation.zone),
                day=local(entry.at, organisation.zone).date(),
                icon=icon,
                text=str(said),
                who=_who(entry.actor, names),
                details=_details(entry.facts, organisation.zone, messages.get(entry.id, "")),
                event_title=title_of(event) if event else "",
                event_id=event.public_id if event else "",
            )
        )
    return lines


def by_day(lines: Sequence[TrailLine]) -> list[tuple[str, list[TrailLine]]]:
    """[(the day in words, its lines)], the order kept."""
    return [
        (date_text(day, style="long"), list(of_day))
        for day, of_day in groupby(lines, key=lambda line: line.day)
    ]


def _who(actor: str, names: dict[str, str]) -> str:
    if actor in names:
        return names[actor]
    kind = actor.partition(":")[0]
    return {
        "job": _("Dialognav, by itself"),
        "cli": _("The operator"),
        "user": _("A former colleague"),
        "registration": _("A registered contact"),
        "participant": _("A registered person"),
        "member": _("Somebody in the team of the meetings"),
    }.get(kind, _("Somebody registering"))


def _details(facts: dict[str, Any], zone: str, about: str = "") -> str:
    """What the entry's facts add, when it can be said; first of all what it is about."""
    said = [about]
    changed = facts.get("changed")
    if isinstance(rules := facts.get("rules"), dict):
        days = facts.get("occasions", {})
        said += [_changed_rule(key, was, now, zone, days) for key, (was, now) in rules.items()]
    elif isinstance(changed, list) and changed:
        said.append(", ".join(str(FIELDS.get(name, name)) for name in changed))
    for name in ("after", "at"):
        if isinstance(facts.get(name), str):
            at = datetime.fromisoformat(facts[name])
            said.append(f"{date_text(at, zone)} {clock_text(at, zone)}")
    if isinstance(facts.get("reason"), str):
        words = DECLINE_REASONS | DOOR_REASONS | MOVE_REASONS | LIMIT_REASONS | REASONS
        said.append(str(words.get(facts["reason"], "")))
    if isinstance(facts.get("text"), str):
        said.append(facts["text"].rstrip("."))
    if isinstance(facts.get("rows"), int):
        said.append(ngettext("%(num)s row", "%(num)s rows", facts["rows"]))
    return ". ".join(part for part in said if part)


def _changed_rule(key: str, before: object, after: object, zone: str, days: dict[str, str]) -> str:
    """`days` are the starts of occasions by their id, for a key of rules.flatten()."""
    name, _dot, occasion_id = key.partition(".")
    starts_at = days.get(occasion_id)
    day = date_text(datetime.fromisoformat(starts_at), zone, "short") if starts_at else ""
    return _(
        "%(what)s: %(before)s, now %(after)s",
        what=rule_name(key, day),
        before=said_rule(name, before, zone),
        after=said_rule(name, after, zone),
    )


REASONS: dict[str, Any] = {
    "asked": lazy("They asked for it by phone or e-mail"),
    "duplicate": lazy("Registered twice"),
    "not_for": lazy("Does not belong to those the event is for"),
    "left": lazy("The person has left"),
    "other": lazy("Another reason"),
}
"""Why staff withdraw somebody: a choice, so that the trail holds no personal text."""
DOOR_REASONS: dict[str, Any] = {
    "room": lazy("There was room after all"),
    "instead": lazy("Came instead of somebody else"),
    "decided": lazy("The person responsible for the event decided so"),
    "other": lazy("Another reason"),
}
"""Why somebody without a place is let in."""
