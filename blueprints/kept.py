"""A session that ended while somebody wrote loses nothing (decisions.md 23).

What was posted is put aside for the person whose session it was, and comes back after signing in
as a form with everything in it and one button. Whoever never was signed in has nothing to lose.
"""

import re

from flask import request, url_for

from dialognav.actions import accounts
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.queries.accounts import lost_session
from dialognav.tokens import fingerprint, new_secret

LARGEST = 512 * 1024  # characters in all
MOST = 2000  # fields; as many as a form may have
_OWN_PAGE = re.compile(r"/(?:manage|account/profile)(?:/[\w\-./~%]*)?(?:\?[\w\-./~%=&+,:;]*)?")
_WITHHELD = re.compile(r"csrf_token|.*(password|lösenord)", re.IGNORECASE)


def way_to_sign_in(secret: str) -> str:
    """Where to send somebody who is not signed in, so that they come back to what they did."""
    if request.method == "POST":
        found = lost_session(db.session(), fingerprint(secret)) if secret else None
        if found is not None and (token := _put_aside(found.user_id)):
            return url_for("account.sessions.new", kept=token)
        return url_for("account.sessions.new")
    path = own_page(request.full_path.rstrip("?"))
    return url_for("account.sessions.new", next=path or None)


def own_page(path: str) -> str:
    """The path when it is one of the workspace's own, else ''."""
    fits = len(path) <= 500 and ".." not in path and "//" not in path
    return path if fits and _OWN_PAGE.fullmatch(path) else ""


def _put_aside(user_id: int) -> str:
    """The secret under which the typed fields wait, or '' when there is nothing worth keeping."""
    path = own_page(request.full_path.rstrip("?"))
    fields = [
        [name, value]
        for name, value in request.form.items(multi=True)
        if not _WITHHELD.fullmatch(name)
    ]
    size = sum(len(name) + len(value) for name, value in fields)
    if not path or not any(value.strip() for _, value in fields):
        return ""
    if size > LARGEST or len(fields) > MOST:
        return ""
    token = new_secret()
    with unit_of_work() as session:
        accounts.keep_form(session, user_id, token, path=path, fields=fields, now=utcnow())
    return token
