"""What private calendars show (calendar.md 2.1 g'): nobody to answer, and nothing that others may
not see when the calendar is shared: no digital link, no phone number, no way to an own page."""

from collections.abc import Sequence
from dataclasses import replace

from dialognav.db import Text
from dialognav.domain.calendar import Entry
from dialognav.domain.terms import EventState, Seat
from dialognav.i18n import current_language, list_text, pick, speaking
from dialognav.i18n import gettext as _
from dialognav.mail.letters import Writer
from dialognav.mail.post import Post
from dialognav.mail.publications import Revision, public_entry
from dialognav.models import Attendance, CalendarObject, Event, Occasion, Participant

_IN_CALENDARS = (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW)


def booked_entry(seat: Attendance, numbered: CalendarObject, *, post: Post) -> Entry:
    """The invitation's own entry, under its UID, in the language it was written in."""
    event, language = seat.occasion.event, seat.participant.registration.language
    is_off = numbered.cancelled_at is not None
    stands = event.state == EventState.PUBLISHED and seat.occasion.cancelled_at is None
    is_left = is_off and stands and not _holds_a_seat(seat.participant, numbered)
    method = "CANCEL" if is_off else "REQUEST"
    entry = Writer(event, post).appointment(seat, method, declined=is_left).entry(numbered)
    with speaking(language):
        entry = _without_secrets(entry, _own_description(event, language, post))
    return settled(entry, numbered)


def settled(entry: Entry, numbered: CalendarObject) -> Entry:
    """As the calendar object says. A cancelled one is above what was sent last: where no
    cancellation was mailed, because no invitation had left, a feed may have shown the entry."""
    is_off = numbered.cancelled_at is not None
    entry = replace(entry, status="CANCELLED" if is_off else "CONFIRMED")
    if numbered.cancelled_at and numbered.dtstamp < numbered.cancelled_at:
        return replace(entry, sequence=entry.sequence + 1, dtstamp=numbered.cancelled_at)
    return entry


def _holds_a_seat(person: Participant, numbered: CalendarObject) -> bool:
    """Another entry shows it then: the event was put off, and has a new date."""
    return any(
        seat.state in _IN_CALENDARS or seat.keeps_seat
        for seat in person.attendances
        if numbered.is_series or seat.occasion_id == numbered.occasion_id
    )


def _without_secrets(entry: Entry, description: str) -> Entry:
    """What is published names no attendee and no digital link whatever the entry holds."""
    overrides = tuple(_without_secrets(one, description) for one in entry.overrides)
    return replace(entry, description=description, private=True, overrides=overrides)


def _own_description(event: Event, language: str, post: Post) -> str:
    lines = [
        _("About the event: %(url)s", url=f"{post.base_url}/{language}/events/{event.slug}"),
        _("Change or withdraw: %(url)s", url=f"{post.base_url}/{language}/my"),
        _("Contact: %(contact)s", contact=event.contact_name) if event.contact_name else "",
    ]
    return "\n\n".join(filter(None, (_said(event.summary, event), "\n".join(filter(None, lines)))))


def staff_entry(
    event: Event, occasion: Occasion, hosts: Sequence[str], *, language: str, post: Post
) -> Entry:
    """An event as its organiser sees it, drafts as tentative.

    Its UID is none that others have, and its SEQUENCE rises whenever anything about the event is
    written: nothing is mailed under it.
    """
    revision = Revision(
        f"w{event.public_id}.{occasion.id}@inv.{post.domain}",
        post.address(event.organisation.slug, event.organisation.mail_sender),
        event.write_count,
        event.changed_at,
        event.created_at,
    )
    entry = public_entry(event, occasion, revision, language=language, post=post)
    page = f"{post.base_url}/manage/events/{event.public_id}"
    is_draft = event.state in (EventState.DRAFT, EventState.SCHEDULED)
    with speaking(language):
        return replace(
            entry,
            summary=_draft_title(event) if is_draft else entry.summary,
            description=_staff_description(event, hosts, page),
            status="TENTATIVE" if is_draft else entry.status,
            url=page,
            private=True,
        )


def _draft_title(event: Event) -> str:
    return _("Draft: %(title)s", title=_said(event.title, event))


def _staff_description(event: Event, hosts: Sequence[str], page: str) -> str:
    lines = [
        _("Hosts: %(names)s", names=list_text(list(hosts))) if hosts else _("Nobody hosts it yet"),
        _("Open: %(url)s", url=page),
    ]
    return "\n\n".join(filter(None, (_said(event.summary, event), "\n".join(lines))))


def _said(text: Text, event: Event) -> str:
    return pick(text, current_language(), event.primary_language)[0]
