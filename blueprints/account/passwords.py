"""A forgotten password: a link by mail, which opens a form and does nothing until it is posted."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import limits
from blueprints.account.password_fields import NewPasswordForm, proven_link, unreferred
from blueprints.context import post, settings
from blueprints.forms import AddressField, BaseForm, Required
from dialognav import passwords, rates
from dialognav.actions import accounts
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound, TooMany
from dialognav.i18n import lazy as _
from dialognav.mail import notices

bp = Blueprint("passwords", __name__, url_prefix="/passwords")

HOUR = 3600
PER_ACCOUNT = 5
PER_ADDRESS = 30


class ForgottenForm(BaseForm):
    email = AddressField(_("E-mail address"), [Required(_("Enter your e-mail address"))])


@bp.get("/forgotten")
def new() -> ResponseReturnValue:
    return render_template("account/forgotten.html", form=ForgottenForm(formdata=None))


@bp.post("/forgotten")
def create() -> ResponseReturnValue:
    """Everybody gets the same answer, whether or not the address has an account."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("account/forgotten.html", form=form), 422
    limits.count("reset-address", limits.visitor_address(), limit=PER_ADDRESS, seconds=HOUR)
    _promise_link(form.email.data or "")
    return redirect(url_for(".sent", lang=request.args.get("lang")), 303)


@bp.get("/sent")
def sent() -> ResponseReturnValue:
    return render_template("account/forgotten_sent.html")


@bp.get("/<secret>")
def edit(secret: str) -> ResponseReturnValue:
    try:
        link = proven_link(secret, "reset")
    except NotFound:
        return _dead()
    return _page(NewPasswordForm(formdata=None), link.user.email)


@bp.post("/<secret>")
def update(secret: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    try:
        link = proven_link(secret, "reset")
        form.personal = (link.user.email, link.user.name)
        if not form.validate():
            return _page(form, link.user.email, 422)
        link_id = link.id
        _set_by_link(link_id, form.password.data or "")
    except NotFound:
        return _dead()
    return redirect(url_for("account.sessions.new", chosen=1), 303)


def _set_by_link(link_id: int, password: str) -> None:
    db.session.rollback()  # nothing is held while hashing
    new_hash = passwords.hash_password(password)
    with unit_of_work() as session:
        accounts.use_reset(session, link_id, new_hash, now=utcnow())


def _promise_link(email: str) -> None:
    """A known address and an unknown one take the same steps, up to the letter itself."""
    key = rates.rate_key("reset-account", settings().secret_key, email)
    now = utcnow()
    try:
        with unit_of_work() as session:
            rates.count_use(session, key, limit=PER_ACCOUNT, window_seconds=HOUR, now=now)
            link = accounts.make_reset(session, email, now=now)
            if link is not None:
                notices.tell_staff_link(session, link, None, now=now, post=post())
    except TooMany:
        return  # said to nobody: it would tell that the address has been asked for


def _page(form: NewPasswordForm, email: str, status: int = 200) -> ResponseReturnValue:
    page = render_template("account/new_password.html", form=form, email=email)
    return unreferred(page, status)


def _dead() -> ResponseReturnValue:
    return unreferred(render_template("account/dead_link.html", purpose="reset"), 404)
