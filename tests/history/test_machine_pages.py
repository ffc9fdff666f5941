"""Any page, any form on it, in any order: no answer is an error, and every promise is kept.

The forms are found on the pages, as a browser would find them, and filled with what their fields
are called. What was not foreseen by whoever wrote a page is sent all the same.
"""

import itertools
import threading
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run

from blueprints.public.own_links import own_secret
from dialognav import passwords, tokens
from dialognav.actions import accounts
from dialognav.models import Attendance, KeptMail, Participant, Registration, StaffSession
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_user
from tests.history.letters import read_mail
from tests.history.machine_parts import Stage, effort, stage
from tests.history.visitors import read_own_page
from tests.integration.forms import _Reader

PICKS = st.integers(0, 60)
OWN = ("", "/add", "/address", "/contact", "/withdraw", "/data", "/answers")
PERSON = ("edit", "swap", "withdraw")
MANAGE = ("", "/rules", "/review", "/queue", "/registrations", "/registrations/new", "/edit")
_HASH = passwords.hash_password("kanelbulle i snön")
_numbers = itertools.count(1)


class PagesMachine(RuleBasedStateMachine):
    stage: Stage
    clock: time_machine.Traveller

    def __init__(self) -> None:
        super().__init__()
        self.stage.begin()
        self.clock.move_to(NOW)
        app = self.stage.app
        self.visitor, self.staff = app.test_client(), app.test_client()
        with self.stage.look() as session:
            self.mailed = session.scalar(sa.select(sa.func.max(KeptMail.id))) or 0

    @initialize(
        form=st.sampled_from(["on_site", "hybrid"]),
        places=st.integers(1, 3),
        limit=st.sampled_from([None, 2, 3]),
        promotion=st.sampled_from(["confirm", "offer"]),
        review=st.sampled_from([False, False, True]),
    )
    def publish(
        self, form: str, places: int, limit: int | None, promotion: str, review: bool
    ) -> None:
        secret = tokens.new_secret()
        with self.stage.work() as session:
            organisation = make_organisation(session)
            user = make_user(session, organisation, password_hash=_HASH)
            event = make_event(
                session,
                organisation,
                format=form,
                online_url="https://meet.example/1" if form == "hybrid" else "",
                online_service="Teams" if form == "hybrid" else "",
                capacity_on_site=places,
                capacity_online=places,
                limit_per_party=limit,
                promotion=promotion,
                registration_review=review,
            )
            self.event_id, self.slug = event.id, event.slug
            self.manage = f"/manage/events/{event.public_id}"
            accounts.begin_session(
                session, user.id, _HASH, secret, browser="", instead_of="", now=NOW
            )
            session.execute(sa.update(StaffSession).values(expires_at=NOW + timedelta(days=999)))
        self.staff.set_cookie("staff", secret)

    # --- what people do -------------------------------------------------------------------------

    @rule(firm=st.integers(1, 4), colleagues=st.integers(0, 2))
    def sign_up(self, firm: int, colleagues: int) -> None:
        path = f"/en/events/{self.slug}/register"
        page = self.visitor.get(path)
        assert page.status_code == 200
        found = [form for form in forms_of(page.text) if "party_name" in dict(form["fields"])]
        if not found:
            return
        fields = filled(found[0]["fields"], firm=firm)
        for n in range(colleagues):
            fields[f"people-{n}-name"] = f"Colleague {next(_numbers)}"
            fields[f"people-{n}-email"] = f"c{next(_numbers)}@firm{firm}.example"
            if "contact-mode" in fields:
                fields[f"people-{n}-mode"] = fields["contact-mode"]
        self.post(self.visitor, path, fields)

    @rule(pick=PICKS, page=st.sampled_from(OWN), form=PICKS, button=PICKS)
    def on_own_page(self, pick: int, page: str, form: int, button: int) -> None:
        own = self.own(pick)
        if own:
            self.press(self.visitor, own + page, form, button)

    @rule(pick=PICKS, person=PICKS, page=st.sampled_from(PERSON), form=PICKS, button=PICKS)
    def on_a_persons_page(self, pick: int, person: int, page: str, form: int, button: int) -> None:
        own, ids = self.own(pick), self.people(pick)
        if own and ids:
            self.press(self.visitor, f"{own}/{ids[person % len(ids)]}/{page}", form, button)

    @rule(pick=PICKS)
    def look(self, pick: int) -> None:
        """What the page says is what the database says."""
        own = self.own(pick)
        if not own:
            return
        page = self.visitor.get(own)
        assert page.status_code == 200, page.status_code
        for name, state, _ in read_own_page(page.text):
            with self.stage.look() as session:
                states = session.scalars(
                    sa.select(Attendance.state)
                    .join(Attendance.participant)
                    .where(Participant.name == name)
                ).all()
            assert not state or state in states, (name, state, states)

    # --- what organisers do ---------------------------------------------------------------------

    @rule(page=st.sampled_from(MANAGE), form=PICKS, button=PICKS, places=st.integers(0, 4))
    def on_a_page_of_the_event(self, page: str, form: int, button: int, places: int) -> None:
        self.press(self.staff, self.manage + page, form, button, places=places)

    @rule(pick=PICKS, form=PICKS, button=PICKS)
    def on_a_registration(self, pick: int, form: int, button: int) -> None:
        ids = self.ids(
            sa.select(Registration.public_id).where(Registration.event_id == self.event_id)
        )
        if ids:
            path = f"/manage/registrations/{ids[pick % len(ids)]}"
            self.press(self.staff, path, form, button)

    @rule(pick=PICKS)
    def move_up(self, pick: int) -> None:
        ids = self.ids(
            sa.select(Attendance.id)
            .join(Attendance.participant)
            .join(Participant.registration)
            .where(Registration.event_id == self.event_id, Attendance.state == "waiting")
        )
        if ids:
            path = f"{self.manage}/queue/{ids[pick % len(ids)]}"
            self.press(self.staff, path, 0, 0, reason="other")

    # --- what happens by itself -----------------------------------------------------------------

    @rule(hours=st.sampled_from([0, 5, 26, 300]))
    def time_passes(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))
        self.run_jobs()

    def run_jobs(self) -> None:
        for job in self.stage.app.extensions["dialognav.jobs"]:
            going = True
            while going:
                with self.stage.app.app_context():
                    going = job.run(threading.Event())

    def teardown(self) -> None:
        self.run_jobs()
        with self.stage.look() as session:
            rows = session.scalars(
                sa.select(KeptMail).where(KeptMail.id > self.mailed).order_by(KeptMail.id)
            )
            mails = [read_mail(bytes(row.raw), row.recipient) for row in rows]
        self.stage.check(mails=mails)

    # --- how ------------------------------------------------------------------------------------

    def press(self, client: FlaskClient, path: str, form: int, button: int, **more: Any) -> None:
        """Open a page and send one of its forms by one of its buttons."""
        page = client.get(path)
        assert page.status_code < 500, (path, page.status_code)
        found = [
            each
            for each in forms_of(page.text)
            if "csrf_token" in dict(each["fields"]) and "sign-out" not in each["action"]
        ]
        if page.status_code != 200 or not found:
            return
        chosen = found[form % len(found)]
        fields = filled(chosen["fields"], **more)
        if chosen["buttons"]:
            fields["action"] = chosen["buttons"][button % len(chosen["buttons"])]
        self.post(client, chosen["action"] or path, fields)

    def post(self, client: FlaskClient, path: str, fields: dict[str, Any]) -> None:
        answer = client.post(path, data=fields)
        assert answer.status_code < 500, (path, answer.status_code)

    def own(self, pick: int) -> str:
        with self.stage.app.test_request_context(), self.stage.look() as session:
            rows = session.scalars(
                sa.select(Registration)
                .where(Registration.event_id == self.event_id)
                .order_by(Registration.id)
            ).all()
            return f"/en/r/{own_secret(rows[pick % len(rows)])}" if rows else ""

    def people(self, pick: int) -> list[str]:
        ids = self.ids(sa.select(Registration.id).where(Registration.event_id == self.event_id))
        return self.ids(
            sa.select(Participant.public_id).where(
                Participant.registration_id == ids[pick % len(ids)] if ids else sa.false()
            )
        )

    def ids(self, query: Any) -> list[Any]:
        with self.stage.look() as session:
            return list(session.scalars(query.order_by(sa.text("1"))))


def forms_of(body: str) -> list[dict[str, Any]]:
    reader = _Reader()
    reader.feed(body)
    return reader.forms


def filled(
    fields: list[list[str]], *, firm: int = 1, places: int | None = None, reason: str = ""
) -> dict[str, Any]:
    """What a field is called says what goes into it, where nothing stands yet."""
    typed: dict[str, Any] = {}
    for name, value in fields:
        last = name.rpartition("-")[2]
        if places is not None and last.startswith("capacity"):
            value = str(places)
        elif last == "reason" and reason:
            value = reason
        elif not value and last in ("name", "contact_name"):
            value = f"Person {next(_numbers)}"
        elif not value and "email" in last:
            value = f"person{next(_numbers)}@firm{firm}.example"
        elif not value and last == "party_name":
            value = f"Firm {firm} AB"
        elif not value and last in ("text", "reason_sv", "reason", "sv"):
            value = "Skäl som går att läsa"
        typed.setdefault(name, []).append(value or "")
    return typed


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_keep_every_promise(app: Flask, clock: time_machine.Traveller) -> None:
    with stage(app) as made:
        PagesMachine.stage, PagesMachine.clock = made, clock
        run(PagesMachine, settings=effort(6, 15))
