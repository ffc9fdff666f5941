"""What people do in a rush, each by pages and forms alone, writing down what they were told."""

import html
import random
import re
import time
from dataclasses import dataclass

from bench.visitor import Answer, Fields, Visitor, filled, form_with
from tests.history.told import Recorder, Seen, Told

WORDS = {
    "Confirmed": "confirmed",
    "Offered a place": "offered",
    "Awaiting approval": "pending",
    "Not approved": "declined",
    "Offer ran out": "lapsed",
    "Withdrawn": "withdrawn",
    "On the waiting list": "waiting",
}
_PERSON = re.compile(
    r"<dt>(?:Contact person|Participant)</dt>\s*<dd>([^<]+)<small>(.*?)</dd>", re.DOTALL
)
_PLACE = re.compile(r"Number (\d+) on the waiting list")
_STATE = re.compile("|".join(re.escape(words) for words in WORDS))
_ACCEPT = re.compile(r'action="([^"]+/accept)"')


@dataclass(frozen=True, slots=True)
class Party:
    """One sign-up that is going to be made: `people` names, the first the contact's."""

    name: str
    number: str
    email: str
    people: int


def read_own_page(body: str) -> Seen:
    """Each person's state, and place in the queue, as the page says it in English."""
    found: Seen = []
    for name, rest in _PERSON.findall(body):
        place = _PLACE.search(rest)
        state = "waiting" if place else WORDS[_STATE.search(rest)[0]] if _STATE.search(rest) else ""
        found.append([html.unescape(name).strip(), state, int(place[1]) if place else None])
    return found


class Person:
    """The contact of one party, at a browser."""

    def __init__(self, address: str, slug: str, party: Party, recorder: Recorder) -> None:
        self.party, self.recorder = party, recorder
        self.form_path = f"/en/events/{slug}/register"
        self.visitor = Visitor(address)
        self.own = ""
        self.chance = random.Random(party.email)

    def sign_up(self) -> bool:
        """Whether the party is registered now."""
        told = self._begin("sign-up", self.party.email)
        answer = self._try(told, self._fill_in_and_send)
        if answer is None:
            return False
        if answer.status == 303 and "/r/" in answer.location:
            self.own = answer.location.partition("?")[0]
            told.subject = self.own.rpartition("/")[2][1:13]
            self.recorder.end(told, answer.status, "registered")
            return True
        outcome = "refused" if answer.status in (409, 422) else "elsewhere"
        self.recorder.end(told, answer.status, outcome)
        return False

    def _fill_in_and_send(self) -> Answer:
        page = self.visitor.get(self.form_path)
        if page.status != 200 or "party_name" not in page.body:
            return page
        for _ in range(self.party.people - 1):
            _, fields = form_with(page.body, "party_name")
            page = self.visitor.post(self.form_path, [*fields, ("action", "add")])
        action, fields = form_with(page.body, "party_name")
        return self.visitor.post(action or self.form_path, self._typed(fields))

    def _typed(self, fields: Fields) -> Fields:
        party, domain = self.party, self.party.email.partition("@")[2]
        typed = {
            "party_name": party.name,
            "identifier": party.number,
            "contact-name": f"Nina {party.email.partition('@')[0]}",
            "contact-email": party.email,
        }
        for index in range(party.people - 1):
            typed[f"people-{index}-name"] = f"Colleague {index} {party.email.partition('@')[0]}"
            typed[f"people-{index}-email"] = f"c{index}.{party.email.partition('@')[0]}@{domain}"
        return filled(fields, typed)

    def look(self) -> Seen:
        told = self._begin("look", self.own.rpartition("/")[2][1:13])
        answer = self._try(told, lambda: self.visitor.get(self.own))
        if answer is None:
            return []
        seen = read_own_page(answer.body)
        self.recorder.end(told, answer.status, "", seen)
        return seen

    def accept(self) -> None:
        """Take the first offer that the own page shows."""
        page = self.visitor.get(self.own)
        found = _ACCEPT.search(page.body)
        if found:
            self._send("accept", html.unescape(found[1]), "accepted")

    def withdraw(self) -> None:
        self._send("withdraw", f"{self.own}/withdraw", "withdrawn")

    def _send(self, what: str, path: str, outcome: str) -> None:
        """A page's form with nothing but its token, as the button sends it."""
        told = self._begin(what, self.own.rpartition("/")[2][1:13])

        def send() -> Answer:
            page = self.visitor.get(path if what == "withdraw" else self.own)
            if "csrf_token" not in page.body:
                return page
            _, fields = form_with(page.body, "csrf_token")
            return self.visitor.post(path, [pair for pair in fields if pair[0] == "csrf_token"])

        answer = self._try(told, send)
        if answer is not None:
            self.recorder.end(told, answer.status, outcome if answer.status == 303 else "not so")

    def live(self, pause: float) -> None:
        """A whole visit: sign up, look, and perhaps change one's mind."""
        try:
            if not self.sign_up():
                return
            self.look()
            if self.chance.random() < 0.15:
                time.sleep(self.chance.uniform(0, pause))
                self.withdraw()
            elif self.chance.random() < 0.3:
                time.sleep(self.chance.uniform(0, pause))
                if any(state == "offered" for _, state, _ in self.look()):
                    self.accept()
                self.look()
        finally:
            self.visitor.__exit__()

    def _begin(self, what: str, subject: str) -> Told:
        return self.recorder.begin(self.party.email, what, subject)

    def _try(self, told: Told, act: "object") -> Answer | None:
        try:
            answer: Answer = act()  # type: ignore[operator]
        except (OSError, LookupError, ValueError) as problem:
            self.recorder.end(told, 0, f"{type(problem).__name__}: {problem}")
            return None
        return answer
