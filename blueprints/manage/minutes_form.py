"""The form that minutes are written in, and the small ones that send, approve and reopen them."""

from typing import Any

from flask import request

from blueprints.forms import AtMost, BaseForm, Required, TextField
from blueprints.manage.written_form import WrittenForm
from dialognav.domain.minutes import LONGEST, LONGEST_CORRECTION
from dialognav.i18n import lazy
from dialognav.models import Minutes


class MinutesForm(WrittenForm):
    text = TextField(
        lazy("Minutes"),
        [Required(lazy("Write what was said in the meeting")), AtMost(LONGEST)],
    )
    answer = TextField(
        lazy("Your answer to what the supplier says is wrong"), [AtMost(LONGEST_CORRECTION)]
    )
    keys = ("text", "answer")


class ReasonForm(BaseForm):
    reason = TextField(
        lazy("Why they are opened again"),
        [Required(lazy("Write what is wrong in the approved minutes")), AtMost(500)],
    )


def stored(minutes: Minutes | None) -> dict[str, str]:
    if minutes is None:
        return {"text": "", "answer": ""}
    return {"text": minutes.text, "answer": minutes.correction_answer}


def seen() -> int:
    """The revision that the page of a button showed; -1, which nothing has, when unreadable."""
    typed: Any = request.form.get("seen", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1
