"""The own page and what its people do: change, swap, add, withdraw (decisions.md 3, 10-12).

Every change is a POST; opening a link, however often, changes nothing.
"""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm, BaseForm, demand_token
from blueprints.public import staging
from blueprints.public.own_answers import (
    answer_views,
    given_of,
    may_still_answer,
    person_fields,
)
from blueprints.public.own_coming import coming_views
from blueprints.public.own_links import count_mail, mail_key, open_link, own_secret
from blueprints.public.own_meeting_line import own_meetings
from blueprints.public.own_messages import own_messages
from blueprints.public.own_page import frame_of, may_change, own_page
from blueprints.public.own_seats import change_of, wished_mode, with_own
from blueprints.public.person_form import AddressForm, OwnPersonForm
from blueprints.public.registrations import LANG, bp, mail_what_is_there
from blueprints.public.sessions import SessionView, by_id, refusal, session_views
from dialognav.actions import registrations
from dialognav.actions.registration_rules import contact_person
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyRegistered, NotFound, RuleBroken, TooLate
from dialognav.domain.terms import EventState
from dialognav.models import Participant
from dialognav.queries.registrations import Own, occupancy

OWN = LANG + "/r/<secret>"
Done = Callable[[], str | None]
"""Does it; returns the secret to go on with when the link was renewed."""


@bp.get(OWN)
def show(lang: str, secret: str) -> ResponseReturnValue:
    own = open_link(secret)
    if own.is_contact and own.registration.merged_into_id is not None:
        return merged_page(own, secret)
    is_new = "new" in request.args and own.is_contact and own.registration.withdrawn_at is None
    page = own_page(own, secret, is_new=is_new)
    template = "receipt" if is_new else "show"
    return render_template(
        f"public/registrations/{template}.html",
        form=ActionForm(),
        address_form=AddressForm(email=own.registration.contact_email),
        done=request.args.get("done", ""),
        coming=coming_views(own),
        messages=[] if is_new else own_messages(own, secret),
        one_to_one=own_meetings(own, secret),
        **answer_views(own),
        **page,
    )


@bp.get(OWN + "/add")
def add(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret, changing=True)
    return form_page(own, secret, "add", OwnPersonForm(own.event, answers=person_fields(own)))


@bp.post(OWN + "/add")
def create_person(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret)
    form = OwnPersonForm(own.event, answers=person_fields(own))
    if not form.validate():
        return form_page(own, secret, "add", form), 422
    registration_id, actor, command = own.registration.id, own.actor, form.command()
    key = mail_key(own)

    def work() -> None:
        with unit_of_work() as session:
            count_mail(session, key)
            registrations.add_person(
                session, registration_id, command, now=utcnow(), actor=actor, post=post()
            )

    return _try(work, form, secret, "add", done="added")


@bp.get(OWN + "/<participant>/edit")
def edit(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = to_change(secret)
    person = own.person(participant)
    form = _edit_form(own, person)
    return form_page(own, secret, "edit", form, person)


@bp.post(OWN + "/<participant>/edit")
def update(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = open_link(secret)
    person = own.person(participant)
    form = _edit_form(own, person)
    if not form.validate():
        return form_page(own, secret, "edit", form, person), 422
    change = registrations.Change(
        details=form.details,
        email=str(form.email.data) if own.is_contact else person.email,
        wish=form.wish if form.asks_seat else None,
        answers=given_of(form.answers),
    )
    person_id, actor, is_contact = person.id, own.actor, own.is_contact
    key, goes_elsewhere = mail_key(own), change.email != person.email

    def work() -> str:
        with unit_of_work() as session:
            if goes_elsewhere:
                count_mail(session, key)
            changed = registrations.change_person(
                session, person_id, change, now=utcnow(), actor=actor, post=post()
            )
            return own_secret(changed.registration if is_contact else changed)

    return _try(work, form, secret, "edit", participant, done="changed")


@bp.get(OWN + "/<participant>/swap")
def swap(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = as_contact(secret, changing=True)
    form = OwnPersonForm(own.event, answers=person_fields(own), with_seat=False)
    return form_page(own, secret, "swap", form, own.person(participant))


@bp.post(OWN + "/<participant>/swap")
def swap_in(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = as_contact(secret)
    person = own.person(participant)
    form = OwnPersonForm(own.event, answers=person_fields(own), with_seat=False)
    if not form.validate():
        return form_page(own, secret, "swap", form, person), 422
    person_id, actor, command = person.id, own.actor, form.command()
    key = mail_key(own)

    def work() -> None:
        with unit_of_work() as session:
            count_mail(session, key)
            registrations.swap_person(
                session, person_id, command, now=utcnow(), actor=actor, post=post()
            )

    return _try(work, form, secret, "swap", participant, done="swapped")


@bp.get(OWN + "/withdraw")
def withdraw(lang: str, secret: str) -> ResponseReturnValue:
    """Asks first. With a person's own link, everything is that person's seat."""
    own = to_change(secret)
    return form_page(own, secret, "withdraw", ActionForm(), own.participant)


@bp.post(OWN + "/withdraw")
def withdraw_all(lang: str, secret: str) -> ResponseReturnValue:
    own = open_link(secret)
    demand_token()
    person_id = own.participant.id if own.participant is not None else 0
    registration_id, actor, now = own.registration.id, own.actor, utcnow()
    with unit_of_work() as session:
        if person_id:
            registrations.withdraw_person(session, person_id, now=now, actor=actor, post=post())
        else:
            registrations.withdraw_all(session, registration_id, now=now, actor=actor, post=post())
    return redirect(url_for(".show", lang=lang, secret=secret, done="withdrawn"), 303)


@bp.get(OWN + "/<participant>/withdraw")
def confirm_withdrawal(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = to_change(secret)
    return form_page(own, secret, "withdraw", ActionForm(), own.person(participant))


@bp.post(OWN + "/<participant>/withdraw")
def withdraw_person(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    own = open_link(secret)
    person_id, actor = own.person(participant).id, own.actor
    demand_token()
    with unit_of_work() as session:
        registrations.withdraw_person(session, person_id, now=utcnow(), actor=actor, post=post())
    return redirect(url_for(".show", lang=lang, secret=secret, done="withdrawn"), 303)


def to_change(secret: str) -> Own:
    """Before a form is shown: TooLate when nothing is left that it could change."""
    own = open_link(secret)
    if not may_change(own):
        raise TooLate
    return own


def as_contact(secret: str, *, changing: bool = False) -> Own:
    """NotFound for a colleague's link: it controls that colleague only."""
    own = open_link(secret)
    if not own.is_contact:
        raise NotFound
    return to_change(secret) if changing else own


def _edit_form(own: Own, person: Participant) -> OwnPersonForm:
    """Filled with how things stand; who waits for another way of attending sees the one wished."""
    change = change_of(own.event, person)
    form = OwnPersonForm(
        own.event,
        change=change,
        answers=person_fields(own, person),
        with_mandate=may_still_answer(own.event, utcnow()),
        with_email=own.is_contact,
        with_seat=own.event.state == EventState.PUBLISHED,
        data={
            "name": person.name,
            "title": person.title,
            "email": person.email,
            "accessibility_need": person.access_need.need if person.access_need else "",
            "diet": person.diet.need if person.diet else "",
            "mode": wished_mode(person),
            "occasions": [str(each) for each in change.has],
            "mandate": person.mandate,
        },
    )
    form.said_mandate = person.mandate
    return form


def merged_page(own: Own, secret: str) -> str:
    """Where the link of a registration leads that has become a part of another."""
    done = request.args.get("done", "")
    page = frame_of(own, secret)
    return render_template(
        "public/registrations/merged.html", form=ActionForm(formdata=None), done=done, **page
    )


def form_page(
    own: Own, secret: str, name: str, form: BaseForm, person: Participant | None = None
) -> str:
    is_contact = person is not None and person is contact_person(own.registration)
    sessions: dict[str, SessionView] = {}
    if isinstance(form, OwnPersonForm):
        staging.stage(own.event.id, [form.answers])
        if "occasions" in form:
            held = occupancy(db.session(), [own.event.id])
            views = session_views(own.event, held, utcnow())
            sessions = with_own(views, person) if person and name == "edit" else by_id(views)
    return render_template(
        f"public/registrations/{name}.html",
        form=form,
        sessions=sessions,
        person=person,
        person_is_contact=is_contact,
        **frame_of(own, secret),
    )


def _try(
    work: Done, form: BaseForm, secret: str, name: str, participant: str = "", *, done: str
) -> ResponseReturnValue:
    """Do it and go back to the own page; a broken rule is said on the form, which stays filled."""
    lang = str((request.view_args or {})["lang"])
    try:
        secret = work() or secret
    except NotFound:
        raise
    except AlreadyRegistered:  # the new address has a registration of its own
        mail_what_is_there(form.data["email"])
        return redirect(url_for(".look_in_mail", lang=lang), 303)
    except RuleBroken as broken:
        own = open_link(secret)
        form.form_errors.append(refusal(own.event, broken))
        person = own.person(participant) if participant else None
        return form_page(own, secret, name, form, person), 409
    return redirect(url_for(".show", lang=lang, secret=secret, done=done), 303)
