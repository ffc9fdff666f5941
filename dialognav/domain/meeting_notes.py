"""Notes of a one-to-one meeting: beside each question, and what else was said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dialognav.domain.two_writers import fingerprint

LONGEST_NOTE = 10_000
"""Characters in one field."""

LONGEST_QUESTION = 4_000

ELSE = "text"
"""The key of what belongs to no question."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """`lang`: of a question that the event asks now, "" of one that was worded anew or is asked no
    more; what was noted beside it stays."""

    key: str
    question: str
    note: str
    lang: str

    @property
    def is_asked(self) -> bool:
        return bool(self.lang)


def key_of(question: str) -> str:
    """Names a question by its words, as the rows are made anew whenever the event is edited."""
    return f"q{fingerprint(question)}"


def note_lines(
    asked: Mapping[str, str], noted: Iterable[Sequence[str]], typed: Iterable[str] = ()
) -> list[NoteLine]:
    """One line per question of the event ({question: its language}), in its order, and then those
    that are asked no more but have a note, or (`typed`) are on the page that was sent."""
    there = {line[0]: line[1] for line in noted}
    lines = [NoteLine(key_of(one), one, there.get(one, ""), lang) for one, lang in asked.items()]
    former = [one for one in there if there[one]] + [one[:LONGEST_QUESTION] for one in typed]
    return lines + [
        NoteLine(key_of(one), one, there.get(one, ""), "")
        for one in dict.fromkeys(former)
        if one and one not in asked
    ]


def values_of(lines: Iterable[NoteLine], text: str) -> dict[str, str]:
    """{key: note} as a form has it."""
    return {line.key: line.note for line in lines} | {ELSE: text}


def answers_of(lines: Iterable[NoteLine], values: Mapping[str, str]) -> list[list[str]]:
    """[[question, note], ...] as it is kept: those with something noted."""
    said = ((line.question, values.get(line.key, "")) for line in lines)
    return [[question, note] for question, note in said if note]
