"""Icons, the mark, and the other drawn parts of a page, as Jinja globals.

An icon is a `<use>` that points at a symbol. Only the symbols a page uses are written into it: the
layout renders the whole body first and hands it to sprite(), which reads the names back out of the
finished text. That works for macros, includes and cached fragments alike and keeps no state.
"""

import re
from functools import cache
from pathlib import Path

from flask import Flask
from markupsafe import Markup

from blueprints.problems import problem_count, problem_list

# 24 grid, stroke 1.7, round joins, currentColor. Own drawings, made for Dialognav.
ICONS = {
    "cal": '<path d="M4 6.5h16V20H4zM4 10.5h16M8 3.5v4M16 3.5v4"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.3l3.5 2"/>',
    "pin": (
        '<path d="M12 21s-7-6-7-11.3A7 7 0 0 1 19 9.7C19 15 12 21 12 21z"/>'
        '<circle cx="12" cy="9.7" r="2.5"/>'
    ),
    "screen": '<path d="M3.5 5h17v11.5h-17zM9 20h6M12 16.5V20"/>',
    "hybrid": (
        '<path d="M3 5h11v8H3zM6 16.5h5M8.5 13v3.5"/>'
        '<path d="M18 21s-3.5-3-3.5-5.7a3.5 3.5 0 0 1 7 0C21.5 18 18 21 18 21z"/>'
    ),
    "people": (
        '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c0-3.7 2.9-6 6.5-6s6.5 2.3 6.5 6M16 5.3'
        'a3.5 3.5 0 0 1 0 6.4M18 14.6c2.2.8 3.5 2.7 3.5 5.4"/>'
    ),
    "user": (
        '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c0-4 3.3-6.5 7.5-6.5s7.5 2.5 7.5 6.5"/>'
    ),
    "globe": (
        '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c2.5 2.5 3.6 5.3 3.6 8.5s-1.1 '
        '6-3.6 8.5c-2.5-2.5-3.6-5.3-3.6-8.5s1.1-6 3.6-8.5z"/>'
    ),
    "doc": '<path d="M6 3h8l4.5 4.5V21H6zM14 3v4.5h4.5M9 12.5h6.5M9 16.5h6.5"/>',
    "down": '<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>',
    "check": '<path d="M5 12.5l4.7 4.7L19.5 7"/>',
    "okc": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12.3l2.8 2.8 5.3-5.6"/>',
    "warn": '<path d="M12 3.8L21.5 20h-19zM12 10v4.5M12 17.3v.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.7v.1"/>',
    "x": '<path d="M6 6l12 12M18 6L6 18"/>',
    "ban": '<circle cx="12" cy="12" r="8.5"/><path d="M6 6l12 12"/>',
    "right": '<path d="M9 5l7 7-7 7"/>',
    "left": '<path d="M15 5l-7 7 7 7"/>',
    "chev": '<path d="M5 9l7 7 7-7"/>',
    "arrow": '<path d="M4 12h15M13 6l6 6-6 6"/>',
    "mail": '<path d="M3.5 5.5h17v13h-17zM3.5 7l8.5 6.5L20.5 7"/>',
    "phone": (
        '<path d="M6 3.5h3.5l1.7 4.7-2.4 1.7a12 12 0 0 0 5.3 5.3l1.7-2.4 4.7 1.7V18a2.5 2.5 0 0 '
        '1-2.7 2.5A16 16 0 0 1 3.5 6.2 2.5 2.5 0 0 1 6 3.5z"/>'
    ),
    "edit": '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5"/>',
    "link": (
        '<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 '
        '0 0 0 5.7 5.7L12 17"/>'
    ),
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "filter": '<path d="M3.5 6h17M7 12h10M10.5 18h3"/>',
    "print": '<path d="M7 8V3.5h10V8M7 17H3.5V8h17v9H17M7 14h10v6.5H7z"/>',
    "plus": '<path d="M12 4.5v15M4.5 12h15"/>',
    "list": '<path d="M8 6h12.5M8 12h12.5M8 18h12.5M3.8 6h.1M3.8 12h.1M3.8 18h.1"/>',
    "grid": '<path d="M4 4h16v16H4zM4 9.5h16M4 14.8h16M9.3 4v16M14.7 4v16"/>',
    "chat": '<path d="M4 5h16v11.5H11L6.5 20.5v-4H4z"/>',
    "book": (
        '<path d="M5 4.5A2 2 0 0 1 7 3h12v15H7a2 2 0 0 0-2 2zM5 4.5V20a1.5 1.5 0 0 0 1.5 1.5H19"/>'
    ),
    "gear": (
        '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.'
        '2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2"/>'
    ),
    "home": '<path d="M4 11l8-7 8 7v9.5h-5.5v-6h-5v6H4z"/>',
    "eye": (
        '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/>'
        '<circle cx="12" cy="12" r="3"/>'
    ),
    "copy": '<path d="M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4"/>',
    "wait": (
        '<path d="M6.5 3.5h11M6.5 20.5h11M7.5 3.5c0 5 9 6 9 8.5s-9 3.5-9 8.5M16.5 3.5c0 5-9 6-9 '
        '8.5s9 3.5 9 8.5"/>'
    ),
    "lock": '<path d="M5.5 11h13v9.5h-13zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "table": '<path d="M3.5 8.5h17M6 8.5V19M18 8.5V19M9 13.5h6"/>',
    "flag": '<path d="M5.5 21V4M5.5 4.5h12l-2.5 4 2.5 4h-12"/>',
    "pen": '<path d="M4 20h16M6 15.5L16 5.5l2.5 2.5-10 10H6z"/>',
    "ring": '<circle cx="12" cy="12" r="5"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4"/>',
    "scale": '<path d="M12 4v16.5M7 20.5h10M5 7h14M5 7l-2.5 6.5h5zM19 7l-2.5 6.5h5z"/>',
    "swap": '<path d="M4 8.5h14M14.5 5l3.5 3.5L14.5 12M20 15.5H6M9.5 12L6 15.5 9.5 19"/>',
    "tick": (
        '<g fill="currentColor" stroke="none"><circle cx="5" cy="12" r="1.9"/>'
        '<circle cx="12" cy="12" r="1.9"/><circle cx="19" cy="12" r="1.9"/></g>'
    ),
    "k-market_dialogue": (
        '<path d="M10.3 3.5v3.8a5 5 0 0 0 0 9.4v3.8H3.5V13a9.5 9.5 0 0 1 6.8-9.5zM13.7 20.5v-3.8a5 '
        '5 0 0 0 0-9.4V3.5h6.8V11a9.5 9.5 0 0 1-6.8 9.5z"/>'
        '<circle cx="12" cy="12" r="2" fill="currentColor" stroke="none"/>'
    ),
    "k-information_meeting": (
        '<path d="M3.5 20.5V11A7.5 7.5 0 0 1 11 3.5h9.5V13a7.5 7.5 0 0 1-7.5 7.5zM8.5 10h7'
        'M8.5 14h5"/>'
    ),
    "k-seminar": (
        '<circle cx="12" cy="5.5" r="2" fill="currentColor" stroke="none"/><path d="M5 11.5c4-2 '
        '10-2 14 0M3.5 16c5-2.5 12-2.5 17 0M2.5 20.5c6-3 13-3 19 0"/>'
    ),
    "k-workshop": '<path d="M3.5 3.5h11v11h-11zM9.5 9.5h11v11h-11z"/>',
    "k-experience_exchange": (
        '<circle cx="8.5" cy="12" r="5.5"/><circle cx="15.5" cy="12" r="5.5"/>'
    ),
    "k-study_visit": (
        '<path d="M7 19.5h8.5a3.75 3.75 0 0 0 0-7.5h-7a3.75 3.75 0 0 1 0-7.5H17"/>'
        '<circle cx="5" cy="19.5" r="2"/>'
        '<circle cx="19" cy="4.5" r="2" fill="currentColor" stroke="none"/>'
    ),
    "k-external": '<path d="M10 5H4.5v14.5H19V14M13.5 4.5h6v6M19.5 4.5L11 13"/>',
    "k-one_to_one": (
        '<circle cx="5.5" cy="12" r="2.8"/><circle cx="18.5" cy="12" r="2.8"/><path d="M8.5 12h7"/>'
    ),
}

MARK = (
    '<path fill="currentColor" d="M14.7 2.5v6.9a6.7 6.7 0 0 0 0 13.2v6.9H4.3a1.8 1.8 0 0 1-1.8-1.8V'
    "16A13.5 13.5 0 0 1 14.7 2.5ZM17.3 29.5v-6.9a6.7 6.7 0 0 0 0-13.2V2.5h10.4a1.8 1.8 0 0 1 1.8 1."
    '8V16a13.5 13.5 0 0 1-12.2 13.5Z"/><circle cx="16" cy="16" r="3.6" fill="var(--accent)"/>'
)

# One node of the phase line. Colour only repeats what the word beside it says.
NODES = {
    "done": (
        '<circle cx="12" cy="12" r="11" fill="currentColor"/><path d="M7 12.3l3.5 3.5 6.5-7" '
        'fill="none" stroke="var(--canvas)" stroke-width="2.4"/>'
    ),
    "now": (
        '<circle cx="12" cy="12" r="10" fill="var(--surface)" stroke="currentColor" '
        'stroke-width="2.5"/><circle cx="12" cy="12" r="5" fill="var(--accent)" '
        'stroke="currentColor" stroke-width="1.5"/>'
    ),
    "next": (
        '<circle cx="12" cy="12" r="10" fill="var(--canvas)" stroke="var(--line-strong)" '
        'stroke-width="2"/>'
    ),
}

USED = re.compile(r'href="#i-([\w-]+)"')

FONT = "fonts/schibsted-grotesk-600.woff2"


@cache
def icon(name: str, css: str = "") -> Markup:
    """Draw one icon, always beside a visible or hidden word. An unknown name raises KeyError."""
    if name not in ICONS:
        raise KeyError(f"there is no icon {name!r}")
    extra = f" {css}" if css else ""
    return Markup('<svg class="i{}" aria-hidden="true"><use href="#i-{}"/></svg>').format(
        extra, name
    )


def sprite(body: str) -> Markup:
    """Symbols for every icon used in a finished page body; empty when it uses none."""
    names = sorted(set(USED.findall(body)) & ICONS.keys())
    symbols = "".join(
        f'<symbol id="i-{name}" viewBox="0 0 24 24">{ICONS[name]}</symbol>' for name in names
    )
    return Markup(f"<svg hidden>{symbols}</svg>" if symbols else "")  # noqa: S704 - own drawings


@cache
def mark(css: str = "") -> Markup:
    """Two speech bubbles round a hub, in the colour of the text."""
    attribute = Markup(' class="{}"').format(css) if css else ""
    return Markup('<svg viewBox="0 0 32 32" aria-hidden="true"{}>{}</svg>').format(
        attribute,
        Markup(MARK),  # noqa: S704 - own drawing
    )


@cache
def node(state: str) -> Markup:
    """Draw one node of the phase line: done, now or next."""
    return Markup('<svg class="node" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
        Markup(NODES[state])  # noqa: S704 - own drawing
    )


def init_look(app: Flask) -> None:
    """Give every template the drawn parts and the error summary's list.

    has_font: whether set-up made the typeface; without it the page uses the reader's own fonts.
    """
    has_font = Path(app.static_folder or "static", FONT).is_file()
    app.jinja_env.globals.update(
        icon=icon,
        sprite=sprite,
        mark=mark,
        node=node,
        problem_list=problem_list,
        problem_count=problem_count,
        has_font=has_font,
        FONT=FONT,
    )
