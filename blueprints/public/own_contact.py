"""What only the contact does: correct an address, send again, renew the link, hand over."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import demand_token
from blueprints.public.meta import alternates_of
from blueprints.public.own import OWN, as_contact, form_page
from blueprints.public.own_links import count_mail, mail_key, open_link, own_secret
from blueprints.public.person_form import AddressForm, HandOverForm
from blueprints.public.registrations import LANG, bp, mail_what_is_there
from dialognav.actions import registrations
from dialognav.actions.registrations import Contact
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import AlreadyRegistered, NotAllowedNow, TooMany


@bp.get(OWN + "/address")
def address(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret, changing=True)
    return form_page(own, secret, "address", AddressForm(email=own.registration.contact_email))


@bp.post(OWN + "/address")
def correct_address(lang: str, secret: str) -> ResponseReturnValue:
    """The old link dies; the page goes on under the new one."""
    own = as_contact(secret)
    form = AddressForm()
    if not form.validate():
        return form_page(own, secret, "address", form), 422
    registration_id, actor, email = own.registration.id, own.actor, str(form.email.data)
    key = mail_key(own)
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            changed = registrations.correct_address(
                session, registration_id, email, now=utcnow(), actor=actor, post=post()
            )
            secret = own_secret(changed)
    except AlreadyRegistered:
        mail_what_is_there(email)
        return redirect(url_for(".look_in_mail", lang=lang), 303)
    except (NotAllowedNow, TooMany) as broken:
        form.form_errors.append(words_of(broken))
        return form_page(open_link(secret), secret, "address", form), 409
    return redirect(url_for(".show", lang=lang, secret=secret, done="address"), 303)


@bp.post(OWN + "/send-again")
def send_again(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret)
    demand_token()
    registration_id, actor, key = own.registration.id, own.actor, mail_key(own)
    with unit_of_work() as session:
        count_mail(session, key)
        registrations.send_again(session, registration_id, now=utcnow(), actor=actor, post=post())
    return redirect(url_for(".show", lang=lang, secret=secret, done="sent"), 303)


@bp.post(OWN + "/new-link")
def renew_link(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret)
    demand_token()
    registration_id, actor, key = own.registration.id, own.actor, mail_key(own)
    with unit_of_work() as session:
        count_mail(session, key)
        renewed = registrations.renew_link(
            session, registration_id, now=utcnow(), actor=actor, post=post()
        )
        secret = own_secret(renewed)
    return redirect(url_for(".show", lang=lang, secret=secret, done="new-link"), 303)


@bp.get(OWN + "/contact")
def contact(lang: str, secret: str) -> ResponseReturnValue:
    return form_page(as_contact(secret, changing=True), secret, "contact", HandOverForm())


@bp.post(OWN + "/contact")
def hand_over(lang: str, secret: str) -> ResponseReturnValue:
    """Whoever handed over goes on under an own link, or is told that it is done."""
    own = as_contact(secret)
    form = HandOverForm()
    if not form.validate():
        return form_page(own, secret, "contact", form), 422
    email = str(form.email.data)
    new = Contact(str(form.name.data), email, str(form.phone.data or ""))
    registration_id, actor, key = own.registration.id, own.actor, mail_key(own)
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            former = registrations.hand_over(
                session, registration_id, new, now=utcnow(), actor=actor, post=post()
            )
            own_link = own_secret(former) if former is not None else ""
    except AlreadyRegistered:
        mail_what_is_there(email)
        return redirect(url_for(".look_in_mail", lang=lang), 303)
    except (NotAllowedNow, TooMany) as broken:
        form.form_errors.append(words_of(broken))
        return form_page(open_link(secret), secret, "contact", form), 409
    if own_link:
        return redirect(url_for(".show", lang=lang, secret=own_link, done="handed-over"), 303)
    return redirect(url_for(".handed_over", lang=lang), 303)


@bp.get(LANG + "/handed-over")
def handed_over(lang: str) -> ResponseReturnValue:
    alternates = alternates_of("public.registrations.handed_over")
    return render_template("public/registrations/handed_over.html", alternates=alternates)
