"""Calendar files and feeds: of one event, of all that match a filter, and the news."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import page_cache
from blueprints.block_cache import Block, block_cache, block_of
from blueprints.context import external_url, post
from blueprints.page_cache import Made
from blueprints.public.feed_entries import atom_entries
from blueprints.public.filter_choices import chips_of
from blueprints.public.filters import Asked, read
from blueprints.public.own_links import open_link
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.calendar import Entry, feed_ics, publication_ics
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import choose_language, current_language, pick, speaking
from dialognav.mail.invitations import own_invitation, own_meeting_invitation
from dialognav.mail.publications import public_entry, revision_of
from dialognav.models import Event, Participant
from dialognav.queries import event_sets, events, feeds

bp = Blueprint("feeds", __name__)

CALENDAR = "text/calendar; charset=utf-8"
MOST_BYTES = 2_000_000
_FOR_A_WHILE = "public, max-age=900"
_AT_ONCE = 250
"""Events in memory at a time, however many there are."""


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
    return page_cache.answer(
        ("calendar", lang, tuple(asked.pairs())),
        version,
        now,
        lambda: made_feed(asked, lang, now),
        media_type=CALENDAR,
        cache_control=_FOR_A_WHILE,
        vary="Accept-Encoding",
        keep=not asked.search,
    )


def made_feed(asked: Asked, lang: str, now: datetime) -> Made:
    conditions = event_sets.members("window", now, asked.chosen)
    chosen, changes = joined(_blocks(conditions, lang), now)
    ics = feed_ics(
        [block.lines for block in chosen],
        name=feed_name(asked, lang),
        zone=event_sets.LIST_ZONE,
        source_url=external_url(url_for("public.feeds.calendar") + asked.address(lang)),
        zones={block.zone for block in chosen},
    )
    stamp = max((block.dtstamp for block in chosen), default=None)
    return Made(ics.decode(), changes, stamp)


def _blocks(conditions: event_sets.Conditions, lang: str) -> list[Block]:
    """The entries of these events; only those whose version is new are read and written."""
    session, kept = db.session(), block_cache()
    versions = feeds.versions(session, *conditions)
    names: dict[int, Hashable] = {row[0]: ("public", *row, lang) for row in versions}
    found = kept.find(names.values())
    new = [event_id for event_id, name in names.items() if name not in found]
    for some in (new[n : n + _AT_ONCE] for n in range(0, len(new), _AT_ONCE)):
        made: dict[int, list[Block]] = {event_id: [] for event_id in some}
        for each in feeds.published(session, Event.id.in_(some)):
            [entry] = entries_of([each], lang)
            off_at = each.occasion.cancelled_at
            made[each.event.id].append(block_of(entry, off_at and off_at + event_sets.BEHIND))
        for event_id, blocks in made.items():
            found[names[event_id]] = tuple(blocks)
            kept.keep(names[event_id], blocks)
    return [block for name in names.values() for block in found[name]]


def joined(blocks: Sequence[Block], now: datetime) -> tuple[list[Block], tuple[datetime, ...]]:
    """What is shown, by (start, UID) and no more than the limit, and when it changes by itself.

    Of too many the last to begin are left out.
    """
    shown = [block for block in blocks if block.until is None or now < block.until]
    chosen: list[Block] = []
    room = MOST_BYTES
    for block in sorted(shown, key=lambda block: (block.starts_at, block.uid)):
        room -= len(block.lines)
        if room < 0 or len(chosen) == feeds.MOST_EVENTS:
            break
        chosen.append(block)
    return chosen, tuple(block.until for block in blocks if block.until is not None)


def feed_name(asked: Asked, lang: str) -> str:
    """What the calendar is called where it is subscribed to: the organiser, and the filters."""
    with speaking(lang or "sv"):
        slug = asked.chosen.organisation
        owner = events.organisation(db.session(), slug) if slug else None
        whose = pick(owner.name, current_language(), owner.primary_language)[0] if owner else ""
        filters = replace(asked, chosen=replace(asked.chosen, organisation=""))
        chosen = ", ".join(text for _address, text in chips_of(filters, ""))
        return ": ".join(filter(None, (whose or "Dialognav", chosen)))


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
    """The same bytes as in the mail; nothing to enter while there is no confirmed seat.

    `?occasion=` names one of several; without it, the first.
    """
    occasion_id = request.args.get("occasion", type=int)
    return _file(own_invitation(db.session(), person, post=post(), occasion_id=occasion_id))


@bp.get("/r/<secret>/meetings/<booking_id>.ics")
def meeting(secret: str, booking_id: str) -> ResponseReturnValue:
    """The own entry of a one-to-one meeting; `?person=` names whose, of the contact's secret."""
    own = open_link(secret)
    asked = request.args.get("person")
    people = [own.person(asked)] if asked else own.people
    return _file(own_meeting_invitation(db.session(), people, booking_id, post=post()))


def _file(ics: bytes | None) -> Response:
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
