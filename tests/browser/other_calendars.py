"""Other authorities' calendars for the pages that show them."""

from datetime import timedelta

from sqlalchemy.orm import Session

from dialognav.actions import external_calendars as calendars
from dialognav.domain.ics_import import read_calendar
from dialognav.models import Membership
from tests.conftest import NOW

_EVENT = "BEGIN:VEVENT\r\nUID:{}\r\nSUMMARY:{}\r\nDTSTART{}\r\n{}\r\nEND:VEVENT\r\n"
_LONG = "Leverantörsdag om framtidens samhällsbyggnadsentreprenadupphandlingar i norra länet"


def _ics() -> bytes:
    days = (NOW + timedelta(days=n) for n in (20, 27, 34, 48))
    first, second, third, fourth = (f"{day:%Y%m%d}" for day in days)
    events = (
        ("1", _LONG, f":{first}T120000Z", "DURATION:PT3H\r\nURL:https://tallvik.example/dag"),
        ("2", "Öppet hus", f";VALUE=DATE:{second}", "RRULE:FREQ=WEEKLY;COUNT=3"),
        ("3", "Dialog om snöröjning", f":{third}T080000Z", "LOCATION:Folkets hus\\, Tallvik"),
        ("4", "Frukostmöte", f":{fourth}T070000Z", "STATUS:CANCELLED"),
        ("5", "Internt", f":{fourth}T070000Z", "CLASS:PRIVATE"),
    )
    said = "".join(_EVENT.format(*event) for event in events)
    return f"BEGIN:VCALENDAR\r\nX-WR-CALNAME:Tallviks kalender\r\n{said}END:VCALENDAR\r\n".encode()


def make_other_calendars(session: Session) -> dict[str, str]:
    """One that is listed, one that fails, one that was given up, one to look at, and a file."""
    members = session.query(Membership).filter_by(organisation_id=1).order_by("id").all()
    content = _ics()
    read = read_calendar(content, zone_name="Europe/Stockholm", window=calendars.window(NOW))
    made = []
    for n, name in enumerate(("Tallviks kommuns kalender", "Region Älvsby", "Nordvalla hamn")):
        found = calendars.Found(content, url=f"https://kalender{n}.example/offentlig/basic.ics")
        staged = calendars.stage(session, 1, found, user_id=members[0].user_id, now=NOW)
        taken = read if n == 0 else type(read)("", (), {})
        made.append(
            calendars.list_calendar(session, staged.id, name, taken, now=NOW, actor="user:1")
        )
    calendars.note_failure(session, made[1].id, "insecure", now=NOW)
    for _attempt in range(calendars.MOST_FAILURES):
        calendars.note_failure(session, made[2].id, "gone", now=NOW)
    look = calendars.Found(content, url="https://ny.example/kalender.ics")
    file = calendars.Found(content, filename="kalender.ics")
    staged = [
        calendars.stage(session, 1, found, user_id=member.user_id, now=NOW).public_id
        for found, member in zip((look, file), members, strict=False)
    ]
    return {
        "calendar_id": made[0].public_id,
        "failing_calendar_id": made[1].public_id,
        "paused_calendar_id": made[2].public_id,
        "look_id": staged[0],
        "upload_id": staged[1],
    }
