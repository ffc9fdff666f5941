"""What an organiser types is shown as text with a little structure, never as code."""

from html.parser import HTMLParser

import pytest

from dialognav.markup import html_from_markdown


class Seen(HTMLParser):
    """The tags and attributes a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "[press](JaVaScRiPt:alert(1))",
        "[press](&#106;avascript:alert(1))",
        "<javascript:alert(1)>",
        "[press](data:text/html;base64,PHNjcmlwdD4=)",
        "[press](vbscript:x)",
        "![picture](https://elsewhere.example/pixel.png)",
        '[a](https://x.example "\\" onmouseover=alert(1)")',
        "<iframe src=https://x.example></iframe>",
        "<svg/onload=alert(1)>",
        "`<script>`",
        "```html\n<script>alert(1)</script>\n```",
        '<a href="https://x.example" style="position:fixed" onclick="x()">a</a>',
        "<!-- --><p id=content>x</p>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(hostile: str) -> None:
    seen = Seen(str(html_from_markdown(hostile)))
    assert seen.tags <= {"p", "a", "code", "pre"}
    assert {name for name, _ in seen.attributes} <= {"href", "title", "rel"}
    addresses = [value or "" for name, value in seen.attributes if name == "href"]
    assert all(address.startswith("https:") for address in addresses)


def test_headings_begin_below_the_sections_of_the_page() -> None:
    assert str(html_from_markdown("# Krav\n\n##### Djupt")) == "<h3>Krav</h3>\n<h6>Djupt</h6>\n"


def test_lists_tables_and_emphasis_come_through() -> None:
    html = str(html_from_markdown("* **a**\n* _b_\n\n| x |\n|---|\n| y |\n"))
    assert "<li><strong>a</strong></li>" in html
    assert "<td>y</td>" in html


def test_links_do_not_vouch_for_where_they_lead() -> None:
    html = str(html_from_markdown("[a](https://a.example/)"))
    assert html == '<p><a href="https://a.example/" rel="nofollow noopener">a</a></p>\n'
