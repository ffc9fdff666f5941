"""One event's page: from rows to words. The template only lays them out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import render_template, url_for

from blueprints.context import external_url, post
from blueprints.page_cache import Made
from blueprints.public.dates import month_name
from blueprints.public.event_rows import changes_of, event_url, span
from blueprints.public.meeting_rules import read_meetings
from blueprints.public.meta import alternates_of, description_of, event_json, organiser_of
from blueprints.public.rules import read_rules
from blueprints.public.said import Said, say
from blueprints.public.session_rows import places_of, session_rows, when_of
from blueprints.public.shared_views import shared_views
from blueprints.public.sign_up import SignUpView, sign_up_view
from dialognav.clock import utcnow
from dialognav.cpv import division_name
from dialognav.db import db
from dialognav.domain.admission import SignUp
from dialognav.domain.terms import Audience, EventState, Kind, Phase
from dialognav.domain.weblinks import google_link, outlook_link
from dialognav.i18n import (
    clock_text,
    current_language,
    date_text,
    local,
    speaking,
    time_range,
)
from dialognav.i18n import gettext as _
from dialognav.mail.publications import public_entry, revision_of
from dialognav.models import Event, ProgrammeItem
from dialognav.occasion_names import dates_text
from dialognav.queries.event_pages import File, PageRows, page_rows
from dialognav.queries.registrations import occupancy

NEWS = timedelta(days=14)
"""How long a new version of a document is called new."""


_OFF = (SignUp.CANCELLED, SignUp.POSTPONED)
_WITHOUT_RULES = (*_OFF, SignUp.PAST)


@dataclass(frozen=True, slots=True)
class Point:
    time: str
    dt: str
    title: Said
    text: Said
    speakers: tuple[str, ...]
    pause: bool


@dataclass(frozen=True, slots=True)
class Paper:
    url: str
    name: Said
    facts: str
    is_new: bool


def render_event(event: Event, lang: str, *, preview: bool = False) -> str:
    """The page of an event as it stands now. A preview shows a draft as if it were published."""
    with speaking(lang):
        return made_page(event, utcnow(), preview=preview).body


def made_page(event: Event, now: datetime, *, preview: bool = False) -> Made:
    """The page in the language spoken, and when it will say something else by itself."""
    session = db.session()
    rows = page_rows(session, event)
    held = occupancy(session, [event.id])
    shown_state = EventState.PUBLISHED if preview else ""
    view = sign_up_view(event, held, now, state=shown_state).for_strangers()
    meetings = None if view.state in _OFF else read_meetings(event, now)
    body = render_template(
        "public/events/show.html",
        event=event,
        preview=preview,
        sign_up=view,
        is_held=view.state == SignUp.PAST,
        is_off=view.state in _OFF,
        meetings=meetings,
        shared=shared_views(event),
        sessions=session_rows(event, held, now),
        rules=None if view.state in _WITHOUT_RULES else read_rules(event),
        **words_of(event),
        **rows_of(event, rows, now),
        **links_of(event, view),
        **head_of(event, view),
    )
    news = [file.created_at + NEWS for file in rows.files if file.number > 1]
    booking = meetings.changes if meetings else ()
    return Made(body, (*changes_of([event]), *news, *booking))


def words_of(event: Event) -> dict[str, Any]:
    """The event's own texts, each in the reader's language or marked with its own."""
    primary = event.primary_language
    names = (
        "title",
        "summary",
        "need",
        "effect",
        "accessibility_note",
        "language_note",
        "cost_note",
        "after_text",
        "reason",
        "contact_hours",
    )
    said = {name: say(getattr(event, name), primary) for name in names}
    said["organiser_name"] = say(event.organisation.name, event.organisation.primary_language)
    lang = current_language()
    return said | {
        "is_stale": lang in event.stale_languages and lang != primary,
        "is_fallback": bool(said["title"].lang or said["need"].lang),
        "own_language_url": event_url(event.slug, primary),
        "audience": audience_of(event),
        "cpv": cpv_of(event),
        "shows_equality": event.kind == Kind.MARKET_DIALOGUE
        or event.phase in (Phase.PRE_STUDY, Phase.PROCUREMENT),
    }


def cpv_of(event: Event) -> list[str]:
    """The codes with words: the organiser's own, else those of the division."""
    return [
        code if " " in code else f"{code} {division_name(code[:2])}".strip() for code in event.cpv
    ]


def audience_of(event: Event) -> str:
    return {
        Audience.SUPPLIERS: _("All suppliers"),
        Audience.BUYERS: _("Public buyers only"),
        Audience.EVERYONE: _("Everyone who wants to come"),
    }[Audience(event.audience)]


def rows_of(event: Event, rows: PageRows, now: datetime) -> dict[str, Any]:
    primary, live = event.primary_language, event.live_occasions
    steps: dict[str, list[tuple[Said, Said]]] = {}
    for step in rows.milestones:
        steps.setdefault(step.phase, []).append((say(step.when, primary), say(step.text, primary)))
    return {
        "dates": [when_of(occasion, event.zone) for occasion in event.live_occasions],
        "dates_text": dates_text(event),
        "places": places_of(event),
        "online_service": next((o.online_service for o in live if o.online_service), ""),
        "steps": steps,
        "programme": _programme(event, rows.programme),
        "questions": [(say(q.text, primary), say(q.help, primary)) for q in rows.questions],
        "papers": [paper_of(file, primary, now, event.zone) for file in rows.files],
    }


def _programme(event: Event, items: list[ProgrammeItem]) -> list[tuple[str, list[Point]]]:
    """[(day, its points)]; the day is named only when the programme has several."""
    days: list[tuple[date, list[Point]]] = [
        (day, [_point(event, item) for item in group])
        for day, group in groupby(items, lambda item: local(item.starts_at, event.zone).date())
    ]
    if len(days) == 1:
        return [("", days[0][1])]
    return [(date_text(day, style="long"), points) for day, points in days]


def _point(event: Event, item: ProgrammeItem) -> Point:
    primary = event.primary_language
    time = clock_text(item.starts_at, event.zone)
    if item.ends_at is not None:
        time = time_range(item.starts_at, item.ends_at, event.zone)
    speakers = (", ".join(filter(None, (s.name, s.title, s.organisation))) for s in item.speakers)
    return Point(
        time=time,
        dt=f"{local(item.starts_at, event.zone):%H:%M}",
        title=say(item.title, primary),
        text=say(item.text, primary),
        speakers=tuple(speakers),
        pause=item.is_break,
    )


def paper_of(file: File, primary: str, now: datetime, zone: str) -> Paper:
    kind = file.filename.rpartition(".")[2].upper() if "." in file.filename else file.media_type
    facts = _(
        "%(kind)s, %(size)s, version %(version)s. Published %(date)s.",
        kind=kind,
        size=size_text(file.size),
        version=file.number,
        date=date_text(file.created_at, zone),
    )
    if file.number == 1:
        facts = _(
            "%(kind)s, %(size)s. Published %(date)s.",
            kind=kind,
            size=size_text(file.size),
            date=date_text(file.created_at, zone),
        )
    url = url_for("public.documents.show", public_id=file.public_id, filename=file.filename)
    is_new = file.number > 1 and now < file.created_at + NEWS
    return Paper(url, say(file.name, primary) or Said(file.filename), facts, is_new)


def size_text(size: int) -> str:
    """'410 kB', '2,1 MB' (powers of ten, as Swedish and Norwegian authorities write)."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    decimal = "." if current_language() == "en" else ","
    return f"{size / 1_000_000:.1f}".replace(".", decimal) + " MB"


def links_of(event: Event, view: SignUpView) -> dict[str, Any]:
    """Calendar links while there is something to enter; of several occasions only the file."""
    lang = current_language()
    links = {"ics": "", "outlook": "", "google": ""}
    if view.state not in (SignUp.CANCELLED, SignUp.POSTPONED, SignUp.PAST):
        links["ics"] = url_for("public.feeds.event", slug=event.slug, lang=lang)
        if len(event.live_occasions) == 1:
            occasion, given = event.live_occasions[0], post()
            revision = revision_of(event, occasion, None, given)
            entry = public_entry(event, occasion, revision, language=lang, post=given)
            links |= {"outlook": outlook_link(entry), "google": google_link(entry)}
    return {"calendar": links}


def head_of(event: Event, view: SignUpView) -> dict[str, Any]:
    """What search engines and shared links read, the way back, and whose page this is."""
    lang = current_language()
    start, _end = span(event)
    first = local(start, event.zone).date()
    is_past = view.state == SignUp.PAST
    lists = url_for("public.events.past" if is_past else "public.events.index", lang=lang)
    month = f"{lists}?month={first:%Y-%m}"
    return {
        "canonical": external_url(event_url(event.slug)),
        "alternates": alternates_of("public.events.show", slug=event.slug)
        | {"x-default": url_for("public.events.redirect_to_event", slug=event.slug)},
        "here": event_url(event.slug),
        "description": description_of(event),
        "structured": event_json(event, view),
        "organiser": organiser_of(event.organisation),
        "trail": [(lists, _("Past") if is_past else _("Upcoming")), (month, month_name(first))],
        "nav": "past" if is_past else "",
    }
