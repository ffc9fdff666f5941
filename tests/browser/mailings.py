"""Mailings in every state, beside those of the demo: for the pages that show them."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import MessageState
from dialognav.models import LetterText, Message, MessageTemplate, User
from tests.conftest import NOW

_WORDS = ("subject", "body", "audience", "organisation_id", "event_id", "author_id")


def make_mailings(session: Session) -> dict[str, str]:
    """{"message_<state>_id": public id}, and one across several events."""
    of_demo = {row.state: row for row in session.scalars(sa.select(Message).order_by(Message.id))}
    waiting = of_demo[MessageState.SUBMITTED]
    found = {f"message_{state}_id": row.public_id for state, row in of_demo.items()}
    started = {"started_at": NOW, "written_at": NOW}
    approver = session.scalars(sa.select(User.id).order_by(User.id)).first()
    approved = {"approved_at": NOW, "approved_by_id": approver}
    others = {
        # Of those it would have reached, one is there no more; many have come.
        "approved": _copy(waiting, "approved", **approved, approved_recipients=[1, 2]),
        "scheduled": _copy(waiting, "scheduled", **approved, send_at=NOW + timedelta(days=9)),
        "sending": _copy(waiting, "sending", **approved, started_at=NOW, is_urgent=True),
        "paused": _copy(waiting, "paused", **approved, **started),
        "stopped": _copy(waiting, "stopped", **approved, **started, finished_at=NOW),
        "across": _copy(waiting, "draft", event_id=None, subject={}, approval_note="Fel dag."),
    }
    template = _template(waiting)
    session.add_all([*others.values(), template, _own_words(waiting)])
    session.flush()
    found["template_id"] = template.public_id
    return found | {f"message_{name}_id": row.public_id for name, row in others.items()}


def _template(row: Message) -> MessageTemplate:
    return MessageTemplate(
        organisation_id=row.organisation_id,
        event_id=row.event_id,
        name="Inför dagen",
        subject=row.subject,
        body=row.body,
        created_at=NOW,
        changed_at=NOW,
    )


def _own_words(row: Message) -> LetterText:
    """Of the organisation, in the confirmation."""
    return LetterText(
        organisation_id=row.organisation_id,
        kind="place_confirmed",
        subject={"sv": "Välkommen till {händelse}"},
        opening={"sv": "Vi är **glada** att du kommer, {förnamn}."},
        closing={"sv": "- Ta med legitimation\n- Parkera bakom huset"},
        changed_at=NOW,
    )


def _copy(row: Message, state: str, **given: object) -> Message:
    words = {name: getattr(row, name) for name in _WORDS}
    return Message(**words | {"state": state, "created_at": NOW, "changed_at": NOW} | given)
