"""What a supplier does in a rush for one-to-one meetings, by pages and forms alone."""

import html
import json
import random
import re
import sys
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from bench.visitor import Answer, Fields, Visitor, form_with
from tests.history.told import Recorder, Told

TRIES = 6  # at slots that somebody else is faster at
_DONE = {"withdraw": "meeting given up", "decline": "offer declined"}
_FREE = re.compile(r'name="slot" value="([^"]+)"')
_PERSON = re.compile(r'<input[^>]*name="people"[^>]*value="([^"]+)"')
_OFFER = re.compile(r'action="([^"]+/meetings/([^/"]+)/decline)"')


class Patient(Visitor):
    """Of a whole crowd some ask at a time: the others wait here, and not for an answer. A server
    does not wait for them, so each asks on a line of its own."""

    _at_once = threading.Semaphore(12)

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        with self._at_once:
            try:
                return super()._ask(method, path, body)
            finally:
                self._server.close()


@dataclass(frozen=True, slots=True)
class Share:
    """What one process of suppliers does: `own` are their pages; `seconds` the rush lasts."""

    address: str
    folder: str
    part: int
    own: tuple[str, ...]
    seconds: float


class Supplier:
    """The contact of one registration, at a browser."""

    def __init__(self, share: Share, own: str, recorder: Recorder) -> None:
        self.own, self.recorder = own, recorder
        self.subject = own.rpartition("/")[2][1:13]
        self.visitor = Patient(share.address)
        self.chance = random.Random(own)
        self.until = time.monotonic() + share.seconds

    def live(self) -> None:
        time.sleep(self.chance.uniform(0, (self.until - time.monotonic()) / 4))
        try:
            booked = self.take()
            if booked:
                self._change_of_mind(booked)
            else:
                self._wait()
        finally:
            self.visitor.__exit__()

    def take(self) -> str:
        """The path of a meeting that is booked now; "" when nothing was to be had."""
        for _ in range(TRIES):
            held = self.choose()
            if held is None:
                return ""
            if not held:
                continue
            if self.chance.random() < 0.15:
                return ""  # called away from the form
            if self.fill_in("book", held):
                return held
        return ""

    def choose(self, moving: str = "") -> str | None:
        """Hold one of the free slots, or move there: its path, "" when somebody was faster, None
        when no slot is free."""
        page = self._look(f"?move={moving}" if moving else "")
        free = _FREE.findall(page.body) if page is not None else []
        if page is None or not free:
            return None
        told = self._begin("move" if moving else "hold")
        _, fields = form_with(page.body, "zone")
        kept = [pair for pair in fields if pair[0] != "slot"]
        fields = [*kept, ("slot", self.chance.choice(free))]
        answer = self._try(told, lambda: self.visitor.post(f"{self.own}/meetings", fields))
        if answer is None:
            return ""
        self.recorder.end(told, answer.status, "done" if answer.status == 303 else "lost")
        return answer.location.partition("?")[0] if answer.status == 303 else ""

    def _look(self, query: str = "") -> Answer | None:
        told = self._begin("look")
        answer = self._try(told, lambda: self.visitor.get(f"{self.own}/meetings{query}"))
        if answer is not None:
            self.recorder.end(told, answer.status)
        return answer

    def fill_in(self, what: str, path: str) -> bool:
        """Say who comes, and book what is held or offered."""
        told = self._begin(what)

        def send() -> Answer:
            page = self.visitor.get(path)
            if page.status != 200:
                return page
            return self.visitor.post(path, self._with_people(page.body, "topics"))

        answer = self._try(told, send)
        if answer is None:
            return False
        is_booked = answer.status == 303 and "done=booked" in answer.location
        self.recorder.end(told, answer.status, "meeting" if is_booked else "not so")
        return is_booked

    def _with_people(self, body: str, field: str) -> Fields:
        _, fields = form_with(body, field)
        chosen = self.chance.sample(_PERSON.findall(body), 1)
        return [
            *((name, value) for name, value in fields if name != "people"),
            *(("people", one) for one in chosen),
        ]

    def _change_of_mind(self, booked: str) -> None:
        kind = self.chance.random()
        time.sleep(self.chance.uniform(0, max(0.0, self.until - time.monotonic()) / 3))
        if kind < 0.25:
            self.choose(moving=booked.rpartition("/")[2])
        elif kind < 0.45:
            self._press("withdraw", f"{booked}/withdraw", f"{booked}/withdraw", "withdrawn")

    def _wait(self) -> None:
        """Join the queue, and answer what is offered."""
        path = f"{self.own}/meetings/request"
        told = self._begin("ask")

        def send() -> Answer:
            page = self.visitor.get(path)
            if "csrf_token" not in page.body or 'name="topics"' not in page.body:
                return page
            return self.visitor.post(path, self._with_people(page.body, "topics"))

        answer = self._try(told, send)
        if answer is None:
            return
        self.recorder.end(told, answer.status, "waits" if answer.status == 303 else "not so")
        while time.monotonic() < self.until:
            time.sleep(self.chance.uniform(0.5, 2))
            page = self._look()
            offer = _OFFER.search(page.body) if page is not None else None
            if offer is not None:
                self._answer(html.unescape(offer[1]))
                return

    def _answer(self, decline: str) -> None:
        kind = self.chance.random()
        if kind < 0.6:
            self.fill_in("accept", decline.removesuffix("/decline"))
        elif kind < 0.8:
            self._press("decline", f"{self.own}/meetings", decline, "declined")

    def _press(self, what: str, page_path: str, path: str, done: str) -> None:
        told = self._begin(what)

        def send() -> Answer:
            page = self.visitor.get(page_path)
            if "csrf_token" not in page.body:
                return page
            _, fields = form_with(page.body, "csrf_token")
            return self.visitor.post(path, [pair for pair in fields if pair[0] == "csrf_token"])

        answer = self._try(told, send)
        if answer is not None:
            is_done = answer.status == 303 and answer.location.endswith(f"done={done}")
            self.recorder.end(told, answer.status, _DONE[what] if is_done else "not so")

    def _begin(self, what: str) -> Told:
        return self.recorder.begin(self.subject, what, self.subject)

    def _try(self, told: Told, act: "object") -> Answer | None:
        try:
            answer: Answer = act()  # type: ignore[operator]
        except (OSError, LookupError, ValueError, HTTPException) as problem:
            self.recorder.end(told, 0, f"{type(problem).__name__}: {problem}")
            return None
        return answer


def run(share: Share) -> None:
    """Everybody at once: who waits for an offer looks again and again."""
    recorder = Recorder(Path(share.folder) / f"suppliers-{share.part}.jsonl")
    people = [Supplier(share, own, recorder) for own in share.own]
    threads = [threading.Thread(target=one.live) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    run(Share(**given | {"own": tuple(given["own"])}))
