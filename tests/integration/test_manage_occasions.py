"""Several dated sessions in one event: written in the editor, called off one by one."""

from datetime import timedelta

import pytest

from dialognav.models import Attendance, AuditEntry, Event, Letter, Organisation
from tests.conftest import NOW
from tests.factories import make_event, make_occasion, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of
from tests.integration.staff import SignIn, Staff, token_of

DAY = "2027-02-10"  # make_event()'s


@pytest.fixture
def planner(sign_in: SignIn) -> Staff:
    return sign_in(role="planner", language="en", name="Maja Ekdahl")


@pytest.fixture
def own(work, planner):
    """`own(days=[7, 14])`: an event with further sessions so many days later; its public id."""

    def make(days=(), **given):
        with work() as session:
            organisation = session.get_one(Organisation, planner.organisation_id)
            event = make_event(session, organisation, **given)
            for n in days:
                make_occasion(session, event, days=n)
            return event.public_id

    return make


def the(session, public_id) -> Event:
    return session.query(Event).filter_by(public_id=public_id).one()


def editor(staff, public_id):
    return open_form(staff.client, f"/manage/events/{public_id}/edit", "title_sv")


def fill(form, **values):
    for name, value in values.items():
        form[name] = value


def press(form, button):
    form["rows"] = button
    page = form.send()
    assert page.status_code == 200
    return form_of(form.client, page, "title_sv")


def save(form):
    form["rows"] = None
    page = form.send()
    assert page.status_code == 303, problems_of(page)
    return page


def signed(work, public_id, *occasions, state="confirmed", **given):
    """A registered person with seats at these occasions (numbers in order); the id."""
    with work() as session:
        event = the(session, public_id)
        registration = make_registration(session, event)
        person = make_participant(session, registration, state=state, **given)
        [first] = person.attendances
        first.occasion = event.occasions[occasions[0]]
        for n in occasions[1:]:
            more = Attendance(
                participant=person,
                occasion=event.occasions[n],
                mode=first.mode,
                state=first.state,
                created_at=NOW,
                state_at=NOW,
            )
            session.add(more)
        session.flush()
        return person.id


def seats(look, person_id):
    with look() as session:
        rows = session.query(Attendance).filter_by(participant_id=person_id)
        found = [(row.occasion.starts_at.day, row.state) for row in rows]
    return sorted(found)


def letters(look):
    with look() as session:
        return sorted(letter.kind for letter in session.query(Letter))


# --- made in the editor ---------------------------------------------------------------------


def test_an_event_of_one_day_never_says_session(planner, own):
    public_id = own()
    for path in ("", "/edit", "/rules", "/preview"):
        page = planner.client.get(f"/manage/events/{public_id}{path}").text
        assert "session" not in page.replace("sessions_most", "").replace("session_", "").lower()


def test_sessions_to_choose_among_without_a_script(planner, own, look):
    public_id = own(state="draft", published_at=None, capacity_on_site=12)
    form = press(editor(planner, public_id), "occasions:add")
    assert form["occasions-0-from_time"] == "09:00"  # as the first
    fill(form, **{"occasions-0-date": "2027-02-03", "occasions-0-session_sv": "Tidiga"})
    form = press(form, "occasions:add")
    fill(form, **{"occasions-1-date": "2027-02-17", "occasions-1-venue_sv": "Biblioteket"})
    fill(form, attending="choose", sessions_most="2", session_sv="Mellan", occasions=None)
    save(form)
    with look() as session:
        event = the(session, public_id)
        first, second, third = event.occasions
        assert [each.starts_at.day for each in event.occasions] == [3, 10, 17]
        assert [each.title for each in event.occasions] == [{"sv": "Tidiga"}, {"sv": "Mellan"}, {}]
        assert (first.venue, first.address) == (second.venue, second.address)  # said once
        assert (third.venue, third.address) == ({"sv": "Biblioteket"}, "")
        assert {each.capacity_on_site for each in event.occasions} == {12}
        assert (event.attending, event.sessions_most) == ("choose", 2)
        assert (event.starts_at, event.ends_at) == (first.starts_at, third.ends_at)
    form = editor(planner, public_id)
    assert (form["date"], form["session_sv"]) == ("2027-02-03", "Tidiga")
    assert (form["occasions-0-venue_sv"], form["occasions-1-venue_sv"]) == ("", "Biblioteket")
    assert "done=unchanged" in save(form).location


def test_whoever_moves_the_first_moves_all_that_say_nothing_else(planner, own, look):
    public_id = own([7, 14])
    form = editor(planner, public_id)
    fill(form, venue_sv="Ny lokal", address="Nygatan 2")
    save(form)
    with look() as session:
        assert {each.address for each in the(session, public_id).occasions} == {"Nygatan 2"}


def test_a_series_gets_its_rule_from_its_dates(planner, own, look):
    public_id = own(state="draft", published_at=None)
    form = editor(planner, public_id)
    fill(form, repeat_every="2weeks", repeat_times="3")
    form = press(form, "occasions:repeat")
    assert form["occasions-2-date"] == "2027-03-24"
    form["attending"] = "series"
    save(form)
    with look() as session:
        event = the(session, public_id)
        assert event.recurrence == "FREQ=WEEKLY;INTERVAL=2;COUNT=4"
        assert [each.recurs_at for each in event.occasions] == [
            each.starts_at for each in event.occasions
        ]
    form = press(editor(planner, public_id), "occasions:1:remove")  # Easter: EXDATE
    save(form)
    with look() as session:
        event = the(session, public_id)
        assert (event.recurrence[-7:], len(event.occasions)) == ("COUNT=4", 3)


def test_dates_without_a_rule_are_no_series(planner, own):
    public_id = own([7, 10, 60], state="draft", published_at=None)
    form = editor(planner, public_id)
    form["attending"] = "series"
    page = form.send()
    assert page.status_code == 422
    assert "do not come back regularly" in problems_of(page)[0]


def test_a_date_of_a_told_series_keeps_its_place_when_it_moves(planner, own, look):
    public_id = own([7, 14])
    form = editor(planner, public_id)
    form["attending"] = "series"
    save(form)
    form = editor(planner, public_id)
    form["occasions-0-date"] = "2027-02-19"
    form = press(form, "occasions:add")
    form["occasions-2-date"] = "2027-03-03"  # the rule goes on
    form = press(form, "occasions:add")
    form["occasions-3-date"] = "2027-03-05"  # on no rule: an entry of its own
    save(form)
    with look() as session:
        event = the(session, public_id)
        assert event.recurrence == "FREQ=WEEKLY;COUNT=4"
        places = [each.recurs_at and each.recurs_at.day for each in event.occasions]
        assert [each.starts_at.day for each in event.occasions] == [10, 19, 24, 3, 5]
        assert places == [10, 17, 24, 3, None]


def test_no_two_dates_of_a_told_series_have_one_place(planner, own, look):
    public_id = own([7, 14])
    form = editor(planner, public_id)
    form["attending"] = "series"
    save(form)
    form = editor(planner, public_id)
    form["occasions-0-date"] = "2027-02-18"
    form = press(form, "occasions:add")
    form["occasions-2-date"] = "2027-02-17"
    save(form)
    with look() as session:
        event = the(session, public_id)
        places = [each.recurs_at and each.recurs_at.day for each in event.occasions]
        assert [each.starts_at.day for each in event.occasions] == [10, 17, 18, 24]
        assert places == [10, None, 17, 24]


@pytest.mark.parametrize("zone", ["Africa/Cairo", "UTC"])
def test_a_series_that_calendars_have_keeps_a_zone_they_can_be_told_in(planner, own, look, zone):
    public_id = own([28, 42])
    form = editor(planner, public_id)
    fill(form, attending="series", **{"occasions-1-date": "2027-04-07"})  # in summer time
    save(form)
    form = editor(planner, public_id)
    form["zone"] = zone
    refused = form.send()
    assert refused.status_code == 422
    assert "regularly" in refused.text
    with look() as session:
        assert the(session, public_id).zone == "Europe/Stockholm"
    form = editor(planner, public_id)
    form["zone"] = "Europe/Helsinki"
    save(form)


def test_an_all_day_day_ends_at_a_midnight(planner, own, look, client):
    public_id = own()
    form = editor(planner, public_id)
    fill(form, all_day="y", from_time="", to_time="", end_date="2027-02-11")
    save(form)
    with look() as session:
        event = the(session, public_id)
        [day] = event.occasions
        assert day.all_day
        assert (day.starts_at.hour, day.ends_at - day.starts_at) == (23, timedelta(days=2))
        slug = event.slug
    form = editor(planner, public_id)
    assert (form["date"], form["end_date"], form["from_time"]) == (DAY, "2027-02-11", "")
    assert "done=unchanged" in save(form).location
    page = client.get(f"/en/events/{slug}").text
    assert "Wednesday 10 February 2027 – Thursday 11 February 2027" in page
    assert '"startDate": "2027-02-10"' in page
    assert '"endDate": "2027-02-11"' in page
    moved = open_form(planner.client, f"/manage/events/{public_id}", "move-date")
    assert (moved["move-date"], moved["move-all_day"]) == (DAY, "y")
    moved["move-date"], moved["move-end_date"] = "2027-02-12", ""
    assert moved.send().status_code == 303
    with look() as session:
        [day] = the(session, public_id).occasions
        assert (day.all_day, day.starts_at.day) == (True, 11)  # 23.00 UTC


def test_rows_come_and_go_without_saving(planner, own, look):
    public_id = own([7, 14], state="draft", published_at=None)
    form = editor(planner, public_id)
    form["venue_sv"] = "Halvskrivet"
    form = press(form, "occasions:first")
    assert (form["date"], form["venue_sv"]) == ("2027-02-17", "Halvskrivet")
    form = press(form, "occasions:0:remove")
    assert "occasions-0-date" not in form.fields
    form = press(form, "occasions:7:remove")
    form = press(form, "occasions:first")
    assert form["date"] == "2027-02-17"
    with look() as session:
        assert len(the(session, public_id).occasions) == 3
    save(form)
    with look() as session:
        [left] = the(session, public_id).occasions
        assert (left.starts_at.day, left.venue) == (17, {"sv": "Halvskrivet"})


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"occasions-0-date": ""}, "Enter the date"),
        ({"occasions-0-date": "2027-02-30"}, "Enter a date that exists"),
        ({"occasions-0-from_time": ""}, "Enter when it begins"),
        ({"occasions-0-to_time": "08:00"}, "It has to end after it begins"),
        ({"occasions-0-end_date": "2027-02-01"}, "The last day is before the first"),
        ({"occasions-0-online_url": "javascript:alert(1)"}, "beginning with https://"),
        ({"occasions-0-date": "2027-03-28", "occasions-0-from_time": "02:30"}, "clocks go forward"),
        ({"attending": "some"}, "Choose one of these"),
        ({"sessions_most": "0"}, "Enter at least 1"),
        ({"sessions_most": "9"}, "Enter at most 2"),
    ],
)
def test_a_sentence_at_the_field_of_a_session(planner, own, look, typed, sentence):
    public_id = own([7])
    form = editor(planner, public_id)
    fill(form, **typed, effect_sv="Får inte försvinna ☃")
    page = form.send()
    assert page.status_code == 422
    assert any(sentence in problem for problem in problems_of(page)), problems_of(page)
    assert form_of(planner.client, page, "title_sv")["effect_sv"] == "Får inte försvinna ☃"
    with look() as session:
        assert the(session, public_id).revision == 0


def test_hostile_fields_of_sessions(planner, own, look):
    public_id, other = own([7]), own([7])
    with look() as session:
        foreign = the(session, other).occasions[0].id
        mine = the(session, public_id).occasions[1].id
    form = editor(planner, public_id)
    fill(
        form,
        **{"occasions-0-occasion": str(mine), "occasions-1-occasion": str(mine)},
        **{"occasions-1-date": "2027-02-24", "occasions-1-from_time": "9:00"},
        **{"occasions-1-to_time": "10:00", "occasions-2-occasion": str(foreign)},
        **{"occasions-2-date": "2027-02-25", "occasions-2-from_time": "9:00"},
        **{"occasions-2-to_time": "10:00", "occasions-²-date": "x"},
    )
    save(form)
    with look() as session:
        assert [each.starts_at.day for each in the(session, public_id).occasions] == [
            10,
            17,
            24,
            25,
        ]
        assert len(the(session, other).occasions) == 2


def test_sixty_sessions_are_the_most(planner, own):
    form = editor(planner, own(state="draft", published_at=None))
    fill(form, repeat_every="week", repeat_times="60")
    form = press(form, "occasions:repeat")
    assert "occasions-58-date" in form.fields
    assert "occasions-59-date" not in form.fields
    assert "occasions-59-date" not in press(form, "occasions:add").fields


# --- two editors ---------------------------------------------------------------------------------


def test_two_editors_of_two_sessions_lose_nothing(planner, own, look):
    public_id = own([7])
    theirs, mine = editor(planner, public_id), editor(planner, public_id)
    theirs["occasions-0-address"] = "Deras gata 1"
    theirs = press(theirs, "occasions:add")
    theirs["occasions-1-date"] = "2027-02-24"
    save(theirs)
    fill(mine, **{"occasions-0-from_time": "10:00", "occasions-0-address": "Min gata 2"})
    page = mine.send()
    assert page.status_code == 409
    assert "Deras gata 1" in page.text
    again = form_of(planner.client, page, "title_sv")
    assert again["occasions-0-address"] == "Min gata 2"
    assert again["occasions-1-date"] == "2027-02-24"  # only they added it
    save(again)
    with look() as session:
        places = [(each.starts_at.day, each.address) for each in the(session, public_id).occasions]
    assert places[1:] == [(17, "Min gata 2"), (24, "Storgatan 1, Tallvik")]


# --- when people are registered ------------------------------------------------------------------


def test_a_session_the_public_has_seen_is_cancelled_not_removed(planner, own):
    public_id = own([7])
    form = editor(planner, public_id)
    page = planner.client.get(f"/manage/events/{public_id}/edit").text
    assert "occasions:0:remove" not in page
    assert "Cancel this session, with a reason" in page
    for name in list(form.fields):
        if name.startswith("occasions-"):
            form[name] = None
    assert form.send().status_code == 409


@pytest.mark.parametrize("before", ["all", "series"])
def test_who_comes_to_all_has_a_seat_at_one_that_is_added(planner, own, work, look, before):
    public_id = own([7], attending=before, recurrence="", capacity_on_site=2)
    first = signed(work, public_id, 0, 1)
    waits = signed(work, public_id, 0, 1, state="pending")
    form = press(editor(planner, public_id), "occasions:add")
    form["occasions-1-date"] = "2027-02-24"
    answer = save(form)
    assert "done=told" in answer.location
    assert seats(look, first) == [(10, "confirmed"), (17, "confirmed"), (24, "confirmed")]
    assert seats(look, waits) == [(10, "pending"), (17, "pending"), (24, "pending")]


def test_where_each_chooses_nobody_is_seated_by_itself(planner, own, work, look):
    public_id = own([7], attending="choose")
    person = signed(work, public_id, 1)
    form = press(editor(planner, public_id), "occasions:add")
    form["occasions-1-date"] = "2027-02-24"
    save(form)
    assert seats(look, person) == [(17, "confirmed")]


def test_how_one_takes_part_stays_while_people_are_registered(planner, own, work, look):
    public_id = own([7])
    signed(work, public_id, 0, 1)
    form = editor(planner, public_id)
    form["attending"] = "series"
    page = form.send()
    assert page.status_code == 422
    assert "1 person is registered" in problems_of(page)[0]
    form["attending"] = "choose"  # takes nothing from anybody
    save(form)
    form = editor(planner, public_id)
    form["attending"] = "all"
    assert form.send().status_code == 422


# --- one is called off ------------------------------------------------------------------------


def call_off(staff, public_id, occasion_id, **fields):
    prefix = f"occasion-{occasion_id}-"
    data = {f"{prefix}{name}": value for name, value in fields.items()}
    path = f"/manage/events/{public_id}/occasions/{occasion_id}/cancel"
    token = token_of(staff.client.get(f"/manage/events/{public_id}/copy"))
    return staff.client.post(path, data=data | {f"{prefix}csrf_token": token})


def test_one_session_is_called_off_with_a_reason(planner, own, work, look, client):
    public_id = own([7, 14], attending="choose", capacity_on_site=1)
    with look() as session:
        event = the(session, public_id)
        middle, slug = event.occasions[1].id, event.slug
    both = signed(work, public_id, 0, 1)
    queued = signed(work, public_id, 1, state="waiting", queue_number=1)
    page = open_form(planner.client, f"/manage/events/{public_id}", f"occasion-{middle}-reason_sv")
    empty = page.send()
    assert empty.status_code == 422
    assert "Write the reason" in problems_of(empty)
    page[f"occasion-{middle}-reason_sv"] = "Lokalen är upptagen"
    answer = page.send()
    assert (answer.status_code, "done=occasion_cancelled" in answer.location) == (303, True)
    assert seats(look, both) == [(10, "confirmed"), (17, "withdrawn")]
    assert seats(look, queued) == [(17, "withdrawn")]
    assert letters(look) == ["occasion_cancelled", "occasion_cancelled"]
    with look() as session:
        event = the(session, public_id)
        assert [each.id for each in event.live_occasions] == [
            each.id for each in event.occasions if each.id != middle
        ]
        assert event.occasions[1].reason == {"sv": "Lokalen är upptagen"}
        assert session.query(AuditEntry).order_by(AuditEntry.number).all()[-1].verb == (
            "event.occasion_cancelled"
        )
    public = client.get(f"/sv/events/{slug}").text
    assert "Lokalen är upptagen" in public
    assert "Lokalen är upptagen" in planner.client.get(f"/manage/events/{public_id}/edit").text
    assert "done=unchanged" in save(editor(planner, public_id)).location
    again = open_form(planner.client, f"/manage/events/{public_id}", "csrf_token")
    assert f"occasion-{middle}-reason_sv" not in again.fields


def test_the_envelope_follows_the_sessions_that_stand(planner, own, work, look):
    public_id = own([7])
    with look() as session:
        event = the(session, public_id)
        first, second = event.occasions
        first_id, ends_at = first.id, second.ends_at
    form = open_form(
        planner.client, f"/manage/events/{public_id}", f"occasion-{first_id}-reason_sv"
    )
    form[f"occasion-{first_id}-reason_sv"] = "Sjukdom"
    assert form.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert (event.starts_at.day, event.ends_at) == (17, ends_at)
    again = call_off(planner, public_id, first_id, reason_sv="x")
    assert again.status_code == 409  # off already
    with look() as session:
        [last] = the(session, public_id).live_occasions
        last_id = last.id
    assert call_off(planner, public_id, last_id, reason_sv="x").status_code == 409
    with look() as session:
        assert len(the(session, public_id).live_occasions) == 1


def test_an_occasion_of_another_event_is_not_found(planner, own, look):
    public_id, other = own([7]), own([7])
    with look() as session:
        foreign = the(session, other).occasions[0].id
    assert call_off(planner, public_id, foreign, reason_sv="x").status_code == 404


def test_a_move_shifts_all_and_a_copy_takes_them_along(planner, own, look):
    public_id = own([7, 14], capacity_on_site=9)
    form = editor(planner, public_id)
    fill(form, attending="series", **{"occasions-1-session_sv": "Avslutning"})
    save(form)
    move = open_form(planner.client, f"/manage/events/{public_id}", "move-date")
    assert "move-to_time" not in move.fields
    fill(move, **{"move-date": "2027-03-24", "move-from_time": "10:00"})
    move["move-closes_date"] = move["move-closes_time"] = ""
    answer = move.send()
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        event = the(session, public_id)
        days = [(each.starts_at.day, each.starts_at.hour) for each in event.occasions]
        assert days == [(24, 9), (31, 8), (7, 8)]  # 10.00 by the wall clock, over the change
        assert [each.recurs_at for each in event.occasions] == [
            each.starts_at for each in event.occasions
        ]
    copy = open_form(planner.client, f"/manage/events/{public_id}/copy", "title")
    copy["date"], copy["from_time"] = "2027-09-01", "09:00"
    answer = copy.send()
    assert answer.status_code == 303
    with look() as session:
        event = the(session, answer.location.split("/")[3])
        assert [each.starts_at.day for each in event.occasions] == [1, 8, 15]
        assert [each.capacity_on_site for each in event.occasions] == [9, None, None]
        assert event.occasions[2].title == {"sv": "Avslutning"}
        assert (event.attending, event.recurrence) == ("series", "FREQ=WEEKLY;COUNT=3")


@pytest.mark.parametrize("is_called_off", [False, True])
@pytest.mark.parametrize("day", ["2027-03-21", "2027-10-24"])
def test_a_series_is_not_moved_into_an_hour_that_the_clocks_skip_or_show_twice(
    planner, own, work, look, day, is_called_off
):
    public_id = own([7, 14])
    form = editor(planner, public_id)
    form["attending"] = "series"
    save(form)
    signed(work, public_id, 0, 1, 2)
    with look() as session:
        second = the(session, public_id).occasions[1].id
    if is_called_off:  # the rule has the date still
        assert call_off(planner, public_id, second, reason_sv="Sjukdom.").status_code == 303
    told = letters(look)
    move = open_form(planner.client, f"/manage/events/{public_id}", "move-date")
    fill(move, **{"move-date": day, "move-from_time": "02:30"})
    move["move-closes_date"] = move["move-closes_time"] = ""
    page = move.send()
    assert page.status_code == 422
    assert problems_of(page) == [
        "One of the times would be in an hour that the clocks skip or show twice. Choose another."
    ]
    again = form_of(planner.client, page, "move-date")
    assert (again["move-date"], again["move-from_time"]) == (day, "02:30")
    with look() as session:
        event = the(session, public_id)
        assert event.occasions[0].starts_at.date().isoformat() == DAY
        assert "event.moved" not in [row.verb for row in session.query(AuditEntry)]
    assert letters(look) == told
    move["move-from_time"] = "03:30"
    assert move.send().status_code == 303


def test_a_copy_into_a_skipped_hour_is_refused_at_the_field(planner, own):
    public_id = own([7, 14])
    copy = open_form(planner.client, f"/manage/events/{public_id}/copy", "title")
    fill(copy, date="2027-03-21", from_time="02:30")
    page = copy.send()
    assert page.status_code == 422
    assert "the clocks skip" in problems_of(page)[0]
    copy["from_time"] = "03:30"
    assert copy.send().status_code == 303


def test_a_new_date_in_a_skipped_hour_is_refused_at_the_field(planner, own, look):
    public_id = own([7, 14], state="postponed")
    form = open_form(planner.client, f"/manage/events/{public_id}", "new_date-date")
    fill(form, **{"new_date-date": "2027-03-21", "new_date-from_time": "02:30"})
    page = form.send()
    assert page.status_code == 422
    assert "the clocks skip" in problems_of(page)[0]
    with look() as session:
        assert the(session, public_id).state == "postponed"


def test_a_monthly_series_is_copied_and_moved_whole(planner, own, look):
    public_id = own(state="draft", published_at=None)
    form = editor(planner, public_id)
    fill(form, repeat_every="month", repeat_times="3")
    form = press(form, "occasions:repeat")
    form["attending"] = "series"
    save(form)
    with look() as session:
        assert the(session, public_id).recurrence == "FREQ=MONTHLY;BYDAY=2WE;COUNT=4"
    copy = open_form(planner.client, f"/manage/events/{public_id}/copy", "title")
    fill(copy, date="2027-09-01", from_time="09:00")
    answer = copy.send()
    copied = answer.location.split("/")[3]
    page = planner.post(f"/manage/events/{copied}/publish")
    with look() as session:
        has_rule = bool(the(session, copied).recurrence)
    assert page.status_code == (303 if has_rule else 422), problems_of(page)
    assert planner.post(f"/manage/events/{public_id}/publish").status_code == 303
    move = open_form(planner.client, f"/manage/events/{public_id}", "move-date")
    move["move-date"] = "2027-02-11"
    assert move.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert event.recurrence == "FREQ=MONTHLY;BYDAY=2WE;COUNT=4"
        assert [each.recurs_at.weekday() for each in event.occasions] == [2, 2, 2, 2]
        assert event.occasions[0].starts_at.weekday() == 3  # an exception, each of them


# --- rules --------------------------------------------------------------------------------------


def test_places_are_those_of_each_session(planner, own, look):
    public_id = own([7, 14], capacity_on_site=30)
    with look() as session:
        second, third = [each.id for each in the(session, public_id).occasions[1:]]
    form = open_form(planner.client, f"/manage/events/{public_id}/rules", "version")
    fill(form, **{f"capacity_on_site_{second}": "8", f"capacity_on_site_{third}": "x"})
    page = form.send()
    assert page.status_code == 422
    assert "Enter a whole number" in problems_of(page)[0]
    form[f"capacity_on_site_{third}"] = ""
    assert form.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert [each.capacity_on_site for each in event.occasions] == [30, 8, None]
    log = planner.client.get(f"/manage/events/{public_id}").text
    assert "Places on site, Wed 17 Feb: –, now 8" in log


def test_a_session_added_meanwhile_is_no_conflict_of_the_rules(planner, own, look):
    public_id = own([7], capacity_on_site=30)
    rules = open_form(planner.client, f"/manage/events/{public_id}/rules", "version")
    form = press(editor(planner, public_id), "occasions:add")
    form["occasions-1-date"] = "2027-02-24"
    save(form)
    rules["capacity_on_site"] = "20"
    page = rules.send()
    assert page.status_code == 409
    again = form_of(planner.client, page, "version")
    assert again["capacity_on_site"] == "20"
    assert again.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        assert [each.capacity_on_site for each in event.occasions] == [20, None, 30]


def test_the_last_session_that_stands_keeps_how_people_take_part(planner, own, work, look):
    public_id = own([7], attending="choose", sessions_most=1)
    signed(work, public_id, 0)
    with work() as session:
        second = the(session, public_id).occasions[1]
        second.cancelled_at = NOW
    form = editor(planner, public_id)
    form["need_sv"] = "Bättre beskrivet"
    save(form)
    with look() as session:
        event = the(session, public_id)
        assert (event.attending, event.sessions_most) == ("choose", 1)


def test_the_deadline_may_be_as_late_as_the_last_start(planner, own, look):
    public_id = own([7, 14])
    form = open_form(planner.client, f"/manage/events/{public_id}/rules", "version")
    fill(form, closes_date="2027-02-25", closes_time="10:00")
    assert form.send().status_code == 422
    fill(form, closes_date="2027-02-23", closes_time="23:59")
    assert form.send().status_code == 303
    save(editor(planner, public_id))
    with look() as session:
        assert the(session, public_id).registration_closes_at.day == 23


def test_a_postponed_event_of_several_gets_all_its_days_back(planner, own, work, look):
    public_id = own([7])
    signed(work, public_id, 0, 1)
    form = open_form(planner.client, f"/manage/events/{public_id}", "postpone-reason_sv")
    form["postpone-reason_sv"] = "Sjukdom"
    assert form.send().status_code == 303
    page = planner.client.get(f"/manage/events/{public_id}/edit").text
    assert "occasions:add" not in page
    form = editor(planner, public_id)
    form["occasions-0-date"] = "2027-02-18"
    assert form.send().status_code == 422
    form = open_form(planner.client, f"/manage/events/{public_id}", "new_date-date")
    fill(form, **{"new_date-date": "2027-03-03", "new_date-from_time": "13:00"})
    assert form.send().status_code == 303
    with look() as session:
        event = the(session, public_id)
        times = [(each.starts_at.day, each.starts_at.hour) for each in event.occasions]
        assert (event.state, times) == ("published", [(3, 12), (10, 12)])
