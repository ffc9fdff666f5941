"""Sign up by a personal invitation: the same form, filled in for the invited organisation."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.context import settings
from blueprints.public.event_rows import event_url
from blueprints.public.registration_form import RegistrationForm
from blueprints.public.registrations import (
    LANG,
    LARGEST,
    Door,
    blank_form,
    bp,
    show_form,
    take_form,
)
from blueprints.public.said import say
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.models import EventInvitation
from dialognav.queries.invitations import access_invitation, event_once_open, is_used


@bp.get(LANG + "/i/<secret>")
def invited(lang: str, secret: str) -> ResponseReturnValue:
    try:
        door = _door(secret)
    except NotFound:
        return _dead(secret)
    assert door.invitation
    if is_used(db.session(), door.invitation.id):
        return _used(door)
    return show_form(door, filled_form(door.invitation))


@bp.post(LANG + "/i/<secret>")
def create_invited(lang: str, secret: str) -> ResponseReturnValue:
    request.max_content_length = LARGEST
    try:
        door = _door(secret)
    except NotFound:
        return _dead(secret)
    return take_form(door)


def filled_form(invitation: EventInvitation) -> RegistrationForm:
    """A fresh form with what the organiser knows of the invited; everything can be corrected."""
    form = blank_form(invitation.event)
    form.party_name.data = invitation.party_name
    form.identifier.data = invitation.party_identifier
    form.country.data = invitation.party_country or form.country.data
    form.contact["name"].data = invitation.name
    form.contact["email"].data = invitation.email
    return form


def _keys() -> tuple[str, ...]:
    given = settings()
    return given.secret_key, *given.secret_key_fallbacks


def _door(secret: str) -> Door:
    invitation = access_invitation(db.session(), _keys(), secret)
    return Door(invitation.event, invitation, secret)


def _used(door: Door) -> ResponseReturnValue:
    """Somebody of the organisation has registered already: not who, not how it went."""
    event = door.event
    return render_template(
        "public/registrations/invitation_used.html",
        event=event,
        title=say(event.title, event.primary_language),
        url=event_url(event.slug),
        party=door.invitation and door.invitation.party_name,
        alternates=door.alternates,
    )


def _dead(secret: str) -> ResponseReturnValue:
    """A wrong address and a revoked link: kindly, and whom to ask where we may know."""
    event = event_once_open(db.session(), _keys(), secret)
    page = render_template(
        "public/registrations/invitation_dead.html",
        event=event,
        title=say(event.title, event.primary_language) if event else None,
        url=event_url(event.slug) if event else "",
    )
    return page, 404
