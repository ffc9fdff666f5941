"""Answering the offer of a place, and joining the queue again; each a POST (decisions.md 11).

The contact answers for everybody or for one, a colleague for the own place only.
"""

from collections.abc import Callable

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import demand_token
from blueprints.public.own import OWN
from blueprints.public.own_links import count_mail, mail_key, open_link
from blueprints.public.registrations import bp
from dialognav.actions import offers
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import EventFull, LimitReached, NotAllowedNow, OfferOver
from dialognav.queries.registrations import Own

Verb = Callable[..., object]
_REFUSED = {
    "offer_over": "offer-over",
    "event_full": "queue-closed",
    "limit_reached": "limit",
    "not_allowed_now": "offer-over",
}
"""Code of a broken rule -> what the own page says of it."""


@bp.post(OWN + "/accept")
def accept_all(lang: str, secret: str) -> ResponseReturnValue:
    return _answer(lang, secret, "", offers.accept_offers, "accepted")


@bp.post(OWN + "/<participant>/accept")
def accept(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    return _answer(lang, secret, participant, offers.accept_offers, "accepted")


@bp.post(OWN + "/decline")
def decline_all(lang: str, secret: str) -> ResponseReturnValue:
    return _answer(lang, secret, "", offers.decline_offers, "declined")


@bp.post(OWN + "/<participant>/decline")
def decline(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    return _answer(lang, secret, participant, offers.decline_offers, "declined")


@bp.post(OWN + "/join-again")
def join_again_all(lang: str, secret: str) -> ResponseReturnValue:
    return _answer(lang, secret, "", offers.join_again, "joined-again")


@bp.post(OWN + "/<participant>/join-again")
def join_again(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    return _answer(lang, secret, participant, offers.join_again, "joined-again")


def _answer(lang: str, secret: str, participant: str, verb: Verb, done: str) -> ResponseReturnValue:
    """Without a person named, everybody whom the link opens."""
    own = open_link(secret)
    demand_token()
    person = own.person(participant) if participant else own.participant
    person_id = person.id if person is not None else None
    registration_id, actor, key = own.registration.id, own.actor, mail_key(own)
    which = _occasion(own)
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            verb(session, registration_id, person_id, which, now=utcnow(), actor=actor, post=post())
    except (OfferOver, EventFull, LimitReached, NotAllowedNow) as broken:
        done = _REFUSED[broken.code]
    return redirect(url_for(".show", lang=lang, secret=secret, done=done), 303)


def _occasion(own: Own) -> int | None:
    """Which of several the button was for; None for all of them."""
    asked = request.form.get("occasion", "")
    return next((each.id for each in own.event.occasions if str(each.id) == asked), None)
