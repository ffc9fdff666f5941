"""Signing in and out."""

import re
from dataclasses import dataclass

import flask
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from blueprints import guard, kept, limits
from blueprints.forms import ActionForm, AddressField, AtMost, BaseForm, Required
from dialognav import passwords, tokens
from dialognav.actions import accounts
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, TooMany
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, ngettext
from dialognav.queries.accounts import NOBODY, Credentials, credentials

bp = Blueprint("sessions", __name__)

WINDOW = 15 * 60  # seconds
PER_ACCOUNT = 10  # wrong passwords for one account from one address
PER_ADDRESS = 100  # wrong passwords from one address: an office shares one


class SignInForm(BaseForm):
    email = AddressField(lazy("E-mail address"), [Required(lazy("Enter your e-mail address"))])
    password = PasswordField(
        lazy("Password"),
        [Required(lazy("Enter your password")), AtMost(passwords.LONGEST)],
    )


@dataclass(frozen=True, slots=True)
class Proven:
    account: Credentials
    new_hash: str


@bp.get("/sign-in")
def new() -> ResponseReturnValue:
    if guard.signed_in() is not None:
        return redirect(_destination(), 303)
    return _page(SignInForm(formdata=None))


@bp.post("/sign-in")
def create() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    try:
        proven = _prove(form.email.data or "", form.password.data or "")
    except TooMany as broken:
        minutes = -(-broken.retry_after // 60)
        form.form_errors.append(
            ngettext(
                "Too many attempts. Wait %(num)s minute and try again.",
                "Too many attempts. Wait %(num)s minutes and try again.",
                minutes,
            )
        )
        return _page(form), 429, {"Retry-After": str(broken.retry_after)}
    secret = _begin(proven) if proven else ""
    if not secret:
        form.form_errors.append(_("The e-mail address or the password is wrong."))
        return _page(form), 422
    flask.session.clear()  # a token from before signing in proves nothing after
    return guard.give_secret(flask.make_response(redirect(_destination(), 303)), secret)


@bp.post("/sign-out")
def destroy() -> ResponseReturnValue:
    """The dead cookie stays: it tells whose text it was when another tab still holds some."""
    who = guard.signed_in()
    if who is not None and ActionForm().validate():
        user_id, browser_id = who.user.id, who.browser.id
        with unit_of_work() as session:
            accounts.end_session(session, user_id, browser_id, now=utcnow())
        flask.session.clear()
    return redirect(url_for("account.sessions.new"), 303)


def _prove(email: str, password: str) -> Proven | None:
    """Whom the password belongs to. As slow for an unknown address as for a wrong password."""
    address = limits.visitor_address()
    limits.count("sign-in-account", address, email, limit=PER_ACCOUNT, seconds=WINDOW)
    limits.count("sign-in-address", address, limit=PER_ADDRESS, seconds=WINDOW)
    account = credentials(db.session(), email)
    db.session.rollback()  # hashing takes its time: hold no transaction meanwhile
    if not passwords.is_password(account.password_hash, password) or account == NOBODY:
        return None
    outdated = passwords.is_outdated(account.password_hash)
    limits.take_back("sign-in-account", address, email, seconds=WINDOW)
    limits.take_back("sign-in-address", address, seconds=WINDOW)
    return Proven(account, passwords.hash_password(password) if outdated else "")


def _begin(proven: Proven) -> str:
    """The new session's secret, or '' when the account changed under our hands."""
    secret = tokens.new_secret()
    try:
        with unit_of_work() as session:
            accounts.begin_session(
                session,
                proven.account.user_id,
                proven.account.password_hash,
                secret,
                browser=browser_name(request.headers.get("User-Agent", "")),
                instead_of=guard.secret_of_browser(),
                now=utcnow(),
                new_hash=proven.new_hash,
            )
    except NotFound:
        return ""
    return secret


def browser_name(agent: str) -> str:
    """'Firefox, Windows' of a User-Agent, or '' when it names none we know."""
    makes = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
    make = next((name for mark, name in makes.items() if f"{mark}/" in agent), "")
    if not make and "Safari/" in agent:
        make = "Safari"
    system = next((name for name in systems if name in agent), "").replace("Mac OS X", "macOS")
    return ", ".join(part for part in (make, system) if part)


def _kept() -> str:
    """The secret of what was typed before the session ended, from the address of this page."""
    given = request.args.get("kept", "")
    return given if re.fullmatch(r"[\w-]{20,64}", given, re.ASCII) else ""


def _destination() -> str:
    if secret := _kept():
        return url_for("account.kept.show", secret=secret)
    return kept.own_page(request.args.get("next", "")) or guard.start_page()


def _page(form: SignInForm) -> str:
    """The form posts to its own address, so that language and way back stay in it."""
    news = next((name for name in ("joined", "chosen") if name in request.args), "")
    return render_template("account/sign_in.html", form=form, news="kept" if _kept() else news)
