"""What an organisation says about itself, and how its mail is signed."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import guard
from blueprints.context import post, settings
from blueprints.manage.settings_form import (
    SettingsBase,
    SettingsForm,
    form_of,
    label_of,
    settings_of,
    words_of,
)
from dialognav.actions import organisations
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import EditedMeanwhile

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def edit() -> ResponseReturnValue:
    guard.require("settings")
    return _page(form_of(guard.current_membership().organisation))


@bp.post("")
def update() -> ResponseReturnValue:
    guard.require("settings")
    form = SettingsForm()
    if not form.validate():
        return _page(form), 422
    organisation_id, actor = guard.current_membership().organisation_id, guard.actor()
    typed = form.version.data or ""
    try:
        with unit_of_work() as session:
            organisations.change_settings(
                session,
                organisation_id,
                form.command(),
                version=int(typed) if typed.isdecimal() and len(typed) < 10 else -1,
                now=utcnow(),
                actor=actor,
            )
    except EditedMeanwhile:
        return _page(form, theirs=_theirs(form)), 409
    return redirect(url_for(".edit", saved=1), 303)


def _theirs(form: SettingsBase) -> list[tuple[str, str]]:
    """[(setting, what is saved)] where the form says otherwise; sending it again replaces that."""
    organisation = guard.current_membership().organisation
    form.version.data = str(organisation.version)
    saved = settings_of(organisation)
    return [
        (label_of(name), words_of(name, getattr(saved, name)))
        for name in organisations.changed_settings(organisation, form.command())
    ]


def _inbox() -> str:
    """The organisation's address here, "" where no mail comes in."""
    slug = guard.current_membership().organisation.slug
    return post().address(slug, "") if post().takes_mail else ""


def _page(form: SettingsBase, theirs: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "manage/settings/edit.html",
        rail="settings",
        form=form,
        theirs=theirs,
        saved="saved" in request.args and not form.errors and theirs is None,
        installation_sender=settings().mail_sender,
        sender_domains=list(post().sender_domains),
        inbox=_inbox(),
    )
