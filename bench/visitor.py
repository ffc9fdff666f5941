"""A browser without a screen: keeps cookies, reads the forms of a page, sends them filled in."""

import http.client
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    body: str


class Visitor:
    """One visitor of one server; not shared between threads. Use as a context manager."""

    def __init__(self, address: str) -> None:
        self._server = http.client.HTTPConnection(
            urllib.parse.urlsplit(address).netloc, timeout=120
        )
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.close()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Fields) -> Answer:
        return self._ask("POST", path, urllib.parse.urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._server.request(method, path, body, headers)
        answer = self._server.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name.strip()] = value
        parts = urllib.parse.urlsplit(answer.headers.get("Location", ""))
        location = parts.path + (f"?{parts.query}" if parts.query else "")
        return Answer(answer.status, location, answer.read().decode())


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Fields]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), []))
        elif not self.found:
            return
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select and "selected" in given:
            self.found[-1][1].append((self._select, given.get("value", "")))
        elif tag == "textarea":
            self.found[-1][1].append((given.get("name", ""), ""))
        elif tag == "input" and _is_sent(given):
            self.found[-1][1].append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def _is_sent(given: dict[str, str]) -> bool:
    """As a browser does: no buttons, and boxes only when they are ticked."""
    kind = given.get("type", "text")
    if kind in ("submit", "button", "image", "reset", "file") or not given.get("name"):
        return False
    return kind not in ("checkbox", "radio") or "checked" in given


def form_with(body: str, field: str) -> tuple[str, Fields]:
    """(action, fields as they stand) of the form that has this field; a LookupError without one."""
    reader = _Forms()
    reader.feed(body)
    for action, fields in reader.found:
        if any(name == field for name, _ in fields):
            return action, fields
    raise LookupError(f"the page has no form with a field {field!r}")


def filled(fields: Fields, values: Mapping[str, str]) -> Fields:
    """The fields with these values put in, in the page's order; unknown names are an error."""
    names = {name for name, _ in fields}
    if unknown := values.keys() - names:
        raise LookupError(f"the form has no field {', '.join(sorted(unknown))}")
    return [(name, values.get(name, value)) for name, value in fields]
