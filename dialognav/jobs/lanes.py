"""Which jobs wait for each other when Procrastinate runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dialognav.jobs.runner import Job

HOME = "home"
_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Lane:
    """Jobs of which a worker runs one at a time: a queue of Procrastinate's, by its name."""

    name: str
    jobs: tuple[Job, ...]

    @property
    def is_woken(self) -> bool:
        """Whether letters that are due call for it."""
        return any(job.together for job in self.jobs)


def lanes(jobs: Sequence[Job]) -> tuple[Lane, ...]:
    """Those at home in turn; letters, and those that wait for other servers, each beside them."""
    apart = [job for job in jobs if job.abroad or job.together]
    home = tuple(job for job in jobs if job not in apart)
    return (Lane(HOME, home), *(Lane(job.name, (job,)) for job in apart))


def cron(every: timedelta) -> str:
    """The nearest to that period which divides a minute, an hour or a day, and is no longer.

    In croniter's form with a sixth field of seconds: Procrastinate starts a job that is due by the
    clock, so that of all workers one does.
    """
    seconds = max(5, int(every.total_seconds()))
    if seconds < 60:
        return f"* * * * * */{_divisor(60, seconds)}"
    if seconds < 3600:
        return f"*/{_divisor(60, seconds // 60)} * * * *"
    return f"0 */{_divisor(24, min(seconds, _DAY) // 3600)} * * *"


def _divisor(whole: int, most: int) -> int:
    return max(n for n in range(1, most + 1) if whole % n == 0)
