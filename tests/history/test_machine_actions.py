"""Whatever parties and organisers do, in whatever order: every commit keeps every promise.

On SQLite, whose commits are fast; the letters leave now and then, as a worker would take them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from dialognav.actions import event_moves, offers, queue_ends, registrations, review
from dialognav.actions.participants import NewPerson
from dialognav.actions.registrations import Contact, Register, Wish
from dialognav.actions.rules import rules_of, save_rules
from dialognav.domain.calendar import content_hash, entry_from_json
from dialognav.domain.errors import RuleBroken
from dialognav.domain.parties import make_party
from dialognav.domain.reviews import fingerprint
from dialognav.domain.rules import marks
from dialognav.domain.terms import Mode, Review, Seat
from dialognav.mail import claims
from dialognav.models import Attendance, Event, Occasion, Participant, Registration
from dialognav.models.approvals import facts_of
from tests.factories import make_event
from tests.history.letters import Mail
from tests.history.machine_parts import POST, Stage, effort, stage

PARTIES = st.integers(1, 4)
CONTACTS = st.integers(1, 6)
MODES = st.sampled_from([Mode.ON_SITE, Mode.ONLINE])
PLACES = st.sampled_from([None, 0, 1, 2, 3])
PICKS = st.integers(0, 40)


class ActionsMachine(RuleBasedStateMachine):
    """One event, few places, few parties: everything happens close together."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.stage.begin()
        self.mails: list[Mail] = []
        self.names = 0

    @initialize(
        form=st.sampled_from(["on_site", "hybrid"]),
        on_site=st.integers(1, 3),
        online=PLACES,
        waiting_list=st.sampled_from([True, True, True, False]),
        promotion=st.sampled_from(["confirm", "offer"]),
        limit=st.sampled_from([None, 1, 3]),
        review=st.sampled_from([False, False, True]),
        together=st.booleans(),
    )
    def publish(self, form: str, **rules: Any) -> None:
        self.form = form
        with self.stage.work() as session:
            self.event_id = make_event(
                session,
                format=form,
                capacity_on_site=rules["on_site"],
                capacity_online=rules["online"],
                waiting_list=rules["waiting_list"],
                promotion=rules["promotion"],
                limit_per_party=rules["limit"],
                registration_review=rules["review"],
                offer_together=rules["together"],
            ).id

    # --- what parties do ------------------------------------------------------------------------

    @rule(party=PARTIES, contact=CONTACTS, modes=st.lists(MODES, min_size=1, max_size=3))
    def sign_up(self, party: int, contact: int, modes: list[str]) -> None:
        email = f"contact{contact}@firm{party}.example"
        people = tuple(self.person(mode, email if n == 0 else "") for n, mode in enumerate(modes))
        who = make_party(f"Firm {party} AB", "company", None, email=email, secret="s" * 32)
        contact_person = Contact(people[0].name, email)
        self.act(
            registrations.register,
            self.event_id,
            Register(who, contact_person, people, "sv"),
        )

    @rule(pick=PICKS, mode=MODES)
    def add(self, pick: int, mode: str) -> None:
        self.on_registration(pick, registrations.add_person, self.person(mode))

    @rule(pick=PICKS)
    def withdraw_all(self, pick: int) -> None:
        self.on_registration(pick, registrations.withdraw_all)

    @rule(pick=PICKS)
    def withdraw_one(self, pick: int) -> None:
        self.on_person(pick, registrations.withdraw_person)

    @rule(pick=PICKS)
    def swap(self, pick: int) -> None:
        self.on_person(pick, registrations.swap_person, self.person(Mode.ON_SITE))

    @precondition(lambda self: self.form == "hybrid")
    @rule(pick=PICKS, mode=MODES)
    def change_mode(self, pick: int, mode: str) -> None:
        self.on_person(pick, registrations.change_mode, Wish(mode))

    @rule(pick=PICKS)
    def rename(self, pick: int) -> None:
        self.names += 1
        details = registrations.Details(f"Another {self.names}")
        self.on_person(pick, registrations.change_details, details)

    @rule(pick=PICKS)
    def hand_over(self, pick: int) -> None:
        self.names += 1
        new = Contact(f"New {self.names}", f"new{self.names}@firm.example")
        self.on_registration(pick, registrations.hand_over, new)

    @rule(pick=PICKS)
    def correct_address(self, pick: int) -> None:
        self.names += 1
        right = f"right{self.names}@firm.example"
        self.on_person(pick, registrations.correct_person_address, right)

    @rule(pick=PICKS)
    def send_again(self, pick: int) -> None:
        self.on_registration(pick, registrations.send_again)

    @rule(pick=PICKS)
    def accept(self, pick: int) -> None:
        self.on_registration(pick, offers.accept_offers)

    @rule(pick=PICKS)
    def do_without(self, pick: int) -> None:
        self.on_registration(pick, offers.decline_offers)

    @rule(pick=PICKS)
    def join_again(self, pick: int) -> None:
        self.on_registration(pick, offers.join_again)

    # --- what organisers do ---------------------------------------------------------------------

    @rule(on_site=PLACES, online=PLACES)
    def set_places(self, on_site: int | None, online: int | None) -> None:
        with self.stage.look() as session:
            old = rules_of(session.get_one(Event, self.event_id))
        new = replace(old, capacity_on_site=on_site, capacity_online=online)
        self.act(save_rules, self.event_id, new, actor="user:1", expected=marks(old))

    @rule(picks=st.lists(PICKS, min_size=1, max_size=3))
    def approve(self, picks: list[int]) -> None:
        self.decide(picks, review.approve)

    @rule(picks=st.lists(PICKS, min_size=1, max_size=2))
    def decline(self, picks: list[int]) -> None:
        self.decide(picks, review.decline, review.Refusal("places", {}))

    @rule(pick=PICKS)
    def move_up(self, pick: int) -> None:
        waiting = sa.select(Attendance.id).where(Attendance.state == Seat.WAITING)
        of_event = waiting.join(Attendance.occasion).where(Occasion.event_id == self.event_id)
        self.on_one(pick, of_event, queue_ends.move_up, "other", "", actor="user:1")

    @rule()
    def postpone(self) -> None:
        self.act(event_moves.postpone, self.event_id, {"sv": "Sjukdom"}, actor="user:1")

    @rule(days=st.integers(20, 60))
    def set_new_date(self, days: int) -> None:
        at = self.stage.now + timedelta(days=days)
        times = at, at + timedelta(hours=3)
        self.act(
            event_moves.set_new_date,
            self.event_id,
            *times,
            closes_at=at - timedelta(days=1),
            actor="user:1",
        )

    @rule(days=st.integers(20, 60))
    def move(self, days: int) -> None:
        at = self.stage.now + timedelta(days=days)
        self.act(event_moves.move, self.event_id, at, at + timedelta(hours=3), actor="user:1")

    @precondition(lambda self: self.names > 12)
    @rule()
    def cancel(self) -> None:
        self.act(event_moves.cancel, self.event_id, {"sv": "Inställt"}, actor="user:1")

    # --- what happens by itself -----------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 10, 30, 400]))
    def time_passes(self, hours: int) -> None:
        self.stage.now += timedelta(hours=hours)

    @rule(hours=st.sampled_from([0, 26]))
    def jobs_run(self, hours: int) -> None:
        self.stage.now += timedelta(hours=hours)
        self.act(offers.lapse_offers, self.event_id)
        self.act(queue_ends.close_when_due, self.event_id)

    @rule(limit=st.integers(1, 6))
    def mail_leaves(self, limit: int) -> None:
        with self.stage.work() as session:
            for letter in claims.claim(session, now=self.stage.now, limit=limit):
                entry = letter.facts.get("entry") or {}
                self.mails.append(
                    Mail(
                        letter.public_id,
                        letter.recipient,
                        entry.get("uid", ""),
                        entry.get("sequence", -1),
                        letter.facts.get("method", ""),
                        content_hash(entry_from_json(entry)) if entry else "",
                    )
                )
                claims.settle_sent(session, letter, now=self.stage.now)

    def teardown(self) -> None:
        left = -1
        while len(self.mails) > left:
            left = len(self.mails)
            self.mail_leaves(100)
        self.stage.check(mails=self.mails)

    # --- how ------------------------------------------------------------------------------------

    def person(self, mode: str, email: str = "") -> NewPerson:
        self.names += 1
        wish = Wish(mode if self.form == "hybrid" else Mode.ON_SITE)
        return NewPerson(f"Person {self.names}", email or f"person{self.names}@firm.example", wish)

    def on_registration(self, pick: int, act: Any, *given: Any) -> None:
        of_event = Registration.event_id == self.event_id
        self.on_one(pick, sa.select(Registration.id).where(of_event), act, *given)

    def on_person(self, pick: int, act: Any, *given: Any) -> None:
        people = sa.select(Participant.id).join(Participant.registration)
        of_event = people.where(Registration.event_id == self.event_id)
        self.on_one(pick, of_event, act, *given)

    def on_one(
        self,
        pick: int,
        query: sa.Select[tuple[int]],
        act: Any,
        *given: Any,
        actor: str = "registration:x",
    ) -> None:
        ids = self.ids(query)
        if ids:
            self.act(act, ids[pick % len(ids)], *given, actor=actor)

    def decide(self, picks: list[int], act: Any, *given: Any) -> None:
        """On registrations as they stand; only now and then on one that nobody has to look at."""
        ids = self.ids(
            sa.select(Registration.id).where(
                Registration.event_id == self.event_id, Registration.review != Review.NONE
            )
        )
        if not ids:
            return
        chosen = {ids[pick % len(ids)] for pick in picks}
        with self.stage.look() as session:
            rows = [session.get_one(Registration, each) for each in sorted(chosen)]
            facts = facts_of(session, rows)
            looks = [
                review.Look(row.id, fingerprint(facts[row.id], str(row.review))) for row in rows
            ]
        self.act(act, self.event_id, looks, *given, actor="user:1", decided_by_id=None)

    def ids(self, query: sa.Select[tuple[int]]) -> Sequence[int]:
        with self.stage.look() as session:
            return session.scalars(query.order_by(sa.text("1"))).all()

    def act(self, act: Any, *given: Any, **options: Any) -> None:
        """A rule may forbid it; nothing else may go wrong."""
        try:
            with self.stage.work() as session:
                act(session, *given, now=self.stage.now, post=POST, **options)
        except RuleBroken:
            pass


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_actions_keep_every_promise(app: Any) -> None:
    with stage(app) as made:
        ActionsMachine.stage = made
        run(ActionsMachine, settings=effort(60, 25))
