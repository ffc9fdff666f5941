"""What a staff member settles alone: name, language, password, browsers, which organisation."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, RadioField

from blueprints import guard, limits
from blueprints.account.absence import AbsenceForm
from blueprints.account.absence import save as save_absence
from blueprints.account.password_fields import NewPasswordForm
from blueprints.forms import (
    ActionForm,
    AtMost,
    BaseForm,
    LineField,
    Required,
    demand_token,
    options,
)
from dialognav import passwords
from dialognav.actions import accounts
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotAllowedNow, TooMany
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import NAMES, lazy
from dialognav.i18n import gettext as _
from dialognav.queries import access
from dialognav.queries.accounts import browsers, credentials

bp = Blueprint("profile", __name__, url_prefix="/profile")
bp.before_request(guard.admit)
bp.context_processor(guard.staff_context)

WINDOW = 15 * 60  # seconds
WRONG_PASSWORDS = 10


class ProfileForm(BaseForm):
    name = LineField(lazy("Your name"), [Required(lazy("Enter your name")), AtMost(120)])
    language = RadioField(
        lazy("Language"), choices=options((code, NAMES[code][0]) for code in LANGUAGES)
    )


class ChangePasswordForm(NewPasswordForm):
    present = PasswordField(
        lazy("Present password"),
        [Required(lazy("Enter your present password")), AtMost(passwords.LONGEST)],
    )


@bp.get("")
def show() -> ResponseReturnValue:
    return _page()


@bp.post("")
def update() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate():
        return _page(profile=form), 422
    user_id = guard.current_user().id
    with unit_of_work() as session:
        accounts.change_profile(
            session, user_id, name=form.name.data or "", language=form.language.data
        )
    return redirect(url_for(".show", saved="profile"), 303)


@bp.post("/password")
def change_password() -> ResponseReturnValue:
    """The present password is asked for again: an unwatched screen must not be enough."""
    user = guard.current_user()
    form = ChangePasswordForm()
    form.personal = (user.email, user.name)
    if not form.validate():
        return _page(password=form), 422
    try:
        limits.count("own-password", str(user.id), limit=WRONG_PASSWORDS, seconds=WINDOW)
        changed = _change(form)
    except TooMany:
        changed = False
    if not changed:
        form.present.errors = [_("That is not your present password")]
        return _page(password=form), 422
    return redirect(url_for(".show", saved="password"), 303)


@bp.post("/browsers/<int(max=2147483647):browser_id>/sign-out")
def end_browser(browser_id: int) -> ResponseReturnValue:
    demand_token()
    user_id = guard.current_user().id
    access.access_own_session(db.session(), user_id, browser_id)
    with unit_of_work() as session:
        accounts.end_session(session, user_id, browser_id, now=utcnow())
    return redirect(url_for(".show", saved="browser"), 303)


@bp.post("/browsers/sign-out")
def end_all_browsers() -> ResponseReturnValue:
    """Everywhere, this browser too."""
    demand_token()
    user_id = guard.current_user().id
    with unit_of_work() as session:
        accounts.end_sessions(session, user_id, now=utcnow())
    return redirect(url_for("account.sessions.new"), 303)


@bp.post("/organisation")
def work_for() -> ResponseReturnValue:
    demand_token()
    wanted = request.form.get("organisation", "")
    user_id, browser_id = guard.current_user().id, guard.current_browser_id()
    with unit_of_work() as session:
        accounts.work_for(session, user_id, browser_id, wanted)
    return redirect(guard.start_page(), 303)


def _change(form: ChangePasswordForm) -> bool:
    """Whether the present password was right."""
    browser_id = guard.current_browser_id()
    known = credentials(db.session(), guard.current_user().email)
    db.session.rollback()  # nothing is held while hashing
    if not passwords.is_password(known.password_hash, form.present.data or ""):
        return False
    new_hash = passwords.hash_password(form.password.data or "")
    try:
        with unit_of_work() as session:
            accounts.change_password(
                session,
                known.user_id,
                known.password_hash,
                new_hash,
                browser_id=browser_id,
                now=utcnow(),
            )
    except NotAllowedNow:
        return False
    limits.take_back("own-password", str(known.user_id), seconds=WINDOW)
    return True


@bp.post("/absence")
def change_absence() -> ResponseReturnValue:
    form = AbsenceForm(guard.current_membership())
    return save_absence(form) or (_page(absence=form), 422)


def _page(
    profile: ProfileForm | None = None,
    password: ChangePasswordForm | None = None,
    absence: AbsenceForm | None = None,
) -> str:
    user = guard.current_user()
    who = guard.signed_in()
    assert who is not None
    return render_template(
        "account/profile.html",
        rail="profile",
        profile=profile or ProfileForm(formdata=None, obj=user),
        password=password or ChangePasswordForm(formdata=None),
        absence=absence or AbsenceForm(guard.current_membership(), formdata=None),
        form=profile or password or absence or ActionForm(formdata=None),
        action=ActionForm(formdata=None),
        browsers=browsers(db.session(), user.id, now=utcnow()),
        here=who.browser.id,
        parts=who.memberships,
        saved=request.args.get("saved", ""),
    )
