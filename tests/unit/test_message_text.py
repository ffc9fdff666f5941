"""Markdown of a message in its three forms, with hostile words and hostile values."""

import re
import time

import nh3
import pytest

from dialognav.i18n import speaking
from dialognav.mail.message_text import mail_html, mail_text, page_html

VALUES = {
    "name": "<b>*Åsa*</b> {my_page}\u202e",
    "organisation": "[A](javascript:alert(1)) & B",
    "my_page": 'https://dialog.example/r/p?x=1&y="2"',
    "link": "",
}


def bare(html: str) -> str:
    """Without the styles."""
    return re.sub(r' (class|style|role|width|cellpadding|cellspacing|border)="[^"]*"', "", html)


def html(markdown: str) -> str:
    with speaking("sv"):
        return bare(str(mail_html(markdown, VALUES)))


def text(markdown: str) -> str:
    with speaking("sv"):
        return mail_text(markdown, VALUES)


@pytest.mark.parametrize(
    ("markdown", "as_html", "as_text"),
    [
        ("Hälsningar\nElin", "<p>Hälsningar<br>\nElin</p>", "Hälsningar\nElin"),
        ("**a** _b_ ~~c~~", "<p><strong>a</strong> <em>b</em> <s>c</s></p>", "a b c"),
        ("# A\n\ntext", "<h2>A</h2><p>text</p>", "A\n\ntext"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n\n- b"),
        (
            "1. a\n   - b\n     c",
            "<ol><li>a<ul><li>b<br>\nc</li></ul></li></ol>",
            "1. a\n   - b\n     c",
        ),
        ("> a\n> b", "<blockquote><p>a<br>\nb</p></blockquote>", "> a\n> b"),
        ("    indragen", "<p>indragen</p>", "indragen"),
        ("Elin\n----", "<p>Elin</p><hr>", "Elin\n\n" + "-" * 40),
        ("[a](https://x.example)", '<p><a href="https://x.example">a</a></p>', "a <https://x.example>"),
        ("[a](www.x.example/b)", '<p><a href="https://www.x.example/b">a</a></p>', "a <https://www.x.example/b>"),
        ("<a@x.example>", '<p><a href="mailto:a@x.example">a@x.example</a></p>', "a@x.example"),
        (
            "Se https://x.example/_a_/b?c=1&d.",
            '<p>Se <a href="https://x.example/_a_/b?c=1&amp;d">https://x.example/_a_/b?c=1&amp;d</a>.</p>',
            "Se https://x.example/_a_/b?c=1&d.",
        ),
        ("![a](https://x.example/p.png)", '<p>!<a href="https://x.example/p.png">a</a></p>', "!a <https://x.example/p.png>"),
    ],
)  # fmt: skip
def test_marks(markdown: str, as_html: str, as_text: str) -> None:
    assert html(markdown) == as_html
    assert text(markdown) == as_text


@pytest.mark.parametrize(
    ("markdown", "as_html", "as_text"),
    [
        (
            "{namn}!",
            "<p>&lt;b&gt;*Åsa*&lt;/b&gt; {my_page}!</p>",
            "<b>*Åsa*</b> {my_page}!",
        ),
        (
            "**{organisation}**",
            "<p><strong>[A](javascript:alert(1)) &amp; B</strong></p>",
            "[A](javascript:alert(1)) & B",
        ),
        (
            "Se {min sida}",
            '<p>Se <a href="https://dialog.example/r/p?x=1&amp;y=&#34;2&#34;">Er anmälan</a></p>',
            'Se Er anmälan <https://dialog.example/r/p?x=1&y="2">',
        ),
        ("a\n\n{länk}\n\nb", "<p>a</p><p>b</p>", "a\n\nb"),
        (
            "[er sida]({min sida})",
            '<p><a href="https://dialog.example/r/p?x=1&amp;y=&#34;2&#34;">er sida</a></p>',
            'er sida <https://dialog.example/r/p?x=1&y="2">',
        ),
        (
            "[{min_sida}](https://x.example)",
            '<p><a href="https://x.example">Er anmälan</a></p>',
            "Er anmälan <https://x.example>",
        ),
        ("[delta]({länk}) {länk}.", "<p>delta .</p>", "delta ."),  # has none
        ("[x]({namn})", "<p>x</p>", "x"),  # a name is no address
        (
            "{nmn} {{namn}} \\{namn}",
            "<p>{nmn} &lt;b&gt;*Åsa*&lt;/b&gt; {my_page} {namn}</p>",
            "{nmn} <b>*Åsa*</b> {my_page} {namn}",
        ),
    ],
)  # fmt: skip
def test_values(markdown: str, as_html: str, as_text: str) -> None:
    assert html(markdown) == as_html
    assert text(markdown) == as_text


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,xx)",
    "[a](vbscript:x) [b](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[a](//x.example) [b](/etc/passwd) [c](https://[bad)",
    '[a](https://x.example/"onmouseover="alert(1))',
    "[bank](https://bank.example@x.example/)",
    "https://x.example/'onmouseover='alert(1)",
    "{{ 7*7 }} {% include 'x' %} {{ config }} ${7*7}",
    "[x]: javascript:alert(1)\n\n[x]",
    "| a | <b> |\n|---|---|\n| {namn} | </td> |",
    "```\n</pre><script>\n```",
    "\x00\x07\ufeff\ud800 \u202eabc",
    "{länk}" * 100,
    "[" * 5000,
    "> " * 5000,
    "- " * 3000,
    "*a " * 5000,
    "(http://" * 4000,
    "://" * 6666,
    "|" * 5000 + "\n" + "|-" * 2500,
]


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_words_are_only_words(markdown: str) -> None:
    began = time.process_time()
    with speaking("en"):
        made = str(page_html(markdown, VALUES))
        mail_html(markdown, VALUES)
        plain = mail_text(markdown, VALUES)
    assert time.process_time() - began < 2
    safe = nh3.clean(
        made,
        tags=nh3.ALLOWED_TAGS | {"table", "thead", "tbody", "tr", "th", "td", "s"},
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener",
    )
    assert normal(made) == normal(safe)  # a cleaner finds nothing to take away
    assert "\u202e" not in made + plain
    assert not re.search(r"""href=["'](?!https?:|mailto:|tel:)""", made)


def normal(markup: str) -> str:
    for entity, sign in (("&#34;", '"'), ("&#39;", "'"), ("&quot;", '"'), ("\x00", "\ufffd")):
        markup = markup.replace(entity, sign)
    return markup


def test_an_address_alone_is_a_button() -> None:
    values = {"link": "https://meet.example/x"}
    with speaking("sv"):
        assert 'class="btn-a"' in mail_html("a\n\n{länk}", values)
        assert str(page_html("{länk}", values)).startswith('<p><a href="https://meet.example/x"')
        assert mail_text("a\n\n{länk}", values) == "a\n\nDelta digitalt <https://meet.example/x>"


def test_a_placeholder_shown_as_it_is_written_leads_nowhere() -> None:
    values = {"link": "{länk}", "my_page": "{min_sida}"}
    made = str(page_html("Här: {länk} [sidan]({min sida})\n\n{länk}", values))
    assert made == "<p>Här: {länk} sidan</p><p>{länk}</p>"


def test_a_page_begins_at_h3_and_has_no_styles() -> None:
    made = str(page_html("# A\n\n## B\n\n### C\n\n[a](https://x.example)", VALUES))
    assert made == (
        "<h3>A</h3><h3>B</h3><h4>C</h4>"
        '<p><a href="https://x.example" rel="nofollow noopener">a</a></p>'
    )
