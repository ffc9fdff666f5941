"""The pages on which one-to-one meetings are planned, from nothing to published."""

import re
from datetime import timedelta

import pytest

from dialognav.models import (
    InterestConflict,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    Organisation,
    Registration,
    Slot,
    TeamMember,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_request,
    make_rules,
    make_slots,
    make_table,
)


@pytest.fixture
def planner(sign_in):
    return sign_in("planner", language="en")


@pytest.fixture
def own(work, planner):
    """`own(make)`: an event of the planner's; `make(session, event)` adds to it. Its address."""

    def begin(make=None, **given):
        with work() as session:
            organisation = session.get_one(Organisation, planner.organisation_id)
            event = make_event(session, organisation, **given)
            if make:
                make(session, event)
            return f"/manage/events/{event.public_id}/meetings/plan"

    return begin


def page_of(planner, path):
    answer = planner.client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def filled(planner, path, typed, marker):
    form = open_form(planner.client, path, marker)
    for name, value in typed.items():
        form[name] = value
    return form


def with_rules(session, event):
    make_rules(session, event, published_at=None, opens_at=NOW + timedelta(days=1))


def with_table(session, event, **given):
    with_rules(session, event)
    return make_table(session, event, **given)


def with_slots(session, event):
    make_slots(session, event, with_table(session, event), published_at=None)


def test_from_nothing_to_published(planner, own, look, work):
    plan = own()
    said = page_of(planner, plan)
    assert "No one-to-one meetings yet" in said
    assert next_step(said) == "rules"
    typed = {
        "opens_date": "2027-01-20",
        "opens_time": "",
        "closes_date": "2027-02-20",
        "slot_minutes": "30",
        "gap_minutes": "10",
        "languages": "sv",
    }
    answer = filled(planner, f"{plan}/rules", typed, "version").send()
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        rules = session.query(MeetingRules).one()
        assert rules.text["sv"]
        assert (rules.slot_minutes, rules.gap_minutes, rules.most_people) == (30, 10, 3)
        assert rules.opens_at.isoformat() == "2027-01-20T08:00:00+00:00"
        assert rules.closes_at.isoformat() == "2027-02-20T22:59:00+00:00"
    outside = {"name": "Omar Haddad", "email": "Omar@vard.example", "is_cleared": "y"}
    answer = filled(planner, f"{plan}/team/new", outside | {"then": "more"}, "email").send()
    assert answer.location == f"{plan}/team/new?done=member"
    assert next_step(page_of(planner, plan)) == "team/new"
    me = {"user": str(planner.user_id)}
    assert filled(planner, f"{plan}/team/new", me, "email").send().status_code == 303
    with look() as session:
        ids = {member.email: member.id for member in session.query(TeamMember)}
        asks, notes = ids["omar@vard.example"], ids[planner.email]
    assert next_step(page_of(planner, plan)) == "tables/new"
    table = {"room_sv": "Älgen", f"role_{asks}": "asks"}
    table[f"role_{notes}"] = "notes"
    answer = filled(planner, f"{plan}/tables/new", table, "name_sv").send()
    assert answer.status_code == 303, problems_of(answer)
    cut = {
        "days-0-day": "2027-02-24",
        "days-0-to_time": "12:00",
        "breaks-0-from_time": "09:30",
        "breaks-0-to_time": "10:00",
    }
    answer = filled(planner, f"{plan}/times/new", cut, "days-0-day").send()
    said = answer.get_data(as_text=True)
    assert "4 times to add" in said
    assert "09:00–09:30, 10:00–10:30, 10:40–11:10, 11:20–11:50" in said
    form = form_of(planner.client, answer, "seen")
    form["then"] = "save"
    assert form.send().status_code == 303
    said = page_of(planner, plan)
    assert "has not declared" in said
    assert said.count(">Not public<") == 4
    assert next_step(said) == "publish"
    answer = planner.post(f"{plan}/publish")
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        assert {slot.published_at for slot in session.query(Slot)} == {NOW}
        assert session.query(MeetingRules).one().published_at == NOW
        assert session.query(MeetingBreak).one().title["nb"]
    assert page_of(planner, plan).count(">Opens later<") == 4


def next_step(page):
    """Where the one step leads that is next, as the plan says it."""
    [step] = re.findall(r'aria-current="step">.*?/meetings/plan/([^"]+)"', page, re.S)
    return step


def saved(answer):
    assert answer.status_code == 303, problems_of(answer)
    return answer.location


def public_ids(look, model):
    with look() as session:
        return [row.public_id for row in session.query(model).order_by(model.id)]


WRONG_RULES = {
    "Enter a date that exists, like 2027-02-10": {"opens_date": "2027-02-30"},
    "Enter the date too": {"opens_date": ""},
    "Enter a whole number from 0 to 120": {"gap_minutes": "121"},
    "Enter a whole number from 1 to 10": {"most_people": "många"},
    "Enter a whole number from 1 to 60": {"fact_check_days": "0"},
    "Choose at least one language": {"languages": None},
    "Choose one of these": {"slot_minutes": "25"},
    "Write at most 5000 characters. This is 5001.": {"text_sv": "x" * 5001},
}


def test_what_is_wrong_with_rules_is_said_at_its_field(planner, own):
    path = f"{own(with_rules)}/rules"
    for sentence, typed in WRONG_RULES.items():
        answer = filled(planner, path, typed, "version").send()
        assert answer.status_code == 422, sentence
        assert problems_of(answer) == [sentence]


def test_a_closing_before_the_opening_and_a_night_that_skips_the_hour(planner, own):
    plan = own(with_rules)
    form = filled(planner, f"{plan}/rules", {"closes_date": "2027-01-12"}, "version")
    assert problems_of(form.send()) == ["It has to open before it closes"]
    skipped = {"closes_date": "2027-03-28", "closes_time": "02:30"}
    [sentence] = problems_of(filled(planner, f"{plan}/rules", skipped, "version").send())
    assert "clocks go forward" in sentence


def test_two_who_change_the_rules_see_both(planner, own, look):
    plan = own(with_rules)
    mine, theirs = (filled(planner, f"{plan}/rules", {}, "version") for _ in range(2))
    mine["most_people"], theirs["most_people"] = "4", "5"
    saved(theirs.send())
    answer = mine.send()
    assert answer.status_code == 409
    assert "saved while you were writing" in answer.text
    saved(form_of(planner.client, answer, "version").send())
    with look() as session:
        assert session.query(MeetingRules).one().most_people == 4


def test_published_rules_change_for_a_reason(planner, own, look):
    plan = own(lambda session, event: make_rules(session, event))
    form = filled(planner, f"{plan}/rules", {"most_people": "5"}, "version")
    answer = form.send()
    assert problems_of(answer) == ["Say why: the public has read the rules as they were"]
    form["reason"] = "Fler vill vara med"
    assert "rules_public" in saved(form.send())
    assert form_of(planner.client, answer, "version")["most_people"] == "5"


def test_a_member_of_the_team(planner, own, look):
    plan = own(with_table)
    [asks, _notes] = public_ids(look, TeamMember)
    path = f"{plan}/team/{asks}"
    typed = {
        "title": "Behovsägare",
        "away-0-day": "2027-02-24",
        "away-1-day": "2027-02-25",
        "away-1-from_time": "13:00",
        "away-1-to_time": "15:00",
    }
    saved(filled(planner, path, typed, "version").send())
    again = open_form(planner.client, path, "version")
    assert (again["away-0-from_time"], again["away-0-to_time"]) == ("00:00", "23:59")
    assert again["away-1-day"] == "2027-02-25"
    again["away-1-to_time"] = "12:00"
    assert problems_of(again.send()) == ["It has to end after it begins"]
    again["away-1-to_time"], again["away-0-day"] = "15:00", ""
    again["away-0-from_time"] = again["away-0-to_time"] = ""
    saved(again.send())
    with look() as session:
        member = session.query(TeamMember).filter_by(public_id=asks).one()
        assert member.away == [["2027-02-25T12:00:00+00:00", "2027-02-25T14:00:00+00:00"]]


def test_two_who_change_a_member_a_table_or_a_time_see_both(planner, own, look):
    plan = own(with_slots)
    ids = {
        "team": (public_ids(look, TeamMember)[0], "title"),
        "tables": (public_ids(look, MeetingTable)[0], "topic_sv"),
        "times": (public_ids(look, Slot)[0], "deviation"),
    }
    for kind, (public_id, field) in ids.items():
        path = f"{plan}/{kind}/{public_id}"
        mine, theirs = (filled(planner, path, {}, "version") for _ in range(2))
        mine[field], theirs[field] = "Mitt", "Deras"
        saved(theirs.send())
        answer = mine.send()
        assert answer.status_code == 409, kind
        assert "Deras" in answer.text, kind
        saved(form_of(planner.client, answer, "version").send())
        assert open_form(planner.client, path, "version")[field] == "Mitt", kind


def test_somebody_twice_and_somebody_without_a_name(planner, own):
    plan = own(with_rules)
    me = {"user": "", "name": "Jag", "email": planner.email.upper()}
    saved(filled(planner, f"{plan}/team/new", me, "email").send())
    answer = filled(planner, f"{plan}/team/new", me, "email").send()
    assert problems_of(answer) == ["Somebody with this address is in the team already."]
    nobody = {"user": "", "name": "", "email": ""}
    answer = filled(planner, f"{plan}/team/new", nobody, "email").send()
    assert problems_of(answer) == [
        "Write the name",
        "Enter the address that calendar entries go to",
    ]


def test_a_conflict_of_interest_is_noted_and_taken_away(planner, own, look):
    def make(session, event):
        [slot] = make_slots(session, event, with_table(session, event), number=1)
        registration = make_registration(session, event, party_name="Jävskär AB")
        make_participant(session, registration)
        make_booking(session, slot, registration)

    plan = own(make)
    path = f"{plan}/team/{public_ids(look, TeamMember)[0]}"
    form = open_form(planner.client, path, "c-why")
    assert problems_of(form.send()) == ["Say what the conflict of interest is"]
    form["c-why"] = "Syskon i ledningen"
    saved(form.send())
    page = page_of(planner, path)
    assert "Jävskär AB" in page
    assert "Syskon i ledningen" in page
    page = page_of(planner, plan)
    assert ">Not with all<" in page
    assert "may not meet the supplier who has the time" in page
    [registration] = public_ids(look, Registration)
    saved(planner.post(f"{path}/conflicts/{registration}/remove"))
    with look() as session:
        assert session.query(InterestConflict).count() == 0


def test_a_table_says_what_is_wrong(planner, own, look):
    plan = own(with_slots)
    [table] = public_ids(look, MeetingTable)
    path = f"{plan}/tables/{table}"
    nameless = {"name_sv": "", "mode": "online", "online_url": "javascript:alert(1)"}
    answer = filled(planner, path, {**nameless, "has_lobby": "y"}, "version").send()
    assert set(problems_of(answer)) == {
        "Name the table, like Table A",
        "Enter the whole web address, beginning with https://",
    }
    lobby = {"mode": "online", "online_url": "", "has_lobby": "y"}
    answer = filled(planner, path, lobby, "version").send()
    assert problems_of(answer) == ["Enter the link that has the lobby"]
    unseen = {**lobby, "mode": "on_site", "online_url": "javascript:alert(1)"}
    assert filled(planner, path, unseen, "version").send().status_code == 303, "not looked at"
    with look() as session:
        stored = session.query(MeetingTable).one()
        assert (stored.mode, stored.online_url, stored.lobby_at) == ("on_site", "", None)


def test_a_booked_table_keeps_its_form_and_its_times(planner, own, look):
    def make(session, event):
        [slot, wished, _other] = make_slots(session, event, with_table(session, event))
        registration = make_registration(session, event)
        make_participant(session, registration)
        make_booking(session, slot, registration)
        make_request(session, make_registration(session, event), [wished])

    plan = own(make)
    [table] = public_ids(look, MeetingTable)
    answer = filled(planner, f"{plan}/tables/{table}", {"mode": "online"}, "version").send()
    assert problems_of(answer) == ["1 meeting here is booked as it is. Move it first."]
    assert "in_use" in saved(planner.post(f"{plan}/tables/{table}/remove"))
    booked, wished, free = public_ids(look, Slot)
    assert "in_use" in saved(planner.post(f"{plan}/times/{booked}/block"))
    moved = {"from_time": "15:00", "to_time": "15:30", "deviation": "Sjukdom"}
    answer = filled(planner, f"{plan}/times/{booked}", moved, "version").send()
    assert problems_of(answer) == ["A supplier has that time, or has asked for it."]
    assert "say_why" in saved(planner.post(f"{plan}/times/remove", {"slot": free}))
    assert "in_use" in saved(planner.post(f"{plan}/times/remove", {"slot": booked, "reason": "x"}))
    gone = {"slot": free, "reason": "Salen är upptagen"}
    assert "slots_gone" in saved(planner.post(f"{plan}/times/remove", gone))
    gone["slot"] = wished
    assert "wished_gone" in saved(planner.post(f"{plan}/times/remove", gone))
    assert "A supplier has a meeting then" in page_of(planner, f"{plan}?done=in_use")


def test_a_table_whose_times_are_public_goes_for_a_reason(planner, own, look):
    plan = own(lambda session, event: make_slots(session, event, with_table(session, event)))
    [table] = public_ids(look, MeetingTable)
    path = f"{plan}/tables/{table}/remove"
    assert "say_why" in saved(planner.post(path))
    assert "table_gone" in saved(planner.post(path, {"reason": "Salen är stängd"}))


def test_a_person_at_another_table_is_said_at_the_person(planner, own, look):
    def make(session, event):
        table = with_table(session, event)
        make_slots(session, event, table, published_at=None)
        make_slots(session, event, published_at=None)

    plan = own(make)
    with look() as session:
        here, there = session.query(MeetingTable).order_by(MeetingTable.id)
        busy, public_id = there.staff[0].member, here.public_id
        slot = session.query(Slot).filter_by(table_id=here.id).first().public_id
        field, name = f"role_{busy.id}", busy.name
    typed = {field: "observes", "restaff": "y"}
    answer = filled(planner, f"{plan}/tables/{public_id}", typed, "version").send()
    assert problems_of(answer) == [f"{name} is at another table at some of its times"]
    answer = filled(planner, f"{plan}/times/{slot}", {field: "observes"}, "version").send()
    assert problems_of(answer) == [f"{name} is in another meeting then"]


def test_one_time_is_changed_blocked_and_freed(planner, own, look):
    plan = own(with_slots)
    slot, other, _last = public_ids(look, Slot)
    path = f"{plan}/times/{slot}"
    longer = {"from_time": "08:30"}
    answer = filled(planner, path, longer, "version").send()
    assert problems_of(answer) == ["Say why: all suppliers are to have the same terms"]
    saved(filled(planner, path, {**longer, "deviation": "Tolkas"}, "version").send())
    answer = filled(planner, path, {"to_time": "09:45", "deviation": "x"}, "version").send()
    assert problems_of(answer) == ["Another meeting or a break is at that table then."]
    answer = filled(planner, path, {"day": "2026-01-01", "deviation": "x"}, "version").send()
    assert problems_of(answer) == ["Choose a time that is ahead of us"]
    saved(planner.post(f"{plan}/times/{other}/block", {"reason": "Brandövning"}))
    page = page_of(planner, plan)
    assert "Tolkas" in page
    assert "Brandövning" in page
    saved(planner.post(f"{plan}/times/{other}/unblock"))
    assert "unchanged" in saved(planner.post(f"{plan}/times/{other}/unblock"))
    assert "Brandövning" not in page_of(planner, plan)


def test_own_links(planner, own, look):
    def make(session, event):
        make_slots(session, event, with_table(session, event, mode="online"), published_at=None)

    plan = own(make)
    [table] = public_ids(look, MeetingTable)
    with look() as session:
        fields = [f"link_{slot.id}" for slot in session.query(Slot).order_by(Slot.starts_at)]
    path = f"{plan}/tables/{table}/links"
    assert "The link is missing" in page_of(planner, plan)
    same = dict.fromkeys(fields, "https://m.example/1")
    answer = filled(planner, path, same, fields[0]).send()
    assert problems_of(answer) == ["Another of the times has this link"] * 2
    bad = {fields[0]: "file:///etc/passwd"}
    answer = filled(planner, path, bad, fields[0]).send()
    assert problems_of(answer) == ["Enter the whole web address, beginning with https://"]
    links = {field: f"https://m.example/{n}" for n, field in enumerate(fields)}
    saved(filled(planner, path, links, fields[0]).send())
    assert "The link is missing" not in page_of(planner, plan)
    assert "unchanged" in saved(filled(planner, path, links, fields[0]).send())


DAYS = {"days-0-day": "2027-02-24"}
WRONG_WINDOWS = {
    "Enter a date": {},
    "Enter a date that exists, like 2027-02-10": {"days-0-day": "imorgon"},
    "No meeting fits in": {**DAYS, "days-0-to_time": "09:10"},
    "It has to end after it begins": {**DAYS, "days-0-to_time": "08:00"},
    "A day of meetings is at most 16 hours": {
        **DAYS,
        "days-0-from_time": "00:00",
        "days-0-to_time": "23:00",
    },
    "Enter a time of day, like 09:00": {**DAYS, "breaks-0-from_time": "12:00"},
    "Choose at least one table": {**DAYS, "tables": None},
}


def test_windows_that_cannot_be_cut(planner, own):
    path = f"{own(with_table)}/times/new"
    for sentence, typed in WRONG_WINDOWS.items():
        answer = filled(planner, path, typed, "days-0-day").send()
        assert problems_of(answer) == [sentence]


def test_what_was_seen_is_what_is_added(planner, own, look):
    plan = own(with_table)
    typed = {"days-0-day": "2027-02-24", "days-0-to_time": "12:00"}
    seen = filled(planner, f"{plan}/times/new", typed, "days-0-day").send()
    form = form_of(planner.client, seen, "seen")
    form["then"], form["days-0-to_time"] = "save", "15:00"
    again = form.send()
    assert again.status_code == 200  # the preview again: that was not what was seen
    with look() as session:
        assert session.query(Slot).count() == 0
    form = form_of(planner.client, again, "seen")
    form["then"] = "save"
    saved(form.send())
    with look() as session:
        assert session.query(Slot).count() == 9
    past = filled(planner, f"{plan}/times/new", {"days-0-day": "2027-01-11"}, "days-0-day")
    form = form_of(planner.client, past.send(), "seen")
    form["then"] = "save"
    assert problems_of(form.send()) == ["All of the times have to be ahead of us"]
    more = filled(planner, f"{plan}/times/new", {"then": "more"}, "days-0-day").send()
    assert "days-5-day" in more.text


def test_a_break_is_added_and_taken_away(planner, own, look):
    plan = own(with_slots)
    path = f"{plan}/breaks/new"
    typed = {"day": "2027-02-24", "from_time": "09:10", "to_time": "09:20"}
    answer = filled(planner, path, typed, "kind").send()
    assert problems_of(answer) == ["There are meetings then. Take those times away first."]
    typed = {**typed, "from_time": "12:00", "to_time": "13:00", "kind": "lunch"}
    saved(filled(planner, path, typed, "kind").send())
    with look() as session:
        [pause] = session.query(MeetingBreak)
        assert pause.title["en"] == "Lunch"
        remove = f"{plan}/breaks/{pause.id}/remove"
    assert "12:00–13:00" in page_of(planner, plan)
    saved(planner.post(remove))
    assert planner.post(remove).status_code == 404


def test_publishing_later_times_says_when_they_open(planner, own, look):
    def make(session, event):
        table = make_table(session, event)
        make_rules(session, event)
        make_slots(session, event, table)
        make_slots(session, event, table, starts_at=DAY + timedelta(days=1), published_at=None)

    plan = own(make)
    form = open_form(planner.client, f"{plan}/publish", "opens_date")
    assert (form["opens_date"], form["opens_time"]) == ("2027-01-13", "09:00")
    form["opens_date"], form["opens_time"] = "2027-01-12", "10:30"
    assert "at least an hour ahead" in problems_of(form.send())[0]
    form["opens_date"] = ""
    assert problems_of(form.send()) == ["Enter the date too"]
    form["opens_date"] = "2027-01-13"
    saved(form.send())
    assert "There are no new times ahead of us to publish." in page_of(planner, f"{plan}/publish")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"state": "cancelled"}, "Meetings of this event are no longer handed out."),
        ({"phase": "procurement"}, "Meetings of this event are no longer handed out."),
    ],
)
def test_nothing_is_published_of_what_is_over(planner, own, given, sentence):
    plan = own(with_slots, **given)
    answer = planner.post(f"{plan}/publish")
    assert answer.status_code == 422
    assert problems_of(answer) == [sentence]


def test_who_publishes_is_warned_of_what_is_unfair(planner, own):
    def make(session, event):
        make_participant(session, make_registration(session, event))
        make_rules(session, event, published_at=None, opens_at=NOW)
        make_slots(session, event, make_table(session, event, room={}), published_at=None)

    page = page_of(planner, f"{own(make)}/publish")
    assert "Neither room nor address is entered" in page
    assert "1 organisation registered before the rules were known" in page
    assert "Booking opens before anybody can have read of it" in page


def test_the_tab_leads_to_the_plan_and_then_to_the_board(planner, own):
    plan = own()
    event = plan.removesuffix("/meetings/plan")
    assert f'href="{plan}"' in page_of(planner, event)
    with_times = own(with_slots).removesuffix("/plan")
    page = page_of(planner, with_times.removesuffix("/meetings"))
    assert f'href="{with_times}">Meetings <span class="n">0/3</span>' in page


def test_who_is_in_a_meeting_of_another_event_then_is_named(planner, own, work):
    """On the plan, at the field, in the preview of times; and nothing of it is done."""
    here = own(with_slots)
    own(with_slots, title={"sv": "Ljud i skolan"})
    said = "Elin Ek is in a meeting of Ljud i skolan then"
    with work() as session:
        first, *_rest, other = session.query(Slot).order_by(Slot.id).offset(0).limit(4)
        for slot in (first, other):
            member = next(one.member for one in slot.staff if one.role == "asks")
            member.name, member.email = "Elin Ek", "elin@tallvik.example"
        elin = next(one for one in first.staff if one.role == "asks").member_id
        time, table = first.public_id, first.table.public_id
    plan = page_of(planner, here)
    assert said in plan
    form = open_form(planner.client, f"{here}/times/{time}", "version")
    form["from_time"], form["deviation"] = "08:45", "Tolkas"
    assert problems_of(form.send()) == [said]
    assert problems_of(planner.post(f"{here}/publish")) == [said]
    typed = {"days-0-day": DAY.date().isoformat(), "days-0-from_time": "08:20", "tables": table}
    form = filled(planner, f"{here}/times/new", typed, "days-0-day")
    form["days-0-to_time"] = "09:00"
    with work() as session:
        session.query(Slot).filter_by(public_id=time).update({"state": "removed"})
        other = session.query(Slot).order_by(Slot.id.desc()).first()
        other.starts_at, other.ends_at = DAY - timedelta(hours=1), DAY + timedelta(hours=3)
    assert "Elin Ek is in a meeting of Ljud i skolan at 1 of the times" in form.send().text
    form = open_form(planner.client, f"{here}/tables/{table}", "version")
    form[f"role_{elin}"], form["restaff"] = "observes", "y"
    with work() as session:
        for slot in session.query(Slot).filter_by(state="open").order_by(Slot.id).limit(2):
            slot.staff = []
    assert problems_of(form.send()) == [said]


def test_the_plan_asks_few_questions(planner, own, statements):
    def make(session, event):
        with_rules(session, event)
        for _n in range(4):
            make_slots(session, event, number=12, published_at=None)

    plan = own(make)
    with statements() as ran:
        page_of(planner, plan)
    assert len(ran) <= 16, ran
