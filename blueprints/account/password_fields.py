"""Choosing a password: the fields, and a sentence for each weakness."""

from typing import Any

from flask import Response, g, make_response, request
from wtforms import PasswordField, ValidationError

from blueprints.context import settings
from blueprints.forms import BaseForm, Required
from dialognav import i18n, passwords, tokens
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import OneTimeLink
from dialognav.queries.accounts import one_time_link


class NewPasswordForm(BaseForm):
    """`personal` is what a guesser knows about the person."""

    personal: tuple[str, ...] = ()

    password = PasswordField(
        lazy("New password"),
        [Required(lazy("Choose a password"))],
        description=lazy("At least 12 characters. Several words in a row are easy to remember."),
    )

    def validate_password(self, field: Any) -> None:
        if field.data and (code := passwords.weakness(field.data, *self.personal)):
            raise ValidationError(sentence(code))


def sentence(weakness: str) -> str:
    """What to do about a weakness of passwords.weakness()."""
    return {
        "short": _("Choose a password of at least 12 characters"),
        "long": _("Choose a password of at most 200 characters"),
        "simple": _("Choose a password that is harder to guess than a row of keys"),
        "personal": _("Choose a password without your name and address in it"),
    }[weakness]


def proven_link(secret: str, purpose: str) -> OneTimeLink:
    """The link behind a genuine secret that still works, in its reader's language, or NotFound."""
    claim = tokens.read_link(secret)
    if claim is None or claim[0] != tokens.ONE_TIME:
        raise NotFound
    given = settings()
    keys = [given.secret_key, *given.secret_key_fallbacks]
    if not tokens.proves(keys, secret, claim[1], 0):
        raise NotFound
    link = one_time_link(db.session(), claim[1], purpose, now=utcnow())
    if link is None:
        raise NotFound
    if request.args.get("lang") not in LANGUAGES:
        i18n.speak(link.user.language)
        g.lang = link.user.language
    return link


def unreferred(page: str, status: int = 200) -> Response:
    """The address of the page is a secret: no request that follows may carry it."""
    return make_response(page, status, {"Referrer-Policy": "no-referrer"})
