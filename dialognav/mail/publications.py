"""An occasion as the public's calendars show it: facts for METHOD:PUBLISH, nobody's address in it.

The digital link is the confirmed's alone (decisions.md 13); a public entry never holds it.
"""

from datetime import datetime
from typing import NamedTuple

from dialognav.db import Text
from dialognav.domain.calendar import Entry, Person, new_public_uid
from dialognav.domain.calendar_text import clean_line
from dialognav.domain.terms import EventState, Format
from dialognav.i18n import current_language, pick, speaking
from dialognav.i18n import gettext as _
from dialognav.mail.post import Post
from dialognav.models import CalendarObject, Event, Occasion
from dialognav.words import kind_name


class Revision(NamedTuple):
    """What identifies one state of a public entry: fixed UID and organiser, number, time."""

    uid: str
    organizer_address: str
    sequence: int
    dtstamp: datetime
    created_at: datetime


def revision_of(
    event: Event, occasion: Occasion, kept: CalendarObject | None, post: Post
) -> Revision:
    """The stored one, else the first of an entry that nothing has been stored about yet."""
    if kept is not None:
        address, stamp = kept.organizer_address, kept.dtstamp
        return Revision(kept.uid, address, kept.sequence, stamp, kept.created_at)
    return Revision(
        new_public_uid(uid_name(event, occasion), post.domain),
        post.address(event.organisation.slug, event.organisation.mail_sender),
        0,
        event.changed_at,
        event.published_at or event.created_at,
    )


def uid_name(event: Event, occasion: Occasion) -> str:
    """`<public id>` of the occasion that came first, `<public id>.<id>` of the others: one that is
    added, or put before it, is another."""
    is_first = occasion.id == min(each.id for each in event.occasions)
    return event.public_id if is_first else f"{event.public_id}.{occasion.id}"


def public_entry(
    event: Event, occasion: Occasion, revision: Revision, *, language: str, post: Post
) -> Entry:
    """What everybody may know (calendar.md 2.1 a). A postponed date is off until there is a new
    one: the same UID comes back with it."""
    with speaking(language):
        return Entry(
            uid=revision.uid,
            sequence=revision.sequence,
            dtstamp=revision.dtstamp,
            created=min(revision.created_at, revision.dtstamp),
            starts_at=occasion.starts_at,
            ends_at=occasion.ends_at,
            zone=event.zone,
            all_day=occasion.all_day,
            organiser=Person(_said(event.organisation.name, event), revision.organizer_address),
            summary=_summary(event, occasion),
            description=_description(event, language, post),
            location=_location(event, occasion),
            geo=_geo(event, occasion),
            url=_page(event, language, post),
            categories=(kind_name(event.kind),),
            status="CANCELLED" if _is_off(event, occasion) else "CONFIRMED",
            online_only=event.format == Format.ONLINE,
        )


def _is_off(event: Event, occasion: Occasion) -> bool:
    return event.state != EventState.PUBLISHED or occasion.cancelled_at is not None


def _summary(event: Event, occasion: Occasion) -> str:
    title = ": ".join(filter(None, (_said(event.title, event), _said(occasion.title, event))))
    if event.state == EventState.CANCELLED or occasion.cancelled_at is not None:
        return _("Cancelled: %(title)s", title=title)
    if event.state == EventState.POSTPONED:
        return _("Postponed: %(title)s", title=title)
    return title


def _description(event: Event, language: str, post: Post) -> str:
    contact = ", ".join(filter(None, (event.contact_name, event.contact_phone)))
    lines = [
        _("About the event: %(url)s", url=_page(event, language, post)),
        _("Contact: %(contact)s", contact=contact) if contact else "",
    ]
    parts = [
        _said(event.reason, event),
        _said(event.summary, event),
        "\n".join(filter(None, lines)),
    ]
    return "\n\n".join(filter(None, parts))


def _location(event: Event, occasion: Occasion) -> str:
    if event.format == Format.ONLINE:
        return ", ".join(filter(None, (_("Online"), occasion.online_service)))
    return clean_line(", ".join(filter(None, (_said(occasion.venue, event), occasion.address))))


def _geo(event: Event, occasion: Occasion) -> tuple[float, float] | None:
    if event.format == Format.ONLINE or occasion.latitude is None or occasion.longitude is None:
        return None
    return occasion.latitude, occasion.longitude


def _page(event: Event, language: str, post: Post) -> str:
    return f"{post.base_url}/{language}/events/{event.slug}"


def _said(text: Text, event: Event) -> str:
    return pick(text, current_language(), event.primary_language)[0]
