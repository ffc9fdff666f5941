"""A published event reaches its followers: once each, at once or on Monday, and no secret one."""

import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from dialognav.actions import event_moves, events, follower_news, following
from dialognav.actions.follower_erasure import forget_follower
from dialognav.actions.following import Follow
from dialognav.actions.letter_erasure import forget_addresses
from dialognav.db import unit_of_work
from dialognav.domain.following import Followed
from dialognav.domain.terms import EventState, Frequency
from dialognav.jobs import housekeeping
from dialognav.mail import stale_news
from dialognav.models import (
    Announcement,
    DeadAddress,
    Event,
    FollowedEvent,
    KeptMail,
    Letter,
    MailRefusal,
    Subscription,
)
from dialognav.schedule import jobs
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_participant, make_registration
from tests.fixtures import Work
from tests.integration.test_following import MINE, make_follower
from tests.letter_samples import POST

AT_ONCE = {"frequency": Frequency.AT_ONCE}
NEXT_MONDAY = datetime.fromisoformat("2027-01-18T07:00:00+00:00")


def run(work: Work, now: datetime = NOW) -> None:
    """What the job does, in units of work of their own."""
    with work() as session:
        due = list(follower_news.events_to_find_for(session, now=now))
    for event_id in due:
        with work() as session:
            follower_news.find_followers(session, event_id, now=now)
    while True:
        with work() as session:
            if not follower_news.tell_followers(session, now=now, post=POST):
                return


def told(look: Work) -> list[tuple[str, tuple[str, ...]]]:
    """[(address, titles in its letter)]"""
    with look() as session:
        rows = session.scalars(
            sa.select(Letter).where(Letter.kind == "follow_news").order_by(Letter.id)
        )
        return [
            (
                row.recipient,
                tuple(each["title"][0] for each in (row.facts or {})["follow"]["events"]),
            )
            for row in rows
        ]


def titled(title: str, **given: Any) -> dict[str, Any]:
    return {"title": {"sv": title}, **given}


def test_at_once_and_only_once(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, **titled("Hemmonitorering"))
        make_follower(session, Followed(), **AT_ONCE)
    run(work)
    run(work)
    assert told(look) == [(MINE, ("Hemmonitorering",))]
    with look() as session:
        [letter] = session.query(Letter).all()
        assert letter.priority == 2
        row = session.query(Subscription).one()
        link = {"purpose": "f", "public_id": row.public_id, "generation": 0}
        assert (letter.facts or {})["leave"] == link


def test_the_job_does_it(app: Flask, work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, **titled("Hemmonitorering"))
        make_follower(session, Followed(), **AT_ONCE)
    [job] = [each for each in jobs(app.config["SETTINGS"]) if each.name == "followers"]

    with app.app_context():
        assert job.run(threading.Event())
    with app.app_context():
        assert not job.run(threading.Event())
    assert told(look) == [(MINE, ("Hemmonitorering",))]


def test_one_click_in_the_mail_that_left(
    client: FlaskClient, cli: FlaskCliRunner, work: Work, look: Work
) -> None:
    """RFC 8058: the address in the header, posted to without any page before it."""
    with work() as session:
        make_event(session, **titled("Hemmonitorering"))
        make_follower(session, Followed(), **AT_ONCE)
    for _find_tell_then_send in range(2):
        assert cli.invoke(args=["worker", "--once"]).exit_code == 0
    with look() as session:
        [raw] = session.scalars(sa.select(KeptMail.raw))
    mail = message_from_bytes(raw, policy=SMTP)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<http://localhost(/\S+)>", mail["List-Unsubscribe"].strip())
    assert found
    text = mail.get_body(("plain",)).get_content()
    assert found[1] in text  # and for people
    assert client.post(found[1], data="List-Unsubscribe=One-Click").status_code == 200
    with look() as session:
        assert session.query(Subscription).one().ended_at is not None


def test_weekly_waits_for_monday_and_gathers(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, **titled("Senare", starts_at=NOW + timedelta(days=40)))
        make_event(session, **titled("Tidigare", starts_at=NOW + timedelta(days=30)))
        make_follower(session, Followed())
    run(work)
    run(work, NEXT_MONDAY - timedelta(seconds=1))
    assert told(look) == []
    run(work, NEXT_MONDAY)
    run(work, NEXT_MONDAY + timedelta(days=7))
    assert told(look) == [(MINE, ("Tidigare", "Senare"))]


def test_a_late_worker_still_tells(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, **titled("Hemmonitorering"))
        make_follower(session, Followed())
    run(work)
    run(work, NEXT_MONDAY + timedelta(days=2))
    assert len(told(look)) == 1


def test_weekly_does_not_wait_until_registration_has_closed(work: Work, look: Work) -> None:
    with work() as session:
        make_event(
            session, **titled("Stänger", registration_closes_at=NEXT_MONDAY - timedelta(days=1))
        )
        make_event(session, **titled("Stänger efter", registration_closes_at=None))
        make_follower(session, Followed())
    run(work)
    assert told(look) == [(MINE, ("Stänger",))]


def test_one_address_that_follows_in_several_ways_is_told_once(work: Work, look: Work) -> None:
    with work() as session:
        event = make_event(session, **titled("Hemmonitorering", cpv=["33196000-0"]))
        make_follower(session, Followed())
        make_follower(session, Followed(cpv="33"), **AT_ONCE)
        make_follower(session, Followed(event.organisation_id), **AT_ONCE)
        make_follower(session, Followed(cpv="33"), "annan@leverantor.example", **AT_ONCE)
    run(work)
    run(work, NEXT_MONDAY)
    expected = [("annan@leverantor.example", ("Hemmonitorering",)), (MINE, ("Hemmonitorering",))]
    assert sorted(told(look)) == sorted(expected)


def test_one_weekly_letter_for_all_that_an_address_follows(work: Work, look: Work) -> None:
    """Each event once, in the language of the newest; each thing followed is named."""
    with work() as session:
        here = make_event(session, title={"sv": "Båda", "en": "Both"}, cpv=["33196000-0"])
        make_event(session, title={"sv": "Andra", "en": "Other"}, cpv=["33196000-0"])
        make_follower(session, Followed(here.organisation_id))
        make_follower(session, Followed(cpv="33")).language = "en"
        make_follower(session, Followed(cpv="99"))  # of which there is no news
        session.flush()
        newest = make_follower(session, Followed(region="SE110"))
        newest.language = "en"
        make_follower(session, Followed(cpv="48")).confirmed_at = None
        make_follower(session, Followed(cpv="72")).ended_at = NOW
        make_follower(session, Followed(cpv="80"), **AT_ONCE)
        link = {"purpose": "w", "public_id": newest.public_id, "generation": 0}
    run(work)
    run(work, NEXT_MONDAY)
    run(work, NEXT_MONDAY + timedelta(days=7))
    assert [(address, sorted(titles)) for address, titles in told(look)] == [
        (MINE, ["Both", "Other"])
    ]
    with look() as session:
        letter = session.query(Letter).one()
        assert letter.language == "en"
        assert letter.organisation_id is None
        facts = letter.facts or {}
        assert facts["leave"] == link
        assert [each["cpv"] for each in facts["follow"]["subscriptions"]] == ["", "33", "99", ""]


def test_an_organiser_sees_only_what_is_followed_of_it(work: Work, look: Work) -> None:
    """Its own log shows the letters that are from it."""
    with work() as session:
        owner = make_event(session).organisation_id
        make_follower(session, Followed(owner))
        make_follower(session, Followed(owner, kinds=("seminar",)))
        make_follower(session, Followed(owner), "annan@leverantor.example")
        make_follower(session, Followed(cpv="33"), "annan@leverantor.example")
    run(work)
    run(work, NEXT_MONDAY)
    with look() as session:
        rows = session.execute(
            sa.select(Letter.recipient, Letter.organisation_id).order_by(Letter.recipient)
        )
        assert [tuple(row) for row in rows] == [
            ("annan@leverantor.example", None),
            (MINE, owner),
        ]


def test_one_click_ends_the_weekly_letter_and_nothing_else(
    client: FlaskClient, cli: FlaskCliRunner, work: Work, look: Work
) -> None:
    with work() as session:
        closes = NOW + timedelta(hours=30)
        make_event(session, cpv=["33196000-0"], registration_closes_at=closes)
        for cpv, given in (("33", {}), ("48", {}), ("80", AT_ONCE)):
            make_follower(session, Followed(cpv=cpv), **given)
        make_follower(session, Followed(cpv="48"), "annan@leverantor.example")
    for _find_tell_then_send in range(2):
        assert cli.invoke(args=["worker", "--once"]).exit_code == 0
    with look() as session:
        [raw] = session.scalars(sa.select(KeptMail.raw))
    mail = message_from_bytes(raw, policy=SMTP)
    found = re.fullmatch(r"<http://localhost(/sv/leave/w\S+)>", mail["List-Unsubscribe"].strip())
    assert found
    text = mail.get_body(("plain",)).get_content()
    assert found[1] in text
    assert len(re.findall(r"http://localhost/sv/follow/f\w+", text)) == 2
    assert client.post(found[1], data="List-Unsubscribe=One-Click").status_code == 200
    with look() as session:
        rows = session.scalars(sa.select(Subscription).order_by(Subscription.id))
        assert [row.ended_at is not None for row in rows] == [True, True, False, False]


def test_leaving_one_way_leaves_the_other(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, **titled("Hemmonitorering", cpv=["33196000-0"]))
        first = make_follower(session, Followed())
        make_follower(session, Followed(cpv="33"))
        first_id = first.id
    run(work)
    with work() as session:
        following.leave(session, first_id, now=NOW)
    run(work, NEXT_MONDAY)
    assert len(told(look)) == 1


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": EventState.DRAFT, "published_at": None},
        {"state": EventState.SCHEDULED, "published_at": None},
        {"state": EventState.CANCELLED},
        {"state": EventState.POSTPONED},
        {"visibility": "unlisted"},
        {"visibility": "invited"},
        {"starts_at": NOW - timedelta(hours=1)},
        {"registration_closes_at": NOW - timedelta(hours=1)},
        {"followers_found_at": NOW},
    ],
)
def test_nobody_is_told_of(work: Work, look: Work, hidden: dict[str, Any]) -> None:
    with work() as session:
        make_event(session, **hidden)
        make_follower(session, Followed(), **AT_ONCE)
    run(work)
    assert told(look) == []


@pytest.mark.parametrize(
    "how", ["cancelled", "unlisted", "begun", "refused", "left", "postponed", "procured"]
)
def test_what_happens_before_monday_counts(work: Work, look: Work, how: str) -> None:
    with work() as session:
        event = make_event(session, **titled("Hemmonitorering"))
        row = make_follower(session, Followed())
        event_id, row_id, owner = event.id, row.id, event.organisation_id
    run(work)
    with work() as session:
        event = session.get_one(Event, event_id)
        if how == "cancelled":
            event_moves.cancel(session, event_id, {"sv": "X"}, now=NOW, actor="user:1", post=POST)
        elif how == "postponed":
            event_moves.postpone(session, event_id, {"sv": "X"}, now=NOW, actor="user:1", post=POST)
        elif how == "unlisted":
            event.visibility = "unlisted"
        elif how == "begun":
            event.starts_at = NOW + timedelta(days=1)
        elif how == "procured":
            event_moves.switch_to_procurement(session, event_id, now=NOW, actor="user:1", post=POST)
        elif how == "refused":
            following.refuse(session, owner, MINE, now=NOW)
        else:
            following.leave(session, row_id, now=NOW)
    run(work, NEXT_MONDAY)
    assert told(look) == []
    with look() as session:
        assert session.query(Announcement).filter_by(place="followers").count() == 0


def test_what_waits_is_what_is_followed_by_now(work: Work, look: Work) -> None:
    with work() as session:
        for title, cpv in (("Vård", "33196000-0"), ("Program", "48000000-8")):
            make_event(session, **titled(title, cpv=[cpv]))
        row_id = make_follower(session, Followed()).id
    run(work)
    with work() as session:
        following.change(session, row_id, Follow(Followed(cpv="48")), now=NOW)
    run(work, NEXT_MONDAY)
    assert told(look) == [(MINE, ("Program",))]


def test_a_postponed_event_is_told_when_it_has_a_new_date(work: Work, look: Work) -> None:
    with work() as session:
        event_id = make_event(session, **titled("Hemmonitorering")).id
        make_follower(session, Followed())
    run(work)
    with work() as session:
        session.get_one(Event, event_id).state = EventState.POSTPONED
    run(work, NEXT_MONDAY)
    with work() as session:
        session.get_one(Event, event_id).state = EventState.PUBLISHED
    run(work, NEXT_MONDAY + timedelta(days=1))
    assert len(told(look)) == 1


def test_not_to_the_unconfirmed_and_not_to_dead_addresses(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session)
        make_follower(session, Followed(), **AT_ONCE).confirmed_at = None
        make_follower(session, Followed(), "dead@leverantor.example", **AT_ONCE)
        session.add(DeadAddress(address="dead@leverantor.example", since=NOW, status="5.1.1"))
    run(work)
    assert told(look) == []


def test_what_was_published_before_one_followed_is_not_news(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session)
    run(work)
    with work() as session:
        make_follower(session, Followed(), **AT_ONCE)
    run(work)
    assert told(look) == []


def test_refusing_one_organiser_leaves_the_others(work: Work, look: Work) -> None:
    with work() as session:
        refused = make_event(session, **titled("Avböjd"))
        make_event(session, **titled("Välkommen"))
        make_follower(session, Followed(), **AT_ONCE)
        session.add(MailRefusal(organisation_id=refused.organisation_id, address=MINE, at=NOW))
    run(work)
    assert told(look) == [(MINE, ("Välkommen",))]


def test_in_the_followers_own_language(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, title={"sv": "Hemma", "en": "At home"})
        row = make_follower(session, Followed(), **AT_ONCE)
        row.language = "en"
    run(work)
    assert told(look) == [(MINE, ("At home",))]


def test_from_whom(work: Work, look: Work) -> None:
    """From the organiser where one organiser is followed; else nobody's own letter."""
    with work() as session:
        event = make_event(session)
        owner = event.organisation_id
        make_follower(session, Followed(owner), "a@leverantor.example", **AT_ONCE)
        make_follower(session, Followed(), "b@leverantor.example", **AT_ONCE)
    run(work)
    with look() as session:
        rows = session.scalars(sa.select(Letter).order_by(Letter.recipient)).all()
        assert [row.organisation_id for row in rows] == [owner, None]
        assert [(row.facts or {})["from_name"] for row in rows] == ["Region Tallvik", "Dialognav"]


def test_where_it_was_announced_is_noted(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session)
        for number in range(3):
            make_follower(session, Followed(), f"a{number}@leverantor.example", **AT_ONCE)
        make_follower(session, Followed(), "z@leverantor.example")
    run(work)
    run(work, NEXT_MONDAY)
    with look() as session:
        rows = session.scalars(sa.select(Announcement).order_by(Announcement.place)).all()
        assert [(row.place, row.reached, row.announced_at, row.noted_by_id) for row in rows] == [
            ("followers", 4, NOW, None),
            ("own_page", 0, NOW, None),
        ]


def test_publishing_notes_the_own_page(work: Work, look: Work) -> None:
    with work() as session:
        event = make_event(session, state=EventState.DRAFT, published_at=None)
        events.publish(session, event.id, now=NOW, actor="user:1", post=POST)
    with look() as session:
        [row] = session.query(Announcement).all()
        assert (row.place, row.announced_at) == ("own_page", NOW)


# --- while it waits to leave -----------------------------------------------------------------


def test_what_happens_while_the_letter_waits_counts(
    cli: FlaskCliRunner, work: Work, look: Work
) -> None:
    with work() as session:
        closes = NOW + timedelta(hours=30)  # so that the weekly letter goes at once
        stays = make_event(session, **titled("Består", registration_closes_at=closes))
        off = make_event(session, **titled("Ställs in", cpv=["48000000-8"]))
        for name, what in (
            ("both", Followed()),
            ("cancelled", Followed(off.organisation_id)),
            ("left", Followed()),
            ("refused", Followed()),
        ):
            make_follower(session, what, f"{name}@leverantor.example", **AT_ONCE)
        for cpv in ("", "48"):
            make_follower(session, Followed(cpv=cpv), "weekly@leverantor.example")
        ids, event_id = (stays.organisation_id, off.id), off.id
    run(work)
    assert len(told(look)) == 5
    with work() as session:
        rows = session.scalars(sa.select(Subscription).order_by(Subscription.id)).all()
        following.leave(session, rows[2].id, now=NOW)
        following.leave(session, rows[5].id, now=NOW)
        following.refuse(session, ids[0], "refused@leverantor.example", now=NOW)
        event_moves.cancel(session, event_id, {"sv": "X"}, now=NOW, actor="user:1", post=POST)
    assert cli.invoke(args=["worker", "--once"]).exit_code == 0
    with look() as session:
        mails = {row.recipient: row for row in session.scalars(sa.select(KeptMail))}
        assert set(mails) == {"both@leverantor.example", "weekly@leverantor.example"}
        for row in mails.values():
            assert row.subject == "Ny: Består"
            mail = message_from_bytes(row.raw, policy=SMTP)
            text = mail.get_body(("plain",)).get_content()
            assert "Ställs in" not in text
            assert len(re.findall(r"/sv/follow/f", text)) == 1
        letters = session.scalars(sa.select(Letter).where(Letter.status != "sent"))
        assert [(row.status, row.last_error) for row in letters] == [
            ("superseded", stale_news.STALE)
        ] * 3


# --- two at a time -----------------------------------------------------------------------------


def tell_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, both of which know what is due before either has told it, if they can."""
    both_know = threading.Barrier(2)
    due_of = follower_news._due_of

    def know_together(*args: Any, **options: Any) -> Any:
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_know.wait(timeout=0.7)
        return due_of(*args, **options)

    monkeypatch.setattr(follower_news, "_due_of", know_together)

    def one() -> None:
        with app.app_context(), unit_of_work() as session:
            follower_news.tell_followers(session, now=NOW, post=POST)

    threads = [threading.Thread(target=one) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def two_ways(work: Work) -> None:
    """One address that follows an event in two ways, both due."""
    with work() as session:
        event_id = make_event(session, cpv=["33196000-0"]).id
        make_follower(session, Followed(), **AT_ONCE)
        make_follower(session, Followed(cpv="33"), **AT_ONCE)
        follower_news.find_followers(session, event_id, now=NOW)


def test_two_workers_tell_once(
    app: Flask, work: Work, look: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_ways(work)
    tell_twice(app, monkeypatch)
    assert len(told(look)) == 1


def test_the_race_is_real_without_the_lock(
    app: Flask, work: Work, look: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    if app.config["SETTINGS"].is_sqlite:
        return  # it has one writer, whatever we forget

    def unlocked(session: Session, addresses: Sequence[str]) -> list[Subscription]:
        found = sa.select(Subscription).where(Subscription.email.in_(addresses))
        return list(session.scalars(found.order_by(Subscription.id)))

    monkeypatch.setattr(follower_news, "_lock", unlocked)
    two_ways(work)
    tell_twice(app, monkeypatch)
    assert len(told(look)) == 2


# --- many --------------------------------------------------------------------------------------


def many(session: Session, number: int) -> None:
    rows = [
        {
            "public_id": f"{n:012d}",
            "email": f"a{n}@leverantor.example",
            "created_at": NOW,
            "confirmed_at": NOW,
            "language": ("sv", "en", "nb")[n % 3],
            "key": "||||",
            "frequency": "at_once",
            "kinds": [],
            "phases": [],
            "cpv": "",
            "region": "",
        }
        for n in range(number)
    ]
    session.execute(sa.insert(Subscription), rows)


def test_hundreds_of_followers_in_few_statements(work: Work, look: Work, statements: Any) -> None:
    with work() as session:
        event_id = make_event(session).id
        make_event(session)
        many(session, 600)
    with work() as session, statements() as found:
        assert follower_news.find_followers(session, event_id, now=NOW) == 600
    assert len(found) <= 5
    with work() as session, statements() as ran:
        assert follower_news.tell_followers(session, now=NOW, post=POST) == 500
    assert len(ran) <= 12
    run(work)
    assert len(told(look)) == 1_100  # a hundred got both in one
    with look() as session:
        assert sorted(session.scalars(sa.select(Announcement.reached))) == [0, 0, 600, 600]


# --- forgetting --------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["over", "cancelled"])
def test_news_that_is_none_any_more_is_forgotten(work: Work, look: Work, why: str) -> None:
    with work() as session:
        event = make_event(session)
        make_follower(session, Followed())
        event_id = event.id
    run(work)
    now = NOW + timedelta(days=1 if why == "cancelled" else 60)
    if why == "cancelled":
        with work() as session:
            session.get_one(Event, event_id).state = EventState.CANCELLED
    with work() as session:
        housekeeping.tidy(session, now=now, sent_retention_days=180)
    with look() as session:
        assert session.query(FollowedEvent).count() == 0
        assert session.query(Subscription).count() == 1


def test_an_address_that_follows_is_somebodys(work: Work, look: Work) -> None:
    """Its letters stay while it follows; those of nobody go."""
    with work() as session:
        make_event(session)
        make_follower(session, Followed(), **AT_ONCE)
    run(work)
    with work() as session:
        forget_addresses(session, [MINE])
        assert session.query(Letter).filter_by(recipient=MINE).count() == 1
        forget_follower(session, MINE)
        assert session.query(FollowedEvent).count() == session.query(Subscription).count() == 0
        session.execute(sa.update(Letter).values(status="sent"))
        forget_addresses(session, [MINE])
        assert session.query(Letter).filter_by(recipient=MINE).count() == 0


def test_forgotten_by_one_organiser(work: Work, look: Work) -> None:
    with work() as session:
        here, other = make_organisation(session), make_organisation(session)
        for what in (Followed(here.id), Followed(other.id)):
            make_follower(session, what)
        session.add(MailRefusal(organisation_id=here.id, address=MINE, at=NOW))
        event = make_event(session, here)
        person = make_participant(session, make_registration(session, event), email=MINE)
        forget_follower(session, MINE, here.id)
        # What is erased of one event leaves the "no news" of whoever is registered to another.
        assert session.query(MailRefusal).count() == 1
        person.email = "borta@leverantor.example"
        forget_follower(session, MINE, here.id)
        other_id = other.id
    with look() as session:
        assert list(session.scalars(sa.select(Subscription.organisation_id))) == [other_id]
        assert session.query(MailRefusal).count() == 0
