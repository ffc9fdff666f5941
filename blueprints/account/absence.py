"""The letter of the morning, and who stands in during leave: of one's part in an organisation."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectField

from blueprints import guard
from blueprints.forms import BaseForm, LineField, options
from blueprints.manage import typed
from dialognav.actions import digests
from dialognav.actions.digests import Absence
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotReady
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Membership

WRONG = {
    "stand_in_id": lazy("Choose somebody from the list"),
    "away_from": lazy("Enter the first day too"),
    "away_until": lazy("The last day cannot be before the first"),
}


class AbsenceForm(BaseForm):
    wants_digest = BooleanField(lazy("An e-mail in the morning when something waits for me"))
    away_from = LineField(lazy("First day away"))
    away_until = LineField(lazy("Last day away"))
    stand_in_id = SelectField(lazy("Stand-in"))

    def __init__(self, part: Membership, **given: Any) -> None:
        shown: dict[str, Any] = {
            "wants_digest": part.wants_digest,
            "away_from": part.away_from.isoformat() if part.away_from else "",
            "away_until": part.away_until.isoformat() if part.away_until else "",
            "stand_in_id": str(part.stand_in_id or ""),
        }
        super().__init__(**given, data=shown)
        colleagues = digests.stand_ins_for(db.session(), part)
        self.stand_in_id.choices = options(
            [("", _("Nobody: it waits for me")), *((str(c.id), c.user.name) for c in colleagues)]
        )

    def read(self) -> Absence | None:
        """What was typed, or None when a field got a sentence."""
        self.validate()
        first, last = typed.read_date(self.away_from), typed.read_date(self.away_until)
        if self.errors or any(field.errors for field in self):
            return None
        chosen = self.stand_in_id.data
        return Absence(
            wants_digest=bool(self.wants_digest.data),
            stand_in_id=int(chosen) if chosen else None,
            away_from=first,
            away_until=last,
        )


def save(form: AbsenceForm) -> ResponseReturnValue | None:
    """Where to go after saving; None when a field of the form says what is wrong."""
    absence = form.read()
    if absence is None:
        return None
    part_id, who = guard.current_membership().id, guard.actor()
    try:
        with unit_of_work() as session:
            digests.set_absence(session, part_id, absence, now=utcnow(), actor=who)
    except NotReady as refused:
        for name in refused.fields:
            typed.complain(form[name], str(WRONG[name]))
        return None
    return redirect(url_for("account.profile.show", saved="absence") + "#morning", 303)
