"""Registrations put together: the wish for it, and what an old link still does."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import demand_token
from blueprints.public.own import OWN, as_contact
from blueprints.public.own_links import count_mail, mail_key
from blueprints.public.registrations import bp
from dialognav.actions import merging
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import NotFound


@bp.post(OWN + "/merge")
def ask_to_merge(lang: str, secret: str) -> ResponseReturnValue:
    """The same answer whether there is another registration or not: it tells nobody who came."""
    own = as_contact(secret, changing=True)
    demand_token()
    registration_id, actor = own.registration.id, own.actor
    with unit_of_work() as session:
        merging.ask_to_merge(session, registration_id, now=utcnow(), actor=actor)
    return redirect(url_for(".show", lang=lang, secret=secret, done="merge-asked"), 303)


@bp.post(OWN + "/merged")
def send_merged_links(lang: str, secret: str) -> ResponseReturnValue:
    """To the address the old registration had; the page shows no new link to who holds the old."""
    own = as_contact(secret)
    if own.registration.merged_into_id is None:
        raise NotFound
    demand_token()
    registration_id, key = own.registration.id, mail_key(own)
    with unit_of_work() as session:
        count_mail(session, key)
        merging.send_own_links(session, registration_id, now=utcnow(), post=post())
    return redirect(url_for(".show", lang=lang, secret=secret, done="sent"), 303)
