"""Entries of the Atom feed: ready words without characters that XML 1.0 has no place for."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from blueprints.context import external_url, post
from blueprints.public.event_rows import place_of
from blueprints.public.said import Said, say
from dialognav.domain.calendar_text import clean_line
from dialognav.domain.terms import EventState
from dialognav.i18n import current_language
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.occasion_names import dates_text
from dialognav.words import kind_name


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """`id` is a tag: URI (RFC 4151) that outlives languages, titles and moves of the event."""

    id: str
    url: str
    title: Said
    published: str
    updated: str
    author: str
    kind: str
    when: str
    place: str
    summary: Said


def atom_entries(found: Iterable[Event]) -> list[AtomEntry]:
    domain = post().domain
    return [_entry(event, domain) for event in found]


def _entry(event: Event, domain: str) -> AtomEntry:
    primary = event.primary_language
    published = event.published_at or event.created_at
    title = say(event.title, primary)
    return AtomEntry(
        id=f"tag:{domain},{event.created_at:%Y-%m-%d}:event/{event.public_id}",
        url=external_url(url_for("public.events.show", lang=current_language(), slug=event.slug)),
        title=Said(clean_line(_title(event, title.words)), title.lang),
        published=f"{published:%Y-%m-%dT%H:%M:%SZ}",
        updated=f"{max(event.changed_at, published):%Y-%m-%dT%H:%M:%SZ}",
        author=clean_line(say(event.organisation.name, event.organisation.primary_language).words),
        kind=kind_name(event.kind),
        when=dates_text(event),
        place=clean_line(str(place_of(event))),
        summary=_clean(say(event.summary, primary)),
    )


def _title(event: Event, title: str) -> str:
    if event.state == EventState.CANCELLED:
        return _("Cancelled: %(title)s", title=title)
    if event.state == EventState.POSTPONED:
        return _("Postponed: %(title)s", title=title)
    return title


def _clean(said: Said) -> Said:
    return Said(clean_line(said.words), said.lang)
