"""What every request knows before its view: language, theme, settings; and what templates see."""

import hashlib
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from flask import Flask, current_app, g, request, url_for

from blueprints.icons import init_look
from config import Settings
from dialognav import i18n
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import LANGUAGES
from dialognav.mail.post import Post

THEMES = ("auto", "light", "dark")


def settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def post() -> Post:
    """The installation's mail, for actions that promise letters."""
    return Post.of(settings())


def register(app: Flask) -> None:
    app.before_request(choose_language)
    app.before_request(refuse_nul)
    app.context_processor(template_context)
    init_look(app)


def refuse_nul() -> None:
    """No address of ours has a NUL in it, and PostgreSQL refuses to compare text with one."""
    if "\0" in request.path:
        raise NotFound


def choose_language() -> None:
    """The address decides; without a language in it, the reader's own (staff set theirs later)."""
    asked = (request.view_args or {}).get("lang")
    cookie = request.cookies.get("lang", "")
    if asked in LANGUAGES:
        language = str(asked)
    elif cookie in LANGUAGES:
        language = cookie
    else:
        language = i18n.choose_language(request.headers.get("Accept-Language"))
    i18n.speak(language)
    g.lang = language


def theme() -> str:
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


def template_context() -> dict[str, Any]:
    """Values; a page that sets one of these in its own context wins."""
    return {
        "lang": i18n.current_language(),
        "languages": [(code, *i18n.NAMES[code]) for code in LANGUAGES],
        "theme": theme(),
        "site": SimpleNamespace(name="Dialognav", base_url=settings().base_url),
        "alternates": {},
        "canonical": "",
        "here": "",  # the address a kept page goes back to after a choice of theme
        "nav": "",
        "organiser": None,
        "static_url": static_url,
    }


def static_url(path: str) -> str:
    """The address of a static file with its content in it, so that it may be kept for a year."""
    folder = current_app.static_folder or "static"
    return url_for("static", filename=path, v=_fingerprint(str(Path(folder) / path)))


@lru_cache(maxsize=64)
def _fingerprint(path: str) -> str:
    file = Path(path)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def external_url(path: str) -> str:
    """An absolute address: BASE_URL and a path, whatever Host the request claimed."""
    return settings().base_url + path
