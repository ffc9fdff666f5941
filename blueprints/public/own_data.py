""" "Your data": what is held about whoever has the link, and what one may ask (GDPR art. 13-17)."""

import json

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from blueprints.context import post, settings
from blueprints.errors import words_of
from blueprints.forms import (
    ActionForm,
    AtMost,
    BaseForm,
    Required,
    TextField,
    demand_token,
    options,
)
from blueprints.public.own import OWN, as_contact
from blueprints.public.own_links import count_mail, mail_key, open_link
from blueprints.public.own_page import frame_of, may_change
from blueprints.public.pages import AUTHORITIES
from blueprints.public.registrations import bp
from dialognav.actions import privacy
from dialognav.actions.registration_rules import contact_person
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyAsked, TooMany
from dialognav.domain.retention import answer_by, is_held
from dialognav.i18n import lazy
from dialognav.models import Participant
from dialognav.models.retention import held_numbers, rule_of
from dialognav.queries import own_data, own_letters
from dialognav.queries.registrations import Own


class WishForm(BaseForm):
    wish = RadioField(
        lazy("What do you want?"),
        [Required(lazy("Choose what you want"))],
        choices=options(
            [
                ("rectify", lazy("Have something corrected")),
                ("erase", lazy("Have my personal data erased")),
            ]
        ),
    )
    text = TextField(lazy("What is it about?"), [AtMost(2000)])


@bp.get(OWN + "/data")
def data(lang: str, secret: str) -> ResponseReturnValue:
    return _page(open_link(secret), secret, WishForm(formdata=None))


@bp.get(OWN + "/data.json")
def data_file(lang: str, secret: str) -> ResponseReturnValue:
    """A GET, because it writes nothing; the blueprint keeps it out of every cache."""
    own = open_link(secret)
    found = own_data.own_data(db.session(), own, _me(own), now=utcnow())
    body = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    answer = Response(body, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="own-data.json"'
    return answer


@bp.post(OWN + "/data")
def ask(lang: str, secret: str) -> ResponseReturnValue:
    own = open_link(secret)
    form = WishForm()
    if not form.validate():
        return _page(own, secret, form), 422
    registration_id, actor, key = own.registration.id, own.actor, mail_key(own)
    person_id = own.participant.id if own.participant is not None else None
    wish, text = str(form.wish.data), form.text.data or ""
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            privacy.ask(
                session,
                registration_id,
                person_id,
                wish,
                text,
                now=utcnow(),
                actor=actor,
                post=post(),
            )
    except (AlreadyAsked, TooMany) as broken:
        form.form_errors.append(words_of(broken))
        return _page(open_link(secret), secret, form), 409
    return redirect(url_for(".data", lang=lang, secret=secret, done="asked"), 303)


@bp.post(OWN + "/data/<participant>/forget-needs")
def forget_needs(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = open_link(secret)
    person_id, actor = own.person(participant).id, own.actor
    demand_token()
    with unit_of_work() as session:
        privacy.forget_needs(session, person_id, now=utcnow(), actor=actor)
    return redirect(url_for(".data", lang=lang, secret=secret, done="forgotten"), 303)


@bp.post(OWN + "/data/stop-invitations")
def stop_invitations(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret)
    registration_id, actor = own.registration.id, own.actor
    demand_token()
    with unit_of_work() as session:
        privacy.stop_invitations(session, registration_id, now=utcnow(), actor=actor)
    return redirect(url_for(".data", lang=lang, secret=secret, done="stopped"), 303)


def _me(own: Own) -> Participant | None:
    """The holder of the link among the people; a contact need not be."""
    return own.participant or contact_person(own.registration)


def _page(own: Own, secret: str, form: WishForm) -> str:
    event, session = own.event, db.session()
    held = held_numbers(session, event.organisation_id)
    rule = rule_of(event, event.organisation)
    return render_template(
        "public/registrations/data.html",
        form=form,
        action=ActionForm(formdata=None),
        done="" if form.errors else request.args.get("done", ""),
        me=_me(own),
        needing=[one for one in own.people if one.diet or one.access_need],
        letters=len(own_letters.letters_of(session, own, _me(own))),
        asked=own_data.requests_of(session, own),
        answer_by=answer_by,
        may_change=may_change(own),
        is_authority=event.organisation.kind in AUTHORITIES,
        is_held=is_held(event.diary_number, held),
        rule=rule,
        kept_until=own_data.kept_until(session, event),
        letter_months=round(settings().sent_retention_days / 30.5),
        registration=own.registration,
        **frame_of(own, secret),
    )
