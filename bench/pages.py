"""Speed of the public pages as ratios to the floor, measured in turn in one run."""

import statistics
import urllib.request
from dataclasses import dataclass, field

from bench import load
from bench.data import FULL_EVENT
from bench.processes import Server

_TARGETS = {
    "event page": (f"/sv/events/{FULL_EVENT}", 0.5),
    "list of 50 events": ("/sv/", 0.5),
    ".ics of an event": (f"/events/{FULL_EVENT}.ics", 0.5),
    "feed of 50 (.ics)": ("/calendar.ics", 0.25),
}


@dataclass
class Measured:
    """The rounds of one target; ratios are to the floor's runs just before and just after."""

    name: str
    goal: float | None = None
    runs: list[load.Load] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Milliseconds of the servers' processor time per request."""
    bytes: int = 0


Target = tuple[Measured, Server, str, dict[str, str], int]
"""What to note, whom to ask, for which path, with which headers, and the status to expect."""


def measure(floor: Server, ours: Server, *, seconds: float, rounds: int) -> list[Measured]:
    """Warm everything up, then run floor and target in turn."""
    base = Measured("floor")
    targets: list[Target] = [(base, floor, "/", {}, 200)]
    for name, (path, goal) in _TARGETS.items():
        tag, size = _look(ours.address + path)
        page = Measured(name, goal, bytes=size)
        unchanged = Measured(f"  the same, 304 ({'ETag' if tag else 'no ETag!'})")
        targets.append((page, ours, path, {}, 200))
        targets.append((unchanged, ours, path, {"If-None-Match": tag}, 304))
    base.bytes = _look(floor.address + "/")[1]
    for _, server, path, headers, status in targets:
        load.run(server.address + path, 1, headers=headers, expect=status)
    for _ in range(rounds):
        for measured, server, path, headers, status in targets[1:]:
            before = _run(base, floor, "/", {}, 200, seconds / 2)
            seen = _run(measured, server, path, headers, status, seconds)
            after = _run(base, floor, "/", {}, 200, seconds / 2)
            beside = statistics.mean((before.per_second, after.per_second))
            measured.ratios.append(seen.per_second / beside)
    return [measured for measured, *_ in targets]


def _run(
    into: Measured,
    server: Server,
    path: str,
    headers: dict[str, str],
    status: int,
    seconds: float,
) -> load.Load:
    used = server.cpu()
    seen = load.run(server.address + path, seconds, headers=headers, expect=status)
    into.cpu.append((server.cpu() - used) * 1000 / seen.requests)
    into.runs.append(seen)
    return seen


def _look(url: str) -> tuple[str, int]:
    """(ETag, length of the uncompressed body)."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.headers.get("ETag", ""), len(answer.read())


def table(measured: list[Measured]) -> list[str]:
    heads = "req/s", "p50 ms", "p99 ms", "CPU ms", "bytes", "of floor", "by CPU", "goal", "bad"
    lines = [" " * 34 + "".join(f"{head:>9}" for head in heads)]
    floor = statistics.median(measured[0].cpu)
    for one in measured:
        ratio = statistics.median(one.ratios) if one.ratios else 1.0
        goal = "" if one.goal is None else f"{one.goal:.2f}" + ("" if ratio >= one.goal else "!")
        cpu = statistics.median(one.cpu)
        columns = [
            f"{statistics.median(run.per_second for run in one.runs):.0f}",
            f"{statistics.median(run.p50 for run in one.runs):.1f}",
            f"{statistics.median(run.p99 for run in one.runs):.1f}",
            f"{cpu:.2f}",
            str(one.bytes or ""),
            f"{ratio:.2f}",
            f"{floor / cpu:.2f}",
            goal,
            str(sum(run.bad for run in one.runs)),
        ]
        lines.append(f"{one.name:34}" + "".join(f"{column:>9}" for column in columns))
    return lines
