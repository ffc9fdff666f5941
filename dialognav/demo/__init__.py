"""Demo data relative to today: two organisers, twenty-one events, suppliers (product.md 5).

Every state comes about the way it would in life: sign-ups go through `register`, the cancelled
event is cancelled by the action. Only the clock is turned back for what has already happened.
"""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import event_moves, events
from dialognav.demo.answers import answer_some
from dialognav.demo.drafts import draft_event, working_day
from dialognav.demo.followers import tell_some
from dialognav.demo.freed_places import free_some
from dialognav.demo.hosts import choose_hosts
from dialognav.demo.meetings import hand_out_meetings, plan_meetings
from dialognav.demo.messages import end_messages, write_messages
from dialognav.demo.privacy import ask_for_things
from dialognav.demo.questions import add_questions, answer_questions
from dialognav.demo.reviews import review_some
from dialognav.demo.sign_ups import sign_up_everyone
from dialognav.domain.terms import LetterStatus
from dialognav.mail.post import Post
from dialognav.models import Event, Letter, Membership, Organisation, User

CONTENT = Path(__file__).with_name("content.toml")
PASSWORD = "dialognav-demo"  # noqa: S105 - printed at every start of the demo


def accounts() -> list[tuple[str, str]]:
    """(address, role) of everyone who can sign in with PASSWORD."""
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    return [(s["email"], s["role"]) for o in content["organisation"] for s in o["staff"]]


def fill(session: Session, password_hash: str, *, now: datetime, post: Post) -> None:
    """Write the demo into an empty database, inside the caller's unit of work."""
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    organisations = {
        given["slug"]: add_organisation(session, given, password_hash, now=now)
        for given in content["organisation"]
    }
    people = {"supplier": content["supplier"], "buyer": content["buyer"]}
    for given in content["event"]:
        organiser, actor = organisations[given["organisation"]]
        event = draft_event(session, given, organiser, now=now)
        add_questions(session, event, now=event.created_at, actor=actor)
        choose_hosts(session, event, now=event.created_at, actor=actor)
        then = given.get("then", "")
        if then != "draft":
            bring_to_life(session, event, given, people, actor=actor, now=now, post=post)
    ask_for_things(session, organisations["region-nordvalla"], now=now, post=post)
    _region, actor = organisations["region-nordvalla"]
    tell_some(session, int(actor.removeprefix("user:")), now=now, post=post)
    write_messages(session, now=now, post=post)
    forget_old_letters(session, now=now)
    end_messages(session, now=now)
    answer_some(session, now=now, post=post)


def add_organisation(
    session: Session, given: dict[str, Any], password_hash: str, *, now: datetime
) -> tuple[Organisation, str]:
    """An organisation with its staff, and who acts for it in the audit."""
    made_at = now - timedelta(days=400)
    columns = {key: value for key, value in given.items() if key != "staff"}
    organisation = Organisation(**columns, primary_language="sv", created_at=made_at)
    session.add(organisation)
    session.flush()
    users = []
    for one in given["staff"]:
        user = User(
            name=one["name"],
            email=one["email"],
            password_hash=password_hash,
            language="sv",
            created_at=made_at,
        )
        session.add(user)
        session.add(
            Membership(
                user=user,
                organisation=organisation,
                role=one["role"],
                mandate_note=one["mandate"],
                created_at=made_at,
            )
        )
        users.append(user)
    session.flush()
    return organisation, f"user:{users[0].id}"


def bring_to_life(
    session: Session,
    event: Event,
    given: dict[str, Any],
    people: dict[str, list[dict[str, Any]]],
    *,
    actor: str,
    now: datetime,
    post: Post,
) -> None:
    """Publish, let people sign up, and then do what the event is to show."""
    then = given.get("then", "")
    if then == "schedule":
        at = working_day(now, 2, "08:00", event.zone)
        events.schedule(session, event.id, at, now=now, actor=actor)
        return
    opens = event.registration_opens_at or now
    published = min(opens, now) - timedelta(days=3)
    events.publish(session, event.id, now=published, actor=actor, post=post)
    plan_meetings(session, event, now=now, at=published, actor=actor, post=post)
    sign_up_everyone(session, event, given, people, now=now, post=post)
    answer_questions(session, event)
    free_some(session, event, given, now=now, post=post)
    review_some(session, event, given, actor=actor, now=now, post=post)
    hand_out_meetings(session, event, now=now, actor=actor, post=post)
    call_one_off(session, event, given, actor=actor, now=now, post=post)
    if then == "cancel":
        event_moves.cancel(
            session,
            event.id,
            given["reason"],
            now=now - timedelta(hours=20),
            actor=actor,
            post=post,
        )
    elif then == "postpone":
        event_moves.postpone(
            session,
            event.id,
            given["reason"],
            now=now - timedelta(hours=30),
            actor=actor,
            post=post,
        )


def call_one_off(
    session: Session,
    event: Event,
    given: dict[str, Any],
    *,
    actor: str,
    now: datetime,
    post: Post,
) -> None:
    """The session that `off` names by its number, cancelled yesterday."""
    if "off" in given:
        events.cancel_occasion(
            session,
            event.id,
            event.occasions[given["off"] - 1].id,
            given["reason"],
            now=now - timedelta(hours=15),
            actor=actor,
            post=post,
        )


def forget_old_letters(session: Session, *, now: datetime) -> None:
    """What would have left long ago has left: the mailbox starts with the last three days."""
    session.execute(
        sa.update(Letter)
        .where(Letter.status == LetterStatus.PENDING, Letter.due_at < now - timedelta(days=3))
        .values(status=LetterStatus.SENT, sent_at=Letter.due_at, attempts=1)
    )
    session.execute(
        sa.update(Letter).where(Letter.status == LetterStatus.PENDING).values(due_at=now)
    )
