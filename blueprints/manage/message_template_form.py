"""The form of a template: its name, and the words that a message begins with."""

from functools import lru_cache
from typing import Any

from wtforms import HiddenField, RadioField

from blueprints.forms import AtMost, BaseForm, LineField, Required, options
from blueprints.manage.message_form import PURPOSES, PastedField, knows_all
from dialognav.actions.message_templates import LONGEST_NAME, TemplateDraft
from dialognav.domain.message_drafts import LONGEST_BODY, LONGEST_SUBJECT, TEXTS
from dialognav.domain.terms import MessagePurpose
from dialognav.i18n import NAMES, lazy


class TemplateFormBase(BaseForm):
    name = LineField(
        lazy("Name of the template"),
        [Required(lazy("Enter a name to find it by")), AtMost(LONGEST_NAME)],
    )
    purpose = RadioField(
        lazy("It is about"),
        choices=options(PURPOSES.items()),
        default=MessagePurpose.REGISTRATION,
    )
    version = HiddenField()
    languages: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, Any, Any]]:
        """(language, its own name, field of the subject, field of the body)"""
        return [
            (code, NAMES[code][0], self[f"subject_{code}"], self[f"body_{code}"])
            for code in self.languages
        ]

    @property
    def revision(self) -> int:
        """The one the form began with; -1, which none has, when that cannot be read."""
        typed = self.version.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else -1

    def draft(self) -> TemplateDraft:
        return TemplateDraft(
            name=self["name"].data or "",  # WTForms has a name of its own
            subject={code: one.data for code, _own, one, _b in self.texts if one.data},
            body={code: one.data for code, _own, _s, one in self.texts if one.data},
            purpose=self.purpose.data or MessagePurpose.REGISTRATION,
        )

    def check(self) -> bool:
        """Shape, and placeholders that nobody could fill in; a sentence at each field."""
        is_fine = bool(self.validate())
        for _code, _own, subject, body in self.texts:
            is_fine &= knows_all(subject, in_subject=True) & knows_all(body)
        return is_fine


@lru_cache(maxsize=16)
def template_form(languages: tuple[str, ...]) -> type[TemplateFormBase]:
    """Subject and body in each language."""
    fields: dict[str, Any] = {}
    for code in languages:
        fields[f"subject_{code}"] = LineField(lazy("Subject"), [AtMost(LONGEST_SUBJECT)])
        fields[f"body_{code}"] = PastedField(lazy("Text"), [AtMost(LONGEST_BODY)])
    return type("TemplateForm", (TemplateFormBase,), {**fields, "languages": languages})


def fresh_template_form(
    languages: tuple[str, ...], draft: TemplateDraft, revision: int
) -> TemplateFormBase:
    """A form that shows the draft, and saves over that revision."""
    texts = {
        f"{name}_{code}": getattr(draft, name).get(code, "") for name in TEXTS for code in languages
    }
    data = {**texts, "name": draft.name, "purpose": draft.purpose, "version": str(revision)}
    return template_form(languages)(formdata=None, data=data)
