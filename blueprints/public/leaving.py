"""No more of this mail: by the button behind the link, or by a mail program's one click (RFC 8058).

The POST needs neither cookie nor token, because a mail program has none: the secret in the address
is what proves it, and it opens nothing else. It answers with a page and not with a redirect, which
some senders of one-click posts do not follow. A GET changes nothing.
"""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from blueprints.context import settings
from blueprints.errors import words_of
from blueprints.public.following import keys, parts_of
from blueprints.public.meta import alternates_of
from blueprints.public.said import say
from dialognav.actions import following
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyFollowed, NotFound
from dialognav.models import Subscription
from dialognav.queries.following import (
    Refusal,
    Weekly,
    is_ours,
    open_refusal,
    open_subscription,
    open_weekly,
)
from dialognav.tokens import SUBSCRIPTION, WEEKLY, make_link

bp = Blueprint("leaving", __name__)

LEAVE = "/<any(sv,en,nb):lang>/leave/<secret>"


@bp.after_request
def keep_private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get(LEAVE)
def show(lang: str, secret: str) -> ResponseReturnValue:
    return _page(secret)


@bp.post(LEAVE)
def leave(lang: str, secret: str) -> ResponseReturnValue:
    """A second time is as good as the first."""
    found = _open(secret)
    if isinstance(found, Subscription):
        row_id = found.id
        with unit_of_work() as session:
            following.leave(session, row_id, now=utcnow())
    elif isinstance(found, Weekly):
        with unit_of_work() as session:
            following.leave_weekly(session, found.address, now=utcnow())
    elif found is not None:
        organisation_id, address = found.organisation.id, found.address
        with unit_of_work() as session:
            following.refuse(session, organisation_id, address, now=utcnow())
    return _page(secret)


@bp.post(LEAVE + "/back")
def come_back(lang: str, secret: str) -> ResponseReturnValue:
    """It was a mistake, or a scanner that posts what it finds."""
    found, sentence = _open(secret), ""
    try:
        if isinstance(found, Subscription):
            row_id = found.id
            with unit_of_work() as session:
                following.come_back(session, row_id)
        elif isinstance(found, Weekly):
            with unit_of_work() as session:
                following.come_back_weekly(session, found.address)
        elif found is not None:
            organisation_id, address = found.organisation.id, found.address
            with unit_of_work() as session:
                following.come_back_to_news(session, organisation_id, address)
    except AlreadyFollowed as broken:
        sentence = words_of(broken)
    return _page(secret, sentence)


def _open(secret: str) -> Subscription | Weekly | Refusal | None:
    session = db.session()
    try:
        if secret.startswith(WEEKLY):
            return open_weekly(session, keys(), secret)
        if secret.startswith(SUBSCRIPTION):
            return open_subscription(session, keys(), secret)
        return open_refusal(session, keys(), secret)
    except NotFound:
        return None


def _page(secret: str, sentence: str = "") -> ResponseReturnValue:
    """How it is now. Who left long ago has left: our own link is never answered with a 404."""
    db.session().expire_all()
    found = _open(secret)
    if found is None and not is_ours(keys(), secret):
        raise NotFound
    if isinstance(found, Weekly):
        return _weekly_page(secret, found)
    if isinstance(found, Subscription):
        has_left, what = found.ended_at is not None, " · ".join(parts_of(found))
        address = found.email
    elif found is not None:
        owner = found.organisation
        has_left, what = found.is_refused, say(owner.name, owner.primary_language).words
        address = found.address
    else:
        has_left, what, address = True, "", ""
    return render_template(
        "public/following/leave.html",
        is_follower=secret.startswith(SUBSCRIPTION),
        has_left=has_left,
        what=what,
        address=address,
        sentence=sentence,
        secret=secret,
        alternates=alternates_of("public.leaving.show", secret=secret),
    )


def _weekly_page(secret: str, found: Weekly) -> str:
    """Each of what comes in the letter can be changed or ended by itself."""
    key = settings().secret_key
    return render_template(
        "public/following/leave_weekly.html",
        found=found,
        lines=[
            (" · ".join(parts_of(row)), make_link(key, SUBSCRIPTION, row.public_id, 0))
            for row in found.rows
        ],
        secret=secret,
        alternates=alternates_of("public.leaving.show", secret=secret),
    )
