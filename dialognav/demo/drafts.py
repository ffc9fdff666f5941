"""The demo's events, from content.toml to rows."""

import hashlib
import io
from datetime import UTC, datetime, time, timedelta
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from dialognav import i18n
from dialognav.actions.event_text import draft_of, fit_to_occasions, write_draft
from dialognav.actions.plans import add_standard_plans
from dialognav.db import Text
from dialognav.domain import timezones
from dialognav.domain.series import as_series
from dialognav.domain.timing import to_instant, to_wall
from dialognav.models import (
    Document,
    DocumentVersion,
    Event,
    MarketQuestion,
    Milestone,
    Occasion,
    Organisation,
    ProgrammeItem,
    Speaker,
)

PLAIN = [
    "organisation",
    "slug",
    "kind",
    "phase",
    "audience",
    "visibility",
    "limit_per_party",
    "registration_review",
    "asks_mandate",
    "promotion",
    "offer_together",
    "format",
    "attending",
    "sessions_most",
    "serves_food",
    "diary_number",
    "cpv",
    "region",
    "contact_name",
    "contact_title",
    "contact_email",
    "contact_phone",
]
TRANSLATED = [
    "title",
    "summary",
    "need",
    "effect",
    "accessibility_note",
    "language_note",
    "after_text",
]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def working_day(now: datetime, count: int, wall: str, zone: str) -> datetime:
    """The instant of a wall time so many working days (Monday to Friday) from today."""
    day, step = now.astimezone(timezones.zone(zone)).date(), 1 if count > 0 else -1
    for _ in range(abs(count)):
        day += timedelta(days=step)
        while day.weekday() > 4:
            day += timedelta(days=step)
    moment = datetime.combine(day, time.fromisoformat(wall), timezones.zone(zone))
    return moment.astimezone(UTC)


def draft_event(
    session: Session, given: dict[str, Any], organiser: Organisation, *, now: datetime
) -> Event:
    """A complete draft with its occasions, programme, questions, time plan and documents."""
    zone = given.get("zone", "Europe/Stockholm")
    starts_at = working_day(now, given["day"], given["from"], zone)
    made_at = min(now, starts_at) - timedelta(days=110)
    opens_at = working_day(now, given["opens"], "08:00", zone)
    published_at = min(now, opens_at) - timedelta(hours=3)
    plain = {key: given[key] for key in PLAIN if key in given and key != "organisation"}
    texts: dict[str, Text] = {key: _strip(given.get(key, {})) for key in TRANSLATED}
    event = Event(
        **plain,
        **texts,
        serves_food=given.get("food", False),
        organisation=organiser,
        contact_hours=organiser.phone_hours,
        zone=zone,
        registration_opens_at=opens_at,
        registration_closes_at=working_day(now, given["closes"], "16:00", zone),
        primary_language="sv",
        created_at=made_at,
        changed_at=made_at,
        search_text="",
    )
    shared = {key: value for key, value in given.items() if key != "title"}
    sessions = [shared | one for one in _list(given, "session")] or [shared]
    event.occasions = [_occasion(one, now, zone) for one in sessions]
    fit_to_occasions(event)
    add_content(event, given, now)
    session.add(event)
    session.flush()
    write_draft(event, as_series(draft_of(event)))
    add_standard_plans(session, event, now=made_at)
    for position, one in enumerate(_list(given, "document")):
        session.add(_document(event, position, one, published_at))
    session.flush()
    return event


def add_content(event: Event, given: dict[str, Any], now: datetime) -> None:
    """Programme, questions to the market and time plan, in the order of content.toml."""
    event.programme = [
        _item(n, one, given, now, event.zone) for n, one in enumerate(_list(given, "programme"))
    ]
    event.questions = [
        MarketQuestion(
            position=n,
            text={"sv": one["sv"], "en": one["en"]},
            help={k[5:]: one[k] for k in ("help_sv", "help_en") if k in one},
        )
        for n, one in enumerate(_list(given, "question"))
    ]
    event.milestones = [
        Milestone(
            position=n,
            phase=one["phase"],
            when=_when(one["when"], event.occasions[0].starts_at, event.zone),
            text={"sv": one["sv"], "en": one["en"]},
        )
        for n, one in enumerate(_list(given, "milestone"))
    ]


def _list(given: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return list(given.get(key, []))


def _strip(text: dict[str, str]) -> Text:
    return {language: words.strip() for language, words in text.items()}


def _occasion(given: dict[str, Any], now: datetime, zone: str) -> Occasion:
    """A whole day is from one midnight to the next."""
    day, is_whole = given["day"], given.get("all_day", False)
    starts_at = working_day(now, day, "00:00" if is_whole else given["from"], zone)
    ends_at = working_day(now, day, "00:00" if is_whole else given["to"], zone)
    keys = [
        "address",
        "latitude",
        "longitude",
        "online_url",
        "online_service",
        "capacity_on_site",
        "capacity_online",
    ]
    if is_whole:
        ends_at = to_instant(to_wall(ends_at, zone) + timedelta(days=1), zone)
    return Occasion(
        starts_at=starts_at,
        ends_at=ends_at,
        all_day=is_whole,
        title=_strip(given.get("title", {})),
        venue=_strip(given.get("venue", {})),
        directions=_strip(given.get("directions", {})),
        **{key: given[key] for key in keys if key in given},
    )


def _item(
    position: int, one: dict[str, Any], given: dict[str, Any], now: datetime, zone: str
) -> ProgrammeItem:
    return ProgrammeItem(
        position=position,
        starts_at=working_day(now, given["day"], one["from"], zone),
        ends_at=working_day(now, given["day"], one["to"], zone),
        title={"sv": one["sv"], "en": one["en"]},
        is_break=one.get("break", False),
        speakers=[
            Speaker(position=n, name=name, title=title, organisation=organisation)
            for n, (name, title, organisation) in enumerate(one.get("speakers", []))
        ],
    )


def _when(rule: str, starts_at: datetime, zone: str) -> Text:
    """'DAY+15' is fifteen working days after the event, 'MONTH+5' five months after its month."""
    unit, _, count = rule.partition("+")
    said: Text = {}
    for language in ("sv", "en"):
        with i18n.speaking(language):
            if unit == "DAY":
                moment = working_day(starts_at, int(count or 0), "12:00", zone)
                said[language] = i18n.date_text(moment, zone, "short")
            else:
                months = starts_at.year * 12 + starts_at.month - 1 + int(count)
                first = datetime(months // 12, months % 12 + 1, 1, 12, tzinfo=UTC)
                said[language] = i18n.date_text(first, zone, "month")
    return said


def _document(event: Event, position: int, one: dict[str, Any], at: datetime) -> Document:
    file = one["file"]
    content = _answer_form(event) if file.endswith(".xlsx") else _plain_text(event)
    version = DocumentVersion(
        number=1,
        filename=file,
        media_type=XLSX if file.endswith(".xlsx") else "text/plain",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=at,
    )
    name = {"sv": one["sv"], "en": one["en"]}
    return Document(event=event, position=position, name=name, versions=[version])


def _plain_text(event: Event) -> bytes:
    text = event.after_text.get("sv") or event.need["sv"]
    return f"{event.title['sv']}\n\n{text}\n".replace("**", "").encode()


def _answer_form(event: Event) -> bytes:
    """A workbook with one row a question, for those who answer in writing."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Frågor")
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 2, 60, wrap)
        sheet.write_row(0, 0, ["Nr", "Fråga", "Ert svar"], book.add_format({"bold": True}))
        for number, question in enumerate(event.questions, start=1):
            sheet.write_row(number, 0, [number, question.text["sv"], ""])
    return file.getvalue()
