"""Accessibility, privacy, and the choice of light or dark."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import page_cache
from blueprints.context import THEMES, external_url, settings
from blueprints.context import theme as current_theme
from blueprints.page_cache import Made
from blueprints.public.meta import alternates_of, organiser_of
from blueprints.public.said import say
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import PartyKind
from dialognav.i18n import date_text
from dialognav.models import Organisation
from dialognav.queries import organisations

bp = Blueprint("pages", __name__)

REVIEWED = date(2026, 11, 22)
"""When the accessibility statement was last held against the service."""

YEAR = 365 * 24 * 3600
AUTHORITIES = (PartyKind.MUNICIPALITY, PartyKind.REGION, PartyKind.STATE_AGENCY)


@bp.get("/<any(sv,en,nb):lang>/accessibility")
def accessibility(lang: str) -> ResponseReturnValue:
    return _page("accessibility", lang, lambda: {"reviewed": date_text(REVIEWED, style="long")})


@bp.get("/<any(sv,en,nb):lang>/privacy")
def privacy(lang: str) -> ResponseReturnValue:
    return _page("privacy", lang, lambda: {"months": round(settings().sent_retention_days / 30.5)})


def _page(name: str, lang: str, more: Callable[[], dict[str, Any]]) -> ResponseReturnValue:
    """A statement about one organisation: the one asked for, else the only one there is."""
    asked = request.args.get("organisation", "")
    version = organisations.version_of_all(db.session())

    def make() -> Made:
        everyone = organisations.everyone(db.session())
        chosen = next((each for each in everyone if each.slug == asked), None)
        if asked and chosen is None:
            raise NotFound
        if chosen is None and len(everyone) == 1:
            chosen = everyone[0]
        return Made(_render(name, lang, asked, chosen, everyone, more()))

    return page_cache.answer((name, asked, lang, current_theme()), version, utcnow(), make)


def _render(
    name: str,
    lang: str,
    asked: str,
    chosen: Organisation | None,
    everyone: list[Organisation],
    more: dict[str, Any],
) -> str:
    endpoint = f"public.pages.{name}"
    values: dict[str, Any] = {"organisation": asked} if asked else {}
    here = url_for(endpoint, lang=lang, **values)
    about = chosen and {
        "name": say(chosen.name, chosen.primary_language),
        "text": say(chosen.privacy_text, chosen.primary_language),
        "row": chosen,
        "is_authority": chosen.kind in AUTHORITIES,
    }
    return render_template(
        f"public/pages/{name}.html",
        about=about,
        others=[
            (url_for(endpoint, lang=lang, organisation=each.slug), _name(each))
            for each in everyone
            if each is not chosen
        ],
        organiser=organiser_of(chosen) if chosen else None,
        canonical=external_url(here),
        alternates=alternates_of(endpoint, **values),
        here=here,
        **more,
    )


def _name(organisation: Organisation) -> str:
    return say(organisation.name, organisation.primary_language).words


@bp.post("/theme")
def theme() -> ResponseReturnValue:
    """Keeps the choice in a cookie. Checked by origin instead of a token, so that public pages stay
    free of sessions (decisions.md 20)."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES or not is_own_form():
        abort(400)
    answer = redirect(own_path(request.form.get("next", "")), 303)
    if chosen == "auto":
        answer.delete_cookie("theme", samesite="Lax", secure=settings().is_https)
    else:
        answer.set_cookie(
            "theme",
            chosen,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings().is_https,
        )
    return answer


def is_own_form() -> bool:
    """Whether the browser says that one of our pages sent this."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin in (settings().base_url, request.host_url.rstrip("/"))


def own_path(path: str) -> str:
    """A path of this site to go back to; the start page for anything else."""
    parts = urlsplit(path) if path.isprintable() and "\\" not in path else None
    is_own = parts is not None and not parts.scheme and not parts.netloc
    return path if is_own and path.startswith("/") and not path.startswith("//") else "/"
