"""The organiser in the middle of a rush: more places, fewer places, and what wants a decision."""

import re
import threading

from bench.visitor import Answer, Fields, Visitor, form_with
from tests.history.told import Recorder

_CASE = re.compile(r'href="(/manage/events/[^"]+/review/[^"]+)"')


class Organiser:
    """A member of staff at a browser; signs in anew whenever the session has run out."""

    def __init__(
        self, address: str, public_id: str, account: tuple[str, str], recorder: Recorder
    ) -> None:
        self.visitor, self.account, self.recorder = Visitor(address), account, recorder
        self.rules_path = f"/manage/events/{public_id}/rules"
        self.stopping = threading.Event()

    def sign_in(self) -> None:
        _, fields = form_with(self.visitor.get("/account/sign-in").body, "password")
        email, password = self.account
        typed = {"email": email, "password": password}
        self.visitor.post(
            "/account/sign-in", [(name, typed.get(name, value)) for name, value in fields]
        )

    def page(self, path: str) -> Answer:
        answer = self.visitor.get(path)
        if answer.status == 303:
            self.sign_in()
            answer = self.visitor.get(path)
        return answer

    def set_places(self, places: int) -> None:
        """By the page of the rules, as it stands."""
        told = self.recorder.begin("organiser", "rules", str(places))
        try:
            action, fields = form_with(self.page(self.rules_path).body, "capacity_on_site")
            changed: Fields = [
                (name, str(places) if name == "capacity_on_site" else value)
                for name, value in fields
            ]
            answer = self.visitor.post(action or self.rules_path, changed)
        except (OSError, LookupError) as problem:
            self.recorder.end(told, 0, f"{type(problem).__name__}: {problem}")
            return
        self.recorder.end(told, answer.status, "saved" if answer.status == 303 else "not saved")
