"""Follow what is published, by mail: ask, confirm, change, leave.

The address itself says yes: nothing is mailed before the POST behind the mailed link. Opening a
link changes nothing (decisions.md 11), and the answer to an address that is typed is always the
same (decisions.md 22).
"""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import external_url, post, settings
from blueprints.errors import words_of
from blueprints.forms import ActionForm, demand_token
from blueprints.public import filters
from blueprints.public.filters import Asked
from blueprints.public.follow_form import ChangeForm, FollowForm, asked_of
from blueprints.public.links import PER_ADDRESS, PER_SENDER
from blueprints.public.meta import alternates_of
from blueprints.public.own import OWN
from blueprints.public.own_links import count_mail, mail_key, open_link
from blueprints.public.registrations import bp as own_bp
from dialognav.actions import following
from dialognav.actions.following import Follow
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyFollowed, NotAllowedNow, NotFound, TooMany
from dialognav.domain.following import CONFIRM_WITHIN, Followed
from dialognav.followed_words import followed_parts
from dialognav.i18n import current_language, pick
from dialognav.models import Subscription
from dialognav.queries.following import is_ours, open_subscription
from dialognav.rates import count_use, rate_key

bp = Blueprint("following", __name__)

FOLLOW = "/<any(sv,en,nb):lang>/follow"
LINK = FOLLOW + "/<secret>"


@bp.after_request
def keep_private(response: Response) -> Response:
    if "secret" in (request.view_args or {}):
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get(FOLLOW)
def new(lang: str) -> ResponseReturnValue:
    asked = filters.read(request.args)
    return _ask_page(FollowForm(asked, formdata=None), asked)


@bp.post(FOLLOW)
def create(lang: str) -> ResponseReturnValue:
    form = FollowForm(filters.read(request.form))  # which may hold a longer code than we offer
    if not form.validate():
        return _ask_page(form, Asked()), 422
    if form.is_suspect:
        form.ask_first()
        return _ask_page(form, Asked(), asks=True), 422
    key = rate_key("follow", settings().secret_key, request.remote_addr or "")
    try:
        with unit_of_work() as session:
            count_use(session, key, limit=PER_SENDER, window_seconds=600, now=utcnow())
    except TooMany as broken:
        form.form_errors.append(words_of(broken))
        return _ask_page(form, Asked()), 429
    ask(str(form.email.data), form.command())
    return redirect(url_for(".sent", lang=lang), 303)


@bp.get(FOLLOW + "/sent")
def sent(lang: str) -> ResponseReturnValue:
    alternates = alternates_of("public.following.sent")
    return render_template("public/following/sent.html", alternates=alternates)


@own_bp.post(OWN + "/follow")
def follow_organiser(lang: str, secret: str) -> ResponseReturnValue:
    """The organiser's next events, to the address that the link was mailed to."""
    own = open_link(secret)
    demand_token()
    address = own.participant.email if own.participant else own.registration.contact_email
    wish = Follow(Followed(own.event.organisation_id), language=current_language())
    key = mail_key(own)
    with unit_of_work() as session:
        count_mail(session, key)
    ask(address, wish)
    own_page = url_for("public.registrations.show", lang=lang, secret=secret, done="follow")
    return redirect(own_page, 303)


def ask(address: str, wish: Follow) -> None:
    """As links.py does: letters to one address are few, and the answer does not tell."""
    now = utcnow()
    key = rate_key("follow-address", settings().secret_key, address)
    try:
        with unit_of_work() as session:
            count_use(session, key, limit=PER_ADDRESS, window_seconds=3600, now=now)
            following.ask(session, address, wish, now=now, post=post())
    except TooMany:
        return


# --- behind the mailed link --------------------------------------------------------------------


@bp.get(LINK)
def show(lang: str, secret: str) -> ResponseReturnValue:
    row = _open(secret)
    if row is None:
        return _dead_page(secret)
    return _link_page(row, secret, ChangeForm(row, formdata=None))


@bp.post(LINK)
def update(lang: str, secret: str) -> ResponseReturnValue:
    row = _open(secret)
    if row is None:
        return _dead_page(secret)
    form = ChangeForm(row)
    if not form.validate():
        return _link_page(row, secret, form), 422
    row_id, wish = row.id, form.command()
    try:
        with unit_of_work() as session:
            following.change(session, row_id, wish, now=utcnow())
    except (AlreadyFollowed, NotAllowedNow) as broken:
        form.form_errors.append(words_of(broken))
        row = _open(secret)
        return (_link_page(row, secret, form), 409) if row else _dead_page(secret)
    return redirect(url_for(".show", lang=lang, secret=secret, done="saved"), 303)


@bp.post(LINK + "/confirm")
def confirm(lang: str, secret: str) -> ResponseReturnValue:
    demand_token()
    row = _open(secret)
    if row is None:
        return _dead_page(secret)
    row_id = row.id
    try:
        with unit_of_work() as session:
            following.confirm(session, row_id, now=utcnow())
    except NotAllowedNow:
        return _dead_page(secret)
    return redirect(url_for(".show", lang=lang, secret=secret, done="confirmed"), 303)


def keys() -> tuple[str, ...]:
    given = settings()
    return (given.secret_key, *given.secret_key_fallbacks)


def parts_of(row: Subscription) -> list[str]:
    """What is followed, in words."""
    owner = row.organisation
    organiser = pick(owner.name, current_language(), owner.primary_language)[0] if owner else ""
    return followed_parts(
        organiser=organiser, kinds=row.kinds, phases=row.phases, cpv=row.cpv, region=row.region
    )


def _open(secret: str) -> Subscription | None:
    """None also when the question was not answered in time: its row goes within the hour."""
    try:
        row = open_subscription(db.session(), keys(), secret)
    except NotFound:
        return None
    is_late = row.confirmed_at is None and row.created_at + CONFIRM_WITHIN <= utcnow()
    return None if is_late else row


def _ask_page(form: FollowForm, asked: Asked, *, asks: bool = False) -> str:
    chosen = asked.chosen
    return render_template(
        "public/following/new.html",
        form=form,
        asks=asks,
        leaves_out=bool(chosen.words or chosen.formats or chosen.month),
        alternates=alternates_of("public.following.new", asked.as_feed().query()),
        **_feeds(asked),
    )


def _feeds(asked: Asked) -> dict[str, Any]:
    query = asked.feed_query(current_language())
    return {
        "feed_url": external_url(url_for("public.feeds.calendar") + query),
        "atom_url": external_url(url_for("public.feeds.atom") + query),
    }


def _link_page(row: Subscription, secret: str, form: ChangeForm) -> str:
    return render_template(
        "public/following/show.html",
        row=row,
        form=form,
        action=ActionForm(formdata=None),
        secret=secret,
        parts=parts_of(row),
        done=request.args.get("done", ""),
        alternates=alternates_of("public.following.show", secret=secret),
        **_feeds(asked_of(row)),
    )


def _dead_page(secret: str) -> ResponseReturnValue:
    """Never ours, unanswered too long, or left a while ago: nothing is mailed by it."""
    was_ours = is_ours(keys(), secret)
    return render_template("public/following/dead.html", was_ours=was_ours), 404
