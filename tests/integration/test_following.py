"""Following by mail: asked for by anybody, answered by the address, left by one click."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from blueprints.public import following as public_following
from dialognav.actions import following, privacy
from dialognav.actions.following import Follow
from dialognav.domain.following import MOST, Followed
from dialognav.jobs import housekeeping
from dialognav.mail.bounce_addresses import letter_link
from dialognav.models import (
    FollowedEvent,
    Letter,
    MailRefusal,
    Registration,
    Subscription,
)
from dialognav.models.labels import NOBODY
from dialognav.tokens import REFUSAL, REGISTRATION, SUBSCRIPTION, WEEKLY, make_link
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_participant, make_registration
from tests.fixtures import MakeApp, Work
from tests.integration.forms import open_form, problems_of
from tests.letter_samples import POST

MINE = "oskar@nordsensor.example"


def follow(client: FlaskClient, query: str = "", **typed: str) -> None:
    form = open_form(client, f"/sv/follow{query}")
    form["email"] = MINE
    for name, value in typed.items():
        form[name] = value
    answer = form.send()
    assert (answer.status_code, answer.location) == (303, "/sv/follow/sent")
    assert "Oskar" not in client.get(answer.location).text


def secret_of(app: Flask, look: Work, number: int = 0) -> str:
    with look() as session:
        rows = session.scalars(sa.select(Subscription).order_by(Subscription.id)).all()
        return make_link(app.config["SECRET_KEY"], SUBSCRIPTION, rows[number].public_id, 0)


def make_follower(
    session: Session, what: Followed, email: str = MINE, **given: str
) -> Subscription:
    row = Subscription(
        email=email,
        created_at=NOW,
        confirmed_at=NOW,
        language="sv",
        organisation_id=what.organisation_id,
        kinds=list(what.kinds),
        phases=list(what.phases),
        cpv=what.cpv,
        region=what.region,
        key=what.key,
        **given,
    )
    session.add(row)
    session.flush()
    return row


def letters(look: Work) -> list[tuple[str, str]]:
    with look() as session:
        rows = session.execute(sa.select(Letter.kind, Letter.recipient).order_by(Letter.id))
        return [(row.kind, row.recipient) for row in rows]


def states(look: Work) -> list[tuple[bool, bool]]:
    """[(confirmed, ended)]"""
    with look() as session:
        rows = session.scalars(sa.select(Subscription).order_by(Subscription.id))
        return [(row.confirmed_at is not None, row.ended_at is not None) for row in rows]


# --- asking ------------------------------------------------------------------------------------


def test_the_form_is_filled_in_with_the_filter_of_the_list(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, make_organisation(session, slug="region-tallvik"))
    page = client.get("/sv/?kind=seminar&cpv=3319&region=SE232&organisation=region-tallvik").text
    found = re.search(r'href="(/sv/follow\?[^"]*)"', page)
    assert found
    form = open_form(client, found[1].replace("&amp;", "&"))
    assert form["organisation"] == "region-tallvik"
    assert (form["kinds"], form["cpv"], form["region"]) == ("seminar", "3319", "SE232")
    assert form["frequency"] == "weekly"


def test_nothing_is_followed_before_the_address_has_said_yes(
    app: Flask, client: FlaskClient, look: Work
) -> None:
    follow(client, "?cpv=3319&region=SE23", kinds="seminar")  # longer than what the form offers
    assert letters(look) == [("follow_confirm", MINE)]
    assert states(look) == [(False, False)]
    path = f"/sv/follow/{secret_of(app, look)}"
    with look() as session:
        [asked] = session.query(Letter).one().facts["follow"]["subscriptions"]
        assert (asked["kinds"], asked["cpv"], asked["region"]) == (["seminar"], "3319", "SE23")
    page = client.get(path)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert states(look) == [(False, False)]  # a mail scanner opens every link
    answer = open_form(client, path).send()
    assert answer.status_code == 303
    assert states(look) == [(True, False)]
    assert client.get(answer.location).status_code == 200


@pytest.mark.parametrize("state", ["asked", "follows", "new"])
def test_the_answer_does_not_tell_who_follows(
    app: Flask, client: FlaskClient, look: Work, work: Work, state: str
) -> None:
    if state != "new":
        follow(client)
    if state == "follows":
        with work() as session:
            session.execute(sa.update(Subscription).values(confirmed_at=NOW))
    follow(client)
    expected = {"new": 1, "asked": 2, "follows": 2}[state]
    found = letters(look)
    assert len(found) == expected
    assert found[-1][0] == ("follow_links" if state == "follows" else "follow_confirm")
    assert len(states(look)) == 1


def test_letters_to_one_address_are_few(client: FlaskClient, look: Work) -> None:
    for kind in ("seminar", "workshop", "study_visit", "information_meeting", "market_dialogue"):
        follow(client, kinds=kind)
    assert len(letters(look)) == 3


def test_asking_from_one_place_is_limited(
    client: FlaskClient, look: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_following, "PER_SENDER", 2)
    form = open_form(client, "/sv/follow")
    for number in range(2):
        form["email"] = f"a{number}@nordsensor.example"
        assert form.send().status_code == 303
    form["email"] = MINE
    answer = form.send()
    assert answer.status_code == 429
    assert MINE in answer.text
    assert len(letters(look)) == 2


def test_a_robot_gets_its_form_back(make_app: MakeApp, clock: time_machine.Traveller) -> None:
    client = make_app(SIGNUP_MINIMUM_SECONDS="2").test_client()
    form = open_form(client, "/sv/follow")
    form["email"] = MINE
    again = form.send()
    assert again.status_code == 422
    assert MINE in again.text


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "nobody"},
        {"email": "a@b.example\r\nBcc: x@y.example"},
        {"organisation": "nobody-here"},
        {"cpv": "33'; DROP"},
        {"region": "\u202e"},
        {"frequency": "hourly"},
        {"frequency": ""},
    ],
)
def test_what_cannot_be_followed(client: FlaskClient, look: Work, typed: dict[str, str]) -> None:
    form = open_form(client, "/sv/follow")
    form["email"] = MINE
    for name, value in typed.items():
        form[name] = value
    answer = form.send()
    assert answer.status_code == 422
    assert problems_of(answer)
    assert letters(look) == []


def test_unknown_kinds_are_left_out(client: FlaskClient, look: Work) -> None:
    follow(client, kinds="<script>", phases="x" * 1000)
    with look() as session:
        assert session.query(Subscription).one().key == "||||"


def test_strange_filters_get_the_page(client: FlaskClient) -> None:
    for query in ("?cpv=%00", "?region=%F0%9F%92%A9", "?organisation=../..", "?kind=" + "x" * 3000):
        assert client.get("/sv/follow" + query).status_code in (200, 404)


def test_an_address_follows_so_much_and_no_more(work: Work, look: Work) -> None:
    """Questions that nobody answered, which anybody can ask, give way to a new one."""
    with work() as session:
        for number in range(MOST + 3):
            if number == MOST + 2:
                session.execute(sa.update(Subscription).values(confirmed_at=NOW))
            wish = Follow(Followed(cpv=str(10 + number)))
            following.ask(session, MINE, wish, now=NOW + timedelta(hours=number), post=POST)
    with look() as session:
        rows = session.scalars(sa.select(Subscription).order_by(Subscription.id))
        assert [row.cpv for row in rows] == [str(10 + number) for number in range(2, MOST + 2)]
    assert [kind for kind, _to in letters(look)] == ["follow_confirm"] * (MOST + 2) + [
        "follow_links"
    ]


def test_asked_twice_at_the_same_moment_is_asked_once(
    work: Work, look: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the second of two sees it that both found nothing."""
    wish = Follow(Followed())
    with work() as session:
        following.ask(session, MINE, wish, now=NOW, post=POST)
    monkeypatch.setattr(following, "_live_of", lambda _session, _address: [])
    with work() as session:
        following.ask(session, MINE, wish, now=NOW, post=POST)
    assert len(letters(look)) == len(states(look)) == 1


# --- behind the link ---------------------------------------------------------------------------


def test_changed_by_the_link(app: Flask, client: FlaskClient, work: Work, look: Work) -> None:
    with work() as session:
        make_follower(session, Followed())
    form = open_form(client, f"/sv/follow/{secret_of(app, look)}")
    form["kinds"], form["region"] = "workshop", "SE110"
    form["frequency"], form["language"] = "at_once", "nb"
    assert form.send().status_code == 303
    with look() as session:
        row = session.query(Subscription).one()
        assert (row.kinds, row.region, row.frequency, row.language) == (
            ["workshop"],
            "SE110",
            "at_once",
            "nb",
        )
        assert row.key == "|workshop|||SE110"


def test_not_the_same_twice(app: Flask, client: FlaskClient, work: Work, look: Work) -> None:
    with work() as session:
        make_follower(session, Followed())
        make_follower(session, Followed(cpv="33"))
    form = open_form(client, f"/sv/follow/{secret_of(app, look, 1)}")
    form["cpv"] = ""
    answer = form.send()
    assert answer.status_code == 409
    assert problems_of(answer)
    with look() as session:
        assert [row.cpv for row in session.query(Subscription).order_by(Subscription.id)] == [
            "",
            "33",
        ]


def test_a_link_that_was_not_answered_dies(
    app: Flask, client: FlaskClient, work: Work, look: Work, clock: time_machine.Traveller
) -> None:
    follow(client)
    path = f"/sv/follow/{secret_of(app, look)}"
    form = open_form(client, path)
    clock.move_to(NOW + timedelta(days=8))
    assert client.get(path).status_code == 404
    assert client.post(path + "/confirm", data=dict(form.fields)).status_code in (400, 404)
    with work() as session:
        housekeeping.tidy(session, now=NOW + timedelta(days=8), sent_retention_days=180)
    assert states(look) == []
    assert client.get(path).status_code == 404


def test_links_of_others_open_nothing(app: Flask, client: FlaskClient, work: Work) -> None:
    with work() as session:
        row = make_follower(session, Followed())
        public_id = row.public_id
    for secret in (
        make_link("another key" * 4, SUBSCRIPTION, public_id, 0),
        make_link(app.config["SECRET_KEY"], "r", public_id, 0),
        make_link(app.config["SECRET_KEY"], SUBSCRIPTION, public_id, 1),
        "x" * 5000,
        "%00",
    ):
        assert client.get(f"/sv/follow/{secret}").status_code == 404
        assert client.get(f"/sv/leave/{secret}").status_code == 404
        assert client.post(f"/sv/leave/{secret}").status_code == 404


# --- leaving -----------------------------------------------------------------------------------


def test_one_click_of_a_mail_program(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    """RFC 8058 section 3.2: a POST without cookies or any page before it."""
    with work() as session:
        make_follower(session, Followed())
    path = f"/en/leave/{secret_of(app, look)}"
    assert client.get(path).status_code == 200
    assert client.head(path).status_code == 200
    assert states(look) == [(True, False)]
    stranger = app.test_client()
    body = "List-Unsubscribe=One-Click"
    for _twice in range(2):
        answer = stranger.post(path, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200  # no redirect: some never follow one
        assert "Set-Cookie" not in answer.headers
        assert states(look) == [(True, True)]


def test_one_click_may_be_multipart(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        make_follower(session, Followed())
    data = {"List-Unsubscribe": "One-Click"}
    answer = client.post(
        f"/sv/leave/{secret_of(app, look)}", data=data, content_type="multipart/form-data"
    )
    assert answer.status_code == 200
    assert states(look) == [(True, True)]


def test_back_again(app: Flask, client: FlaskClient, work: Work, look: Work) -> None:
    with work() as session:
        make_follower(session, Followed())
    path = f"/sv/leave/{secret_of(app, look)}"
    client.post(path)
    assert client.post(path + "/back").status_code == 200
    assert states(look) == [(True, False)]
    client.post(path)
    with work() as session:
        make_follower(session, Followed())
    assert client.post(path + "/back").status_code == 200  # a sentence says that it is followed
    assert states(look) == [(True, True), (True, False)]


def test_whoever_left_is_forgotten_and_the_link_still_answers(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        event = make_event(session)
        row = make_follower(session, Followed())
        session.add(FollowedEvent(subscription_id=row.id, event_id=event.id, found_at=NOW))
        following.leave(session, row.id, now=NOW)
        make_registration(session, event, contact_email=MINE)
        refusal_of(app, session, event.organisation_id)
        session.execute(sa.update(Letter).values(kind="follow_news"))
    path = f"/sv/leave/{secret_of(app, look)}"
    for days, left in ((6, 1), (8, 0)):
        with work() as session:
            at = NOW + timedelta(days=days)
            housekeeping.tidy(session, now=at, sent_retention_days=180)
        assert len(states(look)) == left
        assert letters(look) == [("follow_news", MINE if left else NOBODY)]
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 200


def weekly_path(app: Flask, look: Work, number: int = 0) -> str:
    with look() as session:
        rows = session.scalars(sa.select(Subscription).order_by(Subscription.id)).all()
        secret = make_link(app.config["SECRET_KEY"], WEEKLY, rows[number].public_id, 0)
    return f"/sv/leave/{secret}"


def test_all_of_the_weekly_letter_or_each_by_itself(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        for cpv in ("33", "48"):
            make_follower(session, Followed(cpv=cpv))
        make_follower(session, Followed(cpv="80"), frequency="at_once")
        make_follower(session, Followed(cpv="90")).ended_at = NOW - timedelta(days=1)
        make_follower(session, Followed(cpv="33"), "annan@leverantor.example")
    path = weekly_path(app, look)
    before = [(True, False)] * 3 + [(True, True), (True, False)]
    page = client.get(path)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert states(look) == before
    for number in (0, 1):
        assert f"/sv/follow/{secret_of(app, look, number)}" in page.text
    for number in (2, 3, 4):
        assert secret_of(app, look, number) not in page.text
    for _twice in range(2):
        answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert [ended for _c, ended in states(look)] == [True, True, False, True, False]
    for _twice in range(2):  # what was left before the click stays left
        assert client.post(path + "/back").status_code == 200
        assert states(look) == before


def test_back_to_what_is_not_followed_otherwise_by_now(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        for cpv in ("33", "48"):
            make_follower(session, Followed(cpv=cpv))
    path = weekly_path(app, look)
    client.post(path)
    with work() as session:
        make_follower(session, Followed(cpv="33"), frequency="at_once")
    assert client.post(path + "/back").status_code == 200
    assert [ended for _c, ended in states(look)] == [True, False, False]


def test_the_weekly_letters_link_works_as_long_as_anything_is_followed(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    """Also where the row that it was made of was left long ago."""
    with work() as session:
        first = make_follower(session, Followed(cpv="33"))
        make_follower(session, Followed(cpv="48"))
        following.leave(session, first.id, now=NOW)
    path = weekly_path(app, look)
    at = NOW + timedelta(days=30)
    with work() as session:
        housekeeping.tidy(session, now=at, sent_retention_days=180)
    assert client.post(path).status_code == 200
    assert states(look) == [(True, True), (True, True)]
    with work() as session:
        housekeeping.tidy(session, now=at + timedelta(days=30), sent_retention_days=180)
    assert states(look) == []
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == client.post(path + "/back").status_code == 200


def test_each_link_opens_its_own_page_only(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        make_follower(session, Followed())
    weekly = weekly_path(app, look).removeprefix("/sv/leave/")
    single = secret_of(app, look)
    for path in (
        f"/sv/follow/{weekly}",
        f"/sv/leave/w{single[1:]}",
        f"/sv/leave/f{weekly[1:]}",
        f"/sv/leave/u{weekly[1:]}",
        f"/sv/leave/{weekly}x",
    ):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code in (400, 404)
    assert states(look) == [(True, False)]


def refusal_of(app: Flask, session: Session, organisation_id: int, recipient: str = MINE) -> str:
    letter = Letter(
        public_id=f"{len(recipient):032x}",
        organisation_id=organisation_id,
        kind="message",
        stream="x",
        recipient=recipient,
        language="sv",
        status="sent",
        created_at=NOW,
        due_at=NOW,
    )
    session.add(letter)
    session.flush()
    return "/sv/leave/" + letter_link(app.config["SECRET_KEY"], REFUSAL, letter.public_id)


def test_no_more_news_from_an_organiser(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        here, other = make_organisation(session), make_organisation(session)
        registration = make_registration(session, make_event(session, here), contact_email=MINE)
        registration.later_invitations = True
        for what in (Followed(here.id), Followed(other.id), Followed()):
            make_follower(session, what)
        path = refusal_of(app, session, here.id, "Oskar@Nordsensor.example")
        here_id = here.id
    assert "Region Tallvik" in client.get(path).text
    with look() as session:
        assert session.query(MailRefusal).count() == 0
    for _twice in range(2):
        assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with look() as session:
        [refusal] = session.query(MailRefusal).all()
        assert (refusal.organisation_id, refusal.address) == (here_id, MINE)
        assert not session.query(Registration).one().later_invitations
    assert [ended for _confirmed, ended in states(look)] == [True, False, False]
    assert client.post(path + "/back").status_code == 200
    assert [ended for _confirmed, ended in states(look)] == [False, False, False]
    with look() as session:
        assert session.query(MailRefusal).count() == 0


@pytest.mark.parametrize("link", ["its own", "the weekly letter's"])
def test_to_follow_again_is_to_be_told_again(
    app: Flask, client: FlaskClient, work: Work, look: Work, link: str
) -> None:
    """One click in a message of the organiser ended what was followed of it, too."""
    with work() as session:
        here = make_organisation(session)
        make_follower(session, Followed(here.id))
        following.refuse(session, here.id, MINE, now=NOW)
    path = weekly_path(app, look) if link != "its own" else f"/sv/leave/{secret_of(app, look)}"
    assert client.post(path + "/back").status_code == 200
    assert states(look) == [(True, False)]
    with look() as session:
        assert session.query(MailRefusal).count() == 0


def test_whoever_follows_an_organiser_wants_its_news_again(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        here = make_organisation(session)
        following.refuse(session, here.id, MINE, now=NOW)
        row = make_follower(session, Followed(here.id))
        row.confirmed_at = None
    assert open_form(client, f"/sv/follow/{secret_of(app, look)}").send().status_code == 303
    with look() as session:
        assert session.query(MailRefusal).count() == 0


def test_the_letter_of_an_erased_reader_refuses_for_nobody(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        path = refusal_of(app, session, make_organisation(session).id)
        session.execute(sa.update(Letter).values(recipient=NOBODY))
    assert client.post(path).status_code == 200
    with look() as session:
        assert session.query(MailRefusal).count() == 0


# --- at sign-up, and on the own page -----------------------------------------------------------


def test_ticked_at_sign_up_is_asked_by_mail(client: FlaskClient, work: Work, look: Work) -> None:
    with work() as session:
        event = make_event(session)
        slug, owner = event.slug, event.organisation_id
    form = open_form(client, f"/sv/events/{slug}/register")
    form["party_name"], form["contact-name"], form["contact-email"] = "Nordsensor", "Oskar", MINE
    form["later_invitations"] = "y"
    assert form.send("send").status_code == 303
    with look() as session:
        [row] = session.query(Subscription).all()
        assert (row.email, row.organisation_id, row.confirmed_at) == (MINE, owner, None)
    assert ("follow_confirm", MINE) in letters(look)


def test_taking_the_wish_back_on_the_own_page_ends_it(work: Work, look: Work) -> None:
    with work() as session:
        registration = make_registration(session, make_event(session), contact_email=MINE)
        registration.later_invitations = True
        make_follower(session, Followed(registration.event.organisation_id))
        make_follower(session, Followed())
        privacy.stop_invitations(session, registration.id, now=NOW, actor="self")
    assert [ended for _confirmed, ended in states(look)] == [True, False]


def test_the_own_page_asks_the_address_of_its_holder(
    app: Flask, client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        registration = make_registration(session, make_event(session), contact_email=MINE)
        make_participant(session, registration, email="kollega@nordsensor.example")
        key = app.config["SECRET_KEY"]
        path = "/sv/r/" + make_link(key, REGISTRATION, registration.public_id, 0)
    token = open_form(client, path)["csrf_token"]
    answer = client.post(path + "/follow", data={"csrf_token": token})
    assert answer.status_code == 303
    assert client.post(path + "/follow").status_code == 400
    assert letters(look) == [("follow_confirm", MINE)]


def test_whoever_follows_already_is_not_asked_at_sign_up(work: Work, look: Work) -> None:
    with work() as session:
        registration = make_registration(session, make_event(session), contact_email=MINE)
        make_follower(session, Followed(registration.event.organisation_id))
        following.ask_at_sign_up(session, registration, now=NOW, post=POST)
    assert letters(look) == []
