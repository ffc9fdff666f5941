"""Links that open a filled-in appointment in Google's or Outlook's web calendar.

Neither form is documented by its maker; both are what their own pages have accepted for years.
Spaces are `%20`, because Outlook shows `+` as it stands. Such an entry never updates itself.
"""

import html
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from dialognav.domain.calendar_entries import Entry, entry_dates
from dialognav.domain.calendar_text import clean_line, clean_text, clean_uri

_LONGEST_TEXT = 1_200
"""Characters of the encoded description: Outlook cuts addresses at about 2,000."""


def google_link(entry: Entry) -> str:
    """`calendar.google.com`, times in UTC; the text ends with the address of the event's page."""
    start, end = entry_dates(entry) if entry.all_day else (entry.starts_at, entry.ends_at)
    form = "%Y%m%d" if entry.all_day else "%Y%m%dT%H%M%SZ"
    return _link(
        "https://calendar.google.com/calendar/render",
        action="TEMPLATE",
        text=clean_line(entry.summary),
        dates=f"{start.strftime(form)}/{end.strftime(form)}",
        details=_details(entry),
        location=clean_line(entry.location),
    )


def outlook_link(entry: Entry) -> str:
    """`outlook.office.com`, for work accounts, times in UTC. Its text is HTML, so it is escaped."""
    if entry.all_day:
        start, end = (day.isoformat() for day in entry_dates(entry))
    else:
        start, end = _iso(entry.starts_at), _iso(entry.ends_at)
    return _link(
        "https://outlook.office.com/calendar/deeplink/compose",
        path="/calendar/action/compose",
        rru="addevent",
        subject=clean_line(entry.summary),
        startdt=start,
        enddt=end,
        allday="true" if entry.all_day else "",
        body=html.escape(_details(entry), quote=False).replace("\n", "<br>"),
        location=clean_line(entry.location),
    )


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _details(entry: Entry) -> str:
    text = clean_text(entry.description).strip()
    short = text
    while len(quote(short)) > _LONGEST_TEXT:
        short = short[: len(short) * 9 // 10]
    if short != text:
        short = short.rstrip() + " …"
    url = clean_uri(entry.url)
    return short if not url or url in short else f"{short}\n\n{url}".strip()


def _link(base: str, **query: str) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{base}?{urlencode(given, quote_via=quote)}"
