"""The demo's suppliers and buyers sign up, each at a time of day in the days past."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dialognav.actions.participants import NewPerson
from dialognav.actions.registrations import Contact, Register, register
from dialognav.actions.seats import Wish
from dialognav.domain.parties import make_party, read_identifier
from dialognav.domain.terms import MODES_OF, Mode
from dialognav.mail.post import Post
from dialognav.models import Event


def sign_up_everyone(
    session: Session,
    event: Event,
    given: dict[str, Any],
    people: dict[str, list[dict[str, Any]]],
    *,
    now: datetime,
    post: Post,
) -> None:
    """As many registrations as the event asks for, spread from its opening until now."""
    parties = people["buyer" if given.get("buyers") else "supplier"]
    count = min(given["sign_ups"], len(parties))
    opened = event.registration_opens_at or now
    last = min(now, event.registration_closes_at or now) - timedelta(minutes=20)
    step = (last - opened) / max(count, 1)
    for number, party in enumerate(parties[:count]):
        at = opened + step * number + timedelta(minutes=7 * (number % 5))
        register(session, event.id, _command(event, party, post), now=at, post=post)


def _command(event: Event, party: dict[str, Any], post: Post) -> Register:
    modes = MODES_OF[event.format]
    persons = [_person(party, n, modes, event) for n in range(len(party["people"]))]
    contact = persons[0]
    identifier = read_identifier(party.get("identifier", ""), party["country"])
    kind = party.get("kind", "company")
    return Register(
        party=make_party(
            party["party"], kind, identifier, email=contact.email, secret=post.base_url
        ),
        contact=Contact(contact.name, contact.email),
        people=tuple(persons),
        language=party["language"],
    )


def _person(party: dict[str, Any], number: int, modes: tuple[Mode, ...], event: Event) -> NewPerson:
    name, title, mode = party["people"][number]
    is_first = number == 0
    letters = str.maketrans("åäöøæé", "aaooae")
    parts = name.lower().translate(letters).replace(".", "").replace(" ", ".")
    return NewPerson(
        name=name,
        email=f"{parts}@{party['domain']}",
        wish=Wish(mode if mode in modes else modes[0]),
        title=title,
        accessibility_need=party.get("need", "") if is_first else "",
        diet=party.get("diet", "") if is_first and event.serves_food else "",
    )
