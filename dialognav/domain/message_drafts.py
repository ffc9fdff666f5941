"""What the editor of a mailing writes, and what happens when two write at once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dialognav.domain.audience import Audience, audience_to_json
from dialognav.domain.drafts import Text
from dialognav.domain.terms import LANGUAGES, MessagePurpose

LONGEST_SUBJECT = 200
LONGEST_BODY = 20_000  # characters in one language
MOST_FILES = 10
MOST_BYTES = 10 * 1024 * 1024  # of all the files together, before base64 makes them a third larger

TEXTS = ("subject", "body")


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """Words and readers of a mailing. Texts are {language: words}; `body` is Markdown."""

    subject: Text = field(default_factory=dict)
    body: Text = field(default_factory=dict)
    audience: Audience = field(default_factory=Audience)
    purpose: str = MessagePurpose.REGISTRATION
    is_urgent: bool = False


def flatten(draft: MessageDraft) -> dict[str, str]:
    """{key: canonical text}; a text has one key per language ("body.sv")."""
    said = {
        f"{name}.{code}": getattr(draft, name).get(code, "") for name in TEXTS for code in LANGUAGES
    }
    return said | {
        "audience": json.dumps(audience_to_json(draft.audience), sort_keys=True),
        "purpose": str(draft.purpose),
        "is_urgent": str(draft.is_urgent),
    }


def changed_keys(old: MessageDraft, new: MessageDraft) -> tuple[str, ...]:
    before, after = flatten(old), flatten(new)
    return tuple(key for key in before if before[key] != after[key])


def fingerprints(draft: MessageDraft) -> dict[str, str]:
    """{key: 10 hex digits of SHA-256}: what a form carries to know later what it began with."""
    return {
        key: hashlib.sha256(text.encode()).hexdigest()[:10] for key, text in flatten(draft).items()
    }


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts`: keys both have changed, where `draft` has mine. `taken`: keys only they did."""

    draft: MessageDraft
    conflicts: tuple[str, ...]
    taken: tuple[str, ...]


def merge(mine: MessageDraft, theirs: MessageDraft, base: Mapping[str, str]) -> Merged:
    """Three ways: what only they changed is theirs, everything else stays as I wrote it.

    `base` are the fingerprints of what I began with; a key that lacks there counts as changed.
    """
    ours, began = fingerprints(mine), fingerprints(theirs)
    differ = [key for key in ours if ours[key] != began[key]]
    taken = tuple(key for key in differ if ours[key] == base.get(key))
    conflicts = tuple(key for key in differ if key not in taken and began[key] != base.get(key))
    merged = mine
    for key in taken:
        merged = _take(merged, theirs, key)
    return Merged(merged, conflicts, taken)


def _take(mine: MessageDraft, theirs: MessageDraft, key: str) -> MessageDraft:
    name, _dot, language = key.partition(".")
    value: Any = getattr(theirs, name)
    if language:
        kept = {code: said for code, said in getattr(mine, name).items() if code != language}
        value = kept | {code: said for code, said in value.items() if code == language}
    return replace(mine, **{name: value})
