"""Lists of a word processor become Markdown lists; what is Markdown already stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.pasted_text import tidy

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("·\tLäs kapitel 2\n·\tBoka tid", "- Läs kapitel 2\n- Boka tid"),
        ("•\tett\no\tunder\n§\tdjupare\n•\ttvå", "- ett\n  - under\n    - djupare\n- två"),
        (f"·{NBSP}{NBSP}{NBSP}{NBSP}ett", "- ett"),
        ("\uf0b7\tett", "- ett"),  # Symbol, as older Word writes it
        ("1.\tFörst\n2.\tSedan\no\tså\n3.\tSist", "1. Först\n2. Sedan\n   - så\n3. Sist"),
        ("a)\tett\nb)\ttvå", "- a) ett\n- b) två"),
        ("–\tett\n–\ttvå", "- ett\n- två"),
        ("Tre saker:\n·\tett\nHälsningar", "Tre saker:\n\n- ett\n\nHälsningar"),
        ("rad ett\vrad två", "rad ett\nrad två"),
        ("✓\tett\n✓\ttvå", "- ett\n- två"),
        ("```\n• x\n```\n•\ty", "```\n• x\n```\n\n- y"),
    ],
)
def test_lists_are_kept(pasted, expected):
    assert tidy(pasted) == expected


@pytest.mark.parametrize(
    "text",
    [
        "- ett\n- två\n\n1. först\n2. sedan",
        "o hej och välkomna",  # a word, without a tab
        "– Ja, sade hon.",
        "§ 4 i lagen",
        "Hej {namn}!\n\n**Viktigt** och [länk](https://a.example)",
        f"den 3{NBSP}februari",
        "✓ Klart",
        "```\n• x\n1.\ty\n```",
    ],
)
def test_what_somebody_wrote_stays(text):
    assert tidy(text) == text


@given(st.text(alphabet="·•o§✓`-–1a.)\t \n\xa0x\v", max_size=60))
def test_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
