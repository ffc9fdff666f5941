"""Complete sign-ups per second: the event's page, the form, sending it, and one's own page."""

import itertools
import re
import threading
import time
from dataclasses import dataclass

from bench.load import percentile
from bench.visitor import Visitor, filled, form_with

CLIENTS = 8
_CHOICE = re.compile(r'name="([^"]*answer-[^"]+)" required type="radio" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class SignUps:
    done: int
    failed: int
    seconds: float
    p50: float
    """Milliseconds from opening the form to the own page."""
    p99: float


def sign_up(visitor: Visitor, slug: str, n: int) -> str:
    """One complete sign-up of party number n with one person; returns the own page's path.

    Raises RuntimeError when a page answers otherwise than a visitor needs.
    """
    if visitor.get(f"/sv/events/{slug}").status != 200:
        raise RuntimeError("the event's page did not come")
    form = visitor.get(f"/sv/events/{slug}/register")
    if form.status != 200:
        raise RuntimeError(f"the form answered {form.status}")
    action, fields = form_with(form.body, "party_name")
    typed = [*answers(fields, n), *chosen(form.body)]
    made = visitor.post(action or f"/sv/events/{slug}/register", typed)
    if made.status != 303:
        raise RuntimeError(f"the sign-up answered {made.status}")
    own = visitor.get(made.location)
    if own.status != 200:
        raise RuntimeError(f"the own page answered {own.status}")
    return made.location


def answers(fields: list[tuple[str, str]], n: int) -> list[tuple[str, str]]:
    """What party number n types into the form."""
    typed = {
        "party_name": f"Exempelbolaget {n} AB",
        "contact-name": f"Nina Exempel {n}",
        "contact-email": f"nina{n}@bolag{n}.example",
    }
    typed |= {name: f"Svar {n}" for name, _ in fields if "answer-" in name}
    return filled(fields, typed)


def chosen(body: str) -> list[tuple[str, str]]:
    """The first choice of each question that wants one."""
    return list({name: (name, value) for name, value in reversed(_CHOICE.findall(body))}.values())


def measure(address: str, slug: str, seconds: float) -> SignUps:
    """Eight clients at once, each signing up one party after the other."""
    numbers = itertools.count(1000)
    times: list[float] = []
    failed: list[str] = []
    until = time.perf_counter() + seconds

    def client() -> None:
        while (began := time.perf_counter()) < until:
            try:
                with Visitor(address) as visitor:
                    sign_up(visitor, slug, next(numbers))
                times.append((time.perf_counter() - began) * 1000)
            except (RuntimeError, LookupError, OSError) as problem:
                failed.append(str(problem))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if not times:
        raise RuntimeError(f"no sign-up went through: {failed[:1]}")
    return SignUps(len(times), len(failed), elapsed, percentile(times, 50), percentile(times, 99))
