"""The form of a message that an event sends by itself.

It shows the words that are sent, standard or own. What is left empty, or as the standard has it,
stays the standard: it goes on speaking every language.
"""

import re
from functools import lru_cache
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField

from blueprints.forms import AtMost, BaseForm, LineField, options
from blueprints.manage import typed
from blueprints.manage.message_form import PastedField, knows_all, languages_from
from blueprints.manage.plan_words import KINDS, NAMES
from dialognav.actions.plans import PlanDraft
from dialognav.domain.message_drafts import LONGEST_BODY, LONGEST_SUBJECT
from dialognav.domain.plans import BEFORE, DAYS, wrong_in
from dialognav.domain.terms import PlanKind
from dialognav.i18n import NAMES as LANGUAGE_NAMES
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.mail.plan_words import standard_words
from dialognav.models import Event, MessagePlan

LONGEST_URL = 1000


class PlanFormBase(BaseForm):
    kind = SelectField(lazy("What it is"), choices=options(KINDS.items()))
    days = LineField(NAMES["days"])
    at_wall = LineField(NAMES["at_wall"])
    is_on = BooleanField(NAMES["is_on"])
    evaluation_url = LineField(NAMES["evaluation_url"], [AtMost(LONGEST_URL)])
    version = HiddenField()
    languages: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, Any, Any]]:
        """(language, its own name, field of the subject, field of the body)"""
        return [
            (code, LANGUAGE_NAMES[code][0], self[f"subject_{code}"], self[f"body_{code}"])
            for code in self.languages
        ]

    @property
    def revision(self) -> int:
        """The revision the form began with; -1, which none has, when that cannot be read."""
        version = self.version.data or ""
        return int(version) if re.fullmatch(r"[0-9]{1,9}", version) else -1

    def read(self, plan: MessagePlan, base_url: str) -> PlanDraft | None:
        """What was typed, or None when a field got a sentence."""
        self.validate()
        days = self._read_days(plan.kind)
        clock = typed.read_time(self.at_wall)
        if clock is None and not self.at_wall.errors:
            typed.complain(self.at_wall, _("Enter a time of day, like 09:00"))
        if plan.kind == PlanKind.THANKS:
            typed.check_web_address(self.evaluation_url)
        for _code, _own, subject, body in self.texts:
            knows_all(subject, in_subject=True)
            knows_all(body)
        if self.errors or any(field.errors for field in self):
            return None
        assert days is not None
        assert clock is not None
        return PlanDraft(
            days=days,
            at_wall=f"{clock:%H:%M}",
            is_on=bool(self.is_on.data),
            evaluation_url=self.evaluation_url.data or "" if plan.kind == PlanKind.THANKS else "",
            **self._own_words(plan, days, base_url),
        )

    def _read_days(self, kind: str) -> int | None:
        said = self.days.data or ""
        days = int(said) if re.fullmatch(r"[0-9]{1,3}", said) else -1
        signed = -days if kind in BEFORE else days
        if days < 0 or wrong_in(kind, signed, "00:00"):
            first, last = DAYS[kind]
            most = max(abs(first), abs(last))
            typed.complain(self.days, _("Enter a number of days from 0 to %(most)s", most=most))
            return None
        return signed

    def _own_words(self, plan: MessagePlan, days: int, base_url: str) -> dict[str, dict[str, str]]:
        """What differs from the standard, of the days the form was opened with or of the new."""
        own: dict[str, dict[str, str]] = {"subject": {}, "body": {}}
        slug = plan.event.organisation.slug
        for code, _name, subject, body in self.texts:
            usual = [standard_words(plan.kind, n, slug, code, base_url) for n in (plan.days, days)]
            for name, field in (("subject", subject), ("body", body)):
                said = (field.data or "").strip()
                if said and all(said != getattr(one, name).strip() for one in usual):
                    own[name][code] = said
        return own


@lru_cache(maxsize=16)
def plan_form(languages: tuple[str, ...]) -> type[PlanFormBase]:
    fields: dict[str, Any] = {}
    for code in languages:
        fields[f"subject_{code}"] = LineField(NAMES["subject"], [AtMost(LONGEST_SUBJECT)])
        fields[f"body_{code}"] = PastedField(NAMES["body"], [AtMost(LONGEST_BODY)])
    return type("PlanForm", (PlanFormBase,), {**fields, "languages": languages})


def form_class(event: Event) -> type[PlanFormBase]:
    return plan_form(languages_from(event.primary_language))


def fresh_form(
    event: Event, plan: MessagePlan, base_url: str, draft: PlanDraft | None = None
) -> PlanFormBase:
    """A form that shows a plan as it stands, or a draft over it, and remembers the plan."""
    kind = form_class(event)
    shown = draft or plan
    data: dict[str, Any] = {
        "kind": str(plan.kind),
        "days": str(abs(shown.days)),
        "at_wall": shown.at_wall,
        "is_on": shown.is_on,
        "evaluation_url": shown.evaluation_url,
        "version": str(plan.revision or 0),
    }
    for code in kind.languages:
        usual = standard_words(plan.kind, plan.days, event.organisation.slug, code, base_url)
        data[f"subject_{code}"] = shown.subject.get(code) or usual.subject
        data[f"body_{code}"] = shown.body.get(code) or usual.body
    return kind(formdata=None, data=data)
