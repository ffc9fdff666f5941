"""A page's form as a browser would send it: what stands in it, and what is then typed."""

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

_UNSENT = {"submit", "button", "image", "reset", "file"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": given.get("action", ""), "fields": [], "buttons": []})
        elif self.forms and tag in ("select", "option", "textarea", "button", "input"):
            getattr(self, f"_{tag}")(given, self.forms[-1]["fields"])

    def _select(self, given: dict[str, str], fields: list[list[str | None]]) -> None:
        self.select = given["name"]
        fields.append([self.select, None])

    def _option(self, given: dict[str, str], fields: list[list[str | None]]) -> None:
        if self.select and (fields[-1][1] is None or "selected" in given):
            fields[-1][1] = given.get("value", "")

    def _textarea(self, given: dict[str, str], fields: list[list[str | None]]) -> None:
        self.textarea = given["name"]
        fields.append([self.textarea, ""])

    def _button(self, given: dict[str, str], _fields: list[list[str | None]]) -> None:
        if "name" in given:
            self.forms[-1]["buttons"].append(given.get("value", ""))

    def _input(self, given: dict[str, str], fields: list[list[str | None]]) -> None:
        kind = given.get("type", "text")
        is_chosen = kind not in ("checkbox", "radio") or "checked" in given
        if kind not in _UNSENT and given.get("name") and is_chosen:
            fields.append([given["name"], given.get("value", "on")])

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.forms[-1]["fields"][-1][1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""


class PageForm:
    """`form["party_name"] = "..."`; a new name is added, None takes one away."""

    def __init__(self, client: FlaskClient, path: str, body: str, field: str) -> None:
        reader = _Reader()
        reader.feed(body)
        for form in reader.forms:
            if any(name == field for name, _ in form["fields"]):
                self.client, self.path = client, form["action"] or path
                self.buttons: list[str] = form["buttons"]
                self.fields = MultiDict([(name, value or "") for name, value in form["fields"]])
                # HTML drops the line break after <textarea>
                for name in self.fields:
                    values = self.fields.getlist(name)
                    self.fields.setlist(
                        name, [value.removeprefix("\r").removeprefix("\n") for value in values]
                    )
                return
        raise LookupError(f"no form with {field!r} on {path}")

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    def __setitem__(self, name: str, value: str | None) -> None:
        if value is None:
            self.fields.poplist(name)
        else:
            self.fields.setlist(name, [value])

    def send(self, action: str = "", **more: str) -> TestResponse:
        fields = MultiDict(self.fields)
        if action:
            fields["action"] = action
        fields.update(more)
        return self.client.post(self.path, data=fields)


def open_form(client: FlaskClient, path: str, field: str = "csrf_token") -> PageForm:
    page = client.get(path)
    assert page.status_code == 200, page.status_code
    return PageForm(client, path, page.text, field)


def form_of(client: FlaskClient, page: TestResponse, field: str = "csrf_token") -> PageForm:
    """The form of a page that came back."""
    return PageForm(client, page.request.path, page.text, field)


def problems_of(page: TestResponse) -> list[str]:
    """The sentences of the error summary."""
    summary = re.search(r'class="errsum".*?</div>', page.text, re.DOTALL)
    found = re.findall(r"<(?:a [^>]*|p)>(.*?)</(?:a|p)>", summary[0], re.DOTALL) if summary else []
    return [re.sub(r"<[^>]*>", "", text).strip() for text in found]
