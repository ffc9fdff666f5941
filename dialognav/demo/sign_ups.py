"""The demo's suppliers and buyers sign up, each at a time of day in the days past."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.invitations import invite
from dialognav.actions.participants import NewPerson
from dialognav.actions.registrations import Contact, Register, register
from dialognav.actions.seats import Wish
from dialognav.domain.invitation_lines import Invited
from dialognav.domain.parties import make_party, read_identifier
from dialognav.domain.terms import MODES_OF, Attending, Mode
from dialognav.mail.post import Post
from dialognav.models import Event, Membership


def sign_up_everyone(
    session: Session,
    event: Event,
    given: dict[str, Any],
    people: dict[str, list[dict[str, Any]]],
    *,
    now: datetime,
    post: Post,
) -> None:
    """As many registrations as the event asks for, spread from its opening until now.

    To an event for the invited, the first of those come by their invitations.
    """
    parties = people["buyer" if given.get("buyers") else "supplier"]
    invited = invite_parties(session, event, given, parties, now=now, post=post)
    if invited:
        parties = [party for party in parties if party["party"] in invited]
    count = min(given["sign_ups"], len(parties))
    opened = event.registration_opens_at or now
    last = min(now, event.registration_closes_at or now) - timedelta(minutes=20)
    step = (last - opened) / max(count, 1)
    for number, party in enumerate(parties[:count]):
        at = opened + step * number + timedelta(minutes=7 * (number % 5))
        command = _command(event, party, post, invited.get(party["party"]))
        register(session, event.id, command, now=at, post=post)


def invite_parties(
    session: Session,
    event: Event,
    given: dict[str, Any],
    parties: list[dict[str, Any]],
    *,
    now: datetime,
    post: Post,
) -> dict[str, int]:
    """{party's name: its invitation} of those whom the event names, invited when it opened."""
    named = [party for party in parties if party["party"] in given.get("invited", ())]
    if not named:
        return {}
    contacts = [_person(party, 0, MODES_OF[event.format], event) for party in named]
    people = [
        Invited(
            party_name=party["party"],
            email=contact.email,
            language=party["language"],
            name=contact.name,
            party_identifier=party.get("identifier", ""),
            party_country=party["country"],
        )
        for party, contact in zip(named, contacts, strict=True)
    ]
    staff = session.scalars(
        sa.select(Membership.user_id)
        .where(Membership.organisation_id == event.organisation_id)
        .order_by(Membership.id)
    ).first()
    made = invite(
        session,
        event.id,
        people,
        created_by_id=staff or 0,
        now=min(now, event.registration_opens_at or now),
        actor=f"user:{staff}",
        post=post,
    )
    return {each.party_name: each.id for each in made}


def _command(
    event: Event, party: dict[str, Any], post: Post, invitation_id: int | None
) -> Register:
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
        invitation_id=invitation_id,
    )


def _chosen(event: Event, name: str) -> tuple[int, ...]:
    """One or two sessions, always the same for the same name; none: all of them."""
    if event.attending != Attending.CHOOSE:
        return ()
    ids = [occasion.id for occasion in event.occasions]
    first = len(name) % len(ids)
    return tuple(sorted({ids[first], ids[(first + len(name) // 6) % len(ids)]}))


def _person(party: dict[str, Any], number: int, modes: tuple[Mode, ...], event: Event) -> NewPerson:
    name, title, mode = party["people"][number]
    is_first = number == 0
    letters = str.maketrans("åäöøæé", "aaooae")
    parts = name.lower().translate(letters).replace(".", "").replace(" ", ".")
    return NewPerson(
        name=name,
        email=f"{parts}@{party['domain']}",
        wish=Wish(mode if mode in modes else modes[0], _chosen(event, name)),
        title=title,
        accessibility_need=party.get("need", "") if is_first else "",
        diet=party.get("diet", "") if is_first and event.serves_food else "",
    )
