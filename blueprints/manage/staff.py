"""Who works for the organisation: ask in, give a role, let go."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField

from blueprints import guard, limits
from blueprints.context import post
from blueprints.forms import (
    ActionForm,
    AddressField,
    AtMost,
    BaseForm,
    LineField,
    Required,
    demand_token,
    options,
)
from dialognav import words
from dialognav.actions import staff
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyStaff, LastAdministrator
from dialognav.domain.terms import LANGUAGES, Role
from dialognav.i18n import NAMES, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Membership
from dialognav.queries import access, accounts

bp = Blueprint("staff", __name__, url_prefix="/staff")

INVITATIONS_A_DAY = 100
ROLES = options(words.ROLES.items())


class RoleForm(BaseForm):
    role = SelectField(lazy("Role"), choices=ROLES, default=Role.PLANNER)
    mandate_note = LineField(
        lazy("Mandate"),
        [AtMost(500)],
        description=lazy("What the person may decide, by whose delegation."),
    )


class InviteForm(RoleForm):
    email = AddressField(
        lazy("E-mail address"), [Required(lazy("Enter the e-mail address of the person"))]
    )
    language = RadioField(
        lazy("Language of the invitation"),
        choices=options((code, NAMES[code][0]) for code in LANGUAGES),
    )

    def command(self) -> staff.Invitation:
        return staff.Invitation(
            email=self.email.data or "",
            role=self.role.data,
            language=self.language.data,
            mandate_note=self.mandate_note.data or "",
        )


@bp.get("")
def index() -> ResponseReturnValue:
    guard.require("staff")
    return _list()


@bp.post("")
def invite() -> ResponseReturnValue:
    guard.require("staff")
    form = InviteForm()
    if not form.validate():
        return _list(form), 422
    organisation_id, actor = guard.current_membership().organisation_id, guard.actor()
    limits.count("invitations", str(organisation_id), limit=INVITATIONS_A_DAY, seconds=86_400)
    try:
        with unit_of_work() as session:
            staff.invite(
                session, organisation_id, form.command(), now=utcnow(), actor=actor, post=post()
            )
    except AlreadyStaff:
        form.email.errors = [_("This person works for the organisation already.")]
        return _list(form), 422
    return redirect(url_for(".index", done="invited"), 303)


@bp.get("/<int(max=2147483647):member_id>")
def edit(member_id: int) -> ResponseReturnValue:
    member = _member(member_id)
    return _one(member, RoleForm(formdata=None, obj=member))


@bp.post("/<int(max=2147483647):member_id>")
def update(member_id: int) -> ResponseReturnValue:
    member = _member(member_id)
    form = RoleForm()
    if not form.validate():
        return _one(member, form), 422
    actor = guard.actor()
    try:
        with unit_of_work() as session:
            staff.change_role(
                session,
                member_id,
                form.role.data,
                form.mandate_note.data or "",
                now=utcnow(),
                actor=actor,
            )
    except LastAdministrator:
        form.role.errors = [_("An organisation keeps one administrator at least.")]
        return _one(_member(member_id), form), 422
    return redirect(url_for(".index", done="role"), 303)


@bp.post("/<int(max=2147483647):member_id>/invite-again")
def invite_again(member_id: int) -> ResponseReturnValue:
    organisation_id = _member(member_id).organisation_id
    demand_token()
    actor = guard.actor()
    limits.count("invitations", str(organisation_id), limit=INVITATIONS_A_DAY, seconds=86_400)
    with unit_of_work() as session:
        staff.invite_again(session, member_id, now=utcnow(), actor=actor, post=post())
    return redirect(url_for(".index", done="invited"), 303)


@bp.post("/<int(max=2147483647):member_id>/deactivate")
def deactivate(member_id: int) -> ResponseReturnValue:
    member = _member(member_id)
    demand_token()
    done = "withdrawn" if member.state == "invited" else "deactivated"
    actor = guard.actor()
    try:
        with unit_of_work() as session:
            staff.deactivate(session, member_id, now=utcnow(), actor=actor)
    except LastAdministrator:
        form = RoleForm(formdata=None, obj=_member(member_id))
        form.form_errors.append(_("An organisation keeps one administrator at least."))
        return _one(_member(member_id), form), 422
    return redirect(url_for(".index", done=done), 303)


@bp.post("/<int(max=2147483647):member_id>/reactivate")
def reactivate(member_id: int) -> ResponseReturnValue:
    _member(member_id)
    demand_token()
    actor = guard.actor()
    with unit_of_work() as session:
        staff.reactivate(session, member_id, now=utcnow(), actor=actor)
    return redirect(url_for(".index", done="reactivated"), 303)


def _member(member_id: int) -> Membership:
    return access.access_member(db.session(), guard.current_membership(), member_id)


def _list(form: InviteForm | None = None) -> str:
    here = guard.current_membership()
    return render_template(
        "manage/staff/index.html",
        rail="staff",
        form=form or InviteForm(formdata=None, language=here.organisation.primary_language),
        action=ActionForm(formdata=None),
        members=accounts.staff(db.session(), here.organisation_id),
        now=utcnow(),
        done=request.args.get("done", "") if form is None else "",
    )


def _one(member: Membership, form: RoleForm) -> str:
    return render_template(
        "manage/staff/edit.html",
        rail="staff",
        form=form,
        action=ActionForm(formdata=None),
        member=member,
        is_self=member.user_id == guard.current_user().id,
    )
