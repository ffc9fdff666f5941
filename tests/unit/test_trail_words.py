"""Whatever an action writes into the trail, the trail's page can say."""

import re
from pathlib import Path

from blueprints.manage.letters import KINDS
from blueprints.manage.trail import VERBS

ROOT = Path(__file__).parents[2]


def test_every_verb_has_words():
    found = set()
    for file in (ROOT / "dialognav" / "actions").glob("*.py"):
        found |= set(
            re.findall(
                r'"((?:event|document|registrations?|participant|letter|organisation|disposal|privacy|offer|queue|meetings?|meeting_rules|slots?|table|team|draw|minutes|shared)\.[a-z_]+)"',
                file.read_text(),
            )
        )
    assert len(found) > 25
    assert found <= VERBS.keys()


def test_every_letter_has_a_name():
    folders = {path.name for path in (ROOT / "templates" / "mail").iterdir() if path.is_dir()}
    assert folders == KINDS.keys()
