"""When an event is, and what one of several occasions is called, in the language spoken."""

from dialognav.i18n import current_language, ngettext, pick, when_text
from dialognav.i18n import gettext as _
from dialognav.models import Event, Occasion


def occasion_when(event: Event, occasion: Occasion, style: str = "short") -> str:
    """'ons 10 feb, 9.00–12.00'; only the day of one that has no times."""
    return when_text(
        occasion.starts_at, occasion.ends_at, event.zone, style, all_day=occasion.all_day
    )


def occasion_title(event: Event, occasion: Occasion) -> str:
    """Its own title, or ''."""
    return pick(occasion.title, current_language(), event.primary_language)[0]


def occasion_name(event: Event, occasion: Occasion, style: str = "short") -> str:
    """Title and time, which tells it from the others: 'Förmiddag: ons 10 feb, 9.00–12.00'."""
    parts = (occasion_title(event, occasion), occasion_when(event, occasion, style))
    return ": ".join(filter(None, parts))


def dates_text(event: Event, style: str = "long") -> str:
    """On one line: of several occasions how many, and from which day until which."""
    live = event.live_occasions
    if len(live) == 1:
        return occasion_when(event, live[0], style)
    assert event.starts_at is not None
    assert event.ends_at is not None
    days = when_text(event.starts_at, event.ends_at, event.zone, style, all_day=True)
    number = ngettext("%(num)s session", "%(num)s sessions", len(live))
    return _("%(sessions)s, %(days)s", sessions=number, days=days)
