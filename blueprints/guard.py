"""Who of the staff is asking: before every page of the workspace, so that none can forget it.

The cookie holds 256 random bits, the database their hash. A session lasts twelve hours from
signing in or from the last thing done; looking changes nothing, so it prolongs nothing.
"""

from types import SimpleNamespace
from typing import Any, cast

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import kept
from blueprints.context import settings
from blueprints.forms import ActionForm
from dialognav import i18n
from dialognav.actions import accounts
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound
from dialognav.domain.permissions import may
from dialognav.models import Membership, User
from dialognav.queries.accounts import SignedIn
from dialognav.queries.accounts import signed_in as find_signed_in
from dialognav.tokens import fingerprint


def admit() -> ResponseReturnValue | None:
    """The guard of the workspace and of one's own account."""
    who = signed_in()
    if who is None:
        return redirect(kept.way_to_sign_in(secret_of_browser()), 303)
    i18n.speak(who.user.language)
    g.lang = who.user.language
    if who.membership is None:
        page = render_template("account/nowhere.html", signout_form=ActionForm(), staff=who.user)
        return page, 403
    if request.method == "POST":
        _stay(who)
    g.staff, g.membership, g.staff_id = who.user, who.membership, who.user.id
    return None


def signed_in() -> SignedIn | None:
    """Who is signed in, if anybody: one statement, once per request."""
    if "signed_in" not in g:
        secret = secret_of_browser()
        g.signed_in = (
            find_signed_in(db.session(), fingerprint(secret), now=utcnow()) if secret else None
        )
    return cast(SignedIn | None, g.signed_in)


def current_user() -> User:
    return cast(User, g.staff)


def current_membership() -> Membership:
    """The role and the organisation (`.organisation`) this request works for."""
    return cast(Membership, g.membership)


def current_browser_id() -> int:
    return cast(SignedIn, g.signed_in).browser.id


def actor() -> str:
    """The signed-in person as actions and the audit trail name them."""
    return f"user:{current_user().id}"


def allows(verb: str) -> bool:
    return may(current_membership().role, verb)


def require(verb: str) -> None:
    """NotFound unless the role grants the verb: what one may not do does not exist."""
    if not allows(verb):
        raise NotFound


def staff_context() -> dict[str, Any]:
    """What templates/manage/layout.html and the pages in it know."""
    if "membership" not in g:
        return {}
    part = current_membership()
    name, _ = i18n.pick(part.organisation.name, g.lang, part.organisation.primary_language)
    return {
        "staff": current_user(),
        "membership": part,
        "organisation": SimpleNamespace(
            name=name, slug=part.organisation.slug, zone=part.organisation.zone
        ),
        "may": allows,
        "rail": "",
        "signout_form": ActionForm(formdata=None),
    }


def keep_private(response: Response) -> Response:
    """What is behind the door stays out of every cache, the browser's own included."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- the cookie --------------------------------------------------------------------------------


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host over https (RFC 6265bis 4.1.3.2)."""
    return "__Host-staff" if settings().is_https else "staff"


def secret_of_browser() -> str:
    return request.cookies.get(cookie_name(), "")


def give_secret(response: Response, secret: str) -> Response:
    """Until the browser closes; the server decides when it ends before that."""
    response.set_cookie(
        cookie_name(),
        secret,
        path="/",
        httponly=True,
        secure=settings().is_https,
        samesite="Lax",
    )
    return response


def start_page() -> str:
    return url_for("manage.dashboard.show")


def _stay(who: SignedIn) -> None:
    now = utcnow()
    if now - who.browser.seen_at >= accounts.SEEN_EVERY:
        browser_id = who.browser.id
        with unit_of_work() as session:
            accounts.stay_signed_in(session, browser_id, now=now)
