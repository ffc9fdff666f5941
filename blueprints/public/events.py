"""The public calendar: what is coming, what has been, and each event's page."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import page_cache
from blueprints.context import theme
from blueprints.page_cache import Made
from blueprints.public.event_list import made_list, made_month
from blueprints.public.event_page import made_page, render_event
from blueprints.public.filters import read
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.i18n import choose_language
from dialognav.queries import event_sets, events

__all__ = ["bp", "render_event"]

bp = Blueprint("events", __name__)


@bp.get("/")
def redirect_to_language() -> ResponseReturnValue:
    return _in_own_language("public.events.index")


@bp.get("/events/<slug>")
def redirect_to_event(slug: str) -> ResponseReturnValue:
    if not events.is_shown(db.session(), slug):
        raise NotFound
    return _in_own_language("public.events.show", slug=slug)


def _in_own_language(endpoint: str, **values: Any) -> ResponseReturnValue:
    lang = choose_language(request.headers.get("Accept-Language"))
    answer = redirect(url_for(endpoint, lang=lang, **values), 302)
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/<any(sv,en,nb):lang>/")
def index(lang: str) -> ResponseReturnValue:
    asked, now, which = read(request.args), utcnow(), "coming"
    if asked.view == "month":
        asked, which = asked.in_month(*(asked.chosen.month or _this_month(now))), "listed"
    version = event_sets.set_version(db.session(), which, now, asked.chosen)

    def make() -> Made:
        if asked.view == "month":
            return made_month(asked, version, now)
        return made_list(asked, version, now)

    day = event_sets.in_list_zone(now).date() if asked.view else None  # the table marks today
    name = ("list", lang, theme(), tuple(asked.pairs()), day)
    return page_cache.answer(name, version, now, make, keep=not asked.search)


@bp.get("/<any(sv,en,nb):lang>/past")
def past(lang: str) -> ResponseReturnValue:
    asked, now = read(request.args).as_list(), utcnow()
    version = event_sets.set_version(db.session(), "held", now, asked.chosen)

    def make() -> Made:
        return made_list(asked, version, now, past=True)

    name = ("past", lang, theme(), tuple(asked.pairs()))
    return page_cache.answer(name, version, now, make, keep=not asked.search)


@bp.get("/<any(sv,en,nb):lang>/events/<slug>")
def show(lang: str, slug: str) -> ResponseReturnValue:
    now = utcnow()
    version = event_sets.event_version(db.session(), slug)
    if version is None:
        raise NotFound

    def make() -> Made:
        event = events.public_event(db.session(), slug)
        if event is None:  # hidden between the two statements
            raise NotFound
        return made_page(event, now)

    return page_cache.answer(("event", slug, lang, theme()), version, now, make)


def _this_month(now: datetime) -> tuple[int, int]:
    today = event_sets.in_list_zone(now)
    return today.year, today.month
