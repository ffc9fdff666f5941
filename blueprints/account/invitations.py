"""Coming in by an invitation. Opening the link changes nothing; the form on it does, once."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.account.password_fields import NewPasswordForm, proven_link, unreferred
from blueprints.forms import ActionForm, AtMost, BaseForm, LineField, Required
from dialognav import passwords
from dialognav.actions import staff
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound
from dialognav.i18n import current_language, pick
from dialognav.i18n import lazy as _
from dialognav.models import OneTimeLink
from dialognav.queries.accounts import organisation_of

bp = Blueprint("invitations", __name__, url_prefix="/invitations")


class NewAccountForm(NewPasswordForm):
    name = LineField(_("Your name"), [Required(_("Enter your name")), AtMost(120)])


@bp.get("/<secret>")
def show(secret: str) -> ResponseReturnValue:
    try:
        link = proven_link(secret, "invite")
    except NotFound:
        return _dead()
    return _page(link, _form_for(link)(formdata=None, obj=link.user))


@bp.post("/<secret>")
def accept(secret: str) -> ResponseReturnValue:
    try:
        link = proven_link(secret, "invite")
        form = _form_for(link)()
        if isinstance(form, NewAccountForm):
            form.personal = (link.user.email, form.name.data or "")
        if not form.validate():
            return _page(link, form, 422)
        _come_in(link.id, form)
    except NotFound:
        return _dead()
    return redirect(url_for("account.sessions.new", joined=1), 303)


def _form_for(link: OneTimeLink) -> type[BaseForm]:
    """Who has an account already only says yes: an invitation is no way to change a password."""
    return ActionForm if link.user.password_hash else NewAccountForm


def _come_in(link_id: int, form: BaseForm) -> None:
    name = new_hash = ""
    if isinstance(form, NewAccountForm):
        db.session.rollback()  # nothing is held while hashing
        name, new_hash = form.name.data or "", passwords.hash_password(form.password.data or "")
    with unit_of_work() as session:
        staff.accept(session, link_id, name=name, new_hash=new_hash, now=utcnow())


def _page(link: OneTimeLink, form: BaseForm, status: int = 200) -> ResponseReturnValue:
    host = organisation_of(db.session(), link.organisation_id or 0)
    name, _language = pick(host.name, current_language(), host.primary_language)
    return unreferred(
        render_template("account/invitation.html", form=form, host=name, email=link.user.email),
        status,
    )


def _dead() -> ResponseReturnValue:
    return unreferred(render_template("account/dead_link.html", purpose="invite"), 404)
