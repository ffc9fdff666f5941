""" "Send me my links": the same answer whether or not the address is known."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post, settings
from blueprints.errors import words_of
from blueprints.public.meta import alternates_of
from blueprints.public.person_form import AddressForm
from dialognav.actions.links import mail_links
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import TooMany
from dialognav.i18n import current_language
from dialognav.queries.registrations import links_of
from dialognav.rates import count_use, rate_key

bp = Blueprint("links", __name__)

MY = "/<any(sv,en,nb):lang>/my"
PER_ADDRESS = 3  # letters to one address an hour
PER_SENDER = 30  # asks from one place in ten minutes


@bp.get(MY)
def new(lang: str) -> ResponseReturnValue:
    return _page(AddressForm())


@bp.post(MY)
def create(lang: str) -> ResponseReturnValue:
    return take_address("my", _page, _mail)


def take_address(
    bucket: str, page: Callable[[AddressForm], str], mail: Callable[[str], None]
) -> ResponseReturnValue:
    """An address that somebody asks for: counted by where they ask from, mailed, and on to `.sent`
    of the page's own blueprint."""
    form = AddressForm()
    if not form.validate():
        return page(form), 422
    key = rate_key(bucket, settings().secret_key, request.remote_addr or "")
    try:
        with unit_of_work() as session:
            count_use(session, key, limit=PER_SENDER, window_seconds=600, now=utcnow())
    except TooMany as broken:
        form.form_errors.append(words_of(broken))
        return page(form), 429
    mail(str(form.email.data))
    return redirect(url_for(".sent", lang=current_language()), 303)


@bp.get(MY + "/sent")
def sent(lang: str) -> ResponseReturnValue:
    return render_template("public/links/sent.html", alternates=alternates_of("public.links.sent"))


def _mail(email: str) -> None:
    """Whoever asks for one address again and again learns nothing: the answer stays the same, and
    three letters an hour are too few to tell the known from the unknown by the clock."""
    now = utcnow()
    try:
        with unit_of_work() as session:
            key = rate_key("my-address", settings().secret_key, email)
            count_use(session, key, limit=PER_ADDRESS, window_seconds=3600, now=now)
            found, people = links_of(session, email, now=now)
            language = current_language()
            mail_links(session, email, found, people, language=language, now=now, post=post())
    except TooMany:
        return


def _page(form: AddressForm) -> str:
    alternates = alternates_of("public.links.new")
    return render_template("public/links/new.html", form=form, alternates=alternates)
