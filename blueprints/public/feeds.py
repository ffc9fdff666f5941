"""Calendar files and feeds: of one event, of all that match a filter, and the news."""

from datetime import datetime
from functools import lru_cache

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import page_cache
from blueprints.context import external_url, post
from blueprints.page_cache import Made
from blueprints.public.feed_entries import atom_entries
from blueprints.public.filters import Asked, read
from blueprints.public.own_links import open_link
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.calendar import Entry, feed_ics, publication_ics, vevent_bytes
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import choose_language, speaking
from dialognav.mail.invitations import own_invitation
from dialognav.mail.publications import public_entry, revision_of
from dialognav.models import Event, Participant
from dialognav.queries import event_sets, feeds

bp = Blueprint("feeds", __name__)

CALENDAR = "text/calendar; charset=utf-8"
MOST_BYTES = 2_000_000
_FOR_A_WHILE = "public, max-age=900"


def _language() -> str:
    """The language asked for, or "" for each event's own."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else ""


@bp.get("/events/<slug>.ics")
def event(slug: str) -> ResponseReturnValue:
    """The public download: METHOD:PUBLISH, one VEVENT for each occasion."""
    now, lang = utcnow(), _language()
    version = event_sets.event_version(db.session(), slug)
    if version is None:
        raise NotFound

    def make() -> Made:
        found = feeds.published_event(db.session(), slug)
        if not found:
            raise NotFound
        entries = entries_of(found, lang)
        name = entries[0].summary if len(entries) > 1 else None
        stamp = max(entry.dtstamp for entry in entries)
        return Made(publication_ics(entries, name=name).decode(), stamp=stamp)

    return page_cache.answer(
        ("ics", slug, lang),
        version,
        now,
        make,
        media_type=f"{CALENDAR}; method=PUBLISH",
        vary="Accept-Encoding",
        extra=(("Content-Disposition", f'attachment; filename="{slug}.ics"'),),
    )


@bp.get("/calendar.ics")
def calendar() -> ResponseReturnValue:
    """To subscribe to, with the list's filters (calendar.md 2.7)."""
    now, lang, asked = utcnow(), _language(), read(request.args).as_feed()
    version = event_sets.set_version(db.session(), "window", now, asked.chosen)

    def make() -> Made:
        found = feeds.published(db.session(), *event_sets.members("window", now, asked.chosen))
        entries = sorted(entries_of(found, lang), key=lambda entry: (entry.starts_at, entry.uid))
        return made_feed(entries, asked, lang)

    return page_cache.answer(
        ("calendar", lang, tuple(asked.pairs())),
        version,
        now,
        make,
        media_type=CALENDAR,
        cache_control=_FOR_A_WHILE,
        vary="Accept-Encoding",
        keep=not asked.search,
    )


def entries_of(found: list[feeds.Published], lang: str) -> list[Entry]:
    given = post()
    return [
        public_entry(
            each.event,
            each.occasion,
            revision_of(each.event, each.occasion, each.kept, given),
            language=lang or each.event.primary_language,
            post=given,
        )
        for each in found
    ]


def made_feed(entries: list[Entry], asked: Asked, lang: str) -> Made:
    blocks: list[bytes] = []
    room = MOST_BYTES
    for entry in entries:
        block = _block(entry)
        room -= len(block)
        if room < 0:
            break
        blocks.append(block)
    source = external_url(url_for("public.feeds.calendar") + asked.address(lang))
    ics = feed_ics(
        blocks,
        name="Dialognav",
        zone=event_sets.LIST_ZONE,
        source_url=source,
        zones={entry.zone for entry in entries},
    )
    return Made(ics.decode(), stamp=max((e.dtstamp for e in entries), default=None))


@lru_cache(maxsize=2048)
def _block(entry: Entry) -> bytes:
    """The lines of an entry. It is its own key: other facts, another block."""
    return vevent_bytes(entry)


@bp.get("/feed.atom")
def atom() -> ResponseReturnValue:
    """The newest events as Atom (RFC 4287)."""
    now, asked = utcnow(), read(request.args).as_feed()
    lang = _language() or choose_language(request.headers.get("Accept-Language"))
    version = event_sets.set_version(db.session(), "news", now, asked.chosen)

    def make() -> Made:
        found = feeds.news(db.session(), *event_sets.members("news", now, asked.chosen))
        with speaking(lang):
            return made_atom(found, asked, lang)

    return page_cache.answer(
        ("atom", lang, tuple(asked.pairs())),
        version,
        now,
        make,
        media_type="application/atom+xml; charset=utf-8",
        cache_control=_FOR_A_WHILE,
        vary="Accept-Encoding" if _language() else "Accept-Encoding, Accept-Language",
        keep=not asked.search,
    )


def made_atom(found: list[Event], asked: Asked, lang: str) -> Made:
    updated: datetime | None = max((event.changed_at for event in found), default=None)
    body = render_template(
        "public/feeds/atom.xml",
        entries=atom_entries(found),
        self_url=external_url(url_for("public.feeds.atom") + asked.address(lang)),
        page_url=external_url(url_for("public.events.index", lang=lang) + asked.query()),
        updated=f"{updated:%Y-%m-%dT%H:%M:%SZ}" if updated else "2026-01-01T00:00:00Z",
        language=lang,
    )
    return Made(body, stamp=updated)


@bp.get("/r/<secret>/invite.ics")
def invitation(secret: str) -> ResponseReturnValue:
    """The invitation of the secret's own person; the contact's is the first participant's."""
    people = open_link(secret).people
    if not people:
        raise NotFound
    return _own_file(people[0])


@bp.get("/r/<secret>/<participant>/invite.ics")
def colleague_invitation(secret: str, participant: str) -> ResponseReturnValue:
    return _own_file(open_link(secret).person(participant))


def _own_file(person: Participant) -> Response:
    """The same bytes as in the mail; nothing to enter while there is no confirmed seat."""
    ics = own_invitation(db.session(), person, post=post())
    if ics is None:
        raise NotFound
    answer = Response(ics, content_type=f"{CALENDAR}; method=REQUEST")
    answer.headers.update(
        {
            "Content-Disposition": 'attachment; filename="invite.ics"',
            "Cache-Control": "private, no-cache",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        }
    )
    return answer
