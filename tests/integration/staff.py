"""Staff members for tests: who they are, and how they come to be signed in.

Fixtures `staff_client` and `sign_in` are imported by conftest.py. A form's token: `token_of(page)`.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dialognav import passwords, tokens
from dialognav.actions import accounts
from dialognav.domain.terms import Role
from dialognav.models import Organisation, User
from tests.conftest import NOW
from tests.factories import make_organisation, make_user
from tests.fixtures import Work

PASSWORD = "kanelbulle i snön"
_HASH = passwords.hash_password(PASSWORD)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Staff:
    """A signed-in browser: `client`, and the ids of who sits before it."""

    client: FlaskClient
    user_id: int
    organisation_id: int
    email: str

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST with a genuine token, as a page of ours would."""
        token = token_of(self.client.get("/account/profile"))
        return self.client.post(path, data={"csrf_token": token, **(data or {})}, **options)


SignIn = Callable[..., Staff]


def token_of(page: TestResponse) -> str:
    """The CSRF token of a page's first form."""
    found = _TOKEN.search(page.get_data(as_text=True))
    assert found, f"no form in the page ({page.status_code})"
    return html.unescape(found[1])


@pytest.fixture
def sign_in(app: Flask, work: Work) -> SignIn:
    """`sign_in(role="planner", organisation_id=..)`: a new member, signed in in a new browser."""

    def sign(role: str = Role.ADMIN, organisation_id: int | None = None, **given: Any) -> Staff:
        secret = tokens.new_secret()
        with work() as session:
            organisation = (
                session.get_one(Organisation, organisation_id)
                if organisation_id
                else make_organisation(session)
            )
            user = make_user(session, organisation, role, password_hash=_HASH, **given)
            _begin(session, user, secret)
            made = (user.id, organisation.id, user.email)
        client = app.test_client()
        client.set_cookie("staff", secret)
        return Staff(client, *made)

    return sign


@pytest.fixture
def staff(sign_in: SignIn) -> Staff:
    """An administrator of an organisation, signed in."""
    return sign_in()


@pytest.fixture
def staff_client(staff: Staff) -> FlaskClient:
    """The browser of a signed-in administrator; `staff` tells who and where."""
    return staff.client


def _begin(session: Any, user: User, secret: str) -> None:
    accounts.begin_session(
        session,
        user.id,
        user.password_hash,
        secret,
        browser="Firefox, Windows",
        instead_of="",
        now=NOW,
    )
