"""Zone data that changes under events already told: found, shown, and decided by the organiser."""

import struct
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from dialognav.actions.publications import keep_public_objects
from dialognav.mail.meeting_notices import tell_booked
from dialognav.mail.notices import tell_places
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    AuditEntry,
    CalendarObject,
    Event,
    KeptMail,
    Letter,
    MeetingBreak,
    Occasion,
    Organisation,
    ProgrammeItem,
    Slot,
    lock_event,
)
from tests import ics_reader
from tests.conftest import NOW
from tests.factories import make_event, make_occasion, make_participant, make_registration
from tests.integration.forms import problems_of
from tests.meeting_factories import (
    make_booking,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
HOUR, HOURS = 3600, timedelta(hours=1)
MORNING = datetime(2027, 6, 10, 7, tzinfo=UTC)  # 09:00 in Stockholm, 10:00 in Helsinki


def offsets(session, dated=Occasion):
    rows = session.query(dated).order_by(dated.id)
    return [(row.start_offset, row.end_offset) for row in rows]


def winter_all_year(session, event):
    """As if the times had been written when summer time was thought to be abolished."""
    for occasion in event.occasions:
        occasion.start_offset = occasion.end_offset = HOUR


def test_the_offset_is_noted_with_each_time_that_is_written(work, look):
    with work() as session:
        event = make_event(session, starts_at=MORNING, ends_at=MORNING + timedelta(hours=3))
        make_occasion(session, event, starts_at=datetime(2027, 10, 30, 23, tzinfo=UTC))
        row = Occasion(event_id=event.id, position=2, starts_at=NOW, ends_at=MORNING)
        session.add(row)
        event_id = event.id
    with look() as session:
        assert offsets(session) == [(2 * HOUR, 2 * HOUR), (2 * HOUR, HOUR), (HOUR, 2 * HOUR)]
    with work() as session:
        occasion = lock_event(session, event_id).occasions[0]
        occasion.starts_at, occasion.ends_at = NOW, NOW + timedelta(hours=1)
    with look() as session:
        assert offsets(session)[0] == (HOUR, HOUR)


def test_another_edit_does_not_hide_that_the_clock_was_moved(work, look):
    with work() as session:
        event = make_event(session, starts_at=MORNING)
        session.flush()
        winter_all_year(session, event)
        event_id = event.id
    with work() as session:
        event = lock_event(session, event_id)
        event.title, event.zone = {"sv": "Annat namn"}, event.zone
        occasion = event.occasions[0]
        occasion.venue, occasion.starts_at = {"sv": "Annan sal"}, MORNING
    with look() as session:
        assert offsets(session) == [(HOUR, HOUR)]
        session.expire_all()


def test_a_new_zone_is_a_new_time_even_at_the_same_instant(work, look):
    with work() as session:
        event = make_event(session, starts_at=MORNING)
        event_id = event.id
    with work() as session:
        event = session.get_one(Event, event_id)
        slots = make_slots(session, event, number=2, starts_at=MORNING)
        event.zone = "Europe/Helsinki"
        session.flush()
        assert {slot.start_offset for slot in slots} == {3 * HOUR}
    with look() as session:
        assert offsets(session) == [(3 * HOUR, 3 * HOUR)]
        assert offsets(session, Slot) == [(3 * HOUR, 3 * HOUR)] * 2


# --- flask doctor zones ----------------------------------------------------------------------


def zones(cli, *more):
    return cli.invoke(args=["doctor", "zones", *more])


def test_the_doctor_finds_nothing_in_a_sound_database(cli, work):
    with work() as session:
        make_event(session, starts_at=MORNING)
    told = zones(cli)
    assert told.exit_code == 0, told.output
    assert "Every event to come keeps its wall time by tzdata 20" in told.output


def test_the_doctor_lists_events_to_come_at_another_wall_time(cli, work):
    with work() as session:
        event = make_event(session, slug="hemmets-moten", starts_at=MORNING)
        late = make_event(
            session, slug="nattpass", starts_at=datetime(2027, 6, 10, 21, 30, tzinfo=UTC)
        )
        for each in (event, late):
            winter_all_year(session, each)
        for state in ("cancelled", "postponed"):
            winter_all_year(session, make_event(session, starts_at=MORNING, state=state))
        over = make_event(session, starts_at=NOW - timedelta(days=200))
        over.occasions[0].start_offset = 2 * HOUR
        off = make_occasion(session, event, days=14)
        off.cancelled_at, off.start_offset = NOW, 0
    told = zones(cli)
    assert told.exit_code == 1
    first, second, count, advice = told.output.splitlines()
    assert "/hemmets-moten: 2027-06-10 08:00 becomes 09:00 in Europe/Stockholm: Mark" in first
    assert "/nattpass: 2027-06-10 22:30 becomes 23:30 in Europe/Stockholm: Mark" in second
    assert count.startswith("2 to come at another wall time by tzdata 20")
    assert "overview" in advice


def test_the_doctor_names_the_end_when_only_that_moved(cli, work):
    with work() as session:
        event = make_event(session, starts_at=MORNING, ends_at=MORNING + timedelta(hours=15))
        event.occasions[0].end_offset = HOUR
    assert "2027-06-10 23:00 becomes 2027-06-11 00:00" in zones(cli).output


def tzif(footer):
    """A zone without past whose future is one POSIX rule (RFC 9636 section 3.3)."""
    head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lbb", 0, 0, 0) + b"LMT\0"
    return head + body + head + body + b"\n" + footer + b"\n"


@pytest.mark.parametrize(
    ("footer", "becomes"),
    [
        (b"CET-1CEST,M3.5.0,M10.5.0/3", None),  # as it is
        (b"CET-1", "2027-06-10 09:00 becomes 08:00"),
        (b"EET-2EEST,M3.5.0/3,M10.5.0/4", "2027-06-10 09:00 becomes 10:00"),
    ],
)
def test_the_doctor_looks_ahead_to_data_that_is_not_installed(cli, work, tmp_path, footer, becomes):
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Stockholm").write_bytes(tzif(footer))
    with work() as session:
        make_event(session, starts_at=MORNING)
    told = zones(cli, "--zoneinfo", str(tmp_path))
    assert told.exit_code == (becomes is not None), told.output
    assert (becomes or "keeps its wall time") in told.output
    assert str(tmp_path) in told.output


def test_the_doctor_says_which_zone_is_missing_or_broken(cli, work, tmp_path):
    with work() as session:
        make_event(session, starts_at=MORNING)
    told = zones(cli, "--zoneinfo", str(tmp_path))
    assert told.exit_code == 1
    assert "has no zone Europe/Stockholm" in told.output
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Stockholm").write_bytes(b"no zone file")
    told = zones(cli, "--zoneinfo", str(tmp_path))
    assert told.exit_code == 1
    assert "Europe/Stockholm" in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)


# --- the notice on the overview, and the two ways to settle it ---------------------------------

DAY = datetime(2027, 2, 10, 8, tzinfo=UTC)  # 09:00 in Stockholm


@pytest.fixture
def shifted(work, staff):
    """Told as 10:00 to 13:00, with an item of the programme at 11:00; the page now says 9:00."""

    def made(state="published", **given):
        with work() as session:
            organisation = session.get_one(Organisation, staff.organisation_id)
            event = make_event(session, organisation, state=state, starts_at=DAY, **given)
            times = {"starts_at": DAY + HOURS, "ends_at": DAY + 2 * HOURS}
            event.programme = [ProgrammeItem(position=0, title={"sv": "Samtal"}, **times)]
            [day] = event.occasions
            day.start_offset = day.end_offset = 2 * HOUR
            day.recurs_at = DAY
            return event.public_id, event.id

    return made


def press(staff, public_id, verb):
    return staff.post(f"/manage/events/{public_id}/{verb}", {})


def of_event(session, event_id):
    event = session.get_one(Event, event_id)
    [day], [item] = event.occasions, event.programme
    return (
        [event.starts_at, day.starts_at, day.recurs_at, item.starts_at - HOURS],
        [event.ends_at, day.ends_at, item.ends_at + HOURS],
        (day.start_offset, day.end_offset),
    )


def seat_one(work, app, event_id):
    """A person whose calendar has the invitation, with an answer; so has the public's."""
    with work() as session:
        event = session.get_one(Event, event_id)
        who = make_participant(session, make_registration(session, event), name="Ada Ek")
        tell_places(session, event, who.attendances, why="registered", now=NOW, post=POST)
    post_letters(app)
    with work() as session:
        session.query(CalendarObject).one().partstat = "ACCEPTED"
        session.query(Attendance).one().partstat = "ACCEPTED"
        keep_public_objects(session, session.get_one(Event, event_id), now=NOW, post=POST)


def post_letters(app):
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None


def last_mail(look):
    with look() as session:
        kept = session.query(KeptMail).order_by(KeptMail.id.desc())
        messages = [message_from_bytes(row.raw, policy=default) for row in kept]
    message = next(one for one in messages if "Ada Ek" in one["To"])
    [ics] = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    [event] = ics_reader.lint(ics.get_payload(decode=True)).of("VEVENT")
    return message, event


def answer_of_seat(look):
    with look() as session:
        return session.query(Attendance.partstat).scalar()


def public_sequence(look):
    with look() as session:
        return session.query(CalendarObject).filter_by(participant_id=None).one().sequence


def test_the_overview_says_what_was_told_and_what_is_shown_now(shifted, staff, sign_in):
    public_id, _ = shifted()
    page = staff.client.get(f"/manage/events/{public_id}")
    assert "10.00–13.00" in page.text
    assert "9.00–12.00" in page.text
    assert f"/manage/events/{public_id}/wall-time" in page.text
    reader = sign_in(role="reader", organisation_id=staff.organisation_id)
    page = reader.client.get(f"/manage/events/{public_id}")
    assert "10.00–13.00" in page.text
    assert "/wall-time" not in page.text


def test_what_the_clock_shows_is_kept_and_everybody_gets_a_new_entry(
    shifted, staff, work, look, app, clock
):
    public_id, event_id = shifted()
    seat_one(work, app, event_id)
    clock.shift(3600)
    assert press(staff, public_id, "wall-time").status_code == 303
    with look() as session:
        starts, ends, noted = of_event(session, event_id)
        assert set(starts) == {DAY + HOURS}
        assert set(ends) == {DAY + 4 * HOURS}
        assert noted == (HOUR, HOUR)
        verbs = [row.verb for row in session.query(AuditEntry)]
        assert verbs.count("event.wall_time_kept") == 1
    post_letters(app)
    message, entry = last_mail(look)
    assert "UTC+1" in message.get_body(("plain",)).get_content()
    assert "UTC+2" in message.get_body(("plain",)).get_content()
    assert entry.one("DTSTART").value == "20270210T100000"
    assert entry.one("SEQUENCE").value == "1"
    assert entry.one("ATTENDEE").parameters["PARTSTAT"] == "ACCEPTED"
    assert answer_of_seat(look) == "ACCEPTED"
    assert "/wall-time" not in staff.client.get(f"/manage/events/{public_id}").text
    assert public_sequence(look) == 1
    assert "done=unchanged" in press(staff, public_id, "wall-time").headers["Location"]


def test_the_new_time_is_kept_and_told_as_a_new_time(shifted, staff, work, look, app, clock):
    public_id, event_id = shifted()
    seat_one(work, app, event_id)
    clock.shift(3600)
    assert press(staff, public_id, "instant").status_code == 303
    with look() as session:
        starts, ends, noted = of_event(session, event_id)
        assert set(starts) == {DAY}
        assert set(ends) == {DAY + 3 * HOURS}
        assert noted == (HOUR, HOUR)
    post_letters(app)
    message, entry = last_mail(look)
    text = message.get_body(("plain",)).get_content()
    assert "10.00–13.00" in text
    assert "9.00–12.00" in text
    assert entry.one("DTSTART").value == "20270210T090000"
    assert entry.one("SEQUENCE").value == "1"
    assert entry.one("ATTENDEE").parameters["PARTSTAT"] == "NEEDS-ACTION"
    assert answer_of_seat(look) == ""
    assert public_sequence(look) == 1
    assert "done=unchanged" in press(staff, public_id, "instant").headers["Location"]


def test_a_draft_is_settled_without_letters(shifted, staff, look):
    public_id, event_id = shifted("draft", published_at=None)
    assert press(staff, public_id, "wall-time").status_code == 303
    with look() as session:
        assert set(of_event(session, event_id)[0]) == {DAY + HOURS}
        assert session.query(Letter).count() == 0


def test_a_time_that_the_new_clock_skips_cannot_be_kept(shifted, staff, work, look):
    public_id, event_id = shifted()
    spring = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    with work() as session:
        [day] = session.get_one(Event, event_id).occasions
        day.starts_at, day.ends_at = spring, spring + 3 * HOURS
        day.start_offset = 2 * HOUR
    assert press(staff, public_id, "wall-time").status_code in (409, 422)
    with look() as session:
        assert of_event(session, event_id)[0][1] == spring
    assert press(staff, public_id, "instant").status_code == 303


def test_what_is_cancelled_or_over_is_not_asked_about(shifted, staff, work, clock):
    public_id, _ = shifted()
    clock.move_to(DAY + 4 * HOURS)
    assert "/wall-time" not in staff.client.get(f"/manage/events/{public_id}").text


# --- one-to-one meetings, which may be long after the event --------------------------------------

LATER = datetime(2027, 2, 24, 8, tzinfo=UTC)  # 09:00 in Stockholm


@pytest.fixture
def met(work, staff, app, clock):
    """Told as 10:00 to 12:00 with a break at 11:00, of which the first and the last are booked; the
    page now says 9:00. The event itself is over."""
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, organisation, slug="moten", starts_at=NOW - 24 * HOURS)
        make_rules(session, event)
        times = {"number": 3, "minutes": 30, "gap": 0, "starts_at": LATER}
        slots = make_slots(session, event, **times)
        pause = MeetingBreak(event_id=event.id, starts_at=LATER + HOURS, ends_at=LATER + 2 * HOURS)
        session.add(pause)
        session.flush()
        bookings = []
        for slot in (slots[0], slots[2]):
            registration = make_registration(session, event)
            make_participant(session, registration, name="Ada Ek")
            session.refresh(registration)
            bookings.append(make_booking(session, slot, registration))
        tell_booked(session, bookings, now=NOW, post=POST)
        public_id, event_id = event.public_id, event.id
    post_letters(app)
    with work() as session:
        for row in (*session.query(Slot), *session.query(MeetingBreak)):
            row.start_offset = row.end_offset = 2 * HOUR
        session.query(CalendarObject).update({"partstat": "ACCEPTED"})
    clock.shift(3600)
    return public_id, event_id


def times_of(session):
    slots = [slot.starts_at for slot in session.query(Slot).order_by(Slot.id)]
    return [*slots, session.query(MeetingBreak).one().starts_at]


def test_the_doctor_lists_meetings_to_come_at_another_wall_time(cli, met, work):
    told = zones(cli)
    assert told.exit_code == 1
    first, count, _advice = told.output.splitlines()
    assert "/moten: 3 one-to-one meetings, the first 2027-02-24 10:00 becomes 09:00" in first
    assert count.startswith("3 to come")
    for row, ended in ((Event, {"phase": "procurement"}), (Slot, {"state": "removed"})):
        with work() as session:
            session.query(Event).update({"phase": "pre_study"})
            session.query(row).update(ended)
        assert zones(cli).exit_code == 0


def test_meetings_keep_what_the_clock_shows_and_both_sides_get_a_new_entry(
    met, staff, look, app, clock
):
    public_id, _event_id = met
    page = staff.client.get(f"/manage/events/{public_id}").text
    assert "10.00–10.30" in page
    assert "9.00–9.30" in page
    assert press(staff, public_id, "wall-time").status_code == 303
    half = timedelta(minutes=30)
    with look() as session:
        before = [LATER, LATER + half, LATER + 2 * half, LATER + 2 * half]
        assert times_of(session) == [at + HOURS for at in before]
        assert offsets(session, Slot) == [(HOUR, HOUR)] * 3
        kept = session.query(AuditEntry).filter_by(verb="event.wall_time_kept").one().facts
        assert (kept["days"], kept["meetings"]) == (0, 3)
        sent = session.query(KeptMail).count()
    post_letters(app)
    message, entry = last_mail(look)
    text = message.get_body(("plain",)).get_content()
    assert "UTC+1" in text
    assert "UTC+2" in text
    assert "11.00–11.30" in text
    assert entry.one("SEQUENCE").value == "1"
    assert entry.one("ATTENDEE").parameters["PARTSTAT"] == "ACCEPTED"
    with look() as session:
        assert session.query(KeptMail).count() == 2 * sent == 16  # guest, contact and two hosts
    assert "/wall-time" not in staff.client.get(f"/manage/events/{public_id}").text
    assert "done=unchanged" in press(staff, public_id, "wall-time").headers["Location"]


def test_meetings_keep_the_instant_and_are_told_of_a_new_time(met, staff, look, app):
    public_id, _event_id = met
    assert press(staff, public_id, "instant").status_code == 303
    with look() as session:
        assert times_of(session)[0] == LATER
        assert offsets(session, MeetingBreak) == [(HOUR, HOUR)]
    post_letters(app)
    message, entry = last_mail(look)
    text = message.get_body(("plain",)).get_content()
    assert "11.00–11.30" in text
    assert "10.00–10.30" in text
    assert entry.one("SEQUENCE").value == "1"
    assert entry.one("ATTENDEE").parameters["PARTSTAT"] == "NEEDS-ACTION"
    assert "/instant" not in staff.client.get(f"/manage/events/{public_id}").text


@pytest.mark.parametrize(("team", "minutes"), [(None, 30), (None, 45), ("same", 30)])
def test_what_was_planned_by_the_new_clock_is_not_overrun(met, staff, work, look, team, minutes):
    """A time that is another's when it is put right: at its table, or with its people at another
    one."""
    public_id, event_id = met
    with work() as session:
        event, told = session.get_one(Event, event_id), session.query(Slot).first()
        at_it = {one.member: one.role for one in told.staff}
        table = make_table(session, event, at_it) if team else told.table
        begins = LATER + 2 * HOURS - timedelta(minutes=minutes - 30)
        [new] = make_slots(session, event, table, number=1, minutes=minutes, starts_at=begins)
        new.staff = new.staff if team else []
    answer = press(staff, public_id, "wall-time")
    assert answer.status_code == 409
    assert "/instant" in answer.text
    assert len(problems_of(answer)) == 1
    with look() as session:
        assert session.query(Slot.starts_at).order_by(Slot.id).first() == (LATER,)
        assert session.query(Letter).filter_by(status="pending").count() == 0


def test_who_chooses_by_the_old_wall_time_hears_of_the_new_one(met, staff, work, look, app):
    public_id, event_id = met
    with work() as session:
        event, [_first, free, last] = session.get_one(Event, event_id), session.query(Slot).all()
        offered, wishes = (make_registration(session, event) for _ in range(2))
        for each in (offered, wishes):
            make_participant(session, each)
        offer = {"state": "offered", "booked_at": None, "until": LATER - 48 * HOURS}
        make_booking(session, free, offered, **offer)
        make_request(session, offered, state="offered")
        make_request(session, wishes, [last, free], queue_number=None)
    assert press(staff, public_id, "instant").status_code == 303
    post_letters(app)
    with look() as session:
        kept = session.query(KeptMail).order_by(KeptMail.id.desc()).limit(10)
        mails = [message_from_bytes(row.raw, policy=default) for row in kept]
    said = {mail["Subject"]: mail.get_body(("plain",)).get_content() for mail in mails}
    [wish] = [text for subject, text in said.items() if "Önskade tider" in subject]
    [offer] = [text for subject, text in said.items() if "svara senast" in subject.lower()]
    assert "9.30–10.00" in offer
    assert wish.index("10.00–10.30") < wish.index("9.30–10.00")
