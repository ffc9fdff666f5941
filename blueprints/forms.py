"""What every form shares: a token against forged posts, and fields for what WTForms lacks."""

from collections.abc import Iterable
from typing import Any

from flask import abort
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # new in 3.3
from wtforms.widgets import EmailInput

from dialognav.addresses import proper_address
from dialognav.domain.typed_text import clean_line, clean_text
from dialognav.i18n import gettext as _

__all__ = [
    "ActionForm",
    "AddressField",
    "AtMost",
    "BaseForm",
    "LineField",
    "Required",
    "TextField",
    "clean_line",
    "clean_text",
    "demand_token",
    "options",
]


class BaseForm(FlaskForm):
    """Checks shape only and hands over a frozen command; never `populate_obj`.

    A wrong or old CSRF token is one more error on the page, with everything typed still there.
    """

    class Meta(FlaskForm.Meta):
        locales = False  # every sentence is ours, said by dialognav.i18n

    @property
    def stale(self) -> bool:
        """Whether the only thing wrong is the page's age."""
        return set(self.errors) == {"csrf_token"}


class ActionForm(BaseForm):
    """A button: nothing but the token."""


def demand_token() -> None:
    """For the POST of a button: answers 400 unless its token is genuine and not too old."""
    if not ActionForm().validate():
        abort(400)


class LineField(StringField):
    """A line of text; what a validator sees is already cleaned."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = clean_line(valuelist[0] if valuelist else self.data)


class TextField(TextAreaField):
    """Several lines of text, cleaned."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = clean_text(valuelist[0] if valuelist else self.data)


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """The choices of a select, radio or check box field from (value, label)."""
    return [SelectChoice(value, label) for value, label in pairs]


class AddressField(StringField):
    """One e-mail address, lower case; at most 254 characters, which is what the column holds."""

    widget = EmailInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = clean_line(valuelist[0] if valuelist else self.data)
        self.data = proper_address(typed) or typed

    def pre_validate(self, form: Any) -> None:
        if self.data and not proper_address(self.data):
            raise ValidationError(_("Enter an e-mail address, like name@company.com"))


class Required:
    """Something has to be written; the sentence says what."""

    def __init__(self, sentence: Any) -> None:
        self.field_flags = {"required": True}
        self.sentence = sentence

    def __call__(self, _form: object, field: Any) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise ValidationError(str(self.sentence))


class AtMost:
    """No longer than the column, said with both numbers."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"maxlength": limit}

    def __call__(self, _form: object, field: Any) -> None:
        length = len(field.data or "")
        if length > self.limit:
            raise ValidationError(
                _(
                    "Write at most %(limit)s characters. This is %(length)s.",
                    limit=self.limit,
                    length=length,
                )
            )
