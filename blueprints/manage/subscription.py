"""The organisation's events, drafts too, in a member's own calendar: made, renewed, revoked."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import external_url
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import current_membership, current_user, require
from blueprints.public.private_feeds import feed_address
from dialognav.actions import calendar_feeds
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile
from dialognav.queries import private_feeds
from dialognav.tokens import new_secret

bp = Blueprint("subscription", __name__)


@bp.get("/my-calendar")
def show() -> ResponseReturnValue:
    require("read")
    return _page(done=request.args.get("done", ""))


@bp.post("/my-calendar")
def make() -> ResponseReturnValue:
    """The page with the secret is the answer itself: it stands nowhere else. Sent once more, it
    leads to the page without, and the address that was shown goes on working."""
    require("read")
    demand_token()
    part, user, made = current_membership(), current_user(), new_secret()
    user_id, organisation_id, language = user.id, part.organisation_id, user.language
    instead_of = request.form.get("instead_of", "")
    try:
        with unit_of_work() as session:
            calendar_feeds.make_for_staff(
                session,
                user_id,
                organisation_id,
                made,
                language=language,
                instead_of=instead_of,
                now=utcnow(),
            )
    except EditedMeanwhile:
        return redirect(url_for(".show", done="made-before"), 303)
    return _page(feed_url=feed_address(made))


@bp.post("/my-calendar/revoke")
def revoke() -> ResponseReturnValue:
    require("read")
    demand_token()
    user_id, organisation_id = current_user().id, current_membership().organisation_id
    with unit_of_work() as session:
        calendar_feeds.revoke_for_staff(session, user_id, organisation_id, now=utcnow())
    return redirect(url_for(".show", done="revoked"), 303)


def _page(*, feed_url: str = "", done: str = "") -> str:
    part = current_membership()
    slug = part.organisation.slug
    return render_template(
        "manage/my_calendar.html",
        rail="profile",
        form=ActionForm(formdata=None),
        feed_url=feed_url,
        done=done,
        present=private_feeds.feed_of_member(db.session(), part.user_id, part.organisation_id),
        public_url=external_url(url_for("public.feeds.calendar", organisation=slug)),
    )
