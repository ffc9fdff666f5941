"""Access tokens by the client credentials grant (RFC 6749 section 4.4), as Exchange Online asks."""

import json
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from config import MailIn
from dialognav.clock import utcnow

TIMEOUT = 15
_LARGEST = 64 * 1024
_EARLY = timedelta(minutes=2)
"""A token is renewed so long before it ends."""


class TokenRefused(Exception):
    """No token can be had now; says why in the server's words."""


class _NoRedirects(HTTPRedirectHandler):
    """The client's secret goes to the address that was set, and nowhere else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class Tokens:
    """Keeps a token while it lasts."""

    def __init__(self, inbox: MailIn) -> None:
        self._inbox = inbox
        self._token = ""
        self._ends_at: datetime | None = None

    def current(self) -> str:
        """Raises TokenRefused."""
        now = utcnow()
        if self._ends_at is None or now >= self._ends_at:
            self._token, lasts = self._ask()
            self._ends_at = now + timedelta(seconds=lasts) - _EARLY
        return self._token

    def forget(self) -> None:
        """The mail server refused it: the next one is asked for anew."""
        self._ends_at = None

    def _ask(self) -> tuple[str, int]:
        """A new token, and for how many seconds it is good."""
        inbox = self._inbox
        form = {
            "grant_type": "client_credentials",
            "client_id": inbox.client_id,
            "client_secret": inbox.client_secret,
            "scope": inbox.scope,
        }
        request = Request(inbox.token_url, urlencode(form).encode())  # noqa: S310 (https, by config)
        try:
            with build_opener(_NoRedirects).open(request, timeout=TIMEOUT) as response:
                given = json.loads(response.read(_LARGEST))
            token, lasts = str(given["access_token"]), int(given.get("expires_in", 300))
        except HTTPError as error:
            raise TokenRefused(f"token: {error.code} {_reason(error)}") from error
        except (URLError, OSError, HTTPException) as error:
            raise TokenRefused(f"token: {error}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TokenRefused("token: the answer holds none") from error
        if not token.isascii() or not token.isprintable():
            raise TokenRefused("token: the answer holds none")
        return token, min(lasts, 86_400)


def _reason(error: HTTPError) -> str:
    """`error_description` of RFC 6749 section 5.2, without what identifies the request."""
    try:
        said = json.loads(error.read(_LARGEST))
        words = str(said.get("error_description") or said.get("error") or "")
    except (ValueError, AttributeError, OSError, HTTPException):
        words = ""
    finally:
        error.close()
    return " ".join(words.partition("Trace ID")[0].split())[:250]
