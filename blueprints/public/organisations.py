"""An organiser, and what it arranges."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints import page_cache
from blueprints.context import external_url, theme
from blueprints.page_cache import Made
from blueprints.public.event_rows import changes_of, months_of, row_of
from blueprints.public.external_rows import rows_of
from blueprints.public.filters import Asked
from blueprints.public.meta import alternates_of, organiser_of
from blueprints.public.said import say
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.i18n import current_language
from dialognav.models import Event, Organisation
from dialognav.queries import event_sets, events, external_calendars
from dialognav.queries.event_sets import EventFilter
from dialognav.queries.registrations import occupancy

bp = Blueprint("organisations", __name__)

PAST = 10
"""How many held events the page shows; the rest is one link away."""


@bp.get("/<any(sv,en,nb):lang>/organisations/<slug>")
def show(lang: str, slug: str) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    own = event_sets.organisation_version(session, slug)
    if own is None:
        raise NotFound
    mine = EventFilter(organisation=slug)
    sets = [event_sets.set_version(session, which, now, mine) for which in ("coming", "held")]

    def make() -> Made:
        organisation = events.organisation(db.session(), slug)
        if organisation is None:
            raise NotFound
        return made_page(organisation, now)

    return page_cache.answer(("organisation", slug, lang, theme()), (own, *sets), now, make)


def made_page(organisation: Organisation, now: datetime) -> Made:
    session, lang, slug = db.session(), current_language(), organisation.slug
    mine = EventFilter(organisation=slug)
    coming = external_calendars.page_of(
        session,
        event_sets.members("coming", now, mine),
        event_sets.members_elsewhere("coming", now, mine),
        limit=events.PAGE_SIZE,
    )
    ahead = [event for event in coming if isinstance(event, Event)]
    behind = events.list_events(
        session, *event_sets.members("held", now, mine), newest_first=True, limit=PAST
    )
    seats = occupancy(session, [event.id for event in (*ahead, *behind)])
    here = url_for("public.organisations.show", lang=lang, slug=slug)
    asked = Asked(chosen=mine)
    body = render_template(
        "public/organisations/show.html",
        name=say(organisation.name, organisation.primary_language),
        about=say(organisation.about, organisation.primary_language),
        organisation=organisation,
        phone_hours=say(organisation.phone_hours, organisation.primary_language),
        months=months_of(rows_of(coming, seats, now)),
        past=[row_of(event, seats, now) for event in behind],
        past_url=url_for("public.events.past", lang=lang) + asked.query(),
        organiser=organiser_of(organisation),
        canonical=external_url(here),
        alternates=alternates_of("public.organisations.show", slug=slug),
        here=here,
        feed_url=external_url(url_for("public.feeds.calendar") + asked.feed_query(lang)),
        atom_url=external_url(url_for("public.feeds.atom") + asked.feed_query(lang)),
        follow_url=url_for("public.following.new", lang=lang) + asked.query(),
    )
    return Made(body, changes_of([*ahead, *behind]))
