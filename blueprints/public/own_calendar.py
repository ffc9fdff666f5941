"""All that one mail address is registered to, as a calendar to subscribe to.

Whoever reads the mail of the address gets it: the page behind the mailed link makes the secret,
and shows it once. Opening the link changes nothing; the POST uses it up (decisions.md 11).
"""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post, settings
from blueprints.forms import ActionForm, demand_token
from blueprints.public.links import MY, PER_ADDRESS, take_address
from blueprints.public.meta import alternates_of
from blueprints.public.own import OWN
from blueprints.public.own_links import count_mail, mail_key, open_link
from blueprints.public.person_form import AddressForm
from blueprints.public.private_feeds import feed_address
from blueprints.public.registrations import bp as own_bp
from dialognav.actions import calendar_feeds
from dialognav.actions.registration_rules import contact_person
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, TooMany
from dialognav.i18n import current_language
from dialognav.models import CalendarFeed
from dialognav.queries import private_feeds
from dialognav.rates import count_use, rate_key
from dialognav.tokens import new_secret

bp = Blueprint("calendars", __name__)

CALENDAR = MY + "/calendar"
LINK = CALENDAR + "/<secret>"


@bp.after_request
def keep_private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get(CALENDAR)
def new(lang: str) -> ResponseReturnValue:
    return _ask_page(AddressForm())


@bp.post(CALENDAR)
def create(lang: str) -> ResponseReturnValue:
    return take_address("calendar", _ask_page, _mail)


@bp.get(CALENDAR + "/sent")
def sent(lang: str) -> ResponseReturnValue:
    alternates = alternates_of("public.calendars.sent")
    return render_template("public/calendars/sent.html", alternates=alternates)


@bp.get(LINK)
def show(lang: str, secret: str) -> ResponseReturnValue:
    asked = _open(secret)
    if asked is None:
        return _dead_page()
    return render_template(
        "public/calendars/show.html",
        form=ActionForm(formdata=None),
        secret=secret,
        address=asked.address,
        present=private_feeds.feed_of_address(db.session(), asked.address),
        alternates=alternates_of("public.calendars.show", secret=secret),
    )


@bp.post(LINK + "/make")
def make(lang: str, secret: str) -> ResponseReturnValue:
    """The page with the secret is the answer itself: it stands nowhere else."""
    demand_token()
    asked, made = _open(secret), new_secret()
    if asked is None:
        return _dead_page()
    address, feed_id = asked.address, asked.id
    try:
        with unit_of_work() as session:
            calendar_feeds.make(session, feed_id, made, now=utcnow())
    except NotFound:
        return _dead_page()
    return render_template(
        "public/calendars/made.html", address=address, feed_url=feed_address(made)
    )


@bp.post(LINK + "/revoke")
def revoke(lang: str, secret: str) -> ResponseReturnValue:
    demand_token()
    asked = _open(secret)
    if asked is None:
        return _dead_page()
    feed_id = asked.id
    try:
        with unit_of_work() as session:
            calendar_feeds.revoke(session, feed_id, now=utcnow())
    except NotFound:
        return _dead_page()
    return redirect(url_for(".revoked", lang=lang), 303)


@bp.get(CALENDAR + "/revoked")
def revoked(lang: str) -> ResponseReturnValue:
    alternates = alternates_of("public.calendars.revoked")
    return render_template("public/calendars/revoked.html", alternates=alternates)


@own_bp.post(OWN + "/calendar")
def mail_own_calendar(lang: str, secret: str) -> ResponseReturnValue:
    """To the address that the link was mailed to, of a person who takes part."""
    own = open_link(secret)
    demand_token()
    person = own.participant or contact_person(own.registration)
    if person is None:
        raise NotFound
    key, address = mail_key(own), person.email
    with unit_of_work() as session:
        count_mail(session, key)
    _mail(address)
    own_page = url_for("public.registrations.show", lang=lang, secret=secret, done="calendar")
    return redirect(own_page, 303)


def _mail(address: str) -> None:
    """As links.py does: the answer is the same, and letters to one address are few."""
    now, language = utcnow(), current_language()
    key = rate_key("calendar-address", settings().secret_key, address)
    try:
        with unit_of_work() as session:
            count_use(session, key, limit=PER_ADDRESS, window_seconds=3600, now=now)
            found = private_feeds.takes_part(session, address, now=now)
            calendar_feeds.mail_link(
                session, address, found, language=language, now=now, post=post()
            )
    except TooMany:
        return


def _open(secret: str) -> CalendarFeed | None:
    given = settings()
    keys = (given.secret_key, *given.secret_key_fallbacks)
    try:
        return private_feeds.open_link(db.session(), keys, secret, now=utcnow())
    except NotFound:
        return None


def _ask_page(form: AddressForm) -> str:
    alternates = alternates_of("public.calendars.new")
    return render_template("public/calendars/new.html", form=form, alternates=alternates)


def _dead_page() -> ResponseReturnValue:
    """Used, run out, or never one of ours: the same answer, and the way to a new one."""
    return render_template("public/calendars/dead.html", form=AddressForm(formdata=None)), 404
