"""One process of clients, many people on some threads: `python -m tests.history.clients '{..}'`."""

import json
import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.history.told import Recorder
from tests.history.visitors import Party, Person

THREADS = 12


@dataclass(frozen=True, slots=True)
class Share:
    """What one process of clients does: every `processes`-th party, from `part` on.

    `people` sign up for themselves; beside them `rivals` of each of `organisations` fight over the
    few places that one organisation may have. `pause` in seconds before a change of mind.
    """

    address: str
    slug: str
    folder: str
    part: int
    processes: int
    people: int
    organisations: int
    rivals: int
    pause: float

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def parties(share: Share) -> Iterator[Party]:
    """Everybody, the rivals spread among the others; each fifth rival signs up twice."""
    own = [
        Party(f"Eget bolag {n} AB", "", f"nina{n}@bolag{n}.example", 1 + (n % 10 == 0))
        for n in range(share.people - share.organisations * share.rivals)
    ]
    every = max(1, len(own) // max(1, share.organisations * share.rivals))
    made = list(_rivals(share))
    for n, party in enumerate(own):
        yield party
        if n % every == 0 and made:
            yield made.pop(0)
    yield from made


def _rivals(share: Share) -> Iterator[Party]:
    """Of each organisation in turn. The odd ones give no number: they are told apart by name."""
    for n in range(share.rivals):
        for organisation in range(share.organisations):
            number = "" if organisation % 2 else organisation_number(organisation)
            domain = f"koncern{organisation}.example"
            email = f"rival{n // 5 * 5 if n % 5 == 4 else n}@{domain}"
            yield Party(f"Koncernen {organisation} AB", number, email, 1 + (n % 7 == 3))


def organisation_number(n: int) -> str:
    """A fictional Swedish organisation number with a right check digit (Luhn)."""
    digits = f"5594{n:05d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    total = sum(value // 10 + value % 10 for value in doubled)
    return f"{digits[:6]}-{digits[6:]}{-total % 10}"


def run(share: Share) -> None:
    recorder = Recorder(Path(share.folder) / f"clients-{share.part}.jsonl")
    waiting: queue.SimpleQueue[Party] = queue.SimpleQueue()
    for n, party in enumerate(parties(share)):
        if n % share.processes == share.part:
            waiting.put(party)

    def one_after_the_other() -> None:
        while True:
            try:
                party = waiting.get_nowait()
            except queue.Empty:
                return
            Person(share.address, share.slug, party, recorder).live(share.pause)

    threads = [threading.Thread(target=one_after_the_other) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()


if __name__ == "__main__":
    run(Share(**json.loads(sys.argv[1])))
