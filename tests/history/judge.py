"""One verdict over ledger, letters, mails and what clients were told."""

from collections.abc import Mapping, Sequence

from tests.history.ledger import Row, Transaction
from tests.history.letters import Mail, judge_letters, judge_mails, judge_streams
from tests.history.meetings import judge_entries, judge_meetings
from tests.history.rules import Violation, judge_ledger
from tests.history.told import Told, judge_told
from tests.history.world import World

Tables = Mapping[str, Mapping[int, Row]]


def judge(
    transactions: Sequence[Transaction],
    told: Sequence[Told] = (),
    mails: Sequence[Mail] | None = None,
    before: Tables | None = None,
) -> list[Violation]:
    """Every promise that was broken. `mails`: all that left, once nothing more is to leave."""
    found = judge_ledger(transactions, before)
    found += judge_meetings(transactions, before)
    found += judge_letters(transactions, before)
    found += judge_told(transactions, told, before)
    if mails is not None:
        world = World.of(before or {})
        for transaction in transactions:
            world.apply(transaction)
        found += judge_streams(world)
        found += judge_entries(world)
        found += judge_mails(world, mails)
    return found
